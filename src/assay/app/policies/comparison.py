"""Comparing policies: files, and those that versions were judged by."""

from __future__ import annotations

from typing import cast

from assay.app.judging.replay import Recorded, digests_of, policy_text
from assay.app.ports import Project
from assay.app.services import Services
from assay.documents.policy_difference import DifferenceReport
from assay.errors import Refused
from assay.governance.fold import DECISION
from assay.policy.difference import difference
from assay.policy.policy import Policy


class UnknownPolicy(Refused):
    """No policy of that digest has been judged by, or several start so."""

    code = "policy.unknown"


def compare(old: Policy, new: Policy) -> DifferenceReport:
    """What changed from one policy to another."""
    return DifferenceReport(
        old=f"{old.name}@{old.version}",
        old_digest=old.digest,
        new=f"{new.name}@{new.version}",
        new_digest=new.digest,
        differences=difference(old, new),
    )


def recorded_policy(services: Services, project: Project, digest: str) -> Policy:
    """The policy by which something was judged, by the first digits of its digest (six or more).

    Raises:
        UnknownPolicy: none, or more than one, has such a digest.
        VerificationFailed: what was recorded is not intact.
    """
    found = {
        digests_of(decision)["policy"]: decision
        for decision in services.journal.records(DECISION)
        if len(digest) >= 6 and digests_of(decision)["policy"].startswith(digest)
    }
    if len(found) != 1:
        raise UnknownPolicy(
            f"{digest!r} is neither a file nor the digest of one policy that was judged by here.",
            remedy=_known(services),
        )
    manifest, _ = project.manifest()
    catalogue = project.checks(manifest)
    recorded = Recorded(
        records=services.journal, blobs=services.blobs, texts=project, catalogue=catalogue
    )
    (decision,) = found.values()
    return project.parse_policy(policy_text(recorded, decision), catalogue)


def _known(services: Services) -> str:
    names = {
        digests_of(decision)["policy"]: cast(str, decision.value["policy"])
        for decision in services.journal.records(DECISION)
    }
    listed = ", ".join(f"{digest[:12]} ({name})" for digest, name in sorted(names.items()))
    return f"Judged by here: {listed}." if listed else "Run `assay gate` first, or name a file."
