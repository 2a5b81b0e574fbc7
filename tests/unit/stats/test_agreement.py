"""Agreement beyond chance, and the draws behind its bounds."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from assay.errors import InvalidArgument
from assay.stats import (
    READING,
    DrawKey,
    Errors,
    Estimate,
    Undefined,
    cohen_kappa,
    matthews_correlation,
)
from assay.stats.agreement import draws_for
from assay.stats.draws import PoissonQuantiles, fiducial, gamma_quantile, resampled, uniforms
from assay.stats.tallies.confusion import BinaryCounts

KEY = DrawKey(digest="0" * 64, check="performance.mcc", revision=1)
COUNTS = BinaryCounts(
    true_negatives=700, false_positives=60, false_negatives=90, true_positives=150
)


def test_philox_gives_its_published_bits() -> None:
    """Random123's known answers for Philox-4x64-10: counter and key of all zeros, of all ones."""
    ones = 2**64 - 1
    for counter, key, answer in (
        ((ones,) * 4, 0, "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"),
        (
            (ones - 1, *(ones,) * 3),
            ones,
            "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0",
        ),
    ):
        # The generator steps its counter before it draws.
        generator = np.random.Philox(
            counter=np.array(counter, dtype=np.uint64), key=np.full(2, key, dtype=np.uint64)
        )
        assert " ".join(f"{int(word):016x}" for word in generator.random_raw(4)) == answer


def test_a_key_is_the_digest_of_its_parts() -> None:
    """Anyone can make the key again: SHA-256 of three lines."""
    text = b"0" * 64 + b"\nperformance.mcc\n1\n"
    assert KEY.philox() == hashlib.sha256(text).digest()[:16]
    with pytest.raises(InvalidArgument):
        DrawKey(digest="a\nb", check="c", revision=1).philox()


def test_equal_keys_give_equal_draws_and_more_begin_with_fewer() -> None:
    """A stream belongs to its key, and is not redrawn for another size."""
    few, many = (uniforms(KEY, draws=n, columns=4) for n in (100, 9000))
    assert (many[:100] == few).all()
    other = uniforms(DrawKey(digest="1" * 64, check="x", revision=1), draws=100, columns=4)
    assert (few != other).any()
    assert ((many > 0.0) & (many < 1.0)).all()


def test_bounds_are_the_same_every_time() -> None:
    """No clock and no global state takes part."""
    state = np.random.get_state()[1].copy()  # type: ignore[index]
    answers = [matthews_correlation(COUNTS, errors=READING, key=KEY) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (np.random.get_state()[1] == state).all()  # type: ignore[index]


def test_bca_lies_about_the_normal_interval() -> None:
    """At a thousand rows the bounds are near Fisher's transform of the correlation."""
    answer = matthews_correlation(COUNTS, errors=READING, key=KEY)
    assert isinstance(answer, Estimate)
    assert answer.value == pytest.approx(0.5725635915, abs=1e-9)
    assert answer.low == pytest.approx(0.508, abs=0.01)
    assert answer.high == pytest.approx(0.632, abs=0.01)
    assert answer.method == "BCa, 4000 draws"


def test_draws_grow_as_the_error_shrinks() -> None:
    """`max(2,000, 100/a)` at the smaller error."""
    assert draws_for(Errors(low=0.1, high=0.1)) == 2000
    assert draws_for(Errors(low=0.001, high=0.05)) == 100_000


def test_an_empty_cell_is_no_fact() -> None:
    """No false negative in sixty is not the same as none ever."""
    counts = BinaryCounts(
        true_negatives=200, false_positives=3, false_negatives=0, true_positives=60
    )
    errors = Errors(low=0.001, high=0.001)
    for measure in (matthews_correlation, cohen_kappa):
        answer = measure(counts, errors=errors, key=KEY)
        assert isinstance(answer, Estimate)
        assert "limits of each cell" in answer.method
        assert answer.low < 0.92 < answer.value < answer.high


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((90, 10, 10, 80), "there are 190 rows"),
        ((300, 5, 4, 4), "8 positive labels"),
        ((300, 0, 20, 9), "9 positive predictions"),
    ],
)
def test_thin_tables_say_what_they_lack(counts: tuple[int, int, int, int], words: str) -> None:
    """Under 200 rows, or 10 of a margin, there is no bound."""
    tn, fp, fn, tp = counts
    table = BinaryCounts(
        true_negatives=tn, false_positives=fp, false_negatives=fn, true_positives=tp
    )
    answer = matthews_correlation(table, errors=READING, key=KEY)
    assert isinstance(answer, Undefined)
    assert words in answer.reason
    assert answer.units_lacking[0][1] > 0


def scaled(counts: BinaryCounts, factor: int) -> BinaryCounts:
    """Every cell so many times."""
    return BinaryCounts(
        true_negatives=counts.true_negatives * factor,
        false_positives=counts.false_positives * factor,
        false_negatives=counts.false_negatives * factor,
        true_positives=counts.true_positives * factor,
    )


def test_units_that_repeat_widen_the_bounds() -> None:
    """Ten copies of each row, bucketed by unit, are bounded about as one."""
    generator = np.random.default_rng(8)
    cells = generator.multinomial(20, [0.6, 0.1, 0.1, 0.2], size=64)
    parts = [
        BinaryCounts(
            true_negatives=int(a),
            false_positives=int(b),
            false_negatives=int(c),
            true_positives=int(d),
        )
        for a, b, c, d in cells
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    alone = cohen_kappa(total, errors=READING, key=KEY)
    clustered = cohen_kappa(
        scaled(total, 10),
        errors=READING,
        key=KEY,
        buckets=[scaled(part, 10) for part in parts],
    )
    assert isinstance(alone, Estimate)
    assert isinstance(clustered, Estimate)
    assert clustered.value == pytest.approx(alone.value)
    assert clustered.high - clustered.low == pytest.approx(alone.high - alone.low, rel=0.3)
    nine = cohen_kappa(total, errors=READING, key=KEY, buckets=parts[:9])
    assert isinstance(nine, Undefined)


@pytest.mark.parametrize("mean", [0.3, 4.0, 250.0, 40_000.0])
def test_poisson_quantiles_invert_the_distribution(mean: float) -> None:
    """The least k whose distribution function reaches the quantile."""
    from scipy.stats import poisson

    quantiles = uniforms(KEY, draws=2000, columns=1)[:, 0]
    assert (PoissonQuantiles(mean)(quantiles) == poisson.ppf(quantiles, mean)).all()


@pytest.mark.parametrize("shape", [1.0, 7.0, 400.0])
def test_gamma_quantiles_invert_the_distribution(shape: float) -> None:
    """To a hundredth of a standard deviation, over the middle and the tails."""
    from scipy.special import gammaincinv

    quantiles = uniforms(KEY, draws=2000, columns=1)[:, 0]
    exact = gammaincinv(shape, quantiles)
    assert gamma_quantile(quantiles, shape=shape) == pytest.approx(exact, abs=0.01 * shape**0.5)


def test_resamples_keep_empty_cells_empty_and_means_in_place() -> None:
    """Each cell is drawn about its own count."""
    sample = np.concatenate(list(resampled([900.0, 0.0, 25.0], key=KEY, draws=10_000)))
    assert (sample[:, 1] == 0).all()
    assert sample.mean(axis=0) == pytest.approx([900, 0, 25], rel=0.02)
    quantiles = uniforms(KEY, draws=4000, columns=2)
    assert fiducial([0.0, 4.0], quantiles=quantiles).mean(axis=0) == pytest.approx([0, 4], rel=0.05)
