"""Data that cannot answer: every figure is undefined with a reason, and every row accounted for.

No NaN, no warning (the test run makes errors of them), no check that fails, no row that goes
missing in silence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

import assay
from assay.adapters.engine.columns import WrongType
from assay.adapters.engine.labels import LabelHasOtherValues, PositiveAbsent
from assay.documents.evaluations import Evaluation
from assay.evidence.measurement import Fact, Measurement, NotApplicable

ROWS = 300
SOUND: dict[str, Sequence[Any]] = {
    "y": [int(i % 7 in {0, 3} or i % 5 == 0) for i in range(ROWS)],
    "p": [round(((i * 37) % 101) / 101, 3) for i in range(ROWS)],
    "group": ["A" if i % 3 else "B" for i in range(ROWS)],
    "w": [1.0] * ROWS,
}


def evaluate(*, weight: str | None = None, **columns: Sequence[Any] | pl.Series) -> Evaluation:
    """Every check that applies, on sound data with some columns replaced."""
    return assay.evaluate(
        pl.DataFrame({**SOUND, **columns}),
        label="y",
        score="p",
        protected=["group"],
        weight=None if weight is None else {"column": "w", "kind": weight},
    )


def sound(results: Evaluation) -> None:
    """Whatever the data, a measurement is a finite estimate with bounds, a fact, or a reason."""
    assert results
    for name, found in results.items():
        assert isinstance(found, assay.Estimate | assay.Undefined | Fact | NotApplicable), name
        if isinstance(found, assay.Estimate):
            assert math.isfinite(found.value), name
            assert not math.isnan(found.low), name
            assert not math.isnan(found.high), name
            assert found.n > 0, name
        if isinstance(found, assay.Undefined):
            assert len(found.reason.split()) > 3, name
        for reading in getattr(found, "groups", ()):
            assert reading.value is None or math.isfinite(reading.value), name
    rows = results.rows
    assert rows.read == ROWS
    assert rows.used + sum(rows.excluded.values()) == ROWS


def reason(found: Measurement) -> str:
    """Why there is no figure."""
    assert isinstance(found, assay.Undefined)
    return found.reason


def test_sound_data_answer():
    """What the others are changes of."""
    results = evaluate()
    sound(results)
    undefined = {name for name, found in results.items() if isinstance(found, assay.Undefined)}
    assert "performance.roc_auc" not in undefined


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_only(label: int):
    """Ranking needs both labels; accuracy does not."""
    results = evaluate(y=[label] * ROWS)
    sound(results)
    lacking = "negative" if label else "positive"
    assert f"no row is actually {lacking}" in reason(results["performance.roc_auc"])
    assert isinstance(results["performance.accuracy"], assay.Estimate)


def test_one_group_only():
    """A gap compares two groups."""
    results = evaluate(group=["A"] * ROWS)
    sound(results)
    assert "compares two groups" in reason(results["fairness.selection_rate_difference"])


def test_no_positives_in_one_group():
    """Its true positive rate has no row to count; the reason names the group and the lack."""
    labels = [0 if group == "B" else y for y, group in zip(SOUND["y"], SOUND["group"], strict=True)]
    results = evaluate(y=labels)
    sound(results)
    told = reason(results["fairness.equal_opportunity_difference"])
    assert "B" in told
    assert "has 0" in told
    assert isinstance(results["fairness.selection_rate_difference"], assay.Estimate)


def test_scores_outside_the_unit_interval():
    """Percent instead of fractions: rows are left out, counted, and named in every reason."""
    results = evaluate(p=[100 * score for score in SOUND["p"]])
    sound(results)
    beyond = sum(100 * score > 1 for score in SOUND["p"])
    assert results.rows.excluded == {"score out of range": beyond}
    told = reason(results["performance.accuracy"])
    assert f"{beyond} of {ROWS} rows" in told
    assert "score out of range" in told


def test_no_score_inside_the_unit_interval():
    """Where no row is left, the reason is that, and not that some count is 0."""
    results = evaluate(p=[score + 1.5 for score in SOUND["p"]])
    sound(results)
    for name, found in results.items():
        assert reason(found) == (
            f"None of the {ROWS} rows could be used (score out of range: {ROWS})."
        ), name


def test_scores_that_are_missing_or_no_numbers():
    """NaN and null are missing, infinity is out of range."""
    values = [float("nan"), None, float("inf"), float("-inf"), *SOUND["p"][4:]]
    results = evaluate(p=values)
    sound(results)
    assert results.rows.excluded == {"missing score": 2, "score out of range": 2}


def test_a_label_that_is_no_number():
    """Of two texts one is positive, which must be said; three are an error that counts them."""
    words = ["good" if value else "bad" for value in SOUND["y"]]
    with pytest.raises(LabelHasOtherValues, match="'good'") as told:
        evaluate(y=words)
    assert "positive:" in told.value.remedy
    with pytest.raises(LabelHasOtherValues, match=r"'perhaps' \(1 rows\)"):
        evaluate(y=["perhaps", *words[1:]])
    with pytest.raises(LabelHasOtherValues, match="2"):
        evaluate(y=[2, *SOUND["y"][1:]])
    frame = pl.DataFrame({**SOUND, "y": words})
    with pytest.raises(PositiveAbsent, match="'Good' never occurs"):
        assay.evaluate(frame, label={"column": "y", "positive": "Good"}, score="p")


def test_a_score_that_is_text():
    """A column of text holds no scores; the column and its type are named."""
    with pytest.raises(WrongType, match="'p' is VARCHAR"):
        evaluate(p=list(map(str, SOUND["p"])))


@pytest.mark.parametrize(
    "missing", [pl.Series([None] * ROWS), pl.Series([None] * ROWS, dtype=pl.String)]
)
def test_a_protected_column_entirely_missing(missing: pl.Series):
    """Nobody's group is known: gaps are undefined for that reason, other figures are not."""
    results = evaluate(group=missing)
    sound(results)
    told = reason(results["fairness.selection_rate_difference"])
    assert told == f"None of the {ROWS} rows could be used (missing group: {ROWS})."
    assert results.rows.missing == {"group": ROWS}
    assert isinstance(results["performance.accuracy"], assay.Estimate)


