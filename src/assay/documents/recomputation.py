"""What was derived again from tallies and policy, and what could not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.gate import count

_LISTED_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was not derived again.

    Attributes:
        index: of the entry that records it.
        what: the requirement and its check, or what else.
        why: such as that the check is not installed.
    """

    index: int
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """Figures, verdicts and decisions that were derived again, and were the recorded ones.

    Attributes:
        decisions: decisions derived again as a whole, to the last digit.
        measurements: measurements derived again, in evaluations and decisions.
        skipped: what was not.
        other_code: checks whose installed code is not the recorded one, and yet gave the
            recorded figures.
    """

    decisions: int
    measurements: int
    skipped: tuple[Skipped, ...]
    other_code: tuple[str, ...]


def recomputed_lines(found: Recomputation | None) -> Iterator[str]:
    """What was derived again, in plain words."""
    if found is None:
        return
    if found.measurements:
        yield (
            f"{count(found.measurements, 'measurement')} derived again from the tallies, "
            "and the same to the last digit"
        )
    if found.decisions:
        yield f"{count(found.decisions, 'decision')} derived again, with every verdict and bound"


def unrecomputed_lines(found: Recomputation) -> Iterator[str]:
    """What was not derived again, or by other code, in plain words."""
    for item in found.skipped[:_LISTED_MAX]:
        yield f"not recomputed: {item.what} of entry {item.index}: {item.why}"
    if len(found.skipped) > _LISTED_MAX:
        yield f"not recomputed: {len(found.skipped) - _LISTED_MAX} more"
    if found.other_code:
        checks = ", ".join(found.other_code)
        yield f"that the code was the same: {checks} had another digest when recorded"


def recomputation_json(found: Recomputation | None) -> dict[str, Any] | None:
    """The same for programs; None if nothing was to be derived again."""
    if found is None:
        return None
    return {
        "decisions": found.decisions,
        "measurements": found.measurements,
        "skipped": [
            {"index": item.index, "what": item.what, "why": item.why} for item in found.skipped
        ],
        "other_code": list(found.other_code),
    }
