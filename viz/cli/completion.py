"""Names that the shell completes: policies, scenarios and designs, read from file names.

The functions import none of the packages that they list, so that a key press waits for Typer only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

_POLICY_ID = re.compile(r'^    id = "\w+"$', re.MULTILINE)


def policies(incomplete: str) -> list[str]:
    """Return the policies that continue a text; the last one of a portfolio a+b is completed."""
    before, plus, last = incomplete.rpartition("+")
    texts = ((file.stem, file.read_text(encoding="utf-8")) for file in _files("abm/policies", "py"))
    names = (name for name, text in texts if _POLICY_ID.search(text))
    return [before + plus + name for name in _starting(last, names)]


def scenarios(incomplete: str) -> list[str]:
    """Return the packaged scenarios that continue a text."""
    return _starting(incomplete, (file.stem for file in _files("experiments/scenarios", "toml")))


def designs(incomplete: str) -> list[str]:
    """Return the packaged designs that continue a text."""
    return _starting(
        incomplete, (file.stem for file in _files("experiments/sweeps/designs", "toml"))
    )


#: Function that completes the value of an option or argument, by its placeholder.
BY_METAVAR = {
    "POLICY": policies,
    "[POLICY]...": policies,
    "NAME|FILE": scenarios,
    "DESIGN": designs,
}


def _starting(text: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(text))


def _files(folder: str, ending: str) -> list[Path]:
    """Return the files of a folder of a package, without importing the package."""
    package, _, rest = folder.partition("/")
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    return [file for place in places or () for file in (Path(place) / rest).glob(f"*.{ending}")]
