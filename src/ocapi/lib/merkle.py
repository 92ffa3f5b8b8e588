"""Merkle trees and proofs as in RFC 9162 section 2.1, with SHA-256.

`Tree` keeps only the frontier: enough to append and to give roots. A `NodeStore` keeps every complete node,
`get(level, index)` covering leaves `index·2^level` up to `(index+1)·2^level`, so that a proof over a million
leaves reads some forty nodes and no leaf. Hashes are 32 bytes, positions count from 0.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class BadProof(ValueError):
    """A position or a size does not belong to this tree."""


class NodeStore(Protocol):
    """Where the complete nodes of one tree are kept; a node, once put, never changes."""

    def get(self, level: int, index: int) -> bytes:
        """Give a stored node's hash; level 0 holds the leaf hashes."""
        ...

    def put(self, level: int, index: int, node: bytes) -> None:
        """Keep a complete node's hash."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A complete node: `hash` covers leaves index·2^level up to (index+1)·2^level."""

    level: int
    index: int
    hash: bytes


def leaf_hash(leaf: bytes) -> bytes:
    """Hash the exact bytes of a leaf (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two child nodes into their parent (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True, kw_only=True)
class Tree:
    """The growing edge of a tree: its size and the roots of its complete parts, widest first."""

    size: int = 0
    frontier: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.frontier) != self.size.bit_count():
            raise BadProof(f"{len(self.frontier)} frontier nodes do not fit {self.size} leaves")

    def append(self, leaf: bytes) -> int:
        """Add a leaf by its exact bytes and give its position."""
        return self.append_hash(leaf_hash(leaf))

    def append_hash(self, hashed: bytes) -> int:
        """Add a leaf by its hash and give its position."""
        position = self.size
        while position & 1:
            hashed = node_hash(self.frontier.pop(), hashed)
            position >>= 1
        self.frontier.append(hashed)
        self.size += 1
        return self.size - 1

    def root(self) -> bytes:
        """Give the root over all leaves so far."""
        return _fold(self.frontier)

    def to_bytes(self) -> bytes:
        """Give the frontier as bytes: size (8, big-endian) and the hashes, widest first."""
        return self.size.to_bytes(8, "big") + b"".join(self.frontier)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Tree":
        """Read a frontier back, or raise BadProof when size and hashes do not fit."""
        size, rest = int.from_bytes(data[:8], "big"), data[8:]
        if len(data) < 8 or len(rest) % HASH_SIZE:
            raise BadProof("a frontier is 8 bytes of size and hashes of 32 bytes")
        return cls(size=size, frontier=[rest[i : i + HASH_SIZE] for i in range(0, len(rest), HASH_SIZE)])


def append_leaf(store: NodeStore, size: int, hashed: bytes) -> list[Node]:
    """Put leaf number `size` and every node it completes into the store; gives the new nodes, leaf first.

    Repeating it with the same leaf puts the same nodes again, so a crash in between is repaired by a retry.
    """
    new = [Node(level=0, index=size, hash=hashed)]
    while new[-1].index & 1:
        last = new[-1]
        parent = node_hash(store.get(last.level, last.index - 1), last.hash)
        new.append(Node(level=last.level + 1, index=last.index >> 1, hash=parent))
    for node in new:
        store.put(node.level, node.index, node.hash)
    return new


def root(store: NodeStore, size: int) -> bytes:
    """Give the root of the first `size` leaves, reading at most one node per level."""
    return _range_hash(store, 0, size)


def inclusion_proof(store: NodeStore, index: int, size: int) -> list[bytes]:
    """Prove that leaf `index` is in the tree of `size` leaves (RFC 9162 section 2.1.3.1)."""
    if not 0 <= index < size:
        raise BadProof(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range_hash(store, middle, end))
            end = middle
        else:
            path.append(_range_hash(store, begin, middle))
            begin = middle
    return path[::-1]


def consistency_proof(store: NodeStore, old: int, new: int) -> list[bytes]:
    """Prove that the tree of `new` leaves begins with the tree of `old` (RFC 9162 section 2.1.4.1)."""
    if not 0 < old <= new:
        raise BadProof(f"no consistency proof from {old} to {new} leaves")
    path: list[bytes] = []
    begin, end, is_whole = 0, new, True
    while end > old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_range_hash(store, middle, end))
            end = middle
        else:
            path.append(_range_hash(store, begin, middle))
            begin, is_whole = middle, False
    if not is_whole:
        path.append(_range_hash(store, begin, end))
    return path[::-1]


def inclusion_path(leaf_hashes: Sequence[bytes], index: int, size: int) -> list[bytes]:
    """Prove inclusion from the leaf hashes themselves; for small trees and tests."""
    return inclusion_proof(_stored(leaf_hashes[:size]), index, size)


def consistency_path(leaf_hashes: Sequence[bytes], old: int, new: int) -> list[bytes]:
    """Prove consistency from the leaf hashes themselves; for small trees and tests."""
    return consistency_proof(_stored(leaf_hashes[:new]), old, new)


def verify_inclusion(*, hashed: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a path leads from a leaf hash to the root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, result = index, size - 1, hashed
    for step in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            result = node_hash(step, result)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            result = node_hash(result, step)
        here, last = here >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether the tree of `new` leaves begins with that of `old` (RFC 9162 section 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_result = new_result = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old_result, new_result = node_hash(step, old_result), node_hash(step, new_result)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new_result = node_hash(new_result, step)
        here, last = here >> 1, last >> 1
    return last == 0 and old_result == old_root and new_result == new_root


class MemoryStore:
    """A NodeStore in memory, keyed by (level, index)."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}

    def get(self, level: int, index: int) -> bytes:
        """Give a stored node's hash, or raise KeyError."""
        return self.nodes[level, index]

    def put(self, level: int, index: int, node: bytes) -> None:
        """Keep a complete node's hash."""
        self.nodes[level, index] = node


def _stored(leaf_hashes: Sequence[bytes]) -> MemoryStore:
    store = MemoryStore()
    for position, hashed in enumerate(leaf_hashes):
        append_leaf(store, position, hashed)
    return store


def _split(width: int) -> int:
    """Give the largest power of two smaller than `width`."""
    return 1 << (width - 1).bit_length() - 1


def _range_hash(store: NodeStore, begin: int, end: int) -> bytes:
    """Hash leaves begin..end, where `begin` is a multiple of the power of two that spans the range."""
    parts: list[bytes] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        parts.append(store.get(level, begin >> level))
        begin += 1 << level
    return _fold(parts)


def _fold(parts: Sequence[bytes]) -> bytes:
    if not parts:
        return EMPTY_ROOT
    result = parts[-1]
    for part in reversed(parts[:-1]):
        result = node_hash(part, result)
    return result
