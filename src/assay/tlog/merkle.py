"""RFC 6962 tree hashing: leaves, nodes, and the right edge that makes appending cheap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from assay.errors import InvalidArgument, VerificationFailed

HASH_BYTES: Final = 32

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

_ROW: Final = 4_096
"""Leaf hashes that are hashed together, level by level: few enough to hold."""


class DamagedFrontier(VerificationFailed):
    """Stored bytes are not a right edge of the size they are said to be."""

    code = "tlog.damaged-frontier"


def leaf_hash(entry: bytes) -> bytes:
    """The 32-byte hash of an entry. Source: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash of an inner node. Source: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The 32-byte root over leaf hashes in order.

    >>> tree_root([]) == EMPTY_ROOT
    True
    """
    return Frontier().extend(leaf_hashes).root


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: all that appending needs, at most 63 hashes.

    A tree of n leaves is a row of full subtrees, one for each binary one of n, the largest
    first; a new leaf merges with full subtrees of its own size, as carries do in binary.

    Attributes:
        size: how many leaves the tree has; 0 <= size < 2^63.
        hashes: the roots of its full subtrees, 32 bytes each, the largest first.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size < 2**63 or len(self.hashes) != self.size.bit_count():
            raise InvalidArgument(
                f"A tree of {self.size} leaves does not have {len(self.hashes)} full subtrees."
            )
        if any(len(item) != HASH_BYTES for item in self.hashes):
            raise InvalidArgument(f"A hash of a right edge has not {HASH_BYTES} bytes.")

    @property
    def root(self) -> bytes:
        """The RFC 6962 root (32 bytes) of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *left, root = self.hashes
        for subtree in reversed(left):
            root = node_hash(subtree, root)
        return root

    def extend(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The right edge after these leaf hashes (32 bytes each) were appended in order."""
        source, size, edge = iter(leaf_hashes), self.size, list(self.hashes)
        while row := list(islice(source, _ROW)):
            _add_row(edge, size, row)
            size += len(row)
        return Frontier(size, tuple(edge))

    def to_bytes(self) -> bytes:
        """The hashes concatenated; the size is kept beside them."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """The right edge of `size` leaves that `to_bytes` wrote.

        Raises:
            DamagedFrontier: the bytes are not that many hashes.
        """
        if not 0 <= size < 2**63 or len(data) != HASH_BYTES * size.bit_count():
            raise DamagedFrontier(
                f"{len(data)} bytes are not the right edge of a tree of {size} leaves."
            )
        starts = range(0, len(data), HASH_BYTES)
        return cls(size, tuple(data[start : start + HASH_BYTES] for start in starts))


def _add_row(edge: list[bytes], size: int, row: list[bytes]) -> None:
    """Add leaf hashes to the full subtrees of `size` leaves, in place.

    All new nodes of a level are made in one comprehension, which bounds how fast a log verifies.
    """
    sha256 = hashlib.sha256
    single: list[bytes] = []  # The last subtree of each level that has no partner yet.
    while row:
        if size & 1:
            row = [edge.pop(), *row]
        if len(row) & 1:
            single.append(row[-1])
        # A last one without a partner is left out here.
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        size >>= 1
    edge += reversed(single)
