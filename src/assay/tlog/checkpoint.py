"""Checkpoints: the text by which a log commits to its size and root (C2SP tlog-checkpoint)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.errors import InvalidArgument, VerificationFailed
from assay.tlog.keys import NoteVerifier
from assay.tlog.note import parse_note, verify_note
from assay.tlog.text import COUNT_MAX, decode_base64, encode_base64, parse_count


class MalformedCheckpoint(VerificationFailed):
    """A text is not a checkpoint."""

    code = "tlog.malformed-checkpoint"


class ForeignCheckpoint(VerificationFailed):
    """A checkpoint is of another log than the one asked about."""

    code = "tlog.foreign-checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log's key signs.

    Attributes:
        origin: the log's name.
        size: entries in the tree; 0 <= size < 2^63.
        root: the RFC 6962 root; 32 bytes in a log of ours.
        extensions: further lines that others may sign; we write none, since no monitor
            can audit them.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any(char < " " for line in lines for char in line):
            raise InvalidArgument("A line of a checkpoint is empty or holds a control character.")
        if not 0 <= self.size <= COUNT_MAX or not self.root:
            raise InvalidArgument("A checkpoint has a size in [0, 2^63) and a root.")

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that `str(checkpoint)` wrote.

    Raises:
        MalformedCheckpoint: the text has not that one spelling.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3:
        raise MalformedCheckpoint("A checkpoint is three lines: origin, size, root.")
    origin, size, root, *extensions = lines
    try:
        return Checkpoint(
            origin=origin,
            size=parse_count(size),
            root=decode_base64(root),
            extensions=tuple(extensions),
        )
    except ValueError as error:
        raise MalformedCheckpoint(f"The text is not a checkpoint: {error}") from error


def open_checkpoint(data: bytes, *, origin: str, verifiers: Sequence[NoteVerifier]) -> Checkpoint:
    """The checkpoint in a signed note, once a trusted key's signature over it was checked.

    Raises:
        VerificationFailed: malformed, not signed by a trusted key, signed wrongly, or of
            another log than `origin`.
    """
    note = parse_note(data)
    verify_note(note, verifiers)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise ForeignCheckpoint(
            f"The checkpoint is of the log {checkpoint.origin!r}, not of {origin!r}."
        )
    return checkpoint
