"""The wording of a judgement: figures, limits, reasons and remedies, the same in every format."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal

from assay.documents.comparing import against_words
from assay.documents.gate import GateReport
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    NotApplicable,
    NotCollected,
)
from assay.policy.judging import Judgement, Verdict
from assay.policy.periods import end_words
from assay.policy.policy import ATTESTATION, Direction, Range
from assay.policy.waivers import Waiver
from assay.stats.estimate import Binding, Estimate, Undefined

LIMIT_WORDS = {
    Direction.AT_LEAST: "at least",
    Direction.AT_MOST: "at most",
    Direction.EQUALS: "exactly",
    Direction.BETWEEN: "between",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A judgement in words.

    Attributes:
        figure: "0.149", "500", or "" where there is none.
        bounds: "(at least 0.061, at most 0.221)": the bounds that decided, and no others.
        limit: "at most 0.15", or "" for a fact that must be true.
        groups: "<=25 against >25", the pair behind the bound that decided; of a change, what it
            is against.
        reason: what stands in the way, in one sentence; "" for a pass. Of what is waived, what
            would stand in the way.
        remedy: what to do about it; "" for a pass, and for what is waived.
        waived: "waived until 2026-12-31 (log 18231)", or "" for what is not.
        waived_by: who granted that, and what it excuses, in one sentence.
    """

    figure: str = ""
    bounds: str = ""
    limit: str = ""
    groups: str = ""
    reason: str = ""
    remedy: str = ""
    waived: str = ""
    waived_by: str = ""


def finding(judgement: Judgement, report: GateReport) -> Finding:
    """Put a judgement into words."""
    if judgement.waiver is not None and judgement.underlying is not None:
        return _waived(judgement, judgement.waiver, judgement.underlying, report)
    limit = _limit(judgement, report)
    if judgement.reason:
        aside = judgement.verdict is Verdict.NOT_APPLICABLE
        return Finding(
            limit=limit,
            reason=judgement.reason,
            remedy=_settled_remedy(judgement, report),
            groups=judgement.reason if aside else "",
        )
    match judgement.measurement:
        case Estimate() as estimate:
            return _estimated(judgement, estimate, limit, report)
        case Undefined() as undefined:
            return Finding(
                limit=limit,
                reason=undefined.reason,
                remedy=undefined.remedy or _more_of_groups(undefined, report),
            )
        case Fact() as fact:
            stands = judgement.verdict is Verdict.PASS
            return Finding(
                figure=_fact_figure(fact),
                limit=limit,
                reason="" if stands else fact.detail or "The figure does not meet its limit.",
                remedy="" if stands else fact.remedy,
                groups=fact.detail if stands else "",
            )
        case _:
            reason, remedy = _unmeasured(judgement.measurement, report)
            if judgement.requirement.check == ATTESTATION:
                remedy = _attest(judgement, report)
            return Finding(limit=limit, reason=reason, remedy=remedy)


def _fact_figure(fact: Fact) -> str:
    if isinstance(fact.value, bool):
        return ""
    if isinstance(fact.value, int):
        return f"{fact.value:,}"
    # One row of many is not none, and three decimals would say that it is.
    small = 0 < abs(fact.value) < Decimal("0.0005")
    return f"{fact.value:.1g}" if small else figure(float(fact.value))


def _waived(
    judgement: Judgement, waiver: Waiver, underlying: Verdict, report: GateReport
) -> Finding:
    """What is excused, in its own words, with who excused it and until when."""
    under = replace(judgement, verdict=underlying, waiver=None, underlying=None)
    found = finding(under, report)
    person = report.names.get(waiver.granted_by, waiver.granted_by)
    return replace(
        found,
        remedy="",
        waived=f"waived until {end_words(waiver.expires_at)} (log {waiver.index})",
        waived_by=f"Granted by {person} as {waiver.role}; without it the verdict would be "
        f"{underlying.value}.",
    )


def _settled_remedy(judgement: Judgement, report: GateReport) -> str:
    """What to do about a verdict that the rules settle without a measurement."""
    match judgement.verdict:
        case Verdict.NOT_APPLICABLE:
            return ""
        case Verdict.MISSING if judgement.requirement.check == ATTESTATION:
            return _attest(judgement, report)
        case Verdict.MISSING if judgement.reason.startswith("Expired"):
            return "Run `assay gate` where the data are: it measures anew."
        case _:
            return "Give what its condition `when` reads."


def _attest(judgement: Judgement, report: GateReport) -> str:
    command = f"assay attest {report.version} {judgement.requirement.id}"
    return f'Whoever can: {command} --as NAME --reason "…"'


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


