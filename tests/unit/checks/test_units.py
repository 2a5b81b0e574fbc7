"""A figure's `n` counts independent people once each, and says which of them it counts."""

from decimal import Decimal
from typing import Final

import pytest
from tests.unit.checks.rows import Row, evidence_of
from tests.unit.checks.test_every_check import CHECKS, ERRORS, evidence, rows, written

from assay.checks.check import check, declared_checks
from assay.checks.measure import measure
from assay.checks.performance import worst_slice_roc_auc
from assay.evidence.inputs import Evidence
from assay.stats.estimate import Binding, Errors, Estimate, Undefined, outward
from assay.stats.tallies import Confusion, Scores, Spec

PEOPLE: Final = 1200
STATISTICAL = [name for name, item in CHECKS.items() if item.statistical]


def measured(name: str, *, unit: bool = False) -> Estimate:
    found = measure(
        CHECKS[name],
        evidence(name, rows(), unit=unit),
        written(name),
        errors=ERRORS,
        max_excluded=Decimal("0.01"),
    )
    assert isinstance(found, Estimate), found
    return found


@pytest.mark.parametrize("name", STATISTICAL)
def test_nobody_is_counted_twice(name: str) -> None:
    """However many slices, kinds of decision or groups a claim looks at."""
    assert measured(name).n <= PEOPLE


@pytest.mark.parametrize("name", STATISTICAL)
def test_a_figure_of_some_rows_says_of_which(name: str) -> None:
    """So that a reader who is told how many more are needed gathers the right ones."""
    found = measured(name)
    assert found.n == PEOPLE or found.counted


def test_each_pair_of_equalised_odds_says_which_rows_it_counts() -> None:
    """The pair behind a bound is of one of the two rates."""
    found = measured("fairness.equalized_odds_difference")
    assert found.counted == ""
    assert found.n == PEOPLE
    words = {
        "true positive rate": "with the favourable outcome",
        "false positive rate": "with the unfavourable outcome",
    }
    for binding in (found.low_binding, found.high_binding):
        assert isinstance(binding, Binding)
        assert binding.counted == words[binding.rate]


def few_people(count: int, rows_each: int) -> Evidence:
    """Two groups; each person has several rows."""
    spec = Scores(by=("sex",))
    held = [
        Row(
            label=person % 2,
            score=(person * 13 % 90) / 100 + 0.05 * (person % 2),
            groups={"sex": sex},
            unit=f"{sex}{person}",
            count=rows_each,
        )
        for sex in "fm"
        for person in range(count)
    ]
    specs: list[Spec] = [spec, Confusion(by=("sex",))]
    return evidence_of(held, protected=("sex",), specs=specs, unit=True)


def test_a_group_is_as_large_as_its_people_and_not_as_their_rows() -> None:
    """Twelve people with ten rows each are below a minimum of thirty."""
    found = worst_slice_roc_auc(few_people(12, 10), errors=ERRORS)
    assert isinstance(found, Undefined)
    assert "below the minimum of 30 units" in found.reason
    enough = worst_slice_roc_auc(few_people(60, 10), errors=ERRORS)
    assert isinstance(enough, Estimate)


@pytest.mark.parametrize(
    "name", ["fairness.between_group_theil_index", "performance.worst_slice_brier"]
)
def test_many_rows_of_few_people_do_not_make_a_group(name: str) -> None:
    """Neither where benefits are compared, nor where losses are."""
    found = measure(
        CHECKS[name], few_people(12, 10), {}, errors=ERRORS, max_excluded=Decimal("0.01")
    )
    assert isinstance(found, Undefined)
    assert "minimum of 30" in found.reason
    assert found.units_lacking


@pytest.mark.parametrize("name", STATISTICAL)
def test_bounds_are_rounded_outward(name: str) -> None:
    """Twelve digits, so that platforms agree on what is compared and recorded."""
    found = measured(name)
    assert (found.low, found.high) == outward(found.low, found.high)


@check("mine.unrounded", better="higher", needs=())
def unrounded(evidence: Evidence, *, errors: Errors) -> Estimate:
    """A check of someone else's, which leaves all of its digits.

    Formula: none.
    Source: none.
    Undefined: never.
    Tallies: none.
    """
    return Estimate(
        value=0.5,
        low=1.0 / 3.0,
        high=2.0 / 3.0,
        low_error=errors.low,
        high_error=errors.high,
        n=10,
        method="none",
    )


def test_the_bounds_of_anyones_check_are_rounded_outward() -> None:
    """Also where the check itself does not."""
    found = measure(
        declared_checks({"unrounded": unrounded})["mine.unrounded"],
        Evidence(),
        {},
        errors=ERRORS,
        max_excluded=Decimal(1),
    )
    assert isinstance(found, Estimate)
    assert (found.low, found.high) == (0.333333333333, 0.666666666667)
