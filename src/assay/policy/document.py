"""Judgements and decisions as canonical JSON: what a statement carries and approvals bind to.

Numbers are decimal strings of 12 significant digits, so the document has one spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assay.evidence.canonical import Json
from assay.evidence.instants import instant_text
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.policy.gate import Decision
from assay.policy.judging import Judgement, Verdict
from assay.policy.policy import Limit, Range
from assay.policy.waivers import Waiver
from assay.stats.estimate import Binding, Estimate, Undefined


def decision_document(decision: Decision) -> dict[str, Json]:
    """A decision with every judgement, without its time, approvals' times or names."""
    document: dict[str, Json] = {
        "outcome": decision.outcome.value,
        "mode": decision.mode.value,
        "tier": str(decision.tier),
        "demonstrated": decision.demonstrated,
        "basis": decision.basis,
        "tests": decision.tests,
        "holm_error": number(decision.holm_error),
        "requirements": judgements_document(decision.judgements),
        "approvals": [{"person": item.person, "role": item.role} for item in decision.approvals],
        "awaiting": [item.role for item in decision.awaiting],
    }
    if decision.objections:
        document["objections"] = [
            {"kind": item.kind.value, "reference": item.reference, "person": item.person}
            for item in decision.objections
        ]
    return document


def judgements_document(judgements: Sequence[Judgement]) -> list[Json]:
    """Judgements in the policy's order."""
    return [_judgement(judgement) for judgement in judgements]


def measurement_document(measurement: Measurement) -> dict[str, Json]:
    """A measurement, without its per-group readings (those follow from the tallies)."""
    match measurement:
        case Estimate():
            return _estimate(measurement)
        case Undefined(reason=reason, units_lacking=lacking):
            return {
                "undefined": reason,
                "units_lacking": [[group, units] for group, units in lacking],
            }
        case Fact(value=value, detail=detail):
            fact = value if isinstance(value, bool | int) else str(value)
            return {"fact": fact, "detail": detail}
        case NotApplicable(reason=reason):
            return {"not_applicable": reason}
        case NotCollected(reason=reason):
            return {"missing": reason}
        case CheckFailed(reason=reason):
            return {"error": reason}


def number(value: float) -> str:
    """A float as a decimal string of 12 significant digits ("inf" where unbounded)."""
    return f"{value:.12g}"


def _judgement(judgement: Judgement) -> dict[str, Json]:
    rule = judgement.requirement
    document: dict[str, Json] = {
        "id": rule.id,
        "check": rule.check,
        "verdict": judgement.verdict.value,
        "effect": judgement.effect.value,
    }
    if rule.bar is not None and judgement.threshold is not None:
        document[rule.bar.direction.value] = _limit(judgement.threshold)
    if judgement.units_lacking is not None:
        document["units_lacking"] = judgement.units_lacking
    if judgement.measurement is not None:
        document["measurement"] = measurement_document(judgement.measurement)
    if judgement.reason:
        document["reason"] = judgement.reason
    if judgement.waiver is not None and judgement.underlying is not None:
        document["waived"] = _waived(judgement.underlying, judgement.waiver)
    return document


def _limit(limit: Limit) -> Json:
    """A limit as the policy wrote it."""
    if isinstance(limit, Range):
        return {"low": str(limit.low), "high": str(limit.high)}
    return str(limit)


def _waived(underlying: Verdict, waiver: Waiver) -> dict[str, Json]:
    """The verdict that a waiver excuses, and the waiver; nothing that its holder wrote freely."""
    return {
        "verdict": underlying.value,
        "waiver": waiver.id,
        "granted_by": waiver.granted_by,
        "role": waiver.role,
        "until": instant_text(waiver.expires_at),
    }


def _estimate(estimate: Estimate) -> dict[str, Json]:
    document: dict[str, Json] = {
        "value": number(estimate.value),
        "low": number(estimate.low),
        "high": number(estimate.high),
        "low_error": number(estimate.low_error),
        "high_error": number(estimate.high_error),
        "n": number(estimate.n),
        "method": estimate.method,
    }
    bindings: Mapping[str, Binding | None] = {
        "low_from": estimate.low_binding,
        "high_from": estimate.high_binding,
    }
    document.update({name: list(binding.groups) for name, binding in bindings.items() if binding})
    return document
