"""Point values agree with Fairlearn, AIF360 and SageMaker Clarify on three real datasets.

The peers' answers are recorded with their versions (tests/parity/peers). They compare one
group with another or give a sign; a check of ours speaks of the worst pair: a difference is
compared by its size, a ratio with the smaller rate above the line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from tests.parity.peers.datasets import DATASETS, TABLES, Dataset
from tests.unit.checks.rows import Row, evidence_of

from assay.checks import fairness, performance
from assay.evidence.inputs import Evidence
from assay.stats.estimate import READING, Estimate
from assay.stats.tallies import Confusion

BY_NAME = {dataset.name: dataset for dataset in DATASETS}

FAIRLEARN: dict[str, str] = {
    "selection_rate_difference": "selection_rate_difference",
    "selection_rate_ratio": "selection_rate_ratio",
    "demographic_parity_difference": "selection_rate_difference",
    "demographic_parity_ratio": "selection_rate_ratio",
    "true_positive_rate_difference": "equal_opportunity_difference",
    "true_positive_rate_ratio": "true_positive_rate_ratio",
    "recall_score_difference": "equal_opportunity_difference",
    "recall_score_ratio": "true_positive_rate_ratio",
    "equal_opportunity_difference": "equal_opportunity_difference",
    "equal_opportunity_ratio": "true_positive_rate_ratio",
    "false_negative_rate_difference": "equal_opportunity_difference",
    "false_negative_rate_ratio": "false_negative_rate_ratio",
    "false_positive_rate_difference": "false_positive_rate_difference",
    "false_positive_rate_ratio": "false_positive_rate_ratio",
    "true_negative_rate_difference": "false_positive_rate_difference",
    "true_negative_rate_ratio": "true_negative_rate_ratio",
    "equalized_odds_difference": "equalized_odds_difference",
    "equalized_odds_ratio": "equalized_odds_ratio",
    "accuracy_score_difference": "accuracy_difference",
    "accuracy_score_ratio": "accuracy_ratio",
    "zero_one_loss_difference": "accuracy_difference",
    "zero_one_loss_ratio": "error_rate_ratio",
    "precision_score_difference": "positive_predictive_value_difference",
    "precision_score_ratio": "positive_predictive_value_ratio",
}

FAIRLEARN_WORST: dict[str, dict[str, str]] = {
    ">=": {
        "accuracy_score_group_min": "worst_slice_accuracy",
        "balanced_accuracy_score_group_min": "worst_slice_balanced_accuracy",
        "precision_score_group_min": "worst_slice_precision",
        "recall_score_group_min": "worst_slice_recall",
        "true_negative_rate_group_min": "worst_slice_specificity",
        "f1_score_group_min": "worst_slice_f1",
    },
    # Here the score predicts the unfavourable label, and performance speaks of the score's.
    "<": {
        "accuracy_score_group_min": "worst_slice_accuracy",
        "balanced_accuracy_score_group_min": "worst_slice_balanced_accuracy",
        "true_negative_rate_group_min": "worst_slice_recall",
        "true_positive_rate_group_min": "worst_slice_specificity",
    },
}

AIF360: dict[str, str] = {
    "labels.mean_difference": "label_rate_difference",
    "labels.disparate_impact": "label_rate_ratio",
    "statistical_parity_difference": "selection_rate_difference",
    "disparate_impact": "selection_rate_ratio",
    "equal_opportunity_difference": "equal_opportunity_difference",
    "true_positive_rate_difference": "equal_opportunity_difference",
    "false_negative_rate_difference": "equal_opportunity_difference",
    "false_negative_rate_ratio": "false_negative_rate_ratio",
    "false_positive_rate_difference": "false_positive_rate_difference",
    "false_positive_rate_ratio": "false_positive_rate_ratio",
    "average_odds_difference": "average_odds_difference",
    "average_abs_odds_difference": "average_absolute_odds_difference",
    "error_rate_difference": "accuracy_difference",
    "error_rate_ratio": "error_rate_ratio",
    "false_discovery_rate_difference": "positive_predictive_value_difference",
    "false_discovery_rate_ratio": "false_discovery_rate_ratio",
    "false_omission_rate_difference": "negative_predictive_value_difference",
    "false_omission_rate_ratio": "false_omission_rate_ratio",
    "average_predictive_value_difference": "average_predictive_value_difference",
    "between_all_groups_coefficient_of_variation": "between_group_coefficient_of_variation",
    "between_all_groups_theil_index": "between_group_theil_index",
    "between_all_groups_generalized_entropy_index": "between_group_generalized_entropy_index",
    "generalized_entropy_index": "generalized_entropy_index",
    "theil_index": "theil_index",
    "coefficient_of_variation": "coefficient_of_variation",
}

CLARIFY: dict[str, str] = {
    "CI": "class_imbalance",
    "DPL": "label_rate_difference",
    "JS": "label_js_divergence",
    "LP": "label_lp_norm",
    "TVD": "label_rate_difference",
    "KS": "label_rate_difference",
    "CDDL": "conditional_demographic_disparity_in_labels",
    "DPPL": "selection_rate_difference",
    "DI": "selection_rate_ratio",
    "DCA": "conditional_acceptance_difference",
    "DCR": "conditional_rejection_difference",
    "RD": "equal_opportunity_difference",
    "SD": "false_positive_rate_difference",
    "DAR": "positive_predictive_value_difference",
    "DRR": "negative_predictive_value_difference",
    "AD": "accuracy_difference",
    "CDDPL": "conditional_demographic_disparity",
    "TE": "treatment_equality_difference",
    "GE": "generalized_entropy_index",
}

SIMPLE = {"class_imbalance"}
INDIVIDUAL = {"generalized_entropy_index", "theil_index", "coefficient_of_variation"}
CONDITIONAL = {"conditional_demographic_disparity", "conditional_demographic_disparity_in_labels"}


@cache
def record(peer: str) -> dict[str, Any]:
    path = TABLES.parent / "records" / f"{peer}.json"
    answers: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["answers"]
    return answers


@cache
def evidence(dataset: Dataset) -> Evidence:
    rows = [
        Row(label=cell.label, score=cell.score, groups=cell.groups, count=cell.count)
        for cell in dataset.cells()
    ]
    slices = [*((column,) for column in dataset.columns), dataset.intersection, *dataset.strata]
    return evidence_of(
        rows,
        protected=dataset.columns,
        specs=[Confusion(by=by) for by in dict.fromkeys(slices)],
        threshold=dataset.threshold,
        favourable_when=dataset.favourable_when,
    )


def value(family: Any, check: str, dataset: Dataset, columns: tuple[str, ...]) -> float:
    """A check's point value, with its own way to name groups."""
    options: dict[str, object] = {} if check in INDIVIDUAL else {"by": columns}
    if check in CONDITIONAL:
        options["given"] = dict(dataset.strata)[columns[0]]
    elif check in SIMPLE:
        options["intersections"] = len(columns) > 1
    elif check not in INDIVIDUAL:
        options |= {"intersections": len(columns) > 1, "min_group_size": 1}
    function: Callable[..., object] = getattr(family, check)
    measured = function(evidence(dataset), errors=READING, **options)
    assert isinstance(measured, Estimate), measured
    return measured.value


