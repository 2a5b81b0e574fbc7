"""The gate's report as people and programs of one's own read it, for each situation."""

import json
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator
from tests.golden.situations import SITUATIONS, report

from assay.documents.gate import GateReport
from assay.documents.gate_html import render_html
from assay.documents.gate_json import render_json
from assay.documents.gate_markdown import render_markdown
from assay.documents.gate_schema import gate_schema
from assay.documents.gate_text import render_text


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize(
    ("suffix", "render"),
    [("txt", render_text), ("json", render_json), ("md", render_markdown)],
)
def test_report(situation: str, suffix: str, render: Callable[[GateReport], str], golden):
    """The report of each situation reads as it did when a person last reviewed it."""
    golden(f"reports/{situation}.{suffix}", render(report(situation)))


@pytest.mark.parametrize(
    "situation",
    ["denied", "denied-out-of-range", "held-for-one-approver", "allowed", "allowed-by-waiver"],
)
def test_page(situation: str, golden):
    """The page of each decision is as it was when a person last looked at it."""
    golden(f"reports/{situation}.html", render_html(report(situation)))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_json_says_what_the_decision_says(situation):
    """A program reads the same outcome, verdicts and place in the log as a person."""
    shown = report(situation)
    document = json.loads(render_json(shown))
    assert document["schema"] == "assay.gate/1"
    assert document["decision"] == shown.decision.outcome.value
    assert [item["verdict"] for item in document["requirements"]] == [
        item.verdict.value for item in shown.decision.judgements
    ]
    assert list(document)[-1] == "log"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_json_keeps_its_published_schema(situation):
    """Every report is valid under the schema that other programs read it by."""
    validator = Draft202012Validator(gate_schema())
    validator.check_schema(validator.schema)
    assert list(validator.iter_errors(json.loads(render_json(report(situation))))) == []


def test_text_that_people_wrote_cannot_become_markup():
    """A requirement's or group's name is shown as it stands, never as Markdown or HTML."""
    from assay.documents.gate_markdown import escaped

    assert escaped("<img src=x>|`a`\n# b") == r"\<img src=x\>\|\`a\` \# b"
