"""The life of a system by random people in random order never reaches a state that breaks.

Real use cases run on a journal in memory. After every step the journal alone is asked whether
something stands there that must not.
"""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from assay.adapters.engine import DuckDbCollector
from assay.adapters.keys import Ed25519Signer
from assay.adapters.loaders.stages import shipped_stages
from assay.adapters.memory import MemoryBlobs, MemoryJournal
from assay.adapters.predictor import SubprocessPredictor
from assay.adapters.project import LocalProject
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version
from assay.app.life.approval import approve_version
from assay.app.life.delegating import delegate
from assay.app.life.findings import close_finding, raise_finding
from assay.app.life.promotion import promote_in_emergency, promote_version
from assay.app.life.rejudging import judge_live
from assay.app.life.retirement import retire_version
from assay.app.life.reviewing import review_version
from assay.app.life.waiving import end_waiver, grant_waiver, request_waiver
from assay.app.log.beginning import begin_workspace
from assay.app.log.verification import verify_journal
from assay.app.services import Services
from assay.errors import Refused
from assay.evidence.instants import parse_instant
from assay.governance import events
from assay.governance.events import Event, parse_entry
from assay.governance.fold import DECISION, FINDING, VERSION, WAIVER, fold, version_key
from assay.governance.stages import RETIRED
from assay.policy.objections import Objection, Severity

PEOPLE = ("ada", "ben", "cleo", "dee")
ROLES = ("validator", "approver")
STAGES = ("validation", "staging", "production")
WAIVABLE = "approval-gap"

SIGNER = Ed25519Signer.from_seed("test.assay.local", bytes(32))

MANIFEST = """\
assay: 1
system: {id: credit, purpose: Decide loans, owner: "team:lending", tier: high}
version: {name: 1.0.0, kind: binary-classifier, model: model.json}
data:
  evaluation:
    path: holdout.csv
    label: defaulted
    score: p_default
    decision: {favourable_when: "<", threshold: 0.5}
    protected: [sex]
policy: policy.yaml
"""

POLICY = """\
policy: lending
version: 1.0.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.60}
  approval-gap:
    check: fairness.selection_rate_difference
    with: {by: [sex]}
    at_most: 0.20
approvals:
  high: [{role: validator}, {role: approver}]
"""


