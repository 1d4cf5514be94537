"""Keyed random numbers in plain Python: Philox4x32-10 with Python integers.

`agents.chance` has the compiled version, which is implemented separately, and gives the source.
"""

from __future__ import annotations

import math

from agents import chance

_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_WEYL = 0x9E3779B9, 0xBB67AE85
_WORD = 0xFFFFFFFF
_LARGEST_MEAN = 500.0  # maximum mean for one part of a Poisson count
_LARGEST_COUNT = 10_000  # maximum count of one part

#: These functions of one number are declared only in `agents.chance`, and used uncompiled here.
strikes = chance.strikes.py_func
gumbel = chance.gumbel.py_func
normal = chance.normal.py_func


def draw4(seed: int, stream: int, uid: int, event: int) -> tuple[float, float, float, float]:
    """Draw four independent uniforms in (0, 1).

    Args:
        seed, stream, uid, event: the key.

    Returns:
        The uniforms.
    """
    c0, c1, c2, c3 = uid & _WORD, uid >> 32, stream, event & _WORD
    k0, k1 = seed & _WORD, seed >> 32
    for _ in range(10):
        p0, p1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & _WORD, (p0 >> 32) ^ c3 ^ k1, p0 & _WORD
        k0, k1 = (k0 + _WEYL[0]) & _WORD, (k1 + _WEYL[1]) & _WORD
    return _unit(c0), _unit(c1), _unit(c2), _unit(c3)


def _unit(word: int) -> float:
    """Return a number in (0, 1) from 32 bits."""
    return (word + 0.5) * 2.0**-32


def poisson(seed: int, stream: int, uid: int, rate: float) -> int:
    """Draw a Poisson count as a sum over independent parts, each with a mean up to 500.

    Args:
        seed, stream, uid: the key.
        rate: mean count.

    Returns:
        The count.
    """
    parts = int(rate // _LARGEST_MEAN) + 1
    draws = (draw4(seed, stream, uid, part)[0] for part in range(parts))
    return sum(_poisson_quantile(u, rate / parts) for u in draws)


def _poisson_quantile(u: float, mean: float) -> int:
    """Return the smallest count with a cumulative probability of at least `u`."""
    count, term = 0, math.exp(-mean)
    cumulative = term
    while u > cumulative and count < _LARGEST_COUNT:
        count += 1
        term *= mean / count
        cumulative += term
    return count


def exp(x: float) -> float:
    """Return e to the power `x`, or infinity where `math.exp` raises OverflowError."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf
