"""Variance by leaving out each bucket of units, where rows of one unit resemble each other.

Source: Shao & Tu (1995), The Jackknife and Bootstrap, section 2.3 (delete-a-group).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from assay.stats.estimate import Undefined

MIN_BUCKETS: Final = 10
"""Filled buckets below which a variance between buckets is not worth trusting."""


def jackknife_variance(replicates: npt.NDArray[np.float64]) -> float:
    """The variance of a statistic from its values with each filled bucket left out.

    Args:
        replicates: (b,) float64, the statistic without bucket 1, 2, ... b; b >= 2.
    """
    count = len(replicates)
    deviations = replicates - replicates.mean()
    return float((count - 1) / count * (deviations @ deviations))


def jackknife_covariance(replicates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The covariance matrix of k statistics: (b, k) float64 replicates give (k, k) float64."""
    count = len(replicates)
    deviations = replicates - replicates.mean(axis=0)
    covariance: npt.NDArray[np.float64] = (count - 1) / count * (deviations.T @ deviations)
    return covariance


def too_few_buckets(filled: int, *, of: str = "rows") -> Undefined | None:
    """Why a variance between buckets cannot be had, or None where it can.

    Args:
        filled: how many of the 64 buckets hold a unit that counts.
        of: what they have to hold, for the reason.
    """
    if filled >= MIN_BUCKETS:
        return None
    return Undefined(
        reason=(
            f"Rows of one unit are not independent, and the units with {of} fill only {filled} "
            f"of 64 buckets; their variance needs {MIN_BUCKETS}, so at least that many units."
        ),
        units_lacking=(("", MIN_BUCKETS - filled),),
    )
