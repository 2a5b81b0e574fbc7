"""A model's repository on this machine (the port `Project`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assay.adapters.code import code_state, describe
from assay.adapters.digests import component
from assay.adapters.loaders.documents import load_documents, parse_document
from assay.adapters.loaders.elsewhere.reports import load_reports, parse_report
from assay.adapters.loaders.extending import PolicyReader
from assay.adapters.loaders.files import read_written, resolve_path
from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.plugins import CheckFile, find_checks
from assay.app.ports import CheckCatalogue, Written
from assay.evidence.canonical import Json
from assay.evidence.measurement import DocumentContent
from assay.governance.manifest import IntakeAnswers, Manifest
from assay.governance.versions import (
    CODE,
    CONFIGURATION,
    ENVIRONMENT,
    MODEL,
    REFERENCE,
    TRAINING_DATA,
)
from assay.policy.expressions import Programs
from assay.policy.policy import Policy


class RecordedTexts:
    """Reads texts from their recorded bytes, for whoever has no repository."""

    def parse_policy(self, written: Written, checks: CheckCatalogue) -> Policy:
        """A policy from recorded text, for judging again. Raises ConfigurationError."""
        return parse_policy(written, checks, recorded=True)

    def programs(self, policy: Policy, checks: CheckCatalogue, answers: IntakeAnswers) -> Programs:
        """The policy's expressions, compiled for evaluation. Raises ConfigurationError.

        Args:
            policy: the policy.
            checks: the checks that it names.
            answers: of the system's intake, which may answer questions of its own too.
        """
        from assay.adapters.loaders.programs import compile_programs

        return compile_programs(policy, checks, answers=answers)

    def parse_document(self, written: Written) -> DocumentContent:
        """A document from recorded bytes, for judging again. Raises ConfigurationError."""
        return parse_document(written)

    def parse_report(self, blob: bytes) -> DocumentContent:
        """Another tool's report from its record. Raises NotEvaluated or VerificationFailed."""
        return parse_report(blob)


class LocalProject(RecordedTexts):
    """A folder with a manifest.

    Args:
        manifest: the manifest's path.
        roots: folders outside in which its paths may lie.
        policies: files of policies that the manifest's builds on, the most general first.
    """

    def __init__(
        self, manifest: Path, *, roots: tuple[Path, ...] = (), policies: tuple[str, ...] = ()
    ) -> None:
        self._manifest = manifest
        self._roots = roots
        self._policies = policies

    @property
    def root(self) -> Path:
        """The manifest's folder; every path of the manifest is relative to it."""
        return self._manifest.parent

    def manifest(self) -> tuple[Manifest, Written]:
        """The manifest, valid. Raises ConfigurationError."""
        written = read_written(self._manifest, file=str(self._manifest))
        return parse_manifest(written, folder=self.root, roots=self._roots), written

    def checks(self, manifest: Manifest) -> CheckCatalogue:
        """The installed checks and those in Python files that the manifest names."""
        files = [
            CheckFile(
                file=file,
                path=self._path(manifest, f"checks.{number}", file),
                where=manifest.locate(f"checks.{number}"),
            )
            for number, file in enumerate(manifest.checks)
        ]
        return find_checks(files)

    def policy_text(self, manifest: Manifest) -> Written:
        """The text of the manifest's policy, with what is beneath it. Raises ConfigurationError."""
        reader = PolicyReader(self.root, roots=self._roots)
        own = (manifest.policy, manifest.locate("policy"))
        return reader.layered([*((file, None) for file in self._policies), own])

    def policy(self, manifest: Manifest, checks: CheckCatalogue) -> tuple[Policy, Written]:
        """The policy that the manifest names, valid for its columns. Raises ConfigurationError."""
        written = self.policy_text(manifest)
        policy = parse_policy(
            written, checks, data=manifest.evaluation, answers=manifest.system.answers
        )
        return policy, written

    def documents(self, manifest: Manifest) -> Mapping[str, tuple[DocumentContent, bytes]]:
        """The documents and reports of other tools that exist, by name, as they are recorded."""
        return {
            **load_documents(manifest, folder=self.root, roots=self._roots),
            **load_reports(manifest, folder=self.root, roots=self._roots),
        }

    def data(self, manifest: Manifest) -> Path:
        """The file of evaluation data."""
        return self._path(manifest, "data.evaluation.path", manifest.evaluation.path)

    def training(self, manifest: Manifest) -> Path | None:
        """The file or folder of training data, if it is declared."""
        if manifest.training is None:
            return None
        return self._path(manifest, "data.training", manifest.training)

    def components(self, manifest: Manifest) -> Mapping[str, Mapping[str, Json]]:
        """The version's components by name, each pinned by digest. Raises NotEvaluated."""
        version = manifest.version
        hosted = REFERENCE.fullmatch(version.model) is not None
        named = {
            MODEL: ("version.model", None if hosted else version.model),
            TRAINING_DATA: ("data.training", manifest.training),
            ENVIRONMENT: ("version.environment", version.environment),
            CONFIGURATION: ("version.configuration", version.configuration),
        }
        pinned = {
            name: component(self._path(manifest, key, file))
            for name, (key, file) in named.items()
            if file is not None
        }
        if hosted:
            pinned[MODEL] = {"reference": version.model, "unpinned": True}
        if version.code is not None:
            pinned[CODE] = code_state(self._path(manifest, "version.code", version.code))
        return pinned

    def version_name(self, manifest: Manifest) -> str | None:
        """The version's name: declared, or `git describe`, or None."""
        return manifest.version.name or describe(self.root)

    def _path(self, manifest: Manifest, key: str, file: str) -> Path:
        where = manifest.locate(key)
        return resolve_path(file, folder=self.root, roots=self._roots, where=where)
