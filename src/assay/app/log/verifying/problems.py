"""What can be wrong with a journal, and where."""

from __future__ import annotations

from assay.errors import VerificationFailed


class JournalProblem(VerificationFailed):
    """The first entry at which a journal is not what it claims to be.

    Attributes:
        index: of that entry.
    """

    code = "journal.problem"

    def __init__(self, what: str, *, index: int) -> None:
        self.index = index
        super().__init__(
            what,
            where=f"entry {index}",
            remedy="Compare the journal with a backup, or with checkpoints that others keep.",
        )


class EntryMissing(JournalProblem):
    """An entry that was counted or signed is not there."""

    code = "journal.entry-missing"


class EntryStray(JournalProblem):
    """An entry stands where none belongs."""

    code = "journal.entry-stray"


class EntryChanged(JournalProblem):
    """An entry's bytes have not the leaf hash stored with them."""

    code = "journal.entry-changed"


class EntryMalformed(JournalProblem):
    """An entry is not the canonical form of an event."""

    code = "journal.entry-malformed"


class TimeRunsBackwards(JournalProblem):
    """An event is older than the one before it."""

    code = "journal.time-backwards"


class HistoryRewritten(JournalProblem):
    """Entries have another root than the one that was signed or recorded."""

    code = "journal.rewritten"


class CheckpointRejected(JournalProblem):
    """A kept checkpoint is not this log's, or not signed by its key."""

    code = "journal.checkpoint-rejected"


class KeyRotationRejected(JournalProblem):
    """A log was handed on to a key for which the key in force did not vouch."""

    code = "journal.key-rotation-rejected"


class ContentDamaged(JournalProblem):
    """Content that an event names is stored, but is not what the event names."""

    code = "journal.content-damaged"


class StatementRejected(JournalProblem):
    """A signed statement is not the one that its event names."""

    code = "journal.statement-rejected"


class StateDiffers(JournalProblem):
    """Stored records are not those that the entries fold to."""

    code = "journal.state-differs"
