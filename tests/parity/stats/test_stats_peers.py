"""Point values and score intervals agree with scikit-learn, scipy and statsmodels."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    matthews_corrcoef,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.metrics import log_loss as log_loss_score
from statsmodels.api import GLM, add_constant, families
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    score_test_proportions_2indep,
)
from tests.unit.stats.tables import Floats, Integers, draw_scores, table_of

from assay import stats
from assay.stats import (
    READING,
    DrawKey,
    Errors,
    Estimate,
    Proportion,
    ScoreInterval,
    Undefined,
    reliability,
)
from assay.stats.calibration import Reliability
from assay.stats.score_intervals import _rate_given_difference
from assay.stats.tallies.confusion import BinaryCounts

POINT = 1e-9
KEY = DrawKey(digest="0" * 64, check="parity", revision=1)


@lru_cache(maxsize=8)
def rows(name: str) -> tuple[Floats, Integers]:
    """Scores and labels: real ones from a model on real data, drawn ones, and tied ones."""
    if name == "breast cancer":
        features, target = load_breast_cancer(return_X_y=True)
        columns = features[:, :2] / features[:, :2].std(axis=0)
        model = LogisticRegression().fit(columns[::2], target[::2])
        return model.predict_proba(columns)[:, 1], target.astype(np.int64)
    scores, labels = draw_scores(41, 1500)
    return (np.round(scores, 2).clip(0.005, 0.995), labels) if name == "tied" else (scores, labels)


def value(answer: Estimate | Undefined) -> float:
    """The point value, which must exist."""
    assert isinstance(answer, Estimate)
    return answer.value


@pytest.fixture(params=["breast cancer", "drawn", "tied"])
def data(request: pytest.FixtureRequest) -> tuple[Floats, Integers]:
    """Each set of rows in turn."""
    return rows(str(request.param))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (stats.area_under_roc, roc_auc_score),
        (stats.average_precision, average_precision_score),
        (stats.brier_score, brier_score_loss),
        (stats.log_loss, log_loss_score),
        (stats.gini_coefficient, lambda y, s: 2 * roc_auc_score(y, s) - 1),
        (stats.kolmogorov_smirnov, lambda y, s: ks_2samp(s[y == 1], s[y == 0]).statistic),
    ],
)
def test_score_metrics_agree(
    data: tuple[Floats, Integers],
    ours: Callable[..., Estimate | Undefined],
    theirs: Callable[[Integers, Floats], float],
) -> None:
    """Every metric of scores has scikit-learn's or scipy's value."""
    scores, labels = data
    answer = ours(table_of(scores, labels), errors=READING)
    assert value(answer) == pytest.approx(float(theirs(labels, scores)), abs=POINT)


def test_decision_metrics_agree(data: tuple[Floats, Integers]) -> None:
    """Every metric of decisions has scikit-learn's value."""
    scores, labels = data
    decided = (scores >= 0.45).astype(np.int64)
    cells = np.bincount(2 * labels + decided, minlength=4).tolist()
    tn, fp, fn, tp = (int(cell) for cell in cells)
    counts = BinaryCounts(
        true_negatives=tn, false_positives=fp, false_negatives=fn, true_positives=tp
    )

    def rate(events: int, trials: int) -> Proportion:
        return Proportion(events=events, trials=trials)

    pairs = [
        (stats.proportion(rate(tp, tp + fp), errors=READING), precision_score),
        (stats.proportion(rate(tp, tp + fn), errors=READING), recall_score),
        (stats.f1_score(rate(tp, tp + fp + fn), errors=READING), f1_score),
        (
            stats.balanced_accuracy(rate(tp, tp + fn), rate(tn, tn + fp), errors=READING),
            balanced_accuracy_score,
        ),
        (stats.matthews_correlation(counts, errors=READING, key=KEY), matthews_corrcoef),
        (stats.cohen_kappa(counts, errors=READING, key=KEY), cohen_kappa_score),
    ]
    for answer, theirs in pairs:
        assert value(answer) == pytest.approx(float(theirs(labels, decided)), abs=POINT)


@pytest.mark.parametrize("bins", [5, 15])
def test_the_reliability_curve_agrees(data: tuple[Floats, Integers], bins: int) -> None:
    """Bins of equal mass are cut where scikit-learn's `quantile` strategy cuts them."""
    scores, labels = data
    share, mean = calibration_curve(labels, scores, n_bins=bins, strategy="quantile")
    curve = reliability(table_of(scores, labels), bins=bins)
    assert isinstance(curve, Reliability)
    assert curve.positives / curve.rows == pytest.approx(share, abs=POINT)
    assert curve.mean_scores == pytest.approx(mean, abs=POINT)


