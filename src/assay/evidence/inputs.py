"""What a check is given: tallies and documents, each asked for by a frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast, overload

from assay.evidence.measurement import Document, DocumentContent
from assay.evidence.recipe import ColumnRoles
from assay.evidence.tallies import TallySet
from assay.stats.proportions import Proportion
from assay.stats.tallies import (
    BinaryCounts,
    Confusion,
    ConfusionCounts,
    RowCounts,
    Rows,
    ScoreCounts,
    Scores,
    Spec,
)

Need = Rows | Confusion | Scores | Document
"""Anything a check may ask for."""


class Absent(LookupError):
    """A tally that a check asks for was never collected; the verdict is `missing`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a check may read about one version.

    Indexing with a need gives what was collected for it: `evidence[Confusion(by=("sex",))]`.
    A tally that was never collected raises Absent; a document that is not there is None.
    """

    roles: ColumnRoles | None = None
    tallies: TallySet | None = None
    documents: Mapping[str, DocumentContent] = field(default_factory=dict[str, DocumentContent])

    @overload
    def __getitem__(self, need: Rows) -> RowCounts: ...
    @overload
    def __getitem__(self, need: Confusion) -> ConfusionCounts: ...
    @overload
    def __getitem__(self, need: Scores) -> ScoreCounts: ...
    @overload
    def __getitem__(self, need: Document) -> DocumentContent | None: ...
    def __getitem__(self, need: Need) -> Any:
        """What was collected for a need."""
        if isinstance(need, Document):
            return self.documents.get(need.name)
        if self.tallies is None or need not in self.tallies.tallies:
            raise Absent(f"No {need.kind} tally by {getattr(need, 'by', ())} was collected.")
        return self.tallies.tallies[need]

    @property
    def protected(self) -> tuple[str, ...]:
        """The protected columns, in the order declared."""
        return tuple(item.column for item in self.roles.protected) if self.roles else ()

    @property
    def favourable_is_positive(self) -> bool:
        """Whether the favourable decision is the one that predicts the positive label."""
        return self.roles is not None and self.roles.decision.favourable_is_positive

    def buckets(self, spec: Spec) -> list[Any]:
        """The tally of each filled bucket of units; empty where rows are independent."""
        if self.tallies is None:
            return []
        return [bucket[spec] for _, bucket in sorted(self.tallies.buckets.items())]

    def proportions(
        self,
        spec: Confusion,
        events: Callable[[BinaryCounts], int],
        trials: Callable[[BinaryCounts], int],
    ) -> dict[str, Proportion]:
        """A rate of every group of a slice (of "" for all rows), with its buckets of units.

        Args:
            spec: the slice.
            events: how many rows of a group's counts are events.
            trials: how many rows of a group's counts are trials.
        """

        def groups(tally: ConfusionCounts) -> dict[str, BinaryCounts]:
            return tally.groups() if spec.by else {"": tally.total}

        bucketed = [groups(cast(ConfusionCounts, part)) for part in self.buckets(spec)]
        return {
            name: Proportion(
                events=events(counts),
                trials=trials(counts),
                buckets=tuple(
                    (events(part[name]), trials(part[name])) for part in bucketed if name in part
                ),
            )
            for name, counts in groups(self[spec]).items()
        }
