"""Rows that occur more than once, in one file or in two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from assay.errors import InvalidArgument
from assay.stats.tallies.state import Json, MalformedTally, columns, count, mapping


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Ask how many rows equal an earlier one in these columns (none named: in every column)."""

    kind: ClassVar[str] = "duplicates/1"
    on: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What orders inspections of one kind."""
        return self.on

    def form(self) -> dict[str, Json]:
        """The canonical form in a recipe."""
        return {"kind": self.kind, "on": list(self.on)}

    @classmethod
    def from_form(cls, raw: Mapping[str, Any]) -> Duplicates:
        """The inspection that `form` spells."""
        return cls(on=columns(mapping(raw, keys=("kind", "on"))["on"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCounts:
    """Rows read, and how many of them equal an earlier one.

    Parts add up only if equal rows are always in the same part, as rows of one unit are in
    the same bucket: two files are to be counted as one.
    """

    on: tuple[str, ...]
    rows: int
    repeated: int

    @classmethod
    def empty(cls, spec: Duplicates) -> DuplicateCounts:
        """No rows."""
        return cls(on=spec.on, rows=0, repeated=0)

    def merge(self, other: DuplicateCounts) -> DuplicateCounts:
        """Add two sets of rows that share no row.

        Raises:
            InvalidArgument: the two compare different columns.
        """
        if self.on != other.on:
            raise InvalidArgument("Rows that were compared in other columns do not add up.")
        return DuplicateCounts(
            on=self.on, rows=self.rows + other.rows, repeated=self.repeated + other.repeated
        )

    def state(self) -> Json:
        """The canonical form."""
        form = Duplicates(on=self.on).form()
        return {**form, "rows": self.rows, "repeated": self.repeated}

    @classmethod
    def from_state(cls, state: object) -> DuplicateCounts:
        """The counts that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=("kind", "on", "rows", "repeated"))
        found = cls(on=columns(raw["on"]), rows=count(raw["rows"]), repeated=count(raw["repeated"]))
        if found.repeated > found.rows:
            raise MalformedTally("More rows are repeated than were read.")
        return found

    @property
    def spec(self) -> Duplicates:
        """What asks for it."""
        return Duplicates(on=self.on)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ask how many rows of the evaluation data occur in the training data.

    They are compared in these columns; none named: in all that both files have, but for the
    columns of scores and weights. With `units` they are compared in the unit alone.
    """

    kind: ClassVar[str] = "overlap/1"
    on: tuple[str, ...] = ()
    units: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What orders inspections of one kind."""
        return ("units" if self.units else "", *self.on)

    def form(self) -> dict[str, Json]:
        """The canonical form in a recipe."""
        return {"kind": self.kind, "on": list(self.on), "units": self.units}

    @classmethod
    def from_form(cls, raw: Mapping[str, Any]) -> Overlap:
        """The inspection that `form` spells."""
        mapping(raw, keys=("kind", "on", "units"))
        return cls(on=columns(raw["on"]), units=raw["units"] is True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapCounts:
    """Rows of the evaluation data, and how many of them occur in the training data.

    Attributes:
        spec: as the inspection asks.
        compared: the columns that were compared, in the order of the evaluation file; none
            where the files share none.
        rows: rows of the evaluation data; of units, those that have one.
        shared: those that occur in the training data.
    """

    spec: Overlap
    compared: tuple[str, ...]
    rows: int
    shared: int

    @classmethod
    def empty(cls, spec: Overlap) -> OverlapCounts:
        """No rows."""
        return cls(spec=spec, compared=(), rows=0, shared=0)

    def merge(self, other: OverlapCounts) -> OverlapCounts:
        """Add two sets of rows compared with the same training data; exact to the byte.

        Raises:
            InvalidArgument: the two compare different columns.
        """
        if not (self.rows and other.rows):
            return self if self.rows else other
        if (self.spec, self.compared) != (other.spec, other.compared):
            raise InvalidArgument("Rows that were compared in other columns do not add up.")
        return OverlapCounts(
            spec=self.spec,
            compared=self.compared,
            rows=self.rows + other.rows,
            shared=self.shared + other.shared,
        )

    def state(self) -> Json:
        """The canonical form."""
        return {
            **self.spec.form(),
            "compared": list(self.compared),
            "rows": self.rows,
            "shared": self.shared,
        }

    @classmethod
    def from_state(cls, state: object) -> OverlapCounts:
        """The counts that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=("kind", "on", "units", "compared", "rows", "shared"))
        found = cls(
            spec=Overlap.from_form({key: raw[key] for key in ("kind", "on", "units")}),
            compared=columns(raw["compared"]),
            rows=count(raw["rows"]),
            shared=count(raw["shared"]),
        )
        if found.shared > found.rows:
            raise MalformedTally("More rows are shared than were read.")
        return found
