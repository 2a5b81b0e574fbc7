"""Replay: a version's case from what was recorded.

So people and time can decide anew without touching the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from assay.app.judging.circumstances import Circumstances
from assay.app.judging.deciding import Case
from assay.app.judging.evaluation import Gathered, about
from assay.app.people.people import person_behind
from assay.app.policies.texts import parse_policy_source
from assay.app.ports import CheckCatalogue, Project, Written
from assay.app.services import Services
from assay.checks.external import EXTERNAL
from assay.errors import Refused, VerificationFailed, suggest
from assay.evidence.inputs import Evidence
from assay.evidence.instants import parse_instant
from assay.evidence.measurement import DocumentContent
from assay.evidence.recipe import Recipe
from assay.evidence.tallies import TallySet
from assay.governance.fold import EVIDENCE, SYSTEM, VERSION, Record
from assay.governance.manifest import IntakeAnswers
from assay.governance.records import Records, last_decision, read_version
from assay.governance.versions import SHORT, Version, VersionDigest
from assay.policy.expressions import Programs
from assay.policy.policy import Policy
from assay.policy.tiers import Tier


class UnknownVersion(Refused):
    """No recorded version answers to that name or digest."""

    code = "version.unknown"


class NeverDecided(Refused):
    """The version has not been through the gate."""

    code = "version.never-decided"


class RecordMissing(VerificationFailed):
    """A record names another that does not exist."""

    code = "journal.record-missing"


class RecordUnreadable(VerificationFailed):
    """What was recorded has not the form that it was recorded in."""

    code = "journal.record-unreadable"


class Contents(Protocol):
    """Content by its SHA-256, to be read; a blob store is one."""

    def get(self, digest: str) -> bytes:
        """The content. Raises VerificationFailed where it is absent or damaged."""
        ...

    def has(self, digest: str) -> bool:
        """Whether the content is there."""
        ...


class Texts(Protocol):
    """What reads the texts that people wrote, from their recorded bytes; a project is one."""

    def parse_policy(self, written: Written, checks: CheckCatalogue) -> Policy:
        """The policy in a text. Raises ConfigurationError."""
        ...

    def programs(self, policy: Policy, checks: CheckCatalogue, answers: IntakeAnswers) -> Programs:
        """The policy's expressions, compiled for evaluation. Raises ConfigurationError.

        Args:
            policy: the policy.
            checks: the checks that it names.
            answers: of the system's intake, which may answer questions of its own too.
        """
        ...

    def parse_document(self, written: Written) -> DocumentContent:
        """The document in a text. Raises ConfigurationError."""
        ...

    def parse_report(self, blob: bytes) -> DocumentContent:
        """Another tool's report from its record. Raises NotEvaluated or VerificationFailed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where a case is read from: records, content, and what makes sense of both."""

    records: Records
    blobs: Contents
    texts: Texts
    catalogue: CheckCatalogue

    def gathered(self, evidence: Record) -> Gathered:
        """What an evaluation gathered; raises VerificationFailed."""
        digests = digests_of(evidence)
        recipe = Recipe.from_bytes(self.blobs.get(digests["recipe"]))
        paths = _document_paths(evidence)
        sources = {name: self.blobs.get(digests[f"document.{name}"]) for name in sorted(paths)}
        documents = {
            name: self.texts.parse_document(Written(file=paths[name], source=source))
            for name, source in sources.items()
        }
        reports = {
            name: self.blobs.get(digest)
            for name, digest in sorted(digests.items())
            if name.startswith(EXTERNAL)
        }
        documents |= {name: self.texts.parse_report(blob) for name, blob in reports.items()}
        gathered = Gathered(
            evidence=Evidence(
                roles=recipe.roles,
                tallies=TallySet.from_bytes(self.blobs.get(digests["tallies"])),
                documents=documents,
            ),
            recipe=recipe,
            dataset=cast(str, evidence.value["dataset"]),
            produced=cast(str, evidence.value["produced"]),
            documents={**sources, **reports},
        )
        version = _found(read_version(self.records, evidence.parent), "version")
        return about(gathered, _digest(version), version_of(version).model_digest)


def policy_text(recorded: Recorded, decision: Record) -> Written:
    """The text of the policy that a decision was made by; raises VerificationFailed."""
    source = recorded.blobs.get(digests_of(decision)["policy_source"])
    try:
        return parse_policy_source(source)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordUnreadable(f"A policy's recorded text is none: {error}") from error


def versions(services: Services, system: str) -> Iterator[Record]:
    """A system's version records."""
    return services.journal.records(VERSION, parent=system)


