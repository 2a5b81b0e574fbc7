"""Which picture an explanation has: the one that answers what its reader asks next."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from assay.documents.charts.bounds import bounds_chart
from assay.documents.charts.change import Compared, change_chart
from assay.documents.charts.groups import Claim, group_chart
from assay.documents.charts.layout import Spec, short
from assay.documents.charts.reliability import reliability_chart
from assay.documents.charts.reliability_groups import GroupScores, reliability_groups_chart
from assay.documents.charts.tracks import tracks
from assay.documents.comparing import against_words
from assay.documents.explanation import Explanation
from assay.documents.gate import VERDICT_WORDS
from assay.documents.group_order import ascending
from assay.documents.wording import bounded_above, deciding_binding, finding
from assay.errors import ConfigurationError
from assay.policy.gate import Judgement
from assay.stats.calibration import BINS
from assay.stats.estimate import Binding, Estimate, GroupReading, Undefined

CALIBRATION: Final = "calibration."
"""The family of checks whose figure sums up a reliability diagram."""


class NothingToDraw(ConfigurationError):
    """A requirement has no figure with bounds, so there is no picture of it."""

    code = "picture.nothing-to-draw"


def explanation_chart(explanation: Explanation) -> Spec:
    """The picture of one requirement.

    A change against production beside no change; reliability diagrams of a figure about
    calibration, one for each group that it covers; other groups that are compared; otherwise the
    figure with its bounds against its limit.

    Raises:
        NothingToDraw: it is a fact, or was not measured.
    """
    item = explanation.judgement
    against = against_words(item.requirement.check, explanation.report.comparisons)
    if against and isinstance(item.measurement, Estimate) and isinstance(item.threshold, Decimal):
        groups = tuple(ascending(item.measurement.groups))
        return change_chart(
            Compared(
                title=_title(explanation),
                said=_said(explanation),
                other=against.removeprefix("against "),
                estimate=replace(item.measurement, groups=groups),
                verdict=item.verdict,
                limit=float(item.threshold),
                at_most=bounded_above(item, item.measurement),
            )
        )
    if explanation.group_scores:
        return reliability_groups_chart(
            [
                GroupScores(name=name, table=group.table, buckets=group.buckets)
                for name, group in explanation.group_scores.items()
            ],
            title=_title(explanation),
            claim=_said(explanation),
            bins=_bins(item),
        )
    readings = _readings(item)
    if readings:
        return group_chart(readings, _claim(explanation))
    calibration = explanation.judgement.requirement.check.startswith(CALIBRATION)
    if calibration and explanation.scores is not None:
        return reliability_chart(
            explanation.scores.table(),
            title=_title(explanation),
            claim=_said(explanation),
            buckets=[bucket.table() for bucket in explanation.score_buckets],
            bins=_bins(item),
        )
    if not tracks([item], explanation.report):
        raise NothingToDraw(
            f"Requirement {item.requirement.id!r} has no figure with bounds to draw.",
            remedy="Without --picture the explanation says all there is.",
        )
    return bounds_chart(explanation.report, [item])


def _title(explanation: Explanation) -> str:
    report, rule = explanation.report, explanation.judgement.requirement
    return f"{short(report.system)} {short(report.version)}: {short(rule.id)}"


def _said(explanation: Explanation) -> str:
    """The verdict with its numbers, in one sentence."""
    item = explanation.judgement
    found, word = finding(item, explanation.report), VERDICT_WORDS[item.verdict]
    if isinstance(item.measurement, Estimate):
        return f"{word}: {found.figure} {found.bounds}; {found.limit} is asked."
    return f"{word}: {found.reason}"


def _readings(item: Judgement) -> tuple[GroupReading, ...]:
    measured = item.measurement
    return measured.groups if isinstance(measured, Estimate | Undefined) else ()


def _claim(explanation: Explanation) -> Claim:
    item = explanation.judgement
    binding = (
        deciding_binding(item, item.measurement) if isinstance(item.measurement, Estimate) else None
    )
    # The worst of several groups is bound by one of them; a gap by two, which it lies between.
    alone = binding is not None and len(binding.groups) == 1
    return Claim(
        title=_title(explanation),
        said=_said(explanation),
        pair=_pair(binding),
        limit=float(item.threshold) if alone and isinstance(item.threshold, Decimal) else None,
    )


def _pair(binding: Binding | None) -> frozenset[tuple[str, str]]:
    if binding is None:
        return frozenset()
    return frozenset((binding.rate, group) for group in binding.groups)


def _bins(item: Judgement) -> int:
    """The bins that the check's figure has, so that the picture shows the same."""
    bins = item.requirement.parameters.get("bins", BINS)
    return bins if isinstance(bins, int) else BINS
