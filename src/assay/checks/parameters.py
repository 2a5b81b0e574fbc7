"""What a policy writes under `with`, turned into the arguments of a check."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assay.checks.check import Check, Columns, Parameter
from assay.errors import ConfigurationError, Span, suggest

Written = bool | int | Decimal | str | tuple[str, ...]
"""A value as a policy holds it: a number with a fraction is a decimal."""


class UnusableParameter(ConfigurationError):
    """A check was given a parameter that it does not have, or of another type, or not at all."""

    code = "check.unusable-parameter"


def bind(
    check: Check, written: Mapping[str, Written], *, where: Span | str | None = None
) -> dict[str, Any]:
    """The keyword arguments of a check's function, its defaults included.

    Args:
        check: the check.
        written: values by parameter, as a policy holds them.
        where: the place of the requirement, for the error.

    Raises:
        UnusableParameter: a name the check does not have, a value of another type, a text
            that is not among the choices, or nothing for a parameter without default.
    """
    for name in written:
        if name not in check.parameters:
            known = ", ".join(sorted(check.parameters)) or "none"
            raise UnusableParameter(
                f"Check {check.name!r} has no parameter {name!r}.",
                where=where,
                remedy=suggest(name, check.parameters, otherwise=f"Its parameters: {known}."),
            )
    arguments: dict[str, Any] = {}
    for name, parameter in check.parameters.items():
        if name in written:
            arguments[name] = _converted(check, parameter, written[name], where)
        elif parameter.required:
            raise UnusableParameter(
                f"Check {check.name!r} needs a value for parameter {name!r}.",
                where=where,
                remedy=f"Give it under `with`, as {_wanted(parameter)}.",
            )
        else:
            arguments[name] = parameter.default
    return arguments


def _converted(check: Check, parameter: Parameter, value: Written, where: Span | str | None) -> Any:
    usable = _as_columns(value) if parameter.names_columns else _as_type(parameter.type, value)
    if usable is None or (parameter.choices and usable not in parameter.choices):
        raise UnusableParameter(
            f"Parameter {parameter.name!r} of check {check.name!r} is {_shown(value)}.",
            where=where,
            remedy=f"It must be {_wanted(parameter)}.",
        )
    return usable


def _as_type(kind: Any, value: Written) -> Any:
    """The value as that type, or None where it is not one."""
    if isinstance(value, bool):
        return value if kind is bool else None
    if kind in {float, Decimal} and isinstance(value, int | Decimal):
        return kind(value) if Decimal(value).is_finite() else None
    if kind is int and isinstance(value, int):
        return value
    if kind is str and isinstance(value, str):
        return value
    return None


def _as_columns(value: Written) -> Columns | None:
    """One column's name, or several different ones."""
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, tuple) or not all(names) or len(set(names)) != len(names):
        return None
    return names


def _wanted(parameter: Parameter) -> str:
    if parameter.choices:
        return " or ".join(repr(choice) for choice in parameter.choices)
    if parameter.names_columns:
        return "a column's name or a list of different ones"
    kinds = {bool: "true or false", int: "a whole number", str: "a text"}
    return kinds.get(parameter.type, "a number")


def _shown(value: Written) -> str:
    if isinstance(value, tuple):
        return f"the list [{', '.join(value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)
