"""Pulling: what a pack proves about a version becomes entries here, once; and is judged anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from assay.app.judging.circumstances import circumstances_of
from assay.app.judging.deciding import Case, decide_case, decision_change
from assay.app.judging.recalling import index_of
from assay.app.judging.replay import Recorded, version_of
from assay.app.judging.reporting import gate_report
from assay.app.log.recording import Change, record
from assay.app.packs.unpacking.keys import PackedKeys
from assay.app.packs.verification import verify_pack
from assay.app.people.access import require
from assay.app.people.people import Person, acting, other_person, person_behind
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.gate import GateReport
from assay.documents.packs.index import Pack
from assay.documents.packs.layout import (
    PROOF,
    STATEMENT,
    Audience,
    PackedEvent,
    proof_file,
    statements_of,
)
from assay.errors import Refused
from assay.evidence.canonical import Json, parse_object
from assay.evidence.instants import parse_instant
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.events import Event
from assay.governance.fold import EVIDENCE, PERSON, RECEIVED, SYSTEM, Record, version_key
from assay.governance.records import read_version
from assay.tlog.keys import NoteVerifier, VerifierKey, parse_verifier_key


class PullRefused(Refused):
    """A pack cannot be taken in here."""

    code = "pull.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came in.

    Attributes:
        pack: that which was verified.
        received: how many statements are new here.
        known: how many were here before.
        version: the version's record.
    """

    pack: Pack
    received: int
    known: int
    version: Record


def pull(
    services: Services,
    files: Mapping[str, bytes],
    *,
    verifiers: Sequence[NoteVerifier],
    actor: str,
) -> Pulled:
    """Take in a pack for auditors: verify all of it, then record what is new.

    Each statement becomes one entry, with the entry of the other log, the proof that it is
    there, and the envelope as it came; the same statement again is no new entry. A decision or
    approval of the other log is kept as what it is, and counts for nothing here: only
    evidence does, when the version is judged by the policy of this place.

    Args:
        services: the receiving workspace.
        files: the pack's files; nothing in them is trusted.
        verifiers: the keys of the log that may have sent it.
        actor: who takes it in.

    Raises:
        VerificationFailed: the pack is not what it claims to be; nothing is recorded.
        PullRefused: it is a public one, which lacks what to judge by, or this log's own.
    """
    pack = verify_pack(files, verifiers=verifiers)
    _check_foreign(services, pack)
    person = acting(services, actor)
    require(services, person.id, Permission.VERSION_GATE)
    new = [item for item, _, _ in statements_of(pack.entries) if _is_new(services, item)]
    known = len(list(statements_of(pack.entries))) - len(new)
    key = version_key(pack.system, pack.version)
    revision = services.journal.revision(f"version/{key}")
    received = _receiving(services, files, pack, verifiers)
    changes = [
        *person.introduction,
        *_declarations(services, files, pack, person),
        *(received(item) for item in new),
    ]
    if len(changes) > len(person.introduction):
        record(
            services,
            changes,
            actor=person.id,
            at=services.clock.now(),
            expected={f"version/{key}": revision},
        )
    version = read_version(services.journal, key)
    assert version is not None  # noqa: S101 - a pack registers its version
    return Pulled(pack=pack, received=len(new), known=known, version=version)


def judge(services: Services, project: Project, version: Record, *, actor: str) -> GateReport:
    """Judge a version by its latest recorded evidence and by the policy of this place.

    Args:
        services: the workspace.
        project: where the manifest and the policy of this place are read.
        version: the version's record.
        actor: who judges.

    Raises:
        PullRefused: the manifest declares another system, or there is no evidence.
        ConfigurationError: the manifest or the policy cannot be used.
    """
    manifest, _ = project.manifest()
    if manifest.system.id != version.parent:
        raise PullRefused(
            f"The manifest declares the system {manifest.system.id!r}, and the evidence is about "
            f"{version.parent!r}.",
            remedy="Name the manifest of that system, by --manifest.",
        )
    catalogue = project.checks(manifest)
    policy, text = project.policy(manifest, catalogue)
    revision = services.journal.revision(f"version/{version.key}")
    recorded = Recorded(
        records=services.journal, blobs=services.blobs, texts=project, catalogue=catalogue
    )
    evidence = _latest_evidence(services, version)
    circumstances = circumstances_of(manifest, name=cast(str, version.value["name"]))
    case = Case(
        system=version.parent,
        tier=manifest.system.tier,
        tier_source=manifest.system.tier_source,
        version=version_of(version),
        author=person_behind(services.journal, cast(str, version.value["author"])),
        policy=policy,
        policy_text=text,
        catalogue=catalogue,
        gathered=recorded.gathered(evidence),
        evidence_id=evidence.key,
        evidence_time=parse_instant(cast(str, evidence.value["time"])),
        programs=project.programs(policy, catalogue, circumstances.answers or {}),
        circumstances=circumstances,
    )
    person, now = acting(services, actor), services.clock.now()
    require(services, person.id, Permission.VERSION_GATE)
    decision = decide_case(services, case, at=now)
    made = decision_change(services, case, decision)
    indices = record(
        services,
        [*person.introduction, made],
        actor=person.id,
        at=now,
        expected={case.subject: revision},
    )
    return gate_report(
        services, case, decision, index=indices[-1], statement=made.digests["statement"]
    )


