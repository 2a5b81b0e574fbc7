"""The envelope of tallies: one form, bounded before it is read, and refused if otherwise."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.property.tallies.naive import Row, count_rows

from assay.errors import InvalidArgument
from assay.evidence import tallies as module
from assay.evidence.canonical import canonical
from assay.evidence.recipe import ColumnRoles, DecisionRule, Label, Protected, recipe_for
from assay.evidence.tallies import MalformedTallySet, TallySet
from assay.stats.tallies import Confusion, Rows

ROWS = [
    Row(label=True, score=0.9, groups={"sex": "f"}, unit="ann"),
    Row(label=False, score=0.25, groups={"sex": "m"}, unit="bob"),
    Row(label=False, score=None, groups={"sex": None}, unit="ann"),
]


def recipe(*, unit: bool = False) -> Any:
    """A recipe by one column."""
    roles = ColumnRoles(
        label=Label(column="y"),
        score="p",
        decision=DecisionRule(favourable_when=">=", threshold=Decimal("0.5")),
        protected=(Protected(column="sex"),),
        unit="person" if unit else None,
    )
    return recipe_for(roles, [])


PLAIN = count_rows(ROWS, recipe())
BUCKETED = count_rows(ROWS, recipe(unit=True))


def test_the_form_is_fixed_for_ever():
    """These digests are in decisions already made."""
    assert PLAIN.digest == "a7985eae7502b6ca5c5296f43e7e9ab3160461d33464b001d1094e731caa2593"
    assert BUCKETED.digest == "f5a2eecbeeaaec5741c617240d107a582690c40086685a4ca5f76411e8214462"


def test_bytes_read_back():
    """With buckets, only the buckets are written, and the totals are their sums."""
    for tallies in (PLAIN, BUCKETED):
        assert TallySet.from_bytes(tallies.to_bytes()) == tallies
    assert set(json.loads(PLAIN.to_bytes())) == {"kind", "recipe", "tallies"}
    assert set(json.loads(BUCKETED.to_bytes())) == {"kind", "recipe", "buckets"}
    assert TallySet.from_bytes(BUCKETED.to_bytes()).tallies[Rows()] == PLAIN.tallies[Rows()]


def test_only_tallies_of_one_recipe_add_up():
    """Another recipe's digest, and other specs under the same digest, are refused."""
    with pytest.raises(InvalidArgument):
        PLAIN.merge(BUCKETED)
    with pytest.raises(InvalidArgument):
        PLAIN.merge(
            TallySet(recipe=PLAIN.recipe, tallies={Rows(): PLAIN.tallies[Rows()]}, buckets={})
        )
    wrong = {**PLAIN.tallies, Confusion(): PLAIN.tallies[Rows()]}
    with pytest.raises(InvalidArgument):
        PLAIN.merge(TallySet(recipe=PLAIN.recipe, tallies=wrong, buckets={}))


def test_an_empty_set_is_the_identity():
    """Nothing added changes nothing."""
    for tallies, declared in ((PLAIN, recipe()), (BUCKETED, recipe(unit=True))):
        empty = TallySet.empty(declared)
        assert empty.merge(tallies).to_bytes() == tallies.to_bytes()
        assert TallySet.from_bytes(empty.to_bytes()) == empty


def _changed(base: TallySet, **change: Any) -> bytes:
    return canonical({**json.loads(base.to_bytes()), **change})


def _bucket(number: Any) -> dict[str, Any]:
    return {**json.loads(BUCKETED.to_bytes())["buckets"][0], "bucket": number}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        PLAIN.to_bytes() + b"\n",
        PLAIN.to_bytes()[:-1],
        PLAIN.to_bytes().replace(b'"read":3', b'"read":3.0'),
        PLAIN.to_bytes().replace(b'"read":3', b'"read":NaN'),
        PLAIN.to_bytes().replace(b'"read":3', b'"read": 3'),
        PLAIN.to_bytes().replace(b'"read":3', b'"read":3,"read":3'),
        _changed(PLAIN, kind="assay.tallies/2"),
        _changed(PLAIN, recipe="0" * 63),
        _changed(PLAIN, recipe=1),
        _changed(PLAIN, more=1),
        _changed(PLAIN, tallies=json.loads(PLAIN.to_bytes())["tallies"][::-1]),
        _changed(PLAIN, tallies=json.loads(PLAIN.to_bytes())["tallies"] * 2),
        _changed(PLAIN, tallies=[{"kind": "moments/1"}]),
        _changed(PLAIN, tallies=[1]),
        _changed(BUCKETED, buckets=[]),
        _changed(BUCKETED, buckets=[_bucket(64)]),
        _changed(BUCKETED, buckets=[_bucket(-1)]),
        _changed(BUCKETED, buckets=[_bucket("1")]),
        _changed(BUCKETED, buckets=[_bucket(1), _bucket(1)]),
        _changed(BUCKETED, buckets=[_bucket(2), _bucket(1)]),
        _changed(BUCKETED, buckets=[_bucket(1), {"bucket": 2, "tallies": []}]),
    ],
)
def test_other_forms_are_refused(data: bytes):
    """Whatever is not the canonical form has not the digest that a statement pins."""
    with pytest.raises(MalformedTallySet):
        TallySet.from_bytes(data)


def test_size_is_bounded_before_reading(monkeypatch: pytest.MonkeyPatch):
    """Bytes and items are counted first; and all buckets of a tally share one bound."""
    data = BUCKETED.to_bytes()
    for name, limit in (("TALLY_BYTES_MAX", 100), ("ITEMS_MAX", 10), ("SLICES_MAX", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, limit)
            with pytest.raises(MalformedTallySet):
                TallySet.from_bytes(data)
    assert TallySet.from_bytes(data) == BUCKETED


def test_any_changed_byte_is_refused_or_canonical():
    """No byte can be changed such that the same digest would name other tallies."""
    data = BUCKETED.to_bytes()
    for position in range(0, len(data), 7):
        changed = bytearray(data)
        changed[position] ^= 1
        try:
            read = TallySet.from_bytes(bytes(changed))
        except MalformedTallySet:
            continue
        assert read.to_bytes() == bytes(changed)
