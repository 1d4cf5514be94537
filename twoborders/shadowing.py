"""Detect a foreign module that hides a package of Two Borders.

``agents``, ``abm``, ``experiments`` and ``viz`` are common names. For example, Mesa models have a
file ``agents.py``, and the distribution ``openai-agents`` installs a package ``agents``. The check
locates packages without importing them.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("agents", "abm", "experiments", "viz")
#: Phrase in each package's docstring. If another distribution has replaced the package's file, the
#: phrase is missing.
MARK = b"the model"
ROOT = Path(__file__).resolve().parent.parent


def check_packages(root: Path = ROOT) -> None:
    """Check that Python finds the packages of Two Borders under their names.

    Args:
        root: folder of the packages.

    Raises:
        ImportError: a package is hidden or missing. The message says how to fix it. If the command
            ``twoborders`` is starting, it prints the message and exits with code 1 instead.
    """
    problem = find_problem(root)
    if problem and _is_command():
        sys.exit(f"error: {problem}")
    if problem:
        raise ImportError(problem, name="twoborders")


def _is_command() -> bool:
    """Return whether the process runs the command ``twoborders``."""
    name = sys.argv[0] if sys.argv else ""
    if name == "-m":  # with -m, Python has not located the module yet
        return "-m twoborders" in " ".join(sys.orig_argv)
    return Path(name).stem in ("twoborders", "twoborders-script")


def find_problem(root: Path) -> str:
    """Return a sentence that names a hidden or missing package and the remedy, or ""."""
    for name in PACKAGES:
        loaded, expected = _location(name), root / name / "__init__.py"
        if loaded is None:
            return f"Two Borders has no package {name}; install the distribution twoborders again."
        if loaded != expected or MARK not in expected.read_bytes().lower():
            fix = "rename it, or start Python in another folder"
            if {"site-packages", "dist-packages"} & {*loaded.parts}:
                fix = "install twoborders in a separate environment, without the other distribution"
            module = loaded.parent if loaded.name == "__init__.py" else loaded
            return f"{module} hides the package {name} of Two Borders; {fix}."
    return ""


def _location(name: str) -> Path | None:
    """Return the file or the folder that ``import name`` loads, or None if there is none."""
    spec = find_spec(name)
    if spec is None:
        return None
    if spec.has_location and spec.origin:
        return Path(spec.origin).resolve()
    return Path(next(iter(spec.submodule_search_locations or ()), name))
