"""A planned sample in words and as plain values."""

from __future__ import annotations

from dataclasses import replace

from tests.golden.situations import report

from assay.documents.sample_size import SampleSize, sample_size_document, sample_size_lines
from assay.documents.wording import finding
from assay.stats.estimate import Binding, Estimate, Undefined

PAIR = SampleSize(
    truth=0.02,
    stated=False,
    units=1520,
    at_hand=480.0,
    groups=("<=25", ">25"),
    false_allow=0.05,
)
NONE = SampleSize(
    truth=0.4, stated=True, units=None, at_hand=480.0, false_allow=0.05, reason="It is beyond."
)


def test_a_number_names_its_truth_its_unit_and_its_groups():
    """A reader sees under which assumption, of whom, and how many there are now."""
    answer, error = sample_size_lines(PAIR, unit="applicants")
    assert answer == (
        "If the truth is 0.020, as observed, about 1,520 applicants of <=25 and >25 in all show "
        "a pass in 8 of 10 samples; 480 are at hand."
    )
    assert error == "The bound that must clear the limit errs in at most 0.05 of worlds."


def test_where_there_is_no_number_the_reason_stands():
    """Nothing else is said."""
    assert sample_size_lines(NONE, unit="rows") == ["It is beyond."]


def test_programs_read_null_and_the_reason():
    """The same content as plain values."""
    assert sample_size_document(PAIR)["units"] == 1520
    assert sample_size_document(PAIR)["groups"] == ["<=25", ">25"]
    document = sample_size_document(NONE)
    assert (document["units"], document["reason"]) == (None, "It is beyond.")


def test_rows_that_alone_count_are_named():
    """More rows of any kind would be gathered in vain."""
    answer, _ = sample_size_lines(replace(PAIR, counted="with a positive label"), unit="rows")
    assert "about 1,520 rows with a positive label of <=25 and >25 in all" in answer


def test_what_would_settle_a_verdict_names_the_rows_that_count():
    """Of a recall those with a positive label, of a pair's rate those that the rate counts."""
    held = report("held-for-data")
    (first, *_) = held.decision.judgements
    open_still = replace(first, units_lacking=120)
    measured = open_still.measurement
    assert isinstance(measured, Estimate)
    binding = Binding(groups=("f", "m"), value=0.1, bound=0.2, n=9, counted="with a wrong decision")
    alone = replace(measured, counted="with a positive label", low_binding=None, high_binding=None)
    paired = replace(alone, low_binding=binding, high_binding=binding)
    for found, words in (
        (alone, " with a positive label would"),
        (paired, " with a wrong decision in f and m would"),
    ):
        said = finding(replace(open_still, measurement=found), held)
        assert f"more {held.unit}{words} settle it" in said.remedy
    mended = Undefined(reason="2 of 9 rows.", units_lacking=(("", 1),), remedy="Mend these rows.")
    said = finding(replace(open_still, measurement=mended), held)
    assert said.remedy == "Mend these rows."
    lacking = Undefined(
        reason="Too few.", units_lacking=(("", 7),), counted="with a positive label"
    )
    said = finding(replace(open_still, measurement=lacking), held)
    assert said.remedy == f"Needed at least: 7 more {held.unit} with a positive label."
