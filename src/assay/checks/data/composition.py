"""Shares of labels and of groups in the data, as estimates of where the data come from."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from assay.checks.check import check
from assay.checks.groups import group_name, group_shares
from assay.checks.worst import Part, worst_of
from assay.errors import InvalidArgument
from assay.evidence.inputs import Evidence
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import Confusion


@check("data.label_balance", better="higher", needs=(Confusion(),))
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
    return worst_of([parts], better="higher", errors=errors)


def _representation_needs(*, column: str, **_: object) -> Sequence[Confusion]:
    return [Confusion(by=(column,))]


@check("data.representation", better="higher", needs=_representation_needs, unit="ratio")
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
    total = next(iter(shares.values())).trials
    # A group that does not occur has a share too: none.
    absent = Proportion(events=0, trials=total)
    estimate = proportion(shares.get(group_name((column,), group), absent), errors=errors)
    if isinstance(estimate, Undefined):
        return estimate
    share = float(reference)
    return increasing(estimate, lambda p: p / share, method=f"over {reference},")


def _share(share: Proportion) -> Part:
    return Part(at=lambda errors: proportion(share, errors=errors), units=share.trials)
