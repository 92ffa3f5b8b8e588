"""Reads of cases: every join, order and bound stands here."""

import base64
import binascii
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from ocapi.kernel.access.data import RowFilter
from ocapi.kernel.files import api as files
from ocapi.kernel.files.data import FileState
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, codec, identifiers, stem
from ocapi.lib.actor import Subject
from ocapi.modules.cases import data, definitions, terms
from ocapi.modules.cases.definitions import CaseType
from ocapi.modules.cases.models import (
    AnswerRow,
    AttachmentRow,
    CaseRow,
    CaseTypeRow,
    DecisionRow,
    InformationRequestRow,
    LetterRow,
    PartyRow,
    StatusRow,
)

MAX_PAGE = 100
MAX_EXPORT = 10_000  # rows of one CSV
MAX_OWN = 200  # cases one person sees in a list
_COLUMNS = {"dueOn": "due_on", "receivedOn": "received_on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom labels are made, and on which day terms are counted."""

    is_staff: bool
    address_form: str
    now: datetime

    @property
    def today(self) -> date:
        """Give the Brussels day."""
        return clock.local_day(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a page begins: the sort value and row beside it; `is_before` reads towards the start."""

    sort: str
    value: date
    row: int
    is_before: bool = False


@dataclass(slots=True)
class Line:
    """What a list shows of a case: only these columns are read, as a whole row costs three times as much."""

    id: int
    uuid: UUID
    reference: str
    case_type_id: int
    case_type_code: str
    status: str
    is_open: bool
    received_on: date
    due_on: date
    paused_on: date | None
    decided_on: date | None
    outcome: str
    service: str
    channel: str
    applicant: UUID
    applicant_name: str
    assignee: UUID | None
    assignee_name: str
    revision: int


_LINE = tuple(each.name for each in fields(Line))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Cases of one page with the persons they are about, for the leaf."""

    items: tuple[data.CaseSummary, ...]
    about: tuple[UUID, ...]
    next_cursor: str = ""
    previous_cursor: str = ""


def case_type_of(row: CaseTypeRow) -> CaseType:
    """Give the definition a row stores; read once per version, for a version never changes."""
    return tenants.cached(
        f"cases.case_type.{row.code}.{row.sha256}", generation=0,
        compute=lambda: codec.convert(row.definition, CaseType),
    )


def current_type_row(code: str) -> CaseTypeRow:
    """Give the version that new cases get, or raise CaseTypeNotFound."""
    row = CaseTypeRow.objects.filter(code=code, is_current=True).first()
    if row is None:
        raise data.CaseTypeNotFound(code)
    return row


def list_types() -> tuple[CaseType, ...]:
    """Give the current version of every case type, by code."""
    rows = CaseTypeRow.objects.filter(is_current=True).order_by("code")[:500]
    return tuple(case_type_of(row) for row in rows)


def impersonal_row_of(case: UUID) -> CaseRow:
    """Give a case without what it says of persons, for its process; raises CaseNotFound."""
    wanted = ("uuid", "reference", "case_type", "submission", "outcome")
    row = CaseRow.objects.only(*wanted).filter(uuid=case).first()
    if row is None:
        raise data.CaseNotFound(str(case))
    return row


def row_of(case: UUID) -> CaseRow:
    """Give a case's row with its type, or raise CaseNotFound."""
    row = CaseRow.objects.select_related("case_type").filter(uuid=case).first()
    if row is None:
        raise data.CaseNotFound(str(case))
    return row


def subject_of(row: CaseRow) -> Subject:
    """Give whose case it is."""
    return Subject(kind=row.applicant_kind, uuid=row.applicant)


def persons_of(row: CaseRow) -> tuple[UUID, ...]:
    """Give the persons and organizations a case is about, for the audit leaf."""
    parties = PartyRow.objects.filter(case=row).order_by("id").values_list("party", flat=True)[:50]
    return tuple(dict.fromkeys((row.applicant, *parties)))


def list_cases(*, filter: data.WorklistFilter, allowed: RowFilter, cursor: str, page_size: int,
               reader: Reader) -> Found:
    """Give one page of cases in two statements, whatever the number of cases; raises InvalidCursor."""
    size = min(max(page_size, 1), MAX_PAGE)
    at = _position(cursor, filter.sort) if cursor else None
    rows = _lines(_after(_narrowed(filter, allowed, reader.today), filter.sort, at)[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    is_before = at is not None and at.is_before
    if is_before:
        rows.reverse()
    items = _summaries(rows, reader)
    has_next, has_previous = (True, has_more) if is_before else (has_more, at is not None)
    return Found(
        items=items, about=tuple(dict.fromkeys(row.applicant for row in rows)),
        next_cursor=_cursor(rows[-1], filter.sort, is_before=False) if rows and has_next else "",
        previous_cursor=_cursor(rows[0], filter.sort, is_before=True) if rows and has_previous else "",
    )


def count_waiting(*, allowed: RowFilter, today: date) -> data.Waiting:
    """Count open and late cases, each up to a bound, so that the cost does not grow with the organization."""

    def counted(filter: data.WorklistFilter) -> int:
        return _narrowed(filter, allowed, today).order_by()[: data.MOST_COUNTED + 1].count()

    return data.Waiting(
        open=counted(data.WorklistFilter(only_open=True)),
        overdue=counted(data.WorklistFilter(only_open=True, overdue=True)),
    )


def export_cases(*, filter: data.WorklistFilter, allowed: RowFilter, reader: Reader) -> Found:
    """Give all cases of a filter for a file, at most MAX_EXPORT."""
    rows = _lines(_after(_narrowed(filter, allowed, reader.today), filter.sort, None)[:MAX_EXPORT])
    return Found(items=_summaries(rows, reader), about=tuple(dict.fromkeys(row.applicant for row in rows)))


def has_type(code: str) -> bool:
    """Tell whether a case type of that code is current."""
    return CaseTypeRow.objects.filter(code=code, is_current=True).exists()


def count_received(*, case_type: str, applicant: Subject, since: datetime) -> int:
    """Count the cases of a type that a subject filed since then."""
    return CaseRow.objects.filter(
        applicant=applicant.uuid, applicant_kind=applicant.kind, case_type_code=case_type,
        received_at__gt=since,
    ).count()


def list_own(*, subject: Subject, reader: Reader) -> Found:
    """Give the cases of one subject, newest first, at most MAX_OWN."""
    rows = _lines(CaseRow.objects.filter(applicant=subject.uuid, applicant_kind=subject.kind)
                  .order_by("-received_on", "-id")[:MAX_OWN])
    return Found(items=_summaries(rows, reader), about=(subject.uuid,) if rows else ())


def _narrowed(filter: data.WorklistFilter, allowed: RowFilter, today: date) -> QuerySet[CaseRow]:
    rows = CaseRow.objects.all()
    if allowed.subject is not None:
        rows = rows.filter(applicant=allowed.subject.uuid, applicant_kind=allowed.subject.kind)
    if filter.status:
        rows = rows.filter(status__in=filter.status)
    if filter.case_type:
        rows = rows.filter(case_type_code__in=filter.case_type)
    if filter.assignee is not None:
        rows = rows.filter(assignee=filter.assignee)
    if filter.only_open or filter.overdue:
        rows = rows.filter(is_open=True)
    if filter.overdue:
        rows = rows.filter(due_on__lt=today, paused_on__isnull=True, decided_on__isnull=True)
    return _searched(rows, filter.q) if filter.q.strip() else rows


def _searched(rows: QuerySet[CaseRow], text: str) -> QuerySet[CaseRow]:
    try:
        read = identifiers.parse_case_reference(text)
        return rows.filter(reference=identifiers.case_reference(read.prefix, read.year, read.number))
    except identifiers.InvalidIdentifier:
        pass  # not a whole reference: part of one, or a name
    if any(character.isdigit() for character in text):
        return rows.filter(reference__contains=text.strip().upper())
    for word in stem.fold(text).split()[:5]:
        rows = rows.filter(applicant_folded__contains=word)
    return rows


def _after(rows: QuerySet[CaseRow], sort: str, at: Position | None) -> QuerySet[CaseRow]:
    if sort not in data.SORTS:
        raise data.InvalidParameter("sort", allowed=", ".join(data.SORTS))
    column, is_descending = _COLUMNS[sort.lstrip("-")], sort.startswith("-")
    is_downward = is_descending != (at is not None and at.is_before)
    if at is not None:
        beyond = "lt" if is_downward else "gt"
        # the first condition lets the index start at the value; the second drops rows already shown
        rows = rows.filter(**{f"{column}__{beyond}e": at.value}).filter(
            Q(**{f"{column}__{beyond}": at.value}) | Q(**{f"id__{beyond}": at.row}))
    direction = "-" if is_downward else ""
    return rows.order_by(f"{direction}{column}", f"{direction}id")


def _lines(rows: QuerySet[CaseRow]) -> list[Line]:
    return [Line(*each) for each in rows.values_list(*_LINE)]


def _cursor(row: Line, sort: str, *, is_before: bool) -> str:
    value: date = getattr(row, _COLUMNS[sort.lstrip("-")])
    raw = codec.encode_json(Position(sort=sort, value=value, row=row.id, is_before=is_before))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _position(cursor: str, sort: str) -> Position:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        at = codec.decode_json(raw, Position, max_bytes=500)
    except (binascii.Error, ValueError) as failure:
        raise data.InvalidCursor(cursor[:20]) from failure
    if at.sort != sort or not 0 < at.row < 2**63:
        raise data.InvalidCursor(cursor[:20])
    return at


def _summaries(rows: list[Line], reader: Reader) -> tuple[data.CaseSummary, ...]:
    if not rows:
        return ()
    # a definition is read when it is not known yet: it is far longer than the lines of a page
    type_rows = CaseTypeRow.objects.filter(id__in={row.case_type_id for row in rows}).defer("definition")
    types = {row.pk: case_type_of(row) for row in type_rows}
    today = reader.today
    return tuple(_summary(row, types[row.case_type_id], reader, today) for row in rows)


def status_label(case_type: CaseType, status: str, reader: Reader) -> str:
    """Give the label of a status as this reader knows it."""
    label = case_type.status(status).label
    return (
        label.desk if reader.is_staff else definitions.told(label.citizen, address_form=reader.address_form)
    )


def summary_of(row: CaseRow, case_type: CaseType, reader: Reader) -> data.CaseSummary:
    """Give a row as data, terms counted on the reader's day."""
    return _summary(row, case_type, reader, reader.today)


def _summary(row: CaseRow | Line, case_type: CaseType, reader: Reader, today: date) -> data.CaseSummary:
    return data.CaseSummary(**_facts(row, case_type, reader, today))


def _facts(row: CaseRow | Line, case_type: CaseType, reader: Reader, today: date) -> dict[str, object]:
    left = terms.days_left(row.due_on, today=today, paused_on=row.paused_on)
    is_running = row.is_open and row.paused_on is None and row.decided_on is None
    return {
        "uuid": row.uuid, "reference": row.reference, "case_type": row.case_type_code,
        "title": case_type.title["nl"], "status": row.status,
        "status_label": status_label(case_type, row.status, reader), "received_on": row.received_on,
        "due_on": row.due_on, "days_left": left, "assignee": row.assignee,
        "applicant_name": row.applicant_name, "outcome": row.outcome,
        "outcome_label": case_type.outcome_label(row.outcome), "assignee_name": row.assignee_name,
        "service": row.service, "channel": row.channel, "revision": row.revision, "is_open": row.is_open,
        "is_paused": row.paused_on is not None, "is_overdue": is_running and left < 0,
        "is_due_soon": is_running and 0 <= left <= case_type.term.warn_days,
    }


def detail(row: CaseRow, reader: Reader) -> data.CaseDetail:
    """Give a case with all it holds, in a fixed number of statements."""
    case_type = case_type_of(row.case_type)
    history = _history(row, case_type, reader)
    representative = PartyRow.objects.filter(case=row, role="representative").order_by("id").first()
    return data.CaseDetail(
        **_facts(row, case_type, reader, reader.today), received_at=row.received_at, unit=case_type.unit,
        applicant=row.applicant, applicant_kind=row.applicant_kind,
        represented_by=representative.name if representative else "",
        answers=tuple(
            data.AnsweredFact(section=each.section, field=each.field, label=each.label, value=each.value,
                              source=each.source)
            for each in AnswerRow.objects.filter(case=row).order_by("position")[:1000]
        ),
        attachments=_attachments(row), documents=_letters(row), history=history, messages=_requests(row),
        steps=_steps(row, case_type, history, reader), decision=_decision(row, case_type),
        outcomes=case_type.outcomes, allowed_actions=case_type.allowed_actions(status=row.status),
    )


def _attachments(row: CaseRow) -> tuple[data.AttachedFile, ...]:
    held = list(AttachmentRow.objects.filter(case=row).order_by("id")[:200])
    facts = files.list_files(files=[each.file for each in held])
    return tuple(
        data.AttachedFile(
            file=each.file, name=facts[each.file].name, size_bytes=facts[each.file].size_bytes,
            added_at=each.added_at, is_from_applicant=each.is_from_applicant,
            is_released=facts[each.file].state is FileState.RELEASED,
        )
        for each in held if each.file in facts
    )


def _letters(row: CaseRow) -> tuple[data.SentLetter, ...]:
    return tuple(
        data.SentLetter(
            document=each.document, template=each.template, title=each.title, sent_at=each.sent_at
        )
        for each in LetterRow.objects.filter(case=row).order_by("id")[:200]
    )


def _requests(row: CaseRow) -> tuple[data.InformationRequest, ...]:
    return tuple(
        data.InformationRequest(
            uuid=each.uuid, question=each.question, asked_at=each.asked_at, answer_by=each.answer_by,
            answer=each.answer, answered_at=each.answered_at,
        )
        for each in InformationRequestRow.objects.filter(case=row).order_by("id")[:200]
    )


def _history(
    row: CaseRow, case_type: CaseType, reader: Reader, after: int = 0
) -> tuple[data.HistoryEvent, ...]:
    return tuple(
        data.HistoryEvent(
            action=data.Action(each.action), status=each.status,
            status_label=status_label(case_type, each.status, reader), at=each.at, by=each.by_name,
            revision=each.revision,
        )
        for each in StatusRow.objects.filter(case=row, revision__gt=after).order_by("revision")[:1000]
    )


def history_since(row: CaseRow, *, revision: int, reader: Reader) -> tuple[data.HistoryEvent, ...]:
    """Give what happened to a case after a revision, oldest first."""
    return _history(row, case_type_of(row.case_type), reader, after=revision)


def _steps(row: CaseRow, case_type: CaseType, history: tuple[data.HistoryEvent, ...],
           reader: Reader) -> tuple[data.StatusStep, ...]:
    """Give the way of a case: what was visited, where it stands, and what still comes;
    detours only when taken.
    """
    reached = {event.status: clock.local_day(event.at) for event in reversed(history)}
    detour = definitions.TARGETS[data.Action.ASK_INFORMATION]
    shown = [each for each in case_type.statuses if each.code != detour or each.code == row.status]
    codes = [each.code for each in shown]
    here = codes.index(row.status)
    return tuple(
        data.StatusStep(
            code=each.code, label=status_label(case_type, each.code, reader),
            state=_step_state(place, here, is_final=each.final), on=reached.get(each.code),
            text=definitions.told(each.explanation, address_form=reader.address_form),
        )
        for place, each in enumerate(shown) if place >= here or each.code in reached
    )


def _step_state(place: int, here: int, *, is_final: bool) -> data.StepState:
    if place < here or (place == here and is_final):
        return data.StepState.DONE
    return data.StepState.CURRENT if place == here else data.StepState.TODO


def _decision(row: CaseRow, case_type: CaseType) -> data.Decision | None:
    made = DecisionRow.objects.filter(case=row).first()
    if made is None:
        return None
    return data.Decision(
        outcome=made.outcome, outcome_label=case_type.outcome_label(made.outcome), motivation=made.motivation,
        decided_at=made.decided_at, decided_by=made.decided_by_name,
    )


def require_attachment(row: CaseRow, *, file: UUID) -> None:
    """Raise AttachmentNotFound unless the file belongs to the case."""
    if not AttachmentRow.objects.filter(case=row, file=file).exists():
        raise data.AttachmentNotFound(file)


def require_letter(row: CaseRow, *, document: UUID) -> None:
    """Raise LetterNotFound unless the document is a letter of the case."""
    if not LetterRow.objects.filter(case=row, document=document).exists():
        raise data.LetterNotFound(str(document))
