"""What leaves a workspace, and what comes from elsewhere: packs, tiles, anchors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.bootstrap.witnessing import quorum_in, trusted_keys
from assay.bootstrap.workspaces import check_catalogue
from assay.errors import ConfigurationError, EnvironmentUnavailable, suggest

if TYPE_CHECKING:
    from assay.app.ports import Anchor
    from assay.app.pulling import Pulled
    from assay.app.services import Services
    from assay.documents.packs.verification import PackVerification
    from assay.documents.packs.written import WrittenPack
    from assay.governance.fold import Record
    from assay.tlog.cosignature import Quorum


class UnknownAudience(ConfigurationError):
    """A pack was asked for nobody that packs are made for."""

    code = "pack.unknown-audience"


class PackNotWritten(EnvironmentUnavailable):
    """A pack's file cannot be written."""

    code = "pack.not-written"


def write_pack(
    services: Services, version: Record, *, audience: str, output: Path | None
) -> WrittenPack:
    """Pack a version into a zip, which only its owner can read.

    Args:
        services: the workspace.
        version: the version's record.
        audience: "auditor" or "public".
        output: the file, which is replaced; None names it after the version, here.

    Raises:
        UnknownAudience: packs are for nobody of that name.
        PackNotWritten: the file cannot be written.
    """
    from assay.adapters.archives import write_archive
    from assay.adapters.files import write_whole
    from assay.app.packing import pack_version
    from assay.documents.packs.layout import Audience
    from assay.documents.packs.written import WrittenPack
    from assay.evidence.canonical import digest

    known = [item.value for item in Audience]
    if audience not in known:
        raise UnknownAudience(
            f"Packs are not made for {audience!r}.",
            remedy=suggest(audience, known, otherwise=f"Known: {', '.join(known)}."),
        )
    packed = pack_version(services, version, audience=Audience(audience))
    data = write_archive(packed.files)
    path = output or Path(f"{packed.pack.system}-{packed.pack.name}-{audience}.zip")
    try:
        write_whole(path, data, replace=True)
    except OSError as error:
        raise PackNotWritten(
            f"The pack cannot be written: {error.strerror}.",
            where=str(path),
            remedy="Name a file that you may write, by --output.",
        ) from error
    return WrittenPack(pack=packed.pack, file=str(path), size=len(data), digest=digest(data))


def verify_pack(
    file: Path,
    *,
    keys: Sequence[str] = (),
    threshold: int = 1,
    recompute: bool,
    manifest: Path | None = None,
    model: Path | None = None,
    witnesses: Path | None = None,
) -> PackVerification:
    """Verify a pack offline; no workspace is needed, and none is looked at.

    Args:
        file: the zip.
        keys: the log's public key (`name+id+base64`), and those that sign beside it; without
            any the one in the pack is taken, which proves only that the pack fits together.
        threshold: how many of the keys must have signed the checkpoint and each statement.
        recompute: whether to derive figures, verdicts and decisions again.
        manifest: one whose own checks may be run for that; None: only installed ones.
        model: a model's file or folder, which must be the one that the pack is about.
        witnesses: a trust policy that says who must have cosigned its checkpoint; where no key
            is given, the log's is taken from there.

    Raises:
        VerificationFailed: the first thing that is not what it claims to be.
    """
    from assay.adapters.archives import open_archive
    from assay.adapters.digests import component
    from assay.adapters.keys import Ed25519Verifier
    from assay.adapters.project import RecordedTexts
    from assay.app import pack_verification
    from assay.app.unpacking.outside import pack_key
    from assay.documents.packs.layout import CHECKPOINT
    from assay.documents.packs.verification import PackVerification

    files = open_archive(file)
    quorum = quorum_in(witnesses)
    own = pack_key(files)
    trusted = trusted_keys(keys, quorum, origin=own.name)
    verifiers = trusted or [Ed25519Verifier(own)]
    pack = pack_verification.verify_pack(
        files, verifiers=verifiers, quorum=quorum, threshold=threshold
    )
    if model is not None:
        pack_verification.verify_model(pack, component(model), where=str(model))
    recomputation = None
    if recompute:
        recomputation = pack_verification.recompute_pack(
            files,
            pack,
            verifiers=verifiers,
            texts=RecordedTexts(),
            catalogue=check_catalogue(manifest),
        )
    return PackVerification(
        pack=pack,
        key_given=bool(trusted),
        recomputation=recomputation,
        model=None if model is None else str(model),
        cosigners=None if quorum is None else _cosigners(files[CHECKPOINT], quorum),
    )


def pull_pack(services: Services, file: Path, *, keys: Sequence[str], actor: str) -> Pulled:
    """Verify a pack, and take in what it says.

    Args:
        services: the receiving workspace.
        file: the zip.
        keys: the public key of the log that it comes from, and those that sign beside it.
        actor: who takes it in.

    Raises:
        VerificationFailed: the pack is not what it claims to be; nothing is recorded.
        PullRefused: it cannot be taken in here.
    """
    from assay.adapters.archives import open_archive
    from assay.adapters.keys import Ed25519Verifier
    from assay.app.pulling import pull

    verifiers = [Ed25519Verifier.parse(key) for key in keys]
    return pull(services, open_archive(file), verifiers=verifiers, actor=actor)


def _cosigners(checkpoint: bytes, quorum: Quorum) -> tuple[str, ...]:
    from assay.tlog.note import parse_note

    return tuple(sorted(key.name for key in quorum.cosigners(parse_note(checkpoint))))


def anchors(
    folder: Path, origin: str, *, file: Path | None, git_note: bool
) -> Mapping[str, Anchor]:
    """The places named to keep checkpoints of a log, each with how to call it."""
    from assay.adapters.anchors import FileAnchor, GitNotesAnchor

    places: dict[str, Anchor] = {}
    if file is not None:
        places[str(file)] = FileAnchor(file)
    if git_note:
        notes = GitNotesAnchor(folder, origin=origin)
        places[notes.ref] = notes
    return places
