"""Time, people and circumstances judge recorded measurements again, and never touch the data."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assay.adapters.keys import Ed25519Signer
from assay.adapters.loaders.intake import render_answers
from assay.adapters.loaders.questionnaires import load_questionnaire
from assay.adapters.project import LocalProject, RecordedTexts
from assay.app.judging.deciding import decide_case
from assay.app.judging.explanation import explain_requirement
from assay.app.judging.gate import gate_version
from assay.app.judging.past import gate_as_of
from assay.app.judging.replay import NeverDecided, Recorded, find_version, recorded_case
from assay.app.judging.reporting import gate_report
from assay.app.life.approval import approve_version
from assay.app.life.attesting import AttestationRefused, attest_requirement
from assay.app.life.promotion import PromotionRefused, promote_version
from assay.app.life.waiving import grant_waiver, request_waiver
from assay.app.packs.packing import pack_version
from assay.app.packs.recomputing import recompute_journal
from assay.app.packs.verification import recompute_pack, verify_pack
from assay.app.people.access import NotPermitted, RoleNotHeld
from assay.app.people.granting import grant_role
from assay.app.services import Services
from assay.documents.explanation import render_explanation
from assay.documents.gate import GateReport
from assay.documents.gate_text import render_text
from assay.documents.packs.layout import Audience
from assay.errors import ConfigurationError
from assay.evidence.measurement import NotCollected
from assay.governance.fold import EVIDENCE, WAIVER
from assay.governance.stages import PRODUCTION
from assay.policy.conditions import QuestionId
from assay.policy.gate import Judgement, Verdict
from assay.policy.policy import Outcome

SIGNER = Ed25519Signer.from_seed("test.assay.local", bytes(32))
"""The workspace's key, as the fixture makes it."""

POLICY = """\
policy: lending
version: 1.0.0
requirements:
  ranks-well: {{check: performance.roc_auc, at_least: 0.60}}
{rules}
"""

ATTESTED = "  risk-file: {attest: The risk file is current., by: risk-owner, max_age: {high: 30d}}"


class Story:
    """A repository, a workspace and a clock, told in a few words."""

    def __init__(self, services: Services, repository: Path, clock: Any) -> None:
        self.services = services
        self.repository = repository
        self.clock = clock
        self.project = LocalProject(repository / "assay.yaml")

    def policy(self, *rules: str) -> None:
        text = POLICY.format(rules="\n".join(rules))
        (self.repository / "policy.yaml").write_text(text)

    def gate(self) -> GateReport:
        return gate_version(self.services, self.project, actor="ada")

    def version(self) -> Any:
        return find_version(self.services, "credit", "1.0.0")

    @contextmanager
    def without_data(self) -> Generator[None]:
        """The data are not there: whoever would read them fails."""
        data = self.repository / "holdout.csv"
        hidden = data.with_suffix(".away")
        data.rename(hidden)
        try:
            yield
        finally:
            hidden.rename(data)

    def again(self) -> GateReport:
        """Judge what was recorded, without the data."""
        with self.without_data():
            case = recorded_case(self.services, self.project, self.version())
            decision = decide_case(self.services, case, at=self.clock.now())
        return gate_report(self.services, case, decision, index=0, statement="0" * 64)

    def attest(self, name: str = "risk-file", *, actor: str = "rita") -> GateReport:
        with self.without_data():
            return attest_requirement(
                self.services,
                self.project,
                self.version(),
                name,
                actor=actor,
                reason="I read it today.",
            )

    def approve(self, *, actor: str, role: str) -> GateReport:
        with self.without_data():
            return approve_version(
                self.services, self.project, self.version(), actor=actor, role=role, reason="Fine."
            )

    def recompute(self) -> int:
        """Derive every decision again from what was recorded; how many there were."""
        recorded = Recorded(
            records=self.services.journal,
            blobs=self.services.blobs,
            texts=RecordedTexts(),
            catalogue=self.project.checks(self.project.manifest()[0]),
        )
        found = recompute_journal(recorded, verifiers=[SIGNER.verifier])
        assert found.skipped == ()
        return found.decisions


