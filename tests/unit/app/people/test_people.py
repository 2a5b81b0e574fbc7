"""What people may say of a version, who may say it, and what the gate makes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version
from assay.app.life.approval import ApprovalRefused, approve_version
from assay.app.life.delegating import DelegationRefused, delegate, end_delegation
from assay.app.life.findings import FindingRefused, close_finding, findings, raise_finding
from assay.app.life.inbox import inbox
from assay.app.life.inventory import inventory
from assay.app.life.promotion import (
    PromotionRefused,
    Requested,
    promote_in_emergency,
    promote_version,
)
from assay.app.life.rejudging import judge_live
from assay.app.life.retirement import RetirementRefused, retire_system, retire_version
from assay.app.life.reviewing import ReviewRefused, comment_on, review_version
from assay.app.life.waiving import (
    WaiverRefused,
    end_waiver,
    grant_waiver,
    request_waiver,
    waiver_debt,
)
from assay.documents.inbox import render_inbox
from assay.errors import Refused
from assay.governance import events
from assay.governance.events import parse_entry
from assay.governance.fold import SYSTEM, VERSION
from assay.governance.stages import PRODUCTION, RETIRED, Stage, WrongStage
from assay.policy.gate import Verdict
from assay.policy.objections import Objection, Severity
from assay.policy.policy import Outcome

JUNE = datetime(2026, 5, 20, tzinfo=UTC)


@pytest.fixture
def failing(repository, holdout):
    """A version whose gap between groups is far beyond its bar."""
    (repository / "holdout.csv").write_text(holdout(women_shift=0.6))


def version(services, name="1.0.0"):
    return find_version(services, "credit", name)


def approve(services, project, *, actor, role, behalf=None):
    return approve_version(
        services,
        project,
        version(services),
        actor=actor,
        role=role,
        reason="It holds.",
        behalf=behalf,
    )


def allowed(services, project):
    gate_version(services, project, actor="ada")
    approve(services, project, actor="ben", role="validator")
    return approve(services, project, actor="cleo", role="approver")


def review(services, project, *, actor="ben", role="validator", kind=Objection.REJECTED):
    return review_version(
        services,
        project,
        version(services),
        actor=actor,
        role=role,
        kind=kind,
        reason="The sample is stale.",
    )


def request(services, project, *, actor="ada", expires=JUNE, **more):
    return request_waiver(
        services,
        project,
        version(services),
        actor=actor,
        requirement=more.pop("requirement", "approval-gap"),
        expires=expires,
        reason="New data come in May.",
        compensating="A person reads every refusal.",
        **more,
    )


def types(services):
    return [parse_entry(entry.data).type for entry in services.journal.entries()]


class TestReviews:
    """A rejection denies and a request for changes holds, on exactly what was seen."""

    def test_a_rejection_denies_until_its_author_thinks_otherwise(self, services, project):
        """Nobody else's approval takes it back."""
        gate_version(services, project, actor="ada")
        rejected = review(services, project)
        assert rejected.decision.outcome is Outcome.DENY
        assert [item.kind for item in rejected.decision.objections] == [Objection.REJECTED]
        with pytest.raises(ApprovalRefused, match="denied"):
            approve(services, project, actor="dee", role="validator")
        again = approve(services, project, actor="ben", role="validator")
        assert again.decision.outcome is Outcome.HOLD
        assert again.decision.objections == ()

    def test_changing_ones_mind_the_other_way_voids_the_approval(self, services, project):
        """The last word of a person counts."""
        allowed(services, project)
        report = review(services, project, kind=Objection.CHANGES_REQUESTED)
        assert report.decision.outcome is Outcome.HOLD
        assert [item.role for item in report.decision.awaiting] == ["validator"]
        with pytest.raises(PromotionRefused):
            promote_version(services, project, version(services), actor="ops", stage=PRODUCTION)

    def test_a_rejection_is_of_one_basis(self, services, project, rewrite):
        """A changed policy is another thing to judge."""
        gate_version(services, project, actor="ada")
        review(services, project)
        rewrite("policy.yaml", "at_most: 0.20", "at_most: 0.19")
        assert gate_version(services, project, actor="ada").decision.objections == ()

    def test_the_author_and_strangers_cannot_review(self, services, project):
        """The author is refused, and so is a role that the policy does not ask for."""
        gate_version(services, project, actor="ada")
        with pytest.raises(ReviewRefused, match="author"):
            review(services, project, actor="ada")
        with pytest.raises(ReviewRefused, match="janitor"):
            review(services, project, role="janitor")

    def test_a_comment_decides_nothing(self, services, project):
        """It is in the log, and its words are not."""
        before = gate_version(services, project, actor="ada").decision
        comment_on(services, version(services), actor="ben", text="Looks odd at 0.5.")
        after = gate_version(services, project, actor="ada").decision
        assert (before.outcome, before.basis) == (after.outcome, after.basis)
        assert not any(b"odd" in entry.data for entry in services.journal.entries())


