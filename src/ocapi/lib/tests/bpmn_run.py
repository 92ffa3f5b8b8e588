"""An instance in memory, stepped as storage would: only the affected scopes go into a step."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ocapi.lib.bpmn import StepTable, inspect
from ocapi.lib.bpmn.engine import (
    CallFailed,
    Changes,
    Completed,
    Happening,
    Incident,
    Occurred,
    Retried,
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
from ocapi.lib.tests.bpmn_models import process

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class Instance:
    """One instance; `node` arguments name the node of a task, event or incident."""

    def __init__(self, *files: bytes) -> None:
        self.now = NOW
        self.tables: dict[str, StepTable] = {}
        for raw in files:
            for report in inspect(raw).processes:
                assert report.table is not None, report.reasons
                self.tables[report.id] = report.table
        self.scopes: dict[int, Scope] = {}
        self.tokens: dict[int, Token] = {}
        self.waits: list[Wait] = []
        self.variables: dict[tuple[int, str], str] = {}
        self.kept: dict[tuple[int, int], str] = {}
        self.open: dict[int, Incident] = {}
        self.sent: list[Sent] = []
        self.history: list[str] = []
        self.next_number = 1
        self.ended = False
        self.last = Changes()

    def table(self, reference: str) -> StepTable:
        return self.tables[reference]

    def find_process(self, key: str) -> str | None:
        return key if key in self.tables else None

    def decide(self, name: str, given: Mapping[str, object]) -> object:
        if name != "fee":
            raise LookupError(name)
        return {"fee": 5, "seen": len(given)}

    def results(self, scope: int) -> Mapping[int, str]:
        return {index: text for (number, index), text in self.kept.items() if number == scope}

    def step(self, happened: Happening, *, scope: int = 0) -> "Instance":
        chain = [each for each in self.scopes.values() if self.scopes[scope].path.startswith(each.path)
                 ] if scope else []
        numbers = {each.number for each in chain}
        before = Snapshot(
            scopes=tuple(chain), next_number=self.next_number, business_key="VLA-1",
            tokens=tuple(each for each in self.tokens.values() if each.scope in numbers),
            variables={key: text for key, text in self.variables.items() if key[0] in numbers},
        )
        self.apply(take_step(before, happened, self))
        return self

    def apply(self, made: Changes) -> None:
        self.last = made
        for dropped in made.dropped:
            path = self.scopes[dropped.number].path
            gone = {each.number for each in self.scopes.values() if each.path.startswith(path)}
            lost = {each.number for each in self.tokens.values() if each.scope in gone}
            self.scopes = {key: each for key, each in self.scopes.items() if key not in gone}
            self.tokens = {key: each for key, each in self.tokens.items() if key not in lost}
            self.open = {key: each for key, each in self.open.items() if key not in lost}
            self.waits = [each for each in self.waits if each.scope not in gone]
            self.variables = {key: text for key, text in self.variables.items() if key[0] not in gone}
            self.kept = {key: text for key, text in self.kept.items() if key[0] not in gone}
        assert {each.kind for each in self.waits if each.token in made.cleared} <= made.cleared_kinds
        assert set(made.removed_tokens) & {each.token for each in self.waits} <= set(made.cleared)
        gone_tokens = set(made.cleared)
        self.waits = [
            each for each in self.waits
            if each.token not in gone_tokens and not (not each.token and each.scope in made.disarmed)
        ] + list(made.waits)
        for number in (*made.removed_tokens, *made.resolved):
            self.open.pop(number, None)
        for number in made.removed_tokens:
            self.tokens.pop(number, None)
        self.scopes |= {each.number: each for each in (*made.new_scopes, *made.changed_scopes)}
        self.tokens |= {each.number: each for each in (*made.new_tokens, *made.changed_tokens)}
        self.open |= {each.token: each for each in made.incidents}
        self.variables |= made.variables
        self.kept |= made.results
        self.sent += made.sent
        self.history += [f"{each.what} {each.node}" for each in made.history]
        self.next_number = made.next_number
        self.ended = made.ended
        assert {each.scope for each in self.tokens.values()} <= self.scopes.keys()
        assert {each.token for each in self.waits} <= {0, *self.tokens}
        assert not self.ended or not self.tokens

    def start(self, at: str = "", process: str = "p", **given: object) -> "Instance":
        return self.step(Started(process=process, at=at, values=given))

    def waiting(self, kind: WaitKind = WaitKind.TASK) -> list[str]:
        return sorted(each.node for each in self.waits if each.kind is kind)

    def wait_at(self, node: str) -> Wait:
        return next(each for each in self.waits if each.node == node)

    def done(self, node: str, **given: object) -> "Instance":
        wait, before = self.wait_at(node), list(self.waits)
        self.waits.remove(wait)
        try:
            return self.step(Completed(token=wait.token, values=given), scope=wait.scope)
        except StepRefused:
            self.waits = before
            raise

    def occurs(self, node: str, **given: object) -> "Instance":
        wait = self.wait_at(node)
        self.now = wait.due_at or self.now
        self.waits.remove(wait)
        return self.step(Occurred(
            scope=wait.scope, token=wait.token, node=node, values=given, left=wait.left, every=wait.every,
            name=wait.name, key=wait.key,
        ), scope=wait.scope)

    def fails(self, node: str, error: str = "") -> "Instance":
        wait = self.wait_at(node)
        return self.step(CallFailed(token=wait.token, reason="timeout", error=error), scope=wait.scope)

    def repair(self, node: str, *, skip: bool = False) -> "Instance":
        token = next(each for each in self.tokens.values() if each.node == node)
        kind = Skipped if skip else Retried
        return self.step(kind(token=token.number), scope=token.scope)

    def reasons(self) -> dict[str, str]:
        return {each.node: each.reason for each in self.open.values()}

    def value(self, name: str, scope: int = 1) -> object:
        return values.read(self.variables[(scope, name)])


def flow(*ids: str) -> str:
    """Give flows between nodes: `a>b` or `a>b?condition`."""
    made = []
    for each in ids:
        ends, _, condition = each.partition("?")
        source, _, target = ends.partition(">")
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        made.append(f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">'
                    f"{inner}</sequenceFlow>")
    return "".join(made)


def run(body: str, *flows: str, shared: str = "", start: bool = True, **given: object) -> Instance:
    """Give an instance of a process with these nodes and flows, started at `s`; `e` ends it."""
    begin = '<startEvent id="s"/>' if start else ""
    made = Instance(process(f'{begin}<endEvent id="e"/>{body}{flow(*flows)}', shared=shared))
    return made.start(**given) if start else made