def said(report: GateReport) -> str:
    """The report's text without its line breaks."""
    return " ".join(render_text(report).split())


def judged(report: GateReport, name: str) -> Judgement:
    return next(item for item in report.decision.judgements if item.requirement.id == name)


@pytest.fixture
def story(services: Services, repository: Path, clock: Any) -> Story:
    return Story(services, repository, clock)


def test_an_attestation_is_missing_until_someone_gives_it(story: Story) -> None:
    """It holds; once given the version is judged again at once, from what was recorded."""
    story.policy(ATTESTED)
    held = story.gate()
    assert held.decision.outcome is Outcome.HOLD
    assert judged(held, "risk-file").verdict is Verdict.MISSING
    assert "Nobody has attested as risk-owner: The risk file is current." in said(held)
    assert "assay attest 1.0.0 risk-file" in said(held)
    report = story.attest()
    assert judged(report, "risk-file").verdict is Verdict.PASS
    assert report.decision.outcome is Outcome.ALLOW
    assert story.gate().decision.outcome is Outcome.ALLOW
    assert story.recompute() == 3


def test_an_attestation_expires(story: Story) -> None:
    """What a person once said does not hold for ever; saying it again renews it."""
    story.policy(ATTESTED)
    story.gate()
    story.attest()
    story.clock.time += timedelta(days=31)
    later = story.again()
    assert judged(later, "risk-file").verdict is Verdict.MISSING
    assert "Expired: its evidence is of 2026-03-01" in judged(later, "risk-file").reason
    with pytest.raises(PromotionRefused):
        promote_version(story.services, story.project, story.version(), actor="o", stage=PRODUCTION)
    assert story.attest().decision.outcome is Outcome.ALLOW
    assert story.recompute() == 3


def test_an_attestation_answers_exactly_what_was_asked(
    story: Story, rewrite: Callable[[str, str, str], None]
) -> None:
    """Other words, another role or another version are another question."""
    story.policy(ATTESTED)
    story.gate()
    story.attest()
    rewrite("policy.yaml", "is current.", "is complete.")
    assert judged(story.gate(), "risk-file").verdict is Verdict.MISSING
    rewrite("policy.yaml", "is complete.", "is current.")
    assert judged(story.gate(), "risk-file").verdict is Verdict.PASS
    rewrite("model.json", "[1]", "[2]")
    assert judged(story.gate(), "risk-file").verdict is Verdict.MISSING


def test_only_what_is_asked_of_people_can_be_attested(story: Story) -> None:
    """A figure is not attested, and a misspelt requirement is told."""
    story.policy(ATTESTED)
    story.gate()
    with pytest.raises(AttestationRefused, match="asks nobody") as caught:
        story.attest("risk-fiel")
    assert "Did you mean 'risk-file'?" in caught.value.remedy
    with pytest.raises(AttestationRefused):
        story.attest("ranks-well")


def test_evidence_expires_and_is_measured_anew(story: Story) -> None:
    """Old evidence is missing; gating again measures again, and counts from that day."""
    story.policy("max_age: {high: 90d}")
    assert story.gate().decision.outcome is Outcome.ALLOW
    story.clock.time += timedelta(days=91)
    stale = story.again()
    assert stale.decision.outcome is Outcome.HOLD
    assert judged(stale, "ranks-well").verdict is Verdict.MISSING
    assert "measures anew" in said(stale)
    fresh = story.gate()
    assert fresh.decision.outcome is Outcome.ALLOW
    assert len(list(story.services.journal.records(EVIDENCE))) == 2
    assert story.recompute() == 2


def test_a_requirement_begins_and_ends_with_its_dates(story: Story) -> None:
    """Before its day and after its end it does not apply, and the report says since when."""
    story.policy(
        "  coming: {check: documents.model_card, effective_from: 2026-04-01}",
        "  going: {check: documents.model_card, until: 2026-02-01}",
    )
    report = story.gate()
    assert report.decision.outcome is Outcome.ALLOW
    assert "applies from 2026-04-01 on" in judged(report, "coming").reason
    assert "applied until 2026-02-01" in judged(report, "going").reason
    assert "applies from 2026-04-01 on" in said(report)
    story.clock.time += timedelta(days=40)
    assert judged(story.again(), "coming").verdict is Verdict.FAIL


