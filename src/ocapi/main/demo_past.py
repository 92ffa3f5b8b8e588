"""Invented service requests of the past, made through the same doors as real ones, so that dashboards show
something.

The figures are invented and reproducible: the same organization gets the same past, seen from today. Every
month has at least five requests, so that totals show; services and counters have months that stay hidden.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from ocapi.lib.actor import Actor, Assurance, Capacity, Subject
from ocapi.main.demo_data import LOADER, DemoOrganization, DemoPerson, memberships

if TYPE_CHECKING:
    from ocapi.modules.cases.data import CaseSummary

GIVEN_NAMES = (
    "Anke",
    "Bart",
    "Cisse",
    "Dina",
    "Emiel",
    "Febe",
    "Gust",
    "Hanne",
    "Ilse",
    "Jules",
    "Katrijn",
    "Leon",
)
FAMILY_NAMES = ("Akkerwind", "Bladgroen", "Duinrand", "Eikelaar", "Goudbloem", "Heidestraal", "Kiezelpad",
                "Lindeblad", "Molenwater", "Rietveer", "Sterrebos", "Vlierstruik")
CASE_TYPES = (
    ("kapvergunning", 30, 5),
    ("verhuizing", 8, 8),
    ("attest-van-woonst", 2, 6),
)  # with their usual lead time in days, and how often they come
AT_COUNTER = 0.35
LATE, HOW_LATE = 0.15, 4  # share of requests that take so many times as long
PER_MONTH, SPREAD = 6, 3
PER_EARLIER_MONTH = 5
MONTHS = 13  # the running one and twelve complete ones, which a comparison between municipalities needs
LONG_MEMORY = {"aalter": 23}  # the one most visitors look at has a year before to compare with
OPEN_DAYS = (1, 2, 4, 9, 16, 95)  # the last one is late, so that a worklist shows what late looks like


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cast:
    clerk: Actor
    applicants: tuple[tuple[UUID, str], ...]


def live(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> None:
    """Make past requests for the bound organization, most of them decided, some still open."""
    from ocapi.modules.cases import api as cases

    known = {each.code for each in cases.list_case_types()}
    offered = [each for each in CASE_TYPES if each[0] in known]
    cast = _cast(facts, people, now=now)
    if not offered or cast is None:
        return
    chance = random.Random(facts.key)
    for month in range(LONG_MEMORY.get(facts.key, MONTHS) - 1, 0, -1):
        for received in _moments(month, chance, now=now):
            case_type, usual, _weight = _drawn(offered, chance)
            _decided(cast, case_type, usual, received, chance, latest=now)
    for days in OPEN_DAYS:
        received = now - timedelta(days=days, minutes=chance.randrange(400))
        _received(cast, _drawn(offered, chance)[0], received, chance)


def _moments(month: int, chance: random.Random, *, now: datetime) -> list[datetime]:
    """Give when the requests of the calendar month that lies so many months back came in, in office hours."""
    many = PER_MONTH + chance.randrange(SPREAD) if month < MONTHS else PER_EARLIER_MONTH + chance.randrange(2)
    number = now.year * 12 + now.month - 1 - month
    first = now.replace(year=number // 12, month=number % 12 + 1, day=1, hour=9, minute=0)
    return sorted(
        first + timedelta(days=chance.randrange(28), minutes=chance.randrange(480)) for _number in range(many)
    )


def _drawn(offered: list[tuple[str, int, int]], chance: random.Random) -> tuple[str, int, int]:
    return chance.choices(offered, weights=[each[2] for each in offered])[0]


def _cast(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> _Cast | None:
    from ocapi.kernel.accounts import api as accounts

    clerks = [person for person, each in memberships(people, facts.key) if each.role == "clerk"]
    if not clerks:
        return None
    clerk = accounts.find_person_by_national_number(clerks[0].national_number)
    assert clerk is not None
    applicants = tuple(
        (
            accounts.create_person(given_name=given, family_name=family, actor=LOADER, now=now).uuid,
            f"{given} {family}",
        )
        for given, family in zip(GIVEN_NAMES, FAMILY_NAMES, strict=True)
    )
    return _Cast(
        applicants=applicants,
        clerk=Actor(
            capacity=Capacity.STAFF, assurance=Assurance.HIGH, person=clerk.uuid, roles=frozenset({"clerk"}),
            display_name=f"{clerks[0].given_name} {clerks[0].family_name}", trace_id="demo",
        ),
    )


def _received(cast: _Cast, case_type: str, at: datetime, chance: random.Random) -> "CaseSummary":
    from ocapi.modules.cases import api as cases
    from ocapi.modules.cases.data import AnsweredFact

    person, name = chance.choice(cast.applicants)
    channel = "counter" if chance.random() < AT_COUNTER else "portal"
    citizen = Actor(capacity=Capacity.CITIZEN, assurance=Assurance.HIGH, person=person, display_name=name,
                    trace_id="demo")
    street = chance.choice(("Kerkstraat", "Molenweg", "Lindelaan", "Stationsplein"))
    answers = (
        AnsweredFact(section="request", field="name", label="Naam", value=name, source="Rijksregister"),
        AnsweredFact(
            section="request", field="place", label="Adres", value=f"{street} {chance.randrange(1, 120)}"
        ),
    )
    return cases.create(
        case_type=case_type,
        applicant=Subject(kind="person", uuid=person),
        applicant_name=name,
        answers=answers,
        attachments=(),
        service=case_type,
        channel=channel,
        now=at,
        address_form="informal",
        actor=cast.clerk if channel == "counter" else citizen,
    )


def _decided(
    cast: _Cast, case_type: str, usual: int, received: datetime, chance: random.Random, *, latest: datetime
) -> None:
    from ocapi.modules.cases import api as cases

    summary = _received(cast, case_type, received, chance)
    started = received + timedelta(hours=chance.randrange(1, 20))
    lead = usual * chance.uniform(0.4, 1.25) * (HOW_LATE if chance.random() < LATE else 1)
    decided = received + timedelta(days=max(1, round(lead)), hours=2)
    if decided >= latest:
        return
    case = summary.uuid
    summary = cases.start(case=case, actor=cast.clerk, now=started, revision=summary.revision)
    outcome = "refused" if chance.random() < 0.12 else "granted"
    summary = cases.decide(
        case=case, outcome=outcome, motivation="De aanvraag is nagekeken.", actor=cast.clerk, now=decided,
        revision=summary.revision,
    )
    cases.close(case=case, actor=cast.clerk, now=decided + timedelta(minutes=5), revision=summary.revision)
