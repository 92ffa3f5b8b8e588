"""What a form asks: sections, fields, and the rules in FEEL that decide what is asked and accepted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

CITIZEN = "citizen"
"""The source of a value the citizen gave; every other source is the name of a prefill source."""

CALCULATED = "calculated"
"""The source of a value the form computed from other answers."""

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
    REPEAT = "repeat"


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
    TOO_FEW = "too_few"
    REFUSED = "refused"


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
class Check:
    """What must hold for an answer, in FEEL, and what is said when it is false. Null counts as true."""

    rule: str
    message: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. min, max: a number, cents for an amount, an ISO date or `today` for a date.

    personal: category of personal data the answer holds, empty for none. errors: own messages by Fault.
    visible_when, required_when, calculation: FEEL over the answers of earlier questions, by code, empty for
    none; a question with a calculation is never typed. checks: FEEL over all answers.
    fields, min_rows, max_rows: of a repeat, asked once per row; bounds of integers for the count of rows.
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
    visible_when: str = ""
    required_when: str = ""
    calculation: str = ""
    checks: tuple[Check, ...] = ()
    fields: tuple["Field", ...] = ()
    row_title: Words | None = None
    min_rows: int = 0
    max_rows: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One step of a form: a page with a few fields about one subject."""

    code: str
    title: Words
    fields: tuple[Field, ...]
    help: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDefinition:
    """A form in one version. minutes: how long it takes. draft_days: how long an unsent draft is kept.

    is_internal: tasks ask it of members of staff; nobody finds or sends it at the counter.
    """

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
    is_internal: bool = False

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


class FormNotFound(LookupError):
    """No form of that code in the bound organization."""


class SectionNotFound(LookupError):
    """The form has no section of that code."""


class FieldNotFound(LookupError):
    """The form has no field of that code that can do what was asked."""


class FormRefused(ValueError):
    """A definition contradicts itself; each of `problems` names the field and how to repair it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Severity(StrEnum):
    """Whether a finding of the linter stops a form from being published, or only tells."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the linter found. at: code of the field or section, empty for the whole form.

    text: message id with the repair in it; values: what stands in its places. `told` gives the sentence.
    """

    at: str
    text: str
    values: dict[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
