"""Compiled kernels on disk: one process compiles a kernel, all others wait and load the result.

A kernel is looked up in the cache folder of the user, then among the kernels of a platform wheel
(``agents/_kernels``, compiled for any processor of the platform), and is compiled if neither holds
it. Both folders are named after the contents of the sources, so that neither can be out of date.

Every kernel has a lock. A process that compiles a kernel holds its lock, and takes the locks of the
kernels that it calls; calls have no cycles, so that two processes never wait for each other. With
two cores or more, the first process that compiles starts a second one, which compiles the largest
kernel (``agents.compile_ahead``).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from numba.core.caching import FunctionCache, IndexDataCacheFile

try:
    import fcntl
except ImportError:  # not on Windows: every process compiles for itself
    fcntl = None

LONGEST_WAIT = 180.0  # seconds that a process waits for another one before it compiles itself
QUIET = 600.0  # seconds without a second message about compiling
_ANY_CPU = ("generic", "")  # name and features of the processor in the kernels of a wheel
_POLL = 0.05  # seconds between two attempts to take the lock
#: Code of a helper: its input, which the parent keeps open, ends with the parent, and so does it.
_HELPER = """
import os, sys, threading
def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(1)
threading.Thread(target=end_with_parent, daemon=True).start()
sys.path[:] = {path!r}
{code}
"""


class CompileLock:
    """A lock between processes.

    The operating system releases the lock when its process ends, however it ends. A file system
    without locks, or a wait of more than LONGEST_WAIT, leads to compiling without the lock.

    Args:
        path: file of the lock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether this process holds the lock."""
        return self._file is not None

    @property
    def descriptor(self) -> int:
        """Number of the open file; a process that inherits it holds the lock, too."""
        assert self._file is not None
        return self._file.fileno()

    def acquire(self, longest: float | None = None) -> None:
        """Wait for the lock.

        Args:
            longest: seconds; 0 tries once (default: LONGEST_WAIT).
        """
        if fcntl is None or self.held:
            return
        with contextlib.suppress(OSError):
            file = self.path.open("ab")
            if _locked(file, LONGEST_WAIT if longest is None else longest):
                self._file = file
            else:
                file.close()

    def release(self) -> None:
        """Release the lock if this process holds it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(file: IO[bytes], longest: float) -> bool:
    """Lock a file; return False if it is locked for longer."""
    assert fcntl is not None
    end = time.monotonic() + longest
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL)


class KernelFolder:
    """The cache folder of this version of the kernels.

    Args:
        digest: fingerprint of the sources.
        shipped: folder with the kernels of a platform wheel; it need not exist.
        helper: code that a second process runs to compile the kernel `largest`, if there is one.
        largest: name of that kernel.
    """

    def __init__(self, digest: str, shipped: Path, helper: str = "", largest: str = "") -> None:
        self.digest = digest
        self.path, self.note = cache_folder(digest)
        self.shipped = shipped if shipped.is_dir() else None
        self.helper, self.largest = helper, largest

    def announce(self) -> None:
        """Print one line on stderr, unless a process did so a short time ago."""
        mark = self.path / "announced"
        with contextlib.suppress(OSError):
            if time.time() - mark.stat().st_mtime < QUIET:
                return
        with contextlib.suppress(OSError):
            mark.touch()
        _print(f"compiling the model for this machine, once{self.note}")

    def start_helper(self) -> subprocess.Popen[bytes] | None:
        """Start a process that compiles the largest kernel, unless it is compiled or one runs.

        The process ends when this one does. An inherited lock shows that it runs.

        Returns:
            The process, or None.
        """
        code, self.helper = self.helper, ""  # at most one per process
        if not (code and fcntl and _cores() > 1 and "python" in Path(sys.executable or "").name):
            return None
        if any(self.path.glob(f"*.{self.largest}-*.nbi")):
            return None
        lock = CompileLock(self.path / "helper.lock")
        lock.acquire(0.0)
        if not lock.held:
            return None
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", _HELPER.format(path=sys.path, code=code)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "NUMBA_CACHE_DIR": str(self.path.parent)},
                pass_fds=[lock.descriptor],
            )
        except OSError:  # this process compiles everything
            return None
        finally:
            lock.release()
        threading.Thread(target=process.wait, daemon=True).start()  # leaves no zombie
        return process


