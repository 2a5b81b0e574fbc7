"""The files of a pack, in their order, down to the list that is signed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from assay.documents.packs.index import Pack, index_json
from assay.documents.packs.layout import (
    CHECKPOINT,
    ENVELOPE,
    INDEX,
    KEY,
    PEM,
    README,
    SIGNATURE,
    SUMS,
    entry_file,
    proof_file,
    statements_of,
)
from assay.documents.packs.readme import render_readme
from assay.errors import VerificationFailed
from assay.evidence.canonical import digest
from assay.evidence.envelopes import ED25519_SPKI
from assay.tlog.keys import VerifierKey
from assay.tlog.offline_proof import OfflineProof
from assay.tlog.text import encode_base64

_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\s\\]+)")


class MalformedSums(VerificationFailed):
    """Bytes are not a list of files with their digests."""

    code = "pack.malformed-sums"


def pack_files(
    pack: Pack,
    *,
    key: VerifierKey,
    checkpoint: bytes,
    proofs: Mapping[int, Sequence[bytes]],
    blobs: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Every file of a pack but the signature, in the pack's order.

    Args:
        pack: what goes in.
        key: the log's.
        checkpoint: the signed note that the proofs lead to.
        proofs: for each entry's index, its inclusion proof.
        blobs: by SHA-256 (hex), every envelope and all content that is "here".
    """
    entries = {item.index: item.event.entry() for item in pack.entries}
    files: dict[str, bytes] = {
        README: render_readme(pack).encode(),
        INDEX: index_json(pack),
        KEY: f"{key}\n".encode(),
        PEM: pem(key),
        CHECKPOINT: checkpoint,
    }
    for index, data in entries.items():
        proof = OfflineProof(index=index, hashes=tuple(proofs[index]), checkpoint=checkpoint)
        files[entry_file(index)] = data
        files[proof_file(index)] = proof.to_bytes()
    for item, _, file in statements_of(pack.entries):
        files[file] = blobs[item.event.digests[ENVELOPE]]
    for content in pack.contents:
        if content.state == "here":
            files[content.file] = blobs[content.digest]
    files[SUMS] = sums(files)
    return files


def expected_names(pack: Pack) -> list[str]:
    """The names of all files of a pack, in its order."""
    entries = [(entry_file(item.index), proof_file(item.index)) for item in pack.entries]
    return [
        *(README, INDEX, KEY, PEM, CHECKPOINT),
        *(name for pair in entries for name in pair),
        *dict.fromkeys(file for _, _, file in statements_of(pack.entries)),
        *(content.file for content in pack.contents if content.state == "here"),
        *(SUMS, SIGNATURE),
    ]


def pem(key: VerifierKey) -> bytes:
    """An Ed25519 key in PEM (RFC 8410), as `openssl` reads it."""
    encoded = encode_base64(ED25519_SPKI + key.public_key)
    return f"-----BEGIN PUBLIC KEY-----\n{encoded}\n-----END PUBLIC KEY-----\n".encode()


def sums(files: Mapping[str, bytes]) -> bytes:
    """The digests of files as `sha256sum` writes and checks them.

    The log's key signs this text. No other text that it signs begins with a digest: a
    checkpoint begins with a name without spaces, an envelope's signed bytes with "DSSEv1 ".
    """
    return "".join(f"{digest(data)}  {name}\n" for name, data in files.items()).encode()


def parse_sums(data: bytes) -> dict[str, str]:
    """The digests (hex) by name that `sums` wrote, in its order.

    Raises:
        MalformedSums: the bytes have not that one spelling.
    """
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedSums("The list of files is not plain text.", where=SUMS) from error
    matches = [_LINE.fullmatch(line) for line in lines[:-1]]
    pairs = [(match[2], match[1]) for match in matches if match is not None]
    if lines[-1] or len(pairs) != len(matches) or len(dict(pairs)) != len(pairs):
        raise MalformedSums("The list of files has a line that is none of its own.", where=SUMS)
    return dict(pairs)
