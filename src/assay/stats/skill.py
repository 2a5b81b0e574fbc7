"""Skill: how much of the loss of a rule that is to be beaten a version avoids.

`1 - mean(a) / mean(b)` of both losses on the same rows: 1 is perfect, 0 no better than the
rule, below 0 worse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.means import Moments, mean
from assay.stats.probabilities import Loss, loss_doubt, squared_loss
from assay.stats.tallies.scores import ScoreTable
from assay.stats.tallies.squared_errors import POWERS

Floats = npt.NDArray[np.float64]

RATIO_MAX: Final = 1e6
"""The largest ratio of losses that is searched; beyond it there is no lower bound."""

METHOD: Final = "root of the bounds of a difference of losses (Fieller), "


@dataclass(frozen=True, slots=True, kw_only=True)
class JointLosses:
    """A version's losses `a` and another rule's `b` on the same rows, by their moments.

    Attributes:
        n: rows.
        means: (9,) means of `a^i b^j` for the exponents in POWERS.
    """

    n: int
    means: tuple[float, ...]

    @classmethod
    def of(cls, version: Floats, other: Floats, counts: Floats) -> JointLosses:
        """From losses that occur so many times each, all (k,) float64."""
        n = float(counts.sum())
        if n == 0.0:
            return cls(n=0, means=(0.0,) * len(POWERS))
        return cls(
            n=round(n), means=tuple(float(counts @ (version**i * other**j)) / n for i, j in POWERS)
        )

    def mixed(self, factor: float) -> Moments:
        """The moments of `a + factor·b` over rows."""
        held = dict(zip(POWERS, self.means, strict=True))
        f = factor
        return Moments.of_raw(
            self.n,
            held[1, 0] + f * held[0, 1],
            held[2, 0] + 2.0 * f * held[1, 1] + f * f * held[0, 2],
            held[3, 0] + 3.0 * f * held[2, 1] + 3.0 * f * f * held[1, 2] + f**3 * held[0, 3],
        )


def skill_score(
    losses: JointLosses,
    *,
    errors: Errors,
    buckets: Sequence[JointLosses] = (),
    bounded: bool,
    doubt: tuple[float, float] = (0.0, 0.0),
) -> Estimate | Undefined:
    """`1 - mean(a) / mean(b)`, with bounds at the ratios where `mean(a - ratio·b)` is 0.

    A lower bound is one less the least ratio at which the upper bound of that mean is at most
    0, and an upper bound likewise, so both hold at the errors of a mean. Where `b` may well
    be 0 on average there is no lower bound.

    Args:
        losses: of the rows.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units; empty where rows are independent.
        bounded: whether both losses lie within [0, 1], as squared errors do.
        doubt: how much less, and how much more, `mean(a)` may be for scores within bins.

    Source: Fieller (1954), Journal of the Royal Statistical Society B 16(2), 175-185, for
    bounds of a ratio; Murphy (1988), Monthly Weather Review 116(12), 2417-2424, for the skill
    score; bounds of assay.stats.means.
    """
    if losses.n == 0:
        return Undefined(reason="There is no row to compare losses of.", units_lacking=(("", 1),))
    version, other = losses.means[:2]
    if other <= 0.0:
        return Undefined(
            reason="The rule to beat makes no error on these rows, so nothing can have skill "
            "over it. Compare with another rule, or evaluate rows of both labels."
        )

    def excess(ratio: float, at: Errors) -> Estimate | Undefined:
        return mean(
            losses.mixed(-ratio),
            errors=at,
            limits=(-ratio, 1.0) if bounded else None,
            buckets=[part.mixed(-ratio) for part in buckets],
        )

    found = excess(version / other, errors)
    if isinstance(found, Undefined):
        return found

    def shows(ratio: float, *, above: bool) -> bool:
        estimate = excess(ratio, errors)
        if isinstance(estimate, Undefined):
            return False
        return estimate.high + doubt[1] <= 0.0 if above else estimate.low - doubt[0] >= 0.0

    point = version / other
    most = _crossing(point, RATIO_MAX, shows=lambda ratio: shows(ratio, above=True))
    least = _crossing(point, 0.0, shows=lambda ratio: shows(ratio, above=False))
    low, high = outward(-math.inf if most is None else 1.0 - most, 1.0 - (least or 0.0))
    return replace(found, value=1.0 - point, low=low, high=high, method=METHOD + found.method)


def skill_over_prior(
    table: ScoreTable,
    loss: Loss,
    *,
    errors: Errors,
    buckets: Sequence[ScoreTable] = (),
    bounded: bool,
) -> Estimate | Undefined:
    """The skill of scores over always giving the share of positives.

    Args:
        table: label counts by score.
        loss: of a probability given to the true label.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units; empty where rows are independent.
        bounded: whether losses lie within [0, 1].
    """
    prior = _prior(table)
    return skill_score(
        losses_beside_prior(table, loss, prior),
        errors=errors,
        buckets=[losses_beside_prior(bucket, loss, prior) for bucket in buckets],
        bounded=bounded,
        doubt=loss_doubt(table, loss),
    )


def brier_gain_over_prior(
    table: ScoreTable, *, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """By how much the Brier score lies below `p(1 - p)`, that of always giving the share `p`.

    Args:
        table: label counts by score.
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units; empty where rows are independent.
    """
    prior = _prior(table)
    excess = mean(
        losses_beside_prior(table, squared_loss, prior).mixed(-1.0),
        errors=Errors(low=errors.high, high=errors.low),
        limits=(-1.0, 1.0),
        buckets=[losses_beside_prior(part, squared_loss, prior).mixed(-1.0) for part in buckets],
    )
    if isinstance(excess, Undefined):
        return excess
    better, worse = loss_doubt(table, squared_loss)
    low, high = outward(excess.low - better, excess.high + worse)
    return negated(replace(excess, low=low, high=high))


def losses_beside_prior(table: ScoreTable, loss: Loss, prior: float) -> JointLosses:
    """Losses of scores beside those of always giving one probability."""
    counts = np.concatenate([table.positives, table.negatives]).astype(float)
    given = np.concatenate([table.scores, 1.0 - table.scores])
    flat = np.repeat([prior, 1.0 - prior], len(table.scores))
    held = counts > 0
    return JointLosses.of(loss(given[held]), loss(flat[held]), counts[held])


def negated(estimate: Estimate) -> Estimate:
    """Minus an estimate: its bounds change sides, and their errors with them."""
    return replace(
        estimate,
        value=-estimate.value,
        low=-estimate.high,
        high=-estimate.low,
        low_error=estimate.high_error,
        high_error=estimate.low_error,
    )


def _prior(table: ScoreTable) -> float:
    positives, negatives = float(table.positives.sum()), float(table.negatives.sum())
    return positives / max(positives + negatives, 1.0)


def _crossing(near: float, far: float, *, shows: Callable[[float], bool]) -> float | None:
    """The ratio nearest to `near`, between it and `far`, from which on something is shown."""
    if not shows(far):
        return None
    for _ in range(200):
        # Ratios span magnitudes: halve them by their logarithms while they are far apart.
        middle = math.sqrt(near * far) if far > 4.0 * near > 0.0 else (near + far) / 2.0
        if middle in {near, far}:
            break
        if shows(middle):
            far = middle
        else:
            near = middle
    return far
