"""Results in a notebook: the text of the terminal, then chart 1 as a table of small pictures.

The pictures are drawn here as SVG, by no library: a result draws itself wherever it is shown,
without an engine and without the extra (decision 0009). There is no script and no data.
Colours are those of the page around, or hold on light and dark alike. Where a viewer does not
trust a notebook and strips SVG and styles, the text and the table remain whole.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from assay.documents.charts.layout import begun, short
from assay.documents.charts.tracks import Place, Track, asides, tracks
from assay.documents.explanation import Explanation, render_explanation
from assay.documents.gate import GateReport, count
from assay.documents.gate_text import render_text
from assay.documents.visible import visible
from assay.policy.gate import Judgement, Verdict

BYTES_MAX: Final = 20_000
"""Of a whole fragment; notebooks are kept in version control and sent by mail."""

TEXT_BYTES_MAX: Final = 10_000
TABLE_BYTES_MAX: Final = 8_500
"""Of its parts; the rest is for what surrounds them. Both begin with what is worst."""

WIDTH: Final = 240
HEIGHT: Final = 18
THICKNESS: Final = 10
"""Of a row's picture and of its bar, in pixels."""

STRIDE: Final = 7
"""Between two strokes of a hatching, in pixels."""

FIGURE_MAX: Final = 60
"""Characters of a figure with its bounds, or of why there is none."""

BLUE: Final = "#0072b2"
ORANGE: Final = "#d55e00"
"""Hues with a contrast of at least 3 both to white and to the near-black of dark pages."""

STYLE: Final = (
    ".assay-result table{border-collapse:collapse;margin-top:1em}"
    ".assay-result table th,.assay-result table td"
    "{text-align:left;padding:1px 8px;font-weight:normal;white-space:nowrap}"
    ".assay-result table caption{text-align:left;caption-side:top;padding:2px 8px;opacity:.8}"
    ".assay-result svg{display:block}"
    ".assay-result pre{white-space:pre;overflow-x:auto}"
)

_CAPTION: Final = (
    "Mark: the figure. Bar: between the bounds that decided; hatched: the data cannot tell. "
    "Each row has a scale of its own. The line is its limit, left of which it is broken."
)


def report_html(report: GateReport) -> str:
    """A gate's report as a fragment of HTML."""
    return _fragment(render_text(report), report.decision.judgements, report)


def explanation_html(explanation: Explanation) -> str:
    """An explanation as a fragment of HTML."""
    text = render_explanation(explanation)
    return _fragment(text, [explanation.judgement], explanation.report)


def _fragment(text: str, judgements: Sequence[Judgement], report: GateReport) -> str:
    lines, more = _within(map(_escaped, text.rstrip().split("\n")), TEXT_BYTES_MAX)
    cut = [f"… {count(more, 'more line')}: print it to see all."] if more else []
    block = "\n".join([*lines, *cut])
    table = _table(tracks(judgements, report), asides(judgements, report))
    return f'<div class="assay-result"><style>{STYLE}</style><pre>{block}</pre>{table}</div>'


def _table(shown: Sequence[Track], rest: Sequence[str]) -> str:
    if not shown:
        return ""
    rows, more = _within(map(_row, shown), TABLE_BYTES_MAX)
    unseen = [f"{count(more, 'more figure')} not drawn."] if more else []
    unseen += [f"{count(len(rest), 'requirement')} without bounds to draw."] if rest else []
    caption = _escaped(" ".join([_CAPTION, *unseen]))
    return f"<table><caption>{caption}</caption><tbody>{''.join(rows)}</tbody></table>"


def _row(track: Track) -> str:
    cells = (
        track.word,
        begun(track.figure, FIGURE_MAX),
        track.limit,
        f"n {track.n}" if track.n else "",
    )
    name = f'<th scope="row">{_escaped(short(track.name))}</th>'
    plain = "".join(f"<td>{_escaped(cell)}</td>" for cell in cells)
    return f"<tr>{name}<td>{_picture(track)}</td>{plain}</tr>"


def _picture(track: Track) -> str:
    """A track as SVG: the side that breaks the limit, the bar, the mark, and the limit."""
    place = track.margin()
    title = f"{track.word}: {track.figure}; {track.limit} is asked."
    half = _x(0.0)
    return (
        f'<svg role="img" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<title>{_escaped(begun(title, 2 * FIGURE_MAX))}</title>"
        f'<path d="M0,0H{half:g}V{HEIGHT}H0z" fill="currentColor" opacity=".1"/>'
        f"{_bar(track.verdict, place)}{_ends(place)}"
        f'<path d="M{half:g},0V{HEIGHT}" stroke="currentColor" stroke-width="2"/>'
        f"{_mark(track.verdict, place)}</svg>"
    )


def _bar(verdict: Verdict, place: Place) -> str:
    """Light and blue where it passes, dark and orange where it fails, else hatched."""
    left, right = _x(place.low), _x(place.high)
    top, bottom = (HEIGHT - THICKNESS) / 2, (HEIGHT + THICKNESS) / 2
    outline = f"M{left:g},{top:g}H{right:g}V{bottom:g}H{left:g}z"
    if verdict is Verdict.PASS:
        return f'<path d="{outline}" fill="{BLUE}" fill-opacity=".35" stroke="{BLUE}"/>'
    if verdict is Verdict.FAIL:
        return f'<path d="{outline}" fill="{ORANGE}" fill-opacity=".85" stroke="{ORANGE}"/>'
    lean = THICKNESS / 2
    strokes = "".join(
        f"M{left + STRIDE * step:g},{bottom:g}l{lean:g}-{THICKNESS}"
        for step in range(int((right - left - lean) // STRIDE) + 1)
    )
    return f'<path d="{outline}{strokes}" fill="none" stroke="currentColor" opacity=".7"/>'


def _mark(verdict: Verdict, place: Place) -> str:
    """A disc where it passes, a square where it fails, else a diamond; none without a figure."""
    if place.value is None:
        return ""
    x, y = _x(place.value), HEIGHT / 2
    if verdict is Verdict.PASS:
        return f'<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="currentColor"/>'
    if verdict is Verdict.FAIL:
        return f'<path d="M{x - 3:g},{y - 3:g}h6v6h-6z" fill="currentColor"/>'
    return f'<path d="M{x - 5:g},{y:g}l5-5 5 5-5 5z" fill="currentColor"/>'


def _ends(place: Place) -> str:
    """Arrows where a bound does not exist, so that the bar has no end."""
    y, arrows = HEIGHT / 2, []
    if place.low_open:
        arrows.append(f"M0,{y:g}l6-4v8z")
    if place.high_open:
        arrows.append(f"M{WIDTH},{y:g}l-6-4v8z")
    return f'<path d="{"".join(arrows)}" fill="currentColor"/>' if arrows else ""


def _x(place: float) -> float:
    """Pixels from the left of what lies between -1 and 1."""
    return round((place + 1.0) / 2.0 * WIDTH, 1)


def _escaped(text: str) -> str:
    return html.escape(visible(text), quote=False)


def _within(parts: Iterable[str], bytes_max: int) -> tuple[list[str], int]:
    """The first parts that fit, and how many do not."""
    listed = list(parts)
    sizes = accumulate(len(part.encode("utf-8")) + 1 for part in listed)
    fitting = sum(size <= bytes_max for size in sizes)
    return listed[:fitting], len(listed) - fitting
