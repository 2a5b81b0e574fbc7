"""Chart 3 by group: are probabilities equally honest for everyone? A small diagram for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from assay.documents.charts.layout import SCHEMA, Spec, short, told_apart, wrapped
from assay.documents.charts.reliability import NARROW, bin_rates, diagram, scale_ends
from assay.documents.gate import count
from assay.documents.visible import visible
from assay.documents.wording import figure
from assay.stats.calibration import BINS, Reliability, reliability
from assay.stats.estimate import Estimate, Undefined
from assay.stats.tallies import ScoreTable

SIDE: Final = 170
"""Of a small diagram, in pixels."""

HEADING_MAX: Final = 28
"""Characters of a group's name above its diagram."""

COLUMNS: Final = 3
"""Diagrams beside each other; more would not fit on a page."""

GROUPS_MAX: Final = 24
"""Diagrams in all; the groups that are farthest off come first, and the rest are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScores:
    """A group's label counts by score, and the same by bucket of units where rows share units."""

    name: str
    table: ScoreTable
    buckets: Sequence[ScoreTable] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """A group's curve with the interval of each bin."""

    name: str
    table: ScoreTable
    curve: Reliability
    rates: Sequence[Estimate | Undefined]

    @property
    def error(self) -> float:
        """The expected calibration error."""
        return float(np.abs(self.curve.gaps).sum())

    @property
    def rows(self) -> int:
        """Rows of the group."""
        return int(self.curve.rows.sum())


def reliability_groups_chart(
    groups: Sequence[GroupScores], *, title: str, claim: str = "", bins: int = BINS
) -> Spec:
    """Observed shares of positives against mean scores, in bins, a diagram for each group.

    All diagrams have one scale. The groups whose scores are farthest off come first; groups
    without rows, or beyond GROUPS_MAX, are named below the title.

    Args:
        groups: each group's label counts by score.
        title: of the picture.
        claim: what is claimed and how it stands, in a sentence.
        bins: bins of a diagram.
    """
    panels = sorted(_panels(groups, bins), key=lambda panel: -panel.error)
    shown = panels[:GROUPS_MAX]
    drawn = {panel.name for panel in shown}
    rest = [visible(group.name) for group in groups if group.name not in drawn]
    left_out = f"Not drawn: {', '.join(rest)}." if rest else ""
    ends = [scale_ends(panel.table, panel.curve, panel.rates) for panel in shown]
    domain = (
        min((low for low, _ in ends), default=0.0),
        max((high for _, high in ends), default=1.0),
    )
    names = _headings([panel.name for panel in shown])
    legend = "95 % intervals of each bin. On the dashed line, scores are honest probabilities."
    lines = [visible(claim), legend, left_out]
    return {
        "$schema": SCHEMA,
        "title": {
            "text": title,
            "subtitle": [line for part in lines for line in wrapped(part, NARROW)],
        },
        "description": " ".join(filter(None, [visible(claim), *_described(shown), left_out])),
        "columns": COLUMNS,
        "spacing": 24,
        "concat": [_drawn(panel, name, domain) for panel, name in zip(shown, names, strict=True)],
    }


def _panels(groups: Sequence[GroupScores], bins: int) -> list[_Panel]:
    found: list[_Panel] = []
    for group in groups:
        curve = reliability(group.table, bins=bins)
        if isinstance(curve, Reliability):
            rates = bin_rates(curve, group.buckets)
            found.append(_Panel(name=group.name, table=group.table, curve=curve, rates=rates))
    return found


def _headings(names: Sequence[str]) -> list[str]:
    """Names as wide as a diagram, if they are still told apart; else as long as that takes."""
    narrow = [short(name, HEADING_MAX) for name in names]
    return narrow if len(set(narrow)) == len(set(names)) else told_apart(names)


def _drawn(panel: _Panel, name: str, domain: tuple[float, float]) -> Spec:
    said = f"{count(panel.rows, 'row')}, off by {figure(panel.error)} on average"
    heading = {"text": name, "subtitle": said, "fontSize": 12, "subtitleFontSize": 11, "offset": 6}
    return {"title": heading, **diagram(panel.curve, panel.rates, domain, side=SIDE)}


def _described(shown: Sequence[_Panel]) -> list[str]:
    ends: Mapping[str, _Panel] = {panel.name: panel for panel in (*shown[:1], *shown[-1:])}
    return [
        f"{visible(name)}: mean gap between score and observed share {figure(panel.error)} over "
        f"{count(panel.rows, 'row')}."
        for name, panel in ends.items()
    ]
