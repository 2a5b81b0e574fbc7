"""Looking through a folder for what a first manifest needs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from assay.adapters.discovery.answers import QUESTIONS, Answers, Proposal, Question, UnusableAnswer
from assay.adapters.discovery.roles import (
    HARM_WORDS,
    Guess,
    guess_label,
    guess_protected,
    guess_score,
    guess_unit,
    words,
)
from assay.adapters.discovery.sampling import Sample, open_sample
from assay.adapters.engine.labels import PAIRS
from assay.adapters.engine.source import DELIMITED, PARQUET
from assay.errors import NotEvaluated, suggest

DEPTH_MAX: Final = 3
FILES_MAX: Final = 5_000
DATA_FILES_MAX: Final = 12
"""Data files opened while looking for one with a label and a score."""

SKIPPED: Final = frozenset(
    {"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"}
)
DATA_SUFFIXES: Final = (*PARQUET, *DELIMITED)
MODEL_SUFFIXES: Final = (
    ".onnx", ".skops", ".safetensors", ".joblib", ".pkl", ".pickle", ".ubj", ".cbm", ".pmml",
    ".keras", ".h5", ".pt", ".pth",
)  # fmt: skip
LOCK_FILES: Final = (
    "requirements.lock", "uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "Pipfile.lock",
    "conda-lock.yml", "requirements.txt", "environment.yml",
)  # fmt: skip
CONFIGURATION_FILES: Final = ("params.yaml", "params.yml", "config.yaml", "config.yml")
MEANS_APART: Final = 0.05
"""Mean scores closer than this do not tell which label a high score predicts."""
TRAINING_WORDS: Final = frozenset({"train", "training"})


def discover(folder: Path, given: Answers) -> Proposal:
    """Complete what was given by what the folder holds.

    What was given is never replaced. On a terminal, answer the first question with `answered`
    and discover again, since an answer may settle others; in a pipe, `complete` fails.

    Raises:
        NotEvaluated: the evaluation data that were given cannot be read.
        UnusableAnswer: a column that was given is not in them.
    """
    finder = _Finder(folder, given)
    finder.find()
    return Proposal(
        answers=finder.answers, reasons=finder.reasons, questions=tuple(finder.questions())
    )


class _Finder:
    """Looks for one field after the other; what is known is left as it is."""

    def __init__(self, folder: Path, given: Answers) -> None:
        self.folder = folder
        self.answers = given
        self.reasons: dict[str, str] = {}
        self._choices: dict[str, tuple[str, ...]] = {}
        self._files = tuple(_files(folder))

    def find(self) -> None:
        """Fill every field that the folder can fill."""
        name = re.sub(r"[^a-z0-9]+", "-", self.folder.resolve().name.lower()).strip("-")
        self._take("system", name[:64].rstrip("-") or None, "the folder's name")
        self._find_components()
        if self.answers.evaluation is None:
            self._find_evaluation()
        if self.answers.evaluation is not None:
            with open_sample(self.folder / self.answers.evaluation) as sample:
                self._find_roles(sample)

    def questions(self) -> Iterator[Question]:
        """What is still not known, in the order in which to ask."""
        for question in QUESTIONS:
            wanted = question.field != "score" or self.answers.predict is None
            unknown = getattr(self.answers, question.field) is None
            if wanted and unknown and question.field != "positive":
                yield self._narrowed(question)
            if question.field == "positive" and "positive" in self._choices:
                yield self._narrowed(question)

    def _narrowed(self, question: Question) -> Question:
        """A question with the choices that the folder leaves, and what the label suggests."""
        choices = self._choices.get(question.field, question.choices)
        suggestion = question.suggestion
        if question.field == "favourable_when" and self.answers.label is not None:
            harmful = words(self.answers.label) & HARM_WORDS
            suggestion = "<" if harmful else None
        return replace(question, choices=choices, suggestion=suggestion)

    def _take(self, name: str, value: object, reason: str) -> None:
        if value is not None and getattr(self.answers, name) is None:
            changes: dict[str, Any] = {name: value}
            self.answers = replace(self.answers, **changes)
            self.reasons[name] = reason

    def _take_only(self, name: str, found: Sequence[str], reason: str) -> None:
        """Take what was found once; of several, a person chooses."""
        if len(found) == 1:
            self._take(name, found[0], reason)
        elif found:
            self._choices[name] = tuple(found)

    def _find_components(self) -> None:
        models = [file for file in self._files if _is_model(file)]
        self._take_only("model", models, "the one model file here")
        for name, known in (("environment", LOCK_FILES), ("configuration", CONFIGURATION_FILES)):
            found = next((file for file in known if file in self._files), None)
            self._take(name, found, "found beside the manifest")
        above = [self.folder.resolve(), *self.folder.resolve().parents]
        if any((parent / ".git").exists() for parent in above):
            self._take("code", ".", "the folder is in a git work tree")
        training = [file for file in self._data_files() if words(Path(file).name) & TRAINING_WORDS]
        if len(training) == 1:
            self._take("training", training[0], "the one data file named like training data")

    def _data_files(self) -> list[str]:
        return [file for file in self._files if file.lower().endswith(DATA_SUFFIXES)]

    def _find_evaluation(self) -> None:
        """A data file with a label and a score, which is not the training data."""
        found = [
            file
            for file in self._data_files()[:DATA_FILES_MAX]
            if file != self.answers.training and self._has_roles(file)
        ]
        self._take_only("evaluation", found, "the one data file here with a label and a score")
        if not found and self._data_files():
            self._choices["evaluation"] = tuple(self._data_files())

    def _has_roles(self, file: str) -> bool:
        try:
            with open_sample(self.folder / file) as sample:
                columns = sample.holdings
        except NotEvaluated:
            return False
        return bool(guess_score(columns).columns and guess_label(columns).columns)

    def _find_roles(self, sample: Sample) -> None:
        names = [item.column for item in sample.holdings]
        for role in ("label", "score", "unit"):
            _check_column(getattr(self.answers, role), role, names)
        taken = {self.answers.label, self.answers.unit}
        free = [item for item in sample.holdings if item.column not in taken]
        if self.answers.predict is None:
            self._guess("score", guess_score(free))
        free = [item for item in free if item.column != self.answers.score]
        self._guess("label", guess_label(free))
        free = [item for item in free if item.column != self.answers.label]
        self._guess("unit", guess_unit(free))
        guesses = list(guess_protected([i for i in free if i.column != self.answers.unit]))
        if guesses:
            reason = "; ".join(f"{item.column}: {why}" for item, why in guesses)
            self._take("protected", tuple(item for item, _ in guesses), reason)
        self._find_positive(sample)

    def _guess(self, name: str, guess: Guess) -> None:
        self._take_only(name, guess.columns, guess.reason)

    def _find_positive(self, sample: Sample) -> None:
        """The label's value that a high score predicts, where it does not go without saying."""
        label = next((item for item in sample.holdings if item.column == self.answers.label), None)
        if label is None or self.answers.positive is not None or not label.values:
            return
        if any(set(label.values) == set(pair) for pair in PAIRS):
            return
        means = sample.mean_by(self.answers.score, label.column) if self.answers.score else {}
        if max(means.values(), default=0) - min(means.values(), default=0) >= MEANS_APART:
            high = max(means, key=lambda value: means[value])
            shown = ", ".join(f"{value}: {mean:.2f}" for value, mean in means.items())
            self._take("positive", high, f"it has the higher mean score ({shown})")
        else:
            self._choices["positive"] = label.values


def _files(folder: Path) -> Iterator[str]:
    """Paths of files below a folder, sorted, without hidden ones and those that lead outside."""
    home, count = folder.resolve(), 0
    for parent, folders, names in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        deep = len(inside.parts) >= DEPTH_MAX
        folders[:] = [] if deep else sorted(n for n in folders if _visible(n))
        for name in sorted(filter(_visible, names)):
            count += 1
            if count > FILES_MAX:
                return
            if (Path(parent) / name).resolve().is_relative_to(home):
                yield (inside / name).as_posix()


def _is_model(file: str) -> bool:
    """By the ending of its name, or JSON that is called a model."""
    name = Path(file).name.lower()
    return name.endswith(MODEL_SUFFIXES) or (name.endswith(".json") and "model" in words(name))


def _visible(name: str) -> bool:
    return not name.startswith(".") and name not in SKIPPED


def _check_column(column: str | None, role: str, known: Sequence[str]) -> None:
    if column is not None and column not in known:
        raise UnusableAnswer(
            f"The {role} {column!r} is not a column of the evaluation data.",
            remedy=suggest(column, known, otherwise=f"Its columns are {', '.join(known[:20])}."),
        )