class TestDelegation:
    """Someone decides in another's place, and counts as that one."""

    def test_an_approval_on_behalf_counts_as_the_delegators(self, services, project):
        """It fills the role once, for the person who delegated it."""
        gate_version(services, project, actor="ada")
        delegate(services, actor="ben", to="dee", role="validator", until=JUNE)
        report = approve(services, project, actor="dee", role="validator", behalf="ben")
        (approval,) = report.decision.approvals
        assert report.names[approval.person] == "ben"
        with pytest.raises(ApprovalRefused, match="already"):
            approve(services, project, actor="ben", role="approver")

    @pytest.mark.parametrize("role", ["approver"])
    def test_only_the_role_that_was_delegated(self, services, project, role):
        """A delegation is of one role."""
        gate_version(services, project, actor="ada")
        delegate(services, actor="ben", to="dee", role="validator", until=JUNE)
        with pytest.raises(ApprovalRefused, match="not delegated"):
            approve(services, project, actor="dee", role=role, behalf="ben")

    def test_it_ends_by_itself_and_by_its_giver(self, services, project, clock):
        """Neither an expired nor an ended delegation counts."""
        gate_version(services, project, actor="ada")
        soon = clock.now() + timedelta(days=1)
        delegate(services, actor="ben", to="dee", role="validator", until=soon)
        given = delegate(services, actor="eve", to="dee", role="validator", until=JUNE)
        with pytest.raises(DelegationRefused):
            end_delegation(services, actor="dee", delegation=given)
        end_delegation(services, actor="eve", delegation=given)
        clock.time += timedelta(days=2)
        for behalf in ("ben", "eve"):
            with pytest.raises(ApprovalRefused, match="not delegated"):
                approve(services, project, actor="dee", role="validator", behalf=behalf)

    def test_an_author_can_act_for_nobody_and_nobody_for_them(self, services, project):
        """Neither hand of a delegation may be the author's."""
        gate_version(services, project, actor="ada")
        delegate(services, actor="ben", to="ada", role="validator", until=JUNE)
        delegate(services, actor="ada", to="dee", role="validator", until=JUNE)
        for actor, behalf in (("ada", "ben"), ("dee", "ada")):
            with pytest.raises(ApprovalRefused, match="author"):
                approve(services, project, actor=actor, role="validator", behalf=behalf)

    def test_useless_delegations_are_refused(self, services, project):
        """To oneself, or into the past."""
        gate_version(services, project, actor="ada")
        with pytest.raises(DelegationRefused):
            delegate(services, actor="ben", to="ben", role="validator", until=JUNE)
        past = datetime(2026, 1, 1, tzinfo=UTC)
        with pytest.raises(DelegationRefused):
            delegate(services, actor="ben", to="dee", role="validator", until=past)


