"""Stored records are exactly those that the entries fold to, change by change."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Final, Self

from assay.app.log.verifying.problems import StateDiffers
from assay.app.ports import Journal
from assay.governance.events import Event
from assay.governance.fold import Names, Record
from assay.governance.projection import Fold, changes

_REMEMBERED: Final = 10_000


class StateCheck:
    """A fold of the entries beside the stored history of records.

    Records that changed lately are remembered; an older one is read as of the entry at hand,
    which is sound, since all that was stored up to there has been compared already.

    Attributes:
        changes: how many stored changes were compared.
    """

    def __init__(self, journal: Journal, fold: Fold) -> None:
        self._journal = journal
        self._fold = fold
        self._history = journal.history()
        self._due = next(self._history, None)
        self._recent: OrderedDict[Names, Record] = OrderedDict()
        self._subjects: Counter[str] = Counter()
        self.changes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._history.close()

    def check(self, index: int, event: Event) -> None:
        """Compare what one event changes with what is stored as changed by it.

        Raises:
            StateDiffers: a change is missing, is one too many, or has another value.
        """

        def standing(kind: str, key: str, parent: str = "") -> Record | None:
            recent = self._recent.get((kind, parent, key))
            return recent or self._journal.record(kind, key, parent, at=index)

        folded = [change.record for change in changes(self._fold, event, index, standing)]
        stored = self._stored(index)
        if stored != folded:
            raise StateDiffers(_difference(folded, stored), index=index)
        for record in folded:
            self._remember(record)
        self.changes += len(folded)
        self._subjects[event.subject] += 1

    def finish(self, size: int) -> None:
        """Compare what belongs to no entry: later changes, and the counts of subjects.

        Args:
            size: how many entries were checked.

        Raises:
            StateDiffers: something is left over, or a subject is counted otherwise.
        """
        stored = dict(self._journal.subjects())
        if self._journal.head().size != size:
            return  # Someone appended meanwhile; what they changed is not looked at.
        if self._due is not None:
            raise StateDiffers(
                f"The {self._due[1].kind} {self._due[1].key!r} is stored as changed by entry "
                f"{self._due[0]}, which does not exist.",
                index=size,
            )
        wrong = sorted(stored.items() ^ self._subjects.items())
        if wrong:
            raise StateDiffers(
                f"The count of events of {wrong[0][0]} is not what the entries say.", index=size
            )

    def _stored(self, index: int) -> list[Record]:
        found: list[Record] = []
        while self._due is not None and self._due[0] <= index:
            found.append(self._due[1])
            self._due = next(self._history, None)
        return found

    def _remember(self, record: Record) -> None:
        self._recent[record.names] = record
        self._recent.move_to_end(record.names)
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)


def _difference(folded: list[Record], stored: list[Record]) -> str:
    for record in folded:
        if record not in stored:
            return f"The entry changes the {record.kind} {record.key!r}; stored is another value."
    extra = next(record for record in stored if record not in folded)
    return f"The {extra.kind} {extra.key!r} is stored as changed by the entry, which it is not."
