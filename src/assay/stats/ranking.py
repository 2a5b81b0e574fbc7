"""How well scores rank positives above negatives: the area under the ROC curve.

Everything is computed from label counts by score, whatever the number of rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_variance, too_few_buckets
from assay.stats.proportions import exact_limits
from assay.stats.quantiles import student_quantile
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]

MIN_CLASS: Final = 30
"""Rows of the smaller class below which a normal approximation is not used."""

MIN_MISRANKED: Final = 5.0
"""`min(A, 1-A)·n` below which a normal approximation is not used."""

MIN_UNTIED: Final = 10.0
"""Rows of a class that must rank differently from its commonest rank, likewise."""

DELONG: Final = "DeLong on the logit, Student's t"
CLUSTERED: Final = "jackknife over buckets of units on the logit, Student's t"
EXACT: Final = "Clopper-Pearson on the smaller class (Birnbaum-Klose)"


def area_under_roc(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """The probability that a positive outranks a negative, ties counting one half.

    DeLong's variance on the logit scale with Student's t of `min(n₊, n₋) - 1` degrees. Under
    30 rows of a class, or `min(A, 1-A)·n < 5`, Clopper-Pearson with `n = min(n₊, n₋)` and
    `x = A·n` instead; also where fewer than 10 rows of a class rank differently from the rest
    of it (a rare flag as score), since their variance is luck: DeLong then misses 15 % for
    5 % (300 of each class, flagged 1 % and 0.1 %). Of binned scores, both bounds widen by the
    most that pairs within a bin could change A.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent; the variance is then the jackknife's over them.

    Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845; Birnbaum &
    Klose (1957), Annals of Mathematical Statistics 28(4), 933-945 for the fallback.
    """
    missing = missing_class(table)
    if missing is not None:
        return missing
    ranks = Ranks.of(table)
    spread = area_spread(ranks, buckets)
    if isinstance(spread, Undefined):
        return spread
    below, above = spread.limits(ranks.area, errors.low), spread.limits(ranks.area, errors.high)
    doubt = tie_doubt(table)
    low, high = outward(max(0.0, below[0] - doubt), min(1.0, above[1] + doubt))
    return Estimate(
        value=ranks.area,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=spread.units,
        method=spread.method + (", widened by bins" if doubt > 0.0 else ""),
    )


def gini_coefficient(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """`2A - 1` of the area under the ROC curve, also called accuracy ratio or Somers' D.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: as in area_under_roc.

    Source: Engelmann, Hayden & Tasche (2003), Risk 16(1), 82-86; bounds of area_under_roc.
    """
    area = area_under_roc(table, errors=errors, buckets=buckets)
    if isinstance(area, Undefined):
        return area
    return increasing(area, lambda a: 2.0 * a - 1.0, method="2A - 1 of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """Label counts by ascending score, and how each score ranks against the other class.

    Attributes:
        negatives: (k,) float64 counts.
        positives: (k,) float64 counts.
        wins: (k,) share of negatives that a positive at this score outranks.
        losses: (k,) share of positives that outrank a negative at this score.
        area: the mean of either, over the rows of its class.
    """

    negatives: Floats
    positives: Floats
    wins: Floats
    losses: Floats
    area: float

    @classmethod
    def of(cls, table: ScoreTable) -> Ranks:
        """The ranks of a table with rows of both classes."""
        negatives, positives = table.negatives.astype(float), table.positives.astype(float)
        below = np.cumsum(negatives) - negatives
        above = positives.sum() - np.cumsum(positives)
        wins = (below + negatives / 2.0) / negatives.sum()
        losses = (above + positives / 2.0) / positives.sum()
        return cls(
            negatives=negatives,
            positives=positives,
            wins=wins,
            losses=losses,
            area=float(positives @ wins / positives.sum()),
        )

    @property
    def untied(self) -> float:
        """Rows that rank differently from the commonest rank of their class; of both, the fewer."""
        fewest = math.inf
        for counts, ranks in ((self.positives, self.wins), (self.negatives, self.losses)):
            _, at = np.unique(ranks[counts > 0], return_inverse=True)
            fewest = min(fewest, float(counts.sum() - np.bincount(at, counts[counts > 0]).max()))
        return fewest

    @property
    def smaller_class(self) -> float:
        """Rows of the rarer label."""
        return float(min(self.negatives.sum(), self.positives.sum()))

    def variance(self) -> float:
        """DeLong's variance of the area; both classes have at least two rows."""
        total = 0.0
        for counts, placements in ((self.positives, self.wins), (self.negatives, self.losses)):
            size = float(counts.sum())
            squares = float(counts @ (placements - self.area) ** 2)
            total += squares / (size - 1.0) / size
        return total


def missing_class(table: ScoreTable) -> Undefined | None:
    """Why scores cannot rank: a class without rows; None where both have some."""
    for counts, name in ((table.positives, "positive"), (table.negatives, "negative")):
        if not counts.any():
            return Undefined(
                reason=f"Ranking compares both labels, and no row is actually {name}.",
                units_lacking=(("", 1),),
                counted=f"with a {name} label",
            )
    return None


