"""Hash of source files, data files and versions of numerical packages."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

#: Folder with all packages of the project.
ROOT = Path(__file__).resolve().parent.parent
_SUFFIXES = (".py", ".csv", ".toml")


def hash_files(paths: Iterable[Path], root: Path) -> hashlib.blake2b:
    """Hash file names, lengths and contents. A length shows where each content ends.

    Args:
        paths: the files, in any order.
        root: folder to which the hashed names are relative.

    Returns:
        The hash object, with a digest of 8 bytes.
    """
    h, folder = hashlib.blake2b(digest_size=8), f"{root.as_posix()}/"
    for path in sorted(paths):
        content = path.read_bytes()
        h.update(f"{path.as_posix().removeprefix(folder)} {len(content)} ".encode())
        h.update(content)
    return h


def files_in(path: Path) -> list[Path]:
    """Return all source and data files in a folder. If `path` is a file, return this file."""
    if path.is_file():
        return [path]
    return [Path(at, n) for at, _, names in os.walk(path) for n in names if n.endswith(_SUFFIXES)]


def source_hash(parts: Iterable[str]) -> str:
    """Return the hash of project files and of the numpy and numba versions.

    Args:
        parts: files or folders, relative to the project's root.

    Returns:
        16 hexadecimal digits.
    """
    h = hash_files([path for part in parts for path in files_in(ROOT / part)], ROOT)
    for name in ("numpy", "numba"):  # other versions may change last digits
        h.update(f"{name} {version(name)}".encode())
    return h.hexdigest()


@cache
def state_source() -> str:
    """Return the hash of the code and data that determine what a saved state means.

    :mod:`abm.model` calls this on import, so that the hash describes the code that the process
    runs even if a file changes later.
    """
    return source_hash(("agents", "abm"))
