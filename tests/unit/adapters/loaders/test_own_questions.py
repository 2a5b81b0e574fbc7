"""Questions of an organisation's own: they come after Assay's, and only raise a tier."""

import pytest

from assay.adapters.loaders.intake import parse_answers, render_answers
from assay.adapters.loaders.questionnaires import extended, load_questionnaire
from assay.app.ports import Written
from assay.errors import ConfigurationError
from assay.policy.conditions import QuestionId
from assay.policy.tiering import tier_of
from assay.policy.tiers import Tier

OWN = """\
questionnaire: bank
version: 1.2.0
items:
  - id: q_vulnerable
    title: Are customers in financial difficulty among those who are decided about?
    text: Hardship programmes, arrears, debt advice.
    type: choice
    options: [yes, no]
    default: no
  - id: q_remedy
    title: What do they get instead?
    text: A person, a letter, nothing.
    type: multi
    options: [person, letter]
    default: []
    asked_if: {q: q_vulnerable, in: [yes]}
rules:
  - id: B1
    title: Decides about customers in financial difficulty.
    tier: high
    when: {q: q_vulnerable, in: [yes]}
"""


def own(text=OWN):
    return extended(load_questionnaire(), Written(file="own.yaml", source=text.encode()))


def tiering(**chosen):
    questionnaire = own()
    return tier_of(
        questionnaire, {QuestionId(name): frozenset(value) for name, value in chosen.items()}
    )


def test_they_are_asked_after_assays_own():
    """And the whole names both."""
    questionnaire = own()
    assert list(questionnaire.questions)[-2:] == ["q_vulnerable", "q_remedy"]
    assert questionnaire.name == "assay-tiering with bank 1.2.0"


def test_a_rule_of_ones_own_raises_the_tier():
    """With its reason; without the answer nothing changes."""
    assert tiering().tier is Tier.LOW
    raised = tiering(q_vulnerable=["yes"])
    assert raised.tier is Tier.HIGH
    assert raised.reasons[0].rule == "B1"


def test_it_never_lowers():
    """What Assay's rules lead to stands."""
    prohibited = tiering(q_eu=["yes"], q_prohibited=["ART5-1-C"])
    assert prohibited.tier is Tier.PROHIBITED


def test_answers_to_both_are_read_from_one_file():
    """And a question left out is an error, as any other."""
    questionnaire = own()
    text = render_answers(questionnaire, questionnaire.completed({}))
    answers = parse_answers(Written(file="a.yaml", source=text.encode()), questionnaire)
    assert answers[QuestionId("q_vulnerable")] == frozenset({"no"})
    without = "\n".join(line for line in text.splitlines() if "q_vulnerable" not in line)
    with pytest.raises(ConfigurationError, match="q_vulnerable"):
        parse_answers(Written(file="a.yaml", source=without.encode()), questionnaire)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: q_vulnerable", "id: q_eu", "asked already"),
        ("default: no", "default: maybe", "'maybe'"),
        ("when: {q: q_vulnerable, in: [yes]}", "when: {q: q_vulnerabel, in: [yes]}", "vulnerabel"),
        ("tier: high", "tier: prohibited", "no tier here"),
        ("rules:", "rulez:", "rulez"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(old, new, said):
    """Each with file, line and column."""
    with pytest.raises(ConfigurationError) as refused:
        own(OWN.replace(old, new, 1))
    assert said in str(refused.value)
    assert "own.yaml:" in str(refused.value)
