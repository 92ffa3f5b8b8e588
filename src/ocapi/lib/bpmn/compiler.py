"""Definitions to a step table, or to the list of what stands in the way."""

import dataclasses
from collections.abc import Iterable, Mapping

from ocapi.lib.bpmn import checks, model, timing
from ocapi.lib.bpmn.compiling import Compiling, trigger_of
from ocapi.lib.bpmn.formula import Formula
from ocapi.lib.bpmn.model import Expression, Finding, Kind, Node, Trigger, WaitKind
from ocapi.lib.bpmn.table import Arc, Area, Repeat, Step, StepTable

CONNECTOR, DECISION = "urn:ocapi:connector:", "urn:ocapi:decision:"
_OWN = {
    Kind.USER: WaitKind.TASK, Kind.MANUAL: WaitKind.TASK, Kind.SERVICE: WaitKind.CALL,
    Kind.SEND: WaitKind.CALL, Kind.RECEIVE: WaitKind.MESSAGE,
}
_CAUGHT = {
    Trigger.TIMER: WaitKind.TIMER, Trigger.MESSAGE: WaitKind.MESSAGE, Trigger.SIGNAL: WaitKind.SIGNAL,
}


def compile_process(
    process: model.Process, *, language: str = ""
) -> tuple[StepTable | None, tuple[Finding, ...], tuple[Finding, ...]]:
    """Give the table (None when it can't be executed), the reasons, and what is kept but not used."""
    work = Compiling(process, language=language)
    checks.check(work)
    steps = {node.id: _step(work, node) for node in process.nodes.values()}
    areas = {scope: _area(work, scope) for scope in ("", *_containers(work))}
    if work.problems:
        return None, tuple(work.problems), tuple(work.notes)
    steps = {key: dataclasses.replace(step, waits=_waits(steps, step)) for key, step in steps.items()}
    table = StepTable(
        process=process.id, name=process.name, steps=steps, areas=areas,
        upstream={
            node.id: _upstream(work, node) for node in work.nodes.values() if node.kind is Kind.INCLUSIVE
        },
        starts=tuple(
            node.id for node in work.starts_of("")
            if node.kind is Kind.START and trigger_of(node) is not Trigger.NONE
        ),
    )
    return table, (), tuple(work.notes)


def _containers(work: Compiling) -> Iterable[str]:
    return (node.id for node in work.nodes.values() if node.kind in model.CONTAINERS)


def _area(work: Compiling, scope: str) -> Area:
    handlers = tuple(
        (node.id, begin.id) for node in work.inside[scope] if node.kind is Kind.EVENT_SUB_PROCESS
        for begin in work.starts_of(node.id)[:1]
    )
    return Area(
        starts=tuple(
            node.id for node in work.starts_of(scope)
            if node.kind is not Kind.START or trigger_of(node) is Trigger.NONE
        ),
        handlers=handlers,
    )


def _step(work: Compiling, node: Node) -> Step:
    event = node.event or model.Event()
    literal = event.when.text.strip() if event.when and timing.is_literal(event.when.text.strip()) else ""
    when = None if literal else work.formula(event.when, node.id, node.kind.value)
    return Step(
        id=node.id, kind=node.kind, name=node.name, scope=node.scope,
        outgoing=tuple(_arc(work, flow) for flow in work.out[node.id]),
        incoming=tuple(flow.id for flow in work.into[node.id]),
        default=node.default, event=event, literal=literal, when=when,
        key=work.formula(event.key, node.id, node.kind.value), repeat=_repeat(work, node),
        interrupting=node.interrupting, attached_to=node.attached_to,
        boundary=tuple(each.id for each in work.attached[node.id]),
        waits_for=tuple(flow.target for flow in work.out[node.id]) if node.kind is Kind.EVENT_BASED else (),
        reference=_reference(node), script=work.formula(node.script, node.id, node.kind.value),
        result=node.result, form=node.form, due=work.formula(node.due, node.id, node.kind.value),
        inputs=_assignments(work, node, node.inputs), outputs=_assignments(work, node, node.outputs),
        group=node.candidates[0] if node.candidates else "", others=node.candidates[1:],
        who=work.formula(node.who, node.id, node.kind.value),
        assignee=work.formula(node.assignee, node.id, node.kind.value), link=_link(work, node),
        own_wait=_OWN.get(node.kind), undo=_undo(work, node), is_undo=node.compensates,
    )


def _undo(work: Compiling, node: Node) -> str:
    return next(
        (work.process.compensators.get(each.id, "") for each in work.attached[node.id]
         if trigger_of(each) is Trigger.COMPENSATION), "",
    )


def _waits(steps: Mapping[str, Step], step: Step) -> frozenset[WaitKind]:
    """Give what a token at a node can wait for: its own work, and the events around it."""
    near = [step, *(steps[each] for each in (*step.boundary, *step.waits_for))]
    found = {_CAUGHT[each.trigger] for each in near if each.trigger in _CAUGHT}
    found |= {each.own_wait for each in near[:1] if each.own_wait is not None}
    return frozenset(found | {WaitKind.MESSAGE for each in near if each.kind is Kind.RECEIVE})


def _reference(node: Node) -> str:
    if node.kind is Kind.CALL:
        return node.called
    return node.implementation.removeprefix(CONNECTOR).removeprefix(DECISION)


def _link(work: Compiling, node: Node) -> str:
    if node.kind is not Kind.THROW or trigger_of(node) is not Trigger.LINK or node.event is None:
        return ""
    return next((each.id for each in checks.link_targets(work, node)), "")


def _arc(work: Compiling, flow: model.Flow) -> Arc:
    return Arc(
        id=flow.id, source=flow.source, target=flow.target, name=flow.name,
        condition=work.formula(flow.condition, flow.id, "sequenceFlow"),
    )


def _assignments(
    work: Compiling, node: Node, given: tuple[model.Assignment, ...]
) -> tuple[tuple[Formula, str], ...]:
    made = [(work.formula(each.source, node.id, node.kind.value), each.target) for each in given]
    return tuple((formula, target) for formula, target in made if formula is not None)


def _repeat(work: Compiling, node: Node) -> Repeat | None:
    loop = node.loop
    if loop is None:
        return None

    def named(name: str) -> Formula | None:
        if not name:
            return None
        if " " in name and name not in work.names:
            work.names = (*work.names, name)
        return work.formula(Expression(text=name, language="feel", line=node.line), node.id, node.kind.value)

    return Repeat(
        loop=loop, condition=work.formula(loop.condition, node.id, node.kind.value),
        cardinality=work.formula(loop.cardinality, node.id, node.kind.value),
        collection=named(loop.collection), output_item=named(loop.output_item if loop.output else ""),
    )


def _upstream(work: Compiling, gateway: Node) -> frozenset[str]:
    """Give the nodes from which a flow leads to the gateway, without passing it."""
    found: set[str] = set()
    waiting = [flow.source for flow in work.into[gateway.id]]
    while waiting:
        key = waiting.pop()
        if key in found or key == gateway.id or key not in work.nodes:
            continue
        found.add(key)
        node = work.nodes[key]
        waiting += [flow.source for flow in work.into[key]]
        if node.kind is Kind.BOUNDARY:
            waiting.append(node.attached_to)
        if node.kind is Kind.CATCH and trigger_of(node) is Trigger.LINK:
            waiting += [each.id for each in checks.link_sources(work, node)]
    return frozenset(found)
