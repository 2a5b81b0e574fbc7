"""Inclusion and consistency proofs: made from roots of ranges, checked from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from assay.errors import InvalidArgument, VerificationFailed
from assay.tlog.merkle import HASH_BYTES, node_hash

RangeRoot = Callable[[int, int], bytes]
"""The root of the leaves from `start` up to, without, `end`; whoever stores the tree gives it.

A proof asks only for ranges that are nodes of the tree: full subtrees and right ends."""

PROOF_HASHES_MAX: Final = 63
"""A tree of fewer than 2^63 leaves has no longer path."""


class InclusionFailed(VerificationFailed):
    """A proof does not show that the leaf is in the tree."""

    code = "tlog.inclusion-failed"


class ConsistencyFailed(VerificationFailed):
    """A proof does not show that the newer tree begins with the older one."""

    code = "tlog.consistency-failed"


def inclusion_proof(index: int, size: int, range_root: RangeRoot) -> tuple[bytes, ...]:
    """The sibling hashes from a leaf up to the root.

    Args:
        index: of the leaf, from 0.
        size: leaves in the tree.
        range_root: the root of any range of its leaves.

    Source: RFC 6962, section 2.1.1.
    """
    if not 0 <= index < size:
        raise InvalidArgument(f"A tree of {size} leaves has no leaf {index}.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end))
            end = middle
        else:
            path.append(range_root(start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old_size: int, new_size: int, range_root: RangeRoot) -> tuple[bytes, ...]:
    """The hashes that show that the tree of `new_size` leaves begins with that of `old_size`.

    Args:
        old_size: leaves then, at least 1: anything is consistent with an empty tree.
        new_size: leaves now, at least `old_size`.
        range_root: the root of any range of the newer tree's leaves.

    Source: RFC 6962, section 2.1.2.
    """
    if not 1 <= old_size <= new_size:
        raise InvalidArgument(f"No proof leads from {old_size} leaves to {new_size}.")
    path: list[bytes] = []
    start, end = 0, new_size
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(range_root(middle, end))
            end = middle
        else:
            path.append(range_root(start, middle))
            start = middle
    if start > 0:  # From 0 on, the range is the older tree itself, whose root is known.
        path.append(range_root(start, end))
    return tuple(reversed(path))


def verify_inclusion(
    *, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf hash (32 bytes) is at `index` of the tree with this size and root.

    Raises:
        InclusionFailed: the proof does not show it.

    Source: RFC 9162, section 2.1.3.2.
    """
    _check_hashes(proof, leaf_hash, root, failure=InclusionFailed)
    if not 0 <= index < size:
        raise InclusionFailed(f"A tree of {size} leaves has no leaf {index}.")
    node, last, digest = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise InclusionFailed(f"The proof for leaf {index} of {size} is too long.")
        if node & 1 or node == last:
            digest = node_hash(sibling, digest)
            node, last = _skip_levels_without_sibling(node, last)
        else:
            digest = node_hash(digest, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise InclusionFailed(f"The proof for leaf {index} of {size} is too short.")
    if digest != root:
        raise InclusionFailed(f"The proof for leaf {index} leads to another root of {size} leaves.")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the newer tree begins with the older one; roots and hashes have 32 bytes.

    Raises:
        ConsistencyFailed: the proof does not show it.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 1 <= old_size <= new_size:
        raise ConsistencyFailed(f"No proof leads from {old_size} leaves to {new_size}.")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise ConsistencyFailed(f"Two trees of {new_size} leaves have different roots.")
        return
    _check_hashes(proof, old_root, new_root, failure=ConsistencyFailed)
    # Where the older tree is one full subtree, its root begins the path and is left out.
    full = old_size & (old_size - 1) == 0
    path = [old_root, *proof] if full else list(proof)
    _climb(path, old_size=old_size, old_root=old_root, new_size=new_size, new_root=new_root)


def _climb(
    path: Sequence[bytes], *, old_size: int, old_root: bytes, new_size: int, new_root: bytes
) -> None:
    if not path:
        raise ConsistencyFailed(f"The proof from {old_size} to {new_size} leaves is empty.")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ConsistencyFailed(f"The proof from {old_size} to {new_size} is too long.")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            node, last = _skip_levels_without_sibling(node, last)
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ConsistencyFailed(f"The proof from {old_size} to {new_size} leaves is too short.")
    if old != old_root or new != new_root:
        which = "older" if old != old_root else "newer"
        raise ConsistencyFailed(
            f"The proof from {old_size} to {new_size} leaves leads to another {which} root."
        )


def _skip_levels_without_sibling(node: int, last: int) -> tuple[int, int]:
    # The last node of a level with an odd count moves up unhashed.
    while node & 1 == 0 and node != 0:
        node, last = node >> 1, last >> 1
    return node, last


def _split(count: int) -> int:
    """The largest power of two below `count` (at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _check_hashes(
    proof: Sequence[bytes], *others: bytes, failure: type[VerificationFailed]
) -> None:
    # A consistency proof begins with a node of the older tree, then follows a path.
    if len(proof) > PROOF_HASHES_MAX + 1:
        raise failure(f"A proof of more than {PROOF_HASHES_MAX + 1} hashes fits no tree.")
    if any(len(item) != HASH_BYTES for item in (*proof, *others)):
        raise failure(f"A hash of the proof has not {HASH_BYTES} bytes.")
