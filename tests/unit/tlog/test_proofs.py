"""Proofs: the paths of a known tree, and what is refused."""

from __future__ import annotations

import pytest

from assay.errors import InvalidArgument
from assay.tlog.merkle import leaf_hash, tree_root
from assay.tlog.proofs import (
    ConsistencyFailed,
    InclusionFailed,
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(bytes([index])) for index in range(7)]


def _root(start: int, end: int) -> bytes:
    return tree_root(LEAVES[start:end])


def test_paths_are_those_of_the_rfc() -> None:
    """The examples of RFC 6962, section 2.1.3, for the tree of seven leaves."""
    assert inclusion_proof(0, 7, _root) == (_root(1, 2), _root(2, 4), _root(4, 7))
    assert inclusion_proof(4, 7, _root) == (_root(5, 6), _root(6, 7), _root(0, 4))
    assert inclusion_proof(6, 7, _root) == (_root(4, 6), _root(0, 4))
    assert consistency_proof(3, 7, _root) == (_root(2, 3), _root(3, 4), _root(0, 2), _root(4, 7))
    assert consistency_proof(4, 7, _root) == (_root(4, 7),)
    assert consistency_proof(6, 7, _root) == (_root(4, 6), _root(6, 7), _root(0, 4))


@pytest.mark.parametrize("index", [-1, 7])
def test_no_proof_beyond_the_tree(index: int) -> None:
    """Only a leaf of the tree has a path."""
    with pytest.raises(InvalidArgument):
        inclusion_proof(index, 7, _root)


@pytest.mark.parametrize("old_size", [0, 8])
def test_no_proof_from_nothing_or_from_later(old_size: int) -> None:
    """Consistency leads from a smaller tree that is not empty."""
    with pytest.raises(InvalidArgument):
        consistency_proof(old_size, 7, _root)


def test_shortened_and_lengthened_proofs_are_refused() -> None:
    """A path has exactly one length."""
    path = inclusion_proof(2, 7, _root)
    for wrong in (path[:-1], (*path, _root(0, 1)), ()):
        with pytest.raises(InclusionFailed):
            verify_inclusion(index=2, size=7, leaf_hash=LEAVES[2], proof=wrong, root=_root(0, 7))
    bridge = consistency_proof(3, 7, _root)
    for wrong in (bridge[:-1], (*bridge, _root(0, 1)), ()):
        with pytest.raises(ConsistencyFailed):
            verify_consistency(
                old_size=3, old_root=_root(0, 3), new_size=7, new_root=_root(0, 7), proof=wrong
            )


def test_endless_proof_is_refused_before_it_is_hashed() -> None:
    """No tree has a path of a thousand hashes."""
    with pytest.raises(InclusionFailed, match="fits no tree"):
        verify_inclusion(
            index=0, size=7, leaf_hash=LEAVES[0], proof=[bytes(32)] * 1000, root=_root(0, 7)
        )
