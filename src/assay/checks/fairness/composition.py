"""Before training: who is in the data at all."""

from __future__ import annotations

from assay.checks.check import Columns, check
from assay.checks.fairness.gaps import NO_COLUMN
from assay.checks.groups import group_needs, group_shares
from assay.checks.worst import Part, overlapping, worst_of
from assay.evidence.inputs import Evidence
from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion


@check("fairness.class_imbalance", better="lower", needs=group_needs, unit="difference", revision=2)
def class_imbalance(
    evidence: Evidence, *, errors: Errors, by: Columns = (), intersections: bool = False
) -> Estimate | Undefined:
    """How far the smallest group is outnumbered by everyone else together.

    Formula: max over groups (n - 2 n_g) / n, of the rows whose group is known.
    Source: Das et al. (2021), JFDS 3(4); Clarify's CI with that group as the facet. Bounds:
        Clopper-Pearson of each group's share.
    Undefined: no protected column is declared, or no row has a value in one.
    Tallies: confusion by each slice.

    Args:
        evidence: the evidence.
        errors: one-sided errors of the bounds.
        by: the protected columns; empty means all that are declared.
        intersections: whether the groups of all columns together count too.
    """
    slices = group_shares(evidence, by, intersections=intersections)
    if not slices:
        return NO_COLUMN
    parts = {name: _outnumbered(share) for shares in slices for name, share in shares.items()}
    return worst_of(overlapping(parts), better="lower", errors=errors)


def _outnumbered(share: Proportion) -> Part:
    """`1 - 2p` of a group's share p, which is `2r - 1` of the share r of all others."""

    def at(errors: Errors) -> Estimate | Undefined:
        others = proportion(share.complement(), errors=errors)
        if isinstance(others, Undefined):
            return others
        return increasing(others, lambda r: 2.0 * r - 1.0, method="2r - 1 of the others' share,")

    return Part(at=at, units=share.units)
