"""The one place where ports meet adapters.

Adapters are imported inside the functions that wire them, so that a command loads only what
it uses.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.errors import ConfigurationError, EnvironmentUnavailable, suggest

if TYPE_CHECKING:
    from assay.adapters.discovery.answers import Answers, Proposal
    from assay.adapters.loaders.catalogues import Catalogues
    from assay.app.ports import Anchor, CheckCatalogue, Drawer, Project, TileStore
    from assay.app.services import Services
    from assay.checks.check import Check
    from assay.documents.gate import GateReport
    from assay.documents.intake import IntakeReport
    from assay.documents.packs.verification import PackVerification
    from assay.documents.packs.written import WrittenPack
    from assay.documents.verification import WorkspaceVerification
    from assay.governance.fold import Record
    from assay.governance.stages import Stage
    from assay.policy import conditions

MANIFEST: Final = "assay.yaml"
WORKSPACE: Final = ".assay"
"""The folder of a workspace, beside the manifest; ignored by git."""

JOURNAL: Final = "journal.db"
KEY: Final = "keys/workspace.key"
BLOBS: Final = "blobs"
DRAWINGS: Final = "drawings"
"""Pictures drawn before; they can be deleted at any time."""


class NoWorkspace(EnvironmentUnavailable):
    """There is no workspace where one was looked for."""

    code = "workspace.missing"


class ManifestExists(ConfigurationError):
    """`assay init` does not touch a manifest that is there."""

    code = "init.manifest-exists"


class UnknownSchema(ConfigurationError):
    """A schema was named that does not exist."""

    code = "schema.unknown"


class NoAnswers(ConfigurationError):
    """There is no file of answers to the intake questionnaire."""

    code = "intake.missing"


class IntakeNotWritten(EnvironmentUnavailable):
    """The answers that were given cannot be written to their file."""

    code = "intake.not-written"


class UnknownReadyPolicy(ConfigurationError):
    """A ready policy was named that does not exist."""

    code = "policy.unknown-ready"


class UnknownAudience(ConfigurationError):
    """A pack was asked for nobody that packs are made for."""

    code = "pack.unknown-audience"


class PackNotWritten(EnvironmentUnavailable):
    """A pack's file cannot be written."""

    code = "pack.not-written"


class UnknownStage(ConfigurationError):
    """A stage was named that does not exist."""

    code = "stage.unknown"


def gate(manifest: str | Path = "assay.yaml", *, actor: str | None = None) -> GateReport:
    """Decide whether the version beside a manifest may ship, record why, and return the report.

    What `assay gate` does; the same errors are raised.

    Args:
        manifest: the manifest's path; its folder holds the workspace.
        actor: who runs it; None takes git's identity there.
    """
    from assay.app.gate import gate_version

    project = open_project(Path(manifest))
    with open_workspace(project.root) as services:
        return gate_version(services, project, actor=actor_name(actor, project.root))


def verify(
    folder: str | Path = ".", *, key: str | None = None, state: bool = True
) -> WorkspaceVerification:
    """Verify a workspace's whole journal: entries, hashes, signatures, blobs and tables.

    What `assay verify --state` does.

    Raises:
        VerificationFailed: the first thing that is not what it claims to be.
    """
    return verify_workspace(Path(folder), key=key, state=state)


def open_project(manifest: Path) -> Project:
    """The model's repository whose manifest stands at that path."""
    from assay.adapters.project import LocalProject
    from assay.adapters.settings import load_roots

    return LocalProject(manifest, roots=load_roots(manifest.parent / WORKSPACE))


