"""What a decision's statement says, as values: verdicts, bounds and bars of every requirement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from assay.errors import VerificationFailed
from assay.evidence.canonical import Json
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.policy.backtest import PastDecision, PastJudgement
from assay.policy.document import number
from assay.policy.gate import Verdict
from assay.policy.intervals import Interval, interval_of
from assay.policy.policy import Direction, Limit, Outcome, Range, RequirementId
from assay.policy.tiers import Tier
from assay.stats.estimate import Estimate, Undefined
from assay.stats.holm import holm_error

TESTS_MAX: Final = 100_000
"""Requirements of one policy; a statement that tells of more is none of ours."""


class MalformedDecision(VerificationFailed):
    """A decision's statement is not in the form that is known here."""

    code = "decision.malformed"


def parse_past_decision(details: Mapping[str, Json], *, false_deny: float) -> PastDecision:
    """What a decision's details (`assay.decision/1`) say.

    Args:
        details: the statement's own words, in full.
        false_deny: of the policy that was judged by.

    Raises:
        MalformedDecision: they are not in the known form.
    """
    try:
        return _decision(cast(Mapping[str, Any], details), false_deny)
    except (
        AttributeError,
        InvalidOperation,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise MalformedDecision(f"A decision's statement is unreadable: {error}") from error


def measurement_of(document: Mapping[str, Any]) -> Measurement:
    """The measurement that a document spells, without what documents leave out.

    Raises:
        KeyError, TypeError, ValueError, InvalidOperation: it spells none.
    """
    if "value" in document:
        return Estimate(
            value=float(document["value"]),
            low=float(document["low"]),
            high=float(document["high"]),
            low_error=float(document["low_error"]),
            high_error=float(document["high_error"]),
            n=float(document["n"]),
            method=str(document["method"]),
        )
    if "fact" in document:
        fact = document["fact"]
        value = Decimal(fact) if isinstance(fact, str) else fact
        if not isinstance(value, bool | int | Decimal):
            raise TypeError("a fact is neither a truth nor a number.")
        return Fact(value=value, detail=str(document["detail"]))
    for name, kind in _REASONS.items():
        if name in document:
            return kind(str(document[name]))
    raise ValueError("a measurement is of an unknown kind.")


_REASONS: Final[Mapping[str, Callable[[str], Measurement]]] = {
    "undefined": lambda reason: Undefined(reason=reason),
    "not_applicable": lambda reason: NotApplicable(reason=reason),
    "missing": lambda reason: NotCollected(reason=reason),
    "error": lambda reason: CheckFailed(reason=reason),
}


def _decision(details: Mapping[str, Any], false_deny: float) -> PastDecision:
    tests = details["tests"]
    if type(tests) is not int or not 0 <= tests <= TESTS_MAX:
        raise ValueError("it counts no number of tests.")
    return PastDecision(
        tier=Tier[str(details["tier"]).upper()],
        tests=tests,
        rejected=_rejected(details["holm_error"], tests=max(tests, 1), false_deny=false_deny),
        judgements={
            RequirementId(str(item["id"])): _judgement(item) for item in details["requirements"]
        },
        revisions={
            str(name): found["revision"]
            for name, found in details.get("checks", {}).items()
            if type(found.get("revision")) is int
        },
    )


def _rejected(error: object, *, tests: int, false_deny: float) -> int:
    """How many failures had come before the round of a recorded Holm error."""
    for rejected in range(tests):
        known = holm_error(false_deny=false_deny, tests=tests, rejected=rejected)
        if number(known) == error:
            return rejected
    raise ValueError("its Holm error is not one of its policy's.")


def _judgement(item: Mapping[str, Any]) -> PastJudgement:
    verdict = Verdict(item["verdict"])
    underlying = Verdict(item["waived"]["verdict"]) if "waived" in item else verdict
    return PastJudgement(
        verdict=verdict,
        effect=Outcome(item["effect"]),
        failed=underlying is Verdict.FAIL,
        measurement=measurement_of(item["measurement"]) if "measurement" in item else None,
        interval=_interval(item),
    )


def _interval(item: Mapping[str, Any]) -> Interval | None:
    for direction in Direction:
        if direction in item:
            return interval_of(direction, _limit(item[direction]))
    return None


def _limit(form: Any) -> Limit:
    if isinstance(form, Mapping):
        return Range(Decimal(form["low"]), Decimal(form["high"]))
    return Decimal(form)
