"""Keyed random numbers: Philox4x32-10 as a pure function of (seed, stream, uid, event).

Draws need no generator and no state. A person has the same numbers at the same event under every
policy, so two runs can be compared person by person. An additional person does not change other
people's draws.

Counter words: uid low, uid high, stream, event. Key words: seed low, seed high.

Source: Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
"""

import math
from functools import partial

import numpy as np

from agents.jit import inlined, shared

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_MASK, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)
_ROUNDS = 10
#: Number of keys that are computed together. Arrays of keys have a multiple of this size.
AT_ONCE = 8
_TO_UNIT = 2.0**-32


@inlined
def _round(c0, c1, c2, c3, k0, k1):
    p0, p1 = _M0 * c0, _M1 * c2
    return (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _MASK, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _MASK


@inlined
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Apply ten rounds of Philox4x32.

    Args:
        c0, c1, c2, c3: counter words, 32 bits each in a uint64.
        k0, k1: key words (uint64 holding 32 bits).

    Returns:
        Four words of the same form.
    """
    for _ in range(_ROUNDS):
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@inlined
def _words(seed, stream, uid, event):
    """Return four random 32-bit words for a key. A negative part counts as its two's complement."""
    s, u, event = np.uint64(seed), np.uint64(np.int64(uid)), np.uint64(np.int64(event))
    low, high, k0, k1 = u & _MASK, u >> _SHIFT, s & _MASK, s >> _SHIFT
    return philox4x32(low, high, np.uint64(stream) & _MASK, event & _MASK, k0, k1)


@partial(shared, has_entry=True)
def draw4(seed, stream, uid, event):
    """Draw four independent uniforms.

    Args:
        seed, stream, uid, event: the key.

    Returns:
        Four numbers in (0, 1).
    """
    a, b, c, d = _words(seed, stream, uid, event)
    return _unit(a), _unit(b), _unit(c), _unit(d)


@inlined
def padded(count):
    """Round a number of keys up to a multiple of `AT_ONCE`."""
    return (count + AT_ONCE - 1) // AT_ONCE * AT_ONCE


@partial(shared, has_entry=True)
def draw4_many(seed, stream, uids, events, count, uniforms):
    """Draw four independent uniforms for several keys, as :func:`draw4` does for one key.

    Compiled code computes `AT_ONCE` keys together, in little more time than a single key.

    Args:
        seed, stream: first part of all keys.
        uids, events: arrays with the second part of each key.
        count: number of keys, at most the size of the arrays. The size is a multiple of `AT_ONCE`.
        uniforms: set to numbers in (0, 1), shape (4, size). Entries after `count` are arbitrary.
    """
    for i in range(padded(count)):
        # Entries after `count` are uninitialised and can be negative keys.
        a, b, c, d = _words(seed, stream, uids[i], events[i])
        uniforms[0, i], uniforms[1, i] = _unit(a), _unit(b)
        uniforms[2, i], uniforms[3, i] = _unit(c), _unit(d)


@shared
def _unit(word):
    # +0.5 excludes 0 and 1, so the logarithm of a draw is always finite. The conversion from 32
    # bits is fast, because processors convert several such words at a time.
    return (np.float64(np.uint32(word)) + 0.5) * _TO_UNIT


@shared
def strikes(u, hazard):
    """Return whether a hazard strikes: u < 1 - exp(-hazard). Most draws need no exponential.

    Args:
        u: uniform draw.
        hazard: 0 or more.

    Returns:
        True with probability 1 - exp(-hazard).
    """
    return u < hazard and u < -math.expm1(-hazard)


@shared
def gumbel(u):
    """Return the standard Gumbel quantile for a uniform."""
    return -math.log(-math.log(u))


@inlined
def normal(u, v):
    """Return a standard normal number from two uniforms (Box-Muller).

    Args:
        u, v: independent uniforms in (0, 1).

    Returns:
        A standard normal number.
    """
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@partial(shared, has_entry=True)
def poisson(seed, stream, uid, rate):
    """Draw a Poisson count by inversion, in independent parts with means up to 500.

    Args:
        seed, stream, uid: the key.
        rate: mean of the count.

    Returns:
        The count.
    """
    parts = int(rate // 500.0) + 1
    total, mean = 0, rate / parts
    for part in range(parts):
        total += _poisson_quantile(draw4(seed, stream, uid, part)[0], mean)
    return total


@inlined
def _poisson_quantile(u, mean):
    count, term = 0, math.exp(-mean)
    below = term
    while u > below and count < 10_000:
        count += 1
        term *= mean / count
        below += term
    return count


class KeyedRandom:
    """Scalar draws, for agents that are ordinary Python objects."""

    def __init__(self, seed: int) -> None:
        """Store the seed."""
        self.seed = seed

    def uniform(self, stream: int, uid: int, event: int) -> float:
        """Draw one uniform random number.

        Args:
            stream, uid, event: the key, in addition to the seed.

        Returns:
            A number in (0, 1).
        """
        return draw4(self.seed, int(stream), uid, event)[0]

    def normals(self, stream: int, n: int, event: int) -> np.ndarray:
        """Draw standard normals for uids 0 to n - 1.

        Args:
            stream, event: the key, in addition to the seed and the uids.
            n: number of draws.

        Returns:
            Array, shape (n,).
        """
        uids, uniforms = np.arange(padded(n)), np.empty((4, padded(n)))
        draw4_many(self.seed, int(stream), uids, np.full(uids.size, event), n, uniforms)
        return np.array([normal.py_func(*pair) for pair in uniforms[:2, :n].T.tolist()])

    def poisson(self, stream: int, uid: int, rate: float) -> int:
        """Draw a Poisson count.

        Args:
            stream, uid: the key, in addition to the seed.
            rate: mean of the count.

        Returns:
            The count.
        """
        return poisson(self.seed, int(stream), uid, rate)
