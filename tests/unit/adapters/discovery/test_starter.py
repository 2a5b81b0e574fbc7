"""The first texts load with the loaders, say why, and pass no check that a person must earn."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.adapters.discovery.answers import Answers
from assay.adapters.discovery.starter import (
    MODEL_CARD,
    MONITORING,
    POLICY,
    render_manifest,
    scalar,
    starter_model_card,
    starter_monitoring,
    starter_policy,
)
from assay.adapters.loaders.documents import parse_document
from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.yaml import parse_yaml
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.checks.completeness import unfilled
from assay.checks.documents import REQUIRED_SECTIONS, model_card
from assay.checks.monitoring import REQUIRED_KEYS, plan
from assay.errors import InvalidArgument
from assay.evidence.inputs import Evidence
from assay.evidence.roles import Protected
from assay.governance.manifest import Manifest
from assay.policy.tiers import Tier

FULL = Answers(
    system="consumer-credit",
    purpose="Decide whether a loan is given: yes or no",
    owner="team:lending",
    tier=Tier.HIGH,
    model="models/credit.onnx",
    code=".",
    environment="requirements.lock",
    configuration="params.yaml",
    training="data/train.parquet",
    evaluation="data/holdout.parquet",
    label="class",
    positive="2",
    score="p_default",
    favourable_when="<=",
    threshold=Decimal("0.350"),
    protected=(
        Protected(column="sex"),
        Protected(column="age", cuts=(Decimal(25), Decimal("40.5"))),
    ),
    unit="applicant id",
)
LEAST = Answers(
    system="s",
    purpose="p",
    owner="o",
    tier=Tier.LOW,
    model="m",
    evaluation="d.csv",
    label="y",
    predict=("python", "score.py", "--n", "1"),
    favourable_when=">",
    threshold=Decimal(1),
)
TEXT = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1
).filter(str.strip)


def manifest_of(answers: Answers, reasons: dict[str, str] | None = None) -> Manifest:
    text = render_manifest(answers, reasons)
    return parse_manifest(Written(file="assay.yaml", source=text.encode()), folder=Path("/nowhere"))


def as_answers(manifest: Manifest) -> Answers:
    """What a manifest says, as the answers that it was rendered from."""
    data, version = manifest.evaluation, manifest.version
    return Answers(
        system=manifest.system.id,
        purpose=manifest.system.purpose,
        owner=manifest.system.owner,
        tier=manifest.system.tier,
        model=version.model,
        code=version.code,
        environment=version.environment,
        configuration=version.configuration,
        training=manifest.training,
        evaluation=data.path,
        label=data.label.column,
        positive=data.label.positive,
        score=data.score,
        predict=data.predict,
        favourable_when=data.decision.favourable_when,
        threshold=data.decision.threshold,
        protected=data.protected or None,
        unit=data.unit,
    )


@pytest.mark.parametrize("answers", [FULL, LEAST])
def test_the_manifest_loads_and_says_what_was_answered(answers: Answers) -> None:
    """Nothing is lost or changed on the way through the text."""
    manifest = manifest_of(answers)
    assert as_answers(manifest) == answers
    assert (manifest.policy, manifest.monitoring) == (POLICY, MONITORING)
    assert manifest.documents == {"model_card": MODEL_CARD}


def test_reasons_stand_in_comments_and_cannot_break_out_of_them() -> None:
    """A column's name that holds a line break stays inside the comment."""
    reasons = dict.fromkeys(Answers.__dataclass_fields__, "x\n    unit: y")
    reasons["score"] = "odd\nlabel: injected"
    text = render_manifest(FULL, reasons)
    assert "# odd label: injected" in text
    assert as_answers(manifest_of(FULL, reasons)) == FULL


@settings(derandomize=True, max_examples=100, deadline=None)
@given(purpose=TEXT, owner=TEXT, label=TEXT, positive=TEXT, trait=TEXT, unit=TEXT)
def test_any_text_survives_the_manifest(
    *, purpose: str, owner: str, label: str, positive: str, trait: str, unit: str
) -> None:
    """Names of columns may hold anything that a file's header can."""
    columns = [f"{name} {index}" for index, name in enumerate((label, trait, unit))]
    answers = replace(
        FULL,
        purpose=purpose,
        owner=owner,
        label=columns[0],
        positive=positive,
        protected=(Protected(column=columns[1], cuts=(Decimal(1),)),),
        unit=columns[2],
    )
    assert as_answers(manifest_of(answers)) == answers


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    TEXT
    | st.sampled_from(["true", "~", "1", "1.5", "0x1", "a:b", "a: b", "a #b", "-", "null", "<<"])
)
def test_a_scalar_reads_back_as_text_inside_and_outside_brackets(text: str) -> None:
    """Whatever is written is read as that text, as a value, an item or a key."""
    written = scalar(text)
    read = parse_yaml(
        f"a: {written}\nb: [{written}, {written}]\nc: {{{written}: 1}}\n".encode(), file="f"
    )
    assert read.value == {"a": text, "b": [text, text], "c": {text: 1}}


def test_a_manifest_without_what_it_needs_is_not_rendered() -> None:
    """Callers ask first; a gap is a defect of theirs."""
    with pytest.raises(InvalidArgument):
        render_manifest(replace(FULL, owner=None))


@pytest.mark.parametrize("answers", [FULL, LEAST, replace(FULL, protected=())])
def test_the_policy_loads_for_the_manifest(answers: Answers) -> None:
    """Every check exists, every bar can be shown, every column is declared."""
    written = Written(file=POLICY, source=starter_policy(answers).encode())
    policy = parse_policy(written, find_checks(), data=manifest_of(answers).evaluation)
    compared = [rule for rule in policy.requirements if rule.check.startswith("fairness.")]
    assert bool(compared) is bool(answers.protected)
    assert len(policy.approvals[Tier.HIGH]) == 2


def test_the_model_card_is_complete_only_when_a_person_has_filled_it_in() -> None:
    """The starter has every required section, and each lacks its text."""
    card = parse_document(Written(file=MODEL_CARD, source=starter_model_card(FULL).encode()))
    assert list(card.content) == list(REQUIRED_SECTIONS)
    assert len(unfilled(card.content, REQUIRED_SECTIONS)) == len(REQUIRED_SECTIONS)
    fact = model_card(Evidence(documents={"model_card": card}))
    assert fact.value is False
    filled = starter_model_card(FULL).replace("TODO: ", "")
    card = parse_document(Written(file=MODEL_CARD, source=filled.encode()))
    assert model_card(Evidence(documents={"model_card": card})).value is True


def test_the_monitoring_plan_is_settled_only_when_a_person_has_filled_it_in() -> None:
    """The starter has every required key, and none of them is settled."""
    source = starter_monitoring(FULL)
    document = parse_document(Written(file=MONITORING, source=source.encode()))
    assert list(document.content) == list(REQUIRED_KEYS)
    assert plan(Evidence(documents={"monitoring": document})).value is False
    document = parse_document(
        Written(file=MONITORING, source=source.replace("TODO: ", "").encode())
    )
    assert plan(Evidence(documents={"monitoring": document})).value is True
