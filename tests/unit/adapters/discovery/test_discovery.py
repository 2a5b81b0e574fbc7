"""What `assay init` finds in a folder, what it asks, and that what it writes loads."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from assay.adapters.discovery.answers import (
    QUESTIONS,
    Answers,
    IncompleteAnswers,
    Proposal,
    UnusableAnswer,
    answered,
    complete,
)
from assay.adapters.discovery.finder import discover
from assay.errors import ConfigurationError, NotEvaluated
from assay.evidence.roles import Protected
from assay.policy.tiers import Tier

Rows = Mapping[str, Sequence[object]]

KNOWN = Answers(
    purpose="Decide loans",
    owner="team:lending",
    tier=Tier.HIGH,
    favourable_when="<",
    threshold=Decimal("0.35"),
)


def applicants(count: int = 200) -> dict[str, list[object]]:
    """Loan applicants with an outcome, a score that predicts it, and two traits."""
    source = random.Random(7)
    outcomes = [source.random() < 0.3 for _ in range(count)]
    return {
        "applicant_id": [f"a{i // 2}" for i in range(count)],
        "sex": [source.choice(["female", "male"]) for _ in range(count)],
        "age": [source.randint(19, 75) for _ in range(count)],
        "amount": [source.randint(250, 18_000) for _ in range(count)],
        "telephone": [source.choice(["yes", "no"]) for _ in range(count)],
        "class": ["bad" if outcome else "good" for outcome in outcomes],
        "p_default": [
            round(min(0.99, max(0.01, source.gauss(0.5 if outcome else 0.3, 0.1))), 3)
            for outcome in outcomes
        ],
    }


def write_csv(path: Path, rows: Rows) -> None:
    """The rows as text, divided by commas or tabs and zipped as the name says."""
    divider = "\t" if ".tsv" in path.name else ","
    lines = [rows, *zip(*rows.values(), strict=True)]
    text = "".join(divider.join(map(str, line)) + "\n" for line in lines).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def write_parquet(path: Path, rows: Rows) -> None:
    write_csv(path.with_suffix(".csv"), rows)
    duckdb.sql(f"COPY (FROM '{path.with_suffix('.csv')}') TO '{path}'")
    path.with_suffix(".csv").unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository as data scientists leave it: data, a model, a lock file, and noise."""
    home = tmp_path / "Consumer Credit"
    write_csv(home / "data" / "train.csv", applicants())
    write_csv(home / "data" / "holdout.csv", applicants())
    write_csv(home / "data" / "regions.csv", {"region": ["a", "b"], "rate": [1, 2]})
    (home / "data" / "broken.parquet").write_bytes(b"PAR1 and no more")
    (home / "models").mkdir()
    (home / "models" / "credit.onnx").touch()
    (home / "requirements.lock").touch()
    (home / "params.yaml").touch()
    (home / ".venv" / "lib").mkdir(parents=True)
    (home / ".venv" / "lib" / "other.onnx").touch()
    (home / ".git").mkdir()
    return home


def asked(proposal: Proposal) -> list[str]:
    return [question.field for question in proposal.questions]


def test_everything_that_the_folder_says_is_found_with_a_reason(folder: Path) -> None:
    """Nothing is asked that can be seen, and each finding says why it was taken."""
    proposal = discover(folder, Answers())
    assert proposal.answers == Answers(
        system="consumer-credit",
        model="models/credit.onnx",
        code=".",
        environment="requirements.lock",
        configuration="params.yaml",
        training="data/train.csv",
        evaluation="data/holdout.csv",
        label="class",
        positive="bad",
        score="p_default",
        protected=(
            Protected(column="sex"),
            Protected(column="age", cuts=(Decimal(25), Decimal(40), Decimal(60))),
        ),
        unit="applicant_id",
    )
    found = {
        name for name in Answers.__dataclass_fields__ if getattr(proposal.answers, name) is not None
    }
    assert set(proposal.reasons) == found
    assert "higher mean score" in proposal.reasons["positive"]


def test_what_only_a_person_knows_is_asked(folder: Path) -> None:
    """Purpose, owner, risk and what is favourable are never guessed."""
    proposal = discover(folder, Answers())
    assert asked(proposal) == ["favourable_when", "threshold", "purpose", "owner", "tier"]


