"""Users' classes: named in a text, passed as objects, or provided by installed packages.

A class is named as ``module:Class``, by which worker processes import it. A package provides
policies, agent classes, worlds and scenarios in the entry point groups ``twoborders.policies``,
``twoborders.agents``, ``twoborders.worlds`` and ``twoborders.scenarios``.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from agents.param import SettingError, one_line

_TEXT = re.compile(r"[A-Za-z_][\w.]{0,200}:[A-Za-z_][\w.<>]{0,200}")
_HINT = "Write module:Class; Python must find the module, for example in the current folder."
_local: dict[str, type[Any]] = {}  # classes that other processes cannot import, by text
_refuses_texts = False


def refuse_class_texts() -> None:
    """Refuse all class texts from now on, for servers on which strangers can enter texts.

    Classes that installed packages provide by name remain valid.
    """
    global _refuses_texts
    _refuses_texts = True


def is_class_text(text: str) -> bool:
    """Return whether a text has the form module:Class, and this process accepts such texts."""
    return _TEXT.fullmatch(text) is not None and not _refuses_texts


def text_of(kind: type[Any]) -> str:
    """Return the text `module:Class` of a class, from which `load_class` finds the class here."""
    text = f"{kind.__module__}:{kind.__qualname__}"
    module = sys.modules.get(kind.__module__)
    is_in_file = kind.__module__ != "__main__" and hasattr(module, "__file__")
    if is_in_file and getattr(module, kind.__qualname__, None) is kind:
        _local.pop(text, None)
    else:
        _local[text] = kind
    return text


def is_importable(text: str) -> bool:
    """Return whether another process can import the class that a text names."""
    return text not in _local and not text.startswith("__main__:")


def load_class(path: str, text: str) -> type[Any]:
    """Return the class that a text names.

    Args:
        path: setting that names the class, for error messages.
        text: ``module:Class``. The current folder is searched last.

    Raises:
        SettingError: the module cannot be imported, or has no such class.
    """
    if text in _local:
        return _local[text]
    module, _, name = text.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        value = getattr(importlib.import_module(module), name, None)
    except (Exception, SystemExit) as error:
        reason = f"the module {module} cannot be imported ({in_words(error)})"
        raise SettingError(path, reason, _HINT) from None
    if not isinstance(value, type):
        raise SettingError(path, f"the module {module} has no class {name}", _HINT)
    return value


# ---- installed packages --------------------------------------------------------------------------


@cache
def _entry_points(path: tuple[str, ...]) -> Any:
    """Return entry points from all packages on a path. The cache avoids slow reads."""
    return entry_points()


@cache
def plugins(
    group: str, check: Callable[[str, Any], Any], reserved: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Load the objects that installed packages provide in an entry point group.

    An entry that is invalid, or whose name is already in use, is left out with a warning.

    Args:
        group: the part of the group's name after ``twoborders.``.
        check: function of an entry's name and object. It returns the object to use. If it raises an
            error, the entry is left out, and the warning contains the message.
        reserved: names that entries cannot have.

    Returns:
        The objects by name.
    """
    entries = _entry_points(tuple(sys.path)).select(group=f"twoborders.{group}")
    counts = Counter([*reserved, *(entry.name for entry in entries)])
    objects: dict[str, Any] = {}
    for entry in entries:
        try:
            if counts[entry.name] > 1:
                raise ValueError("something else has this name")
            objects[entry.name] = check(entry.name, entry.load())
        except (Exception, SystemExit) as error:
            package = entry.dist.name if entry.dist else entry.module
            text = f"{entry.name} of the package {package} ({entry.value}) is left out of the "
            text += f"{group}: {in_words(error)}; repair or uninstall that package."
            if multiprocessing.parent_process() is None:  # Workers do not repeat the warning.
                warnings.warn(text, stacklevel=2)
    return objects


def existing_path(name: str, value: Any) -> Path:
    """Return a path provided by a package, if it exists. Otherwise raise FileNotFoundError."""
    if not Path(value).exists():
        raise FileNotFoundError(f"{value} does not exist")
    return Path(value)


def in_words(error: BaseException) -> str:
    """Return an error's class and message on one line."""
    return one_line(f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": "))
