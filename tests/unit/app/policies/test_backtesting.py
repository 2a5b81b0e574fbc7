"""A candidate policy judges what was recorded: whom it would deny, hold or allow anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from tests.packed import TEXTS, VERIFIER, copied, live, packed, repository, workspace

from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.programs import compile_programs
from assay.adapters.memory import MemoryBlobs
from assay.adapters.plugins import find_checks
from assay.adapters.project import RecordedTexts
from assay.app.judging.gate import gate_version
from assay.app.judging.measuring import check_version
from assay.app.judging.replay import Recorded
from assay.app.packs.recomputing import StatementOf
from assay.app.packs.verification import recorded_in, statements_in, verify_pack
from assay.app.policies.backtesting import Backtester, versions_of
from assay.app.policies.past_decisions import PastDecisions, stored_statements
from assay.app.policies.tried_versions import Candidate
from assay.app.ports import Written
from assay.app.services import Services
from assay.documents.backtest import BacktestReport, render_backtest
from assay.policy.backtest import Backtested
from assay.policy.policy import Outcome
from assay.policy.tiers import Tier

CHECKS = find_checks()
AT = datetime(2027, 1, 1, tzinfo=UTC)
POLICY = TEXTS["policy.yaml"]


@cache
def _gated(folder: Path) -> Services:
    services = workspace()
    gate_version(services, repository(folder), actor="ada")
    second = TEXTS["assay.yaml"].replace("name: 1.0.0", "name: 1.1.0")
    gate_version(services, repository(folder, assay=second, model="other"), actor="ada")
    return services


def gated(tmp_path_factory) -> Services:
    """A workspace with two versions of the same data, both judged."""
    return copied(_gated(tmp_path_factory.getbasetemp()))


def candidate(text: str) -> Candidate:
    written = Written(file="candidate.yaml", source=text.encode())
    policy = parse_policy(written, CHECKS)
    return Candidate(policy=policy, text=written, programs=compile_programs(policy, CHECKS))


def recorded(services: Services) -> Recorded:
    return Recorded(
        records=services.journal,
        blobs=services.blobs,
        texts=RecordedTexts(),
        catalogue=CHECKS,
    )


def backtest(
    where: Recorded, text: str, statement_of: StatementOf | None = None
) -> list[Backtested]:
    statements = statement_of or stored_statements(where.blobs)
    tester = Backtester(where, statements, candidate(text), at=AT)
    return [tester.judge(version) for version in versions_of(where)]


def told(results: list[Backtested]) -> Mapping[tuple[str, str | None, str | None], int]:
    return Counter(
        (change.requirement, change.before, change.after)
        for item in results
        for change in item.changes
    )


def test_the_policy_that_judged_changes_nothing(tmp_path_factory):
    """The same policy says the same of every version, from recorded bounds alone."""
    results = backtest(recorded(gated(tmp_path_factory)), POLICY)
    assert sorted(item.version for item in results) == ["1.0.0", "1.1.0"]
    assert {(item.before, item.after, item.recomputed) for item in results} == {
        (Outcome.ALLOW, Outcome.ALLOW, False)
    }
    assert not told(results)


def test_bars_that_move_are_judged_without_the_tallies(tmp_path_factory):
    """Where only bars moved, versions are judged though their tallies are gone."""
    services = gated(tmp_path_factory)
    blobs = MemoryBlobs()
    assert isinstance(services.blobs, MemoryBlobs)
    for data in services.blobs._contents.values():
        if b"assay.tallies/1" not in data[:200]:
            blobs.put(data)
    where = Recorded(records=services.journal, blobs=blobs, texts=RecordedTexts(), catalogue=CHECKS)
    results = backtest(where, POLICY.replace("0.60", "0.99").replace("0.20", "0.30"))
    assert told(results) == {("ranks-well", "pass", "fail"): 2}
    assert {item.after for item in results} == {Outcome.DENY}
    conditional = POLICY.replace("0.60}", "0.99, when: 'tier >= HIGH && evidence.age_days > 9'}")
    assert told(backtest(where, conditional)) == {("ranks-well", "pass", "fail"): 2}
    spared = POLICY.replace("0.60}", "0.60, when: tier > HIGH}")
    assert told(backtest(where, spared)) == {("ranks-well", "pass", "not_applicable"): 2}
    again = backtest(where, POLICY.replace("performance.roc_auc", "performance.accuracy"))
    assert {item.after for item in again} == {None}
    assert all(item.problem for item in again)


def test_new_requirements_are_measured_from_the_tallies(tmp_path_factory):
    """A figure that nobody asked for then is derived from what was counted then."""
    text = POLICY.replace(
        "approvals:", "  accurate: {check: performance.accuracy, at_least: 0.99}\napprovals:"
    )
    results = backtest(recorded(gated(tmp_path_factory)), text)
    assert told(results) == {("accurate", None, "fail"): 2}
    assert all(item.recomputed for item in results)


def test_what_was_not_collected_lacks_evidence(tmp_path_factory):
    """Groups that nobody counted, or a document that was not there, are missing, not failing."""
    text = POLICY.replace(
        "approvals:",
        "  datasheet-groups:\n    check: fairness.selection_rate_difference\n"
        "    with: {by: [region]}\n    at_most: 0.2\n"
        "  plan: {check: monitoring.plan}\napprovals:",
    )
    results = backtest(recorded(gated(tmp_path_factory)), text)
    assert told(results)[("datasheet-groups", None, "missing")] == 2
    assert {item.after for item in results} <= {Outcome.HOLD, Outcome.DENY}


def test_a_requirement_that_goes_is_told(tmp_path_factory):
    """What a candidate no longer asks is a change too."""
    text = POLICY[: POLICY.index("  approval-gap")] + POLICY[POLICY.index("approvals:") :]
    results = backtest(recorded(gated(tmp_path_factory)), text)
    assert told(results) == {("approval-gap", "pass", None): 2}


def test_a_condition_reads_what_was_recorded(tmp_path_factory):
    """A requirement with a condition is judged by the recorded tier and evidence."""
    text = POLICY.replace(
        "approvals:",
        "  big: {check: data.rows, at_least: 100000, when: evidence.rows > 100}\n"
        "  bigger: {check: data.rows, at_least: 100000, when: evidence.rows > 100000}\napprovals:",
    )
    assert told(backtest(recorded(gated(tmp_path_factory)), text)) == {
        ("big", None, "fail"): 2,
        ("bigger", None, "not_applicable"): 2,
    }


def test_what_compares_with_production_is_missing_without_its_scores(tmp_path: Path):
    """As in the gate: data without the scores of the version in production leave it missing."""
    services = workspace()
    text = POLICY.replace(
        "approvals:",
        "  no-worse: {check: performance.roc_auc_change, at_least: -0.5}\napprovals:",
    )
    live(services, repository(tmp_path, policy=text))
    second = TEXTS["assay.yaml"].replace("name: 1.0.0", "name: 1.1.0")
    project = repository(tmp_path, policy=text, assay=second, model="other")
    gate_version(services, project, actor="ada")
    results = backtest(
        recorded(services), "errors: {false_deny: 0.04}\n" + text.replace("0.60", "0.99")
    )
    assert {item.version: item.before for item in results} == {
        "1.0.0": Outcome.ALLOW,
        "1.1.0": Outcome.HOLD,
    }
    assert told(results) == {("ranks-well", "pass", "fail"): 2}


def test_evidence_that_nobody_judged_is_judged(tmp_path: Path):
    """A version that was only checked has no outcome before, and one after."""
    services = workspace()
    check_version(services, repository(tmp_path), actor="ada")
    (result,) = backtest(recorded(services), POLICY)
    assert (result.before, result.after, result.tier) == (None, Outcome.ALLOW, Tier.HIGH)


def test_nothing_is_recorded(tmp_path_factory):
    """A backtest leaves the journal as it was."""
    services = gated(tmp_path_factory)
    size = services.journal.head().size
    backtest(recorded(services), POLICY.replace("0.60", "0.95"))
    assert services.journal.head().size == size


def test_a_pack_is_backtested_as_its_workspace_is(tmp_path: Path):
    """What an auditor holds answers the same as the workspace that it came from."""
    services = workspace()
    live(services, repository(tmp_path))
    files = packed(services)
    pack = verify_pack(files, verifiers=[VERIFIER])
    inside = recorded_in(files, pack, texts=RecordedTexts(), catalogue=CHECKS)
    statements = statements_in(files, pack, verifiers=[VERIFIER])
    for text in (POLICY, POLICY.replace("0.60", "0.90"), POLICY.replace("0.20", "0.05")):
        assert backtest(inside, text, statements) == backtest(recorded(services), text)


def test_a_report_sums_what_versions_say(tmp_path_factory):
    """Sums by tier and requirement, the same however the versions were split."""
    results = backtest(recorded(gated(tmp_path_factory)), POLICY.replace("0.60", "0.90"))
    whole, parts = (BacktestReport(policy="p@1", digest="a" * 64) for _ in range(2))
    for item in results:
        whole.add(item)
        part = BacktestReport(policy="p@1", digest="a" * 64)
        part.add(item)
        parts.merge(part)
    assert whole == parts
    assert whole.denials == 2
    text = render_backtest(whole)
    assert "  tier high: 2 versions newly denied (before: allow)" in text
    assert "  ranks-well: newly failing in 2 versions" in text
    assert "allow → deny: ranks-well pass → fail" in text


def test_a_report_keeps_only_the_first_names(tmp_path_factory):
    """However many versions change, a report tells some by name and counts the rest."""
    (item, *_) = backtest(recorded(gated(tmp_path_factory)), POLICY.replace("0.60", "0.90"))
    report = BacktestReport(policy="p@1", digest="a" * 64)
    for _ in range(1000):
        report.add(item)
    assert (len(report.changed), report.unlisted) == (200, 800)
    assert "and 800 more" in render_backtest(report)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.60", "0.99"),
        ("0.60", "0.55"),
        ("0.20", "0.01"),
        ("0.20", "0.03"),
        ("0.60}", "0.99, when: tier >= HIGH}"),
        ("0.60}", "0.55, when: tier > HIGH}"),
        ("0.20", "0.03\n    when: evidence.rows < 900"),
        ("requirements:", "errors: {false_deny: 0.2}\nrequirements:"),
        ("requirements:", "errors: {false_allow: 0.01}\nrequirements:"),
        ("requirements:", "max_excluded: 0.5\nrequirements:"),
        ("approvals:", "  accurate: {check: performance.accuracy, at_least: 0.99}\napprovals:"),
    ],
)
def test_recorded_bounds_change_no_verdict(tmp_path_factory, monkeypatch, old: str, new: str):
    """Whatever a candidate changes, reusing what was recorded says what deriving it all says."""
    where, text = recorded(gated(tmp_path_factory)), POLICY.replace(old, new)
    reused = backtest(where, text)
    monkeypatch.setattr(PastDecisions, "measures", lambda *_: None)
    monkeypatch.setattr(PastDecisions, "known", lambda *_: {})
    derived = backtest(where, text)
    assert all(item.recomputed for item in derived)
    assert [replace(item, recomputed=True) for item in reused] == derived
