"""Reads of the log: a person's lines, proofs, and what the export walks over."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from ocapi.kernel.audit import data, leaves, sequencer
from ocapi.kernel.audit.models import PLACED, HeadRow, LeafRow, SubjectRow
from ocapi.lib import merkle
from ocapi.lib.actor import Assurance, Capacity, Subject

EXPORT_BATCH = 1000


def lines_about(*, person: UUID, cursor: str, page_size: int) -> data.LinePage:
    """Give a page of consultation leaves about a person, newest first, staged ones included."""
    rows = SubjectRow.objects.filter(person=person, leaf__kind=data.Kind.CONSULTATION.value)
    if cursor:
        if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
            raise data.InvalidCursor(cursor)
        rows = rows.filter(leaf__lt=int(cursor))
    found = list(rows.select_related("leaf").order_by("-leaf_id")[: page_size + 1])
    shown = found[:page_size]
    more = str(shown[-1].leaf_id) if len(found) > page_size else ""
    return data.LinePage(items=tuple(_line(row) for row in shown), cursor=more)


def _line(subject: SubjectRow) -> data.Line:
    """Give a leaf as its hashed bytes tell it, never as the columns beside them do."""
    row = subject.leaf
    told = leaves.read(bytes(row.canonical))
    kind, _, represented = told.represents.partition("/")
    return data.Line(
        uuid=UUID(told.uuid), kind=data.Kind(told.kind), at=datetime.fromisoformat(told.at),
        operation=told.operation, purpose=told.purpose, legal_basis=told.legal_basis,
        reference=told.reference, resource=told.resource, fields=tuple(told.fields),
        person=UUID(told.person) if told.person else None, capacity=Capacity(told.capacity),
        application=told.application, assurance=Assurance(told.assurance), organization=told.organization,
        represents=Subject(kind=kind, uuid=UUID(represented)) if represented else None,
        outcome=told.outcome, is_sequenced=row.sequence is not None,
        is_intact=merkle.leaf_hash(bytes(row.canonical)) == bytes(row.leaf_hash)
        and leaves.tells_of(told, person=subject.person, salt=bytes(subject.salt), about=row.about),
    )


def latest_head() -> data.Head:
    """Give the newest head, or raise NoHead."""
    row = sequencer.latest_head_row()
    if row is None:
        raise data.NoHead
    return sequencer.head_of(row)


def inclusion_proof(*, leaf: UUID) -> data.InclusionProof:
    """Prove a leaf against the newest head; raises LeafNotFound, NotYetSequenced."""
    rows = LeafRow.objects.filter(uuid=leaf).order_by().values_list("sequence", "leaf_hash")
    found = rows.filter(PLACED).first() or rows.exclude(PLACED).first()  # each by an index of its own
    if found is None:
        raise data.LeafNotFound(str(leaf))
    index, hashed = found
    row = sequencer.latest_head_row()
    if index is None or row is None or index >= row.size:
        raise data.NotYetSequenced(str(leaf))
    head = sequencer.head_of(row)
    path = _read(lambda store: merkle.inclusion_proof(store, index, head.size))
    return data.InclusionProof(leaf=leaf, index=index, leaf_hash=bytes(hashed), path=path, head=head)


def consistency_proof(*, old: int, new: int) -> data.ConsistencyProof:
    """Prove that the log of `new` leaves begins with the log of `old`; raises NoSuchTree."""
    if not 0 < old <= new <= sequencer.size():
        raise data.NoSuchTree(f"from {old} to {new}")
    path = _read(lambda store: merkle.consistency_proof(store, old, new))
    return data.ConsistencyProof(old=old, new=new, path=path)


def _read(prove: "Callable[[merkle.NodeStore], list[bytes]]") -> tuple[bytes, ...]:
    asked, nodes = sequencer.Listed(), sequencer.Nodes()
    prove(asked)
    nodes.read_ahead(asked.places)
    return tuple(prove(nodes))


def public_keys() -> list[dict[str, str]]:
    """Give the public keys under which heads were signed, oldest first."""
    kids = list(HeadRow.objects.order_by("kid").values_list("kid", flat=True).distinct())
    heads = [HeadRow.objects.filter(kid=kid).order_by("id").first() for kid in kids]
    used = sorted((head for head in heads if head is not None), key=lambda head: head.id)
    return [dict(head.public_jwk) for head in used]


def all_heads() -> Iterator[data.Head]:
    """Walk over every head, oldest first."""
    for row in HeadRow.objects.order_by("id").iterator(chunk_size=EXPORT_BATCH):
        yield sequencer.head_of(row)


def leaves_below(size: int) -> Iterator[tuple[int, bytes]]:
    """Walk over place and bytes of the first `size` leaves, in order."""
    for start in range(0, size, EXPORT_BATCH):
        rows = LeafRow.objects.filter(sequence__gte=start, sequence__lt=min(start + EXPORT_BATCH, size))
        for sequence, canonical in rows.order_by("sequence").values_list("sequence", "canonical"):
            assert sequence is not None  # the filter says so
            yield sequence, bytes(canonical)


def recomputed_root(*, size: int) -> bytes:
    """Compute the root over the first leaves anew; raises NoSuchTree when there are fewer."""
    tree = merkle.Tree()
    for sequence, canonical in leaves_below(size):
        if sequence != tree.size:
            break
        tree.append(canonical)
    if tree.size != size:
        raise data.NoSuchTree(f"{tree.size} leaves of {size}")
    return tree.root()
