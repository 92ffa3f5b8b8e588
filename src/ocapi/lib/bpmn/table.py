"""The step table: what the engine needs of a process, compiled once and shared by all its instances."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ocapi.lib.bpmn.formula import Formula
from ocapi.lib.bpmn.model import Event, Kind, Loop, Trigger, WaitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A sequence flow; it is taken always when it has no condition."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How often an activity runs; see model.Loop."""

    loop: Loop
    condition: Formula | None = None
    cardinality: Formula | None = None
    collection: Formula | None = None
    output_item: Formula | None = None

    @property
    def is_standard(self) -> bool:
        """Say whether it goes on while a condition holds."""
        return self.loop.style == "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A node, ready to be executed.

    reference: what it is about: connector, decision or process called. boundary: events attached to it.
    form: key of what a user task asks. group and others: who may do it; who computes them; assignee: whom it
    is given to.
    waits_for: what an event gateway waits for. literal: a timer's own ISO text. own_wait: what a token waits
    for at a task, one of it; waits: that and what the events around it add. undo: the activity that
    compensates this one; is_undo: this is such an activity, which no flow leads to.
    """

    id: str
    kind: Kind
    name: str = ""
    scope: str = ""
    outgoing: tuple[Arc, ...] = ()
    incoming: tuple[str, ...] = ()
    default: str = ""
    event: Event = field(default_factory=Event)
    when: Formula | None = None
    literal: str = ""
    key: Formula | None = None
    repeat: Repeat | None = None
    interrupting: bool = True
    attached_to: str = ""
    boundary: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    reference: str = ""
    script: Formula | None = None
    result: str = ""
    form: str = ""
    due: Formula | None = None
    inputs: tuple[tuple[Formula, str], ...] = ()
    outputs: tuple[tuple[Formula, str], ...] = ()
    group: str = ""
    others: tuple[str, ...] = ()
    who: Formula | None = None
    assignee: Formula | None = None
    link: str = ""
    own_wait: WaitKind | None = None
    undo: str = ""
    is_undo: bool = False
    waits: frozenset[WaitKind] = frozenset()

    @property
    def trigger(self) -> Trigger:
        """Give what the event is about."""
        return self.event.trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The inside of a (sub-)process: where it starts, and its event sub-processes with their starts."""

    starts: tuple[str, ...] = ()
    handlers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTable:
    """A process that can be executed.

    areas: by sub-process id, empty for the process itself. upstream: inclusive gateway to the nodes from
    which a token could still come. starts: start events with a trigger of their own.
    """

    process: str
    name: str = ""
    steps: Mapping[str, Step] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    upstream: Mapping[str, frozenset[str]] = field(default_factory=dict)
    starts: tuple[str, ...] = ()
