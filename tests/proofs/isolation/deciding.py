"""The decision function against the reviewed table: every operation and party, own and strangers' things."""

from collections.abc import Iterator
from uuid import UUID

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import Reason, Scope
from ocapi.kernel.access.extensions import operations
from ocapi.lib.actor import ANONYMOUS, Actor, Assurance, Capacity, Subject
from tests.security.conftest import read_table

ME, HELPER, STRANGER = (Subject(kind="person", uuid=UUID(int=number)) for number in (1, 2, 3))
ROLES = ("clerk", "policy_maker", "dpo", "tenant_admin", "collective_admin", "supplier", "suspended")
COLUMNS = ("anonymous", "citizen_self", "citizen_other", "represented", *ROLES, "peer_system")
REASONS = {
    "deny": {Reason.NOT_PERMITTED},
    "hide": {Reason.HIDDEN},
    "login": {Reason.SIGN_IN_NEEDED},
    "na": {Reason.NOT_PERMITTED, Reason.HIDDEN},
}
Wrong = tuple[str, str]


def names() -> Iterator[str]:
    """Give `operation/party` for every cell people reviewed."""
    for row in read_table("policy.csv"):
        for party in COLUMNS:
            yield f"{row['operation']}/{party}"


def operations_by_name() -> list[str]:
    """Give the reviewed operations."""
    return [row["operation"] for row in read_table("policy.csv")]


def check(name: str) -> Wrong | None:
    """Ask for one cell: whose own thing, a stranger's, and with too low a level or no scope."""
    operation, _, party = name.partition("/")
    row = next(row for row in read_table("policy.csv") if row["operation"] == operation)
    found = operations.find(operation)
    if found is None:
        return "an operation the product knows", "none"
    actor = _actor(party, found.scope)
    cell = row[party]
    scope = Scope(subjects=frozenset({STRANGER if party == "citizen_other" else ME}))
    decision = access.decide(actor, operation, scope)
    if decision.is_allowed != (cell in ("allow", "own")):
        return cell, f"allowed: {decision.is_allowed}"
    if not decision.is_allowed:
        return None if decision.reason in REASONS[cell] else (cell, str(decision.reason))
    return _limits(actor, operation, cell, row["min_loa"], row["anonymous"])


def _limits(actor: Actor, operation: str, cell: str, least: str, anonymous: str) -> Wrong | None:
    strangers = Scope(subjects=frozenset({STRANGER}))
    if cell == "own" and access.decide(actor, operation, strangers).is_allowed:
        return "own only", "a stranger's is allowed"
    if cell == "own" and not access.decide(actor, operation).own_only:
        return "a list of own rows", "every row"
    level = Assurance[least.upper()]
    if actor.person and level > Assurance.NONE:
        low = _with(actor, assurance=Assurance(level - 1))
        if access.decide(low, operation).is_allowed:
            return f"level {least}", "a lower level is enough"
    if actor.capacity is not Capacity.APPLICATION or anonymous == "allow":
        return None
    other = _with(actor, scopes=frozenset({"other:things:read"}))
    is_open = access.decide(other, operation).is_allowed
    return ("the scope of the operation", "any scope opens it") if is_open else None


def _with(actor: Actor, **changes: object) -> Actor:
    from dataclasses import replace

    return replace(actor, **changes)  # type: ignore[arg-type]


def _actor(party: str, scope: str) -> Actor:
    if party == "anonymous":
        return ANONYMOUS
    if party == "peer_system":
        return Actor(
            capacity=Capacity.APPLICATION,
            assurance=Assurance.HIGH,
            application="peer",
            scopes=frozenset({scope} if scope else ()),
        )
    if party in ROLES:
        return Actor(
            capacity=Capacity.STAFF, assurance=Assurance.HIGH, person=UUID(int=9), roles=frozenset({party})
        )
    represents = ME if party == "represented" else None
    person = HELPER if represents else ME
    return Actor(
        capacity=Capacity.CITIZEN,
        assurance=Assurance.HIGH,
        person=person.uuid,
        represents=represents,
        represents_name="x" if represents else "",
    )
