"""Facts about the evaluation data are counts, and shares never look smaller than they are."""

from decimal import Decimal

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.data import excluded_rows, missing_values, rows, smallest_group
from assay.evidence.inputs import Absent, Evidence
from assay.evidence.measurement import Fact
from assay.stats.estimate import Undefined
from assay.stats.tallies import Confusion


def people() -> list[Row]:
    """Seven rows: one without label, one without score, two of unknown sex."""
    held = {"sex": "female", "age": "<=25"}
    return [
        Row(label=1, score=0.9, groups=held),
        Row(label=0, score=0.2, groups={"sex": "male", "age": "<=25"}),
        Row(label=0, score=0.3, groups={"sex": "male", "age": ">25"}),
        Row(label=1, score=0.4, groups={"sex": None, "age": ">25"}),
        Row(label=1, score=0.6, groups={"sex": None, "age": ">25"}),
        Row(label=None, score=0.6, groups=held),
        Row(label=0, score=None, groups=held),
    ]


SLICES = (Confusion(by=("sex",)), Confusion(by=("age",)), Confusion(by=("sex", "age")))


def evidence(held: list[Row] | None = None) -> Evidence:
    return evidence_of(people() if held is None else held, protected=("sex", "age"), specs=SLICES)


def value(fact: Fact | Undefined) -> object:
    assert isinstance(fact, Fact)
    return fact.value


def test_rows_are_those_that_measurements_rest_on():
    """Read, less excluded; the detail has both."""
    fact = rows(evidence())
    assert fact.value == 5
    assert fact.detail == "7 rows were read, 2 of them excluded."


def test_missing_values_are_the_largest_share_of_any_column_with_a_role():
    """Two of seven values of sex are missing, more than of any other column."""
    fact = missing_values(evidence())
    assert value(fact) == Decimal("0.285714285715")  # 2/7, rounded up
    assert fact.detail == "sex: 2 of 7; score: 1 of 7; label: 1 of 7"


def test_missing_values_of_named_columns_alone():
    """A policy may look at one column."""
    assert value(missing_values(evidence(), columns=("age",))) == 0
    assert value(missing_values(evidence(), columns=("label",))) == Decimal("0.142857142858")


def test_missing_values_of_a_column_that_was_not_counted_are_absent():
    """A column without a role was not looked at, which is not the same as complete."""
    with pytest.raises(Absent, match="income"):
        missing_values(evidence(), columns=("income",))


def test_excluded_rows_are_a_share_with_reasons():
    """Each reason has its count."""
    fact = excluded_rows(evidence())
    assert value(fact) == Decimal("0.285714285715")
    assert fact.detail == "missing label: 1 of 7; missing score: 1 of 7"


def test_a_share_that_has_a_short_form_keeps_it():
    """One row in a hundred is 0.01, and clears a bar of 0.01."""
    held = [Row(label=1, score=0.5, groups={"sex": "f", "age": "x"})] * 99
    held += [Row(label=None, score=0.5, groups={"sex": "f", "age": "x"})]
    assert value(excluded_rows(evidence(held))) == Decimal("0.01")


def test_the_smallest_group_is_named():
    """Groups of each column compete; rows of unknown group are in none."""
    fact = smallest_group(evidence())
    assert value(fact) == 1
    assert fact.detail == "sex: female is the smallest of 4 groups."


def test_the_smallest_group_of_intersections():
    """Combinations that occur count too; those that do not are no groups."""
    fact = smallest_group(evidence(), by=("sex", "age"), intersections=True)
    assert value(fact) == 1
    assert fact.detail.endswith("smallest of 7 groups.")


def test_without_groups_there_is_no_smallest():
    """No protected column, or none with a value: undefined, with the reason."""
    assert isinstance(smallest_group(evidence_of(people())), Undefined)
    unknown = [Row(label=1, score=0.5, groups={"sex": None, "age": None})]
    assert isinstance(smallest_group(evidence(unknown)), Undefined)


def test_shares_of_no_rows_are_undefined():
    """No data is not zero."""
    assert isinstance(missing_values(evidence([])), Undefined)
    assert isinstance(excluded_rows(evidence([])), Undefined)