def _check_foreign(services: Services, pack: Pack) -> None:
    if pack.checkpoint.origin == services.signer.name:
        raise PullRefused(
            "The pack is of this very log.", remedy="What it tells is recorded here already."
        )
    if pack.audience is not Audience.AUDITOR:
        raise PullRefused(
            "A public pack lacks the tallies by which a version is judged.",
            remedy="Ask for one that was made with `assay pack --for auditor`.",
        )


def _is_new(services: Services, item: PackedEvent) -> bool:
    key, body = item.event.digests[STATEMENT], item.event.body
    version = version_key(str(body["system"]), str(body["version"]))
    known = (services.journal.record(kind, key, version) for kind in (EVIDENCE, RECEIVED))
    return all(record is None for record in known)


def _declarations(
    services: Services, files: Mapping[str, bytes], pack: Pack, person: Person
) -> Iterator[Change]:
    """What declares the system and the version, where this place does not know them yet."""
    by_type = {item.event.type: item.event for item in pack.entries}
    if read_version(services.journal, version_key(pack.system, pack.version)) is not None:
        return
    declared = by_type.get(events.SYSTEM_DECLARED)
    if declared is not None and services.journal.record(SYSTEM, pack.system) is None:
        yield _retold(services, files, pack, declared)
    registered = by_type[events.VERSION_REGISTERED]
    author, introduction = _author(services, files, pack, person)
    yield from introduction
    yield _retold(services, files, pack, registered, author=author)


def _author(
    services: Services, files: Mapping[str, bytes], pack: Pack, person: Person
) -> tuple[str, tuple[Change, ...]]:
    """The author's id here: of whoever has that name, so that nobody approves their own work."""
    registered = [item for item in pack.entries if item.event.type == events.VERSION_REGISTERED]
    author = str(registered[-1].event.body["author"])
    for item in pack.entries:
        event = item.event
        if event.type != events.PERSON_REGISTERED or event.body["person"] != author:
            continue
        name = _profile_name(_contents(files, pack).get(event.digests["profile"]))
        known = None if name is None else other_person(services, name, than=person)
        if known is not None and (known is person or not known.introduction):
            return known.id, ()
        if services.journal.record(PERSON, author) is None:
            return author, (_retold(services, files, pack, event),)
    return author, ()


def _retold(
    services: Services, files: Mapping[str, bytes], pack: Pack, event: Event, **body: Json
) -> Change:
    """The same change here, with its content."""
    _keep(services, _contents(files, pack), event)
    return Change(
        type=event.type,
        schema=event.schema,
        subject=event.subject,
        body={**event.body, **body},
        digests=dict(event.digests),
    )


def _receiving(
    services: Services,
    files: Mapping[str, bytes],
    pack: Pack,
    verifiers: Sequence[NoteVerifier],
) -> Callable[[PackedEvent], Change]:
    """What makes the change of a statement that is received, and keeps its content."""
    log_key = parse_verifier_key(pack.key)
    keys = PackedKeys(pack.entries, log_key, verifiers)
    contents = _contents(files, pack)
    places = {item.index: file for item, _, file in statements_of(pack.entries)}

    def receive(item: PackedEvent) -> Change:
        event = item.event
        signer = next(key for key in keys.at(item.index) if key.name == log_key.name)
        _keep(services, contents, event)
        services.blobs.put(files[places[item.index]])
        if event.type == events.STATEMENT_RECEIVED:
            # A third log's: passed on as it came, with that log's own proof.
            return _retold(services, files, pack, event)
        return Change(
            type=events.STATEMENT_RECEIVED,
            subject=f"version/{version_key(pack.system, pack.version)}",
            body={
                "system": pack.system,
                "version": pack.version,
                "origin": log_key.name,
                "log_key": str(log_key),
                "signed_by": str(VerifierKey(name=signer.name, public_key=signer.public_key)),
                "index": item.index,
                "event": cast(Json, json.loads(event.entry())),
            },
            digests={**event.digests, PROOF: services.blobs.put(files[proof_file(item.index)])},
        )

    return receive


def _contents(files: Mapping[str, bytes], pack: Pack) -> Mapping[str, bytes]:
    return {item.digest: files[item.file] for item in pack.contents if item.state == "here"}


def _keep(services: Services, contents: Mapping[str, bytes], event: Event) -> None:
    for digest in event.digests.values():
        if digest in contents:
            services.blobs.put(contents[digest])


def _profile_name(profile: bytes | None) -> str | None:
    try:
        name = None if profile is None else parse_object(profile).get("name")
    except (TypeError, ValueError):
        return None
    return name if isinstance(name, str) else None


def _latest_evidence(services: Services, version: Record) -> Record:
    known = list(services.journal.records(EVIDENCE, parent=version.key))
    if not known:
        raise PullRefused(
            f"No evidence about version {version.value['name']} is recorded.",
            remedy="Pull a pack of a version that was checked, or run `assay gate`.",
        )
    return max(known, key=index_of)
