"""The manifest: what a model's repository declares about a system and one version of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from assay.errors import Span
from assay.evidence.recipe import DecisionRule, Label, Protected
from assay.policy.tiers import Tier
from assay.stats.tallies import Weight

TierSource = Literal["declared", "intake"]
"""Whether a tier was declared, or follows from answers to the intake questionnaire."""


Answer = str | tuple[str, ...]
"""One option, or for a question that allows several, any number in the questionnaire's order."""

IntakeAnswers = Mapping[str, Answer]
"""The answers to an intake, by question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeFile:
    """The answers that a system's tier rests on: the path as written, and the exact bytes.

    Attributes:
        answers: by question, defaults of those that were not asked included.
        exposures: the legal classes that the answers lead to, by id.
        tier: the tier that they lead to.
        questionnaire: which was answered, "name version".
    """

    path: str
    source: bytes
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])
    exposures: tuple[str, ...] = ()
    tier: Tier = Tier.LOW
    questionnaire: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An AI use case: what it is for and who answers for it.

    Attributes:
        tier: never below that of the intake's answers, where there is an intake.
        tier_source: "declared" too where a declared tier is above that of the answers.
        owner: who is accountable.
        responsible: who does the work; None where that is the owner.
        on_call: whom to wake; None where that is the owner.
        uses: ids of other systems, and of models, services and datasets of others.
        review_days: how often the system is reviewed; None where nobody has said.
    """

    id: str
    purpose: str
    owner: str
    tier: Tier
    tier_source: TierSource = "declared"
    intake: IntakeFile | None = None
    responsible: str | None = None
    on_call: str | None = None
    uses: tuple[str, ...] = ()
    review_days: int | None = None

    @property
    def answers(self) -> IntakeAnswers:
        """Those of the intake, to an organisation's own questions too; none without an intake."""
        return self.intake.answers if self.intake else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The version's components, as paths below the manifest's folder.

    `name` None means `git describe`, or else the first digits of the version digest.
    """

    name: str | None
    kind: Literal["binary-classifier"]
    model: str
    code: str | None = None
    environment: str | None = None
    configuration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationData:
    """The data that the version is judged on, and what its columns are for.

    Exactly one of `score` (a column) and `predict` (a command, file in and file out) is given.
    `champion` and `baseline` name columns of other scores of the same rows: by the version in
    production, and by a rule that is to be beaten.
    """

    path: str
    label: Label
    decision: DecisionRule
    score: str | None = None
    predict: tuple[str, ...] | None = None
    protected: tuple[Protected, ...] = ()
    unit: str | None = None
    weight: Weight | None = None
    champion: str | None = None
    baseline: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalFile:
    """A report that another tool wrote.

    Attributes:
        signers: paths of the public keys of which `threshold` must have signed it; only a
            test result is signed.
    """

    path: str
    format: Literal["junit", "sarif", "test-result"]
    signers: tuple[str, ...] = ()
    threshold: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`assay.yaml`, parsed and valid; paths are as written, relative to its folder.

    Attributes:
        spans: where each value stands in the file, by dotted path ("data.evaluation.label").
        documents: path by name of document ("model_card").
        checks: Python files with checks of the user's own.
        evidence: reports of other tools by name ("unit-tests").
    """

    file: str
    system: System
    version: Candidate
    training: str | None
    evaluation: EvaluationData
    policy: str
    documents: Mapping[str, str] = field(default_factory=dict[str, str])
    monitoring: str | None = None
    checks: tuple[str, ...] = ()
    evidence: Mapping[str, ExternalFile] = field(default_factory=dict[str, ExternalFile])
    spans: Mapping[str, Span] = field(default_factory=dict[str, Span])

    def locate(self, path: str) -> Span:
        """Where the value at a dotted path stands, or else what encloses it."""
        while path not in self.spans and path:
            path = path.rpartition(".")[0]
        return self.spans.get(path, Span(self.file, 1, 1))
