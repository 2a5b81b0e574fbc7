"""A model's repository: what people wrote there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assay.app.ports.evaluation import CheckCatalogue
from assay.evidence.canonical import Json
from assay.evidence.measurement import DocumentContent
from assay.governance.manifest import IntakeAnswers, Manifest
from assay.policy.expressions import Programs
from assay.policy.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text that a person wrote: its path as written, and its exact bytes.

    Attributes:
        beneath: for a policy, the texts that it builds on, the most general first.
    """

    file: str
    source: bytes
    beneath: tuple[Written, ...] = ()


class Project(Protocol):
    """A model's repository: what people wrote there, and the digests of what they made."""

    @property
    def root(self) -> Path:
        """The manifest's folder; every path of the manifest is relative to it."""
        ...

    def manifest(self) -> tuple[Manifest, Written]:
        """The manifest, valid. Raises ConfigurationError."""
        ...

    def checks(self, manifest: Manifest) -> CheckCatalogue:
        """The checks that this repository may name."""
        ...

    def policy_text(self, manifest: Manifest) -> Written:
        """The text of the manifest's policy, with what is beneath it. Raises ConfigurationError."""
        ...

    def policy(self, manifest: Manifest, checks: CheckCatalogue) -> tuple[Policy, Written]:
        """The policy that the manifest names, valid for its columns. Raises ConfigurationError."""
        ...

    def parse_policy(self, written: Written, checks: CheckCatalogue) -> Policy:
        """A policy from recorded text, for judging again. Raises ConfigurationError."""
        ...

    def documents(self, manifest: Manifest) -> Mapping[str, tuple[DocumentContent, bytes]]:
        """The documents and reports of other tools that exist, by name, as they are recorded."""
        ...

    def programs(self, policy: Policy, checks: CheckCatalogue, answers: IntakeAnswers) -> Programs:
        """The policy's expressions, compiled for evaluation. Raises ConfigurationError.

        Args:
            policy: the policy.
            checks: the checks that it names.
            answers: of the system's intake, which may answer questions of its own too.
        """
        ...

    def parse_document(self, written: Written) -> DocumentContent:
        """A document from recorded bytes, for judging again. Raises ConfigurationError."""
        ...

    def parse_report(self, blob: bytes) -> DocumentContent:
        """Another tool's report from its record. Raises NotEvaluated or VerificationFailed."""
        ...

    def data(self, manifest: Manifest) -> Path:
        """The file of evaluation data. Raises ConfigurationError if it lies outside."""
        ...

    def training(self, manifest: Manifest) -> Path | None:
        """The file or folder of training data, if it is declared. Raises ConfigurationError."""
        ...

    def components(self, manifest: Manifest) -> Mapping[str, Mapping[str, Json]]:
        """The version's components by name, each pinned by digest. Raises NotEvaluated."""
        ...

    def version_name(self, manifest: Manifest) -> str | None:
        """The version's name: declared, or `git describe`, or None."""
        ...
