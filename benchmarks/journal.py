"""The journal: appends, verification, proofs and publishing, against floors in the same run.

`python -m benchmarks.journal` prints, each as a ratio to its floor where it has one:

    batched     durable appends of 256 events, records included; floor: bare commits of SQLite
                of as many rows with the same bytes and a hash chain (the peer's table)
    one         one durable append; floor: one bare commit of the same bytes
    verify      every entry's hash, the tree and its signed root; floor: SHA-256 of the same bytes,
                each leaf's and each node's, which lie in memory and are thrown away
    events      the same, and each entry read as the one spelling of an event, in order of time
    publish     tiles of a log into an empty folder, checked again before the checkpoint
    proof       of an entry in a log of ten million, whose tiles were made directly

Events are the first of `benchmarks.registry`, in its order. A busy machine slows floors and
journal alike but not evenly, so load is printed; seconds of CPU are of this process.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Final

from benchmarks.registry import fill, lives

from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.tile_store import TileFolder
from assay.app.log.publishing import publish_tiles
from assay.app.log.verification import publish_checkpoint
from assay.app.log.verifying.events import EventCheck
from assay.app.log.verifying.keys import LogKeys
from assay.app.log.verifying.tree import TreeWalk
from assay.app.ports import EntryPage
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.merkle import HASH_BYTES
from assay.tlog.proofs import inclusion_proof, verify_inclusion
from assay.tlog.tiles import WIDTH, Tile, TileEdge, tile_roots

BATCH: Final = 256
SINGLES: Final = 400
PROOFS: Final = 300
SAMPLE: Final = 50_000
"""Entries whose leaves and nodes are hashed alone, and whose events are read."""

TILES_SIZE: Final = 10_000_000
SIGNER: Final = Ed25519Signer.from_seed("example.org/benchmark", b"b" * 32)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the clock, and of this process's CPU, for each thing done."""

    wall: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journal", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="appended in batches")
    parser.add_argument("--entries", type=int, default=1_000_000, help="verified and published")
    parser.add_argument("--tiles", type=int, default=TILES_SIZE, help="entries of the proofs' log")
    options = parser.parse_args()
    print(f"Load     {os.getloadavg()[0]:.1f} when this began\n")
    with tempfile.TemporaryDirectory() as name:
        appends(Path(name), options.events)
    with tempfile.TemporaryDirectory() as name:
        whole_log(Path(name), options.entries)
    with tempfile.TemporaryDirectory() as name:
        proofs(Path(name), options.tiles)
    print(f"\nLoad     {os.getloadavg()[0]:.1f} when this ended")


