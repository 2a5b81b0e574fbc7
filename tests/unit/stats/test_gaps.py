"""Gaps between groups: all pairs, bindings, small groups, families."""

from __future__ import annotations

from itertools import permutations

import pytest

from assay.errors import InvalidArgument
from assay.stats import (
    Errors,
    Estimate,
    Proportion,
    Undefined,
    difference_of_proportions,
    largest_difference,
    ratio_of_proportions,
    smallest_ratio,
)

ERRORS = Errors(low=0.05, high=0.05)
GROUPS = {
    "a": Proportion(events=90, trials=300),
    "b": Proportion(events=60, trials=250),
    "c": Proportion(events=30, trials=120),
}


def gap(
    *families: dict[str, Proportion],
    minimum: int = 30,
    report: bool = False,
    errors: Errors = ERRORS,
) -> Estimate | Undefined:
    """The largest difference with the usual settings."""
    return largest_difference(
        families,
        errors=errors,
        min_group_size=minimum,
        small_groups="report" if report else "insufficient",
    )


def ratio(groups: dict[str, Proportion]) -> Estimate:
    """The smallest ratio, which must exist."""
    answer = smallest_ratio(groups, errors=ERRORS, min_group_size=30, small_groups="insufficient")
    assert isinstance(answer, Estimate)
    return answer


def test_the_upper_bound_is_the_largest_pairwise_one_undivided() -> None:
    """Each pair's upper bound is taken at the full error."""
    answer = gap(GROUPS)
    assert isinstance(answer, Estimate)
    pairs = {
        (i, j): difference_of_proportions(GROUPS[i], GROUPS[j], errors=ERRORS)
        for i, j in permutations(GROUPS, 2)
    }
    highs = {pair: each.high for pair, each in pairs.items() if isinstance(each, Estimate)}
    assert answer.high == max(highs.values())
    assert answer.high_binding is not None
    assert answer.high_binding.groups == max(highs, key=lambda pair: highs[pair])
    assert answer.value == pytest.approx(0.30 - 0.24)
    assert answer.n == 670


def test_the_lower_bound_divides_its_error_among_ordered_pairs() -> None:
    """Each of the k(k-1) pairs takes its share, and the floor is 0."""
    answer = gap(GROUPS)
    assert isinstance(answer, Estimate)
    shared = Errors(low=ERRORS.low / 6, high=ERRORS.high)
    lows = [
        each.low
        for i, j in permutations(GROUPS, 2)
        if isinstance(
            each := difference_of_proportions(GROUPS[i], GROUPS[j], errors=shared), Estimate
        )
    ]
    assert answer.low_binding is not None
    assert answer.low_binding.bound == max(lows)
    assert max(lows) < 0.0
    assert answer.low == 0.0


def test_two_families_share_one_error() -> None:
    """Equalised odds has 2k(k-1) pairs, and its binding says whose rate it was."""
    errors = largest_difference(
        [GROUPS, {name: Proportion(events=5, trials=100) for name in GROUPS}],
        errors=ERRORS,
        min_group_size=30,
        small_groups="insufficient",
        rates=("true positive rate", "false positive rate"),
    )
    alone = gap(GROUPS, errors=Errors(low=ERRORS.low / 2, high=ERRORS.high))
    assert isinstance(errors, Estimate)
    assert isinstance(alone, Estimate)
    assert errors.low_binding is not None
    assert alone.low_binding is not None
    assert errors.low_binding.bound == alone.low_binding.bound
    assert errors.low_binding.rate == "true positive rate"
    assert {reading.rate for reading in errors.groups} == {
        "true positive rate",
        "false positive rate",
    }
    assert errors.n == 670 + 300


def test_families_over_other_groups_count_rows_once() -> None:
    """Gaps by sex and by age are about the same rows."""
    ages = {"<=25": Proportion(events=50, trials=200), ">25": Proportion(events=100, trials=470)}
    answer = gap(GROUPS, ages)
    assert isinstance(answer, Estimate)
    assert answer.n == 670


def test_a_ratio_passes_only_where_every_pair_does() -> None:
    """The lower bound is the smallest pairwise one, undivided."""
    answer = ratio(GROUPS)
    lows = [
        each.low
        for i, j in permutations(GROUPS, 2)
        if isinstance(each := ratio_of_proportions(GROUPS[i], GROUPS[j], errors=ERRORS), Estimate)
    ]
    assert answer.low == min(lows)
    assert answer.value == pytest.approx(0.24 / 0.30)
    assert answer.low_binding is not None
    assert answer.low_binding.groups == ("c", "a"), "the smaller group is known less well"


