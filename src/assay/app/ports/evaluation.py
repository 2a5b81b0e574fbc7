"""What counts rows, runs models and knows checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assay.checks.check import Check
from assay.evidence.canonical import Json
from assay.evidence.recipe import Recipe
from assay.evidence.tallies import TallySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one pass over a dataset gave."""

    tallies: TallySet
    dataset: str
    """SHA-256 (hex) of the dataset's bytes; the same before and after the pass."""

    evaluation_set: bytes
    """What tells the rows from others, whatever scores lie beside them; canonical JSON."""


class Collector(Protocol):
    """Fills a recipe's tallies in one pass over a file, in bounded memory."""

    def collect(
        self,
        path: Path,
        recipe: Recipe,
        *,
        predictions: Path | None = None,
        training: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Collected:
        """Count.

        Args:
            path: a Parquet or CSV file (gzip allowed); nothing else is read.
            recipe: what to count.
            predictions: a file with one column of scores in the row order of `path`, where
                a predict command computed them.
            training: the file or folder of training data, read only where the recipe asks
                which rows occur there too; it is then needed.
            progress: told the fraction done, from 0 to 1.

        Raises:
            NotEvaluated: a column is missing or of the wrong type, a label has a third value,
                a group column has too many levels, or the file is empty, damaged or changing.
        """
        ...


class RowCollector(Protocol):
    """Fills a recipe's tallies from rows that a Python program holds."""

    def collect_rows(
        self,
        data: object,
        recipe: Recipe,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> TallySet:
        """Count.

        Args:
            data: a frame, table, reader or relation; a lazy one is read by and by.
            recipe: what to count.
            progress: told the fraction done, from 0 to 1.

        Raises:
            NotEvaluated: as of a collector of files, or the object gives no rows.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What a model's command computed.

    Attributes:
        scores: a Parquet file with one column, `score`, in the order of the rows; it is there
            as long as its predictor.
        isolated: whether the command could reach no network. Not every platform can do that.
    """

    scores: Path
    isolated: bool


class Predictor(Protocol):
    """Runs a model's own command in a separate process: file in, file out."""

    def predict(
        self, command: Sequence[str], *, rows: Path, folder: Path, withhold: Sequence[str]
    ) -> Predicted:
        """Run and return the scores, one a row.

        Args:
            command: a program and its arguments; no shell takes them apart.
            rows: a Parquet or CSV file (gzip allowed), of which the command gets a copy.
            folder: the working directory, so that the command finds the model's files.
            withhold: the columns that the command must not see, such as the label.

        Raises:
            NotEvaluated: the rows cannot be read, or the command is missing, failed, ran out
                of time or memory, or did not write one score for each row.
        """
        ...


class CheckCatalogue(Protocol):
    """The checks that exist here, found by entry point or named by the manifest."""

    def get(self, name: str) -> Check:
        """A check by name; its family is imported now, and only now.

        Raises:
            ConfigurationError: there is no such check; the remedy names the nearest.
        """
        ...

    def all(self) -> Mapping[str, Check]:
        """Every check, by name; imports every family."""
        ...

    def provenance(self, name: str) -> Mapping[str, Json]:
        """Where a check comes from: distribution, its version, SHA-256 of the module file."""
        ...
