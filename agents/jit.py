"""Compilation of the day loop: one decorator, and a cache keyed by content.

Numba caches a compiled function next to its source file and does not notice a change in a function
that it calls from another file. Here all compiled code is cached in a folder named after the
contents of every file that holds some, so that any change compiles everything again.

The folder is under $NUMBA_CACHE_DIR, else $XDG_CACHE_HOME, else ~/.cache; if that is not writable,
in a temporary folder.
"""

import hashlib
import importlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import numba
from numba import njit

_HERE = Path(__file__).parent
_IMPORT = re.compile(r"^from (agents[.\w]*) import", re.MULTILINE)


def source_digest() -> str:
    """Return a fingerprint of all files with compiled code and of numba's version."""
    h = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
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


def cache_folder() -> Path:
    """Return the cache folder of this version; create it if needed."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    base = Path(given) if given else Path(home) / "twoborders"
    folder = base / source_digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="twoborders-"))


_settings: Any = importlib.import_module("numba.core.config")
_settings.CACHE_DIR = str(cache_folder())

#: A compiled function.
kernel = njit(cache=True)
#: A small compiled function that is inlined into its callers.
inlined = njit(cache=True, inline="always")
