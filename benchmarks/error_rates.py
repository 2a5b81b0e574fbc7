"""How often the gate errs, by simulation: `python -m benchmarks.error_rates`.

Draws worlds whose truth is known, lets the real gate judge each (policy.gate.assess and
decide, on the bounds of assay.stats), and counts wrong decisions. With `--write`, the rows
that were simulated replace those of the guide "How sure is the gate?"; a row is the same for
the same seed, whichever other rows are simulated beside it. Exits 1 where a rate is above its
bar by more than three standard errors of the simulation.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.evidence.measurement import Measurement
from assay.policy.gate import Measure, assess, decide
from assay.policy.policy import Bar, Direction, Outcome, Policy, Requirement, RequirementId
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors
from assay.stats.gaps import largest_difference, smallest_ratio
from assay.stats.proportions import Proportion, proportion

SEED: Final = 20261124
WORLDS: Final = 4000
GUIDE: Final = Path(__file__).parents[1] / "docs" / "guides" / "how-sure-is-the-gate.md"

DECLARED: Final = 0.05
"""The policy's `false_allow` and `false_deny`."""

PEOPLE: Final = 400
"""Rows in each sample of the first table."""

LIMIT: Final = Decimal("0.2")
"""The largest error rate that each requirement of the first table allows."""

SHARED: Final = 0.7
"""Where requirements are correlated: how often a person's outcome is the one they all share."""

GAP: Final = Decimal("0.1")
"""The largest gap between groups that the second table allows."""

AT: Final = datetime(2026, 1, 1, tzinfo=UTC)

Floats = npt.NDArray[np.float64]
Counts = tuple[int, ...]
Simulation = Callable[[np.random.Generator, int], float]
"""The share of so many worlds in which something happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One rate of a table.

    Attributes:
        bar: what it may be at most, a fraction.
        simulate: what counts it.
    """

    bar: float
    simulate: Simulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the guide: its columns, and its rows by label."""

    columns: tuple[str, ...]
    rows: Mapping[str, tuple[Cell, ...]]


def main() -> None:
    """Simulate the rows asked for, print them, and write them if told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.error_rates", description=__doc__)
    parser.add_argument("--row", action="append", help="only the rows whose label has this")
    parser.add_argument("--write", action="store_true", help="write them into the guide")
    options = parser.parse_args()
    good = True
    for name, table in TABLES.items():
        for label in table.rows:
            if options.row and not any(part in label for part in options.row):
                continue
            rates = simulate(table, label)
            good &= all(map(within, rates, table.rows[label]))
            print(line(label, rates), flush=True)
            if options.write:
                write(name, {label: rates})
    sys.exit(0 if good else 1)


def simulate(table: Table, label: str, worlds: int = WORLDS) -> list[float]:
    """The rates of one row, each from a generator of its own."""
    return [
        cell.simulate(_generator(label, column), worlds)
        for column, cell in zip(table.columns[1:], table.rows[label], strict=True)
    ]


def within(rate: float, cell: Cell, worlds: int = WORLDS) -> bool:
    """Whether a rate is at most its bar, up to three standard errors."""
    return rate <= cell.bar + 3.0 * math.sqrt(cell.bar * (1.0 - cell.bar) / worlds)


def line(label: str, rates: Sequence[float]) -> str:
    """A row as Markdown."""
    return f"| {' | '.join((label, *(f'{100.0 * rate:.2f} %' for rate in rates)))} |"


def committed(name: str) -> dict[str, str]:
    """The rows of a table in the guide, by label."""
    text = _marked(name).split(GUIDE.read_text(encoding="utf-8"))[2]
    rows = [row for row in text.split("\n") if row.startswith("| ")][1:]
    return {row.split("|")[1].strip(): row for row in rows}


def preamble() -> str:
    """What a table rests on, for its reader."""
    return (
        f"{WORLDS:,} worlds for each figure, seed {SEED}, by `python -m benchmarks.error_rates`; "
        f"both errors are declared as {DECLARED}."
    )


