"""`assay intake` and `assay policy`: what they print, ask and write."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.adapters.loaders.intake import parse_answers, render_answers
from assay.adapters.loaders.questionnaires import load_questionnaire
from assay.app.ports import Written
from assay.cli import exits
from assay.cli.run import run
from assay.policy.conditions import QuestionId

QUESTIONNAIRE = load_questionnaire()
Assay = Callable[..., tuple[int, str, str]]


@pytest.fixture
def assay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Assay:
    """Run a command in an empty folder; the exit code, and what it prints on both streams."""
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> tuple[int, str, str]:
        code = run(list(words))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def write(name: str, file: Path) -> None:
    """Write one of the catalogue's examples as an answers file."""
    example = next(item for item in QUESTIONNAIRE.examples if item.name == name)
    answers = QUESTIONNAIRE.completed(example.answers)
    file.write_text(render_answers(QUESTIONNAIRE, answers), encoding="utf-8")


def test_it_says_tier_law_and_what_will_be_asked(assay: Assay, tmp_path: Path):
    """The tier first, why, legal classes with their days, obligations, controls."""
    write("CV ranking in the EU, recruiter decides", tmp_path / "intake.yaml")
    code, out, _ = assay("intake")
    assert code == exits.OK
    assert out.startswith("TIER HIGH  intake.yaml\n")
    for said in (
        "A high-risk system of the EU AI Act, by its listed area. (T2)",
        "q_eu: yes, q_domain: employment",
        "EU AI Act, high-risk system of a listed area (Annex III)",
        "from 2027-12-02: Chapter III Sections 1 to 3",
        "eu-ai-act:ANNEX3-4 Employment and worker management",
        "eu-ai-act: Article 14 - human oversight (7)",
        "in force: Article 35",
        "ready policies: baseline, eu-ai-act/high-risk",
        "fairness.selection_rate_ratio",
        "at least 601",
        "Attested by people, since no check shows it, or not in full",
        "Attested by people, as duties of the law",
        "eu-ai-act: Article 14 - human oversight",
        "Until a person has attested what is asked, the gate holds.",
        "if people label the data",
        "no legal advice",
    ):
        assert said in " ".join(out.split()) or said in out, said


def test_its_json_has_everything(assay: Assay, tmp_path: Path):
    """Another program reads tier, reasons, classes, obligations and demands."""
    write("US credit card scoring, automatic", tmp_path / "answers.yaml")
    code, out, _ = assay("intake", "answers.yaml", "--format", "json")
    document = json.loads(out)
    assert code == exits.OK
    assert document["schema"] == "assay.intake/1"
    assert document["tier"] == "high"
    assert document["reasons"][0]["answers"] == {"q_us_credit": ["yes"]}
    [credit] = document["legal_classes"]
    assert credit["applies"] == [
        {"from": None, "what": "12 CFR 1002"},
        {"from": "2026-07-21", "what": "without the effects test; specific reasons remain"},
    ]
    assert credit["obligations"][2] == {
        "reference": "us-ecoa-reg-b:REGB-9-B2",
        "title": "Specific principal reasons",
        "provisions": ["REGB-9-B2"],
    }
    assert document["ready_policies"] == ["baseline", "credit-us"]
    asks = {item["control"]: item for item in document["asks"]}
    assert asks["perf.calibration"]["default_limit"]
    assert asks["perf.calibration"]["limit"] == "at most 0.05"
    assert asks["data.schema"]["not_shown"]
    assert asks["ops.stop"]["check"] is None
    assert asks["gov.evidence"]["kept_by_assay"]
    assert "fair.ll144" not in asks
    duties = {item["requirement"]: item for item in document["duties"]}
    assert duties["regb-9-a1"]["by"] == "compliance-officer"
    assert duties["regb-9-a1"]["reference"] == "us-ecoa-reg-b:REGB-9-A1"


def test_a_kind_of_system_is_offered_its_ready_policy(assay: Assay, tmp_path: Path):
    """What generates text, and what calls tools, is offered the policies for these."""
    answers = QUESTIONNAIRE.completed(
        {
            QuestionId("q_genai"): frozenset({"user_facing"}),
            QuestionId("q_agent_tools"): frozenset({"read"}),
        }
    )
    (tmp_path / "intake.yaml").write_text(render_answers(QUESTIONNAIRE, answers))
    document = json.loads(assay("intake", "--json")[1])
    assert document["ready_policies"] == ["baseline", "llm-application", "agent"]
    asks = {item["control"]: item for item in document["asks"]}
    assert asks["sec.tools"]["check"] is None
    assert {"llm10-2026", "asi03"} <= {item["requirement"] for item in document["duties"]}


