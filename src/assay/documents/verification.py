"""What `assay verify` found: what was proved, what was not, and what remains to trust."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.gate import count
from assay.documents.recomputation import (
    Recomputation,
    recomputation_json,
    recomputed_lines,
    unrecomputed_lines,
)
from assay.governance.verification import VerificationReport

SCHEMA: Final = "assay.verification/1"

_NAMED_MAX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceVerification:
    """A journal's verification, with the log's name and the key that was trusted.

    `recomputation` is None where figures and decisions were not to be derived again.
    """

    origin: str
    key: str
    key_given: bool
    report: VerificationReport
    recomputation: Recomputation | None = None


def render_verification(found: WorkspaceVerification) -> str:
    """The verification in plain words."""
    sections = [
        ("Proved", "✓", [*_proved(found.report), *recomputed_lines(found.recomputation)]),
        ("Not proved", "○", [*_not_proved(found.report), *_not_recomputed(found)]),
        ("Remains to trust", " ", [_trusted(found), found.key]),
    ]
    lines = [f"VERIFIED  {found.origin}"]
    for title, sign, findings in sections:
        if findings:
            lines += ["", title, *(f"  {sign} {finding}" for finding in findings)]
    return "\n".join(lines) + "\n"


def verification_json(found: WorkspaceVerification) -> str:
    """The verification as JSON, schema `assay.verification/1`."""
    report = found.report
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "verified": True,
        "origin": found.origin,
        "key": found.key,
        "key_given": found.key_given,
        "keys": list(report.keys),
        "entries": report.size,
        "root": report.root.hex(),
        "signed_entries": report.signed,
        "checkpoints": report.checkpoints,
        "statements": report.statements,
        "blobs": report.contents,
        "blobs_absent": report.absent_count,
        "blobs_erased": report.erased_count,
        "blobs_lingering": list(report.lingering),
        "record_changes": report.changes,
        "witnessed_entries": report.witnessed,
        "recomputed": recomputation_json(found.recomputation),
    }
    return json.dumps(document, indent=2) + "\n"


def _proved(report: VerificationReport) -> list[str]:
    entries = count(report.size, "entry", "entries")
    statements = count(report.statements, "statement")
    proved = [
        f"{entries}: canonical, in order, none missing, times never running backwards",
        f"every leaf hash, and the root {report.root.hex()[:16]}…",
        f"{count(report.checkpoints, 'signed checkpoint')}, each a prefix of the next",
        f"{statements} signed by the same key",
        f"{count(report.contents, 'blob')} with the content that the entries name",
    ]
    if len(report.keys) > 1:
        proved.append(f"from key to key, each vouched for by the one before: {len(report.keys)}")
    if report.witnessed is not None:
        seen = count(report.witnessed, "entry", "entries")
        proved.append(f"enough witnesses saw the first {seen}, and no other history of them")
    if report.changes is not None:
        changes = count(report.changes, "change")
        proved.append(f"every table: {changes} of records, as the entries have it")
    return proved


def _not_proved(report: VerificationReport) -> list[str]:
    doubts: list[str] = []
    if report.unsigned:
        last = count(report.unsigned, "entry", "entries")
        doubts.append(f"the last {last}: no signed checkpoint covers them yet")
    if report.witnessed is not None and report.witnessed < report.signed:
        later = count(report.signed - report.witnessed, "signed entry", "signed entries")
        doubts.append(f"the last {later}: too few witnesses have seen them yet")
    if report.absent_count:
        blobs = count(report.absent_count, "blob")
        doubts.append(f"{blobs} absent without a word of erasure, such as {report.absent[0]}")
    doubts += [str(erasure) for erasure in report.erased[:_NAMED_MAX]]
    if report.erased_count > _NAMED_MAX:
        doubts.append(f"{report.erased_count - _NAMED_MAX} more that were erased by right")
    if report.lingering:
        blobs = count(len(report.lingering), "blob")
        doubts.append(f"{blobs} erased and still stored: erase {report.lingering[0]} again")
    if report.changes is None:
        doubts.append("the tables, which `--state` compares with the log")
    return doubts


def _not_recomputed(found: WorkspaceVerification) -> list[str]:
    if found.recomputation is None:
        return []
    return list(unrecomputed_lines(found.recomputation))


def _trusted(found: WorkspaceVerification) -> str:
    if found.key_given:
        return "That the key you gave is the log's:"
    return "That nobody else held this workspace's key (keep it elsewhere, and give it by --key):"
