"""The version in production, where a policy compares with it and data lack its scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import cast

from assay.app.ports import CheckCatalogue, Journal
from assay.checks.measure import needs_of
from assay.evidence.measurement import Measurement, NotApplicable, NotCollected
from assay.evidence.recipe import ColumnRoles
from assay.governance.fold import VERSION
from assay.governance.stages import PRODUCTION
from assay.policy.judging import Measure
from assay.policy.policy import Policy, RequirementId
from assay.stats.estimate import Errors
from assay.stats.tallies import CHAMPION, Pairs, ScorePairs


def in_production(journal: Journal, *, system: str, besides: str) -> str:
    """The name of a system's version in production; "" if there is none, or it is this one.

    Args:
        journal: the journal.
        system: the system.
        besides: the digest of the version that is judged.
    """
    standing = [
        record
        for record in journal.records(VERSION, parent=system)
        if record.value["stage"] == PRODUCTION and record.value["version"] != besides
    ]
    latest = max(standing, key=lambda record: cast(int, record.value["index"]), default=None)
    return cast(str, latest.value["name"]) if latest else ""


def comparing(
    policy: Policy, catalogue: CheckCatalogue, roles: ColumnRoles
) -> frozenset[RequirementId]:
    """The requirements whose checks compare with the version in production."""
    return frozenset(
        rule.id
        for rule in policy.requirements
        if rule.by_check
        for need in needs_of(catalogue.get(rule.check), rule.parameters, roles)
        if isinstance(need, Pairs | ScorePairs) and need.against == CHAMPION
    )


def with_production(
    measures: Mapping[RequirementId, Measure], compared: frozenset[RequirementId], *, name: str
) -> dict[RequirementId, Measure]:
    """The measures, with what "does not apply" for want of scores called missing.

    Args:
        measures: by requirement.
        compared: the requirements that compare with the version in production.
        name: of that version, whose scores the data do not hold.
    """
    return {
        rule: replace(item, at=partial(_missing, item, name)) if rule in compared else item
        for rule, item in measures.items()
    }


def _missing(measure: Measure, name: str, errors: Errors) -> Measurement:
    found = measure.at(errors)
    if not isinstance(found, NotApplicable):
        return found
    return NotCollected(
        reason=f"Version {name} is in production, and the data do not hold its scores.",
        remedy="Score the evaluation data with it too, and name the column as "
        "`data.evaluation.champion`.",
    )
