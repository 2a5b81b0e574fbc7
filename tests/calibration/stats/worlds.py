"""Worlds with a known truth, drawn again and again, for each bound that has no exact proof."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from tests.calibration.stats import paired_worlds as paired
from tests.unit.stats.tables import Floats, Integers, buckets_of, table_of

from assay.stats import (
    DrawKey,
    Errors,
    Estimate,
    Moments,
    PairedProportions,
    PairedScores,
    Proportion,
    Undefined,
    area_under_roc,
    average_precision,
    brier_score,
    calibration_intercept,
    calibration_slope,
    cohen_kappa,
    difference_of_areas,
    expected_calibration_error,
    kolmogorov_smirnov,
    log_loss,
    matthews_correlation,
    mean,
    paired_difference,
    proportion,
)
from assay.stats.brier_parts import brier_reliability, brier_resolution
from assay.stats.calibration import Reliability, reliability
from assay.stats.tallies.confusion import BinaryCounts
from assay.stats.tallies.scores import ScoreTable

Generator = np.random.Generator
Answer = Callable[[Errors], Estimate | Undefined]
"""A world's estimate, at any errors."""


PATIENCE: Final = (6_000, 6_000)
"""Samples that find a bound which misses 1.3 times 0.05, or 3.2 times 0.001, nine in ten times."""

MANY: Final = (6_000, 20_000)
"""Samples that find twice 0.001, where they are cheap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Something to draw, and the truth that its bounds are about.

    Attributes:
        name: what it is like.
        draw: one sample's estimate.
        truth: what is estimated.
        samples: how many the tables take at 0.05 and at 0.001.
        resampled: whether bounds are made of draws, the more the smaller the error, so that it
            pays to look at nearer ones first.
    """

    name: str
    draw: Callable[[Generator], Answer]
    truth: float
    samples: tuple[int, int] = PATIENCE
    resampled: bool = False


def _of_table(
    measure: Callable[..., Estimate | Undefined],
    rows: Callable[[Generator], tuple[Floats, Integers]],
) -> Callable[[Generator], Answer]:
    def draw(generator: Generator) -> Answer:
        table = table_of(*rows(generator))
        return lambda errors: measure(table, errors=errors)

    return draw


def _binormal(
    positives: int, negatives: int, shift: float
) -> Callable[[Generator], tuple[Floats, Integers]]:
    labels = np.repeat([1, 0], [positives, negatives])

    def rows(generator: Generator) -> tuple[Floats, Integers]:
        return generator.normal(size=len(labels)) + shift * labels, labels

    return rows


def areas() -> list[World]:
    """Areas under the curve: both classes small or large, weak and strong scores, rare flags."""
    found = [
        World(
            name=f"auc {area} of {positives} and {negatives}",
            draw=_of_table(
                area_under_roc, _binormal(positives, negatives, float(ndtri(area)) * math.sqrt(2))
            ),
            truth=area,
        )
        for positives, negatives, area in (
            (5, 40, 0.8),
            (30, 30, 0.7),
            (30, 300, 0.9),
            (100, 100, 0.5),
            (300, 300, 0.97),
            (50, 2000, 0.8),
        )
    ]

    def flags(generator: Generator) -> tuple[Floats, Integers]:
        labels = np.repeat([1, 0], 300)
        chance = np.where(labels == 1, 0.01, 0.001)
        return (generator.random(600) < chance).astype(float), labels

    found.append(World(name="auc of a flag", draw=_of_table(area_under_roc, flags), truth=0.5045))
    return found


def _shares(
    shift: float, low: float, high: float, n: int
) -> Callable[[Generator], tuple[Floats, Integers]]:
    def rows(generator: Generator) -> tuple[Floats, Integers]:
        scores = generator.uniform(low, high, n)
        return scores, (generator.random(n) < scores + shift).astype(np.int64)

    return rows


def probabilities() -> list[World]:
    """Calibration, its line, and losses: honest scores, scores that are off, rare events."""
    honest, unit = _shares(0.0, 0.05, 0.8, 600), _shares(0.0, 0.0, 1.0, 400)
    found = [
        World(name=f"ece {name}", draw=_of_table(expected_calibration_error, rows), truth=truth)
        for name, rows, truth in (
            ("of honest scores", honest, 0.0),
            ("of scores 0.1 low", _shares(0.1, 0.05, 0.8, 600), 0.1),
            ("of rare events, 0.03 low", _shares(0.03, 0.0, 0.02, 3000), 0.03),
        )
    ]
    found.append(World(name="brier", draw=_of_table(brier_score, unit), truth=1 / 6))
    found.append(World(name="log loss", draw=_of_table(log_loss, unit), truth=0.5))

    def logistic(centre: float, n: int) -> Callable[[Generator], tuple[Floats, Integers]]:
        def rows(generator: Generator) -> tuple[Floats, Integers]:
            logits = generator.normal(centre, 1.2, n)
            chance = 1 / (1 + np.exp(-0.3 - logits))
            return 1 / (1 + np.exp(-logits)), (generator.random(n) < chance).astype(np.int64)

        return rows

    for centre, n in ((0.0, 100), (-3.0, 900)):
        rows = logistic(centre, n)
        found += [
            World(name=f"intercept of {n}", draw=_of_table(calibration_intercept, rows), truth=0.3),
            World(name=f"slope of {n}", draw=_of_table(calibration_slope, rows), truth=1.0),
        ]
    return found