@contextmanager
def open_workspace(folder: Path, *, create: bool = True) -> Generator[Services]:
    """The workspace in a folder, with its journal, blobs and key; closed at the end.

    A workspace begins with its key and its first event; either is made good if an earlier
    beginning was interrupted.

    Raises:
        NoWorkspace: there is none, and `create` is false.
        EnvironmentUnavailable: it cannot be read or written.
    """
    from assay.adapters.blobs import LocalBlobs
    from assay.adapters.clocks import SystemClock
    from assay.adapters.engine import DuckDbCollector
    from assay.adapters.keys import create_key, load_key
    from assay.adapters.predictor import SubprocessPredictor
    from assay.adapters.sql.sqlite import open_sqlite
    from assay.app.beginning import begin_workspace
    from assay.app.services import Services
    from assay.governance.fold import fold

    home = folder / WORKSPACE
    if not create:
        _check_workspace(home)
    _make_home(home)
    key = home / KEY
    signer = load_key(key) if key.exists() else create_key(key, name=_origin())
    with open_sqlite(home / JOURNAL, fold=fold) as journal, SubprocessPredictor() as predictor:
        services = Services(
            clock=SystemClock(),
            journal=journal,
            blobs=LocalBlobs(home / BLOBS),
            signer=signer,
            collector=DuckDbCollector(),
            predictor=predictor,
            random_bytes=secrets.token_bytes,
        )
        begin_workspace(services)
        yield services


def tile_store(folder: Path, *, confidential: bool = False) -> TileStore:
    """A folder to publish a log in, readable by its owner alone if it is confidential."""
    from assay.adapters.tile_store import TileFolder

    return TileFolder(folder, confidential=confidential)


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


def open_drawer(folder: Path) -> Drawer:
    """What draws pictures; it keeps them in the workspace of that folder."""
    from assay.adapters.drawing import VegaDrawer

    return VegaDrawer(folder / WORKSPACE / DRAWINGS)


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
    file: Path, *, key: str | None, recompute: bool, manifest: Path | None = None
) -> PackVerification:
    """Verify a pack offline; no workspace is needed, and none is looked at.

    Args:
        file: the zip.
        key: the log's public key (`name+id+base64`); None takes the one in the pack, which
            proves only that the pack fits together.
        recompute: whether to derive figures, verdicts and decisions again.
        manifest: one whose own checks may be run for that; None: only installed ones.

    Raises:
        VerificationFailed: the first thing that is not what it claims to be.
    """
    from assay.adapters.archives import open_archive
    from assay.adapters.keys import Ed25519Verifier
    from assay.adapters.project import RecordedTexts
    from assay.app import pack_verification
    from assay.app.unpacking.outside import pack_key
    from assay.documents.packs.verification import PackVerification

    files = open_archive(file)
    verifiers = [Ed25519Verifier.parse(key) if key else Ed25519Verifier(pack_key(files))]
    pack = pack_verification.verify_pack(files, verifiers=verifiers)
    recomputation = None
    if recompute:
        recomputation = pack_verification.recompute_pack(
            files,
            pack,
            verifiers=verifiers,
            texts=RecordedTexts(),
            catalogue=_catalogue(manifest),
        )
    return PackVerification(pack=pack, key_given=key is not None, recomputation=recomputation)


def verify_workspace(
    folder: Path,
    *,
    key: str | None,
    state: bool,
    recompute: bool = False,
    manifest: Path | None = None,
) -> WorkspaceVerification:
    """Verify the journal in a folder without changing anything there.

    Args:
        folder: the folder that holds the workspace.
        key: the log's public key (`name+id+base64`); None trusts the workspace's own.
        state: whether to prove the tables too.
        recompute: whether to derive figures, verdicts and decisions again; they are read by
            way of the tables, so those are proved too.
        manifest: one whose own checks may be run for that; None: only installed ones.

    Raises:
        VerificationFailed: the first thing that is not what it claims to be.
        NoWorkspace: there is nothing to verify.
    """
    from assay.adapters.blobs import LocalBlobs
    from assay.adapters.keys import Ed25519Verifier, load_key
    from assay.adapters.project import RecordedTexts
    from assay.adapters.sql.sqlite import open_sqlite
    from assay.app.recomputing import recompute_journal
    from assay.app.replay import Recorded
    from assay.app.verification import verify_journal
    from assay.documents.verification import WorkspaceVerification
    from assay.governance.fold import fold

    home = folder / WORKSPACE
    _check_workspace(home)
    verifier = Ed25519Verifier.parse(key) if key else load_key(home / KEY).verifier
    blobs = LocalBlobs(home / BLOBS)
    recomputation = None
    with open_sqlite(home / JOURNAL, fold=fold, read_only=True) as journal:
        report = verify_journal(
            journal,
            origin=verifier.name,
            verifiers=[verifier],
            blobs=blobs,
            fold=fold,
            state=state or recompute,
        )
        if recompute:
            recorded = Recorded(
                records=journal,
                blobs=blobs,
                texts=RecordedTexts(),
                catalogue=_catalogue(manifest),
            )
            recomputation = recompute_journal(recorded, verifiers=[verifier])
    return WorkspaceVerification(
        origin=verifier.name,
        key=str(verifier.key),
        key_given=key is not None,
        report=report,
        recomputation=recomputation,
    )


