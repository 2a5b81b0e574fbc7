"""A file of policy tests as cases with their evidence: strict, with the place of every error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, cast

from assay.adapters.loaders.policy_test_schema import (
    CountsSchema,
    GivenSchema,
    MeasurementSchema,
    PolicyTestSchema,
    WaiverSchema,
)
from assay.adapters.loaders.problems import MissingKey, raise_problems, validate
from assay.adapters.loaders.yaml import YamlText, parse_yaml
from assay.app.ports import Written
from assay.errors import ConfigurationError, suggest
from assay.evidence.counted import CountedRows, counted_evidence
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.policy.expressions import Datum
from assay.policy.gate import Verdict
from assay.policy.policy import Outcome, Policy, RequirementId
from assay.policy.testing import Bounds, Given, PolicyCase, Suite
from assay.policy.waivers import Waiver
from assay.stats.estimate import Undefined

_GIVEN: Final = "The case gives none."
_WORDS: Final[Mapping[str, Measurement]] = {
    "undefined": Undefined(reason=_GIVEN),
    "missing": NotCollected(reason=_GIVEN),
    "not_applicable": NotApplicable(reason="The case says so."),
    "error": CheckFailed(reason="The case says so."),
}
_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)


class UnknownTestedRequirement(ConfigurationError):
    """A policy test names a requirement that the policy does not have."""

    code = "policy-test.unknown-requirement"


class UnusableEvidence(ConfigurationError):
    """A policy test tells evidence that cannot be."""

    code = "policy-test.unusable-evidence"


def parse_suite(written: Written) -> Suite:
    """The cases that a text lays down.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    text = parse_yaml(written.source, file=written.file)
    schema = validate(PolicyTestSchema, text)
    problems: list[ConfigurationError] = []
    cases: list[tuple[PolicyCase, Given]] = []
    for name, case in schema.cases.items():
        given = _merged(schema.given, case.given)
        path = f"cases.{name}"
        found = [*_missing(given, path, text), *_unusable(given, path, text)]
        problems += found
        if not found:
            cases.append((_case(name, schema, given, text), _given(given)))
    raise_problems(problems)
    return Suite(
        file=written.file,
        policy=schema.policy,
        cases=tuple(cases),
        named=tuple(
            (RequirementId(name), text.locate(path, key=True)) for name, path in _named(schema)
        ),
    )


def check_names(suite: Suite, policy: Policy) -> None:
    """Check that a suite names the policy's requirements.

    Raises:
        UnknownTestedRequirement: it names another; Problems, if several.
    """
    known = {rule.id for rule in policy.requirements}
    raise_problems(
        [
            UnknownTestedRequirement(
                f"The policy {policy.name!r} has no requirement {name!r}.",
                where=where,
                remedy=suggest(name, known, otherwise=f"It has {', '.join(sorted(known))}."),
            )
            for name, where in suite.named
            if name not in known
        ]
    )


def _merged(shared: GivenSchema, own: GivenSchema) -> GivenSchema:
    """What a case starts from, with what it says itself; mappings are joined key by key."""
    changes: dict[str, Any] = {}
    for name in own.model_fields_set:
        value, base = getattr(own, name), getattr(shared, name)
        changes[name] = {**base, **value} if isinstance(value, dict) else value
    return shared.model_copy(update=changes)


def _missing(given: GivenSchema, path: str, text: YamlText) -> Iterator[ConfigurationError]:
    for key in ("tier", "at"):
        if getattr(given, key) is None:
            yield MissingKey(
                f"`{path}` has no `given.{key}`, and neither has the file's own `given`.",
                where=text.locate(path, key=True),
                remedy=f"Add `{key}` to either.",
            )


def _unusable(given: GivenSchema, path: str, text: YamlText) -> Iterator[ConfigurationError]:
    for name, item in given.measurements.items():
        place = f"{path}.given.measurements.{name}"
        problem = _contradiction(item)
        if problem:
            yield UnusableEvidence(
                f"The measurement of {name!r} {problem}",
                where=text.locate(place, key=True),
                remedy="Write {value, low, high}, a fact, or one of undefined, missing, "
                "not_applicable and error.",
            )
    counts = given.counts or CountsSchema()
    groups = [cell.groups for cell in counts.confusion] + [row.groups for row in counts.scores]
    if len({frozenset(levels) for levels in groups}) > 1:
        yield UnusableEvidence(
            "Items of `counts` name different columns under `groups`.",
            where=text.locate(f"{path}.given.counts", key=True),
            remedy="Give every item a level in each column.",
        )


