"""Tiers, legal classes and obligations that follow from answers."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from assay.adapters.loaders.questionnaires import load_questionnaire
from assay.errors import InvalidArgument
from assay.policy.conditions import Answers, QuestionId
from assay.policy.questionnaire import Example
from assay.policy.tiering import Tiering, tier_of
from assay.policy.tiers import Tier

QUESTIONNAIRE = load_questionnaire()


def answers(**chosen: str | list[str]) -> Answers:
    """Answers by question without its `q_`."""
    return {
        QuestionId(f"q_{name}"): frozenset([value] if isinstance(value, str) else value)
        for name, value in chosen.items()
    }


def tiering(**chosen: str | list[str]) -> Tiering:
    return tier_of(QUESTIONNAIRE, answers(**chosen))


def classes(found: Tiering) -> dict[str, list[date | None]]:
    """The days from which each legal class applies."""
    return {
        item.legal_class.id: [part.day for part in item.legal_class.applies]
        for item in found.exposures
    }


def shown(found: Tiering, number: int = 0) -> dict[str, tuple[str, ...]]:
    """The answers behind a reason."""
    return {choice.question: choice.options for choice in found.reasons[number].answers}


@pytest.mark.parametrize("example", QUESTIONNAIRE.examples, ids=lambda item: item.name)
def test_the_catalogues_own_examples(example: Example):
    """Each example leads to the tier that it states."""
    assert tier_of(QUESTIONNAIRE, example.answers).tier is example.expect


def test_there_are_as_many_questions_and_examples_as_published():
    """None was lost on the way."""
    assert len(QUESTIONNAIRE.questions) == 24
    assert len(QUESTIONNAIRE.examples) == 11


def test_a_reason_names_the_rule_the_answers_and_the_provision():
    """Of a tier, a reader learns which answers led to it, by which rule, and why."""
    found = tiering(us_credit="yes", effect="significant", autonomy="automatic", data="personal")
    assert found.tier is Tier.HIGH
    credit, automatic = found.reasons[:2]
    assert (credit.rule, credit.because) == ("T2", ("us-ecoa-reg-b:REGB-9-B2",))
    assert shown(found) == {"q_us_credit": ("yes",)}
    assert automatic.because == ("eu-gdpr-adm:GDPR-22-1",)
    assert shown(found, 1) == {"q_effect": ("significant",), "q_autonomy": ("automatic",)}


def test_nothing_answered_is_low_for_a_reason():
    """Even the lowest tier says why."""
    found = tiering()
    assert (found.tier, found.reasons[0].rule) == (Tier.LOW, "T4")
    assert found.exposures == ()


@pytest.mark.parametrize("ban", QUESTIONNAIRE.questions[QuestionId("q_prohibited")].options)
def test_any_ban_prohibits(ban: str):
    """A hit blocks inside the EU and outside; the law's class is that of the EU."""
    inside, outside = tiering(prohibited=[ban], eu="yes"), tiering(prohibited=[ban])
    assert inside.tier is outside.tier is Tier.PROHIBITED
    [exposure] = [item for item in inside.exposures if "prohibited" in item.legal_class.id]
    assert exposure.because == (f"eu-ai-act:{ban}",)
    later = ban in {"ART5-1-BA", "ART5-1-BB"}
    since = date(2026, 12, 2) if later else date(2025, 2, 2)
    assert [part.day for part in exposure.legal_class.applies] == [since]
    assert outside.exposures == ()


def test_a_listed_use_is_high_risk_from_its_day():
    """Annex III from 2 December 2027, Annex I from 2 August 2028, each with its obligations."""
    listed = tiering(eu="yes", domain="employment")
    product = tiering(eu="yes", annex1="yes", third_party_ca="yes")
    assert listed.tier is product.tier is Tier.HIGH
    assert classes(listed)["eu-high-risk-annex-3"] == [date(2027, 12, 2)]
    assert classes(product)["eu-high-risk-annex-1"] == [date(2028, 8, 2)]
    exposure = listed.exposures[0]
    assert exposure.because == ("eu-ai-act:ANNEX3-4",)
    assert "eu-ai-act:Article 14 - human oversight" in exposure.legal_class.obligations
    assert exposure.legal_class.policy == "eu-ai-act/high-risk"


@pytest.mark.parametrize("condition", ["a", "b", "c", "d"])
def test_the_derogation_leaves_a_duty_to_document_and_register(condition: str):
    """A listed use that escapes by Article 6(3) is medium, and must be written down."""
    found = tiering(eu="yes", domain="credit", derogation=condition)
    assert (found.tier, found.conflicts) == (Tier.MEDIUM, ())
    [exposure] = [item for item in found.exposures if item.legal_class.id == "eu-derogated"]
    assert exposure.legal_class.obligations == ("eu-ai-act:ART6-4", "eu-ai-act:ART49-2")
    assert f"eu-ai-act:ART6-3-{condition.upper()}" in exposure.because


@pytest.mark.parametrize(
    ("chosen", "name", "days"),
    [
        ({"nyc_hiring": "yes"}, "nyc-ll144", [date(2023, 7, 5)]),
        ({"us_credit": "yes"}, "us-credit", [None, date(2026, 7, 21)]),
        ({"co_consequential": "yes"}, "us-colorado", [date(2027, 1, 1)]),
        (
            {
                "eu": "yes",
                "data": "personal",
                "effect": "significant",
                "autonomy": "automatic",
            },
            "gdpr-automated-decision",
            [None],
        ),
        (
            {"eu": "yes", "genai": "user_facing"},
            "eu-transparency",
            [date(2026, 8, 2), date(2026, 12, 2)],
        ),
        (
            {"eu": "yes", "gpai": "provider"},
            "eu-general-purpose",
            [date(2025, 8, 2), date(2027, 8, 2)],
        ),
        ({"purpose": "yes"}, "us-model-risk", [date(2026, 4, 17)]),
    ],
)
def test_legal_classes_have_their_days(chosen: dict[str, str], name: str, days: list[date | None]):
    """Each class says from when it applies; None is a law that has been in force."""
    assert classes(tiering(**chosen))[name] == days


