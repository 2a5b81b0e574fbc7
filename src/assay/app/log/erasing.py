"""Erasing content by right: a tombstone in the log first, then the content is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final, cast

from assay.app.judging.replay import digests_of
from assay.app.log.recording import Change, record
from assay.app.people.access import require
from assay.app.people.people import acting, name_of
from assay.app.ports import Journal
from assay.app.services import Services
from assay.errors import ConfigurationError, Refused
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.erasure import (
    ENVELOPES,
    WORDS,
    Erasure,
    Ground,
    Named,
    Retained,
    blob_subject,
    erasure_of,
)
from assay.governance.events import Event, parse_entry
from assay.governance.fold import ERASURE, EVIDENCE, PERSON, SYSTEM, VERSION, Record
from assay.governance.records import last_decision

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DOCUMENT: Final = "document."


class NothingToErase(ConfigurationError):
    """What is to be erased is neither content nor a person that the log names."""

    code = "erasure.nothing"


class NotErasable(Refused):
    """Signed statements stay: they name people by opaque ids alone."""

    code = "erasure.not-erasable"


class LiveContent(Refused):
    """A decision that stands rests on what is to be erased."""

    code = "erasure.live"


def erase(
    services: Services, wanted: str, *, ground: Ground, actor: str, confirmed: bool = False
) -> tuple[Erasure, ...]:
    """Erase one content, or what names a person and what that person wrote.

    The tombstones are committed first, so that nothing is missing without a word; a process
    that dies before the content is gone leaves it, and erasing it again takes it away.

    Args:
        services: the workspace.
        wanted: a SHA-256 (hex), or a person's name or id.
        ground: why.
        actor: who does it.
        confirmed: whether to erase even what a standing decision rests on.

    Raises:
        Refused: the person may not.
        NothingToErase: the log names no such content and no such person.
        NotErasable: it is a signed statement.
        LiveContent: a standing decision rests on it, and that was not confirmed.
    """
    person = acting(services, actor)
    require(services, person.id, Permission.BLOB_ERASE)
    found = _wanted(services, wanted)
    for item in found:
        if item.name in ENVELOPES:
            raise NotErasable(
                f"The content {item.digest[:12]}… is a signed statement, which names nobody.",
                remedy="Erase the reasons and profiles that people go by.",
            )
        if item.holds and not confirmed:
            raise LiveContent(
                f"The {item.name} {item.digest[:12]}… bears the standing decision on "
                f"{', '.join(item.holds)}; without it nobody can derive that again.",
                remedy="Gate the version on other content first, or say --confirm.",
            )
    standing = {item.digest: _standing(services.journal, item.digest) for item in found}
    fresh = [item for item in found if standing[item.digest] is None]
    if fresh:
        record(
            services,
            [*person.introduction, *(_change(item, ground) for item in fresh)],
            actor=person.id,
            at=services.clock.now(),
            expected={blob_subject(item.digest): 0 for item in fresh},
        )
    for item in found:
        services.blobs.erase(item.digest)
    tombstones = (_standing(services.journal, item.digest) for item in found)
    return tuple(item for item in tombstones if item is not None)


def retained(services: Services, retention_days: Mapping[str, int]) -> tuple[Retained, ...]:
    """The content whose retention time is over, the oldest first; nothing is erased.

    Args:
        services: the workspace.
        retention_days: by name of content, days since an entry last named it; "document"
            stands for every document.
    """
    now = services.clock.now()
    due: list[Retained] = []
    for item in _named(services):
        kind = "document" if item.name.startswith(_DOCUMENT) else item.name
        days = retention_days.get(kind)
        if days is None or item.name in ENVELOPES:
            continue
        until = item.time + timedelta(days=days)
        if until <= now and services.blobs.has(item.digest):
            due.append(Retained(content=item, due=until))
    return tuple(sorted(due, key=lambda one: (one.due, one.content.digest)))


def _wanted(services: Services, wanted: str) -> list[Named]:
    if _DIGEST.fullmatch(wanted):
        found = [item for item in _named(services) if item.digest == wanted]
    else:
        people = {
            item.key
            for item in services.journal.records(PERSON)
            if wanted in {item.key, name_of(services, item.key)}
        }
        found = list(_named(services, by=people)) if people else []
    if not found:
        raise NothingToErase(
            f"The log names no content and no person {wanted[:100]!r}.",
            remedy="Give a content's SHA-256, as `assay log --json` shows it, or a person's "
            "name or id.",
        )
    return found


def _named(services: Services, *, by: set[str] | None = None) -> Iterator[Named]:
    """All content that entries name, in the order of the entries that name it first.

    Args:
        services: the workspace.
        by: only what these people are called by, or wrote.
    """
    holds = _holding(services.journal)
    found: dict[str, Named] = {}
    for entry in services.journal.entries():
        event = parse_entry(entry.data)
        for name, digest in event.digests.items():
            if name == "statement" or (by is not None and not _personal(event, name, by)):
                continue
            first = found.get(digest)
            found[digest] = (
                Named(digest=digest, name=name, time=event.time, holds=holds.get(digest, ()))
                if first is None
                else replace(first, time=event.time)
            )
    return iter(found.values())


def _personal(event: Event, name: str, people: set[str]) -> bool:
    if event.type == events.PERSON_REGISTERED:
        return event.body["person"] in people
    return name in WORDS and name != "profile" and event.actor in people


def _holding(journal: Journal) -> dict[str, tuple[str, ...]]:
    """By digest, the versions whose standing decision rests on the content."""
    found: dict[str, tuple[str, ...]] = {}
    for system in journal.records(SYSTEM):
        for version in journal.records(VERSION, parent=system.key):
            for digest in _grounds(journal, system, version):
                found[digest] = (*found.get(digest, ()), cast(str, version.value["name"]))
    return found


def _grounds(journal: Journal, system: Record, version: Record) -> set[str]:
    record = last_decision(journal, version)
    if record is None:
        return set()
    evidence = journal.record(EVIDENCE, cast(str, record.value["evidence"]), version.key)
    rests_on = [record, version, system, *([] if evidence is None else [evidence])]
    return {
        digest
        for item in rests_on
        for name, digest in digests_of(item).items()
        if name not in WORDS | ENVELOPES
    }


def _standing(journal: Journal, digest: str) -> Erasure | None:
    """The tombstone of content, if it has one."""
    found = journal.record(ERASURE, digest)
    if found is None:
        return None
    index = cast(int, found.value["index"])
    return erasure_of(parse_entry(next(journal.entries(index)).data), index)


def _change(item: Named, ground: Ground) -> Change:
    return Change(
        type=events.BLOB_ERASED,
        subject=blob_subject(item.digest),
        body={"content": item.digest, "name": item.name, "ground": ground.value},
    )
