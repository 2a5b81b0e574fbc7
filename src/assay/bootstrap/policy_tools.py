"""Policies as files: loaded with the checks that a manifest names, if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.bootstrap.workspaces import (
    JOURNAL,
    WORKSPACE,
    check_catalogue,
    open_project,
    open_workspace,
)

if TYPE_CHECKING:
    from assay.app.ports import CheckCatalogue
    from assay.documents.policy_difference import DifferenceReport
    from assay.documents.policy_lint import LintReport
    from assay.policy.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicy:
    """A policy with its file's name and the checks that it may name."""

    policy: Policy
    file: str
    catalogue: CheckCatalogue


def load_policy(file: Path | None, manifest: Path) -> LoadedPolicy:
    """A policy's file, or else the policy that the manifest names.

    A file may name the checks of the manifest's repository, where there is a manifest; that
    it suits the manifest's data is asked of the manifest's own policy alone.

    Raises:
        ConfigurationError: it cannot be used, and where.
    """
    from assay.adapters.loaders.files import read_written
    from assay.adapters.loaders.policy import parse_policy

    catalogue = check_catalogue(manifest if file is None or manifest.exists() else None)
    if file is None:
        project = open_project(manifest)
        policy, text = project.policy(project.manifest()[0], catalogue)
        return LoadedPolicy(policy=policy, file=text.file, catalogue=catalogue)
    text = read_written(file, file=str(file))
    return LoadedPolicy(policy=parse_policy(text, catalogue), file=text.file, catalogue=catalogue)


def lint_policies(files: Sequence[Path], manifest: Path, *, rows: int | None) -> list[LintReport]:
    """Lint policy files, or else the policy that the manifest names.

    Args:
        files: the policies.
        manifest: where the repository's own checks and its policy are named.
        rows: the size of the sample; None takes that of the system's latest evaluation.

    Raises:
        ConfigurationError: there is nothing to lint.
    """
    from assay.adapters.clocks import SystemClock
    from assay.app.policy_linting import lint_policy

    known = rows if rows is not None else _recorded_rows(manifest)
    catalogue = check_catalogue(manifest if not files or manifest.exists() else None)
    now = SystemClock().now()
    wanted: Sequence[Path | None] = files or [None]
    return [
        lint_policy(
            str(file) if file else _policy_file(manifest),
            partial(_policy, file, manifest),
            catalogue,
            at=now,
            rows=known,
        )
        for file in wanted
    ]


def compare_policies(old: str, new: Path | None, manifest: Path) -> DifferenceReport:
    """What changed from one policy to another.

    Args:
        old: a policy's file, or the first digits of the digest of one that was judged by.
        new: a policy's file, or else the policy that the manifest names.
        manifest: where the repository's own checks, its policy and its workspace are.

    Raises:
        ConfigurationError: one cannot be used, and where.
        UnknownPolicy: no policy with such a digest has been judged by here.
    """
    from assay.app.policy_comparison import compare, recorded_policy

    after = load_policy(new, manifest)
    if Path(old).is_file() or not (manifest.parent / WORKSPACE / JOURNAL).exists():
        return compare(load_policy(Path(old), manifest).policy, after.policy)
    with open_workspace(manifest.parent, create=False) as services:
        project = open_project(manifest)
        return compare(recorded_policy(services, project, old), after.policy)


def _policy(file: Path | None, manifest: Path) -> Policy:
    return load_policy(file, manifest).policy


def _policy_file(manifest: Path) -> str:
    return open_project(manifest).manifest()[0].policy


def _recorded_rows(manifest: Path) -> int | None:
    """The rows of the latest evaluation beside a manifest, where there are both."""
    from assay.app.policy_linting import recorded_rows

    if not manifest.exists() or not (manifest.parent / WORKSPACE / JOURNAL).exists():
        return None
    system = open_project(manifest).manifest()[0].system.id
    with open_workspace(manifest.parent, create=False) as services:
        return recorded_rows(services, system)
