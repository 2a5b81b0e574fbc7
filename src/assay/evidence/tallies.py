"""The envelope of tallies: what one pass over one dataset counted, in canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from assay.errors import InvalidArgument, VerificationFailed
from assay.evidence.canonical import Json, canonical, digest, parse_object
from assay.evidence.recipe import SPECS_MAX, Recipe, spec_order
from assay.stats.tallies import (
    SLICES_MAX,
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
    Tally,
    WeightedConfusion,
    WeightedConfusionCounts,
)
from assay.stats.tallies.filling.batch import BUCKETS
from assay.stats.tallies.inspections import (
    is_inspection,
    no_rows,
    parse_inspected,
)
from assay.stats.tallies.state import MalformedTally, ascending, count, mapping, sequence

KIND: Final = "assay.tallies/1"

TALLY_BYTES_MAX: Final = 512 << 20
ITEMS_MAX: Final = 1 << 23
"""Lists, objects and items in a tally's JSON: they cost memory long before bytes do."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class MalformedTallySet(VerificationFailed):
    """Bytes are not a set of tallies in canonical form."""

    code = "tallies.malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TallySet:
    """Every tally of one recipe, and the same per bucket of units where a unit is declared.

    Attributes:
        recipe: the digest of the recipe that was filled.
        tallies: a tally for each spec of the recipe, over all rows.
        buckets: by bucket number, the tallies of the rows of its units; empty where rows are
            independent. Buckets without rows are absent. `tallies` is their sum.
    """

    recipe: str
    tallies: Mapping[Spec, Tally]
    buckets: Mapping[int, Mapping[Spec, Tally]]

    @classmethod
    def empty(cls, recipe: Recipe) -> TallySet:
        """No rows."""
        empty = {spec: _empty(spec) for spec in recipe.specs}
        return cls(recipe=recipe.digest, tallies=empty, buckets={})

    @classmethod
    def of_buckets(cls, recipe: str, buckets: Mapping[int, Mapping[Spec, Tally]]) -> TallySet:
        """The tallies of rows that share units, from at least one bucket."""
        totals = _added(buckets.values())
        return cls(recipe=recipe, tallies=totals, buckets=dict(sorted(buckets.items())))

    def merge(self, other: TallySet) -> TallySet:
        """Add two sets of rows; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two were filled by different recipes.
        """
        if self.recipe != other.recipe:
            raise InvalidArgument("Tallies of different recipes do not add up.")
        buckets = {
            number: _added(part.buckets[number] for part in (self, other) if number in part.buckets)
            for number in sorted({*self.buckets, *other.buckets})
        }
        totals = _added([self.tallies, other.tallies])
        return TallySet(recipe=self.recipe, tallies=totals, buckets=buckets)

    def to_bytes(self) -> bytes:
        """The canonical form as RFC 8785 JSON: the buckets where there are any, else the totals."""
        parts: dict[str, Json] = (
            {
                "buckets": [
                    {"bucket": number, "tallies": _states(self.buckets[number])}
                    for number in sorted(self.buckets)
                ]
            }
            if self.buckets
            else {"tallies": _states(self.tallies)}
        )
        return canonical({"kind": KIND, "recipe": self.recipe, **parts})

    @classmethod
    def from_bytes(cls, data: bytes) -> TallySet:
        """The tallies that `to_bytes` wrote.

        Raises:
            MalformedTallySet: the bytes are not tallies in canonical form, or too many.
        """
        # Every structural item has one of these before it, and text has them rarely.
        items = data.count(b"[") + data.count(b"{") + data.count(b",")
        if len(data) > TALLY_BYTES_MAX or items > ITEMS_MAX:
            raise MalformedTallySet(f"Tallies of {len(data):,} bytes, {items:,} items: too large.")
        try:
            raw = parse_object(data)
            tallies = _parse(raw)
            written = canonical(raw)
        except (TypeError, ValueError, MalformedTally) as error:
            raise MalformedTallySet(f"The bytes are not tallies: {error}") from error
        if written != data:
            raise MalformedTallySet("The bytes are tallies in another form than the canonical one.")
        return tallies

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical bytes."""
        return digest(self.to_bytes())


def _empty(spec: Spec) -> Tally:
    if isinstance(spec, Inspection):
        return no_rows(spec)
    if isinstance(spec, Rows):
        return RowCounts.empty()
    if isinstance(spec, Pairs):
        return PairCounts.empty(spec)
    if isinstance(spec, ScorePairs):
        return ScorePairCounts.empty(spec)
    if isinstance(spec, Scores):
        return ScoreCounts.empty(spec.by)
    sliced = ConfusionCounts if isinstance(spec, Confusion) else WeightedConfusionCounts
    return sliced.empty(spec.by)


def _added(parts: Iterable[Mapping[Spec, Tally]]) -> dict[Spec, Tally]:
    held = list(parts)
    if any(part.keys() != held[0].keys() for part in held):
        raise InvalidArgument("Tallies of different specs do not add up.")
    return {spec: _total([part[spec] for part in held]) for spec in held[0]} if held else {}


def _total(tallies: Sequence[Tally]) -> Tally:
    """The sum of at least one tally, by halves: each is then added to others of its size."""
    if len(tallies) == 1:
        return tallies[0]
    middle = len(tallies) // 2
    return _sum(_total(tallies[:middle]), _total(tallies[middle:]))


def _sum(first: Tally, second: Tally) -> Tally:
    if type(first) is not type(second):
        raise InvalidArgument("Tallies of different kinds do not add up.")
    return first.merge(cast(Any, second))


def _states(tallies: Mapping[Spec, Tally]) -> list[Json]:
    return [tallies[spec].state() for spec in sorted(tallies, key=spec_order)]


def _parse(raw: Mapping[str, Any]) -> TallySet:
    bucketed = "buckets" in raw
    mapping(raw, keys=("kind", "recipe", "buckets" if bucketed else "tallies"))
    recipe = raw["recipe"]
    if raw["kind"] != KIND or not isinstance(recipe, str) or not _DIGEST.fullmatch(recipe):
        raise ValueError("they are of an unknown kind, or name no recipe.")
    if not bucketed:
        return TallySet(recipe=recipe, tallies=_parse_tallies(raw["tallies"]), buckets={})
    numbered = [_parse_bucket(item) for item in sequence(raw["buckets"], longest=BUCKETS)]
    ascending([number for number, _ in numbered])
    buckets = dict(numbered)
    if not buckets:
        raise ValueError("there is no bucket.")
    tallies = TallySet.of_buckets(recipe, buckets)
    for spec in tallies.tallies:
        _bound_slices([bucket[spec] for bucket in buckets.values()])
    return tallies


def _parse_bucket(item: object) -> tuple[int, dict[Spec, Tally]]:
    raw = mapping(item, keys=("bucket", "tallies"))
    number = count(raw["bucket"])
    if number >= BUCKETS:
        raise ValueError(f"there is no bucket {number}.")
    return number, _parse_tallies(raw["tallies"])


def _parse_tallies(value: object) -> dict[Spec, Tally]:
    """Tallies in canonical order, each once and each in its canonical form."""
    items = [_parse_tally(item) for item in sequence(value, longest=SPECS_MAX)]
    ascending([spec_order(spec) for spec, _ in items])
    return dict(items)


def _parse_tally(item: object) -> tuple[Spec, Tally]:
    raw = cast(Mapping[str, Any], item) if isinstance(item, Mapping) else {}
    kind = raw.get("kind", "")
    if kind == Scores.kind:
        return _parse_scores(raw)  # in one spelling alone; to write it anew would take as long
    parse = _parse_inspected if is_inspection(kind) else _PARSERS.get(kind)
    if parse is None:
        raise ValueError("a tally is of an unknown kind.")
    spec, tally = parse(raw)
    if canonical(tally.state()) != canonical(raw):
        raise ValueError(f"a {kind} tally is in another form than the canonical one.")
    return spec, tally


def _parse_inspected(raw: Mapping[str, Any]) -> tuple[Spec, Tally]:
    tally = parse_inspected(raw)
    return tally.spec, tally


def _parse_rows(raw: Mapping[str, Any]) -> tuple[Spec, Tally]:
    return Rows(), RowCounts.from_state(raw)


def _parse_confusion(raw: Mapping[str, Any]) -> tuple[Spec, Tally]:
    tally = ConfusionCounts.from_state(raw)
    return Confusion(by=tally.by), tally


def _parse_weighted(raw: Mapping[str, Any]) -> tuple[Spec, Tally]:
    tally = WeightedConfusionCounts.from_state(raw)
    return WeightedConfusion(by=tally.by), tally


def _parse_scores(raw: Mapping[str, Any]) -> tuple[Spec, Tally]:
    tally = ScoreCounts.from_state(raw)
    return Scores(by=tally.by), tally


def _parse_pairs(raw: Mapping[str, Any]) -> tuple[Spec, Tally]:
    tally = PairCounts.from_state(raw)
    return tally.spec, tally


def _parse_score_pairs(raw: Mapping[str, Any]) -> tuple[Spec, Tally]:
    tally = ScorePairCounts.from_state(raw)
    return tally.spec, tally


_PARSERS: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[Spec, Tally]]]] = {
    Rows.kind: _parse_rows,
    Confusion.kind: _parse_confusion,
    WeightedConfusion.kind: _parse_weighted,
    Pairs.kind: _parse_pairs,
    ScorePairs.kind: _parse_score_pairs,
}


def _bound_slices(tallies: Iterable[Tally]) -> None:
    slices = sum(len(tally.slices) for tally in tallies if isinstance(tally, ScoreCounts))
    if slices > SLICES_MAX:
        raise ValueError(f"one tally of scores has {slices:,} slices, more than {SLICES_MAX:,}.")
