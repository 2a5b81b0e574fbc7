"""The gate's report as JUnit XML: failure = unmet or open, error = the check could not run.

Source: the form that Ant's and Maven's reports share, as GitLab, Jenkins and GitHub read it.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from assay.documents.gate import GateReport
from assay.documents.gate_items import Item, Standing, gate_items, place, stops
from assay.documents.visible import visible

_FAILED: Final = frozenset({Standing.UNMET, Standing.OPEN})
_SKIPPED: Final = frozenset({Standing.ASIDE, Standing.UNSHOWN, Standing.WAIVED})


def render_junit(report: GateReport, *, folder: str = "") -> str:
    """One suite with a case for each item, the worst first.

    Under a policy that stops nothing, what is unmet is skipped and says so: a failure would
    stop the pipelines that read this report.

    Args:
        report: the report.
        folder: the manifest's folder, by its path from the repository's top.
    """
    decision = report.decision
    name = f"{visible(report.system)} {visible(report.version)} / {visible(report.policy)}"
    suite = ET.Element("testsuite", name=name)
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(report).items():
        ET.SubElement(properties, "property", name=f"assay.{key}", value=value)
    for item in gate_items(report):
        _case(suite, item, report, folder)
    totals = {
        "tests": str(len(suite.findall("testcase"))),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
        "skipped": str(len(suite.findall("testcase/skipped"))),
    }
    suite.attrib.update(totals, timestamp=decision.at.strftime("%Y-%m-%dT%H:%M:%S"))
    root = ET.Element("testsuites", {"name": "assay", **totals})
    root.append(suite)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _properties(report: GateReport) -> dict[str, str]:
    decision = report.decision
    return {
        "decision": decision.outcome.value,
        "effective": decision.effective.value,
        "tier": str(decision.tier),
        "version": report.version_digest,
        "policy": report.policy_digest,
        "data": report.dataset,
        "log": f"{report.origin}:{report.index}",
    }


def _case(suite: ET.Element, item: Item, report: GateReport, folder: str) -> None:
    claim = f": {item.claim}" if item.claim else ""
    case = ET.SubElement(
        suite,
        "testcase",
        classname=item.check,
        name=f"{item.id}{claim}",
        file=place(item, report, folder=folder).file,
    )
    if item.standing in _SKIPPED:
        ET.SubElement(case, "skipped", message=item.waived or item.message)
    elif item.standing in _FAILED | {Standing.BROKEN} and not stops(report):
        mode = report.decision.mode.value
        ET.SubElement(case, "skipped", message=f"{item.word} (mode {mode}): {item.text}")
    elif item.standing in _FAILED:
        ET.SubElement(case, "failure", message=item.message, type=item.word).text = item.text
    elif item.standing is Standing.BROKEN:
        ET.SubElement(case, "error", message=item.message, type=item.word).text = item.text
