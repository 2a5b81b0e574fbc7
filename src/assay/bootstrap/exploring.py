"""Evaluating rows from Python: arguments as data scientists write them, made into roles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from assay.errors import ConfigurationError

if TYPE_CHECKING:
    from assay.documents.evaluations import Evaluation
    from assay.evidence.roles import ColumnRoles, Cut, Label, Protected
    from assay.stats.estimate import Errors
    from assay.stats.tallies import Weight

Column = str | Mapping[str, Any]
"""A column's name, or a mapping as the manifest writes it."""


class UnusableRole(ConfigurationError):
    """An argument that says what a column is for cannot be used."""

    code = "evaluate.unusable-role"


def evaluate(
    data: object,
    *,
    label: Column,
    score: str,
    threshold: float | Decimal = 0.5,
    favourable_when: Literal["<", "<=", ">", ">="] = ">=",
    protected: Sequence[Column] = (),
    unit: str | None = None,
    weight: Mapping[str, Any] | None = None,
    champion: str | None = None,
    baseline: str | None = None,
    checks: Iterable[str] | Mapping[str, Mapping[str, Any]] | None = None,
    errors: Errors | None = None,
    progress: Callable[[float], None] | None = None,
) -> Evaluation:
    """Evaluate scores of rows in memory or in a file; nothing is judged or recorded.

    Rows are counted in one pass, in parallel, and figures follow from the counts.

    Args:
        data: a pandas or Polars frame (lazy ones are read by and by), an Arrow table or
            reader, a DuckDB relation, or the path of a Parquet or CSV file.
        label: the column of outcomes, of 0 and 1 or booleans; or {"column": ..., "positive":
            ...} where the positive value is another one.
        score: the column of scores from 0 to 1; a high score predicts the positive label.
        threshold: the score at which the decision turns.
        favourable_when: how the score compares with it when the decision is favourable.
        protected: columns whose groups are compared; a number or date with its cut points,
            such as {"age": [25, 40, 60]}: bands are right-closed.
        unit: the column whose equal values are one person, where a person has several rows.
        weight: {"column": ..., "kind": "frequency" or "sampling"}, and a "scale" that no
            sampling weight exceeds.
        champion: the column of the scores by the version in production.
        baseline: the column of the scores by a rule that is to be beaten.
        checks: names of checks, or a mapping from names to parameters; by default all of
            performance, calibration and fairness that need no parameter.
        errors: one-sided errors of the bounds; by default 0.025 a side.
        progress: told the fraction counted, from 0 to 1.

    Raises:
        ConfigurationError: an argument, a check or a parameter cannot be used.
        NotEvaluated: the data cannot be read as said.
    """
    from assay.adapters.engine import DuckDbCollector
    from assay.app.judging.exploring import explore
    from assay.bootstrap.workspaces import check_catalogue
    from assay.evidence.roles import ColumnRoles, DecisionRule
    from assay.stats.estimate import READING

    roles = ColumnRoles(
        label=_label(label),
        score=score,
        decision=DecisionRule(favourable_when=favourable_when, threshold=_decimal(threshold)),
        protected=tuple(map(_protected, protected)),
        unit=unit,
        weight=None if weight is None else _weight(weight),
        champion=champion,
        baseline=baseline,
    )
    _refuse_shared(roles)
    return explore(
        DuckDbCollector(),
        check_catalogue(None),
        Path(data) if isinstance(data, str) else data,
        roles,
        wanted=_wanted(checks),
        errors=errors or READING,
        progress=progress,
    )


def _label(written: Column) -> Label:
    from assay.evidence.roles import Label

    if isinstance(written, str):
        return Label(column=written)
    _keys("label", written, ("column", "positive"))
    positive = written["positive"]
    spelled = str(positive).lower() if isinstance(positive, bool) else str(positive)
    return Label(column=str(written["column"]), positive=spelled)


def _protected(written: Column) -> Protected:
    from assay.evidence.roles import CUTS_MAX, Protected

    if isinstance(written, str):
        return Protected(column=written)
    if len(written) != 1:
        raise UnusableRole(
            f"`protected` has an item of {len(written)} columns: {sorted(written)}.",
            remedy='Give each column an item of its own, such as {"age": [25, 40, 60]}.',
        )
    ((column, points),) = written.items()
    cuts = tuple(map(_cut, points))
    kinds = {isinstance(cut, date) for cut in cuts}
    if len(kinds) != 1 or len(cuts) > CUTS_MAX or list(cuts) != sorted(set(cuts)):
        raise UnusableRole(
            f"The cut points of {column!r} are not 1 to {CUTS_MAX} ascending numbers, or dates.",
            remedy='Write the upper end of each band but the last, such as {"age": [25, 40, 60]}.',
        )
    return Protected(column=column, cuts=cuts)


def _weight(written: Mapping[str, Any]) -> Weight:
    from assay.stats.tallies import Weight
    from assay.stats.tallies.weights import DEFAULT_SCALE

    sampled = written.get("kind") == "sampling"
    _keys("weight", written, ("column", "kind"), ("scale",) if sampled else ())
    if written["kind"] not in {"frequency", "sampling"}:
        raise UnusableRole(
            f"Weights are of kind {written['kind']!r}.",
            remedy='Write "frequency" for whole numbers of rows alike, or "sampling" for the '
            "inverse of a chance of being drawn.",
        )
    return Weight(
        column=written["column"], kind=written["kind"], scale=written.get("scale", DEFAULT_SCALE)
    )


def _cut(point: Any) -> Cut:
    if isinstance(point, date):
        return date(point.year, point.month, point.day)
    if isinstance(point, str):
        try:
            return date.fromisoformat(point)
        except ValueError as error:
            raise UnusableRole(
                f"The cut point {point!r} is no date.", remedy="Write dates as YYYY-MM-DD."
            ) from error
    return _decimal(point)


def _decimal(number: Any) -> Decimal:
    """A number as it is printed: 0.35 is 0.35, and not the double next to it."""
    return Decimal(str(number))


def _keys(
    role: str, written: Mapping[str, Any], needed: Sequence[str], more: Sequence[str] = ()
) -> None:
    if not set(needed) <= set(written) <= {*needed, *more}:
        raise UnusableRole(
            f"`{role}` has the keys {sorted(written)}.",
            remedy=f"Give it {' and '.join(needed)}{' or ' if more else ''}{''.join(more)}.",
        )


def _refuse_shared(roles: ColumnRoles) -> None:
    """One column has one role: a label that is also a score would make every model perfect."""
    names = roles.columns
    shared = next((name for name in names if names.count(name) > 1), None)
    if shared is not None:
        raise UnusableRole(
            f"Column {shared!r} is given more than one role.",
            remedy="Give each role a column of its own.",
        )


def _wanted(
    checks: Iterable[str] | Mapping[str, Mapping[str, Any]] | None,
) -> Mapping[str, Mapping[str, Any]] | None:
    """Parameters by check, as a policy holds them: lists as tuples, fractions as decimals."""
    if checks is None:
        return None
    if isinstance(checks, str):
        checks = [checks]
    if not isinstance(checks, Mapping):
        return {name: {} for name in checks}
    return {
        name: {key: _parameter(value) for key, value in parameters.items()}
        for name, parameters in cast(Mapping[str, Mapping[str, Any]], checks).items()
    }


def _parameter(value: Any) -> Any:
    if isinstance(value, float):
        return _decimal(value)
    return tuple(value) if isinstance(value, list) else value
