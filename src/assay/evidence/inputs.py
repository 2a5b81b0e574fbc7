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
    Inspection,
    PairCounts,
    Pairs,
    RowCounts,
    Rows,
    ScoreCounts,
    ScorePairCounts,
    ScorePairs,
    Scores,
    Spec,
    WeightedConfusion,
    WeightedConfusionCounts,
    WeightedCounts,
)
from assay.stats.tallies.inspections import (
    AssociationCounts,
    Associations,
    DuplicateCounts,
    Duplicates,
    LimitCounts,
    Limits,
    Overlap,
    OverlapCounts,
    ProfileCounts,
    Profiles,
)
from assay.stats.weighting import weighted_proportion

Need = Rows | Confusion | Scores | Pairs | ScorePairs | Inspection | Document
"""Anything a check may ask for."""


class Absent(LookupError):
    """A tally that a check asks for was never collected; the verdict is `missing`.

    Args:
        reason: what is absent.
        remedy: what to do about it, where collecting again would not help.
    """

    def __init__(self, reason: str, *, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


class NotForWeights(Absent):
    """It cannot be counted, since rows have sampling weights; the verdict is `insufficient`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a check may read about one version.

    Indexing with a need gives what was collected for it: `evidence[Confusion(by=("sex",))]`.
    A tally that was never collected raises Absent, one that sampling weights do not have
    NotForWeights; a document that is not there is None.
    """

    roles: ColumnRoles | None = None
    tallies: TallySet | None = None
    documents: Mapping[str, DocumentContent] = field(default_factory=dict[str, DocumentContent])
    subjects: frozenset[str] = frozenset()
    """SHA-256 (hex) of the version and of its model, for statements that others made of them."""

    @overload
    def __getitem__(self, need: Rows) -> RowCounts: ...
    @overload
    def __getitem__(self, need: Confusion) -> ConfusionCounts: ...
    @overload
    def __getitem__(self, need: Scores) -> ScoreCounts: ...
    @overload
    def __getitem__(self, need: WeightedConfusion) -> WeightedConfusionCounts: ...
    @overload
    def __getitem__(self, need: Pairs) -> PairCounts: ...
    @overload
    def __getitem__(self, need: ScorePairs) -> ScorePairCounts: ...
    @overload
    def __getitem__(self, need: Profiles) -> ProfileCounts: ...
    @overload
    def __getitem__(self, need: Associations) -> AssociationCounts: ...
    @overload
    def __getitem__(self, need: Limits) -> LimitCounts: ...
    @overload
    def __getitem__(self, need: Duplicates) -> DuplicateCounts: ...
    @overload
    def __getitem__(self, need: Overlap) -> OverlapCounts: ...
    @overload
    def __getitem__(self, need: Document) -> DocumentContent | None: ...
    def __getitem__(self, need: Need | WeightedConfusion) -> Any:
        """What was collected for a need."""
        if isinstance(need, Document):
            return self.documents.get(need.name)
        self._refuse_unweighted(need)
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

    @property
    def sampled(self) -> bool:
        """Whether rows have sampling weights."""
        return (
            self.roles is not None and self.roles.weight is not None and self.roles.weight.sampled
        )

    def buckets(self, spec: Spec) -> list[Any]:
        """The tally of each filled bucket of units; empty where rows are independent."""
        self._refuse_unweighted(spec)
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

        Both are sums of cells, so of sampling weights they give sums of weights.
        """
        if self.sampled:
            return self._weighted(WeightedConfusion(by=spec.by), events, trials)

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

    def _refuse_unweighted(self, need: Spec) -> None:
        if self.sampled and not isinstance(need, Rows | WeightedConfusion | Inspection):
            raise NotForWeights(
                "Rows have sampling weights. Rates and gaps between them are bounded under such "
                "weights; this figure is not, and without them it would be that of the sample "
                "alone. Ask for a rate, or evaluate a sample drawn with equal chances."
            )

    def _weighted(
        self,
        spec: WeightedConfusion,
        events: Callable[[BinaryCounts], int],
        trials: Callable[[BinaryCounts], int],
    ) -> dict[str, Proportion]:
        """A weighted rate of every group; weights are scaled to add up to the trials' rows."""

        def groups(tally: WeightedConfusionCounts) -> dict[str, WeightedCounts]:
            return tally.groups() if spec.by else {"": tally.total}

        bucketed = [groups(cast(WeightedConfusionCounts, part)) for part in self.buckets(spec)]
        return {
            name: weighted_proportion(
                counts,
                [part[name] for part in bucketed if name in part],
                events=events,
                trials=trials,
            )
            for name, counts in groups(self[spec]).items()
        }