def write(name: str, rates: Mapping[str, Sequence[float]]) -> None:
    """Put rows into a table of the guide, and leave the others."""
    table, rows = TABLES[name], committed(name)
    rows |= {label: line(label, found) for label, found in rates.items()}
    head = f"| {' | '.join(table.columns)} |\n|---{'|---:' * (len(table.columns) - 1)}|"
    body = "\n".join(rows[label] for label in table.rows if label in rows)
    before, start, _, end, after = _marked(name).split(GUIDE.read_text(encoding="utf-8"))
    text = "".join((before, start, f"{preamble()}\n\n{head}\n{body}\n", end, after))
    GUIDE.write_text(text, encoding="utf-8")


def _marked(name: str) -> re.Pattern[str]:
    start, end = f"<!-- Simulated: {name}. -->\n\n", f"\n<!-- End of {name}. -->\n"
    return re.compile(f"({re.escape(start)})(.*?)({re.escape(end)})", re.DOTALL)


def _generator(*key: str) -> np.random.Generator:
    digest = hashlib.sha256("\n".join((str(SEED), *key)).encode()).digest()
    return np.random.Generator(np.random.Philox(int.from_bytes(digest[:8], "big")))


# What the gate decides


def decision(policy: Policy, measures: Sequence[Measure]) -> Outcome:
    """The outcome of a policy whose requirements are measured so, nobody's approval needed."""
    bound = {rule.id: measure for rule, measure in zip(policy.requirements, measures, strict=True)}
    judgements, tests, error = assess(policy, tier=Tier.MEDIUM, measures=bound, at=AT)
    return decide(
        policy,
        tier=Tier.MEDIUM,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis="",
        approvals=(),
        author="",
        at=AT,
    ).outcome


@cache
def policy_of(size: int, direction: Direction, threshold: Decimal) -> Policy:
    """A policy of so many requirements, all with the same bar."""
    rules = tuple(
        Requirement(
            id=RequirementId(f"requirement-{index}"),
            check="simulated.rate",
            bar=Bar(direction=direction, by_tier={Tier.LOW: threshold}),
        )
        for index in range(size)
    )
    return Policy(name="simulated", version="1", digest="", requirements=rules)


# Many requirements


def _share(outcome: Outcome, *, size: int, at_limit: int, shared: float) -> Simulation:
    """How often the gate decides so, with some requirements at the limit, the rest at half."""

    def simulation(generator: np.random.Generator, worlds: int) -> float:
        rates = _truth(size, at_limit)
        return sum(_world(generator, rates, shared) is outcome for _ in range(worlds)) / worlds

    return simulation


def _opposite(*, size: int, shared: float) -> Simulation:
    """How often two samples of a world at the limit are decided as opposites."""

    def simulation(generator: np.random.Generator, worlds: int) -> float:
        rates = _truth(size, 1)
        both = {Outcome.ALLOW, Outcome.DENY}
        pairs = ({_world(generator, rates, shared) for _ in range(2)} for _ in range(worlds))
        return sum(pair == both for pair in pairs) / worlds

    return simulation


def _truth(size: int, at_limit: int) -> Floats:
    return float(LIMIT) * np.where(np.arange(size) < at_limit, 1.0, 0.5)


def _world(generator: np.random.Generator, rates: Floats, shared: float) -> Outcome:
    draws = generator.random((PEOPLE, len(rates)))
    if shared:
        common = generator.random((PEOPLE, 1))
        draws = np.where(generator.random(draws.shape) < shared, common, draws)
    measures = [_rate(int(events)) for events in (draws < rates).sum(axis=0)]
    return decision(policy_of(len(rates), Direction.AT_MOST, LIMIT), measures)


@cache
def _rate(events: int) -> Measure:
    """A rate among PEOPLE; the same events have the same bounds, so they are found once."""

    @cache
    def at(errors: Errors) -> Measurement:
        return proportion(Proportion(events=events, trials=PEOPLE), errors=errors)

    return Measure(at=at, statistical=True)


def _requirements_row(size: int, shared: float) -> tuple[Cell, ...]:
    share = partial(_share, size=size, shared=shared)
    return (
        Cell(bar=DECLARED, simulate=share(Outcome.ALLOW, at_limit=1)),
        Cell(bar=DECLARED, simulate=share(Outcome.DENY, at_limit=size)),
        Cell(bar=0.01, simulate=_opposite(size=size, shared=shared)),
    )


