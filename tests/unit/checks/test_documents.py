"""Documents are complete when every part says something and nothing is a placeholder."""

from collections.abc import Mapping

import pytest

from assay.checks.completeness import is_placeholder
from assay.checks.documents import REQUIRED_SECTIONS, model_card
from assay.checks.monitoring import REQUIRED_KEYS, plan
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import DocumentContent

CARD = {section: f"What there is to say of {section}." for section in REQUIRED_SECTIONS}
PLAN: dict[str, object] = {
    "watch": ["selection rate by age"],
    "every": "7d",
    "notify": ["team:lending"],
    "limits": {"selection rate by age": 0.15},
    "actions": "Hold new versions and review the last window.",
}
TOOLKIT = {
    "model_details": {"name": "credit", "owners": [{"name": "lending"}]},
    "model_parameters": {"data": [{"name": "German Credit"}]},
    "quantitative_analysis": {"performance_metrics": [{"type": "auc", "value": "0.78"}]},
    "considerations": {
        "users": ["loan officers"],
        "use_cases": ["approve a loan"],
        "limitations": ["few applicants under 25"],
        "tradeoffs": ["less accurate after mitigation"],
        "ethical_considerations": [{"name": "age", "mitigation_strategy": "reweighing"}],
    },
}


def with_document(name: str, content: Mapping[str, object]) -> Evidence:
    document = DocumentContent(path=f"docs/{name}.yaml", digest="0" * 64, content=content)
    return Evidence(documents={name: document})


def test_a_complete_card_is_true():
    """All nine sections say something."""
    assert model_card(with_document("model_card", dict(CARD))).value is True


def test_a_card_of_the_model_card_toolkit_is_complete_too():
    """Sections are found where that schema puts them."""
    assert model_card(with_document("model_card", dict(TOOLKIT))).value is True


@pytest.mark.parametrize("section", REQUIRED_SECTIONS)
def test_each_section_is_needed(section):
    """A card without one of them is incomplete, and the detail names it."""
    content: dict[str, object] = {key: text for key, text in CARD.items() if key != section}
    fact = model_card(with_document("model_card", content))
    assert fact.value is False
    assert fact.detail == f"Missing: {section}."
    assert "docs/model_card.yaml" in fact.remedy


@pytest.mark.parametrize("text", ["TODO", "...", "<primary users>", "tbd TBD", "", None, [], {}])
def test_a_placeholder_or_nothing_does_not_fill_a_section(text):
    """A template is not a card."""
    fact = model_card(with_document("model_card", {**CARD, "factors": text}))
    assert fact.value is False
    assert fact.detail in {"Still a placeholder: factors.", "Empty: factors.", "Missing: factors."}


def test_one_placeholder_among_answers_leaves_a_section_unfilled():
    """A half-written section is not finished."""
    content = {**CARD, "model_details": {"name": "credit", "owners": ["<who answers for it>"]}}
    fact = model_card(with_document("model_card", content))
    assert fact.detail == "Still a placeholder: model_details."


def test_numbers_and_truths_are_answers():
    """Zero and false say something."""
    content = {**CARD, "metrics": {"threshold": 0}, "factors": {"evaluated": False}}
    assert model_card(with_document("model_card", content)).value is True


def test_an_absent_card_is_false_with_what_to_write():
    """No card is a fact, and the remedy names the manifest's key and the sections."""
    fact = model_card(Evidence())
    assert fact.value is False
    assert "documents.model_card" in fact.remedy
    assert "caveats_and_recommendations" in fact.remedy


def test_a_complete_plan_is_true():
    """Five things are settled."""
    assert plan(with_document("monitoring", dict(PLAN))).value is True


@pytest.mark.parametrize("key", REQUIRED_KEYS)
def test_each_key_of_a_plan_is_needed(key):
    """A plan that leaves one open is incomplete, and the detail says in words what is open."""
    content = {name: value for name, value in PLAN.items() if name != key}
    fact = plan(with_document("monitoring", content))
    assert fact.value is False
    assert key in fact.detail
    assert REQUIRED_KEYS[key] in fact.detail


def test_an_absent_plan_is_false_with_what_to_write():
    """No plan is a fact, and the remedy says what one holds."""
    fact = plan(Evidence())
    assert fact.value is False
    assert all(key in fact.remedy for key in REQUIRED_KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "…",
        "....",
        "-",
        "--",
        "?",
        "xxx",
        "[name]",
        "<who\nis told>",
        "To be defined.",
        "FIXME later",
    ],
)
def test_what_counts_as_a_placeholder(text):
    """Marks that people leave behind."""
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text", ["none", "7d", "Ages < 25 and > 60", "We list no todo.", "0", "n < 30 is <thin>"]
)
def test_what_does_not(text):
    """Short and odd answers are answers."""
    assert not is_placeholder(text)
