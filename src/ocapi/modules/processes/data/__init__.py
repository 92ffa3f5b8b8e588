"""What others may know of processes, their instances and tasks, and how working with them can fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from ocapi.lib.bpmn import Finding, ProcessReport, Report, told
from ocapi.lib.bpmn.comparing import Change, Difference
from ocapi.lib.bpmn.trial import Standing
from ocapi.modules.processes.data.correcting import (
    AskedCorrection,
    Correction,
    CorrectionNotFound,
    HeldValue,
    HeldValues,
    RunChanged,
)
from ocapi.modules.processes.data.migrating import (
    Migration,
    MigrationNotFound,
    MigrationPlan,
    MigrationStage,
    Misfit,
    Moved,
    Refusal,
    Stayed,
)

__all__ = [
    "AskedCorrection", "Change", "Choices", "Colleague", "Connection", "ConnectionNotFound",
    "ConnectionRefused", "ConnectorInfo", "Correction", "CorrectionNotFound", "Correlated", "DecisionAnswer",
    "DecisionMade", "Definition", "DefinitionRefused", "Difference", "Drawing", "DrawingChanged",
    "DrawingNotFound", "Element", "Finding", "HeldValue", "HeldValues", "Incident", "IncidentNotFound",
    "IncidentPage", "Instance", "InstanceLine", "InstanceLines", "InstanceNotFound", "InstanceState",
    "InvalidCursor", "JobLine", "MessageUnmatched", "Migration", "MigrationNotFound", "MigrationPlan",
    "MigrationStage", "Misfit", "Move", "MoveRefused", "Moved", "NodeFigures", "NotAColleague", "NotRunning",
    "Passage", "Path", "ProcessFigures", "ProcessNotFound", "ProcessReport", "Refusal", "Relocation",
    "RelocationNotFound", "Relocations", "Report", "RunChanged", "SamePerson", "Shown", "Standing", "Stayed",
    "StepNotPossible", "Task", "TaskClaimed", "TaskNotFound", "TaskPage", "TaskState", "Trace", "Value",
    "Variables", "told",
]

Value: TypeAlias = "str | int | bool | Decimal | date | datetime | None | list[Value] | dict[str, Value]"
Variables: TypeAlias = "Mapping[str, Value]"
"""Variables by name; no floats: amounts are Decimal. One is at most 64 KiB as JSON."""


class InstanceState(StrEnum):
    """Where an instance stands; the last two are final."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """Where a task stands; cancelled when the process went on without it."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a process. key: the id in the drawing; version: from 1."""

    uuid: UUID
    key: str
    version: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A step that could not be taken. node: id in the drawing; reason: code.

    about: the business key of its run, in a list over several runs.
    """

    uuid: UUID
    instance: UUID
    node: str
    reason: str
    detail: str
    raised_at: datetime
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionAnswer:
    """What a decision gave. value: any FEEL value; explanation: which rules gave it, as JSON can hold it."""

    value: object
    explanation: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade:
    """A decision an instance took by a business rule task. explanation: as it was given, JSON."""

    decision: str
    made_at: datetime
    explanation: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One run of a process. nodes: where its tokens stand, by id in the drawing, in order of token.

    variables and decisions: filled by `get_instance` and `get_masked_instance` alone, which leave a
    consultation leaf. hidden: names of the variables about persons that the latter leaves out.
    """

    uuid: UUID
    process: str
    version: int
    business_key: str
    state: InstanceState
    started_at: datetime
    ended_at: datetime | None
    nodes: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    variables: Variables = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    decisions: tuple[DecisionMade, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceLine:
    """One run in a list: nothing of persons, not even where it stands. is_stuck: it has an open incident."""

    uuid: UUID
    version: int
    business_key: str
    state: InstanceState
    started_at: datetime
    ended_at: datetime | None
    is_stuck: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceLines:
    """One page of runs, newest first; `cursor` asks for the next page, empty on the last."""

    items: tuple[InstanceLine, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFigures:
    """A process with what goes on in it, over all its versions."""

    definition: Definition
    running: int
    incidents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFigures:
    """What goes on at one node of a version. waiting: tokens that stand there now; incidents: of those, open.

    done, average_hours: tasks that were completed there and how long one took from its making, of the last
    1,000; None without any.
    """

    node: str
    name: str
    kind: str
    waiting: int
    incidents: int
    done: int
    average_hours: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Something that happened to an instance at a node. what: code such as left, incident or retried.

    Of `corrected`, node and name are what the value is called.
    """

    node: str
    name: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One run and its way through the drawing.

    passages: oldest first, at most 500. standing: node and name where its tokens are. variables: names only;
    their values are what `get_instance` gives, after a leaf. is_asked_elsewhere: somebody asks it, as
    is_asked_otherwise of a value.
    """

    instance: Instance
    definition: Definition
    passages: tuple[Passage, ...]
    standing: tuple[tuple[str, str], ...]
    variables: tuple[str, ...]
    is_asked_elsewhere: bool = False
    is_asked_otherwise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work for a person. groups: who may do it, any of them; group: the first, such as the lane.

    reference: the business key (the case).
    """

    uuid: UUID
    instance: UUID
    node: str
    title: str
    kind: str
    group: str
    assignee: UUID | None
    due_at: datetime | None
    state: TaskState
    reference: str
    process: str
    created_at: datetime
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody a task can be given to."""

    person: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkGroup:
    """Who here does what a process asks of one group. group: its name in the drawing; title: what it is here.

    members: empty when everybody who does tasks may. receiver: who gets each new task. waiting: open tasks.
    """

    process: str
    process_name: str
    group: str
    title: str = ""
    members: frozenset[UUID] = frozenset()
    receiver: UUID | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A value that a task shows to who does it. label: as the drawing calls it.

    reason: code of why it could not be computed, empty when it could.
    """

    label: str
    value: Value = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the gateway right after a task asks: a value of `variable`, each with its label.

    question: the name of the gateway in the drawing, perhaps empty.
    """

    variable: str
    question: str
    options: tuple[tuple[str | bool, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """One page of tasks, oldest first; `cursor` asks for the next page, empty on the last."""

    items: tuple[Task, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """One page of open incidents, oldest first; `cursor` asks for the next page, empty on the last."""

    items: tuple[Incident, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlated:
    """What a message did: the instance that took it up, and whether it began by it."""

    instance: UUID
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocation:
    """A wish to let a run go on at another element, which a colleague is to confirm. reason: why, in words.

    source and target: id and name of an element. is_own: the reader asked for it.
    """

    uuid: UUID
    source: tuple[str, str]
    target: tuple[str, str]
    reason: str
    asked_at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRelocation:
    """A relocation that waits for a colleague, as a list shows it: without who asks it and why.

    about: the business key of its run. source and target: what the drawing calls the elements.
    """

    instance: UUID
    about: str
    source: str
    target: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocations:
    """Where a run can be put elsewhere, and what was asked.

    places: number of a token, id and name of where it stands, and the elements it can go to, id and name.
    """

    places: tuple[tuple[int, str, str, tuple[tuple[str, str], ...]], ...]
    asked: tuple[Relocation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing that is being worked on. revision: rises with each change; process: id of its first process.

    based_on: the version it was made from, None for a new one.
    """

    uuid: UUID
    title: str
    revision: int
    changed_at: datetime
    process: str = ""
    based_on: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a drawing in words. leads_to: ids of what follows; group: who does it.

    name: empty when it has none. advice: what a reader will miss, by code; it runs all the same.
    """

    id: str
    kind: str
    name: str
    group: str = ""
    leads_to: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorInfo:
    """A connector a drawing may name. inputs and outputs: FEEL type by name; problem: why it fails.

    retries: after the first try; timeout_seconds: of each.
    """

    name: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    timeout_seconds: int = 0
    retries: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A system outside that the connector `rest` may call. code: by which drawings name it.

    base_url: every call stays under it. header: carries the secret, which is never given out. outcome: of the
    last test, an HTTP status or a code; empty before the first.
    """

    code: str
    title: str
    base_url: str
    header: str = ""
    has_secret: bool = False
    is_internal: bool = False
    tested_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A step of a trial. what: start | complete | fail | occur | skip; number: which of `Trace.standing`.

    values: what it brings; error: code with which a call fails; node: start event at which it begins.
    """

    what: str
    number: int = 0
    values: Variables = field(default_factory=dict)
    error: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where a trial stands after its moves. passages: oldest first; sent: names of messages and signals.

    starts: start events by id and name; triggered: those of them that wait for something.
    """

    process: str
    at: datetime
    is_ended: bool
    standing: tuple[Standing, ...]
    nodes: tuple[tuple[str, str], ...]
    passages: tuple[Passage, ...]
    variables: Variables
    sent: tuple[str, ...]
    starts: tuple[tuple[str, str], ...] = ()
    triggered: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """Something the worker will do. kind: timer | call; about: the business key, empty for a start."""

    kind: str
    node: str
    about: str
    instance: UUID | None
    process: str
    due_at: datetime | None
    attempts: int = 0
    is_held: bool = False


class DrawingNotFound(LookupError):
    """No drawing of that uuid in the bound organization."""


class DrawingChanged(ValueError):
    """Somebody saved the drawing meanwhile; nothing was saved. revision: the newest."""

    def __init__(self, revision: int) -> None:
        super().__init__(str(revision))
        self.revision = revision


class MoveRefused(ValueError):
    """A move of a trial does not fit where it stands. reason: code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConnectionNotFound(LookupError):
    """No connection of that code in the bound organization."""


class ConnectionRefused(ValueError):
    """A connection can't be kept. part: which field; reason: code."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part
        self.reason = reason


class DefinitionRefused(ValueError):
    """A file holds a process that can't be executed, or none that can; `report` names every reason."""

    def __init__(self, report: Report) -> None:
        self.report = report
        reasons = [told(each) for process in report.processes for each in process.reasons]
        super().__init__("; ".join(reasons) or "no process")


class ProcessNotFound(LookupError):
    """No process of that key is deployed."""


class InstanceNotFound(LookupError):
    """No instance of that uuid in the bound organization."""


class TaskNotFound(LookupError):
    """No open task of that uuid in the bound organization."""


class IncidentNotFound(LookupError):
    """No open incident of that uuid in the bound organization."""


class RelocationNotFound(LookupError):
    """Nobody asks to put that run elsewhere, or it does not stand there any more."""


class SamePerson(PermissionError):
    """Who asked for something that needs four eyes can't confirm it."""


class NotInGroup(RuntimeError):
    """A task is for members of other groups; `groups`: as they are called here."""

    def __init__(self, groups: tuple[str, ...]) -> None:
        super().__init__(", ".join(groups))
        self.groups = groups


class GroupRefused(ValueError):
    """What was said of a group can't be kept. part: group | title | receiver; reason: a code."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{part}: {reason}")
        self.part, self.reason = part, reason


class NotAColleague(LookupError):
    """Nobody of that uuid may do tasks in the bound organization."""


class TaskClaimed(ValueError):
    """Somebody else has taken the task; `by` is the person's uuid."""

    def __init__(self, by: UUID) -> None:
        super().__init__(str(by))
        self.by = by


class NotRunning(ValueError):
    """The instance is suspended or has ended; `state` says which."""

    def __init__(self, state: InstanceState) -> None:
        super().__init__(state.value)
        self.state = state


class StepNotPossible(ValueError):
    """What was asked does not fit the instance or its model. reason: code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


class MessageUnmatched(LookupError):
    """No instance waits for the message, and no process starts with it."""


class InvalidCursor(ValueError):
    """A cursor is not one this list gave out."""
