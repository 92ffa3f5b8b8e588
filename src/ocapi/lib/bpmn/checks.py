"""What stands in the way of executing a process: one small question per kind of element."""

from ocapi.lib.bpmn import model, timing, undoing
from ocapi.lib.bpmn.compiling import Compiling
from ocapi.lib.bpmn.model import Finding, Flow, Kind, Node, Trigger

MAX_NODES = 2_000
MAX_NAME = 200  # characters of an id, and of the name of a message or signal
_NEVER = {
    Kind.AD_HOC: "adHoc", Kind.COMPLEX: "complexGateway", Kind.CHOREOGRAPHY: "choreography",
}
_NEVER_EVENT = {
    Trigger.CONDITIONAL: "conditionalEvent", Trigger.MULTIPLE: "multipleEvent",
}
_WAITING = frozenset({Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL})
_ALLOWED: dict[Kind, frozenset[Trigger]] = {
    Kind.START: _WAITING | {Trigger.NONE, Trigger.ERROR, Trigger.ESCALATION},
    Kind.CATCH: _WAITING | {Trigger.LINK},
    Kind.BOUNDARY: _WAITING | {
        Trigger.ERROR, Trigger.ESCALATION, Trigger.COMPENSATION, Trigger.CANCEL,
    },
    Kind.THROW: frozenset({
        Trigger.NONE, Trigger.MESSAGE, Trigger.SIGNAL, Trigger.ESCALATION, Trigger.LINK,
        Trigger.COMPENSATION,
    }),
    Kind.END: frozenset({
        Trigger.NONE, Trigger.MESSAGE, Trigger.SIGNAL, Trigger.ERROR, Trigger.ESCALATION, Trigger.TERMINATE,
        Trigger.COMPENSATION, Trigger.CANCEL,
    }),
}


def check(work: Compiling) -> None:
    """Note all that keeps a process from being executed, expressions excepted."""
    _check_process(work)
    for flow in work.process.flows:
        _check_flow(work, flow)
    for node in work.nodes.values():
        if node.kind in _NEVER:
            work.problem(node, _NEVER[node.kind])
            continue
        if node.kind in model.EVENTS or node.event is not None:
            _check_event(work, node)
        if node.kind in model.GATEWAYS:
            _check_gateway(work, node)
        if node.kind in model.ACTIVITIES:
            _check_activity(work, node)
        if len(node.id) > MAX_NAME:
            work.problem(node, "idTooLong")
        if node.default and node.default not in {flow.id for flow in work.out[node.id]}:
            work.problem(node, "defaultUnknown", node.default)


def _check_process(work: Compiling) -> None:
    process = work.process

    def problem(reason: str) -> None:
        work.problems.append(Finding(
            element=process.id, kind="process", reason=reason, line=process.line, detail=process.name
        ))

    if not process.is_executable:
        problem("notMarked")
    if not process.nodes:
        problem("noNodes")
        return
    if not process.id:
        problem("idMissing")
    elif len(process.id) > MAX_NAME:
        problem("idTooLong")
    if len(process.nodes) > MAX_NODES or len(process.flows) > 5 * MAX_NODES:
        problem("tooLarge")
    starts = work.starts_of("")
    plain = [node for node in starts if node.event is None or node.event.trigger is Trigger.NONE]
    if not starts:
        problem("noStart")
    if len([node for node in plain if node.kind is Kind.START]) > 1:
        problem("severalStarts")


def _check_flow(work: Compiling, flow: Flow) -> None:
    source, target = work.nodes.get(flow.source), work.nodes.get(flow.target)

    def problem(reason: str, detail: str = "") -> None:
        work.problems.append(Finding(
            element=flow.id, kind="sequenceFlow", reason=reason, line=flow.line, detail=detail
        ))

    if len(flow.id) > MAX_NAME:
        problem("idTooLong")
    if source is None or target is None or source.scope != target.scope:
        problem("flowBroken", f"{flow.source} → {flow.target}")
        return
    ends = source.kind is Kind.END or Kind.EVENT_SUB_PROCESS in (source.kind, target.kind)
    if ends or target.kind in (Kind.START, Kind.BOUNDARY):
        problem("flowMisplaced", f"{flow.source} → {flow.target}")


def _check_event(work: Compiling, node: Node) -> None:
    event = node.event or model.Event()
    if event.trigger in _NEVER_EVENT:
        work.problem(node, _NEVER_EVENT[event.trigger])
        return
    if node.kind is Kind.BOUNDARY:
        host = work.nodes.get(node.attached_to)
        if host is None or host.kind not in model.ACTIVITIES or host.scope != node.scope:
            work.problem(node, "boundaryLost", node.attached_to)
        if event.trigger is Trigger.NONE:
            work.problem(node, "boundaryNone")
            return
    if node.kind is Kind.START and event.trigger is Trigger.COMPENSATION:
        work.problem(node, "compensation")
        return
    if node.kind in _ALLOWED and event.trigger not in _ALLOWED[node.kind]:
        work.problem(node, "triggerMisplaced", event.trigger.value)
        return
    if event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL) and len(event.name) > MAX_NAME:
        work.problem(node, "nameTooLong", event.name)
    _check_start(work, node, event)
    _check_trigger(work, node, event)
    if event.trigger in (Trigger.COMPENSATION, Trigger.CANCEL):
        undoing.check_event(work, node, event)


