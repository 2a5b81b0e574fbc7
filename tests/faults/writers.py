"""Writers in processes of their own, run by `test_journal_faults.py`.

    python writers.py killed PLACE ROUNDS SEED      a writer is killed ROUNDS times
    python writers.py together PLACE SECONDS        two writers append and publish at once
    python writers.py for-ever PLACE SEED           one appends, and prints each size reached

A place is a folder, in which journals are made, or the URL of a PostgreSQL database. Each but
the last prints one line of JSON when everything held, and fails otherwise.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.published import check_bundles, check_tiles

from assay.adapters.appending import JournalConflict
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.tile_store import TileFolder
from assay.app.publishing import publish_bundles, publish_tiles
from assay.app.verification import publish_checkpoint, verify_journal
from assay.governance import events
from assay.governance.events import Event, PersonId
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
GUARDED = "system/a"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def opened(place: str, name: str) -> SqlJournal:
    """The journal of that name in a place."""
    if place.startswith("postgresql"):
        return open_postgres(place, fold=fold, space=name)
    return open_sqlite(Path(place) / f"{name}.sqlite", fold=fold)


def killed(place: str, rounds: int, seed: int) -> dict[str, int]:
    """Kill a writer at random moments; what it acknowledged is never lost."""
    draw = random.Random(seed)
    lost_acknowledgements = unacknowledged = acknowledged = 0
    name = "killed"
    for number in range(rounds):
        if number % 20 == 0:  # Verification reads everything, so none must grow for ever.
            name = f"killed-{number}"
            acknowledged = 0
        acknowledged = max(acknowledged, _one_killing(place, name, draw))
        with opened(place, name) as journal:
            size = verify(journal).size
            lost_acknowledgements += max(0, acknowledged - size)
            unacknowledged += size > acknowledged
            publish_checkpoint(journal, SIGNER)
    assert lost_acknowledgements == 0
    return {"rounds": rounds, "committed_but_unacknowledged": unacknowledged}


def together(place: str, seconds: float) -> dict[str, int]:
    """Two writers append, guard one subject both read, and publish; nothing is lost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opened(place, "together").close()
        reads, children = zip(
            *(_start(lambda tell: _append_guarded(place, folder, seconds, tell)) for _ in "ab"),
            strict=True,
        )
        counts = [int(os.fdopen(read, "rb").read() or b"0") for read in reads]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert codes == [0, 0]
        with opened(place, "together") as journal:
            report = verify(journal)
            assert report.size == journal.revision(GUARDED) == sum(counts)
            assert report.unsigned == 0
            _publish(journal, folder)
            assert check_tiles(folder / "tiles", SIGNER.public_key) == report.size
            found = check_bundles(folder / "bundles", SIGNER.public_key)
            assert found == [entry.data for entry in journal.entries()]
    return {"entries": report.size, "least": min(counts)}


def for_ever(place: str, seed: int) -> None:
    """Append and sign until the process or the database dies; tell each size on a line."""

    def tell(size: int) -> None:
        print(size, flush=True)  # noqa: T201 - its answer

    _append_for_ever(place, "for-ever", seed, tell)


def verify(journal: SqlJournal) -> VerificationReport:
    """Everything about a journal."""
    return verify_journal(
        journal,
        origin=SIGNER.name,
        verifiers=[SIGNER.verifier],
        blobs=MemoryBlobs(),
        fold=fold,
        state=True,
    )


def _one_killing(place: str, name: str, draw: random.Random) -> int:
    """The size that the writer acknowledged last before it was killed."""
    seed = draw.randrange(1 << 30)
    read, child = _start(lambda tell: _append_for_ever(place, name, seed, tell))
    with os.fdopen(read, "rb") as acknowledgements:
        last = 0
        for _ in range(draw.randrange(8)):
            last = int(acknowledgements.readline())
        until = time.perf_counter() + draw.uniform(0, 0.01)
        while time.perf_counter() < until:
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for line in acknowledgements:
            if line.endswith(b"\n"):
                last = int(line)
    return last


def _start(work: Callable[[Callable[[int], None]], None]) -> tuple[int, int]:
    """A child that tells numbers, each on a line: where to read them, and its process id."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return read, child
    code = 1
    try:
        os.close(read)

        def tell(number: int) -> None:
            os.write(write, b"%d\n" % number)

        work(tell)
        code = 0
    finally:
        os._exit(code)


def _append_for_ever(place: str, name: str, seed: int, tell: Callable[[int], None]) -> None:
    draw = random.Random(seed)
    journal = opened(place, name)
    while True:
        size = journal.append([_event() for _ in range(draw.randint(1, 5))], expected={})[-1] + 1
        tell(size)
        if draw.random() < 0.5:
            publish_checkpoint(journal, SIGNER)


def _append_guarded(place: str, folder: Path, seconds: float, tell: Callable[[int], None]) -> None:
    until = time.monotonic() + seconds
    written = 0
    with opened(place, "together") as journal:
        while time.monotonic() < until:
            revision = journal.revision(GUARDED)
            try:
                journal.append([_event()], expected={GUARDED: revision})
            except JournalConflict:
                continue
            written += 1
            publish_checkpoint(journal, SIGNER)
            if written % 20 == 0:
                _publish(journal, folder)
    tell(written)


def _publish(journal: SqlJournal, folder: Path) -> None:
    publish_tiles(journal, SIGNER, TileFolder(folder / "tiles"))
    publish_bundles(journal, SIGNER, TileFolder(folder / "bundles"))


def _event() -> Event:
    return Event(
        type=events.SYSTEM_DECLARED,
        time=NOON,
        actor=PersonId("p-1"),
        subject=GUARDED,
        body={"system": "a", "tier": str(os.getpid()), "tier_source": "declared"},
        digests={"manifest": "0" * 64},
    )


def main() -> None:
    """Run what the arguments name."""
    what, place, *numbers = sys.argv[1:]
    if what == "for-ever":
        for_ever(place, seed=int(numbers[0]))
    elif what == "killed":
        answer = killed(place, rounds=int(numbers[0]), seed=int(numbers[1]))
        print(json.dumps(answer))  # noqa: T201 - its answer
    else:
        print(json.dumps(together(place, seconds=float(numbers[0]))))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
