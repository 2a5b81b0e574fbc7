"""Quantiles of the reference distributions, by the error that lies beyond them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from assay.errors import InvalidArgument

POWER_QUANTILE: Final = 0.8416212335729143
"""Standard normal quantile at 0.8: sample sizes are planned for a power of 0.8."""


@lru_cache(maxsize=4096)
def normal_quantile(error: float) -> float:
    """The standard normal quantile beyond which `error` of the mass lies; positive.

    >>> round(normal_quantile(0.025), 4)
    1.96
    """
    from scipy.special import ndtri

    return -float(ndtri(checked_error(error)))


@lru_cache(maxsize=4096)
def student_quantile(error: float, degrees: float) -> float:
    """The quantile of Student's t beyond which `error` of the mass lies; positive.

    Args:
        error: one-sided error, a fraction in (0, 0.5).
        degrees: degrees of freedom, above 0.

    >>> round(student_quantile(0.025, 29), 4)
    2.0452
    """
    from scipy.special import stdtrit

    if not degrees > 0.0:
        raise InvalidArgument(f"Student's t needs degrees of freedom above 0, not {degrees!r}.")
    return -float(stdtrit(degrees, checked_error(error)))


def checked_error(error: float) -> float:
    """The error itself, once it is known to be a fraction in (0, 0.5)."""
    if not 0.0 < error < 0.5:
        raise InvalidArgument(f"A one-sided error is a fraction in (0, 0.5), not {error!r}.")
    return error
