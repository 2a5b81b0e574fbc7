"""What the tests of charts share: judgements made to measure, and the parts of a specification."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from assay.evidence.measurement import Measurement
from assay.policy.gate import Judgement, Verdict
from assay.policy.policy import Bar, Direction, Outcome, Requirement, RequirementId
from assay.policy.tiers import Tier
from assay.stats.estimate import Estimate
from assay.stats.tallies import ScoreTable


def estimate(value: float, low: float, high: float) -> Estimate:
    """A figure with its bounds, at the errors of a gate."""
    return Estimate(
        value=value, low=low, high=high, low_error=0.05, high_error=0.0125, n=1000, method="made"
    )


def judged(name: str, measurement: Measurement, limit: str, *, at_most: bool = True) -> Judgement:
    """A judgement as the gate would make it."""
    threshold, direction = Decimal(limit), Direction.AT_MOST if at_most else Direction.AT_LEAST
    return Judgement(
        requirement=Requirement(
            id=RequirementId(name),
            check="made.up",
            bar=Bar(direction=direction, by_tier={Tier.LOW: threshold}),
        ),
        verdict=_verdict(measurement, float(threshold), at_most=at_most),
        effect=Outcome.HOLD,
        measurement=measurement,
        threshold=threshold,
    )


def layers(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every layer of a specification, those of its panels included."""
    for panel in spec.get("vconcat") or spec.get("concat") or [spec]:
        yield from panel["layer"]


def drawn(spec: dict[str, Any], style: str) -> list[dict[str, Any]]:
    """The values of the layers in a style."""
    return [
        value
        for layer in layers(spec)
        if layer["mark"]["style"] == style
        for value in layer["data"]["values"]
    ]


def texts(spec: dict[str, Any]) -> list[str]:
    """Everything that a specification writes beside its title."""
    return [
        str(value["text"])
        for layer in layers(spec)
        if layer["mark"]["type"] == "text"
        for value in layer["data"]["values"]
    ]


def score_table(scores: list[float], labels: list[int]) -> ScoreTable:
    """Label counts by score."""
    distinct, place = np.unique(np.array(scores), return_inverse=True)
    counts = [
        np.bincount(place[np.array(labels) == label], minlength=len(distinct)).astype(np.int64)
        for label in (0, 1)
    ]
    return ScoreTable(
        scores=distinct,
        half_widths=np.zeros(len(distinct)),
        negatives=counts[0],
        positives=counts[1],
    )


def _verdict(measurement: Measurement, limit: float, *, at_most: bool) -> Verdict:
    if not isinstance(measurement, Estimate):
        return Verdict.INSUFFICIENT
    low, high = measurement.low, measurement.high
    if (high <= limit) if at_most else (low >= limit):
        return Verdict.PASS
    return Verdict.FAIL if (low > limit if at_most else high < limit) else Verdict.INSUFFICIENT
