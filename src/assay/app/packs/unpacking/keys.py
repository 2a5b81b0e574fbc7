"""Who may have signed what in a pack, where its log was handed on to another key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assay.app.log.verifying.keys import LogKeys, parse_rotation
from assay.app.log.verifying.problems import KeyRotationRejected
from assay.app.packs.unpacking.problems import PackedEntryRejected, PackKeyDiffers
from assay.documents.packs.layout import KEY, PackedEvent, entry_file
from assay.errors import AssayError
from assay.evidence.canonical import canonical
from assay.governance.events import KEY_ROTATED, WORKSPACE_OPENED, Event, parse_entry
from assay.tlog.keys import NoteVerifier, VerifierKey, parse_verifier_key
from assay.tlog.rotation import Rotation

_SPELLED = b'"type":' + canonical(KEY_ROTATED)


class PackedKeys:
    """The keys in force at each entry of a pack.

    Args:
        entries: the entries, by index, each shown to be in the log.
        key: the one that the pack names, in force when it was made.
        trusted: the trusted keys.
        threshold: how many different keys must have signed each statement.

    Attributes:
        first: the key under which the log was opened.

    Raises:
        PackProblem: a key was handed on by one that was not in force, or the pack's key is
            not the last one.
    """

    def __init__(
        self,
        entries: Sequence[PackedEvent],
        key: VerifierKey,
        trusted: Sequence[NoteVerifier],
        *,
        threshold: int = 1,
    ) -> None:
        self.threshold = threshold
        self.first = key
        self._steps: list[tuple[int, Sequence[NoteVerifier]]] = [(-1, trusted)]
        rotations = [item for item in entries if item.event.type == KEY_ROTATED]
        if rotations:
            self.first = _opened(entries) or key
            self._follow(rotations, key, trusted)

    def at(self, index: int) -> Sequence[NoteVerifier]:
        """The keys in force at an entry."""
        return next(keys for start, keys in reversed(self._steps) if start <= index)

    def _follow(
        self,
        rotations: Sequence[PackedEvent],
        key: VerifierKey,
        trusted: Sequence[NoteVerifier],
    ) -> None:
        try:
            named = [parse_rotation(item.event.body).new for item in rotations]
            keys = LogKeys(trusted, claimed=(self.first, *named))
            self._steps = [(-1, tuple(keys.in_force))]
            for item in rotations:
                keys.follow(item.event, item.index)
                self._steps.append((item.index, tuple(keys.in_force)))
        except KeyRotationRejected as error:
            raise PackedEntryRejected(error.what, file=entry_file(error.index)) from error
        except AssayError as error:
            file = entry_file(rotations[0].index)
            raise PackedEntryRejected(
                f"It hands the log on to no key: {error}", file=file
            ) from error
        if not any(item.public_key == key.public_key for item in keys.in_force):
            raise PackKeyDiffers("The pack's key was not in force when it was made.", file=KEY)


def vouched(files: Mapping[str, bytes], trusted: Sequence[NoteVerifier]) -> list[NoteVerifier]:
    """The keys in force at the end of a pack, as far as signatures of trusted ones lead there.

    The signatures alone are looked at: whether the entries are in the log is shown later, by
    proofs that lead to what these keys signed.
    """
    keys = list(trusted)
    for rotation in _rotations(files):
        for place, verifier in enumerate(keys):
            if (verifier.name, verifier.public_key) == (rotation.old.name, rotation.old.public_key):
                try:
                    keys[place] = rotation.check(verifier)
                except AssayError:
                    return keys
    return keys


def _rotations(files: Mapping[str, bytes]) -> Iterator[Rotation]:
    """The rotations in the entries of a pack, by index; what is none is passed over."""
    found: list[tuple[int, Event]] = []
    for name in files:
        digits = name.removeprefix("entries/").removesuffix(".json")
        if name == f"entries/{digits}.json" and digits.isdecimal() and len(digits) < 20:
            data = files[name]
            if _SPELLED in data:
                try:
                    found.append((int(digits), parse_entry(data)))
                except AssayError:
                    continue
    for _, event in sorted(found, key=lambda item: item[0]):
        try:
            yield parse_rotation(event.body)
        except AssayError:
            continue


def _opened(entries: Sequence[PackedEvent]) -> VerifierKey | None:
    """The key that the first entry names."""
    for item in entries:
        if item.event.type == WORKSPACE_OPENED:
            return parse_verifier_key(str(item.event.body["key"]))
    return None
