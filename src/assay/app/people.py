"""People: opaque ids in the journal, names in erasable blobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from assay.app.recording import Change
from assay.app.services import Services
from assay.errors import VerificationFailed
from assay.evidence.canonical import canonical
from assay.governance import events
from assay.governance.events import PersonId
from assay.governance.fold import PERSON, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone known here, and the change that introduces them if they are new."""

    id: PersonId
    name: str
    introduction: tuple[Change, ...]


def person_named(services: Services, name: str) -> Person:
    """The person of that name, or a new one with an id that says nothing about them."""
    for known in services.journal.records(PERSON):
        if _profile_name(services, known) == name:
            return Person(id=PersonId(known.key), name=name, introduction=())
    person = PersonId(services.random_bytes(8).hex())
    salt = services.random_bytes(16).hex()
    profile = services.blobs.put(canonical({"salt": salt, "name": name}))
    introduction = Change(
        type=events.PERSON_REGISTERED,
        subject=f"person/{person}",
        body={"person": person, "asserted": not services.separation_verified},
        digests={"profile": profile},
    )
    return Person(id=person, name=name, introduction=(introduction,))


def name_of(services: Services, person: str) -> str:
    """The person's name, or their id once the name has been erased."""
    known = services.journal.record(PERSON, person)
    return (_profile_name(services, known) if known else None) or person


def private_text(services: Services, digest: str) -> str:
    """A text that someone wrote, or "(erased)" once it is gone."""
    try:
        text = json.loads(services.blobs.get(digest)).get("text")
    except VerificationFailed:
        return "(erased)"
    return text if isinstance(text, str) else "(erased)"


def _profile_name(services: Services, known: Record) -> str | None:
    digests = cast(Mapping[str, str], known.value["digests"])
    try:
        profile = json.loads(services.blobs.get(digests["profile"]))
    except VerificationFailed:
        return None
    name = profile.get("name")
    return name if isinstance(name, str) else None
