"""Ways on from an event: along its flows, out of the process, or out of the activity it is attached to."""

from ocapi.lib.bpmn.engine.state import Stage, Token
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.model import Kind
from ocapi.lib.bpmn.table import Step


def go_on(walk: Walk, token: Token, step: Step) -> None:
    """Let a token go on from an event that has done its work."""
    if step.kind is Kind.END:
        walk.note(token.node, "ended", token.number)
        walk.consume(token)
    elif step.link:
        walk.push(Phase.LEAVE, walk.change(token, node=step.link))
    else:
        walk.push(Phase.LEAVE, token)


def leave_by_boundary(walk: Walk, host: Token, boundary: Step, *, interrupting: bool) -> None:
    """Go on from an event attached to an activity, which ends when the event interrupts."""
    walk.note(boundary.id, "caught", host.number)
    if not interrupting:
        walk.push(Phase.LEAVE, walk.add_token(scope=host.scope, node=boundary.id))
        return
    if host.child:
        walk.drop(host.child)
    walk.clear(host.number)
    walk.push(
        Phase.LEAVE, walk.change(host, node=boundary.id, child=0, stage=Stage.MOVING, turns=0, via="")
    )
