"""From the gate to production: what is allowed, what is refused, and what is remembered."""

import pytest

from assay.app.judging.explanation import UnknownRequirement, explain_requirement
from assay.app.judging.gate import gate_version
from assay.app.judging.measuring import check_version
from assay.app.judging.replay import NeverDecided, UnknownVersion, find_version
from assay.app.life.approval import ApprovalRefused, approve_version
from assay.app.life.promotion import PromotionRefused, promote_version
from assay.errors import AssayError, NotEvaluated
from assay.governance import events
from assay.governance.events import parse_entry
from assay.governance.stages import DEVELOPMENT, PRODUCTION, WrongStage
from assay.policy.gate import Verdict
from assay.policy.policy import Outcome


def approve(services, project, *, actor, role, version="1.0.0"):
    found = find_version(services, "credit", version)
    return approve_version(
        services, project, found, actor=actor, role=role, reason="The figures hold."
    )


def promote(services, project, *, stage=PRODUCTION, version="1.0.0"):
    found = find_version(services, "credit", version)
    return promote_version(services, project, found, actor="ops", stage=stage)


def types(services):
    return [parse_entry(entry.data).type for entry in services.journal.entries()]


def test_allowed_after_two_people_and_promoted(services, project):
    """The gate holds for people, two different ones approve, and the version may be promoted."""
    held = gate_version(services, project, actor="ada")
    assert held.decision.outcome is Outcome.HOLD
    assert [item.verdict for item in held.decision.judgements] == [Verdict.PASS, Verdict.PASS]
    one = approve(services, project, actor="ben", role="validator")
    assert one.decision.outcome is Outcome.HOLD
    assert [item.role for item in one.decision.awaiting] == ["approver"]
    both = approve(services, project, actor="cleo", role="approver")
    assert both.decision.outcome is Outcome.ALLOW
    promotion = promote(services, project)
    assert (promotion.before, promotion.stage) == (DEVELOPMENT, PRODUCTION)
    assert types(services) == [
        events.WORKSPACE_OPENED,
        events.PERSON_REGISTERED,
        events.SYSTEM_DECLARED,
        events.VERSION_REGISTERED,
        events.EVIDENCE_RECORDED,
        events.DECISION_MADE,
        *[events.PERSON_REGISTERED, events.APPROVAL_GIVEN, events.DECISION_MADE] * 2,
        events.PERSON_REGISTERED,
        events.VERSION_PROMOTED,
    ]


def test_gating_again_keeps_approvals_and_records_no_second_evidence(services, project):
    """The same counts of the same data are the same evidence; approvals of it stay in force."""
    gate_version(services, project, actor="ada")
    approve(services, project, actor="ben", role="validator")
    approve(services, project, actor="cleo", role="approver")
    again = gate_version(services, project, actor="dee")
    assert again.decision.outcome is Outcome.ALLOW
    assert {item.role for item in again.decision.approvals} == {"validator", "approver"}
    assert types(services).count(events.EVIDENCE_RECORDED) == 1


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("policy.yaml", "at_most: 0.20", "at_most: 0.19"),
        ("model.json", "[1]", "[2]"),
        ("assay.yaml", "tier: high", "tier: critical"),
        ("assay.yaml", "threshold: 0.5", "threshold: 0.49"),
    ],
)
def test_whatever_changes_voids_approvals(services, project, rewrite, file, old, new):
    """An approval is of exactly one version, policy, tier and evidence."""
    gate_version(services, project, actor="ada")
    approve(services, project, actor="ben", role="validator")
    approve(services, project, actor="cleo", role="approver")
    rewrite(file, old, new)
    report = gate_version(services, project, actor="ada")
    assert report.decision.outcome is Outcome.HOLD
    assert report.decision.approvals == ()


def test_the_author_cannot_approve(services, project):
    """Whoever gated a version first is its author, whoever gates it later."""
    gate_version(services, project, actor="ada")
    gate_version(services, project, actor="ben")
    with pytest.raises(ApprovalRefused, match="author"):
        approve(services, project, actor="ada", role="validator")
    assert approve(services, project, actor="ben", role="validator").decision.awaiting


def test_one_person_cannot_fill_two_roles(services, project):
    """The second approval must come from another person."""
    gate_version(services, project, actor="ada")
    approve(services, project, actor="ben", role="validator")
    with pytest.raises(ApprovalRefused, match="already"):
        approve(services, project, actor="ben", role="approver")


def test_a_role_that_is_not_wanted_is_refused(services, project):
    """The refusal names the roles that are."""
    gate_version(services, project, actor="ada")
    with pytest.raises(ApprovalRefused) as refused:
        approve(services, project, actor="ben", role="janitor")
    assert "validator, approver" in refused.value.remedy


def test_a_denied_version_cannot_be_approved_or_promoted(services, project, repository, holdout):
    """People cannot overrule a demonstrated violation."""
    (repository / "holdout.csv").write_text(holdout(women_shift=0.6))
    report = gate_version(services, project, actor="ada")
    assert report.decision.outcome is Outcome.DENY
    with pytest.raises(ApprovalRefused, match="denied"):
        approve(services, project, actor="ben", role="validator")
    with pytest.raises(PromotionRefused, match="deny"):
        promote(services, project)


