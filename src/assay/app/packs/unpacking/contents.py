"""What the entries of a pack name: content by digest, statements by id and signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from assay.app.log.verifying.received import check_proof, signer_of
from assay.app.packs.unpacking.keys import PackedKeys
from assay.app.packs.unpacking.problems import (
    PackedContentChanged,
    PackedEntryRejected,
    PackedStatementRejected,
    PackIncomplete,
)
from assay.documents.packs.layout import (
    ENVELOPE,
    PROOF,
    Audience,
    Content,
    PackedEvent,
    contents_of,
    entry_file,
    statements_of,
)
from assay.errors import AssayError, InvalidArgument, VerificationFailed
from assay.evidence.canonical import digest
from assay.evidence.envelopes import open_envelope
from assay.evidence.statements import Statement, parse_statement, statement_id
from assay.governance.events import STATEMENT_RECEIVED

STATEMENT_BYTES_MAX: Final = 4 << 20
"""A pack is read on small machines, and parsed JSON takes many times its bytes."""


class ContentMissing(VerificationFailed):
    """Content is asked for that the pack does not carry."""

    code = "pack.content-missing"


class PackedContents:
    """The content of a pack by SHA-256, as far as it is there and intact."""

    def __init__(self, files: Mapping[str, bytes], contents: Sequence[Content]) -> None:
        self._files = files
        self._places = {item.digest: item.file for item in contents if item.state == "here"}

    def get(self, digest: str) -> bytes:
        """The content; raises ContentMissing."""
        if digest not in self._places:
            raise ContentMissing(f"The pack does not carry the content with SHA-256 {digest}.")
        return self._files[self._places[digest]]

    def has(self, digest: str) -> bool:
        """Whether the pack carries the content."""
        return digest in self._places


def read_contents(
    digests: Mapping[str, str], entries: Sequence[PackedEvent], audience: Audience
) -> tuple[Content, ...]:
    """All that the entries name, each with its digest where it is there.

    Args:
        digests: SHA-256 (hex) of each file, found right.
        entries: the entries, by index.
        audience: for whom the pack says it is.

    Raises:
        PackProblem: content is not what its entry names.
    """
    try:
        contents = contents_of(entries, audience, lambda content: content.file in digests)
    except InvalidArgument as error:
        raise PackedEntryRejected(error.what, file=entry_file(entries[0].index)) from error
    for content in contents:
        if content.state == "here" and digests[content.file] != content.digest:
            raise PackedContentChanged(
                f"Entry {content.entry} names other {content.name}.", file=content.file
            )
    return contents


class PackedStatements:
    """The statements of a pack, each checked and parsed when it is asked for, then let go."""

    def __init__(self, files: Mapping[str, bytes], keys: PackedKeys) -> None:
        self._files = files
        self._keys = keys

    def of(self, item: PackedEvent) -> Statement | None:
        """The statement of an entry, signed by a trusted key.

        Raises:
            PackProblem: it is missing, or not the one that the entry names.
        """
        for _, name, file in statements_of([item]):
            envelope = self._files.get(file)
            if envelope is None:
                raise PackIncomplete(f"The statement of entry {item.index} is missing.", file=file)
            if digest(envelope) != item.event.digests.get(ENVELOPE):
                raise PackedStatementRejected(
                    f"It is not the envelope that entry {item.index} names.", file=file
                )
            return self._open(envelope, name, file, item)
        return None

    def _open(self, envelope: bytes, name: str, file: str, item: PackedEvent) -> Statement:
        if len(envelope) > STATEMENT_BYTES_MAX:
            raise PackedStatementRejected(
                f"A statement of {len(envelope):,} bytes is too large.", file=file
            )
        try:
            payload = self._payload(envelope, item)
            statement = parse_statement(payload)
        except AssayError as error:
            raise PackedStatementRejected(error.what, file=file) from error
        if statement_id(payload) != name:
            raise PackedStatementRejected("The envelope holds another statement.", file=file)
        return statement

    def _payload(self, envelope: bytes, item: PackedEvent) -> bytes:
        keys = self._keys.at(item.index)
        if item.event.type != STATEMENT_RECEIVED:
            return open_envelope(envelope, keys, threshold=self._keys.threshold)
        for content in contents_of([item], Audience.AUDITOR, lambda _: True):
            if content.name == PROOF and content.file in self._files:
                check_proof(item.event, self._files[content.file], keys[0])
        return open_envelope(envelope, [signer_of(item.event, keys[0])])
