"""Evaluating rows from Python: arguments, figures, and what is said of data that hold none."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest

import assay
from assay.adapters.engine.columns import WrongType
from assay.bootstrap import UnusableRole
from assay.checks.measure import UndeclaredColumn
from assay.checks.parameters import UnusableParameter
from assay.documents.evaluations import Evaluation
from assay.errors import ConfigurationError
from assay.evidence.measurement import Fact, NotApplicable

ROWS = 400
HELD: dict[str, list[Any]] = {
    "y": [int(i % 7 in {0, 3} or i % 5 == 0) for i in range(ROWS)],
    "p": [round(((i * 37) % 101) / 101, 3) for i in range(ROWS)],
    "sex": ["f" if i % 3 else "m" for i in range(ROWS)],
    "age": [18 + i % 60 for i in range(ROWS)],
    "joined": [date(2020 + i % 3, 5, 1) for i in range(ROWS)],
    "w": [1 + i % 3 for i in range(ROWS)],
    "person": [i // 2 for i in range(ROWS)],
}
FRAME = pl.DataFrame(HELD)


def evaluate(frame: pl.DataFrame = FRAME, **options: Any) -> Evaluation:
    """With the roles that most tests share."""
    return assay.evaluate(frame, **{"label": "y", "score": "p", **options})


def changed(**columns: Any) -> pl.DataFrame:
    """The frame with other values in some columns."""
    return FRAME.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


def test_every_check_that_applies_is_measured_by_default():
    """Groups are compared where some are declared; figures are finite, in order."""
    alone = evaluate()
    assert not any(name.startswith("fairness.selection") for name in alone)
    together = evaluate(protected=["sex", {"age": [30, 50]}])
    assert set(alone) < set(together)
    assert {name.partition(".")[0] for name in together} == {
        "calibration",
        "fairness",
        "performance",
    }
    for name, found in together.items():
        assert isinstance(found, assay.Estimate | assay.Undefined | Fact), name
        if isinstance(found, assay.Estimate):
            assert math.isfinite(found.value), name


def test_arguments_mean_what_the_manifests_keys_mean():
    """Cut points, dates, a positive value, a unit: the counts are those of the roles."""
    results = evaluate(
        changed(y=["bad" if value else "good" for value in HELD["y"]]),
        label={"column": "y", "positive": "bad"},
        threshold=0.35,
        favourable_when="<",
        protected=[{"age": [30, 50.5]}, {"joined": ["2020-12-31", datetime(2021, 6, 1)]}],  # noqa: DTZ001 - a day
        unit="person",
        checks="performance.accuracy",
    )
    roles = results.recipe.roles
    assert roles.decision.threshold == Decimal("0.35")
    assert roles.protected[0].bands == ("<=30", "(30,50.5]", ">50.5")
    assert roles.protected[1].cuts == (date(2020, 12, 31), date(2021, 6, 1))
    assert list(results) == ["performance.accuracy"]
    assert results.tallies.buckets


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"label": {"name": "y"}}, UnusableRole, "keys \\['name'\\]"),
        ({"protected": [{"age": [1], "w": [2]}]}, UnusableRole, "2 columns"),
        ({"protected": [{"age": [50, 30]}]}, UnusableRole, "ascending"),
        ({"protected": [{"age": []}]}, UnusableRole, "ascending"),
        ({"protected": [{"age": [1, "2020-01-01"]}]}, UnusableRole, "ascending"),
        ({"protected": [{"joined": ["soon"]}]}, UnusableRole, "no date"),
        ({"protected": ["y"]}, UnusableRole, "more than one role"),
        ({"weight": {"column": "w"}}, UnusableRole, "keys"),
        ({"weight": {"column": "w", "kind": "importance"}}, UnusableRole, "importance"),
        ({"weight": {"column": "w", "kind": "frequency", "scale": 8}}, UnusableRole, "keys"),
        ({"checks": ["performance.acuracy"]}, ConfigurationError, "no check"),
        ({"checks": {"performance.accuracy": {"k": 1}}}, UnusableParameter, "'k'"),
        (
            {"checks": {"fairness.selection_rate_difference": {"by": ["sex"]}}},
            UndeclaredColumn,
            "not declared",
        ),
        ({"protected": [{"sex": [1]}]}, WrongType, "must hold numbers"),
        ({"protected": [{"age": ["2020-01-01"]}]}, WrongType, "must hold dates"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(
    options: dict[str, Any], error: type[Exception], says: str
):
    """Each with what to write instead."""
    with pytest.raises(error, match=says) as told:
        evaluate(**options)
    assert getattr(told.value, "remedy", "")


def test_a_result_is_text_html_and_json():
    """The same figures, each with its bounds; names from data are escaped."""
    frame = changed(sex=["<b>" if i % 3 else "m" for i in range(ROWS)])
    results = evaluate(
        frame,
        protected=["sex"],
        checks=["performance.accuracy", "fairness.selection_rate_difference"],
    )
    accuracy = results["performance.accuracy"]
    assert isinstance(accuracy, assay.Estimate)
    assert f"{accuracy.value:.3f}" in repr(results)
    page = results._repr_html_()
    HTMLParser().feed(page)
    assert f"{accuracy.value:.3f}" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    held = json.loads(results.to_json())
    assert held["rows"]["used"] == ROWS
    assert [item["check"] for item in held["measurements"]] == list(results)


def test_frequency_weights_are_rows_repeated():
    """Every figure is that of the rows, each as often as its weight says; the head says so."""
    repeated = FRAME.select(pl.all().repeat_by("w").explode())
    weighted = evaluate(protected=["sex"], weight={"column": "w", "kind": "frequency"})
    assert dict(weighted) == dict(evaluate(repeated, protected=["sex"]))
    assert weighted.rows.read == sum(HELD["w"])
    assert "weighted by column 'w' (frequency weights)" in repr(weighted)


def test_sampling_weights_bound_rates_and_refuse_the_rest():
    """Whatever reads scores is undefined, with a reason; no check fails or returns the sample's."""
    weight = {"column": "w", "kind": "sampling"}
    weighted = evaluate(protected=["sex", {"age": [40]}], weight=weight)
    shares = [
        (y == (p >= 0.5)) * w for y, p, w in zip(HELD["y"], HELD["p"], HELD["w"], strict=True)
    ]
    accuracy = weighted["performance.accuracy"]
    assert isinstance(accuracy, assay.Estimate)
    assert accuracy.value == pytest.approx(sum(shares) / sum(HELD["w"]), abs=1e-9)
    assert "sampling weights" in accuracy.method
    defined = {name for name, found in weighted.items() if isinstance(found, assay.Estimate)}
    assert {"performance.f1", "performance.balanced_accuracy"} < defined
    assert {"fairness.selection_rate_difference", "fairness.selection_rate_ratio"} < defined
    for name, found in weighted.items():
        if name not in defined:
            assert isinstance(found, assay.Undefined | NotApplicable), name
        if isinstance(found, assay.Undefined):
            assert "sampling weights" in found.reason, name
    assert not {name for name in defined if name.startswith("calibration.") or "roc_auc" in name}


def test_equal_sampling_weights_change_no_figure():
    """Rates are those without weights; bounds are those of the same rows, or slightly wider."""
    equal = changed(w=[2.5] * ROWS)
    weighted = evaluate(equal, weight={"column": "w", "kind": "sampling"})
    plain = evaluate()
    for name in ("performance.accuracy", "performance.recall", "performance.f1"):
        one, other = weighted[name], plain[name]
        assert isinstance(one, assay.Estimate)
        assert isinstance(other, assay.Estimate)
        assert one.value == pytest.approx(other.value, abs=1e-12)
        assert other.low - 0.002 < one.low <= other.low
        assert other.high <= one.high < other.high + 0.002
