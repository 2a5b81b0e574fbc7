"""Writers in processes of their own, run by `test_journal_faults.py`.

    python writers.py killed FOLDER ROUNDS SEED     a writer is killed ROUNDS times
    python writers.py together FOLDER EVENTS        two writers append and publish at once

Each prints one line of JSON when everything held, and fails otherwise.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from assay.adapters.appending import JournalConflict
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryBlobs
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.sqlite import open_sqlite
from assay.app.verification import publish_checkpoint, verify_journal
from assay.governance import events
from assay.governance.events import Event, PersonId
from assay.governance.fold import fold
from assay.governance.verification import VerificationReport

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def killed(folder: Path, rounds: int, seed: int) -> dict[str, int]:
    """Kill a writer at random moments; what it acknowledged is never lost."""
    draw = random.Random(seed)
    lost_acknowledgements = unacknowledged = acknowledged = 0
    path = folder / "journal.sqlite"
    for number in range(rounds):
        if number % 20 == 0:  # Verification reads everything, so the file must not grow for ever.
            path = folder / f"journal-{number}.sqlite"
            acknowledged = 0
        acknowledged = max(acknowledged, _one_killing(path, draw))
        with open_sqlite(path, fold=fold) as journal:
            size = _verified(journal)
            lost_acknowledgements += max(0, acknowledged - size)
            unacknowledged += size > acknowledged
            publish_checkpoint(journal, SIGNER)
    assert lost_acknowledgements == 0
    return {"rounds": rounds, "committed_but_unacknowledged": unacknowledged}


def together(folder: Path, count: int) -> dict[str, int]:
    """Two writers append, guard one subject both read, and publish; nothing is lost."""
    path = folder / "journal.sqlite"
    open_sqlite(path, fold=fold).close()
    children = [_start_guarded_writer(path, count) for _ in range(2)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0, 0]
    with open_sqlite(path, fold=fold) as journal:
        size = _verified(journal)
        assert size == 2 * count
        assert journal.revision("workspace") == 2 * count
        assert verify(journal).unsigned == 0
    return {"entries": size}


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


def _verified(journal: SqlJournal) -> int:
    return verify(journal).size


def _one_killing(path: Path, draw: random.Random) -> int:
    """The size that the writer acknowledged last before it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _append_for_ever(path, write, draw.randrange(1 << 30))
    os.close(write)
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


def _append_for_ever(path: Path, write: int, seed: int) -> None:
    draw = random.Random(seed)
    journal = open_sqlite(path, fold=fold)
    while True:
        size = journal.append([_event() for _ in range(draw.randint(1, 5))], expected={})[-1] + 1
        os.write(write, b"%d\n" % size)
        if draw.random() < 0.5:
            publish_checkpoint(journal, SIGNER)


def _start_guarded_writer(path: Path, count: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        with open_sqlite(path, fold=fold) as journal:
            written = 0
            while written < count:
                revision = journal.revision("workspace")
                try:
                    journal.append([_event()], expected={"workspace": revision})
                except JournalConflict:
                    continue
                written += 1
                publish_checkpoint(journal, SIGNER)
        code = 0
    finally:
        os._exit(code)


def _event() -> Event:
    return Event(
        type=events.WORKSPACE_OPENED,
        time=NOON,
        actor=PersonId("p-1"),
        subject="workspace",
        body={"origin": SIGNER.name, "key": str(os.getpid())},
    )


if __name__ == "__main__":
    what, where, *numbers = sys.argv[1:]
    if what == "killed":
        answer = killed(Path(where), rounds=int(numbers[0]), seed=int(numbers[1]))
    else:
        answer = together(Path(where), count=int(numbers[0]))
    print(json.dumps(answer))  # noqa: T201 - its answer
