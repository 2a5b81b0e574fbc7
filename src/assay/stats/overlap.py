"""How far predicted and actual positives overlap: Jaccard's index and F1."""

from __future__ import annotations

from assay.stats.combinations import increasing
from assay.stats.estimate import Errors, Estimate, Undefined
from assay.stats.proportions import Proportion, proportion


def f1_score(jaccard: Proportion, *, errors: Errors) -> Estimate | Undefined:
    """`F1 = 2J / (1 + J)`, the harmonic mean of precision and recall.

    F1 itself is no proportion of independent rows, but Jaccard's index J is one, among the
    rows that are positive by label or by prediction; F1 rises with it, and so do its bounds.

    Args:
        jaccard: true positives among `TP + FP + FN`.
        errors: one-sided errors of the bounds.

    Source: van Rijsbergen (1979), Information Retrieval, chapter 7; Clopper & Pearson (1934).
    """
    if jaccard.trials == 0:
        return Undefined(
            reason="F1 needs a row that is positive by label or by prediction; there is none.",
            units_lacking=(("", 1),),
        )
    estimate = proportion(jaccard, errors=errors)
    if isinstance(estimate, Undefined):
        return estimate
    return increasing(estimate, lambda share: 2.0 * share / (1.0 + share), method="2J / (1 + J) of")
