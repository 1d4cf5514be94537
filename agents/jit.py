"""Kernel decorators: functions in numba's subset of Python, compiled and stored on disk.

Compiled code is stored in a folder named after the contents of all kernel files and the files that
these import (``agents.kernel_cache``).

With NUMBA_DISABLE_JIT=1 kernels are plain functions: a debugger and coverage see them. They return
the same numbers as compiled functions, bit for bit, and take about a hundred times as long.
Compiled code reads a record's field as an attribute and computes with 64 bits. Numpy's records have
no attributes, and its sum of two small numbers is small. Records and arrays are therefore wrapped
during a call, so that every number read from them is a Python number. A number that does not fit
the field to which it is written raises OverflowError. Compiled code truncates it.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np

from agents.kernel_cache import KernelCache, cache_folder

_AGENTS = Path(__file__).parent
_IMPORT = re.compile(r"^from (agents[.\w]*) import", re.MULTILINE)


def source_digest() -> str:
    """Return a fingerprint of all kernel files and the compiler versions."""
    versions = f"{numba.__version__} {llvmlite.__version__} {sys.implementation.cache_tag}"
    h = hashlib.blake2b(versions.encode(), digest_size=8)
    for path, text in sorted(_compiled_sources().items()):
        h.update(path.relative_to(_AGENTS).as_posix().encode() + text.encode())
    return h.hexdigest()


def _compiled_sources() -> dict[Path, str]:
    """Return the files that use the decorators below and the files of agents that those import."""
    texts = {path: path.read_text(encoding="utf-8") for path in _AGENTS.rglob("*.py")}
    todo = [path for path, text in texts.items() if "agents.jit import" in text]
    sources: dict[Path, str] = {}
    while todo:
        path = todo.pop()
        if path in sources or path not in texts:
            continue
        sources[path] = texts[path]
        for module in _IMPORT.findall(texts[path]):
            todo.append(_AGENTS.parent.joinpath(*module.split(".")).with_suffix(".py"))
    return sources


folder = cache_folder(source_digest())
_settings: Any = numba.config
_njit: Any = numba.njit
_settings.CACHE_DIR = str(folder)  # numba requires a folder that it can write


def kernel(function: Any) -> Any:
    """Compile a function. The compiled code is stored.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The compiled function.
    """
    return _compiled(function)


def inlined(function: Any) -> Any:
    """Compile a small function that is inlined into the kernels that call it.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The compiled function.
    """
    return _compiled(function, inline="always")


def _compiled(function: Any, **options: Any) -> Any:
    if _settings.DISABLE_JIT:
        return uncompiled(function)
    # A division by zero is infinite or NaN, as in numpy; a check would prevent vector instructions.
    dispatcher = _njit(error_model="numpy", no_cfunc_wrapper=True, **options)(function)
    dispatcher._cache = KernelCache(function, folder)
    return dispatcher


class Numbers(np.ndarray):
    """An array whose elements are Python numbers, or records if it has fields."""

    def __getitem__(self, key: Any) -> Any:
        """Return an element or a part of the array."""
        return _readable(super().__getitem__(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write elements. A record is copied."""
        super().__setitem__(key, value._row if isinstance(value, Record) else value)


class Record:
    """A record whose fields are attributes and items. Changes are written to the array.

    Args:
        row: one element of a structured array.
    """

    __slots__ = ("_row",)

    def __init__(self, row: np.void) -> None:
        object.__setattr__(self, "_row", row)

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


def uncompiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a plain function that computes the same numbers as the compiled one.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The function with wrapped arguments. Its attribute `py_func` is the one without.
    """

    @wraps(function)
    def call(*arguments: Any) -> Any:
        wrapped = (_readable(a) if isinstance(a, np.ndarray | np.void) else a for a in arguments)
        result = function(*wrapped)
        return result.view(np.ndarray) if isinstance(result, Numbers) else result

    vars(call)["py_func"] = function
    return call
