"""The gate: a pure function from a policy and measurements to a decision with its reasons.

Error rates are those of Assay's statistics contract, section 2. To allow, every requirement
must pass, so each spends the whole `false_allow` (intersection-union, Berger 1982). To deny,
one failure is enough, so `false_deny` is shared out by Holm's procedure (1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from types import MappingProxyType
from typing import Final

from assay.policy.approvals import Approval, in_force, outstanding
from assay.policy.judging import (
    Conditions,
    Judgement,
    Measure,
    Verdict,
    judge_estimate,
    judge_fact,
    limit_at,
    settled,
)
from assay.policy.objections import Standing, strictest
from assay.policy.policy import (
    Approver,
    Direction,
    Mode,
    Outcome,
    Policy,
    Range,
    Requirement,
    RequirementId,
    stricter,
)
from assay.policy.tiers import Tier, at_tier
from assay.policy.waivers import Waiver, waiver_in_force
from assay.stats.estimate import Estimate, Undefined
from assay.stats.holm import holm_error
from assay.stats.planning import Direction as Side
from assay.stats.planning import units_lacking

__all__ = ["Decision", "Judgement", "Measure", "Verdict", "assess", "decide"]

NO_CONDITIONS: Final[Conditions] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the gate decided, and everything that it rests on except the evidence itself.

    Attributes:
        outcome: allow, hold or deny.
        judgements: one per requirement, in the policy's order.
        tests: statistical requirements that applied, Holm's `m`.
        holm_error: the error at which violations were last judged.
        approvals: those in force.
        awaiting: approvals that are still to be given.
        objections: what people hold against it.
        basis: the digest of what was judged; approvals bind to it.
    """

    outcome: Outcome
    mode: Mode
    tier: Tier
    judgements: tuple[Judgement, ...]
    tests: int
    holm_error: float
    approvals: tuple[Approval, ...]
    awaiting: tuple[Approver, ...]
    basis: str
    at: datetime
    objections: tuple[Standing, ...] = ()

    @property
    def effective(self) -> Outcome:
        """What the release does: a policy that only warns or observes stops nothing.

        A prohibited system is stopped in every mode.
        """
        if self.mode is Mode.ENFORCE or self.tier is Tier.PROHIBITED:
            return self.outcome
        return Outcome.ALLOW

    @property
    def demonstrated(self) -> bool:
        """Whether compliance with every requirement that applies has been demonstrated."""
        fine = {Verdict.PASS, Verdict.NOT_APPLICABLE}
        return all(judgement.verdict in fine for judgement in self.judgements)


def assess(
    policy: Policy,
    *,
    tier: Tier,
    measures: Mapping[RequirementId, Measure],
    at: datetime,
    applies: Conditions = NO_CONDITIONS,
    waivers: Sequence[Waiver] = (),
    version: str = "",
) -> tuple[tuple[Judgement, ...], int, float]:
    """Judge every requirement; depends on nothing but its arguments.

    Args:
        policy: the rules.
        tier: the system's tier.
        measures: a bound measure for every requirement of the policy.
        at: the instant of which it is judged: ages, ends and waivers are read at it.
        applies: what became of each condition (`when`), by the requirement's id. A condition
            that is left out is an error of its requirement.
        waivers: those granted to the system; the ones that hold at that instant excuse.
        version: the version's digest, for waivers of one version alone.

    Returns:
        The judgements in the policy's order, Holm's number of tests, and the Holm error at
        which violations were last judged.
    """
    known = {
        rule.id: found
        for rule in policy.requirements
        if (
            found := settled(
                policy, rule, tier=tier, at=at, measure=measures[rule.id], conditions=applies
            )
        )
    }
    # Who counts is fixed before data are read: what has no evidence, or is waived, counts too.
    counted = [
        rule
        for rule in policy.requirements
        if measures[rule.id].statistical
        and not (rule.id in known and known[rule.id].verdict is Verdict.NOT_APPLICABLE)
    ]
    open_rules = [rule for rule in counted if rule.id not in known]
    allow = policy.errors.allow_error
    judged, error = _holm(policy, open_rules, tests=len(counted), tier=tier, measures=measures)
    known |= judged
    return (
        tuple(
            _treated(
                _excused(
                    known.get(rule.id) or judge_fact(rule, limit_at(rule, tier), measures[rule.id]),
                    waiver_in_force(waivers, requirement=rule.id, version=version, at=at),
                ),
                tier,
                allow,
                error,
            )
            for rule in policy.requirements
        ),
        len(counted),
        error,
    )


