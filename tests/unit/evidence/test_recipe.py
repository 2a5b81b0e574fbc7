"""Recipes: what is always counted, what checks add, and one spelling for each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from assay.errors import InvalidArgument
from assay.evidence.recipe import (
    ColumnRoles,
    DecisionRule,
    Label,
    MalformedRecipe,
    Protected,
    Recipe,
    UnknownSliceColumn,
    base_recipe,
    decimal_text,
    recipe_for,
)
from assay.stats.tallies import Confusion, Rows, Scores, Spec

ROLES = ColumnRoles(
    label=Label(column="y", positive="bad"),
    score="p",
    decision=DecisionRule(favourable_when="<", threshold=Decimal("0.350")),
    protected=(
        Protected(column="sex"),
        Protected(column="age", cuts=(Decimal(25), Decimal("4E1"), Decimal("60.0"))),
    ),
    unit="person",
)
FORM = (
    b'{"kind":"assay.recipe/1","roles":{"decision":{"favourable_when":"<","threshold":"0.35"},'
    b'"label":{"column":"y","positive":"bad"},"protected":[{"column":"sex","cuts":[]},'
    b'{"column":"age","cuts":["25","40","60"]}],"score":"p","unit":"person"},"tallies":['
    b'{"by":[],"kind":"confusion/1"},{"by":["age"],"kind":"confusion/1"},'
    b'{"by":["sex"],"kind":"confusion/1"},{"by":["sex","age"],"kind":"confusion/1"},'
    b'{"kind":"rows/1"},{"by":[],"kind":"scores/1","steps":128},'
    b'{"by":["age"],"kind":"scores/1","steps":128},{"by":["sex"],"kind":"scores/1","steps":128}]}'
)
DIGEST = "a8d958f25c9af2761f7b1bfd978a07a72298843ce447c445d17905821f2753db"


def with_columns(count: int) -> ColumnRoles:
    """Roles with so many protected columns."""
    return replace(ROLES, protected=tuple(Protected(column=f"c{i}") for i in range(count)))


def test_the_form_is_fixed_for_ever():
    """These bytes and this digest are in decisions already made."""
    recipe = recipe_for(ROLES, [])
    assert recipe.to_bytes() == FORM
    assert recipe.digest == DIGEST
    assert Recipe.from_bytes(FORM) == recipe


def test_the_base_recipe_crosses_up_to_four_columns():
    """Pairs always; all columns together up to four; scores by single columns."""
    assert base_recipe(with_columns(0)) == (Confusion(), Rows(), Scores())
    four = base_recipe(with_columns(4))
    assert Confusion(by=("c0", "c1", "c2", "c3")) in four
    assert sum(isinstance(spec, Confusion) for spec in four) == 1 + 4 + 6 + 1
    five = base_recipe(with_columns(5))
    assert max(len(spec.by) for spec in five if isinstance(spec, Confusion)) == 2
    assert sum(isinstance(spec, Scores) for spec in five) == 6


def test_needs_are_added_once_in_canonical_order():
    """The same needs in any order, and any number of times, are the same recipe."""
    needs: list[Spec] = [
        Scores(by=("sex", "age")),
        Confusion(by=("age", "sex")),
        Confusion(by=("sex",)),
    ]
    recipe = recipe_for(ROLES, needs)
    assert recipe == recipe_for(ROLES, [*reversed(needs), *needs])
    assert set(needs) <= set(recipe.specs)
    assert len(recipe.specs) == len(base_recipe(ROLES)) + 2


@pytest.mark.parametrize("by", [("agee",), ("sex", "sex")])
def test_other_columns_are_refused(by: tuple[str, ...]):
    """A slice is by protected columns, each once; the remedy names the nearest."""
    with pytest.raises(UnknownSliceColumn) as caught:
        recipe_for(ROLES, [Confusion(by=by)])
    assert "age" in caught.value.remedy


def test_bands_are_named_by_their_cuts():
    """Right-closed, with one cut or several, and none without cuts."""
    assert ROLES.protected[1].bands == ("<=25", "(25,40]", "(40,60]", ">60")
    assert Protected(column="x", cuts=(Decimal("0.50"),)).bands == ("<=0.5", ">0.5")
    assert ROLES.protected[0].bands == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("0.10", "0.1"), ("-0.0", "0"), ("-2.50", "-2.5"), ("1E-7", "0.0000001")],
)
def test_decimals_have_one_spelling(value: str, text: str):
    """No exponent, no trailing zero, no negative zero."""
    assert decimal_text(Decimal(value)) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+401", "1E-401"])
def test_decimals_are_of_reasonable_size(value: str):
    """A short text must not become a long one."""
    with pytest.raises(InvalidArgument):
        decimal_text(Decimal(value))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"0.35"', b'"0.350"'),
        (b'"0.35"', b'"3.5e-1"'),
        (b'"0.35"', b"0.35"),
        (b'"<"', b'"="'),
        (b'"person"', b"1"),
        (b"assay.recipe/1", b"assay.recipe/2"),
        (b'"kind":"rows/1"', b'"kind":"rows/2"'),
        (b'"kind":"rows/1"', b'"by":[],"kind":"rows/1"'),
        (b'"steps":128', b'"steps":64'),
        (b'{"kind":"rows/1"},', b'{"kind":"rows/1"},{"kind":"rows/1"},'),
        (b'{"by":[],"kind":"confusion/1"},', b""),
        (b":{", b": {"),
        (b"{", b"["),
        (b'"score":"p"', b'"score":"p","score":"p"'),
        (b'"cuts":[]', b'"cuts":{}'),
    ],
)
def test_other_forms_are_refused(old: bytes, new: bytes):
    """Another spelling, order, kind or shape is not the recipe that a digest pins."""
    changed = FORM.replace(old, new)
    if old == b'{"by":[],"kind":"confusion/1"},':  # the specs, but not in their order
        changed = changed.replace(b'{"kind":"rows/1"},', b'{"kind":"rows/1"},' + old)
    assert changed != FORM
    with pytest.raises(MalformedRecipe):
        Recipe.from_bytes(changed)


def test_a_huge_recipe_is_refused_unread():
    """Its size is bounded before it is parsed."""
    with pytest.raises(MalformedRecipe):
        Recipe.from_bytes(b" " * (5 << 20))
