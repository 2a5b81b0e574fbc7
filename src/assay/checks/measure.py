"""The one place that runs a check: whatever happens inside, a measurement comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from assay.checks.check import Check, Columns
from assay.checks.exclusions import excluded_rows, rows_read, without_group
from assay.checks.parameters import Written, bind
from assay.errors import ConfigurationError, Span, suggest
from assay.evidence.inputs import Absent, Evidence, Need, NotForWeights
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.evidence.recipe import ColumnRoles
from assay.stats.estimate import Errors, Estimate, Undefined, outward
from assay.stats.tallies import Confusion, Pairs, Scores
from assay.stats.tallies.rows import ZERO_WEIGHT


class UndeclaredColumn(ConfigurationError):
    """A check asks for groups by a column that the data do not declare as protected."""

    code = "check.undeclared-column"


MEND: Final = "Mend these rows where the data come from, and see why it happened to them."

REASON_LENGTH_MAX: Final = 400
"""A failed check's message may hold data; the record keeps no more than this of it."""


def measure(
    check: Check,
    evidence: Evidence,
    parameters: Mapping[str, Written],
    *,
    errors: Errors,
    max_excluded: Decimal,
) -> Measurement:
    """Run a check on evidence.

    Args:
        check: the check.
        evidence: everything that it may read.
        parameters: its parameters, as a policy holds them.
        errors: the errors at which bounds are wanted; a check of facts is not given them.
        max_excluded: the share of rows read that an estimate may leave out.

    Returns:
        What the check returned, if it is what a check may return; NotCollected where a tally
        is absent; Undefined where too many rows were left out; CheckFailed where the check
        raised or returned something else.

    Raises:
        UnusableParameter: the parameters do not fit the check.
    """
    arguments = bind(check, parameters)
    try:
        wanted = _needs(check, arguments, evidence.protected)
        result: object = (
            check.function(evidence, errors=errors, **arguments)
            if check.statistical
            else check.function(evidence, **arguments)
        )
    except NotForWeights as refused:
        return Undefined(reason=str(refused))
    except Absent as absent:
        return NotCollected(
            reason=str(absent),
            remedy=absent.remedy
            or "Collect again: a newer policy asks for more than was counted then.",
        )
    except Exception as error:  # noqa: BLE001 - a check is foreign code; its failure is a verdict
        return CheckFailed(reason=_said(error))
    measurement = _valid(check, result, errors)
    if isinstance(measurement, Estimate):
        return _enough_rows(measurement, evidence, wanted, max_excluded)
    if isinstance(measurement, Undefined):
        return _explained(measurement, evidence, wanted)
    return measurement


def needs_of(
    check: Check,
    parameters: Mapping[str, Written],
    roles: ColumnRoles,
    *,
    where: Span | str | None = None,
) -> tuple[Need, ...]:
    """What a check will read of a dataset with these column roles.

    Raises:
        UnusableParameter: the parameters do not fit the check.
        UndeclaredColumn: it would read groups of a column that is not declared as protected.
    """
    protected = tuple(item.column for item in roles.protected)
    wanted = _needs(check, bind(check, parameters, where=where), protected)
    for column in (name for need in wanted for name in _columns(need)):
        if column not in protected:
            known = ", ".join(protected) or "none"
            raise UndeclaredColumn(
                f"Check {check.name!r} asks for groups by {column!r}, "
                "which is not declared as a protected column.",
                where=where,
                remedy=suggest(column, protected, otherwise=f"Declared: {known}."),
            )
    return wanted


def _needs(check: Check, arguments: Mapping[str, Any], protected: Columns) -> tuple[Need, ...]:
    filled = {
        name: protected if value == () and check.parameters[name].type == Columns else value
        for name, value in arguments.items()
    }
    return tuple(check.needs(**filled))


def _columns(need: Need) -> Columns:
    return need.by if isinstance(need, Confusion | Scores | Pairs) else ()


def _said(error: Exception) -> str:
    """An exception as one line: its type and message, without a traceback."""
    message = " ".join(str(error).split())
    if len(message) > REASON_LENGTH_MAX:
        message = message[: REASON_LENGTH_MAX - 1] + "…"
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _valid(check: Check, result: object, errors: Errors) -> Measurement:
    match result:
        case Undefined() | NotApplicable():
            return result
        case Estimate() if check.statistical:
            return _as_asked(result, errors)
        case Fact() if not check.statistical:
            return _usable(check, result)
        case _:
            kind = "an estimate" if check.statistical else "a fact"
            return CheckFailed(reason=f"The check returned {type(result).__name__}, not {kind}.")


def _as_asked(estimate: Estimate, errors: Errors) -> Estimate | CheckFailed:
    """An estimate whose bounds hold the errors that were asked for."""
    if (estimate.low_error, estimate.high_error) != (errors.low, errors.high):
        return CheckFailed(
            reason=f"The check was asked for bounds at errors {errors.low} and {errors.high}, "
            f"and returned them at {estimate.low_error} and {estimate.high_error}."
        )
    if not math.isfinite(estimate.n) or estimate.n <= 0:
        return CheckFailed(reason=f"The check's estimate rests on n = {estimate.n} units.")
    # Whatever a check of someone else's does, platforms agree on what is compared and stored.
    low, high = outward(estimate.low, estimate.high)
    return replace(estimate, low=low, high=high)


def _usable(check: Check, fact: Fact) -> Fact | CheckFailed:
    """A fact whose value a gate can compare: a truth for a truth, else a finite number."""
    truth = isinstance(fact.value, bool)
    if truth == (check.better == "true") and _finite(fact.value):
        return fact
    kind = "true or false" if check.better == "true" else "a whole number or a finite decimal"
    return CheckFailed(reason=f"The check's value is {fact.value!r}, not {kind}.")


def _finite(value: object) -> bool:
    """Whether a foreign check kept its promise: a truth, a whole number or a finite decimal."""
    return isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())


def _explained(undefined: Undefined, evidence: Evidence, wanted: Sequence[Need]) -> Undefined:
    """Why there is no row to measure, where none could be used."""
    read, reasons = rows_read(evidence), excluded_rows(evidence, wanted)
    if not read or sum(reasons.values()) < read:
        return undefined
    counts = ", ".join(f"{reason}: {count:,}" for reason, count in reasons.items())
    return replace(
        undefined,
        reason=f"None of the {read:,} rows could be used ({counts}).",
        remedy=MEND,
    )


def _enough_rows(
    estimate: Estimate, evidence: Evidence, wanted: Sequence[Need], max_excluded: Decimal
) -> Estimate | Undefined:
    reasons = excluded_rows(evidence, wanted)
    # A weight of zero says that a row counts for nothing, so it is left out as asked.
    as_asked = reasons.pop(ZERO_WEIGHT, 0)
    excluded, read = sum(reasons.values()), rows_read(evidence) - as_asked
    if excluded <= Fraction(max_excluded) * read:
        unused = (*without_group(evidence, wanted).items(), *estimate.unused)
        return replace(estimate, unused=unused)
    counts = ", ".join(f"{reason}: {count:,}" for reason, count in reasons.items())
    return Undefined(
        reason=f"{excluded:,} of {read:,} rows ({excluded / read:.1%}) could not be used "
        f"({counts}); the policy allows {float(max_excluded):.1%}.",
        groups=estimate.groups,
        remedy=MEND,
    )
