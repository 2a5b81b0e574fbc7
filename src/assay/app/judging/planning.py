"""Planning: how many units would show that a requirement is met."""

from __future__ import annotations

import math

from assay.documents.gate import GateReport
from assay.documents.sample_size import SampleSize
from assay.errors import ConfigurationError
from assay.evidence.measurement import Fact
from assay.policy.judging import Judgement
from assay.policy.policy import Direction, Range
from assay.stats.estimate import Estimate, Undefined
from assay.stats.planning import Direction as PlanDirection
from assay.stats.planning import binding_to_pass, units_to_pass


class UnusableTruth(ConfigurationError):
    """A value to plan for that the figure can never have."""

    code = "usage.unusable-truth"


def plan_sample(
    judgement: Judgement, report: GateReport, *, truth: float | None = None
) -> SampleSize:
    """Units that would show a pass, if the truth is what was observed, or as stated.

    Args:
        judgement: with the first sample's estimate.
        report: of the decision it belongs to.
        truth: what to assume; by default, what was observed.

    Raises:
        UnusableTruth: it is not a number, or not a fraction where the figure is one.
    """
    estimate = judgement.measurement
    _refuse_unusable(
        truth, proportion=isinstance(estimate, Estimate) and estimate.events is not None
    )
    side = _side(judgement)
    if not isinstance(estimate, Estimate) or side is None:
        return SampleSize(
            truth=None,
            stated=truth is not None,
            units=None,
            at_hand=0,
            false_allow=report.false_allow,
            reason=_without_estimate(judgement),
        )
    limit, direction = side
    units = units_to_pass(
        estimate,
        threshold=limit,
        direction=direction,
        false_allow=report.false_allow,
        truth=truth,
    )
    part = binding_to_pass(estimate, threshold=limit, direction=direction, truth=truth)
    assumed = estimate.value if truth is None else truth
    beyond = assumed >= limit if direction == "at_most" else assumed <= limit
    return SampleSize(
        truth=assumed,
        stated=truth is not None,
        units=units,
        at_hand=estimate.n if part is None else part.n,
        groups=() if part is None else part.groups,
        counted=estimate.counted if part is None else part.counted,
        false_allow=report.false_allow,
        reason="" if units is not None else _no_number(beyond=beyond, stated=truth is not None),
    )


def _side(judgement: Judgement) -> tuple[float, PlanDirection] | None:
    """The limit to plan for, and the side on which the truth should lie; None without one.

    Of two limits it is the one nearer to what was observed, which takes the most units.
    """
    bar, threshold, estimate = (
        judgement.requirement.bar,
        judgement.threshold,
        judgement.measurement,
    )
    if isinstance(threshold, Range):
        low, high = float(threshold.low), float(threshold.high)
        value = estimate.value if isinstance(estimate, Estimate) else high
        return (low, "at_least") if value - low < high - value else (high, "at_most")
    if bar is None or threshold is None:
        return None
    return float(threshold), "at_most" if bar.direction is Direction.AT_MOST else "at_least"


def _refuse_unusable(truth: float | None, *, proportion: bool) -> None:
    if truth is None:
        return
    if not math.isfinite(truth) or (proportion and not 0.0 <= truth <= 1.0):
        raise UnusableTruth(
            f"The figure can never be {truth}.",
            remedy="State a fraction between 0 and 1." if proportion else "State a number.",
        )


def _without_estimate(judgement: Judgement) -> str:
    match judgement.measurement:
        case Fact():
            return "The figure is a fact of the data or documents at hand: no sample shows it."
        case Undefined(reason=reason):
            return f"There is no first estimate to plan from: {reason}"
        case _:
            return "There is no first estimate to plan from."


def _no_number(*, beyond: bool, stated: bool) -> str:
    if not beyond:
        return "The data at hand give no bound on the side that must clear the limit to plan from."
    truth = "The truth stated" if stated else "What was observed"
    other = "" if stated else " State another truth with --if-truth."
    return f"{truth} does not meet the limit: if it is the truth, no number of units passes.{other}"
