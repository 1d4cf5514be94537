"""Build the actors of a run from a world, a scenario and the recorded base year.

The `environment` of every function is the model that the actors act in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm import network_setup
from abm.growth_path import income_path
from abm.phases.historical_inputs import ANCHOR_YEAR, fiscal_year, staffing
from abm.supply import candidates_by_country, homicide_elasticity
from abm.world import geography
from abm.world.vocabulary import SECTORS, PlaceKind
from abm.world.ways import km_to_line
from agents.border_patrol import BorderPatrol
from agents.gendarmes import MexicanForces
from agents.labels import COUNTRIES
from agents.origin_countries import Countries
from agents.ports import Ports
from agents.smugglers import Market

if TYPE_CHECKING:
    from abm.holders import RouteNetwork
    from abm.scenario import Scenario
    from agents.environment import Environment
    from agents.plans import Beliefs


def border_patrol(
    environment: Environment, settings: Scenario, network: RouteNetwork
) -> BorderPatrol:
    """Build nine sector commands and their teams, with the staff of `staff_year`."""
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
    """Build posts where people are stopped in the base year. Rural ones may get gendarmes."""
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
    """Build the first organisations, with cells where their clients crossed in FY2013."""
    world, homes = network.world, network.homes
    share = np.array(
        [
            [geography.apprehensions_by_sector(ANCHOR_YEAR, c)[name] for name in SECTORS]
            for c in ("Mexican", "NTCA")
        ]
    )
    km = np.array([km_to_line(world, homes.place[homes.group == g]) for g in range(2)])
    return Market(
        environment,
        settings.smugglers,
        org_beliefs,
        origin_group=homes.group,
        origin_place=homes.place,
        gates=network_setup.gates(world),
        gate_share=network_setup.gate_shares(world, share / share.sum(axis=1, keepdims=True)),
        km=km,
        trade=settings.trade,
    )


def ports(environment: Environment, settings: Scenario, network: RouteNetwork) -> Ports:
    """Build the ports of entry, with 2013 traffic."""
    return Ports(
        environment,
        settings.ports,
        np.array(network.world.ports, int),
        network_setup.port_traffic(network.world, settings.ports, ANCHOR_YEAR),
    )


def countries(environment: Environment, settings: Scenario, network: RouteNetwork) -> Countries:
    """Build the four origin countries, with the product and homicide rate of 2013."""
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
