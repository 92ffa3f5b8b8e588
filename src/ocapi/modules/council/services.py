"""Writes of council: a meeting from plan to close. Callers hold the transaction."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Max, Q

from ocapi.kernel.audit import api as audit
from ocapi.lib import clock, ids
from ocapi.lib.actor import Actor
from ocapi.modules.council import procedure, queries, rules
from ocapi.modules.council.data import (
    Counted,
    DecisionText,
    DocumentKind,
    ItemText,
    Meeting,
    MeetingChanged,
    MeetingState,
    NewHolder,
    NotFound,
    Outcome,
    Part,
    Presence,
    Refused,
    ReleaseState,
)
from ocapi.modules.council.models import (
    AttendanceRow,
    BallotRow,
    BodyRow,
    DecisionRow,
    HolderRow,
    ItemRow,
    MandateRow,
    MeetingRow,
    ReleaseRow,
    TermRow,
    VoteRow,
)

MOST_ITEMS = 300
EDITABLE = (MeetingState.PLANNED, MeetingState.CONVENED, MeetingState.OPEN)
HELD = (MeetingState.OPEN, MeetingState.CLOSED)
NOT_CANCELLED = (*EDITABLE, MeetingState.CLOSED)


def add_body(*, kind: str, title: str, iri: str, now: datetime) -> BodyRow:
    """Keep a body; raises Refused for an unknown kind or a missing title."""
    if rules.body_kind(kind) is None:
        raise Refused(("kind", "unknown"))
    if not title.strip():
        raise Refused(("title", "missing"))
    return BodyRow.objects.create(uuid=ids.new_uuid(now), kind=kind, title=title.strip()[:200], iri=iri[:500])


def add_term(*, body: UUID, starts_on: date, ends_on: date | None, iri: str, now: datetime) -> TermRow:
    """Keep a period of a body; raises NotFound, Refused when it ends before it starts or meets another."""
    row = BodyRow.objects.select_for_update().filter(uuid=body).first()
    if row is None:
        raise NotFound(str(body))
    if ends_on is not None and ends_on <= starts_on:
        raise Refused(("ends_on", "beforeStart"))
    others = TermRow.objects.filter(body=row).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    if ends_on is not None:
        others = others.filter(starts_on__lt=ends_on)
    if others.exists():
        raise Refused(("starts_on", "meetsAnother"))
    return TermRow.objects.create(
        uuid=ids.new_uuid(now), body=row, starts_on=starts_on, ends_on=ends_on, iri=iri[:500]
    )


def add_holder(*, term: UUID, holder: NewHolder, person: UUID | None, now: datetime) -> HolderRow:
    """Keep a mandate holder; person: of who holds another mandate already. Raises NotFound, Refused."""
    row = TermRow.objects.select_related("body").filter(uuid=term).first()
    if row is None:
        raise NotFound(str(term))
    role = rules.role(holder.role)
    problems = []
    if not holder.family_name.strip():
        problems.append(("family_name", "missing"))
    if role is None or row.body.kind not in role.bodies:
        problems.append(("role", "unknown"))
    if rules.status(holder.status) is None:
        problems.append(("status", "unknown"))
    if holder.ends_on is not None and holder.ends_on <= holder.starts_on:
        problems.append(("ends_on", "beforeStart"))
    if holder.starts_on < row.starts_on or (row.ends_on is not None and holder.starts_on >= row.ends_on):
        problems.append(("starts_on", "outsideTerm"))
    if problems:
        raise Refused(*problems)
    mandate, _made = MandateRow.objects.get_or_create(
        term=row, role=holder.role, defaults={"uuid": ids.new_uuid(now)}
    )
    return HolderRow.objects.create(
        uuid=ids.new_uuid(now),
        mandate=mandate,
        person=person or ids.new_uuid(now),
        given_name=holder.given_name.strip()[:100],
        family_name=holder.family_name.strip()[:100],
        faction=holder.faction.strip()[:100],
        status=holder.status,
        rank=holder.rank.strip()[:60],
        starts_on=holder.starts_on,
        ends_on=holder.ends_on,
    )


def end_holder(*, holder: UUID, ends_on: date) -> None:
    """Let a mandate end; raises NotFound, Refused when it would end before it began."""
    row = HolderRow.objects.only("id", "starts_on").filter(uuid=holder).first()
    if row is None:
        raise NotFound(str(holder))
    if ends_on <= row.starts_on:
        raise Refused(("ends_on", "beforeStart"))
    HolderRow.objects.filter(id=row.id).update(ends_on=ends_on)


def plan(*, body: UUID, planned_at: datetime, place: str, now: datetime) -> MeetingRow:
    """Plan a meeting of a body, in the period of office that holds that day; raises NotFound, Refused."""
    day = clock.local_day(planned_at)
    terms = TermRow.objects.filter(body__uuid=body, starts_on__lte=day)
    term = terms.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)).order_by("-starts_on").first()
    if term is None:
        if not BodyRow.objects.filter(uuid=body).exists():
            raise NotFound(str(body))
        raise Refused(("planned_at", "noTerm"))
    return MeetingRow.objects.create(
        uuid=ids.new_uuid(now),
        term=term,
        planned_at=planned_at,
        place=place.strip()[:200],
        state=MeetingState.PLANNED.value,
        started_at=None,
        ended_at=None,
        revision=1,
    )


def locked(meeting: UUID, *, revision: int | None) -> MeetingRow:
    """Give a meeting's row, locked; raises NotFound, MeetingChanged when it is another revision."""
    row = MeetingRow.objects.select_for_update(of=("self",)).filter(uuid=meeting).first()
    if row is None:
        raise NotFound(str(meeting))
    if revision is not None and row.revision != revision:
        raise MeetingChanged(str(meeting))
    return queries.meeting_row(meeting)


