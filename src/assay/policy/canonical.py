"""A policy's canonical form: one spelling for what it means, whatever the text looked like.

Every default is written out and every tier spelled, so that two texts with the same meaning
have the same digest, and no change of a default goes unnoticed. What the language learned
later is written only where it is used, so that a policy of old keeps its digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from assay.evidence.canonical import Json, canonical, digest
from assay.evidence.instants import instant_text
from assay.evidence.roles import decimal_text
from assay.policy.periods import period_text
from assay.policy.policy import Bar, Limit, Parameter, Policy, Range, Requirement, WaiverRules
from assay.policy.tiers import Tier, at_tier

SCHEMA: Final = "assay.policy/1"
TIERS: Final = (Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)
"""The tiers that a policy speaks of; what is prohibited never ships, whatever it says."""


def canonical_policy(policy: Policy) -> dict[str, Json]:
    """The canonical form: canonical JSON with numbers that may have a fraction as text.

    Requirements are sorted by id. `policy.digest` and the places in the text are not in it.
    """
    form: dict[str, Json] = {
        "schema": SCHEMA,
        "policy": policy.name,
        "version": policy.version,
        "mode": policy.mode.value,
        "errors": {
            "false_allow": decimal_text(policy.errors.false_allow),
            "false_deny": decimal_text(policy.errors.false_deny),
            **({} if policy.errors.uses == 1 else {"uses": policy.errors.uses}),
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
    if policy.max_age:
        form["max_age"] = _ages(policy.max_age)
    if policy.waivers != WaiverRules():
        form["waivers"] = _waivers(policy.waivers)
    return form


def policy_bytes(policy: Policy) -> bytes:
    """The canonical form's RFC 8785 bytes, which the digest is of."""
    return canonical(canonical_policy(policy))


def policy_digest(policy: Policy) -> str:
    """SHA-256 (hex) of the canonical form."""
    return digest(policy_bytes(policy))


def _waivers(rules: WaiverRules) -> dict[str, Json]:
    """What is allowed of waivers, at every tier that has them."""
    longest = {tier: at_tier(rules.longest, tier) for tier in TIERS}
    granted_by = {tier: at_tier(rules.granted_by, tier) for tier in TIERS}
    return {
        "longest": {str(tier): period_text(item) for tier, item in longest.items() if item},
        "granted_by": {str(tier): item for tier, item in granted_by.items() if item},
        "renewals": rules.renewals,
    }


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
    return form | _scope(rule)


def _scope(rule: Requirement) -> dict[str, Json]:
    """When, to whom and for what a requirement applies: each only where the policy says it."""
    found: dict[str, Json] = {}
    if rule.required_from is not Tier.LOW:
        found["required_from"] = str(rule.required_from)
    texts = {"when": rule.when, "laxer_because": rule.laxer_because, "basis": rule.basis}
    found |= {name: str(text) for name, text in texts.items() if text is not None}
    instants = {"effective_from": rule.effective_from, "until": rule.until}
    found |= {name: instant_text(item) for name, item in instants.items() if item is not None}
    if rule.max_age:
        found["max_age"] = _ages(rule.max_age)
    if rule.satisfies:
        found["satisfies"] = sorted(rule.satisfies)
    return found


def _ages(ages: Mapping[Tier, timedelta]) -> dict[str, Json]:
    """The age at every tier that has one."""
    allowed = {tier: at_tier(ages, tier) for tier in TIERS}
    return {str(tier): period_text(age) for tier, age in allowed.items() if age is not None}


def _bar(bar: Bar) -> dict[str, Json]:
    """The bar at every tier that has one."""
    limits = {tier: at_tier(bar.by_tier, tier) for tier in TIERS}
    return {str(tier): limit_form(limit) for tier, limit in limits.items() if limit is not None}


def limit_form(limit: Limit) -> Json:
    """A limit as canonical forms write it: a decimal as text, or both ends of a range."""
    if isinstance(limit, Range):
        return {"low": decimal_text(limit.low), "high": decimal_text(limit.high)}
    return decimal_text(limit)


def _parameter(value: Parameter) -> Json:
    if isinstance(value, Decimal):
        return decimal_text(value)
    return list(value) if isinstance(value, tuple) else value
