"""How many groups may be counted: beyond, a tally would be a list of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assay.errors import NotEvaluated
from assay.stats.tallies import (
    CELLS_MAX,
    SLICES_MAX,
    Confusion,
    ConfusionCounts,
    PairCounts,
    Pairs,
    Scores,
    Spec,
    Tally,
    WeightedConfusion,
    WeightedConfusionCounts,
)
from assay.stats.tallies.filling import Layout
from assay.stats.tallies.filling.slicing import Slicing, finest

_COUNTERS_MAX: Final = 1 << 21
"""Combinations of levels (and of buckets) that could occur in one slice: 64 MiB of counts."""

_ALL_CELLS_MAX: Final = 1 << 19
"""Cells of all tallies together, so that whoever reads them can bound their size."""


class TooManyCells(NotEvaluated):
    """The levels of several columns combine to more groups than can be counted."""

    code = "data.too-many-cells"


def check_layout(layout: Layout, where: str) -> None:
    """Refuse columns whose levels could combine to too many groups, before counting any."""
    decided = [
        spec.by for spec in layout.specs if isinstance(spec, Confusion | WeightedConfusion | Pairs)
    ]
    for by in finest(decided):
        slicing = Slicing(by, layout)
        if slicing.count > _COUNTERS_MAX:
            raise _too_many(where, by, f"could form {slicing.count:,} groups")
    for spec in layout.specs:
        if isinstance(spec, Scores) and (count := Slicing(spec.by, layout).count) > SLICES_MAX:
            raise _too_many(where, spec.by, f"need {count:,} histograms of scores")


def check_cells(filled: Mapping[int, Mapping[Spec, Tally]], where: str) -> None:
    """Refuse tallies with too many groups."""
    total = 0
    for tallies in filled.values():
        for tally in tallies.values():
            if isinstance(tally, ConfusionCounts | WeightedConfusionCounts | PairCounts):
                total += len(tally.cells)
                if len(tally.cells) > CELLS_MAX:
                    raise _too_many(where, tally.by, f"form {len(tally.cells):,} groups")
    if total > _ALL_CELLS_MAX:
        raise _too_many(where, (), f"form {total:,} groups in all slices together")


def _too_many(where: str, by: tuple[str, ...], problem: str) -> TooManyCells:
    columns = " × ".join(by) or "the protected columns"
    return TooManyCells(
        f"The values of {columns} {problem}, too many to be groups of people.",
        where=where,
        remedy="Declare cut points for numbers, group rare values, or protect fewer columns.",
    )
