"""A decision by several layers of policy rests on their texts, wherever the files are now."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.packed import TEXTS, VERIFIER, packed, repository, workspace

from assay.adapters.plugins import find_checks
from assay.adapters.project import LocalProject, RecordedTexts
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import Recorded, find_version, recorded_case
from assay.app.life.approval import approve_version
from assay.app.packs.recomputing import recompute_journal
from assay.app.packs.verification import recompute_pack, verify_pack
from assay.documents.gate_items import gate_items, place
from assay.documents.wording import finding
from assay.errors import ConfigurationError, Span
from assay.policy.policy import Outcome

HUB = """\
policy: hub
version: 1.0.0
requirements:
  ranks-well: {check: performance.roc_auc, at_least: 0.60, basis: default}
  approval-gap:
    check: fairness.selection_rate_difference
    with: {by: [sex]}
    at_most: 0.20
    basis: default
"""
OWN = """\
policy: lending
version: 1.0.0
extends: [hub.yaml]
requirements:
  ranks-well: {at_least: 0.62}
approvals:
  high: [{role: validator}]
"""


def layered(folder: Path, own: str = OWN) -> LocalProject:
    """A repository whose policy builds on another file."""
    (folder / "hub.yaml").write_text(HUB)
    return repository(folder, policy=own)


def test_it_is_replayed_and_recomputed_without_the_files(tmp_path: Path):
    """An approval decides anew, and every figure comes out the same, from what was recorded."""
    services, project = workspace(), layered(tmp_path)
    first = gate_version(services, project, actor="ada")
    assert first.decision.outcome is Outcome.HOLD
    (tmp_path / "hub.yaml").unlink()
    (tmp_path / "policy.yaml").write_text("policy: other\n")
    version = find_version(services, "credit", "1.0.0")
    report = approve_version(
        services, project, version, actor="ben", role="validator", reason="It holds."
    )
    assert report.decision.outcome is Outcome.ALLOW
    case = recorded_case(services, project, find_version(services, "credit", "1.0.0"))
    assert [item.file for item in case.policy_text.beneath] == ["hub.yaml"]
    recorded = Recorded(
        records=services.journal,
        blobs=services.blobs,
        texts=RecordedTexts(),
        catalogue=find_checks(),
    )
    found = recompute_journal(recorded, verifiers=[VERIFIER])
    assert (found.decisions, found.skipped) == (2, ())


def test_a_pack_has_the_texts_of_all_layers(tmp_path: Path):
    """Whoever holds the pack alone derives each decision again."""
    services, project = workspace(), layered(tmp_path)
    gate_version(services, project, actor="ada")
    files = packed(services)
    pack = verify_pack(files, verifiers=[VERIFIER])
    found = recompute_pack(
        files, pack, verifiers=[VERIFIER], texts=RecordedTexts(), catalogue=find_checks()
    )
    assert (found.decisions, found.skipped) == (1, ())
    assert any(HUB.splitlines()[0].encode() in data for data in files.values())


def test_settings_put_the_hubs_policy_beneath_the_manifests(tmp_path: Path):
    """A repository cannot leave out what its workspace's settings name."""
    layered(tmp_path, OWN.replace("extends: [hub.yaml]\n", ""))
    manifest = tmp_path / "assay.yaml"
    project = LocalProject(manifest, policies=("hub.yaml",))
    declared, _ = project.manifest()
    policy, written = project.policy(declared, find_checks())
    assert [item.file for item in written.beneath] == ["hub.yaml"]
    assert {rule.id for rule in policy.requirements} == {"ranks-well", "approval-gap"}
    (tmp_path / "policy.yaml").write_text(
        OWN.replace("0.62", "0.5").replace("extends", "# extends")
    )
    with pytest.raises(ConfigurationError, match=r"0.5 here, which is laxer than 0.6, at hub.yaml"):
        project.policy(declared, find_checks())


def test_the_report_says_which_limits_are_defaults(tmp_path: Path):
    """One that a policy on top has set is none any more."""
    services = workspace()
    report = gate_version(services, layered(tmp_path), actor="ada")
    limits = {
        item.requirement.id: finding(item, report).limit for item in report.decision.judgements
    }
    assert limits == {
        "ranks-well": "at least 0.62",
        "approval-gap": "at most 0.20 (our default)",
    }


def test_what_a_ready_policy_asks_is_shown_at_the_file_that_extends_it(tmp_path: Path):
    """No repository has the ready policy's own file; a hub's may be one's own.

    A bar that a policy tightened is shown at its own line.
    """
    own = OWN.partition("approvals")[0].replace("[hub.yaml]", "[hub.yaml, nist-ai-rmf]")
    report = gate_version(workspace(), layered(tmp_path, own), actor="ada")
    items = {item.id: item for item in gate_items(report)}
    ready = place(items["perf-sample"], report, folder="model")
    assert (ready.file, ready.line) == ("model/policy.yaml", None)
    own_bar = place(items["ranks-well"], report, folder="model")
    assert (own_bar.file, own_bar.line) == ("model/policy.yaml", 5)
    gap = place(items["approval-gap"], report, folder="model")
    assert (gap.file, gap.line) == ("model/hub.yaml", 5)
    assert isinstance(items["perf-sample"].span, Span)


def test_what_is_extended_is_text_of_the_case(tmp_path: Path):
    """The same policy in one text is another text with the same meaning, and the same digest."""
    project = layered(tmp_path, OWN.replace("approvals:\n  high: [{role: validator}]\n", ""))
    merged, _ = project.policy(project.manifest()[0], find_checks())
    one = HUB.replace("policy: hub", "policy: lending").replace("0.60", "0.62")
    (tmp_path / "policy.yaml").write_text(one)
    alone, _ = project.policy(project.manifest()[0], find_checks())
    assert merged.digest == alone.digest
    assert TEXTS["policy.yaml"] != one
