"""A policy's values become a check's arguments, or an error that says what to write."""

from decimal import Decimal
from typing import Literal

import pytest

from assay.checks.check import ATTRIBUTE, Check, Columns, check
from assay.checks.parameters import UnusableParameter, bind
from assay.errors import InvalidArgument, Span
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Fact


@check("example.everything", better="higher")
def everything(
    evidence: Evidence,
    *,
    flag: bool = False,
    count: int = 3,
    share: float = 0.5,
    exact: Decimal = Decimal("0.1"),
    text: str = "a",
    by: Columns = (),
    mode: Literal["strict", "lax"] = "strict",
) -> Fact:
    """A check with a parameter of every type."""
    return Fact(value=len(by) + count)


@check("example.needy", better="higher")
def needy(evidence: Evidence, *, cost: Decimal) -> Fact:
    """A check whose parameter has no default."""
    return Fact(value=cost)


EVERYTHING: Check = getattr(everything, ATTRIBUTE)
NEEDY: Check = getattr(needy, ATTRIBUTE)


def test_values_take_the_types_of_the_signature():
    """Decimals become floats where the check asks for floats, and one column becomes a tuple."""
    bound = bind(
        EVERYTHING,
        {
            "flag": True,
            "count": 7,
            "share": Decimal("0.25"),
            "exact": 2,
            "text": "b",
            "by": "sex",
            "mode": "lax",
        },
    )
    assert bound == {
        "flag": True,
        "count": 7,
        "share": 0.25,
        "exact": Decimal(2),
        "text": "b",
        "by": ("sex",),
        "mode": "lax",
    }
    assert isinstance(bound["share"], float)
    assert isinstance(bound["exact"], Decimal)


def test_what_is_not_written_has_its_default():
    """Every parameter is bound, written or not."""
    assert bind(EVERYTHING, {})["count"] == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flag", 1),
        ("count", True),
        ("count", Decimal("1.5")),
        ("share", "0.5"),
        ("share", Decimal("NaN")),
        ("exact", Decimal("Infinity")),
        ("text", 5),
        ("by", 5),
        ("by", ("sex", "sex")),
        ("by", ("",)),
        ("mode", "Strict"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_to_write(name, value):
    """The error names the place and what the parameter must be."""
    place = Span("policy.yaml", 4, 7)
    with pytest.raises(UnusableParameter) as raised:
        bind(EVERYTHING, {name: value}, where=place)
    assert raised.value.where == place
    assert name in raised.value.what
    assert "must be" in raised.value.remedy


def test_a_misspelt_parameter_meets_its_nearest_name():
    """A typo is an error, never an ignored setting."""
    with pytest.raises(UnusableParameter, match="no parameter 'shares'") as raised:
        bind(EVERYTHING, {"shares": 1})
    assert "'share'" in raised.value.remedy


def test_a_parameter_without_default_must_be_written():
    """The policy has to say what the check cannot know."""
    with pytest.raises(UnusableParameter, match="needs a value for parameter 'cost'"):
        bind(NEEDY, {})


def test_choices_are_part_of_the_metadata():
    """A Literal in the signature is a text with choices, for schemas and errors alike."""
    parameter = EVERYTHING.parameters["mode"]
    assert parameter.type is str
    assert parameter.choices == ("strict", "lax")


def test_a_parameter_of_another_type_cannot_be_declared():
    """The decorator refuses what a policy could not write."""
    with pytest.raises(InvalidArgument, match="keyword-only and typed"):

        @check("example.odd", better="higher")
        def odd(evidence: Evidence, *, extra: dict[str, int]) -> Fact:
            return Fact(value=len(extra))
