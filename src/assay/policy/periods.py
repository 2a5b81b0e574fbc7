"""Periods as a policy writes them, "90d" or "36h", and instants as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

from assay.errors import InvalidArgument

PERIOD: Final = re.compile(r"([1-9][0-9]{0,4})([dh])")
"""A number without leading zeros, of days or hours."""

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")

_MINUTE: Final = ("minute", timedelta(minutes=1))

_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1)}


def parse_period(text: str) -> timedelta:
    """The period that a text spells.

    Raises:
        InvalidArgument: it spells none.

    >>> parse_period("90d")
    datetime.timedelta(days=90)
    """
    found = PERIOD.fullmatch(text)
    if found is None:
        raise InvalidArgument(f"{text!r} is no period such as '90d' or '36h'.")
    return int(found[1]) * _UNITS[found[2]]


def period_text(period: timedelta) -> str:
    """The one spelling of a period: days where they are whole, else hours.

    >>> period_text(timedelta(hours=48)), period_text(timedelta(hours=36))
    ('2d', '36h')
    """
    hours, rest = divmod(period, timedelta(hours=1))
    if rest or hours < 1:
        raise InvalidArgument(f"A period is a whole number of hours, not {period!r}.")
    return f"{hours}h" if hours % 24 else f"{hours // 24}d"


def period_words(period: timedelta) -> str:
    """A period in words, rounded down: "100 days", "1 day", "5 hours", "3 minutes".

    >>> period_words(timedelta(days=100, hours=3)), period_words(timedelta(hours=1))
    ('100 days', '1 hour')
    """
    if period >= timedelta(days=1):
        return f"{period.days} day" + ("" if period.days == 1 else "s")
    name, unit = ("hour", timedelta(hours=1)) if period >= timedelta(hours=1) else _MINUTE
    number = period // unit
    return f"{number} {name}" + ("" if number == 1 else "s")


def start_words(instant: datetime) -> str:
    """The UTC instant from which something holds: a day, with the time where it is not midnight.

    >>> from datetime import UTC
    >>> start_words(datetime(2026, 8, 2, tzinfo=UTC))
    '2026-08-02'
    """
    if instant.time() == time(0):
        return instant.strftime("%Y-%m-%d")
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def end_words(instant: datetime) -> str:
    """The UTC instant at which something ends: midnight is the end of the day before.

    >>> from datetime import UTC
    >>> end_words(datetime(2027, 1, 1, tzinfo=UTC))
    '2026-12-31'
    """
    if instant.time() == time(0):
        return (instant - timedelta(days=1)).strftime("%Y-%m-%d")
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def parse_end(text: str) -> datetime:
    """The UTC instant at which something ends that people name by a day, or by an instant.

    A bare date lasts to the end of that day.

    Raises:
        InvalidArgument: it is neither, or an instant without a time zone.

    >>> parse_end("2026-12-31").isoformat()
    '2027-01-01T00:00:00+00:00'
    >>> parse_end("2026-12-31T12:00+02:00").isoformat()
    '2026-12-31T10:00:00+00:00'
    """
    return _named(text, whole_day=timedelta(days=1))


def parse_start(text: str) -> datetime:
    """The UTC instant from which something holds: a bare date begins with its first instant.

    Raises:
        InvalidArgument: it is neither a day, nor an instant with a time zone.

    >>> parse_start("2026-08-02").isoformat()
    '2026-08-02T00:00:00+00:00'
    """
    return _named(text, whole_day=timedelta(0))


def _named(text: str, *, whole_day: timedelta) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            return instant.replace(tzinfo=UTC) + whole_day
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidArgument(
        f"{text!r} is no day such as 2026-12-31, and no instant such as 2026-12-31T18:00Z."
    )
