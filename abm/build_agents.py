"""Hiring the cast: who stands where on the first day, from a world, a scenario and the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm import network_setup
from abm.phases.historical_inputs import ANCHOR_YEAR, fiscal_year, staffing
from abm.world import geography
from abm.world.vocabulary import SECTORS, PlaceKind
from agents.aid_pipeline import Aid
from agents.border_patrol import BorderPatrol
from agents.gendarmes import MexicanForces
from agents.governments import Governments
from agents.labels import COUNTRIES
from agents.origin_countries import Countries
from agents.ports import Ports
from agents.smugglers import Market
from agents.strategy import Strategy

if TYPE_CHECKING:
    from abm.model import BorderModel


def border_patrol(model: BorderModel) -> BorderPatrol:
    """Nine sector commands and their teams, with the staff of the fiscal year."""
    s, world = model.settings, model.world
    return BorderPatrol(
        model,
        s.border_patrol,
        staffing(fiscal_year(s.start)),
        staffing(ANCHOR_YEAR),
        network_setup.crossings_by_sector(world),
    )


def mexican_forces(model: BorderModel) -> MexicanForces:
    """Posts where people are stopped in the base year; gendarmes for the rural ones of them."""
    s, world = model.settings, model.world
    weight = np.zeros(world.n_places)
    np.add.at(weight, world.head, network_setup.mexican_hazard(world, s))
    rural = np.flatnonzero(
        (weight > 0.0) & (world.remoteness >= 1) & (world.kind != PlaceKind.STAGING)
    )
    return MexicanForces(model, s.mexico, weight, rural)


def market(model: BorderModel) -> Market:
    """The first organisations, with cells where their clients crossed in FY2013."""
    world, homes = model.world, model.homes
    share = np.array(
        [
            [geography.apprehensions_by_sector(ANCHOR_YEAR, c)[name] for name in SECTORS]
            for c in ("Mexican", "NTCA")
        ]
    )
    km = np.array(
        [network_setup.km_to_line(world, homes.place[homes.group == g]) for g in range(2)]
    )
    return Market(
        model,
        model.settings.smugglers,
        model.org_beliefs,
        origin_group=homes.group,
        origin_place=homes.place,
        gates=network_setup.gates(world),
        gate_share=network_setup.gate_shares(world, share / share.sum(axis=1, keepdims=True)),
        km=km,
        trade=model.settings.trade,
    )


def ports(model: BorderModel) -> Ports:
    """The ports of entry, with the traffic of 2013."""
    world = model.world
    return Ports(
        model,
        model.settings.ports,
        np.array(world.ports, int),
        network_setup.port_traffic(world, model.settings.ports, ANCHOR_YEAR),
    )


def countries(model: BorderModel) -> Countries:
    """The four countries of origin, with their product and homicide rate of 2013."""
    m = model.settings.migrants
    gdp, homicide = (
        [geography.country_series(c, name)[ANCHOR_YEAR] for c in COUNTRIES]
        for name in ("gdp_total_constant_2015_usd", "homicide_rate_unodc")
    )
    return Countries(
        model,
        model.settings.push,
        gdp=gdp,
        homicide=homicide,
        homicide_elasticity=m.homicide_elasticity,
        income_elasticity=m.income_elasticity,
    )


def governments(model: BorderModel) -> tuple[Governments, Aid, Strategy]:
    """Both governments, their aid and their common strategy."""
    s = model.settings
    return Governments(model, s.governments), Aid(model, s.aid), Strategy(model, s.strategy)
