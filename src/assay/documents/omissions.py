"""Whom single figures leave out, so that a claim never speaks of people whom it did not count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assay.policy.judging import Judgement
from assay.stats.estimate import LEFT_OUT, Estimate

NAMED_AT_MOST: Final = 5
"""Groups that a sentence spells out before it only counts the rest."""


def omissions(judgements: Sequence[Judgement]) -> list[str]:
    """What each measured requirement leaves out, one sentence for those that leave out the same.

    Groups below their minimum size, where the policy lets them be left out; and rows whose
    group is not known. Rows that no figure can use are told elsewhere.
    """
    told: dict[str, list[str]] = {}
    for judgement in judgements:
        if isinstance(judgement.measurement, Estimate):
            for sentence in (*_small(judgement.measurement), *_unknown(judgement.measurement)):
                told.setdefault(sentence, []).append(str(judgement.requirement.id))
    return [
        sentence.format(names=", ".join(names), leave="leaves" if len(names) == 1 else "leave")
        for sentence, names in told.items()
    ]


def _small(estimate: Estimate) -> list[str]:
    small: dict[str, float] = {}
    for item in estimate.groups:
        if item.note.startswith(LEFT_OUT):
            # Of several rates, the one that counts the fewest people is why.
            small[item.group] = min(item.n, small.get(item.group, item.n))
    if not small:
        return []
    named = [f"{_plain(name)} ({people:,.6g})" for name, people in small.items()]
    rest = f" and {len(named) - NAMED_AT_MOST} more" if len(named) > NAMED_AT_MOST else ""
    return [f"{{names}} {{leave}} out {', '.join(named[:NAMED_AT_MOST])}{rest}: too few people."]


def _unknown(estimate: Estimate) -> list[str]:
    if not estimate.unused:
        return []
    named = ", ".join(f"{_plain(reason)}: {rows:,}" for reason, rows in estimate.unused)
    return [f"{{names}} {{leave}} out rows ({named})."]


def _plain(text: str) -> str:
    """Text of the data in a sentence that is yet to be filled in."""
    return text.replace("{", "{{").replace("}", "}}")