@pytest.mark.parametrize("missing", [pl.Series([None] * ROWS), [float("nan")] * ROWS])
@pytest.mark.parametrize("column", ["y", "p"])
def test_a_label_or_score_entirely_missing(column: str, missing: Any):
    """No row is left, and all are counted."""
    results = evaluate(**{column: missing})
    sound(results)
    kind = "label" if column == "y" else "score"
    assert results.rows.excluded == {f"missing {kind}": ROWS}
    assert f"missing {kind}: {ROWS}" in reason(results["performance.accuracy"])


@pytest.mark.parametrize("kind", ["frequency", "sampling"])
@pytest.mark.parametrize(
    ("weight", "why"),
    [
        (0.0, "zero weight"),
        (-1.0, "negative weight"),
        (float("nan"), "missing weight"),
        (float("inf"), "infinite weight"),
    ],
)
def test_all_weights_of_no_use(kind: str, weight: float, why: str):
    """Zero, negative, missing, infinite: no row counts, and the reason says which."""
    results = evaluate(weight=kind, w=[weight] * ROWS)
    sound(results)
    assert results.rows.excluded == {why: ROWS}
    assert reason(results["performance.accuracy"]) == (
        f"None of the {ROWS} rows could be used ({why}: {ROWS})."
    )


def test_frequencies_with_fractions():
    """They may be sampling weights, so nothing is rounded."""
    results = evaluate(weight="frequency", w=[1.5] * ROWS)
    sound(results)
    assert results.rows.excluded == {"fractional weight": ROWS}
