"""Train the credit model, version 2: without age and sex, and with their traces removed.

Leaving the protected attributes out is not enough, because other columns carry them (a young
applicant rents, and has had the job for a short time). Two remedies are compared with that, on
the training half alone, by cross-validation:

- reweighing (Kamiran & Calders 2012): weights under which group and outcome are independent;
- decorrelating (the linear case of Zafar et al. 2017): the model's weights are kept at right
  angles to the difference of the groups' means, so its score has the same mean in each group.

Both use age and sex in training only; the model that results never sees them. The one with the
smallest gap between approval rates wins, among those that rank well enough with room to spare.
The holdout is scored at the end and looked at by nobody here.
"""

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import StandardScaler

Row = dict[str, str]

NOT_FEATURES = {"bad", "sex", "personal_status_sex", "age", "foreign_worker"}
STRENGTHS = [0.01, 0.03, 0.1, 0.3]
FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)
REMEDIES = ["left out", "reweighed", "decorrelated"]
THRESHOLD = 0.35  # a loan is approved below it, as assay.yaml says
ROC_AUC_MIN = 0.70  # the policy's 0.65, and room for the holdout's sampling error


class Fitted(NamedTuple):
    """An encoder, a scaler and a linear model over the scaled columns."""

    encoder: Any
    scaler: Any
    weights: Any
    intercept: float

    def scores(self, rows: list[Row]) -> Any:
        """The probability of a bad credit for each row."""
        columns = self.scaler.transform(self.encoder.transform([_features(row) for row in rows]))
        return 1 / (1 + np.exp(-(columns @ self.weights + self.intercept)))


def main() -> None:
    """Choose a remedy on data/train.csv, fit it there, score data/holdout.csv, save the model."""
    train, holdout = _read("data/train.csv"), _read("data/holdout.csv")
    compared = {remedy: _cross_validate(train, remedy) for remedy in REMEDIES}
    for remedy, (auc, gap) in compared.items():
        print(f"{remedy:>12}  ROC AUC {auc:.3f}  largest approval gap {gap:.3f}  (training half)")
    eligible = [remedy for remedy in REMEDIES if compared[remedy][0] >= ROC_AUC_MIN]
    chosen = min(eligible, key=lambda remedy: compared[remedy][1])
    fitted = _fit(train, chosen)
    _write_scores(holdout, fitted.scores(holdout))
    _save_model(fitted)
    print(f"models/credit.json: {len(fitted.encoder.feature_names_)} columns, {chosen}")


def _cross_validate(rows: list[Row], remedy: str) -> tuple[float, float]:
    scores = np.zeros(len(rows))
    for fit, test in FOLDS.split(rows, _outcome(rows)):
        fitted = _fit([rows[i] for i in fit], remedy)
        scores[test] = fitted.scores([rows[i] for i in test])
    approved = scores < THRESHOLD
    gaps = [abs(approved[group].mean() - approved[~group].mean()) for group in _groups(rows)]
    return float(roc_auc_score(_outcome(rows), scores)), float(max(gaps))


def _fit(rows: list[Row], remedy: str) -> Fitted:
    encoder, scaler = DictVectorizer(sparse=False), StandardScaler()
    columns = scaler.fit_transform(encoder.fit_transform([_features(row) for row in rows]))
    outcome, groups = _outcome(rows), _groups(rows)
    keep = (
        _without_group_means(columns, groups)
        if remedy == "decorrelated"
        else np.eye(columns.shape[1])
    )
    weights = _reweighed(outcome, groups) if remedy == "reweighed" else None
    search = GridSearchCV(
        LogisticRegression(solver="newton-cholesky"),
        {"C": STRENGTHS},
        scoring="neg_log_loss",
        cv=FOLDS,
    ).fit(columns @ keep, outcome, sample_weight=weights)
    model = search.best_estimator_
    return Fitted(encoder, scaler, keep @ model.coef_[0], float(model.intercept_[0]))


def _without_group_means(columns: Any, groups: list[Any]) -> Any:
    """The projection that removes the directions in which the groups' means differ."""
    differences = [columns[group].mean(axis=0) - columns[~group].mean(axis=0) for group in groups]
    basis, _ = np.linalg.qr(np.stack(differences, axis=1))
    return np.eye(columns.shape[1]) - basis @ basis.T


def _reweighed(outcome: Any, groups: list[Any]) -> Any:
    """P(group) P(outcome) / P(group, outcome) for each row, over groups of age and sex."""
    cell = sum(group.astype(int) << bit for bit, group in enumerate(groups))
    weights = np.ones(len(outcome))
    for level in np.unique(cell):
        for value in (0, 1):
            rows = (cell == level) & (outcome == value)
            weights[rows] = (cell == level).mean() * (outcome == value).mean() / rows.mean()
    return weights


def _outcome(rows: list[Row]) -> Any:
    return np.array([int(row["bad"]) for row in rows])


def _groups(rows: list[Row]) -> list[Any]:
    young = np.array([int(row["age"]) <= 25 for row in rows])
    return [young, np.array([row["sex"] == "female" for row in rows])]


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


def _save_model(fitted: Fitted) -> None:
    """Write what the model computes as plain numbers: nobody has to unpickle it."""
    weights = fitted.weights / fitted.scaler.scale_
    content = {
        "intercept": float(f"{fitted.intercept - weights @ fitted.scaler.mean_:.9g}"),
        "weights": {
            name: float(f"{weight:.9g}")
            for name, weight in zip(fitted.encoder.feature_names_, weights, strict=True)
        },
    }
    Path("models").mkdir(exist_ok=True)
    text = json.dumps(content, indent=1, sort_keys=True)
    Path("models/credit.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