def test_contradictions_are_told(assay: Assay, tmp_path: Path):
    """What contradicts what, and how it is read."""
    text = render_answers(QUESTIONNAIRE, QUESTIONNAIRE.completed({}))
    (tmp_path / "intake.yaml").write_text(text.replace("q_profiling: no", "q_profiling: yes"))
    _, out, _ = assay("intake")
    assert "Answers that contradict each other, read strictly" in out
    assert "q_profiling: yes, q_data: none → q_data is read as personal" in out


def test_the_prohibited_is_asked_nothing(assay: Assay, tmp_path: Path):
    """The gate denies it, whatever else holds; the ban and its day are named."""
    write("emotion recognition of staff", tmp_path / "intake.yaml")
    _, out, _ = assay("intake")
    assert out.startswith("TIER PROHIBITED")
    assert "Nothing: the gate denies what is prohibited, whatever else holds." in out
    assert "eu-ai-act:ART5-1-F Emotion inference at work or school" in " ".join(out.split())
    assert "from 2025-02-02" in out


def test_in_a_pipe_a_missing_file_is_an_error(assay: Assay):
    """Nothing is asked where nobody can answer."""
    code, _, err = assay("intake")
    assert code == exits.USAGE
    assert "intake.missing" in err
    assert "On a terminal `assay intake` asks" in err


def test_on_a_terminal_it_asks_and_writes(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Every question that is asked, follow-ups only where due; what is no answer is asked again."""
    said = iter(
        [
            "ART5",
            "none",
            "yes",
            "no",
            "credit",
            "a",
            "no",
            "no",
            "no",
            "no",
            "no",
            "minor",
            "human_decides",
            "easy",
            "below_1k",
            "personal",
            "none",
            "none",
            "low",
            "no",
            "none",
            "static",
            "no",
        ]
    )
    asked: list[str] = []

    def answer(text: str, **_: object) -> str:
        asked.append(text.split(maxsplit=1)[0])
        return next(said)

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", answer)
    code, out, err = assay("intake")
    assert code == exits.OK
    assert "'ART5' is no answer" in err
    assert asked[:2] == ["q_prohibited", "q_prohibited"]
    assert "q_derogation" in asked
    assert not {"q_third_party_ca", "q_tool_approval"} & set(asked)
    assert "Creditworthiness" in out
    assert "TIER MEDIUM  intake.yaml" in out
    source = (tmp_path / "intake.yaml").read_bytes()
    answers = parse_answers(Written(file="intake.yaml", source=source), QUESTIONNAIRE)
    assert answers[QuestionId("q_derogation")] == {"a"}
    with pytest.raises(StopIteration):
        next(said)
    # A file that is there is read and not asked for again.
    assert assay("intake")[0] == exits.OK


def test_answers_that_cannot_be_written(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The environment is to blame, and the error says where."""
    from assay.bootstrap import write_intake
    from assay.errors import EnvironmentUnavailable

    with pytest.raises(EnvironmentUnavailable) as caught:
        write_intake(
            tmp_path / "nowhere" / "intake.yaml", QUESTIONNAIRE.completed({}), QUESTIONNAIRE
        )
    assert caught.value.code == "intake.not-written"


def test_the_schema_of_answers_is_published(assay: Assay):
    """`assay schema intake` prints it."""
    code, out, _ = assay("schema", "intake")
    assert code == exits.OK
    assert json.loads(out)["$id"] == "urn:assay:schema:intake:1"


def test_ready_policies_are_listed_and_printed(assay: Assay):
    """Each by name, with what is checked and what is left to people."""
    code, out, _ = assay("policy", "list")
    assert code == exits.OK
    assert "eu-ai-act/high-risk  9 checked, 42 attested" in out
    listed = json.loads(assay("policy", "list", "--json")[1])
    for policy in listed["policies"]:
        _, text, _ = assay("policy", "show", policy["name"])
        _, people, _ = assay("policy", "ready", policy["name"])
        assert all(f"  {rule['id']}:\n" in text for rule in policy["requirements"])
        assert all(f"  {item['id']}:\n" in text for item in policy["attestations"])
        assert all(f"  {item['id']}  (days: " in people for item in policy["attestations"])
        assert f"`extends: [{policy['name']}]`" in " ".join(text.split()).replace("# ", "")


@pytest.mark.parametrize("command", ["show", "ready"])
def test_an_unknown_ready_policy_gets_the_nearest(assay: Assay, command: str):
    """A misspelt name is told apart from what is there."""
    code, _, err = assay("policy", command, "nyc-144")
    assert code == exits.USAGE
    assert "Did you mean 'nyc-ll144'?" in err
