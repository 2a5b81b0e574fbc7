"""How many units would show a pass: planned from what was recorded, under a stated truth or not."""

import json

import pytest

from assay.app.judging.explanation import explain_requirement
from assay.app.judging.gate import gate_version
from assay.app.judging.planning import UnusableTruth
from assay.app.judging.replay import find_version
from assay.documents.explanation import explanation_json, render_explanation
from assay.policy.gate import Verdict
from assay.stats.planning import units_for_proportion


@pytest.fixture
def explained(services, project, rewrite):
    """Gate once, then explain with a plan."""
    rewrite("policy.yaml", "at_most: 0.20", "at_most: 0.09")
    rewrite("policy.yaml", "approvals:", EXTRA)

    gate_version(services, project, actor="ada")
    version = find_version(services, "credit", "1.0.0")

    def explain(requirement, **plan):
        found = explain_requirement(
            services, project, version, requirement, sample_size=True, **plan
        )
        assert found.sample_size is not None
        return found

    return explain


EXTRA = """\
  right-often: {check: performance.accuracy, at_least: 0.60}
  enough: {check: data.rows, at_least: 100}
approvals:
"""


def test_without_the_question_there_is_no_answer(services, project):
    """An explanation plans nothing unless asked."""
    gate_version(services, project, actor="ada")
    version = find_version(services, "credit", "1.0.0")
    assert explain_requirement(services, project, version, "ranks-well").sample_size is None


def test_a_proportion_is_planned_by_the_binomial_formula(explained):
    """A stated truth counts as such: units are those of the published formula, rounded up."""
    size = explained("right-often", truth=0.65).sample_size
    formula = units_for_proportion(0.65, threshold=0.60, error=0.05)
    assert formula <= size.units < formula + 1
    assert (size.truth, size.stated, size.at_hand, size.groups) == (0.65, True, 1200, ())


def test_by_default_the_truth_is_what_was_observed(explained):
    """Without a stated truth, the plan assumes the figure itself."""
    found = explained("right-often")
    size = found.sample_size
    assert size.truth == found.judgement.measurement.value
    assert not size.stated
    assert size.units is not None


def test_a_gap_counts_the_units_of_the_pair_that_binds(explained):
    """The smaller the true gap, the fewer units show it; they are those of the pair."""
    found = explained("approval-gap", truth=0.0)
    assert found.judgement.verdict is Verdict.INSUFFICIENT
    none, some = found.sample_size, explained("approval-gap", truth=0.04).sample_size
    assert set(none.groups) == {"sex: F", "sex: M"}
    assert none.units < some.units


def test_a_truth_beyond_the_limit_never_passes(explained):
    """No number of units shows what is not so; the answer says that, and what else to ask."""
    size = explained("right-often", truth=0.55).sample_size
    assert size.units is None
    assert "does not meet the limit" in size.reason


def test_a_fact_takes_no_sample(explained):
    """A count of rows is what it is."""
    size = explained("enough").sample_size
    assert size.units is None
    assert "fact" in size.reason


@pytest.mark.parametrize("truth", [1.2, -0.1, float("nan"), float("inf")])
def test_a_truth_that_cannot_be_is_refused(explained, truth):
    """A rate is a fraction; nothing is NaN."""
    with pytest.raises(UnusableTruth):
        explained("right-often", truth=truth)


def test_a_sample_of_the_planned_size_mostly_passes(explained):
    """What the plan promises, exactly: at the planned size 8 of 10 samples pass, at half not."""
    from scipy.special import bdtr

    from assay.stats.proportions import exact_lower_bound

    units = explained("right-often", truth=0.65).sample_size.units

    def power(n: int) -> float:
        passing = next(
            x
            for x in range(int(0.6 * n), n)
            if exact_lower_bound(events=x, trials=n, error=0.05) >= 0.60
        )
        return 1.0 - float(bdtr(passing - 1, n, 0.65))

    assert 0.79 < power(units) < 0.83
    assert power(units // 2) < 0.6


def test_the_text_says_how_many_and_under_which_truth(explained):
    """One sentence with the truth, the units needed and those at hand."""
    text = " ".join(render_explanation(explained("right-often", truth=0.65)).split())
    assert "If the truth is 0.650, as stated, about" in text
    assert "1,200 are at hand" in text


def test_programs_get_the_plan_only_where_it_was_asked(explained, services, project):
    """The JSON has the units as a number, and no such key without the question."""
    document = json.loads(explanation_json(explained("right-often", truth=0.65)))
    assert document["sample_size"]["truth"] == 0.65
    assert document["sample_size"]["units"] > 100
    version = find_version(services, "credit", "1.0.0")
    plain = explain_requirement(services, project, version, "right-often")
    assert "sample_size" not in json.loads(explanation_json(plain))
