"""`assay.yaml` to a manifest: what is read, and one located error for each thing refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assay.adapters.loaders.files import read_written
from assay.adapters.loaders.manifest import parse_manifest
from assay.app.ports import Written
from assay.errors import ConfigurationError, Problems, Span
from assay.evidence.roles import DecisionRule, Label, Protected
from assay.governance.manifest import Manifest
from assay.policy.tiers import Tier
from assay.stats.tallies import Weight

GOOD = """\
assay: 1
system:
  id: consumer-credit
  purpose: Decide whether a loan application is approved without a person
  owner: team:lending
  tier: high
version:
  name: 4.2.0
  kind: binary-classifier
  model: models/credit.onnx
  code: .
  environment: requirements.lock
data:
  training:   {path: data/train.parquet, datasheet: docs/datasheet.yaml}
  evaluation:
    path: data/holdout.parquet
    label: defaulted
    score: p_default
    decision: {favourable_when: "<", threshold: 0.35}
    protected: [sex, {age: [25, 40, 60]}]
    unit: applicant_id
policy: policy/lending.yaml
documents: {model_card: docs/model-card.yaml}
monitoring: monitoring.yaml
"""


def load(text: str, folder: Path = Path("/nowhere"), **options: object) -> Manifest:
    written = Written(file="assay.yaml", source=text.encode())
    return parse_manifest(written, folder=folder, **options)  # type: ignore[arg-type]


def refusal(old: str, new: str) -> ConfigurationError:
    assert GOOD.count(old) == 1, old
    with pytest.raises(ConfigurationError) as caught:
        load(GOOD.replace(old, new))
    return caught.value


def test_the_manifest_of_the_design_loads() -> None:
    """Every field arrives, with decimals as written and short forms resolved."""
    manifest = load(GOOD)
    assert manifest.system.tier is Tier.HIGH
    assert manifest.version.name == "4.2.0"
    assert manifest.training == "data/train.parquet"
    assert manifest.documents == {
        "model_card": "docs/model-card.yaml",
        "datasheet": "docs/datasheet.yaml",
    }
    data = manifest.evaluation
    assert data.label == Label(column="defaulted")
    assert data.decision == DecisionRule(favourable_when="<", threshold=Decimal("0.35"))
    assert data.protected == (
        Protected(column="sex"),
        Protected(column="age", cuts=(Decimal(25), Decimal(40), Decimal(60))),
    )
    assert (data.score, data.predict, data.unit) == ("p_default", None, "applicant_id")
    assert (data.champion, data.baseline) == (None, None)


def test_scores_to_compare_with_are_columns() -> None:
    """The version in production and a rule to beat scored the same rows."""
    text = GOOD.replace("unit:", "champion: p_now\n    baseline: p_rule\n    unit:")
    data = load(text).evaluation
    assert (data.champion, data.baseline) == ("p_now", "p_rule")


def test_values_are_located_for_later_errors() -> None:
    """Whoever finds a column missing in the data can point at the line that names it."""
    manifest = load(GOOD)
    assert manifest.locate("data.evaluation.protected.1.age") == Span("assay.yaml", 20, 28)
    assert manifest.locate("data.evaluation.label.column") == Span("assay.yaml", 17, 12)
    assert manifest.locate("nothing") == Span("assay.yaml", 1, 1)


@pytest.mark.parametrize(
    ("written", "positive"), [("2", "2"), ("true", "true"), ("'01'", "01"), ("NO", "NO")]
)
def test_a_positive_label_is_the_text_that_the_data_spell(written: str, positive: str) -> None:
    """Numbers and truths stand for their spelling; what is text stays as it is."""
    text = GOOD.replace("label: defaulted", f"label: {{column: y, positive: {written}}}")
    assert load(text).evaluation.label == Label(column="y", positive=positive)


def test_cut_points_may_be_days() -> None:
    """A day is written as it is, and needs no quotes."""
    text = GOOD.replace("[25, 40, 60]", "[2020-12-31, '2021-12-31']")
    assert load(text).evaluation.protected[1].cuts == (date(2020, 12, 31), date(2021, 12, 31))


@pytest.mark.parametrize(
    ("written", "weight"),
    [
        ("{column: w, kind: frequency}", Weight(column="w", kind="frequency")),
        ("{column: w, kind: sampling}", Weight(column="w", kind="sampling", scale=1024)),
        ("{column: w, kind: sampling, scale: 8}", Weight(column="w", kind="sampling", scale=8)),
    ],
)
def test_weights_say_what_they_are(written: str, weight: Weight) -> None:
    """Counts and chances are not told apart by looking at them."""
    text = GOOD.replace("unit: applicant_id", f"weight: {written}")
    assert load(text).evaluation.weight == weight


def test_a_predict_command_takes_the_place_of_a_score() -> None:
    """A command is a list of words, so no shell ever sees it."""
    text = GOOD.replace("score: p_default", "predict: [python, score.py, '1']")
    assert load(text).evaluation.predict == ("python", "score.py", "1")


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "says"),
    [
        ("assay: 1", "assay: 2", "configuration.invalid-value", 1, 8, "not 1"),
        ("assay: 1", "assay: true", "configuration.invalid-value", 1, 8, "not 1"),
        ("assay: 1", "assay: 1.0", "configuration.invalid-value", 1, 8, "not 1"),
        ("tier: high", "teir: high", "configuration.unknown-key", 6, 3, "mean 'tier'"),
        ("tier: high", "tier: hihg", "configuration.invalid-value", 6, 9, "mean 'high'"),
        ("  tier: high\n", "", "configuration.missing-key", 2, 1, "no `tier`"),
        ("name: 4.2.0", "name: 4.2", "configuration.wrong-type", 8, 9, "quotes: '4.2'"),
        ("name: 4.2.0", "name: a b", "configuration.invalid-value", 8, 9, "not a name"),
        ("name: 4.2.0", "name:", "configuration.empty", 8, 3, "no value"),
        ("id: consumer-credit", "id: a/b", "configuration.invalid-value", 3, 7, "not an id"),
        ("owner: team:lending", "owner: ' '", "configuration.invalid-value", 5, 10, "no text"),
        ("kind: binary-classifier", "kind: llm", "configuration.invalid-value", 9, 9, "'llm'"),
        ("label: defaulted", "label: 3", "configuration.wrong-type", 17, 12, "text or a mapping"),
        (
            "protected: [sex, {age: [25, 40, 60]}]",
            "protected: sex",
            "configuration.wrong-type",
            20,
            16,
            "as a list: [sex]",
        ),
        (
            "label: defaulted",
            "label: {column: y, positive: 1.0}",
            "configuration.invalid-value",
            17,
            34,
            "in quotes",
        ),
        (
            "score: p_default",
            "predict: python score.py",
            "configuration.invalid-value",
            18,
            14,
            "a list of its words",
        ),
        (
            "    score: p_default\n",
            "",
            "configuration.invalid-value",
            15,
            3,
            "neither of `score` and `predict`",
        ),
        (
            "score: p_default",
            "score: p\n    predict: [x]",
            "configuration.invalid-value",
            15,
            3,
            "both of `score` and `predict`",
        ),
        (
            "score: p_default",
            "score: p\n    champion: p",
            "configuration.invalid-value",
            19,
            15,
            "already",
        ),
        ("threshold: 0.35", "threshold: 35", "configuration.invalid-value", 19, 49, "[0, 1]"),
        ("threshold: 0.35", "threshold: '0'", "configuration.invalid-value", 19, 49, "a number"),
        ('when: "<"', "when: below", "configuration.invalid-value", 19, 33, "'<='"),
        ("[25, 40, 60]", "[25, 25]", "configuration.invalid-value", 20, 22, "out of order"),
        ("[25, 40, 60]", "[]", "configuration.invalid-value", 20, 22, "0 cut points"),
        ("[25, 40, 60]", "[x]", "configuration.invalid-value", 20, 29, "a number"),
        ("[25, 40, 60]", "[2023-02-30]", "configuration.invalid-value", 20, 29, "no calendar"),
        (
            "[25, 40, 60]",
            "[2, 2023-01-01]",
            "configuration.invalid-value",
            20,
            22,
            "some are dates",
        ),
        (
            "[25, 40, 60]",
            "[2023-01-02, 2023-01-01]",
            "configuration.invalid-value",
            20,
            22,
            "2023-01-01 follows",
        ),
        (
            "unit: applicant_id",
            "weight: {column: w, kind: probability}",
            "configuration.invalid-value",
            21,
            31,
            "'sampling'",
        ),
        (
            "unit: applicant_id",
            "weight: {column: w, kind: sampling, scale: 1000}",
            "configuration.invalid-value",
            21,
            48,
            "not a power of two",
        ),
        (
            "unit: applicant_id",
            "weight: {column: w, kind: frequency, scale: 1024}",
            "configuration.invalid-value",
            21,
            5,
            "need none",
        ),
        (
            "unit: applicant_id",
            "weight: {column: p_default, kind: frequency}",
            "configuration.invalid-value",
            21,
            22,
            "already",
        ),
        (
            "{age: [25, 40, 60]}",
            "{a: [1], b: [2]}",
            "configuration.invalid-value",
            20,
            22,
            "2 keys",
        ),
        ("[sex,", "[3,", "configuration.wrong-type", 20, 17, "text or a mapping"),
        ("[sex,", "[age,", "configuration.invalid-value", 20, 22, "already"),
        ("unit: applicant_id", "unit: defaulted", "configuration.invalid-value", 21, 11, "already"),
        ("model_card:", "modelcard:", "configuration.invalid-value", 23, 13, "model_card"),
        ("model_card:", "monitoring:", "configuration.invalid-value", 23, 13, "`monitoring`"),
        ("model: models/credit.onnx", "model: ../x", "path.outside", 10, 10, "leads out"),
        ("model: models/credit.onnx", "model: /etc/passwd", "path.outside", 10, 10, "leads out"),
        ("model: models/credit.onnx", "model: a\\b", "path.malformed", 10, 10, "POSIX"),
        ("model: models/credit.onnx", "model: ~/x", "path.malformed", 10, 10, "POSIX"),
        ("policy: policy/lending.yaml", "policy: a/../../p", "path.outside", 22, 9, "leads out"),
        (
            "monitoring: monitoring.yaml",
            "checks: [churn.txt]",
            "configuration.invalid-value",
            24,
            10,
            "not a Python file",
        ),
    ],
)
def test_each_thing_refused_has_a_code_a_place_and_a_remedy(
    old: str, new: str, code: str, *, line: int, column: int, says: str
) -> None:
    """What is wrong, where, and what to do, for each rule of the format."""
    error = refusal(old, new)
    assert (error.code, error.where) == (code, Span("assay.yaml", line, column))
    assert says in f"{error.what} {error.remedy}"
    assert error.remedy


def test_several_problems_are_told_at_once_in_the_order_of_the_text() -> None:
    """One run of the command shows all that must be mended."""
    text = GOOD.replace("  owner: team:lending\n", "").replace("0.35", "3.5")
    text = text.replace("score: p_default", "score: p_default\n    champion: 3")
    with pytest.raises(Problems) as caught:
        load(text)
    assert [problem.code for problem in caught.value.problems] == [
        "configuration.missing-key",
        "configuration.wrong-type",
        "configuration.invalid-value",
    ]
    assert "There are 3 problems" in str(caught.value)


def test_more_problems_than_can_be_read_are_counted() -> None:
    """The first ten are shown and the others counted."""
    extra = "".join(f"zz{number}: 1\n" for number in range(15))
    with pytest.raises(Problems) as caught:
        load(GOOD + extra)
    assert (len(caught.value.problems), caught.value.more) == (10, 5)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A model's repository beside a folder that is not part of it."""
    (tmp_path / "repository").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "holdout.parquet").touch()
    return tmp_path / "repository"


