"""What a log asks of a witness: to look at a checkpoint and cosign it (C2SP tlog-witness)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assay.errors import VerificationFailed
from assay.tlog.merkle import HASH_BYTES
from assay.tlog.note import NOTE_BYTES_MAX
from assay.tlog.text import decode_base64, encode_base64, parse_count

CONSISTENCY_HASHES_MAX: Final = 63

_HEAD_BYTES_MAX: Final = 4096


class MalformedRequest(VerificationFailed):
    """Bytes are not a request to cosign a checkpoint."""

    code = "tlog.malformed-request"


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignRequest:
    """The body of `add-checkpoint`.

    Attributes:
        old_size: of the checkpoint that the log believes the witness cosigned last; 0 for none.
        proof: the consistency proof from there, 32 bytes each; empty from 0.
        checkpoint: the signed note to cosign, verbatim.
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """The body."""
        lines = [f"old {self.old_size}", *map(encode_base64, self.proof), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


def parse_request(data: bytes) -> CosignRequest:
    """The request that `to_bytes` wrote; neither proof nor checkpoint is verified.

    Raises:
        MalformedRequest: the bytes have not that one spelling, or exceed its bounds.
    """
    head, separator, checkpoint = data.partition(b"\n\n")
    if not separator or len(head) > _HEAD_BYTES_MAX or len(checkpoint) > NOTE_BYTES_MAX:
        raise MalformedRequest("The request has no empty line where one must be, or is too large.")
    try:
        first, *lines = head.decode("ascii").split("\n")
        old, _, size = first.partition(" ")
        proof = tuple(map(decode_base64, lines))
        request = CosignRequest(old_size=parse_count(size), proof=proof, checkpoint=checkpoint)
    except ValueError as error:
        raise MalformedRequest(f"The request is malformed: {error}") from error
    if old != "old" or len(proof) > CONSISTENCY_HASHES_MAX:
        raise MalformedRequest(
            f"A request begins with an old size and has at most {CONSISTENCY_HASHES_MAX} hashes."
        )
    if any(len(item) != HASH_BYTES for item in proof):
        raise MalformedRequest(f"A hash of the proof has not {HASH_BYTES} bytes.")
    return request
