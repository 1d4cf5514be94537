"""User subclasses that replace agent classes in a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.border_patrol import Detachment, PatrolTeam, SectorCommand
from agents.gendarmes import GendarmeCompany, InmPost
from agents.governments import Government
from agents.origin_countries import Country
from agents.param import SettingError, nearest, plain
from agents.plain.migrant import MigrantAgent
from agents.ports import Port
from agents.smugglers import Organisation, SmugglerCell

#: Classes of agents that a subclass can replace, by name.
REPLACEABLE: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Organisation,
        SmugglerCell,
        SectorCommand,
        PatrolTeam,
        Detachment,
        InmPost,
        GendarmeCompany,
        Port,
        Government,
        Country,
        MigrantAgent,
    )
}
_VALID = "Valid names: " + ", ".join(REPLACEABLE) + "."
_PATH = "agent_classes"


def check_agent_classes(given: Mapping[str, type[Any]] | None) -> dict[str, type[Any]]:
    """Check the subclasses that a user gives.

    Args:
        given: subclasses by the name of the class that each replaces, or None for none.

    Returns:
        The same, without classes of the project itself.

    Raises:
        SettingError: it is not a mapping, a name is unknown, or a class is not a subclass.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        hint = 'Give a mapping, for example {"Organisation": MyOrganisation}. ' + _VALID
        raise SettingError(_PATH, f"{plain(given)} is not a mapping", hint)
    for name, kind in given.items():
        if name not in REPLACEABLE:
            close = nearest(str(name), REPLACEABLE)
            meant = f" (did you mean {close}?)" if close else ""
            raise SettingError(_PATH, f"unknown class {plain(name)}{meant}", _VALID)
        base = REPLACEABLE[name]
        if not (isinstance(kind, type) and issubclass(kind, base)):
            label = kind.__name__ if isinstance(kind, type) else plain(kind)
            reason = f"{label} is not a subclass of {base.__module__}.{name}"
            raise SettingError(_PATH, reason, f"Give a subclass of {name}. {_VALID}")
    return {name: kind for name, kind in given.items() if kind is not REPLACEABLE[name]}


def check_engine(classes: Mapping[str, type[Any]], engine: str) -> None:
    """Raise SettingError if a subclass replaces an agent that the engine does not have.

    Args:
        classes: checked subclasses.
        engine: engine of the migrants.
    """
    name = MigrantAgent.__name__
    if name in classes and engine != "objects":
        reason = f"with engine={engine} the migrants are rows, and {name} is not used"
        raise SettingError(_PATH, reason, 'Use engine="objects".')


def names_of(classes: Mapping[str, type[Any]]) -> dict[str, str]:
    """Return the subclass names by the class that each replaces."""
    return {name: kind.__name__ for name, kind in classes.items()}


def check_saved(saved: Mapping[str, str], given: Mapping[str, type[Any]], origin: str = "") -> None:
    """Raise SettingError unless the subclasses are those with which a run was saved.

    Classes are compared by name. A class that a file names is never imported.

    Args:
        saved: names of the subclasses in the saved run.
        given: subclasses that are given to load it.
        origin: file of the saved run, "" if none.
    """
    names = names_of(given)
    if names != saved:
        reason = f"the run was saved with {_listed(saved)}, and {_listed(names)} are given"
        example = ", ".join(f'"{name}": {kind}' for name, kind in saved.items())
        hint = f"Load it with agent_classes={{{example}}}." if saved else "Load it without them."
        raise SettingError(_PATH, reason, hint, origin)


def _listed(names: Mapping[str, str]) -> str:
    """Return the subclasses in words."""
    entries = ", ".join(f"{kind} as {name}" for name, kind in names.items())
    return f"own classes ({entries})" if names else "no own classes"
