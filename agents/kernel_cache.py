"""Compiled kernels on disk: one process compiles, all others wait and load the result.

A kernel is looked up in the cache folder of the user, then among the kernels of a platform wheel
(``agents/_kernels``, compiled for any processor of the platform), and is compiled if neither holds
it. Both folders are named after the contents of the sources, so that neither can be out of date.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.compiler_lock import global_compiler_lock

try:
    import fcntl
except ImportError:  # not on Windows: every process compiles for itself
    fcntl = None

LONGEST_WAIT = 180.0  # seconds that a process waits for another one before it compiles itself
QUIET = 600.0  # seconds without a second message about compiling
_ANY_CPU = ("generic", "")  # name and features of the processor in the kernels of a wheel
_POLL = 0.05  # seconds between two attempts to take the lock


class CompileLock:
    """A lock between the processes that compile into one folder.

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

    def acquire(self) -> None:
        """Wait for the lock."""
        if fcntl is None or self.held:
            return
        with contextlib.suppress(OSError):
            file = self.path.open("ab")
            if _locked(file):
                self._file = file
            else:
                file.close()

    def release(self) -> None:
        """Release the lock if this process holds it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(file: IO[bytes]) -> bool:
    """Lock a file; return False after LONGEST_WAIT without the lock."""
    assert fcntl is not None
    end = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < end:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(_POLL)
    return False


class KernelFolder:
    """The cache folder of this version of the kernels, and its lock.

    Args:
        digest: fingerprint of the sources.
        shipped: folder with the kernels of a platform wheel; it need not exist.
    """

    def __init__(self, digest: str, shipped: Path) -> None:
        self.digest = digest
        self.path, self.note = cache_folder(digest)
        self.shipped = shipped if shipped.is_dir() else None
        self.lock = CompileLock(self.path / "lock")
        self._depth = 0

    @contextlib.contextmanager
    def compiling(self) -> Iterator[None]:
        """Release the lock when the outermost compilation of this process has ended."""
        with global_compiler_lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.lock.release()

    def announce(self) -> None:
        """Print one line on stderr, unless a process did so a short time ago."""
        mark = self.path / "announced"
        with contextlib.suppress(OSError):
            if time.time() - mark.stat().st_mtime < QUIET:
                return
        with contextlib.suppress(OSError):
            mark.touch()
        _print(f"compiling the model for this machine, once: about 15 seconds{self.note}")


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
        return folder, f" ({base} cannot be written; the code is kept in {folder.parent})"


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
        self._cache_path = str(folder.path)
        self._cache_file = IndexDataCacheFile(self._cache_path, name, folder.digest)
        self._shipped = None
        if folder.shipped:
            self._shipped = IndexDataCacheFile(str(folder.shipped), name, folder.digest)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the code for a signature; None means that the caller must compile it.

        If the code is missing, wait until no other process compiles and try again; the lock is
        then held until the compilation has ended (:meth:`KernelFolder.compiling`).

        Args:
            sig: types of the arguments.
            target_context: numba's context of the processor.

        Returns:
            The compiled function, or None.
        """
        target_context.refresh()
        found = self._find(sig, target_context)
        lock = self._folder.lock
        if found is None and not lock.held:
            lock.acquire()
            found = self._find(sig, target_context)
            if found is None:
                self._folder.announce()
            else:
                lock.release()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store compiled code; without space on the disk it remains in this process only.

        Args:
            sig: types of the arguments.
            data: the compiled function.
        """
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
