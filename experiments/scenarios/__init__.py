"""Named scenarios: the TOML files of this folder, and scenario files anywhere."""

import os
from functools import partial
from pathlib import Path

from abm.scenario import Scenario, SettingError, load_scenario
from agents.param import meant, plain

_HERE = Path(__file__).parent


def names() -> list[str]:
    """Give the names of the packaged scenarios, in alphabetical order."""
    return sorted(path.stem for path in _HERE.glob("*.toml"))


def find(name_or_file: str | Path) -> Scenario:
    """Load a packaged scenario by its name, or any scenario from a ``.toml`` file.

    A file may start with ``extends = "other"``: a packaged name, or a file beside it.
    Text from strangers must be compared with ``names()`` first: a file is read from
    wherever it says. Raises ``SettingError``.
    """
    return _find(str(name_or_file), Path(), ())


def _find(name: str, folder: Path, chain: tuple[Path, ...]) -> Scenario:
    """Load ``name`` seen from ``folder``; ``chain`` holds the files that led here."""
    path = _path(name, folder)
    if path in chain:
        loop = " -> ".join(link.name for link in (*chain, path))
        raise SettingError("extends", f"the files extend each other ({loop})", "Break the loop.")
    extends = partial(_find, folder=path.parent, chain=(*chain, path))
    return load_scenario(_text(path), _origin(path), extends)


def _path(name: str, folder: Path) -> Path:
    """Give the file that a name or a path means."""
    if name in names():
        return _HERE / f"{name}.toml"
    if name.endswith(".toml") and "\0" not in name:
        # realpath, so that one file has one name and a loop of files is seen
        return Path(os.path.realpath(folder / name))
    hint = meant(name, names()) + f"Give one of {', '.join(names())}, or a .toml file."
    raise SettingError("scenario", f"{plain(name)} is not a known scenario", hint)


def _text(path: Path) -> str:
    """Read a scenario file, or raise ``SettingError`` with the reason."""
    hint = "Give a readable TOML file in UTF-8."
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingError("file", "it is not text in UTF-8", hint, _origin(path)) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SettingError("file", f"it cannot be read ({reason})", hint, _origin(path)) from None


def _origin(path: Path) -> str:
    """Name a file in error texts: packaged ones by name alone, others by their path."""
    return path.name if path.parent == _HERE else str(path)
