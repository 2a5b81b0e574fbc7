"""Ready policies as YAML texts, which load: what checks show, and what people attest."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from assay.evidence.roles import decimal_text
from assay.policy.conditions import QuestionId, expression_of
from assay.policy.controls import Basis, Control
from assay.policy.policy import LimitBasis, Parameter
from assay.policy.provisions import Library
from assay.policy.ready import (
    Asked,
    Attestation,
    ReadyPlans,
    ReadyPolicy,
    ReadyRequirement,
    attestations_of,
    controls_of,
    requirements_of,
)
from assay.policy.tiers import Tier

SCHEMA: Final = "assay.ready/2"
WIDTH: Final = 96

BASES: Final[Mapping[Basis, str]] = {
    Basis.R: "From regulatory or supervisory text",
    Basis.S: "From statistics",
    Basis.P: "From published convention",
    Basis.D: "Default limit of ours: calibrate it on your own data before it blocks",
}
"""How a rationale says where its limit comes from; a default says so first."""


LIMIT_BASES: Final[Mapping[Basis, LimitBasis]] = {
    Basis.R: LimitBasis.LAW,
    Basis.S: LimitBasis.STATISTICS,
    Basis.P: LimitBasis.CONVENTION,
    Basis.D: LimitBasis.DEFAULT,
}


def ready_files(
    plans: ReadyPlans,
    controls: Mapping[str, Control],
    library: Library,
    *,
    several: Container[QuestionId],
) -> dict[str, str]:
    """Every ready policy's text, by the file's name.

    Args:
        plans: the policies.
        controls: by id.
        library: the provisions that they serve.
        several: the intake's questions that allow several answers.
    """
    return {
        policy_file(policy.name): ready_policy_text(
            policy, plans, controls, library, several=several
        )
        for policy in plans.policies.values()
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
    """Every ready policy with its requirements and attestations, schema `assay.ready/2`."""
    listed: list[dict[str, Any]] = [
        {
            "name": policy.name,
            "title": policy.title,
            "text": policy.text,
            "version": policy.version,
            "requirements": [
                {**_asked(rule), "control": rule.control.id, "check": rule.mapping.check}
                for rule in rules
            ],
            "attestations": [
                {**_asked(item), "source": item.source, "by": item.role} for item in attested
            ],
        }
        for policy, rules, attested in _all(plans, controls, library)
    ]
    document = {"schema": SCHEMA, "as_of": plans.as_of, "policies": listed}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_attested(
    policy: ReadyPolicy, plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> str:
    """What a ready policy leaves to people, by the role in which each is confirmed."""
    attested = attestations_of(policy, plans, controls, library)
    lines = [f"{policy.name} asks people for {len(attested)} confirmations, each with an end:"]
    for role in sorted({item.role for item in attested}):
        lines += ["", role]
        for item in attested:
            if item.role == role:
                lines += [f"  {item.id}  {_ends(item)}", *_folded(item.asks, indent=4)]
    return "\n".join(lines) + "\n"


def policy_file(name: str) -> str:
    """The file of a ready policy, below the folder of all."""
    return f"{name}.yaml"


def ready_policy_text(
    policy: ReadyPolicy,
    plans: ReadyPlans,
    controls: Mapping[str, Control],
    library: Library,
    *,
    several: Container[QuestionId],
) -> str:
    """A policy that loads, with comments that say what it is and what it leaves to people."""
    rules = requirements_of(policy, plans, controls, library)
    attested = attestations_of(policy, plans, controls, library)
    kept = [item for item in controls_of(policy, controls) if item.id in plans.kept]
    lines = [
        *_comment(f"{policy.title}. {policy.text}"),
        "#",
        *_comment(
            f"Made from Assay's controls of {plans.as_of}: a start, and no legal advice. Where a "
            "rationale says so, a limit is a default of ours. Build on it by name, `extends: "
            f"[{policy.name}]`, and tighten what you must; or copy it and make it yours."
        ),
        "#",
        *_comment(
            f"{len(rules)} requirements are shown by checks. {len(attested)} are for people to "
            "attest, since no check shows them yet, or not in full: each has an owner and an end, "
            "and until it is given the release is on hold."
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
        *(line for rule in rules for line in (*_requirement(rule, several), "")),
        *(line for item in attested for line in (*_attestation(item, several), "")),
        "approvals:                    # each another person, none of them the author",
        *(f"  {tier}: {_roles(roles)}" for tier, roles in plans.approvals.items()),
    ]
    return "\n".join(lines) + "\n"


def _all(
    plans: ReadyPlans, controls: Mapping[str, Control], library: Library
) -> Iterator[tuple[ReadyPolicy, list[ReadyRequirement], list[Attestation]]]:
    for policy in plans.policies.values():
        yield (
            policy,
            requirements_of(policy, plans, controls, library),
            attestations_of(policy, plans, controls, library),
        )


def _asked(item: Asked) -> dict[str, Any]:
    day = item.effective_from
    return {
        "id": item.id,
        "owner": item.owner,
        "satisfies": list(item.serves),
        "effective_from": day.isoformat() if day else None,
    }


def _requirement(rule: ReadyRequirement, several: Container[QuestionId]) -> Iterator[str]:
    yield f"  {rule.id}:"
    yield f"    check: {rule.mapping.check}"
    if rule.mapping.parameters:
        yield f"    with: {_flow(_parameters(rule.mapping.parameters))}"
    if rule.mapping.bar is not None:
        bar = _flow((str(tier), decimal_text(value)) for tier, value in rule.bar.items())
        yield f"    {rule.mapping.bar.direction.value}: {bar}"
    yield from _common(rule, several)
    if rule.mapping.bar is not None:
        yield f"    basis: {LIMIT_BASES[rule.control.basis].value}"
    yield "    rationale: >-"
    yield from _folded(_rationale(rule), indent=6)


def _rationale(rule: ReadyRequirement) -> str:
    control, part = rule.control, rule.mapping.part
    said = [
        f"{control.title} ({control.id}).",
        f"{BASES[control.basis]}. {control.rationale}.",
        *([f"The check shows a part. {part}"] if part else []),
        *([rule.mapping.note] if rule.mapping.note else []),
        *([f"It is for systems of which this holds: {rule.untold}."] if rule.untold else []),
    ]
    return " ".join(said)


def _attestation(item: Attestation, several: Container[QuestionId]) -> Iterator[str]:
    yield f"  {item.id}:"
    yield "    attest: >-"
    where = f"Where {item.untold}, and else that it is not so: " if item.untold else ""
    yield from _folded(f"{where}{item.asks}", indent=6)
    yield f"    by: {item.role}"
    first = min(item.expires_after_days)
    if first > Tier.LOW:
        yield f"    requires: {{{first}: true}}"
    days = ((str(tier), f"{count}d") for tier, count in item.expires_after_days.items())
    yield f"    max_age: {_flow(days)}"
    yield from _common(item, several)
    yield "    rationale: >-"
    yield from _folded(_attested_rationale(item), indent=6)


def _attested_rationale(item: Attestation) -> str:
    control, evidence = item.control, ", ".join(item.evidence)
    if control is None:
        return f"A duty of {item.source} that no control covers. Evidence: {evidence}."
    return (
        f"{control.title} ({control.id}). {BASES[control.basis]}. {control.rationale}. "
        f"Evidence: {evidence}."
    )


def _common(item: Asked, several: Container[QuestionId]) -> Iterator[str]:
    """The keys that every requirement may have."""
    if item.when is not None:
        yield f"    when: {_quoted(expression_of(item.when, several))}"
    if item.effective_from is not None:
        yield f"    effective_from: {item.effective_from.isoformat()}"
    yield "    satisfies:"
    yield from (f"    - {_quoted(reference)}" for reference in item.serves)
    yield f"    owner: {item.owner}"


def _ends(item: Attestation) -> str:
    """How long an attestation holds, in words: "holds 365 days, at high 180"."""
    words: list[str] = []
    before = 0
    for tier, count in item.expires_after_days.items():
        if count != before:
            words.append(f"{tier} {count}")
        before = count
    return f"(days: {', '.join(words)})"


def _quoted(text: str) -> str:
    """A text as a scalar in single quotes, in which nothing but the quote means anything."""
    return "'" + text.replace("'", "''") + "'"


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
