"""Evaluation: a manifest's version, its evidence, and the policy's checks bound to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from assay.app.judging.holdout import (
    evaluated_on,
    holdout_use,
    versions_judged,
    which_use,
)
from assay.app.ports import CheckCatalogue, Collected, Predicted, Project
from assay.app.services import Services
from assay.checks.measure import measure, needs_of
from assay.checks.occasion import EVALUATED_ON, HOLDOUT_USE
from assay.evidence.canonical import digest
from assay.evidence.inputs import Evidence, Need
from assay.evidence.measurement import Document, DocumentContent, Measurement
from assay.evidence.recipe import ColumnRoles, Recipe, recipe_for
from assay.governance.manifest import EvaluationData, Manifest
from assay.governance.versions import SHORT, Version, version_digest
from assay.policy.gate import Measure
from assay.policy.policy import Policy, Requirement, RequirementId
from assay.stats.estimate import Errors
from assay.stats.tallies.inspections import Overlap

Progress = Callable[[float], None]

SUPPLIED: Final = "supplied"
"""Scores came with the data: that they are this model's is the supplier's word."""

COMPUTED: Final = "computed"
"""The model's own command computed the scores here, without a network."""

COMPUTED_OPEN: Final = "computed, network open"
"""The same where this platform cannot close the network for a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything a decision rests on, with the digests that pin it.

    Attributes:
        evidence: what checks read.
        recipe: what was counted.
        dataset: SHA-256 (hex) of the evaluation data.
        produced: SUPPLIED, COMPUTED or COMPUTED_OPEN.
        documents: the bytes of each document, by name.
        evaluation_set: the identity of the rows, as canonical JSON; empty where it is read
            from a record.
    """

    evidence: Evidence
    recipe: Recipe
    dataset: str
    produced: str
    documents: Mapping[str, bytes]
    evaluation_set: bytes = b""


def identify(project: Project, manifest: Manifest) -> Version:
    """The version that the repository holds now, every component by digest."""
    components = project.components(manifest)
    digest = version_digest(components)
    name = project.version_name(manifest) or digest[:SHORT]
    return Version(name=name, digest=digest, components=components)


def gather(
    services: Services,
    project: Project,
    manifest: Manifest,
    policy: Policy,
    catalogue: CheckCatalogue,
    *,
    version: str,
    progress: Progress | None = None,
) -> Gathered:
    """Collect, in one pass, what the model kind and the policy's checks need.

    Args:
        services: what reads the data.
        project: where they are.
        manifest: what its columns are for.
        policy: whose checks ask.
        catalogue: the checks.
        version: the key of the version's record.
        progress: told the fraction done, from 0 to 1.

    Raises:
        NotEvaluated: the data cannot be read as declared; nothing has been recorded.
    """
    data = manifest.evaluation
    roles = column_roles(data)
    needs = policy_needs(policy, catalogue, roles)
    training = project.training(manifest)
    recipe = recipe_for(
        roles,
        [
            need
            for need in needs
            if not isinstance(need, Document | Overlap)
            or (isinstance(need, Overlap) and training is not None)
        ],
    )
    path = project.data(manifest)
    predicted = _predict(services, project, data, path)
    collected = services.collector.collect(
        path,
        recipe,
        predictions=predicted.scores if predicted else None,
        training=training,
        progress=progress,
    )
    documents = {
        **project.documents(manifest),
        **_noted(services, collected, needs, version),
    }
    evidence = Evidence(
        roles=roles,
        tallies=collected.tallies,
        documents={name: content for name, (content, _) in documents.items()},
    )
    return Gathered(
        evidence=evidence,
        recipe=recipe,
        dataset=collected.dataset,
        produced=_produced(predicted),
        documents={name: source for name, (_, source) in documents.items()},
        evaluation_set=collected.evaluation_set,
    )


def about(gathered: Gathered, version: str, model: str | None) -> Gathered:
    """The same, for checks that read what others said of a version or of its model.

    Args:
        gathered: what was collected, or read from a record.
        version: the version's digest.
        model: the model's; None for a hosted one.
    """
    subjects = frozenset({version} if model is None else {version, model})
    return replace(gathered, evidence=replace(gathered.evidence, subjects=subjects))


def _noted(
    services: Services, collected: Collected, needs: Sequence[Need], version: str
) -> dict[str, tuple[DocumentContent, bytes]]:
    """What Assay itself writes down of this evaluation, as far as a check asks for it."""
    noted: dict[str, tuple[DocumentContent, bytes]] = {}
    if EVALUATED_ON in needs:
        noted[EVALUATED_ON.name] = evaluated_on(services.clock.now())
    if HOLDOUT_USE in needs:
        judged = versions_judged(
            services.journal,
            dataset=collected.dataset,
            evaluation_set=digest(collected.evaluation_set),
        )
        noted[HOLDOUT_USE.name] = holdout_use(which_use(judged, version))
    return noted


def column_roles(data: EvaluationData) -> ColumnRoles:
    """What the columns of the declared evaluation data are for."""
    return ColumnRoles(
        label=data.label,
        score=data.score or "score",
        decision=data.decision,
        protected=data.protected,
        unit=data.unit,
        weight=data.weight,
        champion=data.champion,
        baseline=data.baseline,
    )


def policy_needs(policy: Policy, catalogue: CheckCatalogue, roles: ColumnRoles) -> list[Need]:
    """Everything that the policy's checks will read, given their parameters."""
    return [
        need
        for rule in policy.requirements
        if rule.by_check
        for need in needs_of(catalogue.get(rule.check), rule.parameters, roles)
    ]


def bind(
    policy: Policy, catalogue: CheckCatalogue, evidence: Evidence
) -> dict[RequirementId, Measure]:
    """Each requirement's check with its evidence and parameters, waiting for errors.

    Requirements that an expression or a person answers are left out. Holm's procedure may ask
    twice for the same errors, so answers are remembered.
    """

    def bound(rule: Requirement) -> Measure:
        check = catalogue.get(rule.check)

        @cache
        def at(errors: Errors) -> Measurement:
            return measure(
                check, evidence, rule.parameters, errors=errors, max_excluded=policy.max_excluded
            )

        return Measure(at=at, statistical=check.statistical)

    return {rule.id: bound(rule) for rule in policy.requirements if rule.by_check}


def _predict(
    services: Services, project: Project, data: EvaluationData, path: Path
) -> Predicted | None:
    if data.predict is None:
        return None
    return services.predictor.predict(
        data.predict, rows=path, folder=project.root, withhold=[data.label.column]
    )


def _produced(predicted: Predicted | None) -> str:
    if predicted is None:
        return SUPPLIED
    return COMPUTED if predicted.isolated else COMPUTED_OPEN
