"""The difference between two policies, in words, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.gate import count
from assay.policy.difference import Difference, Way
from assay.policy.tiers import Tier

FORM: Final = "assay.policy-diff/1"

_SIGNS: Final = {
    Way.STRICTER: "▲",
    Way.LAXER: "▼",
    Way.ADDED: "+",
    Way.REMOVED: "-",
    Way.OTHER: "•",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceReport:
    """Two policies, each written `name@version`, with their digests, and what changed."""

    old: str
    old_digest: str
    new: str
    new_digest: str
    differences: tuple[Difference, ...]


def render_difference(report: DifferenceReport) -> str:
    """A line for each change, and how many of each kind there are."""
    lines = [f"{report.old} → {report.new}"]
    lines += [f"{_SIGNS[item.way]} {sentence(item)}" for item in report.differences]
    return "\n".join((*lines, summary(report))) + "\n"


def difference_markdown(report: DifferenceReport) -> str:
    """The same as a section for a merge request."""
    lines = [f"### Policy: {report.old} → {report.new}", "", summary(report), ""]
    lines += [f"- {sentence(item)}" for item in report.differences]
    return "\n".join(lines).rstrip() + "\n"


def difference_json(report: DifferenceReport) -> str:
    """The same for other programs (`assay.policy-diff/1`)."""
    document = {
        "schema": FORM,
        "old": {"policy": report.old, "digest": report.old_digest},
        "new": {"policy": report.new, "digest": report.new_digest},
        "differences": [_item(item) for item in report.differences],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def sentence(item: Difference) -> str:
    """One change as a sentence: whose, at which tiers, from what to what, which way."""
    if not item.field:
        words = item.new if item.way is Way.ADDED else item.old
        verb = "is new" if item.way is Way.ADDED else "is gone"
        return f"Requirement {item.requirement!r} {verb}: {words}."
    owner = f"Requirement {item.requirement!r}" if item.requirement else "The policy"
    tiers = f", {_tiers(item.tiers)}" if item.tiers else ""
    way = "" if item.way is Way.OTHER else f" ({item.way})"
    return f"{owner}{tiers}: `{item.field}` {item.old} → {item.new}{way}."


def summary(report: DifferenceReport) -> str:
    """How many changes there are of each kind."""
    if not report.differences:
        return "The two say the same."
    kinds = [(way, sum(item.way is way for item in report.differences)) for way in Way]
    told = ", ".join(f"{number} {way}" for way, number in kinds if number)
    return f"{count(len(report.differences), 'change')}: {told}."


def _tiers(tiers: Sequence[Tier]) -> str:
    names = [str(tier) for tier in tiers]
    return f"tier{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _item(item: Difference) -> dict[str, Any]:
    where = item.where
    return {
        "way": item.way.value,
        "requirement": item.requirement,
        "field": item.field,
        "tiers": [str(tier) for tier in item.tiers],
        "old": item.old,
        "new": item.new,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
    }
