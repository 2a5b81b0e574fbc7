"""A planned sample in words and as plain values."""

from __future__ import annotations

from assay.documents.sample_size import SampleSize, sample_size_document, sample_size_lines

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
