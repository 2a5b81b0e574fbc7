"""Where the time comes from: the system, or an instant that a person names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from assay.errors import InvalidArgument


class SystemClock:
    """The operating system's clock. It may be set back; the journal's times may not."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """Always the same instant, for answers as of then."""

    instant: datetime

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise InvalidArgument("An instant needs a time zone.")

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self.instant.astimezone(UTC)
