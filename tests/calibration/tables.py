"""How often each bound misses, as tables of the reference: `python -m tests.calibration.tables`.

Each row is a world whose truth is known, and says in what share of its samples the truth lay
below the lower bound, and above the upper one, at two declared errors. Rates and pairs of
rates are enumerated, so their shares are exact; everything else is drawn. With `--write`, the
rows that were made replace those of the page. Exits 1 where a share is above its declared
error by more than three standard errors of the simulation.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from tests.calibration.stats.test_exact_misses import SLIVER, outcomes
from tests.calibration.stats.test_simulated_misses import ERRORS, allowed, misses
from tests.calibration.stats.weighted_worlds import weighted_worlds
from tests.calibration.stats.worlds import WORLDS, World

from assay.stats.mover import Arc, difference_low, ratio_low
from assay.stats.proportions import exact_limits

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "bounds.md"

COLUMNS: Final = (
    "world",
    *(
        f"truth {side} the {name} bound, {error}"
        for error in ERRORS
        for side, name in (("below", "lower"), ("above", "upper"))
    ),
)

Floats = npt.NDArray[np.float64]
Shares = tuple[float, float]
"""Of samples whose truth lies below the lower bound, and above the upper one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One world.

    Attributes:
        label: what it is like.
        misses: the shares at a declared error.
        draws: samples drawn at each error; none where all are enumerated.
    """

    label: str
    misses: Callable[[float], Shares]
    draws: Mapping[float, int] = field(default_factory=dict)

    def line(self) -> str:
        """The row as Markdown."""
        shares = [share for error in ERRORS for share in self.misses(error)]
        return f"| {self.label} | {' | '.join(f'{100.0 * share:.3f} %' for share in shares)} |"

    def bar(self, error: float) -> float:
        """The largest share that may be found at a declared error."""
        return allowed(error, self.draws[error]) if self.draws else error


def exact_rate(rate: float, trials: int, error: float) -> Shares:
    """Of every outcome that a rate can have, weighed by its chance."""
    counts, chances = outcomes(trials, rate)
    low, high = exact_limits(counts, np.full(len(counts), float(trials)), error)
    return (
        float(chances[low > rate + SLIVER].sum()),
        float(chances[high < rate - SLIVER].sum()),
    )


Side = tuple[float, int]
"""A rate, and how many rows it is seen in."""


def exact_difference(first: Side, second: Side, error: float) -> Shares:
    """Of every pair of outcomes."""
    truth = first[0] - second[0]
    return (
        _pairs(difference_low, first, second, truth, error),
        _pairs(difference_low, second, first, -truth, error),
    )


def exact_ratio(first: Side, second: Side, error: float) -> Shares:
    """The same of ratios; an upper bound is one over the lower bound of the inverse."""
    truth = first[0] / second[0]
    return (
        _pairs(ratio_low, first, second, truth, error),
        _pairs(ratio_low, second, first, 1.0 / truth, error),
    )


def _pairs(
    bound: Callable[[Arc, Arc], Floats], first: Side, second: Side, truth: float, error: float
) -> float:
    arcs, chances = [], []
    for rate, trials in (first, second):
        counts, chance = outcomes(trials, rate)
        arcs.append(Arc.of(counts, np.full(len(counts), float(trials)), error))
        chances.append(chance)
    missed = bound(arcs[0].first(), arcs[1].second()) > truth + SLIVER * max(1.0, abs(truth))
    return float(np.outer(*chances)[missed].sum())


def _drawn_row(world: World) -> Row:
    samples = dict(zip(ERRORS, world.samples, strict=True))
    return Row(
        label=world.name,
        misses=lambda error: misses(world, error, samples[error]),
        draws=samples,
    )


def _pair_row(misses_: Callable[[Side, Side, float], Shares], first: Side, second: Side) -> Row:
    words = " and ".join(f"{rate:g} of {trials:,}" for rate, trials in (first, second))
    return Row(label=words, misses=partial(misses_, first, second))


PAIRS: Final[tuple[tuple[Side, Side], ...]] = (
    ((0.001, 5), (0.001, 5)),
    ((0.001, 200), (0.5, 200)),
    ((0.001, 5000), (0.001, 5000)),
    ((0.1, 30), (0.1, 200)),
    ((0.1, 500), (0.3, 500)),
    ((0.5, 5), (0.5, 5)),
    ((0.5, 30), (0.5, 30)),
    ((0.5, 500), (0.5, 500)),
    ((0.99, 50), (0.9, 200)),
)

TABLES: Final[Mapping[str, tuple[Row, ...]]] = {
    "rates": tuple(
        Row(label=f"{rate:g} of {trials:,}", misses=partial(exact_rate, rate, trials))
        for rate in (0.0, 0.001, 0.1, 0.5)
        for trials in (5, 30, 200, 5000)
    ),
    "differences": tuple(_pair_row(exact_difference, *pair) for pair in PAIRS),
    "ratios": tuple(_pair_row(exact_ratio, *pair) for pair in PAIRS),
    "other figures": tuple(map(_drawn_row, WORLDS.values())),
    "weighted rates": tuple(map(_drawn_row, weighted_worlds())),
}


def main() -> None:
    """Make the rows asked for, print them, and write them if told."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration.tables", description=__doc__)
    parser.add_argument("--table", action="append", choices=tuple(TABLES))
    parser.add_argument("--row", action="append", help="only the rows whose label has this")
    parser.add_argument("--write", action="store_true", help="write them into the page")
    options = parser.parse_args()
    good = True
    for name in options.table or TABLES:
        for row in TABLES[name]:
            if options.row and not any(part in row.label for part in options.row):
                continue
            line = row.line()
            good &= within(row, line)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            if options.write:
                write(name, {row.label: line})
    sys.exit(0 if good else 1)


def shares_of(line: str) -> list[float]:
    """The shares that a row of the page states, in the order of its columns."""
    return [float(share) / 100.0 for share in re.findall(r"(\d+\.\d{3}) %", line)]


def within(row: Row, line: str) -> bool:
    """Whether every share of a row is at most its bar."""
    bars = [row.bar(error) for error in ERRORS for _ in range(2)]
    return all(share <= bar + 5e-6 for share, bar in zip(shares_of(line), bars, strict=True))


def committed(name: str) -> dict[str, str]:
    """The rows of a table in the page, by label."""
    text = _marked(name).split(PAGE.read_text(encoding="utf-8"))[2]
    rows = [row for row in text.split("\n") if row.startswith("| ")][1:]
    return {row.split("|")[1].strip(): row for row in rows}


def write(name: str, lines: Mapping[str, str]) -> None:
    """Put rows into a table of the page, and leave the others."""
    rows = {**committed(name), **lines}
    head = f"| {' | '.join(COLUMNS)} |\n|---{'|---:' * (len(COLUMNS) - 1)}|"
    body = "\n".join(rows[row.label] for row in TABLES[name] if row.label in rows)
    before, start, _, end, after = _marked(name).split(PAGE.read_text(encoding="utf-8"))
    text = "".join((before, start, f"{head}\n{body}\n", end, after))
    PAGE.write_text(text, encoding="utf-8")


def _marked(name: str) -> re.Pattern[str]:
    start, end = f"<!-- Simulated: {name}. -->\n\n", f"\n<!-- End of {name}. -->\n"
    return re.compile(f"({re.escape(start)})(.*?)({re.escape(end)})", re.DOTALL)


if __name__ == "__main__":
    main()
