"""A process on its way to a step table: what is where, and what stands in the way so far."""

from collections import defaultdict

from ocapi.lib import feel
from ocapi.lib.bpmn import model
from ocapi.lib.bpmn.formula import Formula, NotFeel, compile_formula
from ocapi.lib.bpmn.model import Expression, Finding, Kind, Node, Trigger


class Compiling:
    """One process on its way to a step table; every problem is collected, none stops the rest."""

    def __init__(self, process: model.Process, *, language: str = "") -> None:
        self.process = process
        self.language = language
        self.problems: list[Finding] = list(process.problems)
        self.notes: list[Finding] = list(process.kept)
        self.nodes = process.nodes
        self.out: dict[str, list[model.Flow]] = defaultdict(list)
        self.into: dict[str, list[model.Flow]] = defaultdict(list)
        self.inside: dict[str, list[Node]] = defaultdict(list)
        self.attached: dict[str, list[Node]] = defaultdict(list)
        self.names = tuple(dict.fromkeys(each.name for each in process.data if " " in each.name))
        for flow in process.flows:
            self.out[flow.source].append(flow)
            self.into[flow.target].append(flow)
        for node in process.nodes.values():
            self.inside[node.scope].append(node)
            if node.kind is Kind.BOUNDARY:
                self.attached[node.attached_to].append(node)

    def problem(self, node: Node, reason: str, detail: str = "") -> None:
        """Note why a node can't be executed."""
        self.problems.append(Finding(
            element=node.id, kind=node.kind.value, reason=reason, line=node.line, detail=detail
        ))

    def formula(self, expression: Expression | None, element: str, kind: str) -> Formula | None:
        """Compile an expression; a refusal is noted under the element."""
        if expression is None:
            return None
        try:
            return compile_formula(expression, language=self.language, names=self.names)
        except NotFeel as refusal:
            reason, detail = "notFeel", str(refusal)
        except feel.FeelSyntaxError as refusal:
            reason, detail = "expressionRefused", f"{refusal}: {expression.text[:80]}"
        self.problems.append(Finding(
            element=element, kind=kind, reason=reason, line=expression.line, detail=detail
        ))
        return None

    def starts_of(self, scope: str) -> tuple[Node, ...]:
        """Give where an area begins: its start events, else the nodes nothing leads to."""
        inside = self.inside[scope]
        events = tuple(node for node in inside if node.kind is Kind.START)
        if events:
            return events
        return tuple(
            node for node in inside
            if not self.into[node.id] and node.kind not in (Kind.BOUNDARY, Kind.EVENT_SUB_PROCESS)
            and not node.compensates and not (node.kind is Kind.CATCH and trigger_of(node) is Trigger.LINK)
        )


def trigger_of(node: Node) -> Trigger:
    """Give what an event is about; none for what is no event."""
    return node.event.trigger if node.event else Trigger.NONE
