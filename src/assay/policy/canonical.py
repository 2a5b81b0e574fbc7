"""A policy's canonical form: one spelling for what it means, whatever the text looked like.

Every default is written out and every tier spelled, so that two texts with the same meaning
have the same digest, and no change of a default goes unnoticed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from assay.evidence.canonical import Json, canonical, digest
from assay.evidence.roles import decimal_text
from assay.policy.policy import Bar, Parameter, Policy, Requirement
from assay.policy.tiers import Tier, at_tier

SCHEMA: Final = "assay.policy/1"
TIERS: Final = (Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)
"""The tiers that a policy speaks of; what is prohibited never ships, whatever it says."""


def canonical_policy(policy: Policy) -> dict[str, Json]:
    """The canonical form: canonical JSON with numbers that may have a fraction as text.

    Requirements are sorted by id. `policy.digest` and the places in the text are not in it.
    """
    return {
        "schema": SCHEMA,
        "policy": policy.name,
        "version": policy.version,
        "mode": policy.mode.value,
        "errors": {
            "false_allow": decimal_text(policy.errors.false_allow),
            "false_deny": decimal_text(policy.errors.false_deny),
        },
        "max_excluded": decimal_text(policy.max_excluded),
        "requirements": {rule.id: _requirement(rule) for rule in policy.requirements},
        "approvals": {
            str(tier): [
                {"role": approver.role} for approver in at_tier(policy.approvals, tier) or ()
            ]
            for tier in TIERS
        },
    }


def policy_bytes(policy: Policy) -> bytes:
    """The canonical form's RFC 8785 bytes, which the digest is of."""
    return canonical(canonical_policy(policy))


def policy_digest(policy: Policy) -> str:
    """SHA-256 (hex) of the canonical form."""
    return digest(policy_bytes(policy))


def _requirement(rule: Requirement) -> dict[str, Json]:
    form: dict[str, Json] = {
        "check": rule.check,
        # A check gives each parameter one type, so text and decimals cannot be mistaken.
        "with": {name: _parameter(value) for name, value in rule.parameters.items()},
        "insufficient": {str(tier): rule.insufficient_at(tier).value for tier in TIERS},
        "owner": rule.owner,
        "rationale": rule.rationale,
    }
    if rule.bar is not None:
        form[rule.bar.direction.value] = _bar(rule.bar)
    return form


def _bar(bar: Bar) -> dict[str, Json]:
    """The bar at every tier that has one."""
    thresholds = {tier: at_tier(bar.by_tier, tier) for tier in TIERS}
    return {
        str(tier): decimal_text(threshold)
        for tier, threshold in thresholds.items()
        if threshold is not None
    }


def _parameter(value: Parameter) -> Json:
    if isinstance(value, Decimal):
        return decimal_text(value)
    return list(value) if isinstance(value, tuple) else value
