"""Build the actors of a run from a world, a scenario and the recorded base year.

The actors act in the model that every function takes as `environment`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from abm import network_setup
from abm.phases.dated_inputs import ANCHOR_YEAR, fiscal_year, staffing
from abm.supply import candidates_by_country, homicide_elasticity, income_path
from abm.world import geography
from abm.world.compiled import km_to_line
from abm.world.routes import load_world
from abm.world.vocabulary import SECTORS, PlaceKind
from agents.border_patrol import BorderPatrol, Detachment, PatrolTeam, SectorCommand
from agents.drug_organisations import DrugOrganisation, DrugTrade, Lanes
from agents.gendarmes import GendarmeCompany, InmPost, MexicanForces
from agents.governments import Government
from agents.labels import COUNTRIES
from agents.origin_countries import Countries, Country
from agents.own_code import load_class, plugins
from agents.param import SettingError, did_you_mean, plain
from agents.plain.migrant import MigrantAgent
from agents.ports import Port, Ports
from agents.smugglers import Market, Organisation, SmugglerCell
from agents.smugglers.market import found_first_organisations

if TYPE_CHECKING:
    from abm.holders import RouteNetwork
    from abm.scenario import Scenario
    from agents.environment import Environment
    from agents.plans import Beliefs


#: Agent classes that users can replace by a subclass, by name.
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
        DrugOrganisation,
        Government,
        Country,
        MigrantAgent,
    )
}
_VALID = "Valid names: " + ", ".join(REPLACEABLE) + "."
_PATH = "agent_classes"


def own_classes(
    scenario: Scenario, given: Mapping[str, type[Any]] | None = None
) -> dict[str, type[Any]]:
    """Import the agent classes that a scenario names, and add the classes that a user passes.

    Args:
        scenario: gives each class as module:Class, or by the name that an installed package
            registers.
        given: further subclasses, by the name of the class that each replaces. They take
            precedence.

    Returns:
        Subclasses by the name of the class that each replaces.

    Raises:
        SettingError: a class cannot be imported, is not a valid subclass, or is not used by the
            scenario's engine.
    """
    classes = {}
    for name, text in scenario.agent_classes:
        path, plugin_classes = f"{_PATH}.{name}", plugins("agents", _check_plugin)
        if ":" not in text and text not in plugin_classes:
            raise SettingError(path, f"no installed package offers {text}", "Give module:Class.")
        classes[name] = plugin_classes[text] if text in plugin_classes else load_class(path, text)
    checked = check_agent_classes(classes) | check_agent_classes(given)
    _check_engine(checked, scenario.engine)
    return checked


def _check_plugin(name: str, kind: Any) -> type[Any]:
    """Return a package's agent class. Raise TypeError unless it is a subclass of a known class."""
    if not (isinstance(kind, type) and issubclass(kind, tuple(REPLACEABLE.values()))):
        raise TypeError(f"{plain(kind)} is not a subclass of {', '.join(REPLACEABLE)}")
    return kind


