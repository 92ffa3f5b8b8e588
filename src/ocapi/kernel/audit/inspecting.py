"""Finds what somebody changed in the stored log by hand: columns that no longer say what was hashed.

The root is computed from the hashed bytes, so an edit beside them leaves it as it is; this looks beside them.
Not found here: the newest leaves and heads taken away together, which only an earlier head shows.
"""

import hashlib
from collections.abc import Iterable, Iterator

from django.db.models import Q

from ocapi.kernel.audit import leaves, sequencer
from ocapi.kernel.audit.data import Head, instant_text
from ocapi.kernel.audit.models import HeadRow, LeafRow, NodeRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, merkle

Place = sequencer.Place
BATCH = 1000
BLOCK_LEVEL = 8
BLOCK = 1 << BLOCK_LEVEL  # leaves under one node of that level: some 15 ms to look at


def damage() -> Iterator[str]:
    """Give what does not hold, a line each, by the leaf's uuid or the node's place."""
    last = 0
    while rows := list(LeafRow.objects.filter(id__gt=last).order_by("id")[:BATCH]):
        last = rows[-1].id
        for row in rows:
            yield from _of_leaf(row)
    yield from _of_nodes()


def _of_leaf(row: LeafRow) -> Iterator[str]:
    canonical = bytes(row.canonical)
    if merkle.leaf_hash(canonical) != bytes(row.leaf_hash):
        yield f"audit_leaf {row.uuid}: its bytes are not those that were hashed"
    try:
        told = leaves.read(canonical)
    except codec.MalformedInput:
        yield f"audit_leaf {row.uuid}: its bytes are no leaf"
        return
    columns = {
        "uuid": (str(row.uuid), told.uuid), "kind": (row.kind, told.kind),
        "at": (instant_text(row.at), told.at),
        "person": (str(row.person or ""), told.person), "capacity": (row.capacity, told.capacity),
        "assurance": (row.assurance, told.assurance), "application": (row.application, told.application),
        "organization": (row.organization, told.organization),
        "represents": (row.represents, told.represents), "operation": (row.operation, told.operation),
        "purpose": (row.purpose, told.purpose), "legal_basis": (row.legal_basis, told.legal_basis),
        "reference": (row.reference, told.reference), "resource": (row.resource, told.resource),
        "fields_seen": (row.fields_seen, told.fields), "outcome": (row.outcome, told.outcome),
        "trace_id": (row.trace_id, told.trace_id), "about": (len(row.about), told.about_count),
    }
    if not leaves.is_list_of(told, about=row.about):
        columns["about"] = (1, 0)
    wrong = [name for name, (stored, hashed) in columns.items() if stored != hashed]
    if wrong:
        yield f"audit_leaf {row.uuid}: {', '.join(wrong)} differ from what was hashed"


def _of_nodes() -> Iterator[str]:
    stored = NodeRow.objects.order_by("level", "index").values_list("level", "index", "hash")
    sequenced = LeafRow.objects.filter(sequence__isnull=False).order_by("sequence")
    leaf_hashes = sequenced.values_list("sequence", "leaf_hash").iterator(chunk_size=BATCH)
    yield from _differing(
        {(0, int(sequence or 0)): bytes(hashed) for sequence, hashed in leaf_hashes},
        stored.iterator(chunk_size=BATCH),
    )


def _differing(
    tree: dict[Place, bytes], stored: Iterable[tuple[int, int, bytes | memoryview]]
) -> Iterator[str]:
    """Name the stored nodes, lower ones first, that do not follow from the leaves in `tree`."""
    for level, index, node in stored:
        if level > 0:
            left, right = tree.get((level - 1, 2 * index)), tree.get((level - 1, 2 * index + 1))
            tree[level, index] = merkle.node_hash(left, right) if left and right else b""
        if tree.get((level, index)) != bytes(node):
            yield f"audit_node {level}/{index}: not the hash of what stands under it"


def block_damage(*, turn: int) -> Iterator[str]:
    """Give what does not hold in one block of leaves and the tree up from it, a line each.

    Each turn looks at another block, so that as many turns as there are blocks look at all of the log.
    """
    size = sequencer.size()
    if not size:
        return
    block = turn % -(-size // BLOCK)
    first = block * BLOCK
    until = min(first + BLOCK, size)  # others may seal more meanwhile: what they add is no damage
    rows = list(LeafRow.objects.filter(sequence__gte=first, sequence__lt=until).order_by("sequence"))
    for row in rows:
        yield from _of_leaf(row)
    inside, above = Q(), Q()
    for level in range(BLOCK_LEVEL + 1):
        inside |= Q(level=level, index__gte=first >> level, index__lt=until >> level)
    for level in range(BLOCK_LEVEL, size.bit_length()):
        pair = (first >> level, first >> level ^ 1)
        above |= Q(level=level, index__in=[each for each in pair if each < size >> level])
    stored = NodeRow.objects.order_by("level", "index").values_list("level", "index", "hash")
    leaf_hashes = {(0, int(row.sequence or 0)): bytes(row.leaf_hash) for row in rows}
    yield from _differing(leaf_hashes, stored.filter(inside))
    if above:
        yield from _differing_above({(each[0], each[1]): bytes(each[2]) for each in stored.filter(above)})


def _differing_above(tree: dict[Place, bytes]) -> Iterator[str]:
    """Name the nodes that do not follow from their two children, where both are in `tree`."""
    for level, index in sorted(tree):
        left, right = tree.get((level - 1, 2 * index)), tree.get((level - 1, 2 * index + 1))
        if left and right and merkle.node_hash(left, right) != tree[level, index]:
            yield f"audit_node {level}/{index}: not the hash of what stands under it"


def head_damage(*, newest: int) -> Iterator[str]:
    """Give what does not hold in the newest head, the tree under it and its `newest` leaves, a line each.

    Cheap: as many hashes as the tree is high, and those of the leaves. A log without a head has none.
    """
    row = sequencer.latest_head_row()
    if row is None:
        return
    head = sequencer.head_of(row)
    is_ours = tenants.has_signed(kid=head.key, message=head.signed_bytes, signature=head.signature)
    if head.signed_bytes != bytes(row.canonical) or not is_ours:
        yield f"audit_head {row.uuid}: not what this organization signed"
        return
    before = HeadRow.objects.filter(id__lt=row.id).order_by("-id").values_list("canonical", flat=True).first()
    if head.previous != (b"" if before is None else hashlib.sha256(bytes(before)).digest()):
        yield f"audit_head {row.uuid}: the head before it is not the one it names"
    if (found := sequencer.size()) < head.size:
        yield f"audit_head {row.uuid}: signed over {head.size} leaves, {found} are there"
        return
    if _root_of(head) != head.root:
        yield f"audit_head {row.uuid}: its root is not that of the stored tree"
    yield from _of_newest(LeafRow.objects.filter(sequence__lt=head.size).order_by("-sequence")[:newest])


def _root_of(head: Head) -> bytes:
    try:
        return merkle.root(sequencer.Nodes(), head.size)
    except NodeRow.DoesNotExist:
        return b""


def _of_newest(found: Iterable[LeafRow]) -> Iterator[str]:
    rows = list(found)
    places = NodeRow.objects.filter(level=0, index__in=[row.sequence for row in rows])
    hashes = {index: bytes(node) for index, node in places.values_list("index", "hash")}
    for row in rows:
        yield from _of_leaf(row)
        if hashes.get(row.sequence) != bytes(row.leaf_hash):
            yield f"audit_node 0/{row.sequence}: not the hash of what stands under it"
