"""One scan of a file: batches of rows as codes, with scores from it or from beside it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assay.adapters.engine.arrow import Columns
from assay.adapters.engine.columns import (
    NOT_A_NUMBER,
    STRAY,
    band_codes,
    bucket_codes,
    check_date,
    check_names,
    check_number,
    label_codes,
    level_codes,
    score_values,
)
from assay.adapters.engine.session import Session, select
from assay.adapters.engine.source import Column, Source
from assay.adapters.engine.survey import Survey
from assay.errors import NotEvaluated
from assay.evidence.recipe import ColumnRoles, DecisionRule
from assay.stats.tallies import Against
from assay.stats.tallies.filling import Batch
from assay.stats.tallies.filling.batch import OtherScores

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PredictionsDoNotMatch(NotEvaluated):
    """A file of predictions has not exactly one score for each row of the data."""

    code = "predictions.do-not-match"


class StrayValue(Exception):
    """A row holds a value that the survey of the first rows has not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What to read, and how to understand it.

    Attributes:
        source: the rows.
        scores: where the scores are, `source` itself or a file beside it.
        score: the column of scores there.
        known: the values met; others make the scan stop with StrayValue.
    """

    session: Session
    source: Source
    scores: Source
    score: Column
    roles: ColumnRoles
    known: Survey

    def batches(self) -> Iterator[Batch]:
        """Rows in batches, whose arrays live until the next one is asked for."""
        for columns in self._columns():
            if any(codes.max() == STRAY for codes in columns if codes.dtype == np.uint8):
                raise StrayValue
            yield self._batch(columns)

    def _columns(self) -> Iterator[Columns]:
        rows = self.session.batches(select(*self._codes(), source=self.source.table))
        if self.scores is self.source:
            return rows
        scores = select(score_values(self.score), source=self.scores.table)
        return self._beside(rows, self.session.batches(scores))

    def _codes(self) -> list[str]:
        """Label, protected columns, unit, weight, others' scores and score, in this order."""
        roles, source, label = self.roles, self.source, self.known.label
        codes = [
            label_codes(
                source.column(roles.label.column), negative=label.negative, positive=label.positive
            )
        ]
        for item in roles.protected:
            column = source.column(item.column)
            codes.append(
                band_codes(column, item.cuts)
                if item.cuts
                else level_codes(column, self.known.levels[item.column])
            )
        if roles.unit is not None:
            codes.append(bucket_codes(source.column(roles.unit)))
        if roles.weight is not None:
            codes.append(score_values(source.column(roles.weight.column)))
        codes += [score_values(source.column(column)) for column in roles.others.values()]
        return [*codes, score_values(self.score)] if self.scores is source else codes

    def _beside(self, rows: Iterator[Columns], scores: Iterator[Columns]) -> Iterator[Columns]:
        """Rows with the scores in the same positions of another file, both read in order."""
        waiting: npt.NDArray[Any] = np.empty(0)
        for columns in rows:
            start, size = 0, len(columns[0])
            while start < size:
                if len(waiting) == 0:
                    waiting = next(scores, [waiting])[0]
                    if len(waiting) == 0:
                        raise self._mismatch()
                end = min(size, start + len(waiting))
                yield [*(codes[start:end] for codes in columns), waiting[: end - start]]
                waiting = waiting[end - start :]
                start = end
        if len(waiting) or next(scores, None) is not None:
            raise self._mismatch()

    def _mismatch(self) -> PredictionsDoNotMatch:
        [[expected]] = self.session.rows(select("count(*)", source=self.source.table))
        [[found]] = self.session.rows(select("count(*)", source=self.scores.table))
        return PredictionsDoNotMatch(
            f"There are {found:,} predictions for {expected:,} rows of data.",
            where=self.scores.where,
            remedy="The command must write one score for each row, in the order of the rows.",
        )

    def _batch(self, columns: Columns) -> Batch:
        labels, *codes, scores = columns
        rule = self.roles.decision
        beside: dict[Against, npt.NDArray[Any]] = {
            against: codes.pop() for against in reversed(self.roles.others)
        }
        others: dict[Against, OtherScores] = {
            against: OtherScores(scores=other, predicted=_predicted(rule, other))
            for against, other in beside.items()
        }
        weights = codes.pop() if self.roles.weight is not None else None
        buckets = codes.pop() if self.roles.unit is not None else np.zeros_like(labels)
        # Once text among the scores has been looked for, this is but a score out of range.
        texts = [scores, *(other.scores for other in others.values())]
        if self.scores.delimited and not self.known.whole and _hold_text(texts):
            raise StrayValue
        if weights is not None and not self.known.whole and _hold_text([weights]):
            raise StrayValue
        return Batch(
            labels=labels,
            scores=scores,
            predicted=_predicted(rule, scores),
            levels={
                item.column: column
                for item, column in zip(self.roles.protected, codes, strict=True)
            },
            buckets=buckets,
            weights=weights,
            others=others,
        )


def score_column(roles: ColumnRoles, source: Source, scores: Source) -> Column:
    """The column of scores: the one with that role, or the only one of a file beside.

    Raises:
        NotEvaluated: it is not there, or cannot hold numbers.
    """
    if scores is source:
        column = source.column(roles.score)
    elif len(scores.columns) == 1:
        column = scores.columns[0]
    else:
        raise PredictionsDoNotMatch(
            f"The file of predictions has {len(scores.columns)} columns, and must have one.",
            where=scores.where,
            remedy="The command must write a single column of scores under a line with its name.",
        )
    check_number(scores, column)
    return column


def check_columns(roles: ColumnRoles, source: Source) -> None:
    """Refuse roles for columns that are not there, or whose types do not suit them."""
    check_names(source, source.column(roles.label.column))
    for item in roles.protected:
        check = check_date if item.dated else check_number if item.cuts else check_names
        check(source, source.column(item.column))
    if roles.unit is not None:
        check_names(source, source.column(roles.unit))
    weight = [] if roles.weight is None else [roles.weight.column]
    for column in (*weight, *roles.others.values()):
        check_number(source, source.column(column))


def _hold_text(columns: Iterable[npt.NDArray[np.float64]]) -> bool:
    return any(bool((scores == NOT_A_NUMBER).any()) for scores in columns)


def _predicted(rule: DecisionRule, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    favourable: npt.NDArray[np.bool_] = _COMPARISONS[rule.favourable_when](
        scores, float(rule.threshold)
    )
    return favourable if rule.favourable_is_positive else ~favourable
