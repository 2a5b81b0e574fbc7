"""Signed notes: a text, and beneath it a line for each key that signed it (C2SP, 1.0)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from assay.errors import InvalidArgument, VerificationFailed
from assay.tlog.keys import KEY_ID_BYTES, NoteVerifier, Signer, VerifierKey, check_name
from assay.tlog.text import decode_base64, encode_base64

NOTE_BYTES_MAX: Final = 1 << 20
SIGNATURES_MAX: Final = 100

_LINE_START: Final = "\u2014 "


class MalformedNote(VerificationFailed):
    """Bytes are not a signed note."""

    code = "tlog.malformed-note"


class NoteNotSigned(VerificationFailed):
    """No key that is trusted signed the note."""

    code = "tlog.note-not-signed"


class NoteSignatureFailed(VerificationFailed):
    """A line in a trusted key's name is not that key's signature over the text."""

    code = "tlog.note-signature-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: who, by name and key id (4 bytes), and the bytes that follow."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_LINE_START}{self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text, its last line feed included, with its signatures; not yet to be trusted."""

    text: str
    signatures: tuple[NoteSignature, ...] = ()

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or not _printable(self.text):
            raise InvalidArgument(
                "A note's text ends in a line feed and holds no other control character."
            )

    def signed(self, signer: Signer) -> Note:
        """The note with the signature of one more key, after those it has."""
        key = VerifierKey(name=signer.name, public_key=signer.public_key)
        line = NoteSignature(
            name=key.name, key_id=key.key_id, signature=signer.sign(self.text.encode())
        )
        return replace(self, signatures=(*self.signatures, line))

    def with_lines(self, lines: Iterable[NoteSignature]) -> Note:
        """The note with further signature lines, each key's line once, after those it has."""
        known = {(line.name, line.key_id) for line in self.signatures}
        fresh = {(line.name, line.key_id): line for line in lines}
        added = (line for key, line in fresh.items() if key not in known)
        return replace(self, signatures=(*self.signatures, *added))

    def to_bytes(self) -> bytes:
        """The note as it is published."""
        if not 0 < len(self.signatures) <= SIGNATURES_MAX:
            raise InvalidArgument(f"A note has 1 to {SIGNATURES_MAX} signatures.")
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()


def parse_note(data: bytes) -> Note:
    """The note whose `to_bytes` are these; its signatures are not verified.

    Raises:
        MalformedNote: the bytes are not a signed note, or exceed its bounds.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise MalformedNote(f"A note of {len(data):,} bytes exceeds {NOTE_BYTES_MAX:,}.")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedNote("The note is not UTF-8.") from error
    if not _printable(whole):
        raise MalformedNote("The note holds a control character other than the line feed.")
    text, separator, block = whole.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise MalformedNote("The note has no signature lines after its last empty line.")
    lines = block[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise MalformedNote(f"The note has more than {SIGNATURES_MAX} signature lines.")
    try:
        return Note(text=text + "\n", signatures=tuple(map(_signature, lines)))
    except ValueError as error:
        raise MalformedNote(f"A signature line is malformed: {error}") from error


def verify_note(note: Note, verifiers: Sequence[NoteVerifier]) -> tuple[NoteSignature, ...]:
    """Check every signature of a known key; lines of unknown keys are ignored.

    Args:
        note: as parsed.
        verifiers: the trusted keys.

    Returns:
        The lines that verified, at least one.

    Raises:
        NoteSignatureFailed: a line names a known key and its signature is not that key's.
        NoteNotSigned: no line is of a known key.
    """
    verified = verified_lines(note, verifiers)
    if not verified:
        raise NoteNotSigned(
            f"None of the note's {len(note.signatures)} signatures is by a trusted key.",
            remedy=f"Trusted here: {', '.join(sorted(v.name for v in verifiers)) or 'no key'}.",
        )
    return verified


def verified_lines(note: Note, verifiers: Sequence[NoteVerifier]) -> tuple[NoteSignature, ...]:
    """The lines of known keys, which may be none.

    Raises:
        NoteSignatureFailed: a line names a known key and its signature is not that key's.
    """
    known = _by_name_and_id(verifiers)
    message = note.text.encode()
    verified: list[NoteSignature] = []
    for line in note.signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            continue
        try:
            verifier.verify(message, line.signature)
        except VerificationFailed as error:
            raise NoteSignatureFailed(
                f"The signature of {line.name!r} does not fit the note: its text or the "
                "signature was changed."
            ) from error
        verified.append(line)
    return tuple(verified)


def _by_name_and_id(verifiers: Iterable[NoteVerifier]) -> dict[tuple[str, bytes], NoteVerifier]:
    known: dict[tuple[str, bytes], NoteVerifier] = {}
    for verifier in verifiers:
        twin = known.setdefault((verifier.name, verifier.key_id), verifier)
        if twin.public_key != verifier.public_key:
            raise InvalidArgument(
                f"Two trusted keys named {verifier.name!r} have the key id "
                f"{verifier.key_id.hex()}; a signature line could not tell them apart."
            )
    return known


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not space:
        raise ValueError(f"{line[:200]!r} is not an em dash, a name and base64.")
    check_name(name)
    data = decode_base64(encoded)
    if len(data) <= KEY_ID_BYTES:
        raise ValueError(f"nothing follows the key id in {line[:200]!r}.")
    return NoteSignature(name=name, key_id=data[:KEY_ID_BYTES], signature=data[KEY_ID_BYTES:])


def _printable(text: str) -> bool:
    return not any(char < " " and char != "\n" for char in text)
