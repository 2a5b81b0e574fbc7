"""Other answers: what newly applies, and what no longer does."""

import pytest

from assay.adapters.loaders.intake import render_answers
from assay.app.ports import Written
from assay.bootstrap.beginnings import catalogues, intake_of
from assay.documents.intake_changes import changes_document, intake_changes, render_changes
from assay.policy.conditions import QuestionId


def report(**chosen):
    questionnaire = catalogues().questionnaire
    answers = questionnaire.completed(
        {QuestionId(name): frozenset(options) for name, options in chosen.items()}
    )
    text = render_answers(questionnaire, answers)
    return intake_of(Written(file="intake.yaml", source=text.encode()), questionnaire)


@pytest.fixture(scope="module")
def before():
    return report(q_data=["personal"])


@pytest.fixture(scope="module")
def after():
    return report(q_data=["personal"], q_us_credit=["yes"], q_effect=["significant"])


def test_a_higher_tier_brings_law_and_demands(before, after):
    """The tier moves, a legal class applies, and the gate asks for more."""
    changes = intake_changes(before, after)
    assert changes.tier[1] == "high"
    assert any("credit" in title.lower() for title in changes.classes[0])
    assert changes.demands[0]
    text = render_changes(changes)
    assert "→ high" in text
    assert "Newly applies" in text
    document = changes_document(changes)
    assert document["legal_classes"]["new"] == list(changes.classes[0])


def test_the_way_back_takes_away_what_the_way_there_brought(before, after):
    """What is new one way is gone the other way."""
    there, back = intake_changes(before, after), intake_changes(after, before)
    assert there.classes == back.classes[::-1]
    assert there.demands == back.demands[::-1]


def test_the_same_answers_change_nothing(before):
    """And nothing is said."""
    same = intake_changes(before, before)
    assert same.none
    assert render_changes(same) == ""