def test_a_condition_reads_the_case(story: Story) -> None:
    """Where `when` is false the requirement does not apply; what is missing is missed."""
    story.policy(
        "  only-critical: {check: documents.model_card, when: tier >= CRITICAL}",
        "  computed: {check: documents.model_card, when: evidence.produced == 'computed'}",
        "  unpinned: {check: documents.model_card, when: '!version.model.pinned'}",
        "  purpose: {check: data.rows, at_least: 10, when: \"system.purpose == 'Decide loans'\"}",
        "  answered: {check: data.rows, at_least: 10, when: answers.q_autonomy != 'none'}",
    )
    report = story.gate()
    verdicts = {str(item.requirement.id): item.verdict for item in report.decision.judgements}
    assert verdicts == {
        "ranks-well": Verdict.PASS,
        "only-critical": Verdict.NOT_APPLICABLE,
        "computed": Verdict.NOT_APPLICABLE,
        "unpinned": Verdict.NOT_APPLICABLE,
        "purpose": Verdict.PASS,
        "answered": Verdict.MISSING,
    }
    assert report.decision.outcome is Outcome.HOLD
    assert "`answers.q_autonomy` has no value" in judged(report, "answered").reason
    assert story.recompute() == 1


def test_what_a_condition_read_is_recorded(
    story: Story, rewrite: Callable[[str, str, str], None]
) -> None:
    """A decision is judged again by the manifest of then, whatever stands there now."""
    story.policy("  purpose: {check: documents.model_card, when: system.owner == 'team:x'}")
    assert judged(story.gate(), "purpose").verdict is Verdict.NOT_APPLICABLE
    rewrite("assay.yaml", "team:lending", "team:x")
    assert judged(story.again(), "purpose").verdict is Verdict.NOT_APPLICABLE
    assert story.recompute() == 1
    assert judged(story.gate(), "purpose").verdict is Verdict.FAIL


def test_an_expression_is_a_requirement(story: Story) -> None:
    """True passes; false fails where facts say so, and is not shown where estimates do."""
    story.policy(
        "  enough: {check: data.rows, at_least: 100}",
        "  rows: {expression: evidence.rows >= 1000 && measurement.enough.value < 2000.0}",
        "  sure: {expression: measurement.ranks_well.low > 0.55}",
        "  unsure: {expression: measurement.ranks_well.low > 0.95}",
        "  untrue: {expression: evidence.rows > 5000}",
    )
    report = story.gate()
    verdicts = {str(item.requirement.id): item.verdict for item in report.decision.judgements}
    assert verdicts["rows"] is Verdict.PASS
    assert verdicts["sure"] is Verdict.PASS
    assert verdicts["unsure"] is Verdict.INSUFFICIENT
    assert verdicts["untrue"] is Verdict.FAIL
    assert report.decision.tests == 1
    assert "evidence.rows > 5000 is false" in said(report)
    told = explain_requirement(story.services, story.project, story.version(), "unsure")
    assert "The expression must be true" in render_explanation(told)
    assert story.recompute() == 1


def test_an_expression_misses_what_nobody_measured(story: Story) -> None:
    """A figure without evidence makes the rule that reads it missing, not true."""
    story.policy(
        ATTESTED,
        "  either: {expression: tier >= LOW || measurement.risk_file.value}",
    )
    report = story.gate()
    assert judged(report, "either").verdict is Verdict.MISSING
    assert judged(story.attest(), "either").verdict is Verdict.PASS


