"""How many units a requirement needs to pass: the answer to `--sample-size`, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assay.documents.wording import figure, units_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """Units that would show a claim with a power of 0.8, or why no number is given.

    Attributes:
        truth: what is assumed to be true; None where there is no figure to assume.
        stated: whether someone stated it, or it is what was observed.
        units: units in all, those at hand included; None where `reason` says why.
        at_hand: units counted now, of the same groups.
        groups: the pair (or slice) whose units these are; empty for all.
        counted: which rows these are, such as "with a positive label"; "" for all.
        false_allow: the error at which a pass is shown.
        reason: why there is no number; "" where there is one.
    """

    truth: float | None
    stated: bool
    units: int | None
    at_hand: float
    groups: tuple[str, ...] = ()
    counted: str = ""
    false_allow: float
    reason: str = ""


def sample_size_lines(size: SampleSize, *, unit: str) -> list[str]:
    """The answer as sentences."""
    if size.truth is None or size.units is None:
        return [size.reason]
    source = "as stated" if size.stated else "as observed"
    where = f" of {' and '.join(size.groups)}" if size.groups else ""
    wanted = units_of(unit, size.counted)
    answer = (
        f"If the truth is {figure(size.truth)}, {source}, about {size.units:,} {wanted}{where} in "
        f"all show a pass in 8 of 10 samples; {figure(size.at_hand)} are at hand."
    )
    error = f"The bound that must clear the limit errs in at most {size.false_allow:.3g} of worlds."
    return [answer, error]


def sample_size_document(size: SampleSize) -> dict[str, Any]:
    """The answer as plain values."""
    return {
        "truth": size.truth,
        "stated": size.stated,
        "units": size.units,
        "at_hand": size.at_hand,
        "groups": list(size.groups),
        "power": 0.8,
        "false_allow": size.false_allow,
        "reason": size.reason,
    }
