"""Shares of labels and of groups in the data, as estimates of where the data come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from assay.checks.check import Columns, check
from assay.checks.groups import columns_of, group_name, group_shares
from assay.checks.worst import Part, advised, overlapping, worst_of
from assay.errors import InvalidArgument
from assay.evidence.inputs import Absent, Evidence, Need
from assay.evidence.measurement import Document
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import Confusion

GATHER: Final = (
    "Gather data of those who are too few, or draw the sample anew; a model cannot change whom "
    "the data show."
)


@check("data.label_balance", better="higher", needs=(Confusion(),), revision=2)
def label_balance(evidence: Evidence, *, errors: Errors) -> Estimate | Undefined:
    """The share of the rarer label.

    Formula: min(n₊, n₋) / n.
    Source: Clopper & Pearson (1934) for the bounds of either share; Berger (1982) for both.
    Undefined: no row, or units that fill fewer than 10 buckets.
    Tallies: confusion.
    """
    positive = evidence.proportions(
        Confusion(), events=lambda c: c.positives, trials=lambda c: c.n
    )[""]
    shares = {"positive": positive, "negative": positive.complement()}
    parts = {name: _share(share) for name, share in shares.items()}
    return advised(worst_of(overlapping(parts), better="higher", errors=errors), GATHER)


def _representation_needs(*, column: str, **_: object) -> Sequence[Confusion]:
    return [Confusion(by=(column,))]


@check(
    "data.representation", better="higher", needs=_representation_needs, unit="ratio", revision=2
)
def representation(
    evidence: Evidence, *, errors: Errors, column: str, group: str, reference: Decimal
) -> Estimate | Undefined:
    """A group's share of the data beside its share of a reference population.

    Formula: (n_g / n) / reference, of the rows whose group is known; 1 is as represented as in
        the reference, below 1 is less.
    Source: 29 CFR 1607.4; Clopper & Pearson (1934) for the bounds, the reference taken as known.
    Undefined: no row has a value in the column, or units that fill fewer than 10 buckets.
    Tallies: confusion by the column.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        column: the protected column.
        group: the level, such as "female".
        reference: the group's share of the reference population, in (0, 1].
    """
    if not 0 < reference <= 1:
        raise InvalidArgument(f"reference is a share in (0, 1], not {reference}.")
    (shares,) = group_shares(evidence, (column,), intersections=False)
    if not shares:
        return Undefined(reason=f"No row has a value in {column!r}.", units_lacking=(("", 1),))
    # A group that does not occur has a share too: none.
    absent = _nobody(next(iter(shares.values())))
    estimate = proportion(shares.get(group_name((column,), group), absent), errors=errors)
    if isinstance(estimate, Undefined):
        return estimate
    share = float(reference)
    return advised(increasing(estimate, lambda p: p / share, method=f"over {reference},"), GATHER)


def _gap_needs(*, by: Columns, document: str = "population") -> Sequence[Need]:
    return [*(Confusion(by=(column,)) for column in by), Document(document)]


@check("data.representation_gap", better="lower", needs=_gap_needs, unit="difference", revision=2)
def representation_gap(
    evidence: Evidence, *, errors: Errors, by: Columns = (), document: str = "population"
) -> Estimate | Undefined:
    """How far any group's share of the data is from its share of a reference population.

    Formula: max over groups of |n_g / n - reference_g|, of the rows whose group is known. A
        group that the reference does not name has no share of it.
    Source: Clopper & Pearson (1934) for the bounds of a share, the reference taken as known;
        Berger (1982) and Bonferroni for the largest.
    Undefined: no row has a value in a column, or units that fill fewer than 10 buckets.
    Tallies: confusion by each column; it reads the document of that name.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        by: the protected columns; empty means all that are declared.
        document: the name of a document in the manifest that maps each column to the shares of
            its groups: `sex: {female: 0.51, male: 0.49}`.
    """
    shares = reference_shares(evidence, Document(document), columns_of(evidence, by))
    slices: list[Mapping[str, Part]] = []
    for column, reference in shares.items():
        (found,) = group_shares(evidence, (column,), intersections=False)
        if not found:
            return Undefined(reason=f"No row has a value in {column!r}.", units_lacking=(("", 1),))
        nobody = _nobody(next(iter(found.values())))
        expected = {group_name((column,), level): part for level, part in reference.items()}
        parts: dict[str, Part] = {}
        for name in dict.fromkeys([*found, *expected]):
            share, part = found.get(name, nobody), float(expected.get(name, Decimal(0)))
            parts[f"{name}, too many"] = _beyond(share, part)
            parts[f"{name}, too few"] = _beyond(share.complement(), 1.0 - part)
        slices += overlapping(parts)
    return advised(worst_of(slices, better="lower", errors=errors), GATHER)


def reference_shares(
    evidence: Evidence, document: Document, columns: Columns
) -> dict[str, dict[str, Decimal]]:
    """The shares of groups that a document says each column has in a population.

    Raises:
        Absent: there is no document, or it says nothing of a column.
        InvalidArgument: something there is no share, or they add up to more than 1.
    """
    found = evidence[document]
    if found is None:
        raise Absent(
            f"There is no document {document.name!r} with the shares of a population.",
            remedy=f"Write one, and name it in the manifest under documents.{document.name}: "
            "`sex: {female: 0.51, male: 0.49}`.",
        )
    shares: dict[str, dict[str, Decimal]] = {}
    for column in columns:
        said = found.content.get(column)
        if not isinstance(said, Mapping):
            raise Absent(
                f"{found.path} has no shares of {column!r}.",
                remedy=f"Add `{column}: {{group: share, …}}`, or name other columns under `by`.",
            )
        shares[column] = {str(level): _part(found.path, column, n) for level, n in said.items()}
        if sum(shares[column].values()) > Decimal("1.001"):
            raise InvalidArgument(f"{found.path}: the shares of {column!r} exceed 1 in all.")
    return shares


def _part(path: str, column: str, said: object) -> Decimal:
    if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
        raise InvalidArgument(f"{path}: {said!r} is no share of {column!r}.")
    part = Decimal(str(said))
    if not 0 <= part <= 1:
        raise InvalidArgument(f"{path}: {said} is no share of {column!r}, from 0 to 1.")
    return part


def _nobody(share: Proportion) -> Proportion:
    """The share, of the same rows, of a group that does not occur."""
    return replace(share, events=0, buckets=tuple((0, rows) for _, rows in share.buckets))


def _beyond(share: Proportion, reference: float) -> Part:
    def at(errors: Errors) -> Estimate | Undefined:
        estimate = proportion(share, errors=errors)
        if isinstance(estimate, Undefined):
            return estimate
        return increasing(estimate, lambda p: p - reference, method="beyond the reference,")

    return Part(at=at, units=share.trials)


def _share(share: Proportion) -> Part:
    return Part(at=lambda errors: proportion(share, errors=errors), units=share.trials)
