"""Kernel decorators: functions in numba's subset of Python, compiled and stored on disk.

With NUMBA_DISABLE_JIT=1, kernels are plain functions, which a debugger and coverage can trace. They
return the same numbers as compiled functions, bit for bit, and take about a hundred times as long.
Compiled code reads a record's fields as attributes and computes with 64 bits. Numpy's records have
no attributes, and numpy adds two small integers in the small type. Records and arrays are therefore
wrapped during a call, so that every number read from them is a Python number. Writing a number that
does not fit a field raises OverflowError, whereas compiled code truncates the number.

Numba stores compiled code next to the source file and notices changes in that file only. Here, the
folder is named after the contents of all sources, so that a change in a called function compiles
everything again. The name of a file covers the values that the code contains: constants, globals,
attributes of modules, members of enumerations, closures and defaults, also of functions that it
calls. Numba's files have no checksum, and a flipped bit in them changes results without a message.
Here a file begins with its checksum, and a damaged file counts as missing.

Use :func:`kernel` for a function that Python calls, :func:`shared` for a function that kernels
call, and :func:`inlined` for a part of one kernel. For any other function, separate compiled code
would take longer to compile without being faster.

The folder is in $NUMBA_CACHE_DIR, else $XDG_CACHE_HOME, else ~/.cache. If it is not writable or is
open to other users, a temporary folder is used. One process compiles a kernel while all other
processes wait. It holds the kernel's lock and takes the locks of called kernels. Calls have no
cycles, so two processes never wait for each other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from enum import Enum, EnumType
from functools import cache, wraps
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import llvmlite
import numba
import numpy as np
from llvmlite.binding import parse_assembly
from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

try:
    import fcntl
except ImportError:  # Windows: every process compiles for itself
    fcntl = None

LONGEST_WAIT = 180.0  # seconds that a process waits for another process to compile a kernel
QUIET = 600.0  # seconds between two messages about compiling
_POLL = 0.05  # seconds between two attempts to take the lock
_CHECKSUM = 16  # bytes
MAX_VERSIONS = 16  # folders with compiled code, about 6 MB each


class KernelCache:
    """Stored code for one function, in place of numba's cache.

    Args:
        function: the Python function.
        folder: the folder for this source version.
        is_linked: whether other compiled code includes the function, for which LLVM's code is also
            stored.
    """

    def __init__(self, function: Callable[..., Any], folder: Path, is_linked: bool) -> None:
        self._function, self._is_linked = function, is_linked
        self.cache_path = folder  # Numba reads this attribute.
        self._lock = contextlib.ExitStack()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the code for a signature.

        If the code is missing, wait until no other process compiles it and try again. If it is
        still missing, this process holds the lock until it stores the code.

        Numba's cache also calls `target_context.refresh`, which imports everything that compiling
        needs. Stored code needs only numba's functions for memory.

        Args:
            sig: argument types.
            target_context: numba's processor context.

        Returns:
            The compiled function, or None if the caller must compile it.
        """
        rtsys.initialize(target_context)
        path = self._path(sig, target_context.codegen())
        code = read_checked(path)
        if code is None:
            self._lock.close()  # An interrupted compilation may still hold it.
            self._lock.enter_context(_locked(path.with_suffix(".lock")))
            code = read_checked(path)
            if code is None:
                _announce(self.cache_path)
                return None
            self._lock.close()
        return CompileResult._rebuild(target_context, *pickle.loads(code))

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store compiled code. If the disk is full, the code remains in this process only.

        Args:
            sig: argument types.
            data: the compiled function.
        """
        with contextlib.suppress(OSError):
            if not data.library.has_dynamic_globals:  # Addresses are valid in this process only.
                (name, kind, (code, linked)), *rest = data._replace(type_annotation="")._reduce()
                linked = linked if self._is_linked else _names(data.fndesc)
                content = (name, kind, (code, linked)), *rest
                write_checked(self._path(sig, data.codegen), dumps(content))
        self._lock.close()

    def _path(self, sig: Any, codegen: Any) -> Path:
        """Return the file for a signature. Its name covers processor, code and fixed values."""
        function = self._function
        key = sig, codegen.magic_tuple(), function.__module__, function.__qualname__
        key += *_compiled_parts(function, set()), self._is_linked
        digest = hashlib.blake2b(repr(key).encode(), digest_size=8).hexdigest()
        return self.cache_path / f"{function.__name__}-{digest}.kernel"


def _compiled_parts(function: Any, visited: set[Any]) -> Iterator[object]:
    """Yield the code and the fixed values of a function and of the functions that it calls.

    Compiled code contains the values of global names, closures and defaults, which a user's process
    may have replaced.

    Args:
        function: a Python function without compiled code.
        visited: functions, modules and enumerations to leave out. This function is added.
    """
    if function in visited:
        return
    visited.add(function)
    outer = [cell.cell_contents for cell in function.__closure__ or ()]
    outer += function.__defaults__ or ()
    codes = [function.__code__]
    for code in codes:  # Functions within the function follow it.
        codes += [part for part in code.co_consts if isinstance(part, CodeType)]
        yield code.co_code, code.co_names
        constants = tuple(value for value in code.co_consts if value is not function.__doc__)
        values = *outer, *map(function.__globals__.get, code.co_names)
        yield from _fixed_parts((constants, *values), code.co_names, visited)


def _fixed_parts(value: Any, names: tuple[str, ...], visited: set[Any]) -> Iterator[object]:
    """Yield the parts of a value that compiled code contains.

    Args:
        value: a constant, or the value of a name.
        names: names that the code reads, also as attributes of modules and enumerations.
        visited: functions, modules and enumerations to leave out.
    """
    if isinstance(value, np.ndarray | np.generic):
        yield value.shape, str(value.dtype), value.tobytes()
    elif isinstance(value, tuple):
        for part in value:
            yield from _fixed_parts(part, names, visited)
    elif isinstance(value, ModuleType | EnumType) and (value, names) not in visited:
        visited.add((value, names))
        members = vars(value) if isinstance(value, ModuleType) else value.__members__
        yield from _fixed_parts(tuple(map(members.get, names)), names, visited)
    elif isinstance(value, int | float | str | Enum):
        yield value
    else:
        yield getattr(value, "__qualname__", None)
        function = getattr(value, "py_func", getattr(value, "of_numbers", None))
        if function is not None:
            yield from _compiled_parts(function, visited)


def _names(function: Any) -> bytes:
    """Return LLVM code that defines only the names of a function and of its entry.

    Numba reads only these names. With empty functions, it loads a kernel in half of the time.
    """
    names = function.llvm_func_name, function.llvm_cpython_wrapper_name
    empty = (f'define void @"{name}"() {{ ret void }}' for name in names)
    return parse_assembly("\n".join(empty)).as_bitcode()


def read_checked(path: Path) -> bytes | None:
    """Read a file that :func:`write_checked` wrote, or None if it is missing or damaged."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    checksum, content = stored[:_CHECKSUM], stored[_CHECKSUM:]
    return content if checksum == _checksum(content) else None


