"""Random draws are a pure function of their key and have the right distributions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.chance import (
    AT_ONCE,
    KeyedRandom,
    draw4,
    draw4_many,
    gumbel,
    normal,
    philox4x32,
    poisson,
)
from agents.environment import Stream

ALPHA = 1e-4  # keys are fixed, so a test always passes or always fails
N = 20_000
WORD = 2**32 - 1
UNIT = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)
SEEDS = st.integers(0, 2**63 - 1)
STREAMS, EVENTS = st.integers(0, WORD), st.integers(0, WORD)
UIDS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5), st.integers(2**32 - 3, 2**32 + 3)
)


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((WORD,) * 4, (WORD,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_philox_reproduces_the_published_results_of_random123(counter, key, answer):
    assert philox4x32(*(np.uint64(w) for w in counter + key)) == answer


@given(SEEDS, STREAMS, UIDS, EVENTS)
def test_a_draw_is_the_philox_word_plus_one_half(seed, stream, uid, event):
    uid64, words = uid % 2**64, (2**32 - 1)
    counter = (uid64 & words, uid64 >> 32, stream, event)
    answer = philox4x32(*(np.uint64(w) for w in (*counter, seed & words, seed >> 32)))
    assert draw4(seed, stream, uid, event) == tuple((int(w) + 0.5) / 2**32 for w in answer)


@given(SEEDS, STREAMS, st.lists(st.tuples(UIDS, EVENTS), min_size=1, max_size=40))
def test_draws_of_many_keys_equal_the_draws_of_each_key(seed, stream, keys):
    size = -(-len(keys) // AT_ONCE) * AT_ONCE
    uids, events, draws = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros((4, size))
    uids[: len(keys)], events[: len(keys)] = np.array(keys, dtype=object).T
    draw4_many(seed, stream, uids, events, len(keys), draws)
    for i, (uid, event) in enumerate(keys):
        assert tuple(draws[:, i]) == draw4(seed, stream, uid, event)


def test_extreme_words_have_finite_logarithms():
    low, high = 0.5 / 2**32, (2**32 - 0.5) / 2**32
    assert np.isfinite([gumbel(low), gumbel(high), normal(low, high), normal(high, low)]).all()


# ---- distribution -------------------------------------------------------------------------------

UID = np.arange(N)


def draw_many(uids, events):
    """Return the draws of many keys, shape (4, N)."""
    draws = np.empty((4, N))
    draw4_many(7, 3, uids, events, N, draws)
    return draws


BLOCKS = {
    "persons": lambda: draw_many(UID, np.zeros(N, int)),
    "events of a person": lambda: draw_many(np.full(N, 99), UID),
    "dates in the high word": lambda: draw_many(UID << 40, np.zeros(N, int)),
    "streams": lambda: np.array([draw4(7, s, 0, 0) for s in range(2_000)]).T,
    "seeds": lambda: np.array([draw4(s, 3, 0, 0) for s in range(2_000)]).T,
}


@pytest.mark.parametrize("across", BLOCKS)
def test_draws_are_uniform_across_any_part_of_the_key(across):
    for lane in BLOCKS[across]():
        counts = np.bincount((lane * 100).astype(int), minlength=100)
        assert stats.chisquare(counts).pvalue > ALPHA
        assert stats.kstest(lane, "uniform").pvalue > ALPHA


# ---- poisson ------------------------------------------------------------------------------------


def by_quantiles(seed, stream, uid, rate):
    """Return the count by scipy's quantiles, and whether a draw is at a step of the quantiles."""
    parts = int(rate // 500.0) + 1
    law = stats.poisson(rate / parts)
    us = [draw4(seed, stream, uid, part)[0] for part in range(parts)]
    counts = [law.ppf(u) for u in us]
    edge = any(
        min(abs(law.cdf(c) - u), abs(law.cdf(c - 1) - u)) < 1e-11
        for u, c in zip(us, counts, strict=True)
    )
    return sum(counts), edge


@given(SEEDS, STREAMS, UIDS, st.floats(1e-9, 5_000.0))
def test_a_poisson_count_is_the_quantile_of_its_draws(seed, stream, uid, rate):
    count, edge = by_quantiles(seed, stream, uid, rate)
    assert edge or poisson(seed, stream, uid, rate) == count


@given(SEEDS, UIDS, st.integers(0, 9), st.floats(0, 1), st.floats(0, 1))
def test_counts_never_fall_with_the_rate_at_the_same_key(seed, uid, parts, a, b):
    # Counts are comparable only at rates that are drawn in the same number of parts.
    low, high = sorted((500.0 * parts + 499.99 * a, 500.0 * parts + 499.99 * b))
    assert poisson(seed, 1, uid, low) <= poisson(seed, 1, uid, high)


# ---- shapes of noise ----------------------------------------------------------------------------


@given(UNIT.filter(lambda u: 1e-12 < u < 1 - 1e-12))
def test_gumbel_is_the_quantile_function(u):
    assert gumbel(u) == pytest.approx(stats.gumbel_r.ppf(u), rel=1e-9, abs=1e-9)


@given(UNIT.filter(lambda u: u > 1e-12), UNIT)
def test_normal_is_a_radius_from_chi_square_and_an_angle(u, v):
    radius = np.sqrt(stats.chi2.isf(u, 2))
    assert normal(u, v) == pytest.approx(radius * np.cos(2.0 * np.pi * v), abs=1e-7)


def test_arrays_of_normals_are_normal_and_equal_the_normals_of_kernels():
    draws = KeyedRandom(5).normals(Stream.US_MAP, 4_000, 17)
    assert stats.kstest(draws, "norm").pvalue > ALPHA
    for uid in (0, 1, 3_999):
        u = draw4(5, Stream.US_MAP, uid, 17)
        assert draws[uid] == pytest.approx(normal(u[0], u[1]), abs=1e-12)
