"""Two Borders in Python: run, compare, sweep, validate and ask.

The names in ``__all__`` are the public interface. All other modules are internal. A name is
imported when it is first used, so that ``import twoborders`` takes a fraction of a second.
Importing fails with one sentence if a foreign module hides one of the packages
(:mod:`twoborders.shadowing`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from twoborders.shadowing import check_packages

check_packages()

if TYPE_CHECKING:
    __version__: str
    from abm.model import BorderModel
    from abm.scenario import PolicySpec, Scenario
    from abm.world.errors import WorldError
    from abm.world.routes import load_world
    from agents.param import SettingError
    from twoborders.instruments import policies
    from twoborders.studies import ask, compare, run, sweep, validate

__all__ = [
    "BorderModel",
    "PolicySpec",
    "Scenario",
    "SettingError",
    "WorldError",
    "ask",
    "compare",
    "load_world",
    "policies",
    "run",
    "sweep",
    "validate",
]

_MODULES = {
    "BorderModel": "abm.model",
    "PolicySpec": "abm.scenario",
    "Scenario": "abm.scenario",
    "SettingError": "agents.param",
    "WorldError": "abm.world.errors",
    "ask": "twoborders.studies",
    "compare": "twoborders.studies",
    "load_world": "abm.world.routes",
    "policies": "twoborders.instruments",
    "run": "twoborders.studies",
    "sweep": "twoborders.studies",
    "validate": "twoborders.studies",
}


def __getattr__(name: str) -> Any:
    """Import a public name, or the package's ``__version__``, when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("twoborders")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the module's names, public names included."""
    return sorted({*globals(), *__all__})