def appends(folder: Path, count: int) -> None:
    """In batches and one by one."""
    told = list(islice(lives(1 + count // 210), count + SINGLES))
    many, few = list(batches(told[:count])), told[count:]
    data = [[event.entry() for event in batch] for batch in many]
    gc.freeze()  # No caller has so many events at hand, through which a collector would look.
    with (
        open_sqlite(folder / "journal.db", fold=fold) as journal,
        closing(bare_table(folder / "bare.db")) as bare,
    ):
        ours = spent(lambda: [journal.append(batch, expected={}) for batch in many], count)
        floor = spent(lambda: [commit(bare, batch) for batch in data], count)
        print(
            f"batched  {1 / ours.wall:>12,.0f} events/s (bar 10,000), {1 / ours.cpu:,.0f} per "
            f"second of CPU; {ours.wall / floor.wall:.1f} times the bare commits",
            flush=True,
        )
        taken, least = [], []
        for event in few:  # By turns, so that a busy moment meets both.
            single = [event.entry()]
            taken.append(spent(partial(journal.append, [event], expected={})).wall)
            least.append(spent(partial(commit, bare, single)).wall)
    ours_ms, bare_ms = (statistics.median(item) * 1e3 for item in (taken, least))
    print(f"one      {ours_ms:>12.2f} ms, {ours_ms / bare_ms:.2f} times a bare commit (bar 3)")


def whole_log(folder: Path, count: int) -> None:
    """Verify and publish a log of so many entries."""
    with open_sqlite(folder / "journal.db", fold=fold) as journal:
        fill(journal, islice(lives(1 + count // 210), count))
        publish_checkpoint(journal, SIGNER)
        data = [entry.data for entry in islice(journal.entries(), SAMPLE)]
        bare = spent(partial(hash_all, hashed_bytes(data)), len(data))
        walk = spent(lambda: [None for _ in checked(journal)], count)
        print(
            f"verify   {1 / walk.cpu:>12,.0f} entries/s of CPU (bar 300,000), "
            f"{walk.cpu / bare.cpu:.1f} times SHA-256 (or else 3)",
            flush=True,
        )
        read = EventCheck(MemoryBlobs(), LogKeys([SIGNER.verifier]))
        some = islice(chain.from_iterable(checked(journal)), SAMPLE)
        events = spent(lambda: [read.check(entry) for entry in some], min(count, SAMPLE))
        print(f"events   {1 / events.cpu:>12,.0f} entries/s of CPU", flush=True)
        done = spent(lambda: publish_tiles(journal, SIGNER, TileFolder(folder / "log")))
        print(
            f"publish  {done.wall:>12.1f} s for {count:,} entries (bar 60 for 1,000,000), "
            f"{done.cpu:.1f} of CPU",
            flush=True,
        )


def hashed_bytes(data: Sequence[bytes]) -> list[bytes]:
    """What a tree over entries hashes: each leaf, and as good as one node for each leaf."""
    leaves = [b"\x00" + item for item in data]
    nodes = [b"\x01" + bytes(2 * HASH_BYTES)] * (len(leaves) - 1)
    return leaves + nodes


def hash_all(pieces: Sequence[bytes]) -> None:
    """SHA-256 of each, and nothing else."""
    sha256 = hashlib.sha256
    for piece in pieces:
        sha256(piece).digest()


def checked(journal: SqlJournal) -> Iterator[EntryPage]:
    """Every entry whose hash is right, with the tree and its signed root at the end."""
    keys = LogKeys([SIGNER.verifier])
    return TreeWalk(journal, origin=SIGNER.name, keys=keys).pages()


def proofs(folder: Path, size: int) -> None:
    """Proofs of entries all over a log whose tiles were made without a journal."""
    root = make_tiles(folder, size)
    store = TileFolder(folder)
    taken: list[float] = []
    for number in range(PROOFS):
        index = (number * 7_919_333) % size
        started = time.perf_counter()
        proof = inclusion_proof(index, size, tile_roots(size, store.read))
        taken.append(time.perf_counter() - started)
        verify_inclusion(index=index, size=size, leaf_hash=leaf_of(index), proof=proof, root=root)
    print(
        f"proof    {statistics.median(taken) * 1e3:>12.2f} ms at {size:,} entries (bar 2), "
        f"the slowest of {PROOFS} {max(taken) * 1e3:.2f}"
    )


def make_tiles(folder: Path, size: int) -> bytes:
    """Write every tile of a log of leaf hashes as files, unsynced; its root."""
    edge = TileEdge()
    for start in range(0, size, 64 * WIDTH):
        leaves = [leaf_of(index) for index in range(start, min(size, start + 64 * WIDTH))]
        edge, full = edge.grow(leaves)
        for tile, data in full:
            _write(folder, tile, data)
    for tile, data in edge.partial():
        _write(folder, tile, data)
    return edge.frontier.root


def leaf_of(index: int) -> bytes:
    """A leaf hash like any other."""
    return hashlib.sha256(index.to_bytes(8, "big")).digest()


def batches(told: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """In the bar's size."""
    return (told[start : start + BATCH] for start in range(0, len(told), BATCH))


def bare_table(path: Path) -> sqlite3.Connection:
    """The peer's table: entries in a hash chain, WAL, full sync."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE log (id INTEGER PRIMARY KEY, entry BLOB NOT NULL, hash BLOB NOT NULL)"
    )
    return connection


def commit(connection: sqlite3.Connection, data: Sequence[bytes]) -> None:
    """What the peer does with some entries, in one durable transaction."""
    rows, link = [], bytes(32)
    for item in data:
        link = hashlib.sha256(link + item).digest()
        rows.append((item, link))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO log (entry, hash) VALUES (?, ?)", rows)
    connection.execute("COMMIT")


def spent(work: Callable[[], object], things: int = 1) -> Spent:
    """What a piece of work took, for each of so many things."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent((time.perf_counter() - wall) / things, (time.process_time() - cpu) / things)


def _write(folder: Path, tile: Tile, data: bytes) -> None:
    path = folder / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if __name__ == "__main__":
    main()
