"""A year of invented service requests, made through the same doors as real ones, so that dashboards show
something.

The figures are invented and reproducible: the same organization gets the same year, seen from today.
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
    ("kapvergunning", 30),
    ("verhuizing", 8),
    ("attest-van-woonst", 2),
)  # and their usual lead time in days
PER_MONTH = 3
MONTHS = 12
OPEN_DAYS = (1, 2, 4, 9, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cast:
    clerk: Actor
    applicants: tuple[tuple[UUID, str], ...]


def live(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> None:
    """Make a year of requests for the bound organization, most of them decided, some still open."""
    from ocapi.modules.cases import api as cases

    known = {each.code for each in cases.list_case_types()}
    offered = [each for each in CASE_TYPES if each[0] in known]
    cast = _cast(facts, people, now=now)
    if not offered or cast is None:
        return
    chance = random.Random(facts.key)
    for month in range(MONTHS, 0, -1):
        for _number in range(PER_MONTH + chance.randrange(3)):
            case_type, usual = chance.choice(offered)
            received = now - timedelta(days=30 * month - chance.randrange(28), minutes=chance.randrange(480))
            _decided(cast, case_type, usual, received, chance, latest=now)
    for days in OPEN_DAYS:
        _received(
            cast, chance.choice(offered)[0], now - timedelta(days=days, minutes=chance.randrange(400)), chance
        )


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
    channel = "counter" if chance.random() < 0.25 else "portal"
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
    decided = received + timedelta(days=max(1, round(usual * chance.uniform(0.4, 1.25))), hours=2)
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
