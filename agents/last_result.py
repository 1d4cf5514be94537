"""The last result of a computation, used again while its inputs stay the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class LastResult[T]:
    """The last result of a computation whose inputs change more rarely than it is needed.

    It is no part of the state of a model: a copy starts without it and computes the same result.
    """

    def __init__(self) -> None:
        """Start without a result."""
        self._inputs: list[Any] | None = None
        self._result: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """Return no state."""
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Start without a result."""
        self._inputs = self._result = None

    def of(self, compute: Callable[[], T], *inputs: np.ndarray | float) -> T:
        """Return the result of `compute`, which is called only if an input has changed.

        Args:
            compute: a function without effects; its result depends on `inputs` and on constants.
            inputs: numbers and arrays, which are compared by value.

        Returns:
            The result. It is shared by later calls and must not be changed.
        """
        now = [x.tobytes() if isinstance(x, np.ndarray) else x for x in inputs]
        if now != self._inputs:
            self._inputs, self._result = now, compute()
        return self._result
