r"""The gate's report in the Test Anything Protocol, version 13, which version 14 reads too.

Source: testanything.org, "TAP specification" 13 and 14; `#` and `\` are escaped as 14 says.
"""

from __future__ import annotations

import json
from typing import Final

from assay.documents.gate import OUTCOME_WORDS, GateReport, headline
from assay.documents.gate_items import Item, Standing, gate_items, stops
from assay.documents.visible import visible

_SKIPPED: Final = frozenset({Standing.ASIDE, Standing.UNSHOWN, Standing.WAIVED})
_OK: Final = _SKIPPED | {Standing.MET}


def render_tap(report: GateReport) -> str:
    """A test point for each item, with what stands in the way as YAML below it.

    Under a policy that stops nothing, what is unmet is marked TODO: a failure that a harness
    shows and does not count.
    """
    items = gate_items(report)
    word = OUTCOME_WORDS[report.decision.outcome]
    lines = [
        "TAP version 13",
        f"1..{len(items)}",
        f"# {word}: {visible(report.system)} {visible(report.version)}. {headline(report)}",
    ]
    for number, item in enumerate(items, start=1):
        lines += _point(number, item, report)
    return "\n".join(lines) + "\n"


def _point(number: int, item: Item, report: GateReport) -> list[str]:
    claim = f": {item.claim}" if item.claim else ""
    test = f"{number} - {_escaped(item.id + claim)}"
    if item.standing in _SKIPPED:
        return [f"ok {test} # SKIP {_escaped(item.waived or item.message)}"]
    if item.standing in _OK:
        return [f"ok {test}"]
    mode = report.decision.mode.value
    todo = "" if stops(report) else f" # TODO the policy's mode is {mode}"
    # A JSON text is a YAML 1.2 text, with nothing left to quote.
    told = {"verdict": item.word, "check": item.check, "message": item.message}
    told |= {"remedy": item.remedy} if item.remedy else {}
    fields = [f"  {name}: {json.dumps(text, ensure_ascii=False)}" for name, text in told.items()]
    return [f"not ok {test}{todo}", "  ---", *fields, "  ..."]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")
