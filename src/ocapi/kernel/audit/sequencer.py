"""Staged leaves get their place in the tree, and the tree a signed head: one writer per organization."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, models, transaction

from ocapi.kernel.audit.data import Head
from ocapi.kernel.audit.models import HeadRow, LeafRow, NodeRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import crashpoint, ids, merkle

BATCH = 500  # leaves per transaction: some 15 ms of write lock on SQLite
HEAD_EVERY = timedelta(seconds=60)
LOCK_CLASS = 7101  # advisory locks of PostgreSQL are per database, so schema and purpose make the name

Place = tuple[int, int]


class Nodes:
    """The nodes of the bound organization's tree; what `put` brings is kept aside until `flush`."""

    def __init__(self) -> None:
        self._held: dict[Place, bytes] = {}
        self._new: dict[Place, bytes] = {}

    def get(self, level: int, index: int) -> bytes:
        """Give a node's hash; raises NodeRow.DoesNotExist for a node that is not complete."""
        held = self._held.get((level, index))
        if held is None:
            held = bytes(NodeRow.objects.values_list("hash", flat=True).get(level=level, index=index))
            self._held[level, index] = held
        return held

    def put(self, level: int, index: int, node: bytes) -> None:
        """Keep a node for `flush`."""
        self._held[level, index] = self._new[level, index] = node

    def flush(self) -> None:
        """Write the nodes kept aside."""
        NodeRow.objects.bulk_create(
            [NodeRow(level=level, index=index, hash=node) for (level, index), node in self._new.items()],
            batch_size=300,
        )
        self._new.clear()

    def read_ahead(self, places: Iterable[Place]) -> None:
        """Read many nodes in one query: a proof over 10^6 leaves needs some forty."""
        wanted = [place for place in places if place not in self._held]
        if not wanted:
            return
        any_of = models.Q()
        for level, index in wanted:
            any_of |= models.Q(level=level, index=index)
        for level, index, node in NodeRow.objects.filter(any_of).values_list("level", "index", "hash"):
            self._held[level, index] = bytes(node)


class Listed:
    """A node store that only notes which nodes a proof asks for."""

    def __init__(self) -> None:
        self.places: list[Place] = []

    def get(self, level: int, index: int) -> bytes:
        """Note the place and give a stand-in."""
        self.places.append((level, index))
        return b"\0" * merkle.HASH_SIZE

    def put(self, level: int, index: int, node: bytes) -> None:
        """Never called while a proof is made."""
        raise NotImplementedError


def become_only_writer() -> None:
    """Wait until this transaction alone may sequence; SQLite's writers already exclude each other."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", [LOCK_CLASS])


def size() -> int:
    """Give the number of sequenced leaves."""
    placed = LeafRow.objects.filter(sequence__isnull=False).order_by("-sequence")
    found = placed.values_list("sequence", flat=True).first()
    return 0 if found is None else found + 1


def is_staged() -> bool:
    """Tell whether leaves wait for their place."""
    return LeafRow.objects.filter(sequence__isnull=True).exists()


def latest_head_row() -> HeadRow | None:
    """Give the newest head's row, or None."""
    return HeadRow.objects.order_by("-id").first()


def head_of(row: HeadRow) -> Head:
    """Give a head's row as data."""
    return Head(
        size=row.size, root=bytes(row.root), at=row.at, previous=bytes(row.previous), key=row.kid,
        signature=bytes(row.signature),
    )


def seal(*, now: datetime) -> Head | None:
    """Sequence every staged leaf and sign a head when the log grew or the last head is 60 s old."""
    while _sequence_batch() == BATCH:
        pass
    with transaction.atomic():
        become_only_writer()
        covered, last = size(), latest_head_row()
        if last is None and covered == 0:
            return None
        if last is not None and last.size == covered and now - last.at < HEAD_EVERY:
            return None
        # A clock set back must not break the chain's order in time.
        signed_at = now if last is None else max(now, last.at)
        head = _sign(covered=covered, last=last, at=signed_at)
        crashpoint.point("audit.head.before_commit")
    crashpoint.point("audit.head.after_commit")
    return head


def _sequence_batch() -> int:
    with transaction.atomic():
        become_only_writer()
        waiting = LeafRow.objects.filter(sequence__isnull=True).order_by("id")
        staged = list(waiting.values_list("id", "leaf_hash")[:BATCH])
        if not staged:
            return 0
        nodes, position = Nodes(), size()
        places: list[tuple[int, int]] = []
        for row_id, hashed in staged:
            merkle.append_leaf(nodes, position, bytes(hashed))
            places.append((position, row_id))
            position += 1
        nodes.flush()
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE audit_leaf SET sequence = %s WHERE id = %s", places)
        crashpoint.point("audit.sequence.before_commit")
    crashpoint.point("audit.sequence.after_commit")
    return len(staged)


def _sign(*, covered: int, last: HeadRow | None, at: datetime) -> Head:
    key = tenants.signing_key()
    previous = hashlib.sha256(bytes(last.canonical)).digest() if last is not None else b""
    unsigned = Head(size=covered, root=merkle.root(Nodes(), covered), at=at, previous=previous, key=key.kid)
    row = HeadRow.objects.create(
        uuid=ids.new_uuid(at), size=covered, root=unsigned.root, at=at, previous=previous, kid=key.kid,
        public_jwk=key.public_jwk, signature=key.sign(unsigned.signed_bytes), canonical=unsigned.signed_bytes,
    )
    return head_of(row)
