"""What a BPMN 2.0 file says, typed and frozen; the file itself is kept verbatim by who stores it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a flow node is; the value is the name of its XML element where there is one."""

    START = "startEvent"
    END = "endEvent"
    THROW = "intermediateThrowEvent"
    CATCH = "intermediateCatchEvent"
    BOUNDARY = "boundaryEvent"
    TASK = "task"
    USER = "userTask"
    MANUAL = "manualTask"
    SERVICE = "serviceTask"
    SEND = "sendTask"
    RECEIVE = "receiveTask"
    SCRIPT = "scriptTask"
    RULE = "businessRuleTask"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    INCLUSIVE = "inclusiveGateway"
    EVENT_BASED = "eventBasedGateway"
    COMPLEX = "complexGateway"
    SUB_PROCESS = "subProcess"
    EVENT_SUB_PROCESS = "eventSubProcess"
    TRANSACTION = "transaction"
    AD_HOC = "adHocSubProcess"
    CALL = "callActivity"
    CHOREOGRAPHY = "choreographyActivity"


EVENTS = frozenset({Kind.START, Kind.END, Kind.THROW, Kind.CATCH, Kind.BOUNDARY})
GATEWAYS = frozenset({Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE, Kind.EVENT_BASED, Kind.COMPLEX})
CONTAINERS = frozenset({Kind.SUB_PROCESS, Kind.EVENT_SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC})
ACTIVITIES = frozenset(Kind) - EVENTS - GATEWAYS


class Trigger(StrEnum):
    """What an event reacts to or causes."""

    NONE = "none"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    COMPENSATION = "compensate"
    CANCEL = "cancel"
    CONDITIONAL = "conditional"
    LINK = "link"
    TERMINATE = "terminate"
    MULTIPLE = "multiple"


class WaitKind(StrEnum):
    """What a token, or a scope's event sub-process, waits for."""

    TASK = "task"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A text to evaluate. language: as declared on it or for the file, empty when not; line in the file."""

    text: str
    language: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event's definition.

    name: what is caught or thrown: a message's or signal's name, an error or escalation code, a link's name;
    empty catches every error. timer: date | duration | cycle, with `when`. activity: what is compensated.
    key: the correlation key of a message; the business key when it is None.
    """

    trigger: Trigger = Trigger.NONE
    name: str = ""
    timer: str = ""
    when: Expression | None = None
    activity: str = ""
    key: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """How often an activity runs. style: standard | sequential | parallel.

    condition: goes on while true (standard), or ends the rest when true (the others). maximum: 0 is no limit.
    collection: name of the list of which each run gets one as `item`; results go into the list `output`.
    """

    style: str
    condition: Expression | None = None
    is_tested_before: bool = False
    maximum: int = 0
    cardinality: Expression | None = None
    collection: str = ""
    item: str = ""
    output: str = ""
    output_item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A value that goes in or out of an activity: an expression, and the name that gets its value."""

    source: Expression
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A flow node. scope: id of the sub-process it stands in, empty in the process itself.

    implementation: connector (service, send) or decision (business rule) as the file names it.
    result: variable that gets a script's value. groups: lanes and owners, innermost first. candidates: who
    may do a task, any of them; who computes them instead: FEEL. assignee: FEEL, the person a
    task is given to. form: key of what a user task asks.
    """

    id: str
    kind: Kind
    name: str = ""
    line: int = 0
    scope: str = ""
    event: Event | None = None
    loop: Loop | None = None
    interrupting: bool = True
    attached_to: str = ""
    default: str = ""
    implementation: str = ""
    called: str = ""
    script: Expression | None = None
    result: str = ""
    form: str = ""
    due: Expression | None = None
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    groups: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    who: Expression | None = None
    assignee: Expression | None = None
    compensates: bool = False
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Expression | None = None
    scope: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElement:
    """A data object, store, input or output. kind: the name of its XML element."""

    id: str
    kind: str
    name: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane with the nodes that stand in it."""

    id: str
    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to know of an element. reason: a code of `reasons`; detail: what exactly, from the file."""

    element: str
    kind: str
    reason: str
    line: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process of a file. problems: what the reader itself found; compensators: activity to handler."""

    id: str
    name: str = ""
    line: int = 0
    is_executable: bool | None = None
    nodes: Mapping[str, Node] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    data: tuple[DataElement, ...] = ()
    lanes: tuple[Lane, ...] = ()
    compensators: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Finding, ...] = ()
    kept: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A pool. process: empty for one whose inside nobody drew."""

    id: str
    name: str
    process: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFlow:
    """A message between pools, from an element or pool to another."""

    id: str
    name: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """One file."""

    target: str = ""
    exporter: str = ""
    language: str = ""
    processes: tuple[Process, ...] = ()
    participants: tuple[Participant, ...] = ()
    message_flows: tuple[MessageFlow, ...] = ()
    problems: tuple[Finding, ...] = ()
    kept: tuple[Finding, ...] = ()
