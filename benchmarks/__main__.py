"""Measure, as ratios against a floor in the same run: `python -m benchmarks` (`make bench`).

Prints the machine, then how long a cold start takes against `python -c pass`, how much memory
a gate of many rows takes, how counting compares with a bare query of the same engine, and
how figures with bounds compare with the peers' without; then the journal, a large registry,
judging, and a backtest of a portfolio.
No test asserts a time; figures of a busy machine say little, so its load is printed too.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assay.cli.demo.folder import FIRST, lay_out

SEED: Final = "the row number, hashed"
ENGINE_ROWS: Final = 1_000_000
GATE_ROWS: Final = 10_000_000
VERSIONS: Final = 200
MIB: Final = 1 << 20

BARS: Final = {"import assay": 0.3, "assay --help": 0.35, "assay gate, cold": 1.5}
"""Seconds that the design allows."""

MANIFEST: Final = """\
assay: 1
system: {id: benchmark, purpose: Measure the gate, owner: team:bench, tier: low}
version: {name: "1", kind: binary-classifier, model: model.bin}
data:
  evaluation:
    path: rows.parquet
    label: label
    score: score
    decision: {favourable_when: "<", threshold: 0.5}
    protected: [sex, {age: [25, 40, 60]}]
policy: policy.yaml
"""

POLICY: Final = """\
policy: benchmark
version: "1"
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.6}
  honest: {check: calibration.expected_calibration_error, at_most: 0.5}
  gap:
    check: fairness.selection_rate_difference
    with: {intersections: true}
    at_most: 0.9
  enough-rows: {check: data.rows, at_least: 1000}
