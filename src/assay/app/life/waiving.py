"""Waivers: asked for by one person, granted by another of the right rank, and never for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from assay.app.judging.deciding import Case, decide_case, decision_change
from assay.app.judging.replay import recorded_case
from assay.app.judging.reporting import gate_report
from assay.app.judging.standing import instant_of
from assay.app.log.recording import Change, record, store_private_text, store_statement
from assay.app.people.access import require, require_bearer, require_role
from assay.app.people.people import acting, name_of, private_text
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.gate import GateReport
from assay.documents.standing import WaiverDebt
from assay.errors import Refused, suggest
from assay.evidence.instants import instant_text
from assay.evidence.statements import subjects, waiver_payload
from assay.governance import events
from assay.governance.access import Permission
from assay.governance.events import PersonId
from assay.governance.fold import VERSION, WAIVER, Record
from assay.policy.tiers import Tier, at_tier


class WaiverRefused(Refused):
    """This waiver cannot be asked for, granted or ended so."""

    code = "waiver.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A waiver that was asked for: its id, its requirement, and who may grant it."""

    waiver: str
    requirement: str
    expires: datetime
    role: str
    index: int


def request_waiver(
    services: Services,
    project: Project,
    version: Record,
    *,
    actor: str,
    requirement: str,
    expires: datetime,
    reason: str,
    compensating: str,
    whole_system: bool = False,
) -> Asked:
    """Ask that a requirement be excused for a while.

    Args:
        services: the workspace.
        project: the repository, for the checks that judge the recorded evidence again.
        version: the version's record; for a waiver of the whole system, any of its versions.
        actor: the name of who asks.
        requirement: its id in the policy that judged the version.
        expires: when the waiver is to end.
        reason: why, in their own words; kept as an erasable text.
        compensating: the control that takes the requirement's place, likewise.
        whole_system: whether it is for every version of the system.

    Raises:
        WaiverRefused: there is no such requirement, the system is prohibited, or the time is
            past, too long for the tier, or renewed too often.
    """
    at = services.clock.now()
    case = recorded_case(services, project, version)
    person = acting(services, actor)
    require(services, person.id, Permission.WAIVER_REQUEST)
    scope = "" if whole_system else case.version.digest
    _check_requirement(case, requirement)
    _check_expiry(case, expires, at)
    _check_renewals(services, case, requirement, scope)
    waiver = services.random_bytes(8).hex()
    asked = Change(
        type=events.WAIVER_REQUESTED,
        subject=_subject(case.system, scope),
        body={
            "waiver": waiver,
            "system": case.system,
            "version": scope,
            "requirement": requirement,
            "tier": str(case.tier),
            "expires": instant_text(expires),
        },
        digests={
            "reason": store_private_text(services, reason),
            "compensating": store_private_text(services, compensating),
        },
    )
    indices = record(
        services,
        [*person.introduction, asked],
        actor=person.id,
        at=at,
        expected=_revision(services, asked.subject),
    )
    return Asked(
        waiver=waiver,
        requirement=requirement,
        expires=expires,
        role=_granting_role(case),
        index=indices[-1],
    )


def grant_waiver(
    services: Services, project: Project, waiver: str, *, actor: str, role: str
) -> GateReport:
    """Grant a waiver that was asked for, and decide anew on the version it was asked for.

    Raises:
        WaiverRefused: there is no such request, it has passed, or this person asked for it, is
            the version's author, or has not the rank that the tier asks for.
    """
    at = services.clock.now()
    standing = find_waiver(services, waiver)
    version = _version_of(services, standing)
    case = recorded_case(services, project, version)
    person = acting(services, actor)
    require(services, person.id, Permission.WAIVER_GRANT)
    require_role(services, person.id, role)
    expires = instant_of(standing.value, "expires")
    _check_state(standing, "requested")
    _check_expiry(case, expires, at)
    _check_granter(case, standing, person.id, role)
    digests = cast(dict[str, str], standing.value["digests"])
    payload = waiver_payload(
        subjects=subjects(case.version.digest, case.version.model_digest),
        time=at,
        approver=person.id,
        role=role,
        reason=digests["reason"],
        compensating=digests["compensating"],
        requirement=cast(str, standing.value["requirement"]),
        scope="version" if standing.value["version"] else "system",
        policy_uri=f"assay:policy/{case.policy.name}@{case.policy.version}",
        policy_digest=case.policy.digest,
        not_after=expires,
        identity={"asserted": not services.separation_verified, "issuer": services.signer.name},
    )
    granted = Change(
        type=events.WAIVER_GRANTED,
        subject=_subject(case.system, cast(str, standing.value["version"])),
        body={
            "waiver": standing.key,
            "system": case.system,
            "role": role,
            "expires": instant_text(expires),
        },
        digests=store_statement(services, payload),
    )
    expected = {**_revision(services, granted.subject), **_revision(services, case.subject)}
    record(services, [*person.introduction, granted], actor=person.id, at=at, expected=expected)
    return _decided_anew(services, case, actor=person.id, at=at)


