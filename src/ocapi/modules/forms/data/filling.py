"""Answers, drafts and submissions, and why one is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ocapi.lib.actor import Subject
from ocapi.modules.forms.data.definition import CITIZEN, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address in Belgium as people write it; only the box number may be empty."""

    street_name: str
    house_number: str
    postal_code: str
    municipality: str
    box_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a repeat: per row the answers by code of its questions, none in an empty row."""

    items: tuple[Mapping[str, "Value"], ...]


Value = str | int | bool | tuple[str, ...] | Address | Rows
"""An answer by type: text, e-mail, telephone and identifiers as str without separators, a date as ISO text
(`1985`, `1985-07` or `1985-07-02`), an integer as int, an amount as cents, choices as codes."""


class AnswerState(StrEnum):
    """How an answer came about: the value of a source that stands, the same confirmed by the citizen, a claim
    against it, typed without one, or calculated.
    """

    PREFILLED = "prefilled"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    TYPED = "typed"
    CALCULATED = "calculated"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """The answer that counts for a field. source: `citizen`, `calculated` or a prefill source.

    is_to_verify: the citizen says otherwise than the source, or gave it because the source was down, or a
    rule of the form could not be computed.
    """

    field: str
    value: Value
    source: str = CITIZEN
    is_to_verify: bool = False
    state: AnswerState = AnswerState.TYPED


class PrefillState(StrEnum):
    """What a source gave: a value, nothing, no answer, or a value that could not be renewed."""

    OK = "ok"
    EMPTY = "empty"
    SOURCE_DOWN = "sourceDown"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefilledField:
    """What a source said about a field of a draft, and whether the citizen says that it is not right."""

    field: str
    source: str
    source_title: str
    state: PrefillState
    fetched_at: datetime
    value: Value | None = None
    is_disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed under a posted name and could not be read as an answer; kept so that nothing is lost."""

    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file attached to a field of a draft. state: `released` or `quarantined`."""

    field: str
    file: UUID
    name: str
    size_bytes: int
    media_type: str
    state: str


class Progress(StrEnum):
    """Where a section of a draft stands."""

    TODO = "todo"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionState:
    """How far one section of a draft is."""

    code: str
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An unsent form of its owner, in the version it was started with. revision: rises with each change.

    asked, required: codes of the fields that are asked, and that must be answered, as the rules decide now.
    empty_rows: by repeat, how many rows were added and are not filled in yet.
    """

    uuid: UUID
    form: str
    version: str
    owner: Subject
    revision: int
    sections: tuple[SectionState, ...]
    answers: tuple[FieldValue, ...]
    asked: frozenset[str]
    required: frozenset[str]
    empty_rows: Mapping[str, int]
    typed: tuple[Typed, ...]
    prefill: tuple[PrefilledField, ...]
    attachments: tuple[Attachment, ...]
    started_at: datetime
    saved_at: datetime
    expires_on: date

    @property
    def resume_at(self) -> str:
        """Give the first section that is not complete, else the last one."""
        waiting = (each.code for each in self.sections if each.progress is not Progress.COMPLETE)
        return next(waiting, self.sections[-1].code)

    @property
    def is_complete(self) -> bool:
        """Tell whether every section may be sent as it is."""
        return all(each.progress is Progress.COMPLETE for each in self.sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """A line in the list of forms somebody started and did not send."""

    uuid: UUID
    form: str
    title: Words
    saved_at: datetime
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One thing to repair: the field, what is wrong and how to repair it. name: the control it leads to."""

    field: str
    message: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveOutcome:
    """What saving a section gave: the draft as it stands now, and what is still to repair in that section.

    revealed: codes of questions that are asked now and were not before; the section is to be shown again.
    changed_rows: code of the repeat whose button to add or take away a row was pressed.
    """

    draft: Draft
    problems: tuple[FieldProblem, ...]
    revealed: tuple[str, ...] = ()
    changed_rows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer as it is shown. source: `citizen`, `calculated` or the prefill source's name."""

    section: str
    field: str
    label: str
    value_text: str
    source: str
    is_to_verify: bool = False
    state: AnswerState = AnswerState.TYPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A form as it was sent; it never changes. answers: those that were asked, in order."""

    uuid: UUID
    form: str
    version: str
    title: str
    service: str
    case_type: str
    owner: Subject
    answers: tuple[Answered, ...]
    attachments: tuple[UUID, ...]
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRequest:
    """A form somebody was asked to fill in. submission: what answered it, None while it waits.

    is_new: whether this very call asked; then the person is to be told.
    """

    uuid: UUID
    form: str
    reference: str
    submission: UUID | None
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A request that was closed because nobody waits for it any more, and who is to be told."""

    form: str
    reference: str
    owner: Subject


class FormOpensCase(ValueError):
    """The form makes a case of its own, so a process can't ask it; `form` is its code."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self.form = form


class DraftNotFound(LookupError):
    """No open draft of that uuid that this actor may see, in the bound organization."""


class SubmissionNotFound(LookupError):
    """No submission of that uuid that this actor may see."""


class DraftChanged(RuntimeError):
    """Somebody else saved the draft in the meantime; `theirs` is how it stands now."""

    def __init__(self, theirs: Draft) -> None:
        super().__init__(f"draft {theirs.uuid} is at revision {theirs.revision}")
        self.theirs = theirs


class DraftIncomplete(ValueError):
    """The draft can't be sent yet; `problems` in the order of the form."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__(f"{len(problems)} answers to repair")
        self.problems = problems


class DraftTooLarge(ValueError):
    """The answers together are more than a draft holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was filled in of a form that is not kept as a draft: by a clerk at a task, or to try it out.

    facts: by field code, for a process or a decision: dates, amounts in euros as Decimal, lists, contexts.
    answers: the same in words. A form with `problems` is not to be used.
    """

    form: str
    version: str
    sha256: str
    facts: Mapping[str, object]
    answers: tuple[Answered, ...]
    problems: tuple[FieldProblem, ...]