def changed(row: MeetingRow, *, operation: str, fields: Iterable[str], actor: Actor, now: datetime) -> None:
    """Let the revision rise and record the change."""
    MeetingRow.objects.filter(id=row.id).update(revision=F("revision") + 1)
    audit.changed(
        actor=actor, operation=operation, resource=f"meeting/{row.uuid}", now=now, fields=tuple(fields)
    )


def move_to(row: MeetingRow, state: MeetingState, *, at: datetime | None, whole: Meeting) -> None:
    """Bring a meeting to its next state; raises NotNow, Refused when nobody leads what is closed."""
    procedure.require_following(MeetingState(row.state), state)
    values: dict[str, object] = {"state": state.value}
    if state is MeetingState.OPEN:
        values["started_at"] = at
    if state is MeetingState.CLOSED:
        procedure.require_led(whole)
        if row.started_at is not None and at is not None and at <= row.started_at:
            raise Refused(("at", "beforeStart"))
        values["ended_at"] = at
    MeetingRow.objects.filter(id=row.id).update(**values)


def add_item(row: MeetingRow, text: ItemText, *, now: datetime) -> ItemRow:
    """Put a point at the end of the agenda; raises NotNow, Refused."""
    procedure.require_state(MeetingState(row.state), *EDITABLE)
    _check(text)
    last = ItemRow.objects.filter(meeting=row).aggregate(last=Max("position"))["last"] or 0
    if last >= MOST_ITEMS:
        raise Refused(("title", "tooMany"))
    return ItemRow.objects.create(
        uuid=ids.new_uuid(now),
        meeting=row,
        position=last + 1,
        title=text.title.strip(),
        description=text.description.strip(),
        is_public=text.is_public,
        public_title="" if text.is_public else text.public_title.strip()[:500],
    )


def change_item(row: MeetingRow, item: UUID, text: ItemText) -> None:
    """Write a point anew; raises NotNow, NotFound, Refused. One that is public already stays public."""
    procedure.require_state(MeetingState(row.state), *EDITABLE)
    _check(text)
    found = _item(row, item)
    ItemRow.objects.filter(id=found.id).update(
        title=text.title.strip(),
        description=text.description.strip(),
        is_public=text.is_public,
        public_title="" if text.is_public else text.public_title.strip()[:500],
    )


def _check(text: ItemText) -> None:
    whole = f"{text.title} {text.description}" if text.is_public else text.public_title
    problems = []
    if not text.title.strip():
        problems.append(("title", "missing"))
    if len(text.title) > 500:
        problems.append(("title", "tooLong"))
    if len(text.description) > procedure.MOST_TEXT:
        problems.append(("description", "tooLong"))
    if procedure.holds_national_number(whole):
        problems.append(("title" if text.is_public else "public_title", "nationalNumber"))
    if problems:
        raise Refused(*problems)


def _item(row: MeetingRow, item: UUID) -> ItemRow:
    found = ItemRow.objects.only("id", "position", "is_public", "meeting_id").filter(meeting=row, uuid=item)
    first = found.first()
    if first is None:
        raise NotFound(str(item))
    return first


def move_item(row: MeetingRow, item: UUID, *, by: int) -> None:
    """Move a point one place up (-1) or down (1); at the end it stays. Raises NotNow, NotFound."""
    procedure.require_state(MeetingState(row.state), *EDITABLE)
    found = _item(row, item)
    order = list(ItemRow.objects.filter(meeting=row).order_by("position", "id").values_list("id", flat=True))
    here = order.index(found.id)
    there = min(max(here + by, 0), len(order) - 1)
    order.insert(there, order.pop(here))
    _number(order)


def remove_item(row: MeetingRow, item: UUID) -> None:
    """Take a point away, before it was published; raises NotNow, NotFound."""
    procedure.require_state(MeetingState(row.state), MeetingState.PLANNED)
    _item(row, item).delete()
    _number(list(ItemRow.objects.filter(meeting=row).order_by("position", "id").values_list("id", flat=True)))


def _number(order: list[int]) -> None:
    for position, key in enumerate(order, 1):
        ItemRow.objects.filter(id=key).exclude(position=position).update(position=position)


