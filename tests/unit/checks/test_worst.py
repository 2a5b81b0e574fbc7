"""The worst of several parts: every part for a pass, one part for a failure."""

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.performance import worst_slice_accuracy, worst_slice_roc_auc
from assay.checks.worst import Part, worst_of
from assay.evidence.inputs import Evidence
from assay.stats.estimate import READING, Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import Confusion, Scores

ERRORS = Errors(low=0.05, high=0.02)


def rate(events: int, trials: int) -> Part:
    p = Proportion(events=events, trials=trials)
    return Part(at=lambda errors: proportion(p, errors=errors), units=trials)


PARTS = {"a": rate(80, 100), "b": rate(60, 100), "c": rate(19, 20)}


def bounds(part: Part, *, low: float = 0.05, high: float = 0.02) -> Estimate:
    estimate = part.at(Errors(low=low, high=high))
    assert isinstance(estimate, Estimate)
    return estimate


def test_where_higher_is_better_the_smallest_counts():
    """The lower bound is the smallest at the whole error, the upper one's error is shared."""
    worst = worst_of([PARTS], better="higher", errors=ERRORS)
    assert isinstance(worst, Estimate)
    assert worst.value == 0.6
    assert worst.low == min(bounds(part).low for part in PARTS.values())
    assert worst.high == min(bounds(part, high=0.02 / 3).high for part in PARTS.values())
    assert worst.high_binding is not None
    assert worst.high_binding.groups == ("b",)
    assert worst.n == 220


def test_where_lower_is_better_the_largest_counts():
    """The mirror image."""
    worst = worst_of([PARTS], better="lower", errors=ERRORS)
    assert isinstance(worst, Estimate)
    assert worst.value == 0.95
    assert worst.low == max(bounds(part, low=0.05 / 3).low for part in PARTS.values())
    assert worst.high == max(bounds(part).high for part in PARTS.values())


def test_slices_that_cut_the_same_rows_count_their_units_once():
    """By sex and by age they are the same people."""
    worst = worst_of([PARTS, {"d": rate(50, 100)}], better="higher", errors=ERRORS)
    assert isinstance(worst, Estimate)
    assert worst.n == 220
    assert worst.value == 0.5


def test_an_undefined_part_makes_the_claim_undefined_and_is_named():
    """What cannot be said of one cannot be said of the worst."""
    worst = worst_of([{**PARTS, "d": rate(0, 0)}], better="higher", errors=ERRORS)
    assert isinstance(worst, Undefined)
    assert worst.reason.startswith("d: ")
    assert {reading.group for reading in worst.groups} == {"a", "b", "c", "d"}


def test_a_thin_part_makes_the_claim_undefined_unless_it_is_reported():
    """Twenty people are fewer than thirty; leaving them out is said in their reading."""
    thin = worst_of([PARTS], better="higher", errors=ERRORS, min_units=30)
    assert isinstance(thin, Undefined)
    assert dict(thin.units_lacking) == {"c": 10}
    left_out = worst_of([PARTS], better="higher", errors=ERRORS, min_units=30, small="report")
    assert isinstance(left_out, Estimate)
    assert left_out.n == 200
    notes = {reading.group: reading.note for reading in left_out.groups}
    assert "left out" in notes["c"]
    assert notes["a"] == ""


def test_no_part_at_all_is_undefined():
    """No data is not a pass."""
    assert isinstance(worst_of([], better="higher", errors=ERRORS), Undefined)
    only_thin = worst_of(
        [{"c": rate(5, 5)}], better="higher", errors=ERRORS, min_units=30, small="report"
    )
    assert isinstance(only_thin, Undefined)


def people(*, flipped: bool = False) -> Evidence:
    """Men are ranked well; women as well, or backwards."""
    scores = [index / 100 for index in range(100)]
    rows = [Row(label=int(score >= 0.5), score=score, groups={"sex": "male"}) for score in scores]
    rows += [
        Row(label=int((score >= 0.5) != flipped), score=score, groups={"sex": "female"})
        for score in scores
    ]
    return evidence_of(
        rows, protected=("sex",), specs=[Confusion(by=("sex",)), Scores(by=("sex",))]
    )


@pytest.mark.parametrize("check", [worst_slice_accuracy, worst_slice_roc_auc])
def test_the_worst_slice_is_the_group_that_is_served_worst(check):
    """An average hides it; the slice does not."""
    fair = check(people(), errors=READING)
    unfair = check(people(flipped=True), errors=READING)
    assert fair.value == 1.0
    assert unfair.value == 0.0
    assert unfair.low_binding.groups == ("sex: female",)
