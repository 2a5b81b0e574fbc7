"""The gate's report in every format, for the situations that people meet."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from assay.documents.gate import GateReport
from assay.documents.gate_json import render_json
from assay.documents.gate_markdown import render_markdown
from assay.documents.gate_schema import gate_schema
from assay.documents.gate_text import render_text
from assay.errors import Span
from assay.evidence.measurement import CheckFailed, Fact, Measurement, NotCollected
from assay.policy.approvals import Approval
from assay.policy.gate import Measure, assess, decide
from assay.policy.policy import Approver, Bar, Direction, Policy, Requirement, RequirementId
from assay.policy.tiers import Tier
from assay.stats.estimate import Errors, Undefined
from assay.stats.gaps import largest_difference
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import RowCounts

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rate(events: int, trials: int) -> Measure:
    return Measure(
        at=lambda errors: proportion(Proportion(events=events, trials=trials), errors=errors),
        statistical=True,
    )


def gap(young: tuple[int, int], older: tuple[int, int]) -> Measure:
    groups = {
        "<=25": Proportion(events=young[0], trials=young[1]),
        ">25": Proportion(events=older[0], trials=older[1]),
    }

    def at(errors: Errors) -> Measurement:
        return largest_difference(
            [groups], errors=errors, min_group_size=30, small_groups="insufficient"
        )

    return Measure(at=at, statistical=True)


def said(measurement: Measurement, *, statistical: bool = False) -> Measure:
    return Measure(at=lambda _: measurement, statistical=statistical)


CARD = Fact(
    value=False,
    detail="The manifest names no model card.",
    remedy="Write docs/model-card.yaml and name it under documents.model_card.",
)

SITUATIONS: dict[str, dict[str, Measure]] = {
    "denied": {
        "ranks-well": rate(400, 500),
        "approval-gap": gap((20, 95), (250, 405)),
        "model-card": said(CARD),
    },
    "denied-by-a-broken-check": {
        "ranks-well": said(
            CheckFailed(reason="ZeroDivisionError: division by zero"), statistical=True
        ),
        "approval-gap": gap((60, 95), (250, 405)),
        "model-card": said(Fact(value=True)),
    },
    "held-for-data": {
        "ranks-well": rate(28, 40),
        "approval-gap": gap((7, 12), (20, 28)),
        "model-card": said(NotCollected(reason="Nobody has attested it yet.", remedy="Ask legal.")),
    },
    "held-for-people": {
        "ranks-well": rate(400, 500),
        "approval-gap": gap((270, 400), (280, 400)),
        "model-card": said(Fact(value=True, detail="docs/model-card.yaml is complete")),
    },
    "allowed": {
        "ranks-well": rate(400, 500),
        "approval-gap": gap((270, 400), (280, 400)),
        "model-card": said(Fact(value=True, detail="docs/model-card.yaml is complete")),
    },
    "allowed-not-demonstrated": {
        "ranks-well": said(Undefined(reason="Every label is negative."), statistical=True),
        "approval-gap": gap((270, 400), (280, 400)),
        "model-card": said(Fact(value=True)),
    },
}

POLICY = Policy(
    name="lending",
    version="3.1.0",
    digest="9f3c12ab" + "0" * 56,
    approvals={Tier.HIGH: (Approver(role="validator"), Approver(role="approver"))},
    requirements=(
        Requirement(
            id=RequirementId("ranks-well"),
            check="performance.accuracy",
            bar=Bar(
                direction=Direction.AT_LEAST,
                by_tier={Tier.LOW: Decimal("0.65"), Tier.HIGH: Decimal("0.70")},
            ),
            owner="role:validator",
            span=Span("policy/lending.yaml", 6, 3),
        ),
        Requirement(
            id=RequirementId("approval-gap"),
            check="fairness.selection_rate_difference",
            parameters={"by": ("age",)},
            bar=Bar(direction=Direction.AT_MOST, by_tier={Tier.LOW: Decimal("0.15")}),
            rationale="Equal treatment act, section 2.",
            span=Span("policy/lending.yaml", 9, 3),
        ),
        Requirement(id=RequirementId("model-card"), check="documents.model_card"),
    ),
)


def report(situation: str) -> GateReport:
    tier = Tier.LOW if situation == "allowed-not-demonstrated" else Tier.HIGH
    measures = {RequirementId(name): item for name, item in SITUATIONS[situation].items()}
    judgements, tests, error = assess(POLICY, tier=tier, measures=measures)
    people = (("ben", "validator"), ("cleo", "approver")) if situation == "allowed" else ()
    decision = decide(
        POLICY,
        tier=tier,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis="b" * 64,
        approvals=[
            Approval(person=person, role=role, basis="b" * 64, given_at=AT)
            for person, role in people
        ],
        author="ada",
        at=AT,
    )
    excluded = {"missing score": 3} if situation == "denied" else {}
    return GateReport(
        system="consumer-credit",
        version="4.2.0",
        version_digest="1" * 64,
        tier_source="declared",
        policy="lending 3.1.0",
        policy_digest=POLICY.digest,
        policy_file="policy/lending.yaml",
        false_allow=0.05,
        decision=decision,
        author="Ada",
        model_pinned=True,
        unit="rows",
        names={"ada": "Ada", "ben": "Ben", "cleo": "Cleo"},
        rows=RowCounts(read=503 if excluded else 500, excluded=excluded, missing={}),
        dataset="2" * 64,
        produced="supplied",
        dataset_versions=2 if situation == "held-for-people" else 1,
        previous_policy="3" * 64 if situation == "held-for-people" else None,
        separation_verified=False,
        statement="4" * 64,
        index=18,
        origin="workspace.assay.local",
        size=19,
    )


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize(
    ("suffix", "render"),
    [("txt", render_text), ("json", render_json), ("md", render_markdown)],
)
def test_report(situation: str, suffix: str, render: Callable[[GateReport], str], golden):
    """The report of each situation reads as it did when a person last reviewed it."""
    golden(f"reports/{situation}.{suffix}", render(report(situation)))


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
