"""A run in memory that touches nothing outside: to try a drawing before it is published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ocapi.lib.bpmn.engine import (
    CallFailed,
    Changes,
    Completed,
    Happening,
    Incident,
    Occurred,
    Passage,
    Scope,
    Sent,
    Skipped,
    Snapshot,
    Started,
    StepRefused,
    Token,
    Wait,
    WaitKind,
    take_step,
    values,
)
from ocapi.lib.bpmn.engine.state import ROOT, Stage
from ocapi.lib.bpmn.table import StepTable
from ocapi.lib.feel.values import Value

Decide = Callable[[str, Mapping[str, object], datetime], object]
MAX_WAITS = 1_000  # of one trial, repetitions included
MAX_NODES = 50_000  # all steps of a trial together: it is played again for each move
MAX_DECISIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something a trial waits for. number: names it until the next step; kind: of the wait, or `incident`."""

    number: int
    kind: str
    node: str
    name: str = ""
    key: str = ""
    group: str = ""
    title: str = ""
    due_at: datetime | None = None
    values: Mapping[str, Value] | None = None
    reason: str = ""


class Trial:
    """One run of the processes of a file. Its clock stands still but for the timers that are jumped.

    decide: answers decisions, raises LookupError for an unknown one and ValueError for one without answer.
    """

    def __init__(self, tables: Mapping[str, StepTable], *, decide: Decide, now: datetime) -> None:
        self.now = now
        self.tables = dict(tables)
        self.ended = False
        self.history: list[Passage] = []
        self.sent: list[Sent] = []
        self.next_number = ROOT
        self.nodes_passed = self.decisions_asked = 0
        self._decide = decide
        self._scopes: dict[int, Scope] = {}
        self._tokens: dict[int, Token] = {}
        self._waits: list[Wait] = []
        self._variables: dict[tuple[int, str], str] = {}
        self._kept: dict[tuple[int, int], str] = {}
        self._open: dict[int, Incident] = {}

    def table(self, reference: str) -> StepTable:
        """Give the step table of a process of the file."""
        return self.tables[reference]

    def find_process(self, key: str) -> str | None:
        """Give a process of the file, None for another."""
        return key if key in self.tables else None

    def decide(self, name: str, given: Mapping[str, object]) -> object:
        """Ask a decision; raises ValueError when there were too many."""
        self.decisions_asked += 1
        if self.decisions_asked > MAX_DECISIONS:
            raise ValueError("tooManyDecisions")
        return self._decide(name, given, self.now)

    def results(self, scope: int) -> Mapping[int, str]:
        """Give what the runs of a repetition left."""
        return {index: text for (number, index), text in self._kept.items() if number == scope}

    @property
    def variables(self) -> dict[str, Value]:
        """Give the variables of the process by name."""
        return {
            name: values.read(text) for (scope, name), text in sorted(self._variables.items())
            if scope == ROOT
        }

    @property
    def standing(self) -> tuple[Standing, ...]:
        """Give what is waited for and where it is stuck, the oldest first."""
        waits = tuple(
            Standing(
                number=place, kind=each.kind.value, node=each.node, name=each.name, key=each.key,
                group=each.group, title=each.title, due_at=each.due_at, values=_given(each),
            ) for place, each in enumerate(self._waits)
        )
        stuck = tuple(
            Standing(number=-token, kind="incident", node=each.node, reason=each.reason, title=each.detail)
            for token, each in self._open.items()
        )
        return waits + stuck

    @property
    def nodes(self) -> tuple[str, ...]:
        """Give where tokens stand, by id."""
        running = [each for each in self._tokens.values() if each.stage is not Stage.DONE]
        return tuple(dict.fromkeys(each.node for each in running))

    def start(self, process: str, given: Mapping[str, object], *, at: str = "") -> None:
        """Begin a run, at a start event when one is named; raises StepRefused."""
        self._step(Started(process=process, at=at, values=given), scope=0)

    def complete(self, number: int, given: Mapping[str, object]) -> None:
        """Do the task or answer the call that a number names; raises StepRefused, LookupError."""
        wait = self._take(number, WaitKind.TASK, WaitKind.CALL)
        self._step(Completed(token=wait.token, values=given), scope=wait.scope, done=wait)

    def fail(self, number: int, *, error: str) -> None:
        """Let a call fail, with an error code the drawing may catch; raises LookupError."""
        wait = self._take(number, WaitKind.CALL)
        self._step(CallFailed(token=wait.token, reason="connectorFailed", error=error), scope=wait.scope)

    def occur(self, number: int, given: Mapping[str, object]) -> None:
        """Let a timer go off, at its own instant, or a message or signal arrive; raises LookupError."""
        wait = self._take(number, WaitKind.TIMER, WaitKind.MESSAGE, WaitKind.SIGNAL)
        self.now = max(self.now, wait.due_at) if wait.due_at else self.now
        self._step(Occurred(
            scope=wait.scope, token=wait.token, node=wait.node, values=given, left=wait.left,
            every=wait.every, name=wait.name, key=wait.key,
        ), scope=wait.scope, done=wait)

    def skip(self, number: int) -> None:
        """Go on past what is stuck; raises StepRefused, LookupError."""
        if -number not in self._open:
            raise LookupError(number)
        self._step(Skipped(token=-number), scope=self._tokens[-number].scope)

    def _take(self, number: int, *kinds: WaitKind) -> Wait:
        if not 0 <= number < len(self._waits) or self._waits[number].kind not in kinds:
            raise LookupError(number)
        return self._waits[number]

    def _step(self, happened: Happening, *, scope: int, done: Wait | None = None) -> None:
        path = self._scopes[scope].path if scope else ""
        chain = tuple(each for each in self._scopes.values() if path and path.startswith(each.path))
        numbers = {each.number for each in chain}
        before = Snapshot(
            scopes=chain, next_number=self.next_number, business_key="PROEF",
            tokens=tuple(each for each in self._tokens.values() if each.scope in numbers),
            variables={key: text for key, text in self._variables.items() if key[0] in numbers},
        )
        made = take_step(before, happened, self)
        if done is not None:
            self._waits.remove(done)
        self._apply(made)
        self.nodes_passed += made.nodes
        if self.nodes_passed > MAX_NODES:
            raise StepRefused("stepBudget", f"more than {MAX_NODES} nodes")
        if len(self._waits) > MAX_WAITS:
            raise StepRefused("tooManyRuns", f"more than {MAX_WAITS} at once")

    def _apply(self, made: Changes) -> None:
        self._drop(made)
        cleared = set(made.cleared)
        self._waits = [
            each for each in self._waits
            if each.token not in cleared and not (not each.token and each.scope in made.disarmed)
        ] + list(made.waits)
        for number in (*made.removed_tokens, *made.resolved):
            self._open.pop(number, None)
        for number in made.removed_tokens:
            self._tokens.pop(number, None)
        self._scopes |= {each.number: each for each in (*made.new_scopes, *made.changed_scopes)}
        self._tokens |= {each.number: each for each in (*made.new_tokens, *made.changed_tokens)}
        self._open |= {each.token: each for each in made.incidents}
        self._variables |= made.variables
        self._kept |= made.results
        self.sent += made.sent
        self.history += made.history
        self.next_number, self.ended = made.next_number, made.ended
        if made.ended:
            self._waits = []

    def _drop(self, made: Changes) -> None:
        for dropped in made.dropped:
            known = self._scopes.get(dropped.number)
            if known is None:
                continue
            gone = {each.number for each in self._scopes.values() if each.path.startswith(known.path)}
            lost = {each.number for each in self._tokens.values() if each.scope in gone}
            self._scopes = {key: each for key, each in self._scopes.items() if key not in gone}
            self._tokens = {key: each for key, each in self._tokens.items() if key not in lost}
            self._open = {key: each for key, each in self._open.items() if key not in lost}
            self._waits = [each for each in self._waits if each.scope not in gone]
            self._variables = {key: text for key, text in self._variables.items() if key[0] not in gone}
            self._kept = {key: text for key, text in self._kept.items() if key[0] not in gone}


def _given(wait: Wait) -> Mapping[str, Value] | None:
    if not wait.values:
        return None
    found = values.read(wait.values)
    return found if isinstance(found, dict) else None
