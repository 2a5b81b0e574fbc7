"""Counting every tally of the base recipe, against a bare count by the same engine.

`python -m benchmarks.engine` writes rows of their number's hash (label, score, two protected
columns: ten intersections), and times in turn, from connecting to closing, best of several:

    bare     SELECT label, decision, sex, race, count(*) ... GROUP BY ALL
    collect  the same decisions, and score histograms overall and by group, missing and
             excluded rows, and the SHA-256 of the file

Peak memory is that of a process which does nothing else. `--linear` adds time against rows.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb

from assay.adapters.engine import DuckDbCollector
from assay.evidence.recipe import ColumnRoles, DecisionRule, Label, Protected, recipe_for

ROWS: Final = """
COPY (
  WITH draws AS (
    SELECT hash(i) % 1000003 / 1000003.0 AS u, hash(-i) % 1000003 / 1000003.0 AS v,
           hash(i + 104729) AS w
    FROM range(1, {rows} + 1) AS t(i)
  )
  SELECT (v < u * u)::TINYINT AS label, u * v AS score,
         ['female', 'male'][(1 + w % 2)::BIGINT] AS sex,
         ['Asian', 'Black', 'Indigenous', 'Other', 'White'][(1 + (w // 2) % 5)::BIGINT] AS race
  FROM draws
) TO '{path}'
"""
BARE: Final = """
SELECT label, score < 0.35 AS decision, sex, race, count(*) FROM '{path}' GROUP BY ALL
"""
LINEAR: Final = (1, 2, 5, 10, 20)
"""Millions of rows."""

RECIPE: Final = recipe_for(
    ColumnRoles(
        label=Label(column="label"),
        score="score",
        decision=DecisionRule(favourable_when="<", threshold=Decimal("0.35")),
        protected=(Protected(column="sex"), Protected(column="race")),
    ),
    [],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """The best of several runs: seconds on the clock, and of all processors together."""

    wall: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each; the best counts")
    parser.add_argument("--linear", action="store_true", help="time against rows")
    parser.add_argument("--threads", type=int, help="that read; by default one a processor")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone is not None:
        collect(options.alone, threads=options.threads)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"rows.{options.format}")
        print_ratios(path, options.rows, options.repeat)
        if options.linear:
            print_line(path, options.repeat)


def print_ratios(path: Path, rows: int, repeat: int) -> None:
    """Both queries side by side, and the memory of ours."""
    write_rows(path, rows)
    ours, bare = best(repeat, lambda: collect(path), lambda: count(path))
    print(f"{rows:,} rows, {path.suffix[1:]}, {path.stat().st_size / 2**20:,.0f} MiB\n")
    print(f"{'':<10}{'wall s':>9}{'CPU s':>9}")
    for name, time_ in (("bare", bare), ("collect", ours)):
        print(f"{name:<10}{time_.wall:>9.3f}{time_.cpu:>9.3f}")
    print(f"{'ratio':<10}{ours.wall / bare.wall:>9.2f}{ours.cpu / bare.cpu:>9.2f}   (bar: 3)")
    print(f"peak memory of a process that only collects: {peak_memory(path):,.0f} MiB (bar: 1,024)")


def print_line(path: Path, repeat: int) -> None:
    """Time and memory against rows: the one grows in proportion, the other not at all."""
    print(f"\n{'rows':>12}{'wall s':>9}{'ns a row':>10}{'peak MiB':>10}")
    for millions in LINEAR:
        rows = millions * 1_000_000
        write_rows(path, rows)
        [ours] = best(repeat, lambda: collect(path))
        nanoseconds = ours.wall / rows * 1e9
        print(f"{rows:>12,}{ours.wall:>9.3f}{nanoseconds:>10.1f}{peak_memory(path):>10.0f}")


def write_rows(path: Path, rows: int) -> None:
    """The rows, in the format that the name says."""
    path.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(ROWS.format(rows=rows, path=path))


def collect(path: Path, *, threads: int | None = None) -> None:
    """What Assay does."""
    DuckDbCollector(threads=threads).collect(path, RECIPE)


def count(path: Path) -> None:
    """What DuckDB alone must do at least."""
    with duckdb.connect() as connection:
        connection.execute(BARE.format(path=path)).fetchall()


def best(repeat: int, *tasks: Callable[[], None]) -> list[Time]:
    """The best time of each task; tasks take turns, so that all meet the same machine."""
    found: list[list[Time]] = [[] for _ in tasks]
    for _ in range(repeat):
        for task, times in zip(tasks, found, strict=True):
            wall, cpu = time.perf_counter(), time.process_time()
            task()
            times.append(Time(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu))
    return [Time(wall=min(t.wall for t in times), cpu=min(t.cpu for t in times)) for times in found]


def peak_memory(path: Path) -> float:
    """The largest resident size, in MiB, of a process that only collects."""
    words = [sys.executable, "-m", "benchmarks.engine", "--alone", str(path)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


if __name__ == "__main__":
    main()
