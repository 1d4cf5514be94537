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
    from abm.policies import Cost, Policy
    from abm.scenario import PolicySpec, Scenario
    from abm.world.errors import WorldError
    from abm.world.routes import load_world
    from agents.migrants.agent_set import Migrant
    from agents.outcomes import Status
    from agents.param import SettingError, param
    from agents.smugglers import Organisation
    from twoborders.instruments import policies
    from twoborders.studies import ask, compare, run, sweep, validate

__all__ = [
    "BorderModel",
    "Cost",
    "Migrant",
    "Organisation",
    "Policy",
    "PolicySpec",
    "Scenario",
    "SettingError",
    "Status",
    "WorldError",
    "ask",
    "compare",
    "load_world",
    "param",
    "policies",
    "run",
    "sweep",
    "validate",
]

_NAMES = {
    "abm.model": ["BorderModel"],
    "abm.policies": ["Cost", "Policy"],
    "abm.scenario": ["PolicySpec", "Scenario"],
    "abm.world.errors": ["WorldError"],
    "abm.world.routes": ["load_world"],
    "agents.migrants.agent_set": ["Migrant"],
    "agents.outcomes": ["Status"],
    "agents.param": ["SettingError", "param"],
    "agents.smugglers": ["Organisation"],
    "twoborders.instruments": ["policies"],
    "twoborders.studies": ["ask", "compare", "run", "sweep", "validate"],
}


def __getattr__(name: str) -> Any:
    """Import a public name, or the package's ``__version__``, when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("twoborders")
    for module, names in _NAMES.items():
        if name in names:
            value = getattr(import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the module's names, public names included."""
    return sorted({*globals(), *__all__})