def decide(
    policy: Policy,
    *,
    tier: Tier,
    judgements: Sequence[Judgement],
    tests: int,
    holm_error: float,
    basis: str,
    approvals: Sequence[Approval],
    author: str,
    at: datetime,
    objections: Sequence[Standing] = (),
) -> Decision:
    """Turn judgements and people's words into a decision. Pure; replays byte for byte.

    Deny if anything's effect is deny or the system is prohibited; else hold if anything
    holds, nothing applies at this tier, or people have yet to decide; else allow.
    """
    counted = in_force(approvals, basis=basis, author=author)
    awaiting = outstanding(at_tier(policy.approvals, tier) or (), counted)
    applies = any(judgement.verdict is not Verdict.NOT_APPLICABLE for judgement in judgements)
    outcome = reduce(stricter, (item.effect for item in judgements), strictest(objections))
    if outcome is Outcome.ALLOW and (awaiting or not applies):
        outcome = Outcome.HOLD
    if tier is Tier.PROHIBITED:
        outcome = Outcome.DENY
    return Decision(
        outcome=outcome,
        mode=policy.mode,
        tier=tier,
        judgements=tuple(judgements),
        tests=tests,
        holm_error=holm_error,
        approvals=counted,
        awaiting=awaiting,
        basis=basis,
        at=at,
        objections=tuple(objections),
    )


def _holm(
    policy: Policy,
    rules: Sequence[Requirement],
    *,
    tests: int,
    tier: Tier,
    measures: Mapping[RequirementId, Measure],
) -> tuple[dict[RequirementId, Judgement], float]:
    """Judge statistical requirements by Holm's rounds; the judgements and the last error."""
    allow, deny = policy.errors.allow_error, float(policy.errors.false_deny)
    limits = {rule.id: limit for rule in rules if (limit := limit_at(rule, tier)) is not None}
    rejected = 0
    held: tuple[dict[RequirementId, Judgement], float] = ({}, deny)
    while True:
        error = holm_error(false_deny=deny, tests=max(tests, 1), rejected=rejected)
        judged = {
            rule.id: judge_estimate(rule, limits[rule.id], measures[rule.id], allow, error)
            for rule in rules
        }
        failures = sum(item.verdict is Verdict.FAIL for item in judged.values())
        # Bounds narrow as their error grows, so failures only ever join. Should a check's not, as
        # where bounds are drawn anew, what failed at the smaller error stands, and rounds end.
        if failures < rejected:
            return held
        if failures in {rejected, tests}:
            return judged, error
        rejected, held = failures, (judged, error)


def _excused(judgement: Judgement, waiver: Waiver | None) -> Judgement:
    """A requirement that is not met, under a waiver; what is met or not asked needs none."""
    if waiver is None or judgement.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
        return judgement
    return replace(judgement, verdict=Verdict.WAIVED, underlying=judgement.verdict, waiver=waiver)


def _treated(judgement: Judgement, tier: Tier, allow: float, error: float) -> Judgement:
    """Add what the verdict does at this tier and, for `insufficient`, what would settle it."""
    match judgement.verdict:
        case Verdict.PASS | Verdict.NOT_APPLICABLE | Verdict.WAIVED:
            effect = Outcome.ALLOW
        case Verdict.FAIL | Verdict.ERROR:
            effect = Outcome.DENY
        case Verdict.MISSING:
            effect = Outcome.HOLD
        case Verdict.INSUFFICIENT:
            effect = judgement.requirement.insufficient_at(tier)
    return replace(judgement, effect=effect, units_lacking=_lacking(judgement, allow, error))


def _lacking(judgement: Judgement, allow: float, error: float) -> int | None:
    bar, measurement = judgement.requirement.bar, judgement.measurement
    if judgement.verdict is not Verdict.INSUFFICIENT or bar is None:
        return None
    if isinstance(measurement, Undefined):
        return sum(units for _, units in measurement.units_lacking) or None
    if not isinstance(measurement, Estimate) or judgement.threshold is None:
        return None
    if isinstance(judgement.threshold, Range):
        return _lacking_between(measurement, judgement.threshold, allow, error / 2)
    return units_lacking(
        measurement,
        threshold=float(judgement.threshold),
        direction="at_most" if bar.direction is Direction.AT_MOST else "at_least",
        false_allow=allow,
        holm_error=error,
    )


def _lacking_between(estimate: Estimate, limits: Range, allow: float, error: float) -> int | None:
    """What the harder of two limits lacks."""
    sides: tuple[tuple[Decimal, Side], ...] = (
        (limits.low, "at_least"),
        (limits.high, "at_most"),
    )
    lacking = [
        units_lacking(
            estimate,
            threshold=float(limit),
            direction=side,
            false_allow=allow,
            holm_error=error,
        )
        for limit, side in sides
    ]
    known = [units for units in lacking if units is not None]
    return max(known) if len(known) == len(lacking) else None