def test_a_waiver_excuses_and_ends(story: Story) -> None:
    """The verdict and its figures stay beside it; once it ends, the violation denies again."""
    story.policy("  no-one-passes: {check: performance.roc_auc, at_least: 0.95}")
    denied = story.gate()
    assert denied.decision.outcome is Outcome.DENY
    waive(story, "no-one-passes", until=story.clock.time + timedelta(days=60))
    report = story.gate()
    excused = judged(report, "no-one-passes")
    assert report.decision.outcome is Outcome.ALLOW
    assert (excused.verdict, excused.underlying) == (Verdict.WAIVED, Verdict.FAIL)
    assert excused.measurement is not None
    assert not report.decision.demonstrated
    assert report.decision.tests == 2
    assert "until 2026-04-30 12:0" in said(report)
    story.clock.time += timedelta(days=61)
    after = story.again()
    assert judged(after, "no-one-passes").verdict is Verdict.FAIL
    assert after.decision.outcome is Outcome.DENY
    assert story.recompute() >= 2


def test_a_changed_verdict_voids_approvals(story: Story) -> None:
    """Approvals are of a basis; when a waiver ends, what was approved no longer stands."""
    story.policy("  card: {check: documents.model_card}")
    text = (story.repository / "policy.yaml").read_text()
    (story.repository / "policy.yaml").write_text(text + "approvals: {high: [{role: validator}]}\n")
    story.gate()
    waive(story, "card", until=story.clock.time + timedelta(days=20))
    story.gate()
    allowed = story.approve(actor="val", role="validator")
    assert allowed.decision.outcome is Outcome.ALLOW
    story.clock.time += timedelta(days=21)
    after = story.again()
    assert after.decision.outcome is Outcome.DENY
    assert after.decision.approvals == ()


def test_time_that_was_set_back_is_judged_as_recorded(story: Story) -> None:
    """A decision is judged at its event's time, so that it comes out the same again."""
    story.policy(ATTESTED)
    story.gate()
    story.attest()
    story.clock.time -= timedelta(days=10)
    report = story.gate()
    assert report.decision.outcome is Outcome.ALLOW
    # It has the time of the decision before, and says the same: it is the same statement.
    assert story.recompute() == 2


def test_a_misspelt_variable_is_told_before_anything_is_read(story: Story) -> None:
    """The policy does not load, with the place and the nearest name."""
    story.policy("  a: {check: documents.model_card, when: systm.id == 'credit'}")
    with pytest.raises(ConfigurationError) as caught:
        story.gate()
    assert caught.value.code == "policy.expression"
    assert "system.id" in caught.value.remedy


def waive(story: Story, requirement: str, *, until: Any) -> None:
    with story.without_data():
        _waive(story, requirement, until)


def _waive(story: Story, requirement: str, until: Any) -> None:
    request_waiver(
        story.services,
        story.project,
        story.version(),
        actor="ada",
        requirement=requirement,
        expires=until,
        reason="A fix is under way.",
        compensating="Every case is reviewed by hand.",
    )
    waiver = next(iter(story.services.journal.records(WAIVER)))
    grant_waiver(story.services, story.project, waiver.key, actor="greta", role="approver")


def test_a_pack_carries_what_people_and_conditions_said(story: Story) -> None:
    """An auditor derives the decision again from the pack alone, attestation and all."""
    story.policy(ATTESTED, "  big: {check: documents.model_card, when: system.owner == 'team:x'}")
    story.gate()
    assert story.attest().decision.outcome is Outcome.ALLOW
    packed = pack_version(story.services, story.version(), audience=Audience.AUDITOR)
    pack = verify_pack(packed.files, verifiers=[SIGNER.verifier])
    recomputed = recompute_pack(
        packed.files,
        pack,
        verifiers=[SIGNER.verifier],
        texts=RecordedTexts(),
        catalogue=story.project.checks(story.project.manifest()[0]),
    )
    assert (recomputed.decisions, recomputed.skipped) == (2, ())
    assert "Someone attests risk-file as risk-owner" in packed.files["README.md"].decode()


