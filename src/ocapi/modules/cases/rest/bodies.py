"""Bodies of the API as they travel: lowerCamelCase, nothing unknown, what is absent is left out."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Code = Annotated[str, Field(min_length=1, max_length=80)]
Prose = Annotated[str, Field(min_length=1, max_length=20_000)]


class Body(BaseModel):
    """Base of every body: members in lowerCamelCase, unknown ones refused.

    Not ninja's Schema: reading every member through its getter took two thirds of a list of 100.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Applicant(Body):
    """Who asks, by the organization's own id; never a national number."""

    kind: Literal["person", "organization"]
    id: UUID
    name: Annotated[str, Field(min_length=1, max_length=200, examples=["Noor Peeters"])]


class Answer(Body):
    """One answer, with the label and value as people read them; source names the register it came from."""

    section: Code
    field: Code
    label: Annotated[str, Field(min_length=1, max_length=300, examples=["Welke boom?"])]
    value: Annotated[str, Field(max_length=20_000, examples=["Een zieke eik"])]
    source: Annotated[str, Field(max_length=80)] = ""


class NewCase(Body):
    """A whole case in one body; attachments are ids of files that were sent before and belong to no case."""

    case_type: Annotated[str, Field(min_length=1, max_length=80, examples=["kapvergunning"])]
    applicant: Applicant
    service: Annotated[str, Field(max_length=80)] = ""
    channel: Annotated[str, Field(min_length=1, max_length=20)] = "api"
    answers: Annotated[list[Answer], Field(max_length=1000)] = []
    attachments: Annotated[list[UUID], Field(max_length=50)] = []


class CasePatch(Body):
    """What may be changed of a case (RFC 7386): null for assignee means nobody."""

    assignee: UUID | None = None


class NewDecision(Body):
    """The decision; outcome is a code of the case type."""

    outcome: Annotated[str, Field(min_length=1, max_length=40, examples=["granted"])]
    motivation: Annotated[str, Field(min_length=1, max_length=20_000, examples=["De boom is ziek."])]


class Item(Body):
    """A case in a list."""

    href: str
    id: UUID
    reference: Annotated[str, Field(examples=["VLA-2027-000123-7"])]
    title: str
    case_type: str
    status: str
    received_on: date
    due_on: date
    service: str | None = None
    channel: str
    assignee: UUID | None = None
    outcome: str | None = None
    overdue: bool


class Cases(Body):
    """One page of cases; next is left out on the last page."""

    self: str
    items: list[Item]
    page_size: int
    next: str | None = None
    prev: str | None = None


class Attachment(Body):
    """A file of a case."""

    id: UUID
    name: str
    size_bytes: int
    added_at: datetime


class Letter(Body):
    """A letter of a case."""

    id: UUID
    template: str
    title: str
    sent_at: datetime


class Event(Body):
    """One thing that happened to a case."""

    action: str
    status: str
    at: datetime


class DecisionMade(Body):
    """The decision as it was recorded."""

    outcome: str
    motivation: str
    decided_at: datetime


class Case(Body):
    """A case with all it holds."""

    self: str
    id: UUID
    reference: str
    title: str
    case_type: str
    status: str
    received_on: date
    due_on: date
    days_left: int
    overdue: bool
    service: str | None = None
    channel: str
    assignee: UUID | None = None
    outcome: str | None = None
    applicant: Applicant
    answers: list[Answer]
    attachments: list[Attachment]
    letters: list[Letter]
    history: list[Event]
    decision: DecisionMade | None = None


class CaseStatus(Body):
    """A status with its Dutch label."""

    code: str
    label: dict[str, str]


class CaseStatuses(Body):
    """The code list of statuses."""

    self: str
    items: list[CaseStatus]
