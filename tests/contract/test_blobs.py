"""What every blob store promises: in memory, in a folder, in an object store."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from assay.adapters.blobs import BlobAbsent, LocalBlobs, MalformedDigest
from assay.adapters.memory import MemoryBlobs
from assay.adapters.objects.blobs import ObjectBlobs
from assay.adapters.objects.store import open_objects
from assay.app.ports import BlobStore

pytestmark = pytest.mark.enable_socket


@pytest.fixture(params=["memory", "folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty store."""
    if request.param == "memory":
        return MemoryBlobs()
    if request.param == "folder":
        return LocalBlobs(tmp_path / "blobs")
    return ObjectBlobs(open_objects(request.getfixturevalue("s3")))


@pytest.mark.parametrize("data", [b"", b"content", bytes(range(256)) * 1000])
def test_content_comes_back_by_its_digest(blobs: BlobStore, data: bytes) -> None:
    """What was stored is read by its SHA-256."""
    digest = blobs.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert blobs.has(digest)
    assert blobs.get(digest) == data


def test_storing_again_does_nothing(blobs: BlobStore) -> None:
    """The same content twice is one blob."""
    assert blobs.put(b"content") == blobs.put(b"content")
    assert blobs.get(blobs.put(b"content")) == b"content"


def test_erased_content_is_gone_and_can_come_again(blobs: BlobStore) -> None:
    """Erasing twice does nothing more, and other content stays."""
    digest, other = blobs.put(b"content"), blobs.put(b"other")
    blobs.erase(digest)
    blobs.erase(digest)
    blobs.erase("0" * 64)
    assert not blobs.has(digest)
    with pytest.raises(BlobAbsent):
        blobs.get(digest)
    assert blobs.get(other) == b"other"
    assert blobs.get(blobs.put(b"content")) == b"content"


def test_absent_content_is_told_from_damaged(blobs: BlobStore) -> None:
    """Content that never was has an error of its own."""
    assert not blobs.has("0" * 64)
    with pytest.raises(BlobAbsent):
        blobs.get("0" * 64)


@pytest.mark.parametrize(
    "digest",
    ["", "../../etc/passwd", "0" * 63, "0" * 65, "A" * 64, "0" * 62 + "/.", "0" * 64 + "\n"],
)
def test_what_is_no_digest_names_no_content(blobs: BlobStore, digest: str) -> None:
    """No path can be smuggled in as a digest."""
    with pytest.raises(MalformedDigest):
        blobs.get(digest)
    with pytest.raises(MalformedDigest):
        blobs.has(digest)
    with pytest.raises(MalformedDigest):
        blobs.erase(digest)
