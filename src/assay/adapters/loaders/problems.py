"""A schema's complaints as Assay's errors: each with a code, a place, and a remedy."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from assay.adapters.loaders.scalars import Plain
from assay.adapters.loaders.yaml import YamlText
from assay.errors import ConfigurationError, Problems, Span, nearest, suggest

LISTED_MAX: Final = 10
"""Problems shown at once; the rest are counted."""


class UnknownKey(ConfigurationError):
    """A key that the format does not have."""

    code = "configuration.unknown-key"


class MissingKey(ConfigurationError):
    """A key that must be there is not."""

    code = "configuration.missing-key"


class EmptyValue(ConfigurationError):
    """A key without a value."""

    code = "configuration.empty"


class WrongType(ConfigurationError):
    """A value of another type than the format has there."""

    code = "configuration.wrong-type"


class InvalidValue(ConfigurationError):
    """A value of the right type that cannot be used."""

    code = "configuration.invalid-value"


class Strict(BaseModel):
    """The base of every schema: no coercion, no further keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def keys(cls) -> dict[str, FieldInfo]:
        """The fields by the name that a text writes."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}


Schema = TypeVar("Schema", bound=Strict)


def refuse(what: str, *, remedy: str) -> PydanticCustomError:
    """What a validator raises: the rest of a sentence that starts with the value's path."""
    return PydanticCustomError("assay", "{what}", {"what": what, "remedy": remedy})