def actor_name(named: str | None, folder: Path) -> str:
    """Who acts: the name given, or git's identity in that folder, or the login name."""
    from assay.adapters.identity import local_identity

    return named or local_identity(folder)


def recorded_version(services: Services, project: Project, wanted: str | None) -> Record:
    """The version that a command names, or the one that the repository holds now.

    Raises:
        UnknownVersion: it is not recorded.
    """
    from assay.app.evaluation import identify
    from assay.app.replay import find_version

    manifest, _ = project.manifest()
    name = wanted or identify(project, manifest).digest
    return find_version(services, manifest.system.id, name)


def init_answers(
    given: Mapping[str, str | None],
    *,
    predict: Sequence[str] | None,
    protected: Sequence[str] | None,
) -> Answers:
    """What the flags of `assay init` say.

    Raises:
        UnusableAnswer: a flag's value is none that its question allows.
    """
    from assay.adapters.discovery.answers import (
        QUESTIONS,
        Answers,
        Question,
        answered,
        protected_column,
    )

    questions = {question.field: question for question in QUESTIONS}
    answers = Answers(
        predict=tuple(predict) if predict else None,
        protected=None if protected is None else tuple(map(protected_column, protected)),
    )
    for name, text in given.items():
        if text is not None:
            question = questions.get(name) or Question(field=name, text=name)
            answers = answered(answers, question, text)
    return answers


def propose(folder: Path, answers: Answers) -> Proposal:
    """The answers, completed by what the folder holds, and what is left to ask."""
    from assay.adapters.discovery.finder import discover

    return discover(folder, answers)


def write_first_files(folder: Path, proposal: Proposal) -> dict[str, bool]:
    """Write the first manifest and the texts it names; each file, and whether it is new.

    Raises:
        IncompleteAnswers: something is still to be said.
        ManifestExists: there is a manifest already.
    """
    from assay.adapters.discovery.answers import complete
    from assay.adapters.discovery.starter import starter_files

    if (folder / MANIFEST).exists():
        raise ManifestExists(
            "There is a manifest already; it stays as it is.",
            where=str(folder / MANIFEST),
            remedy="Edit it, or move it away and run `assay init` again.",
        )
    written: dict[str, bool] = {}
    for name, text in starter_files(complete(proposal), proposal.reasons).items():
        path = folder / name
        written[name] = not path.exists()
        if written[name]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return written


def catalogues() -> Catalogues:
    """Everything that Assay ships of law and good practice."""
    from assay.adapters.loaders.catalogues import load_catalogues

    return load_catalogues()


def read_intake(file: Path) -> IntakeReport:
    """What follows from the answers in a file.

    Raises:
        NoAnswers: the file is not there.
        ConfigurationError: it is no answers file.
    """
    from assay.adapters.loaders.files import MissingFile, read_written
    from assay.adapters.loaders.intake import parse_answers
    from assay.app.intake import assess_intake

    try:
        written = read_written(file, file=str(file))
    except MissingFile as error:
        raise NoAnswers(
            "There are no answers to the intake questionnaire.",
            where=str(file),
            remedy="On a terminal `assay intake` asks and writes them; `assay schema intake` "
            "describes the file.",
        ) from error
    known = catalogues()
    return assess_intake(
        parse_answers(written, known.questionnaire),
        file=str(file),
        questionnaire=known.questionnaire,
        library=known.library,
        controls=known.controls,
        ready=known.ready,
    )


