"""Tokens on their way: the queue of what is still to be done in this step, and moving along flows."""

from collections import deque
from collections.abc import Iterable, Mapping
from enum import StrEnum

from ocapi.lib.bpmn.engine import values
from ocapi.lib.bpmn.engine.evaluating import Evaluator
from ocapi.lib.bpmn.engine.state import (
    Incident,
    Scope,
    ScopeKind,
    Sent,
    Snapshot,
    Stage,
    Token,
    World,
)
from ocapi.lib.bpmn.engine.triggers import StepFailed
from ocapi.lib.bpmn.model import Kind, Trigger
from ocapi.lib.bpmn.table import Arc, Step

MAX_TEXT = 300  # characters of an incident's detail


class Phase(StrEnum):
    """What is to be done with a token: enter, do the work, say it is done, go on; or end its scope."""

    ENTER = "enter"
    BODY = "body"
    COMPLETE = "complete"
    LEAVE = "leave"
    CLOSE = "close"


class Walk(Evaluator):
    """An instance during a step."""

    def __init__(self, before: Snapshot, world: World) -> None:
        super().__init__(before, world)
        self.queue: deque[tuple[Phase, int]] = deque()

    def push(self, phase: Phase, token: Token) -> None:
        """Put a token in the queue."""
        self.queue.append((phase, token.number))

    def push_close(self, scope: int) -> None:
        """Look later whether a scope has become empty."""
        self.queue.append((Phase.CLOSE, scope))

    def consume(self, token: Token) -> None:
        """End a token; its scope may be empty now."""
        self.remove_token(token)
        self.push_close(token.scope)

    def is_item(self, token: Token) -> bool:
        """Say whether a token is one run of a repeated activity."""
        scope = self.scopes[token.scope]
        return scope.kind is ScopeKind.ITEM and scope.node == token.node

    def fail(self, token: Token, phase: Phase, reason: str, detail: str = "") -> None:
        """Let a token stand still with an incident; it tries again from its node, or from leaving it."""
        if token.child:
            self.drop(token.child)
        self.clear(token.number)
        stage = Stage.STUCK_LEAVING if phase is Phase.LEAVE else Stage.STUCK_ENTERING
        self.change(token, stage=stage, child=0)
        self.incidents[token.number] = Incident(
            token=token.number, node=token.node, reason=reason, detail=detail[:MAX_TEXT]
        )
        self.note(token.node, "incident", token.number)

    def open_area(self, scope: Scope, area: str) -> None:
        """Start what begins a process or sub-process."""
        self.arm_handlers(scope)
        starts = self.world.table(scope.process).areas[area].starts
        for node in starts:
            self.push(Phase.ENTER, self.add_token(scope=scope.number, node=node))

    def move(self, token: Token, arcs: Iterable[Arc]) -> None:
        """Send a token along flows: the first takes the token itself, the others a new one."""
        chosen = list(arcs)
        self.clear(token.number)
        self.note(token.node, "left", token.number)
        if not chosen:
            self.consume(token)
            return
        for place, arc in enumerate(chosen):
            if place == 0:
                moved = self.change(
                    token, node=arc.target, via=arc.id, stage=Stage.MOVING, child=0, turns=0
                )
            else:
                moved = self.add_token(scope=token.scope, node=arc.target, via=arc.id)
            self.push(Phase.ENTER, moved)

    def open_arcs(self, step: Step, scope: int) -> list[Arc]:
        """Give the flows out of a node whose condition holds, the default flow when no other does."""
        if step.kind is Kind.PARALLEL:
            return list(step.outgoing)
        plain = [each for each in step.outgoing if each.id != step.default]
        chosen = [each for each in plain if each.condition is None or self.holds(each.condition, scope)]
        is_choice = step.kind is Kind.INCLUSIVE or any(each.condition is not None for each in plain)
        if step.default and not any(
            each.condition is not None or step.kind is Kind.INCLUSIVE for each in chosen
        ):
            chosen += [each for each in step.outgoing if each.id == step.default]
        if not chosen and step.outgoing and is_choice:
            raise StepFailed("noFlow", "no condition holds and there is no default flow")
        return chosen

    def send(self, step: Step, scope: int) -> None:
        """Let a message or signal out, with what the node hands it."""
        carried = {name: self.value(formula, scope) for formula, name in step.inputs}
        try:
            written = {name: values.write(value) for name, value in carried.items()}
        except values.NotStorable as refusal:
            raise StepFailed(refusal.reason, refusal.detail) from None
        is_signal = step.trigger is Trigger.SIGNAL
        self.sent.append(Sent(
            trigger=Trigger.SIGNAL if is_signal else Trigger.MESSAGE, name=step.event.name,
            key="" if is_signal else self.key_of(step, scope), values=written,
        ))

    def put_all(self, given: Mapping[str, object], scope: int) -> None:
        """Set variables by name."""
        for name, value in given.items():
            self.put(name, value, scope)
