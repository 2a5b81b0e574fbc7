"""Hashes and right edges."""

from __future__ import annotations

import hashlib

import pytest

from assay.errors import InvalidArgument
from assay.tlog.merkle import EMPTY_ROOT, DamagedFrontier, Frontier, leaf_hash, node_hash, tree_root

LEAVES = [leaf_hash(str(index).encode()) for index in range(11)]


def test_hashes_are_those_of_the_rfc() -> None:
    """Leaves and nodes are told apart by their first byte; the empty tree hashes nothing."""
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()
    assert (
        node_hash(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
    )
    assert tree_root([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_root_of_three() -> None:
    """Three leaves split two and one."""
    expected = node_hash(node_hash(LEAVES[0], LEAVES[1]), LEAVES[2])
    assert tree_root(LEAVES[:3]) == expected


def test_edge_holds_a_hash_for_each_full_subtree() -> None:
    """Eleven leaves are subtrees of eight, two and one."""
    edge = Frontier().extend(LEAVES)
    assert edge.hashes == (tree_root(LEAVES[:8]), tree_root(LEAVES[8:10]), LEAVES[10])


def test_extending_does_not_change_the_edge_it_began_with() -> None:
    """A right edge is a value."""
    edge = Frontier().extend(LEAVES[:5])
    before = edge.hashes
    edge.extend(LEAVES[5:])
    assert edge.hashes == before


@pytest.mark.parametrize("size", range(12))
def test_edge_survives_being_stored(size: int) -> None:
    """Bytes and size give the right edge back."""
    edge = Frontier().extend(LEAVES[:size])
    assert Frontier.from_bytes(edge.size, edge.to_bytes()) == edge


@pytest.mark.parametrize(("size", "data"), [(1, b""), (0, bytes(32)), (3, bytes(63)), (-1, b"")])
def test_damaged_edge_is_refused(size: int, data: bytes) -> None:
    """Bytes that are not one hash for each binary one of the size are no right edge."""
    with pytest.raises(DamagedFrontier):
        Frontier.from_bytes(size, data)


def test_impossible_edge_is_refused() -> None:
    """A right edge cannot be made with hashes missing or of another length."""
    with pytest.raises(InvalidArgument):
        Frontier(2, ())
    with pytest.raises(InvalidArgument):
        Frontier(1, (b"short",))