# Groups


def _denied(sizes: Counts, rate: float) -> Simulation:
    """How often groups with equal rates are found to differ at all."""
    return _groups(sizes, np.full(len(sizes), rate), _difference, Decimal(0), Outcome.DENY)


def _allowed(sizes: Counts, gap: float) -> Simulation:
    """How often a gap passes for GAP: the first and last group at its ends, all else between."""
    rates = np.full(len(sizes), 0.3)
    rates[0], rates[-1] = 0.3 - gap / 2.0, 0.3 + gap / 2.0
    return _groups(sizes, rates, _difference, GAP, Outcome.ALLOW)


def _four_fifths(sizes: Counts, rate: float) -> Simulation:
    """How often groups with equal rates fail the four-fifths rule."""
    return _groups(sizes, np.full(len(sizes), rate), _ratio, Decimal("0.8"), Outcome.DENY)


def _groups(
    sizes: Counts,
    rates: Floats,
    measured: Callable[[Counts, Counts, Errors], Measurement],
    threshold: Decimal,
    outcome: Outcome,
) -> Simulation:
    direction = Direction.AT_LEAST if measured is _ratio else Direction.AT_MOST
    policy = policy_of(1, direction, threshold)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    chances = np.repeat(rates, sizes)

    def simulation(generator: np.random.Generator, worlds: int) -> float:
        found = 0
        for _ in range(worlds):
            drawn = (generator.random(len(chances)) < chances).astype(np.int64)
            events = tuple(int(count) for count in np.add.reduceat(drawn, starts))
            measure = Measure(at=partial(measured, events, sizes), statistical=True)
            found += decision(policy, [measure]) is outcome
        return found / worlds

    return simulation


@lru_cache(maxsize=4096)
def _difference(events: Counts, sizes: Counts, errors: Errors) -> Measurement:
    return largest_difference(
        (_proportions(events, sizes),),
        errors=errors,
        min_group_size=30,
        small_groups="insufficient",
    )


@lru_cache(maxsize=4096)
def _ratio(events: Counts, sizes: Counts, errors: Errors) -> Measurement:
    return smallest_ratio(
        _proportions(events, sizes), errors=errors, min_group_size=30, small_groups="insufficient"
    )


def _proportions(events: Counts, sizes: Counts) -> dict[str, Proportion]:
    return {
        f"group {index}": Proportion(events=x, trials=n)
        for index, (x, n) in enumerate(zip(events, sizes, strict=True))
    }


def _groups_row(sizes: Counts) -> tuple[Cell, ...]:
    return (
        *(Cell(bar=DECLARED, simulate=_denied(sizes, rate)) for rate in (0.01, 0.1, 0.5)),
        Cell(bar=DECLARED, simulate=_four_fifths(sizes, 0.1)),
        Cell(bar=DECLARED, simulate=_allowed(sizes, float(GAP))),
        Cell(bar=0.01, simulate=_allowed(sizes, 2.0 * float(GAP))),
    )


TABLES: Final[Mapping[str, Table]] = {
    "requirements": Table(
        columns=(
            "requirements",
            "allowed, one at its limit",
            "denied, all at their limits",
            "opposite decisions",
        ),
        rows={
            f"{size}, {name}" if size > 1 else "1": _requirements_row(size, shared)
            for size in (1, 10, 50)
            for name, shared in (("independent", 0.0), ("correlated", SHARED))
            if size > 1 or not shared
        },
    ),
    "groups": Table(
        columns=(
            "groups",
            "denied, equal at 0.01",
            "denied, equal at 0.1",
            "denied, equal at 0.5",
            "four-fifths failed, equal at 0.1",
            "allowed, gap at the limit",
            "allowed, gap at twice the limit",
        ),
        rows={
            "2 of 50": _groups_row((50,) * 2),
            "4 of 200": _groups_row((200,) * 4),
            "3 of 200, 1 of 30": _groups_row((200, 200, 200, 30)),
            "14 of 500": _groups_row((500,) * 14),
        },
    ),
}


if __name__ == "__main__":
    main()
