"""Losses of predicted probabilities: the Brier score and log loss, from label counts by score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.means import Moments, mean
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]
Loss = Callable[[Floats], Floats]
"""The loss of a probability given to the label that turned out true; falls as it rises."""


def brier_score(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """The mean squared difference of label (0 or 1) and score, in [0, 1].

    Bounds as of a mean within [0, 1]. Of binned scores, both bounds widen by what the place
    of scores within their bins could change.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent.

    Source: Brier (1950), Monthly Weather Review 78(1), 1-3; bounds of assay.stats.means.
    """
    return _mean_loss(
        table, squared_loss, errors=errors, buckets=buckets, limits=(0.0, 1.0), name="Brier score"
    )


def log_loss(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """The mean of `-ln` of the probability given to the true label, in nats.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: as in brier_score.

    Source: Good (1952), Journal of the Royal Statistical Society B 14(1), 107-114; bounds of
    assay.stats.means.
    """
    impossible = int(table.positives[table.scores <= 0.0].sum())
    impossible += int(table.negatives[table.scores >= 1.0].sum())
    if impossible:
        return Undefined(
            reason=f"Log loss is infinite: {impossible} rows have a label that their score of "
            "exactly 0 or 1 rules out. Clip the scores, or use the Brier score."
        )
    return _mean_loss(table, surprise, errors=errors, buckets=buckets, limits=None, name="Log loss")


def _mean_loss(
    table: ScoreTable,
    loss: Loss,
    *,
    errors: Errors,
    buckets: Sequence[ScoreTable],
    limits: tuple[float, float] | None,
    name: str,
) -> Estimate | Undefined:
    if not (table.negatives.any() or table.positives.any()):
        return Undefined(
            reason=f"{name} compares scores with labels, and no row has both.",
            units_lacking=(("", 1),),
        )
    estimate = mean(
        _moments(table, loss),
        errors=errors,
        limits=limits,
        buckets=[_moments(bucket, loss) for bucket in buckets],
    )
    if isinstance(estimate, Undefined):
        return estimate
    better, worse = loss_doubt(table, loss)
    least, most = limits or (0.0, np.inf)
    low, high = outward(max(least, estimate.low - better), min(most, estimate.high + worse))
    return replace(estimate, low=low, high=high)


def _moments(table: ScoreTable, loss: Loss) -> Moments:
    counts = np.concatenate([table.positives, table.negatives]).astype(float)
    given = np.concatenate([table.scores, 1.0 - table.scores])
    held = counts > 0
    return Moments.of(loss(given[held]), counts[held])


def loss_doubt(table: ScoreTable, loss: Loss) -> tuple[float, float]:
    """How much lower, and how much higher, the mean may be for scores within their bins."""
    counts = np.concatenate([table.positives, table.negatives]).astype(float)
    given = np.concatenate([table.scores, 1.0 - table.scores])
    halves = np.concatenate([table.half_widths, table.half_widths])
    held = (counts > 0) & (halves > 0.0)
    if not held.any():
        return 0.0, 0.0
    share, at, half = counts[held] / counts.sum(), given[held], halves[held]
    better = share @ (loss(at) - loss(np.minimum(at + half, 1.0)))
    worse = share @ (loss(np.maximum(at - half, 0.0)) - loss(at))
    return float(better), float(worse)


def squared_loss(given: Floats) -> Floats:
    """The squared error of a probability given to the true label."""
    losses: Floats = (1.0 - given) ** 2
    return losses


def surprise(given: Floats) -> Floats:
    """Minus the logarithm of a probability given to the true label, in nats."""
    with np.errstate(divide="ignore"):  # the outer edge of the outermost bin loses infinity
        losses: Floats = -np.log(given)
    return losses
