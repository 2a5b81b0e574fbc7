"""What every journal checks before it appends, whatever keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from assay.errors import InvalidArgument, Refused
from assay.governance.events import Event


class JournalConflict(Refused):
    """A subject was changed by someone else between reading and writing."""

    code = "journal.conflict"


def check_times(events: Sequence[Event], *, since: datetime | None) -> None:
    """Refuse an empty batch, and a time before the one that it follows.

    Raises:
        InvalidArgument: a defect of the caller, who sees to clocks that are set back.
    """
    if not events:
        raise InvalidArgument("An append has at least one event.")
    last = since
    for event in events:
        if last is not None and event.time < last:
            raise InvalidArgument(
                f"A {event.type} event of {event.time} cannot follow one of {last}."
            )
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
