"""Holm's step-down: the error at which each of several violations is demonstrated."""

from __future__ import annotations

from assay.errors import InvalidArgument
from assay.stats.quantiles import checked_error


def holm_error(*, false_deny: float, tests: int, rejected: int) -> float:
    """The error of every lower bound in the round after `rejected` requirements have failed.

    Take every bound at this error, count the failures, and repeat with that count until it
    stays or all have failed; then some true requirement fails in at most `false_deny` of
    worlds, whatever the dependence.

    Args:
        false_deny: the declared rate of false denials, a fraction in (0, 0.5).
        tests: statistical requirements that apply, fixed before data are read; >= 1.
        rejected: those that failed in the round before; 0 <= rejected < tests.

    Raises:
        InvalidArgument: an argument is out of range.

    Source: Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70.

    >>> holm_error(false_deny=0.05, tests=10, rejected=5)
    0.01
    """
    if not 0 <= rejected < tests:
        raise InvalidArgument(
            f"Holm's procedure needs 0 <= rejected < tests, not {rejected} of {tests}."
        )
    return checked_error(false_deny) / (tests - rejected)
