"""Kernels as plain Python functions, for `NUMBA_DISABLE_JIT=1`: a debugger and coverage see them.

They return the numbers of the compiled functions, bit for bit, and take about a hundred times as
long. Compiled code reads a field of a record as an attribute and computes with 64 bits; numpy's
records have no attributes, and a sum of two of its small numbers is small. Here records and arrays
are wrapped for the time of a call, so that every number read from them is a Python number. A number
that does not fit the field to which it is written raises OverflowError; compiled code truncates it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

_WRAPPED = frozenset((np.ndarray, np.void))


class Numbers(np.ndarray):
    """An array whose elements are Python numbers, or records if it has fields."""

    def __getitem__(self, key: Any) -> Any:
        """Return an element or a part of the array."""
        return _readable(super().__getitem__(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write elements; a record is copied."""
        super().__setitem__(key, value.row if isinstance(value, Record) else value)


class Record:
    """A record whose fields are attributes and items; changes are written to the array.

    Args:
        row: an element of a structured array.
    """

    __slots__ = ("_row",)

    def __init__(self, row: np.void) -> None:
        object.__setattr__(self, "_row", row)

    @property
    def row(self) -> np.void:
        """The element of the array."""
        return self._row

    def __getattr__(self, name: str) -> Any:
        """Return a field."""
        return _readable(self._row[name])

    def __setattr__(self, name: str, value: Any) -> None:
        """Write a field."""
        self._row[name] = value

    __getitem__, __setitem__ = __getattr__, __setattr__


def _readable(value: Any) -> Any:
    """Return a value of numpy as compiled code reads it."""
    if isinstance(value, np.ndarray):
        return value.view(Numbers)
    if isinstance(value, np.void):
        return Record(value)
    return value.item() if isinstance(value, np.generic) else value


def uncompiled_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that Python code calls with arrays and records of numpy.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The function with wrapped arguments; its attribute `py_func` is the one without.
    """

    @wraps(function)
    def call(*arguments: Any) -> Any:
        result = function(*(_readable(a) if type(a) in _WRAPPED else a for a in arguments))
        return result.view(np.ndarray) if isinstance(result, Numbers) else result

    return uncompiled_internal(call, function)


def uncompiled_internal(function: Any, written: Any = None) -> Any:
    """Return a function that only kernels call, with the attribute `py_func` of a compiled one.

    Args:
        function: a plain function; it gets the attribute.
        written: value of the attribute (default: the function).
    """
    function.py_func = written or function
    return function


def bits_of(x: float) -> int:
    """Return the 64 bits of a floating-point number as an integer with a sign."""
    return struct.unpack("<q", struct.pack("<d", x))[0]


def float_of(bits: int) -> float:
    """Return the floating-point number whose bits are the last 64 of an integer."""
    return struct.unpack("<d", struct.pack("<Q", int(bits) & 0xFFFF_FFFF_FFFF_FFFF))[0]
