"""The groups behind a judgement as rows, each drawn on the scale of its requirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from assay.documents.drawing import Bar, Scale, bar, scale_over
from assay.documents.group_order import ascending
from assay.documents.wording import deciding_binding, figure, units
from assay.policy.gate import Judgement
from assay.stats.estimate import Estimate, GroupReading, Undefined


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group's figure; `bar` is None where there is none, `hollow` where it is left out."""

    name: str
    figure: str
    interval: str
    n: str
    note: str
    bar: Bar | None
    hollow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """The groups of one rate, all on the scale of their requirement."""

    rate: str
    scale: Scale
    rows: Sequence[GroupRow]


def group_tables(item: Judgement) -> list[GroupTable]:
    """The groups behind a judgement, a table for each rate; none where none is known."""
    measured = item.measurement
    if not isinstance(measured, Estimate | Undefined):
        return []
    known = [group for group in measured.groups if group.value is not None]
    if not known:
        return []
    scale = scale_over(
        end for group in known for end in (group.value, group.low, group.high) if end is not None
    )
    pair = _pair(item, measured)
    return [
        GroupTable(
            rate=rate,
            scale=scale,
            rows=[_row(group, scale, decides=(rate, group.group) in pair) for group in groups],
        )
        for rate, groups in groupby(ascending(measured.groups), key=lambda group: group.rate)
    ]


def _pair(item: Judgement, measured: Estimate | Undefined) -> set[tuple[str, str]]:
    """The groups behind the bound that decided, as (rate, group)."""
    binding = deciding_binding(item, measured) if isinstance(measured, Estimate) else None
    if binding is None:
        return set()
    rates = {binding.rate} if binding.rate else {group.rate for group in measured.groups}
    return {(rate, group) for rate in rates for group in binding.groups}


def _row(group: GroupReading, scale: Scale, *, decides: bool) -> GroupRow:
    drawn = interval = None
    if group.value is not None:
        drawn = Bar(value=scale.x(group.value))
        if group.low is not None and group.high is not None:
            drawn = bar(scale, group.value, group.low, group.high)
            interval = f"{figure(group.low)} to {figure(group.high)}"
    notes = [group.note, "one of the pair that decided" if decides else ""]
    return GroupRow(
        name=group.group,
        figure=figure(group.value) if group.value is not None else "none",
        interval=interval or "",
        n=units(group.n),
        note="; ".join(note for note in notes if note),
        bar=drawn,
        hollow=bool(group.note),
    )
