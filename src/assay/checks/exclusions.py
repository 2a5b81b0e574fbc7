"""Rows that a measurement could not use, by reason: none is left out in silence."""

from __future__ import annotations

from collections.abc import Iterable

from assay.evidence.inputs import Evidence, Need
from assay.evidence.measurement import Document
from assay.stats.tallies import (
    Confusion,
    ConfusionCounts,
    Levels,
    PairCounts,
    Pairs,
    RowCounts,
    Rows,
    ScoreCounts,
    ScorePairCounts,
    ScorePairs,
    Tally,
    WeightedConfusion,
    WeightedConfusionCounts,
)


def excluded_rows(evidence: Evidence, needs: Iterable[Need]) -> dict[str, int]:
    """Rows read but not used, by reason, for the need that leaves out the most.

    A row without a usable label or score is in no tally. A row whose group is not known is
    in the tally, but in none of its groups.
    """
    rows = _rows(evidence)
    if rows is None:
        return {}
    worst: dict[str, int] = {}
    for need in needs:
        reasons = {**rows.excluded, **_without_group(evidence, need), **_unpaired(evidence, need)}
        if sum(reasons.values()) > sum(worst.values()):
            worst = reasons
    return {reason: count for reason, count in sorted(worst.items()) if count}


def without_group(evidence: Evidence, needs: Iterable[Need]) -> dict[str, int]:
    """Rows of the tallies that belong to no group, by reason, for the need that has the most.

    They count where all rows do, and in no group; a figure that compares groups says so.
    """
    found = (_without_group(evidence, need) for need in needs)
    worst = max(found, key=lambda reasons: sum(reasons.values()), default={})
    return {reason: count for reason, count in sorted(worst.items()) if count}


def rows_read(evidence: Evidence) -> int:
    """Rows of the dataset, used or not; 0 where no data were collected."""
    rows = _rows(evidence)
    return rows.read if rows else 0


def _rows(evidence: Evidence) -> RowCounts | None:
    if evidence.tallies is None or Rows() not in evidence.tallies.tallies:
        return None
    return evidence[Rows()]


def _without_group(evidence: Evidence, need: Need) -> dict[str, int]:
    """Rows by the first column of a slice in which they have no value."""
    if evidence.tallies is None or isinstance(need, Document):
        return {}
    if evidence.sampled and isinstance(need, Confusion):
        tally = evidence.tallies.tallies.get(WeightedConfusion(by=need.by))
    else:
        tally = evidence.tallies.tallies.get(need)
    reasons: dict[str, int] = {}
    for by, levels, count in _cells(tally):
        if None in levels:
            reason = f"missing {by[levels.index(None)]}"
            reasons[reason] = reasons.get(reason, 0) + count
    return reasons


def _unpaired(evidence: Evidence, need: Need) -> dict[str, int]:
    """Rows that only this version scored; one that only the other did has no score."""
    if evidence.tallies is None or not isinstance(need, Pairs | ScorePairs):
        return {}
    tally = evidence.tallies.tallies.get(need)
    if not isinstance(tally, PairCounts | ScorePairCounts):
        return {}
    return {f"no score of the {tally.against}": tally.unpaired.version_only}


def _cells(tally: Tally | None) -> Iterable[tuple[tuple[str, ...], Levels, int]]:
    if isinstance(tally, ConfusionCounts):
        return [(tally.by, levels, counts.n) for levels, counts in tally.cells.items()]
    if isinstance(tally, WeightedConfusionCounts):
        return [(tally.by, levels, counts.rows.n) for levels, counts in tally.cells.items()]
    if isinstance(tally, PairCounts):
        return [(tally.by, levels, counts.n) for levels, counts in tally.cells.items()]
    if isinstance(tally, ScoreCounts):
        return [(tally.by, levels, part.n) for levels, part in tally.slices.items()]
    return ()