def test_promotion_waits_for_the_gate(services, project):
    """A version on hold is not promoted, and the refusal says for whom it waits."""
    gate_version(services, project, actor="ada")
    with pytest.raises(PromotionRefused, match="validator, approver"):
        promote(services, project)


def test_promotion_needs_the_policy_of_today(services, project, rewrite):
    """An allow under yesterday's policy promotes nothing."""
    gate_version(services, project, actor="ada")
    approve(services, project, actor="ben", role="validator")
    approve(services, project, actor="cleo", role="approver")
    rewrite("policy.yaml", "at_most: 0.20", "at_most: 0.19")
    with pytest.raises(PromotionRefused, match="policy has changed"):
        promote(services, project)


def test_a_version_is_promoted_once_to_a_stage(services, project):
    """The second promotion to production is refused."""
    gate_version(services, project, actor="ada")
    approve(services, project, actor="ben", role="validator")
    approve(services, project, actor="cleo", role="approver")
    promote(services, project)
    with pytest.raises(WrongStage):
        promote(services, project)


def test_what_cannot_be_evaluated_leaves_the_journal_unchanged(services, project, repository):
    """A third label value ends the run before anything is recorded."""
    size = services.journal.head().size
    with (repository / "holdout.csv").open("a") as file:
        file.write("F,maybe,0.5\n")
    with pytest.raises(NotEvaluated):
        gate_version(services, project, actor="ada")
    assert services.journal.head().size == size


def test_a_check_records_evidence_and_judges_nothing(services, project):
    """`check` leaves a version without a decision, which cannot be approved."""
    report = check_version(services, project, actor="ada")
    assert len(report.measurements) == 2
    assert events.EVIDENCE_RECORDED in types(services)
    assert events.DECISION_MADE not in types(services)
    with pytest.raises(NeverDecided):
        approve(services, project, actor="ben", role="validator")


def test_a_misspelt_version_or_requirement_gets_the_nearest(services, project):
    """Errors about names carry the nearest that is known."""
    gate_version(services, project, actor="ada")
    with pytest.raises(UnknownVersion, match=r"1\.0\.0"):
        find_version(services, "credit", "1.0.1")
    version = find_version(services, "credit", "1.0.0")
    with pytest.raises(UnknownRequirement) as unknown:
        explain_requirement(services, project, version, "aproval-gap")
    assert "'approval-gap'" in unknown.value.remedy


def test_an_explanation_says_what_the_recorded_decision_says(services, project):
    """Judged again from the recorded tallies, the verdict and its bounds are the same."""
    report = gate_version(services, project, actor="ada")
    version = find_version(services, "credit", report.version_digest[:12])
    explanation = explain_requirement(services, project, version, "approval-gap")
    recorded = {item.requirement.id: item for item in report.decision.judgements}
    assert explanation.judgement == recorded[explanation.judgement.requirement.id]
    assert explanation.report.index == report.index


def test_the_journal_holds_no_names_and_no_free_text(services, project):
    """Names and reasons are erasable blobs; the journal has opaque ids and digests."""
    gate_version(services, project, actor="Ada Lovelace <ada@example.org>")
    approve(services, project, actor="Ben Franklin", role="validator")
    journal = b"".join(entry.data for entry in services.journal.entries())
    for text in (b"Lovelace", b"ada@example.org", b"Franklin", b"figures hold"):
        assert text not in journal


def test_a_clock_set_back_is_held_and_recorded(services, project, clock):
    """Times in a journal never run backwards; the anomaly is an event of its own."""
    gate_version(services, project, actor="ada")
    clock.time = clock.time.replace(year=2025)
    gate_version(services, project, actor="ada")
    times = [parse_entry(entry.data).time for entry in services.journal.entries()]
    assert times == sorted(times)
    assert events.CLOCK_SET_BACK in types(services)


def test_a_hosted_model_is_unpinned_and_the_report_says_so(services, project, rewrite):
    """A reference has no digest: the version says so, and so does the report."""
    rewrite("assay.yaml", "model: model.json", "model: https://models.example.org/credit/3")
    report = gate_version(services, project, actor="ada")
    assert report.model_pinned is False


def test_the_second_version_on_the_same_data_is_counted(services, project, rewrite):
    """Judging many versions on the same data wears it out; the report says how many it was."""
    assert gate_version(services, project, actor="ada").dataset_versions == 1
    rewrite("model.json", "[1]", "[2]")
    assert gate_version(services, project, actor="ada").dataset_versions == 2


def test_every_error_has_a_code_and_a_remedy(services, project, repository, holdout):
    """What a user does wrong most: a missing column."""
    (repository / "holdout.csv").write_text(holdout().replace("p_default", "p_defualt"))
    with pytest.raises(AssayError) as missing:
        gate_version(services, project, actor="ada")
    assert missing.value.code.startswith("data.")
    assert "p_defualt" in missing.value.remedy