def _cores() -> int:
    """Return the number of cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _print(line: str) -> None:
    """Print a line on stderr; on a terminal, it replaces the line of a progress bar."""
    if sys.stderr is None:
        return
    start = "\r\x1b[2K" if sys.stderr.isatty() else ""
    with contextlib.suppress(OSError, ValueError):
        print(f"{start}{line}", file=sys.stderr, flush=True)


def cache_folder(digest: str) -> tuple[Path, str]:
    """Return the cache folder of a version of the kernels; create it if needed.

    Args:
        digest: fingerprint of the sources.

    Returns:
        The folder, and a note for the message about compiling: empty, or why the folder is a
        temporary one.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    base = Path(given) if given else Path(home) / "twoborders"
    folder = base / digest
    try:
        _make_writable(folder)
        return folder, ""
    except OSError:
        folder = _own_temporary_folder() / digest
        _make_writable(folder)
        return folder, f" ({base} cannot be written; the code is stored in {folder.parent})"


def _make_writable(folder: Path) -> None:
    """Create a folder; raise OSError if no file can be written into it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def _own_temporary_folder() -> Path:
    """Return a temporary folder that all processes of this user share and no other user can write.

    The cache is read with pickle, which runs code: a folder of another user is not used.
    """
    user = getattr(os, "getuid", lambda: "")()
    shared = Path(tempfile.gettempdir()) / f"twoborders-{user}"
    try:
        shared.mkdir(mode=0o700, exist_ok=True)
        status = shared.lstat()
        if not shared.is_symlink() and status.st_uid == user and not status.st_mode & 0o022:
            _make_writable(shared)
            return shared
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="twoborders-"))


class KernelCache(FunctionCache):
    """Numba's cache of one function, in a folder of kernels.

    Args:
        function: the Python function.
        folder: the folder.
    """

    def __init__(self, function: Callable[..., Any], folder: KernelFolder) -> None:
        super().__init__(function)
        self._folder = folder
        name = self._impl.filename_base
        self.lock = CompileLock(folder.path / f"{name}.lock")
        self._cache_path = str(folder.path)
        self._cache_file = IndexDataCacheFile(self._cache_path, name, folder.digest)
        self._shipped = None
        if folder.shipped:
            self._shipped = IndexDataCacheFile(str(folder.shipped), name, folder.digest)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the code for a signature; None means that the caller must compile it.

        If the code is missing, wait until no other process compiles it and try again. If it is
        still missing, the lock is held, and the caller releases it after the compilation.

        Args:
            sig: types of the arguments.
            target_context: numba's context of the processor.

        Returns:
            The compiled function, or None.
        """
        target_context.refresh()
        found = self._find(sig, target_context)
        if found is None:
            self.lock.acquire()
            found = self._find(sig, target_context)
            if found is None:
                self._folder.announce()
                self._folder.start_helper()
            else:
                self.lock.release()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store compiled code; without space on the disk it remains in this process only.

        Args:
            sig: types of the arguments.
            data: the compiled function.
        """
        for environment in data._find_referenced_environments():  # also of internal functions
            data.codegen.set_env(environment.env_name, environment)
        if self._enabled and self._impl.check_cachable(data):
            key, code = self._index_key(sig, data.codegen), self._impl.reduce(data)
            with contextlib.suppress(OSError):
                try:
                    self._cache_file.save(key, code)
                except (ValueError, EOFError, pickle.UnpicklingError):  # a damaged index
                    self._cache_file.flush()
                    self._cache_file.save(key, code)

    def _find(self, sig: Any, target_context: Any) -> Any:
        """Load the code of the user or of the wheel; unreadable files count as missing."""
        if not self._enabled:
            return None
        key: Any = self._index_key(sig, target_context.codegen())
        places = [(self._cache_file, key)]
        if self._shipped is not None:
            _, processor, hashes = key
            places.append((self._shipped, (sig, (processor[0], *_ANY_CPU), hashes)))
        for file, name in places:
            try:
                data = file.load(name)
                if data is not None:
                    return self._impl.rebuild(target_context, data)
            except Exception:  # a damaged file
                continue
        return None
