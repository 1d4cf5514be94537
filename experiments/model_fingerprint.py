"""Which model it is: a fingerprint of everything that decides what a case gives.

The compile cache is named after the compiled files alone (``agents.jit``). What a run gives also
depends on the stage, its data and how a result is read off, so all of these are in here.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PARTS = ("agents", "abm", "experiments/run.py")
_KINDS = (".py", ".csv", ".toml")
_NUMERIC = ("numpy", "numba")  # other versions may change the last digits
#: Packages whose versions are put on record.
PACKAGES = ("twoborders", "mesa", "networkx", "numpy", "numba", "scipy", "pandas")


@cache
def model_source() -> str:
    """Fingerprint of the model's own files and of numpy and numba, 16 hexadecimal digits.

    It is read once in every process, so it tells what that process plays even if a file changes
    under it.
    """
    h = hashlib.blake2b(digest_size=8)
    for path in sorted(p for part in _PARTS for p in _files(_ROOT / part)):
        _add(h, path, _ROOT)
    for name in _NUMERIC:
        h.update(f"{name} {version(name)}".encode())
    return h.hexdigest()


def world_source(folder: str) -> str:
    """Fingerprint of the files of another world; empty for the packaged one."""
    if not folder:
        return ""
    h = hashlib.blake2b(digest_size=8)
    for path in sorted(p for p in Path(folder).rglob("*") if p.suffix in _KINDS and p.is_file()):
        _add(h, path, Path(folder))
    return h.hexdigest()


def versions() -> dict[str, str]:
    """Versions of what a result may depend on, by name of the package."""
    import platform

    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _files(path: Path) -> list[Path]:
    """A file, or the files in a folder that a model is made of."""
    return [path] if path.is_file() else [p for p in path.rglob("*") if p.suffix in _KINDS]


def _add(h: hashlib.blake2b, path: Path, root: Path) -> None:
    """Add name and contents of a file; lengths keep one file from looking like two."""
    text = path.read_bytes()
    h.update(f"{path.relative_to(root).as_posix()} {len(text)} ".encode() + text)
