"""Hash of everything that determines the result of a case.

The key of the compile cache covers the compiled files alone (``agents.jit``). A result also depends
on the rest of the model, on its data and on the code that measures a run, which are included here.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from abm.source_hash import files_in, hash_files, source_hash

_PARTS = ("agents", "abm", *(f"experiments/runs/{name}.py" for name in ("case", "run", "warmup")))
#: Packages whose versions are stored with a sweep.
PACKAGES = ("twoborders", "mesa", "networkx", "numpy", "numba", "scipy", "pandas")


@cache
def model_source() -> str:
    """Return the hash of the model's files and of the versions of numpy and numba.

    16 hexadecimal digits. The files are read once per process, so the hash is that of the code that
    the process runs even if a file changes later.
    """
    return source_hash(_PARTS)


def world_source(folder: str) -> str:
    """Return the hash of the files of another world, empty for the packaged world."""
    if not folder:
        return ""
    return hash_files(files_in(Path(folder)), Path(folder)).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of all packages that a result may depend on, by name."""
    import platform

    by_name = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            by_name[name] = version(name)
        except PackageNotFoundError:
            by_name[name] = "not installed"
    return by_name


@cache
def program() -> dict[str, str]:
    """Return the hash of the files of the model and the studies, and all versions of packages.

    Two processes with equal values return equal results. The hash is that of the first call.
    """
    by_name = versions()
    python = ".".join(by_name["python"].split(".")[:2])
    return {"files": source_hash(("agents", "abm", "experiments"))} | by_name | {"python": python}
