"""What must hold for all counts: order, containment, symmetry, and indifference to names."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.stats.tables import table_of

from assay.stats import (
    Errors,
    Estimate,
    PairedProportions,
    Proportion,
    Undefined,
    area_under_roc,
    balanced_accuracy,
    difference_of_proportions,
    exact_lower_bound,
    exact_upper_bound,
    expected_calibration_error,
    holm_error,
    largest_difference,
    paired_difference,
    proportion,
    ratio_of_proportions,
    smallest_ratio,
    units_lacking,
)
from assay.stats.estimate import outward
from assay.stats.means import Moments, mean
from assay.stats.tallies.scores import ScoreTable

errors = st.floats(min_value=1e-7, max_value=0.4)


@st.composite
def proportions(draw: st.DrawFn, *, least: int = 1, most: int = 3000) -> Proportion:
    """Events among trials, both whole."""
    trials = draw(st.integers(least, most))
    return Proportion(events=draw(st.integers(0, trials)), trials=trials)


@st.composite
def tables(draw: st.DrawFn) -> ScoreTable:
    """Few to many rows of both labels, often tied."""
    size = draw(st.integers(2, 200))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels = (generator.random(size) < draw(st.floats(0.05, 0.95))).astype(np.int64)
    labels[:2] = 0, 1
    scores = generator.random(size) * 0.5 + 0.4 * labels * draw(st.floats(0.0, 1.0))
    return table_of(np.asarray(np.round(scores, draw(st.integers(1, 8))), np.float64), labels)


def at(low: float, high: float | None = None) -> Errors:
    """Errors of both sides."""
    return Errors(low=low, high=low if high is None else high)


def defined(answer: Estimate | Undefined) -> Estimate:
    """The estimate, which must exist."""
    assert isinstance(answer, Estimate)
    return answer


@given(p=proportions(), smaller=errors, larger=errors)
def test_a_rate_lies_between_bounds_that_widen_as_errors_shrink(
    p: Proportion, smaller: float, larger: float
) -> None:
    """The value is contained, and a smaller error never narrows either side."""
    assume(smaller <= larger)
    wide, narrow = (defined(proportion(p, errors=at(error))) for error in (smaller, larger))
    assert 0.0 <= wide.low <= narrow.low <= p.value <= narrow.high <= wide.high <= 1.0


@given(p=proportions(), error=errors)
def test_events_and_non_events_are_mirror_images(p: Proportion, error: float) -> None:
    """Counting the other outcome turns the bounds round."""
    low = exact_lower_bound(events=p.events, trials=p.trials, error=error)
    high = exact_upper_bound(events=p.trials - p.events, trials=p.trials, error=error)
    assert low == pytest.approx(1.0 - high, abs=2e-12)


@given(trials=st.floats(0.5, 1e6), share=st.floats(0.0, 1.0), error=errors)
def test_fractional_counts_are_bounded_too(trials: float, share: float, error: float) -> None:
    """Effective counts need not be whole."""
    events = share * trials
    low = exact_lower_bound(events=events, trials=trials, error=error)
    high = exact_upper_bound(events=events, trials=trials, error=error)
    assert 0.0 <= low <= events / trials + 1e-12
    assert events / trials - 1e-12 <= high <= 1.0


@given(first=proportions(), second=proportions(), low=errors, high=errors)
def test_a_difference_turned_round_is_its_negative(
    first: Proportion, second: Proportion, low: float, high: float
) -> None:
    """Exchanging the sides exchanges the bounds and their signs."""
    one = defined(difference_of_proportions(first, second, errors=at(low, high)))
    other = defined(difference_of_proportions(second, first, errors=at(high, low)))
    assert (one.value, one.low, one.high) == (-other.value, -other.high, -other.low)
    assert -1.0 <= one.low <= one.value <= one.high <= 1.0


@given(first=proportions(), second=proportions(), smaller=errors, larger=errors)
def test_differences_widen_as_errors_shrink(
    first: Proportion, second: Proportion, smaller: float, larger: float
) -> None:
    """A smaller error never narrows either side."""
    assume(smaller <= larger)
    wide, narrow = (
        defined(difference_of_proportions(first, second, errors=at(error)))
        for error in (smaller, larger)
    )
    assert wide.low <= narrow.low + 1e-12
    assert narrow.high <= wide.high + 1e-12


@given(first=proportions(), second=proportions(), error=errors)
def test_a_ratio_turned_over_is_its_inverse(
    first: Proportion, second: Proportion, error: float
) -> None:
    """Exchanging the sides exchanges and inverts the bounds."""
    assume(first.events > 0 < second.events)
    one = defined(ratio_of_proportions(first, second, errors=at(error)))
    other = defined(ratio_of_proportions(second, first, errors=at(error)))
    assert 0.0 <= one.low <= one.value <= one.high
    assert one.low == pytest.approx(1.0 / other.high if other.high < math.inf else 0.0, rel=1e-9)


@given(first=proportions(), second=proportions(), error=errors)
def test_a_ratio_and_a_difference_agree_about_zero(
    first: Proportion, second: Proportion, error: float
) -> None:
    """The ratio's lower bound reaches 1 where the difference's reaches 0."""
    assume(second.events > 0)
    ratio = defined(ratio_of_proportions(first, second, errors=at(error)))
    difference = defined(difference_of_proportions(first, second, errors=at(error)))
    if abs(difference.low) > 1e-9:
        assert (ratio.low > 1.0) == (difference.low > 0.0)


@given(sensitivity=proportions(), specificity=proportions(), error=errors)
def test_balanced_accuracy_does_not_know_which_class_is_positive(
    sensitivity: Proportion, specificity: Proportion, error: float
) -> None:
    """Exchanging the classes changes nothing."""
    one = defined(balanced_accuracy(sensitivity, specificity, errors=at(error)))
    other = defined(balanced_accuracy(specificity, sensitivity, errors=at(error)))
    assert one.low == pytest.approx(other.low, abs=1e-11)
    assert one.high == pytest.approx(other.high, abs=1e-11)
    assert 0.0 <= one.low <= one.value <= one.high <= 1.0


groups = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), proportions(least=30), min_size=2, max_size=6
)


def gap(held: Mapping[str, Proportion], low: float, high: float) -> Estimate:
    """The largest difference of groups that are large enough."""
    return defined(
        largest_difference(
            [held], errors=at(low, high), min_group_size=30, small_groups="insufficient"
        )
    )


@given(held=groups, low=errors, high=errors, order=st.randoms(use_true_random=False))
def test_groups_may_have_any_names_in_any_order(
    held: dict[str, Proportion], low: float, high: float, order: object
) -> None:
    """Relabelling and reordering groups changes no figure of the gap or of the ratio."""
    assert hasattr(order, "sample")
    names = order.sample(sorted(held), k=len(held))
    renamed = {f"group {i}": held[name] for i, name in enumerate(names)}
    one, other = gap(held, low, high), gap(renamed, low, high)
    assert (one.value, one.low, one.high, one.n) == (other.value, other.low, other.high, other.n)
    ratios = [
        smallest_ratio(each, errors=at(low, high), min_group_size=1, small_groups="report")
        for each in (held, renamed)
    ]
    if isinstance(ratios[0], Estimate):
        first, second = (defined(answer) for answer in ratios)
        assert (first.value, first.low, first.high) == (second.value, second.low, second.high)
        assert 0.0 <= first.low <= first.value <= first.high <= 1.0


@given(held=groups, error=errors)
def test_a_gap_is_floored_at_zero_and_contains_its_value(
    held: dict[str, Proportion], error: float
) -> None:
    """At reading errors or less the maximum lies between its bounds."""
    answer = gap(held, error, error)
    assert 0.0 <= answer.low <= answer.value <= answer.high <= 1.0


@given(held=groups, extra=proportions(least=30), error=errors)
def test_another_group_never_narrows_a_gap(
    held: dict[str, Proportion], extra: Proportion, error: float
) -> None:
    """One more group can only raise the upper bound."""
    assert gap({**held, "z": extra}, error, error).high >= gap(held, error, error).high


@given(
    counts=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 8)), min_size=10, max_size=64),
    order=st.randoms(use_true_random=False),
    error=errors,
)
def test_buckets_may_come_in_any_order(
    counts: list[tuple[int, int]], order: object, error: float
) -> None:
    """Effective counts do not depend on which bucket is which, and never exceed the rows."""
    held = [(float(min(x, n)), float(n)) for x, n in counts]
    assert hasattr(order, "sample")
    shuffled = order.sample(held, k=len(held))
    total = sum(x for x, _ in held), sum(n for _, n in held)
    one, other = (
        Proportion(events=total[0], trials=total[1], buckets=tuple(part)).effective(error)
        for part in (held, shuffled)
    )
    assert isinstance(one, Proportion)
    assert isinstance(other, Proportion)
    assert one.trials == pytest.approx(other.trials, rel=1e-9)
    assert one.trials <= total[1]
    assert one.value == pytest.approx(total[0] / total[1])


@given(table=tables(), smaller=errors, larger=errors)
@settings(max_examples=60)
def test_areas_lie_between_bounds_that_widen(
    table: ScoreTable, smaller: float, larger: float
) -> None:
    """The area is contained, and a smaller error never narrows either side."""
    assume(smaller <= larger)
    wide, narrow = (defined(area_under_roc(table, errors=at(error))) for error in (smaller, larger))
    assert 0.0 <= wide.low <= narrow.low <= narrow.value <= narrow.high <= wide.high <= 1.0


@given(table=tables())
@settings(max_examples=60)
def test_an_area_turned_round_is_its_complement(table: ScoreTable) -> None:
    """Exchanging labels, or the order of scores, mirrors the area and its bounds."""
    area = defined(area_under_roc(table, errors=at(0.05)))
    swapped = ScoreTable(
        scores=table.scores,
        half_widths=table.half_widths,
        negatives=table.positives,
        positives=table.negatives,
    )
    other = defined(area_under_roc(swapped, errors=at(0.05)))
    assert area.value == pytest.approx(1 - other.value, abs=1e-12)
    assert area.low == pytest.approx(1 - other.high, abs=1e-10)
    assert area.high == pytest.approx(1 - other.low, abs=1e-10)


@given(table=tables(), power=st.floats(0.3, 3.0))
@settings(max_examples=60)
def test_an_area_knows_only_the_order_of_scores(table: ScoreTable, power: float) -> None:
    """Any increasing change of the scores leaves the area and its bounds."""
    changed = ScoreTable(
        scores=(table.scores + 1.0) ** power,
        half_widths=table.half_widths,
        negatives=table.negatives,
        positives=table.positives,
    )
    assert area_under_roc(table, errors=at(0.01)) == area_under_roc(changed, errors=at(0.01))


@given(table=tables(), smaller=errors, larger=errors)
@settings(max_examples=60)
def test_calibration_errors_have_nested_bounds(
    table: ScoreTable, smaller: float, larger: float
) -> None:
    """The upper bound contains the value, and a smaller error never narrows either side."""
    assume(smaller <= larger)
    wide, narrow = (
        defined(expected_calibration_error(table, errors=at(error))) for error in (smaller, larger)
    )
    assert 0.0 <= wide.low <= narrow.low <= narrow.value <= narrow.high + 1e-12
    assert narrow.high <= wide.high + 1e-9


@given(one=st.integers(0, 400), other=st.integers(0, 400), rest=st.integers(0, 3000), error=errors)
def test_a_paired_difference_turned_round_is_its_negative(
    one: int, other: int, rest: int, error: float
) -> None:
    """Exchanging the readings exchanges the bounds and their signs."""
    trials = one + other + rest
    assume(trials > 0)
    there, back = (
        defined(
            paired_difference(
                PairedProportions(first_only=a, second_only=b, trials=trials), errors=at(error)
            )
        )
        for a, b in ((one, other), (other, one))
    )
    assert (there.value, there.low, there.high) == (-back.value, -back.high, -back.low)
    assert -1.0 <= there.low <= there.value <= there.high <= 1.0


@given(
    values=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=150),
    scale=st.floats(0.1, 50.0),
    shift=st.floats(-20.0, 20.0),
    error=errors,
)
def test_a_mean_moves_and_stretches_with_its_rows(
    values: list[float], scale: float, shift: float, error: float
) -> None:
    """Bounds are those of the moved rows, moved; the mean lies between them."""
    rows, ones = np.array(values), np.ones(len(values))
    plain = defined(mean(Moments.of(rows, ones), errors=at(error), limits=(0.0, 1.0)))
    moved = defined(
        mean(
            Moments.of(rows * scale + shift, ones), errors=at(error), limits=(shift, shift + scale)
        )
    )
    assume(plain.method == moved.method)
    assert moved.low == pytest.approx(plain.low * scale + shift, rel=1e-6, abs=1e-6 * scale)
    assert moved.high == pytest.approx(plain.high * scale + shift, rel=1e-6, abs=1e-6 * scale)
    assert plain.low <= plain.value + 1e-12
    assert plain.value <= plain.high + 1e-12


@given(
    p=proportions(least=5),
    threshold=st.floats(0.01, 0.99),
    allow=st.floats(0.01, 0.2),
    holm=st.floats(1e-4, 0.2),
    at_most=st.booleans(),
)
def test_open_claims_lack_units_and_decided_ones_do_not(
    p: Proportion, threshold: float, allow: float, holm: float, at_most: bool
) -> None:
    """Zero is said exactly where a bound clears the bar."""
    low, high = (holm, allow) if at_most else (allow, holm)
    estimate = defined(proportion(p, errors=at(low, high)))
    lacking = units_lacking(
        estimate,
        threshold=threshold,
        direction="at_most" if at_most else "at_least",
        false_allow=allow,
        holm_error=holm,
    )
    if at_most:
        decided = estimate.high <= threshold or estimate.low > threshold
    else:
        decided = estimate.low >= threshold or estimate.high < threshold
    assert (lacking == 0) == decided


@given(bound=st.floats(-1e6, 1e6))
def test_outward_rounding_never_flatters(bound: float) -> None:
    """Lower bounds never rise, upper ones never fall, and rounding twice changes nothing."""
    low, high = outward(bound, bound)
    noise = 1e-13 * abs(bound)
    assert low <= bound + noise
    assert bound - noise <= high
    assert outward(low, high) == (low, high)


@given(deny=st.floats(1e-4, 0.4), tests=st.integers(1, 60))
def test_holm_never_asks_less_of_a_later_round(deny: float, tests: int) -> None:
    """Errors rise with every failure and end at the declared rate."""
    rounds = [holm_error(false_deny=deny, tests=tests, rejected=r) for r in range(tests)]
    assert rounds == sorted(rounds)
    assert rounds[-1] == deny
