"""Compilation of the day loop: decorators, and a cache keyed by content.

Numba caches a compiled function next to its source file and does not notice a change in a function
that it calls from another file. Here all compiled code is cached in a folder named after the
contents of every file that holds some, so that any change compiles everything again.

The folder is under $NUMBA_CACHE_DIR, else $XDG_CACHE_HOME, else ~/.cache; if that is not writable,
in a temporary folder. One process compiles a kernel, the others wait for it
(``agents.kernel_cache``).

Three properties keep compilation short: a function is compiled once per types of its arguments (not
per value or width of an integer), a function that only other kernels call has no Python interface
and no machine code of its own (``agents.deferred_code``), and two processes compile on two cores.

With NUMBA_DISABLE_JIT=1 nothing is compiled; the functions are plain ones (``agents.uncompiled``).
"""

import hashlib
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
from llvmlite import ir
from numba import types
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

from agents import uncompiled
from agents.deferred_code import Deferring
from agents.kernel_cache import KernelCache, KernelFolder
from agents.uncompiled import uncompiled_internal, uncompiled_kernel

_HERE = Path(__file__).parent
_IMPORT = re.compile(r"^from (agents[.\w]*) import", re.MULTILINE)


def source_digest() -> str:
    """Return a fingerprint of all files with compiled code and of the versions of the compiler."""
    h = hashlib.blake2b(f"{numba.__version__} {llvmlite.__version__}".encode(), digest_size=8)
    for path, text in sorted(_compiled_sources().items()):
        h.update(path.relative_to(_HERE).as_posix().encode() + text.encode())
    return h.hexdigest()


def _compiled_sources() -> dict[Path, str]:
    """Return the files that use the decorators below and the files of agents that those import."""
    texts = {path: path.read_text(encoding="utf-8") for path in _HERE.rglob("*.py")}
    todo = [path for path, text in texts.items() if "agents.jit import" in text]
    found: dict[Path, str] = {}
    while todo:
        path = todo.pop()
        if path in found or path not in texts:
            continue
        found[path] = texts[path]
        for module in _IMPORT.findall(texts[path]):
            todo.append(_HERE.parent.joinpath(*module.split(".")).with_suffix(".py"))
    return found


_digest = source_digest()
folder = KernelFolder(
    _digest,
    _HERE / "_kernels" / _digest,
    helper="from agents.compile_ahead import main; main()",
    largest="act_due",
)
_settings: Any = importlib.import_module("numba.core.config")
_settings.CACHE_DIR = str(folder.path)
_njit: Any = numba.njit
#: A division by zero is infinite or NaN, as in numpy; a check would prevent vector instructions.
_ARITHMETIC = {"error_model": "numpy"}


def _cached(function: Any, **options: Any) -> Any:
    """Return a compiled function whose code is cached and compiled by one process at a time."""
    if _settings.DISABLE_JIT:
        return uncompiled_kernel(function)
    dispatcher: Any = _one_per_type(
        _njit(no_cfunc_wrapper=True, **_ARITHMETIC, **options)(function)
    )
    dispatcher._cache = cache = KernelCache(function, folder)
    compile_now = dispatcher.compile

    def compile_in_turn(signature: Any) -> Any:
        with global_compiler_lock:
            try:
                return compile_now(signature)
            finally:
                cache.lock.release()

    dispatcher.compile = compile_in_turn
    return dispatcher


def kernel(function: Any) -> Any:
    """Compile a function that Python code calls; the compiled code is cached.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The compiled function.
    """
    return _cached(function)


def inlined(function: Any) -> Any:
    """Compile a small function that is inlined into the compiled functions that call it.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The compiled function.
    """
    return _cached(function, inline="always")


def _reinterpreted(to: Any, kind: Any, plain: Any) -> Any:
    """Return a function of compiled code that reads the 64 bits of a number as another type."""

    def typed(_context: Any, number: Any) -> Any:
        def cast(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], to)

        return kind(number), cast

    return plain if _settings.DISABLE_JIT else intrinsic(typed)


#: Number to its 64 bits, and back; compiled functions only (see `agents.uncompiled`).
bits_of = _reinterpreted(ir.IntType(64), types.int64, uncompiled.bits_of)
float_of = _reinterpreted(ir.DoubleType(), types.float64, uncompiled.float_of)


def internal(function: Any) -> Any:
    """Compile a function that only other compiled functions call.

    Without an interface to Python it compiles in less time. A call from Python raises TypeError.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The compiled function.
    """
    if _settings.DISABLE_JIT:
        return uncompiled_internal(function)
    options = {"no_cfunc_wrapper": True, "no_cpython_wrapper": True, "pipeline_class": Deferring}
    dispatcher: Any = _one_per_type(_njit(**options, **_ARITHMETIC)(function))
    dispatcher.__class__ = _internal_class(type(dispatcher))
    return dispatcher


def _internal_class(base: Any) -> Any:
    """Return a class of dispatchers that refuses calls from Python, which would crash."""

    class Internal(base):
        def __call__(self, *_args: Any, **_options: Any) -> Any:
            name = self.py_func.__qualname__
            raise TypeError(f"{name} is called by compiled functions only; call {name}.py_func")

    return Internal


def _one_per_type(dispatcher: Any) -> Any:
    """Make calls of a function from compiled code share one version per types of arguments.

    Numba compiles a version for every value of a constant argument and every width of an integer.
    """
    resolve: Callable[..., Any] = dispatcher.get_call_template

    def resolve_widest(args: Any, keywords: Any) -> Any:
        return resolve(tuple(map(_widest, args)), keywords)

    dispatcher.get_call_template = resolve_widest
    return dispatcher


def _widest(kind: Any) -> Any:
    """Return a type of arguments without its value, and with 64 bits if it is an integer."""
    plain = types.unliteral(kind)
    small = isinstance(plain, types.Integer) and plain != types.uint64
    return types.int64 if small else plain
