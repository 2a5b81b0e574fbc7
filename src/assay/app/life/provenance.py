"""Stating where a version comes from: what trained it, out of what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from assay.app.judging.replay import version_of
from assay.app.log.recording import Change, record, store_statement
from assay.app.people.access import require
from assay.app.people.people import acting
from assay.app.services import Services
from assay.evidence.canonical import Json
from assay.evidence.statements import Resource, provenance_payload, subjects
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import Record
from assay.governance.versions import MODEL

_ALGORITHMS: Final = {"sha256": "sha256", "oms": "sha256", "git": "gitCommit"}
"""How in-toto calls the digests by which components are pinned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A run that made a model, as whoever ran it declares.

    Attributes:
        builder: URI of what ran it, such as a workflow of a CI system.
        invocation: which run of it; "" if it has no name.
        parameters: what it was started with.
        started: when; None if that is not told.
        finished: when; None if that is not told.
    """

    builder: str
    invocation: str = ""
    parameters: Mapping[str, str]
    started: datetime | None = None
    finished: datetime | None = None


def state_provenance(services: Services, version: Record, training: Training, *, actor: str) -> str:
    """Sign and record where a version comes from.

    What it was made out of is what the version names besides the model: data, code,
    environment and configuration, each by digest.

    Args:
        services: the workspace.
        version: the version's record.
        training: the run, as declared.
        actor: who states it.

    Returns:
        The statement's id.

    Raises:
        Refused: they may not, or somebody changed the version meanwhile.
    """
    person, now = acting(services, actor), services.clock.now()
    require(services, person.id, Permission.VERSION_GATE)
    known = version_of(version)
    payload = provenance_payload(
        subjects=subjects(known.digest, known.model_digest),
        parameters=training.parameters,
        dependencies=_dependencies(known.components),
        builder=training.builder,
        invocation=training.invocation,
        started=training.started,
        finished=training.finished,
    )
    digests = store_statement(services, payload)
    subject = f"version/{version.key}"
    stated = Change(
        type=events.PROVENANCE_STATED,
        subject=subject,
        body={"system": version.parent, "version": known.digest, "builder": training.builder},
        digests=digests,
    )
    record(
        services,
        [*person.introduction, stated],
        actor=person.id,
        at=now,
        expected={subject: services.journal.revision(subject)},
    )
    return digests["statement"]


def _dependencies(components: Mapping[str, Mapping[str, Json]]) -> list[Resource]:
    return [
        Resource(name=name, digest=digest)
        for name, pin in sorted(components.items())
        if name != MODEL and (digest := _digest(pin))
    ]


def _digest(pin: Mapping[str, Json]) -> dict[str, str]:
    return {
        algorithm: cast(str, pin[kind]) for kind, algorithm in _ALGORITHMS.items() if kind in pin
    }
