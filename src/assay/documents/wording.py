"""The wording of a judgement: figures, limits, reasons and remedies, the same in every format."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.documents.gate import GateReport
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    NotApplicable,
    NotCollected,
)
from assay.policy.gate import Judgement, Verdict
from assay.policy.policy import Direction
from assay.stats.estimate import Binding, Estimate, Undefined

LIMIT_WORDS = {Direction.AT_LEAST: "at least", Direction.AT_MOST: "at most"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A judgement in words.

    Attributes:
        figure: "0.149", "500", or "" where there is none.
        bounds: "(at least 0.061, at most 0.221)": the bounds that decided, and no others.
        limit: "at most 0.15", or "" for a fact that must be true.
        groups: "<=25 against >25", the pair behind the bound that decided.
        reason: what stands in the way, in one sentence; "" for a pass.
        remedy: what to do about it; "" for a pass.
    """

    figure: str = ""
    bounds: str = ""
    limit: str = ""
    groups: str = ""
    reason: str = ""
    remedy: str = ""


def finding(judgement: Judgement, report: GateReport) -> Finding:
    """Put a judgement into words."""
    limit = _limit(judgement)
    match judgement.measurement:
        case Estimate() as estimate:
            return _estimated(judgement, estimate, limit, report)
        case Undefined() as undefined:
            return Finding(
                limit=limit,
                reason=undefined.reason,
                remedy=_more_of_groups(undefined, report),
            )
        case Fact() as fact:
            stands = judgement.verdict is Verdict.PASS
            return Finding(
                figure="" if isinstance(fact.value, bool) else figure(float(fact.value)),
                limit=limit,
                reason="" if stands else fact.detail or "The figure does not meet its limit.",
                remedy="" if stands else fact.remedy,
                groups=fact.detail if stands else "",
            )
        case _:
            reason, remedy = _unmeasured(judgement.measurement, report)
            return Finding(limit=limit, reason=reason, remedy=remedy)


def _unmeasured(
    measurement: NotApplicable | NotCollected | CheckFailed | None, report: GateReport
) -> tuple[str, str]:
    match measurement:
        case NotApplicable(reason=reason):
            return reason, ""
        case NotCollected(reason=reason, remedy=remedy):
            return reason, remedy
        case CheckFailed(reason=reason):
            remedy = "Mend the check or its parameters; an error denies at every tier."
            return f"The check failed: {reason}", remedy
        case None:
            tier = report.decision.tier
            return f"The policy names no limit for tier {tier} or below.", ""


def figure(value: float) -> str:
    """A number with the digits that a reader needs: three decimals for fractions."""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) >= 10:
        return f"{int(value):,}"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.1f}"


def units(n: float) -> str:
    """A number of independent units; whole, though weights or clusters may make it less so."""
    return f"{n:,.0f}"


def bound_figure(value: float, *, up: bool) -> str:
    """A bound rounded outward, so that no printed bound claims more than the real one."""
    if math.isinf(value) or abs(value) >= 100:
        return figure(value)
    scaled = value * 1000
    return figure((math.ceil(scaled - 1e-9) if up else math.floor(scaled + 1e-9)) / 1000)


def _limit(judgement: Judgement) -> str:
    bar = judgement.requirement.bar
    if bar is None or judgement.threshold is None:
        return ""
    return f"{LIMIT_WORDS[bar.direction]} {judgement.threshold}"


def _estimated(judgement: Judgement, estimate: Estimate, limit: str, report: GateReport) -> Finding:
    low, high = bound_figure(estimate.low, up=False), bound_figure(estimate.high, up=True)
    binding = deciding_binding(judgement, estimate)
    reason, remedy = _explained(judgement, estimate, limit, binding, report)
    return Finding(
        figure=figure(estimate.value),
        bounds=f"(at least {low}, at most {high})",
        limit=limit,
        groups=" against ".join(binding.groups) if binding else "",
        reason=reason,
        remedy=remedy,
    )


def deciding_binding(judgement: Judgement, estimate: Estimate) -> Binding | None:
    """The pair behind the bound that decided: the violating one, or the one to be shown."""
    bar = judgement.requirement.bar
    at_most = bar is not None and bar.direction is Direction.AT_MOST
    violated = judgement.verdict is Verdict.FAIL
    return estimate.low_binding if at_most == violated else estimate.high_binding


def _explained(
    judgement: Judgement,
    estimate: Estimate,
    limit: str,
    binding: Binding | None,
    report: GateReport,
) -> tuple[str, str]:
    bar = judgement.requirement.bar
    if judgement.verdict is Verdict.PASS or bar is None:
        return "", ""
    at_most = bar.direction is Direction.AT_MOST
    between = f" between {' and '.join(binding.groups)}" if binding else ""
    if judgement.verdict is Verdict.FAIL:
        shown = (
            f"at least {bound_figure(estimate.low, up=False)}"
            if at_most
            else f"at most {bound_figure(estimate.high, up=True)}"
        )
        change = "smaller" if at_most else "larger"
        return (
            f"The data show {shown}{between}; {limit} is asked.",
            f"Change the model so that the figure becomes {change}, then gate the new version.",
        )
    worst = (
        f"at most {bound_figure(estimate.high, up=True)}"
        if at_most
        else f"at least {bound_figure(estimate.low, up=False)}"
    )
    return (
        f"The data cannot tell: they show {worst}{between}; {limit} is asked.",
        _more_data(judgement, binding, report),
    )


def _more_data(judgement: Judgement, binding: Binding | None, report: GateReport) -> str:
    lacking = judgement.units_lacking
    where = f" in {' and '.join(binding.groups)}" if binding else ""
    if lacking is None:
        return (
            "No realistic amount of data would settle it if the truth equals what was observed: "
            "move the figure away from the limit."
        )
    return (
        f"About {lacking:,} more {report.unit}{where} would settle it, "
        "if the truth equals what was observed."
    )


def _more_of_groups(undefined: Undefined, report: GateReport) -> str:
    wanted = [
        f"{units:,} more {report.unit}" + (f" of {group}" if group else "")
        for group, units in undefined.units_lacking
    ]
    return f"Needed at least: {'; '.join(wanted)}." if wanted else ""
