"""One requirement of a policy file: what shows it, what is asked, of whom and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.adapters.loaders.bars import at_least_as_strict, bar_problems, laxer_tiers
from assay.adapters.loaders.parameters import written_parameters
from assay.adapters.loaders.policy_schema import RequirementSchema
from assay.adapters.loaders.references import reference_problems
from assay.adapters.loaders.yaml import YamlText
from assay.adapters.plugins import UnknownCheck
from assay.app.ports import CheckCatalogue
from assay.checks.check import Check
from assay.errors import ConfigurationError, Span
from assay.governance.manifest import EvaluationData
from assay.policy.policy import (
    ATTESTATION,
    EXPRESSION,
    Bar,
    Direction,
    LimitBasis,
    Outcome,
    Parameter,
    Requirement,
    RequirementId,
)


class UnknownPolicyCheck(ConfigurationError):
    """A requirement names a check that does not exist."""

    code = "policy.unknown-check"


class UnusableRule(ConfigurationError):
    """A requirement says nothing of what shows it, or several things, or what does not fit."""

    code = "policy.unusable-rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What requirements are read against.

    Attributes:
        text: the policy, for places.
        checks: the checks that it may name.
        data: the data whose columns may be named; None leaves columns unchecked.
        resolve: whether references to provisions must be in the catalogues of today, and
            reasons must be given that no earlier release asked for.
    """

    text: YamlText
    checks: CheckCatalogue
    data: EvaluationData | None
    resolve: bool = True


def read_requirement(
    name: str, item: RequirementSchema, reading: Reading, problems: list[ConfigurationError]
) -> Requirement | None:
    """A requirement, or None where nothing shows it; what is wrong joins `problems`."""
    path, text = f"requirements.{name}", reading.text
    where = text.locate(path, key=True)
    bars = _bars(item, path, text)
    found = list(_misfits(name, item, bars, path, text))
    if found:
        problems += found
        return None
    shown = _shown_by(name, item, bars, reading, problems)
    if shown is None:
        return None
    check, parameters, bar = shown
    outcomes = {tier: Outcome(value) for tier, value in item.insufficient.items()}
    problems += _ends_before_it_begins(name, item, path, text)
    if item.laxer_because is None:
        problems += _laxer(name, item, bars, outcomes, text)
    if reading.resolve:
        problems += reference_problems(name, item.satisfies, f"{path}.satisfies", text)
    scope: dict[str, Any] = {"required_from": min(item.requires)} if item.requires else {}
    return Requirement(
        id=RequirementId(name),
        check=check,
        parameters=parameters,
        bar=bar,
        when=item.when,
        effective_from=item.effective_from,
        until=item.until,
        max_age=item.max_age or {},
        insufficient=outcomes,
        satisfies=tuple(item.satisfies),
        laxer_because=item.laxer_because,
        basis=None if item.basis is None else LimitBasis(item.basis),
        owner=item.owner,
        rationale=item.rationale,
        span=where,
        **scope,
    )


def _misfits(
    name: str, item: RequirementSchema, bars: Mapping[Direction, Bar], path: str, text: YamlText
) -> Iterator[ConfigurationError]:
    """What does not fit together before any check is looked at."""
    said = [key for key in ("check", "expression", "attest") if getattr(item, key) is not None]
    where = text.locate(path, key=True)
    if len(said) != 1:
        told = " and ".join(f"`{key}`" for key in said)
        yield UnusableRule(
            f"Requirement {name!r} has {told}; one thing shows it."
            if said
            else f"Requirement {name!r} says nothing of what shows it.",
            where=where,
            remedy="Write one of `check`, `expression`, or `attest` with `by`.",
        )
        return
    if (item.attest is None) != (item.by is None):
        yield UnusableRule(
            f"Requirement {name!r} has `attest` without `by`, or `by` without `attest`.",
            where=where,
            remedy="Write both: what is confirmed, and the role in which it is.",
        )
    if item.check is None:
        misplaced = [*(["with"] if item.parameters else []), *(str(key) for key in bars)]
        for key in misplaced:
            yield UnusableRule(
                f"Requirement {name!r} gives `{key}`, and no check reads it.",
                where=text.locate(f"{path}.{key}", key=True),
                remedy=f"Delete it, or write a check in place of `{said[0]}`.",
            )


