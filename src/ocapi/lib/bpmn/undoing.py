"""What stands in the way of compensation and of transactions that are cancelled."""

from ocapi.lib.bpmn import model
from ocapi.lib.bpmn.compiling import Compiling, trigger_of
from ocapi.lib.bpmn.model import Event, Kind, Node, Trigger


def check_handler(work: Compiling, node: Node) -> None:
    """Note an activity for compensation that flows or events touch, or that nothing is compensated by."""
    if work.into[node.id] or work.out[node.id] or work.attached[node.id]:
        work.problem(node, "flowMisplaced")
    if node.id not in work.process.compensators.values():
        work.problem(node, "compensatesNothing")


def check_event(work: Compiling, node: Node, event: Event) -> None:
    """Note a compensation or cancel event that has no meaning where it stands."""
    if event.trigger is Trigger.CANCEL:
        _check_cancel(work, node)
    elif node.kind is Kind.BOUNDARY:
        handler = work.nodes.get(work.process.compensators.get(node.id, ""))
        if work.out[node.id] or handler is None or handler.scope != node.scope:
            work.problem(node, "compensationHandler")
    elif event.activity and not _can_undo(work, node, event.activity):
        work.problem(node, "compensationUnknown", event.activity)


def _check_cancel(work: Compiling, node: Node) -> None:
    place = work.nodes.get(node.attached_to if node.kind is Kind.BOUNDARY else node.scope)
    if place is None or place.kind is not Kind.TRANSACTION:
        work.problem(node, "cancelMisplaced")
    elif node.kind is Kind.END and not any(
        trigger_of(each) is Trigger.CANCEL for each in work.attached[place.id]
    ):
        work.problem(node, "cancelNotCaught", place.id)


def _can_undo(work: Compiling, thrower: Node, activity: str) -> bool:
    """Say whether an activity that has something to undo stands in the scope a thrower speaks of."""
    scope, around = thrower.scope, work.nodes.get(thrower.scope)
    if around is not None and around.kind is Kind.EVENT_SUB_PROCESS:
        scope = around.scope
    node = work.nodes.get(activity)
    if node is None or node.scope != scope or node.kind not in model.ACTIVITIES:
        return False
    return node.kind in model.CONTAINERS or any(
        trigger_of(each) is Trigger.COMPENSATION for each in work.attached[activity]
    )
