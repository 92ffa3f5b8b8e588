"""The session: person x capacity x organization x assurance, checked at every request."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest

from ocapi.kernel.accounts import organizations, persons, powers, roles
from ocapi.kernel.accounts.data import (
    STAFF_MINIMUM,
    SUSPENDED,
    CapacityChoice,
    CapacityRefused,
    PowerOfAttorney,
    SessionEnd,
    StepUpNeeded,
)
from ocapi.kernel.accounts.models import PersonRow
from ocapi.kernel.accounts.risk import CERTAIN, Circumstances, circumstances_of, weigh
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib.actor import ANONYMOUS, Actor, Assurance, Capacity, Subject, system

SLOT = "sign_in"
WATCH = system("accounts.sessions")
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
SEEN_STEP = timedelta(seconds=30)  # how often "last seen" is written: not on every request
CITIZEN_CODE, STAFF_CODE, COMPANY_CODE = "citizen", "staff", "company"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What a session keeps; nothing in it is trusted for longer than a request, and no number is in it.

    company: organization the person acts for by its own claim (economic actor), else None.
    power: the power of attorney in use, else None. epoch: the person's at sign-in. circumstances: how the
    sign-in came, None when that was not seen.
    """

    person: UUID
    capacity: Capacity
    assurance: Assurance
    epoch: int
    started_at: datetime
    seen_at: datetime
    company: UUID | None = None
    power: UUID | None = None
    circumstances: Circumstances | None = None

    def expires_at(self) -> datetime:
        """Give the instant this session ends when nothing more is asked of it."""
        return min(self.seen_at + IDLE, self.started_at + ABSOLUTE)

    def ended(self, now: datetime) -> SessionEnd | None:
        """Tell why it is over at that instant, or None."""
        if now >= self.started_at + ABSOLUTE:
            return SessionEnd.TOO_LONG
        return SessionEnd.IDLE if now >= self.seen_at + IDLE else None


def write(session: SessionBase, sign_in: SignIn) -> None:
    """Keep the sign-in in the session."""
    session[SLOT] = {
        "person": str(sign_in.person),
        "capacity": sign_in.capacity.value,
        "assurance": int(sign_in.assurance),
        "epoch": sign_in.epoch,
        "started_at": sign_in.started_at.isoformat(),
        "seen_at": sign_in.seen_at.isoformat(),
        "company": str(sign_in.company) if sign_in.company else "",
        "power": str(sign_in.power) if sign_in.power else "",
        "circumstances": asdict(sign_in.circumstances) if sign_in.circumstances else None,
    }


def read(session: SessionBase) -> SignIn | None:
    """Find the sign-in of a session, or None."""
    return of_content({SLOT: session.get(SLOT)})


