"""Hash of everything that determines the result of a case.

The key of the compile cache covers the compiled files alone (``agents.jit``). A result also depends
on the rest of the model, on its data and on the code that measures a run, which are included here.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PARTS = ("agents", "abm", "experiments/case.py", "experiments/run.py")
_SUFFIXES = (".py", ".csv", ".toml")
_NUMERIC = ("numpy", "numba")  # other versions may change the last digits
#: Packages whose versions are stored with a sweep.
PACKAGES = ("twoborders", "mesa", "networkx", "numpy", "numba", "scipy", "pandas")


@cache
def model_source() -> str:
    """Return the hash of the model's files and of the versions of numpy and numba.

    16 hexadecimal digits. The files are read once per process, so the hash is that of the code that
    the process runs even if a file changes later.
    """
    h = hashlib.blake2b(digest_size=8)
    for path in sorted(p for part in _PARTS for p in _files(_ROOT / part)):
        _add(h, path, _ROOT)
    for name in _NUMERIC:
        h.update(f"{name} {version(name)}".encode())
    return h.hexdigest()


def world_source(folder: str) -> str:
    """Return the hash of the files of another world; empty for the packaged world."""
    if not folder:
        return ""
    h = hashlib.blake2b(digest_size=8)
    for path in sorted(p for p in Path(folder).rglob("*") if p.suffix in _SUFFIXES and p.is_file()):
        _add(h, path, Path(folder))
    return h.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of all packages that a result may depend on, by name."""
    import platform

    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _files(path: Path) -> list[Path]:
    """Return a file, or all source and data files of a folder."""
    return [path] if path.is_file() else [p for p in path.rglob("*") if p.suffix in _SUFFIXES]


def _add(h: hashlib.blake2b, path: Path, root: Path) -> None:
    """Add name, length and content of a file; the length separates one file from the next."""
    text = path.read_bytes()
    h.update(f"{path.relative_to(root).as_posix()} {len(text)} ".encode() + text)
