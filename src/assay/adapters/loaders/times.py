"""Types of fields that hold times: instants in UTC, days that begin or end, and periods."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from assay.adapters.loaders.fields import BarTier
from assay.adapters.loaders.problems import refuse, shown, wrong_type
from assay.errors import InvalidArgument
from assay.policy.periods import parse_end, parse_period, parse_start

_DATE: Final = r"\d{4}-\d\d-\d\d"
_ZONE: Final = r"(?:Z|[-+]\d\d:\d\d)"
_INSTANT: Final = rf"{_DATE}T\d\d:\d\d(?::\d\d)?{_ZONE}"
_PERIOD: Final = "[1-9][0-9]{0,4}[dh]"


def _start(value: Any) -> datetime:
    """A day from its first instant on, or an instant."""
    return _instant(value, parse_start)


def _end(value: Any) -> datetime:
    """The instant at which something ends: a bare day lasts to its end."""
    return _instant(value, parse_end)


def _instant(value: Any, parse: Callable[[str], datetime]) -> datetime:
    if not isinstance(value, str):
        raise wrong_type(value, wanted="a day such as 2026-12-31")
    try:
        if re.fullmatch(f"{_DATE}|{_INSTANT}", value):
            return parse(value)
    except InvalidArgument as error:
        raise refuse(
            f"is {shown(value)}, which is no day of the calendar.", remedy="Write a day that is."
        ) from error
    raise refuse(
        f"is {shown(value)}, which is no day and no instant with its time zone.",
        remedy="Write 2026-12-31 for a whole day (UTC), or 2026-12-31T12:00Z.",
    )


def _period(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise wrong_type(value, wanted="a period such as 90d")
    try:
        return parse_period(value)
    except InvalidArgument as error:
        raise refuse(
            f"is {shown(value)}, which is no period.", remedy="Write days or hours: 90d, 36h."
        ) from error


def _by_tier(value: Any) -> Any:
    """One period holds from the lowest tier up."""
    if isinstance(value, str):
        return {"low": value}
    if isinstance(value, dict):
        return value
    raise wrong_type(value, wanted="a period such as 90d, or periods by tier")


_DAY_SCHEMA: Final = {"type": "string", "pattern": f"^(?:{_DATE}|{_INSTANT})$"}
_PERIOD_SCHEMA: Final = {"type": "string", "pattern": f"^{_PERIOD}$"}

Start = Annotated[datetime, PlainValidator(_start), WithJsonSchema(_DAY_SCHEMA)]
End = Annotated[datetime, PlainValidator(_end), WithJsonSchema(_DAY_SCHEMA)]
Period = Annotated[timedelta, PlainValidator(_period), WithJsonSchema(_PERIOD_SCHEMA)]
PeriodByTier = Annotated[
    dict[BarTier, Period],
    BeforeValidator(_by_tier),
    WithJsonSchema(
        {
            "anyOf": [
                _PERIOD_SCHEMA,
                {
                    "type": "object",
                    "properties": dict.fromkeys(
                        ("low", "medium", "high", "critical"), _PERIOD_SCHEMA
                    ),
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        }
    ),
]
