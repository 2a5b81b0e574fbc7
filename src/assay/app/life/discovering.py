"""Discovering: traces of models, set against what the inventory knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from assay.app.services import Services
from assay.documents.discovered import Discovered, TraceKind
from assay.evidence.canonical import Json
from assay.governance.fold import SYSTEM, VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Something in a folder that has to do with a model.

    Attributes:
        path: relative to the folder that was searched, with the folder's name.
        line: where in the file, from 1; None for the whole file.
        what: what it is.
        digest: SHA-256 (hex) of a model's file; "" for others.
        system: the system that it says it belongs to, by label or by the manifest above it.
    """

    kind: TraceKind
    path: str
    line: int | None
    what: str
    digest: str
    system: str


def discovered(services: Services, traces: Iterable[Trace]) -> Iterator[Discovered]:
    """Each trace, and whether the inventory knows it.

    A model is known by the digest of a recorded version's component; code and deployments by a
    system of the inventory that they belong to.
    """
    systems = {item.key for item in services.journal.records(SYSTEM)}
    components = {
        digest: f"{item.parent} {item.value['name']}"
        for item in services.journal.records(VERSION)
        for digest in _digests(cast(Mapping[str, Mapping[str, Json]], item.value["components"]))
    }
    for trace in traces:
        governed, why = _judged(trace, systems, components)
        place = trace.path if trace.line is None else f"{trace.path}:{trace.line}"
        yield Discovered(kind=trace.kind, place=place, what=trace.what, governed=governed, why=why)


def _judged(trace: Trace, systems: set[str], components: Mapping[str, str]) -> tuple[bool, str]:
    if trace.kind == "model":
        return _judged_model(trace, systems, components)
    if trace.system in systems:
        return True, f"belongs to system {trace.system}"
    if trace.system:
        return False, f"it names system {trace.system}, which is not in the inventory"
    if trace.kind == "deployment":
        return False, "no label assay.system says to which system it belongs"
    return False, "no assay.yaml above it says to which system it belongs"


def _judged_model(
    trace: Trace, systems: set[str], components: Mapping[str, str]
) -> tuple[bool, str]:
    known = components.get(trace.digest)
    if known is not None:
        return True, f"a component of {known}"
    if trace.system in systems:
        return False, f"system {trace.system} is known, and no recorded version has this file"
    return False, "no recorded version has this file"


def _digests(components: Mapping[str, Mapping[str, Json]]) -> Iterator[str]:
    for component in components.values():
        yield from (value for value in component.values() if isinstance(value, str))
