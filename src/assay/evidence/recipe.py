"""The recipe: what one pass over one dataset counts, by which columns, in which bands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, cast

from assay.errors import ConfigurationError, VerificationFailed, suggest
from assay.evidence.canonical import Json, canonical, digest, parse_object
from assay.evidence.roles import (
    ColumnRoles,
    DecisionRule,
    Label,
    Protected,
    decimal_text,
    parse_roles,
    roles_form,
)
from assay.stats.tallies import (
    STEPS_BY_GROUP,
    Confusion,
    Inspection,
    Pairs,
    Rows,
    ScorePairs,
    Scores,
    Spec,
    WeightedConfusion,
)
from assay.stats.tallies.inspections import (
    Associations,
    Overlap,
    is_inspection,
    parse_inspection,
)
from assay.stats.tallies.pairs import parse_against
from assay.stats.tallies.state import MalformedTally, columns, mapping, sequence

KIND: Final = "assay.recipe/1"

FULL_INTERSECTION_COLUMNS_MAX: Final = 4
"""Protected columns up to which the base recipe counts all of them crossed."""

SPECS_MAX: Final = 10_000
RECIPE_BYTES_MAX: Final = 4 << 20


class UnknownSliceColumn(ConfigurationError):
    """A check asks for groups by a column that the manifest does not declare as protected."""

    code = "recipe.unknown-column"


class MalformedRecipe(VerificationFailed):
    """Bytes are not a recipe in canonical form."""

    code = "recipe.malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Column roles and the tallies to fill, deduplicated, in canonical order."""

    roles: ColumnRoles
    specs: tuple[Spec, ...]

    def canonical(self) -> Json:
        """The canonical form; decimals are text without exponent or trailing zeros."""
        return {
            "kind": KIND,
            "roles": roles_form(self.roles),
            "tallies": [_spec_form(spec, self.roles) for spec in self.specs],
        }

    def to_bytes(self) -> bytes:
        """The canonical form as RFC 8785 JSON."""
        return canonical(self.canonical())

    @classmethod
    def from_bytes(cls, data: bytes) -> Recipe:
        """The recipe that `to_bytes` wrote.

        Raises:
            MalformedRecipe: the bytes are not a recipe in canonical form.
        """
        if len(data) > RECIPE_BYTES_MAX:
            raise MalformedRecipe(f"A recipe of {len(data):,} bytes is too large.")
        try:
            recipe = _parse(parse_object(data))
            written = recipe.to_bytes()
        except (TypeError, ValueError, MalformedTally) as error:
            raise MalformedRecipe(f"The bytes are not a recipe: {error}") from error
        if recipe.specs != _ordered(recipe.specs) or written != data:
            raise MalformedRecipe("The bytes are a recipe in another form than the canonical one.")
        return recipe

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical bytes."""
        return digest(self.to_bytes())


def base_recipe(roles: ColumnRoles) -> tuple[Spec, ...]:
    """What is always collected for a binary classifier, so tomorrow's policy finds evidence.

    Rows; decisions overall, by each protected column, by each pair and, of at most
    FULL_INTERSECTION_COLUMNS_MAX columns, by all; scores overall and by each column. Where
    another version scored the rows too, both decisions overall and by each column, and both
    scores overall.
    """
    names = tuple(item.column for item in roles.protected)
    singles: list[tuple[str, ...]] = [(), *((name,) for name in names)]
    crossed: list[tuple[str, ...]] = list(combinations(names, 2))
    if len(names) <= FULL_INTERSECTION_COLUMNS_MAX:
        crossed.append(names)
    return _ordered(
        [
            Rows(),
            *(Confusion(by=by) for by in singles + crossed),
            *(Scores(by=by) for by in singles),
            *(Pairs(against=against, by=by) for against in roles.others for by in singles),
            *(ScorePairs(against=against) for against in roles.others),
        ]
    )


def recipe_for(roles: ColumnRoles, needs: Iterable[Spec]) -> Recipe:
    """The base recipe and everything that checks need besides, each once, in canonical order.

    A comparison with a version that did not score the rows, or of units where none are
    declared, is left out: there is nothing to count, and its checks say so.

    Raises:
        UnknownSliceColumn: a need groups by a column that is not protected, or by one twice.
    """
    wanted = [need for need in needs if _countable(need, roles)]
    known = [item.column for item in roles.protected]
    for by in map(_by, wanted):
        for column in by:
            if column not in known or by.count(column) > 1:
                raise _unknown(column, known)
    specs = [*base_recipe(roles), *wanted]
    if roles.weight is not None and roles.weight.sampled:
        specs = [weighted for spec in specs for weighted in _weighted(spec)]
    return Recipe(roles=roles, specs=_ordered(specs))


def _countable(need: Spec, roles: ColumnRoles) -> bool:
    if isinstance(need, Pairs | ScorePairs):
        return need.against in roles.others
    return not (isinstance(need, Overlap) and need.units and roles.unit is None)


def steps_of(spec: Scores, roles: ColumnRoles) -> int:
    """Steps within each halving for scores: coarse everywhere once rows share units."""
    return spec.steps if roles.unit is None else STEPS_BY_GROUP


def spec_order(spec: Spec) -> tuple[str, tuple[str, ...], str]:
    """The canonical order of tallies."""
    other = spec.against if isinstance(spec, Pairs | ScorePairs) else ""
    return spec.kind, spec.key if isinstance(spec, Inspection) else _by(spec), other


def _weighted(spec: Spec) -> list[Spec]:
    """What sampling weights make of a tally: rates have weighted sums, nothing else has."""
    if isinstance(spec, Confusion):
        return [WeightedConfusion(by=spec.by)]
    return [spec] if isinstance(spec, Rows | Inspection) else []


def _ordered(specs: Iterable[Spec]) -> tuple[Spec, ...]:
    return tuple(sorted(set(specs), key=spec_order))


def _by(spec: Spec) -> tuple[str, ...]:
    if isinstance(spec, Associations):
        return () if spec.target is None else (spec.target,)
    return () if isinstance(spec, Rows | ScorePairs | Inspection) else spec.by


def _unknown(column: str, known: list[str]) -> UnknownSliceColumn:
    return UnknownSliceColumn(
        f"A check groups by {column!r}, which is no protected column, or is named twice.",
        remedy=suggest(
            column,
            known,
            otherwise=f"Protected columns are: {', '.join(known) or 'none'}; they are declared "
            "under data.evaluation.protected.",
        ),
    )


def _spec_form(spec: Spec, roles: ColumnRoles) -> dict[str, Json]:
    if isinstance(spec, Inspection):
        return spec.form()
    if isinstance(spec, Rows):
        return {"kind": spec.kind}
    if isinstance(spec, Confusion | WeightedConfusion):
        return {"kind": spec.kind, "by": list(spec.by)}
    if isinstance(spec, Pairs):
        return {"kind": spec.kind, "against": spec.against, "by": list(spec.by)}
    if isinstance(spec, ScorePairs):
        return {"kind": spec.kind, "against": spec.against}
    return {"kind": spec.kind, "by": list(spec.by), "steps": steps_of(spec, roles)}


def _parse(raw: Mapping[str, Any]) -> Recipe:
    mapping(raw, keys=("kind", "roles", "tallies"))
    if raw["kind"] != KIND:
        raise ValueError(f"its kind is not {KIND}.")
    items = sequence(raw["tallies"], longest=SPECS_MAX)
    return Recipe(roles=parse_roles(raw["roles"]), specs=tuple(map(_parse_spec, items)))


def _parse_spec(raw: object) -> Spec:
    kind = cast(Mapping[str, Any], raw).get("kind") if isinstance(raw, Mapping) else None
    if kind in {Pairs.kind, ScorePairs.kind}:
        return _parse_paired(raw)
    if kind == Rows.kind:
        mapping(raw, keys=("kind",))
        return Rows()
    if kind == Confusion.kind:
        return Confusion(by=columns(mapping(raw, keys=("kind", "by"))["by"]))
    if kind == WeightedConfusion.kind:
        return WeightedConfusion(by=columns(mapping(raw, keys=("kind", "by"))["by"]))
    if kind == Scores.kind:
        return Scores(by=columns(mapping(raw, keys=("kind", "by", "steps"))["by"]))
    return _parse_inspection(raw)


def _parse_paired(raw: object) -> Spec:
    item = cast(Mapping[str, Any], raw)
    if item["kind"] == ScorePairs.kind:
        mapping(item, keys=("kind", "against"))
        return ScorePairs(against=parse_against(item["against"]))
    mapping(item, keys=("kind", "against", "by"))
    return Pairs(against=parse_against(item["against"]), by=columns(item["by"]))


def _parse_inspection(raw: object) -> Spec:
    if not isinstance(raw, Mapping) or not is_inspection(raw.get("kind")):
        raise ValueError("a tally is of an unknown kind.")
    return parse_inspection(raw)


__all__ = [
    "ColumnRoles",
    "DecisionRule",
    "Label",
    "MalformedRecipe",
    "Protected",
    "Recipe",
    "UnknownSliceColumn",
    "base_recipe",
    "decimal_text",
    "recipe_for",
    "spec_order",
    "steps_of",
]
