"""The inventory and a version's lineage, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from assay.documents.visible import visible
from assay.evidence.canonical import Json
from assay.evidence.instants import instant_text
from assay.governance.versions import SHORT

INVENTORY: Final = "assay.inventory/1"
LINEAGE: Final = "assay.lineage/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVersion:
    """A version that has left development and is not retired."""

    digest: str
    name: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemLine:
    """A system in the inventory.

    Attributes:
        status: "active" or "retired".
        owner: who is accountable; "" once the name is erased. So are the two after it.
        outcome: of the latest decision on any of its versions; "" before the first.
        advanced: versions that have left development.
        unknown_uses: what it uses that the inventory does not know.
        exposures: the legal classes that it is in, by id, those of what it uses included.
        review_due: when it is to be reviewed; None where nobody has said.
        counts: over its life, how many emergencies, waivers, overrides and breaches.
    """

    system: str
    status: str
    tier: str
    tier_source: str
    purpose: str
    owner: str
    responsible: str
    on_call: str
    versions: int
    latest: str
    outcome: str
    advanced: tuple[LiveVersion, ...]
    uses: tuple[str, ...]
    unknown_uses: tuple[str, ...]
    exposures: tuple[str, ...]
    review_due: datetime | None
    overdue: bool
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLine:
    """A model, a service or a dataset that others make."""

    asset: str
    kind: str
    owner: str
    purpose: str
    uses: tuple[str, ...]
    exposures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetLine:
    """Data that versions were trained or judged on, and how many were."""

    digest: str
    role: str
    versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Everything that is known at an instant."""

    at: datetime
    systems: tuple[SystemLine, ...]
    assets: tuple[AssetLine, ...]
    datasets: tuple[DatasetLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened to a version."""

    index: int
    at: datetime
    what: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A version, what it is made of, what its system uses, and what happened to it."""

    system: str
    name: str
    digest: str
    stage: str
    author: str
    components: Mapping[str, Mapping[str, Json]]
    uses: tuple[str, ...]
    steps: tuple[Step, ...]


def render_inventory(found: Inventory) -> str:
    """Systems with what stands of each, then what others make, then data."""
    if not found.systems and not found.assets:
        return "The inventory is empty. `assay gate` and `assay inventory add` fill it.\n"
    lines = [line for item in found.systems for line in _system(item)]
    if found.assets:
        lines += ["", "Made by others"]
        lines += [
            f"  {item.asset}  {item.kind}  {visible(item.owner)}: {visible(item.purpose)}"
            + (f"  ({', '.join(item.exposures)})" if item.exposures else "")
            for item in found.assets
        ]
    if found.datasets:
        lines += ["", "Data"]
        lines += [
            f"  {item.digest[:SHORT]}  {item.role:<10}  {item.versions} "
            + ("version" if item.versions == 1 else "versions")
            for item in found.datasets
        ]
    lines += ["", f"As of {instant_text(found.at)[:16].replace('T', ' ')} UTC."]
    return "\n".join(lines) + "\n"


def inventory_json(found: Inventory) -> str:
    """The inventory as JSON, schema `assay.inventory/1`."""
    return _json({"schema": INVENTORY, **asdict(found)})


def render_lineage(found: Lineage) -> str:
    """A version from its components to its last step."""
    lines = [
        f"{found.system} {visible(found.name)}   {found.digest}",
        f"  stage {found.stage}, made by {visible(found.author)}",
        "",
        "Made of",
    ]
    for name, component in sorted(found.components.items()):
        told = ", ".join(f"{key} {value}" for key, value in component.items())
        lines.append(f"  {name}: {visible(told)}")
    if found.uses:
        lines += ["", f"Its system uses: {', '.join(found.uses)}"]
    lines += ["", "What happened"]
    lines += [
        f"  {item.index:>6}  {item.at:%Y-%m-%d %H:%M}  {item.what}, by {visible(item.person)}"
        for item in found.steps
    ]
    return "\n".join(lines) + "\n"


def lineage_json(found: Lineage) -> str:
    """The lineage as JSON, schema `assay.lineage/1`."""
    return _json({"schema": LINEAGE, **asdict(found)})


def _system(item: SystemLine) -> Iterator[str]:
    told = f", last decision {item.outcome}" if item.outcome else ""
    yield (
        f"{item.system}  tier {item.tier} ({item.tier_source})  {item.status}, "
        f"{item.versions} {'version' if item.versions == 1 else 'versions'}{told}"
    )
    if item.purpose:
        yield f"  {visible(item.purpose)}"
    people = {"owner": item.owner, "responsible": item.responsible, "on call": item.on_call}
    yield "  " + ", ".join(f"{role} {visible(name) or '(erased)'}" for role, name in people.items())
    for version in item.advanced:
        yield f"  {version.stage}: {visible(version.name)} ({version.digest[:SHORT]})"
    if item.uses:
        unknown = f"; not in the inventory: {', '.join(item.unknown_uses)}"
        yield f"  uses {', '.join(item.uses)}{unknown if item.unknown_uses else ''}"
    if item.exposures:
        yield f"  legal classes: {', '.join(item.exposures)}"
    if any(item.counts.values()):
        counts = (f"{number} {name}" for name, number in item.counts.items() if number)
        yield f"  so far: {', '.join(counts)}"
    if item.review_due is not None:
        word = "review overdue since" if item.overdue else "review due on"
        yield f"  {word} {item.review_due:%Y-%m-%d}"


def _json(document: dict[str, Any]) -> str:
    def plain(value: object) -> str:
        return instant_text(value) if isinstance(value, datetime) else str(value)

    return json.dumps(document, indent=2, ensure_ascii=False, default=plain) + "\n"
