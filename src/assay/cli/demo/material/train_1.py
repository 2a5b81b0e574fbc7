"""Train the credit model, version 1: logistic regression on everything in the file.

Its one setting, the strength of regularisation, is chosen by cross-validation on the
training half. The holdout is scored at the end and looked at by nobody here.
"""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import StandardScaler

Row = dict[str, str]

NOT_FEATURES = {"bad", "sex"}  # the outcome, and a copy of what personal_status_sex says
STRENGTHS = [0.01, 0.03, 0.1, 0.3]
FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)


def main() -> None:
    """Fit on data/train.csv, score data/holdout.csv, save the model."""
    train, holdout = _read("data/train.csv"), _read("data/holdout.csv")
    outcome = np.array([int(row["bad"]) for row in train])
    encoder, scaler = DictVectorizer(sparse=False), StandardScaler()
    columns = scaler.fit_transform(encoder.fit_transform([_features(row) for row in train]))
    model = GridSearchCV(
        LogisticRegression(solver="newton-cholesky"),
        {"C": STRENGTHS},
        scoring="neg_log_loss",
        cv=FOLDS,
    ).fit(columns, outcome)
    scored = scaler.transform(encoder.transform([_features(row) for row in holdout]))
    _write_scores(holdout, model.predict_proba(scored)[:, 1])
    _save_model(encoder, scaler, model.best_estimator_)
    print(
        f"models/credit.json: {len(encoder.feature_names_)} columns, C = {model.best_params_['C']}"
    )


def _features(row: Row) -> dict[str, str | float]:
    kept = {name: text for name, text in row.items() if name not in NOT_FEATURES}
    return {name: float(text) if text.isdigit() else text for name, text in kept.items()}


def _read(path: str) -> list[Row]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write_scores(rows: list[Row], scores: Any) -> None:
    with Path("data/scored.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=[*rows[0], "p_bad"], lineterminator="\n")
        writer.writeheader()
        for row, score in zip(rows, scores, strict=True):
            writer.writerow({**row, "p_bad": f"{score:.6f}"})


def _save_model(encoder: Any, scaler: Any, model: Any) -> None:
    """Write what the model computes as plain numbers: nobody has to unpickle it."""
    weights = model.coef_[0] / scaler.scale_
    content = {
        "intercept": float(f"{model.intercept_[0] - weights @ scaler.mean_:.9g}"),
        "weights": {
            name: float(f"{weight:.9g}")
            for name, weight in zip(encoder.feature_names_, weights, strict=True)
        },
    }
    Path("models").mkdir(exist_ok=True)
    text = json.dumps(content, indent=1, sort_keys=True)
    Path("models/credit.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
