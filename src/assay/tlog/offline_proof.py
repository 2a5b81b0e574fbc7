"""A proof to carry about: index, path and checkpoint in one text (C2SP tlog-proof)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assay.errors import VerificationFailed
from assay.tlog.merkle import HASH_BYTES
from assay.tlog.note import NOTE_BYTES_MAX
from assay.tlog.proofs import PROOF_HASHES_MAX
from assay.tlog.text import decode_base64, encode_base64, parse_count

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_HEAD_BYTES_MAX: Final = 1 << 20


class MalformedProof(VerificationFailed):
    """Bytes are not an offline proof."""

    code = "tlog.malformed-proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineProof:
    """That an entry is in the log of a checkpoint, for someone without the log.

    Attributes:
        index: of the entry.
        hashes: the inclusion proof, 32 bytes each, from the leaf upwards.
        checkpoint: the signed note verbatim, with its cosignatures.
        extra: bytes that an application carries along, not covered by the log.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """The `.tlog-proof` file."""
        extra = [] if self.extra is None else [f"extra {encode_base64(self.extra)}"]
        lines = [_HEADER, *extra, f"index {self.index}", *map(encode_base64, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


def parse_offline_proof(data: bytes) -> OfflineProof:
    """The proof that `to_bytes` wrote; neither path nor checkpoint is verified.

    Raises:
        MalformedProof: the bytes have not that one spelling, or exceed its bounds.
    """
    if len(data) > _HEAD_BYTES_MAX + NOTE_BYTES_MAX:
        raise MalformedProof(f"A proof of {len(data):,} bytes is too large.")
    try:
        return _parse(data)
    except ValueError as error:
        raise MalformedProof(f"The bytes are not an offline proof: {error}") from error


def _parse(data: bytes) -> OfflineProof:
    head, separator, checkpoint = data.partition(b"\n\n")
    header, *lines = head.decode("utf-8").split("\n")
    if header != _HEADER or not separator:
        raise ValueError(f"it does not begin with {_HEADER} or has no empty line.")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise ValueError("it has no index.")
    index = parse_count(lines.pop(0).removeprefix("index "))
    hashes = tuple(map(decode_base64, lines))
    if len(hashes) > PROOF_HASHES_MAX or any(len(item) != HASH_BYTES for item in hashes):
        raise ValueError("its path is not a list of SHA-256 hashes.")
    return OfflineProof(index=index, hashes=hashes, checkpoint=checkpoint, extra=extra)
