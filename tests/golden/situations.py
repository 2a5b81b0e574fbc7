"""The situations that people meet at the gate, each judged for real, for every format's test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from assay.documents.comparing import Comparison
from assay.documents.gate import GateReport
from assay.errors import Span
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.policy.approvals import Approval
from assay.policy.gate import Measure, assess, decide
from assay.policy.policy import (
    ATTESTATION,
    EXPRESSION,
    Approver,
    Bar,
    Direction,
    Mode,
    Policy,
    Range,
    Requirement,
    RequirementId,
)
from assay.policy.tiers import Tier
from assay.policy.waivers import Waiver
from assay.stats.estimate import Errors, Undefined
from assay.stats.gaps import largest_difference
from assay.stats.paired import PairedProportions, paired_difference
from assay.stats.proportions import Proportion, proportion
from assay.stats.tallies import RowCounts

AT: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASIS: Final = "b" * 64
FILE: Final = "policy/lending.yaml"
PEOPLE: Final = {"ben": "validator", "cleo": "approver"}

HOSTILE: Final = "</td><script>alert(1)</script>\"' ::error::x\n# TODO]]>\x1b[2J\u202egpj\x00"
"""A name that tries markup, a workflow command, a directive, and what no reader sees."""


def rate(events: int, trials: int) -> Measure:
    """A proportion of rows."""
    return Measure(
        at=lambda errors: proportion(Proportion(events=events, trials=trials), errors=errors),
        statistical=True,
    )


def gap(young: tuple[int, int], older: tuple[int, int]) -> Measure:
    """The difference of a rate between two groups, each (events, trials)."""
    return gap_of({"": {"<=25": young, ">25": older}})


def gap_of(
    families: Mapping[str, Mapping[str, tuple[int, int]]], *, report_small: bool = False
) -> Measure:
    """The largest difference of rates between groups, over families by the rate's name."""
    made = [
        {
            name: Proportion(events=events, trials=trials)
            for name, (events, trials) in groups.items()
        }
        for groups in families.values()
    ]

    def at(errors: Errors) -> Measurement:
        return largest_difference(
            made,
            errors=errors,
            min_group_size=30,
            small_groups="report" if report_small else "insufficient",
            rates=[name for name in families if name],
        )

    return Measure(at=at, statistical=True)


def change(*, won: int, lost: int, trials: int) -> Measure:
    """The change of accuracy against the version in production, on the same rows."""
    pairs = PairedProportions(first_only=won, second_only=lost, trials=trials)
    return Measure(at=lambda errors: paired_difference(pairs, errors=errors), statistical=True)


def said(measurement: Measurement, *, statistical: bool = False) -> Measure:
    """Whatever a check said."""
    return Measure(at=lambda _: measurement, statistical=statistical)


def taken(measure: Measure, *, days_ago: int) -> Measure:
    """The same from evidence that is some days old."""
    return replace(measure, taken_at=AT - timedelta(days=days_ago))


def waived(requirement: str, *, until: datetime) -> Waiver:
    """A waiver that Cleo granted."""
    return Waiver(
        id="7" * 64,
        requirement=RequirementId(requirement),
        system="consumer-credit",
        version=None,
        requested_by="ada",
        granted_by="cleo",
        role="approver",
        granted_at=AT - timedelta(days=3),
        expires_at=until,
        compensating="8" * 64,
        index=18231,
    )


POLICY: Final = Policy(
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
            span=Span(FILE, 6, 3),
        ),
        Requirement(
            id=RequirementId("approval-gap"),
            check="fairness.selection_rate_difference",
            parameters={"by": ("age",)},
            bar=Bar(direction=Direction.AT_MOST, by_tier={Tier.LOW: Decimal("0.15")}),
            rationale="Equal treatment act, section 2.",
            span=Span(FILE, 9, 3),
        ),
        Requirement(id=RequirementId("model-card"), check="documents.model_card"),
    ),
)

