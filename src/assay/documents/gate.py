"""The gate's report: one decision with everything a reader needs, in no format yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assay.documents.comparing import Comparison, comparison_text
from assay.documents.objecting import objection_text
from assay.documents.omissions import omissions
from assay.evidence.instants import instant_text
from assay.policy.gate import Decision, Judgement, Verdict
from assay.policy.policy import EXPRESSION, Mode, Outcome
from assay.policy.tiers import Tier
from assay.stats.tallies import CHAMPION, RowCounts

OUTCOME_WORDS: Final = {Outcome.ALLOW: "ALLOWED", Outcome.HOLD: "ON HOLD", Outcome.DENY: "DENIED"}

VERDICT_WORDS: Final = {
    Verdict.PASS: "Pass",
    Verdict.FAIL: "Fail",
    Verdict.INSUFFICIENT: "Not enough data",
    Verdict.MISSING: "Missing",
    Verdict.WAIVED: "Waived",
    Verdict.NOT_APPLICABLE: "Does not apply",
    Verdict.ERROR: "Error",
}

VERDICT_SIGNS: Final = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.INSUFFICIENT: "?",
    Verdict.MISSING: "○",
    Verdict.WAIVED: "~",
    Verdict.NOT_APPLICABLE: "-",
    Verdict.ERROR: "!",
}

# "good", "bad", "unsure", "faint": how a word is painted, beside its sign.
OUTCOME_STYLES: Final = {Outcome.ALLOW: "good", Outcome.HOLD: "unsure", Outcome.DENY: "bad"}

VERDICT_STYLES: Final = {
    Verdict.PASS: "good",
    Verdict.FAIL: "bad",
    Verdict.ERROR: "bad",
    Verdict.INSUFFICIENT: "unsure",
    Verdict.MISSING: "unsure",
    Verdict.WAIVED: "unsure",
    Verdict.NOT_APPLICABLE: "faint",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """A decision and its context.

    Attributes:
        unit: what a row stands for ("rows", or the column that names people).
        names: people's names by id, where they are known.
        rows: rows read and excluded.
        produced: scores "supplied", or "computed" by the model's own command here.
        model_pinned: whether the model itself is in the version by digest.
        dataset_versions: how many versions this evaluation data has judged, this one included.
        previous_policy: digest of the policy that judged the system's version before, where
            it differs.
        index: the decision's index in the audit log.
        origin: the log's name.
        size: entries that the latest signed checkpoint covers.
        as_of: whether it tells what would be decided at another instant, and is not recorded;
            index and statement are then of the decision whose policy and evidence it rests on.
        weight: the column of weights and what they are; empty where every row counts once.
        uses: the versions that the policy divides `false_allow` among; `false_allow` is the
            share of one.
        comparisons: other versions that scored the same rows.
        in_production: the name of another version that is in production; "" if there is none.
    """

    system: str
    version: str
    version_digest: str
    tier_source: str
    policy: str
    policy_digest: str
    policy_file: str
    false_allow: float
    decision: Decision
    author: str
    model_pinned: bool
    unit: str
    names: Mapping[str, str]
    rows: RowCounts
    dataset: str
    produced: str
    dataset_versions: int
    previous_policy: str | None
    separation_verified: bool
    statement: str
    index: int
    origin: str
    size: int
    weight: str = ""
    uses: int = 1
    as_of: bool = False
    comparisons: tuple[Comparison, ...] = ()
    in_production: str = ""

    def __repr__(self) -> str:
        """The report as a terminal shows it."""
        from assay.documents.gate_text import render_text

        return render_text(self).rstrip()

    def _repr_html_(self) -> str:
        """The report in a notebook."""
        from assay.documents.notebook import report_html

        return report_html(self)


def ordered(judgements: tuple[Judgement, ...]) -> list[Judgement]:
    """The worst first: what denies, what holds, what is allowed without demonstration."""
    rank = {
        Verdict.FAIL: 0,
        Verdict.ERROR: 1,
        Verdict.MISSING: 2,
        Verdict.INSUFFICIENT: 3,
        Verdict.WAIVED: 4,
        Verdict.PASS: 5,
        Verdict.NOT_APPLICABLE: 6,
    }
    return sorted(judgements, key=lambda item: rank[item.verdict])


def blockers(report: GateReport) -> list[Judgement]:
    """The judgements that stop the release, worst first."""
    return [
        item for item in ordered(report.decision.judgements) if item.effect is not Outcome.ALLOW
    ]


def headline(report: GateReport) -> str:
    """The decision in one sentence."""
    match report.decision.outcome:
        case Outcome.ALLOW:
            return _allowed(report)
        case Outcome.HOLD:
            return _held(report)
        case Outcome.DENY:
            return _denied(report)


def _allowed(report: GateReport) -> str:
    decision = report.decision
    if decision.demonstrated:
        return "Every requirement that applies is met."
    waived = sum(item.verdict is Verdict.WAIVED for item in decision.judgements)
    lacking = sum(item.verdict is Verdict.INSUFFICIENT for item in decision.judgements)
    told = [
        f"{count(waived, 'requirement')} {'is' if waived == 1 else 'are'} waived" if waived else "",
        f"{count(lacking, 'requirement')} {'lacks' if lacking == 1 else 'lack'} the data to tell"
        if lacking
        else "",
    ]
    return f"Allowed, not demonstrated: {', and '.join(filter(None, told))}."


def _held(report: GateReport) -> str:
    decision, stopped = report.decision, blockers(report)
    if stopped:
        return f"{count(len(stopped), 'requirement')} cannot be decided yet."
    if decision.objections:
        return objection_text(decision.objections[0], report)
    if decision.awaiting:
        roles = ", ".join(item.role for item in decision.awaiting)
        waived = any(item.verdict is Verdict.WAIVED for item in decision.judgements)
        met = "met or waived" if waived else "met"
        return f"Every requirement is {met}; waiting for people: {roles}."
    return "No requirement applies at this tier, so nothing has been shown."


def _denied(report: GateReport) -> str:
    if report.decision.tier is Tier.PROHIBITED:
        return "A prohibited system is never released."
    failing = [item for item in blockers(report) if item.effect is Outcome.DENY]
    against = [item for item in report.decision.objections if item.effect is Outcome.DENY]
    if against and not failing:
        return objection_text(against[0], report)
    return f"{count(len(failing), 'requirement')} of {len(report.decision.judgements)} " + (
        "stops the release." if len(failing) == 1 else "stop the release."
    )


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun, "1 requirement" or "2 requirements"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def decided_at(report: GateReport) -> str:
    """The instant of which it was decided, to the minute."""
    return instant_text(report.decision.at)[:16].replace("T", " ") + " UTC"


_NOTHING: Final = "Nothing was recorded."


def _what_if(report: GateReport) -> list[str]:
    if not report.as_of:
        return []
    when = decided_at(report)
    return [f"This is what would be decided as of {when}, by what was recorded by then.", _NOTHING]


def _uncovered(report: GateReport) -> list[str]:
    """Requirements whose expression compares figures: no error rate is declared for those."""
    return [
        f"Requirement {item.requirement.id!r} compares figures by an expression: the declared "
        "error rates do not cover it."
        for item in report.decision.judgements
        if item.requirement.check == EXPRESSION
        and item.verdict is not Verdict.NOT_APPLICABLE
        and "measurement." in str(item.requirement.parameters["expression"])
    ]


def _wear(report: GateReport) -> list[str]:
    """How worn the evaluation data are, beyond what the policy has divided its errors for."""
    judged, uses = report.dataset_versions, report.uses
    if judged <= 1:
        return []
    if judged <= uses:
        return [f"This is one of the {uses} uses of these rows that false_allow is divided among."]
    beyond = f", and the policy divides false_allow among {uses}" if uses > 1 else ""
    words = f"This evaluation data has now judged {judged} versions{beyond}"
    return [f"{words}; each further use wears it out."]


def cautions(report: GateReport) -> list[str]:
    """What a careful reader must know besides the verdicts."""
    decision, rows = report.decision, report.rows
    found = [*_what_if(report), *_uncovered(report)]
    if report.tier_source == "declared":
        found.append(f"The tier ({decision.tier}) is declared, not derived from an intake.")
    if not report.separation_verified and (decision.approvals or decision.awaiting):
        found.append(
            "Identities are asserted on this machine: separation of duties was not verified."
        )
    if not report.model_pinned:
        found.append("The model is hosted elsewhere and not pinned: another may answer tomorrow.")
    if report.weight:
        found.append(f"Figures are weighted by {report.weight}.")
    if rows.read != rows.used:
        reasons = ", ".join(f"{reason}: {n:,}" for reason, n in sorted(rows.excluded.items()))
        found.append(f"Rows left out: {rows.read - rows.used:,} of {rows.read:,} ({reasons}).")
    found += omissions(decision.judgements)
    found += map(comparison_text, report.comparisons)
    if report.in_production and not any(c.against == CHAMPION for c in report.comparisons):
        found.append(
            f"Version {report.in_production} is in production, and the data name no scores of it "
            "(data.evaluation.champion): nothing was compared with it."
        )
    found += _wear(report)
    if report.previous_policy is not None:
        found.append(
            "The policy differs from the one that judged the version before: see "
            f"assay policy diff {report.previous_policy[:12]}."
        )
    if decision.mode is not Mode.ENFORCE and decision.tier is not Tier.PROHIBITED:
        found.append(f"The policy's mode is {decision.mode.value}: the decision stops nothing.")
    return found