def test_a_ratio_is_at_most_one() -> None:
    """The smallest ratio of equal groups has an upper bound of 1."""
    same = {name: Proportion(events=30, trials=100) for name in "abc"}
    assert (ratio(same).value, ratio(same).high) == (1.0, 1.0)


def test_a_group_that_is_never_selected_has_ratio_zero() -> None:
    """The pair that binds is the group without events against the highest rate."""
    answer = ratio({**GROUPS, "d": Proportion(events=0, trials=80)})
    assert (answer.value, answer.low) == (0.0, 0.0)
    assert answer.low_binding is not None
    assert answer.low_binding.groups == ("d", "a")


def test_a_ratio_without_any_event_is_undefined() -> None:
    """Nobody selected is 0/0, not fair."""
    none = {name: Proportion(events=0, trials=100) for name in "ab"}
    answer = smallest_ratio(none, errors=ERRORS, min_group_size=30, small_groups="insufficient")
    assert isinstance(answer, Undefined)
    assert "No group has a single event" in answer.reason


def test_small_groups_are_named_with_what_they_lack() -> None:
    """A group below the minimum makes the claim undefined, but is still read."""
    answer = gap({**GROUPS, "tiny": Proportion(events=2, trials=12)})
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == (("tiny", 18),)
    assert "'tiny' has 12 (18 more needed)" in answer.reason
    assert {reading.group for reading in answer.groups} == {"a", "b", "c", "tiny"}


def test_reported_small_groups_are_left_out_by_name() -> None:
    """With `report` the claim is about the others, and the reading says who is left out."""
    answer = gap({**GROUPS, "tiny": Proportion(events=12, trials=12)}, report=True)
    alone = gap(GROUPS)
    assert isinstance(answer, Estimate)
    assert isinstance(alone, Estimate)
    assert (answer.value, answer.low, answer.high) == (alone.value, alone.low, alone.high)
    notes = {reading.group: reading.note for reading in answer.groups}
    assert notes["tiny"] == "left out: below the minimum of 30"
    assert notes["a"] == ""


def test_a_group_without_rows_is_read_as_nothing() -> None:
    """No positives in a group is no rate of 0."""
    answer = gap({**GROUPS, "none": Proportion(events=0, trials=0)}, minimum=0)
    assert isinstance(answer, Undefined)
    reading = next(each for each in answer.groups if each.group == "none")
    assert (reading.value, reading.low, reading.high) == (None, None, None)


@pytest.mark.parametrize("groups", [{}, {"a": GROUPS["a"]}])
def test_one_group_has_no_gap(groups: dict[str, Proportion]) -> None:
    """A gap needs two groups, and says which one there is."""
    answer = gap(groups)
    assert isinstance(answer, Undefined)
    assert "two groups" in answer.reason


def test_thousands_of_small_groups_are_counted_not_listed() -> None:
    """A reason stays readable whatever a column holds."""
    answer = gap({f"g{i:05d}": Proportion(events=0, trials=1) for i in range(10_000)})
    assert isinstance(answer, Undefined)
    assert "and 9990 more" in answer.reason
    assert len(answer.reason) < 600


def test_many_groups_are_compared_in_blocks() -> None:
    """More pairs than fit a block give the same answer as the two that differ most."""
    many = {f"g{i:04d}": Proportion(events=30, trials=60) for i in range(700)}
    many["g0003"] = Proportion(events=10, trials=60)
    many["g0650"] = Proportion(events=50, trials=60)
    answer = gap(many)
    assert isinstance(answer, Estimate)
    assert answer.high_binding is not None
    assert answer.high_binding.groups == ("g0650", "g0003")


def test_clustered_groups_need_buckets() -> None:
    """A group whose units fill too few buckets is named like a small one."""
    few = Proportion(events=40, trials=90, buckets=((5.0, 10.0),) * 9)
    enough = Proportion(events=160, trials=640, buckets=((2.0, 10.0), (3.0, 10.0)) * 32)
    answer = gap({"few": few, "enough": enough}, minimum=5)
    assert isinstance(answer, Undefined)
    assert answer.units_lacking == (("few", 1),)


@pytest.mark.parametrize(
    ("families", "minimum", "rates"), [([], 30, ()), ([GROUPS], -1, ()), ([GROUPS], 30, ("x", "y"))]
)
def test_impossible_arguments_are_refused(
    families: list[dict[str, Proportion]], minimum: int, rates: tuple[str, ...]
) -> None:
    """No family, a negative size and a wrong number of names are defects."""
    with pytest.raises(InvalidArgument):
        largest_difference(
            families,
            errors=ERRORS,
            min_group_size=minimum,
            small_groups="insufficient",
            rates=rates,
        )
