"""The envelope of tallies: what one pass over one dataset counted, in canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assay.stats.tallies import Spec, Tally

BUCKETS: Final = 64
"""Rows of one unit share a bucket, SHA-256(unit id) mod 64, so a unit split over
partitions meets itself again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TallySet:
    """Every tally of one recipe, and the same per bucket of units where a unit is declared.

    Attributes:
        recipe: the digest of the recipe that was filled.
        tallies: a tally for each spec of the recipe, over all rows.
        buckets: by bucket number, the tallies of the rows of its units; empty where rows are
            independent. Buckets without rows are absent.
    """

    recipe: str
    tallies: Mapping[Spec, Tally]
    buckets: Mapping[int, Mapping[Spec, Tally]]
