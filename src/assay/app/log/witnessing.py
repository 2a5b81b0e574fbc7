"""Witnessing: asking others to cosign a checkpoint, and cosigning those of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from assay.app.ports import Answer, Clock, Signer, Witness, WitnessState
from assay.errors import AssayError, VerificationFailed
from assay.tlog.checkpoint import Checkpoint, parse_checkpoint
from assay.tlog.cosignature import Quorum, cosign
from assay.tlog.keys import NoteVerifier
from assay.tlog.note import (
    Note,
    NoteNotSigned,
    NoteSignature,
    NoteSignatureFailed,
    parse_note,
    verify_note,
)
from assay.tlog.proofs import ConsistencyFailed, RangeRoot, consistency_proof
from assay.tlog.text import parse_count
from assay.tlog.witness import (
    CosignRequest,
    ForkSeen,
    OtherSizeSeen,
    UnknownLog,
    check_request,
    parse_request,
)

SIZE_TYPE: Final = "text/x.tlog.size"

_OK: Final = 200
_BAD: Final = 400
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


class WitnessRefused(VerificationFailed):
    """A witness does not cosign a checkpoint, or answers with what is no cosignature."""

    code = "witness.refused"


class WitnessAhead(VerificationFailed):
    """A witness has cosigned more entries than there are: an old backup was restored."""

    code = "witness.ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A note with the cosignatures that could be had.

    Attributes:
        note: the note, with lines that were verified.
        cosigners: the witnesses' names.
        failures: why others have none, by the witness's name.
    """

    note: Note
    cosigners: tuple[str, ...] = ()
    failures: Mapping[str, AssayError] = field(default_factory=dict[str, AssayError])


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """The witnesses that a log asks, and how many of them must cosign.

    Attributes:
        quorum: the trust policy; those of its witnesses that have a URL are asked.
        at: what reaches the witness at a URL.
    """

    quorum: Quorum
    at: Callable[[str], Witness]

    def cosign(self, data: bytes, range_root: RangeRoot, *, last: bytes | None) -> Cosigned:
        """Ask each witness that has not cosigned a checkpoint yet.

        Args:
            data: the log's signed note.
            range_root: roots of ranges of its tree, for proofs.
            last: the note published before, which tells what a witness saw last.

        Raises:
            WitnessRefused, WitnessAhead, EnvironmentUnavailable: too few cosigned; the error
                of one that did not.
            QuorumMissed: too few cosigned, and none of the others has a URL.
        """
        note, failures = parse_note(data), dict[str, AssayError]()
        checkpoint = parse_checkpoint(note.text)
        cosigners = self.quorum.cosigners(note)
        for party in self.quorum.witnesses:
            if not party.url or party.key in cosigners:
                continue
            asked = _Asked(self.at(party.url), self.quorum.verifiers[party.key])
            try:
                old_size = _size_cosigned(last, asked.verifier)
                lines = asked.lines(note, checkpoint, range_root, old_size=old_size)
                note = note.with_lines(lines)
            except AssayError as error:
                failures[party.key.name] = error
        try:
            cosigners = self.quorum.check(note)
        except VerificationFailed as missed:
            # What a witness saw weighs more than that another could not be reached.
            refusals = [item for item in failures.values() if isinstance(item, VerificationFailed)]
            raise next(iter((*refusals, *failures.values())), missed) from missed
        names = tuple(sorted(key.name for key in cosigners))
        return Cosigned(note=note, cosigners=names, failures=failures)


