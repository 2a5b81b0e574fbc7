"""Tracks: what lies left of the limit is what breaks it, and the worst comes first."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from tests.golden.situations import report
from tests.unit.documents.charting import estimate, judged

from assay.documents.charts.tracks import asides, described, tracks
from assay.policy.gate import Verdict
from assay.stats.estimate import Undefined

REPORT = report("denied")
number = st.floats(-1e6, 1e6).map(lambda value: round(value, 4))


@given(
    st.lists(number, min_size=3, max_size=3), number, st.booleans(), st.booleans(), st.booleans()
)
def test_the_picture_shows_the_verdict(
    numbers: list[float], limit: float, at_most: bool, no_low: bool, no_high: bool
):
    """A bar lies right of the limit where it passes, left where it fails, and else across it."""
    low, value, high = sorted(numbers)
    made = estimate(value, -math.inf if no_low else low, math.inf if no_high else high)
    [track] = tracks([judged("r", made, repr(limit), at_most=at_most)], REPORT)
    place = track.margin()
    assert -1.0 <= place.low <= place.high <= 1.0
    assert place.value is not None
    assert -1.0 <= place.value <= 1.0
    shown = Verdict.PASS if place.low >= 0 else Verdict.FAIL if place.high < 0 else None
    assert (shown or Verdict.INSUFFICIENT) is track.verdict
    open_ends = (place.low_open, place.high_open)
    assert open_ends == ((no_high, no_low) if at_most else (no_low, no_high))


def test_the_worst_comes_first():
    """What fails, then what cannot be told, then what passes; each nearest to failing first."""
    judgements = [
        judged("clear pass", estimate(0.05, 0.04, 0.06), "0.2"),
        judged("near pass", estimate(0.05, 0.01, 0.09), "0.1"),
        judged("unclear", estimate(0.09, 0.05, 0.13), "0.1"),
        judged("unknown", Undefined(reason="One class only."), "0.1"),
        judged("near failure", estimate(0.15, 0.11, 0.19), "0.1"),
        judged("clear failure", estimate(0.65, 0.64, 0.66), "0.7", at_most=False),
    ]
    assert [track.name for track in tracks(judgements, REPORT)] == [
        "clear failure",
        "near failure",
        "unknown",
        "unclear",
        "near pass",
        "clear pass",
    ]


def test_distance_is_in_standard_errors():
    """A bound at 5 % lies 1.645 standard errors off, one at 1.25 % lies 2.241."""
    [track] = tracks([judged("r", estimate(1.0, 1.0 - 0.1645, 1.0 + 0.2241), "1.5")], REPORT)
    assert math.isclose(track.distance(), 5.0, rel_tol=1e-3)
    [one_sided] = tracks([judged("r", estimate(1.0, 1.0 - 0.1645, math.inf), "1.5")], REPORT)
    assert math.isclose(one_sided.distance(), 5.0, rel_tol=1e-3)


def test_a_figure_without_spread_has_a_place_and_a_rank():
    """Bounds that meet the figure and its limit divide nothing by zero."""
    [track] = tracks([judged("r", estimate(0.0, 0.0, 0.0), "0")], REPORT)
    assert track.margin().value == 0.0
    assert track.distance() == math.inf


def test_nothing_is_left_out():
    """Every judgement is either a track or named aside."""
    shown = report("held-for-one-approver")
    judgements = shown.decision.judgements
    aside = asides(judgements, shown)
    assert len(tracks(judgements, shown)) + len(aside) == len(judgements)
    assert aside == [
        "model-card: pass",
        "enough-applicants: pass (800, at least 300 is asked)",
        "no-worse-than-production: does not apply (No version is in production yet)",
    ]


def test_words_carry_the_numbers():
    """The description counts verdicts, and spells out the worst."""
    made = [judged(f"gap-{i}", estimate(0.2 + i / 100, 0.15, 0.3), "0.1") for i in range(5)]
    said = described(tracks(made, REPORT))
    assert said.startswith("5 figures against their limits: 5 fail. gap-4: fail, 0.240 (at least")
    assert said.count("is asked") == 3
    assert described([]) == "No figure has bounds to draw."
