"""Load scenarios by the name of a packaged or installed scenario, or by a TOML file's path."""

from functools import partial
from pathlib import Path

from abm.scenario import Scenario, SettingError, load_scenario
from abm.supply_file import in_folder
from agents.own_code import existing_path, plugins
from experiments.runs.files import find_file, read_input

_HERE = Path(__file__).parent


def names() -> list[str]:
    """Return the names of packaged and installed scenarios, in alphabetical order."""
    return sorted(_files())


def _files() -> dict[str, Path]:
    """Return the scenario files in this folder and in installed packages, by name."""
    packaged = {path.stem: path for path in _HERE.glob("*.toml")}
    return packaged | plugins("scenarios", existing_path, tuple(packaged))


def find(name_or_file: str | Path) -> Scenario:
    """Load a packaged scenario by its name, or any scenario from a ``.toml`` file.

    A file may start with ``extends = "other"``, where "other" is a packaged name or a path.
    Relative paths in a file, also to a supply file, start at its folder. Untrusted text must be
    checked against ``names()`` first, because any path is read. Raise ``SettingError`` for an
    unknown name, an unreadable file or an invalid setting.
    """
    return _find(str(name_or_file), Path(), ())


def _find(name: str, folder: Path, chain: tuple[Path, ...]) -> Scenario:
    """Load ``name`` relative to ``folder``. ``chain`` holds the files that extend it."""
    path = find_file("scenario", name, _files(), folder)
    if path in chain:
        loop = " -> ".join(link.name for link in (*chain, path))
        reason = f"the files extend each other ({loop})"
        raise SettingError("extends", reason, "Remove one of the extends.")
    extends = partial(_find, folder=path.parent, chain=(*chain, path))
    text = read_input(path, _origin(path), "Give a readable TOML file in UTF-8.")
    scenario = load_scenario(text, _origin(path), extends)
    supply = in_folder(scenario.supply, path.parent)
    return scenario.with_settings({"supply": supply}) if supply != scenario.supply else scenario


def _origin(path: Path) -> str:
    """Return a file's name for error messages: a packaged file's name, or another file's path."""
    return path.name if path.parent == _HERE else str(path)