def units_of(unit: str, counted: str) -> str:
    """What is counted: "rows", or "rows with a positive label" where only those are."""
    return f"{unit} {counted}" if counted else unit


def bound_figure(value: float, *, up: bool) -> str:
    """A bound rounded outward, so that no printed bound claims more than the real one."""
    if math.isinf(value) or abs(value) >= 100:
        return figure(value)
    scaled = value * 1000
    return figure((math.ceil(scaled - 1e-9) if up else math.floor(scaled + 1e-9)) / 1000)


def _limit(judgement: Judgement, report: GateReport) -> str:
    bar, limit = judgement.requirement.bar, judgement.threshold
    if bar is None or limit is None:
        return ""
    said = f"{limit.low} and {limit.high}" if isinstance(limit, Range) else str(limit)
    default = judgement.requirement.limit_is_default(report.decision.tier)
    return f"{LIMIT_WORDS[bar.direction]} {said}{' (our default)' if default else ''}"


def _estimated(judgement: Judgement, estimate: Estimate, limit: str, report: GateReport) -> Finding:
    low, high = bound_figure(estimate.low, up=False), bound_figure(estimate.high, up=True)
    binding = deciding_binding(judgement, estimate)
    against = against_words(judgement.requirement.check, report.comparisons)
    value = figure(estimate.value)
    reason, remedy = _explained(judgement, estimate, limit, binding, report)
    return Finding(
        figure=f"+{value}" if against and estimate.value > 0 else value,
        bounds=f"(at least {low}, at most {high})",
        limit=limit,
        groups=" against ".join(binding.groups) if binding else against,
        reason=reason,
        remedy=remedy,
    )


def deciding_binding(judgement: Judgement, estimate: Estimate) -> Binding | None:
    """The pair behind the bound that decided: the violating one, or the one to be shown."""
    violated = Verdict.FAIL in {judgement.verdict, judgement.underlying}
    at_most = bounded_above(judgement, estimate)
    return estimate.low_binding if at_most == violated else estimate.high_binding


def bounded_above(judgement: Judgement, estimate: Estimate) -> bool:
    """Whether the most that a figure may be decided its verdict; else it was the least.

    Of two limits, the violated one, or the one that is not cleared.
    """
    bar, limit = judgement.requirement.bar, judgement.threshold
    if isinstance(limit, Range):
        high = float(limit.high)
        violated = Verdict.FAIL in {judgement.verdict, judgement.underlying}
        return estimate.low > high if violated else estimate.high > high
    return bar is not None and bar.direction is Direction.AT_MOST


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
    at_most = bounded_above(judgement, estimate)
    between = _where(binding)
    if judgement.verdict is Verdict.FAIL:
        shown = (
            f"at least {bound_figure(estimate.low, up=False)}"
            if at_most
            else f"at most {bound_figure(estimate.high, up=True)}"
        )
        change = "smaller" if at_most else "larger"
        return (
            f"The data show {shown}{between}; {limit} is asked.",
            estimate.remedy
            or f"Change the model so that the figure becomes {change}, then gate the new version.",
        )
    worst = (
        f"at most {bound_figure(estimate.high, up=True)}"
        if at_most
        else f"at least {bound_figure(estimate.low, up=False)}"
    )
    return (
        f"The data cannot tell: they show {worst}{between}; {limit} is asked.",
        _more_data(judgement, binding.counted if binding else estimate.counted, binding, report),
    )


def _where(binding: Binding | None) -> str:
    """The pair, or the one part, behind a bound."""
    if binding is None:
        return ""
    word = "between" if len(binding.groups) > 1 else "for"
    return f" {word} {' and '.join(binding.groups)}"


def _more_data(
    judgement: Judgement, counted: str, binding: Binding | None, report: GateReport
) -> str:
    lacking = judgement.units_lacking
    where = f" in {' and '.join(binding.groups)}" if binding else ""
    if lacking is None:
        return (
            "No realistic amount of data would settle it if the truth equals what was observed: "
            "move the figure away from the limit."
        )
    return (
        f"About {lacking:,} more {units_of(report.unit, counted)}{where} would settle it, "
        "if the truth equals what was observed."
    )


def _more_of_groups(undefined: Undefined, report: GateReport) -> str:
    wanted = [
        f"{units:,} more {units_of(report.unit, undefined.counted)}"
        + (f" of {group}" if group else "")
        for group, units in undefined.units_lacking
    ]
    return f"Needed at least: {'; '.join(wanted)}." if wanted else ""