def write_checked(path: Path, content: bytes) -> None:
    """Write a file that begins with a checksum. Other processes read the whole file or none.

    Args:
        path: the file.
        content: the bytes after the checksum.
    """
    temporary = path.with_suffix(f".{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(_checksum(content) + content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECKSUM).digest()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes. The operating system releases it when its process ends.

    If the file system has no locks, or after a wait of LONGEST_WAIT, continue without the lock.
    """
    end = time.monotonic() + LONGEST_WAIT
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            file = stack.enter_context(path.open("ab"))
            while fcntl is not None and time.monotonic() < end:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(_POLL)
        yield


def _announce(folder: Path) -> None:
    """Print one line on stderr, unless a process has printed it in the last QUIET seconds.

    On a terminal, the line replaces the line of a progress bar.
    """
    mark = folder / "announced"
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is None or (mark.exists() and time.time() - mark.stat().st_mtime < QUIET):
            return
        mark.touch()
        start = "\r\x1b[2K" if sys.stderr.isatty() else ""
        line = f"compiling the model for this machine, once (stored in {folder.parent})"
        print(f"{start}{line}", file=sys.stderr, flush=True)


def cache_folder(name: str) -> Path:
    """Return a folder in the user's cache, created if needed. No other user can enter it.

    Args:
        name: fingerprint of the sources for compiled code, or another name.

    Returns:
        The folder, or a temporary folder if the cache is not writable or is open to other users.
        If no folder is writable, the returned path does not exist, and nothing is stored.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = (Path(chosen) if chosen else Path(home, "twoborders")) / name
    try:
        _make_private(folder)
    except OSError:
        folder = _own_temporary_folder() / name
        with contextlib.suppress(OSError):
            _make_private(folder)
    return folder


def _make_private(folder: Path) -> None:
    """Create a folder. Raise OSError if it is not writable, or if other users have access to it.

    The cache is read with pickle, which can run code, so other users' files are not safe.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status, user = folder.lstat(), getattr(os, "getuid", lambda: None)()  # None on Windows
    if user is not None and (status.st_uid != user or status.st_mode & 0o077):
        raise PermissionError(f"{folder} is open to other users")
    with tempfile.TemporaryFile(dir=folder):
        pass


def _own_temporary_folder() -> Path:
    """Return a temporary folder that all processes of this user share, or a new folder.

    If no folder is writable, return a path under which no folder can exist.
    """
    with contextlib.suppress(OSError):
        shared = Path(tempfile.gettempdir()) / f"twoborders-{getattr(os, 'getuid', lambda: '')()}"
        with contextlib.suppress(OSError):
            _make_private(shared)
            return shared
        return Path(tempfile.mkdtemp(prefix="twoborders-"))
    return Path(os.devnull)


_AGENTS = Path(__file__).parent
_VERSION = re.compile("[0-9a-f]{16}")  # name of a folder of compiled code
_IMPORT = re.compile(r"^from (agents[.\w]*) import", re.MULTILINE)


def source_digest() -> str:
    """Return a fingerprint of all kernel sources and of the compiler versions."""
    versions = f"{numba.__version__} {llvmlite.__version__} {sys.implementation.cache_tag}"
    h = hashlib.blake2b(versions.encode(), digest_size=8)
    for path, text in sorted(_compiled_sources().items()):
        h.update(path.relative_to(_AGENTS).as_posix().encode() + text.encode())
    return h.hexdigest()


def _compiled_sources() -> dict[Path, str]:
    """Return the files in agents that use the decorators below, and the files that they import."""
    texts = {path: path.read_text(encoding="utf-8") for path in _AGENTS.rglob("*.py")}
    pending = [path for path, text in texts.items() if "agents.jit import" in text]
    sources: dict[Path, str] = {}
    while pending:
        path = pending.pop()
        if path in sources or path not in texts:
            continue
        sources[path] = texts[path]
        for module in _IMPORT.findall(texts[path]):
            pending.append(_AGENTS.parent.joinpath(*module.split(".")).with_suffix(".py"))
    return sources


def kernel_folder() -> Path:
    """Return the folder for this source version, and delete the folders used longest ago."""
    current = cache_folder(source_digest())
    with contextlib.suppress(OSError):  # Another process may delete the same folder.
        os.utime(current)
        folders = [path for path in current.parent.iterdir() if _VERSION.fullmatch(path.name)]
        folders.sort(key=lambda path: path.stat().st_mtime)
        for path in folders[:-MAX_VERSIONS]:  # A process that uses the folder compiles again.
            shutil.rmtree(path, ignore_errors=True)
    return current


folder = kernel_folder()
_numba: Any = numba


def kernel(function: Any) -> Any:
    """Compile a function that Python calls and that no other kernel calls.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The compiled function.
    """
    return _compiled(function, is_linked=False)


def shared(function: Any, has_entry: bool = False) -> Any:
    """Compile a function that kernels call, once for all integer types of its arguments.

    The entry through which Python calls a compiled function takes an eighth of the compile time.
    Without an entry, a call from Python, as in a test, compiles the function separately.

    Args:
        function: a function in numba's subset of Python.
        has_entry: whether runs also call the function from Python.

    Returns:
        The compiled function.
    """
    dispatcher = _compiled(function, is_linked=True, no_cpython_wrapper=not has_entry)
    if not has_entry:
        dispatcher._compile_for_args = lambda *_: _entry(function)
        dispatcher._insert = lambda *_: None  # Every call from Python must use the line above.
    return dispatcher


def inlined(function: Any) -> Any:
    """Compile a function as a part of its callers.

    Numba compiles its statements again with each caller, so only a short function should have more
    than one caller.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        The compiled function.
    """
    return _compiled(function, is_linked=False, inline="always")


_entry = cache(kernel)


def _compiled(function: Any, is_linked: bool, **options: Any) -> Any:
    """Compile a function with numba's options, or wrap it if compilation is disabled."""
    if _numba.config.DISABLE_JIT:
        return uncompiled(function)
    # As in numpy, a division by zero is inf or NaN. A check would prevent vector instructions.
    dispatcher = _numba.njit(error_model="numpy", no_cfunc_wrapper=True, **options)(function)
    dispatcher._cache = KernelCache(function, folder, is_linked)
    template = dispatcher.get_call_template

    @cache  # Numba requests the template several times for every call.
    def call_template(*types: Any) -> Any:
        if not is_linked:
            raise TypeError(f"kernels call {function.__name__}: it needs the decorator shared")
        return template(map(_widened, types), {})

    dispatcher.get_call_template = lambda types, _: call_template(*types)
    return dispatcher


def _widened(passed: Any) -> Any:
    """Return the type to which a kernel converts an argument: 64-bit integers, no constants."""
    types = _numba.types
    if type(passed) in (types.Tuple, types.UniTuple):
        return types.Tuple([_widened(part) for part in passed])
    passed = types.unliteral(passed)
    narrow = isinstance(passed, types.Integer) and passed.bitwidth < 64
    return types.int64 if narrow or isinstance(passed, types.IntEnumMember) else passed


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
    """Return a numpy value in the form in which compiled code reads it."""
    if isinstance(value, np.ndarray):
        return value.view(Numbers)
    if isinstance(value, np.void):
        return Record(value)
    return value.item() if isinstance(value, np.generic) else value


def uncompiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a plain function that computes the same numbers as the compiled function.

    Args:
        function: a function in numba's subset of Python.

    Returns:
        A function that wraps its arguments. Its attribute `py_func` is the given function.
    """

    @wraps(function)
    def call(*arguments: Any) -> Any:
        wrapped = (_readable(a) if isinstance(a, np.ndarray | np.void) else a for a in arguments)
        result = function(*wrapped)
        return result.view(np.ndarray) if isinstance(result, Numbers) else result

    vars(call)["py_func"] = function
    return call
