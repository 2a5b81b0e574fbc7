"""Chart 1: does each figure clear its limit? Bounds against limits, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.charts.layout import (
    GAP,
    ROW,
    Layer,
    Spec,
    Value,
    begun,
    column,
    hatching,
    layered,
    marks,
    short,
    told_apart,
    width_of,
    wrapped,
)
from assay.documents.charts.tracks import Place, Track, asides, described, tracks
from assay.documents.drawing import scale_over
from assay.documents.gate import GateReport
from assay.policy.gate import Judgement, Verdict

WIDTH: Final = 300
"""Width of the plot, in pixels."""

HEAD: Final = 20
"""Room above the first row for what the sides mean, in pixels."""

THICKNESS: Final = 13
"""Of a bar, in pixels."""

STRIDE: Final = 6.0
"""Between two strokes of a hatching, in pixels."""

FIGURE_MAX: Final = 52
"""Characters of a figure with its bounds, or of why there is none."""

_STYLES: Final = {Verdict.PASS: "pass", Verdict.FAIL: "fail"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """How tracks are placed across.

    Attributes:
        domain: its ends.
        limit: where the limit lies.
        breaks: from where to where a figure breaks it.
        places: each track's place.
        axis: the axis; None where each track has a scale of its own.
    """

    domain: tuple[float, float]
    limit: float
    breaks: tuple[float, float]
    places: Sequence[Place]
    axis: Mapping[str, Any] | None


def bounds_chart(report: GateReport, judgements: Sequence[Judgement] | None = None) -> Spec:
    """Every figure of a report with the bounds that decided, against its limit.

    Figures with one limit in common lie on a scale of values. Otherwise each has a scale of
    its own, with the limits in line and what breaks them to the left. What has no bounds
    (facts, what is missing) is named below, never left out.

    Args:
        report: the gate's report.
        judgements: which to draw; None draws all.
    """
    chosen = report.decision.judgements if judgements is None else judgements
    shown, rest = tracks(chosen, report), asides(chosen, report)
    scale = _scale(shown)
    height = HEAD + ROW * len(shown) + (0 if scale.axis else 6)
    notes = wrapped(f"Without bounds to draw: {'; '.join(rest)}.") if rest else []
    left = -(width_of(told_apart([track.name for track in shown])) + GAP)
    return layered(
        title=f"{short(report.system)} {short(report.version)}: {_question(shown)}",
        subtitle=_legend(scale),
        description=" ".join([described(shown), *notes]),
        size=(WIDTH, height),
        domain=scale.domain,
        axis=scale.axis,
        layers=[
            *_ground(shown, scale, height),
            *_bars(shown, scale),
            *_columns(shown),
            column(
                [(height + (40 if scale.axis else 10), notes)] if notes else [],
                at=left,
                align="left",
                style="footnote",
            ),
        ],
    )


def _question(shown: Sequence[Track]) -> str:
    each = short(shown[0].name) if len(shown) == 1 else "each figure"
    return f"does {each} clear its limit?"


def _legend(scale: _Scale) -> list[str]:
    own = "" if scale.axis else "Each row has a scale of its own, with the limits in line. "
    return [
        "Mark: the figure. Bar: between the bounds that decided; hatched: the data cannot tell.",
        f"{own}The grey side breaks the limit.",
    ]


def _scale(shown: Sequence[Track]) -> _Scale:
    limits = {(track.threshold, track.at_most) for track in shown}
    if len(limits) != 1 or not any(track.estimate for track in shown):
        return _Scale(
            domain=(-1.0, 1.0),
            limit=0.0,
            breaks=(-1.0, 0.0),
            places=[track.margin() for track in shown],
            axis=None,
        )
    [(limit, at_most)] = limits
    values = scale_over(number for track in shown for number in track.extent())
    start, end = values.low, values.high
    return _Scale(
        domain=(start, end),
        limit=limit,
        breaks=(limit, end) if at_most else (start, limit),
        places=[track.values((start, end)) for track in shown],
        axis={"title": None, "grid": False, "tickCount": 6},
    )


def _ground(shown: Sequence[Track], scale: _Scale, height: float) -> list[Layer]:
    """The grey side, a line for each row, the limit, and what stands above it."""
    start, end = scale.domain
    (grey, stop), at = scale.breaks, HEAD / 2 - 2
    here = (scale.limit - start) / (end - start) * WIDTH
    sides = [("breaks its limit", here - 6, "right"), ("clears it", here + 6, "left")]
    if scale.axis:
        sides = [(shown[0].limit, here, "center")]
    return [
        marks("rect", "breaks", [{"x": grey, "x2": stop, "y": HEAD, "y2": height}]),
        marks(
            "rule", "track", [{"x": start, "x2": end, "y": _middle(i)} for i in range(len(shown))]
        ),
        marks("rule", "limit", [{"x": scale.limit, "y": HEAD - 4, "y2": height}]),
        *(column([(at, text)], at=x, align=align, style="note") for text, x, align in sides),
    ]


def _bars(shown: Sequence[Track], scale: _Scale) -> list[Layer]:
    """Bars and marks, a layer for each look; hatched where nothing is shown."""
    styles = [_STYLES.get(track.verdict, "unsure") for track in shown]
    layers: list[Layer] = []
    for style in dict.fromkeys(styles):
        chosen = [i for i, other in enumerate(styles) if other == style]
        layers.append(marks("rect", f"{style}-bar", [_bar(scale.places[i], i) for i in chosen]))
        if style == "unsure":
            strokes = [stroke for i in chosen for stroke in _strokes(scale, i)]
            layers.append(marks("point", "hatch", strokes))
        dots = [
            {"x": value, "y": _middle(i)}
            for i in chosen
            if (value := scale.places[i].value) is not None
        ]
        layers.append(marks("point", f"{style}-dot", dots))
    return [*layers, *_open_ends(scale)]


def _bar(place: Place, index: int) -> Value:
    y = _middle(index)
    return {"x": place.low, "x2": place.high, "y": y - THICKNESS / 2, "y2": y + THICKNESS / 2}


def _strokes(scale: _Scale, index: int) -> list[Value]:
    place, (start, end) = scale.places[index], scale.domain
    step = STRIDE / WIDTH * (end - start)
    return hatching(place.low, place.high, y=_middle(index), step=step)


def _open_ends(scale: _Scale) -> list[Layer]:
    """Arrows where a bound does not exist, so that the bar has no end."""
    start, end = scale.domain
    left = [{"x": start, "y": _middle(i)} for i, place in enumerate(scale.places) if place.low_open]
    right = [{"x": end, "y": _middle(i)} for i, place in enumerate(scale.places) if place.high_open]
    return [marks("point", "open-left", left), marks("point", "open-right", right)]


def _columns(shown: Sequence[Track]) -> list[Layer]:
    """Names before the plot; verdicts, figures and limits after it."""
    rows = [_middle(i) for i in range(len(shown))]
    words = [track.word for track in shown]
    figures = [begun(track.figure, FIGURE_MAX) for track in shown]
    first = WIDTH + GAP
    second = first + width_of(words, bold=True) + GAP
    third = second + width_of([*figures, "figure"]) + GAP
    fourth = third + width_of([track.limit for track in shown]) + GAP
    last = fourth + width_of([track.n for track in shown] + ["n"])
    heads = [(second, "figure", "left"), (third, "limit", "left"), (last, "n", "right")]
    return [
        *(column([(HEAD / 2 - 2, text)], at=x, align=a, style="note") for x, text, a in heads),
        column(
            zip(rows, told_apart([track.name for track in shown]), strict=True),
            at=-GAP,
            align="right",
            style="label",
        ),
        column(zip(rows, words, strict=True), at=first, align="left", style="strong"),
        column(zip(rows, figures, strict=True), at=second, align="left", style="label"),
        column(
            zip(rows, [track.limit for track in shown], strict=True),
            at=third,
            align="left",
            style="label",
        ),
        column(
            zip(rows, [track.n for track in shown], strict=True),
            at=last,
            align="right",
            style="label",
        ),
    ]


def _middle(index: int) -> float:
    return HEAD + ROW * (index + 0.5)
