"""The line that would recalibrate scores: intercept and slope of labels on the scores' logits.

Scores that are honest have intercept 0 and slope 1. A slope under 1 says that scores are too
extreme (overfitting), an intercept above 0 that they are too low on the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
    fitted = _fit(table, slope=slope)
    if fitted is None:
        return Undefined(
            reason="Scores separate the labels completely, so the calibration line has no slope."
        )
    line = fitted[0]
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
                counted=f"with a {name} label",
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


def _fit(
    table: ScoreTable, *, slope: bool, less: Sequence[ScoreTable] = (), start: Floats | None = None
) -> Floats | None:
    """The coefficients of greatest likelihood, by Newton's method; None where there are none.

    Args:
        table: label counts by score.
        slope: whether the slope is fitted too.
        less: parts of the table, each of which is left out of a fit of its own; all of these
            fits take their steps together. Without any, nothing is left out of one fit.
        start: where the search begins.

    Returns:
        (max(1, len(less)), p) float64.
    """
    columns, fixed = _design(table, slope=slope)
    positives, rows = _remaining(table, less)
    # Sums run along contiguous rows, and in this thread alone: matrices are too thin to share.
    along = np.ascontiguousarray(columns.T)
    products = (along[:, None, :] * along[None, :, :]).reshape(-1, along.shape[1])
    first = start if start is not None else np.array([0.0, 1.0] if slope else [0.0])
    lines: Floats = np.tile(first, (len(rows), 1))
    size = lines.shape[1]
    for _ in range(STEPS_MAX):
        chances = _chances(np.einsum("mp,pk->mk", lines, along) + fixed)
        expected = rows * chances
        gradients = np.einsum("mk,pk->mp", positives - expected, along)
        variances = expected * (1.0 - chances)
        curvatures = np.einsum("mk,qk->mq", variances, products).reshape(-1, size, size)
        if np.linalg.cond(curvatures).max() > SINGULAR:
            return None
        steps = np.linalg.solve(curvatures, gradients[:, :, None])[:, :, 0]
        # A step of more than one unit of logit leaves the region where the curve is near a
        # parabola; shortened steps always climb.
        longest = np.abs(steps).max(axis=1, keepdims=True)
        lines += steps * np.minimum(1.0, LONGEST / np.maximum(longest, LONGEST))
        if (longest[:, 0] <= TOLERANCE * (1.0 + np.abs(lines).max(axis=1))).all():
            return lines
    return None


def _remaining(table: ScoreTable, less: Sequence[ScoreTable]) -> tuple[Floats, Floats]:
    """Positives, and rows, (m, k) by score, without each part in turn."""
    fits = max(1, len(less))
    positives = np.tile(table.positives.astype(float), (fits, 1))
    negatives = np.tile(table.negatives.astype(float), (fits, 1))
    for fit, part in enumerate(less):
        at = np.searchsorted(table.scores, part.scores)
        positives[fit, at] -= part.positives
        negatives[fit, at] -= part.negatives
    return positives, positives + negatives


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
    replicates = _fit(merged(filled), slope=slope, less=filled, start=line)
    if replicates is None:
        return Undefined(reason="Without some units the scores separate the labels completely.")
    error = math.sqrt(jackknife_variance(replicates[:, -1]))
    worth = min(1.0, (independent.error / error) ** 2) if error > 0.0 else 1.0
    units = float(max(holding, math.floor(worth * independent.units)))
    return _Spread(error, holding - 1.0, units)


def _chances(logits: Floats) -> Floats:
    from scipy.special import expit

    chances: Floats = expit(logits)
    return chances
