"""Three real datasets as count tables, and the decisions that are audited on them.

Standard library only: each peer reads this in an environment of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Cell:
    """People who share groups, score and label."""

    groups: dict[str, str]
    score: float
    label: int
    count: int


@dataclass(frozen=True)
class Dataset:
    """A table and the rule that turns its scores into decisions.

    Attributes:
        name: of the table's file.
        columns: the group columns.
        pairs: (column, privileged level, unprivileged level) for peers that compare two.
        strata: (column, stratum column) for conditional disparity.
        intersection: the columns that are crossed.
        threshold: of the score.
        favourable_when: "<" or ">=": how the score compares in the favourable decision. The
            favourable outcome is label 0 with "<" and label 1 with ">=".
    """

    name: str
    columns: tuple[str, ...]
    pairs: tuple[tuple[str, str, str], ...]
    strata: tuple[tuple[str, str], ...]
    intersection: tuple[str, str]
    threshold: str
    favourable_when: str

    def cells(self) -> Iterator[Cell]:
        """The rows of the table."""
        with (TABLES / f"{self.name}.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                yield Cell(
                    groups={column: row[column] for column in self.columns},
                    score=float(row["score"]),
                    label=int(row["label"]),
                    count=int(row["count"]),
                )

    def people(self) -> Iterator[tuple[dict[str, str], int, int]]:
        """(groups, favourable outcome, favourable decision) of each person."""
        for cell in self.cells():
            outcome = cell.label if self.favourable_when == ">=" else 1 - cell.label
            below = cell.score < float(self.threshold)
            decision = int(below if self.favourable_when == "<" else not below)
            for _ in range(cell.count):
                yield cell.groups, outcome, decision


DATASETS = (
    Dataset(
        name="german_credit",
        columns=("sex", "age"),
        pairs=(("sex", "male", "female"), ("age", ">25", "<=25")),
        strata=(("sex", "age"), ("age", "sex")),
        intersection=("sex", "age"),
        threshold="0.25",
        favourable_when="<",
    ),
    Dataset(
        name="adult",
        columns=("sex", "race"),
        pairs=(("sex", "Male", "Female"),),
        strata=(("sex", "race"),),
        intersection=("sex", "race"),
        threshold="0.65",
        favourable_when=">=",
    ),
    Dataset(
        name="compas",
        columns=("sex", "race", "age_cat"),
        pairs=(("sex", "Female", "Male"),),
        strata=(("sex", "age_cat"),),
        intersection=("sex", "age_cat"),
        threshold="0.5",
        favourable_when="<",
    ),
)
