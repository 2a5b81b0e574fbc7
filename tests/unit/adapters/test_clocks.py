"""Clocks give aware instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assay.adapters.clocks import FixedClock, SystemClock
from assay.errors import InvalidArgument


def test_system_clock_is_aware_and_utc() -> None:
    """The present instant has a zone, and it is UTC."""
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_fixed_clock_answers_as_of_its_instant() -> None:
    """An instant in any zone is given in UTC; one without a zone is refused."""
    instant = datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert FixedClock(instant).now() == datetime(2026, 2, 28, 23, tzinfo=UTC)
    with pytest.raises(InvalidArgument):
        FixedClock(datetime(2026, 3, 1))  # noqa: DTZ001 - the case