def test_what_would_have_been_decided_then(story: Story) -> None:
    """Before the attestation it was on hold, after it allowed, and much later it expires."""
    story.policy(ATTESTED)
    story.gate()
    before = story.clock.time
    story.clock.time += timedelta(days=2)
    story.attest()
    size = story.services.journal.head().size

    def then(at: datetime) -> GateReport:
        return gate_as_of(story.services, story.project, story.version(), at=at)

    held = then(before)
    assert held.decision.outcome is Outcome.HOLD
    assert "as of 2026-03-01 12:00 UTC, by what was recorded by then" in said(held)
    assert "Nothing was recorded" in said(held)
    assert "Not recorded; it rests on the decision in entry" in said(held)
    assert then(story.clock.time).decision.outcome is Outcome.ALLOW
    assert then(story.clock.time + timedelta(days=31)).decision.outcome is Outcome.HOLD
    assert story.services.journal.head().size == size
    with pytest.raises(NeverDecided, match="by 2026-02-01"):
        then(datetime(2026, 2, 1, tzinfo=UTC))


def test_an_explanation_as_of_then(story: Story) -> None:
    """One verdict as it would have been, by what was recorded by then."""
    story.policy("  coming: {check: documents.model_card, effective_from: 2026-04-01}")
    story.gate()
    told = explain_requirement(
        story.services,
        story.project,
        story.version(),
        "coming",
        at=datetime(2026, 4, 2, tzinfo=UTC),
    )
    assert told.judgement.verdict is Verdict.FAIL
    assert "Not recorded: as of 2026-04-02 00:00 UTC" in render_explanation(told)


def test_whoever_attests_must_hold_the_role_that_is_asked(story: Story) -> None:
    """Where roles are kept, neither a stranger nor a validator of another role attests."""
    for name, role in (
        ("root", "administrator"),
        ("ada", "developer"),
        ("val", "validator"),
        ("rita", "validator"),
        ("rita", "risk-owner"),
    ):
        grant_role(story.services, actor="root", to=name, role=role)
    story.policy(ATTESTED)
    story.gate()
    with pytest.raises(NotPermitted, match="attestation:give"):
        story.attest(actor="mallory")
    with pytest.raises(RoleNotHeld, match="risk-owner"):
        story.attest(actor="val")
    assert story.attest(actor="rita").decision.outcome is Outcome.ALLOW


def test_an_expression_does_not_read_what_has_expired(story: Story) -> None:
    """A person's word of long ago is no datum for a rule either."""
    story.policy(ATTESTED, "  fine: {expression: measurement.risk_file.value || tier >= HIGH}")
    story.gate()
    assert judged(story.attest(), "fine").verdict is Verdict.PASS
    story.clock.time += timedelta(days=31)
    later = judged(story.again(), "fine")
    assert later.verdict is Verdict.MISSING
    assert isinstance(later.measurement, NotCollected)
    assert "Expired" in later.measurement.reason


def test_a_condition_reads_the_intakes_answers(
    story: Story, rewrite: Callable[[str, str, str], None]
) -> None:
    """One answer is text, several are a list; the decision keeps the answers of then."""
    questionnaire = load_questionnaire()
    chosen = questionnaire.completed(
        {
            QuestionId("q_us_credit"): frozenset({"yes"}),
            QuestionId("q_effect"): frozenset({"significant"}),
        }
    )
    answers = story.repository / "intake.yaml"
    answers.write_text(render_answers(questionnaire, chosen))
    rewrite("assay.yaml", "tier: high", "intake: intake.yaml")
    story.policy(
        "  credit: {check: documents.model_card, when: answers.q_us_credit == 'no'}",
        "  lawful: {expression: answers.q_prohibited.size() == 0}",
        "  told: {expression: tier_source == 'intake' && answers.q_effect == 'significant'}",
    )
    report = story.gate()
    assert judged(report, "credit").verdict is Verdict.NOT_APPLICABLE
    assert judged(report, "lawful").verdict is Verdict.PASS
    assert judged(report, "told").verdict is Verdict.PASS
    rewrite("intake.yaml", "q_us_credit: yes", "q_us_credit: no")
    assert judged(story.again(), "credit").verdict is Verdict.NOT_APPLICABLE
    assert story.recompute() == 1
    assert judged(story.gate(), "credit").verdict is Verdict.FAIL