def with_data(path: str) -> str:
    return GOOD.replace("data/holdout.parquet", path)


def test_a_symbolic_link_out_of_the_folder_is_followed_and_refused(repository: Path) -> None:
    """What a path means decides, not how it is spelled."""
    (repository / "linked").symlink_to(repository.parent / "elsewhere")
    with pytest.raises(ConfigurationError) as caught:
        load(with_data("linked/holdout.parquet"), repository)
    assert caught.value.code == "path.outside"


def test_a_loop_of_symbolic_links_is_an_error_of_its_place(repository: Path) -> None:
    """A link to itself leads nowhere, and says so."""
    (repository / "loop").symlink_to(repository / "loop")
    with pytest.raises(ConfigurationError) as caught:
        load(with_data("loop/holdout.parquet"), repository)
    assert caught.value.where == Span("assay.yaml", 16, 11)


@pytest.mark.parametrize(
    "spelling", [lambda p: "../elsewhere/holdout.parquet", lambda p: str(p / "holdout.parquet")]
)
def test_a_root_that_the_settings_allow_may_be_named(
    repository: Path, spelling: Callable[[Path], str]
) -> None:
    """Data may live outside the repository where the workspace says so."""
    elsewhere = repository.parent / "elsewhere"
    text = with_data(spelling(elsewhere))
    assert load(text, repository, roots=[elsewhere]).evaluation.path
    with pytest.raises(ConfigurationError):
        load(text, repository)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing manifest or policy has its own code."""
    with pytest.raises(ConfigurationError) as caught:
        read_written(tmp_path / "assay.yaml", file="assay.yaml")
    assert caught.value.code == "file.missing"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """What cannot be read says why."""
    with pytest.raises(ConfigurationError) as caught:
        read_written(tmp_path, file="assay.yaml")
    assert caught.value.code == "file.unreadable"
