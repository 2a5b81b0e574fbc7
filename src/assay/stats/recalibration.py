"""The line that would recalibrate scores: intercept and slope of labels on the scores' logits.

Scores that are honest have intercept 0 and slope 1. A slope under 1 says that scores are too
extreme (overfitting), an intercept above 0 that they are too low on the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.jackknife import jackknife_variance, too_few_buckets
from assay.stats.quantiles import student_quantile
from assay.stats.ranking import merged
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]

MIN_CLASS: Final = 20
"""Rows of either label below which no line is fitted."""

STEPS_MAX: Final = 100
LONGEST: Final = 1.0
TOLERANCE: Final = 1e-12
"""Newton's steps: how many, how long at most, and how short the last one is."""

SINGULAR: Final = 1e13
"""Condition of the curvature from which there is no greatest likelihood to be found."""

SANDWICH: Final = "logistic regression on logits, sandwich error, Student's t"
CLUSTERED: Final = "logistic regression on logits, jackknife over buckets of units, Student's t"


def calibration_intercept(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """Calibration in the large: `a` of `logit P(positive) = a + logit(score)`.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent; the standard error is then the jackknife's over them.

    Source: Cox (1958), Biometrika 45(3/4), 562-565; standard errors of White (1982),
    Econometrica 50(1), 1-25.
    """
    return _coefficient(table, errors=errors, buckets=buckets, slope=False)


def calibration_slope(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """The calibration slope: `b` of `logit P(positive) = a + b·logit(score)`.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: as in calibration_intercept.

    Source: Cox (1958), Biometrika 45(3/4), 562-565; standard errors of White (1982).
    """
    return _coefficient(table, errors=errors, buckets=buckets, slope=True)


def _coefficient(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable], slope: bool
) -> Estimate | Undefined:
    unfit = _unfit(table, slope=slope)
    if unfit is not None:
        return unfit
    line = _fit(table, slope=slope)
    if line is None:
        return Undefined(
            reason="Scores separate the labels completely, so the calibration line has no slope."
        )
    rows = float(table.negatives.sum() + table.positives.sum())
    smaller = float(min(table.negatives.sum(), table.positives.sum()))
    spread = _Spread(_sandwich_error(table, line, slope=slope), smaller - 1.0, rows)
    if buckets:
        clustered = _clustered(spread, line, buckets, slope=slope)
        if isinstance(clustered, Undefined):
            return clustered
        spread = clustered
    value = float(line[-1])
    low, high = outward(
        value - student_quantile(errors.low, spread.degrees) * spread.error,
        value + student_quantile(errors.high, spread.degrees) * spread.error,
    )
    return Estimate(
        value=value,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=spread.units,
        method=CLUSTERED if buckets else SANDWICH,
    )


@dataclass(frozen=True, slots=True)
class _Spread:
    """A coefficient's standard error, degrees of Student's t, and the units behind both."""

    error: float
    degrees: float
    units: float


def _unfit(table: ScoreTable, *, slope: bool) -> Undefined | None:
    for counts, name in ((table.positives, "positive"), (table.negatives, "negative")):
        size = int(counts.sum())
        if size < MIN_CLASS:
            return Undefined(
                reason=f"A calibration line needs {MIN_CLASS} rows of each label; "
                f"{size} are {name}.",
                units_lacking=(("", MIN_CLASS - size),),
            )
    counts = table.negatives + table.positives
    certain = int(counts[(table.scores <= 0.0) | (table.scores >= 1.0)].sum())
    if certain:
        return Undefined(
            reason=f"{certain} rows have a score of exactly 0 or 1, whose logit is infinite. "
            "Clip the scores, or use the expected calibration error."
        )
    if slope and int((counts > 0).sum()) < 2:
        return Undefined(reason="All scores are equal, so the calibration line has no slope.")
    return None


def _design(table: ScoreTable, *, slope: bool) -> tuple[Floats, Floats]:
    """(k, p) columns to fit and (k,) what is held fixed, on the logit scale."""
    logits = np.log(table.scores) - np.log1p(-table.scores)
    ones = np.ones_like(logits)
    if slope:
        return np.stack([ones, logits], axis=1), np.zeros_like(logits)
    return ones[:, None], logits


def _fit(table: ScoreTable, *, slope: bool, start: Floats | None = None) -> Floats | None:
    """The coefficients of greatest likelihood, by Newton's method; None where there are none."""
    columns, fixed = _design(table, slope=slope)
    rows = (table.negatives + table.positives).astype(float)
    line: Floats = start if start is not None else np.array([0.0, 1.0] if slope else [0.0])
    for _ in range(STEPS_MAX):
        chances = _chances(columns @ line + fixed)
        gradient = columns.T @ (table.positives - rows * chances)
        curvature = (columns * (rows * chances * (1.0 - chances))[:, None]).T @ columns
        if np.linalg.cond(curvature) > SINGULAR:
            return None
        step = np.linalg.solve(curvature, gradient)
        # A step of more than one unit of logit leaves the region where the curve is near a
        # parabola; shortened steps always climb.
        step *= min(1.0, LONGEST / float(np.abs(step).max() or 1.0))
        line = np.asarray(line + step, dtype=np.float64)
        if float(np.abs(step).max()) <= TOLERANCE * (1.0 + float(np.abs(line).max())):
            return line
    return None


def _sandwich_error(table: ScoreTable, line: Floats, *, slope: bool) -> float:
    """White's standard error of the last coefficient."""
    columns, fixed = _design(table, slope=slope)
    rows = (table.negatives + table.positives).astype(float)
    chances = _chances(columns @ line + fixed)
    curvature = (columns * (rows * chances * (1.0 - chances))[:, None]).T @ columns
    squares = table.positives * (1.0 - chances) ** 2 + table.negatives * chances**2
    scores = (columns * squares[:, None]).T @ columns
    last = np.linalg.solve(curvature, np.eye(len(line))[-1])
    return math.sqrt(float(last @ scores @ last))


def _clustered(
    independent: _Spread, line: Floats, buckets: Sequence[ScoreTable], *, slope: bool
) -> _Spread | Undefined:
    filled = [table for table in buckets if table.negatives.any() or table.positives.any()]
    holding = min(
        sum(1 for table in filled if table.positives.any()),
        sum(1 for table in filled if table.negatives.any()),
    )
    lacking = too_few_buckets(holding, of="both labels")
    if lacking is not None:
        return lacking
    whole = merged(filled)
    replicates: list[float] = []
    for table in filled:
        at = np.searchsorted(whole.scores, table.scores)
        negatives, positives = whole.negatives.copy(), whole.positives.copy()
        negatives[at] -= table.negatives
        positives[at] -= table.positives
        rest = replace(whole, negatives=negatives, positives=positives)
        without = _fit(rest, slope=slope, start=line)
        if without is None:
            return Undefined(reason="Without some units the scores separate the labels completely.")
        replicates.append(float(without[-1]))
    error = math.sqrt(jackknife_variance(np.array(replicates)))
    worth = min(1.0, (independent.error / error) ** 2) if error > 0.0 else 1.0
    units = float(max(holding, math.floor(worth * independent.units)))
    return _Spread(error, holding - 1.0, units)


def _chances(logits: Floats) -> Floats:
    from scipy.special import expit

    chances: Floats = expit(logits)
    return chances
