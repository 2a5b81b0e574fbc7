"""Verifying a pack: offline, without a workspace, against keys that came by another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from assay.app.judging.replay import Recorded, Texts
from assay.app.packs.recomputing import StatementOf, recompute_all
from assay.app.packs.unpacking.contents import PackedContents, PackedStatements, read_contents
from assay.app.packs.unpacking.entries import read_about, read_checkpoint, read_entries
from assay.app.packs.unpacking.keys import PackedKeys, vouched
from assay.app.packs.unpacking.links import check_links
from assay.app.packs.unpacking.outside import check_names, check_outside, pack_key
from assay.app.packs.unpacking.problems import PackIndexDiffers
from assay.app.ports import CheckCatalogue
from assay.documents.packs.files import expected_names
from assay.documents.packs.index import Pack, index_json
from assay.documents.packs.layout import CHECKPOINT, INDEX, Audience
from assay.documents.recomputation import Recomputation
from assay.errors import VerificationFailed
from assay.evidence.canonical import Json
from assay.evidence.statements import Statement
from assay.governance.events import VERSION_REGISTERED
from assay.governance.fold import Record
from assay.governance.records import FoldedRecords
from assay.governance.versions import MODEL
from assay.tlog.cosignature import Quorum
from assay.tlog.keys import NoteVerifier, parse_verifier_key
from assay.tlog.note import parse_note


class ModelDiffers(VerificationFailed):
    """A model is another than the one that a pack is about."""

    code = "pack.model-differs"


def verify_pack(
    files: Mapping[str, bytes],
    *,
    verifiers: Sequence[NoteVerifier],
    quorum: Quorum | None = None,
    threshold: int = 1,
) -> Pack:
    """Check a pack, file by file.

    Args:
        files: its files in their order; none is trusted.
        verifiers: the trusted keys; where the log was handed on to another key, the one in
            force by then must have signed.
        quorum: the witnesses who must have cosigned its checkpoint; None asks for none.
        threshold: how many of the keys must have signed the checkpoint and each statement.

    Returns:
        What the pack is about; every entry, statement and content in it was checked.

    Raises:
        QuorumMissed: too few of the witnesses cosigned.
        VerificationFailed: something is not what it claims to be; a PackProblem names the
            first such file.
    """
    key = pack_key(files)
    last = vouched(files, verifiers)
    digests = check_outside(files, key, last)
    checkpoint = read_checkpoint(files, origin=key.name, verifiers=last, threshold=threshold)
    if quorum is not None:
        quorum.check(parse_note(files[CHECKPOINT]))
    entries = read_entries(files, checkpoint)
    keys = PackedKeys(entries, key, verifiers, threshold=threshold)
    about = read_about(entries, keys.first)
    statements = PackedStatements(files, keys)
    check_links(entries, statements.of, about=about, origin=key.name)
    pack = Pack(
        audience=Audience.AUDITOR,
        system=about.system,
        version=about.version,
        name=about.name,
        key=str(key),
        checkpoint=checkpoint,
        entries=entries,
        contents=(),
    )
    pack = _indexed(files[INDEX], pack, digests)
    check_names(files, expected_names(pack))
    return pack


def verify_model(pack: Pack, found: Mapping[str, Json], *, where: str) -> None:
    """Check that a model is the one that the pack's version names.

    Args:
        pack: as `verify_pack` returned it.
        found: the model's pin, as a version's component has it.
        where: the model's path, for the error.

    Raises:
        ModelDiffers: it is another.
    """
    registered = [item.event for item in pack.entries if item.event.type == VERSION_REGISTERED]
    components = cast(Mapping[str, Json], registered[-1].body["components"])
    if components[MODEL] != found:
        raise ModelDiffers(
            f"The model is not the one of version {pack.name}.",
            where=where,
            remedy="Its evidence says nothing about this model.",
        )


def recompute_pack(
    files: Mapping[str, bytes],
    pack: Pack,
    *,
    verifiers: Sequence[NoteVerifier],
    texts: Texts,
    catalogue: CheckCatalogue,
) -> Recomputation:
    """Derive what a pack records again, from the tallies and the policy that it carries.

    Args:
        files: its files.
        pack: what `verify_pack` returned for them.
        verifiers: the trusted keys.
        texts: what reads policies and documents.
        catalogue: the checks that are here.

    Raises:
        RecomputedOtherwise: a figure, verdict or decision comes out otherwise; the first.
    """
    return recompute_all(
        recorded_in(files, pack, texts=texts, catalogue=catalogue),
        statements_in(files, pack, verifiers=verifiers),
    )


def recorded_in(
    files: Mapping[str, bytes], pack: Pack, *, texts: Texts, catalogue: CheckCatalogue
) -> Recorded:
    """The records and content of a pack, read as a workspace's are.

    Args:
        files: its files.
        pack: what `verify_pack` returned for them.
        texts: what reads policies and documents.
        catalogue: the checks that are here.
    """
    records = FoldedRecords()
    for item in pack.entries:
        records.apply(item.event, item.index)
    return Recorded(
        records=records,
        blobs=PackedContents(files, pack.contents),
        texts=texts,
        catalogue=catalogue,
    )


def statements_in(
    files: Mapping[str, bytes], pack: Pack, *, verifiers: Sequence[NoteVerifier]
) -> StatementOf:
    """The statements of a pack's records, each signed by a key that was in force."""
    keys = PackedKeys(pack.entries, parse_verifier_key(pack.key), verifiers)
    statements = PackedStatements(files, keys)
    entries = {item.index: item for item in pack.entries}

    def statement_of(record: Record) -> Statement:
        statement = statements.of(entries[cast(int, record.value["index"])])
        assert statement is not None  # noqa: S101 - its record was folded from one with an id
        return statement

    return statement_of


def _indexed(index: bytes, pack: Pack, digests: Mapping[str, str]) -> Pack:
    """The pack with its audience and contents, as the index has them.

    The index is not parsed: of the two that the entries allow it must be one.
    """
    for audience in Audience:
        contents = read_contents(digests, pack.entries, audience)
        candidate = replace(pack, audience=audience, contents=contents)
        if index == index_json(candidate):
            return candidate
    raise PackIndexDiffers("The index is not the one that follows from the entries.", file=INDEX)
