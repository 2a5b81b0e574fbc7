"""What every journal checks before it appends, whatever keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from assay.app.ports import TimeBehind
from assay.errors import InvalidArgument, Refused
from assay.governance.events import Event

NAME_BYTES_MAX: Final = 1024
"""Of a subject, and of a record's kind, key and parent: what every database can index."""


class JournalConflict(Refused):
    """A subject was changed by someone else between reading and writing."""

    code = "journal.conflict"


def check_times(events: Sequence[Event], *, since: datetime | None) -> None:
    """Refuse an empty batch, and a time before the one that it follows.

    Raises:
        InvalidArgument: a defect of the caller, who sees to clocks that are set back.
        TimeBehind: someone else has appended since the caller looked at the head.
    """
    if not events:
        raise InvalidArgument("An append has at least one event.")
    last = since
    for event in events:
        if last is not None and event.time < last:
            raise TimeBehind(f"A {event.type} event of {event.time} cannot follow one of {last}.")
        last = event.time


def check_revisions(expected: Mapping[str, int], actual: Mapping[str, int]) -> None:
    """Refuse to write on what was read if it has changed since.

    Args:
        expected: events of each subject when it was read.
        actual: events of each subject now; a subject left out has none.

    Raises:
        JournalConflict: a subject has more or fewer events than it had.
    """
    for subject, revision in sorted(expected.items()):
        if actual.get(subject, 0) != revision:
            raise JournalConflict(
                f"{subject} was changed meanwhile: it has {actual.get(subject, 0)} events and "
                f"had {revision} when it was read. Nothing was recorded.",
                remedy="Look at what changed, then run the command again.",
            )


def check_names(names: Collection[str]) -> None:
    """Refuse names that not every database can keep, before anything is written.

    Raises:
        InvalidArgument: one is too long, or is not text without NUL.
    """
    if can_be_kept("".join(names)):
        return  # What holds for the whole holds for each; it seldom does not.
    for name in names:
        if not can_be_kept(name):
            raise InvalidArgument(
                f"The name {name[:40]!r} has NUL, a lone surrogate, or more than "
                f"{NAME_BYTES_MAX:,} bytes."
            )


def can_be_kept(name: str) -> bool:
    """Whether there can be a subject or record of that name in any journal."""
    if name.isascii():
        return len(name) <= NAME_BYTES_MAX and "\0" not in name
    try:
        return len(name.encode()) <= NAME_BYTES_MAX and "\0" not in name
    except UnicodeEncodeError:
        return False
