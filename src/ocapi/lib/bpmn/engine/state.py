"""What a step knows and what it changes: tokens, scopes, waits, variables, and the lines of history."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from ocapi.lib.bpmn.model import Trigger, WaitKind
from ocapi.lib.bpmn.table import Step, StepTable

T = TypeVar("T")
ROOT = 1
"""The number of an instance's outermost scope."""


class Stage(StrEnum):
    """Where a token stands in its node.

    hosting: something inside runs for it. joining: waits at a gateway for others. entering and leaving: could
    not go on; an incident says why. done: no token that runs, but the memory of an activity that can be
    compensated; undoing: waits while what it compensates is undone.
    """

    MOVING = "moving"
    WAITING = "waiting"
    HOSTING = "hosting"
    JOINING = "joining"
    STUCK_ENTERING = "entering"
    STUCK_LEAVING = "leaving"
    DONE = "done"
    UNDOING = "undoing"


class ScopeKind(StrEnum):
    """What a scope is the inside of; many: all runs of a repeated activity, item: one of them."""

    PROCESS = "process"
    SUB = "sub"
    CALL = "call"
    MANY = "many"
    ITEM = "item"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """Where an instance is. via: flow it came by; child: scope it hosts; turns: of a standard loop."""

    number: int
    scope: int
    node: str
    stage: Stage = Stage.MOVING
    via: str = ""
    child: int = 0
    turns: int = 0


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The inside of a process, sub-process or repetition.

    host: token of the parent it runs for, 0 for none. process: reference of the step table. total, started,
    done: runs of a repetition; index: which run this is, from 0. path: numbers from the outermost scope.
    """

    number: int
    parent: int = 0
    host: int = 0
    node: str = ""
    kind: ScopeKind = ScopeKind.PROCESS
    process: str = ""
    path: str = ""
    total: int = 0
    started: int = 0
    done: int = 0
    index: int = 0


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Something waited for. token: 0 when a scope's event sub-process waits. node: what goes on then.

    name: of message, signal or connector; key: correlates; group and others: who may do a task; assignee:
    uuid of the person it is given to, empty for nobody; values: what a connector is given, as JSON; left and
    every: what remains of a cycle.
    """

    scope: int
    token: int
    node: str
    kind: WaitKind
    name: str = ""
    key: str = ""
    due_at: datetime | None = None
    left: int = 0
    every: str = ""
    group: str = ""
    others: tuple[str, ...] = ()
    assignee: str = ""
    values: str = ""
    title: str = ""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A step that could not be taken. reason: code; detail: without values of variables."""

    token: int
    node: str
    reason: str
    detail: str = ""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A line of history: what happened at a node; of a correction, `node` names the variable."""

    node: str
    what: str
    token: int = 0


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message or signal that left the instance. values: variables that go along, as JSON by name."""

    trigger: Trigger
    name: str
    key: str
    values: Mapping[str, str]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a step begins with: the scopes from the affected one outward, their tokens and variables.

    variables: JSON by (scope, name). next_number: first free number of tokens and scopes.
    """

    scopes: tuple[Scope, ...] = ()
    tokens: tuple[Token, ...] = ()
    variables: Mapping[tuple[int, str], str] = msgspec.field(default_factory=dict)
    next_number: int = ROOT
    business_key: str = ""


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a step changes. cleared: tokens whose waits end, which can be of `cleared_kinds` and no others.

    dropped: scopes that end with all inside.

    results: of runs of a repetition, JSON by (scope, index). disarmed: scopes whose event sub-processes no
    longer wait. ended: the instance is complete.
    """

    new_scopes: tuple[Scope, ...] = ()
    changed_scopes: tuple[Scope, ...] = ()
    dropped: tuple[Scope, ...] = ()
    new_tokens: tuple[Token, ...] = ()
    changed_tokens: tuple[Token, ...] = ()
    removed_tokens: tuple[int, ...] = ()
    cleared: tuple[int, ...] = ()
    cleared_kinds: frozenset[WaitKind] = frozenset()
    disarmed: tuple[int, ...] = ()
    waits: tuple[Wait, ...] = ()
    variables: Mapping[tuple[int, str], str] = msgspec.field(default_factory=dict)
    results: Mapping[tuple[int, int], str] = msgspec.field(default_factory=dict)
    sent: tuple[Sent, ...] = ()
    incidents: tuple[Incident, ...] = ()
    resolved: tuple[int, ...] = ()
    history: tuple[Passage, ...] = ()
    next_number: int = ROOT
    nodes: int = 0
    ended: bool = False


class World(Protocol):
    """What a step may ask of outside; all of it stays as it is while the step is taken."""

    now: datetime

    def table(self, reference: str) -> StepTable:
        """Give the step table of a reference stored in a scope."""

    def find_process(self, key: str) -> str | None:
        """Give the reference of the newest version of a process, for a call activity."""

    def decide(self, name: str, values: Mapping[str, object]) -> object:
        """Give a decision's answer; raises LookupError for an unknown one, ValueError when it has none."""

    def results(self, scope: int) -> Mapping[int, str]:
        """Give the results that runs of a repetition left in earlier steps, JSON by index."""


