"""The journal: events, their order, and the records folded from them."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assay.errors import InvalidArgument
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.tlog.merkle import Frontier


@dataclass(slots=True)
class Entry:
    """One committed entry: its index, its canonical bytes, its RFC 6962 leaf hash (32 bytes).

    It is not frozen, since that triples the time to make one, and a log has millions.
    """

    index: int
    data: bytes
    leaf_hash: bytes


@dataclass(slots=True)
class EntryPage:
    """Some committed entries that follow each other, as columns: what bulk work is done on.

    Attributes:
        indices: of the entries.
        data: their canonical bytes.
        leaf_hashes: their RFC 6962 leaf hashes (32 bytes each).
    """

    indices: tuple[int, ...]
    data: tuple[bytes, ...]
    leaf_hashes: tuple[bytes, ...]

    def __len__(self) -> int:
        """How many entries it has."""
        return len(self.indices)

    def __getitem__(self, part: slice) -> EntryPage:
        """The entries of a slice."""
        return EntryPage(self.indices[part], self.data[part], self.leaf_hashes[part])

    def __iter__(self) -> Iterator[Entry]:
        """Its entries, one by one."""
        return map(Entry, self.indices, self.data, self.leaf_hashes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The committed state of a journal: its size, its root (32 bytes), its last event's time."""

    size: int
    root: bytes
    time: datetime | None


class TimeBehind(InvalidArgument):
    """An event would be earlier than one that the journal holds: look at the head again."""

    code = "journal.time-behind"


class Journal(Protocol):
    """An append-only list of events with the records folded from them, in one database.

    `append` is one transaction: either every event, its leaf hash and every changed record
    is durable when it returns, or nothing is. Indices have no gaps.
    """

    def append(self, events: Sequence[Event], *, expected: Mapping[str, int]) -> tuple[int, ...]:
        """Append in order and return the indices.

        Args:
            events: at least one; times never earlier than the head's.
            expected: for subjects whose state was read, how many events each had then.

        Raises:
            Refused: a subject has moved on since it was read.
            TimeBehind: an event is earlier than the head.
        """
        ...

    def head(self) -> Head:
        """The committed head."""
        ...

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Committed entries from `start`, in order, exactly as stored (not yet trusted)."""
        ...

    def pages(self, start: int = 0) -> Iterator[EntryPage]:
        """The same in pages, of which none is empty."""
        ...

    def index_at(self, time: datetime) -> int:
        """How many entries are not later than an instant: the `at` of that moment's state."""
        ...

    def frontier(self, size: int) -> Frontier:
        """The right edge of the tree at a committed size, as stored (not yet trusted)."""
        ...

    def revision(self, subject: str) -> int:
        """How many events a subject has."""
        ...

    def subjects(self) -> Iterator[tuple[str, int]]:
        """Every subject with its count of events, by name."""
        ...

    def record(
        self, kind: str, key: str, parent: str = "", /, *, at: int | None = None
    ) -> Record | None:
        """A folded record below a parent, now or when the journal had `at` entries."""
        ...

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Folded records of a kind (below a parent), by parent and key."""
        ...

    def history(self) -> Generator[tuple[int, Record]]:
        """Every change of a record with the index of its event, by index and names.

        It is one view of the records throughout; who does not read it to its end closes it.

        Raises:
            VerificationFailed: the stored records contradict themselves, such as a version
                that does not hold until the next one begins.
        """
        ...

    def rebuild(self) -> int:
        """Fold every entry anew, and put the records that come out in place of those there.

        Others read the old ones and append meanwhile; the exchange is one transaction.

        Returns:
            How many entries were folded.

        Raises:
            VerificationFailed: an entry is not an event.
        """
        ...

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint note of a committed size; durable when it returns."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """Every kept checkpoint (size, note), by ascending size."""
        ...

    def last_checkpoint(self) -> tuple[int, bytes] | None:
        """The kept checkpoint (size, note) of the largest size."""
        ...


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...
