"""Work on a case after it came in; each function expects a locked row of the revision the caller saw."""

from datetime import datetime
from uuid import UUID

from ocapi.lib import clock, ids
from ocapi.lib.actor import Actor
from ocapi.modules.cases import data, definitions, events, queries, terms
from ocapi.modules.cases.data import Action
from ocapi.modules.cases.models import CaseRow, DecisionRow, InformationRequestRow
from ocapi.modules.cases.services import letters, receiving, records


def assign(row: CaseRow, *, to: UUID | None, actor: Actor, now: datetime) -> None:
    """Give the case to a member of staff, or to nobody."""
    records.require_action(row, Action.ASSIGN)
    row.assignee = to
    row.assignee_name = records.staff_name(actor) if to is not None and to == actor.person else ""
    records.record(
        row, Action.ASSIGN, fact=None, fields=("assignee",), operation="cases.assign", actor=actor, now=now
    )


def start(row: CaseRow, *, actor: Actor, now: datetime) -> None:
    """Take a new case in hand; who starts it becomes its handler when it has none."""
    _move(row, Action.START, now=now)
    if row.assignee is None:
        row.assignee, row.assignee_name = actor.person, records.staff_name(actor)
    records.record(
        row,
        Action.START,
        fact=events.CaseStarted,
        fields=("status", "assignee"),
        operation="cases.start",
        actor=actor,
        now=now,
    )


def ask_information(row: CaseRow, *, question: str, actor: Actor, now: datetime) -> None:
    """Ask the applicant something; the term stands still when the case type says so."""
    question = _given(question, "question")
    case_type = queries.case_type_of(row.case_type)
    _move(row, Action.ASK_INFORMATION, now=now)
    answer_by = terms.end_of_term(clock.local_day(now), days=case_type.information_request_days, shifts=True)
    InformationRequestRow.objects.create(
        uuid=ids.new_uuid(now), case=row, question=question, asked_at=now, asked_by=actor.person,
        answer_by=answer_by, answer="",
    )
    records.record(
        row,
        Action.ASK_INFORMATION,
        fact=events.CaseInformationRequested,
        fields=("status", "question"),
        operation="cases.ask_information",
        actor=actor,
        now=now,
    )
    letters.send_question(row, case_type, question=question, answer_by=answer_by, actor=actor, now=now)


def answer_information(
    row: CaseRow, *, text: str, attachments: tuple[UUID, ...], actor: Actor, now: datetime
) -> None:
    """Take in the applicant's answer; the term runs on, later by the days it stood still."""
    text = _given(text, "answer")
    _move(row, Action.ANSWER_INFORMATION, now=now)
    InformationRequestRow.objects.filter(case=row, answered_at__isnull=True).update(
        answer=text, answered_at=now
    )
    receiving.add_attachments(row, attachments, is_from_applicant=True, now=now)
    records.record(
        row,
        Action.ANSWER_INFORMATION,
        fact=events.CaseInformationAnswered,
        fields=("status", "answer", "attachments", "dueOn"),
        operation="cases.answer_information",
        actor=actor,
        now=now,
    )


def decide(row: CaseRow, *, outcome: str, motivation: str, actor: Actor, now: datetime) -> None:
    """Record the decision and make its letter; an open question is no longer waited for."""
    case_type = queries.case_type_of(row.case_type)
    require_outcome(case_type, outcome)
    motivation = _given(motivation, "motivation")
    _move(row, Action.DECIDE, now=now)
    row.outcome, row.decided_on = outcome, clock.local_day(now)
    DecisionRow.objects.create(
        uuid=ids.new_uuid(now), case=row, outcome=outcome, motivation=motivation, decided_at=now,
        decided_by=actor.person, decided_by_name=records.staff_name(actor),
    )
    records.record(row, Action.DECIDE, fact=events.CaseDecided, fields=("status", "outcome", "motivation"),
                   operation="cases.decide", actor=actor, now=now)
    letters.send_decision(row, case_type, outcome=outcome, motivation=motivation, actor=actor, now=now)


def close(row: CaseRow, *, actor: Actor, now: datetime) -> None:
    """Close a decided case."""
    _move(row, Action.CLOSE, now=now)
    row.is_open, row.closed_on = False, clock.local_day(now)
    records.record(
        row,
        Action.CLOSE,
        fact=events.CaseClosed,
        fields=("status",),
        operation="cases.close",
        actor=actor,
        now=now,
    )
    letters.send_closed(row, queries.case_type_of(row.case_type), actor=actor, now=now)


def require_outcome(case_type: definitions.CaseType, outcome: str) -> None:
    """Raise OutcomeUnknown with the allowed codes."""
    allowed = tuple(each.code for each in case_type.outcomes)
    if outcome not in allowed:
        raise data.OutcomeUnknown(outcome=outcome, allowed=allowed)


def _move(row: CaseRow, action: Action, *, now: datetime) -> None:
    """Change the status, and let the term pause or run on as the case type says."""
    records.require_action(row, action)
    case_type, today = queries.case_type_of(row.case_type), clock.local_day(now)
    row.status = definitions.TARGETS[action]
    if row.paused_on is not None and not case_type.is_paused(row.status):
        row.due_on = terms.resumed(row.due_on, paused_on=row.paused_on, resumed_on=today)
        row.paused_on = None
    elif row.paused_on is None and case_type.is_paused(row.status):
        row.paused_on = today


def _given(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise data.TextMissing(field)
    return text
