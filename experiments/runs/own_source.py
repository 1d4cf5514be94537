"""Hash the source of a user's classes, and refuse classes that other processes cannot import."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from abm.own_code import is_importable
from abm.policies import policy_class
from abm.scenario import Scenario, SettingError
from abm.source_hash import files_in, hash_files

#: Packages whose versions the key of a run contains in another way, or need not contain.
_OTHERS = {"agents", "abm", "mesa", "numpy", *sys.stdlib_module_names}


def own_source(scenario: Scenario) -> str:
    """Return the hash of the user's classes in a scenario and of what they import.

    Returns:
        Hexadecimal digits, empty for a scenario without such classes.

    Raises:
        SettingError: a class is not in a file.
    """
    kinds = [policy_class(spec.id) for spec in scenario.policies]
    if scenario.agent_classes:
        from abm.build_agents import own_classes  # imports the model

        kinds += own_classes(scenario).values()
    refuse_local_classes([scenario], "its runs cannot be stored")
    return "".join(sorted({_source(kind) for kind in kinds}))


def local_classes(scenarios: Iterable[Scenario]) -> list[str]:
    """Return the texts of the classes in scenarios that other processes cannot import."""
    texts = {
        text
        for scenario in scenarios
        for text in (
            *(spec.id for spec in scenario.policies),
            *(text for _, text in scenario.agent_classes),
        )
    }
    return sorted(text for text in texts if not is_importable(text))


def refuse_local_classes(scenarios: Iterable[Scenario], reason: str) -> None:
    """Raise ``SettingError`` with a reason for a class that other processes cannot import."""
    for text in local_classes(scenarios):
        module, _, name = text.partition(":")
        hint = "Put the class into a file and import it from there, or run with jobs=1."
        raise SettingError(name, f"the class is defined in {module}, so {reason}", hint)


@cache  # of the code that this process has imported, even if a file changes later
def _source(kind: type[Any]) -> str:
    """Return the hash of the files of a class and of its bases, empty for one of the project."""
    names = {base.__module__ for base in kind.__mro__}
    own = sorted(name for name in names if name.partition(".")[0] not in _OTHERS)
    hashed = hashlib.blake2b(digest_size=8)
    for name in own:
        top = sys.modules[name.partition(".")[0]]
        folders = [Path(folder) for folder in getattr(top, "__path__", ())]
        for folder in folders:
            hashed.update(hash_files(files_in(folder), folder).digest())
        if not folders and top.__file__:
            file = Path(top.__file__)
            hashed.update(hash_files(_with_imports(file), file.parent).digest())
    return hashed.hexdigest() if own else ""


def _with_imports(file: Path) -> set[Path]:
    """Return a file and all files next to it that it imports, directly or through others."""
    files, open_files = set[Path](), [file]
    while open_files:
        path = open_files.pop()
        if path not in files:
            files.add(path)
            open_files += _neighbours(path, file.parent) if path.suffix == ".py" else []
    return files


def _neighbours(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the files in a folder that a file imports. Of a package, these are all files."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            place = folder / name.partition(".")[0]
            is_file = place.with_suffix(".py").is_file()
            yield from files_in(place.with_suffix(".py") if is_file else place)
