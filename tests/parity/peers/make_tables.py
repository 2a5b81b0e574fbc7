"""Count the three datasets' rows into the tables kept beside this file.

Run once, with pandas, on the files as their sources publish them (README.md names those):

    python tests/parity/peers/make_tables.py german.csv adult.csv compas.csv

`german.csv` needs a header; `adult.csv` is the train and the test file together.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

TABLES = Path(__file__).parent / "tables"


def german_credit(rows: pd.DataFrame) -> pd.DataFrame:
    """Score: months of duration over 100; label: 1 is a bad loan."""
    female = rows["personal_status_sex"].isin(["A92", "A95"])
    return pd.DataFrame(
        {
            "sex": female.map({True: "female", False: "male"}),
            "age": (rows["age"] <= 25).map({True: "<=25", False: ">25"}),
            "score": rows["duration"] / 100,
            "label": (rows["class"] == 2).astype(int),
        }
    )


def adult(rows: pd.DataFrame) -> pd.DataFrame:
    """Score: years of education over 20; label: 1 is an income over 50K."""
    return pd.DataFrame(
        {
            "sex": rows["sex"].str.strip(),
            "race": rows["race"].str.strip(),
            "score": rows["education-num"] / 20,
            "label": rows["income"].str.strip().str.startswith(">50K").astype(int),
        }
    )


def compas(rows: pd.DataFrame) -> pd.DataFrame:
    """Score: decile over 10; label: 1 is a new offence within two years."""
    return pd.DataFrame(
        {
            "sex": rows["sex"],
            "race": rows["race"],
            "age_cat": rows["age_cat"],
            "score": rows["decile_score"] / 10,
            "label": rows["two_year_recid"],
        }
    )


def main() -> None:
    """Write the three tables."""
    for make, source in zip((german_credit, adult, compas), sys.argv[1:], strict=True):
        people = make(pd.read_csv(source))
        table = people.groupby(list(people.columns), as_index=False).size()
        table.rename(columns={"size": "count"}).to_csv(
            TABLES / f"{make.__name__}.csv", index=False, lineterminator="\n"
        )


if __name__ == "__main__":
    main()