class Clock:
    """Advances by a second at each reading."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def holdout(shift: float) -> str:
    draw = random.Random(7)
    lines = ["sex,defaulted,p_default"]
    for index in range(400):
        sex = "FM"[index % 2]
        score = min(max(draw.betavariate(2, 2) + (shift if sex == "F" else 0.0), 0.0), 1.0)
        lines.append(f"{sex},{int(draw.random() < score)},{score:.4f}")
    return "\n".join(lines) + "\n"


class Life(RuleBasedStateMachine):
    """Anyone may try anything at any time; a refusal changes nothing."""

    @initialize(shift=st.sampled_from([0.0, 0.5]))
    def open(self, shift: float) -> None:
        self.folder = tempfile.TemporaryDirectory()
        home = Path(self.folder.name)
        (home / "assay.yaml").write_text(MANIFEST)
        (home / "policy.yaml").write_text(POLICY)
        (home / "model.json").write_text("{}")
        (home / "holdout.csv").write_text(holdout(shift))
        counter = iter(range(1_000_000))
        self.clock = Clock()
        self.predictor = SubprocessPredictor()
        self.services = Services(
            clock=self.clock,
            journal=MemoryJournal(fold=fold),
            blobs=MemoryBlobs(),
            signer=SIGNER,
            collector=DuckDbCollector(threads=1),
            predictor=self.predictor,
            stages=shipped_stages(),
            random_bytes=lambda size: next(counter).to_bytes(size, "big"),
        )
        begin_workspace(self.services)
        self.project = LocalProject(home / "assay.yaml")
        self.sizes = [self.services.journal.head().size]
        gate_version(self.services, self.project, actor="ada")

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def attempt(self, action: Any, *arguments: Any, **named: Any) -> None:
        """Do it, or be refused; a refusal leaves no trace."""
        size = self.services.journal.head().size
        try:
            result = action(self.services, *arguments, **named)
            if not isinstance(result, str | int) and hasattr(result, "__next__"):
                list(result)
        except Refused:
            assert self.services.journal.head().size == size

    def version(self) -> Any:
        return find_version(self.services, "credit", "1.0.0")

    @rule(actor=st.sampled_from(PEOPLE))
    def gate(self, actor: str) -> None:
        self.attempt(gate_version, self.project, actor=actor)

    @rule(actor=st.sampled_from(PEOPLE), role=st.sampled_from(ROLES))
    def approve(self, actor: str, role: str) -> None:
        self.attempt(
            approve_version, self.project, self.version(), actor=actor, role=role, reason="r"
        )

    @rule()
    def usual_way(self) -> None:
        """What random people seldom manage together."""
        self.approve("ben", "validator")
        self.approve("cleo", "approver")
        self.promote("dee", "production")

    @rule(
        actor=st.sampled_from(PEOPLE), behalf=st.sampled_from(PEOPLE), role=st.sampled_from(ROLES)
    )
    def approve_for(self, actor: str, behalf: str, role: str) -> None:
        until = self.clock.time + timedelta(days=3)
        self.attempt(delegate, actor=behalf, to=actor, role=role, until=until)
        self.attempt(
            approve_version,
            self.project,
            self.version(),
            actor=actor,
            role=role,
            reason="r",
            behalf=behalf,
        )

    @rule(
        actor=st.sampled_from(PEOPLE),
        role=st.sampled_from(ROLES),
        kind=st.sampled_from([Objection.REJECTED, Objection.CHANGES_REQUESTED]),
    )
    def review(self, actor: str, role: str, kind: Objection) -> None:
        self.attempt(
            review_version,
            self.project,
            self.version(),
            actor=actor,
            role=role,
            kind=kind,
            reason="r",
        )

    @rule(actor=st.sampled_from(PEOPLE), days=st.sampled_from([-1, 5, 60, 40_000]))
    def ask_waiver(self, actor: str, days: int) -> None:
        self.attempt(
            request_waiver,
            self.project,
            self.version(),
            actor=actor,
            requirement=WAIVABLE,
            expires=self.clock.time + timedelta(days=days),
            reason="r",
            compensating="c",
        )

    @rule(actor=st.sampled_from(PEOPLE), role=st.sampled_from(ROLES))
    def grant_waivers(self, actor: str, role: str) -> None:
        for item in list(self.services.journal.records(WAIVER)):
            self.attempt(grant_waiver, self.project, item.key, actor=actor, role=role)

    @rule(actor=st.sampled_from(PEOPLE))
    def end_waivers(self, actor: str) -> None:
        for item in list(self.services.journal.records(WAIVER)):
            self.attempt(end_waiver, self.project, item.key, actor=actor, reason="r")

    @rule(actor=st.sampled_from(PEOPLE), severity=st.sampled_from(Severity))
    def find(self, actor: str, severity: Severity) -> None:
        self.attempt(
            raise_finding,
            self.version(),
            actor=actor,
            severity=severity,
            owner="ada",
            due=self.clock.time + timedelta(days=10),
            text="t",
        )

    @rule(actor=st.sampled_from(PEOPLE))
    def close(self, actor: str) -> None:
        for item in list(self.services.journal.records(FINDING)):
            self.attempt(close_finding, item.key, actor=actor, how="resolved", reason="r")

    @rule(actor=st.sampled_from(PEOPLE), stage=st.sampled_from(STAGES))
    def promote(self, actor: str, stage: str) -> None:
        named = self.services.stages.named(stage)
        self.attempt(promote_version, self.project, self.version(), actor=actor, stage=named)

    @rule(actor=st.sampled_from(PEOPLE))
    def emergency(self, actor: str) -> None:
        named = self.services.stages.named("production")
        self.attempt(
            promote_in_emergency,
            self.project,
            self.version(),
            actor=actor,
            stage=named,
            reason="r",
        )

    @rule()
    def recheck(self) -> None:
        self.attempt(judge_live, self.project, actor="cron")

    @rule(actor=st.sampled_from(PEOPLE))
    def retire(self, actor: str) -> None:
        self.attempt(retire_version, self.version(), actor=actor, reason="r")

    @rule(days=st.sampled_from([1, 20, 100]))
    def wait(self, days: int) -> None:
        self.clock.time += timedelta(days=days)

    def log(self) -> list[Event]:
        return [parse_entry(entry.data) for entry in self.services.journal.entries()]

    @invariant()
    def nobody_approves_their_own(self) -> None:
        if not hasattr(self, "services"):
            return
        (author,) = {
            cast(str, item.value["author"]) for item in self.services.journal.records(VERSION)
        }
        for event in self.log():
            if event.type == events.APPROVAL_GIVEN:
                assert author not in {event.actor, event.body["approver"]}
            if event.type == events.WAIVER_GRANTED:
                asked = self.services.journal.record(
                    WAIVER, cast(str, event.body["waiver"]), cast(str, event.body["system"])
                )
                assert asked is not None
                assert event.actor not in {author, asked.value["actor"]}

    @invariant()
    def production_rests_on_an_allowance_or_an_emergency(self) -> None:
        if not hasattr(self, "services"):
            return
        for event in self.log():
            if event.type != events.VERSION_PROMOTED or event.body["stage"] == "validation":
                continue
            body = cast(dict[str, str], event.body)
            version = version_key(body["system"], body["version"])
            decision = self.services.journal.record(DECISION, body["decision"], version)
            assert decision is not None
            assert decision.value["version"] == event.body["version"]
            assert decision.value["outcome"] == "allow" or event.body["emergency"]

    @invariant()
    def no_waiver_outlives_its_end(self) -> None:
        if not hasattr(self, "services"):
            return
        ends = {
            item.key: parse_instant(cast(str, item.value["expires"]))
            for item in self.services.journal.records(WAIVER)
        }
        for event in self.log():
            if event.type == events.WAIVER_REQUESTED:
                limit = event.time + timedelta(days=90, seconds=2)
                assert event.time < ends[cast(str, event.body["waiver"])] <= limit
        report = gate_version(self.services, self.project, actor="ada")
        for item in report.decision.judgements:
            if item.waiver is not None:
                assert report.decision.at < item.waiver.expires_at

    @invariant()
    def what_is_retired_stays_retired(self) -> None:
        if not hasattr(self, "services"):
            return
        retired = False
        for event in self.log():
            assert not (retired and event.type == events.VERSION_PROMOTED)
            retired = retired or event.type == events.VERSION_RETIRED
        assert retired == (self.version().value["stage"] == RETIRED)

    @invariant()
    def every_change_is_an_event(self) -> None:
        if not hasattr(self, "services"):
            return
        verify_journal(
            self.services.journal,
            origin=self.services.signer.name,
            verifiers=[SIGNER.verifier],
            blobs=self.services.blobs,
            fold=fold,
            state=True,
        )


QUICK = settings(
    max_examples=6,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


TestLife = Life.TestCase
TestLife.settings = QUICK


@pytest.mark.slow
def test_a_long_life() -> None:
    """Many more people, for much longer."""
    run_state_machine_as_test(Life, settings=LONG)
