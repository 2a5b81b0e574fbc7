"""A tier that follows from answers, in the journal, the decision and the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from assay.adapters.loaders.intake import render_answers
from assay.adapters.loaders.questionnaires import load_questionnaire
from assay.adapters.project import LocalProject
from assay.app.judging.gate import gate_version
from assay.app.life.intake_review import IntakeReviewRefused, review_intake
from assay.app.services import Services
from assay.documents.gate import cautions
from assay.documents.gate_json import document
from assay.evidence.canonical import digest
from assay.governance.fold import SYSTEM
from assay.policy.conditions import QuestionId
from assay.policy.objections import Objection

Rewrite = Callable[[str, str, str], None]


@pytest.fixture
def answers(repository: Path, rewrite: Rewrite) -> Path:
    """The repository's answers, which lead to tier high."""
    questionnaire = load_questionnaire()
    chosen = questionnaire.completed(
        {
            QuestionId("q_us_credit"): frozenset({"yes"}),
            QuestionId("q_effect"): frozenset({"significant"}),
            QuestionId("q_data"): frozenset({"personal"}),
        }
    )
    path = repository / "intake.yaml"
    path.write_text(render_answers(questionnaire, chosen))
    rewrite("assay.yaml", "tier: high", "intake: intake.yaml")
    return path


def recorded(services: Services) -> dict[str, Any]:
    record = services.journal.record(SYSTEM, "credit")
    assert record is not None
    return cast(dict[str, Any], record.value)


def test_the_source_reaches_the_journal_the_decision_and_the_report(
    services: Services, project: LocalProject, answers: Path
):
    """The tier is the intake's, its answers are kept by digest, and nobody is warned."""
    report = gate_version(services, project, actor="ana")
    assert report.tier_source == "intake"
    assert document(report)["tier"] == {"value": "high", "source": "intake"}
    assert not any("declared" in note for note in cautions(report))
    value = recorded(services)
    assert (value["tier"], value["tier_source"]) == ("high", "intake")
    kept = value["digests"]["intake"]
    assert kept == digest(answers.read_bytes())
    assert services.blobs.get(kept) == answers.read_bytes()
    envelope = json.loads(services.blobs.get(_decision_envelope(services)))
    assert b'"tier_source":"intake"' in _payload(envelope)


def test_other_answers_are_recorded_even_where_the_tier_stays(
    services: Services, project: LocalProject, answers: Path
):
    """A change of answers is a change of the system; the same answers are recorded once."""
    gate_version(services, project, actor="ana")
    first = recorded(services)
    gate_version(services, project, actor="ana")
    assert recorded(services)["index"] == first["index"]
    answers.write_text(answers.read_text().replace("q_data: personal", "q_data: none"))
    gate_version(services, project, actor="ana")
    second = recorded(services)
    assert second["index"] > first["index"]
    assert second["tier"] == first["tier"]
    assert second["digests"]["intake"] != first["digests"]["intake"]


def test_going_back_to_a_declared_tier_is_recorded(
    services: Services, project: LocalProject, answers: Path, rewrite: Rewrite
):
    """The journal says that the tier is declared again, and rests on no answers."""
    gate_version(services, project, actor="ana")
    rewrite("assay.yaml", "intake: intake.yaml", "tier: high")
    report = gate_version(services, project, actor="ana")
    assert recorded(services)["tier_source"] == "declared"
    assert "intake" not in recorded(services)["digests"]
    assert any("declared" in note for note in cautions(report))


def test_what_the_answers_prohibit_is_denied(
    services: Services, project: LocalProject, answers: Path
):
    """A hit of Article 5 denies, whatever the figures say."""
    answers.write_text(answers.read_text().replace("[]", "[ART5-1-C]"))
    report = gate_version(services, project, actor="ana")
    assert report.decision.effective.value == "deny"
    assert document(report)["tier"] == {"value": "prohibited", "source": "intake"}


def _decision_envelope(services: Services) -> str:
    from assay.governance.fold import DECISION

    [decision] = services.journal.records(DECISION)
    return str(cast(dict[str, str], decision.value["digests"])["envelope"])


def _payload(envelope: dict[str, str]) -> bytes:
    import base64

    return base64.b64decode(envelope["payload"])


def test_answers_to_a_high_tier_count_once_someone_else_has_reviewed_them(
    services: Services, project: LocalProject, answers: Path, clock: Any
):
    """The gate holds until then, and says how long the tier was not settled."""
    held = gate_version(services, project, actor="ana").decision
    assert [item.kind for item in held.objections] == [Objection.INTAKE_UNREVIEWED]
    with pytest.raises(IntakeReviewRefused, match="submitted the answers"):
        review_intake(services, "credit", actor="ana", reason="Mine.")
    clock.time += timedelta(hours=5)
    done = review_intake(services, "credit", actor="ben", reason="They hold.")
    assert timedelta(hours=5) <= done.waited < timedelta(hours=6)
    assert gate_version(services, project, actor="ana").decision.objections == ()
    with pytest.raises(IntakeReviewRefused, match="already"):
        review_intake(services, "credit", actor="cleo", reason="Twice.")


def test_other_answers_are_reviewed_anew(services: Services, project: LocalProject, answers: Path):
    """A review is of exactly the answers that were there; a declared tier asks for none."""
    gate_version(services, project, actor="ana")
    review_intake(services, "credit", actor="ben", reason="They hold.")
    answers.write_text(answers.read_text() + "# a remark\n")
    changed = gate_version(services, project, actor="ana").decision
    assert [item.kind for item in changed.objections] == [Objection.INTAKE_UNREVIEWED]


def test_without_answers_there_is_nothing_to_review(services: Services, project: LocalProject):
    """A declared tier is told by the report, and no objection."""
    report = gate_version(services, project, actor="ana")
    assert report.decision.objections == ()
    with pytest.raises(IntakeReviewRefused, match="no answers"):
        review_intake(services, "credit", actor="ben", reason="None.")
