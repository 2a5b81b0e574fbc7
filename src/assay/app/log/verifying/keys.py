"""The keys of a log as its entries are read: who may sign from which entry on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from assay.app.log.verifying.problems import KeyRotationRejected
from assay.app.ports import Journal
from assay.errors import AssayError
from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.events import Event
from assay.governance.fold import LOG_KEY, WORKSPACE
from assay.tlog.keys import NoteVerifier, VerifierKey, parse_verifier_key
from assay.tlog.note import NoteNotSigned, parse_note, verify_note
from assay.tlog.rotation import Rotation, RotationRejected
from assay.tlog.text import decode_base64


class LogKeys:
    """The keys in force, from the first entry to the one that was read last.

    Whoever trusts a log's first key is led to the later ones, each vouched for by the one
    before. Whoever trusts a later key begins at the first, which the log itself names: the
    trusted key's signature over the whole tree then vouches for what was before.

    Attributes:
        in_force: the keys that must sign what comes next.
        every: the keys that were in force at some time, in their order.
        threshold: how many different keys must have signed.
    """

    def __init__(
        self,
        trusted: Sequence[NoteVerifier],
        *,
        threshold: int = 1,
        claimed: Sequence[VerifierKey] = (),
    ) -> None:
        self.in_force = list(trusted)
        self.threshold = threshold
        self._awaited = _later(trusted, claimed)
        if self._awaited is not None:
            first = self._awaited.another(claimed[0])
            self.in_force[self.in_force.index(self._awaited)] = first
        self.every = list(self.in_force)
        self._reached: int | None = None

    def follow(self, event: Event, index: int) -> None:
        """Take in an entry, which may hand the log on to another key.

        Raises:
            KeyRotationRejected: it does, and the key in force did not vouch for it.
        """
        if event.type != events.KEY_ROTATED:
            return
        try:
            rotation = parse_rotation(event.body)
            place = _place(self.in_force, rotation.old)
            successor = rotation.check(self.in_force[place])
            if _among(self.every, rotation.new):
                raise RotationRejected(f"The key {rotation.new} was in force before.")
        except AssayError as error:
            raise KeyRotationRejected(error.what, index=index) from error
        if self._awaited is not None and _is(self._awaited, rotation.new):
            self._awaited, self._reached = None, index
        self.in_force[place] = successor
        self.every.append(successor)

    def check_note(self, data: bytes) -> None:
        """Return if enough of the keys in force signed a note, else raise NoteNotSigned."""
        lines = verify_note(parse_note(data), self.in_force)
        keys = {(line.name, line.key_id) for line in lines}
        if len(keys) < self.threshold:
            raise NoteNotSigned(f"{len(keys)} keys in force signed it, and {self.threshold} must.")

    def finish(self, *, signed: int) -> None:
        """Return if the trusted key was reached, and has signed what came before it.

        Args:
            signed: the size of the last checkpoint.

        Raises:
            KeyRotationRejected: it was not, or has signed nothing since it is in force.
        """
        if self._awaited is not None:
            raise KeyRotationRejected("The key that you trust was never in force.", index=signed)
        if self._reached is not None and signed <= self._reached:
            raise KeyRotationRejected(
                "The key that you trust has signed nothing since it is in force.", index=signed
            )


def parse_rotation(body: Mapping[str, Json]) -> Rotation:
    """The rotation in an event's body; raises ValueError or MalformedKey."""
    texts = {name: value for name, value in body.items() if isinstance(value, str)}
    try:
        return Rotation(
            old=parse_verifier_key(texts["old"]),
            new=parse_verifier_key(texts["new"]),
            by_old=decode_base64(texts["by_old"]),
            by_new=decode_base64(texts["by_new"]),
        )
    except (KeyError, ValueError) as error:
        raise RotationRejected(f"The entry is no rotation of keys: {error}") from error


def claimed_keys(journal: Journal) -> tuple[VerifierKey, ...]:
    """The keys that a journal's records say were in force, the first one first.

    They are a hint where to begin, and nothing rests on them.
    """
    try:
        opened = journal.record(WORKSPACE, "")
        later = sorted(journal.records(LOG_KEY), key=lambda item: cast(int, item.value["index"]))
        texts = [str(opened.value["key"])] if opened else []
        texts += [record.key for record in later]
        return tuple(map(parse_verifier_key, texts))
    except (AssayError, KeyError, TypeError):
        return ()


def _later(trusted: Sequence[NoteVerifier], claimed: Sequence[VerifierKey]) -> NoteVerifier | None:
    """The trusted key that was in force later than the first one, if that is how it is."""
    if not claimed or any(_is(item, claimed[0]) for item in trusted):
        return None
    later = (item for key in claimed[1:] for item in trusted if _is(item, key))
    return next(later, None)


def _place(verifiers: Sequence[NoteVerifier], key: VerifierKey) -> int:
    for place, item in enumerate(verifiers):
        if _is(item, key):
            return place
    raise RotationRejected(f"The key {key} hands the log on, and is not in force.")


def _among(verifiers: Iterable[NoteVerifier], key: VerifierKey) -> bool:
    return any(_is(item, key) for item in verifiers)


def _is(verifier: NoteVerifier, key: VerifierKey) -> bool:
    return (verifier.name, verifier.public_key) == (key.name, key.public_key)
