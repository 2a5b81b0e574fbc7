"""A large registry: how fast its tables are folded anew, and how fast they are read.

`python -m benchmarks.registry` fills a journal with the life of many systems (each with ten
versions, each version judged, approved and promoted by turns), makes its tables by the bulk
rebuild, and times the questions that screens ask, now and as of a past date. The database is
SQLite, or PostgreSQL at the URL that `--database` names (its schema must be empty).

Events of the systems alternate, so that hardly two in a row are about the same one: the worst
order for a fold. Data are the events' numbers, hashed; nothing is drawn at random.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.sqlite import open_sqlite
from assay.adapters.sql.tables import entries
from assay.governance import events
from assay.governance.events import Event, PersonId
from assay.governance.fold import (
    DECISION,
    EVIDENCE,
    PORTFOLIO,
    SYSTEM,
    VERSION,
    fold,
    version_key,
)
from assay.governance.records import read_version
from assay.tlog.merkle import leaf_hash

SYSTEMS: Final = 10_000
VERSIONS: Final = 10
ROUNDS: Final = 6
"""How often a version is evaluated and judged."""

STEPS: Final = (events.EVIDENCE_RECORDED, events.DECISION_MADE, events.APPROVAL_GIVEN)
BEGINNING: Final = datetime(2024, 1, 1, tzinfo=UTC)
CHUNK: Final = 20_000

BARS: Final = {
    "a version": 20.0,
    "a system's versions": 20.0,
    "a version's evidence": 20.0,
    "a version's decisions": 20.0,
    "portfolio": 200.0,
    "every system": 200.0,
}
BARS_PAST: Final = {"portfolio": 2_000.0, "every system": 2_000.0}
"""Milliseconds that the design allows, now and as of a past date; 50 where none is given."""


def main() -> None:
    """Fill, fold, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry", description=__doc__)
    parser.add_argument("--systems", type=int, default=SYSTEMS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="judgements of each version")
    parser.add_argument("--database", help="a PostgreSQL URL; default: SQLite")
    options = parser.parse_args()
    print(f"Load     {os.getloadavg()[0]:.1f} when this began")
    with tempfile.TemporaryDirectory() as name, opened(options.database, Path(name)) as journal:
        measure(journal, options.systems, options.rounds)


def opened(database: str | None, folder: Path) -> SqlJournal:
    """An empty journal, in a database or in a file of that folder."""
    if database:
        return open_postgres(database, fold=fold, space="benchmark")
    return open_sqlite(folder / "journal.db", fold=fold)


