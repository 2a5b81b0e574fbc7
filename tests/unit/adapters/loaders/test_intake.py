"""Answers files: what they say, what is refused, and the tier that a manifest takes from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from assay.adapters.loaders.catalogues import load_catalogues
from assay.adapters.loaders.intake import parse_answers, render_answers
from assay.adapters.loaders.intake_schema import intake_schema
from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.loaders.questionnaires import load_questionnaire
from assay.app.ports import Written
from assay.errors import ConfigurationError, Problems, Span
from assay.governance.manifest import System
from assay.policy.conditions import Answers, QuestionId
from assay.policy.tiers import Tier

QUESTIONNAIRE = load_questionnaire()
NOTHING = render_answers(QUESTIONNAIRE, QUESTIONNAIRE.completed({}))
"""An answers file in which nothing is a risk."""

MANIFEST = """\
assay: 1
system:
  id: credit
  purpose: Decide loans
  owner: team:lending
  intake: intake.yaml
version: {kind: binary-classifier, model: m}
data:
  evaluation:
    path: h.csv
    label: y
    score: p
    decision: {favourable_when: "<", threshold: 0.5}
policy: p.yaml
"""


def load(text: str) -> Answers:
    return parse_answers(Written(file="intake.yaml", source=text.encode()), QUESTIONNAIRE)


def refused(text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load(text)
    return caught.value


def answered(**changed: str) -> str:
    """The answers file with other answers, by question without its `q_`."""
    text = NOTHING
    for name, value in changed.items():
        lines = [line for line in text.splitlines() if line.startswith(f"  q_{name}:")]
        if lines:
            text = text.replace(lines[0], f"  q_{name}: {value}")
        else:
            text += f"  q_{name}: {value}\n"
    return text


def test_what_is_written_is_read():
    """Plain yes and no are text, and what is not asked has its default."""
    read = load(answered(eu="yes", domain="credit", derogation="none", annex1="no"))
    assert read[QuestionId("q_eu")] == {"yes"}
    assert read[QuestionId("q_prohibited")] == frozenset()
    assert read[QuestionId("q_tool_approval")] == {"always"}
    assert set(read) == set(QUESTIONNAIRE.questions)


def test_rendering_and_parsing_are_inverse():
    """An answers file that Assay writes says what was answered."""
    for example in QUESTIONNAIRE.examples:
        answers = QUESTIONNAIRE.completed(example.answers)
        assert load(render_answers(QUESTIONNAIRE, answers)) == answers


def test_silence_is_no_answer():
    """A question that is asked must be answered; all that are not are named at once."""
    error = refused(NOTHING.replace("  q_us_credit: no\n", "").replace("  q_data: none\n", ""))
    assert error.code == "intake.unanswered"
    assert "2 questions are not answered: q_us_credit, q_data." in error.what
    assert error.where == Span("intake.yaml", 3, 1)
    assert refused("intake: 1\nanswers: {}\n").code == "intake.unanswered"


def test_a_follow_up_is_due_once_its_premise_holds():
    """In the EU, whether it is a product's safety component must be said."""
    error = refused(answered(eu="yes"))
    assert "One question is not answered: q_annex1." in error.what


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("q_eu: no", "q_ue: no", "configuration.unknown-key", "'q_eu'"),
        ("q_eu: no", "q_eu: nope", "configuration.invalid-value", "'no'"),
        ("q_eu: no", "q_eu: true", "configuration.wrong-type", "no, yes"),
        ("q_eu: no", "q_eu: [no]", "configuration.wrong-type", "no, yes"),
        ("q_eu: no", "q_eu:", "configuration.empty", "value"),
        ("q_domain: none", "q_domain: employmnt", "configuration.invalid-value", "'employment'"),
        ("q_prohibited: []", "q_prohibited: none", "configuration.wrong-type", "List any"),
        ("q_prohibited: []", "q_prohibited: [1]", "configuration.wrong-type", "List any"),
        (
            "q_prohibited: []",
            "q_prohibited: [ART5-1-Z]",
            "configuration.invalid-value",
            "ART5-1-",
        ),
    ],
)
def test_each_thing_refused_has_a_code_a_place_and_a_remedy(
    old: str, new: str, code: str, says: str
):
    """What is wrong, where, and the nearest that exists."""
    error = refused(NOTHING.replace(old, new))
    assert error.code == code
    line = NOTHING[: NOTHING.index(old)].count("\n") + 1
    assert isinstance(error.where, Span)
    assert error.where.line == line
    assert says in f"{error.what} {error.remedy}"


def test_several_problems_are_told_at_once():
    """One run shows all that must be mended."""
    with pytest.raises(Problems) as caught:
        load(NOTHING.replace("q_eu: no", "q_eu: perhaps").replace("q_data:", "q_dta:"))
    assert len(caught.value.problems) == 2


