"""People: opaque ids in the journal, names in erasable blobs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from assay.app.log.recording import Change
from assay.app.services import Services
from assay.errors import VerificationFailed
from assay.evidence.canonical import canonical
from assay.governance import events
from assay.governance.events import PersonId
from assay.governance.fold import PERSON, Record
from assay.governance.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone known here, and the change that introduces them if they are new."""

    id: PersonId
    name: str
    introduction: tuple[Change, ...]


def acting(services: Services, name: str) -> Person:
    """Who acts: the bearer of the token that was given, or else the person of that name."""
    bearer = services.bearer
    if bearer is not None:
        return Person(id=bearer.person, name=bearer.name, introduction=())
    return person_named(services, name)


def person_named(services: Services, name: str) -> Person:
    """The person of that name, or a new one with an id that says nothing about them.

    One address is one person, however the name before it is spelled, and so are two accounts
    that an administrator has joined.
    """
    wanted = _identity(name)
    for known in services.journal.records(PERSON):
        spelled = _profile_name(services, known)
        if spelled is not None and _identity(spelled) == wanted:
            return Person(id=person_behind(services.journal, known.key), name=name, introduction=())
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


def other_person(services: Services, name: str, *, than: Person) -> Person:
    """The person of that name, who may be the one who acts, and new like them."""
    return than if _identity(name) == _identity(than.name) else person_named(services, name)


def introductions(*people: Person) -> list[Change]:
    """What introduces some people, each once."""
    once = {person.id: person for person in people}
    return [change for person in once.values() for change in person.introduction]


def person_behind(records: Records, person: str, *, at: int | None = None) -> PersonId:
    """The person whose account it is, after every joining of accounts.

    Args:
        records: where people are read.
        person: an opaque id.
        at: only what was known before the event of this index.
    """
    seen = {person}
    while (known := records.record(PERSON, person, at=at)) is not None:
        other = known.value.get("same_as")
        if not isinstance(other, str) or other in seen:
            break
        seen.add(other)
        person = other
    return PersonId(person)


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


def _identity(name: str) -> str:
    """What tells people apart: the address in angle brackets, or else the whole name."""
    address = re.search(r"<([^<>]+)>\s*$", name)
    return (address[1] if address else name).strip().casefold()


def _profile_name(services: Services, known: Record) -> str | None:
    digests = cast(Mapping[str, str], known.value["digests"])
    try:
        profile = json.loads(services.blobs.get(digests["profile"]))
    except VerificationFailed:
        return None
    name = profile.get("name")
    return name if isinstance(name, str) else None
