"""How many versions an evaluation set has judged: a holdout wears out with use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from assay.app.ports import Written
from assay.checks.occasion import EVALUATED_ON, HOLDOUT_USE
from assay.evidence.canonical import digest
from assay.evidence.measurement import Document, DocumentContent
from assay.governance.fold import EVIDENCE, Record
from assay.governance.records import Records

EVALUATION_SET: Final = "evaluation_set"
"""The name of an evaluation set's identity among the digests of an evaluation."""


def versions_judged(records: Records, *, dataset: str, evaluation_set: str | None) -> list[str]:
    """The versions that were measured on an evaluation set, by key, in the order of their first.

    Args:
        records: what is recorded, of whatever system.
        dataset: SHA-256 (hex) of the file, by which evaluations from before there were
            identities are found.
        evaluation_set: SHA-256 (hex) of the set's identity; None where it is not recorded.
    """
    same = [
        record
        for record in records.records(EVIDENCE)
        if record.value["dataset"] == dataset
        or (evaluation_set is not None and set_of(record) == evaluation_set)
    ]
    same.sort(key=lambda record: cast(int, record.value["index"]))
    return list(dict.fromkeys(record.parent for record in same))


def set_of(evidence: Record) -> str | None:
    """The digest of an evaluation's set, if it was recorded."""
    return cast(Mapping[str, str], evidence.value["digests"]).get(EVALUATION_SET)


def which_use(judged: list[str], version: str) -> int:
    """The place of a version among those judged on a set, from 1; the next if it is new."""
    return judged.index(version) + 1 if version in judged else len(judged) + 1


def evaluated_on(at: datetime) -> tuple[DocumentContent, bytes]:
    """The day of an evaluation, in UTC, as a document with its bytes."""
    return _noted(
        EVALUATED_ON, f'date: "{at.date().isoformat()}"\n', {"date": at.date().isoformat()}
    )


def holdout_use(use: int) -> tuple[DocumentContent, bytes]:
    """Which use of its evaluation set an evaluation is, as a document with its bytes."""
    return _noted(HOLDOUT_USE, f"use: {use}\n", {"use": use})


def _noted(
    document: Document, text: str, content: Mapping[str, str | int]
) -> tuple[DocumentContent, bytes]:
    written = Written(file=f"{document.name}.yaml", source=text.encode())
    return (
        DocumentContent(path=written.file, digest=digest(written.source), content=content),
        written.source,
    )
