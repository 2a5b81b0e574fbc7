"""Policies with all that they build on: by a file's path, a ready policy's name, or a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from assay.bootstrap.workspaces import check_catalogue, open_project

if TYPE_CHECKING:
    from assay.app.ports import CheckCatalogue, Written
    from assay.governance.manifest import IntakeAnswers
    from assay.policy.merging import Merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a policy may name.

    Attributes:
        checks: the installed ones, and those of the repository.
        answers: of the system's intake, whose questions expressions may read besides those that
            everybody is asked.
    """

    checks: CheckCatalogue
    answers: IntakeAnswers


def vocabulary(manifest: Path | None) -> Vocabulary:
    """What policies may name beside a manifest, as the gate has it; or where there is none.

    Raises:
        ConfigurationError: the manifest cannot be used, and where.
    """
    if manifest is None:
        return Vocabulary(checks=check_catalogue(None), answers={})
    project = open_project(manifest)
    declared, _ = project.manifest()
    return Vocabulary(checks=project.checks(declared), answers=declared.system.answers)


def read_policy(named: str | None, manifest: Path) -> Written:
    """A policy's text with what is beneath it.

    Args:
        named: a file, or a ready policy's name; None means the policy that the manifest names,
            on top of those that the workspace's settings name.
        manifest: the manifest, which need not exist if a policy is named.

    Raises:
        ConfigurationError: there is none, or it cannot be read.
    """
    from assay.adapters.loaders.extending import PolicyReader, read_ready

    if named is None:
        project = open_project(manifest)
        return project.policy_text(project.manifest()[0])
    if PurePath(named).suffix not in {".yaml", ".yml"}:
        return read_ready(named)
    return PolicyReader(Path(), roots=(Path(named).parent, manifest.parent)).read(named)


def merged_policy(written: Written, manifest: Path) -> Merged:
    """What a policy and all that it builds on come to, with the origin of every value.

    Raises:
        ConfigurationError: it cannot be used, and where.
    """
    from assay.adapters.loaders.policy import merge_policy

    known = vocabulary(manifest if manifest.exists() else None)
    return merge_policy(written, known.checks, answers=known.answers)


def layer_names(written: Written) -> list[str]:
    """The names of a policy's texts, the most general first."""
    from assay.adapters.loaders.extending import layers_of

    return [item.file for item in layers_of(written)]
