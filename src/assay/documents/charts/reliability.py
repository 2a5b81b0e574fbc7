"""Chart 3: are the probabilities honest? A reliability diagram over a histogram of scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assay.documents.charts.layout import SCHEMA, Layer, Spec, column, marks, wrapped
from assay.documents.gate import count
from assay.documents.visible import visible
from assay.documents.wording import figure
from assay.stats.calibration import BINS, Reliability, reliability
from assay.stats.estimate import READING, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import ScoreTable

Floats = npt.NDArray[np.float64]

WIDTH: Final = 360
NARROW: Final = 72
"""Characters of a line above the diagram."""

HISTOGRAM: Final = 90
"""The diagram is as high as it is wide, so that its diagonal is one; the histogram is lower."""

SCORE: Final = "score (predicted probability)"

STEPS: Final = 40
"""Bars of the histogram."""

CENTRAL: Final = 0.99
"""Share of the rows that the scale must hold; the rest, if it lies far off, is counted aside."""

_ENDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Where the scale may end before 1, for events that are rare."""


def reliability_chart(
    table: ScoreTable,
    *,
    title: str,
    claim: str = "",
    buckets: Sequence[ScoreTable] = (),
    bins: int = BINS,
) -> Spec:
    """Observed shares of positives against mean scores, in bins of equally many rows.

    Below, on the same scale, how many rows have which score. Where all scores are near 0 (rare
    events) or near 1, the scale reaches only as far as they do.

    Args:
        table: label counts by score.
        title: of the picture.
        claim: what is claimed and how it stands, in a sentence.
        buckets: the same for each bucket of units, where rows of one unit are not independent.
        bins: bins of the diagram.
    """
    curve = reliability(table, bins=bins)
    if isinstance(curve, Undefined):
        return _empty(title, curve)
    rates = bin_rates(curve, buckets)
    domain = scale_ends(table, curve, rates)
    outside = _outside(table, domain)
    beyond = f"{count(outside, 'row')} with scores beyond the scale: not shown." if outside else ""
    said = [visible(claim), _described(curve, rates), beyond]
    legend = [
        f"{count(len(curve.rows), 'bin')} of about as many rows each, with 95 % intervals.",
        "On the dashed line, scores are honest probabilities.",
    ]
    return {
        "$schema": SCHEMA,
        "title": {
            "text": title,
            "subtitle": [*wrapped(visible(claim), NARROW), *legend, *([beyond] if beyond else [])],
        },
        "description": " ".join(part for part in said if part),
        "spacing": 10,
        "vconcat": [
            diagram(curve, rates, domain, side=WIDTH, below=True),
            _histogram(table, domain),
        ],
    }


def bin_rates(curve: Reliability, buckets: Sequence[ScoreTable]) -> list[Estimate | Undefined]:
    """The share of positives in each bin, with 95 % intervals."""
    return [proportion(p, errors=READING) for p in _proportions(curve, buckets)]


def _proportions(curve: Reliability, buckets: Sequence[ScoreTable]) -> list[Proportion]:
    """Each bin's positives among its rows, with the same by bucket of units."""
    parts = [_by_bin(curve, bucket) for bucket in buckets]
    return [
        Proportion(
            events=float(curve.positives[i]),
            trials=float(curve.rows[i]),
            buckets=tuple((float(events[i]), float(trials[i])) for events, trials in parts),
        )
        for i in range(len(curve.rows))
    ]


def _by_bin(curve: Reliability, bucket: ScoreTable) -> tuple[Floats, Floats]:
    """(b,) positives and (b,) rows of a bucket of units, in the curve's bins."""
    bins = len(curve.rows)
    place = np.minimum(np.searchsorted(curve.last_scores, bucket.scores), bins - 1)
    rows = bucket.negatives + bucket.positives
    positives: Floats = np.zeros(bins)
    counted: Floats = np.zeros(bins)
    np.add.at(positives, place, bucket.positives)
    np.add.at(counted, place, rows)
    return positives, counted


def scale_ends(
    table: ScoreTable, curve: Reliability, rates: Sequence[Estimate | Undefined]
) -> tuple[float, float]:
    """The scale of scores and shares alike: 0 to 1, or less where all lie near one end."""
    rows = (table.negatives + table.positives).astype(float)
    reached = np.cumsum(rows) / rows.sum()
    margin = (1.0 - CENTRAL) / 2.0
    central = [float(table.scores[np.searchsorted(reached, at)]) for at in (margin, 1.0 - margin)]
    bounds = [end for rate in rates if isinstance(rate, Estimate) for end in (rate.low, rate.high)]
    held = [*central, *bounds, *map(float, curve.mean_scores), *map(float, _shares(curve))]
    if max(held) <= _ENDS[-1]:
        return 0.0, next(end for end in _ENDS if max(held) <= end)
    if min(held) >= 1.0 - _ENDS[-1]:
        return 1.0 - next(end for end in _ENDS if min(held) >= 1.0 - end), 1.0
    return 0.0, 1.0


