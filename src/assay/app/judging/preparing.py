"""Preparing a case: what the repository holds now, with the changes that record it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from assay.app.judging.circumstances import circumstances_of
from assay.app.judging.deciding import Case
from assay.app.judging.evaluation import Gathered, Progress, about, bind, gather, identify
from assay.app.judging.holdout import EVALUATION_SET
from assay.app.judging.production import comparing, in_production
from assay.app.judging.standing import Words
from assay.app.life.declaring import declarations
from assay.app.log.recording import Change, store_statement
from assay.app.people.access import require
from assay.app.people.people import Person, acting, person_behind
from assay.app.ports import Project, Written
from assay.app.services import Services
from assay.checks.external import EXTERNAL
from assay.evidence.canonical import Json
from assay.evidence.instants import parse_instant
from assay.evidence.measurement import CheckFailed
from assay.evidence.statements import evaluation_payload, subjects
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.fold import EVIDENCE, Record, version_key
from assay.governance.records import read_version
from assay.policy.canonical import policy_bytes
from assay.policy.document import measurement_document
from assay.policy.judging import age_allowed
from assay.policy.policy import ATTESTATION
from assay.stats.estimate import READING, Undefined


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A case, and what must be recorded before anything is decided on it.

    Attributes:
        person: who runs it; the first to do so with a version is its author.
        changes: introductions, declarations and evidence that the journal does not have.
        words: what those changes say to the decision.
        revision: events that the version's subject had when it was read.
    """

    case: Case
    person: Person
    changes: tuple[Change, ...]
    words: Words
    revision: int


def prepare(
    services: Services, project: Project, *, actor: str, progress: Progress | None = None
) -> Prepared:
    """Read, identify and measure what the repository holds. Records nothing yet.

    Raises:
        ConfigurationError: the manifest or the policy cannot be used.
        NotEvaluated: the data or the model cannot be evaluated.
    """
    manifest, written = project.manifest()
    catalogue = project.checks(manifest)
    policy, policy_text = project.policy(manifest, catalogue)
    version = identify(project, manifest)
    key = version_key(manifest.system.id, version.digest)
    gathered = gather(
        services, project, manifest, policy, catalogue, version=key, progress=progress
    )
    gathered = about(gathered, version.digest, version.model_digest)
    person = acting(services, actor)
    require(services, person.id, Permission.VERSION_GATE)

    revision = services.journal.revision(f"version/{key}")
    standing = read_version(services.journal, key)
    circumstances = circumstances_of(manifest, name=version.name)
    unrecorded = Case(
        system=manifest.system.id,
        tier=manifest.system.tier,
        tier_source=manifest.system.tier_source,
        version=version,
        author=person_behind(services.journal, str(standing.value["author"]))
        if standing
        else person.id,
        policy=policy,
        policy_text=policy_text,
        catalogue=catalogue,
        gathered=gathered,
        evidence_id="",
        programs=project.programs(policy, catalogue, circumstances.answers or {}),
        circumstances=circumstances,
    )
    circumstances = replace(unrecorded.circumstances, in_production=_unscored(services, unrecorded))
    case, evidence_changes = _evidence(services, replace(unrecorded, circumstances=circumstances))
    declared, words = declarations(services, manifest.system, written, person)
    changes = (
        *person.introduction,
        *declared,
        *([] if standing else [_version_change(services, case, written)]),
        *evidence_changes,
    )
    return Prepared(case=case, person=person, changes=changes, words=words, revision=revision)


def _unscored(services: Services, case: Case) -> str:
    """The version in production, where the policy compares with it without having its scores."""
    roles = case.gathered.recipe.roles
    if roles.champion is not None or not comparing(case.policy, case.catalogue, roles):
        return ""
    return in_production(services.journal, system=case.system, besides=case.version.digest)


def _version_change(services: Services, case: Case, written: Written) -> Change:
    return Change(
        type=events.VERSION_REGISTERED,
        subject=case.subject,
        body={
            "system": case.system,
            "version": case.version.digest,
            "name": case.version.name,
            "author": case.author,
            "components": dict(case.version.components),
        },
        digests={"manifest": services.blobs.put(written.source)},
    )


