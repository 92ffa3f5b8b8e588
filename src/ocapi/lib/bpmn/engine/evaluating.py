"""Expressions over an instance's variables, and what tokens wait for."""

from collections.abc import Mapping

from ocapi.lib import clock, feel
from ocapi.lib.bpmn import timing
from ocapi.lib.bpmn.engine import values
from ocapi.lib.bpmn.engine.state import Memory, Scope, ScopeKind, Token, Wait
from ocapi.lib.bpmn.engine.triggers import StepFailed
from ocapi.lib.bpmn.formula import Formula
from ocapi.lib.bpmn.model import Kind, Trigger, WaitKind
from ocapi.lib.bpmn.table import Step
from ocapi.lib.feel import showing
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.values import Value, kind_of

BUSINESS_KEY = "businessKey"
MAX_VARIABLES = 500  # of one scope
_ONE_MS = 200  # one expression
_STEP_MS = 2_000  # all expressions of a step
TRIGGERS = {
    Trigger.TIMER: WaitKind.TIMER, Trigger.MESSAGE: WaitKind.MESSAGE, Trigger.SIGNAL: WaitKind.SIGNAL,
}
"""What events wait for; the others are caught on their way out."""


class Evaluator(Memory):
    """Reads and writes variables by scope; raises StepFailed for what can't be computed."""

    spent_ms = 0.0

    def chain(self, scope: int) -> list[Scope]:
        """Give a scope and those around it, as far as a called process may look."""
        found = []
        current = self.scopes.get(scope)
        while current is not None:
            found.append(current)
            if current.kind is ScopeKind.CALL:
                break
            current = self.scopes.get(current.parent)
        return found

    def get(self, name: str, scope: int) -> Value:
        """Give a variable as seen from a scope; null when nobody set it."""
        for each in self.chain(scope):
            text = self.variables.get((each.number, name))
            if text is not None:
                return values.read(text)
        return self.business_key if name == BUSINESS_KEY else None

    def put(self, name: str, value: object, scope: int) -> None:
        """Set a variable where it stands, else in the process that the scope belongs to."""
        chain = self.chain(scope)
        holder = next((each for each in chain if (each.number, name) in self.variables), chain[-1])
        self.put_here(name, value, holder.number)

    def put_here(self, name: str, value: object, scope: int) -> None:
        """Set a variable in this very scope."""
        if not name or len(name) > 200:
            raise StepFailed("variableName", name[:80])
        if (scope, name) not in self.variables:
            held = sum(1 for each in self.variables if each[0] == scope)
            if held >= MAX_VARIABLES:
                raise StepFailed("tooManyVariables", str(MAX_VARIABLES))
        try:
            self.variables[(scope, name)] = values.write(value)
        except values.NotStorable as refusal:
            raise StepFailed(refusal.reason, f"{name}: {refusal.detail}") from None

    def value(self, formula: Formula, scope: int, extra: Mapping[str, object] | None = None) -> Value:
        """Evaluate an expression; raises StepFailed when it has no value or takes too much."""
        given = {
            name: extra[name] if extra and name in extra else self.get(name, scope) for name in formula.names
        }
        started = clock.monotonic()
        limits = feel.Limits(milliseconds=max(1, min(_ONE_MS, _STEP_MS - int(self.spent_ms))))
        try:
            outcome = formula.code.evaluate(given, now=self.world.now, limits=limits)
        except feel.BudgetExceeded as spent:
            raise StepFailed("expressionBudget", spent.limit) from None
        except feel.NotAValue as refusal:
            raise StepFailed("notAValue", str(refusal)) from None  # names a type, no value
        finally:
            self.spent_ms += (clock.monotonic() - started) * 1000
        if outcome.value is None and outcome.issues:
            issue = outcome.issues[0]
            raise StepFailed("expressionFailed", f"{issue.code}: {formula.text}"[:200])
        return outcome.value

    def holds(self, formula: Formula, scope: int, extra: Mapping[str, object] | None = None) -> bool:
        """Evaluate a condition; anything but true and false fails the step."""
        answer = self.value(formula, scope, extra)
        if not isinstance(answer, bool):
            raise StepFailed("conditionNotBoolean", f"{kind_of(answer)}: {formula.text}"[:200])
        return answer

    def text(self, formula: Formula, scope: int) -> str:
        """Evaluate to a text: a correlation key, which also a number may be."""
        answer = self.value(formula, scope)
        if answer is None or isinstance(answer, list | dict):
            raise StepFailed("keyMissing", formula.text[:100])
        shown = showing.show(Run(now=self.world.now), answer)
        if len(shown) > 200:
            raise StepFailed("keyTooLong", formula.text[:100])
        return shown

    def key_of(self, step: Step, scope: int) -> str:
        """Give the correlation key of a message at a node: its own, or the business key."""
        return self.text(step.key, scope) if step.key is not None else self.business_key

    def due(self, step: Step, scope: int) -> timing.Due:
        """Give when a timer at a node is due."""
        assert step.when is not None or step.literal
        value = step.literal or (self.value(step.when, scope) if step.when else None)
        try:
            return timing.read(kind=step.event.timer, value=value, now=self.world.now)
        except timing.NotATime:
            raise StepFailed("notATime", step.when.text[:100] if step.when else step.literal) from None

    def wait_for(self, step: Step, *, scope: int, token: int) -> Wait:
        """Give the wait for the event at a node."""
        kind = WaitKind.MESSAGE if step.kind is Kind.RECEIVE else TRIGGERS[step.trigger]
        if kind is WaitKind.TIMER:
            due = self.due(step, scope)
            return Wait(scope=scope, token=token, node=step.id, kind=kind, due_at=due.at, left=due.left,
                        every=due.every)
        key = self.key_of(step, scope) if kind is WaitKind.MESSAGE else ""
        return Wait(scope=scope, token=token, node=step.id, kind=kind, name=step.event.name, key=key)

    def arm_boundary(self, token: Token, step: Step) -> None:
        """Begin to wait for the events attached to an activity."""
        steps = self.table_of(token.scope).steps
        attached = [steps[each] for each in step.boundary]
        self.waits += [
            self.wait_for(each, scope=token.scope, token=token.number)
            for each in attached if each.trigger in TRIGGERS
        ]

    def arm_handlers(self, scope: Scope) -> None:
        """Begin to wait for the events that start a scope's event sub-processes."""
        table = self.world.table(scope.process)
        area = table.areas["" if scope.kind is not ScopeKind.SUB else scope.node]
        for _handler, start in area.handlers:
            step = table.steps[start]
            if step.trigger in TRIGGERS:
                self.waits.append(self.wait_for(step, scope=scope.number, token=0))
