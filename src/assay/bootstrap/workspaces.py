"""A workspace on this machine, and the repository beside it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.bootstrap.journals import has_journal, open_journal
from assay.bootstrap.signing import KEY, load_cosigners, load_signer, settled_signer
from assay.bootstrap.stores import open_blobs
from assay.errors import EnvironmentUnavailable

if TYPE_CHECKING:
    from assay.app.ports import CheckCatalogue, Drawer, Project
    from assay.app.services import Services
    from assay.documents.discovered import Discovered
    from assay.governance.fold import Record


WORKSPACE: Final = ".assay"
"""The folder of a workspace, beside the manifest; ignored by git."""


DRAWINGS: Final = "drawings"
"""Pictures drawn before; they can be deleted at any time."""


TOKEN: Final = "ASSAY_TOKEN"  # noqa: S105 - the variable's name
"""The environment variable in which a program gives its token."""


class NoWorkspace(EnvironmentUnavailable):
    """There is no workspace where one was looked for."""

    code = "workspace.missing"


def open_project(manifest: Path) -> Project:
    """The model's repository whose manifest stands at that path."""
    from assay.adapters.project import LocalProject
    from assay.adapters.settings import load_settings

    settings = load_settings(manifest.parent / WORKSPACE)
    return LocalProject(
        manifest,
        roots=tuple(Path(root) for root in settings.roots),
        policies=tuple(settings.policies),
    )


@contextmanager
def open_workspace(folder: Path, *, create: bool = True) -> Generator[Services]:
    """The workspace in a folder, with its journal, blobs and key; closed at the end.

    A workspace begins with its key and its first event; either is made good if an earlier
    beginning was interrupted.

    Raises:
        NoWorkspace: there is none, and `create` is false.
        EnvironmentUnavailable: it cannot be read or written.
    """
    from assay.adapters.clocks import SystemClock
    from assay.adapters.engine import DuckDbCollector
    from assay.adapters.predictor import SubprocessPredictor
    from assay.adapters.settings import load_stages
    from assay.app.log.beginning import begin_workspace
    from assay.app.people.granting import bearer_of
    from assay.app.services import Services
    from assay.governance.events import KEY_SUBJECT

    home = folder / WORKSPACE
    if not create:
        check_workspace(home)
    _make_home(home)
    signer = load_signer(home, origin=_origin())
    with (
        open_journal(home, space=signer.name) as journal,
        SubprocessPredictor() as predictor,
    ):
        revision = journal.revision(KEY_SUBJECT)  # Before the key is looked at: see `record`.
        services = Services(
            clock=SystemClock(),
            journal=journal,
            blobs=open_blobs(home),
            signer=settled_signer(home, journal, signer),
            cosigners=load_cosigners(home),
            key_revision=revision,
            collector=DuckDbCollector(),
            predictor=predictor,
            stages=load_stages(home),
            random_bytes=secrets.token_bytes,
        )
        begin_workspace(services)
        token = os.environ.get(TOKEN)
        yield replace(services, bearer=bearer_of(services, token)) if token else services


def actor_name(named: str | None, folder: Path) -> str:
    """Who acts: the name given, or git's identity in that folder, or the login name."""
    from assay.adapters.identity import local_identity

    return named or local_identity(folder)


def recorded_version(services: Services, project: Project, wanted: str | None) -> Record:
    """The version that a command names, or the one that the repository holds now.

    Raises:
        UnknownVersion: it is not recorded.
    """
    from assay.app.judging.evaluation import identify
    from assay.app.judging.replay import find_version

    manifest, _ = project.manifest()
    name = wanted or identify(project, manifest).digest
    return find_version(services, manifest.system.id, name)


def discover_estate(services: Services, folders: Sequence[Path]) -> list[Discovered]:
    """What folders hold that has to do with models, and whether the inventory knows it."""
    from assay.adapters.discovery.estate import traces
    from assay.app.life.discovering import discovered

    return [found for folder in folders for found in discovered(services, traces(folder))]


def open_drawer(folder: Path) -> Drawer:
    """What draws pictures; it keeps them in the workspace of that folder."""
    from assay.adapters.drawing import VegaDrawer

    return VegaDrawer(folder / WORKSPACE / DRAWINGS)


def repository_prefix(folder: Path) -> str:
    """A folder's path from its git repository's top, "" at the top itself or without git."""
    from assay.adapters.code import repository_prefix as prefix

    return prefix(folder)


def check_catalogue(manifest: Path | None) -> CheckCatalogue:
    """The installed checks, with those that a manifest names, if one is given."""
    from assay.adapters.plugins import find_checks

    if manifest is None:
        return find_checks()
    project = open_project(manifest)
    return project.checks(project.manifest()[0])


def check_workspace(home: Path) -> None:
    """Return if a workspace is there; raise NoWorkspace if not."""
    if not has_journal(home):
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
