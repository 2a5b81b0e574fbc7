"""What must not matter does not: names of groups, order of rows, which label is called positive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.checks.rows import Row, evidence_of

from assay.adapters.plugins import find_checks
from assay.checks.check import Check
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Fact
from assay.stats.estimate import READING, Estimate, Undefined
from assay.stats.tallies import Confusion, Rows, Scores

COLUMNS = ("sex", "age")
SLICES = (("sex",), ("age",), ("sex", "age"), ("age", "sex"))
GIVEN: dict[str, dict[str, object]] = {
    "data.representation": {"column": "sex", "group": "f", "reference": Decimal("0.5")},
    "fairness.conditional_demographic_disparity": {"given": "age"},
    "fairness.conditional_demographic_disparity_in_labels": {"given": "age"},
    "fairness.conditional_selection_rate_difference": {"given": "age"},
    "fairness.local_law_144_impact_ratio": {"sex": "sex", "race": "age"},
    "fairness.local_law_144_scoring_impact_ratio": {"sex": "sex", "race": "age"},
    "data.ranges": {"column": "income"},
    "data.types": {"columns": ("income",), "type": "integer"},
    "performance.gain_over_baseline": {"metric": "roc_auc"},
    "performance.cost": {"false_positive": Decimal(1), "false_negative": Decimal(5)},
    "performance.lift_at_k": {"k": Decimal("0.2")},
}


def by_counts(check: Check) -> bool:
    """Whether it reads counts by label, decision, score and group, and nothing else.

    What reads documents, columns as they lie, or two versions on the same rows has properties
    of its own, beside its tallies.
    """
    defaults = {
        name: parameter.default
        for name, parameter in check.parameters.items()
        if not parameter.required
    }
    options = {**defaults, **GIVEN.get(check.name, {})}
    filled = {name: COLUMNS if value == () else value for name, value in options.items()}
    wanted = check.needs(**filled)
    return bool(wanted) and all(isinstance(need, Rows | Confusion | Scores) for need in wanted)


CHECKS = {
    name: check
    for name, check in find_checks().all().items()
    if name.partition(".")[0] != "external" and by_counts(check)
}
SLOW = {"performance.mcc", "performance.kappa"}

cells = st.lists(
    st.builds(
        Row,
        label=st.sampled_from([0, 1]),
        score=st.sampled_from([0.0, 0.1, 0.4, 0.5, 0.75, 1.0]),
        groups=st.fixed_dictionaries(
            {"sex": st.sampled_from(["f", "m", None]), "age": st.sampled_from(["<=25", ">25"])}
        ),
        count=st.integers(1, 60),
    ),
    max_size=14,
)


def evidence(rows: Sequence[Row], **options: str) -> Evidence:
    specs = [spec(by=by) for by in SLICES for spec in (Confusion, Scores)]
    return evidence_of(rows, protected=COLUMNS, specs=specs, **options)  # type: ignore[arg-type]


def measured(check: Check, held: Evidence) -> Estimate | Undefined | Fact:
    options: dict[str, object] = dict(GIVEN.get(check.name, {}))
    if "min_group_size" in check.parameters:
        options["min_group_size"] = 1
    if check.statistical:
        options["errors"] = READING
    found = check.function(held, **options)
    assert isinstance(found, Estimate | Undefined | Fact)
    return found


def figures(found: Estimate | Undefined | Fact) -> object:
    """A measurement without the names in it; floats may differ in how they were summed."""
    match found:
        case Estimate():
            return pytest.approx((found.value, found.low, found.high, found.n), abs=1e-9)
        case Fact():
            return found.value
        case Undefined():
            return "undefined"


def plain(found: Estimate | Undefined | Fact) -> object:
    if isinstance(found, Estimate):
        return found.value, found.low, found.high, found.n
    return figures(found)


@pytest.mark.parametrize("name", sorted(set(CHECKS) - SLOW))
@settings(max_examples=15)
@given(rows=cells)
def test_what_must_not_matter_does_not(name: str, rows: list[Row]):
    """Renaming groups, reordering rows, and splitting a count into single rows."""
    check = CHECKS[name]
    found = measured(check, evidence(rows))
    if isinstance(found, Estimate):
        assert found.low <= found.high
    renamed = {"<=25": "young", ">25": "old", "f": "f", "m": "man", None: None}
    relabelled = [
        replace(row, groups={key: renamed[level] for key, level in row.groups.items()})
        for row in rows
    ]
    halves = [
        replace(row, count=count)
        for row in rows
        for count in (row.count // 2, row.count - row.count // 2)
        if count
    ]
    assert plain(measured(check, evidence(relabelled))) == figures(found)
    assert plain(measured(check, evidence(halves[::-1]))) == figures(found)


@pytest.mark.parametrize("name", sorted(n for n in CHECKS if n.startswith("fairness.")))
@settings(max_examples=15)
@given(rows=cells)
def test_fairness_does_not_depend_on_what_is_called_positive(name: str, rows: list[Row]):
    """Scores and labels turned round describe the same people, outcomes and decisions."""
    check = CHECKS[name]
    turned = [
        replace(row, label=1 - (row.label or 0), score=1.0 - (row.score or 0.0)) for row in rows
    ]
    ours = measured(check, evidence(rows, favourable_when=">", threshold="0.45"))
    mirrored = measured(check, evidence(turned, favourable_when="<", threshold="0.55"))
    assert plain(mirrored) == figures(ours)