def measure(journal: SqlJournal, systems: int, rounds: int) -> None:
    """Everything, on one journal."""
    started = time.perf_counter()
    size = fill(journal, lives(systems, rounds))
    print(f"{'filled':<24}{size:>12,} events in {time.perf_counter() - started:.1f} s", flush=True)
    started, used = time.perf_counter(), time.process_time()
    journal.rebuild()
    seconds, used = time.perf_counter() - started, time.process_time() - used
    print(
        f"{'rebuilt':<24}{size / seconds:>12,.0f} events/s (bar 20,000), "
        f"{size / used:,.0f} per second of this process's CPU",
        flush=True,
    )
    middle = BEGINNING + timedelta(seconds=size // 2)
    print(f"\n{'milliseconds, median':<24}{'now':>10}{'bar':>7}{'as of past':>12}{'bar':>7}")
    for label, ask in questions(journal, systems).items():
        now = timed(partial(ask, None))
        past = timed(partial(_ask_past, ask, journal, middle))
        bar, bar_past = BARS[label], BARS_PAST.get(label, 50.0)
        print(f"{label:<24}{now:>10.2f}{bar:>7.0f}{past:>12.2f}{bar_past:>7.0f}", flush=True)
    print(f"Load     {os.getloadavg()[0]:.1f} when this ended")


Ask = Callable[[int | None], object]


def questions(journal: SqlJournal, systems: int) -> dict[str, Ask]:
    """What screens ask, each of another system each time."""
    numbers = iter(range(1, 10_000_000, 7919))

    def system() -> str:
        return system_id(next(numbers) % systems)

    def version() -> str:
        chosen = system()
        return version_key(chosen, digest(f"{chosen}/0"))

    def listed(kind: str, below: Callable[[], str | None]) -> Ask:
        return lambda at: list(journal.records(kind, parent=below(), at=at))

    return {
        "a version": lambda at: read_version(journal, version(), at=at),
        "a system's versions": listed(VERSION, system),
        "a version's evidence": listed(EVIDENCE, version),
        "a version's decisions": listed(DECISION, version),
        "portfolio": listed(PORTFOLIO, lambda: None),
        "every system": listed(SYSTEM, lambda: None),
    }


def _ask_past(ask: Ask, journal: SqlJournal, at: datetime) -> None:
    ask(journal.index_at(at))


def timed(ask: Callable[[], object], repeat: int = 15) -> float:
    """The median of several, in milliseconds."""
    taken: list[float] = []
    for _ in range(repeat):
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def fill(journal: SqlJournal, told: Iterator[Event]) -> int:
    """Write entries alone, in bulk; the rebuild makes all that follows from them."""
    database, heads = journal._database, journal._heads  # noqa: SLF001 - no port writes so
    size = 0
    while some := list(islice(told, CHUNK)):
        data = [event.entry() for event in some]
        leaves = [leaf_hash(item) for item in data]
        with database.writing() as connection:
            edge = heads.locked(connection).edge.extend(leaves)
            rows = [(heads.space, size + i, data[i], leaves[i]) for i in range(len(some))]
            database.insert(connection, entries, rows)
            heads.move(connection, edge, some[-1].time)
        size += len(some)
    return size


def lives(systems: int, rounds: int = ROUNDS) -> Iterator[Event]:
    """The events of each system, 210 unless told: by version, by step, and only then by system."""
    second = 0
    for number in range(VERSIONS):
        for step in ("declared", "registered", *STEPS * rounds, "promoted"):
            for system in range(systems):
                yield _event(step, system_id(system), number, BEGINNING + timedelta(seconds=second))
                second += 1


def system_id(number: int) -> str:
    """The name of a system."""
    return f"system-{number:05}"


def digest(text: str) -> str:
    """SHA-256 of a text, for the names of things."""
    return hashlib.sha256(text.encode()).hexdigest()


def _event(step: str, system: str, number: int, at: datetime) -> Event:
    if step == "declared":
        told = {"system": system, "tier": "high", "tier_source": "declared"}
        return _made(events.SYSTEM_DECLARED, f"system/{system}", at, told, "manifest")
    version = digest(f"{system}/{number}")
    subject, own = f"version/{system}/{version}", {"system": system, "version": version}
    if step == "registered":
        components = {name: {"sha256": digest(name + version)} for name in ("model", "data")}
        named = {"name": f"1.{number}", "author": "p-1", "components": components}
        return _made(events.VERSION_REGISTERED, subject, at, {**own, **named}, "manifest")
    if step == "promoted":
        stage = {"stage": ("production", "retired")[number < VERSIONS - 1], "decision": version}
        return _made(events.VERSION_PROMOTED, subject, at, {**own, **stage})
    body, digests = {
        events.EVIDENCE_RECORDED: (
            {"dataset": version, "produced": "2024-01-01T00:00:00.000000Z", "documents": {}},
            ("statement", "envelope", "recipe", "tallies"),
        ),
        events.DECISION_MADE: (
            {
                "outcome": "allow",
                "mode": "enforce",
                "tier": "high",
                "policy": "lending 1.0.0",
                "basis": version,
                "evidence": [version],
            },
            ("statement", "envelope", "policy", "policy_source"),
        ),
        events.APPROVAL_GIVEN: (
            {"role": "validator", "approver": "p-2", "basis": version, "decision": version},
            ("statement", "envelope", "reason"),
        ),
    }[step]
    return _made(step, subject, at, {**own, **body}, *digests)


def _made(kind: str, subject: str, at: datetime, body: Mapping[str, Any], *names: str) -> Event:
    return Event(
        type=kind,
        time=at,
        actor=PersonId("p-1"),
        subject=subject,
        body=body,
        digests={name: digest(f"{name} {kind} {at}") for name in names},
    )


if __name__ == "__main__":
    main()
