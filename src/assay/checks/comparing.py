"""Two versions on the same rows: what the paired statistics need of the tallies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assay.checks.groups import group_name
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.means import mean
from assay.stats.paired import PairedProportions
from assay.stats.paired_ranking import PairedScores
from assay.stats.skill import JointLosses
from assay.stats.tallies import (
    Against,
    BinaryCounts,
    PairCells,
    PairedRows,
    Pairs,
    ScorePairs,
)

NO_PAIR = Undefined(
    reason="No row has a score of both versions, so they cannot be compared.",
    units_lacking=(("", 1),),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPairs:
    """Rows that both scored, and the same by bucket of units where rows share units."""

    rows: PairedRows | None
    buckets: Sequence[PairedRows]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedPairs:
    """Label by both decisions of some rows, and by bucket of units where rows share units."""

    total: PairCells
    buckets: Sequence[PairCells]

    def shares(
        self, *, right: Callable[[BinaryCounts], int], of: Callable[[BinaryCounts], int]
    ) -> PairedProportions:
        """A share of decisions that are right, by this version and by the other.

        Args:
            right: how many of a version's counts it decides rightly.
            of: how many of them count.
        """

        def counts(cells: PairCells) -> tuple[float, float, float]:
            # Where the other errs, it predicts what this version is right not to predict.
            positive, negative = cells.other_positive, cells.other_negative
            version_only = right(_of_label(positive, False)) + right(_of_label(negative, True))
            both = right(cells.version) - version_only
            return version_only, right(cells.other) - both, of(cells.version)

        first_only, second_only, trials = counts(self.total)
        return PairedProportions(
            first_only=first_only,
            second_only=second_only,
            trials=trials,
            buckets=tuple(counts(part) for part in self.buckets),
        )


def decided_pairs(evidence: Evidence, spec: Pairs) -> DecidedPairs:
    """Both decisions about all rows.

    Raises:
        Absent: pairs were not collected.
    """
    return DecidedPairs(
        total=evidence[spec].total, buckets=[part.total for part in evidence.buckets(spec)]
    )


def decided_by_group(evidence: Evidence, against: Against) -> dict[str, DecidedPairs]:
    """Both decisions about each group of each protected column, so far as they were collected."""
    found: dict[str, DecidedPairs] = {}
    for column in evidence.protected:
        spec = Pairs(against=against, by=(column,))
        if evidence.tallies is None or spec not in evidence.tallies.tallies:
            continue
        parts = [part.groups() for part in evidence.buckets(spec)]
        for name, total in evidence[spec].groups().items():
            found[group_name((column,), name)] = DecidedPairs(
                total=total, buckets=[part[name] for part in parts if name in part]
            )
    return found


def score_pairs(evidence: Evidence, spec: ScorePairs) -> ScoredPairs:
    """Both scores of the rows.

    Raises:
        Absent: score pairs were not collected.
    """
    parts = [part.rows for part in evidence.buckets(spec)]
    return ScoredPairs(rows=evidence[spec].rows, buckets=[part for part in parts if part])


def area_pairs(evidence: Evidence, spec: ScorePairs) -> PairedScores | Undefined:
    """What comparing areas under the ROC curve needs.

    Raises:
        Absent: score pairs were not collected.
    """
    pairs = score_pairs(evidence, spec)
    if pairs.rows is None:
        return NO_PAIR
    negatives, positives = pairs.rows.grid.counts()
    return PairedScores(
        first=pairs.rows.version.table(),
        second=pairs.rows.other.table(),
        negatives=negatives,
        positives=positives,
        buckets=[(part.version.table(), part.other.table()) for part in pairs.buckets],
    )


def squared_error(pairs: ScoredPairs, *, other: float, errors: Errors) -> Estimate | Undefined:
    """The mean of this version's squared error plus so many times the other's.

    Args:
        pairs: the rows.
        other: the factor of the other's squared error; -1 gives the change of the Brier score.
        errors: one-sided errors of the bounds.
    """
    if pairs.rows is None:
        return NO_PAIR
    return mean(
        squared_errors(pairs.rows).mixed(other),
        errors=errors,
        limits=(min(0.0, other), 1.0 + max(0.0, other)),
        buckets=[squared_errors(part).mixed(other) for part in pairs.buckets],
    )


def squared_errors(rows: PairedRows) -> JointLosses:
    """This version's squared errors and the other's, on the same rows."""
    return JointLosses(n=rows.grid.n, means=rows.squared_errors.means(rows.grid.n))


def _of_label(counts: BinaryCounts, positive: bool) -> BinaryCounts:
    """The rows of one label alone."""
    if positive:
        return BinaryCounts(
            false_negatives=counts.false_negatives, true_positives=counts.true_positives
        )
    return BinaryCounts(
        true_negatives=counts.true_negatives, false_positives=counts.false_positives
    )
