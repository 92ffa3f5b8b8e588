"""What others may know of the portal: what sending a form gave, and how a page can be absent."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that was sent and the case it became. due_on: last day of the legal term.

    case and due_on: None for an answer to what a process asked, which makes no case.
    """

    submission: UUID
    case: UUID | None = None
    reference: str = ""
    due_on: date | None = None


class PageNotFound(LookupError):
    """This kind of organization has no such page."""


class CaseTypeMissing(ValueError):
    """The form names no case type, so nobody would handle what is sent."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self.form = form
