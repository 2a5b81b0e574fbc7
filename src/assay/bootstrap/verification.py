"""What `assay verify` runs: a workspace or a pack, against the keys that a person trusts.

So does `assay log check`, of what was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.bootstrap.journals import open_journal
from assay.bootstrap.signing import KEY
from assay.bootstrap.stores import open_blobs, tile_store
from assay.bootstrap.workspaces import WORKSPACE, check_catalogue, check_workspace
from assay.errors import ConfigurationError

if TYPE_CHECKING:
    from assay.adapters.keys import Ed25519Verifier
    from assay.app.judging.replay import Recorded
    from assay.app.log.verifying.published import Published
    from assay.documents.packs.verification import PackVerification
    from assay.documents.recomputation import Recomputation
    from assay.documents.verification import WorkspaceVerification
    from assay.governance.verification import VerificationReport
    from assay.tlog.cosignature import Quorum


class LogNotTrusted(ConfigurationError):
    """A trust policy lists logs, and not the one at hand."""

    code = "witness.log-not-trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Who must have signed.

    Attributes:
        keys: the log's public key (`name+id+base64`), and those that sign beside it.
        threshold: how many of the keys must have signed each checkpoint and statement.
        witnesses: a trust policy that says who must have cosigned a checkpoint; where no key
            is given, the log's is taken from there.
    """

    keys: Sequence[str] = ()
    threshold: int = 1
    witnesses: Path | None = None

    def quorum(self) -> Quorum | None:
        """The witnesses of the trust policy, if one is named."""
        from assay.adapters.witnesses import load_quorum

        return None if self.witnesses is None else load_quorum(self.witnesses)

    def verifiers(self, quorum: Quorum | None, *, origin: str) -> list[Ed25519Verifier]:
        """The keys of a log that were named: here, or else in the trust policy.

        Raises:
            LogNotTrusted: the policy names logs, but none of that name.
        """
        from assay.adapters.keys import Ed25519Verifier

        if self.keys:
            return [Ed25519Verifier.parse(key) for key in self.keys]
        logs = [party.key for party in quorum.policy.logs] if quorum else []
        found = [Ed25519Verifier(log) for log in logs if log.name == origin]
        if logs and not found:
            raise LogNotTrusted(
                f"The trust policy has no key of the log {origin!r}.",
                remedy="Add the line `log KEY` with the key that its owner published, or give "
                "--key.",
            )
        return found


NOBODY: Trust = Trust()
"""No key is named, so the one that lies there is taken; the report says so."""


def verify_workspace(
    folder: Path,
    *,
    trust: Trust = NOBODY,
    state: bool,
    recompute: bool = False,
    manifest: Path | None = None,
) -> WorkspaceVerification:
    """Verify the journal in a folder without changing anything there.

    Args:
        folder: the folder that holds the workspace.
        trust: who must have signed; where it names no key, the workspace's own is trusted.
        state: whether to prove the tables too.
        recompute: whether to derive figures, verdicts and decisions again; they are read by
            way of the tables, so those are proved too.
        manifest: one whose own checks may be run for that; None: only installed ones.

    Raises:
        VerificationFailed: the first thing that is not what it claims to be.
        NoWorkspace: there is nothing to verify.
    """
    from assay.adapters.keys import Ed25519Verifier, load_key
    from assay.adapters.project import RecordedTexts
    from assay.app.judging.replay import Recorded
    from assay.app.log.verification import verify_journal
    from assay.documents.verification import WorkspaceVerification
    from assay.governance.fold import fold

    home = folder / WORKSPACE
    check_workspace(home)
    quorum = trust.quorum()
    own = Ed25519Verifier.parse(trust.keys[0]) if trust.keys else load_key(home / KEY).verifier
    trusted = trust.verifiers(quorum, origin=own.name)
    verifiers = trusted or [own]
    verifier = verifiers[0]
    blobs = open_blobs(home)
    recomputation = None
    with open_journal(home, space=verifier.name, read_only=True) as journal:
        report = verify_journal(
            journal,
            origin=verifier.name,
            verifiers=verifiers,
            blobs=blobs,
            fold=fold,
            state=state or recompute,
            quorum=quorum,
            threshold=trust.threshold,
        )
        if recompute:
            recorded = Recorded(
                records=journal,
                blobs=blobs,
                texts=RecordedTexts(),
                catalogue=check_catalogue(manifest),
            )
            recomputation = _recompute(recorded, report)
    return WorkspaceVerification(
        origin=verifier.name,
        key=str(verifier.key),
        key_given=bool(trusted),
        report=report,
        recomputation=recomputation,
    )


