"""Counting up to 100 million rows, in time against rows: `python -m benchmarks.scale`.

Rows are those of `benchmarks.engine`, in Parquet files that DuckDB writes in row groups into a
temporary folder. Each file is counted by a process of its own that does nothing else, with two
threads; its time on the clock is measured around it, and its peak memory is what the system
says of it. With `--write`, the table and the plot of docs/reference/speed.md are replaced.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.__main__ import machine
from benchmarks.engine import write_rows

MILLIONS: Final = (1, 2, 5, 10, 20, 50, 100)
BAR_MIB: Final = 2048
REPEATED_ROWS: Final = 4_000_000
"""Sizes are run again until so many rows are counted, at most three times; the best time and
the largest memory count."""

PAGE: Final = Path(__file__).parents[1] / "docs" / "reference" / "speed.md"
PLOT: Final = PAGE.with_name("speed.svg")
PART: Final = re.compile(
    r"(<!-- Measured: scale\. -->\n\n)(.*?)(\n<!-- End of scale\. -->\n)", re.DOTALL
)

WIDTH: Final = 560
HEIGHT: Final = 300
LEFT: Final = 60
BOTTOM: Final = 250
TOP: Final = 20
RIGHT: Final = 540
"""The picture and its axes, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What counting so many rows took."""

    rows: int
    seconds: float
    cpu: float
    memory_mib: float
    file_mib: float


def main() -> None:
    """Measure, print, and write if told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--most", type=int, default=max(MILLIONS), help="millions of rows")
    parser.add_argument("--write", action="store_true", help="write the page and its plot")
    options = parser.parse_args()
    points: list[Point] = []
    for millions in MILLIONS:
        if millions <= options.most:
            points.append(measure(millions * 1_000_000))
            print(row(points[-1]), flush=True)
    if options.write:
        page = PART.sub(
            lambda part: f"{part[1]}{table(points)}{part[3]}", PAGE.read_text(encoding="utf-8")
        )
        PAGE.write_text(page, encoding="utf-8")
        PLOT.write_text(plot(points), encoding="utf-8")
    sys.exit(0 if all(point.memory_mib < BAR_MIB for point in points) else 1)


def measure(rows: int) -> Point:
    """Write so many rows, count them, and delete them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        write_rows(path, rows)
        runs = [alone(path) for _ in range(max(1, min(3, REPEATED_ROWS // rows)))]
        return Point(
            rows=rows,
            seconds=min(seconds for seconds, _, _ in runs),
            cpu=min(cpu for _, cpu, _ in runs),
            memory_mib=max(memory for _, _, memory in runs),
            file_mib=path.stat().st_size / 2**20,
        )


def alone(path: Path) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of all processors, and peak MiB of a counting process."""
    words = [sys.executable, "-m", "benchmarks.engine", "--threads", "2", "--alone", str(path)]
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"Counting {path} ended with {process.returncode}.")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def table(points: Sequence[Point]) -> str:
    """The points as Markdown, with the machine."""
    head = (
        "| rows | Parquet, MiB | seconds | ns a row | CPU seconds | peak memory, MiB |\n"
        "|---:|---:|---:|---:|---:|---:|"
    )
    words = f"{machine()}; {os.getloadavg()[0]:.0f} other processes wanted it meanwhile.\n"
    return "\n".join([words, head, *map(row, points), ""])


def row(point: Point) -> str:
    """One point."""
    return (
        f"| {point.rows:,} | {point.file_mib:,.0f} | {point.seconds:.2f} "
        f"| {point.seconds / point.rows * 1e9:.0f} | {point.cpu:.1f} | {point.memory_mib:,.0f} |"
    )


def plot(points: Sequence[Point]) -> str:
    """CPU seconds against rows, with the straight line through the first and the last.

    Those of all processors: unlike seconds on the clock, they do not grow with what else runs.
    """
    most_rows, most = points[-1].rows, _round_up(max(point.cpu for point in points))
    places = [
        (LEFT + (RIGHT - LEFT) * p.rows / most_rows, BOTTOM - (BOTTOM - TOP) * p.cpu / most)
        for p in points
    ]
    told = "; ".join(f"{p.rows:,} rows in {p.cpu:.1f} CPU s" for p in points)
    (x1, y1), (x2, y2) = places[0], places[-1]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{HEIGHT}">',
        f"<title>Time grows in proportion to rows</title><desc>{told}</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        '<g font-family="sans-serif" font-size="12">',
        f'<path d="M{LEFT},{TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="#000"/>',
        *_ticks(most_rows, most),
        f'<path d="M{x1:.1f},{y1:.1f}L{x2:.1f},{y2:.1f}" stroke="#777" stroke-dasharray="5 4"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#0072b2"/>' for x, y in places),
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"


def _ticks(most_rows: int, most: float) -> Iterable[str]:
    for step in range(6):
        x, y = LEFT + (RIGHT - LEFT) * step / 5, BOTTOM - (BOTTOM - TOP) * step / 5
        millions, seconds = most_rows / 1e6 * step / 5, most * step / 5
        yield f'<text x="{x:.0f}" y="{BOTTOM + 18}" text-anchor="middle">{millions:g}</text>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{seconds:g}</text>'
    middle = (LEFT + RIGHT) // 2
    yield f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">million rows</text>'
    yield f'<text x="14" y="{TOP - 6}">CPU seconds</text>'


def _round_up(seconds: float) -> float:
    return next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if size >= seconds)


if __name__ == "__main__":
    main()
