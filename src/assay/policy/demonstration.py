"""Whether a number of rows can show that a bar is met, were the data perfect.

The check itself is asked, on data without an error or a difference: what does not pass there
passes nowhere. Nothing is said of checks for which such data are not the best there could be.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from assay.checks.check import Check
from assay.checks.measure import measure, needs_of
from assay.errors import AssayError
from assay.evidence.counted import CountedRows, counted_evidence
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Document
from assay.policy.intervals import allowed
from assay.policy.policy import Requirement
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors, Estimate

ROWS_MAX: Final = 10_000_000
"""What ever more rows do not show, they do not show for want of rows."""

_COLUMN: Final = "group"
_ANY_EXCLUDED: Final = Decimal(1)
"""Nothing is left out of invented rows."""


def undemonstrable_tiers(
    rule: Requirement, check: Check, *, rows: int, error: float
) -> dict[Tier, int]:
    """The tiers at which a sample can never show that a bar is met, with what could.

    Args:
        rule: a requirement with a bar.
        check: its check, a statistical one.
        rows: the sample's size.
        error: the one-sided error of the bound that shows a pass.

    Returns:
        By each tier that the bar names and the sample cannot show, about how many rows could.
    """
    found: dict[Tier, int] = {}
    for tier in rule.bar.by_tier if rule.bar else ():
        if not _shows(rule, check, tier, rows=rows, error=error) and _shows(
            rule, check, tier, rows=ROWS_MAX, error=error
        ):
            found[tier] = _units(rule, check, tier, above=rows, error=error)
    return found


def _units(rule: Requirement, check: Check, tier: Tier, *, above: int, error: float) -> int:
    """The least number of rows that show it, to a hundredth."""
    low, high = above, ROWS_MAX
    while high - low > max(1, low // 100):
        middle = (low + high) // 2
        if _shows(rule, check, tier, rows=middle, error=error):
            high = middle
        else:
            low = middle
    return high


def _shows(rule: Requirement, check: Check, tier: Tier, *, rows: int, error: float) -> bool:
    return any(
        _passes(rule, check, tier, evidence, error) for evidence in _perfect(rule, check, rows)
    )


def _passes(rule: Requirement, check: Check, tier: Tier, evidence: Evidence, error: float) -> bool:
    wanted = allowed(rule.bar, tier) if rule.bar else None
    measured = measure(
        check,
        evidence,
        rule.parameters,
        errors=Errors(low=error, high=error),
        max_excluded=_ANY_EXCLUDED,
    )
    if wanted is None or not isinstance(measured, Estimate):
        return False
    return float(wanted.low) <= measured.low and measured.high <= float(wanted.high)


def _perfect(rule: Requirement, check: Check, rows: int) -> Iterator[Evidence]:
    """Every row right, two equal groups alike: half positive, all positive, none positive."""
    texts = [value for value in rule.parameters.values() if isinstance(value, str)]
    lists = [value for value in rule.parameters.values() if isinstance(value, tuple)]
    columns = tuple(dict.fromkeys([_COLUMN, *texts, *(name for item in lists for name in item)]))
    for positives in (rows // 4, rows // 2, 0):
        counted = [
            CountedRows(
                positive=positive,
                score=float(positive),
                groups=dict.fromkeys(columns, level),
                count=count,
            )
            for level, size in (("a", rows // 2), ("b", rows - rows // 2))
            for positive, count in (
                (True, min(positives, size)),
                (False, size - min(positives, size)),
            )
        ]
        try:
            roles = counted_evidence((), protected=columns).roles
            assert roles is not None  # noqa: S101 - counted evidence has roles
            needs = needs_of(check, rule.parameters, roles)
            specs = [need for need in needs if not isinstance(need, Document)]
            yield counted_evidence(counted, protected=columns, needs=specs)
        except AssayError:
            return  # the check does not suit invented data: nothing can be said
