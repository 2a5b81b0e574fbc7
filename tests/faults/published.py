"""An independent reader of a published log: RFC 6962 and C2SP by the letter, nothing of ours.

It shares no code with the writer, so that both cannot be wrong in the same way.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes, as RFC 6962, section 2.1, has it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(
        b"\x01" + plain_root(leaves[:split]) + plain_root(leaves[split:])
    ).digest()


def read_checkpoint(folder: Path, public_key: bytes) -> tuple[int, bytes]:
    """Size and root of `checkpoint`, whose one signature line must be the key's."""
    text, _, line = (folder / "checkpoint").read_bytes().partition(b"\n\n")
    origin, size, root = text.split(b"\n")
    key_id = hashlib.sha256(origin + b"\n\x01" + public_key).digest()[:4]
    start, end = "\u2014 ".encode() + origin + b" ", b"\n"
    assert line.startswith(start)
    assert line.endswith(end)
    encoded = line[len(start) : -len(end)]
    signature = base64.b64decode(encoded, validate=True)
    assert base64.b64encode(signature) == encoded
    assert signature[:4] == key_id
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature[4:], text + b"\n")
    return int(size), base64.b64decode(root)


def check_tiles(folder: Path, public_key: bytes) -> int:
    """Check every tile of the published size, on every level; the size."""
    size, root = read_checkpoint(folder, public_key)
    leaves = _hashes(folder, 0, size)
    assert plain_root(leaves) == root
    below, level = leaves, 0
    while len(below) >= 256:
        level += 1
        above = _hashes(folder, level, len(below) // 256)
        assert above == [
            plain_root(below[256 * index : 256 * (index + 1)]) for index in range(len(above))
        ]
        below = above
    return size


def check_bundles(folder: Path, public_key: bytes) -> list[bytes]:
    """Check every bundle of the published size; the entries."""
    size, root = read_checkpoint(folder, public_key)
    entries: list[bytes] = []
    for data, width in _files(folder, "entries", size):
        start, before = 0, len(entries)
        while start < len(data):
            length = int.from_bytes(data[start : start + 2], "big")
            entries.append(data[start + 2 : start + 2 + length])
            start += 2 + length
        assert start == len(data)
        assert len(entries) - before == width
    assert plain_root([hashlib.sha256(b"\x00" + entry).digest() for entry in entries]) == root
    return entries


def _hashes(folder: Path, level: int, count: int) -> list[bytes]:
    hashes: list[bytes] = []
    for data, width in _files(folder, str(level), count):
        assert len(data) == 32 * width
        hashes += [data[start : start + 32] for start in range(0, len(data), 32)]
    return hashes


def _files(folder: Path, level: str, count: int) -> list[tuple[bytes, int]]:
    found: list[tuple[bytes, int]] = []
    for start in range(0, count, 256):
        width, index = min(256, count - start), start // 256
        name = f"{index:03}" if index < 1000 else f"x{index // 1000:03}/{index % 1000:03}"
        path = f"tile/{level}/{name}" + (f".p/{width}" if width < 256 else "")
        found.append(((folder / path).read_bytes(), width))
    return found
