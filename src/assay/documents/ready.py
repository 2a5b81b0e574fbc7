"""Ready policies as YAML texts: the policy, which loads, and what it leaves to people."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from assay.evidence.roles import decimal_text
from assay.policy.controls import Basis, Control
from assay.policy.policy import Parameter
from assay.policy.provisions import Library
from assay.policy.ready import (
    Attestation,
    ReadyPlans,
    ReadyPolicy,
    ReadyRequirement,
    attestations_of,
    controls_of,
    requirements_of,
)

SCHEMA: Final = "assay.ready/1"
WIDTH: Final = 96

BASES: Final[Mapping[Basis, str]] = {
    Basis.R: "From regulatory or supervisory text",
    Basis.S: "From statistics",
    Basis.P: "From published convention",
    Basis.D: "Default limit of ours: calibrate it on your own data before it blocks",
}
"""How a rationale says where its limit comes from; a default says so first."""


def ready_files(
    plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> dict[str, str]:
    """Every ready policy and its list of attestations, by the file's name."""
    return {
        name: text
        for policy in plans.policies.values()
        for name, text in (
            (policy_file(policy.name), ready_policy_text(policy, plans, controls, library)),
            (attestations_file(policy.name), attestations_text(policy, plans, controls, library)),
        )
    }


