"""f(actor, operation, scope): the decision itself, pure."""

from ocapi.kernel.access.data import STAFF_ROLES, Cell, Decision, Operation, Reason, Scope
from ocapi.lib.actor import Actor, Capacity

ADMINISTRATORS = frozenset({"tenant_admin", "collective_admin", "dpo"})
ADMINISTRATION_LIMIT, DESK_LIMIT = 30, 60
"""Another network is enough for administration, another browser for the rest of the desk."""


def parties_of(actor: Actor, scope: Scope) -> tuple[str, ...]:
    """Give the columns of the policy table that speak for this actor on this resource."""
    if "suspended" in actor.roles:
        return ("suspended",)
    if actor.capacity is Capacity.STAFF:
        return tuple(sorted(actor.roles & STAFF_ROLES))
    if actor.capacity is Capacity.APPLICATION:
        return ("peer_system",)
    if actor.capacity is Capacity.ANONYMOUS or actor.subject is None:
        return ("anonymous",)
    owns = not scope.subjects or actor.subject in scope.subjects
    if actor.represents is not None:
        return ("represented",) if owns else ("citizen_other",)
    return ("citizen_self",) if owns else ("citizen_other",)


def decide(actor: Actor, operation: Operation, scope: Scope) -> Decision:
    """Decide by the best cell among the actor's parties, then by assurance and granted scope."""
    if actor.capacity is Capacity.SYSTEM:
        return Decision(is_allowed=True, party="system")
    parties = parties_of(actor, scope)
    cells = [(operation.cell(party), party) for party in parties]
    granted = [found for found in cells if found[0] in (Cell.ALLOW, Cell.OWN)]
    if not granted:
        return _refusal(cells)
    cell, party = min(granted, key=lambda found: found[0] is Cell.OWN)
    if cell is Cell.OWN and scope.subjects and actor.subject not in scope.subjects:
        return Decision(is_allowed=False, party=party, reason=Reason.HIDDEN)
    if actor.capacity is Capacity.APPLICATION:
        is_public = operation.cell("anonymous") is Cell.ALLOW  # what nobody has to ask for needs no scope
        if is_public or (operation.scope and operation.scope in actor.scopes):
            return Decision(is_allowed=True, party=party)
        return Decision(is_allowed=False, party=party, reason=Reason.SCOPE_MISSING)
    if party != "anonymous" and actor.assurance < operation.min_loa:
        return Decision(is_allowed=False, party=party, reason=Reason.ASSURANCE_TOO_LOW)
    if actor.capacity is Capacity.STAFF and _is_risky(actor, operation):
        return Decision(is_allowed=False, party=party, reason=Reason.RISK_TOO_HIGH)
    return Decision(is_allowed=True, party=party, own_only=cell is Cell.OWN)


def _is_risky(actor: Actor, operation: Operation) -> bool:
    return actor.risk >= ADMINISTRATION_LIMIT and actor.risk >= risk_limit_of(operation)


def risk_limit_of(operation: Operation) -> int:
    """Give from which risk on staff must say again who they are: sooner for what only administrators may."""
    allowed = {party for party in STAFF_ROLES if operation.cell(party) is Cell.ALLOW}
    return ADMINISTRATION_LIMIT if allowed and allowed <= ADMINISTRATORS else DESK_LIMIT


def _refusal(cells: list[tuple[Cell, str]]) -> Decision:
    party = cells[0][1] if cells else "none"
    found = {cell for cell, _party in cells}
    if Cell.LOGIN in found:
        return Decision(is_allowed=False, party=party, reason=Reason.SIGN_IN_NEEDED)
    if found and found <= {Cell.HIDE, Cell.NA}:
        return Decision(is_allowed=False, party=party, reason=Reason.HIDDEN)
    return Decision(is_allowed=False, party=party, reason=Reason.NOT_PERMITTED)