def _check_start(work: Compiling, node: Node, event: model.Event) -> None:
    if node.kind is not Kind.START:
        return
    parent = work.nodes.get(node.scope)
    is_handler = parent is not None and parent.kind is Kind.EVENT_SUB_PROCESS
    inner_only = event.trigger in (Trigger.ERROR, Trigger.ESCALATION)
    is_wrong = inner_only and not is_handler
    if parent is not None:
        is_wrong = is_wrong or (event.trigger is Trigger.NONE) is is_handler
    if is_wrong:
        work.problem(node, "triggerMisplaced", event.trigger.value)


def _check_trigger(work: Compiling, node: Node, event: model.Event) -> None:
    if event.trigger is Trigger.TIMER:
        if event.when is None:
            work.problem(node, "timerMissing")
        elif _looks_like_iso(event.when.text.strip()) and not timing.is_literal(event.when.text.strip()):
            work.problem(node, "timerRefused", event.when.text)
        elif event.timer == "cycle" and timing.is_too_often(event.when.text.strip()):
            work.problem(node, "timerTooOften", event.when.text)
    elif event.trigger is Trigger.MESSAGE and not event.name:
        # a task that sends by a connector needs no message
        if node.kind is not Kind.SEND or not node.implementation.startswith("urn:ocapi:connector:"):
            work.problem(node, "messageMissing")
    elif event.trigger is Trigger.SIGNAL and not event.name:
        work.problem(node, "signalMissing")
    elif event.trigger is Trigger.LINK:
        others = link_targets(work, node) if node.kind is Kind.THROW else link_sources(work, node)
        if not event.name or not others or (node.kind is Kind.THROW and len(others) > 1):
            work.problem(node, "linkMissing", event.name)


def _looks_like_iso(text: str) -> bool:
    return text[:1] in ("P", "R") and any(character.isdigit() for character in text[:3])


def link_targets(work: Compiling, node: Node) -> list[Node]:
    """Give the catching links of the name that a throwing link has, on the same level."""
    return _links(work, node, Kind.CATCH)


def link_sources(work: Compiling, node: Node) -> list[Node]:
    """Give the throwing links of the name that a catching link has, on the same level."""
    return _links(work, node, Kind.THROW)


def _links(work: Compiling, node: Node, kind: Kind) -> list[Node]:
    assert node.event is not None
    return [
        each for each in work.inside[node.scope]
        if each.kind is kind and each.event and each.event.trigger is Trigger.LINK
        and each.event.name == node.event.name
    ]


def _check_gateway(work: Compiling, node: Node) -> None:
    outgoing = work.out[node.id]
    if node.kind is Kind.EVENT_BASED:
        if not work.into[node.id]:
            work.problem(node, "instantiatingGateway")
        for flow in outgoing:
            target = work.nodes.get(flow.target)
            if target and target.kind not in (Kind.CATCH, Kind.RECEIVE):
                work.problem(node, "eventTarget", flow.target)
    elif node.kind in (Kind.EXCLUSIVE, Kind.INCLUSIVE) and len(outgoing) > 1:
        for flow in outgoing:
            if flow.condition is None and flow.id != node.default:
                work.problem(node, "conditionMissing", f"{flow.id} {flow.name}")


def _check_activity(work: Compiling, node: Node) -> None:
    if node.compensates:
        undoing.check_handler(work, node)
    if node.kind is Kind.SERVICE or (node.kind is Kind.SEND and node.event and not node.event.name):
        if not node.implementation.startswith("urn:ocapi:connector:"):
            work.problem(node, "connectorMissing", ", ".join(node.extensions))
    elif node.kind is Kind.RULE and not node.implementation.startswith("urn:ocapi:decision:"):
        work.problem(node, "decisionMissing", ", ".join(node.extensions))
    elif node.kind is Kind.SCRIPT and node.script is None:
        work.problem(node, "scriptMissing")
    elif node.kind is Kind.CALL and not node.called:
        work.problem(node, "calledMissing")
    elif node.kind is Kind.TASK:
        work.notes.append(Finding(
            element=node.id, kind=node.kind.value, reason="passesAtOnce", line=node.line, detail=node.name
        ))
    if node.kind in model.CONTAINERS and not work.starts_of(node.id):
        work.problem(node, "noStart")
    _check_loop(work, node)


def _check_loop(work: Compiling, node: Node) -> None:
    if node.loop is None:
        return
    if node.kind is Kind.EVENT_SUB_PROCESS:
        work.problem(node, "loopMisplaced")
    elif node.loop.style == "standard":
        if node.loop.condition is None and not node.loop.maximum:
            work.problem(node, "loopWithoutNumber")
    elif node.loop.cardinality is None and not node.loop.collection:
        work.problem(node, "loopWithoutNumber")
