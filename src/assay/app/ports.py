"""The ports: what the use cases need of the world, with the durability and order promised."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from assay.checks.check import Check
from assay.documents.charts.theme import Theme
from assay.errors import EnvironmentUnavailable, InvalidArgument
from assay.evidence.canonical import Json
from assay.evidence.measurement import DocumentContent
from assay.evidence.recipe import Recipe
from assay.evidence.tallies import TallySet
from assay.governance.events import Event
from assay.governance.fold import Record
from assay.governance.manifest import IntakeAnswers, Manifest
from assay.policy.expressions import Programs
from assay.policy.policy import Policy
from assay.tlog import keys
from assay.tlog.merkle import Frontier
from assay.tlog.tiles import Tile


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


@dataclass(slots=True)
class Entry:
    """One committed entry: its index, its canonical bytes, its RFC 6962 leaf hash (32 bytes).

    It is not frozen, since that triples the time to make one, and a log has millions.
    """

    index: int
    data: bytes
    leaf_hash: bytes


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

    def record(self, kind: str, key: str, *, at: int | None = None) -> Record | None:
        """A folded record as it is now, or as it was when the journal had `at` entries."""
        ...

    def records(
        self, kind: str, *, parent: str | None = None, at: int | None = None
    ) -> Iterator[Record]:
        """Folded records of a kind (below a parent), in key order."""
        ...

    def history(self) -> Generator[tuple[int, Record]]:
        """Every change of a record with the index of its event, by index, kind and key.

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


class BlobStore(Protocol):
    """Content by SHA-256, written once, verified on read."""

    def put(self, data: bytes) -> str:
        """Store durably and return the digest (hex); storing the same again does nothing."""
        ...

    def get(self, digest: str) -> bytes:
        """The content.

        Raises:
            VerificationFailed: the stored bytes do not have that digest, or are absent.
        """
        ...

    def has(self, digest: str) -> bool:
        """Whether the content is present (not verified)."""
        ...

    def erase(self, digest: str) -> None:
        """Take content away for ever, durable when it returns; absent content is no error."""
        ...


class CheckpointReplaced(EnvironmentUnavailable):
    """A published checkpoint was replaced by another publisher since it was read."""

    code = "publishing.checkpoint-replaced"


