"""Every built-in check runs on exactly what it says it needs, and fails closed on nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.adapters.plugins import find_checks
from assay.checks.measure import measure, needs_of
from assay.checks.parameters import Written
from assay.evidence.inputs import Evidence, Need
from assay.evidence.measurement import Document, Fact, NotApplicable, NotCollected
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.tallies import Confusion, Rows, ScorePairs, Scores, Spec

CHECKS = find_checks().all()
COLUMNS = ("sex", "age")
WRITTEN: dict[str, dict[str, Written]] = {
    "data.age": {"column": "since"},
    "external.failed_tests": {"of": "unit-tests"},
    "external.findings": {"of": "scan"},
    "external.passed": {"of": "build"},
    "external.tests": {"of": "unit-tests"},
    "data.ranges": {"column": "income", "at_most": Decimal(30)},
    "data.types": {"columns": ("income",), "type": "number"},
    "data.representation": {"column": "sex", "group": "f", "reference": Decimal("0.5")},
    "fairness.conditional_demographic_disparity": {"given": "age"},
    "fairness.conditional_demographic_disparity_in_labels": {"given": "age"},
    "fairness.conditional_selection_rate_difference": {"given": "age"},
    "fairness.local_law_144_impact_ratio": {"sex": "sex", "race": "age"},
    "fairness.local_law_144_scoring_impact_ratio": {"sex": "sex", "race": "age"},
    "performance.cost": {"false_positive": 1, "false_negative": Decimal("5.5")},
    "performance.gain_over_baseline": {"metric": "accuracy", "over": "declared"},
    "performance.lift_at_k": {"k": Decimal("0.2")},
}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "external.unit-tests": {
        "format": "junit",
        "listed": 9,
        "skipped": 1,
        "failed": 0,
        "broken": 0,
        "named": [],
    },
    "external.scan": {
        "format": "sarif",
        "levels": {"none": 0, "note": 3, "warning": 2, "error": 1},
        "suppressed": 0,
        "complete": True,
    },
    "external.build": {
        "format": "test-result",
        "trusted": True,
        "result": "PASSED",
        "named": [],
        "subjects": ["a" * 64],
    },
    "evaluated_on": {"date": "2024-03-01"},
    "holdout_use": {"use": 3},
    "population": {"sex": {"f": 0.5, "m": 0.5}, "age": {"<=25": 0.25, ">25": 0.75}},
    "schema": {"columns": {"income": "integer"}},
}
ERRORS = Errors(low=0.01, high=0.04)


def rows() -> list[Row]:
    """Four groups of 300, with scores that rank well, but not perfectly."""
    return [
        Row(
            label=int((index * 7 + shift) % 10 < index % 10),
            score=(index % 10) / 10 + 0.05,
            groups={"sex": sex, "age": age},
            unit=f"{sex}{age}{index // 3}",
            others={
                "champion": ((index * 3 + shift) % 10) / 10 + 0.04,
                "baseline": (index % 5) / 10 + 0.3,
            },
            features={
                "income": (index * 11) % 37,
                "housing": ("own", "rent", "free")[index % 3],
                "since": f"2024-01-{1 + index % 28:02}",
            },
        )
        for shift, (sex, age) in enumerate(
            [("f", "<=25"), ("f", ">25"), ("m", "<=25"), ("m", ">25")]
        )
        for index in range(300)
    ]


def written(name: str) -> dict[str, Written]:
    chosen = dict(WRITTEN.get(name, {}))
    if "intersections" in CHECKS[name].parameters:
        chosen["intersections"] = True
    return chosen


def evidence(name: str, held: list[Row], *, unit: bool = False) -> Evidence:
    """Evidence with what the check says it needs, the rows' counts, and nothing else."""
    roles = evidence_of([], protected=COLUMNS).roles
    assert roles is not None
    wanted = needs_of(CHECKS[name], written(name), roles)
    specs = [need for need in wanted if not isinstance(need, Document)]
    spare: list[Spec] = [spec for spec in (Confusion(), Scores()) if spec not in specs]
    kept = evidence_of(
        held,
        protected=COLUMNS,
        specs=specs,
        unit=unit,
        without=spare,
        training=rows()[::7],
        documents=documents(wanted),
    )
    kept = replace(kept, subjects=frozenset({"a" * 64}))
    assert kept.tallies is not None
    assert set(kept.tallies.tallies) == {*specs, Rows()}
    return kept


def documents(needs: Sequence[Need]) -> dict[str, dict[str, Any]]:
    """The documents among the needs that the rows' evidence comes with."""
    names = [need.name for need in needs if isinstance(need, Document)]
    return {name: DOCUMENTS[name] for name in names if name in DOCUMENTS}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("unit", [False, True], ids=["rows", "units"])
def test_a_check_runs_on_what_it_needs(name: str, unit: bool):
    """Nothing is missing, nothing raises, and the bounds enclose the value where they should."""
    found = measure(
        CHECKS[name],
        evidence(name, rows(), unit=unit),
        written(name),
        errors=ERRORS,
        max_excluded=Decimal("0.01"),
    )
    if unit and isinstance(found, Undefined):
        assert "unit" in found.reason
        return
    if not unit and isinstance(found, NotApplicable):
        assert "unit" in found.reason
        return
    assert isinstance(found, Estimate if CHECKS[name].statistical else Fact), found
    if isinstance(found, Estimate):
        assert found.low <= found.high
        assert found.n > 0


@pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if check.statistical])
def test_a_check_of_no_rows_is_undefined(name: str):
    """No data is never a figure, and never a failure of the check."""
    found = measure(
        CHECKS[name],
        evidence(name, []),
        written(name),
        errors=ERRORS,
        max_excluded=Decimal("0.01"),
    )
    assert isinstance(found, Undefined), found
    assert len(found.reason) > 20


@pytest.mark.parametrize("name", [n for n in CHECKS if not n.startswith(("documents.", "monitor"))])
def test_a_check_without_its_tallies_is_not_collected(name: str):
    """What was not counted is missing, whatever the check."""
    roles = evidence_of([], protected=COLUMNS, specs=[ScorePairs("champion")]).roles
    if name == "data.training_units":
        assert roles is not None
        roles = replace(roles, unit="person")
    found = measure(
        CHECKS[name],
        Evidence(roles=roles),
        written(name),
        errors=ERRORS,
        max_excluded=Decimal("0.01"),
    )
    assert isinstance(found, NotCollected), found