def _precision(prevalence: float, shift: float) -> float:
    at = np.linspace(-8.0, shift + 8.0, 200_001)
    found, false = prevalence * ndtr(shift - at), (1 - prevalence) * ndtr(-at)
    density = np.exp(-((at - shift) ** 2) / 2) / math.sqrt(2 * math.pi)
    return float(np.trapezoid(found / (found + false) * density, at))


def shapes() -> list[World]:
    """Average precision and the Kolmogorov-Smirnov distance."""
    found = [
        World(
            name=f"average precision of {positives} in {positives + negatives}, shift {shift}",
            draw=_of_table(average_precision, _binormal(positives, negatives, shift)),
            truth=_precision(positives / (positives + negatives), shift),
        )
        for positives, negatives, shift in ((120, 880, 1.5), (150, 150, 0.5), (110, 2000, 2.5))
    ]
    return found + [
        World(
            name=f"ks of {positives} and {negatives}, shift {shift}",
            draw=_of_table(kolmogorov_smirnov, _binormal(positives, negatives, shift)),
            truth=float(2 * ndtr(shift / 2) - 1),
        )
        for positives, negatives, shift in ((10, 60, 0.0), (200, 300, 0.0), (80, 500, 1.0))
    ]


def agreements() -> list[World]:
    """Agreement beyond chance: common and rare labels, few errors of either kind."""
    found = []
    for n, base, hit, alarm in (
        (200, 0.5, 0.8, 0.2),
        (1000, 0.03, 0.5, 0.02),
        (200, 0.3, 0.97, 0.02),
    ):
        shares = np.array(
            [(1 - base) * (1 - alarm), (1 - base) * alarm, base * (1 - hit), base * hit]
        )
        labels, flagged = base, shares[1] + shares[3]
        excess = shares[3] - labels * flagged
        spread = math.sqrt(labels * (1 - labels) * flagged * (1 - flagged))
        room = labels + flagged - 2 * labels * flagged
        for measure, truth in (
            (matthews_correlation, excess / spread),
            (cohen_kappa, 2 * excess / room),
        ):
            found.append(
                World(
                    name=f"{measure.__name__} of {n}, {base} {hit} {alarm}",
                    draw=_table_of_four(measure, n, shares),
                    truth=float(truth),
                    resampled=True,
                )
            )
    return found


def _table_of_four(
    measure: Callable[..., Estimate | Undefined], n: int, shares: Floats
) -> Callable[[Generator], Answer]:
    def draw(generator: Generator) -> Answer:
        tn, fp, fn, tp = (int(cell) for cell in generator.multinomial(n, shares))
        counts = BinaryCounts(
            true_negatives=tn, false_positives=fp, false_negatives=fn, true_positives=tp
        )
        key = DrawKey(digest=str(generator.integers(2**60)), check="calibration", revision=1)
        return lambda errors: measure(counts, errors=errors, key=key)

    return draw


def means() -> list[World]:
    """Means of skewed rows without limits, and of rare costs within limits."""

    def rows(
        name: str, draw_rows: Callable[[Generator], Floats], truth: float, *, bounded: bool
    ) -> World:
        def draw(generator: Generator) -> Answer:
            values = draw_rows(generator)
            moments = Moments.of(values, np.ones(len(values)))
            limits = (0.0, 1.0) if bounded else None
            return lambda errors: mean(moments, errors=errors, limits=limits)

        return World(name=f"mean of {name}", draw=draw, truth=truth)

    return [
        rows("300 exponential", lambda g: g.exponential(size=300), 1.0, bounded=False),
        rows("20 uniform", lambda g: g.random(20), 0.5, bounded=True),
        rows("500 rare", lambda g: np.where(g.random(500) < 0.01, 1.0, 0.0), 0.01, bounded=True),
        rows("800 rare", lambda g: np.where(g.random(800) < 0.04, 1.0, 0.0), 0.04, bounded=True),
    ]