def _shares(curve: Reliability) -> Floats:
    shares: Floats = curve.positives / curve.rows
    return shares


def _outside(table: ScoreTable, domain: tuple[float, float]) -> int:
    rows = table.negatives + table.positives
    return int(rows[(table.scores < domain[0]) | (table.scores > domain[1])].sum())


def diagram(
    curve: Reliability,
    rates: Sequence[Estimate | Undefined],
    domain: tuple[float, float],
    *,
    side: int,
    below: bool = False,
) -> Spec:
    """A square diagram of a curve.

    Args:
        curve: the curve.
        rates: each bin's share of positives.
        domain: the ends of both scales.
        side: in pixels.
        below: whether something below it has the same scale, and says so.
    """
    start, end = domain
    points = list(
        zip(map(float, curve.mean_scores), map(float, _shares(curve)), rates, strict=True)
    )
    bounded = [
        {"x": mean, "y": rate.low, "y2": rate.high}
        for mean, _, rate in points
        if isinstance(rate, Estimate)
    ]
    known = [{"x": mean, "y": share} for mean, share, rate in points if isinstance(rate, Estimate)]
    thin = [{"x": mean, "y": share} for mean, share, rate in points if isinstance(rate, Undefined)]
    line = [{"x": start, "y": start, "x2": end, "y2": end}]
    return _panel(
        width=side,
        height=side,
        across=_scale(domain, title=None if below else SCORE, labels=not below),
        down=_scale(domain, title="share of positives (observed)" if below else "positives"),
        layers=[
            marks("rule", "reference", line),
            marks("rule", "interval", bounded),
            marks("point", "dot", known),
            marks("point", "hollow-dot", thin),
        ],
    )


def _histogram(table: ScoreTable, domain: tuple[float, float]) -> Spec:
    rows = (table.negatives + table.positives).astype(float)
    heights, edges = np.histogram(table.scores, bins=STEPS, range=domain, weights=rows)
    bars = [
        {"x": low, "x2": high, "y": 0, "y2": height}
        for low, high, height in zip(edges[:-1], edges[1:], heights, strict=True)
        if height
    ]
    counts: dict[str, Any] = {
        "axis": {"title": "rows", "tickCount": 3, "grid": False},
        "scale": {"domain": [0, float(heights.max())], "nice": True},
    }
    return _panel(
        height=HISTOGRAM,
        across=_scale(domain, title=SCORE),
        down=counts,
        layers=[marks("rect", "count", bars)],
    )


def _panel(
    *, height: int, width: int = WIDTH, across: Spec, down: Spec, layers: Sequence[Layer]
) -> Spec:
    return {
        "width": width,
        "height": height,
        "encoding": {
            "x": {"type": "quantitative", **across},
            "y": {"type": "quantitative", **down},
        },
        "layer": [layer for layer in layers if layer["data"]["values"]],
    }


def _scale(domain: tuple[float, float], *, title: str | None, labels: bool = True) -> Spec:
    return {
        "axis": {"title": title, "labels": labels, "tickCount": 6, "labelFlush": False},
        "scale": {"domain": list(domain), "nice": False, "zero": False},
    }


def _described(curve: Reliability, rates: Sequence[Estimate | Undefined]) -> str:
    """How far off the scores are on the whole, and where most."""
    worst = int(np.argmax(np.abs(curve.gaps / curve.weights)))
    off = [
        not rate.low <= mean <= rate.high
        for mean, rate in zip(curve.mean_scores, rates, strict=True)
        if isinstance(rate, Estimate)
    ]
    return (
        f"Mean gap between score and observed share: {figure(float(np.abs(curve.gaps).sum()))} "
        f"over {count(int(curve.rows.sum()), 'row')} in {count(len(curve.rows), 'bin')}; "
        f"{sum(off)} of {len(off)} intervals miss their mean score. Farthest off: mean score "
        f"{figure(float(curve.mean_scores[worst]))}, of {count(int(curve.rows[worst]), 'row')} "
        f"{figure(float(_shares(curve)[worst]))} positive."
    )


def _empty(title: str, why: Undefined) -> Spec:
    """A picture that says why there is none."""
    note = column([(HISTOGRAM / 2, wrapped(why.reason))], at=0, align="left", style="label")
    return {
        "$schema": SCHEMA,
        "title": {"text": title},
        "description": visible(why.reason),
        **_panel(
            height=HISTOGRAM,
            across={"axis": None},
            down={"axis": None, "scale": {"domain": [HISTOGRAM, 0]}},
            layers=[note],
        ),
    }