def test_what_was_given_is_never_replaced(folder: Path) -> None:
    """A flag wins over anything that was found."""
    given = Answers(system="other", evaluation="data/train.csv", protected=(), label="telephone")
    found = discover(folder, given).answers
    assert (found.system, found.evaluation, found.label) == ("other", "data/train.csv", "telephone")
    assert found.protected == ()


def test_answering_question_by_question_completes_it(folder: Path) -> None:
    """On a terminal each answer is taken and the next question put."""
    replies = {
        "favourable_when": "<",
        "threshold": " 0.35 ",
        "purpose": "Decide loans",
        "owner": "team:lending",
        "tier": "High",
    }
    proposal = discover(folder, Answers())
    while proposal.questions:
        question = proposal.questions[0]
        given = answered(proposal.answers, question, replies.pop(question.field))
        proposal = discover(folder, given)
    assert not replies
    answers = complete(proposal)
    assert (answers.tier, answers.threshold) == (Tier.HIGH, Decimal("0.35"))


def test_in_a_pipe_the_remedy_names_the_options(folder: Path) -> None:
    """Where nobody can be asked, the error says which options to give."""
    with pytest.raises(IncompleteAnswers) as caught:
        complete(discover(folder, replace(KNOWN, owner=None)))
    assert caught.value.remedy.startswith("Give --owner …")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("tier", "urgent"),
        ("threshold", "35"),
        ("threshold", "nan"),
        ("threshold", ""),
        ("favourable_when", "below"),
        ("owner", "  "),
    ],
)
def test_an_answer_that_cannot_be_used_says_what_can(field: str, text: str) -> None:
    """A mistyped answer is refused, not taken for another."""
    question = next(item for item in QUESTIONS if item.field == field)
    with pytest.raises(UnusableAnswer) as caught:
        answered(Answers(), question, text)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["holdout.parquet", "holdout.csv.gz", "holdout.tsv"])
def test_every_format_that_the_engine_reads_is_looked_at(tmp_path: Path, name: str) -> None:
    """Values are spelt as the engine will spell them, whatever the format."""
    write = write_parquet if name.endswith("parquet") else write_csv
    write(tmp_path / name, applicants())
    found = discover(tmp_path, Answers()).answers
    assert (found.evaluation, found.label, found.positive) == (name, "class", "bad")
    assert found.unit == "applicant_id"


def labelled(label: Sequence[object]) -> dict[str, Sequence[object]]:
    rows = dict(applicants(len(label)))
    del rows["telephone"], rows["class"]
    return {**rows, "class": list(label)}


@pytest.mark.parametrize("pair", [(0, 1), ("false", "true"), ("0.0", "1.0")])
@pytest.mark.parametrize(
    ("name", "write"), [("holdout.csv", write_csv), ("holdout.parquet", write_parquet)]
)
def test_a_label_that_says_itself_which_is_positive_is_not_asked_about(
    tmp_path: Path, pair: tuple[object, object], name: str, write: Callable[[Path, Rows], None]
) -> None:
    """0 and 1, and booleans, need no `positive`."""
    write(tmp_path / name, labelled([pair[i % 2] for i in range(100)]))
    proposal = discover(tmp_path, Answers())
    assert (proposal.answers.label, proposal.answers.positive) == ("class", None)
    assert "positive" not in asked(proposal)


