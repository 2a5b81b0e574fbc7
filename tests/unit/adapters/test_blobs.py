"""The folder of blobs: where content lies, who may read it, and what happens to damage."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from assay.adapters.blobs import BlobDamaged, BlobsUnreachable, LocalBlobs

CONTENT = b"content"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def _file(root: Path) -> Path:
    return root / "sha256" / DIGEST[:2] / DIGEST


def test_file_lies_under_its_digest_for_its_owner_alone(tmp_path: Path) -> None:
    """The path follows from the digest, the mode lets nobody else in."""
    LocalBlobs(tmp_path).put(CONTENT)
    file = _file(tmp_path)
    assert file.read_bytes() == CONTENT
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("bit", range(8 * len(CONTENT)))
def test_every_flipped_bit_is_found_on_reading(tmp_path: Path, bit: int) -> None:
    """Content is verified by its digest on every read."""
    blobs = LocalBlobs(tmp_path)
    blobs.put(CONTENT)
    damaged = bytearray(CONTENT)
    damaged[bit // 8] ^= 1 << bit % 8
    _file(tmp_path).write_bytes(damaged)
    with pytest.raises(BlobDamaged) as caught:
        blobs.get(DIGEST)
    assert DIGEST in str(caught.value)


@pytest.mark.parametrize("damaged", [b"", b"contenT", b"content and more"])
def test_storing_again_repairs_damage(tmp_path: Path, damaged: bytes) -> None:
    """The right content under its digest is always right, so it takes the damaged one's place."""
    blobs = LocalBlobs(tmp_path)
    blobs.put(CONTENT)
    _file(tmp_path).write_bytes(damaged)
    blobs.put(CONTENT)
    assert blobs.get(DIGEST) == CONTENT


def test_content_beyond_the_limit_is_neither_written_nor_read(tmp_path: Path) -> None:
    """A limit bounds the memory that one read can take."""
    with pytest.raises(BlobsUnreachable):
        LocalBlobs(tmp_path, bytes_max=6).put(CONTENT)
    LocalBlobs(tmp_path).put(CONTENT)
    with pytest.raises(BlobDamaged):
        LocalBlobs(tmp_path, bytes_max=6).get(DIGEST)
