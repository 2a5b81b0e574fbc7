"""Content by its digest."""

from __future__ import annotations

from typing import Protocol


class BlobStore(Protocol):
    """Content by SHA-256, written once, verified on read."""

    def put(self, data: bytes) -> str:
        """Store durably and return the digest (hex); storing the same again does nothing."""
        ...

    def get(self, digest: str) -> bytes:
        """The content.

        Raises:
            VerificationFailed: the stored bytes do not have that digest, or are absent.
        """
        ...

    def has(self, digest: str) -> bool:
        """Whether the content is present (not verified)."""
        ...

    def erase(self, digest: str) -> None:
        """Take content away for ever, durable when it returns; absent content is no error."""
        ...
