"""Whom a claim leaves out is named beside it, whatever its verdict."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.golden.situations import report
from tests.unit.checks.rows import Row, evidence_of
from tests.unit.checks.test_every_check import CHECKS, ERRORS

from assay.checks.measure import measure
from assay.documents.gate import cautions
from assay.documents.omissions import omissions
from assay.policy.judging import Judgement
from assay.policy.policy import RequirementId
from assay.stats.estimate import Estimate
from assay.stats.tallies import Confusion

BY_SEX = Confusion(by=("sex",))


def measured(name: str, counts: dict[str | None, int], **options: Any) -> Estimate:
    """A check of groups of which a fifth is selected, half of those rightly."""
    rows = [
        Row(label=label, score=score, groups={"sex": sex}, count=count * part)
        for sex, count in counts.items()
        for label, score, part in ((1, 0.9, 1), (0, 0.9, 1), (0, 0.1, 8))
    ]
    held = evidence_of(rows, protected=("sex",), specs=[BY_SEX])
    found = measure(CHECKS[name], held, options, errors=ERRORS, max_excluded=Decimal("0.05"))
    assert isinstance(found, Estimate), found
    return found


def judged(*named: tuple[str, Estimate]) -> Sequence[Judgement]:
    first, *_ = report("allowed").decision.judgements
    return [
        replace(
            first, requirement=replace(first.requirement, id=RequirementId(name)), measurement=m
        )
        for name, m in named
    ]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("fairness.selection_rate_difference", "sex: {x} (10)"),
        ("fairness.average_odds_difference", "sex: {x} (1)"),
        ("performance.worst_slice_accuracy", "sex: {x} (10)"),
    ],
)
def test_groups_that_are_too_small_are_named(check: str, words: str):
    """A pass speaks of everyone but them, and says so; braces in a name are just text."""
    found = measured(check, {"f": 40, "m": 40, "{x}": 1}, small_groups="report")
    (said,) = omissions(judged(("gap", found)))
    assert said == f"gap leaves out {words}: too few people."


def test_an_index_over_groups_names_those_it_leaves_out():
    """It has no figure of each group, and names them all the same."""
    found = measured(
        "fairness.between_group_theil_index", {"f": 40, "m": 40, "x": 1}, small_groups="report"
    )
    assert omissions(judged(("index", found))) == ["index leaves out rows (sex: x, too few: 10)."]


def test_rows_without_a_group_are_told_once_for_all_that_leave_them_out():
    """Few enough to be allowed, and not silently dropped."""
    counts: dict[str | None, int] = {"f": 40, "m": 40, None: 1}
    gap = measured("fairness.selection_rate_difference", counts)
    worst = measured("performance.worst_slice_accuracy", counts)
    accuracy = measured("performance.accuracy", counts)
    assert omissions(judged(("gap", gap), ("worst", worst), ("right", accuracy))) == [
        "gap, worst leave out rows (missing sex: 10)."
    ]


def test_a_report_tells_what_single_requirements_leave_out():
    """Among what a careful reader must know."""
    allowed = report("allowed")
    found = measured("fairness.selection_rate_difference", {"f": 40, "m": 40, None: 1})
    decision = replace(allowed.decision, judgements=tuple(judged(("gap", found))))
    assert "gap leaves out rows (missing sex: 10)." in cautions(replace(allowed, decision=decision))


def test_many_small_groups_are_counted_beyond_the_first():
    """A sentence stays one."""
    counts: dict[str | None, int] = {"f": 40, "m": 40, **{f"x{i}": 1 for i in range(8)}}
    found = measured("fairness.selection_rate_difference", counts, small_groups="report")
    (said,) = omissions(judged(("gap", found)))
    assert said.endswith("sex: x4 (10) and 3 more: too few people.")