def write_intake(file: Path, answers: conditions.Answers) -> None:
    """Write a first answers file; none that exists is touched.

    Raises:
        IntakeNotWritten: it exists, or its folder takes no file.
    """
    from assay.adapters.loaders.intake import render_answers
    from assay.adapters.loaders.questionnaires import load_questionnaire

    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(render_answers(load_questionnaire(), answers))
    except OSError as error:
        raise IntakeNotWritten(
            f"The answers cannot be written: {error.strerror}.",
            where=str(file),
            remedy="Name a file that you may make.",
        ) from error


def ready_policy(name: str) -> tuple[str, str]:
    """A ready policy's text, and that of what it leaves to people.

    Raises:
        UnknownReadyPolicy: there is none of that name.
    """
    from assay.adapters.loaders.catalogues import READY
    from assay.adapters.loaders.shipped import shipped
    from assay.documents.ready import attestations_file, policy_file

    known = catalogues().ready.policies
    if name not in known:
        raise UnknownReadyPolicy(
            f"There is no ready policy {name!r}.",
            remedy=suggest(name, known, otherwise=f"Ready policies: {', '.join(known)}."),
        )
    files = (policy_file(name), attestations_file(name))
    policy, attestations = (shipped(f"{READY}/{file}").source.decode() for file in files)
    return policy, attestations


def known_checks(manifest: Path) -> Mapping[str, Check]:
    """Every check there is: installed ones, and those that the manifest names, if it exists."""
    return _catalogue(manifest if manifest.exists() else None).all()


def json_schema(name: str, manifest: Path) -> dict[str, Any]:
    """The JSON Schema of that name: "manifest", "intake", "policy" or "gate".

    A policy's schema lists the checks there are, those of the manifest included.

    Raises:
        UnknownSchema: there is none.
    """
    from assay.adapters.loaders.intake_schema import intake_schema
    from assay.adapters.loaders.schema import manifest_schema, policy_schema
    from assay.documents.gate_schema import gate_schema

    schemas: Mapping[str, Callable[[], dict[str, Any]]] = {
        "manifest": manifest_schema,
        "intake": lambda: intake_schema(catalogues().questionnaire, catalogues().library),
        "policy": lambda: policy_schema(known_checks(manifest)),
        "gate": gate_schema,
    }
    if name not in schemas:
        raise UnknownSchema(
            f"There is no schema {name!r}.",
            remedy=suggest(name, schemas, otherwise=f"Schemas: {', '.join(schemas)}."),
        )
    return schemas[name]()


def stage_named(name: str) -> Stage:
    """The stage of that name.

    Raises:
        UnknownStage: there is none.
    """
    from assay.governance.stages import Stage

    known = [stage.value for stage in Stage]
    if name not in known:
        raise UnknownStage(
            f"There is no stage {name!r}.",
            remedy=suggest(name, known, otherwise=f"Stages: {', '.join(known)}."),
        )
    return Stage(name)


def repository_prefix(folder: Path) -> str:
    """A folder's path from its git repository's top, "" at the top itself or without git."""
    from assay.adapters.code import repository_prefix as prefix

    return prefix(folder)


def _catalogue(manifest: Path | None) -> CheckCatalogue:
    """The installed checks, with those that a manifest names, if one is given."""
    from assay.adapters.plugins import find_checks

    if manifest is None:
        return find_checks()
    project = open_project(manifest)
    return project.checks(project.manifest()[0])


def _check_workspace(home: Path) -> None:
    if not (home / JOURNAL).exists():
        raise NoWorkspace(
            "There is no workspace here.",
            where=str(home),
            remedy="Run `assay gate` in the folder of the manifest; it makes one.",
        )


def _make_home(home: Path) -> None:
    """Make the folder, which git ignores and only its owner reads."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / KEY).parent.mkdir(mode=0o700, exist_ok=True)
        ignore = home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise NoWorkspace(
            f"The workspace cannot be made: {error.strerror}.",
            where=str(home),
            remedy="Give yourself the right to write there.",
        ) from error


def _origin() -> str:
    """A name for a new workspace's log that no other has."""
    return f"workspace-{secrets.token_hex(6)}.assay.local"
