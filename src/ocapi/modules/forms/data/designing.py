"""Designing a form: its working copy, the edits it can go through, versions and what differs between them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ocapi.modules.forms.data.definition import Field, Finding, FormDefinition, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of a form. origin: `pack` when it was shipped, `desk` when it was made here."""

    version: str
    sha256: str
    origin: str
    is_current: bool
    loaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLine:
    """A form in the list. current: version in use, empty for none. newer: shipped, not taken over."""

    code: str
    title: Words
    current: str
    origin: str
    is_in_design: bool
    changed_at: datetime
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The working copy of a form. base: version it began from. revision: 0 while nothing was changed."""

    definition: FormDefinition
    base: str
    revision: int
    changed_at: datetime | None
    findings: tuple[Finding, ...]

    @property
    def is_publishable(self) -> bool:
        """Tell whether nothing stands in the way of publishing."""
        return not any(each.severity == "error" for each in self.findings)


class Place(StrEnum):
    """Where something moves to among its neighbors."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetForm:
    """Change what is said of the whole form."""

    title: Words
    intro: Words | None
    submit_label: Words
    minimum_assurance: str
    minutes: int
    draft_days: int
    personal_purpose: str
    service: str | None
    case_type: str | None
    is_internal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSection:
    """Change the texts of a section; a code that is not there yet adds it at the end."""

    code: str
    title: Words
    help: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetField:
    """Put a field in a section: in place of the one of code `replaces`, at the end when that is empty.

    repeat: code of the repeat whose row it is asked in, empty for none.
    """

    section: str
    field: Field
    replaces: str = ""
    repeat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Move a section or a field one place; a field at the edge goes to the section beside it."""

    code: str
    to: Place
    is_section: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Take a section with its fields, or a field, away."""

    code: str
    is_section: bool = False


Edit = SetForm | SetSection | SetField | Move | Remove


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs between two versions. at: code; old, new: as a file has it, empty for absent."""

    at: str
    member: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A form as a file, which `import_form` takes back."""

    name: str
    raw: bytes


class DesignChanged(RuntimeError):
    """Somebody else changed the working copy in the meantime; `theirs` is how it stands now."""

    def __init__(self, theirs: Design) -> None:
        super().__init__(f"design {theirs.definition.code} is at revision {theirs.revision}")
        self.theirs = theirs


class EditRefused(ValueError):
    """An edit can't be done. reason: sectionUnknown | fieldUnknown | codeTaken | codeRefused | tooLarge."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DesignNotFound(LookupError):
    """No form and no working copy of that code in the bound organization."""
