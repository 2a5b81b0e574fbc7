"""Checks of columns and rows say what is wrong, in numbers that can be counted by hand."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.adapters.plugins import find_checks
from assay.checks.measure import measure, needs_of
from assay.checks.parameters import Written
from assay.evidence.inputs import Evidence, Need
from assay.evidence.measurement import (
    CheckFailed,
    Document,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.stats.estimate import Errors, Estimate, Undefined

CHECKS = find_checks()
ERRORS = Errors(low=0.05, high=0.05)


def people(**features: Sequence[Any]) -> list[Row]:
    """Rows with these features; labels and groups alternate where none are given."""
    size = len(next(iter(features.values())))
    return [
        Row(
            label=i % 2,
            score=0.5,
            groups={"sex": "fm"[i // 2 % 2]},
            unit=f"u{i}",
            features={name: values[i] for name, values in features.items()},
        )
        for i in range(size)
    ]


def found(
    name: str,
    rows: Sequence[Row],
    written: Mapping[str, Written] | None = None,
    *,
    unit: bool = False,
    training: Sequence[Row] = (),
    documents: Mapping[str, Mapping[str, Any]] | None = None,
    without: Sequence[Need] = (),
) -> Measurement:
    """What a check makes of rows."""
    check, parameters = CHECKS.get(name), written or {}
    roles = evidence_of([], protected=("sex",), unit=unit).roles
    assert roles is not None
    specs = [
        need
        for need in needs_of(check, parameters, roles)
        if not isinstance(need, Document) and need not in without
    ]
    evidence: Evidence = evidence_of(
        rows,
        protected=("sex",),
        specs=specs,
        unit=unit,
        training=training,
        documents=documents,
    )
    return measure(check, evidence, parameters, errors=ERRORS, max_excluded=Decimal(1))


def fact(measurement: Measurement) -> tuple[object, str]:
    assert isinstance(measurement, Fact), measurement
    return measurement.value, measurement.detail


def schema(rows: Sequence[Row], columns: Mapping[str, Any], **written: Written) -> Measurement:
    return found("data.schema", rows, written, documents={"schema": {"columns": columns}})


GOOD = people(
    age=[20, 30, None, 50],
    income=[1.5, 2, 3, 4],
    job=["nurse", "clerk", None, "nurse"],
    since=["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"],
    flag=[True, False, True, True],
    zero=[0, 1, 1, 0],
)


def test_a_file_that_is_as_declared_has_its_schema():
    """Types may be narrower than declared, limits are inside, levels may lack one."""
    columns = {
        "age": {"type": "number", "at_least": 20, "at_most": Decimal(50)},
        "income": "number",
        "job": {"type": "text", "levels": ["nurse", "clerk", "none"]},
        "since": "timestamp",
        "flag": {"type": "boolean", "required": True},
        "zero": {"type": "boolean", "levels": [0, 1]},
    }
    assert fact(schema(GOOD, columns)) == (True, "All 6 declared columns are as they should be.")


@pytest.mark.parametrize(
    ("column", "said", "words"),
    [
        ("pay", "number", "pay is not there"),
        ("income", "integer", "income: 1 values are no integer but number"),
        ("job", "date", "job: 3 values are no date but text"),
        ("age", {"required": True}, "age: 1 values are missing"),
        ("age", {"at_least": 21}, "age: the least value is 20, below 21"),
        ("age", {"at_most": 49.5}, "age: the greatest value is 50, above 49.5"),
        ("job", {"levels": ["nurses", "clerk"]}, "'nurse' is not declared (did someone mean"),
        ("flag", {"levels": [True]}, "flag: 'false' is not declared"),
        ("since", "integer", "4 values are no integer but date"),
    ],
)
def test_a_departure_from_the_schema_is_named(column: str, said: Any, words: str):
    """The column, the number of values, and what was declared."""
    value, detail = fact(schema(GOOD, {column: said}))
    assert value is False
    assert words in detail


def test_columns_that_are_not_declared_may_be_refused():
    """Only where the policy asks for it."""
    columns = {"age": "integer"}
    assert fact(schema(GOOD, columns))[0] is True
    value, detail = fact(schema(GOOD, columns, more=False))
    assert value is False
    assert "flag is not declared" in detail
    assert "more" in detail


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"columns": []},
        {"columns": {"age": {"typ": "integer"}}},
        {"columns": {"age": "int"}},
        {"columns": {"age": {"at_least": "low"}}},
        {"columns": {"age": {"at_least": True}}},
        {"columns": {"age": {"levels": "nurse"}}},
        {"columns": {"age": 3}},
    ],
)
def test_a_schema_that_is_not_understood_is_an_error(content: dict[str, Any]):
    """It denies: a slip in the schema must not pass for agreement."""
    measured = found("data.schema", GOOD, documents={"schema": content})
    assert isinstance(measured, CheckFailed)
    assert "schema.yaml" in measured.reason


def test_a_schema_that_is_not_there_is_missing():
    """It says how to write one."""
    measured = found("data.schema", GOOD)
    assert isinstance(measured, NotCollected)
    assert "documents.schema" in measured.remedy


def test_types_are_a_share_of_the_values():
    """One of three jobs looks like a number; missing values have no type."""
    rows = people(job=["nurse", "5", None, "clerk"], age=[1, 2, 3, 4])
    value, detail = fact(found("data.types", rows, {"columns": ("job", "age"), "type": "integer"}))
    assert value == Decimal("0.666666666667")
    assert "job" in detail
    assert fact(found("data.types", rows, {"columns": ("age",), "type": "number"}))[0] == 0
    empty = found("data.types", people(x=[None]), {"columns": ("x",), "type": "text"})
    assert isinstance(empty, Undefined)


def test_ranges_count_what_lies_outside():
    """Limits are inside; a text is outside; missing values do not count."""
    rows = people(age=[17, 18, 65, 66, None, "old"])
    written: dict[str, Written] = {"column": "age", "at_least": 18, "at_most": 65}
    value, detail = fact(found("data.ranges", rows, written))
    assert (value, detail) == (
        Decimal("0.6"),
        "below 18: 1 of 5; above 65: 1 of 5; no number: 1 of 5",
    )
    assert fact(found("data.ranges", rows, {"column": "age", "at_most": 66}))[0] == Decimal("0.2")
    assert isinstance(found("data.ranges", rows, {"column": "age"}), CheckFailed)
    nobody = found("data.ranges", people(age=[None]), {"column": "age", "at_most": 66})
    assert isinstance(nobody, Undefined)


def test_constant_columns_are_named_with_their_value():
    """One value in every row, or none; a value that is sometimes missing varies."""
    rows = people(fixed=["a", "a"], empty=[None, None], partly=["a", None], age=[1, 2])
    value, detail = fact(found("data.constant_columns", rows, {"ignore": ("score", "sex")}))
    assert value == 2
    assert "fixed (always 'a')" in detail
    assert "empty (always missing)" in detail
    slip = found("data.constant_columns", rows, {"ignore": ("fixd",)})
    assert isinstance(slip, NotCollected)
    assert "Did you mean 'fixed'?" in slip.remedy


def test_missing_values_of_every_column():
    """Features count as roles do, where the policy asks for it."""
    rows = people(income=[None, float("nan"), 3, 4])
    assert fact(found("data.missing_values", rows))[0] == 0
    value, detail = fact(found("data.missing_values", rows, {"every": True}))
    assert value == Decimal("0.5")
    assert detail.startswith("income: 2 of 4")


def test_duplicates_are_rows_beyond_the_first():
    """Three equal rows are two duplicates."""
    rows = [*people(x=[1, 2]), *people(x=[1, 2]), *people(x=[1, 3])]
    value, detail = fact(found("data.duplicate_rows", rows))
    assert value == Decimal("0.5")
    assert "3 of 6 rows" in detail
    assert fact(found("data.duplicate_rows", rows, {"on": ("x",)}))[0] == Decimal("0.5")
    assert isinstance(found("data.duplicate_rows", []), Undefined)


def test_overlap_counts_rows_of_the_training_data():
    """Value for value in the columns that both have."""
    rows = people(x=[1, 2, 3, 4], note=["a", "b", "c", "d"])
    training = people(x=[1.0, "2", 9, 9], note=["a", "b", "c", "d"])
    value, detail = fact(found("data.training_overlap", rows, training=training))
    assert value == Decimal("0.5")
    assert "compared in 5 columns" in detail
    both = found("data.training_overlap", rows, {"on": ("note",)}, training=training)
    assert fact(both)[0] == 1
    nothing = found("data.training_overlap", rows, training=[])
    assert isinstance(nothing, Undefined)


def test_units_of_the_training_data_are_counted():
    """By the unit alone; without one the question does not arise."""
    rows, training = people(x=[1, 2, 3, 4]), people(x=[7, 8])
    assert fact(found("data.training_units", rows, unit=True, training=training))[0] == Decimal(
        "0.5"
    )
    assert isinstance(found("data.training_units", rows), NotApplicable)


def aged(newest: Any, **written: Written) -> Measurement:
    documents: dict[str, dict[str, Any]] = {
        "evaluated_on": {"date": "2026-03-01"},
        "datasheet": {"collected_until": newest},
    }
    return found("data.age", people(since=[newest, None]), written, documents=documents)


@pytest.mark.parametrize("written", [{}, {"column": "since"}])
def test_age_is_counted_in_days_to_the_evaluation(written: dict[str, Written]):
    """From a column of dates, or from what the datasheet says."""
    assert fact(aged("2026-02-19", **written))[0] == 10
    assert fact(aged("2026-03-01", **written))[0] == 0
    future = aged("2026-03-05", **written)
    assert isinstance(future, Undefined)
    assert "4 days after" in future.reason


def test_an_age_that_cannot_be_told_says_why():
    """No dates in the column, no date in the document, or no date at all."""
    assert isinstance(aged("soon", column="since"), Undefined)
    assert isinstance(aged("soon"), CheckFailed)
    documents: dict[str, dict[str, Any]] = {"evaluated_on": {"date": "2026-03-01"}, "datasheet": {}}
    silent = found("data.age", people(x=[1]), documents=documents)
    assert isinstance(silent, NotCollected)
    assert "collected_until" in silent.remedy
    assert aged(date(2026, 2, 28)) == aged("2026-02-28")


@pytest.mark.parametrize(
    ("use", "words"), [(1, "No other version was"), (2, "One other version was"), (3, "2 other")]
)
def test_uses_of_the_holdout(use: int, words: str):
    """The place is recorded, and told."""
    documents = {"holdout_use": {"use": use}}
    value, detail = fact(found("data.holdout_uses", people(x=[1]), documents=documents))
    assert value == use
    assert words in detail


def shares(content: Mapping[str, Any], rows: Sequence[Row] | None = None) -> Measurement:
    held = (
        rows
        if rows is not None
        else [
            Row(label=1, score=0.5, groups={"sex": "f"}, count=30),
            Row(label=0, score=0.5, groups={"sex": "m"}, count=70),
        ]
    )
    return found("data.representation_gap", held, documents={"population": content})


def test_the_representation_gap_is_the_largest_of_any_group():
    """30 of 100 are female; half of the population is: 0.2 too few, and men 0.2 too many."""
    gap = shares({"sex": {"f": 0.5, "m": Decimal("0.5")}})
    assert isinstance(gap, Estimate)
    assert gap.value == pytest.approx(0.2)
    assert gap.low < 0.2 < gap.high
    assert gap.high_binding is not None
    assert gap.high_binding.groups[0] in {"sex: f, too few", "sex: m, too many"}
    stranger = shares({"sex": {"f": 0.3, "m": 0.65, "x": 0.05}})
    assert isinstance(stranger, Estimate)
    assert stranger.value == pytest.approx(0.05)


@pytest.mark.parametrize(
    "content", [{"sex": {"f": 1.2}}, {"sex": {"f": "half"}}, {"sex": {"f": 0.8, "m": 0.3}}]
)
def test_shares_that_are_none_are_an_error(content: dict[str, Any]):
    """A reference that is wrong is not compared with."""
    assert isinstance(shares(content), CheckFailed)


def test_a_population_that_is_not_described_is_missing():
    """By document, and by column."""
    assert isinstance(shares({"age": {"young": 1}}), NotCollected)
    assert isinstance(found("data.representation_gap", people(x=[1])), NotCollected)


def drawn(size: int = 3000) -> list[Row]:
    """A leak, a proxy, noise, and columns that need care."""
    draw = random.Random(11)
    rows: list[Row] = []
    for i in range(size):
        label, sex = int(draw.random() < 0.3), draw.choice("fm")
        rows.append(
            Row(
                label=label,
                score=0.5,
                groups={"sex": sex},
                unit=f"u{i // 2}",
                features={
                    "leak": label * 100 + draw.gauss(0, 5),
                    "leak_by_gap": "2024-02-03" if label else None,
                    "proxy": draw.choice(["x", "y", "z"]) if sex == "f" else "z",
                    "noise": draw.random(),
                    "constant": "c",
                    "ref": f"r{i}",
                },
            )
        )
    return rows


def worst(measurement: Measurement) -> tuple[Estimate, str]:
    assert isinstance(measurement, Estimate), measurement
    assert measurement.low_binding is not None
    return measurement, measurement.low_binding.groups[0]


def test_the_column_that_gives_the_label_away_is_named():
    """By its numbers, or by where it is missing; a column that may tell is left out."""
    rows = drawn()
    estimate, name = worst(found("data.leakage", rows))
    assert name in {"leak", "leak_by_gap"}
    assert estimate.low > 0.9
    assert estimate.value == pytest.approx(1.0)
    assert "after the outcome" in estimate.remedy
    ignored: dict[str, Written] = {"ignore": ("leak", "leak_by_gap")}
    rest, _ = worst(found("data.leakage", rows, ignored))
    assert rest.high < 0.03
    only, _ = worst(found("data.leakage", rows, {"features": ("noise",)}))
    assert only.high < 0.03
    slip = found("data.leakage", rows, {"ignore": ("lek",)})
    assert isinstance(slip, NotCollected)


def test_the_column_that_ranks_the_label_is_named_with_its_direction():
    """More of it goes with the positive label; texts have no order."""
    estimate, name = worst(found("data.leakage_auc", drawn()))
    assert name == "leak (more)"
    assert estimate.low > 0.99
    turned = [replace(row, features={"leak": -row.features["leak"]}) for row in drawn(1000)]
    assert worst(found("data.leakage_auc", turned))[1] == "leak (less)"
    texts = found("data.leakage_auc", drawn(1000), {"features": ("proxy", "ref")})
    assert isinstance(texts, Undefined)


def test_the_column_that_stands_for_a_protected_attribute_is_named():
    """It tells part of it, and the label is no feature."""
    estimate, name = worst(found("data.proxies", drawn()))
    assert name == "proxy (tells sex)"
    assert 0.3 < estimate.low < estimate.value < estimate.high < 0.7
    assert not any("label" in item.group for item in estimate.groups)


@pytest.mark.parametrize("name", ["data.leakage", "data.leakage_auc", "data.proxies"])
def test_rows_that_share_units_widen_the_bounds(name: str):
    """Every row twice, as one unit's, tells no more than once."""
    single = drawn(1500)
    twice = [row for row in single for _ in range(2)]
    rows = [replace(row, unit=f"v{i // 2}") for i, row in enumerate(twice)]
    once, clustered = found(name, single), found(name, rows, unit=True)
    doubled = found(name, rows)
    assert isinstance(once, Estimate)
    assert isinstance(clustered, Estimate)
    assert isinstance(doubled, Estimate)
    assert clustered.n < 0.7 * doubled.n
    assert clustered.low <= doubled.low


@pytest.mark.parametrize("name", ["data.leakage", "data.leakage_auc", "data.proxies"])
def test_too_few_rows_tell_nothing(name: str):
    """100 rows of each label or group are needed, and it says how many there are."""
    measured = found(name, drawn(90))
    assert isinstance(measured, Undefined)
    assert "100" in measured.reason


def test_a_file_without_features_has_nothing_to_look_at():
    """Often a file holds but scores, labels and groups; the reason says what to add."""
    rows = [Row(label=i % 2, score=0.5, groups={"sex": "fm"[i % 2]}) for i in range(400)]
    for name in ("data.leakage", "data.proxies"):
        measured = found(name, rows, {"ignore": ("sex",)} if name == "data.leakage" else {})
        assert isinstance(measured, Undefined | Estimate)