def comparable(check: str, answer: float) -> float:
    """A peer's answer about one pair, as the worst of both orders."""
    if check.endswith("_ratio"):
        return min(answer, 1.0 / answer)
    return abs(answer)


def pair_cases(peer: str, checks: dict[str, str]) -> Iterator[Any]:
    for name, answers in record(peer).items():
        for column, found in answers.items():
            for metric, check in checks.items():
                yield pytest.param(
                    name, column, check, found[metric], id=f"{name}-{column}-{metric}"
                )


def frame_cases() -> Iterator[Any]:
    for name, answers in record("fairlearn").items():
        for columns, found in answers.items():
            for metric, check in FAIRLEARN.items():
                by = tuple(columns.split(" × "))
                yield pytest.param(name, by, check, found[metric], id=f"{name}-{columns}-{metric}")


def worst_cases() -> Iterator[Any]:
    for name, answers in record("fairlearn").items():
        for columns, found in answers.items():
            for metric, check in FAIRLEARN_WORST[BY_NAME[name].favourable_when].items():
                if " × " not in columns:
                    yield pytest.param(
                        name, columns, check, found[metric], id=f"{name}-{columns}-{metric}"
                    )


@pytest.mark.parametrize(("name", "by", "check", "answer"), [*frame_cases()])
def test_fairlearn(name: str, by: tuple[str, ...], check: str, answer: float):
    """Differences and ratios between groups, by column and crossed.

    Crossed, our claim covers the single columns too; their rates are averages of the crossed
    groups', so its value is that of the crossing alone.
    """
    assert value(fairness, check, BY_NAME[name], by) == pytest.approx(answer, abs=1e-9)


