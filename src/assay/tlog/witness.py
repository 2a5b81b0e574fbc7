"""What a log asks of a witness, and when the witness agrees (C2SP tlog-witness)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assay.errors import VerificationFailed
from assay.tlog.checkpoint import Checkpoint, parse_checkpoint
from assay.tlog.keys import NoteVerifier
from assay.tlog.merkle import EMPTY_ROOT, HASH_BYTES
from assay.tlog.note import NOTE_BYTES_MAX, parse_note, verify_note
from assay.tlog.proofs import ConsistencyFailed, verify_consistency
from assay.tlog.text import decode_base64, encode_base64, parse_count

CONSISTENCY_HASHES_MAX: Final = 63

_HEAD_BYTES_MAX: Final = 4096

REQUEST_BYTES_MAX: Final = _HEAD_BYTES_MAX + 2 + NOTE_BYTES_MAX
"""Whoever reads a request from a network reads no more."""


class MalformedRequest(VerificationFailed):
    """Bytes are not a request to cosign a checkpoint."""

    code = "tlog.malformed-request"


class UnknownLog(VerificationFailed):
    """A witness was asked about a log that it does not watch."""

    code = "tlog.unknown-log"


class OtherSizeSeen(VerificationFailed):
    """A witness has cosigned another size last than the one that the request names.

    Attributes:
        size: the size that it cosigned last.
    """

    code = "tlog.other-size-seen"

    def __init__(self, what: str, *, size: int) -> None:
        self.size = size
        super().__init__(what)


class ForkSeen(VerificationFailed):
    """A checkpoint does not continue the one that a witness cosigned last."""

    code = "tlog.fork-seen"


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


def check_request(
    request: CosignRequest,
    *,
    logs: Mapping[str, Sequence[NoteVerifier]],
    seen: Mapping[str, Checkpoint],
) -> Checkpoint:
    """The checkpoint of a request that a witness may cosign.

    Args:
        request: as parsed.
        logs: the keys of each log that is watched, by origin.
        seen: the checkpoint cosigned last of each log, by origin.

    Raises:
        UnknownLog: the log is not watched.
        NoteNotSigned: none of the log's keys signed the checkpoint.
        MalformedRequest: the checkpoint is none, or smaller than the old size.
        OtherSizeSeen: the old size is not that of the checkpoint cosigned last.
        ForkSeen: of the same size, it has another root.
        ConsistencyFailed: the proof does not lead from there to the checkpoint.
    """
    note = parse_note(request.checkpoint)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin not in logs:
        raise UnknownLog(f"The log {checkpoint.origin[:200]!r} is not watched here.")
    verify_note(note, logs[checkpoint.origin])
    if len(checkpoint.root) != HASH_BYTES or request.old_size > checkpoint.size:
        raise MalformedRequest("The old size is larger than the checkpoint's, or its root no hash.")
    last = seen.get(checkpoint.origin)
    last_size = last.size if last else 0
    if request.old_size != last_size:
        raise OtherSizeSeen(f"The size cosigned last is {last_size}.", size=last_size)
    _check_continuation(request, checkpoint, last)
    return checkpoint


def _check_continuation(
    request: CosignRequest, checkpoint: Checkpoint, last: Checkpoint | None
) -> None:
    old_root = last.root if last else EMPTY_ROOT
    if request.old_size == checkpoint.size and checkpoint.root != old_root:
        raise ForkSeen(f"The tree of {checkpoint.size} entries that was cosigned is another.")
    if request.old_size:
        verify_consistency(
            old_size=request.old_size,
            old_root=old_root,
            new_size=checkpoint.size,
            new_root=checkpoint.root,
            proof=request.proof,
        )
    elif request.proof:
        raise ConsistencyFailed("Nothing needs to be shown of an empty tree.")
