"""The order in which groups are listed: bands ascend, and everything else keeps its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from assay.stats.estimate import GroupReading
from assay.stats.tallies import INTERSECTION

_BAND: Final = re.compile(r"<=(?P<first>.+)|\((?P<low>.+),.+\]|>(?P<last>.+)")
_NUMBER: Final = re.compile(r"-?\d{1,40}(\.\d{1,40})?")


def ascending(groups: Iterable[GroupReading]) -> list[GroupReading]:
    """Groups with the bands of numbers or dates from the lowest up.

    Evidence has them by their text, where `(25,40]` comes before `<=25`. Rates and slices
    keep the order in which they are told.
    """
    readings = list(groups)
    slices = list(dict.fromkeys((item.rate, _slice(item.group)) for item in readings))
    return sorted(
        readings,
        key=lambda item: (slices.index((item.rate, _slice(item.group))), _levels(item.group)),
    )


def _slice(group: str) -> str:
    return group.partition(": ")[0]


def _levels(group: str) -> list[tuple[int, Decimal, str]]:
    return [_place(level) for level in group.partition(": ")[2].split(INTERSECTION)]


def _place(level: str) -> tuple[int, Decimal, str]:
    """Where a level stands: text by itself, a band by where it begins."""
    band = _BAND.fullmatch(level)
    if band is None:
        return 0, Decimal(0), level
    begins = band["low"] or band["last"] or ""
    number = Decimal(begins) if _NUMBER.fullmatch(begins) else Decimal(0)
    return (1 if band["first"] else 2), number, begins
