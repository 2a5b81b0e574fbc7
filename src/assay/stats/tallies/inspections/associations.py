"""Every column's values by label, or by the groups of a protected column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from assay.errors import InvalidArgument
from assay.stats.tallies.inspections.cells import LEVELS_MAX, ColumnCells, Level
from assay.stats.tallies.inspections.profiles import joined, named
from assay.stats.tallies.slices import level_order
from assay.stats.tallies.state import Json, ascending, columns, mapping, sequence, text


@dataclass(frozen=True, slots=True)
class Associations:
    """Ask for the values of other columns by the levels of one.

    `target` is a protected column; None is the label. `of` names the columns; none named:
    every one but the target, scores, weights and the unit.
    """

    kind: ClassVar[str] = "associations/1"
    target: str | None = None
    of: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What orders inspections of one kind: the label first."""
        return ("" if self.target is None else f"={self.target}", *self.of)

    def form(self) -> dict[str, Json]:
        """The canonical form in a recipe."""
        return {"kind": self.kind, "target": self.target, "of": list(self.of)}

    @classmethod
    def from_form(cls, raw: Mapping[str, Any]) -> Associations:
        """The inspection that `form` spells."""
        target = mapping(raw, keys=("kind", "target", "of"))["target"]
        return cls(target=None if target is None else text(target), of=columns(raw["of"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationCounts:
    """Rows by value of a column and level of the target, for each column.

    Rows whose target is missing count under the level None.
    """

    spec: Associations
    columns: Mapping[str, ColumnCells]

    @classmethod
    def empty(cls, spec: Associations) -> AssociationCounts:
        """No rows."""
        return cls(spec=spec, columns={})

    @property
    def levels(self) -> tuple[Level, ...]:
        """The target's levels that occur, a missing one first."""
        found = {(level,) for cells in self.columns.values() for level in cells.levels}
        return tuple(level for (level,) in sorted(found, key=level_order))

    def merge(self, other: AssociationCounts) -> AssociationCounts:
        """Add two sets of rows; associative and commutative to the byte.

        Raises:
            InvalidArgument: the two are of different targets or columns.
        """
        if self.spec != other.spec:
            raise InvalidArgument("Values by different targets do not add up.")
        return AssociationCounts(spec=self.spec, columns=joined(self.columns, other.columns))

    def state(self) -> Json:
        """The canonical form."""
        levels = self.levels
        return {
            **self.spec.form(),
            "levels": list(levels),
            "columns": [
                {"column": name, **self.columns[name].state(levels)}
                for name in sorted(self.columns)
            ],
        }

    @classmethod
    def from_state(cls, state: object) -> AssociationCounts:
        """The counts that `state` spells; raises MalformedTally."""
        raw = mapping(state, keys=("kind", "target", "of", "levels", "columns"))
        items = sequence(raw["levels"], longest=LEVELS_MAX)
        levels = tuple(None if item is None else text(item) for item in items)
        ascending([level_order((level,)) for level in levels])
        return cls(
            spec=Associations.from_form({key: raw[key] for key in ("kind", "target", "of")}),
            columns={
                name: ColumnCells.from_state(item, levels)
                for name, item in named(raw["columns"]).items()
            },
        )
