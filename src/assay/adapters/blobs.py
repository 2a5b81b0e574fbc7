"""Content by its SHA-256 in a folder: written once and durably, verified on every read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from assay.adapters.files import make_folder, sync_folder, write_whole
from assay.errors import EnvironmentUnavailable, VerificationFailed
from assay.evidence.canonical import digest as sha256

BLOB_BYTES_MAX: Final = 1 << 30

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class BlobAbsent(VerificationFailed):
    """Content is not there: erased, never exchanged, or lost."""

    code = "blob.absent"


class BlobDamaged(VerificationFailed):
    """Stored content has not the digest under which it is stored."""

    code = "blob.damaged"


class MalformedDigest(VerificationFailed):
    """A text is not a SHA-256 digest, and so names no content."""

    code = "blob.malformed-digest"


class BlobsUnreachable(EnvironmentUnavailable):
    """The folder cannot be read or written."""

    code = "blob.unreachable"


class LocalBlobs:
    """Blobs as files `sha256/ab/abcd…` below a folder, readable by their owner alone.

    Args:
        root: the folder, made with the first blob.
        bytes_max: the size beyond which content is neither written nor read.
    """

    def __init__(self, root: Path, *, bytes_max: int = BLOB_BYTES_MAX) -> None:
        self._folder = root / "sha256"
        self._bytes_max = bytes_max

    def put(self, data: bytes) -> str:
        """Store durably and return the digest (hex); content that is there stays as it is.

        Raises:
            BlobsUnreachable: the content cannot be written, or is too large.
        """
        if len(data) > self._bytes_max:
            raise BlobsUnreachable(
                f"Content of {len(data):,} bytes exceeds the limit of {self._bytes_max:,}."
            )
        digest = sha256(data)
        path = self._path(digest)
        try:
            if _holds(path, data):
                sync_folder(path.parent)  # Whoever wrote it may not have come to this yet.
            else:
                make_folder(path.parent)
                write_whole(path, data, replace=True)
        except OSError as error:
            raise BlobsUnreachable(
                f"Content cannot be written: {error.strerror}.",
                where=str(path),
                remedy="Look at the disk's space and at the folder's rights.",
            ) from error
        return digest

    def get(self, digest: str) -> bytes:
        """The content with a digest (hex).

        Raises:
            BlobAbsent: it is not there.
            BlobDamaged: what is there has another digest, or is too large.
            MalformedDigest: the digest is not one.
            BlobsUnreachable: it cannot be read.
        """
        path = self._path(digest)
        try:
            with path.open("rb") as file:
                data = file.read(self._bytes_max + 1)
        except FileNotFoundError as error:
            raise BlobAbsent(f"No content with SHA-256 {digest} is stored.") from error
        except OSError as error:
            raise BlobsUnreachable(
                f"Content cannot be read: {error.strerror}.", where=str(path)
            ) from error
        if len(data) > self._bytes_max or sha256(data) != digest:
            raise BlobDamaged(
                f"What is stored as SHA-256 {digest} has other content.",
                where=str(path),
                remedy="Restore the file from a backup.",
            )
        return data

    def has(self, digest: str) -> bool:
        """Whether the content is present (not verified); raises MalformedDigest."""
        return self._path(digest).is_file()

    def erase(self, digest: str) -> None:
        """Take content away, durably; that is done already where it is absent.

        Raises:
            BlobsUnreachable: it cannot be taken away.
            MalformedDigest: the digest is not one.
        """
        path = self._path(digest)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                sync_folder(path.parent)
        except OSError as error:
            raise BlobsUnreachable(
                f"Content cannot be erased: {error.strerror}.",
                where=str(path),
                remedy="Give yourself the right to write there.",
            ) from error

    def _path(self, digest: str) -> Path:
        check_digest(digest)
        return self._folder / digest[:2] / digest


def check_digest(digest: str) -> None:
    """Refuse what is not a digest; its syntax is what keeps a path below the folder.

    Raises:
        MalformedDigest: not 64 lowercase hexadecimal digits.
    """
    if not _DIGEST.fullmatch(digest):
        raise MalformedDigest(f"{digest[:100]!r} is not a SHA-256 digest.")


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file has that very content; one that was damaged is written again."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False
