"""Reports: a case and its decision as what people read."""

from __future__ import annotations

from typing import cast

from assay.app.judging.deciding import Case
from assay.app.judging.holdout import set_of, versions_judged
from assay.app.judging.production import in_production
from assay.app.people.people import name_of
from assay.app.services import Services
from assay.documents.comparing import Comparison
from assay.documents.gate import GateReport
from assay.governance.fold import EVIDENCE, VERSION, Record, version_key
from assay.governance.records import last_decision
from assay.policy.gate import Decision
from assay.stats.tallies import CHAMPION, Pairs, Rows


def gate_report(
    services: Services,
    case: Case,
    decision: Decision,
    *,
    index: int,
    statement: str,
    as_of: bool = False,
) -> GateReport:
    """The report of a recorded decision, or of what would be decided at another instant.

    Args:
        services: the workspace that recorded it.
        case: what it rests on.
        decision: what was decided.
        index: its index in the journal.
        statement: the id of its signed statement.
        as_of: whether it is not recorded; then index and statement are those of the decision
            whose policy and evidence it rests on.
    """
    people = {
        case.author,
        *(approval.person for approval in decision.approvals),
        *(item.person for item in decision.objections),
        *(item.waiver.granted_by for item in decision.judgements if item.waiver),
    }
    names = {person: name_of(services, person) for person in people}
    roles = case.gathered.recipe.roles
    live = in_production(services.journal, system=case.system, besides=case.version.digest)
    return GateReport(
        system=case.system,
        version=case.version.name,
        version_digest=case.version.digest,
        tier_source=case.tier_source,
        policy=f"{case.policy.name} {case.policy.version}",
        policy_digest=case.policy.digest,
        policy_file=case.policy_text.file,
        false_allow=case.policy.errors.allow_error,
        uses=case.policy.errors.uses,
        decision=decision,
        author=names[case.author],
        model_pinned=case.version.model_digest is not None,
        unit=f"units of {roles.unit}" if roles.unit else "rows",
        names=names,
        rows=case.gathered.evidence[Rows()],
        dataset=case.gathered.dataset,
        produced=case.gathered.produced,
        dataset_versions=_versions_judged(services, case),
        previous_policy=_previous_policy(services, case),
        separation_verified=services.separation_verified,
        statement=statement,
        index=index,
        as_of=as_of,
        origin=services.signer.name,
        size=services.journal.head().size,
        weight="" if roles.weight is None else roles.weight.words,
        comparisons=_comparisons(case, live),
        in_production=live,
    )


def _comparisons(case: Case, live: str) -> tuple[Comparison, ...]:
    evidence = case.gathered.evidence
    found: list[Comparison] = []
    for against, column in case.gathered.recipe.roles.others.items():
        spec = Pairs(against=against)
        if evidence.tallies is None or spec not in evidence.tallies.tallies:
            continue
        pairs = evidence[spec]
        found.append(
            Comparison(
                against=against,
                column=column,
                version=live if against == CHAMPION else "",
                paired=pairs.total.n,
                version_only=pairs.unpaired.version_only,
                other_only=pairs.unpaired.other_only,
            )
        )
    return tuple(found)


def _versions_judged(services: Services, case: Case) -> int:
    """How many versions of whatever system were measured on these rows."""
    evidence = services.journal.record(
        EVIDENCE, case.evidence_id, version_key(case.system, case.version.digest)
    )
    judged = versions_judged(
        services.journal,
        dataset=case.gathered.dataset,
        evaluation_set=set_of(evidence) if evidence else None,
    )
    return len(judged)


def _previous_policy(services: Services, case: Case) -> str | None:
    """The digest of the policy that judged the version before this one, if it differs."""
    before = [
        record
        for record in services.journal.records(VERSION, parent=case.system)
        if record.value["version"] != case.version.digest and record.value["decision"]
    ]
    if not before:
        return None
    latest = max(before, key=lambda record: cast(int, record.value["index"]))
    decision = last_decision(services.journal, latest)
    digest = _policy_digest(decision) if decision else None
    return digest if digest != case.policy.digest else None


def _policy_digest(decision: Record) -> str:
    digests = cast(dict[str, str], decision.value["digests"])
    return digests["policy"]
