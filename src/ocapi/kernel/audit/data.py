"""What others may know of the audit log: leaves as people read them, heads, proofs, and the ways to fail."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.lib.actor import Assurance, Capacity, Subject

LARGEST_INLINE_LIST = 1000
"""Subjects whose commitments stand in the leaf itself; of a longer list the leaf carries the root."""


class Kind(StrEnum):
    """What a leaf records."""

    CONSULTATION = "consultation"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One leaf as its subject reads it: who (never a name), in which capacity, why, which fields, when.

    organization: IRI of the organization whose data it was. represents: on whose behalf the actor acted.
    reference: the case or file. is_sequenced: the leaf stands in the tree, so it can be proven. is_intact:
    False when what is stored is not what was hashed, or does not name this person: somebody altered it.
    """

    uuid: UUID
    kind: Kind
    at: datetime
    operation: str
    purpose: str
    legal_basis: str
    reference: str
    resource: str
    fields: tuple[str, ...]
    person: UUID | None
    capacity: Capacity
    application: str
    assurance: Assurance
    organization: str
    represents: Subject | None
    outcome: str
    is_sequenced: bool
    is_intact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePage:
    """One page of lines, newest first; `cursor` asks for the next page, empty on the last."""

    items: tuple[Line, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The signed state of the log: how many leaves it covers and their root (RFC 9162 section 2.1.1).

    previous: SHA-256 of the signed bytes of the head before, empty for the first. key: id of the signing key.
    signature: ES256 (r and s, 64 bytes) over `signed_bytes`; docs/standards/audit-log.md has the format.
    """

    size: int
    root: bytes
    at: datetime
    previous: bytes
    key: str
    signature: bytes = b""

    @property
    def signed_bytes(self) -> bytes:
        """Give the bytes that the signature covers."""
        values = (str(self.size), self.root.hex(), instant_text(self.at), self.previous.hex(), self.key)
        return "\n".join(values).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """Proof that a leaf stands in the tree of `head` (RFC 9162 section 2.1.3); path from leaf to root."""

    leaf: UUID
    index: int
    leaf_hash: bytes
    path: tuple[bytes, ...]
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    """Proof that the log of `new` leaves begins with the log of `old` (RFC 9162 section 2.1.4)."""

    old: int
    new: int
    path: tuple[bytes, ...]


class LeafNotFound(LookupError):
    """No leaf of the bound organization has that uuid."""


class NotYetSequenced(LookupError):
    """The leaf is stored but no signed head covers it yet; within 60 s one does."""


class NoHead(LookupError):
    """Nothing was signed yet: the log is empty."""


class NoSuchTree(LookupError):
    """A proof was asked for a size that the log does not have."""


class InvalidCursor(ValueError):
    """A cursor is not one this list gave out."""


def instant_text(at: datetime) -> str:
    """Write an instant the way signed bytes hold it: RFC 3339 in UTC, microseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="audit.read_proof", surface=Surface.REST, resource="auditProof", min_loa=Assurance.LOW,
        scope="audit:proofs:read", note="heads, keys and paths are hashes: they tell nothing of persons",
        cells={
            "anonymous": Cell.LOGIN, "citizen_self": Cell.ALLOW, "citizen_other": Cell.ALLOW,
            "represented": Cell.ALLOW, "clerk": Cell.ALLOW, "policy_maker": Cell.ALLOW, "dpo": Cell.ALLOW,
            "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW, "supplier": Cell.ALLOW,
            "peer_system": Cell.ALLOW, "suspended": Cell.DENY,
        },
    ),
    Operation(
        name="audit.read_consultations", surface=Surface.CITIZEN, resource="auditLeaf", personal=True,
        min_loa=Assurance.SUBSTANTIAL, leaf=Leaf.CONSULTATION, purpose="transparency",
        note="no leaf when persons look at their own lines",
        cells={
            "anonymous": Cell.LOGIN, "citizen_self": Cell.OWN, "citizen_other": Cell.HIDE,
            "represented": Cell.OWN, "dpo": Cell.ALLOW, "suspended": Cell.DENY,
        },
    ),
)
"""Rows of the policy table that audit asks for; the composition root adds them."""
