"""Score tables made from rows, exact or binned, and buckets of units."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assay.stats.tallies.scores import ScoreTable

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def table_of(scores: Floats, labels: Integers) -> ScoreTable:
    """Exact label counts by score."""
    distinct, at = np.unique(scores, return_inverse=True)
    positives = np.bincount(at, labels, minlength=len(distinct)).astype(np.int64)
    rows = np.bincount(at, minlength=len(distinct)).astype(np.int64)
    return ScoreTable(
        scores=distinct,
        half_widths=np.zeros(len(distinct)),
        negatives=rows - positives,
        positives=positives,
    )


def binned_table(scores: Floats, labels: Integers, *, bins: int) -> ScoreTable:
    """Label counts in bins of equal width over [0, 1], empty ones left out."""
    numbers = np.minimum((scores * bins).astype(np.int64), bins - 1)
    exact = table_of((numbers + 0.5) / bins, labels)
    return ScoreTable(
        scores=exact.scores,
        half_widths=np.full(len(exact.scores), 0.5 / bins),
        negatives=exact.negatives,
        positives=exact.positives,
    )


def buckets_of(scores: Floats, labels: Integers, buckets: Integers) -> list[ScoreTable]:
    """One exact table for each of 64 buckets that holds a row."""
    held = [buckets == number for number in range(64)]
    return [table_of(scores[rows], labels[rows]) for rows in held if rows.any()]


def draw_scores(seed: int, n: int, *, base: float = -1.0) -> tuple[Floats, Integers]:
    """Honest scores of n rows and their labels, from one seed."""
    generator = np.random.default_rng(seed)
    scores = 1.0 / (1.0 + np.exp(-generator.normal(base, 1.5, n)))
    labels = (generator.random(n) < scores).astype(np.int64)
    return scores, labels