"""

ROWS: Final = """
COPY (
  WITH draws AS (
    SELECT hash(i) % 1000003 / 1000003.0 AS u,
           hash(i + 1000000000000) % 1000003 / 1000003.0 AS v,
           hash(i + 2000000000000) AS w
    FROM range({rows}) AS t(i)
  )
  SELECT (v < u * u)::TINYINT AS label, u AS score,
         CASE WHEN w % 2 = 0 THEN 'female' ELSE 'male' END AS sex,
         (18 + (w // 2) % 62)::SMALLINT AS age
  FROM draws
) TO '{path}' (FORMAT parquet)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process: its wall time in seconds and its peak resident memory in bytes."""

    seconds: float
    memory: int


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, help="cold starts; the best counts")
    parser.add_argument("--rows", type=int, default=ENGINE_ROWS, help="rows counted by the engine")
    parser.add_argument("--gate-rows", type=int, default=GATE_ROWS, help="rows of the large gate")
    parser.add_argument("--versions", type=int, default=VERSIONS, help="in the backtest")
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as name:
        print_cold_starts(Path(name), options.repeat)
    with tempfile.TemporaryDirectory() as name:
        print_memory(Path(name), options.gate_rows)
    print_engine(options.rows)
    print_bounds(options.rows)
    print_journal()
    print_policy()
    print_backtest(options.versions)


def print_machine() -> None:
    """What the figures were measured on."""
    print(f"Machine  {machine()}")
    print(f"Python   {platform.python_version()}, {sys.executable}")
    print(f"Load     {os.getloadavg()[0]:.1f} when this began")


def machine() -> str:
    """Processor, cores, memory and system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"


def print_cold_starts(folder: Path, repeat: int) -> None:
    """The start of a process, against that of a bare interpreter."""
    ready = folder / "ready"
    prepare_german_credit(ready)

    def fresh() -> Path:
        shutil.rmtree(folder / "fresh", ignore_errors=True)
        return shutil.copytree(ready, folder / "fresh")

    def same() -> Path:
        return ready

    python, assay = sys.executable, str(Path(sys.executable).with_name("assay"))
    commands: dict[str, tuple[Sequence[str], Callable[[], Path]]] = {
        "python -c pass": ((python, "-c", "pass"), same),
        "import assay": ((python, "-c", "import assay"), same),
        "assay --help": ((assay, "--help"), same),
        "assay gate, cold": ((assay, "gate", "--as", "Ada"), fresh),
    }
    print(f"\nCold start, best of {repeat}. Data: German Credit, 500 scored rows of the demo's")
    print("first model; peer: python -c pass.\n")
    print(f"{'':<20}{'seconds':>9}{'ratio':>8}{'bar':>7}{'MiB':>7}")
    best: dict[str, Run] = {}
    for label, (words, where) in commands.items():
        runs = [run(words, where()) for _ in range(repeat)]
        best[label] = min(runs, key=lambda item: item.seconds)
        ratio = best[label].seconds / best["python -c pass"].seconds
        bar = f"{BARS[label]:.2f}" if label in BARS else ""
        memory = best[label].memory / MIB
        print(f"{label:<20}{best[label].seconds:>9.3f}{ratio:>8.1f}{bar:>7}{memory:>7.0f}")


def print_engine(rows: int) -> None:
    """Counting, against a bare query over the same columns."""
    print(f"\nCounting {rows:,} rows\n", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.engine", "--rows", str(rows)], check=True)


def print_bounds(rows: int) -> None:
    """Figures with bounds, against the peers' without."""
    print(f"\nBounds on {rows:,} rows\n", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.bounds", "--rows", str(rows)], check=True)


def print_policy() -> None:
    """Judging and expressions, against plain comparisons."""
    print("\nJudging\n", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.policy"], check=True)


def print_backtest(versions: int) -> None:
    """A candidate policy on a portfolio; all the versions of the bar take some minutes."""
    print("\nBacktest\n", flush=True)
    sizes = ("--versions", str(versions), "--recorded", str(10 * versions))
    subprocess.run([sys.executable, "-m", "benchmarks.backtest", *sizes], check=True)


def print_journal() -> None:
    """The journal against bare commits and bare hashing, and a large registry's questions."""
    for name in ("journal", "registry"):
        print(f"\n{name.capitalize()}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


def print_memory(folder: Path, rows: int) -> None:
    """The peak memory of a whole `assay gate`, and its time."""
    lay_out_rows(folder, rows)
    assay = str(Path(sys.executable).with_name("assay"))
    done = run((assay, "gate", "--as", "Ada"), folder)
    size = (folder / "rows.parquet").stat().st_size / MIB
    print(f"\nassay gate on {rows:,} rows (label, score, 2 protected columns; Parquet, {size:.0f}")
    print(f"MiB; seed: {SEED})\n")
    print(f"{'seconds':>9}{'peak MiB':>10}{'bar':>7}")
    print(f"{done.seconds:>9.1f}{done.memory / MIB:>10.0f}{1024:>7}")


def prepare_german_credit(folder: Path) -> None:
    """The demo's first version, trained and scored, as its story has it."""
    lay_out(FIRST, folder)
    for script in ("prepare.py", "train.py"):
        subprocess.run([sys.executable, script], cwd=folder, check=True, capture_output=True)


def lay_out_rows(folder: Path, rows: int) -> None:
    """A repository whose evaluation data have so many rows, the same each time."""
    import duckdb

    (folder / "assay.yaml").write_text(MANIFEST)
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "model.bin").write_bytes(b"a model of no consequence")
    with duckdb.connect() as connection:
        connection.execute(ROWS.format(rows=rows, path=folder / "rows.parquet"))


def run(words: Sequence[str], folder: Path) -> Run:
    """Run a process to its end, which must be a decision or a success.

    Raises:
        RuntimeError: it ended otherwise.
    """
    with tempfile.TemporaryFile("w+") as said:
        started = time.perf_counter()
        process = subprocess.Popen(words, cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 1, 3}:
            said.seek(0)
            raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}: {said.read()}")
    kilobyte = 1 if platform.system() == "Darwin" else 1024
    return Run(seconds=seconds, memory=used.ru_maxrss * kilobyte)


def _processor() -> str:
    """The processor's name, as the system gives it."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