WIDE: Final = replace(
    POLICY,
    requirements=(
        *POLICY.requirements,
        Requirement(
            id=RequirementId("equal-odds"),
            check="fairness.equalized_odds_difference",
            parameters={"by": ("sex", "age"), "small_groups": "report"},
            bar=Bar(direction=Direction.AT_MOST, by_tier={Tier.LOW: Decimal("0.35")}),
            span=Span(FILE, 17, 3),
        ),
        Requirement(
            id=RequirementId("enough-applicants"),
            check="data.rows",
            bar=Bar(direction=Direction.AT_LEAST, by_tier={Tier.LOW: Decimal(300)}),
            span=Span(FILE, 24, 3),
        ),
        Requirement(
            id=RequirementId("no-worse-than-production"),
            check="performance.roc_auc_change",
            bar=Bar(direction=Direction.AT_LEAST, by_tier={Tier.LOW: Decimal("-0.01")}),
            span=Span(FILE, 27, 3),
        ),
    ),
)

_UNDER_ATTACK: Final = replace(
    POLICY,
    requirements=(
        *POLICY.requirements[:2],
        Requirement(
            id=RequirementId(HOSTILE),
            check="documents.model_card",
            owner=HOSTILE,
            rationale=HOSTILE,
            span=Span(FILE, 13, 3),
        ),
    ),
)

RISK_FILE: Final = Requirement(
    id=RequirementId("risk-file"),
    check=ATTESTATION,
    parameters={"asks": "The risk file is current.", "by": "risk-owner"},
    max_age={Tier.LOW: timedelta(days=180)},
    owner="role:risk-owner",
    satisfies=("eu-ai-act:ART9-1",),
    span=Span(FILE, 31, 3),
)

SCOPED: Final = replace(
    POLICY,
    approvals={},
    max_age={Tier.LOW: timedelta(days=90)},
    requirements=(
        *POLICY.requirements,
        RISK_FILE,
        Requirement(
            id=RequirementId("selects-some"),
            check="performance.selection_rate",
            bar=Bar(
                direction=Direction.BETWEEN,
                by_tier={Tier.LOW: Range(Decimal("0.5"), Decimal("0.8"))},
            ),
            span=Span(FILE, 36, 3),
        ),
        Requirement(
            id=RequirementId("enough-of-everyone"),
            check=EXPRESSION,
            parameters={"expression": "evidence.rows >= 400 && evidence.excluded < 20"},
            span=Span(FILE, 39, 3),
        ),
        Requirement(
            id=RequirementId("human-oversight"),
            check="documents.model_card",
            effective_from=datetime(2026, 8, 2, tzinfo=UTC),
            span=Span(FILE, 42, 3),
        ),
        Requirement(
            id=RequirementId("watched"),
            check="monitoring.plan",
            when="tier >= CRITICAL",
            span=Span(FILE, 45, 3),
        ),
    ),
)

CARD: Final = Fact(
    value=False,
    detail="The manifest names no model card.",
    remedy="Write docs/model-card.yaml and name it under documents.model_card.",
)
COMPLETE: Final = Fact(value=True, detail="docs/model-card.yaml is complete")

GOOD: Final = {
    "ranks-well": rate(400, 500),
    "approval-gap": gap((270, 400), (280, 400)),
    "model-card": said(COMPLETE),
}
BAD: Final = {
    "ranks-well": rate(400, 500),
    "approval-gap": gap((20, 95), (250, 405)),
    "model-card": said(CARD),
}
SPARSE: Final = {
    "ranks-well": rate(28, 40),
    "approval-gap": gap((7, 12), (20, 28)),
    "model-card": said(NotCollected(reason="Nobody has attested it yet.", remedy="Ask legal.")),
}


ATTESTED: Final = Fact(
    value=True, detail="Attested as risk-owner on 2026-02-01, statement 777777777777"
)
SCOPED_GOOD: Final = {
    **{name: taken(measure, days_ago=10) for name, measure in GOOD.items()},
    "risk-file": taken(said(ATTESTED), days_ago=28),
    "selects-some": taken(rate(330, 500), days_ago=10),
    "enough-of-everyone": taken(
        said(Fact(value=True, detail="evidence.rows >= 400 && evidence.excluded < 20 is true.")),
        days_ago=10,
    ),
    "human-oversight": taken(said(CARD), days_ago=10),
    "watched": taken(said(Fact(value=False)), days_ago=10),
}


