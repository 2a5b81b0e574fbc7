"""Worlds in which two versions decide and score the same rows, with a known truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tests.unit.stats.tables import Floats, Integers

from assay.stats import (
    Errors,
    Estimate,
    PairedPrecision,
    PairedProportions,
    Undefined,
    balanced_accuracy_difference,
    paired_difference,
    precision_difference,
    skill_score,
)
from assay.stats.skill import JointLosses

Generator = np.random.Generator
Answer = Callable[[Errors], Estimate | Undefined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """How often two versions predict positive, by label: both, the first alone, the second."""

    positives: tuple[float, float, float]
    negatives: tuple[float, float, float]
    base: float

    def shares(self) -> Floats:
        """(8,) the shares of the cells: label, then both, first, second, neither."""
        cells = [
            weight * np.append(part, 1.0 - sum(part))
            for weight, part in ((self.base, self.positives), (1.0 - self.base, self.negatives))
        ]
        return np.concatenate(cells)


ALIKE = Decisions(positives=(0.7, 0.05, 0.05), negatives=(0.2, 0.04, 0.04), base=0.3)
"""Versions of equal worth that mostly agree."""

APART = Decisions(positives=(0.4, 0.3, 0.1), negatives=(0.05, 0.1, 0.2), base=0.5)
"""The first is better, and the two often differ."""

RARE = Decisions(positives=(0.8, 0.02, 0.06), negatives=(0.01, 0.004, 0.001), base=0.05)
"""Rare events and rare discord."""

LOPSIDED = Decisions(
    positives=(0.507, 0.0034, 0.152), negatives=(0.497, 0.0696, 0.0071), base=0.296
)
"""What the first alone selects is seldom right, and what the second alone does seldom wrong."""


def precision_truth(world: Decisions) -> float:
    """Precision of the first less that of the second."""
    both, first, second, _, both_n, first_n, second_n, _ = world.shares()
    return float(
        (both + first) / (both + first + both_n + first_n)
        - (both + second) / (both + second + both_n + second_n)
    )


def balance_truth(world: Decisions) -> float:
    """Balanced accuracy of the first less that of the second."""
    recall = world.positives[1] - world.positives[2]
    specificity = world.negatives[2] - world.negatives[1]
    return (recall + specificity) / 2.0


def precision_answer(cells: Integers) -> Answer:
    """From (..., 8) counts, by bucket of units where there are several rows of them."""
    parts = [
        tuple(
            float(count)
            for count in (
                part[0],
                part[0] + part[4],
                part[1],
                part[1] + part[5],
                part[2],
                part[2] + part[6],
            )
        )
        for part in np.atleast_2d(cells)
    ]
    whole = tuple(map(math.fsum, zip(*parts, strict=True)))
    pairs = PairedPrecision(
        selected=whole,  # type: ignore[arg-type]
        buckets=tuple(parts) if len(parts) > 1 else (),  # type: ignore[arg-type]
    )
    return lambda errors: precision_difference(pairs, errors=errors)


def balance_answer(cells: Integers) -> Answer:
    """From (..., 8) counts, by bucket of units where there are several rows of them."""
    parts = np.atleast_2d(cells)
    recall = _proportions(parts[:, [1, 2]], parts[:, :4].sum(axis=1))
    specificity = _proportions(parts[:, [6, 5]], parts[:, 4:].sum(axis=1))
    return lambda errors: balanced_accuracy_difference(recall, specificity, errors=errors)


def accuracy_answer(cells: Integers) -> Answer:
    """From (..., 8) counts, by bucket of units where there are several rows of them."""
    parts = np.atleast_2d(cells)
    right = np.stack([parts[:, 1] + parts[:, 6], parts[:, 2] + parts[:, 5]], axis=1)
    pairs = _proportions(right, parts.sum(axis=1))
    return lambda errors: paired_difference(pairs, errors=errors)


def independent(
    world: Decisions, size: int, answer: Callable[[Integers], Answer]
) -> Callable[[Generator], Answer]:
    """Rows drawn one by one."""
    shares = world.shares()
    return lambda generator: answer(generator.multinomial(size, shares))


def clustered(
    world: Decisions, units: int, answer: Callable[[Integers], Answer]
) -> Callable[[Generator], Answer]:
    """Units of one to seven rows that resemble each other, in 64 buckets."""
    shares = world.shares()

    def draw(generator: Generator) -> Answer:
        own = generator.dirichlet(shares * 4.0 + 1e-9, units)
        rows = generator.multinomial(generator.integers(1, 8, units), own)
        cells = np.zeros((64, 8), dtype=np.int64)
        np.add.at(cells, generator.integers(0, 64, units), rows)
        return answer(cells)

    return draw


def skill_draw(size: int, *, sharp: float) -> Callable[[Generator], Answer]:
    """Calibrated probabilities from a beta distribution, beside their mean of one half."""

    def draw(generator: Generator) -> Answer:
        truth = generator.beta(sharp, sharp, size)
        labels = generator.random(size) < truth
        losses = JointLosses.of((truth - labels) ** 2, np.full(size, 0.25), np.ones(size))
        return lambda errors: skill_score(losses, errors=errors, bounded=True)

    return draw


def skill_truth(sharp: float) -> float:
    """Of those: the variance of the probabilities over one quarter."""
    return 1.0 / (2.0 * sharp + 1.0)


def _proportions(discord: Integers, trials: Integers) -> PairedProportions:
    buckets = tuple(
        (float(one), float(other), float(n))
        for (one, other), n in zip(discord, trials, strict=True)
    )
    one, other = map(float, discord.sum(axis=0))
    return PairedProportions(
        first_only=one,
        second_only=other,
        trials=float(trials.sum()),
        buckets=buckets if len(buckets) > 1 else (),
    )