def find_version(services: Services, system: str, wanted: str) -> Record:
    """The version of a name, or whose digest starts with `wanted` (six digits or more).

    Of several versions of one name (a rebuilt "4.2.0") the latest registered is meant.

    Raises:
        UnknownVersion: none, or more than one digest, fits.
    """
    known = sorted(versions(services, system), key=_index)
    named = [record for record in known if record.value["name"] == wanted]
    if named:
        return named[-1]
    starting = [record for record in known if _digest(record).startswith(wanted)]
    if len(starting) == 1 and len(wanted) >= 6:
        return starting[0]
    names = [cast(str, record.value["name"]) for record in known]
    raise UnknownVersion(
        f"System {system!r} has no recorded version {wanted!r}.",
        remedy=suggest(
            wanted,
            names,
            otherwise=f"Recorded: {', '.join(names)}." if names else "Run `assay gate` first.",
        ),
    )


def recorded_case(services: Services, project: Project, version: Record) -> Case:
    """The case of a version's latest decision.

    Raises:
        NeverDecided: there is no decision yet.
        VerificationFailed: what was recorded is not intact.
    """
    decision = latest_decision(services, version)
    manifest, _ = project.manifest()
    recorded = Recorded(
        records=services.journal,
        blobs=services.blobs,
        texts=project,
        catalogue=project.checks(manifest),
    )
    return case_of(recorded, decision)


def case_of(
    recorded: Recorded,
    decision: Record,
    *,
    at: int | None = None,
    gathered: Gathered | None = None,
) -> Case:
    """The case of a recorded decision.

    Args:
        recorded: where all that it rests on is read.
        decision: its record.
        at: the index of its event, to read records as they were then; None: as they are.
        gathered: what its evaluation gathered, where that was read before.

    Raises:
        VerificationFailed: what was recorded is not intact.
        ConfigurationError: the policy's text cannot be read with the checks that are here.
    """
    records, catalogue = recorded.records, recorded.catalogue
    version = _found(read_version(records, decision.parent, at=at), "version")
    evidence_id = cast(str, decision.value["evidence"])
    evidence = _found(records.record(EVIDENCE, evidence_id, version.key, at=at), "evaluation")
    system = _found(records.record(SYSTEM, version.parent, at=at), "system")
    text = policy_text(recorded, decision)
    policy = recorded.texts.parse_policy(text, catalogue)
    circumstances = _circumstances(recorded, decision)
    return Case(
        system=version.parent,
        tier=Tier[cast(str, decision.value["tier"]).upper()],
        tier_source=cast(str, system.value["tier_source"]),
        version=version_of(version),
        author=person_behind(records, cast(str, version.value["author"]), at=at),
        policy=policy,
        policy_text=text,
        catalogue=catalogue,
        gathered=gathered or recorded.gathered(evidence),
        evidence_id=evidence.key,
        evidence_time=parse_instant(cast(str, evidence.value["time"])),
        programs=recorded.texts.programs(policy, catalogue, circumstances.answers or {}),
        circumstances=circumstances,
    )


def _circumstances(recorded: Recorded, decision: Record) -> Circumstances:
    """What the policy's expressions read when it was decided; nothing where it had none."""
    kept = digests_of(decision).get("circumstances")
    return Circumstances.from_bytes(recorded.blobs.get(kept)) if kept else Circumstances()


def latest_decision(services: Services, version: Record) -> Record:
    """The record of a version's latest decision.

    Raises:
        NeverDecided: there is none.
    """
    decision = last_decision(services.journal, version)
    if decision is None:
        raise NeverDecided(
            f"Version {version.value['name']} ({_digest(version)[:SHORT]}) has no decision.",
            remedy="Run `assay gate`.",
        )
    return decision


def _document_paths(evidence: Record) -> Mapping[str, str]:
    """The path of each document that was evaluated, by its name."""
    paths = evidence.value["documents"]
    known = digests_of(evidence)
    if not isinstance(paths, Mapping) or not all(
        isinstance(path, str) and f"document.{name}" in known for name, path in paths.items()
    ):
        raise RecordUnreadable("An evaluation's documents are not those that it names.")
    return cast(Mapping[str, str], paths)


def _found(record: Record | None, kind: str) -> Record:
    if record is None:
        raise RecordMissing(f"The {kind} that a decision rests on is not recorded.")
    return record


def digests_of(record: Record) -> Mapping[str, str]:
    """The digests of a record's event, by name."""
    return cast(Mapping[str, str], record.value["digests"])


def version_of(record: Record) -> Version:
    """The version that a record is of."""
    return Version(
        name=cast(str, record.value["name"]),
        digest=VersionDigest(_digest(record)),
        components=cast(Mapping[str, Any], record.value["components"]),
    )


def _digest(version: Record) -> str:
    return cast(str, version.value["version"])


def _index(record: Record) -> int:
    return cast(int, record.value["index"])
