"""What others may know of cases, and how work on a case can fail."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ocapi.lib.problem import INPUT_EXTENDED, Issue, Problem, bad_request, etag_of


class Action(StrEnum):
    """What can be done to a case; each is checked against the transitions of its case type."""

    RECEIVE = "receive"
    ASSIGN = "assign"
    START = "start"
    ASK_INFORMATION = "askInformation"
    ANSWER_INFORMATION = "answerInformation"
    DECIDE = "decide"
    CLOSE = "close"


class StepState(StrEnum):
    """Where a status stands on the way of one case."""

    DONE = "done"
    CURRENT = "current"
    TODO = "todo"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredFact:
    """One answer of the service request: codes of section and field, the label and value as people read them.

    source: name of the register that gave the value, empty when a person typed it.
    """

    section: str
    field: str
    label: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A code with its Dutch label."""

    code: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTypeSummary:
    """A case type in the version that new cases get; term_days in calendar days."""

    code: str
    version: str
    title: str
    service: str
    form: str
    term_days: int
    statuses: tuple[Label, ...]
    outcomes: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """A case as lists show it; labels fit the reader (staff or citizen).

    days_left: calendar days until due_on, negative when overdue, standing still while the term pauses.
    outcome: code, empty until decided. revision: rises by one with each change.
    """

    uuid: UUID
    reference: str
    case_type: str
    title: str
    status: str
    status_label: str
    received_on: date
    due_on: date
    days_left: int
    assignee: UUID | None
    applicant_name: str
    outcome: str
    outcome_label: str
    assignee_name: str
    service: str
    channel: str
    revision: int
    is_open: bool
    is_paused: bool
    is_overdue: bool
    is_due_soon: bool

    @property
    def etag(self) -> str:
        """Give the strong entity tag of this revision (RFC 9110 section 8.8.3)."""
        return etag_of(self.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that came with the case. is_released: it left quarantine and can be opened."""

    file: UUID
    name: str
    size_bytes: int
    added_at: datetime
    is_from_applicant: bool
    is_released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter sent in this case; document: its uuid in `documents`."""

    document: UUID
    template: str
    title: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One thing that happened to a case. by: name of the member of staff, empty for others."""

    action: Action
    status: str
    status_label: str
    at: datetime
    by: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """A question to the applicant and, once given, the answer; answer_by is the last day to answer."""

    uuid: UUID
    question: str
    asked_at: datetime
    answer_by: date
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusStep:
    """One status on the way of a case; on: the day it was reached. text: what it means for the reader."""

    code: str
    label: str
    state: StepState
    on: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision: code and label of the outcome, and why."""

    outcome: str
    outcome_label: str
    motivation: str
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetail(CaseSummary):
    """A case with all it holds; history oldest first, messages oldest first, answers as the form had them."""

    received_at: datetime
    unit: str
    applicant: UUID
    applicant_kind: str
    represented_by: str
    answers: tuple[AnsweredFact, ...]
    attachments: tuple[AttachedFile, ...]
    documents: tuple[SentLetter, ...]
    history: tuple[HistoryEvent, ...]
    messages: tuple[InformationRequest, ...]
    steps: tuple[StatusStep, ...]
    decision: Decision | None
    outcomes: tuple[Label, ...]
    allowed_actions: frozenset[Action]


MOST_COUNTED = 99  # beyond this a screen says "99+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many cases wait, each up to MOST_COUNTED + 1. overdue: of the open ones, those past their term."""

    open: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistFilter:
    """What a worklist shows: AND between members, OR within `status` and `case_type`; empty means any.

    q: a case reference, or part of an applicant's name; a name never stands in an address (conventions.md 7).
    sort: dueOn, -dueOn, receivedOn or -receivedOn.
    """

    status: tuple[str, ...] = ()
    case_type: tuple[str, ...] = ()
    assignee: UUID | None = None
    overdue: bool = False
    only_open: bool = False
    q: str = ""
    sort: str = "dueOn"


SORTS = ("dueOn", "-dueOn", "receivedOn", "-receivedOn")


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One page of cases with cursors; an empty cursor means there is no page that way."""

    items: tuple[CaseSummary, ...]
    page_size: int
    next_cursor: str = ""
    previous_cursor: str = ""


class CaseNotFound(LookupError):
    """No such case in the bound organization."""


class CaseTypeNotFound(LookupError):
    """No case type of that code is loaded in the bound organization."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AttachmentNotFound(LookupError):
    """The file does not exist, or does not belong to this case."""

    def __init__(self, file: UUID) -> None:
        super().__init__(str(file))
        self.file = file


class LetterNotFound(LookupError):
    """The document is no letter of this case."""


class CaseChanged(RuntimeError):
    """Somebody changed the case in the meantime; `theirs` is the case now,
    `since` what happened after ours.
    """

    def __init__(self, *, theirs: CaseSummary, since: tuple[HistoryEvent, ...]) -> None:
        super().__init__(f"{theirs.reference} is at revision {theirs.revision}")
        self.theirs = theirs
        self.since = since


class OutcomeUnknown(ValueError):
    """The outcome is none of the case type's; `allowed` lists its codes."""

    def __init__(self, *, outcome: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"use one of {', '.join(allowed)}")
        self.outcome = outcome
        self.allowed = allowed

    @property
    def problem(self) -> Problem:
        """Give the 400 that names the allowed codes."""
        return bad_request((Issue(kind="invalidInput", place="body", name="$.outcome", detail=str(self)),))


class InvalidTransition(RuntimeError):
    """The case type does not allow this action in the status the case is in."""

    def __init__(self, *, status: str, action: Action) -> None:
        super().__init__(f"{action.value} is not possible in status {status}")
        self.status = status
        self.action = action


class TextMissing(ValueError):
    """A text that must be given is empty; `field` names it: question, answer, motivation, applicantName."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field

    @property
    def problem(self) -> Problem:
        """Give the 400 that names the member."""
        return bad_request(
            (Issue(kind=f"{INPUT_EXTENDED}requiredInput", place="body", name=f"$.{self.field}"),)
        )


class IdempotencyConflict(RuntimeError):
    """The same idempotency key came before with another body."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class InvalidCursor(ValueError):
    """A cursor is not one this list gave out."""


class InvalidParameter(ValueError):
    """A query parameter has a value that is not allowed; `allowed` says what is."""

    def __init__(self, name: str, *, allowed: str) -> None:
        super().__init__(f"{name}: {allowed}")
        self.name = name
        self.allowed = allowed

    @property
    def problem(self) -> Problem:
        """Give the 400 that names the parameter."""
        return bad_request((Issue(kind="invalidInput", place="query", name=self.name, detail=self.allowed),))


class CaseTypeRefused(ValueError):
    """A case type contradicts itself; `problems` lists each member and why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
