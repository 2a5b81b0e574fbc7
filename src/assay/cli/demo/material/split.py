"""Read German Credit and split it in two halves, once and for all.

The order is that of a hash of the row number, so there is no seed to choose and every
machine gets the same halves. Rows alternate between them, good credits first and then bad
ones, so both have 350 good and 150 bad.
"""

import csv
import hashlib
from pathlib import Path

SOURCE = Path("data/german_credit.csv")
FEMALE = {"A92", "A95"}  # codes of personal_status_sex; the others are male

Row = dict[str, str | int]


def read() -> tuple[list[Row], list[Row]]:
    """The training half and the holdout half; `bad` is 1 for a bad credit risk."""
    with SOURCE.open(newline="", encoding="utf-8") as file:
        rows = [_typed(row) for row in csv.DictReader(file)]
    order = sorted(range(len(rows)), key=lambda number: (rows[number]["bad"], _hash(number)))
    return [rows[number] for number in order[0::2]], [rows[number] for number in order[1::2]]


def write(path: Path, rows: list[Row]) -> None:
    """Write rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _typed(row: dict[str, str]) -> Row:
    typed: Row = {name: int(text) if text.isdigit() else text for name, text in row.items()}
    typed["bad"] = int(typed.pop("class") == 2)
    typed["sex"] = "female" if row["personal_status_sex"] in FEMALE else "male"
    return typed


def _hash(number: int) -> str:
    return hashlib.sha256(f"german-credit/{number}".encode()).hexdigest()
