"""Signed notes: strict parsing, several keys, and which failures reject."""

from __future__ import annotations

import pytest

from assay.adapters.keys import Ed25519Signer, Ed25519Verifier
from assay.errors import InvalidArgument
from assay.tlog.checkpoint import Checkpoint, ForeignCheckpoint, open_checkpoint
from assay.tlog.keys import MalformedKey, VerifierKey, parse_verifier_key
from assay.tlog.note import (
    MalformedNote,
    Note,
    NoteNotSigned,
    NoteSignatureFailed,
    parse_note,
    verify_note,
)

ALICE = Ed25519Signer.from_seed("example.org/alice", b"a" * 32)
BOB = Ed25519Signer.from_seed("example.org/bob", b"b" * 32)
NOTE = Note(text="a text\n\nwith an empty line\n").signed(ALICE).signed(BOB)


def test_two_keys_sign_one_text() -> None:
    """Each known key's line verifies; who is not known is ignored."""
    note = parse_note(NOTE.to_bytes())
    assert note == NOTE
    both = verify_note(note, [BOB.verifier, ALICE.verifier])
    assert [line.name for line in both] == ["example.org/alice", "example.org/bob"]
    assert [line.name for line in verify_note(note, [BOB.verifier])] == ["example.org/bob"]


def test_nobody_known_is_not_signed() -> None:
    """A note that no trusted key signed is refused, and so is one without trusted keys."""
    stranger = Ed25519Signer.from_seed("example.org/alice", b"c" * 32)
    for trusted in ([stranger.verifier], []):
        with pytest.raises(NoteNotSigned):
            verify_note(NOTE, trusted)


def test_one_bad_line_of_a_known_key_rejects_the_note() -> None:
    """A forged line beside a good one is not overlooked."""
    forged = Note(text=NOTE.text, signatures=(*Note(text="other\n").signed(BOB).signatures,))
    note = forged.signed(ALICE)
    with pytest.raises(NoteSignatureFailed):
        verify_note(note, [ALICE.verifier, BOB.verifier])
    assert verify_note(note, [ALICE.verifier])


def test_two_keys_of_one_name_and_id_cannot_be_trusted_together() -> None:
    """A line could not tell them apart."""

    class Twin(Ed25519Verifier):
        @property
        def key_id(self) -> bytes:
            return ALICE.verifier.key_id

    twin = Twin(VerifierKey(name=ALICE.name, public_key=BOB.public_key))
    with pytest.raises(InvalidArgument):
        verify_note(NOTE, [ALICE.verifier, twin])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text without a line feed",
        NOTE.to_bytes()[:-1],
        NOTE.to_bytes() + b"\n",
        NOTE.to_bytes() + b"trailing\n",
        NOTE.to_bytes().replace(b"\n\n\xe2", b"\n\xe2", 1),
        NOTE.to_bytes().replace(b"\xe2\x80\x94 ", b"- "),
        NOTE.to_bytes().replace(b"example.org/bob ", b"example.org+bob "),
        NOTE.to_bytes().replace(b"example.org/bob ", b"example.org/bob  "),
        NOTE.to_bytes().replace(b"a text", b"a\ttext"),
        NOTE.to_bytes().replace(b"a text", b"a text\r"),
        NOTE.to_bytes().replace(b"a text", b"\xff"),
        "text\n\n\N{EM DASH} name AAAAAA==\n".encode(),
        "text\n\n\N{EM DASH} name AAAAAB==\n".encode(),
        "text\n\n\N{EM DASH} name\N{NO-BREAK SPACE}x AAAAAAA=\n".encode(),
        b"t" * (1 << 20) + NOTE.to_bytes(),
        NOTE.text.encode() + b"\n" + "\N{EM DASH} name AAAAAAA=\n".encode() * 101,
    ],
    ids=range(19),
)
def test_malformed_notes_are_refused(data: bytes) -> None:
    """A note has one spelling and bounds."""
    with pytest.raises(MalformedNote):
        parse_note(data)


def test_sixteen_signatures_are_read() -> None:
    """The specification asks for at least sixteen lines."""
    note = Note(text="text\n")
    for number in range(16):
        note = note.signed(Ed25519Signer.from_seed(f"key-{number}", bytes([number]) * 32))
    assert parse_note(note.to_bytes()) == note


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\N{EM SPACE}b", "x" * 256])
def test_names_that_a_line_cannot_carry_are_refused(name: str) -> None:
    """A key's name has no space and no plus sign."""
    with pytest.raises(InvalidArgument):
        VerifierKey(name=name, public_key=bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        str(ALICE.key).upper(),
        str(ALICE.key) + "=",
        str(ALICE.key).replace("alice", "bob"),
        "name+00000000+AA==",
    ],
)
def test_malformed_keys_are_refused(text: str) -> None:
    """A verifier key has one spelling, and its id fits its name and key."""
    with pytest.raises(MalformedKey):
        parse_verifier_key(text)


def test_checkpoint_of_another_log_is_refused() -> None:
    """A trusted key's checkpoint still has to be of the log that was asked about."""
    checkpoint = Checkpoint(origin=ALICE.name, size=0, root=bytes(32))
    data = Note(text=str(checkpoint)).signed(ALICE).to_bytes()
    opened = open_checkpoint(data, origin=ALICE.name, verifiers=[ALICE.verifier])
    assert opened == checkpoint
    with pytest.raises(ForeignCheckpoint):
        open_checkpoint(data, origin=BOB.name, verifiers=[ALICE.verifier])


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, bytes(32), ()),
        ("a\nb", 1, bytes(32), ()),
        ("log", -1, bytes(32), ()),
        ("log", 2**63, bytes(32), ()),
        ("log", 1, b"", ()),
        ("log", 1, bytes(32), ("",)),
    ],
)
def test_impossible_checkpoints_are_refused(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    """What would not parse again cannot be made."""
    with pytest.raises(InvalidArgument):
        Checkpoint(origin=origin, size=size, root=root, extensions=extensions)
