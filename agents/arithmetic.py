"""Functions of numbers or arrays with equal results on all processors.

Compiled code and `math` call the same library. On processors with AVX-512, numpy has its own code
for logarithms, exponentials and powers, which gives different last digits. The model therefore does
not use numpy for these functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np


def elementwise(function: Callable[..., Any], arguments: int = 1) -> Any:
    """Extend a function of numbers to arrays.

    Args:
        function: a function in numba's subset of Python, or a function from `math` if no kernel
            calls it.
        arguments: number of arguments of the function.

    Returns:
        The function for numbers or arrays. Kernels call its attribute `of_numbers`.
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
    """Return `base` to the power `exponent`. Square roots and reciprocals are exact.

    Args:
        base, exponent: numbers or arrays.
    """
    if exponent == 0.5:
        return math.sqrt(base)
    return 1.0 / base if exponent == -1.0 else math.pow(base, exponent)
