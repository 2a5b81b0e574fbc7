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
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.published import check_bundles, check_tiles

from assay.adapters.appending import JournalConflict
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.sql.statements import Statement
from assay.adapters.tile_store import TileFolder
from assay.app.log.publishing import publish_bundles, publish_tiles
from assay.app.log.verification import publish_checkpoint, verify_journal
from assay.governance import events
from assay.governance.events import Event, PersonId
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
GUARDED = "system/a"
CALLS, COMMITS = 150, 6
"""Within some appends and publications: beginnings and ends of calls, and commits."""

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def opened(place: str, name: str) -> SqlJournal:
    """The journal of that name in a place."""
    if place.startswith("postgresql"):
        return open_postgres(place, fold=fold, space=name)
    return open_sqlite(Path(place) / f"{name}.sqlite", fold=fold)


def killed(place: str, rounds: int, seed: int) -> dict[str, int]:
    """Kill a writer at random moments; what it acknowledged is never lost.

    By turns the clock draws the moment, which may be amid a statement, and the writer itself,
    between two of its calls of the database, or between a commit and the word about it. A
    server commits so quickly that the clock hardly ever meets that one.
    """
    draw = random.Random(seed)
    lost_acknowledgements = unacknowledged = acknowledged = 0
    name = "killed"
    for number in range(rounds):
        if number % 20 == 0:  # Verification reads everything, so none must grow for ever.
            name = f"killed-{number}"
            acknowledged = 0
        kill = _killed_by_the_clock if number % 2 else _killed_between_calls
        acknowledged = max(acknowledged, kill(place, name, draw))
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

    _append_for_ever(opened(place, "for-ever"), seed, tell)


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


def _killed_between_calls(place: str, name: str, draw: random.Random) -> int:
    """The size that a writer acknowledged last which dies before or after some call."""
    seed, at_commit = draw.randrange(1 << 30), draw.random() < 0.5
    moments = draw.randrange(COMMITS if at_commit else CALLS)

    def work(tell: Callable[[int], None]) -> None:
        with opened(place, name) as journal:
            _die_at_a_call(journal, moments, at_commit=at_commit)
            _append_for_ever(journal, seed, tell)

    read, child = _start(work)
    with os.fdopen(read, "rb") as acknowledgements:
        told = [int(line) for line in acknowledgements if line.endswith(b"\n")]
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    return max(told, default=0)


def _die_at_a_call(journal: SqlJournal, moments: int, *, at_commit: bool) -> None:
    """Let this process be killed after so many calls began or ended, or commits ended."""
    database = journal._database
    dialect = database.engine.dialect

    def moment() -> None:
        nonlocal moments
        moments -= 1
        if moments < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            if not at_commit:
                moment()
            result = call(*arguments)
            moment()
            return result

        return watched

    every: list[tuple[object, str]] = [(dialect, "do_commit")]
    if not at_commit:
        every += [(Statement, "rows"), (Statement, "run"), (type(database), "insert")]
    for owner, name in every:
        setattr(owner, name, wrap(getattr(owner, name)))


def _killed_by_the_clock(place: str, name: str, draw: random.Random) -> int:
    """The size that the writer acknowledged last before it was killed."""
    seed = draw.randrange(1 << 30)

    def work(tell: Callable[[int], None]) -> None:
        _append_for_ever(opened(place, name), seed, tell)

    read, child = _start(work)
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
    except BaseException:
        traceback.print_exc()  # Else nobody would ever read why it died.
        raise
    finally:
        os._exit(code)


def _append_for_ever(journal: SqlJournal, seed: int, tell: Callable[[int], None]) -> None:
    draw = random.Random(seed)
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