def _shown_by(
    name: str,
    item: RequirementSchema,
    bars: Mapping[Direction, Bar],
    reading: Reading,
    problems: list[ConfigurationError],
) -> tuple[str, dict[str, Parameter], Bar | None] | None:
    """What shows a requirement, its parameters, and its bar; None for an unknown check."""
    path, text = f"requirements.{name}", reading.text
    if item.expression is not None:
        return EXPRESSION, {"expression": item.expression}, None
    if item.attest is not None and item.by is not None:
        return ATTESTATION, {"asks": item.attest, "by": item.by}, None
    try:
        check = reading.checks.get(item.check or "")
    except UnknownCheck as error:
        problems.append(
            UnknownPolicyCheck(
                f"Requirement {name!r} names check {item.check!r}, which does not exist.",
                where=text.locate(f"{path}.check"),
                remedy=error.remedy,
            )
        )
        return None
    parameters, unusable = written_parameters(
        check, item.parameters, f"{path}.with", text, reading.data
    )
    where = text.locate(path, key=True)
    problems += [*unusable, *bar_problems(name, check, bars, where)]
    if reading.resolve:
        problems += _unsaid(name, item, parameters, path, text)
    problems += _needless(name, item, check, path, text)
    return check.name, parameters, _bar_of(check, bars)


def _unsaid(
    name: str,
    item: RequirementSchema,
    parameters: Mapping[str, Parameter],
    path: str,
    text: YamlText,
) -> Iterator[ConfigurationError]:
    """A claim that leaves people out says why."""
    if parameters.get("small_groups") == "report" and not item.rationale:
        yield UnusableRule(
            f"Requirement {name!r} leaves small groups out, and does not say why.",
            where=text.locate(f"{path}.with.small_groups"),
            remedy="Write under `rationale` why the claim may do without them, or delete "
            "`small_groups`: then they make it insufficient.",
        )


def _needless(
    name: str, item: RequirementSchema, check: Check, path: str, text: YamlText
) -> Iterator[ConfigurationError]:
    if item.requires and check.better != "true":
        yield UnusableRule(
            f"Requirement {name!r} gives `requires`, and {check.name!r} gives a figure.",
            where=text.locate(f"{path}.requires", key=True),
            remedy="Name the tiers in its bar: below the first one named, nothing is asked.",
        )


def _bars(item: RequirementSchema, path: str, text: YamlText) -> dict[Direction, Bar]:
    written = {
        Direction.AT_LEAST: item.at_least,
        Direction.AT_MOST: item.at_most,
        Direction.EQUALS: item.equals,
        Direction.BETWEEN: item.between,
    }
    return {
        direction: Bar(
            direction=direction,
            by_tier=by_tier,
            spans={tier: text.locate(f"{path}.{direction}.{tier}") for tier in by_tier},
        )
        for direction, by_tier in written.items()
        if by_tier is not None
    }


def _bar_of(check: Check, bars: Mapping[Direction, Bar]) -> Bar | None:
    """The bar, once `bar_problems` has refused all but the one that suits the check."""
    return next(iter(bars.values()), None) if check.better != "true" else None


def _ends_before_it_begins(
    name: str, item: RequirementSchema, path: str, text: YamlText
) -> Iterator[ConfigurationError]:
    begins, ends = item.effective_from, item.until
    if begins is not None and ends is not None and ends <= begins:
        yield UnusableRule(
            f"Requirement {name!r} ends before it begins, so it never applies.",
            where=text.locate(f"{path}.until"),
            remedy="Write a day after that of `effective_from`.",
        )


def _laxer(
    name: str,
    item: RequirementSchema,
    bars: Mapping[Direction, Bar],
    outcomes: Mapping[Any, Outcome],
    text: YamlText,
) -> Iterator[ConfigurationError]:
    path = f"requirements.{name}"
    for direction, bar in bars.items():
        yield from laxer_tiers(
            f"The bar of {name!r}", bar.by_tier, at_least_as_strict(direction), bar.spans
        )
    order = list(Outcome)
    yield from laxer_tiers(
        f"`insufficient` of {name!r}",
        outcomes,
        lambda first, second: order.index(first) >= order.index(second),
        _places(f"{path}.insufficient", outcomes, text),
    )
    ages = item.max_age or {}
    yield from laxer_tiers(
        f"`max_age` of {name!r}",
        ages,
        lambda first, second: first <= second,
        _places(f"{path}.max_age", ages, text),
    )


def _places(path: str, by_tier: Mapping[Any, object], text: YamlText) -> dict[Any, Span]:
    return {tier: text.locate(f"{path}.{tier}") for tier in by_tier}
