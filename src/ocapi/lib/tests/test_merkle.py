"""Trees and proofs as RFC 9162 defines them. Not covered: storage of nodes and signing of heads."""

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import merkle


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(n).encode()) for n in range(size)]


def defined_root(hashes: list[bytes]) -> bytes:
    """The recursive definition of RFC 9162 section 2.1.1, as slow as it reads."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256().digest()
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return merkle.node_hash(defined_root(hashes[:k]), defined_root(hashes[k:]))


class CountingStore(merkle.MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def get(self, level: int, index: int) -> bytes:
        self.reads += 1
        return super().get(level, index)


def filled(store: merkle.MemoryStore, size: int) -> merkle.MemoryStore:
    for position, hashed in enumerate(leaves(size)):
        merkle.append_leaf(store, position, hashed)
    return store


class TestRoots:
    def test_match_the_published_vectors(self) -> None:
        """Known answers of the certificate transparency reference vectors (empty tree, one empty leaf)."""
        assert (
            merkle.Tree().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        tree = merkle.Tree()
        tree.append(b"")
        assert tree.root().hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

    def test_match_the_recursive_definition_for_every_small_size(self) -> None:
        tree, store = merkle.Tree(), merkle.MemoryStore()
        for size, hashed in enumerate(leaves(70)):
            assert tree.root() == merkle.root(store, size) == defined_root(leaves(size))
            assert tree.append_hash(hashed) == size
            merkle.append_leaf(store, size, hashed)

    def test_frontier_survives_its_bytes(self) -> None:
        tree = merkle.Tree()
        for hashed in leaves(11):
            tree.append_hash(hashed)
        again = merkle.Tree.from_bytes(tree.to_bytes())
        assert (again.size, again.root()) == (11, tree.root())

    @pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\0" * 7 + b"\1", b"\0" * 8 + b"x" * 32])
    def test_refuse_a_frontier_that_does_not_fit(self, data: bytes) -> None:
        with pytest.raises(merkle.BadProof):
            merkle.Tree.from_bytes(data)

    def test_a_repeated_append_puts_the_same_nodes(self) -> None:
        store = filled(merkle.MemoryStore(), 8)
        before = dict(store.nodes)
        assert [node.level for node in merkle.append_leaf(store, 7, leaves(8)[7])] == [0, 1, 2, 3]
        assert store.nodes == before


class TestInclusion:
    def test_proves_every_leaf_of_every_small_tree(self) -> None:
        for size in range(1, 34):
            hashes = leaves(size)
            for index in range(size):
                path = merkle.inclusion_path(hashes, index, size)
                assert merkle.verify_inclusion(
                    hashed=hashes[index], index=index, size=size, path=path, root=defined_root(hashes)
                )

    @settings(max_examples=60, deadline=None)
    @given(size=st.integers(1, 200), seed=st.integers(0, 2**32))
    def test_refuses_any_changed_part(self, size: int, seed: int) -> None:
        coin = random.Random(seed)
        hashes = leaves(size)
        index = coin.randrange(size)
        path, top = merkle.inclusion_path(hashes, index, size), defined_root(hashes)
        wrong = merkle.leaf_hash(b"other")

        def holds(*, hashed: bytes = hashes[index], at: int = index, steps: list[bytes] = path) -> bool:
            return merkle.verify_inclusion(hashed=hashed, index=at, size=size, path=steps, root=top)

        assert holds()
        assert not holds(hashed=wrong)
        assert not holds(at=(index + 1) % size) or size == 1
        assert not holds(steps=[*path, wrong])
        if path:
            spot = coin.randrange(len(path))
            assert not holds(steps=[*path[:spot], wrong, *path[spot + 1 :]])
            assert not holds(steps=path[:-1])

    def test_reads_few_nodes(self) -> None:
        size = 2**12 - 1
        store = CountingStore()
        filled(store, size)
        store.reads = 0
        assert len(merkle.inclusion_proof(store, 5, size)) <= 12
        assert store.reads <= 24

    @pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
    def test_refuses_a_leaf_outside_the_tree(self, index: int, size: int) -> None:
        with pytest.raises(merkle.BadProof):
            merkle.inclusion_path(leaves(size), index, size)


class TestConsistency:
    def test_proves_every_pair_of_small_sizes(self) -> None:
        hashes = leaves(33)
        for new in range(1, 34):
            for old in range(1, new + 1):
                path = merkle.consistency_path(hashes, old, new)
                assert merkle.verify_consistency(
                    old=old,
                    new=new,
                    path=path,
                    old_root=defined_root(hashes[:old]),
                    new_root=defined_root(hashes[:new]),
                )

    @settings(max_examples=60, deadline=None)
    @given(new=st.integers(2, 120), seed=st.integers(0, 2**32))
    def test_refuses_a_rewritten_past(self, new: int, seed: int) -> None:
        coin = random.Random(seed)
        old = coin.randrange(1, new)
        hashes = leaves(new)
        forged = list(hashes)
        forged[coin.randrange(old)] = merkle.leaf_hash(b"forged")
        for source in (hashes, forged):
            assert not merkle.verify_consistency(
                old=old,
                new=new,
                path=merkle.consistency_path(source, old, new),
                old_root=defined_root(hashes[:old]),
                new_root=defined_root(forged),
            )
