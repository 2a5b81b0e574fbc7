"""Deriving one recorded figure again, and saying where two documents part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from assay.checks.check import Check
from assay.checks.measure import measure
from assay.checks.parameters import Written
from assay.errors import VerificationFailed
from assay.evidence.canonical import Json
from assay.evidence.inputs import Evidence
from assay.policy.document import measurement_document, number
from assay.policy.judging import Verdict
from assay.policy.policy import Direction
from assay.policy.recorded import RecordedPolicy, RecordedRule
from assay.stats.estimate import READING, Errors
from assay.stats.holm import holm_error


class RecomputedOtherwise(VerificationFailed):
    """The recorded tallies and policy give another figure, verdict or decision."""

    code = "recompute.differs"

    def __init__(self, index: int, what: str) -> None:
        super().__init__(
            what,
            where=f"entry {index}",
            remedy="The record does not follow from its own evidence: ask who made it, by "
            "which version of Assay and of its libraries.",
        )


class UnreadableDocument(VerificationFailed):
    """A signed statement does not hold measurements or verdicts in a form known here."""

    code = "recompute.unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A recorded measurement.

    Attributes:
        requirement: the id of the requirement that asked for it.
        check: the name of the check.
        provenance: where the check came from then; empty where that is not recorded.
        document: the measurement, as the statement has it.
    """

    requirement: str
    check: str
    provenance: Mapping[str, Json]
    document: Mapping[str, Json]


def recalled_measurements(predicate: Mapping[str, Json]) -> list[Recalled]:
    """The measurements of an evaluation's statement; raises UnreadableDocument."""
    labels = {"requirement", "check", "provenance"}
    return [
        Recalled(
            requirement=_text(item, "requirement"),
            check=_text(item, "check"),
            provenance=_mapping(item, "provenance"),
            document={key: value for key, value in item.items() if key not in labels},
        )
        for item in _items(predicate, "assay_measurements")
    ]


def recalled_judgements(details: Mapping[str, Json]) -> list[Recalled]:
    """The measurements behind a decision's verdicts; raises UnreadableDocument."""
    checks = _mapping(details, "checks") if "checks" in details else {}
    return [
        Recalled(
            requirement=_text(item, "id"),
            check=_text(item, "check"),
            provenance=_mapping(checks, name) if (name := _text(item, "check")) in checks else {},
            document=_mapping(item, "measurement"),
        )
        for item in _items(details, "requirements")
        if "measurement" in item
    ]


def decision_details_of(predicate: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a decision's statement says in full; raises UnreadableDocument."""
    return _mapping(predicate, "assay_details")


def derived_measurement(
    check: Check,
    rule: RecordedRule,
    evidence: Evidence,
    policy: RecordedPolicy,
    *,
    errors: Errors,
) -> Mapping[str, Json]:
    """The measurement of a recorded requirement, from recorded evidence, as a document.

    Raises:
        ConfigurationError: the check has other parameters than when it was recorded.
    """
    parameters = {name: _written(check, name, value) for name, value in rule.parameters.items()}
    measured = measure(check, evidence, parameters, errors=errors, max_excluded=policy.max_excluded)
    return plain(measurement_document(measured))


def errors_of(
    check: Check,
    rule: RecordedRule,
    policy: RecordedPolicy,
    details: Mapping[str, Json],
    *,
    requirement: str,
) -> Errors:
    """The errors at which a decision asked for the bounds that decided a requirement."""
    if not check.statistical or rule.direction is None:
        return READING
    holm = _exact_holm_error(policy, details)
    if rule.direction is Direction.BETWEEN:
        # Two ways to fail share Holm's error; a pass clears both limits at false_allow.
        side = holm / 2 if _failed(details, requirement) else policy.false_allow
        return Errors(low=side, high=side)
    if rule.direction is Direction.AT_MOST:
        return Errors(low=holm, high=policy.false_allow)
    return Errors(low=policy.false_allow, high=holm)


def plain(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """A document as it reads once it was written: lists for whatever sequences there are."""
    return cast(Mapping[str, Json], json.loads(json.dumps(document, allow_nan=False)))


def first_mismatch(recorded: Json, derived: Json, path: str = "") -> str | None:
    """Where two documents part, with both values, or None if they are the same."""
    if isinstance(recorded, Mapping) and isinstance(derived, Mapping):
        for name in dict.fromkeys((*derived, *recorded)):
            found = first_mismatch(recorded.get(name), derived.get(name), _below(path, name))
            if found is not None:
                return found
        return None
    if isinstance(recorded, list) and isinstance(derived, list) and len(recorded) == len(derived):
        for place, (one, other) in enumerate(zip(recorded, derived, strict=True)):
            label = one.get("id", place) if isinstance(one, Mapping) else place
            found = first_mismatch(one, other, _below(path, label))
            if found is not None:
                return found
        return None
    if type(recorded) is type(derived) and recorded == derived:
        return None
    return f"{path} was recorded as {_shown(recorded)}, and comes out as {_shown(derived)}"


def _failed(details: Mapping[str, Json], requirement: str) -> bool:
    """Whether a decision found a requirement violated, waived or not."""
    for item in _items(details, "requirements"):
        if item.get("id") == requirement:
            waived = item.get("waived")
            judged = waived if isinstance(waived, Mapping) else item
            return judged.get("verdict") == Verdict.FAIL.value
    return False


def _exact_holm_error(policy: RecordedPolicy, details: Mapping[str, Json]) -> float:
    """The Holm error that was recorded to 12 digits, with all its digits."""
    tests = details.get("tests")
    if isinstance(tests, int) and tests <= len(policy.rules):
        for rejected in range(tests):
            error = holm_error(false_deny=policy.false_deny, tests=tests, rejected=rejected)
            if number(error) == details.get("holm_error"):
                return error
    raise UnreadableDocument("The decision's Holm error is not one of its policy's.")


def _written(check: Check, name: str, value: Any) -> Written:
    """A parameter as a policy holds it: by the check's types, a text can be a decimal."""
    parameter = check.parameters.get(name)
    if isinstance(value, list):
        return tuple(map(str, value))
    if isinstance(value, str) and parameter is not None and parameter.type in {float, Decimal}:
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
    return cast(Written, value)


def _items(document: Mapping[str, Json], name: str) -> Sequence[Mapping[str, Json]]:
    value = document.get(name)
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise UnreadableDocument(f"A statement's {name!r} is not a list of mappings.")
    return cast(Sequence[Mapping[str, Json]], value)


def _mapping(document: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = document.get(name)
    if not isinstance(value, Mapping):
        raise UnreadableDocument(f"A statement's {name!r} is not a mapping.")
    return value


def _text(document: Mapping[str, Json], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise UnreadableDocument(f"A statement's {name!r} is not text.")
    return value


def _below(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _shown(value: Json) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