def test_other_keys_and_versions_are_refused():
    """The format has a version, and no further keys."""
    assert refused(NOTHING.replace("intake: 1", "intake: 2")).code == "configuration.invalid-value"
    assert refused(f"{NOTHING}by: me\n").code == "configuration.unknown-key"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return intake_schema(QUESTIONNAIRE, load_catalogues().library)


def valid(schema: dict[str, Any], text: str) -> bool:
    # JSON Schema sees YAML 1.2, in which `no` is text.
    tree = yaml.load(text, yaml.BaseLoader)
    return bool(
        jsonschema.Draft202012Validator(schema).is_valid({**tree, "intake": int(tree["intake"])})
    )


def test_the_published_schema_agrees_with_the_loader(schema: dict[str, Any]):
    """An editor marks what is refused, follow-ups included, and nothing that is read."""
    jsonschema.Draft202012Validator.check_schema(schema)
    for example in QUESTIONNAIRE.examples:
        text = render_answers(QUESTIONNAIRE, QUESTIONNAIRE.completed(example.answers))
        assert valid(schema, text), example.name
    for bad in (
        answered(eu="yes"),
        answered(eu="yes", annex1="no", domain="credit"),
        answered(agent_tools="read"),
        answered(data="nome"),
        NOTHING.replace("  q_us_credit: no\n", ""),
        f"{NOTHING}by: me\n",
    ):
        refused(bad)
        assert not valid(schema, bad)


def test_the_published_schema_explains_options(schema: dict[str, Any]):
    """Options that stand for provisions say which."""
    shown = json.dumps(schema["properties"]["answers"]["properties"]["q_domain"])
    assert "Creditworthiness" in shown
    assert all(
        item["description"] for item in schema["properties"]["answers"]["properties"].values()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "intake.yaml").write_text(answered(us_credit="yes", effect="significant"))
    return tmp_path


def system(folder: Path, manifest: str = MANIFEST) -> System:
    written = Written(file="assay.yaml", source=manifest.encode())
    return parse_manifest(written, folder=folder).system


def with_tier(tier: str) -> str:
    return MANIFEST.replace("  intake:", f"  tier: {tier}\n  intake:")


def test_a_manifest_takes_the_tier_of_its_answers(folder: Path):
    """The tier follows, its source is the intake, and the answers' bytes are kept."""
    found = system(folder)
    assert (found.tier, found.tier_source) == (Tier.HIGH, "intake")
    assert found.intake is not None
    assert found.intake.path == "intake.yaml"
    assert found.intake.source == (folder / "intake.yaml").read_bytes()


def test_a_declared_tier_may_raise(folder: Path):
    """Above the answers' tier it is declared; equal to it, it is theirs."""
    raised, same = system(folder, with_tier("critical")), system(folder, with_tier("high"))
    assert (raised.tier, raised.tier_source) == (Tier.CRITICAL, "declared")
    assert raised.intake is not None
    assert (same.tier, same.tier_source) == (Tier.HIGH, "intake")


@pytest.mark.parametrize("tier", ["low", "medium"])
def test_a_declared_tier_never_lowers(folder: Path, tier: str):
    """The error shows both tiers, and where the lower one stands."""
    with pytest.raises(ConfigurationError) as caught:
        system(folder, with_tier(tier))
    error = caught.value
    assert (error.code, error.where) == (
        "manifest.tier-below-intake",
        Span("assay.yaml", 6, 9),
    )
    assert f"tier {tier}" in error.what
    assert "tier high" in error.what


def test_a_ban_cannot_be_declared_away(folder: Path):
    """Prohibited by the answers stays prohibited."""
    (folder / "intake.yaml").write_text(answered(prohibited="[ART5-1-C]"))
    assert system(folder).tier is Tier.PROHIBITED
    with pytest.raises(ConfigurationError, match="prohibited"):
        system(folder, with_tier("critical"))


def test_without_either_there_is_no_tier(folder: Path):
    """A system without a tier does not load."""
    with pytest.raises(ConfigurationError) as caught:
        system(folder, MANIFEST.replace("  intake: intake.yaml\n", ""))
    assert caught.value.code == "configuration.missing-key"
    assert "assay intake" in caught.value.remedy


def test_answers_are_where_the_manifest_says(folder: Path):
    """A missing file, one outside, and one that does not load are told apart, with places."""
    (folder / "intake.yaml").unlink()
    for change, code, file in (
        ("intake.yaml", "file.missing", "assay.yaml"),
        ("../intake.yaml", "path.outside", "assay.yaml"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            system(folder, MANIFEST.replace("intake.yaml", change))
        assert caught.value.code == code
        assert caught.value.where == Span(file, 6, 11)
    (folder / "intake.yaml").write_text("intake: 1\nanswers: {q_eu: 3}\n")
    with pytest.raises(ConfigurationError) as caught:
        system(folder)
    assert caught.value.where == Span("intake.yaml", 2, 17)
