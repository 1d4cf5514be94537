"""Compiled kernels on disk: one folder per source version, one file per compiled function.

Numba stores compiled code next to the source file and notices changes in that file only. Here the
folder is named after the contents of all sources, so that a change in a called function compiles
everything again. Numba's files have no checksum, and a flipped bit in them changes results without
a message. Here a file begins with its checksum, and a damaged file counts as missing.

The folder is under $NUMBA_CACHE_DIR, else $XDG_CACHE_HOME, else ~/.cache. If that is not writable,
in a temporary folder. One process compiles a kernel, the others wait for it. It holds the kernel's
lock and takes the locks of called kernels. Calls have no cycles, so that two processes never wait
for each other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

try:
    import fcntl
except ImportError:  # not on Windows: every process compiles for itself
    fcntl = None

LONGEST_WAIT = 180.0  # seconds that a process waits for another one before it compiles itself
QUIET = 600.0  # seconds without a second message about compiling
_POLL = 0.05  # seconds between two attempts to take the lock
_CHECKSUM = 16  # bytes


class KernelCache(FunctionCache):
    """One function's stored code, in place of numba's cache.

    Args:
        function: the Python function.
        folder: the folder for this source version.
    """

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        super().__init__(function)
        self._folder = folder
        self._title = f"{function.__module__}.{function.__qualname__}"
        self._lock = contextlib.ExitStack()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the code for a signature. None means that the caller must compile it.

        If the code is missing, wait until no other process compiles it and try again. If it is
        still missing, this process holds the lock until it stores the code.

        Args:
            sig: argument types.
            target_context: numba's processor context.

        Returns:
            The compiled function, or None.
        """
        target_context.refresh()
        path = self._path(sig, target_context.codegen())
        code = read_checked(path)
        if code is None:
            self._lock.close()  # an interrupted compilation has not released it
            self._lock.enter_context(_locked(path.with_suffix(".lock")))
            code = read_checked(path)
            if code is None:
                _announce(self._folder)
                return None
            self._lock.close()
        return self._impl.rebuild(target_context, pickle.loads(code))

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store compiled code. Without space on the disk it remains in this process only.

        Args:
            sig: argument types.
            data: the compiled function.
        """
        with contextlib.suppress(OSError):
            if self._impl.check_cachable(data):
                write_checked(self._path(sig, data.codegen), dumps(self._impl.reduce(data)))
        self._lock.close()

    def _path(self, sig: Any, codegen: Any) -> Path:
        """Return the file for a signature. Its name covers processor, function and closure."""
        key = repr((self._title, self._index_key(sig, codegen)))
        name = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
        return self._folder / f"{self._py_func.__name__}-{name}.kernel"


def read_checked(path: Path) -> bytes | None:
    """Read a file that :func:`write_checked` wrote, or None if it is missing or damaged."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    checksum, content = stored[:_CHECKSUM], stored[_CHECKSUM:]
    return content if checksum == _checksum(content) else None


def write_checked(path: Path, content: bytes) -> None:
    """Write a file that begins with a checksum. Other processes see everything or nothing.

    Args:
        path: the file.
        content: what follows the checksum.
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

    A file system without locks, or a wait of more than LONGEST_WAIT, leads to compiling without the
    lock.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            _wait_for(stack.enter_context(path.open("ab")))
        yield


def _wait_for(file: IO[bytes]) -> None:
    """Lock a file as soon as no other process holds its lock."""
    end = time.monotonic() + LONGEST_WAIT
    while fcntl is not None and time.monotonic() < end:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(_POLL)


def _announce(folder: Path) -> None:
    """Print one line on stderr, unless a process did so a short time ago.

    On a terminal, it replaces the line of a progress bar.
    """
    mark = folder / "announced"
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is None or (mark.exists() and time.time() - mark.stat().st_mtime < QUIET):
            return
        mark.touch()
        start = "\r\x1b[2K" if sys.stderr.isatty() else ""
        line = f"compiling the model for this machine, once (stored in {folder.parent})"
        print(f"{start}{line}", file=sys.stderr, flush=True)


def cache_folder(digest: str) -> Path:
    """Return the cache folder for a source version, created if needed.

    Args:
        digest: source fingerprint.

    Returns:
        The folder, or a temporary one if the usual one cannot be written.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = (Path(chosen) if chosen else Path(home, "twoborders")) / digest
    try:
        _make_writable(folder)
    except OSError:
        folder = _own_temporary_folder() / digest
        _make_writable(folder)
    return folder


def _make_writable(folder: Path) -> None:
    """Create a folder, or raise OSError if no file can be written into it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def _own_temporary_folder() -> Path:
    """Return a temporary folder that all processes of this user share and no other user can write.

    The cache is read with pickle, which runs code: another user's folder is not used.
    """
    user = getattr(os, "getuid", lambda: "")()
    shared = Path(tempfile.gettempdir()) / f"twoborders-{user}"
    with contextlib.suppress(OSError):
        shared.mkdir(mode=0o700, exist_ok=True)
        status = shared.lstat()
        if not shared.is_symlink() and status.st_uid == user and not status.st_mode & 0o022:
            _make_writable(shared)
            return shared
    return Path(tempfile.mkdtemp(prefix="twoborders-"))
