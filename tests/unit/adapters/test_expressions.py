"""Expressions are true only where everything that they read is there, finite, and says so."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.adapters.expressions import UnusableExpression, compile_expression
from assay.evidence.measurement import CheckFailed, Fact, NotCollected
from assay.policy.expressions import CONSTANTS, Data, Kind, condition_variables, evaluated
from assay.stats.estimate import Undefined

VARIABLES = {
    **condition_variables({"q_one": False, "q_many": True}),
    "measurement.gap.high": Kind.NUMBER,
    "measurement.gap.low": Kind.NUMBER,
    "measurement.card.value": Kind.TRUTH,
}

DATA: Data = {
    "tier": 3,
    "system.id": "credit",
    "answers.q_one": "yes",
    "answers.q_many": ("a", "b"),
    "measurement.gap.high": 0.2,
    "measurement.gap.low": 0.1,
    "measurement.card.value": True,
    "evidence.rows": 500,
}


def value(text: str, **changes: object) -> object:
    """What became of an expression, with some data changed; dots are written as `__`."""
    data = {**DATA, **{name.replace("__", "."): item for name, item in changes.items()}}
    return evaluated(compile_expression(text, VARIABLES), data)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("tier >= HIGH", True),
        ("tier == CRITICAL", False),
        ("tier in [HIGH, CRITICAL]", True),
        ("system.id == 'credit' && evidence.rows >= 500", True),
        ("'a' in answers.q_many && size(answers.q_many) == 2", True),
        ("answers.q_many.exists(x, x == 'c')", False),
        ("answers.q_one == 'yes' ? tier > LOW : tier > HIGH", True),
        ("measurement.gap.high - measurement.gap.low < 0.15", True),
        ("measurement.card.value // a comment", True),
        ("system . id . startsWith('cre')", True),
        ("measurement.gap.high <= 1.5 * measurement.gap.low", False),
    ],
)
def test_an_expression_reads_declared_variables(text: str, held: bool) -> None:
    """Tiers are whole numbers in their order; answers are texts or lists of them."""
    found = value(text)
    assert isinstance(found, Fact)
    assert found.value is held


def test_an_evaluation_that_fails_is_not_true() -> None:
    """The first trap: in CEL an error is a value, and its text is true in Python."""
    program = compile_expression("answers.q_many[7] == 'a'", VARIABLES)
    raw = program.compiled.eval(data={"answers.q_many": ["a", "b"]})
    assert bool(raw.value())  # what whoever reads `.value()` alone would take for true
    assert isinstance(evaluated(program, DATA), CheckFailed)


def test_what_is_missing_is_missed_even_where_it_could_not_matter() -> None:
    """The second trap: in CEL `high || missing` is true where high is."""
    text = "tier >= HIGH || measurement.gap.high < 0.1"
    program = compile_expression(text, VARIABLES)
    assert program.compiled.eval(data={"tier": 3, "HIGH": 3}).value() is True
    lost = NotCollected(reason="It was not counted.")
    assert value(text, measurement__gap__high=lost) == lost
    without = {name: item for name, item in DATA.items() if name != "measurement.gap.high"}
    assert isinstance(evaluated(program, without), NotCollected)
    undefined = Undefined(reason="One class only.")
    assert value(text, measurement__gap__high=undefined) == undefined


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e16])
def test_what_is_not_finite_is_no_datum(odd: float) -> None:
    """The third trap: in CEL `!(x > 0.1)` is true where x is not a number."""
    text = "!(measurement.gap.high > 0.1)"
    program = compile_expression(text, VARIABLES)
    assert program.compiled.eval(data={"measurement.gap.high": math.nan}).value() is True
    assert isinstance(value(text, measurement__gap__high=odd), Undefined)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("teir >= HIGH", 1, 1, "Did you mean 'tier'?"),
        ("tier >= HIGH &&\n  systm.id == 'x'", 2, 3, "Did you mean 'system.id'?"),
        ("measurement.gap-x.high > 0.1", 1, 1, "no variable"),
        ("tier >= 'high'", 1, 6, "text"),
        ("measurement.gap.high < 1", 1, 22, "1.0, not 1"),
        ("tier", 1, 1, "not true or false"),
        ("system.id", 1, 1, "not true or false"),
        ("tier >=", 1, 8, "cannot be read"),
        ("", 1, 1, "cannot be read"),
        ("true", 1, 1, "always has the same value"),
        ("CRITICAL > HIGH", 1, 1, "always has the same value"),
        ("1 / 0 == 1", 1, 3, "divides"),
        ("tier >= HIGH || 5 % 0 == 0", 1, 19, "divides"),
        ("double('nan') > 1.0 || tier > LOW", 1, 1, "calls `double`"),
        ("has(system.id) || tier > LOW", 1, 1, "calls `has`"),
        ("dyn(tier) == 'high'", 1, 1, "calls `dyn`"),
        ("1e999 > 0.0 && tier > LOW", 1, 1, "beyond 1e15"),
        ("system.id == r'\\\\'", 1, 15, "raw"),
        ("'''x''' == system.id", 1, 3, "triple"),
        ("tier" + " * tier" * 9 + " > 1", 1, 62, "8 products"),
        ("(" * 40 + "tier > 1" + ")" * 40, 1, 1, "cannot be read"),
        ("tier > 1" + " " * 2000, 1, 1, "2,008 characters"),
    ],
)
def test_what_means_nothing_does_not_compile(text: str, line: int, column: int, says: str) -> None:
    """A misspelt name, a wrong type or a trap is found when the policy loads, with its place."""
    with pytest.raises(UnusableExpression) as caught:
        compile_expression(text, VARIABLES)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert says in f"{error.what} {error.remedy}"


def test_an_evaluation_has_a_budget() -> None:
    """Nested lists of two thousand do not take four million steps."""
    texts = tuple(str(number) for number in range(2000))
    program = compile_expression(
        "answers.q_many.all(a, answers.q_many.all(b, a.size() + b.size() > 0))", VARIABLES
    )
    found = evaluated(program, {"answers.q_many": texts})
    assert isinstance(found, CheckFailed)
    assert "budget" in found.reason


def test_exactly_what_is_read_is_known() -> None:
    """What stands in quotes or comments is not read; everything else that is named is."""
    text = "system.id == 'tier' || measurement.gap.low > 0.1 // evidence.rows\n && tier in [LOW]"
    assert compile_expression(text, VARIABLES).reads == {
        "system.id",
        "measurement.gap.low",
        "tier",
        "LOW",
    }


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.just(0.0)


@given(high=NUMBERS, low=NUMBERS)
def test_negation_never_makes_something_of_nothing(high: float, low: float) -> None:
    """For finite data exactly one of a comparison and its opposite holds; else neither does."""
    text = "measurement.gap.high * 2.0 - measurement.gap.low > 0.1"
    held = value(text, measurement__gap__high=high, measurement__gap__low=low)
    opposite = value(f"!({text})", measurement__gap__high=high, measurement__gap__low=low)
    usable = all(math.isfinite(item) and abs(item) <= 1e15 for item in (high, low))
    if usable:
        assert isinstance(held, Fact)
        assert isinstance(opposite, Fact)
        assert held.value is not opposite.value
    else:
        assert isinstance(held, Undefined)
        assert isinstance(opposite, Undefined)


def test_constants_are_the_tiers_in_order() -> None:
    """As text "critical" sorts below "high"; as numbers they do not."""
    assert list(CONSTANTS) == ["LOW", "MEDIUM", "HIGH", "CRITICAL", "PROHIBITED"]
    assert list(CONSTANTS.values()) == sorted(CONSTANTS.values())
