"""Write docs/model-card.yaml: the text of card.template.yaml, with figures of the holdout."""

import csv
from collections.abc import Callable
from pathlib import Path
from string import Template

from sklearn.metrics import roc_auc_score

Row = dict[str, str]

THRESHOLD = 0.35
GROUPS: dict[str, Callable[[Row], bool]] = {
    "age up to 25": lambda row: int(row["age"]) <= 25,
    "age over 25": lambda row: int(row["age"]) > 25,
    "female": lambda row: row["sex"] == "female",
    "male": lambda row: row["sex"] == "male",
}


def main() -> None:
    """Compute the card's figures and fill in its template."""
    rows = _read("data/scored.csv")
    figures = {
        name: _figures([row for row in rows if belongs(row)]) for name, belongs in GROUPS.items()
    }
    card = Template(Path("card.template.yaml").read_text(encoding="utf-8")).substitute(
        threshold=THRESHOLD,
        rows=len(rows),
        bad=sum(row["bad"] == "1" for row in rows),
        training_rows=len(_read("data/train.csv")),
        auc=f"{roc_auc_score([int(r['bad']) for r in rows], [_score(r) for r in rows]):.3f}",
        groups="\n".join(f"    {name}: {_line(values)}" for name, values in figures.items()),
        bad_young=f"{figures['age up to 25']['bad_among_approved']:.0%}",
        bad_older=f"{figures['age over 25']['bad_among_approved']:.0%}",
    )
    Path("docs").mkdir(exist_ok=True)
    Path("docs/model-card.yaml").write_text(card, encoding="utf-8")
    print("docs/model-card.yaml: nine sections")


def _figures(rows: list[Row]) -> dict[str, float]:
    approved = [row for row in rows if _score(row) < THRESHOLD]
    return {
        "applicants": len(rows),
        "approved": len(approved) / len(rows),
        "bad": _bad(rows),
        "bad_among_approved": _bad(approved),
    }


def _line(figures: dict[str, float]) -> str:
    return "{" + ", ".join(f"{name}: {value:.4g}" for name, value in figures.items()) + "}"


def _bad(rows: list[Row]) -> float:
    return sum(row["bad"] == "1" for row in rows) / len(rows)


def _score(row: Row) -> float:
    return float(row["p_bad"])


def _read(path: str) -> list[Row]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
