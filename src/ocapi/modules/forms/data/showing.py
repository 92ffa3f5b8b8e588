"""What a template draws. Every text is in the words of one address form; every value is as it is typed."""

from dataclasses import dataclass
from uuid import UUID

from ocapi.modules.forms.data.definition import FieldType
from ocapi.modules.forms.data.filling import Answered, Answers, FieldProblem, PrefillState


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
    """One question as it is drawn: one control, or a group of them (`is_group`: an address to fill in).

    rows, add_name: of a repeat, and the button that adds one, empty when there are enough.
    """

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
    rows: tuple["RowPage", ...] = ()
    add_name: str = ""
    is_calculated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """One row of a repeat. remove_name: name of the button that takes it away, empty when it has to stay."""

    title: str
    fields: tuple[FieldPage, ...]
    remove_name: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoosePage:
    """A whole form on one page, ready to draw, without a draft behind it, and what was filled in."""

    title: str
    intro: str
    submit_label: str
    sections: tuple[SectionPage, ...]
    answers: Answers
