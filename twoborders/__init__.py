"""Two Borders in Python: run, compare, sweep, validate, forecast and ask.

The names in ``__all__`` are the public interface. All other modules are internal. A name is
imported when it is first used, so that ``import twoborders`` takes a fraction of a second.
The import fails with a one-sentence message if a foreign module hides one of the packages
(:mod:`twoborders.shadowing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twoborders.shadowing import check_packages

check_packages()

if TYPE_CHECKING:
    __version__: str
    from abm import measures
    from abm.model import BorderModel
    from abm.policies import Cost, Policy
    from abm.scenario import PolicySpec, Scenario, load_scenario, parse_policy
    from abm.world.routes import PlaceKind, WorldError, load_world
    from agents.border_patrol import Detachment, PatrolTeam, SectorCommand
    from agents.gendarmes import GendarmeCompany, InmPost
    from agents.labels import SECTORS
    from agents.migrants.agent_set import Migrant
    from agents.outcomes import Event, Status
    from agents.param import SettingError, param
    from agents.ports import Port
    from agents.smugglers import Organisation, SmugglerCell
    from experiments.runs.warmup import start_model
    from experiments.sweeps.store import SweepResults
    from twoborders.instruments import policies
    from twoborders.studies import (
        ask,
        compare,
        curve,
        forecast,
        optimise,
        run,
        score_forecast,
        sensitivity,
        sweep,
        validate,
    )
    from viz.screen.panels.views import difference_view, map_view, series_view

__all__ = ["ask", "compare", "curve", "forecast", "load_world", "measures", "optimise"]
__all__ += ["policies", "run", "score_forecast", "sensitivity", "sweep", "validate"]
__all__ += ["Cost", "Policy", "PolicySpec", "Scenario", "load_scenario", "param", "parse_policy"]
__all__ += ["SECTORS", "BorderModel", "Event", "Migrant", "PlaceKind", "Status", "start_model"]
__all__ += ["Detachment", "GendarmeCompany", "InmPost", "Organisation", "PatrolTeam", "Port"]
__all__ += ["SectorCommand", "SettingError", "SmugglerCell", "SweepResults", "WorldError"]
__all__ += ["difference_view", "map_view", "series_view"]

#: Public names by module. All other public names are functions of ``twoborders.studies``.
_NAMES = {
    "abm": ["measures"],
    "abm.model": ["BorderModel"],
    "abm.policies": ["Cost", "Policy"],
    "abm.scenario": ["PolicySpec", "Scenario", "load_scenario", "parse_policy"],
    "abm.world.routes": ["PlaceKind", "WorldError", "load_world"],
    "agents.border_patrol": ["Detachment", "PatrolTeam", "SectorCommand"],
    "agents.gendarmes": ["GendarmeCompany", "InmPost"],
    "agents.labels": ["SECTORS"],
    "agents.migrants.agent_set": ["Migrant"],
    "agents.outcomes": ["Event", "Status"],
    "agents.param": ["SettingError", "param"],
    "agents.ports": ["Port"],
    "agents.smugglers": ["Organisation", "SmugglerCell"],
    "experiments.runs.warmup": ["start_model"],
    "experiments.sweeps.store": ["SweepResults"],
    "twoborders.instruments": ["policies"],
    "viz.screen.panels.views": ["difference_view", "map_view", "series_view"],
}


def __getattr__(name: str) -> Any:
    """Import a public name, or the package's ``__version__``, when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("twoborders")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    modules = (module for module, names in _NAMES.items() if name in names)
    # This works like "from module import name", where the name may also be a module.
    value = getattr(__import__(next(modules, "twoborders.studies"), fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the module's names, including public names that are not imported yet."""
    return sorted({*globals(), *__all__})
