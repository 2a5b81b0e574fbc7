"""Types of fields that schemas share: each checks its value and describes it to editors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    Tag,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from assay.adapters.loaders.problems import refuse, shown, wrong_type
from assay.errors import suggest
from assay.evidence.canonical import LARGEST_INTEGER
from assay.policy.tiers import Tier

TEXT_LENGTH_MAX: Final = 4000


@dataclass(frozen=True, slots=True)
class Matching:
    """Text of a pattern, such as an id; `meaning` says in words what the pattern allows."""

    pattern: str
    meaning: str

    def check(self, value: str) -> str:
        """The value, if it is what it must be."""
        if not re.fullmatch(self.pattern, value):
            raise refuse(
                f"is {value[:80]!r}, which is not {self.meaning}.", remedy=f"Write {self.meaning}."
            )
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True, slots=True)
class Within:
    """A number in an interval; `ends` are brackets, round where an end does not belong."""

    low: Decimal
    high: Decimal
    ends: Literal["[]", "()", "[)"] = "[]"

    def check(self, value: Any) -> Decimal:
        """The value as a decimal, if it lies in the interval."""
        number = as_number(value)
        above = number >= self.low if self.ends[0] == "[" else number > self.low
        below = number <= self.high if self.ends[1] == "]" else number < self.high
        if not (above and below):
            interval = f"{self.ends[0]}{self.low}, {self.high}{self.ends[1]}"
            raise refuse(
                f"is {number}; it must lie in {interval}.", remedy="Write a fraction such as 0.05."
            )
        return number

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        low = "minimum" if self.ends[0] == "[" else "exclusiveMinimum"
        high = "maximum" if self.ends[1] == "]" else "exclusiveMaximum"
        return {"type": "number", low: float(self.low), high: float(self.high)}


def as_number(value: Any) -> Decimal:
    """A whole number or a decimal as a decimal; a truth is neither."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong_type(value, wanted="a number")
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise refuse(f"is {value}, beyond 2^53 - 1.", remedy="Write a smaller number.")
    return Decimal(value)


def _text(value: str) -> str:
    if not value.strip():
        raise refuse("holds no text.", remedy="Write some, or delete the key.")
    if len(value) > TEXT_LENGTH_MAX:
        raise refuse(
            f"has {len(value):,} characters; at most {TEXT_LENGTH_MAX:,} are kept.",
            remedy="Shorten it, and keep the rest in a document.",
        )
    return value


def _format_version(value: Any) -> Any:
    if type(value) is not int or value != 1:
        raise refuse("is not 1, the one version of the format that is read.", remedy="Write 1.")
    return value


@dataclass(frozen=True, slots=True)
class TierAmong:
    """A tier by its name, among those that make sense at a place."""

    tiers: tuple[Tier, ...]

    def check(self, value: Any) -> Tier:
        """The tier of that name."""
        named = {str(tier): tier for tier in self.tiers}
        if isinstance(value, str) and value in named:
            return named[value]
        raise refuse(
            f"is {shown(value)}, which is no tier here.",
            remedy=suggest(str(value), named, otherwise=f"The tiers are {', '.join(named)}."),
        )

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "enum": [str(tier) for tier in self.tiers]}


def _kind(value: Any) -> str | None:
    return "(text)" if isinstance(value, str) else "(mapping)" if isinstance(value, dict) else None


# A value with a short form, which is text, and a long one, which is a mapping. The tags are
# steps of the schema alone: `problems` leaves parts that start with a bracket out of paths.
TEXT_FORM: Final = Tag("(text)")
MAPPING_FORM: Final = Tag("(mapping)")
BY_FORM: Final = Discriminator(_kind)

FormatVersion = Annotated[Literal[1], BeforeValidator(_format_version)]
Text = Annotated[str, AfterValidator(_text), WithJsonSchema({"type": "string", "minLength": 1})]
Number = Annotated[Decimal, PlainValidator(as_number), WithJsonSchema({"type": "number"})]
DeclaredTier = Annotated[Tier, TierAmong(tuple(Tier))]
BarTier = Annotated[Tier, TierAmong((Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL))]
"""What is prohibited never ships, so no rule speaks of it."""
Id = Annotated[
    str,
    Matching(
        r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?",
        "an id of at most 64 lower-case letters, digits, '-' and '_'",
    ),
]
VersionName = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}",
        "a name of at most 64 letters, digits and the signs '.', '_', '+' and '-'",
    ),
]
