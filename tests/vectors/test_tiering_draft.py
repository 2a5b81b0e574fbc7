"""The rules are still those of the published draft, which an interpreter of its own evaluates."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assay.adapters.loaders.questionnaires import load_questionnaire
from assay.policy.conditions import QuestionId
from assay.policy.tiering import tier_of

DRAFT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "data" / "tiering" / "draft.yaml").read_text(encoding="utf-8")
)
TIERS = ("low", "medium", "high", "critical", "prohibited")
QUESTIONNAIRE = load_questionnaire()


@st.composite
def some_answers(draw: st.DrawFn) -> dict[str, Any]:
    """The draft's default answers but for a few."""
    answers: dict[str, Any] = dict(DRAFT["default_answers"])
    for item in draw(st.lists(st.sampled_from(DRAFT["items"]), max_size=9)):
        option = st.sampled_from(item["options"])
        answers[item["id"]] = draw(
            st.lists(option, max_size=1) if item["type"] == "multi" else option
        )
    return answers


any_answers = some_answers()


def holds(condition: dict[str, Any], answers: dict[str, Any]) -> bool:
    if "pred" in condition:
        return holds(DRAFT["predicates"][condition["pred"]], answers)
    if "all" in condition:
        return all(holds(part, answers) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, answers) for part in condition["any"])
    answer = answers[condition["q"]]
    return bool(answer) if "nonempty" in condition else answer in condition["in"]


def draft_tier(answers: dict[str, Any]) -> str:
    rule = next(rule for rule in DRAFT["rules"] if holds(rule, answers))
    points = sum(
        item.get("points", {}).get(answers[item["id"]], 0)
        for item in DRAFT["items"]
        if item["type"] == "choice"
    )
    share = Fraction(points, DRAFT["score"]["max"])
    cuts = DRAFT["score"]["cuts"]
    scored: list[str] = [tier for tier, cut in cuts.items() if share > Fraction(str(cut))]
    return max([str(rule["tier"]), *scored], key=TIERS.index)


@settings(max_examples=300)
@given(answers=any_answers)
def test_answers_without_contradiction_lead_to_the_drafts_tier(answers: dict[str, Any]):
    """Whatever is answered, as long as nothing contradicts, the tier is the draft's."""
    chosen = {
        QuestionId(name): frozenset(value if isinstance(value, list) else [value])
        for name, value in answers.items()
    }
    found = tier_of(QUESTIONNAIRE, chosen)
    assume(not found.conflicts)
    assert str(found.tier) == draft_tier(answers)


@settings(max_examples=300)
@given(answers=any_answers)
def test_contradictory_answers_never_lead_below_it(answers: dict[str, Any]):
    """Reading strictly only raises."""
    chosen = {
        QuestionId(name): frozenset(value if isinstance(value, list) else [value])
        for name, value in answers.items()
    }
    found = str(tier_of(QUESTIONNAIRE, chosen).tier)
    assert TIERS.index(found) >= TIERS.index(draft_tier(answers))


def test_questions_points_and_examples_are_the_drafts():
    """Options, points, defaults and examples are unchanged."""
    assert [item["id"] for item in DRAFT["items"]] == list(QUESTIONNAIRE.questions)
    for item in DRAFT["items"]:
        question = QUESTIONNAIRE.questions[QuestionId(item["id"])]
        assert list(question.options) == item["options"]
        assert dict(question.points) == item.get("points", {})
        default = DRAFT["default_answers"][item["id"]]
        assert question.default == set(default if isinstance(default, list) else [default])
    examples = [(item.name, str(item.expect)) for item in QUESTIONNAIRE.examples]
    assert examples == [(item["name"], item["expect"]) for item in DRAFT["examples"]]
