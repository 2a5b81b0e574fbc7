"""What a candidate policy would change, summed over versions in memory that does not grow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from assay.documents.gate import count
from assay.policy.backtest import LACKING, UNMET, Backtested, Change
from assay.policy.gate import Verdict
from assay.policy.policy import Outcome
from assay.policy.tiers import Tier

FORM: Final = "assay.policy-backtest/1"

LISTED_MAX: Final = 200
"""Versions told by name; of the others only how many there are."""

NEWLY: Final = {
    Outcome.DENY: "newly denied",
    Outcome.HOLD: "newly on hold",
    Outcome.ALLOW: "newly allowed",
}

_UNJUDGED: Final = "not judged before"


@dataclass(kw_only=True)
class BacktestReport:
    """Sums over the versions added so far, and the first of those of which something changed.

    Attributes:
        policy: the candidate, written `name@version`.
        outcomes: by tier, outcome before (None where never judged) and outcome after, how many.
        requirements: by requirement and what happened to it, how many versions.
        problems: by why a version could not be judged, how many.
        changed: versions whose outcome changed, or that could not be judged, in order.
        unlisted: how many more of those there are.
    """

    policy: str
    digest: str
    versions: int = 0
    recomputed: int = 0
    outcomes: Counter[tuple[Tier, Outcome | None, Outcome]] = field(
        default_factory=Counter[tuple[Tier, Outcome | None, Outcome]]
    )
    requirements: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    problems: Counter[str] = field(default_factory=Counter[str])
    changed: list[Backtested] = field(default_factory=list[Backtested])
    unlisted: int = 0

    def add(self, item: Backtested) -> None:
        """Count one more version."""
        self.versions += 1
        self.recomputed += item.recomputed
        if item.after is None:
            self.problems[item.problem] += 1
        else:
            self.outcomes[item.tier, item.before, item.after] += 1
        for change in item.changes:
            self.requirements[change.requirement, what_happened(change)] += 1
        if item.before is not item.after:
            self._list([item])

    def merge(self, other: BacktestReport) -> None:
        """Add what another process counted of the same candidate."""
        self.versions += other.versions
        self.recomputed += other.recomputed
        self.outcomes.update(other.outcomes)
        self.requirements.update(other.requirements)
        self.problems.update(other.problems)
        self.unlisted += other.unlisted
        self._list(other.changed)

    @property
    def denials(self) -> int:
        """Versions that the candidate denies and that were not denied before."""
        return sum(
            number
            for (_, before, after), number in self.outcomes.items()
            if after is Outcome.DENY and before not in {None, Outcome.DENY}
        )

    def _list(self, items: list[Backtested]) -> None:
        room = LISTED_MAX - len(self.changed)
        self.changed += items[:room]
        self.unlisted += len(items[room:])


def what_happened(change: Change) -> str:
    """What a candidate does to a requirement of a version, in a few words."""
    if change.after is None:
        return "no longer asked"
    if change.after in UNMET:
        return "newly failing"
    if change.after in LACKING:
        return "newly lacking evidence"
    return "newly passing" if change.after is Verdict.PASS else f"newly {change.after}"


def render_backtest(report: BacktestReport) -> str:
    """Who would be denied, held or allowed anew; by tier, by requirement, then by name."""
    told = count(report.versions, "version")
    lines = [
        f"{report.policy} ({report.digest[:12]}) on the recorded evidence of {told}:",
        *(f"  {line}" for line in _outcome_lines(report)),
    ]
    if report.requirements:
        lines.append("By requirement:")
        lines += [
            f"  {name}: {words} in {count(number, 'version')}"
            for (name, words), number in sorted(report.requirements.items())
        ]
    if report.changed:
        lines.append("Versions:")
        lines += [f"  {line}" for line in map(_version_line, report.changed)]
    if report.unlisted:
        lines.append(f"  and {report.unlisted:,} more")
    lines.append(
        f"Figures derived from tallies: {report.recomputed:,}; "
        f"taken from recorded bounds: {report.versions - report.recomputed - _failed(report):,}; "
        f"not judged: {_failed(report):,}."
    )
    return "\n".join(lines) + "\n"


def backtest_json(report: BacktestReport) -> str:
    """The same for other programs (`assay.policy-backtest/1`)."""
    document = {
        "schema": FORM,
        "policy": report.policy,
        "digest": report.digest,
        "versions": report.versions,
        "recomputed": report.recomputed,
        "outcomes": [
            {
                "tier": str(tier),
                "before": before.value if before else None,
                "after": after.value,
                "versions": number,
            }
            for (tier, before, after), number in _ordered(report)
        ],
        "requirements": [
            {"requirement": name, "what": words, "versions": number}
            for (name, words), number in sorted(report.requirements.items())
        ],
        "problems": dict(sorted(report.problems.items())),
        "changed": [_version(item) for item in report.changed],
        "unlisted": report.unlisted,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def backtest_markdown(report: BacktestReport) -> str:
    """The same as a section for a merge request."""
    lines = [
        f"### Backtest of {report.policy} on {count(report.versions, 'version')}",
        "",
        "| tier | before | after | versions |",
        "|---|---|---|---|",
        *(
            f"| {tier} | {before or _UNJUDGED} | {after} | {number:,} |"
            for (tier, before, after), number in _ordered(report)
        ),
    ]
    if report.requirements:
        lines += ["", "| requirement | what | versions |", "|---|---|---|"]
        lines += [
            f"| `{name}` | {words} | {number:,} |"
            for (name, words), number in sorted(report.requirements.items())
        ]
    return "\n".join(lines) + "\n"


def _outcome_lines(report: BacktestReport) -> Iterator[str]:
    for (tier, before, after), number in _ordered(report):
        if before is None:
            yield f"tier {tier}: {count(number, 'version')} {_UNJUDGED}, now {after}"
        elif before is after:
            yield f"tier {tier}: {count(number, 'version')} as before ({after})"
        else:
            yield f"tier {tier}: {count(number, 'version')} {NEWLY[after]} (before: {before})"
    for problem, number in sorted(report.problems.items()):
        yield f"{count(number, 'version')} could not be judged: {problem}"


def _ordered(
    report: BacktestReport,
) -> list[tuple[tuple[Tier, Outcome | None, Outcome], int]]:
    """By tier, the strictest first; what changed before what did not."""
    order = list(Outcome)

    def key(item: tuple[tuple[Tier, Outcome | None, Outcome], int]) -> tuple[int, ...]:
        (tier, before, after), _ = item
        was = -1 if before is None else order.index(before)
        return (-tier, before is after, -order.index(after), was)

    return sorted(report.outcomes.items(), key=key)


def _version_line(item: Backtested) -> str:
    name = f"{item.system} {item.version} ({item.digest[:12]})"
    if item.after is None:
        return f"{name}: {item.problem}"
    words = ", ".join(
        f"{change.requirement} {change.before or 'new'} → {change.after or 'gone'}"
        for change in item.changes
    )
    return f"{name}: {item.before or _UNJUDGED} → {item.after}: {words}"


def _failed(report: BacktestReport) -> int:
    return sum(report.problems.values())


def _version(item: Backtested) -> dict[str, Any]:
    return {
        "system": item.system,
        "version": item.version,
        "digest": item.digest,
        "tier": str(item.tier),
        "before": item.before.value if item.before else None,
        "after": item.after.value if item.after else None,
        "problem": item.problem,
        "changes": [
            {
                "requirement": change.requirement,
                "before": change.before.value if change.before else None,
                "after": change.after.value if change.after else None,
            }
            for change in item.changes
        ],
    }
