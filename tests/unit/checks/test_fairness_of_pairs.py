"""Gaps that compare two groups by more than one rate, or by more than their difference."""

import math

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.fairness import (
    average_absolute_odds_difference,
    average_odds_difference,
    class_imbalance,
    conditional_acceptance_difference,
    conditional_demographic_disparity,
    conditional_selection_rate_difference,
    differential_fairness,
    label_js_divergence,
    label_kl_divergence,
    label_lp_norm,
    label_rate_difference,
    selection_rate_difference,
    treatment_equality_difference,
)
from assay.evidence.inputs import Evidence
from assay.stats.estimate import READING, Errors, Estimate, Undefined
from assay.stats.tallies import Confusion

SLICES = (("sex",), ("post",), ("sex", "post"), ("post", "sex"))


def people(sex: str, post: str = "x", *, tp: int, fp: int, fn: int, tn: int) -> list[Row]:
    groups = {"sex": sex, "post": post}
    cells = [(1, 0.9, tp), (0, 0.8, fp), (1, 0.2, fn), (0, 0.1, tn)]
    return [
        Row(label=label, score=score, groups=groups, count=count)
        for label, score, count in cells
        if count
    ]


def evidence(*rows: list[Row]) -> Evidence:
    return evidence_of(
        [row for part in rows for row in part],
        protected=("sex", "post"),
        specs=[Confusion(by=by) for by in SLICES],
    )


TWO = evidence(
    people("female", tp=40, fp=10, fn=40, tn=110),
    people("male", tp=80, fp=30, fn=20, tn=70),
)


def estimate(measured: object) -> Estimate:
    assert isinstance(measured, Estimate), measured
    assert measured.low <= measured.high
    return measured


def by_sex(check: object, held: Evidence = TWO, **options: object) -> object:
    return check(held, errors=READING, by=("sex",), **options)  # type: ignore[operator]


def test_average_odds_add_up_with_their_signs():
    """True positive rates 0.5 and 0.8, false positive rates 1/12 and 0.3: same direction."""
    gap = estimate(by_sex(average_odds_difference))
    assert gap.value == pytest.approx(((0.8 - 0.5) + (0.3 - 10 / 120)) / 2)
    assert estimate(by_sex(average_absolute_odds_difference)).value == pytest.approx(gap.value)


def test_average_odds_of_opposite_gaps_cancel_and_their_sizes_do_not():
    """What one rate gives the other takes; only sizes show it."""
    held = evidence(
        people("female", tp=50, fp=40, fn=50, tn=60), people("male", tp=80, fp=10, fn=20, tn=90)
    )
    assert estimate(by_sex(average_odds_difference, held)).value == pytest.approx(0.0)
    sizes = estimate(by_sex(average_absolute_odds_difference, held))
    assert sizes.value == pytest.approx(0.3)
    assert sizes.low > 0.1


def test_the_pair_behind_each_bound_is_named():
    """As in every gap between groups."""
    gap = estimate(by_sex(average_odds_difference))
    assert gap.low_binding is not None
    assert gap.low_binding.groups == ("sex: male", "sex: female")


def test_treatment_equality_has_no_upper_bound_where_false_positives_may_vanish():
    """A ratio to a count that may truly be zero can be anything."""
    held = evidence(
        people("female", tp=50, fp=1, fn=60, tn=50), people("male", tp=50, fp=30, fn=30, tn=50)
    )
    gap = estimate(by_sex(treatment_equality_difference, held))
    assert gap.value == pytest.approx(60 / 1 - 30 / 30)
    assert gap.high > 1000 or math.isinf(gap.high)
    none = evidence(
        people("female", tp=50, fp=0, fn=60, tn=50), people("male", tp=50, fp=30, fn=30, tn=50)
    )
    assert isinstance(by_sex(treatment_equality_difference, none), Undefined)


def test_conditional_acceptance_is_a_ratio_of_labels_to_decisions():
    """Women 80 / 50, men 100 / 110; people are counted once."""
    gap = estimate(by_sex(conditional_acceptance_difference))
    assert gap.value == pytest.approx(80 / 50 - 100 / 110)
    assert gap.low_binding is not None
    assert gap.low_binding.n == 400


