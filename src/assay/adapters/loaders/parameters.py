"""What a policy writes under `with`, checked against what the check declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from assay.adapters.loaders.problems import WrongType, shown
from assay.adapters.loaders.yaml import YamlText
from assay.checks.check import Check, Columns, Parameter
from assay.checks.parameters import UnusableParameter, Written, bind
from assay.errors import ConfigurationError, suggest
from assay.evidence.canonical import LARGEST_INTEGER
from assay.governance.manifest import EvaluationData

PROTECTED: Final = "by"
"""The parameter that names columns whose groups are compared; others name any column."""


class UnknownColumn(ConfigurationError):
    """A requirement names a column that the manifest does not declare."""

    code = "policy.unknown-column"


def written_parameters(
    check: Check,
    values: Mapping[str, Any],
    path: str,
    text: YamlText,
    data: EvaluationData | None,
) -> tuple[dict[str, Written], list[ConfigurationError]]:
    """A requirement's parameters, the check's defaults written out, and what is wrong with them.

    Args:
        check: the check that is given them.
        values: what stands under `with`.
        path: the dotted path of `with`.
        text: the policy's text, for places.
        data: the data whose columns may be named; None leaves columns unchecked.
    """
    parameters: dict[str, Written] = {}
    problems: list[ConfigurationError] = []
    for name in (*values, *(name for name in check.parameters if name not in values)):
        try:
            value = _value(check, name, values, path, text)
        except (UnusableParameter, WrongType) as error:
            problems.append(error)
        else:
            if value is None:  # the check's default is that nothing is given
                continue
            parameters[name] = value
            has_roles = name in values and check.parameters[name].type == Columns
            if data is not None and has_roles and isinstance(value, tuple):
                problems += _unknown_columns(name, value, f"{path}.{name}", text, data)
    return parameters, problems


def _value(
    check: Check, name: str, values: Mapping[str, Any], path: str, text: YamlText
) -> Written | None:
    """One parameter as the policy keeps it; None where it is left out and has no default."""
    given = name in values
    # The check with this parameter alone, so that each error has its own place.
    alone = replace(check, parameters={n: p for n, p in check.parameters.items() if n == name})
    subject = alone if name in check.parameters else check
    where = text.locate(f"{path}.{name}", key=not (given and name in check.parameters))
    written = {name: _plain(values[name], f"{path}.{name}", text)} if given else {}
    bound = bind(subject, written, where=where)[name]
    return _kept(check.parameters[name], bound, written.get(name))


def _plain(value: Any, path: str, text: YamlText) -> Written:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise WrongType(
            f"`{path}` is beyond 2^53 - 1.",
            where=text.locate(path),
            remedy="Write a smaller number.",
        )
    if isinstance(value, bool | int | Decimal | str):
        return value
    raise WrongType(
        f"`{path}` is {shown(value)}; a parameter is one value or a list of names.",
        where=text.locate(path),
        remedy="Write a value, or a list such as [sex, age].",
    )


def _kept(parameter: Parameter, bound: Any, written: Written | None) -> Written | None:
    """The value in the one form that a policy keeps: no floats, columns as a tuple."""
    if bound is None:
        return None
    if parameter.type is float or parameter.type is Decimal:
        # A number as written is exact; a default in code is a float's shortest spelling.
        exact = written if isinstance(written, int | Decimal) else repr(bound)
        return Decimal(exact) if parameter.type is float else Decimal(bound)
    if parameter.names_columns:
        return tuple(bound)
    value: Written = bound
    return value


def _unknown_columns(
    name: str, columns: Columns, path: str, text: YamlText, data: EvaluationData
) -> Iterator[ConfigurationError]:
    protected = [item.column for item in data.protected]
    known = protected if name == PROTECTED else declared_columns(data)
    kind = "protected column" if name == PROTECTED else "column"
    for index, column in enumerate(columns):
        if column not in known:
            listed = ", ".join(known) or "none"
            yield UnknownColumn(
                f"`{path}` names {column!r}, which the manifest does not declare as a {kind}.",
                where=text.locate(f"{path}.{index}"),
                remedy=suggest(column, known, otherwise=f"Declared there: {listed}."),
            )


def declared_columns(data: EvaluationData) -> tuple[str, ...]:
    """Every column that the manifest gives a role."""
    named = (
        data.label.column,
        data.score,
        *(item.column for item in data.protected),
        data.unit,
        data.champion,
        data.baseline,
    )
    return tuple(dict.fromkeys(column for column in named if column is not None))