def test_a_score_that_does_not_tell_the_labels_apart_leaves_the_question(tmp_path: Path) -> None:
    """Mean scores that hardly differ say nothing about which value is positive."""
    rows = labelled([1 + i % 2 for i in range(100)])
    rows["p_default"] = [0.2 + (i // 2) / 100 for i in range(100)]
    write_csv(tmp_path / "holdout.csv", rows)
    question = next(
        item for item in discover(tmp_path, Answers()).questions if item.field == "positive"
    )
    assert question.choices == ("1", "2")


def test_of_several_a_person_chooses(tmp_path: Path) -> None:
    """Two scores, two models and two data files become questions with choices."""
    rows = {**applicants(), "p_default_now": applicants()["p_default"]}
    write_csv(tmp_path / "a.csv", rows)
    write_csv(tmp_path / "b.csv", rows)
    for name in ("x.onnx", "y.pkl"):
        (tmp_path / name).touch()
    proposal = discover(tmp_path, Answers(evaluation="a.csv"))
    choices = {question.field: question.choices for question in proposal.questions}
    assert choices["score"] == ("p_default", "p_default_now")
    assert choices["model"] == ("x.onnx", "y.pkl")
    questions = discover(tmp_path, Answers()).questions
    assert questions[0].choices == ("a.csv", "b.csv")


@pytest.mark.parametrize(
    ("values", "cuts"),
    [
        (range(19, 76), (25, 40, 60)),
        (range(30, 50), (40,)),
        (range(61, 75), None),
        ([1, 2, 3], ()),
        (["<25", "25+"], ()),
    ],
)
def test_ages_get_bands_that_the_data_reach(
    tmp_path: Path, values: Sequence[object], cuts: tuple[int, ...] | None
) -> None:
    """A cut point outside the ages would make an empty band."""
    count = 200
    rows = {**applicants(count), "age": [values[i % len(values)] for i in range(count)]}
    write_csv(tmp_path / "holdout.csv", rows)
    protected = discover(tmp_path, Answers()).answers.protected or ()
    age = next((item for item in protected if item.column == "age"), None)
    assert (None if age is None else age.cuts) == (
        None if cuts is None else tuple(map(Decimal, cuts))
    )


def test_scores_out_of_range_and_unrepeated_ids_are_not_taken(tmp_path: Path) -> None:
    """What a column holds decides before its name does."""
    rows = applicants()
    rows["score"] = [i % 10 + 1 for i in range(200)]
    rows["applicant_id"] = list(range(200))
    rows["grade_id"] = [i % 3 for i in range(200)]
    write_csv(tmp_path / "holdout.csv", rows)
    found = discover(tmp_path, Answers()).answers
    assert (found.score, found.unit) == ("p_default", None)


def test_an_infinite_or_missing_score_does_not_hide_the_others(tmp_path: Path) -> None:
    """NaN and infinity are for the engine to count; here they must not mislead."""
    rows = applicants()
    rows["p_default"][:3] = ["nan", "inf", ""]
    write_csv(tmp_path / "holdout.csv", rows)
    assert discover(tmp_path, Answers()).answers.score == "p_default"


def test_a_predict_command_needs_no_score(folder: Path) -> None:
    """Where a command computes the scores, none is looked for."""
    proposal = discover(folder, replace(KNOWN, predict=("python", "score.py")))
    assert proposal.answers.score is None
    assert asked(proposal) == ["positive"]


@pytest.mark.parametrize(("field", "value"), [("label", "clas"), ("score", "x"), ("unit", "y")])
def test_a_given_column_that_is_not_there_is_refused_at_once(
    folder: Path, field: str, value: str
) -> None:
    """A misspelt flag is found before anything is written."""
    fields: dict[str, str] = {field: value}
    with pytest.raises(ConfigurationError) as caught:
        discover(folder, Answers(**fields))  # type: ignore[arg-type]
    assert caught.value.code == "init.answer"


def test_given_data_that_cannot_be_read_are_refused(folder: Path) -> None:
    """A file that was only found and cannot be read is passed over; a given one is told."""
    with pytest.raises(NotEvaluated):
        discover(folder, Answers(evaluation="data/broken.parquet"))


def test_an_empty_folder_is_all_questions(tmp_path: Path) -> None:
    """Where nothing is found everything is asked, and nothing fails."""
    proposal = discover(tmp_path, Answers())
    assert set(asked(proposal)) == {question.field for question in QUESTIONS} - {
        "system",
        "positive",
    }


def test_links_that_lead_outside_are_not_proposed(tmp_path: Path) -> None:
    """What the loader would refuse is not written."""
    (tmp_path / "outside.onnx").touch()
    home = tmp_path / "home"
    home.mkdir()
    (home / "model.onnx").symlink_to(tmp_path / "outside.onnx")
    assert discover(home, Answers()).answers.model is None