def render_ready_list(plans: ReadyPlans, controls: Mapping[str, Control], library: Library) -> str:
    """A line for each ready policy: its name, what it asks of checks and of people, its title."""
    rows = [
        (policy.name, f"{len(rules)} checked, {len(attested)} attested", policy.title)
        for policy, rules, attested in _all(plans, controls, library)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "".join(
        f"{name.ljust(widths[0])}  {asks.ljust(widths[1])}  {title}\n" for name, asks, title in rows
    )


def ready_list_json(plans: ReadyPlans, controls: Mapping[str, Control], library: Library) -> str:
    """Every ready policy with its requirements and attestations, schema `assay.ready/1`."""
    listed: list[dict[str, Any]] = [
        {
            "name": policy.name,
            "title": policy.title,
            "text": policy.text,
            "version": policy.version,
            "requirements": [
                {"id": rule.id, "control": rule.control.id, "check": rule.mapping.check}
                for rule in rules
            ],
            "attestations": [
                {"id": item.id, "source": item.source, "owner": item.owner} for item in attested
            ],
        }
        for policy, rules, attested in _all(plans, controls, library)
    ]
    document = {"schema": SCHEMA, "as_of": plans.as_of, "policies": listed}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def policy_file(name: str) -> str:
    """The file of a ready policy, below the folder of all."""
    return f"{name}.yaml"


def attestations_file(name: str) -> str:
    """The file of what a ready policy leaves to people, beside the policy's own."""
    return f"{name}.attestations.yaml"


def ready_policy_text(
    policy: ReadyPolicy, plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> str:
    """A policy that loads, with comments that say what it is and what it leaves to people."""
    rules = requirements_of(policy, plans, controls)
    attested = attestations_of(policy, plans, controls, library)
    kept = [item for item in controls_of(policy, controls) if item.id in plans.kept]
    lines = [
        *_comment(f"{policy.title}. {policy.text}"),
        "#",
        *_comment(
            f"Made from Assay's controls of {plans.as_of}: a start to be read and changed, and no "
            "legal advice. Where a rationale says so, a limit is a default of ours."
        ),
        "#",
        *_comment(
            f"{len(attested)} things are not shown by a check yet, or not in full. They are for "
            f"people to attest, each with an owner and an end: assay policy ready {policy.name}"
        ),
        *(
            line
            for control in kept
            for line in _comment(f"{control.title} ({control.id}): {plans.kept[control.id]}")
        ),
        f"policy: {policy.id}",
        f"version: {policy.version}",
        "errors: {false_allow: 0.05, false_deny: 0.05}",
        "",
        "requirements:",
        *(line for rule in rules for line in (*_requirement(rule), "")),
        "approvals:                    # each another person, none of them the author",
        *(f"  {tier}: {_roles(roles)}" for tier, roles in plans.approvals.items()),
    ]
    return "\n".join(lines) + "\n"


def attestations_text(
    policy: ReadyPolicy, plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> str:
    """What the ready policy leaves to people, as YAML: who confirms what, for how long."""
    attested = attestations_of(policy, plans, controls, library)
    lines = [
        *_comment(
            f"What the ready policy {policy.name} asks for and no check shows yet, or not in full. "
            "Each is to be attested by its owner, and anew when that expires. The gate does not "
            "read this list yet: until it does, it is for approvers to go through."
        ),
        f"attestations: {policy.id}",
        f"version: {policy.version}",
        "",
        "items:",
        *(line for item in attested for line in _attestation(item)),
    ]
    return "\n".join(lines) + "\n"


def _all(
    plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> Iterator[tuple[ReadyPolicy, list[ReadyRequirement], list[Attestation]]]:
    for policy in plans.policies.values():
        yield (
            policy,
            requirements_of(policy, plans, controls),
            attestations_of(policy, plans, controls, library),
        )


def _requirement(rule: ReadyRequirement) -> Iterator[str]:
    condition = rule.control.circumstance()
    if condition != "always":
        yield from (f"  {line}" for line in _comment(f"Only if {condition}; else delete it."))
    yield f"  {rule.id}:"
    yield f"    check: {rule.mapping.check}"
    if rule.mapping.parameters:
        yield f"    with: {_flow(_parameters(rule.mapping.parameters))}"
    if rule.mapping.bar is not None:
        bar = _flow((str(tier), decimal_text(value)) for tier, value in rule.bar.items())
        yield f"    {rule.mapping.bar.direction.value}: {bar}"
    yield f"    owner: {rule.control.owner}"
    yield "    rationale: >-"
    yield from _folded(_rationale(rule), indent=6)


def _rationale(rule: ReadyRequirement) -> str:
    control, part = rule.control, rule.mapping.part
    said = [
        f"{control.title} ({control.id}).",
        f"{BASES[control.basis]}. {control.rationale}.",
        *([f"The check shows a part. {part}"] if part else []),
        *([rule.mapping.note] if rule.mapping.note else []),
        f"Serves {', '.join(rule.serves)}.",
    ]
    return " ".join(said)


def _attestation(item: Attestation) -> Iterator[str]:
    yield f"  {item.id}:"
    yield "    asks: >-"
    yield from _folded(item.asks, indent=6)
    if item.condition != "always":
        yield f"    only_if: {item.condition}"
    if item.limits:
        limits = ((str(tier), f'"{limit}"') for tier, limit in item.limits.items())
        yield f"    limits: {_flow(limits)}"
    yield f"    owner: {item.owner}"
    days = ((str(tier), str(count)) for tier, count in item.expires_after_days.items())
    yield f"    expires_after_days: {_flow(days)}"
    yield f"    evidence: [{', '.join(item.evidence)}]"
    yield "    serves:"
    yield from (f'    - "{reference}"' for reference in item.serves)
    yield f'    source: "{item.source}"'


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        width=WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _folded(text: str, *, indent: int) -> list[str]:
    """The lines of a folded scalar, which reads as the text in one line."""
    return textwrap.wrap(
        text,
        width=WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _flow(items: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in items) + "}"


def _parameters(parameters: Mapping[str, Parameter]) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        if isinstance(value, tuple):
            yield name, f"[{', '.join(value)}]"
        elif isinstance(value, bool):
            yield name, str(value).lower()
        else:
            yield name, decimal_text(value) if isinstance(value, Decimal) else str(value)


def _roles(roles: Iterable[str]) -> str:
    return f"[{', '.join(f'{{role: {role}}}' for role in roles)}]"
