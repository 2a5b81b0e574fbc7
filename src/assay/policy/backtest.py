"""Backtest: what a candidate policy would have said of a version, beside what was said.

Where only bars moved, the bounds that decided then decide again, without the tallies. That is
sound only where they are at the errors that Holm's procedure would come to now: `settled_by`
says when it is, and elsewhere the figures are derived from the tallies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from assay.evidence.measurement import Fact, Measurement
from assay.policy.gate import Judgement, Verdict
from assay.policy.intervals import Interval, interval_of
from assay.policy.policy import (
    Direction,
    Limit,
    Outcome,
    Range,
    Requirement,
    RequirementId,
    stricter,
)
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors, Estimate, Undefined

LACKING: Final = frozenset({Verdict.MISSING, Verdict.INSUFFICIENT})
UNMET: Final = frozenset({Verdict.FAIL, Verdict.ERROR})

DRAWN: Final = "BCa"
"""In a method's name: its bounds come from draws, whose number depends on the error, so they need
not move in step with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastJudgement:
    """What was said of one requirement.

    Attributes:
        failed: whether it failed, be it excused or not.
        measurement: with the bounds that decided; None where nothing was measured.
        interval: what its bar allowed; None without a bar at the tier.
    """

    verdict: Verdict
    effect: Outcome
    failed: bool
    measurement: Measurement | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """What was said of a version.

    Attributes:
        tests: statistical requirements that applied then, Holm's `m`.
        rejected: how many of them Holm's procedure had rejected before its last round.
        revisions: of each check that measured, the revision, where that is recorded.
    """

    tier: Tier
    tests: int
    rejected: int
    judgements: Mapping[RequirementId, PastJudgement]
    revisions: Mapping[str, int]

    @property
    def outcome(self) -> Outcome:
        """What the evidence alone came to."""
        effects = (item.effect for item in self.judgements.values())
        verdicts = (item.verdict for item in self.judgements.values())
        return evidence_outcome(effects, verdicts, tier=self.tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A requirement of which something else is said than before; None where it was not there."""

    requirement: RequirementId
    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtested:
    """What a candidate policy says of one version.

    Attributes:
        before: what the evidence came to by the policy that last judged it; None where none did.
        after: what it comes to by the candidate; None where that cannot be told.
        changes: the requirements of which something else is said.
        recomputed: whether the figures were derived from the tallies.
        problem: why it cannot be told; "" where it can.
    """

    system: str
    version: str
    digest: str
    tier: Tier
    before: Outcome | None
    after: Outcome | None
    changes: tuple[Change, ...] = ()
    recomputed: bool = False
    problem: str = ""


def evidence_outcome(
    effects: Iterable[Outcome], verdicts: Iterable[Verdict], *, tier: Tier
) -> Outcome:
    """What the evidence alone comes to: people's approvals and objections are left aside."""
    if tier is Tier.PROHIBITED:
        return Outcome.DENY
    outcome = reduce(stricter, effects, Outcome.ALLOW)
    applies = any(verdict is not Verdict.NOT_APPLICABLE for verdict in verdicts)
    return stricter(outcome, Outcome.ALLOW if applies else Outcome.HOLD)


def changes(past: PastDecision | None, judgements: Sequence[Judgement]) -> tuple[Change, ...]:
    """The requirements of which something else is said, those that are gone last."""
    known = past.judgements if past else {}
    now = {item.requirement.id: item.verdict for item in judgements}
    found = [
        Change(requirement=name, before=known[name].verdict if name in known else None, after=said)
        for name, said in now.items()
    ]
    found += [
        Change(requirement=name, before=item.verdict, after=None)
        for name, item in known.items()
        if name not in now
    ]
    return tuple(item for item in found if item.before is not item.after)


def usable(rule: Requirement, past: PastJudgement, *, allow: float, deny: float) -> bool:
    """Whether a recorded measurement can stand for a new one, at the errors of that round.

    Args:
        rule: the requirement now, with the same check and parameters as then.
        past: what was said of it.
        allow: the policy's `false_allow`, then and now.
        deny: the Holm error of the recorded round.
    """
    measurement = past.measurement
    if isinstance(measurement, Fact):
        return True
    if not isinstance(measurement, Estimate | Undefined) or rule.bar is None:
        return False
    if isinstance(measurement, Undefined):
        return True
    direction = rule.bar.direction
    if direction is Direction.BETWEEN:
        return False  # its two sides were asked for at errors of their own
    low, high = (deny, allow) if direction is Direction.AT_MOST else (allow, deny)
    return _same(measurement.low_error, low) and _same(measurement.high_error, high)


def serves(rule: Requirement, past: PastJudgement, limit: Limit | None, *, errors: Errors) -> bool:
    """Whether a recorded measurement gives the verdict that a new one would, at these errors.

    It does where it is at just these errors; and where it clears the bar on the side that shows
    a pass, whose error is the same: then the other side, which may be at another, is not asked.

    Args:
        rule: the requirement now, with the same check and parameters as then.
        past: what was said of it.
        limit: its bar now, at the tier.
        errors: at which bounds are asked for.
    """
    found = past.measurement
    if isinstance(found, Fact):
        return True
    if not isinstance(found, Estimate) or rule.bar is None or isinstance(limit, Range | None):
        return False
    low, high = _same(found.low_error, errors.low), _same(found.high_error, errors.high)
    if low and high:
        return True
    if DRAWN in found.method:
        return False
    if rule.bar.direction is Direction.AT_MOST:
        return high and found.high <= float(limit)
    return low and found.low >= float(limit)


def settled_by(past: PastDecision, judgements: Sequence[Judgement], *, tests: int) -> bool:
    """Whether verdicts that came of recorded bounds are those that new bounds would give.

    Holm's procedure raises its error round by round until the number of failures stays. The
    recorded bounds are of its last round then. They are of its last round now too if

    - it then ended in its first round, and now none fail or all do, so that it ends there again;
    - it then ended in its first round, and now whatever does not fail passes: a later round
      changes neither, since a figure shown to be within its bar is at no error shown beyond it;
    - nothing fails at the recorded error: then nothing fails at a smaller one;
    - the same requirements fail as then, by bars no laxer: round by round they failed then at
      the same errors, so they do now, and nothing else does at a smaller error.

    All but the first hold of bounds that widen as the error shrinks, which drawn ones need not.

    Args:
        past: what was recorded.
        judgements: what a candidate says by the recorded bounds.
        tests: the candidate's number of statistical requirements that apply.
    """
    if tests != past.tests:
        return False
    judged = [item for item in judgements if isinstance(item.measurement, Estimate | Undefined)]
    failed = {item.requirement.id for item in judged if _fails(item)}
    if past.rejected == 0 and len(failed) in {0, tests}:
        return True
    if any(_unsteady(item.measurement) for item in judged):
        return False
    passed = all(item.verdict is Verdict.PASS or _fails(item) for item in judged)
    if not failed or (past.rejected == 0 and passed):
        return True
    then = {
        name
        for name, item in past.judgements.items()
        if item.failed and isinstance(item.measurement, Estimate)
    }
    return failed == then and all(
        _no_laxer(item, past) for item in judged if item.requirement.id in failed
    )


def _fails(item: Judgement) -> bool:
    return Verdict.FAIL in {item.verdict, item.underlying}


def _unsteady(measurement: Measurement | None) -> bool:
    return isinstance(measurement, Undefined) or (
        isinstance(measurement, Estimate) and DRAWN in measurement.method
    )


def _no_laxer(item: Judgement, past: PastDecision) -> bool:
    then = past.judgements[item.requirement.id].interval
    bar = item.requirement.bar
    if then is None or bar is None or item.threshold is None:
        return False
    return interval_of(bar.direction, item.threshold).within(then)


def _same(recorded: float, wanted: float) -> bool:
    """Recorded errors have twelve digits."""
    return f"{recorded:.12g}" == f"{wanted:.12g}"