# Answers that contradict each other: how they are read, and the tier at the least.
CONFLICTS: dict[str, tuple[dict[str, str], Tier]] = {
    "derogation-without-area": ({"eu": "yes", "derogation": "a"}, Tier.MEDIUM),
    "derogation-outside-the-eu": ({"domain": "credit", "derogation": "a"}, Tier.HIGH),
    "derogation-of-profiling": (
        {"eu": "yes", "domain": "credit", "derogation": "b", "profiling": "yes"},
        Tier.HIGH,
    ),
    "derogation-of-influence": (
        {"eu": "yes", "domain": "credit", "derogation": "b", "material_influence": "yes"},
        Tier.HIGH,
    ),
    "deciding-without-influence": (
        {"eu": "yes", "domain": "credit", "derogation": "a", "autonomy": "automatic"},
        Tier.HIGH,
    ),
    "assessment-without-product": ({"eu": "yes", "third_party_ca": "yes"}, Tier.HIGH),
    "hiring-outside-employment": ({"eu": "yes", "nyc_hiring": "yes"}, Tier.HIGH),
    "consequence-without-effect": ({"us_credit": "yes", "effect": "minor"}, Tier.HIGH),
    "people-without-data": ({"profiling": "yes"}, Tier.MEDIUM),
}


def test_every_contradiction_has_a_case():
    """So that none is untested."""
    assert set(CONFLICTS) == {item.id for item in QUESTIONNAIRE.contradictions}


@pytest.mark.parametrize("name", CONFLICTS)
def test_contradictory_answers_are_read_strictly_and_it_says_so(name: str):
    """The outcome is defined, and the result holds what contradicts what."""
    chosen, tier = CONFLICTS[name]
    found = tiering(**chosen)
    assert found.tier is tier
    conflict = next(item for item in found.conflicts if item.contradiction.id == name)
    assert conflict.answers
    for question, option in conflict.contradiction.read_as.items():
        assert found.answers[question] == {option}


def test_one_reading_may_bring_out_another_contradiction():
    """A hiring tool outside any area, on no data: both are read, in whatever order."""
    found = tiering(nyc_hiring="yes", profiling="yes", effect="none")
    assert {item.contradiction.id for item in found.conflicts} == {
        "hiring-outside-employment",
        "consequence-without-effect",
        "people-without-data",
    }


@pytest.mark.parametrize(
    ("points", "tier"),
    [
        (0, Tier.LOW),
        (7, Tier.LOW),  # 25 % of 31 is 7.75
        (8, Tier.MEDIUM),
        (15, Tier.MEDIUM),
        (16, Tier.HIGH),
        (23, Tier.HIGH),
        (24, Tier.CRITICAL),
        (31, Tier.CRITICAL),
    ],
)
def test_a_cut_must_be_exceeded(points: int, tier: Tier):
    """The score's tier is that of the highest cut which points / max exceeds."""
    assert QUESTIONNAIRE.score.tier(points) is tier


def test_the_score_may_only_raise():
    """Many small risks add up to a higher tier than any rule gives; few lower none."""
    raised = tiering(
        autonomy="human_can_veto",
        reversibility="irreversible",
        scale="1m_or_more",
        data="personal",
        effect="minor",
        exposure="medium",
        learning="online",
    )
    assert (raised.points, raised.tier) == (16, Tier.HIGH)
    assert raised.reasons[0].rule == "score"
    assert {reason.rule for reason in raised.reasons} == {"score", "T3"}
    assert tiering(gpai="provider_systemic").tier is Tier.CRITICAL


def test_the_order_of_answers_does_not_matter():
    """Answers are a set: any order gives the same result."""
    chosen = answers(eu="yes", domain="credit", data="personal", effect="minor")
    first = tier_of(QUESTIONNAIRE, chosen)
    for order in itertools.permutations(chosen.items()):
        assert tier_of(QUESTIONNAIRE, dict(order)) == first


@pytest.mark.parametrize(
    "bad",
    [
        {"q_e": frozenset({"yes"})},
        {"q_eu": frozenset({"maybe"})},
        {"q_eu": frozenset({"yes", "no"})},
        {"q_eu": frozenset()},
    ],
)
def test_what_is_no_answer_is_refused(bad: dict[str, frozenset[str]]):
    """A defect of a caller is told apart from an answer."""
    with pytest.raises(InvalidArgument):
        tier_of(QUESTIONNAIRE, {QuestionId(name): value for name, value in bad.items()})


def test_questions_are_asked_when_they_matter():
    """A follow-up is asked only where its premise holds."""
    derogation = QUESTIONNAIRE.questions[QuestionId("q_derogation")]
    assert not QUESTIONNAIRE.asked(derogation, answers(eu="yes"))
    assert not QUESTIONNAIRE.asked(derogation, answers(domain="credit"))
    assert QUESTIONNAIRE.asked(derogation, answers(eu="yes", domain="credit"))
    assert QUESTIONNAIRE.asked(QUESTIONNAIRE.questions[QuestionId("q_eu")], {})
