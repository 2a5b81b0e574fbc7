"""Keeping checkpoints outside: whoever rewrites the log later contradicts what is kept there."""

from __future__ import annotations

from assay.app.log.publishing import demand_continuation, known_checkpoint, signed_note
from assay.app.log.verification import own_checkpoint
from assay.app.ports import Anchor, Journal, Signer
from assay.tlog.checkpoint import Checkpoint


def anchor_checkpoint(journal: Journal, signer: Signer, anchor: Anchor) -> Checkpoint:
    """Sign the committed head, and keep the checkpoint in a place outside.

    Every checkpoint that is kept there already is held against the journal first.

    Raises:
        JournalBehind: one that is kept has more entries than the journal.
        LogForked: the journal does not begin with what one that is kept has signed.
        VerificationFailed: what is kept is no checkpoint of this key, or the journal does not
            continue what was signed.
    """
    for note in anchor.kept():
        demand_continuation(journal, known_checkpoint(journal, note, signer))
    note = signed_note(journal, signer)
    anchor.keep(note)
    return own_checkpoint(note, signer)