def attend(row: MeetingRow, who: Iterable[tuple[UUID, Presence, Part]], *, now: datetime) -> None:
    """Write down who attends, in place of what was written before; raises NotNow, Refused.

    Somebody who voted stays: what was counted would otherwise no longer be true.
    """
    procedure.require_state(MeetingState(row.state), MeetingState.CONVENED, *HELD)
    known = {each.uuid for each in queries.holders_of(row.term, on=clock.local_day(row.planned_at))}
    listed = list(who)
    problems = []
    if {holder for holder, _presence, _part in listed} - known:
        problems.append(("who", "notAHolder"))
    for part in (Part.CHAIR, Part.SECRETARY):
        if sum(1 for _holder, _presence, each in listed if each is part) > 1:
            problems.append((part.value, "twice"))
    if any(part is not Part.MEMBER and presence is not Presence.PRESENT for _h, presence, part in listed):
        problems.append(("part", "notPresent"))
    here = {holder for holder, presence, _part in listed if presence is Presence.PRESENT}
    cast = BallotRow.objects.filter(vote__item__meeting=row).values_list("holder__uuid", flat=True)
    if set(cast) - here:
        problems.append(("who", "hasVoted"))
    if problems:
        raise Refused(*problems)
    rows = {each.uuid: each for each in HolderRow.objects.only("id", "uuid").filter(uuid__in=known)}
    AttendanceRow.objects.filter(meeting=row).delete()
    AttendanceRow.objects.bulk_create(
        [
            AttendanceRow(
                uuid=ids.new_uuid(now),
                meeting=row,
                holder=rows[holder],
                presence=presence.value,
                part=part.value,
            )
            for holder, presence, part in listed
        ]
    )


def decide(
    row: MeetingRow, item: UUID, text: DecisionText, outcome: Outcome | None, *, now: datetime
) -> None:
    """Write the decision on a point; raises NotNow, NotFound, Refused.

    outcome: only once the meeting was held; where there was a vote it says what the vote says, or postponed.
    """
    state = MeetingState(row.state)
    procedure.require_state(state, *NOT_CANCELLED)
    found = _item(row, item)
    procedure.checked(text, is_public=found.is_public)
    if outcome is not None and state not in HELD:
        raise Refused(("outcome", "notHeld"))
    last = VoteRow.objects.filter(item=found).order_by("-id").values_list("outcome", flat=True).first()
    if last is not None and outcome not in (None, Outcome.POSTPONED) and outcome.value != last:
        raise Refused(("outcome", "notTheVote"))
    settled = outcome.value if outcome else (last or "")
    values = {
        "type": text.type,
        "title": text.title.strip()[:500],
        "summary": text.summary.strip(),
        "motivation": text.motivation.strip(),
        "grounds": [[each.title, each.url] for each in text.grounds],
        "articles": [[each.number, each.text] for each in text.articles],
        "outcome": settled,
        "in_force_on": text.in_force_on,
        "no_longer_in_force_on": text.no_longer_in_force_on,
        "plan_action": text.plan_action.strip()[:60],
        "principles": list(text.principles),
    }
    if not DecisionRow.objects.filter(item=found).update(**values):
        DecisionRow.objects.create(uuid=ids.new_uuid(now), item=found, **values)


def vote(row: MeetingRow, item: UUID, result: Counted, *, whole: Meeting, now: datetime) -> VoteRow:
    """Write down a vote; the last one on a point settles its decision. Raises NotNow, NotFound, Refused."""
    procedure.require_state(MeetingState(row.state), *HELD)
    found = _item(row, item)
    if not result.subject.strip():
        raise Refused(("subject", "missing"))
    votes_for, votes_against, abstained, outcome = procedure.counted(result, whole)
    made = VoteRow.objects.create(
        uuid=ids.new_uuid(now),
        item=found,
        subject=result.subject.strip()[:500],
        way=result.way.value,
        votes_for=votes_for,
        votes_against=votes_against,
        abstained=abstained,
        outcome=outcome.value,
    )
    holders = {
        each.uuid: each
        for each in HolderRow.objects.only("id", "uuid").filter(
            uuid__in=[holder for holder, _choice in result.choices]
        )
    }
    BallotRow.objects.bulk_create(
        [
            BallotRow(uuid=ids.new_uuid(now), vote=made, holder=holders[holder], choice=choice.value)
            for holder, choice in result.choices
        ]
    )
    DecisionRow.objects.filter(item=found).update(outcome=outcome.value)
    return made


def take_back_vote(row: MeetingRow, vote: UUID) -> None:
    """Take back a vote that was written down wrongly, while the meeting is open; raises NotNow, NotFound."""
    procedure.require_state(MeetingState(row.state), MeetingState.OPEN)
    found = VoteRow.objects.only("id", "item_id").filter(item__meeting=row, uuid=vote).first()
    if found is None:
        raise NotFound(str(vote))
    item = found.item_id
    found.delete()
    last = VoteRow.objects.filter(item=item).order_by("-id").values_list("outcome", flat=True).first()
    DecisionRow.objects.filter(item=item).update(outcome=last or "")


def is_published(row: MeetingRow, kind: DocumentKind) -> bool:
    """Tell whether a document of that kind of a meeting is public."""
    rows = ReleaseRow.objects.filter(meeting=row, kind=kind.value, state=ReleaseState.PUBLISHED.value)
    return rows.exists()
