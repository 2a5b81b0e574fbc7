"""The two models of the demo: what they were given, and what they say."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from assay.cli.demo.folder import FIRST, lay_out
from assay.stats.estimate import Errors, Estimate
from assay.stats.gaps import largest_difference
from assay.stats.proportions import Proportion

Row = dict[str, str]
LIMIT = 0.15
DIGEST = "9eea46f4ab2b6ea2d7c51b7e45553d8fa7320ccfd248e664f616d95e36826e53"
AT_DECLARED_ERRORS = Errors(low=0.05 / 4, high=0.05)
PROTECTED = {"sex", "personal_status_sex", "age", "foreign_worker"}


def _rows(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _gap(rows: list[Row], group: Callable[[Row], str]) -> Estimate:
    approved = Counter(group(row) for row in rows if float(row["p_bad"]) < 0.35)
    rates = {
        name: Proportion(events=approved[name], trials=n)
        for name, n in Counter(map(group, rows)).items()
    }
    gap = largest_difference(
        [rates], errors=AT_DECLARED_ERRORS, min_group_size=30, small_groups="insufficient"
    )
    assert isinstance(gap, Estimate)
    return gap


def _score(model: Mapping[str, Any], row: Row) -> float:
    logit = model["intercept"]
    for name, weight in model["weights"].items():
        column, is_code, code = name.partition("=")
        logit += weight * (row[column] == code if is_code else float(row[column]))
    return 1 / (1 + math.exp(-logit))


def _age(row: Row) -> str:
    return "<=25" if int(row["age"]) <= 25 else ">25"


def _sex(row: Row) -> str:
    return row["sex"]


def test_the_shipped_data_is_ucis(tmp_path: Path) -> None:
    """The data are those of the source, byte for byte, with their licence beside them."""
    lay_out(FIRST, tmp_path)
    data = (tmp_path / "data" / "german_credit.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGEST
    rows = _rows(tmp_path / "data" / "german_credit.csv")
    assert Counter(row["class"] for row in rows) == {"1": 700, "2": 300}
    assert "CC BY 4.0" in (tmp_path / "data" / "README.md").read_text()


def test_the_halves_share_nobody_and_miss_nobody(first: Path) -> None:
    """Training and holdout are 500 rows each, 150 of them bad, and together the file."""
    train, holdout = (_rows(first / "data" / f"{name}.csv") for name in ("train", "holdout"))
    for half in (train, holdout):
        assert Counter(row["bad"] for row in half) == {"0": 350, "1": 150}

    def identity(row: Row) -> tuple[str, ...]:
        return tuple(text for name, text in row.items() if name not in {"sex", "bad", "class"})

    everyone = _rows(first / "data" / "german_credit.csv")
    assert Counter(map(identity, [*train, *holdout])) == Counter(map(identity, everyone))


def test_the_first_model_cannot_show_equal_approval(first: Path) -> None:
    """Its gaps are beyond what the data can show to be within the limit, by age and by sex."""
    rows = _rows(first / "data" / "scored.csv")
    assert _gap(rows, _age).high > LIMIT
    assert _gap(rows, _sex).high > LIMIT


def test_the_second_model_shows_equal_approval(second: Path) -> None:
    """Both gaps are demonstrated within the limit, on people it was not trained on."""
    rows = _rows(second / "data" / "scored.csv")
    assert _gap(rows, _age).high <= LIMIT
    assert _gap(rows, _sex).high <= LIMIT


def test_a_limit_of_a_tenth_is_not_shown(second: Path) -> None:
    """The narration says that 500 people cannot show 0.10; so it is."""
    rows = _rows(second / "data" / "scored.csv")
    assert _gap(rows, _age).high > 0.10
    assert _gap(rows, _sex).high > 0.10


def test_the_second_model_sees_no_protected_attribute(second: Path) -> None:
    """No column of the model is a protected one or a code of one."""
    weights = json.loads((second / "models" / "credit.json").read_text())["weights"]
    assert not {name.partition("=")[0] for name in weights} & PROTECTED


@pytest.mark.parametrize("version", ["first", "second"])
def test_the_saved_model_is_what_scored_the_holdout(
    version: str, request: pytest.FixtureRequest
) -> None:
    """Anyone can recompute every score from the weights, with no library."""
    folder: Path = request.getfixturevalue(version)
    model = json.loads((folder / "models" / "credit.json").read_text())
    for row in _rows(folder / "data" / "scored.csv"):
        assert float(row["p_bad"]) == pytest.approx(_score(model, row), abs=1e-6)


def test_the_holdout_has_no_say_in_the_model(
    second: Path, tmp_path: Path, run_script: Callable[[Path, str], str]
) -> None:
    """With every outcome of the holdout turned round, model and scores come out the same."""
    for name in ("train.py", "data/train.csv", "data/holdout.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((second / name).read_bytes())
    holdout = _rows(tmp_path / "data" / "holdout.csv")
    with (tmp_path / "data" / "holdout.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(holdout[0]))
        writer.writeheader()
        writer.writerows({**row, "bad": str(1 - int(row["bad"]))} for row in holdout)
    run_script(tmp_path, "train.py")
    model = "models/credit.json"
    assert (tmp_path / model).read_bytes() == (second / model).read_bytes()
    scores = [[row["p_bad"] for row in _rows(at / "data/scored.csv")] for at in (tmp_path, second)]
    assert scores[0] == scores[1]


def test_the_remedy_with_the_smallest_gap_is_taken(second: Path) -> None:
    """The choice printed follows from the comparison printed."""
    *compared, made = (second / "printed.txt").read_text().splitlines()
    gaps = {
        line.split("  ROC")[0].strip(): float(line.split("gap ")[1].split()[0]) for line in compared
    }
    assert made.endswith(min(gaps, key=lambda remedy: gaps[remedy]))
    assert len(gaps) == 3


def test_the_card_tells_the_figures_of_the_holdout(second: Path) -> None:
    """The model card's figures are those of the scored holdout."""
    card = yaml.safe_load((second / "docs" / "model-card.yaml").read_text())
    young = [row for row in _rows(second / "data" / "scored.csv") if _age(row) == "<=25"]
    told = card["quantitative_analyses"]["groups"]["age up to 25"]
    approved = [row for row in young if float(row["p_bad"]) < 0.35]
    assert told["applicants"] == len(young)
    assert told["approved"] == pytest.approx(len(approved) / len(young), rel=1e-3)
