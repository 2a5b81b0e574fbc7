"""What can be wrong with a pack, and in which file."""

from __future__ import annotations

from assay.errors import VerificationFailed


class PackProblem(VerificationFailed):
    """The first file at which a pack is not what it claims to be."""

    code = "pack.problem"

    def __init__(self, what: str, *, file: str) -> None:
        self.file = file
        super().__init__(
            what,
            where=file,
            remedy="Trust nothing in this pack. Ask whoever keeps the log for a new one.",
        )


class PackIncomplete(PackProblem):
    """A file that every pack has, or that this one lists, is not there."""

    code = "pack.incomplete"


class PackStray(PackProblem):
    """A file stands in a pack where none belongs."""

    code = "pack.stray-file"


class PackFileChanged(PackProblem):
    """A file has not the digest under which the pack lists it."""

    code = "pack.file-changed"


class PackNotSigned(PackProblem):
    """The list of a pack's files is not signed by a trusted key."""

    code = "pack.not-signed"


class PackKeyDiffers(PackProblem):
    """A pack's key is another than the one that is trusted, or its two spellings differ."""

    code = "pack.key-differs"


class PackIndexDiffers(PackProblem):
    """A pack's index says something else than its entries."""

    code = "pack.index-differs"


class PackedEntryRejected(PackProblem):
    """An entry is not an event in canonical form, or does not belong in the pack."""

    code = "pack.entry-rejected"


class PackedProofRejected(PackProblem):
    """A proof does not show that its entry is in the log."""

    code = "pack.proof-rejected"


class PackedContentChanged(PackProblem):
    """Content is not what the entries name."""

    code = "pack.content-changed"


class PackedStatementRejected(PackProblem):
    """A statement is not signed by a trusted key, or is not the one that its entry names."""

    code = "pack.statement-rejected"


class PackLinkBroken(PackProblem):
    """An entry and its statement disagree, or rest on something that the pack does not have."""

    code = "pack.link-broken"
