"""Whatever a check does, a measurement comes out."""

from decimal import Decimal

import pytest
from tests.unit.checks.rows import Row, evidence_of

from assay.checks.check import ATTRIBUTE, Check, Columns, check
from assay.checks.groups import group_needs
from assay.checks.measure import UndeclaredColumn, measure, needs_of
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import CheckFailed, Fact, NotApplicable, NotCollected
from assay.stats.estimate import READING, Errors, Estimate, Undefined
from assay.stats.proportions import proportion
from assay.stats.tallies import Confusion, Rows

ERRORS = Errors(low=0.01, high=0.05)
ONE_PERCENT = Decimal("0.01")


def person(sex: str | None = "female", label: int | None = 1, score: float | None = 0.7) -> Row:
    return Row(label=label, score=score, groups={"sex": sex})


def estimate_of(errors: Errors, *, n: float = 10.0) -> Estimate:
    return Estimate(
        value=0.5,
        low=0.4,
        high=0.6,
        low_error=errors.low,
        high_error=errors.high,
        n=n,
        method="test",
    )


def run(function: object, evidence: Evidence | None = None, **parameters: object) -> object:
    declared: Check = getattr(function, ATTRIBUTE)
    return measure(
        declared,
        evidence or evidence_of([person()] * 40, protected=("sex",)),
        parameters,  # type: ignore[arg-type]
        errors=ERRORS,
        max_excluded=ONE_PERCENT,
    )


