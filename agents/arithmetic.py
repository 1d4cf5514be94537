"""Functions of numbers or arrays with the same results on all processors.

Compiled code and `math` call one library. numpy has separate code for logarithms, exponentials and
powers on processors with AVX-512, with other last digits, so the model does not use it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np


def elementwise(function: Callable[..., Any], arguments: int = 1) -> Any:
    """Extend a function of numbers to arrays. Kernels call its attribute `of_numbers`.

    Args:
        function: a function in numba's subset of Python, or one of `math` if no kernel calls it.
        arguments: numbers that it takes.

    Returns:
        The function of numbers or arrays.
    """
    of_each = np.frompyfunc(function, arguments, 1)

    @wraps(function)
    def compute(*values: Any) -> Any:
        results = of_each(*values)
        return results.astype(float) if isinstance(results, np.ndarray) else results

    compute.of_numbers = function  # pyright: ignore[reportAttributeAccessIssue]
    return compute


exp, log, tanh = map(elementwise, (math.exp, math.log, math.tanh))


@partial(elementwise, arguments=2)
def power(base, exponent):
    """Return a power. The square root and the reciprocal are exact.

    Args:
        base, exponent: numbers or arrays.
    """
    if exponent == 0.5:
        return math.sqrt(base)
    return 1.0 / base if exponent == -1.0 else math.pow(base, exponent)