class TestWaivers:
    """One asks, another of the right rank grants, and it ends."""

    @pytest.mark.usefixtures("failing")
    def test_a_waived_failure_may_ship_until_the_waiver_ends(self, services, project, clock):
        """The gate closes again by itself, and what is live then is a breach, recorded once."""
        denied = gate_version(services, project, actor="ada").decision
        assert denied.outcome is Outcome.DENY
        asked = request(services, project)
        waived = grant_waiver(services, project, asked.waiver, actor="eve", role="approver")
        (judgement,) = (
            item for item in waived.decision.judgements if item.verdict is Verdict.WAIVED
        )
        assert judgement.underlying is Verdict.FAIL
        assert judgement.waiver is not None
        assert judgement.waiver.expires_at == JUNE
        assert not waived.decision.demonstrated
        approve(services, project, actor="ben", role="validator")
        report = approve(services, project, actor="cleo", role="approver")
        assert report.decision.outcome is Outcome.ALLOW
        promote_version(services, project, version(services), actor="ops", stage=PRODUCTION)
        assert [item.breach for item in judge_live(services, project, actor="cron")] == [False]
        clock.time = JUNE
        for _ in range(2):
            (live,) = judge_live(services, project, actor="cron")
            assert (live.breach, live.decision.outcome) == (True, Outcome.DENY)
        assert types(services).count(events.VERSION_BREACHED) == 1

    @pytest.mark.usefixtures("failing")
    def test_ending_a_waiver_closes_the_gate_at_once(self, services, project):
        """Whoever ends it says why, and the decision follows."""
        gate_version(services, project, actor="ada")
        asked = request(services, project)
        grant_waiver(services, project, asked.waiver, actor="eve", role="approver")
        ended = end_waiver(services, project, asked.waiver, actor="eve", reason="No longer.")
        assert ended.decision.outcome is Outcome.DENY
        with pytest.raises(WaiverRefused, match="ended"):
            end_waiver(services, project, asked.waiver, actor="eve", reason="Twice.")

    @pytest.mark.parametrize(
        ("expires", "said"),
        [
            (datetime(2026, 2, 1, tzinfo=UTC), "which has passed"),
            (datetime(2126, 3, 1, tzinfo=UTC), "at most 90 days"),
            (datetime(2026, 5, 31, tzinfo=UTC), "at most 90 days"),
        ],
    )
    @pytest.mark.usefixtures("failing")
    def test_a_waiver_ends_in_time(self, services, project, expires, said):
        """Neither in the past, nor in a hundred years, nor a day beyond the tier's limit."""
        gate_version(services, project, actor="ada")
        with pytest.raises(WaiverRefused, match=said):
            request(services, project, expires=expires)

    @pytest.mark.usefixtures("failing")
    @pytest.mark.parametrize(
        ("actor", "role", "said"),
        [
            ("fay", "approver", "asks for a waiver cannot grant"),
            ("ada", "approver", "author"),
            ("eve", "validator", "granted by 'approver'"),
        ],
    )
    def test_who_cannot_grant(self, services, project, actor, role, said):
        """Neither who asked, nor the author, nor someone of another rank."""
        gate_version(services, project, actor="ada")
        asked = request(services, project, actor="fay")
        with pytest.raises(WaiverRefused, match=said):
            grant_waiver(services, project, asked.waiver, actor=actor, role=role)

    @pytest.mark.usefixtures("failing")
    def test_renewals_are_capped(self, services, project, clock):
        """A requirement is waived anew as often as the policy says, here once."""
        gate_version(services, project, actor="ada")
        for _ in range(2):
            asked = request(services, project, expires=clock.now() + timedelta(days=10))
            grant_waiver(services, project, asked.waiver, actor="eve", role="approver")
            clock.time += timedelta(days=11)
        with pytest.raises(WaiverRefused, match="renewals"):
            request(services, project, expires=clock.now() + timedelta(days=10))
        debt = list(waiver_debt(services, at=clock.now()))
        assert [(item.state, item.renewals) for item in debt] == [("expired", 0), ("expired", 1)]

    @pytest.mark.usefixtures("failing")
    def test_unknown_requirements_and_waivers(self, services, project):
        """Each is answered with the nearest."""
        gate_version(services, project, actor="ada")
        with pytest.raises(WaiverRefused) as refused:
            request(services, project, requirement="aproval-gap")
        assert "approval-gap" in refused.value.remedy
        with pytest.raises(WaiverRefused, match="no waiver"):
            grant_waiver(services, project, "beef", actor="eve", role="approver")

    @pytest.mark.usefixtures("failing")
    def test_a_systems_waiver_holds_for_its_next_version(self, services, project, rewrite):
        """A waiver of one version says nothing of another; one of the system does."""
        gate_version(services, project, actor="ada")
        asked = request(services, project, whole_system=True)
        grant_waiver(services, project, asked.waiver, actor="eve", role="approver")
        rewrite("model.json", "[1]", "[2]")
        rewrite("assay.yaml", "1.0.0", "1.1.0")
        later = gate_version(services, project, actor="ada").decision
        assert Verdict.WAIVED in {item.verdict for item in later.judgements}

    @pytest.mark.usefixtures("failing")
    def test_a_prohibited_system_is_denied_whatever_is_waived(self, services, project, rewrite):
        """No waiver can be asked for."""
        rewrite("assay.yaml", "tier: high", "tier: prohibited")
        gate_version(services, project, actor="ada")
        with pytest.raises(WaiverRefused, match="prohibited"):
            request(services, project)


