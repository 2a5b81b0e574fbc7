"""The extension point: a check is a pure function from evidence to a measurement.

The built-in families use exactly this, through the entry-point group `assay.checks`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, NewType, Union, get_args, get_origin, get_type_hints

from assay.errors import InvalidArgument
from assay.evidence.inputs import Evidence, Need
from assay.evidence.measurement import Fact, NotApplicable
from assay.stats.estimate import Estimate, Undefined

Better = Literal["higher", "lower", "true"]
"""Which direction is good; "true" for a fact that must hold."""

Needs = Sequence[Need] | Callable[..., Sequence[Need]]
"""What a check reads: a fixed list, or a function of the check's own parameters."""

Columns = tuple[str, ...]
"""The type of a parameter that names columns; empty means all that are declared.

A function of needs is given the protected columns in place of an empty one.
"""

FileColumns = NewType("FileColumns", tuple[str, ...])
"""The type of a parameter that names columns of the file, with a role or without.

Collecting refuses a name that the file does not have; what none means, the check says.
"""

NO_COLUMNS: Final = FileColumns(())
"""A default for such a parameter."""

PARAMETER_TYPES: Final = (bool, int, float, Decimal, str, Columns, FileColumns)
ATTRIBUTE: Final = "__assay_check__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a check, read from its function's signature.

    `default` is `inspect.Parameter.empty` where the policy must give it. `choices` are the
    texts allowed, where the signature says `Literal`; empty where any value of the type is.
    """

    name: str
    type: Any
    default: Any
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether the policy must give it."""
        return self.default is inspect.Parameter.empty

    @property
    def names_columns(self) -> bool:
        """Whether it is a list of columns, with a role or of the file."""
        return self.type == Columns or self.type is FileColumns


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check with its metadata (`assay.check/1`).

    Attributes:
        name: "family.check", as a policy writes it.
        better: which direction is good.
        needs: what it reads, given its parameters.
        function: evidence (and errors, if statistical), then its parameters by keyword.
        statistical: whether the function takes `errors` and so returns estimates.
        parameters: what `with` may set.
        unit: what the figure is ("fraction", "difference", "ratio", "rows", "fact").
        revision: raised whenever the same tallies would give another figure.
    """

    name: str
    better: Better
    needs: Callable[..., Sequence[Need]]
    function: Callable[..., Estimate | Undefined | Fact | NotApplicable]
    statistical: bool
    parameters: Mapping[str, Parameter]
    unit: str
    revision: int

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def documentation(self) -> str:
        """The function's whole docstring: formula, source, when it is undefined."""
        return inspect.getdoc(self.function) or ""


def check(
    name: str,
    *,
    better: Better,
    needs: Needs = (),
    unit: str = "fraction",
    revision: int = 1,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as a check.

    The function takes the evidence; then, if it estimates something, `errors`; then its
    parameters by keyword, each with a type from PARAMETER_TYPES. It returns an Estimate or
    Undefined (statistical), a Fact, or NotApplicable. It must be pure.

    Args:
        name: "family.check" in lower case; the family is the entry point's name.
        better: "higher", "lower", or "true" for a fact that must hold.
        needs: what it reads, or a function of its parameters that says so.
        unit: what the figure is, for reports.
        revision: raise it whenever the same tallies would give another figure.

    Raises:
        InvalidArgument: the name or a parameter's type cannot be used.
    """
    if not _well_formed(name):
        raise InvalidArgument(
            f"A check's name is 'family.name' in lower case with underscores, not {name!r}."
        )

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = _parameters(name, function)
        statistical = "errors" in inspect.signature(function).parameters
        declared = Check(
            name=name,
            better=better,
            needs=needs if callable(needs) else _constant(tuple(needs)),
            function=function,
            statistical=statistical,
            parameters=parameters,
            unit=unit,
            revision=revision,
        )
        setattr(function, ATTRIBUTE, declared)
        return function

    return declare


def declared_checks(namespace: Mapping[str, Any]) -> dict[str, Check]:
    """The checks declared in a module's namespace, by name."""
    found = (getattr(value, ATTRIBUTE, None) for value in namespace.values())
    return {item.name: item for item in found if isinstance(item, Check)}


def _well_formed(name: str) -> bool:
    family, dot, rest = name.partition(".")
    words = (family, rest)
    return bool(dot) and all(w.isascii() and w.isidentifier() and w == w.lower() for w in words)


def _constant(needs: tuple[Need, ...]) -> Callable[..., Sequence[Need]]:
    def fixed(**_: object) -> Sequence[Need]:
        return needs

    return fixed


def _parameters(name: str, function: Callable[..., Any]) -> dict[str, Parameter]:
    hints = get_type_hints(function)
    parameters: dict[str, Parameter] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.name == "errors":
            continue
        kind, choices = _kind(hints.get(parameter.name))
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or kind not in PARAMETER_TYPES:
            raise InvalidArgument(
                f"Parameter {parameter.name!r} of check {name!r} must be keyword-only and typed "
                "as bool, int, float, Decimal, str, Columns, FileColumns, or a Literal of texts."
            )
        parameters[parameter.name] = Parameter(
            name=parameter.name, type=kind, default=parameter.default, choices=choices
        )
    return parameters


def _kind(hint: Any) -> tuple[Any, tuple[str, ...]]:
    """A parameter's type, and its choices where the hint is a Literal of texts.

    Of a type or None, the type: None is then what a policy leaves out.
    """
    if get_origin(hint) in {Union, UnionType} and NoneType in get_args(hint):
        (hint,) = (item for item in get_args(hint) if item is not NoneType)
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    if choices and all(isinstance(choice, str) for choice in choices):
        return str, choices
    return hint, ()


__all__ = [
    "NO_COLUMNS",
    "Better",
    "Check",
    "Columns",
    "Evidence",
    "FileColumns",
    "Parameter",
    "check",
    "declared_checks",
]
