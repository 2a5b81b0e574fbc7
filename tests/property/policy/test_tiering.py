"""Tiering for any answers at all: more risk never lowers a tier, and order never matters."""

from __future__ import annotations

from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assay.adapters.loaders.questionnaires import load_questionnaire
from assay.policy.conditions import Answers, QuestionId
from assay.policy.questionnaire import Question
from assay.policy.tiering import tier_of
from assay.policy.tiers import Tier

QUESTIONNAIRE = load_questionnaire()
EU, DEROGATION, DOMAIN = map(QuestionId, ("q_eu", "q_derogation", "q_domain"))


def options(question: Question) -> st.SearchStrategy[frozenset[str]]:
    one = st.sampled_from(question.options).map(lambda option: frozenset([option]))
    if not question.several:
        return one
    # Mostly none: a hit prohibits, whatever the rest.
    several = st.sets(st.sampled_from(question.options), min_size=1, max_size=2).map(frozenset)
    return st.one_of(st.just(frozenset[str]()), st.just(frozenset[str]()), one, several)


@st.composite
def some_answers(draw: st.DrawFn) -> Answers:
    """Every question's default but for a few, so that every tier and class is met."""
    changed = draw(st.lists(st.sampled_from(list(QUESTIONNAIRE.questions)), max_size=9))
    chosen = {name: draw(options(QUESTIONNAIRE.questions[name])) for name in changed}
    return QUESTIONNAIRE.completed(chosen)


any_answers = some_answers()


def riskier(question: Question, chosen: frozenset[str]) -> list[frozenset[str]]:
    """The answers to a question that admit more risk than the one chosen."""
    if question.several:
        return [chosen | {option} for option in question.options if option not in chosen]
    (option,) = chosen
    if question.id == DEROGATION:  # to claim none is to claim no way out
        return [] if option == "none" else [frozenset({"none"})]
    if question.id == DOMAIN and option != "none":  # areas are not ordered among themselves
        return []
    after = question.options[question.options.index(option) + 1 :]
    return [frozenset({later}) for later in after]


@settings(max_examples=200)
@given(answers=any_answers, data=st.data())
def test_adding_a_risk_never_lowers_the_tier(answers: Answers, data: st.DataObject):
    """Except where it resolves a contradiction: a claim where there is nothing to derogate from.

    A link to the EU makes a claimed derogation possible, and one without a listed area is
    held against its author until it is withdrawn.
    """
    name = data.draw(st.sampled_from(list(QUESTIONNAIRE.questions)))
    vain = answers[EU] == {"no"} or answers[DOMAIN] == {"none"}
    assume(not (vain and answers[DEROGATION] != {"none"} and name in {EU, DEROGATION}))
    more = riskier(QUESTIONNAIRE.questions[name], answers[name])
    assume(more)
    changed = {**answers, name: data.draw(st.sampled_from(more))}
    assert tier_of(QUESTIONNAIRE, changed).tier >= tier_of(QUESTIONNAIRE, answers).tier


@settings(max_examples=100)
@given(answers=any_answers, seed=st.integers(0, 1000))
def test_order_never_matters(answers: Answers, seed: int):
    """The same answers in another order give the same result, reasons and all."""
    shuffled = list(answers.items())
    Random(seed).shuffle(shuffled)
    assert tier_of(QUESTIONNAIRE, dict(shuffled)) == tier_of(QUESTIONNAIRE, answers)


@settings(max_examples=200)
@given(answers=any_answers)
def test_it_is_total_and_every_tier_has_its_reason(answers: Answers):
    """Any valid answers have a tier, and the first reason is one for exactly that tier."""
    found = tier_of(QUESTIONNAIRE, answers)
    assert found.reasons[0].tier is found.tier
    assert all(reason.because for reason in found.reasons)
    assert (found.tier is Tier.PROHIBITED) == bool(answers[QuestionId("q_prohibited")])
    assert 0 <= found.points <= QUESTIONNAIRE.score.max


@settings(max_examples=200)
@given(answers=any_answers)
def test_reading_contradictions_never_lowers_the_tier(answers: Answers):
    """What is read in the place of a contradiction admits no less risk than what was said."""
    found = tier_of(QUESTIONNAIRE, answers)
    for conflict in found.conflicts:
        for name, option in conflict.contradiction.read_as.items():
            question = QUESTIONNAIRE.questions[name]
            read = frozenset({option})
            assert read == answers[name] or read in riskier(question, answers[name])


@settings(max_examples=200)
@given(answers=any_answers)
def test_a_reading_is_consistent(answers: Answers):
    """Answers as read contradict each other no more, but where only a floor was set."""
    found = tier_of(QUESTIONNAIRE, answers)
    again = tier_of(QUESTIONNAIRE, found.answers)
    assert all(not conflict.contradiction.read_as for conflict in again.conflicts)
    assert again.tier <= found.tier
