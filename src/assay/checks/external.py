"""What other tools found: tests, scans, and signed test results, as the manifest names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from assay.checks.check import check
from assay.evidence.inputs import Absent, Evidence
from assay.evidence.measurement import Document, Fact

EXTERNAL: Final = "external."
"""Before the manifest's name of a report, in the name under which checks ask for it."""

Level = Literal["note", "warning", "error"]


def _needs(*, of: str, **_: object) -> list[Document]:
    return [Document(f"{EXTERNAL}{of}")]


@check("external.tests", better="higher", needs=_needs, unit="tests")
def tests(evidence: Evidence, *, of: str) -> Fact:
    """How many tests ran.

    Formula: the tests that a JUnit report lists, without those that were skipped.
    Source: JUnit XML as Ant and Maven write it.
    Undefined: never; a report that is not there is missing.
    Tallies: none; it reads the report `of`, which the manifest names under `evidence`.

    Args:
        evidence: with the report.
        of: the report's name in the manifest, under `evidence`.
    """
    said = _said(evidence, of, "junit")
    return Fact(value=_ran(said), detail=_summary(said))


@check("external.failed_tests", better="lower", needs=_needs, unit="tests")
def failed_tests(evidence: Evidence, *, of: str) -> Fact:
    """How many tests did not pass: failed, or broke.

    Formula: the tests of a JUnit report with a failure or an error; its own totals are not
        believed.
    Source: JUnit XML as Ant and Maven write it.
    Undefined: never; a report that is not there, or in which no test ran, is missing.
    Tallies: none; it reads the report `of`, which the manifest names under `evidence`.

    Args:
        evidence: with the report.
        of: the report's name in the manifest, under `evidence`.
    """
    said = _said(evidence, of, "junit")
    if not _ran(said):
        raise Absent(
            f"In the report {of!r} no test ran.", remedy="Have the tests run before the gate."
        )
    return Fact(value=said["failed"] + said["broken"], detail=_summary(said))


@check("external.findings", better="lower", needs=_needs, unit="findings")
def findings(evidence: Evidence, *, of: str, level: Level = "warning") -> Fact:
    """How many results of a scan are of a level or worse, and not suppressed.

    Formula: the results of a SARIF log whose level is `level` or worse. A result without a
        level has its rule's, or else "warning"; one that is no failure, is suppressed, or is
        gone since the baseline does not count.
    Source: OASIS SARIF 2.1.0, sections 3.27.9, 3.27.10, 3.27.23 and 3.27.24.
    Undefined: never; a log that is not there, or of a scan that was not completed, is missing.
    Tallies: none; it reads the log `of`, which the manifest names under `evidence`.

    Args:
        evidence: with the report.
        of: the report's name in the manifest, under `evidence`.
        level: note, warning or error: the least that counts.
    """
    said = _said(evidence, of, "sarif")
    if not said["complete"]:
        raise Absent(
            f"The scan {of!r} was not completed.", remedy="Mend the scan, and run it again."
        )
    levels: Mapping[str, int] = said["levels"]
    order = list(levels)
    worse = order[order.index(level) :]
    counts = ", ".join(f"{levels[name]} {name}" for name in reversed(worse))
    return Fact(
        value=sum(levels[name] for name in worse),
        detail=f"{counts}; {said['suppressed']} suppressed.",
    )


@check("external.passed", better="true", needs=_needs, unit="fact")
def passed(evidence: Evidence, *, of: str) -> Fact:
    """Whether someone who is trusted says that this version, or its model, passed.

    Formula: true where the result of an in-toto test result (`test-result/v0.1`) is PASSED.
    Source: in-toto attestation framework, predicate "test-result" v0.1.
    Undefined: never; a statement that is not there, that too few of the manifest's signers
        signed, or that is about something else is missing.
    Tallies: none; it reads the statement `of`, which the manifest names under `evidence`.

    Args:
        evidence: with the report.
        of: the report's name in the manifest, under `evidence`.
    """
    said = _said(evidence, of, "test-result")
    if not said["trusted"]:
        raise Absent(
            f"The statement {of!r} is not to be trusted: {said['reason']}",
            remedy="Have it signed by the keys that the manifest names under its signers.",
        )
    if not evidence.subjects & set(said["subjects"]):
        raise Absent(
            f"The statement {of!r} is about something else than this version or its model.",
            remedy="Name the SHA-256 of the model, or the version's digest, as its subject.",
        )
    failed = f" Failed: {', '.join(said['named'])}." if said["named"] else ""
    return Fact(value=said["result"] == "PASSED", detail=f"The result is {said['result']}.{failed}")


def _said(evidence: Evidence, of: str, kind: str) -> Mapping[str, Any]:
    """What a report says, if it is there and of the kind."""
    report = evidence[Document(f"{EXTERNAL}{of}")]
    if report is None:
        raise Absent(
            f"There is no report {of!r}.",
            remedy=f"Name it in the manifest under evidence.{of}, and have it written.",
        )
    if report.content["format"] != kind:
        raise Absent(
            f"The report {of!r} is {report.content['format']}, not {kind}.",
            remedy="Ask the check that reads it, or correct the manifest's `format`.",
        )
    return report.content


def _ran(said: Mapping[str, Any]) -> int:
    return int(said["listed"] - said["skipped"])


def _summary(said: Mapping[str, Any]) -> str:
    counts = f"{_ran(said)} ran, {said['skipped']} skipped"
    counts += f", {said['failed']} failed, {said['broken']} broke"
    named = f": {', '.join(said['named'])}" if said["named"] else ""
    return f"{counts}{named}."
