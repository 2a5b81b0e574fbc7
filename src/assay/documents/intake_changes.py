"""What other answers change: the tier, the legal classes, and what the gate will ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.documents.intake import IntakeReport


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeChanges:
    """Answers before and after, by what follows from them.

    Attributes:
        tier: before and after.
        classes: titles of legal classes that newly apply, and of those that no longer do.
        demands: titles of what is newly asked or asked more strictly, and of what is not asked
            any more or asked less strictly, each with its limits.
    """

    tier: tuple[str, str]
    classes: tuple[tuple[str, ...], tuple[str, ...]]
    demands: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def none(self) -> bool:
        """Whether nothing follows that did not before."""
        return self.tier[0] == self.tier[1] and not any((*self.classes, *self.demands))


def intake_changes(before: IntakeReport, after: IntakeReport) -> IntakeChanges:
    """What newly applies by later answers, and what no longer does."""
    return IntakeChanges(
        tier=(str(before.tiering.tier), str(after.tiering.tier)),
        classes=_apart(_classes(before), _classes(after)),
        demands=_apart(_demands(before), _demands(after)),
    )


def render_changes(changes: IntakeChanges) -> str:
    """The changes as text, "" where there are none."""
    if changes.none:
        return ""
    before, after = changes.tier
    moved = f"tier {before} → {after}" if before != after else f"tier {after}, as before"
    lines = [f"Compared with the answers recorded before: {moved}"]
    for title, items in (
        ("Newly applies", changes.classes[0]),
        ("No longer applies", changes.classes[1]),
        ("The gate newly asks", changes.demands[0]),
        ("The gate no longer asks", changes.demands[1]),
    ):
        if items:
            lines += [f"  {title}", *(f"    {item}" for item in items)]
    return "\n".join(lines) + "\n"


def changes_document(changes: IntakeChanges) -> dict[str, Any]:
    """The changes for programs."""
    return {
        "tier": {"before": changes.tier[0], "after": changes.tier[1]},
        "legal_classes": {"new": list(changes.classes[0]), "gone": list(changes.classes[1])},
        "demands": {"new": list(changes.demands[0]), "gone": list(changes.demands[1])},
    }


def _classes(report: IntakeReport) -> dict[str, str]:
    return {item.legal_class.id: item.legal_class.title for item in report.tiering.exposures}


def _demands(report: IntakeReport) -> dict[str, str]:
    found = {
        f"{item.control.id} {item.limit}": f"{item.control.title}: {item.limit}"
        for item in report.demands
    }
    return found | {item.id: item.asks.partition(".")[0] for item in report.duties}


def _apart(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What only the second has, and what only the first has."""

    def only(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
        yield from (title for name, title in one.items() if name not in other)

    return tuple(only(after, before)), tuple(only(before, after))
