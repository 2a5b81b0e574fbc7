"""What must be settled before a version ships about watching it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assay.checks.check import check
from assay.checks.completeness import told, unfilled
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Document, Fact

PLAN: Final = Document("monitoring")

REQUIRED_KEYS: Final[Mapping[str, str]] = {
    "watch": "what is watched",
    "every": "how often",
    "notify": "who is told",
    "limits": "the limits",
    "actions": "what happens when a limit is passed",
}
"""The keys of a monitoring plan, and what each of them says."""


@check("monitoring.plan", better="true", needs=(PLAN,), unit="fact")
def plan(evidence: Evidence) -> Fact:
    """Whether a monitoring plan is there and settles the five things it must.

    Formula: true if every key of REQUIRED_KEYS is filled in. A key is filled in when it holds
        at least one value and no placeholder ("TODO", "...", "<...>").
    Source: Regulation (EU) 2024/1689, Article 72(1) to (3); NIST AI RMF 1.0, MANAGE 4.1.
    Undefined: never; a plan that is not there is false.
    Tallies: none; it reads the document `monitoring`.
    """
    document = evidence[PLAN]
    if document is None:
        keys = "; ".join(f"{key}: {meaning}" for key, meaning in REQUIRED_KEYS.items())
        return Fact(
            value=False,
            detail="There is no monitoring plan.",
            remedy=f"Write one and name it in the manifest under monitoring, with {keys}.",
        )
    required = {f"{key} ({meaning})": (key,) for key, meaning in REQUIRED_KEYS.items()}
    lacking = unfilled(document.content, required)
    return Fact(
        value=not lacking,
        detail=told(lacking) if lacking else f"All {len(REQUIRED_KEYS)} things are settled.",
        remedy=f"Fill in {document.path}." if lacking else "",
    )