class Memory:
    """A snapshot being changed; it remembers what differs."""

    def __init__(self, before: Snapshot, world: World) -> None:
        self.world = world
        self.business_key = before.business_key
        self.scopes = {each.number: each for each in before.scopes}
        self.tokens = {each.number: each for each in before.tokens}
        self.variables = dict(before.variables)
        self.next_number = before.next_number
        self.by_scope: dict[int, dict[int, None]] = {}
        for each in before.tokens:
            self.by_scope.setdefault(each.scope, {})[each.number] = None
        self._old_scopes = dict(self.scopes)
        self._old_tokens = dict(self.tokens)
        self._old_variables = before.variables
        self._dropped: dict[int, Scope] = {}
        self.cleared: dict[int, None] = {}
        self.cleared_kinds: set[WaitKind] = set()
        self.disarmed: dict[int, None] = {}
        self.waits: list[Wait] = []
        self.results: dict[tuple[int, int], str] = {}
        self.sent: list[Sent] = []
        self.incidents: dict[int, Incident] = {}
        self.resolved: list[int] = []
        self.history: list[Passage] = []
        self.nodes = 0
        self.ended = False

    def number(self) -> int:
        """Give the next free number."""
        self.next_number += 1
        return self.next_number - 1

    def table_of(self, scope: int) -> StepTable:
        """Give the step table by which a scope runs."""
        return self.world.table(self.scopes[scope].process)

    def step(self, token: Token) -> Step:
        """Give the node at which a token stands."""
        return self.table_of(token.scope).steps[token.node]

    def add_token(self, *, scope: int, node: str, stage: Stage = Stage.MOVING, via: str = "") -> Token:
        """Put a new token in a scope."""
        made = Token(number=self.number(), scope=scope, node=node, stage=stage, via=via)
        self.tokens[made.number] = made
        self.by_scope.setdefault(scope, {})[made.number] = None
        return made

    def change(self, token: Token, **changes: object) -> Token:
        """Give the token with other values, and remember it."""
        changed = replace(token, **changes)
        self.tokens[token.number] = changed
        return changed

    def running(self, scope: int) -> list[Token]:
        """Give the tokens of a scope that still run."""
        held = [self.tokens[each] for each in self.by_scope.get(scope, ())]
        return [each for each in held if each.stage is not Stage.DONE]

    def done(self, scope: int) -> list[Token]:
        """Give the memories of a scope's activities that can be compensated, the oldest first."""
        held = [self.tokens[each] for each in sorted(self.by_scope.get(scope, ()))]
        return [each for each in held if each.stage is Stage.DONE]

    def remove_token(self, token: Token) -> None:
        """Take a token away with all that waits for it and all that runs inside it."""
        if self.tokens.pop(token.number, None) is None:
            return
        self.by_scope.get(token.scope, {}).pop(token.number, None)
        self.clear(token.number)
        if token.child:
            self.drop(token.child)
        if token.number in self.incidents:
            del self.incidents[token.number]
        elif token.stage in (Stage.STUCK_ENTERING, Stage.STUCK_LEAVING):
            self.resolved.append(token.number)

    def clear(self, token: int, *, done: WaitKind | None = None) -> None:
        """End all waits of a token. done: of the one it had of its own, which who stores it took away."""
        if self.waits:
            self.waits = [each for each in self.waits if each.token != token]
        old = self._old_tokens.get(token)
        if old is None or token in self.cleared or old.scope not in self.scopes:
            return
        kinds = self.table_of(old.scope).steps[old.node].waits
        self.cleared[token] = None
        self.cleared_kinds |= kinds - {done} if done is not None else kinds

    def disarm(self, scope: int) -> None:
        """End the waits of a scope's event sub-processes."""
        held = self.scopes[scope]
        if self.world.table(held.process).areas[area_of(held)].handlers:
            self.waits = [each for each in self.waits if each.token or each.scope != scope]
            self.disarmed[scope] = None

    def add_scope(
        self, *, parent: Scope | None, host: int, node: str, kind: ScopeKind, process: str, total: int = 0,
        index: int = 0,
    ) -> Scope:
        """Open a scope."""
        number = self.number()
        made = Scope(
            number=number, parent=parent.number if parent else 0, host=host, node=node, kind=kind,
            process=process, path=f"{parent.path if parent else ''}{number}.", total=total, index=index,
        )
        self.scopes[number] = made
        return made

    def change_scope(self, scope: Scope, **changes: int) -> Scope:
        """Give the scope with other counts, and remember it."""
        changed = replace(scope, **changes)
        self.scopes[scope.number] = changed
        return changed

    def drop(self, number: int) -> None:
        """End a scope with everything inside, also what was not loaded."""
        known = self.scopes.get(number)
        if known is None:
            self._dropped.setdefault(number, Scope(number=number))
            return
        inside = [each for each in self.scopes.values() if each.path.startswith(known.path)]
        for scope in inside:
            for token in [self.tokens[each] for each in self.by_scope.pop(scope.number, {})]:
                self.tokens.pop(token.number, None)
                if token.child and token.child not in self.scopes:
                    self.drop(token.child)
                self.incidents.pop(token.number, None)
            self.waits = [each for each in self.waits if each.scope != scope.number]
            del self.scopes[scope.number]
            for key in [each for each in self.variables if each[0] == scope.number]:
                del self.variables[key]
        self.results = {key: value for key, value in self.results.items() if key[0] in self.scopes}
        if number in self._old_scopes:
            self._dropped[number] = known

    def note(self, node: str, what: str, token: int = 0) -> None:
        """Add a line to the history."""
        self.history.append(Passage(node=node, what=what, token=token))

    def changes(self) -> Changes:
        """Give all that differs from the snapshot."""
        return Changes(
            new_scopes=_new(self.scopes, self._old_scopes), dropped=tuple(self._dropped.values()),
            changed_scopes=_changed(self.scopes, self._old_scopes),
            new_tokens=_new(self.tokens, self._old_tokens),
            changed_tokens=_changed(self.tokens, self._old_tokens),
            removed_tokens=tuple(each for each in self._old_tokens if each not in self.tokens),
            cleared=tuple(self.cleared), cleared_kinds=frozenset(self.cleared_kinds),
            disarmed=tuple(each for each in self.disarmed if each in self._old_scopes),
            waits=tuple(self.waits),
            variables={
                key: text for key, text in self.variables.items() if self._old_variables.get(key) != text
            },
            results=self.results, sent=tuple(self.sent), incidents=tuple(self.incidents.values()),
            resolved=tuple(self.resolved), history=tuple(self.history), next_number=self.next_number,
            nodes=self.nodes, ended=self.ended,
        )


def area_of(scope: Scope) -> str:
    """Give the area of its step table that a process or sub-process is the inside of."""
    return scope.node if scope.kind is ScopeKind.SUB else ""


def _new(now: Mapping[int, T], before: Mapping[int, T]) -> tuple[T, ...]:
    return tuple(each for number, each in now.items() if number not in before)


def _changed(now: Mapping[int, T], before: Mapping[int, T]) -> tuple[T, ...]:
    return tuple(each for number, each in now.items() if number in before and before[number] != each)