def pairs() -> list[World]:
    """Two scores of the same rows, alike and unlike, one strong and one weak."""
    found = []
    for positives, negatives, first, second, shared in (
        (40, 40, 1.0, 1.0, 0.9),
        (100, 300, 2.0, 1.5, 0.8),
        (300, 300, 1.2, 1.0, 0.5),
    ):
        truth = float(ndtr(first / math.sqrt(2)) - ndtr(second / math.sqrt(2)))
        found.append(
            World(
                name=f"areas of {positives} and {negatives}, {first} over {second}",
                draw=_two_scores(positives, negatives, (first, second), shared),
                truth=truth,
            )
        )
    found.append(World(name="areas of flags, 5 and 500, apart", draw=_two_flags, truth=-0.9245))
    return found


def _two_scores(
    positives: int, negatives: int, shifts: tuple[float, float], shared: float
) -> Callable[[Generator], Answer]:
    labels = np.repeat([1, 0], [positives, negatives])

    def draw(generator: Generator) -> Answer:
        noise = generator.normal(size=(3, len(labels)))
        scores = [
            shift * labels + math.sqrt(shared) * noise[0] + math.sqrt(1 - shared) * own
            for shift, own in zip(shifts, noise[1:], strict=True)
        ]
        ranks = [np.argsort(np.argsort(each)) * 64 // len(labels) for each in scores]
        return _areas_answer(scores, ranks, labels)

    return draw


def _two_flags(generator: Generator) -> Answer:
    labels = np.repeat([1, 0], [5, 500])
    chances = (np.where(labels == 1, 0.05, 0.999), np.where(labels == 1, 0.95, 0.05))
    flags = [(generator.random(505) < chance).astype(np.int64) for chance in chances]
    return _areas_answer([flag.astype(float) for flag in flags], flags, labels)


def _areas_answer(scores: list[Floats], ranks: list[Integers], labels: Integers) -> Answer:
    cells = np.zeros((2, 64, 64), dtype=np.int64)
    np.add.at(cells, (labels, ranks[0], ranks[1]), 1)
    pair = PairedScores(
        first=table_of(scores[0], labels),
        second=table_of(scores[1], labels),
        negatives=cells[0],
        positives=cells[1],
    )
    return lambda errors: difference_of_areas(pair, errors=errors)


def changes() -> list[World]:
    """Two versions' decisions on the same rows, and skill over a rule to beat."""
    found = [
        World(
            name=f"{name} of {size}, {kind}",
            draw=paired.independent(world, size, answer),
            truth=truth(world),
        )
        for kind, world, size in (
            ("alike", paired.ALIKE, 150),
            ("apart", paired.APART, 1000),
            ("rare", paired.RARE, 600),
            ("lopsided", paired.LOPSIDED, 3000),
        )
        for name, answer, truth in (
            ("precision", paired.precision_answer, paired.precision_truth),
            ("balanced accuracy", paired.balance_answer, paired.balance_truth),
        )
    ]
    found += [
        World(
            name=f"{name} of 400 units, apart",
            draw=paired.clustered(paired.APART, 400, answer),
            truth=truth(paired.APART),
        )
        for name, answer, truth in (
            ("precision", paired.precision_answer, paired.precision_truth),
            ("balanced accuracy", paired.balance_answer, paired.balance_truth),
        )
    ]
    found += [
        World(
            name=f"skill of {size}, {sharp}",
            draw=paired.skill_draw(size, sharp=sharp),
            truth=paired.skill_truth(sharp),
        )
        for size, sharp in ((60, 1.0), (500, 5.0))
    ]
    return found


def clusters() -> list[World]:
    """Rows that share units: rates, paired rates, areas, calibration and means."""
    found = [
        World(
            name=f"rate {rate} of {units} units of {size}, correlation {shared}",
            draw=_clustered_rate(units, size, rate, shared),
            truth=rate,
        )
        for units, size, rate, shared in (
            (15, 20, 0.5, 0.3),
            (60, 5, 0.1, 1.0),
            (200, 3, 0.01, 0.2),
            (1000, 3, 0.1, 0.2),
            (1000, 3, 0.001, 1.0),
        )
    ]
    found.append(World(name="paired rates of 300 units", draw=_clustered_pairs, truth=0.05))
    found.append(
        World(
            name="auc of 150 units of 6",
            draw=_clustered_scores,
            truth=float(ndtr(1.0 / math.sqrt(2 * 1.5))),
        )
    )
    found.append(World(name="ece of 300 units of 4", draw=_clustered_calibration, truth=0.1))
    found.append(World(name="mean of 200 units of 5", draw=_clustered_mean, truth=2.0))
    return found


def _clustered_rate(
    units: int, size: int, rate: float, shared: float
) -> Callable[[Generator], Answer]:
    def draw(generator: Generator) -> Answer:
        if shared >= 1.0:
            chance = (generator.random(units) < rate) * 1.0
        else:
            weight = (1 - shared) / shared
            chance = generator.beta(rate * weight, (1 - rate) * weight, units)
        sizes = generator.integers(1, 2 * size, units)
        events, members = generator.binomial(sizes, chance), generator.integers(0, 64, units)
        held = _by_bucket(members, events, sizes)
        p = Proportion(events=float(events.sum()), trials=float(sizes.sum()), buckets=held)
        return lambda errors: proportion(p, errors=errors)

    return draw


def _by_bucket(
    members: Integers, events: Integers, sizes: Integers
) -> tuple[tuple[float, float], ...]:
    x, n = np.bincount(members, events, 64), np.bincount(members, sizes, 64)
    return tuple((float(a), float(b)) for a, b in zip(x, n, strict=True) if b > 0)


def _clustered_pairs(generator: Generator) -> Answer:
    kinds, members = generator.choice(3, 300, p=[0.15, 0.1, 0.75]), generator.integers(0, 64, 300)
    sizes = generator.integers(1, 6, 300)
    counts = np.stack(
        [np.bincount(members, sizes * (kinds == k), 64) for k in (0, 1)]
        + [np.bincount(members, sizes, 64)],
        axis=1,
    )
    one, other, trials = counts.sum(axis=0)
    pairs = PairedProportions(
        first_only=float(one),
        second_only=float(other),
        trials=float(trials),
        buckets=tuple((float(a), float(b), float(n)) for a, b, n in counts if n > 0),
    )
    return lambda errors: paired_difference(pairs, errors=errors)


def _clustered_scores(generator: Generator) -> Answer:
    labels = np.repeat((generator.random(150) < 0.4).astype(np.int64), 6)
    units = np.repeat(generator.normal(0, math.sqrt(0.5), 150), 6)
    scores = labels + units + generator.normal(size=900)
    return _with_buckets(area_under_roc, scores, labels, generator.integers(0, 64, 150).repeat(6))


def _clustered_calibration(generator: Generator) -> Answer:
    scores = np.repeat(generator.uniform(0.05, 0.8, 300), 4)
    labels = np.repeat(generator.random(300), 4) < scores + 0.1
    return _with_buckets(
        expected_calibration_error,
        scores,
        labels.astype(np.int64),
        generator.integers(0, 64, 300).repeat(4),
    )


def _with_buckets(
    measure: Callable[..., Estimate | Undefined],
    scores: Floats,
    labels: Integers,
    members: npt.NDArray[np.int64],
) -> Answer:
    table: ScoreTable = table_of(scores, labels)
    parts = buckets_of(scores, labels, members)
    return lambda errors: measure(table, errors=errors, buckets=parts)


def brier_worlds() -> list[World]:
    """Reliability and resolution over bins, of calibrated scores and of scores that are off."""
    found = []
    for name, scores, slope, off in (
        ("of 300, 0.0", np.linspace(0.02, 0.85, 300), 1.0, 0.0),
        ("of 800, 0.1", np.linspace(0.02, 0.85, 800), 1.0, 0.1),
        ("of 150, honest", np.linspace(0.2, 0.8, 150), 1.0, 0.0),
        ("of 800 alike", np.linspace(0.1, 0.6, 800), 0.0, 0.3),
        ("of 400, steep", np.linspace(0.1, 0.8, 400), 1.3, -0.1),
    ):
        truth = slope * scores + off
        curve = reliability(table_of(scores, np.zeros(len(scores), dtype=np.int64)))
        assert isinstance(curve, Reliability)
        place = np.searchsorted(curve.last_scores, scores)
        rates = np.array([truth[place == at].mean() for at in range(len(curve.rows))])
        apart = {
            brier_reliability: rates - curve.mean_scores,
            brier_resolution: rates - curve.weights @ rates,
        }
        found += [
            World(
                name=f"{measure.__name__} {name}",
                draw=_of_table(measure, _labelled(scores, truth)),
                truth=float(curve.weights @ distance**2),
            )
            for measure, distance in apart.items()
        ]
    return found


def _labelled(scores: Floats, truth: Floats) -> Callable[[Generator], tuple[Floats, Integers]]:
    def rows(generator: Generator) -> tuple[Floats, Integers]:
        return scores, (generator.random(len(scores)) < truth).astype(np.int64)

    return rows


def _clustered_mean(generator: Generator) -> Answer:
    units = np.repeat(generator.exponential(size=200), 5)
    values = units + generator.exponential(size=1000)
    members = generator.integers(0, 64, 200).repeat(5)
    parts = [values[members == b] for b in range(64) if (members == b).any()]
    buckets = [Moments.of(part, np.ones(len(part))) for part in parts]
    whole = Moments.of(values, np.ones(1000))
    return lambda errors: mean(whole, errors=errors, buckets=buckets)


WORLDS = {
    world.name: world
    for family in (
        areas(),
        probabilities(),
        shapes(),
        agreements(),
        means(),
        pairs(),
        clusters(),
        changes(),
        brier_worlds(),
    )
    for world in family
}
