"""Split German Credit into a training half and a holdout half, once and for all.

The order is that of a hash of the row number, so there is no seed to choose and every
machine gets the same halves. Rows alternate between the halves, good credits first and then
bad ones, so each has 350 good and 150 bad. Nothing is ever chosen by looking at the holdout.
"""

import csv
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

FEMALE = {"A92", "A95"}  # codes of personal_status_sex, by UCI's table; the others are male

Row = dict[str, str]


def main() -> None:
    """Write data/train.csv and data/holdout.csv; `bad` is 1 for a bad credit risk."""
    with Path("data/german_credit.csv").open(newline="", encoding="utf-8") as file:
        rows = [_with_outcome(row) for row in csv.DictReader(file)]
    order = sorted(range(len(rows)), key=lambda number: (rows[number]["bad"], _hash(number)))
    halves = {"train": order[0::2], "holdout": order[1::2]}
    for name, numbers in halves.items():
        with Path(f"data/{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[number] for number in numbers)
        print(f"data/{name}.csv: {len(numbers)} applicants")
    _write_environment()


def _write_environment() -> None:
    """Name what trains the model, to the version."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    packages = [f"{name}=={version(name)}" for name in ("numpy", "scikit-learn", "scipy")]
    text = "\n".join([f"python=={python}", *packages])
    Path("environment.txt").write_text(text + "\n", encoding="utf-8")


def _with_outcome(row: Row) -> Row:
    outcome = row.pop("class")
    sex = "female" if row["personal_status_sex"] in FEMALE else "male"
    return {**row, "sex": sex, "bad": str(int(outcome == "2"))}


def _hash(number: int) -> str:
    return hashlib.sha256(f"german-credit/{number}".encode()).hexdigest()


if __name__ == "__main__":
    main()