def validate(schema: type[Schema], text: YamlText) -> Schema:
    """The text as a schema's model.

    Raises:
        ConfigurationError: one problem, or Problems with the first few.
    """
    nothing = [_empty_value(path, text.locate(path, key=True)) for path in _empty(text.value, "")]
    raise_problems(nothing)
    try:
        return schema.model_validate(text.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise_problems(list(_translated(schema, details, text)), cause=error)
        raise  # every detail was explained away by another: cannot be, and must not pass


def raise_problems(
    problems: Sequence[ConfigurationError], *, cause: Exception | None = None
) -> None:
    """Raise one problem as it is, several as Problems in the order of the text, none not.

    Raises:
        ConfigurationError: whenever there is a problem.
    """
    if not problems:
        return
    ordered = sorted(problems, key=_position)
    if len(ordered) == 1:
        raise ordered[0] from cause
    raise Problems(ordered[:LISTED_MAX], more=len(ordered[LISTED_MAX:])) from cause


def _position(problem: ConfigurationError) -> tuple[int, int]:
    span = problem.where
    return (span.line, span.column) if isinstance(span, Span) else (0, 0)


def _empty(value: Plain, path: str) -> Iterator[str]:
    """The paths of values that are null: no format here gives null a meaning."""
    items: Iterable[tuple[object, Plain]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        inner_path = f"{path}.{key}" if path else str(key)
        if inner is None:
            yield inner_path
        yield from _empty(inner, inner_path)


def _empty_value(path: str, where: Span) -> ConfigurationError:
    return EmptyValue(
        f"`{path}` has no value.", where=where, remedy="Give it a value, or delete the key."
    )


def _translated(
    schema: type[Strict], details: Sequence[ErrorDetails], text: YamlText
) -> Iterator[ConfigurationError]:
    unknown = {
        (_path(item["loc"][:-1]), _meant(schema, item))
        for item in details
        if item["type"] == "extra_forbidden"
    }
    for item in details:
        # A misspelt key is both unknown and missing; said once, it is understood.
        missing = item["type"] == "missing"
        if not (missing and (_path(item["loc"][:-1]), str(item["loc"][-1])) in unknown):
            yield _problem(schema, item, text)


def _problem(schema: type[Strict], item: ErrorDetails, text: YamlText) -> ConfigurationError:
    location = item["loc"]
    path = _path(location)
    if item["type"] == "extra_forbidden":
        return _unknown_key(_owner(schema, location[:-1]), location, text)
    if item["type"] == "missing":
        return _missing_key(_owner(schema, location[:-1]), location, text)
    at_key = location[-1:] == ("[key]",) or isinstance(item["input"], dict)
    where = text.locate(path, key=at_key)
    return _VALUE_PROBLEMS.get(item["type"], _wrong_type)(path, item, where)


def _as_said(path: str, item: ErrorDetails, where: Span) -> ConfigurationError:
    context = item.get("ctx", {})
    return InvalidValue(f"`{path}` {context['what']}", where=where, remedy=context["remedy"])


def _too_long(path: str, item: ErrorDetails, where: Span) -> ConfigurationError:
    most = item.get("ctx", {})["max_length"]
    return InvalidValue(
        f"`{path}` has more than {most} items.", where=where, remedy="Leave some out."
    )


def _unknown_key(
    owner: type[Strict], location: tuple[int | str, ...], text: YamlText
) -> ConfigurationError:
    key, path = str(location[-1]), _path(location)
    where = text.locate(path, key=True)
    parent = f"`{_path(location[:-1])}`" if location[:-1] else "the top level"
    keys = owner.keys()
    return UnknownKey(
        f"{key!r} is not a key of {parent}.",
        where=where,
        remedy=suggest(key, keys, otherwise=f"Its keys are {', '.join(keys)}."),
    )


def _missing_key(
    owner: type[Strict], location: tuple[int | str, ...], text: YamlText
) -> ConfigurationError:
    key, parent = str(location[-1]), _path(location[:-1])
    holder = f"`{parent}`" if parent else "The file"
    return MissingKey(
        f"{holder} has no `{key}`.",
        where=text.locate(parent, key=True),
        remedy=f"Add it: {owner.keys()[key].description}",
    )


def _not_a_choice(path: str, item: ErrorDetails, where: Span) -> ConfigurationError:
    expected = str(item.get("ctx", {}).get("expected", ""))
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    return InvalidValue(
        f"`{path}` is {shown(item['input'])}, which it cannot be.",
        where=where,
        remedy=suggest(str(item["input"]), choices, otherwise=f"It must be {expected}."),
    )


_WANTED: Final = {
    "string_type": ("text", "Write text."),
    "list_type": ("a list", "Put it in brackets, as one of a list."),
    "dict_type": ("a mapping of keys to values", "Write its keys below it, indented."),
    "model_type": ("a mapping of keys to values", "Write its keys below it, indented."),
    "union_tag_not_found": ("text or a mapping of keys to values", "Write text."),
}


def _wrong_type(path: str, item: ErrorDetails, where: Span) -> ConfigurationError:
    value = item["input"]
    wanted, remedy = _WANTED.get(item["type"], (item["msg"], "Correct the value."))
    if item["type"] == "string_type" and isinstance(value, bool | int | Decimal):
        remedy = f"Write it in quotes: {str(value).lower()!r}."
    if item["type"] == "list_type" and isinstance(value, str):
        remedy = f"Write it as a list: [{value}]."
    return WrongType(
        f"`{path}` is {shown(value)}; it must be {wanted}.", where=where, remedy=remedy
    )


_VALUE_PROBLEMS: Final[Mapping[str, Callable[[str, ErrorDetails, Span], ConfigurationError]]] = {
    "assay": _as_said,
    "literal_error": _not_a_choice,
    "too_long": _too_long,
    "too_short": lambda path, _, where: _empty_value(path, where),
}


def shown(value: object) -> str:
    """A value as a sentence names it: short, and with its kind where that is not plain."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return f"the number {value}"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:59] + "…")
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def wrong_type(value: object, *, wanted: str) -> PydanticCustomError:
    """What a validator raises for a value of another type."""
    return refuse(f"is {shown(value)}; it must be {wanted}.", remedy=f"Write {wanted} there.")


def _meant(schema: type[Strict], item: ErrorDetails) -> str | None:
    return nearest(str(item["loc"][-1]), _owner(schema, item["loc"][:-1]).keys())


def _path(location: Sequence[int | str]) -> str:
    """The dotted path of the text, without the steps that only the schema has."""
    return ".".join(str(part) for part in location if not str(part).startswith(("(", "[")))


def _owner(schema: type[Strict], location: Sequence[int | str]) -> type[Strict]:
    """The model in which a location lies: each annotation here names at most one."""
    owner, is_id = schema, False
    for part in location:
        field = None if is_id else owner.keys().get(str(part))
        inner = _model_in(field.annotation) if field else None
        # The part after a mapping of models is an id, which may be spelled like a field.
        is_id = field is not None and typing.get_origin(field.annotation) is dict
        owner = inner or owner
    return owner


def _model_in(annotation: Any) -> type[Strict] | None:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    found = (_model_in(argument) for argument in typing.get_args(annotation))
    return next((model for model in found if model), None)