def check_agent_classes(given: Mapping[str, type[Any]] | None) -> dict[str, type[Any]]:
    """Check the subclasses that a user passes.

    Args:
        given: subclasses by the name of the class that each replaces, or None for no subclasses.

    Returns:
        The subclasses, without entries that name the replaced class itself.

    Raises:
        SettingError: `given` is not a mapping, a name is unknown, a class is not a subclass, or it
            overrides a public name that the simulated day never calls.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        hint = 'Give a mapping, for example {"Organisation": MyOrganisation}. ' + _VALID
        raise SettingError(_PATH, f"{plain(given)} is not a mapping", hint)
    for name, kind in given.items():
        if name not in REPLACEABLE:
            hint = did_you_mean(str(name), REPLACEABLE) + _VALID
            raise SettingError(_PATH, f"unknown class {plain(name)}", hint)
        base = REPLACEABLE[name]
        if not (isinstance(kind, type) and issubclass(kind, base)):
            label = kind.__name__ if isinstance(kind, type) else plain(kind)
            reason = f"{label} is not a subclass of {base.__module__}.{name}"
            raise SettingError(_PATH, reason, f"Give a subclass of {name}. {_VALID}")
        _check_overrides(kind, base)
    return {name: kind for name, kind in given.items() if kind is not REPLACEABLE[name]}


def _check_overrides(kind: type[Any], base: type[Any]) -> None:
    """Raise SettingError if a subclass overrides a public name that the simulated day never calls.

    Args:
        kind: the subclass.
        base: the class that `kind` replaces.
    """
    called = ", ".join(base._decisions) or "none of its methods"
    before_base = kind.__mro__[: kind.__mro__.index(base)]
    names = {name for each in before_base for name in vars(each) if name[0] != "_"}
    for name in sorted(names - {"remove"}):
        hint = f"Give it another name. The day calls {called}."
        if name in base._decisions:
            given, declared = (inspect.getattr_static(each, name) for each in (kind, base))
            is_method = callable(declared)
            if not (callable(given) if is_method else getattr(given, "fset", None)):
                hint = "Make it a method." if is_method else "Make it a property with a setter."
                reason = f"{kind.__name__}.{name} is {plain(given)}, which no day would read"
                raise SettingError(_PATH, reason, hint)
        elif hasattr(base, name) or get_close_matches(name, base._decisions, 1, 0.85):
            verb = "overrides" if hasattr(base, name) else "has"
            reason = f"{kind.__name__} {verb} {name}, which is not a decision of a {base.__name__}"
            raise SettingError(_PATH, reason, did_you_mean(name, base._decisions) + hint)


def _check_engine(classes: Mapping[str, type[Any]], engine: str) -> None:
    """Raise SettingError if a subclass replaces an agent class that the engine does not use.

    Args:
        classes: checked subclasses.
        engine: engine of the migrants, "columns" or "objects".
    """
    name = MigrantAgent.__name__
    if name in classes and engine != "objects":
        reason = f"with engine={engine} the migrants are rows, and {name} is not used"
        raise SettingError(_PATH, reason, 'Use engine="objects".')


def names_of(classes: Mapping[str, type[Any]]) -> dict[str, str]:
    """Return the name of each subclass, by the name of the class that it replaces."""
    return {name: kind.__name__ for name, kind in classes.items()}


def check_saved(saved: Mapping[str, str], given: Mapping[str, type[Any]], origin: str = "") -> None:
    """Raise SettingError unless a run was saved with the same subclasses.

    Classes are compared by name, because loading a file must not import the classes that it names.

    Args:
        saved: names of the subclasses in the saved run.
        given: subclasses that the user passes to load the run.
        origin: file of the saved run, "" if there is no file.
    """
    names = names_of(given)
    if names != saved:
        reason = f"the run was saved with {_listed(saved)}, and {_listed(names)} are given"
        example = ", ".join(f'"{name}": {kind}' for name, kind in saved.items())
        hint = f"Load it with agent_classes={{{example}}}." if saved else "Load it without them."
        raise SettingError(_PATH, reason, hint, origin)


def _listed(names: Mapping[str, str]) -> str:
    """Return a phrase that lists subclasses, for an error message."""
    entries = ", ".join(f"{kind} as {name}" for name, kind in names.items())
    return f"own classes ({entries})" if names else "no own classes"


def border_patrol(
    environment: Environment, settings: Scenario, network: RouteNetwork
) -> BorderPatrol:
    """Build the nine sector commands and their teams, with the staff of `staff_year`."""
    year = settings.border_patrol.staff_year or fiscal_year(settings.start)
    return BorderPatrol(
        environment,
        settings.border_patrol,
        staffing(year),
        staffing(ANCHOR_YEAR),
        network_setup.crossings_by_sector(network.world),
    )


def mexican_forces(
    environment: Environment, settings: Scenario, network: RouteNetwork
) -> MexicanForces:
    """Build posts where officers stopped people in the base year, and gendarmes at rural posts."""
    world = network.world
    weight = np.zeros(world.n_places)
    np.add.at(weight, world.head, network_setup.mexican_hazard(world, settings))
    rural = np.flatnonzero(
        (weight > 0.0) & (world.remoteness >= 1) & (world.kind != PlaceKind.STAGING)
    )
    return MexicanForces(environment, settings.mexico, weight, rural)


def market(
    environment: Environment, settings: Scenario, network: RouteNetwork, org_beliefs: Beliefs
) -> Market:
    """Build the first organisations. Their cells are where clients crossed in FY2013."""
    world, homes = network.world, network.homes
    share = np.array(
        [
            [geography.apprehensions_by_sector(ANCHOR_YEAR, c)[name] for name in SECTORS]
            for c in ("Mexican", "NTCA")
        ]
    )
    km = np.array([km_to_line(world, homes.place[homes.group == g]) for g in range(2)])
    built = Market(
        environment,
        settings.smugglers,
        org_beliefs,
        origin_group=homes.group,
        origin_place=homes.place,
        gates=network_setup.gates(world),
        gate_share=network_setup.gate_shares(world, share / share.sum(axis=1, keepdims=True)),
        km=km,
    )
    found_first_organisations(built)
    return built


def ports(environment: Environment, settings: Scenario, network: RouteNetwork) -> Ports:
    """Build the ports of entry with the traffic recorded in the base year."""
    return Ports(
        environment,
        settings.ports,
        np.array(network.world.ports, int),
        network_setup.port_traffic(network.world, settings.ports, ANCHOR_YEAR),
    )


def drugs(environment: Environment, settings: Scenario, network: RouteNetwork) -> DrugTrade:
    """Build the drug organisations. Only the packaged world has any."""
    world, sectors = network.world, len(SECTORS)
    record = [[pounds[name] for name in SECTORS] for pounds in geography.drugs_seized(ANCHOR_YEAR)]
    towns = world.crossings[np.array(world.terrain)[world.crossings] == "urban"]
    has_town = np.isin(np.arange(sectors), world.place_sector[towns])
    lanes = Lanes.of(world.place_sector[world.ports], np.array(record), has_town)
    gates, (sector, _) = network_setup.gates(world), network_setup.sectors_at_line(world)
    count = settings.drugs.count if world.digest == load_world().digest else 0
    first = [int(np.abs(sector - k * sectors // count).argmin()) for k in range(count)]
    return DrugTrade(environment, settings.drugs, lanes, [int(gates[k]) for k in first])


def countries(environment: Environment, settings: Scenario, network: RouteNetwork) -> Countries:
    """Build the four origin countries with base-year GDP and homicide rates."""
    gdp, homicide = (
        [geography.country_series(c, name)[ANCHOR_YEAR] for c in COUNTRIES]
        for name in ("gdp_total_constant_2015_usd", "homicide_rate_unodc")
    )
    return Countries(
        environment,
        settings.push,
        gdp=gdp,
        homicide=homicide,
        homicide_elasticity=homicide_elasticity(settings.migrants, COUNTRIES),
        income_elasticity=settings.migrants.income_elasticity,
        us_gdp=geography.country_series("US", "gdp_total_constant_2015_usd")[ANCHOR_YEAR],
        candidates=candidates_by_country(settings, network.homes),
        path=income_path(settings),
    )