@pytest.mark.parametrize(("name", "column", "check", "answer"), [*worst_cases()])
def test_fairlearn_group_min(name: str, column: str, check: str, answer: float):
    """The worst group's performance."""
    assert value(performance, check, BY_NAME[name], (column,)) == pytest.approx(answer, abs=1e-9)


@pytest.mark.parametrize(("name", "column", "check", "answer"), [*pair_cases("aif360", AIF360)])
def test_aif360(name: str, column: str, check: str, answer: float):
    """Metrics of a dataset and of a classifier, unprivileged against privileged."""
    ours = value(fairness, check, BY_NAME[name], (column,))
    assert ours == pytest.approx(comparable(check, answer), abs=1e-9)


@pytest.mark.parametrize(("name", "column", "check", "answer"), [*pair_cases("smclarify", CLARIFY)])
def test_clarify(name: str, column: str, check: str, answer: float):
    """Metrics before and after training."""
    ours = value(fairness, check, BY_NAME[name], (column,))
    assert ours == pytest.approx(comparable(check, answer), abs=1e-9)


@pytest.mark.parametrize("name", BY_NAME)
def test_clarify_kl_in_both_directions(name: str):
    """The divergence has a direction, and the worse of both is our claim."""
    for column, found in record("smclarify")[name].items():
        ours = value(fairness, "label_kl_divergence", BY_NAME[name], (column,))
        assert ours == pytest.approx(max(found["KL"], found["KL of the other facet"]), abs=1e-9)


def test_propublica():
    """ProPublica's published error rates of COMPAS, Medium or High read as a prediction."""
    groups = evidence(BY_NAME["compas"])[Confusion(by=("race",))].groups()
    black, white = groups["African-American"], groups["Caucasian"]
    found = [
        100.0 * black.false_positives / black.negatives,
        100.0 * white.false_positives / white.negatives,
        100.0 * black.false_negatives / black.positives,
        100.0 * white.false_negatives / white.positives,
    ]
    assert [round(rate, 2) for rate in found] == [44.85, 23.45, 27.99, 47.72]


def test_published_rates_of_german_credit_and_adult():
    """Shares of good loans by age and of high incomes by sex, as the literature has them."""
    german, adult = evidence(BY_NAME["german_credit"]), evidence(BY_NAME["adult"])
    by_age = german[Confusion(by=("age",))].groups()
    good = {name: counts.negatives / counts.n for name, counts in by_age.items()}
    assert good["<=25"] - good[">25"] == pytest.approx(-0.149448, abs=5e-7)
    by_sex = adult[Confusion(by=("sex",))].groups()
    assert by_sex["Female"].positives / by_sex["Female"].n == pytest.approx(0.109251, abs=5e-7)
    assert by_sex["Male"].positives / by_sex["Male"].n == pytest.approx(0.303767, abs=5e-7)
