"""The policy as data: operations, who may do them, and the answer with its reason."""

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ocapi.lib.actor import Assurance, Subject

PARTIES = (
    "anonymous",
    "citizen_self",
    "citizen_other",
    "represented",
    "clerk",
    "policy_maker",
    "dpo",
    "tenant_admin",
    "collective_admin",
    "supplier",
    "peer_system",
    "suspended",
)
"""Columns of the policy table, in order; `citizen_self` is the citizen whose own resource it is."""

STAFF_ROLES = frozenset({"clerk", "policy_maker", "dpo", "tenant_admin", "collective_admin", "supplier"})


class Cell(StrEnum):
    """What one party gets: `hide` answers as if the thing did not exist, `login` asks to sign in first."""

    ALLOW = "allow"
    OWN = "own"
    DENY = "deny"
    HIDE = "hide"
    LOGIN = "login"
    NA = "na"


class Surface(StrEnum):
    """Where an operation is offered; one policy answers for all of them."""

    PUBLIC = "public"
    CITIZEN = "citizen"
    DESK = "desk"
    REST = "rest"
    FILE = "file"
    COMMAND = "command"
    DATAPLANE = "dataplane"


class Leaf(StrEnum):
    """Which audit leaf an operation writes before its answer leaves."""

    NONE = "none"
    CONSULTATION = "consultation"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the policy table, declared in the manifest of the module that owns the resource.

    name: `<module>.<verb>` or `<module>.<resource>_<verb>`. cells: party to cell; a party left out is denied.
    min_loa: least level of assurance of a person. scope: what a machine client must have been granted
    (`{api}:{resource}:{verb}`). purpose: code that goes into the audit leaf.
    """

    name: str
    surface: Surface
    resource: str
    cells: "dict[str, Cell]"
    personal: bool = False
    min_loa: Assurance = Assurance.NONE
    leaf: Leaf = Leaf.NONE
    purpose: str = ""
    scope: str = ""
    four_eyes: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        unknown = set(self.cells) - set(PARTIES)
        if unknown:
            raise ValueError(f"{self.name}: unknown parties {sorted(unknown)}")
        if self.personal and self.leaf is Leaf.NONE:
            raise ValueError(f"{self.name}: personal data leaves only with an audit leaf")
        object.__setattr__(self, "cells", MappingProxyType(dict(self.cells)))

    def cell(self, party: str) -> Cell:
        """Give the cell of a party; deny when the table says nothing."""
        return self.cells.get(party, Cell.DENY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is being touched, as far as a decision needs it: whose it is. Empty = nobody's in particular."""

    subjects: frozenset[Subject] = field(default_factory=frozenset)


NOBODYS = Scope()


class Reason(StrEnum):
    """Why the answer is no."""

    SIGN_IN_NEEDED = "signInNeeded"
    ASSURANCE_TOO_LOW = "assuranceTooLow"
    NOT_PERMITTED = "notPermitted"
    HIDDEN = "hidden"
    SCOPE_MISSING = "scopeMissing"
    UNKNOWN_OPERATION = "unknownOperation"
    RISK_TOO_HIGH = "riskTooHigh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer: allowed, as which party, and when not, why. `own_only` limits lists to the subject's
    rows.
    """

    is_allowed: bool
    party: str
    reason: Reason | None = None
    own_only: bool = False


class NotAllowed(PermissionError):
    """The policy says no; `reason` decides what the edge shows: sign-in, step-up, 403 or 404."""

    def __init__(self, *, operation: str, reason: Reason, needs: Assurance = Assurance.NONE) -> None:
        super().__init__(f"{operation}: {reason.value}")
        self.operation = operation
        self.reason = reason
        self.needs = needs


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """The part of the decision that becomes SQL in a list: all rows, or those of one subject."""

    subject: Subject | None = None

    @property
    def is_everything(self) -> bool:
        """Tell whether no row is hidden."""
        return self.subject is None
