"""The door of access: require, ask, explain, and turn the decision into a row filter for lists."""

import logging
from collections.abc import Iterable

from ocapi.kernel.access import decision
from ocapi.kernel.access.data import NOBODYS, Decision, NotAllowed, Operation, Reason, RowFilter, Scope
from ocapi.kernel.access.extensions import operations
from ocapi.lib.actor import Actor, Assurance

log = logging.getLogger("ocapi.access")


def decide(actor: Actor, operation: str, scope: Scope = NOBODYS) -> Decision:
    """Give the decision with its reason; an operation nobody declared is refused."""
    found = operations.find(operation)
    if found is None:
        return Decision(is_allowed=False, party="none", reason=Reason.UNKNOWN_OPERATION)
    return decision.decide(actor, found, scope)


def may(actor: Actor, operation: str, scope: Scope = NOBODYS) -> bool:
    """Tell whether the actor may do it; for showing or hiding a button, never instead of `require`."""
    return decide(actor, operation, scope).is_allowed


def require(actor: Actor, operation: str, scope: Scope = NOBODYS) -> Operation:
    """Give the operation's row when the actor may do it, else raise NotAllowed with the reason."""
    found = operations.find(operation)
    if found is None:
        raise NotAllowed(operation=operation, reason=Reason.UNKNOWN_OPERATION)
    answer = decision.decide(actor, found, scope)
    if not answer.is_allowed:
        assert answer.reason is not None
        _tell(actor, operation, answer.reason)
        raise NotAllowed(operation=operation, reason=answer.reason, needs=found.min_loa)
    return found


def _tell(actor: Actor, operation: str, reason: Reason) -> None:
    """Log a refusal, by ids and codes (OWASP ASVS 5.0.0, 16.3.2); a visitor who is to sign in is none."""
    if reason is not Reason.SIGN_IN_NEEDED:
        told = {"operation": operation, "reason": reason.value, "actor": actor.label}
        log.warning("refused", extra=told)


def row_filter(actor: Actor, operation: str) -> RowFilter:
    """Give what a list of this operation may show: all rows, or the actor's own;
    raises NotAllowed for none.
    """
    require(actor, operation)
    if decide(actor, operation).own_only:
        return RowFilter(subject=actor.subject)
    return RowFilter()


def list_operations() -> Iterable[Operation]:
    """Give every declared operation by name: the generated policy table."""
    return operations


def least_assurance(operation: str) -> Assurance:
    """Give the level of assurance an operation asks for; none when it is unknown."""
    found = operations.find(operation)
    return found.min_loa if found else Assurance.NONE