def answer_request(
    body: bytes,
    *,
    logs: Mapping[str, Sequence[NoteVerifier]],
    state: WitnessState,
    signer: Signer,
    clock: Clock,
) -> Answer:
    """What our witness answers a request for a cosignature.

    The checkpoint is remembered durably before it is cosigned, and no two requests are
    looked at at once, so that no two cosignatures contradict each other.

    Args:
        body: the request; nothing in it is trusted.
        logs: the keys of each log that is watched, by origin.
        state: what was cosigned before.
        signer: the witness's key.
        clock: the time of the cosignature.
    """
    try:
        request = parse_request(body)
        with state.locked():
            seen = {
                origin: parse_checkpoint(parse_note(note).text)
                for origin, note in state.seen().items()
            }
            checkpoint = check_request(request, logs=logs, seen=seen)
            state.remember(checkpoint.origin, request.checkpoint)
    except OtherSizeSeen as error:
        return Answer(status=_CONFLICT, body=f"{error.size}\n".encode(), media_type=SIZE_TYPE)
    except VerificationFailed as error:
        return Answer(status=_status(error), body=f"{error.what}\n".encode())
    line = cosign(parse_note(request.checkpoint), signer, time=int(clock.now().timestamp()))
    return Answer(status=_OK, body=str(line).encode())


@dataclass(frozen=True, slots=True)
class _Asked:
    """A witness that is asked, and what checks its lines."""

    witness: Witness
    verifier: NoteVerifier

    def lines(
        self, note: Note, checkpoint: Checkpoint, range_root: RangeRoot, *, old_size: int
    ) -> tuple[NoteSignature, ...]:
        """Its verified lines; asked again from the size that it names, but only once."""
        answer = self._ask(note, checkpoint, range_root, old_size)
        if answer.status == _CONFLICT and answer.media_type.partition(";")[0] == SIZE_TYPE:
            answer = self._ask(note, checkpoint, range_root, self._size(answer, checkpoint))
        if answer.status != _OK:
            said = answer.body[:300].decode("utf-8", "replace").strip().removesuffix(".")
            raise self._refused(f"answers {answer.status}: {said}")
        try:
            replied = parse_note(note.text.encode() + b"\n" + answer.body)
            return verify_note(replied, [self.verifier])
        except VerificationFailed as error:
            raise self._refused(f"answers with no cosignature of its own: {error.what}") from error

    def _ask(
        self, note: Note, checkpoint: Checkpoint, range_root: RangeRoot, old_size: int
    ) -> Answer:
        proof = consistency_proof(old_size, checkpoint.size, range_root) if old_size else ()
        request = CosignRequest(old_size=old_size, proof=proof, checkpoint=note.to_bytes())
        return self.witness.add_checkpoint(request.to_bytes())

    def _size(self, answer: Answer, checkpoint: Checkpoint) -> int:
        try:
            size = parse_count(answer.body.decode("ascii").removesuffix("\n"))
        except ValueError as error:
            raise self._refused("answers with a size that is none") from error
        if size > checkpoint.size:
            raise WitnessAhead(
                f"The witness {self.verifier.name!r} cosigned {size} entries, but only "
                f"{checkpoint.size} are here.",
                remedy="Restore the latest backup: this one is older than what was witnessed.",
            )
        return size

    def _refused(self, why: str) -> WitnessRefused:
        return WitnessRefused(
            f"The witness {self.verifier.name!r} {why}.",
            remedy="If it speaks of a proof or a conflict, this log is not the one that it saw: "
            "run `assay verify`.",
        )


def _size_cosigned(last: bytes | None, verifier: NoteVerifier) -> int:
    """The size of the last published note if this witness cosigned it, else 0."""
    if last is None:
        return 0
    note = parse_note(last)
    try:
        verify_note(note, [verifier])
    except (NoteNotSigned, NoteSignatureFailed):
        return 0
    return parse_checkpoint(note.text).size


_STATUSES: Final[tuple[tuple[type[VerificationFailed], int], ...]] = (
    (UnknownLog, 404),
    (NoteNotSigned, 403),
    (NoteSignatureFailed, 403),
    (ForkSeen, _CONFLICT),
    (ConsistencyFailed, _UNPROCESSABLE),
)


def _status(error: VerificationFailed) -> int:
    """The status of a refusal; whatever is malformed is a bad request."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), _BAD)