def end_waiver(
    services: Services, project: Project, waiver: str, *, actor: str, reason: str
) -> GateReport:
    """End a waiver before its time, and decide anew.

    Raises:
        WaiverRefused: there is none that is asked for or granted.
    """
    at = services.clock.now()
    standing = find_waiver(services, waiver)
    if standing.value["state"] == "ended":
        raise WaiverRefused(
            f"Waiver {standing.key} has ended.", remedy="`assay waive list` lists those that stand."
        )
    case = recorded_case(services, project, _version_of(services, standing))
    person = acting(services, actor)
    require(services, person.id, Permission.WAIVER_END)
    ended = Change(
        type=events.WAIVER_ENDED,
        subject=_subject(case.system, cast(str, standing.value["version"])),
        body={"waiver": standing.key, "system": case.system},
        digests={"reason": store_private_text(services, reason)},
    )
    record(
        services,
        [*person.introduction, ended],
        actor=person.id,
        at=at,
        expected=_revision(services, ended.subject),
    )
    return _decided_anew(services, case, actor=person.id, at=at)


def waiver_debt(services: Services, *, at: datetime) -> Iterator[WaiverDebt]:
    """Every waiver of every system as of an instant, those that end first before the others."""
    require_bearer(services, Permission.RECORD_READ)
    found = sorted(
        services.journal.records(WAIVER, at=services.journal.index_at(at)),
        key=lambda item: (str(item.value["expires"]), item.key),
    )
    for item in found:
        digests = cast(dict[str, str], item.value["digests"])
        granted_by = item.value.get("granted_by")
        yield WaiverDebt(
            waiver=item.key,
            system=item.parent,
            version=cast(str, item.value["version"]),
            requirement=cast(str, item.value["requirement"]),
            state=_state(item, at),
            requested_by=name_of(services, cast(str, item.value["actor"])),
            granted_by=name_of(services, granted_by) if isinstance(granted_by, str) else "",
            expires=instant_of(item.value, "expires"),
            renewals=sum(_same(item, other) and _before(other, item) for other in found),
            reason=private_text(services, digests["reason"]),
            compensating=private_text(services, digests["compensating"]),
        )


def find_waiver(services: Services, wanted: str) -> Record:
    """The waiver whose id is, or starts with, what was written; or the requirement's only one.

    Raises:
        WaiverRefused: none, or more than one, fits.
    """
    known = list(services.journal.records(WAIVER))
    now = services.clock.now()
    found = (
        [item for item in known if item.key == wanted]
        or [item for item in known if len(wanted) >= 4 and item.key.startswith(wanted)]
        or [
            item
            for item in known
            if item.value["requirement"] == wanted
            and _state(item, now) in {"requested", "in force"}
        ]
    )
    if len(found) != 1:
        raise WaiverRefused(
            f"There is no waiver {wanted!r}.",
            remedy=suggest(
                wanted, [item.key for item in known], otherwise="`assay waive list` lists them."
            ),
        )
    return found[0]


def _decided_anew(services: Services, case: Case, *, actor: PersonId, at: datetime) -> GateReport:
    decision = decide_case(services, case, at=at)
    made = decision_change(services, case, decision)
    indices = record(
        services, [made], actor=actor, at=at, expected=_revision(services, case.subject)
    )
    return gate_report(
        services, case, decision, index=indices[-1], statement=made.digests["statement"]
    )


