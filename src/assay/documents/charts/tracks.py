"""What a chart of figures against limits shows: one track a figure, the worst first.

Figures have different units, and limits that they must stay above or below. So a track can be
placed by its *margin*: how far bounds and figure lie on the good side of the limit, on a scale
of the track's own that just holds them. The limit is then one line for all, and what breaks it
lies to the left. The place says how sure one may be: a bound at the edge and a short bar mean
many standard errors, a bar across the line means that the data cannot tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from assay.documents.charts.layout import begun, short
from assay.documents.gate import VERDICT_WORDS, GateReport, count, ordered
from assay.documents.visible import visible
from assay.documents.wording import bounded_above, finding, units
from assay.policy.gate import Judgement, Verdict
from assay.policy.policy import Direction, Limit, Range
from assay.stats.estimate import Estimate, Undefined

EDGE: Final = 0.96
"""How far a track's farthest bound reaches, where 1 is the edge of the plot."""

OPEN_EDGE: Final = 0.7
"""The same where a bound does not exist, so that there is room for its bar to run on."""

NAMED_MAX: Final = 3
"""Figures that a description spells out before it only counts the rest."""

REASON_MAX: Final = 60
"""Characters of a reason beside a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a track lies on a scale. A bound that does not exist lies at its end, and is open.

    `value` is None where there is no figure: then anything from one end to the other is possible.
    """

    low: float
    high: float
    value: float | None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One figure against its limit.

    Attributes:
        name: the requirement's.
        verdict: what is known.
        estimate: the figure with the bounds that decided; None where it is undefined.
        threshold: the limit.
        at_most: whether the figure must stay below it.
        figure: figure and bounds in words, or why there are none.
        limit: "at most 0.15".
    """

    name: str
    verdict: Verdict
    estimate: Estimate | None
    threshold: float
    at_most: bool
    figure: str
    limit: str

    @property
    def word(self) -> str:
        """The verdict, in the report's words."""
        return VERDICT_WORDS[self.verdict]

    @property
    def n(self) -> str:
        """Independent units behind the figure; "" where there is none."""
        return units(self.estimate.n) if self.estimate else ""

    @property
    def sentence(self) -> str:
        """The track in words."""
        return f"{self.name}: {self.word.lower()}, {self.figure}, {self.limit} is asked."

    def margin(self) -> Place:
        """The place between -1 and 1: below 0 it breaks the limit."""
        if self.estimate is None:
            return Place(low=-1.0, high=1.0, value=None)
        sign = -1.0 if self.at_most else 1.0
        value, *ends = (
            sign * (item - self.threshold)
            for item in (self.estimate.value, self.estimate.low, self.estimate.high)
        )
        low, high = min(ends), max(ends)
        farthest = max(abs(item) for item in (low, value, high) if math.isfinite(item))
        bounded = math.isfinite(low) and math.isfinite(high)
        unit = farthest / (EDGE if bounded else OPEN_EDGE) or 1.0
        return _place(low / unit, value / unit, high / unit, scale=(-1.0, 1.0))

    def values(self, scale: tuple[float, float]) -> Place:
        """The place on a scale of values."""
        if self.estimate is None:
            return Place(low=scale[0], high=scale[1], value=None)
        return _place(self.estimate.low, self.estimate.value, self.estimate.high, scale=scale)

    def extent(self) -> list[float]:
        """Every number that a scale of values must hold."""
        found = [self.threshold]
        if self.estimate is not None:
            found += [self.estimate.low, self.estimate.value, self.estimate.high]
        return [item for item in found if math.isfinite(item)]

    def distance(self) -> float:
        """From the limit, in standard errors; negative where the figure breaks it.

        The standard error is taken from the bounds. A track without a figure comes first.
        """
        if self.estimate is None:
            return -math.inf
        sign = -1.0 if self.at_most else 1.0
        margin = sign * (self.estimate.value - self.threshold)
        error = _standard_error(self.estimate)
        return margin / error if error > 0.0 else math.inf if margin >= 0.0 else -math.inf


def tracks(judgements: Sequence[Judgement], report: GateReport) -> list[Track]:
    """The tracks of all figures with bounds and a limit, the worst first.

    Failures come before what cannot be told, and that before what passes; within each, what
    is nearest to failing, in standard errors.
    """
    made = [(item, track) for item in judgements if (track := _track(item, report)) is not None]
    made.sort(key=lambda pair: pair[1].distance())
    by_requirement = {item.requirement.id: track for item, track in made}
    return [
        by_requirement[item.requirement.id] for item in ordered(tuple(item for item, _ in made))
    ]


def asides(judgements: Sequence[Judgement], report: GateReport) -> list[str]:
    """What has no bounds to draw, each in a few words, the worst first: facts, what is missing."""
    return [
        _aside(item, report) for item in ordered(tuple(judgements)) if _track(item, report) is None
    ]


def described(shown: Sequence[Track]) -> str:
    """The tracks in words: how many of each verdict, then the worst with their numbers."""
    if not shown:
        return "No figure has bounds to draw."
    words = [track.word.lower() for track in shown]
    counted = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    spelled = " ".join(track.sentence for track in shown[:NAMED_MAX])
    if len(shown) == 1:
        return spelled
    return f"{count(len(shown), 'figure')} against their limits: {counted}. {spelled}"


def _track(item: Judgement, report: GateReport) -> Track | None:
    bar, measurement = item.requirement.bar, item.measurement
    limit = item.threshold
    if bar is None or limit is None or not isinstance(measurement, Estimate | Undefined):
        return None
    found = finding(item, report)
    estimate = measurement if isinstance(measurement, Estimate) else None
    # Of two limits a track shows the one that decided.
    at_most = bounded_above(item, estimate) if estimate else bar.direction is Direction.AT_MOST
    return Track(
        name=visible(item.requirement.id),
        verdict=item.verdict,
        estimate=estimate,
        threshold=_end(limit, at_most=at_most),
        at_most=at_most,
        figure=f"{found.figure} {found.bounds}" if estimate else visible(found.reason).rstrip("."),
        limit=found.limit,
    )


def _end(limit: Limit, *, at_most: bool) -> float:
    if isinstance(limit, Range):
        return float(limit.high if at_most else limit.low)
    return float(limit)


def _place(low: float, value: float, high: float, *, scale: tuple[float, float]) -> Place:
    start, end = scale
    return Place(
        low=max(start, low),
        high=min(end, high),
        value=value,
        low_open=math.isinf(low),
        high_open=math.isinf(high),
    )


def _standard_error(estimate: Estimate) -> float:
    """From the finite bounds and their errors, as if the estimate were normal."""
    quantile = NormalDist().inv_cdf
    width = quantiles = 0.0
    for bound, error in ((estimate.low, estimate.low_error), (estimate.high, estimate.high_error)):
        if math.isfinite(bound):
            width += abs(bound - estimate.value)
            quantiles -= quantile(error)
    return width / quantiles if quantiles else math.inf


def _aside(item: Judgement, report: GateReport) -> str:
    found = finding(item, report)
    said = found.figure or begun(found.reason.rstrip("."), REASON_MAX)
    limit = f", {found.limit} is asked" if found.figure and found.limit else ""
    detail = f" ({said}{limit})" if said else ""
    return f"{short(item.requirement.id)}: {VERDICT_WORDS[item.verdict].lower()}{detail}"
