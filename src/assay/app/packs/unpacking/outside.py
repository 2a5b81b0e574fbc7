"""The outside of a pack: its files are those that the key's holder listed and signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assay.app.packs.unpacking.problems import (
    PackFileChanged,
    PackIncomplete,
    PackKeyDiffers,
    PackNotSigned,
    PackStray,
)
from assay.documents.packs.files import parse_sums, pem
from assay.documents.packs.layout import (
    CHECKPOINT,
    INDEX,
    KEY,
    PEM,
    README,
    SIGNATURE,
    SUMS,
)
from assay.errors import AssayError, VerificationFailed
from assay.evidence.canonical import digest
from assay.tlog.keys import NoteVerifier, VerifierKey, parse_verifier_key


def pack_key(files: Mapping[str, bytes]) -> VerifierKey:
    """The key that a pack says is the log's; nothing vouches for it yet.

    Raises:
        PackIncomplete: it has none.
        PackKeyDiffers: what it has is no key, or `log.pem` is another.
    """
    for name in (README, INDEX, KEY, PEM, CHECKPOINT, SUMS, SIGNATURE):
        if name not in files:
            raise PackIncomplete("The archive is not a pack: this file is missing.", file=name)
    try:
        key = parse_verifier_key(files[KEY].decode("utf-8").removesuffix("\n"))
    except (AssayError, UnicodeDecodeError) as error:
        raise PackKeyDiffers(f"The pack's key is none: {error}", file=KEY) from error
    if files[KEY] != f"{key}\n".encode() or files[PEM] != pem(key):
        raise PackKeyDiffers(f"It is not the key of {KEY} in PEM.", file=PEM)
    return key


def check_outside(
    files: Mapping[str, bytes], key: VerifierKey, verifiers: Sequence[NoteVerifier]
) -> dict[str, str]:
    """Check that the files are those of the signed list.

    Args:
        files: the pack's.
        key: that which the pack names.
        verifiers: the trusted keys, of which the pack's must be one.

    Returns:
        The SHA-256 (hex) of each file by its name, but of the list and its signature.

    Raises:
        PackProblem: the key is not trusted, the list is not signed by it, or a file is
            missing, stray, in another place or changed.
    """
    trusted = [item for item in verifiers if item.public_key == key.public_key]
    if not any(item.name == key.name for item in trusted):
        raise PackKeyDiffers(f"The pack's key, {key}, is not the one that you trust.", file=KEY)
    listed = parse_sums(files[SUMS])
    try:
        trusted[0].verify(files[SUMS], files[SIGNATURE])
    except VerificationFailed as error:
        raise PackNotSigned(
            "The list of the pack's files is not signed by the log's key: the list or the "
            "signature was changed.",
            file=SUMS,
        ) from error
    check_names(files, [*listed, SUMS, SIGNATURE])
    for name, value in listed.items():
        if digest(files[name]) != value:
            raise PackFileChanged("The file is not the one that was packed.", file=name)
    return listed


def check_names(found: Iterable[str], wanted: Iterable[str]) -> None:
    """Check that the names are those wanted, in their order.

    Raises:
        PackProblem: the first that is missing, stray, or in another place.
    """
    names, expected = list(dict.fromkeys(found)), list(dict.fromkeys(wanted))
    here, listed = set(names), set(expected)
    for name in expected:
        if name not in here:
            raise PackIncomplete("The file is listed, and is not in the pack.", file=name)
    for name in names:
        if name not in listed:
            raise PackStray("The file is in the pack, and nothing lists it.", file=name)
    for name, place in zip(names, expected, strict=True):
        if name != place:
            raise PackStray("The file stands in another place than it is listed.", file=name)