def _contradiction(item: MeasurementSchema) -> str:
    bounds = (item.value, item.low, item.high)
    told = sum(part is not None for part in (item.fact, item.word))
    if any(part is not None for part in bounds):
        if None in bounds or told:
            return "has not just a value with both bounds."
        low, high = cast(Decimal, item.low), cast(Decimal, item.high)
        return "" if low <= high and item.n else "has a lower bound above the upper, or n of 0."
    return "" if told == 1 else "says nothing, or two things."


def _case(name: str, schema: PolicyTestSchema, given: GivenSchema, text: YamlText) -> PolicyCase:
    expect, path = schema.cases[name].expect, f"cases.{name}.expect"
    assert given.tier is not None  # noqa: S101 - missing ones are told before
    assert given.at is not None  # noqa: S101
    return PolicyCase(
        name=name,
        tier=given.tier,
        at=given.at,
        approvals=tuple(given.approvals),
        waivers=tuple(map(_waiver, given.waivers)),
        verdicts={
            RequirementId(item): Verdict(verdict) for item, verdict in expect.requirements.items()
        },
        decision=Outcome(expect.decision) if expect.decision else None,
        effective=Outcome(expect.effective) if expect.effective else None,
        where=text.locate(f"cases.{name}", key=True),
        places={
            **{item: text.locate(f"{path}.requirements.{item}") for item in expect.requirements},
            **{key: text.locate(f"{path}.{key}") for key in ("decision", "effective")},
        },
    )


def _waiver(item: WaiverSchema) -> Waiver:
    return Waiver(
        id=f"waiver:{item.requirement}",
        requirement=RequirementId(item.requirement),
        system="test",
        version=None,
        requested_by="requester",
        granted_by="granter",
        role="approver",
        granted_at=item.granted or _ALWAYS,
        expires_at=item.expires,
        compensating="given",
        index=0,
    )


def _given(given: GivenSchema) -> Given:
    assert given.at is not None  # noqa: S101 - a missing one is told before
    return Given(
        measurements={
            RequirementId(name): _measurement(item) for name, item in given.measurements.items()
        },
        evidence=_evidence(given.counts) if given.counts else None,
        attested=frozenset(map(RequirementId, given.attestations)),
        data={name: _datum(value) for name, value in given.data.items()},
        taken_at=given.measured or given.at,
    )


def _measurement(item: MeasurementSchema) -> Bounds | Measurement:
    if item.word is not None:
        return _WORDS[item.word]
    if item.fact is not None:
        return Fact(value=item.fact)
    value, low, high = (float(cast(Decimal, part)) for part in (item.value, item.low, item.high))
    return Bounds(value=value, low=low, high=high, n=item.n)


def _evidence(counts: CountsSchema) -> Evidence:
    rows = [*_cells(counts), *_scored(counts)]
    return counted_evidence(
        rows,
        protected=tuple(rows[0].groups) if rows else (),
        favourable_is_positive=counts.favourable == "positive",
    )


def _cells(counts: CountsSchema) -> Iterator[CountedRows]:
    for cell in counts.confusion:
        for positive, score, count in (
            (True, 1.0, cell.true_positives),
            (False, 1.0, cell.false_positives),
            (True, 0.0, cell.false_negatives),
            (False, 0.0, cell.true_negatives),
        ):
            yield CountedRows(positive=positive, score=score, groups=cell.groups, count=count)


def _scored(counts: CountsSchema) -> Iterator[CountedRows]:
    for item in counts.scores:
        yield CountedRows(
            positive=item.positive,
            score=float(item.score),
            groups=item.groups,
            count=item.count,
        )


def _datum(value: Any) -> Datum:
    if isinstance(value, Decimal):
        return float(value)
    return tuple(map(str, value)) if isinstance(value, list) else cast(Datum, value)


def _named(schema: PolicyTestSchema) -> Iterator[tuple[str, str]]:
    """Every requirement that the file names, with the path at which it does."""
    for path, given in (
        ("given", schema.given),
        *((f"cases.{name}.given", case.given) for name, case in schema.cases.items()),
    ):
        yield from _in_given(path, given)
    for name, case in schema.cases.items():
        for item in case.expect.requirements:
            yield item, f"cases.{name}.expect.requirements.{item}"


def _in_given(path: str, given: GivenSchema) -> Iterable[tuple[str, str]]:
    yield from ((name, f"{path}.measurements.{name}") for name in given.measurements)
    yield from (
        (name, f"{path}.attestations.{place}") for place, name in enumerate(given.attestations)
    )
    yield from (
        (item.requirement, f"{path}.waivers.{place}.requirement")
        for place, item in enumerate(given.waivers)
    )
