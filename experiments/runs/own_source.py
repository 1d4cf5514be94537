"""Hash the source of a user's classes, and refuse classes that other processes cannot import."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import packages_distributions
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

from abm.policies import policy_class
from abm.scenario import Scenario, SettingError
from abm.source_hash import files_in, hash_files
from agents.own_code import is_importable

#: Packages whose versions the key of a run contains in another way, or need not contain.
_OTHERS = {"agents", "abm", "mesa", "numpy", *sys.stdlib_module_names}


def own_source(scenario: Scenario) -> str:
    """Return the hash of the user's classes in a scenario and of what they import.

    Returns:
        Hexadecimal digits, empty for a scenario without such classes.

    Raises:
        SettingError: a class is not in a file.
    """
    refuse_local_classes(scenario, "its runs cannot be stored")
    kinds = [policy_class(spec.id) for spec in scenario.policies]
    if scenario.agent_classes:
        from abm.build_agents import own_classes  # imports the model

        kinds += own_classes(scenario).values()
    return "".join(sorted({_source(kind) for kind in kinds}))


def local_classes(scenario: Scenario) -> list[str]:
    """Return the texts of a scenario's classes that other processes cannot import."""
    texts = [spec.id for spec in scenario.policies] + [text for _, text in scenario.agent_classes]
    return [text for text in texts if not is_importable(text)]


def refuse_local_classes(scenario: Scenario, reason: str) -> None:
    """Raise ``SettingError`` with a reason for a class that other processes cannot import."""
    for text in local_classes(scenario):
        module, _, name = text.partition(":")
        hint = "Put it into a file and import it from there."
        raise SettingError(name, f"the class is defined in {module}, so {reason}", hint)


@cache  # of the code that this process has imported, even if a file changes later
def _source(kind: type[Any]) -> str:
    """Return the hash of the files of a class and of its bases, empty for one of the project."""
    names = {base.__module__ for base in kind.__mro__}
    modules = {name for name in names if name.partition(".")[0] not in _OTHERS}
    return "".join(sorted({_files_hash(name) for name in modules}))


def _files_hash(name: str) -> str:
    """Return the hash of a module's package, or of its file and the files that it imports.

    Args:
        name: a module, which is imported.
    """
    top = sys.modules[name.partition(".")[0]]
    if places := list(getattr(top, "__path__", ())):
        return "".join(hash_files(files_in(Path(p)), Path(p)).hexdigest() for p in places)
    folder = Path(top.__file__ or "").parent
    others = {*packages_distributions()} - {name} if folder.name == "site-packages" else ()
    finder = ModuleFinder([str(folder)], excludes=others)
    finder.import_hook(name)
    files = (getattr(module, "__file__", None) for module in finder.modules.values())
    return hash_files({Path(file) for file in files if file}, folder).hexdigest()
