"""Exponential, logarithm and cosine that the compiler computes for eight numbers at a time.

The functions in :mod:`math` call a library, one number per call. These consist of additions,
multiplications and at most one division, so a loop over an array becomes vector instructions. They
differ from :mod:`math` by a few units in the last place at most, and give the same bytes on every
processor. Arguments are not checked. Each function states its domain.

They use Taylor series, cut where the next term is below half a unit in the last place.
"""

import numpy as np

from agents.jit import inlined

_LOG2_E = 1.4426950408889634
# logarithm of 2 in two parts; a product of the first with an integer below 2048 is exact
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# A sum with this number is rounded to an integer, which is in the last bits of the sum.
_TO_INTEGER = 1.5 * 2.0**52
_TO_INTEGER_BITS = 0x4338000000000000
_BIAS, _MANTISSA = 1023, 52  # of a number of 64 bits
_MANTISSA_64 = np.uint64(_MANTISSA)
_ABOVE_SQRT_HALF = (_BIAS << _MANTISSA) - 0x3FE6A09E667F3BCD  # bits of 1 less those of 0.5**0.5
_MIN_EXPONENT = -700.0
_TURN = 6.283185307179586  # radians


@inlined
def _bits_of(x):
    """Return the 64 bits of a number as an integer."""
    return np.float64(x).view(np.int64)


@inlined
def _float_of(bits):
    """Return the number whose bits are those of an integer."""
    return np.int64(bits).view(np.float64)


@inlined
def fast_exp(x):
    """Return exp(x).

    Args:
        x: number up to 700. For numbers below -700 the result is exp(-700), about 1e-304.

    Returns:
        The exponential.
    """
    x = max(x, _MIN_EXPONENT)
    shifted = x * _LOG2_E + _TO_INTEGER
    n = shifted - _TO_INTEGER
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW  # at most 0.35 in absolute value
    s = 1.0 + r * (1.0 / 13.0)
    s = 1.0 + s * r * (1.0 / 12.0)
    s = 1.0 + s * r * (1.0 / 11.0)
    s = 1.0 + s * r * (1.0 / 10.0)
    s = 1.0 + s * r * (1.0 / 9.0)
    s = 1.0 + s * r * (1.0 / 8.0)
    s = 1.0 + s * r * (1.0 / 7.0)
    s = 1.0 + s * r * (1.0 / 6.0)
    s = 1.0 + s * r * (1.0 / 5.0)
    s = 1.0 + s * r * (1.0 / 4.0)
    s = 1.0 + s * r * (1.0 / 3.0)
    s = 1.0 + s * r * (1.0 / 2.0)
    s = 1.0 + s * r
    return s * _float_of((_bits_of(shifted) + _BIAS) << _MANTISSA)


@inlined
def fast_log(x):
    """Return log(x).

    Args:
        x: number above 1e-300.

    Returns:
        The natural logarithm.
    """
    bits = _bits_of(x)
    # x is 2**k times a number from 0.71 to 1.41; only shifts of unsigned numbers are vectorised
    k = np.int64(np.uint64(bits + _ABOVE_SQRT_HALF) >> _MANTISSA_64) - _BIAS
    n = _float_of(_TO_INTEGER_BITS + k) - _TO_INTEGER
    f = _float_of(bits - (k << _MANTISSA)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    r = 2.0 / 21.0
    r = r * z + 2.0 / 19.0
    r = r * z + 2.0 / 17.0
    r = r * z + 2.0 / 15.0
    r = r * z + 2.0 / 13.0
    r = r * z + 2.0 / 11.0
    r = r * z + 2.0 / 9.0
    r = r * z + 2.0 / 7.0
    r = r * z + 2.0 / 5.0
    r = r * z + 2.0 / 3.0
    half = 0.5 * f * f
    return n * _LN2_HIGH - ((half - (s * (half + r * z) + n * _LN2_LOW)) - f)


@inlined
def cos_of_turn(v):
    """Return cos(2 pi v).

    Args:
        v: part of a turn, 0 to 1.

    Returns:
        The cosine.
    """
    x = _TURN * (0.25 - abs(v - ((v + _TO_INTEGER) - _TO_INTEGER)))  # its sine is the cosine
    z = x * x
    s = 1.0 - z * (1.0 / 420.0)
    s = 1.0 - s * z * (1.0 / 342.0)
    s = 1.0 - s * z * (1.0 / 272.0)
    s = 1.0 - s * z * (1.0 / 210.0)
    s = 1.0 - s * z * (1.0 / 156.0)
    s = 1.0 - s * z * (1.0 / 110.0)
    s = 1.0 - s * z * (1.0 / 72.0)
    s = 1.0 - s * z * (1.0 / 42.0)
    s = 1.0 - s * z * (1.0 / 20.0)
    s = 1.0 - s * z * (1.0 / 6.0)
    return x * s


@inlined
def fast_gumbel(u):
    """Return the standard Gumbel quantile of a uniform, -log(-log(u)).

    Args:
        u: number in (0, 1).

    Returns:
        The quantile.
    """
    return -fast_log(-fast_log(u))