def of_content(content: Mapping[str, Any]) -> SignIn | None:
    """Find the sign-in in what a session's row holds, or None."""
    kept = content.get(SLOT)
    if not isinstance(kept, dict):
        return None
    return SignIn(
        person=UUID(kept["person"]),
        capacity=Capacity(kept["capacity"]),
        assurance=Assurance(kept["assurance"]),
        epoch=kept["epoch"],
        started_at=datetime.fromisoformat(kept["started_at"]),
        seen_at=datetime.fromisoformat(kept["seen_at"]),
        company=UUID(kept["company"]) if kept["company"] else None,
        power=UUID(kept["power"]) if kept["power"] else None,
        circumstances=Circumstances(**seen) if (seen := kept.get("circumstances")) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one request found: who acts, the live sign-in if any, why an earlier one ended, and whose."""

    actor: Actor
    sign_in: SignIn | None = None
    ended: SessionEnd | None = None
    was: UUID | None = None


def look(
    session: SessionBase, *, now: datetime, trace_id: str, found: Callable[[], Circumstances]
) -> Seen:
    """Check the session against idle time, circumstances, roles and powers of today; an ended one is emptied.

    found: how this request came; staff whose session is surely in other hands lose it.
    """
    sign_in = read(session)
    if sign_in is None:
        return Seen(actor=replace(ANONYMOUS, trace_id=trace_id))
    row = PersonRow.objects.filter(uuid=sign_in.person).first()
    ended = sign_in.ended(now)
    if ended is None and (row is None or row.session_epoch != sign_in.epoch):
        ended = SessionEnd.REVOKED
    risk = weigh(sign_in.circumstances, found()) if sign_in.capacity is Capacity.STAFF else 0
    if ended is None and risk >= CERTAIN:
        ended = SessionEnd.RISK
        _tell_of_risk(sign_in.person, now=now)
    actor = None if ended or row is None else _actor(row, sign_in, now=now, trace_id=trace_id, risk=risk)
    if actor is None:
        session.flush()
        return Seen(actor=replace(ANONYMOUS, trace_id=trace_id), ended=ended or SessionEnd.REVOKED,
                    was=sign_in.person)
    if now - sign_in.seen_at >= SEEN_STEP:
        sign_in = replace(sign_in, seen_at=now)
        write(session, sign_in)
    return Seen(actor=actor, sign_in=sign_in)


def _tell_of_risk(person: UUID, *, now: datetime) -> None:
    """Leave in the log that a session was ended because two signs say that it is in other hands."""
    change = Change(
        action="accounts.session.ended_by_risk", resource=f"person/{person}", about=(person,),
        fields=("session",),
    )
    with transaction.atomic():
        hand_on(change=change, actor=WATCH, now=now)


def _actor(
    row: PersonRow, sign_in: SignIn, *, now: datetime, trace_id: str, risk: int
) -> Actor | None:
    """Make the actor, or None when the power it acts by is over."""
    codes = roles.codes_at(person=row.uuid, instant=now)
    held = codes if sign_in.capacity is Capacity.STAFF else codes & {SUSPENDED}
    actor = Actor(
        capacity=sign_in.capacity,
        assurance=sign_in.assurance,
        person=row.uuid,
        display_name=persons.to_data(row).display_name,
        roles=held,
        trace_id=trace_id,
        risk=risk,
    )
    if sign_in.power is not None:
        power = powers.find(sign_in.power)
        if power is None or not power.is_valid_at(now):
            return None
        return replace(
            actor,
            represents=power.grantor,
            represents_name=name_of(power.grantor, now=now),
            scopes=frozenset(power.services),
        )
    if sign_in.capacity is Capacity.ENTERPRISE and sign_in.company is not None:
        company = Subject(kind="organization", uuid=sign_in.company)
        return replace(actor, represents=company, represents_name=name_of(company, now=now))
    return actor


def name_of(subject: Subject, *, now: datetime) -> str:
    """Give the name of a person or organization, empty when it is not known here."""
    if subject.kind == "person":
        person = persons.get_many([subject.uuid]).get(subject.uuid)
        return person.display_name if person else ""
    organization = organizations.get_many([subject.uuid], on=now.date()).get(subject.uuid)
    return organization.name if organization else ""


def choices(sign_in: SignIn, *, now: datetime) -> tuple[CapacityChoice, ...]:
    """List every capacity this signed-in person may take now, citizen first."""
    name = persons.get(sign_in.person).display_name
    codes = roles.codes_at(person=sign_in.person, instant=now)
    if codes == {SUSPENDED}:
        return ()
    found = [
        CapacityChoice(
            code=CITIZEN_CODE,
            capacity=Capacity.CITIZEN,
            person_name=name,
            is_current=sign_in.capacity is Capacity.CITIZEN and sign_in.power is None,
        )
    ]
    if codes:
        found.append(
            CapacityChoice(
                code=STAFF_CODE,
                capacity=Capacity.STAFF,
                person_name=name,
                roles=tuple(sorted(codes)),
                is_current=sign_in.capacity is Capacity.STAFF,
                needs_step_up=sign_in.assurance < STAFF_MINIMUM,
            )
        )
    if sign_in.company is not None:
        company = Subject(kind="organization", uuid=sign_in.company)
        found.append(
            CapacityChoice(
                code=COMPANY_CODE,
                capacity=Capacity.ENTERPRISE,
                person_name=name,
                represents=company,
                represents_name=name_of(company, now=now),
                is_current=sign_in.capacity is Capacity.ENTERPRISE and sign_in.power is None,
            )
        )
    return (*found, *(_by_power(power, sign_in, name, now=now) for power in _usable(sign_in, now=now)))


def _usable(sign_in: SignIn, *, now: datetime) -> tuple[PowerOfAttorney, ...]:
    # Powers of the person alone: one granted to a company is used by whoever signs in for that company.
    own = powers.held_by(Subject(kind="person", uuid=sign_in.person), instant=now)
    if sign_in.company is None:
        return own
    return own + powers.held_by(Subject(kind="organization", uuid=sign_in.company), instant=now)


def _by_power(power: PowerOfAttorney, sign_in: SignIn, name: str, *, now: datetime) -> CapacityChoice:
    capacity = Capacity.CITIZEN if power.grantor.kind == "person" else Capacity.ENTERPRISE
    return CapacityChoice(
        code=str(power.uuid),
        capacity=capacity,
        person_name=name,
        represents=power.grantor,
        represents_name=name_of(power.grantor, now=now),
        is_current=sign_in.power == power.uuid,
    )


def switch(session: SessionBase, *, code: str, now: datetime) -> SignIn:
    """Take another capacity in a session with a new key; raises CapacityRefused, StepUpNeeded."""
    sign_in = read(session)
    if sign_in is None:
        raise CapacityRefused
    choice = next((each for each in choices(sign_in, now=now) if each.code == code), None)
    if choice is None:
        raise CapacityRefused
    if choice.needs_step_up:
        raise StepUpNeeded(STAFF_MINIMUM)
    power = UUID(code) if code not in (CITIZEN_CODE, STAFF_CODE, COMPANY_CODE) else None
    taken = replace(sign_in, capacity=choice.capacity, power=power, seen_at=now)
    session.cycle_key()
    write(session, taken)
    return taken


def extend(session: SessionBase, *, now: datetime) -> datetime | None:
    """Keep a live session for another idle period; gives the new end, or None when there is none."""
    sign_in = read(session)
    if sign_in is None or sign_in.ended(now):
        return None
    extended = replace(sign_in, seen_at=now)
    write(session, extended)
    return extended.expires_at()


def raise_assurance(session: SessionBase, *, to: Assurance, now: datetime) -> None:
    """Record that a second factor raised the level of assurance; the session gets a new key."""
    sign_in = read(session)
    if sign_in is None:
        raise CapacityRefused
    session.cycle_key()
    write(session, replace(sign_in, assurance=max(sign_in.assurance, to), seen_at=now))


def end_others(session: SessionBase, *, now: datetime) -> None:
    """End every other session of the person at its next request; this one goes on under a new key."""
    sign_in = read(session)
    if sign_in is None:
        raise CapacityRefused
    with transaction.atomic():
        row = PersonRow.objects.select_for_update().get(uuid=sign_in.person)
        persons.end_sessions(row)
    session.cycle_key()
    write(session, replace(sign_in, epoch=row.session_epoch, seen_at=now))


def of_request(request: HttpRequest, *, now: datetime) -> Seen:
    """Look at a request's session once; later calls in the same request give the same answer."""
    seen: Seen | None = getattr(request, "ocapi_seen", None)
    if seen is None:
        trace_id = getattr(request, "trace_id", "")
        seen = look(
            request.session, now=now, trace_id=trace_id, found=lambda: circumstances_of(request)
        )
        request.ocapi_seen = seen  # type: ignore[attr-defined]
    return seen


def forget(request: HttpRequest) -> None:
    """Drop what this request found, after the session changed."""
    request.ocapi_seen = None  # type: ignore[attr-defined]