def test_differential_fairness_is_the_log_of_the_smallest_ratio():
    """Selected 50 of 200 and 110 of 200; refused 150 and 90: the first ratio is smaller."""
    errors = Errors(low=0.01, high=0.04)
    measured = estimate(differential_fairness(TWO, errors=errors, by=("sex",)))
    assert measured.value == pytest.approx(-math.log((50 / 200) / (110 / 200)))
    assert (measured.low_error, measured.high_error) == (0.01, 0.04)
    assert 0.0 < measured.low < measured.value < measured.high


def test_divergences_of_labels():
    """Favourable labels 80 of 200 and 100 of 200."""
    p, q = 0.4, 0.5
    kl = q * math.log(q / p) + (1 - q) * math.log((1 - q) / (1 - p))
    other = p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
    assert estimate(by_sex(label_kl_divergence)).value == pytest.approx(max(kl, other))
    assert 0.0 < estimate(by_sex(label_js_divergence)).value < max(kl, other)
    difference = estimate(by_sex(label_rate_difference))
    norm = estimate(by_sex(label_lp_norm))
    assert norm.value == pytest.approx(math.sqrt(2) * difference.value)
    assert norm.high == pytest.approx(math.sqrt(2) * difference.high)


def test_a_divergence_is_undefined_where_one_group_has_one_label():
    """An infinite divergence is no figure."""
    held = evidence(
        people("female", tp=40, fp=0, fn=40, tn=0), people("male", tp=40, fp=40, fn=10, tn=10)
    )
    assert isinstance(by_sex(label_kl_divergence, held), Undefined)
    assert isinstance(by_sex(label_js_divergence, held), Estimate)


def test_class_imbalance_is_that_of_the_smallest_group():
    """Fifty of two hundred: outnumbered by (150 - 50) / 200."""
    held = evidence(
        people("female", tp=25, fp=0, fn=0, tn=25), people("male", tp=75, fp=0, fn=0, tn=75)
    )
    measured = estimate(by_sex(class_imbalance, held))
    assert measured.value == pytest.approx(0.5)
    assert measured.low < 0.5 < measured.high


BERKELEY = evidence(
    people("female", "a", tp=80, fp=0, fn=0, tn=20),
    people("male", "a", tp=480, fp=0, fn=0, tn=120),
    people("female", "b", tp=100, fp=0, fn=0, tn=400),
    people("male", "b", tp=20, fp=0, fn=0, tn=80),
)


def test_a_gap_that_the_strata_explain_is_no_conditional_gap():
    """Within each post both are selected alike; together they seem not to be."""
    assert estimate(by_sex(selection_rate_difference, BERKELEY)).value > 0.4
    within = estimate(by_sex(conditional_selection_rate_difference, BERKELEY, given="post"))
    assert within.value == pytest.approx(0.0)
    disparity = estimate(by_sex(conditional_demographic_disparity, BERKELEY, given="post"))
    assert disparity.value == pytest.approx(0.0)
    assert disparity.low < 0.0 < disparity.high


def test_conditional_disparity_without_an_effect_of_strata_is_the_plain_one():
    """One stratum: the share of refusals less the share of grants."""
    held = evidence(
        people("female", tp=20, fp=0, fn=0, tn=80), people("male", tp=60, fp=0, fn=0, tn=40)
    )
    disparity = estimate(by_sex(conditional_demographic_disparity, held, given="post"))
    assert disparity.value == pytest.approx(80 / 120 - 20 / 80)
    assert disparity.low_binding is not None
    assert disparity.low_binding.groups == ("sex: female",)


def test_the_strata_are_not_compared_with_themselves():
    """With no column named, all but the strata's are."""
    named = by_sex(conditional_demographic_disparity, BERKELEY, given="post")
    assert conditional_demographic_disparity(BERKELEY, errors=READING, given="post") == named
    alone = conditional_demographic_disparity(BERKELEY, errors=READING, given="post", by=("post",))
    assert isinstance(alone, Undefined)


def test_a_thin_group_within_a_stratum_is_named_with_it():
    """Ten women in one post show nothing there."""
    held = evidence(
        people("female", "a", tp=5, fp=0, fn=0, tn=5), people("male", "a", tp=50, fp=0, fn=0, tn=50)
    )
    thin = by_sex(conditional_selection_rate_difference, held, given="post")
    assert isinstance(thin, Undefined)
    assert "sex × post: female × a" in thin.reason
