"""Proofs to carry about: that one entry is in the signed log, for someone without the log."""

from __future__ import annotations

from itertools import islice

from assay.app.log.publishing import signed_note
from assay.app.log.verification import own_checkpoint
from assay.app.ports import Journal, Signer
from assay.errors import ConfigurationError
from assay.tlog.merkle import leaf_hash, tree_root
from assay.tlog.offline_proof import OfflineProof
from assay.tlog.proofs import inclusion_proof, verify_inclusion


class NoSuchEntry(ConfigurationError):
    """An entry was named that the log does not have."""

    code = "log.no-such-entry"


def prove_entry(journal: Journal, signer: Signer, index: int) -> OfflineProof:
    """The proof that an entry is in the log as it is now signed; it was verified.

    Args:
        journal: read once from its first entry to its last.
        signer: signs the committed head, unless that is signed already.
        index: of the entry, from 0.

    Raises:
        NoSuchEntry: the log has no entry of that index.
        VerificationFailed: the entries do not lead to the signed root.
    """
    size = journal.head().size
    if not 0 <= index < size:
        raise NoSuchEntry(
            f"There is no entry {index}: the log has {size}, counted from 0.",
            remedy="`assay log` shows the latest with their indices.",
        )
    note = signed_note(journal, signer)
    checkpoint = own_checkpoint(note, signer)

    def range_root(start: int, end: int) -> bytes:
        entries = islice(journal.entries(start), end - start)
        return tree_root(leaf_hash(entry.data) for entry in entries)

    proof = inclusion_proof(index, checkpoint.size, range_root)
    verify_inclusion(
        index=index,
        size=checkpoint.size,
        leaf_hash=range_root(index, index + 1),
        proof=proof,
        root=checkpoint.root,
    )
    return OfflineProof(index=index, hashes=proof, checkpoint=note)