def test_the_calibration_line_agrees(data: tuple[Floats, Integers]) -> None:
    """Coefficients and sandwich errors are statsmodels' GLM with HC0."""
    scores, labels = data
    logit = np.log(scores / (1 - scores))
    smaller = min(int(labels.sum()), int((1 - labels).sum()))
    table = table_of(scores, labels)
    large = GLM(labels, np.ones(len(labels)), family=families.Binomial(), offset=logit)
    line = GLM(labels, add_constant(logit), family=families.Binomial())
    for answer, fit in (
        (stats.calibration_intercept(table, errors=READING), large.fit(cov_type="HC0", tol=1e-12)),
        (stats.calibration_slope(table, errors=READING), line.fit(cov_type="HC0", tol=1e-12)),
    ):
        assert isinstance(answer, Estimate)
        assert answer.value == pytest.approx(fit.params[-1], abs=1e-8)
        reach = stats.quantiles.student_quantile(0.025, smaller - 1) * fit.bse[-1]
        assert answer.high - answer.value == pytest.approx(reach, rel=1e-6)


@pytest.mark.parametrize("counts", [(0, 7), (1, 40), (13, 50), (40, 40), (999, 5000)])
@pytest.mark.parametrize("error", [0.05, 0.001])
def test_clopper_pearson_agrees(counts: tuple[int, int], error: float) -> None:
    """Each side is statsmodels' `beta` interval at twice the error."""
    events, trials = counts
    low, high = proportion_confint(events, trials, alpha=2 * error, method="beta")
    answer = stats.proportion(
        Proportion(events=events, trials=trials), errors=Errors(low=error, high=error)
    )
    assert isinstance(answer, Estimate)
    assert answer.low == pytest.approx(low, abs=1e-11)
    assert answer.high == pytest.approx(high, abs=1e-11)


def close(interval: ScoreInterval, low: float, high: float, *, within: float) -> None:
    """Both limits are near the peer's."""
    assert interval.low == pytest.approx(low, abs=within, rel=within)
    assert interval.high == pytest.approx(high, abs=within, rel=within)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(
    ("first", "second"), [((56, 70), (48, 80)), ((3, 50), (9, 40)), ((400, 900), (350, 1000))]
)
def test_score_intervals_agree(
    first: tuple[int, int], second: tuple[int, int], confidence: float
) -> None:
    """Wilson's, Newcombe's, and Miettinen and Nurminen's ratio are statsmodels'."""
    alpha = 1 - confidence
    wilson = stats.wilson_interval(events=first[0], trials=first[1], confidence=confidence)
    close(wilson, *proportion_confint(*first, alpha=alpha, method="wilson"), within=1e-12)
    hybrid = confint_proportions_2indep(*first, *second, method="newcomb", alpha=alpha)
    newcombe = stats.newcombe_interval(first, second, confidence=confidence)
    close(newcombe, *hybrid, within=1e-12)
    limits = confint_proportions_2indep(
        *first, *second, method="score", compare="ratio", alpha=alpha, correction=True
    )
    close(
        stats.miettinen_nurminen_ratio(first, second, confidence=confidence), *limits, within=1e-9
    )


@pytest.mark.parametrize("difference", [-0.2, 0.03, 0.15])
def test_the_restricted_rate_is_likelier_than_statsmodels(difference: float) -> None:
    """A deliberate difference: statsmodels' cubic has a count where the paper has a size.

    Miettinen and Nurminen (1985) maximise the likelihood with the difference held; the
    coefficient `(n0·d - n - 2·x0)·d + x` holds the second sample's size, and statsmodels
    0.15 takes its events there. Their rate is less likely, and their interval is off in
    the fourth decimal.
    """
    first, second = (400, 900), (350, 1000)

    def likelihood(rate: float) -> float:
        total = 0.0
        for (events, trials), chance in ((first, rate + difference), (second, rate)):
            total += events * np.log(chance) + (trials - events) * np.log(1 - chance)
        return float(total)

    theirs = score_test_proportions_2indep(
        *first, *second, value=difference, compare="diff", return_results=True
    ).prop2_null
    ours = _rate_given_difference(first, second, difference)
    assert likelihood(ours) > likelihood(float(theirs)) + 1e-4
    for step in (-1e-4, 1e-4):
        assert likelihood(ours) > likelihood(ours + step)