@check("example.rate", better="higher", needs=(Confusion(),))
def rate(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """A check as a user writes it."""
    accuracy = evidence.proportions(Confusion(), events=lambda c: c.correct, trials=lambda c: c.n)
    return proportion(accuracy[""], errors=errors)


@check("example.gap", better="lower", needs=group_needs)
def gap(evidence: Evidence, *, errors: Errors, by: Columns = ()) -> Estimate | Undefined:
    """A check of groups."""
    groups = evidence[Confusion(by=by or evidence.protected)].groups()
    return estimate_of(errors, n=sum(counts.n for counts in groups.values()))


def returning(value: object, *, statistical: bool = False, better: str = "higher") -> object:
    if statistical:

        @check("example.given", better=better)  # type: ignore[arg-type]
        def given(evidence: Evidence, *, errors: Errors) -> Estimate:
            return value(errors) if callable(value) else value  # type: ignore[return-value]

        return given

    @check("example.given", better=better)  # type: ignore[arg-type]
    def plain(evidence: Evidence) -> Fact:
        return value  # type: ignore[return-value]

    return plain


def test_an_estimate_has_the_errors_that_were_asked_for():
    """The gate's errors reach the bounds."""
    result = run(rate)
    assert isinstance(result, Estimate)
    assert (result.low_error, result.high_error) == (0.01, 0.05)


def test_an_absent_tally_is_not_collected():
    """What was never counted is missing, which is not zero and not an error."""
    result = run(rate, Evidence())
    assert isinstance(result, NotCollected)
    assert "confusion/1" in result.reason


def test_a_check_that_raises_has_failed_with_its_type_and_message():
    """A defect in a check is a verdict of its own, in one line and without a traceback."""

    @check("example.broken", better="higher")
    def broken(evidence: Evidence) -> Fact:
        raise ZeroDivisionError("nobody\n  was selected")

    assert run(broken) == CheckFailed(reason="ZeroDivisionError: nobody was selected")


def test_a_long_message_is_cut():
    """An exception that quotes its data does not carry them into the record."""

    @check("example.chatty", better="higher")
    def chatty(evidence: Evidence) -> Fact:
        raise ValueError("x" * 10_000)

    result = run(chatty)
    assert isinstance(result, CheckFailed)
    assert len(result.reason) < 500


@pytest.mark.parametrize(
    ("value", "better"),
    [
        (1, "true"),
        (True, "higher"),
        (Decimal("NaN"), "higher"),
        (Decimal("Infinity"), "lower"),
        (0.5, "higher"),
        ("yes", "true"),
    ],
)
def test_a_fact_that_a_gate_cannot_compare_is_a_failed_check(value, better):
    """A truth for a truth, an exact finite number for a bar; nothing else."""
    assert isinstance(run(returning(Fact(value=value), better=better)), CheckFailed)


@pytest.mark.parametrize(
    ("value", "statistical"), [(None, False), (0.3, True), (Fact(value=1), True)]
)
def test_something_else_than_a_measurement_is_a_failed_check(value, statistical):
    """Neither None nor a bare number stands for a measurement."""
    assert isinstance(run(returning(value, statistical=statistical)), CheckFailed)


@pytest.mark.parametrize(
    "made",
    [
        lambda _errors: estimate_of(READING),
        lambda errors: estimate_of(errors, n=0.0),
        lambda errors: estimate_of(errors, n=float("nan")),
    ],
)
def test_bounds_at_other_errors_or_of_no_units_are_a_failed_check(made):
    """A check that ignores the gate's errors would void the declared error rates."""
    assert isinstance(run(returning(made, statistical=True)), CheckFailed)


def test_what_does_not_apply_or_is_undefined_passes_through():
    """A check may say that it has nothing to say."""
    nothing = NotApplicable(reason="nothing in production yet")
    thin = Undefined(reason="one class only")
    assert run(returning(nothing)) == nothing
    assert run(returning(thin, statistical=True)) == thin


def test_too_many_excluded_rows_make_an_estimate_undefined_with_counts():
    """One row in fifty without a label is more than one per cent."""
    rows = [person()] * 98 + [person(label=None), person(score=None)]
    result = run(rate, evidence_of(rows, protected=("sex",)))
    assert isinstance(result, Undefined)
    assert "2 of 100 rows (2.0%)" in result.reason
    assert "missing label: 1, missing score: 1" in result.reason
    assert "Mend these rows" in result.remedy


def test_the_share_that_a_policy_allows_is_allowed():
    """Exactly one per cent excluded is within one per cent."""
    rows = [person()] * 99 + [person(label=None)]
    assert isinstance(run(rate, evidence_of(rows)), Estimate)


def test_rows_without_a_group_are_excluded_from_a_check_of_groups_alone():
    """A row whose sex is unknown counts for accuracy, and not for a gap by sex."""
    rows = [person("female")] * 50 + [person("male")] * 45 + [person(None)] * 5
    evidence = evidence_of(rows, protected=("sex",), specs=(Confusion(by=("sex",)),))
    assert isinstance(run(rate, evidence), Estimate)
    result = run(gap, evidence)
    assert isinstance(result, Undefined)
    assert "missing sex: 5" in result.reason


def test_facts_do_not_depend_on_excluded_rows():
    """That rows are missing must be sayable on data with missing rows."""
    rows = [person()] * 50 + [person(label=None)] * 50
    assert run(returning(Fact(value=3)), evidence_of(rows)) == Fact(value=3)


def test_needs_of_all_protected_columns_where_none_is_named():
    """An empty list of columns means all that are declared."""
    roles = evidence_of([], protected=("sex", "age")).roles
    assert roles is not None
    declared: Check = getattr(gap, ATTRIBUTE)
    assert needs_of(declared, {}, roles) == (Confusion(by=("sex",)), Confusion(by=("age",)))
    assert needs_of(declared, {"by": "age"}, roles) == (Confusion(by=("age",)),)


def test_an_undeclared_column_is_refused_before_data_are_read():
    """A misspelt column is an error of the policy, with the nearest declared one."""
    roles = evidence_of([], protected=("sex", "age")).roles
    assert roles is not None
    with pytest.raises(UndeclaredColumn) as raised:
        needs_of(getattr(gap, ATTRIBUTE), {"by": ("sexe",)}, roles, where="policy.yaml")
    assert "'sex'" in raised.value.remedy


def test_a_fixed_list_of_needs_is_what_it_is():
    """A check of rows reads rows."""

    @check("example.rows", better="higher", needs=(Rows(),))
    def rows(evidence: Evidence) -> Fact:
        return Fact(value=evidence[Rows()].read)

    roles = evidence_of([]).roles
    assert roles is not None
    assert needs_of(getattr(rows, ATTRIBUTE), {}, roles) == (Rows(),)