def _evidence(services: Services, case: Case) -> tuple[Case, list[Change]]:
    """The case with its evaluation statement, and the event that records it unless it stands.

    The same counts of the same data are the same evidence, however often they are taken, and
    by whatever policy: approvals of a decision that rests on them stay in force. Only what is
    older than the policy allows is measured anew, and counts from today.
    """
    gathered = case.gathered
    content = _content(services, gathered)
    body: dict[str, Json] = {
        "system": case.system,
        "version": case.version.digest,
        "dataset": gathered.dataset,
        "produced": gathered.produced,
        "documents": {
            name: document.path
            for name, document in gathered.evidence.documents.items()
            if not name.startswith(EXTERNAL)
        },
    }
    for standing in services.journal.records(EVIDENCE, parent=case.key):
        taken_at = parse_instant(cast(str, standing.value["time"]))
        if _same(standing, body, content) and not _too_old(services, case, taken_at):
            return replace(case, evidence_id=standing.key, evidence_time=taken_at), []
    # The policy says which figures are in the statement, so that others can derive them again.
    measured = {**content, "policy": services.blobs.put(policy_bytes(case.policy))}
    payload = _evaluation(services, case, measured)
    digests = {**store_statement(services, payload), **measured}
    change = Change(type=events.EVIDENCE_RECORDED, subject=case.subject, body=body, digests=digests)
    return replace(case, evidence_id=digests["statement"]), [change]


def _too_old(services: Services, case: Case, taken_at: datetime) -> bool:
    """Whether evidence is older than any requirement of a check allows at this tier."""
    age = services.clock.now() - taken_at
    return any(
        age > allowed
        for rule in case.policy.requirements
        if rule.check != ATTESTATION
        and (allowed := age_allowed(case.policy, rule, case.tier)) is not None
    )


def _content(services: Services, gathered: Gathered) -> dict[str, str]:
    """Keep what the figures follow from; the digests by name."""
    tallies = gathered.evidence.tallies
    assert tallies is not None  # noqa: S101 - gathering always collects
    return {
        "recipe": services.blobs.put(gathered.recipe.to_bytes()),
        "tallies": services.blobs.put(tallies.to_bytes()),
        EVALUATION_SET: services.blobs.put(gathered.evaluation_set),
        **{
            name if name.startswith(EXTERNAL) else f"document.{name}": services.blobs.put(source)
            for name, source in gathered.documents.items()
        },
    }


def _same(standing: Record, body: dict[str, Json], content: dict[str, str]) -> bool:
    digests = cast(Mapping[str, str], standing.value["digests"])
    # An evaluation set follows from the rows; evaluations from before it was recorded stand.
    apart = {"statement", "envelope", "policy", EVALUATION_SET}
    recorded = {name: value for name, value in digests.items() if name not in apart}
    wanted = {name: value for name, value in content.items() if name not in apart}
    return recorded == wanted and all(standing.value[name] == body[name] for name in body)


def _evaluation(services: Services, case: Case, content: dict[str, str]) -> bytes:
    """The evaluation statement: every check that the policy names, with reading intervals."""
    rules = [rule for rule in case.policy.requirements if rule.by_check]
    catalogue = case.catalogue
    bound = bind(case.policy, catalogue, case.gathered.evidence)
    measured = {rule.id: bound[rule.id].at(READING) for rule in rules}
    failed = [name for name, item in measured.items() if isinstance(item, CheckFailed)]
    warned = [name for name, item in measured.items() if isinstance(item, Undefined)]
    return evaluation_payload(
        subjects=subjects(case.version.digest, case.version.model_digest),
        time=services.clock.now(),
        configuration={"dataset": case.gathered.dataset, **content},
        passed=[name for name in measured if name not in {*failed, *warned}],
        warned=warned,
        failed=failed,
        produced=case.gathered.produced,
        measurements=[
            {
                "requirement": rule.id,
                "check": rule.check,
                "provenance": dict(catalogue.provenance(rule.check)),
                **measurement_document(measured[rule.id]),
            }
            for rule in rules
        ],
    )