def verify_published(
    place: str, *, bundles: str | None = None, folder: Path, trust: Trust = NOBODY
) -> Published:
    """Verify a published log, file by file.

    Args:
        place: where its hashes lie, a folder or `s3://BUCKET/PREFIX`.
        bundles: where its entries lie; None: they are not looked at.
        folder: whose workspace's key is trusted where none is named.
        trust: who must have signed and cosigned.

    Raises:
        VerificationFailed: a file is not what was signed; the first is named.
        NoWorkspace: no key is named, and there is no workspace to take one from.
    """
    from assay.adapters.keys import Ed25519Verifier, load_key
    from assay.app.log.verifying import published

    if trust.keys:
        own = Ed25519Verifier.parse(trust.keys[0])
    else:
        check_workspace(folder / WORKSPACE)
        own = load_key(folder / WORKSPACE / KEY).verifier
    quorum = trust.quorum()
    return published.verify_published(
        tile_store(place),
        origin=own.name,
        verifiers=trust.verifiers(quorum, origin=own.name) or [own],
        bundles=None if bundles is None else tile_store(bundles),
        threshold=trust.threshold,
        quorum=quorum,
    )


def _recompute(recorded: Recorded, report: VerificationReport) -> Recomputation:
    from assay.adapters.keys import Ed25519Verifier
    from assay.app.packs.recomputing import recompute_journal

    verifiers = [Ed25519Verifier.parse(item) for item in report.keys]
    return recompute_journal(recorded, verifiers=verifiers)


def verify_pack(
    file: Path,
    *,
    trust: Trust = NOBODY,
    recompute: bool,
    manifest: Path | None = None,
    model: Path | None = None,
) -> PackVerification:
    """Verify a pack offline; no workspace is needed, and none is looked at.

    Args:
        file: the zip.
        trust: who must have signed; where it names no key, the one in the pack is taken, which
            proves only that the pack fits together.
        recompute: whether to derive figures, verdicts and decisions again.
        manifest: one whose own checks may be run for that; None: only installed ones.
        model: a model's file or folder, which must be the one that the pack is about.

    Raises:
        VerificationFailed: the first thing that is not what it claims to be.
    """
    from assay.adapters.archives import open_archive
    from assay.adapters.digests import component
    from assay.adapters.keys import Ed25519Verifier
    from assay.adapters.project import RecordedTexts
    from assay.app.packs import verification as pack_verification
    from assay.app.packs.unpacking.outside import pack_key
    from assay.documents.packs.layout import CHECKPOINT
    from assay.documents.packs.verification import PackVerification

    files = open_archive(file)
    quorum = trust.quorum()
    own = pack_key(files)
    trusted = trust.verifiers(quorum, origin=own.name)
    verifiers = trusted or [Ed25519Verifier(own)]
    pack = pack_verification.verify_pack(
        files, verifiers=verifiers, quorum=quorum, threshold=trust.threshold
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


def _cosigners(checkpoint: bytes, quorum: Quorum) -> tuple[str, ...]:
    from assay.tlog.note import parse_note

    return tuple(sorted(key.name for key in quorum.cosigners(parse_note(checkpoint))))
