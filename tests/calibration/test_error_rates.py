"""The tables of the guide "How sure is the gate?" are what their simulation gives."""

from __future__ import annotations

import re

import pytest
from benchmarks import error_rates
from benchmarks.error_rates import GUIDE, TABLES, committed, line, simulate, within

ROWS = [(name, label) for name, table in TABLES.items() for label in table.rows]
FAST = ("requirements", "10, independent")


@pytest.mark.parametrize("name", TABLES)
def test_the_guide_has_every_row_and_states_its_seed_and_worlds(name: str):
    """No row is missing, added or out of order, and the preamble is the one of the code."""
    assert list(committed(name)) == list(TABLES[name].rows)
    text = GUIDE.read_text(encoding="utf-8")
    assert text.count(error_rates.preamble()) == len(TABLES)


@pytest.mark.parametrize(("name", "label"), ROWS, ids=lambda part: part.replace(" ", "-"))
def test_no_published_rate_is_above_its_bar(name: str, label: str):
    """Up to three standard errors of the simulation."""
    cells = TABLES[name].rows[label]
    rates = [float(rate) / 100.0 for rate in re.findall(r"(\d+\.\d\d) %", committed(name)[label])]
    assert len(rates) == len(cells)
    for rate, cell in zip(rates, cells, strict=True):
        assert within(rate, cell)


@pytest.mark.parametrize(
    ("name", "label"),
    [pytest.param(*row, marks=() if row == FAST else pytest.mark.slow, id=row[1]) for row in ROWS],
)
def test_simulating_a_row_again_gives_the_published_one(name: str, label: str):
    """To the last digit: the seed, the worlds and the gate are those of the guide."""
    assert line(label, simulate(TABLES[name], label)) == committed(name)[label]


@pytest.mark.parametrize("name", TABLES)
def test_a_few_worlds_of_every_row(name: str):
    """Every row simulates, and errs no more often than declared in a short run."""
    table = TABLES[name]
    for label, cells in table.rows.items():
        for rate, cell in zip(simulate(table, label, 40), cells, strict=True):
            assert within(rate, cell, 40)


def test_a_gate_that_errs_is_noticed():
    """A rate of 7 % among 4,000 worlds is above a bar of 5 %."""
    [cell, *_] = TABLES["requirements"].rows["1"]
    assert within(0.055, cell)
    assert not within(0.07, cell)