class TestFindings:
    """What validators found holds the release until it is closed."""

    def raised(self, services, severity=Severity.HIGH, due=JUNE, **more):
        return raise_finding(
            services,
            version(services),
            actor="val",
            severity=severity,
            owner="ada",
            due=due,
            text="No test on applicants under 21.",
            **more,
        )

    def test_a_grave_finding_holds_until_it_is_closed(self, services, project):
        """Closing is for others than the version's author."""
        allowed(services, project)
        finding = self.raised(services)
        held = gate_version(services, project, actor="ada").decision
        assert held.outcome is Outcome.HOLD
        assert [item.kind for item in held.objections] == [Objection.FINDING]
        with pytest.raises(FindingRefused, match="made the version"):
            close_finding(services, finding, actor="ada", how="resolved", reason="Done.")
        close_finding(services, finding, actor="val", how="resolved", reason="Seen.")
        assert gate_version(services, project, actor="ada").decision.outcome is Outcome.ALLOW
        with pytest.raises(FindingRefused, match="already"):
            close_finding(services, finding, actor="val", how="resolved", reason="Twice.")

    def test_a_small_finding_holds_once_it_is_overdue(self, services, project, clock):
        """Until its day it is only recorded."""
        allowed(services, project)
        self.raised(services, Severity.LOW)
        assert gate_version(services, project, actor="ada").decision.objections == ()
        clock.time = JUNE
        held = gate_version(services, project, actor="ada").decision
        assert [item.kind for item in held.objections] == [Objection.FINDING_OVERDUE]

    def test_overrides_are_told_apart(self, services, project):
        """They are counted by how findings ended."""
        gate_version(services, project, actor="ada")
        first, second = self.raised(services), self.raised(services, whole_system=True)
        close_finding(services, first, actor="val", how="overridden", reason="Rare.")
        close_finding(services, second, actor="val", how="resolved", reason="Mended.")
        states = sorted(item.state for item in findings(services, at=JUNE))
        assert states == ["overridden", "resolved"]
        (line,) = inventory(services).systems
        assert line.counts == {"emergencies": 0, "waivers": 0, "overrides": 1, "breaches": 0}

    def test_a_finding_due_in_the_past_is_refused(self, services, project):
        """It could never be answered in time."""
        gate_version(services, project, actor="ada")
        with pytest.raises(FindingRefused, match="passed"):
            self.raised(services, due=datetime(2026, 1, 1, tzinfo=UTC))


