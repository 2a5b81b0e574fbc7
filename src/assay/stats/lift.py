"""How many of the positives the top of a ranking holds: lift.

Two things vary from sample to sample: where the cut falls that leaves a given share of rows
above it, and how many positives lie above a cut. Taking the cut as given forgets the first;
where scores nearly separate the labels it is almost all there is, and a bound then misses 35 %
for 5 % (500 rows, a fifth positive, the top 19 %).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from assay.errors import InvalidArgument
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.mover import arc_errors
from assay.stats.proportions import Proportion, exact_limits
from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]

METHOD: Final = "Clopper-Pearson limits of cut and of positives above it, along MOVER's arc"


class Captured(NamedTuple):
    """Positives in the top rows: at least, in proportion within a tie at the cut, at most.

    Of exact scores the three are one: rows that tie at the cut count in proportion. Within a
    bin the order of scores is not known, and any of it may be true.
    """

    least: float
    expected: float
    most: float


def lift_at_top(
    table: ScoreTable, *, share: float, errors: Errors, buckets: Sequence[ScoreTable] = ()
) -> Estimate | Undefined:
    """The share of positives among the top rows, over the share of rows that are there.

    Of `N` rows, those above the true cut are binomial with `share`, so the true cut lies at a
    row between two binomial quantiles; and the share of positives above a given cut has
    Clopper-Pearson limits. Each limit is taken at the worst split `z1² + z2² = z²` of the
    normal quantile between the two, as assay.stats.mover takes it for two rates. Positives
    above a cut are rows above it too, so the two deviations make up for each other in part,
    and the bounds are wider than they might be.

    Args:
        table: label counts by score.
        share: the fraction of rows at the top, in (0, 1).
        errors: one-sided errors of the bounds.
        buckets: the same for each bucket of units, where rows of one unit are not
            independent; rows and positives then count as effective numbers of either.

    Raises:
        InvalidArgument: the share is not in (0, 1).

    Source: Berry & Linoff (1999), Mastering Data Mining, chapter 4; Clopper & Pearson (1934);
    Zou & Donner (2008) for the split; Korn & Graubard (1998) for effective counts.
    """
    if not 0.0 < share < 1.0:
        raise InvalidArgument(f"The top is a fraction of the rows in (0, 1), not {share!r}.")
    positives = float(table.positives.sum())
    if positives == 0.0:
        return Undefined(
            reason="Lift compares with positives, and no row is actually positive.",
            units_lacking=(("", 1),),
            counted="with a positive label",
        )
    cut = _Cut.of(table, share, buckets)
    below, above = cut.low(errors.low), cut.high(errors.high)
    if isinstance(below, Undefined):
        return below
    if isinstance(above, Undefined):
        return above
    low, high = outward(below / share, above / share)
    return Estimate(
        value=captured(table, share * cut.rows.trials).expected / positives / share,
        low=low,
        high=high,
        low_error=errors.low,
        high_error=errors.high,
        n=cut.rows.units,
        method=METHOD + cut.rows.remark,
    )


def captured(table: ScoreTable, wanted: float) -> Captured:
    """Positives among the `wanted` rows of highest score, a number from 0 to all rows."""
    positives = table.positives[::-1].astype(float)
    rows = (table.negatives + table.positives)[::-1].astype(float)
    above = np.cumsum(rows)
    at = min(int(np.searchsorted(above, wanted)), len(rows) - 1)
    room = min(wanted - float(above[at] - rows[at]), float(rows[at]))
    before = float(positives[:at].sum())
    expected = before + room * float(positives[at] / rows[at]) if room > 0.0 else before
    if table.half_widths[::-1][at] == 0.0:
        return Captured(expected, expected, expected)
    negatives = float(rows[at] - positives[at])
    return Captured(
        before + max(0.0, room - negatives), expected, before + min(room, float(positives[at]))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Where the top ends, and the shares of rows and of positives above that score.

    Attributes:
        table: label counts by score.
        share: the fraction of rows that should be above.
        rows: rows at or above the cut, among all.
        positives: the same of the positives.
    """

    table: ScoreTable
    share: float
    rows: Proportion
    positives: Proportion

    @classmethod
    def of(cls, table: ScoreTable, share: float, buckets: Sequence[ScoreTable]) -> _Cut:
        """The cut of a table, with its buckets of units."""
        above = np.cumsum((table.negatives + table.positives)[::-1])
        at = min(int(np.searchsorted(above, share * float(above[-1]))), len(above) - 1)
        score = float(table.scores[::-1][at])

        def rows(part: ScoreTable) -> tuple[float, float]:
            held, top = part.negatives + part.positives, part.scores >= score
            return float(held[top].sum()), float(held.sum())

        def positives(part: ScoreTable) -> tuple[float, float]:
            return float(part.positives[part.scores >= score].sum()), float(part.positives.sum())

        return cls(
            table=table,
            share=share,
            rows=_proportion(rows(table), map(rows, buckets)),
            positives=_proportion(positives(table), map(positives, buckets)),
        )

    def low(self, error: float) -> float | Undefined:
        """The lower limit of the share of positives above the true cut, before rounding."""
        from scipy.special import bdtrik

        sizes = self._sizes(error)
        if isinstance(sizes, Undefined):
            return sizes
        rows, positives = sizes
        errors = arc_errors(error)[:, 0]
        quantiles = bdtrik(errors, rows, self.share)
        # Fewer rows than this lie above the true cut in at most that share of worlds.
        counts = np.where(quantiles > 0.0, np.floor(quantiles) + 1.0, 0.0) / rows
        shares = np.array([self._captured(count).least for count in counts])
        return float(_limits(shares, positives, errors[::-1])[0].min())

    def high(self, error: float) -> float | Undefined:
        """The upper limit, likewise."""
        from scipy.special import bdtrik

        sizes = self._sizes(error)
        if isinstance(sizes, Undefined):
            return sizes
        rows, positives = sizes
        errors = arc_errors(error)[:, 0]
        counts = np.ceil(bdtrik(1.0 - errors, rows, self.share)) / rows
        shares = np.array([self._captured(count).most for count in counts])
        return float(_limits(shares, positives, errors[::-1])[1].max())

    def _sizes(self, error: float) -> tuple[float, float] | Undefined:
        """Independent rows, and independent positives, that hold as much as these."""
        rows, positives = self.rows.effective(error), self.positives.effective(error)
        if isinstance(rows, Undefined):
            return rows
        return positives if isinstance(positives, Undefined) else (rows.trials, positives.trials)

    def _captured(self, top: float) -> Captured:
        """Positives in a share of the rows, as shares of all positives."""
        held = captured(self.table, min(top, 1.0) * self.rows.trials)
        return Captured(*(min(1.0, count / self.positives.trials) for count in held))


def _proportion(whole: tuple[float, float], parts: Iterable[tuple[float, float]]) -> Proportion:
    return Proportion(events=whole[0], trials=whole[1], buckets=tuple(parts))


def _limits(shares: Floats, trials: float, errors: Floats) -> tuple[Floats, Floats]:
    """Clopper-Pearson limits of (k,) shares of so many trials, each at an error of its own."""
    every = np.full(len(shares), trials)
    return exact_limits(np.minimum(shares * trials, every), every, errors)