class TileStore(Protocol):
    """Where a log is published: files that any web server can serve below the log's prefix.

    A tile's path and width fix its content for ever, so tiles are written once; `checkpoint`
    alone is replaced, and by whole files only.
    """

    def locked(self) -> AbstractContextManager[None]:
        """Wait until no other process publishes here, and keep others waiting meanwhile.

        A store that cannot do that leaves it to `set_checkpoint` to find out.
        """
        ...

    def checkpoint(self) -> bytes | None:
        """The published note, or None before the first."""
        ...

    def set_checkpoint(self, note: bytes) -> None:
        """Publish a note in place of the one that was read last, durable when it returns.

        Raises:
            CheckpointReplaced: another stands there by now.
        """
        ...

    def read(self, tile: Tile) -> bytes:
        """A tile's or bundle's bytes, as stored (not yet trusted).

        Raises:
            VerificationFailed: it is not there.
        """
        ...

    def add(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Store tiles or bundles durably; the same bytes again do nothing.

        Raises:
            VerificationFailed: other bytes are there.
        """
        ...

    def drop_partial(self, tiles: Iterable[Tile]) -> None:
        """Take away what was stored of these full tiles while they were not full."""
        ...


class Anchor(Protocol):
    """A place outside the workspace where checkpoints are kept, such as a file or git notes."""

    def kept(self) -> Iterator[bytes]:
        """Every note that is kept there for this log (not yet trusted)."""
        ...

    def keep(self, note: bytes) -> None:
        """Keep a note; one that says less may give way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness answers a request by: an HTTP status and a body."""

    status: int
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


class Witness(Protocol):
    """Someone who cosigns checkpoints that continue what they saw (C2SP tlog-witness)."""

    def add_checkpoint(self, request: bytes) -> Answer:
        """Send a request and return the answer, which is bounded and not yet trusted.

        Raises:
            EnvironmentUnavailable: there was no answer in time.
        """
        ...


class WitnessState(Protocol):
    """What a witness remembers: of each log, the checkpoint that it cosigned last."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep every other request, in whatever process, waiting meanwhile."""
        ...

    def seen(self) -> Mapping[str, bytes]:
        """The last notes by their logs' origins, each with the log's signature."""
        ...

    def remember(self, origin: str, note: bytes) -> None:
        """Keep a note in place of the one before, durable when it returns."""
        ...


Signer = keys.Signer
"""An Ed25519 key with a name; defined on the floor of the log, which signs by it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one pass over a dataset gave."""

    tallies: TallySet
    dataset: str
    """SHA-256 (hex) of the dataset's bytes; the same before and after the pass."""

    evaluation_set: bytes
    """What tells the rows from others, whatever scores lie beside them; canonical JSON."""


class Collector(Protocol):
    """Fills a recipe's tallies in one pass over a file, in bounded memory."""

    def collect(
        self,
        path: Path,
        recipe: Recipe,
        *,
        predictions: Path | None = None,
        training: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Collected:
        """Count.

        Args:
            path: a Parquet or CSV file (gzip allowed); nothing else is read.
            recipe: what to count.
            predictions: a file with one column of scores in the row order of `path`, where
                a predict command computed them.
            training: the file or folder of training data, read only where the recipe asks
                which rows occur there too; it is then needed.
            progress: told the fraction done, from 0 to 1.

        Raises:
            NotEvaluated: a column is missing or of the wrong type, a label has a third value,
                a group column has too many levels, or the file is empty, damaged or changing.
        """
        ...


class RowCollector(Protocol):
    """Fills a recipe's tallies from rows that a Python program holds."""

    def collect_rows(
        self,
        data: object,
        recipe: Recipe,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> TallySet:
        """Count.

        Args:
            data: a frame, table, reader or relation; a lazy one is read by and by.
            recipe: what to count.
            progress: told the fraction done, from 0 to 1.

        Raises:
            NotEvaluated: as of a collector of files, or the object gives no rows.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What a model's command computed.

    Attributes:
        scores: a Parquet file with one column, `score`, in the order of the rows; it is there
            as long as its predictor.
        isolated: whether the command could reach no network. Not every platform can do that.
    """

    scores: Path
    isolated: bool


class Predictor(Protocol):
    """Runs a model's own command in a separate process: file in, file out."""

    def predict(
        self, command: Sequence[str], *, rows: Path, folder: Path, withhold: Sequence[str]
    ) -> Predicted:
        """Run and return the scores, one a row.

        Args:
            command: a program and its arguments; no shell takes them apart.
            rows: a Parquet or CSV file (gzip allowed), of which the command gets a copy.
            folder: the working directory, so that the command finds the model's files.
            withhold: the columns that the command must not see, such as the label.

        Raises:
            NotEvaluated: the rows cannot be read, or the command is missing, failed, ran out
                of time or memory, or did not write one score for each row.
        """
        ...


Image = Literal["svg", "png"]
"""The forms of a picture."""


class Drawer(Protocol):
    """Draws charts; the same specification always gives the same picture in one installation."""

    def draw(self, spec: Mapping[str, Any], *, theme: Theme, image: Image) -> bytes:
        """The picture of a Vega-Lite specification.

        Args:
            spec: from `assay.documents.charts`, with a title, a description and all its data.
            theme: for which background.
            image: SVG, whose `title` and `desc` are those of the specification, or PNG.

        Raises:
            EnvironmentUnavailable: what draws is not installed.
        """
        ...


class CheckCatalogue(Protocol):
    """The checks that exist here, found by entry point or named by the manifest."""

    def get(self, name: str) -> Check:
        """A check by name; its family is imported now, and only now.

        Raises:
            ConfigurationError: there is no such check; the remedy names the nearest.
        """
        ...

    def all(self) -> Mapping[str, Check]:
        """Every check, by name; imports every family."""
        ...

    def provenance(self, name: str) -> Mapping[str, Json]:
        """Where a check comes from: distribution, its version, SHA-256 of the module file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text that a person wrote: its path as written, and its exact bytes.

    Attributes:
        beneath: for a policy, the texts that it builds on, the most general first.
    """

    file: str
    source: bytes
    beneath: tuple[Written, ...] = ()


class Project(Protocol):
    """A model's repository: what people wrote there, and the digests of what they made."""

    @property
    def root(self) -> Path:
        """The manifest's folder; every path of the manifest is relative to it."""
        ...

    def manifest(self) -> tuple[Manifest, Written]:
        """The manifest, valid. Raises ConfigurationError."""
        ...

    def checks(self, manifest: Manifest) -> CheckCatalogue:
        """The checks that this repository may name."""
        ...

    def policy_text(self, manifest: Manifest) -> Written:
        """The text of the manifest's policy, with what is beneath it. Raises ConfigurationError."""
        ...

    def policy(self, manifest: Manifest, checks: CheckCatalogue) -> tuple[Policy, Written]:
        """The policy that the manifest names, valid for its columns. Raises ConfigurationError."""
        ...

    def parse_policy(self, written: Written, checks: CheckCatalogue) -> Policy:
        """A policy from recorded text, for judging again. Raises ConfigurationError."""
        ...

    def documents(self, manifest: Manifest) -> Mapping[str, tuple[DocumentContent, bytes]]:
        """The documents and reports of other tools that exist, by name, as they are recorded."""
        ...

    def programs(self, policy: Policy, checks: CheckCatalogue, answers: IntakeAnswers) -> Programs:
        """The policy's expressions, compiled for evaluation. Raises ConfigurationError.

        Args:
            policy: the policy.
            checks: the checks that it names.
            answers: of the system's intake, which may answer questions of its own too.
        """
        ...

    def parse_document(self, written: Written) -> DocumentContent:
        """A document from recorded bytes, for judging again. Raises ConfigurationError."""
        ...

    def parse_report(self, blob: bytes) -> DocumentContent:
        """Another tool's report from its record. Raises NotEvaluated or VerificationFailed."""
        ...

    def data(self, manifest: Manifest) -> Path:
        """The file of evaluation data. Raises ConfigurationError if it lies outside."""
        ...

    def training(self, manifest: Manifest) -> Path | None:
        """The file or folder of training data, if it is declared. Raises ConfigurationError."""
        ...

    def components(self, manifest: Manifest) -> Mapping[str, Mapping[str, Json]]:
        """The version's components by name, each pinned by digest. Raises NotEvaluated."""
        ...

    def version_name(self, manifest: Manifest) -> str | None:
        """The version's name: declared, or `git describe`, or None."""
        ...
