"""Exploring: the figures of rows in memory or in a file. Nothing is judged or recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

from assay.app.ports import CheckCatalogue, Collector, RowCollector
from assay.checks.check import Check
from assay.checks.measure import measure, needs_of
from assay.checks.parameters import Written
from assay.documents.evaluations import Evaluation
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Document, Measurement, NotApplicable
from assay.evidence.recipe import ColumnRoles, recipe_for
from assay.stats.estimate import Errors
from assay.stats.tallies import Rows
from assay.stats.tallies.inspections import Overlap

Wanted = Mapping[str, Mapping[str, Written]]
"""Parameters by name of a check."""

FAMILIES: Final = ("performance", "calibration", "fairness")
"""The families whose checks are run where none is named."""

MAX_EXCLUDED: Final = Decimal("0.01")
"""The share of rows that may be left out before a figure says nothing, as of a policy."""


class Engine(Collector, RowCollector, Protocol):
    """Counts files, and rows in memory."""


def explore(
    engine: Engine,
    catalogue: CheckCatalogue,
    data: object,
    roles: ColumnRoles,
    *,
    wanted: Wanted | None,
    errors: Errors,
    progress: Callable[[float], None] | None = None,
) -> Evaluation:
    """Count rows once, and measure.

    Args:
        engine: counts.
        catalogue: the checks there are.
        data: a path, or rows that a program holds.
        roles: what the columns are for.
        wanted: the checks; None for all of FAMILIES that need no parameter and have something
            to say about these columns.
        errors: one-sided errors of the bounds.
        progress: told the fraction counted, from 0 to 1.

    Raises:
        ConfigurationError: a check or a parameter does not exist.
        NotEvaluated: the data cannot be read as said.
    """
    chosen = _applicable(catalogue, roles) if wanted is None else wanted
    checks = {name: catalogue.get(name) for name in chosen}
    needs = [
        need
        for name, parameters in chosen.items()
        for need in needs_of(checks[name], parameters, roles)
        # No training data are named here to compare with, and the check says so.
        if not isinstance(need, Document | Overlap)
    ]
    recipe = recipe_for(roles, needs)
    tallies = (
        engine.collect(data, recipe, progress=progress).tallies
        if isinstance(data, Path)
        else engine.collect_rows(data, recipe, progress=progress)
    )
    evidence = Evidence(roles=roles, tallies=tallies)
    found = {
        name: measure(check, evidence, chosen[name], errors=errors, max_excluded=MAX_EXCLUDED)
        for name, check in checks.items()
    }
    return Evaluation(
        measurements=found if wanted is not None else _telling(found),
        rows=evidence[Rows()],
        weight="" if roles.weight is None else roles.weight.words,
        recipe=recipe,
        tallies=tallies,
    )


def _applicable(catalogue: CheckCatalogue, roles: ColumnRoles) -> Wanted:
    return {
        name: {}
        for name, check in catalogue.all().items()
        if name.partition(".")[0] in FAMILIES
        and not any(parameter.required for parameter in check.parameters.values())
        and (roles.protected or not _by_group(check))
    }


def _by_group(check: Check) -> bool:
    """Whether a check compares groups, so that without protected columns it has none."""
    return "by" in check.parameters


def _telling(found: Mapping[str, Measurement]) -> dict[str, Measurement]:
    return {
        name: measured
        for name, measured in found.items()
        if not isinstance(measured, NotApplicable)
    }
