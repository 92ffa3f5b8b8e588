"""What others may know of forms: definitions, drafts, pages to draw, submissions and refusals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ocapi.lib.actor import Subject

CITIZEN = "citizen"
"""The source of a value the citizen gave; every other source is the name of a prefill source."""

ADDRESS_PARTS = ("street_name", "house_number", "box_number", "postal_code", "municipality")
"""Parts of an address in the order they are asked; each is posted as `<field>-<part>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text in both address forms; a text that addresses nobody is a plain string instead."""

    formal: str
    informal: str


Words = str | Wording


def worded(words: Words | None, address_form: str) -> str:
    """Give the text for an address form (`formal` or `informal`); empty for an absent text."""
    if isinstance(words, Wording):
        return words.formal if address_form == "formal" else words.informal
    return words or ""


class FieldType(StrEnum):
    """What a field asks; it decides the control, how the answer is read, and how it is written out."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    INTEGER = "integer"
    AMOUNT = "amount"
    EMAIL = "email"
    TELEPHONE = "telephone"
    CHOICE = "choice"
    MULTIPLE_CHOICE = "multiple_choice"
    YES_NO = "yes_no"
    ADDRESS = "address"
    UPLOAD = "upload"
    NATIONAL_NUMBER = "national_number"
    ENTERPRISE_NUMBER = "enterprise_number"
    IBAN = "iban"
    STATEMENT = "statement"


class Fault(StrEnum):
    """Why an answer is refused; also the keys under which a definition words its own messages."""

    REQUIRED = "required"
    INVALID = "invalid"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    WRONG_TYPE = "wrong_type"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a field."""

    code: str
    label: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a field is asked: an earlier field has this answer, an option code or true or false."""

    field: str
    equals: bool | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefillPath:
    """Where the answer is known already: the name of a prefill source and the path of the fact there."""

    source: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRule:
    """Which files a field takes. accepted: extensions without dot. max_bytes: per file."""

    accepted: tuple[str, ...]
    max_bytes: int
    max_files: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. min, max: a number, cents for an amount, an ISO date or `today` for a date.

    personal: category of personal data the answer holds, empty for none. errors: own messages by Fault.
    """

    code: str
    type: FieldType
    label: Words
    required: bool
    help: Words | None = None
    autocomplete: str = ""
    max_length: int | None = None
    min: int | str | None = None
    max: int | str | None = None
    unit: str = ""
    options: tuple[Option, ...] = ()
    show_when: Condition | None = None
    prefill: PrefillPath | None = None
    read_only_when_prefilled: bool = False
    upload: UploadRule | None = None
    personal: str = ""
    errors: dict[Fault, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One step of a form: a page with a few fields about one subject."""

    code: str
    title: Words
    fields: tuple[Field, ...]
    help: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDefinition:
    """A form in one version. minutes: how long it takes. draft_days: how long an unsent draft is kept."""

    code: str
    version: str
    title: Words
    sections: tuple[Section, ...]
    submit_label: Words
    intro: Words | None = None
    service: str | None = None
    case_type: str | None = None
    minimum_assurance: str = "substantial"
    minutes: int = 5
    draft_days: int = 30
    personal_purpose: str = ""

    @property
    def fields(self) -> Iterator[Field]:
        """Give every field, in the order they are asked."""
        return (each for section in self.sections for each in section.fields)

    def find_field(self, code: str) -> Field | None:
        """Give the field of that code, or None."""
        return next((each for each in self.fields if each.code == code), None)

    def section(self, code: str) -> Section:
        """Give the section of that code, or raise SectionNotFound."""
        for each in self.sections:
            if each.code == code:
                return each
        raise SectionNotFound(f"{self.code}/{code}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address in Belgium as people write it; only the box number may be empty."""

    street_name: str
    house_number: str
    postal_code: str
    municipality: str
    box_number: str = ""


Value = str | int | bool | tuple[str, ...] | Address
"""An answer by type: text, e-mail, telephone and identifiers as str without separators, a date as ISO text
(`1985`, `1985-07` or `1985-07-02`), an integer as int, an amount as cents, choices as codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """The answer that counts for a field. source: `citizen` or a prefill source.

    is_to_verify: the citizen says otherwise than the source, or gave it because the source was down.
    """

    field: str
    value: Value
    source: str = CITIZEN
    is_to_verify: bool = False


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
    """An unsent form of its owner, in the version it was started with. revision: rises with each change."""

    uuid: UUID
    form: str
    version: str
    owner: Subject
    revision: int
    sections: tuple[SectionState, ...]
    answers: tuple[FieldValue, ...]
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
    """What saving a section gave: the draft as it stands now, and what is still to repair in that section."""

    draft: Draft
    problems: tuple[FieldProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer as it is shown. source: `citizen` or the prefill source's name."""

    section: str
    field: str
    label: str
    value_text: str
    source: str
    is_to_verify: bool = False


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


class DraftNotFound(LookupError):
    """No open draft of that uuid that this actor may see, in the bound organization."""


class FormNotFound(LookupError):
    """No form of that code in the bound organization."""


class SectionNotFound(LookupError):
    """The form has no section of that code."""


class FieldNotFound(LookupError):
    """The form has no field of that code that can do what was asked."""


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


class FormRefused(ValueError):
    """A definition contradicts itself; each of `problems` names the field and how to repair it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


# What a template draws. Every text is in the words of one address form; every value is as it is typed.


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option of a control."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was received for a field. remove_name: name of the button that takes it away again."""

    file: UUID
    name: str
    size: str
    remove_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefillNote:
    """What to say about the source of a field. is_locked: shown, not editable.

    date: the day it was fetched, dd/mm/yyyy. report_href: where "Klopt dit niet?" leads.
    """

    state: PrefillState
    source: str
    date: str
    is_locked: bool
    is_disputed: bool
    report_href: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionNote:
    """When the field is asked, for a script (`name` has `value`) and, in words, for whoever has none."""

    name: str
    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One input. kind: a code of the design system's FieldKind. name: as it is posted; id: `id_<name>`."""

    name: str
    kind: str
    label: str
    value: str = ""
    values: tuple[str, ...] = ()
    help: str = ""
    error: str = ""
    is_required: bool = True
    options: tuple[Choice, ...] = ()
    autocomplete: str = ""
    inputmode: str = ""
    max_length: int = 0
    width: str = ""
    unit: str = ""
    accepted: tuple[str, ...] = ()
    max_size: str = ""
    is_multiple: bool = False
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPage:
    """One question as it is drawn: one control, or a group of them (`is_group`: an address to fill in)."""

    code: str
    type: FieldType
    label: str
    help: str
    is_required: bool
    controls: tuple[Control, ...]
    error: str = ""
    is_group: bool = False
    is_visible: bool = True
    prefill: PrefillNote | None = None
    show_when: ConditionNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """One line of the error summary and the id of the control it leads to."""

    text: str
    control_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage:
    """One step of a form, ready to draw. number: from 1. previous, next: section codes, empty at the ends."""

    draft: UUID
    revision: int
    form: str
    form_title: str
    intro: str
    code: str
    title: str
    help: str
    number: int
    count: int
    previous: str
    next: str
    fields: tuple[FieldPage, ...]
    errors: tuple[ErrorLine, ...]
    minutes: int
    expires_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySection:
    """One section in the summary before sending."""

    code: str
    title: str
    is_complete: bool
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSummary:
    """All answers of a draft in words, and what is still to repair before it can be sent."""

    draft: UUID
    revision: int
    form: str
    form_title: str
    submit_label: str
    sections: tuple[SummarySection, ...]
    problems: tuple[FieldProblem, ...]
