"""Content by its SHA-256 in an object store: created once, verified on every read."""

from __future__ import annotations

from typing import Final

from assay.adapters.blobs import (
    BLOB_BYTES_MAX,
    BlobAbsent,
    BlobDamaged,
    BlobsUnreachable,
    check_digest,
)
from assay.adapters.objects.store import ObjectAbsent, ObjectExists, Objects
from assay.evidence.canonical import digest as sha256

_FOLDER: Final = "sha256"


class ObjectBlobs:
    """Blobs as objects `sha256/ab/abcd…`.

    Args:
        objects: where.
        bytes_max: the size beyond which content is neither written nor read.
    """

    def __init__(self, objects: Objects, *, bytes_max: int = BLOB_BYTES_MAX) -> None:
        self._objects = objects
        self._bytes_max = bytes_max

    def put(self, data: bytes) -> str:
        """Store durably and return the digest (hex); content that is there stays as it is.

        Raises:
            BlobsUnreachable: the content is too large.
            ObjectsUnreachable: it cannot be written.
        """
        if len(data) > self._bytes_max:
            raise BlobsUnreachable(
                f"Content of {len(data):,} bytes exceeds the limit of {self._bytes_max:,}."
            )
        digest = sha256(data)
        name = _name(digest)
        try:
            self._objects.create(name, data)
        except ObjectExists:
            self._mend(name, data)
        return digest

    def get(self, digest: str) -> bytes:
        """The content with a digest (hex).

        Raises:
            BlobAbsent: it is not there.
            BlobDamaged: what is there has another digest, or is too large.
            MalformedDigest: the digest is not one.
            ObjectsUnreachable: it cannot be read.
        """
        try:
            data = self._objects.get(_name(digest), bytes_max=self._bytes_max).data
        except ObjectAbsent as error:
            raise BlobAbsent(f"No content with SHA-256 {digest} is stored.") from error
        if len(data) > self._bytes_max or sha256(data) != digest:
            raise BlobDamaged(
                f"What is stored as SHA-256 {digest} has other content.",
                where=f"{self._objects.url}/{_name(digest)}",
                remedy="Restore the object from a backup, or an earlier version of it.",
            )
        return data

    def has(self, digest: str) -> bool:
        """Whether the content is present (not verified); raises MalformedDigest."""
        return self._objects.has(_name(digest))

    def erase(self, digest: str) -> None:
        """Take content away; that is done already where it is absent."""
        self._objects.delete(_name(digest))

    def _mend(self, name: str, data: bytes) -> None:
        """Write content again where it was damaged."""
        try:
            found = self._objects.get(name, bytes_max=self._bytes_max)
            if found.data != data:
                self._objects.replace(name, data, tag=found.tag)
        except (ObjectAbsent, ObjectExists) as error:
            raise BlobsUnreachable(
                "Content was taken away or changed while it was written.",
                where=f"{self._objects.url}/{name}",
                remedy="Run the command again.",
            ) from error


def _name(digest: str) -> str:
    check_digest(digest)
    return f"{_FOLDER}/{digest[:2]}/{digest}"