def tie_doubt(table: ScoreTable) -> float:
    """The most by which pairs that share a bin can change the area: `½ Σ P_b N_b / (n₊ n₋)`.

    Pairs at equal exact scores are true ties, and no doubt.
    """
    pairs = table.positives.astype(float) * table.negatives.astype(float)
    shared = float(pairs[table.half_widths > 0.0].sum())
    return shared / 2.0 / (float(table.positives.sum()) * float(table.negatives.sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSpread:
    """How far the area may lie off: a standard error of its logit, or an exact sample size.

    Attributes:
        units: independent units behind the area.
        logit_error: standard error of the logit; None calls for the exact fallback.
        degrees: of Student's t.
        exact_size: independent trials of the fallback.
        name: the method, where it is not the fallback.
    """

    units: float
    logit_error: float | None
    degrees: float
    exact_size: float
    name: str

    @property
    def method(self) -> str:
        """The method by name."""
        return EXACT if self.logit_error is None else self.name

    def limits(self, area: float, error: float) -> tuple[float, float]:
        """Both bounds of an area, each at a one-sided error, before ties are doubted."""
        if self.logit_error is None:
            size = np.array([self.exact_size])
            low, high = exact_limits(np.minimum(area * size, size), size, error)
            return float(low[0]), float(high[0])
        reach = student_quantile(error, self.degrees) * self.logit_error
        return logit_shifted(area, -reach), logit_shifted(area, reach)


def logit_shifted(share: float, shift: float) -> float:
    """The fraction whose logit lies `shift` above that of `share`, which is inside (0, 1)."""
    odds = math.exp(min(700.0, max(-700.0, math.log(share / (1.0 - share)) + shift)))
    return odds / (1.0 + odds)


def area_spread(ranks: Ranks, buckets: Sequence[ScoreTable] = ()) -> AreaSpread | Undefined:
    """How far an area may lie off, given the buckets of units where rows share units."""
    return _clustered(ranks, buckets) if buckets else _independent(ranks)


def _independent(ranks: Ranks) -> AreaSpread:
    smaller = ranks.smaller_class
    slope = ranks.area * (1.0 - ranks.area)
    return AreaSpread(
        units=float(ranks.negatives.sum() + ranks.positives.sum()),
        logit_error=None if _thin(ranks, smaller) else math.sqrt(ranks.variance()) / slope,
        degrees=smaller - 1.0,
        exact_size=smaller,
        name=DELONG,
    )


def _clustered(ranks: Ranks, buckets: Sequence[ScoreTable]) -> AreaSpread | Undefined:
    filled = min(
        sum(1 for bucket in buckets if bucket.positives.any()),
        sum(1 for bucket in buckets if bucket.negatives.any()),
    )
    lacking = too_few_buckets(filled, of="both labels")
    if lacking is not None:
        return lacking
    rows = float(ranks.negatives.sum() + ranks.positives.sum())
    replicates = areas_without_each(buckets)
    variance = 0.0
    worth = 0.0
    if bool(((replicates > 0.0) & (replicates < 1.0)).all()):
        variance = jackknife_variance(np.log(replicates / (1.0 - replicates)))
        plain = ranks.variance() / (ranks.area * (1.0 - ranks.area)) ** 2
        worth = min(1.0, plain / variance) if variance > 0.0 else 1.0
    thin = _thin(ranks, worth * ranks.smaller_class)
    return AreaSpread(
        units=float(max(filled, math.floor(rows * worth))),
        logit_error=None if thin or variance == 0.0 else math.sqrt(variance),
        degrees=filled - 1.0,
        exact_size=float(filled),
        name=CLUSTERED,
    )


def areas_without_each(buckets: Sequence[ScoreTable]) -> Floats:
    """The area with each bucket left out, (b,) float64, buckets without rows excepted.

    The rest's wins are all wins, less those of the bucket's positives and against its
    negatives, plus those within the bucket, which were taken away twice.
    """
    filled = [table for table in buckets if table.positives.any() or table.negatives.any()]
    whole = merged(filled)
    ranks = Ranks.of(whole)
    positives, negatives = ranks.positives.sum(), ranks.negatives.sum()
    areas = np.empty(len(filled))
    for index, table in enumerate(filled):
        at = np.searchsorted(whole.scores, table.scores)
        own_positives, own_negatives = float(table.positives.sum()), float(table.negatives.sum())
        below = np.cumsum(table.negatives) - table.negatives / 2.0
        within = float(table.positives @ below)
        lost = float(table.positives @ ranks.wins[at]) * negatives
        lost += float(table.negatives @ ranks.losses[at]) * positives
        wins = ranks.area * positives * negatives - lost + within
        pairs = (positives - own_positives) * (negatives - own_negatives)
        areas[index] = wins / pairs
    return np.clip(areas, 0.0, 1.0)


def merged(tables: Sequence[ScoreTable]) -> ScoreTable:
    """One table of all rows; scores that are equal become one."""
    scores, at = np.unique(np.concatenate([t.scores for t in tables]), return_inverse=True)
    halves = np.zeros(len(scores))
    np.maximum.at(halves, at, np.concatenate([t.half_widths for t in tables]))
    negatives = np.zeros(len(scores), dtype=np.int64)
    positives = np.zeros(len(scores), dtype=np.int64)
    np.add.at(negatives, at, np.concatenate([t.negatives for t in tables]))
    np.add.at(positives, at, np.concatenate([t.positives for t in tables]))
    return ScoreTable(scores=scores, half_widths=halves, negatives=negatives, positives=positives)


def _thin(ranks: Ranks, smaller: float) -> bool:
    """Whether a normal approximation would rest on too few rows, or on too few that tell."""
    misranked = min(ranks.area, 1.0 - ranks.area) * smaller
    return smaller < MIN_CLASS or misranked < MIN_MISRANKED or ranks.untied < MIN_UNTIED