def _check_requirement(case: Case, requirement: str) -> None:
    known = [str(rule.id) for rule in case.policy.requirements]
    if requirement not in known:
        raise WaiverRefused(
            f"Policy {case.policy.name!r} has no requirement {requirement!r}.",
            remedy=suggest(requirement, known, otherwise=f"It has: {', '.join(known)}."),
        )
    if case.tier is Tier.PROHIBITED:
        raise WaiverRefused(
            "A prohibited system is never released.", remedy="No waiver changes that."
        )


def _check_expiry(case: Case, expires: datetime, at: datetime) -> None:
    longest = at_tier(case.policy.waivers.longest, case.tier)
    if expires <= at:
        raise WaiverRefused(
            f"The waiver would end at {instant_text(expires)}, which has passed.",
            remedy="Name a time to come.",
        )
    if longest is None or expires > at + longest:
        most = "none" if longest is None else f"{longest.days} days"
        raise WaiverRefused(
            f"The waiver would end at {instant_text(expires)}; at tier {case.tier} the policy "
            f"allows at most {most}.",
            remedy="Name an earlier end: a waiver buys time to mend, and can be renewed."
            if longest
            else "Mend what fails.",
        )


def _check_renewals(services: Services, case: Case, requirement: str, scope: str) -> None:
    granted = sum(
        item.value["requirement"] == requirement
        and item.value["version"] == scope
        and "granted_by" in item.value
        for item in services.journal.records(WAIVER, parent=case.system)
    )
    if granted > case.policy.waivers.renewals:
        raise WaiverRefused(
            f"Requirement {requirement!r} has been waived {granted} times; the policy allows "
            f"{case.policy.waivers.renewals} renewals.",
            remedy="Mend what fails, or change the policy with those who answer for it.",
        )


def _check_state(standing: Record, wanted: str) -> None:
    if standing.value["state"] != wanted:
        raise WaiverRefused(
            f"Waiver {standing.key} is {standing.value['state']}, not {wanted}.",
            remedy="`assay waive list` lists those that wait.",
        )


def _check_granter(case: Case, standing: Record, person: PersonId, role: str) -> None:
    if person == standing.value["actor"]:
        raise WaiverRefused(
            "Whoever asks for a waiver cannot grant it.",
            remedy=f"Ask someone else, in the role {_granting_role(case)!r}.",
        )
    if person == case.author:
        raise WaiverRefused(
            f"The author of version {case.version.name} cannot grant its waiver.",
            remedy=f"Ask someone else, in the role {_granting_role(case)!r}.",
        )
    if role != _granting_role(case):
        raise WaiverRefused(
            f"At tier {case.tier} a waiver is granted by {_granting_role(case)!r}, not {role!r}.",
            remedy="Ask someone of that rank.",
        )


def _granting_role(case: Case) -> str:
    return at_tier(case.policy.waivers.granted_by, case.tier) or "approver"


def _version_of(services: Services, waiver: Record) -> Record:
    """The version that a waiver is for; for a system's, the version decided on last."""
    scope = waiver.value["version"]
    versions = [
        item
        for item in services.journal.records(VERSION, parent=waiver.parent)
        if item.value["decision"] and scope in ("", item.value["version"])
    ]
    return max(versions, key=lambda item: cast(int, item.value["index"]))


def _subject(system: str, version: str) -> str:
    return f"version/{system}/{version}" if version else f"system/{system}"


def _revision(services: Services, subject: str) -> dict[str, int]:
    return {subject: services.journal.revision(subject)}


def _state(waiver: Record, at: datetime) -> str:
    state = cast(str, waiver.value["state"])
    past = instant_of(waiver.value, "expires") <= at
    if state == "ended":
        return state
    if past:
        return "expired"
    return "in force" if state == "granted" else state


def _same(first: Record, second: Record) -> bool:
    names = ("requirement", "version")
    return first.parent == second.parent and all(
        first.value[name] == second.value[name] for name in names
    )


def _before(first: Record, second: Record) -> bool:
    return "granted_by" in first.value and cast(int, first.value["index"]) < cast(
        int, second.value["index"]
    )
