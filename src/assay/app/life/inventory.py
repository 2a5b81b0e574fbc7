"""The inventory: systems, what they use, who answers for them, and what stands of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from assay.app.judging.standing import instant_of
from assay.app.life.declaring import profile, profile_of, uses_of
from assay.app.log.recording import Change, record, store_private_text
from assay.app.people.access import require, require_bearer
from assay.app.people.people import acting, name_of
from assay.app.services import Services
from assay.documents.inventory import (
    AssetLine,
    DatasetLine,
    Inventory,
    Lineage,
    LiveVersion,
    Step,
    SystemLine,
)
from assay.errors import Refused, suggest
from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import (
    APPROVAL,
    ASSET,
    ATTESTATION,
    BREACH,
    COMMENT,
    DECISION,
    EMERGENCY,
    EVIDENCE,
    FINDING,
    INTAKE,
    MOVE,
    PORTFOLIO,
    REVIEW,
    SYSTEM,
    VERSION,
    WAIVER,
    Record,
)
from assay.governance.records import read_version
from assay.governance.versions import SHORT

Kind = Literal["dataset", "model", "service"]
"""What others make and systems use."""


COUNTED: Final = ("emergencies", "waivers", "overrides", "breaches")
"""What is counted over a system's life, by its name in the portfolio's line."""


class InventoryRefused(Refused):
    """The inventory does not know this, or cannot take it in."""

    code = "inventory.refused"


def declare_asset(
    services: Services,
    *,
    actor: str,
    asset: str,
    kind: Kind,
    owner: str,
    purpose: str,
    uses: Sequence[str] = (),
    exposures: Sequence[str] = (),
) -> int:
    """Take in a model, a service or a dataset that others make; the index of the entry.

    Args:
        services: the workspace.
        actor: the name of who declares it.
        asset: its id, which systems name under `uses`.
        kind: what it is.
        owner: who answers for it here.
        purpose: what it is used for.
        uses: ids of what it uses itself.
        exposures: the legal classes that it puts those in who use it, by id.

    Raises:
        InventoryRefused: a system has that id, or it would use itself.
    """
    person = acting(services, actor)
    require(services, person.id, Permission.INVENTORY_DECLARE)
    if services.journal.record(SYSTEM, asset) is not None:
        raise InventoryRefused(f"A system is called {asset!r}.", remedy="Choose another id.")
    if asset in reached(services, uses, at=None):
        raise InventoryRefused(
            f"{asset!r} would use itself.", remedy="Take it out of what it uses."
        )
    declared = Change(
        type=events.ASSET_DECLARED,
        subject=f"asset/{asset}",
        body={"asset": asset, "kind": kind, "uses": list(uses), "exposures": sorted(exposures)},
        digests={"profile": profile(services, {"owner": owner, "purpose": purpose})},
    )
    return record(
        services,
        [*person.introduction, declared],
        actor=person.id,
        at=services.clock.now(),
        expected={declared.subject: services.journal.revision(declared.subject)},
    )[-1]


def review_system(services: Services, system: str, *, actor: str, reason: str) -> int:
    """Say that a system has been reviewed today; the index of the entry.

    Raises:
        InventoryRefused: there is no such system.
    """
    person = acting(services, actor)
    require(services, person.id, Permission.COMMENT_ADD)
    _system(services, system, at=None)
    reviewed = Change(
        type=events.SYSTEM_REVIEWED,
        subject=f"system/{system}",
        body={"system": system},
        digests={"reason": store_private_text(services, reason)},
    )
    return record(
        services,
        [*person.introduction, reviewed],
        actor=person.id,
        at=services.clock.now(),
        expected={},
    )[-1]


def inventory(services: Services, *, at: datetime | None = None) -> Inventory:
    """Everything that is known, now or as it was at an instant."""
    require_bearer(services, Permission.RECORD_READ)
    now = at or services.clock.now()
    index = None if at is None else services.journal.index_at(at)
    lines = {item.key: item for item in services.journal.records(PORTFOLIO, at=index)}
    systems = [
        _system_line(services, item, lines.get(item.key), now=now, at=index)
        for item in services.journal.records(SYSTEM, at=index)
    ]
    return Inventory(
        at=now,
        systems=tuple(systems),
        assets=tuple(_assets(services, index)),
        datasets=tuple(_datasets(services, index)),
    )


def lineage(services: Services, version: Record, *, at: datetime | None = None) -> Lineage:
    """From a version back to data, code, configuration, environment and people."""
    require_bearer(services, Permission.RECORD_READ)
    index = None if at is None else services.journal.index_at(at)
    found = read_version(services.journal, version.key, at=index)
    if found is None:
        raise InventoryRefused(
            f"Version {version.value['name']} was not registered then.",
            remedy="Ask for a later time.",
        )
    return Lineage(
        system=found.parent,
        name=cast(str, found.value["name"]),
        digest=cast(str, found.value["version"]),
        stage=cast(str, found.value["stage"]),
        author=name_of(services, cast(str, found.value["author"])),
        components=cast(Mapping[str, Mapping[str, Json]], found.value["components"]),
        uses=tuple(
            sorted(reached(services, uses_of(_record_of(services, found.parent, index)), at=index))
        ),
        steps=tuple(_steps(services, found, index)),
    )


def reached(services: Services, uses: Sequence[str], *, at: int | None) -> set[str]:
    """Everything that is used, directly or by way of something else."""
    found: set[str] = set()
    todo = list(uses)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += uses_of(_record_of(services, name, at))
    return found


def exposures_of(services: Services, system: str, *, at: int | None) -> tuple[str, ...]:
    """The legal classes that a system is in, by its own answers and by what it uses."""
    own = {system, *reached(services, uses_of(_record_of(services, system, at)), at=at)}
    found: set[str] = set()
    for name in own:
        for kind in (INTAKE, ASSET):
            record = services.journal.record(kind, name, at=at)
            found.update(cast(list[str], record.value["exposures"]) if record else ())
    return tuple(sorted(found))


def _record_of(services: Services, name: str, at: int | None) -> Record | None:
    return services.journal.record(SYSTEM, name, at=at) or services.journal.record(
        ASSET, name, at=at
    )


def _system(services: Services, name: str, at: int | None) -> Record:
    found = services.journal.record(SYSTEM, name, at=at)
    if found is None:
        known = [item.key for item in services.journal.records(SYSTEM, at=at)]
        raise InventoryRefused(
            f"There is no system {name!r}.",
            remedy=suggest(name, known, otherwise="`assay inventory` lists those that are known."),
        )
    return found


def _system_line(
    services: Services, system: Record, line: Record | None, *, now: datetime, at: int | None
) -> SystemLine:
    people = profile_of(services, system)
    advanced = cast(Mapping[str, Mapping[str, str]], line.value["advanced"] if line else {})
    unknown = [name for name in uses_of(system) if _record_of(services, name, at) is None]
    return SystemLine(
        system=system.key,
        status=cast(str, system.value.get("status", "active")),
        tier=cast(str, system.value["tier"]),
        tier_source=cast(str, system.value["tier_source"]),
        purpose=people.get("purpose", ""),
        owner=people.get("owner", ""),
        responsible=people.get("responsible", people.get("owner", "")),
        on_call=people.get("on_call", people.get("owner", "")),
        versions=cast(int, line.value["versions"]) if line else 0,
        latest=cast(str, line.value["latest"]) if line else "",
        outcome=cast(str, line.value.get("outcome", "")) if line else "",
        advanced=tuple(
            LiveVersion(digest=digest, name=item["name"], stage=item["stage"])
            for digest, item in sorted(advanced.items())
        ),
        uses=uses_of(system),
        unknown_uses=tuple(unknown),
        exposures=exposures_of(services, system.key, at=at),
        review_due=review_due(system),
        overdue=(due := review_due(system)) is not None and due <= now,
        counts={name: cast(int, line.value.get(name, 0)) if line else 0 for name in COUNTED},
    )


def review_due(system: Record) -> datetime | None:
    """When a system is to be reviewed next; None where nobody has said how often."""
    days = system.value.get("review_days")
    if not isinstance(days, int):
        return None
    last = "reviewed_at" if "reviewed_at" in system.value else "time"
    return instant_of(system.value, last) + timedelta(days=days)


def _assets(services: Services, at: int | None) -> Iterator[AssetLine]:
    for item in services.journal.records(ASSET, at=at):
        people = profile_of(services, item)
        yield AssetLine(
            asset=item.key,
            kind=cast(str, item.value["kind"]),
            owner=people.get("owner", ""),
            purpose=people.get("purpose", ""),
            uses=uses_of(item),
            exposures=tuple(cast(list[str], item.value["exposures"])),
        )


def _datasets(services: Services, at: int | None) -> Iterator[DatasetLine]:
    """Data that versions were trained or judged on, by digest, and by how many."""
    used: dict[tuple[str, str], set[str]] = {}
    for item in services.journal.records(EVIDENCE, at=at):
        used.setdefault((cast(str, item.value["dataset"]), "evaluation"), set()).add(item.parent)
    for item in services.journal.records(VERSION, at=at):
        components = cast(Mapping[str, Mapping[str, str]], item.value["components"])
        training = components.get("training_data")
        if training and "sha256" in training:
            used.setdefault((training["sha256"], "training"), set()).add(item.key)
    for (digest, role), versions in sorted(used.items()):
        yield DatasetLine(digest=digest, role=role, versions=len(versions))


def _steps(services: Services, version: Record, at: int | None) -> Iterator[Step]:
    """What happened to a version, in order, and who did it."""
    journal = services.journal
    own = [item for kind in _TOLD for item in journal.records(kind, parent=version.key, at=at)]
    shared = [
        item
        for kind in (WAIVER, FINDING)
        for item in journal.records(kind, parent=version.parent, at=at)
        if item.value["version"] in ("", version.value["version"])
    ]
    for item in sorted([*own, *shared], key=lambda each: cast(int, each.value["index"])):
        yield Step(
            index=cast(int, item.value["index"]),
            at=instant_of(item.value, "time"),
            what=_TOLD.get(item.kind, _SHARED.get(item.kind, str))(item.value),
            person=name_of(services, cast(str, item.value["actor"])),
        )


_Told = Callable[[Mapping[str, Json]], str]

_TOLD: Final[Mapping[str, _Told]] = {
    EVIDENCE: lambda value: f"evaluated on data {str(value['dataset'])[:SHORT]}",
    DECISION: lambda value: f"decided: {value['outcome']}",
    APPROVAL: lambda value: f"approved as {value['role']}",
    ATTESTATION: lambda value: f"attested {value['requirement']}",
    REVIEW: lambda value: f"{str(value['kind']).replace('_', ' ')}, as {value['role']}",
    COMMENT: lambda _: "commented on",
    EMERGENCY: lambda value: f"emergency promotion to {value['stage']} asked for",
    MOVE: lambda value: f"moved to {value['stage']}",
    BREACH: lambda value: f"found in breach: live, and decided {value['outcome']}",
}
"""What happened, in words, by the kind of record below a version."""

_SHARED: Final[Mapping[str, _Told]] = {
    WAIVER: lambda value: f"waiver of {value['requirement']} asked for; {value['state']} since",
    FINDING: lambda value: f"finding raised, {value['severity']}; {value['state']} since",
}
"""The same, of records below its system."""
