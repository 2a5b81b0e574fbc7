"""What leaves a workspace, and what comes from elsewhere: packs, tiles, anchors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import ConfigurationError, EnvironmentUnavailable, suggest

if TYPE_CHECKING:
    from assay.app.packs.pulling import Pulled
    from assay.app.ports import Anchor
    from assay.app.services import Services
    from assay.documents.packs.written import WrittenPack
    from assay.governance.fold import Record


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
    from assay.app.packs.packing import pack_version
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
    from assay.app.packs.pulling import pull

    verifiers = [Ed25519Verifier.parse(key) for key in keys]
    return pull(services, open_archive(file), verifiers=verifiers, actor=actor)


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