AGAINST_PRODUCTION: Final = replace(
    POLICY,
    requirements=(
        *POLICY.requirements,
        Requirement(
            id=RequirementId("no-worse-than-production"),
            check="performance.accuracy_change",
            bar=Bar(direction=Direction.AT_LEAST, by_tier={Tier.LOW: Decimal("-0.01")}),
            span=Span(FILE, 15, 3),
        ),
    ),
)
COMPARED: Final = Comparison(
    against="champion",
    column="p_default_now",
    version="4.1.3",
    paired=2990,
    version_only=6,
    other_only=4,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is measured, under which rules, who has approved, and what else the report knows."""

    measures: Mapping[str, Measure]
    policy: Policy = POLICY
    tier: Tier = Tier.HIGH
    approved_by: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict[str, int])
    dataset_versions: int = 1
    previous_policy: str | None = None
    comparisons: tuple[Comparison, ...] = ()
    in_production: str = ""
    system: str = "consumer-credit"
    names: Mapping[str, str] = field(
        default_factory=lambda: {"ada": "Ada", "ben": "Ben", "cleo": "Cleo"}
    )


SITUATIONS: Final[Mapping[str, Situation]] = {
    "denied": Situation(measures=BAD, excluded={"missing score": 3}),
    "denied-by-a-broken-check": Situation(
        measures={
            "ranks-well": said(
                CheckFailed(reason="ZeroDivisionError: division by zero"), statistical=True
            ),
            "approval-gap": gap((60, 95), (250, 405)),
            "model-card": said(Fact(value=True)),
        }
    ),
    "held-for-data": Situation(measures=SPARSE),
    "held-for-people": Situation(measures=GOOD, dataset_versions=2, previous_policy="3" * 64),
    "allowed": Situation(measures=GOOD, approved_by=("ben", "cleo")),
    "allowed-not-demonstrated": Situation(
        measures={
            "ranks-well": said(Undefined(reason="Every label is negative."), statistical=True),
            "approval-gap": gap((270, 400), (280, 400)),
            "model-card": said(Fact(value=True)),
        },
        tier=Tier.LOW,
    ),
    "held-for-one-approver": Situation(
        policy=WIDE,
        measures={
            **GOOD,
            "equal-odds": gap_of(
                {
                    "true positive rate": {
                        "sex: female": (130, 190),
                        "sex: male": (205, 300),
                        "age: <=25": (64, 96),
                        "age: >25 to 60": (240, 350),
                        "age: >60": (9, 14),
                    },
                    "false positive rate": {
                        "sex: female": (31, 200),
                        "sex: male": (52, 310),
                        "age: <=25": (17, 101),
                        "age: >25 to 60": (60, 370),
                        "age: >60": (2, 11),
                    },
                },
                report_small=True,
            ),
            "enough-applicants": said(Fact(value=800, detail="800 rows were read, all used.")),
            "no-worse-than-production": said(
                NotApplicable(reason="No version is in production yet.")
            ),
        },
        approved_by=("ben",),
    ),
    "observed": Situation(measures=BAD, policy=replace(POLICY, mode=Mode.OBSERVE)),
    "denied-for-lack-of-data": Situation(measures=SPARSE, tier=Tier.CRITICAL),
    "prohibited": Situation(measures=GOOD, tier=Tier.PROHIBITED, approved_by=("ben", "cleo")),
    "allowed-against-production": Situation(
        policy=AGAINST_PRODUCTION,
        measures={**GOOD, "no-worse-than-production": change(won=31, lost=33, trials=2990)},
        approved_by=("ben", "cleo"),
        excluded={"missing score": 4},
        comparisons=(COMPARED,),
        in_production="4.1.3",
    ),
    "denied-against-production": Situation(
        policy=AGAINST_PRODUCTION,
        measures={**GOOD, "no-worse-than-production": change(won=20, lost=140, trials=2990)},
        comparisons=(COMPARED,),
        in_production="4.1.3",
    ),
    "held-with-nothing-to-compare": Situation(
        policy=AGAINST_PRODUCTION,
        measures={
            **GOOD,
            "no-worse-than-production": said(
                NotApplicable(
                    reason="Nothing is in production yet: data.evaluation names no champion to "
                    "compare with."
                )
            ),
        },
        in_production="4.1.3",
    ),
    "allowed-by-attestation": Situation(policy=SCOPED, measures=SCOPED_GOOD),
    "allowed-by-waiver": Situation(
        policy=replace(POLICY, approvals={}),
        measures=BAD,
        waivers=(
            waived("approval-gap", until=datetime(2027, 1, 1, tzinfo=UTC)),
            waived("model-card", until=datetime(2026, 6, 30, 18, tzinfo=UTC)),
        ),
    ),
    "held-for-expired-evidence": Situation(
        policy=SCOPED,
        measures={
            **SCOPED_GOOD,
            "ranks-well": taken(rate(400, 500), days_ago=120),
            "risk-file": taken(said(ATTESTED), days_ago=200),
        },
    ),
    "held-for-attestation": Situation(
        policy=SCOPED,
        measures={
            **SCOPED_GOOD,
            "risk-file": said(
                NotCollected(reason="Nobody has attested as risk-owner: The risk file is current.")
            ),
        },
    ),
    "denied-by-expression": Situation(
        policy=SCOPED,
        measures={
            **SCOPED_GOOD,
            "enough-of-everyone": taken(
                said(
                    Fact(
                        value=False,
                        detail="evidence.rows >= 400 && evidence.excluded < 20 is false.",
                    )
                ),
                days_ago=10,
            ),
        },
    ),
    "denied-out-of-range": Situation(
        policy=SCOPED,
        measures={**SCOPED_GOOD, "selects-some": taken(rate(440, 500), days_ago=10)},
    ),
    "under-attack": Situation(
        policy=_UNDER_ATTACK,
        measures={
            "ranks-well": rate(400, 500),
            "approval-gap": gap_of({"": {HOSTILE: (20, 95), "older": (250, 405)}}),
            HOSTILE: said(Fact(value=False, detail=HOSTILE, remedy=HOSTILE)),
        },
        system=HOSTILE,
        names={"ada": HOSTILE, "ben": HOSTILE},
        approved_by=("ben",),
    ),
}


def report(name: str) -> GateReport:
    """The gate's report of a situation."""
    situation = SITUATIONS[name]
    policy = situation.policy
    judgements, tests, error = assess(
        policy,
        tier=situation.tier,
        measures={RequirementId(key): item for key, item in situation.measures.items()},
        at=AT,
        applies={
            rule.id: Fact(value=False) for rule in policy.requirements if rule.when is not None
        },
        waivers=situation.waivers,
    )
    decision = decide(
        policy,
        tier=situation.tier,
        judgements=judgements,
        tests=tests,
        holm_error=error,
        basis=BASIS,
        approvals=[
            Approval(person=person, role=PEOPLE[person], basis=BASIS, given_at=AT)
            for person in situation.approved_by
        ],
        author="ada",
        at=AT,
    )
    used = 500
    return GateReport(
        system=situation.system,
        version="4.2.0",
        version_digest="1" * 64,
        tier_source="declared",
        policy=f"{policy.name} {policy.version}",
        policy_digest=policy.digest,
        policy_file=FILE,
        false_allow=0.05,
        decision=decision,
        author=situation.names["ada"],
        model_pinned=True,
        unit="rows",
        names=situation.names,
        rows=RowCounts(
            read=used + sum(situation.excluded.values()), excluded=situation.excluded, missing={}
        ),
        dataset="2" * 64,
        produced="supplied",
        dataset_versions=situation.dataset_versions,
        previous_policy=situation.previous_policy,
        comparisons=situation.comparisons,
        in_production=situation.in_production,
        separation_verified=False,
        statement="4" * 64,
        index=18,
        origin="workspace.assay.local",
        size=19,
    )


Render = Callable[[GateReport], str]