class TestStages:
    """Steps ask for what the machine says, and an emergency for people who answer for it."""

    def emergency(self, services, project, actor):
        return promote_in_emergency(
            services,
            project,
            version(services),
            actor=actor,
            stage=PRODUCTION,
            reason="The old model is down.",
        )

    def test_validation_needs_no_allowance(self, services, project):
        """A version on hold moves to validation, and no further."""
        gate_version(services, project, actor="ada")
        promote_version(
            services, project, version(services), actor="ops", stage=Stage("validation")
        )
        with pytest.raises(PromotionRefused, match="hold"):
            promote_version(services, project, version(services), actor="ops", stage=PRODUCTION)

    def test_a_stale_decision_promotes_nothing(self, services, project, clock):
        """A decision is good for thirty days; gating again makes it fresh."""
        allowed(services, project)
        clock.time += timedelta(days=31)
        with pytest.raises(PromotionRefused, match="31 days old"):
            promote_version(services, project, version(services), actor="ops", stage=PRODUCTION)
        gate_version(services, project, actor="ada")
        promote_version(services, project, version(services), actor="ops", stage=PRODUCTION)

    @pytest.mark.usefixtures("failing")
    def test_an_emergency_takes_two_people_and_leaves_a_finding(self, services, project, clock):
        """It is counted, has a deadline, and becomes a breach when that has passed."""
        gate_version(services, project, actor="ada")
        asked = self.emergency(services, project, "ops")
        assert isinstance(asked, Requested)
        assert version(services).value["stage"] == "development"
        with pytest.raises(PromotionRefused, match="already"):
            self.emergency(services, project, "ops")
        with pytest.raises(PromotionRefused, match="author"):
            self.emergency(services, project, "ada")
        done = self.emergency(services, project, "eve")
        assert version(services).value["stage"] == "production"
        (line,) = inventory(services).systems
        assert line.counts["emergencies"] == 1
        _, due = done.follow_up
        (live,) = judge_live(services, project, actor="cron")
        assert (live.emergency, live.breach) == (True, False)
        clock.time = due
        (live,) = judge_live(services, project, actor="cron")
        assert (live.emergency, live.breach) == (False, True)

    def test_no_emergency_where_the_gate_allows(self, services, project):
        """What may be promoted needs none."""
        allowed(services, project)
        with pytest.raises(PromotionRefused, match="no emergency"):
            self.emergency(services, project, "ops")

    def test_retirement_is_the_end(self, services, project):
        """A retired version moves nowhere, and its evidence is kept."""
        allowed(services, project)
        promote_version(services, project, version(services), actor="ops", stage=PRODUCTION)
        with pytest.raises(RetirementRefused, match="live versions"):
            retire_system(services, "credit", actor="ops", reason="Replaced.")
        done = retire_version(services, version(services), actor="ops", reason="Replaced.")
        assert done.retain_until.year == 2036
        assert version(services).value["stage"] == RETIRED
        with pytest.raises(WrongStage):
            promote_version(services, project, version(services), actor="ops", stage=PRODUCTION)
        retire_system(services, "credit", actor="ops", reason="Replaced.")
        assert services.journal.record(SYSTEM, "credit").value["status"] == "retired"
        with pytest.raises(RetirementRefused):
            retire_system(services, "credit", actor="ops", reason="Twice.")

    def test_two_people_cannot_promote_at_the_same_moment(self, services, project):
        """Whoever comes second has read a version that has moved on since."""
        allowed(services, project)
        seen = version(services)
        promote_version(services, project, seen, actor="ops", stage=PRODUCTION)
        with pytest.raises(Refused):
            services.journal.append(
                [parse_entry(list(services.journal.entries())[-1].data)],
                expected={
                    f"version/{seen.key}": services.journal.revision(f"version/{seen.key}") - 1
                },
            )
        assert [record.value["stage"] for record in services.journal.records(VERSION)] == [
            "production"
        ]


class TestInbox:
    """What waits for people, with its age and the command that answers it."""

    def waiting(self, services, at):
        return {item.kind: item for item in inbox(services, at=at)}

    def test_everything_that_waits(self, services, project, rewrite):
        """A version on hold, a waiver to grant, a finding, and a second person in an emergency."""
        rewrite("policy.yaml", "at_most: 0.20", "at_most: 0.001")
        gate_version(services, project, actor="ada")
        request(services, project)
        raise_finding(
            services,
            version(services),
            actor="val",
            severity=Severity.LOW,
            owner="ada",
            due=JUNE,
            text="Thin.",
        )
        promote_in_emergency(
            services, project, version(services), actor="ops", stage=PRODUCTION, reason="Down."
        )
        found = self.waiting(services, services.clock.now())
        assert set(found) == {"decision", "waiver", "finding", "emergency"}
        assert found["decision"].due - found["decision"].since == timedelta(days=7)
        text = render_inbox(list(found.values()), at=services.clock.now())
        assert "assay waive grant" in text
        assert "4 waiting, 1 overdue." in text

    def test_reminders_fall_due_by_tier(self, services, project):
        """At tier high people have seven days."""
        report = gate_version(services, project, actor="ada")
        later = report.decision.at + timedelta(days=8)
        assert self.waiting(services, later)["decision"].due < later

    def test_nothing_waits_for_what_is_allowed_or_retired(self, services, project):
        """An empty inbox says so."""
        allowed(services, project)
        assert inbox(services, at=services.clock.now()) == []
        assert "Nothing waits" in render_inbox([], at=JUNE)
