"""Making a leaf: its canonical bytes, the commitments to its subjects, and its staged row."""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from ocapi.kernel.access.extensions import operations
from ocapi.kernel.audit.data import LARGEST_INLINE_LIST, Kind, instant_text
from ocapi.kernel.audit.models import LeafRow, SubjectRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, ids, merkle
from ocapi.lib.actor import Actor

SALT_BYTES = 16
FORMAT = "ocapi-leaf/1"
_COLUMNS = (
    "uuid", "kind", "at", "person", "capacity", "assurance", "application", "organization", "represents",
    "operation", "purpose", "legal_basis", "reference", "resource", "fields_seen", "about", "outcome",
    "trace_id", "canonical", "leaf_hash",
)
_LEAF = tenants.Insert(LeafRow, *_COLUMNS)
_LEAF_OF_PERSONS = tenants.Insert(LeafRow, *_COLUMNS, ending=" RETURNING {t.id}")
_SUBJECT = tenants.Insert(SubjectRow, "uuid", "leaf", "person", "salt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a leaf is to record, before it has bytes; `about` in any order, duplicates allowed."""

    kind: Kind
    actor: Actor
    operation: str
    at: datetime
    resource: str = ""
    about: tuple[UUID, ...] = ()
    fields: tuple[str, ...] = ()
    purpose: str = ""
    legal_basis: str = ""
    reference: str = ""
    outcome: str = "done"


class LeafBytes(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What the hashed bytes of a leaf say; docs/standards/audit-log.md has the members."""

    format: str
    uuid: str
    kind: str
    at: str
    person: str
    capacity: str
    assurance: int
    application: str
    organization: str
    represents: str
    operation: str
    purpose: str
    legal_basis: str
    reference: str
    resource: str
    fields: list[str]
    about: list[str]
    about_count: int
    about_root: str
    outcome: str
    trace_id: str


_CANONICAL = msgspec.json.Encoder(order="sorted")
"""Texts and small whole numbers under names in ASCII: their sorted JSON is the canonical one."""


def read(canonical: bytes) -> LeafBytes:
    """Read the hashed bytes of a leaf; raises MalformedInput."""
    return codec.decode_json(canonical, LeafBytes)


def tells_of(told: LeafBytes, *, person: UUID, salt: bytes, about: list[str]) -> bool:
    """Tell whether a leaf names a person, opened with the salt; about: the whole list, stored beside it."""
    return is_list_of(told, about=about) and commitment(person, salt=salt) in about


def is_list_of(told: LeafBytes, *, about: list[str]) -> bool:
    """Tell whether a leaf was hashed over this list of commitments."""
    return told.about == about if not told.about_root else told.about_root == _list_root(about).hex()


def commitment(person: UUID, *, salt: bytes) -> str:
    """Give the commitment to a person: HMAC-SHA-256 under the salt, base64url."""
    digest = hmac.new(salt, person.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def canonical_bytes(*, uuid: UUID, act: Act, about: list[str], purpose: str, organization: str) -> bytes:
    """Give the bytes that are hashed into the tree (RFC 8785 JSON)."""
    represents = act.actor.represents
    is_long = len(about) > LARGEST_INLINE_LIST
    return _CANONICAL.encode(LeafBytes(
        format=FORMAT, uuid=str(uuid), kind=act.kind.value, at=instant_text(act.at),
        person=str(act.actor.person) if act.actor.person else "",
        capacity=act.actor.capacity.value, assurance=int(act.actor.assurance),
        application=act.actor.application, organization=organization,
        represents=f"{represents.kind}/{represents.uuid}" if represents else "",
        operation=act.operation, purpose=purpose, legal_basis=act.legal_basis,
        reference=act.reference, resource=act.resource, fields=sorted(set(act.fields)),
        about=[] if is_long else about, about_count=len(about),
        about_root=_list_root(about).hex() if is_long else "",
        outcome=act.outcome, trace_id=act.actor.trace_id,
    ))


def _list_root(about: list[str]) -> bytes:
    tree = merkle.Tree()
    for each in about:
        tree.append(each.encode())
    return tree.root()


def stage(act: Act) -> UUID:
    """Write the leaf and its salts in the caller's transaction or one of their own; gives its uuid."""
    uuid = ids.new_uuid(act.at)
    salts = {person: os.urandom(SALT_BYTES) for person in dict.fromkeys(act.about)}
    about = sorted(commitment(person, salt=salt) for person, salt in salts.items())
    known = operations.find(act.operation)
    purpose = act.purpose or (known.purpose if known else "")
    organization = tenants.current().base_iri
    canonical = canonical_bytes(uuid=uuid, act=act, about=about, purpose=purpose, organization=organization)
    represents = act.actor.represents
    crashpoint.point("audit.leaf.before_write")
    row = (
        uuid, act.kind.value, act.at, act.actor.person, act.actor.capacity.value, int(act.actor.assurance),
        act.actor.application, organization, f"{represents.kind}/{represents.uuid}" if represents else "",
        act.operation, purpose, act.legal_basis, act.reference, act.resource,
        codec.encode_json(sorted(set(act.fields))).decode(), codec.encode_json(about).decode(), act.outcome,
        act.actor.trace_id, canonical, merkle.leaf_hash(canonical),
    )
    if not salts:
        _LEAF.later([row])  # a statement is whole by itself
    else:
        with transaction.atomic(savepoint=False):  # an error undoes all of the caller's transaction
            (leaf,) = _LEAF_OF_PERSONS.one(row)
            _SUBJECT.run([
                (ids.new_uuid(act.at), leaf, person, salt) for person, salt in salts.items()
            ])
    crashpoint.point("audit.leaf.after_write")
    return uuid
