"""Check that the values of the route choice converge in a world with the costs of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.network_setup import net_of
from abm.scenario import Scenario
from abm.world.errors import WorldError
from agents.param import SettingError, plain
from agents.routing import RouteParams, diverging_loop

if TYPE_CHECKING:
    from abm.world.routes import World
    from agents.plans import PlannerGraph

_NOISE = ("noise_solo", "noise_guided")
_COSTS = ("lateral_cost", "day_cost", "road_cost", "danger_cost", "corridor_constant")


def check_routes_converge(net: PlannerGraph, world: World, settings: Scenario) -> None:
    """Raise an error if route values diverge in a loop of legs.

    Args:
        net: route graph with the prices of the scenario.
        world: its places and legs.
        settings: the scenario.

    Raises:
        WorldError: if they diverge with the default settings as well.
        SettingError: otherwise; the message names the settings that cause it together.
    """
    routes = settings.routes
    for noise in _NOISE:
        loop = _loop(net, getattr(routes, noise))
        if loop.size:
            _refuse_world(world)
            found = _differences(routes, noise)
            reason = f"route values do not converge with {found} in the loop {_named(world, loop)}"
            hint = f"Lower routes.{noise}, or raise routes.lateral_cost or routes.day_cost."
            raise SettingError(f"routes.{noise}", reason, hint)


def _loop(net: PlannerGraph, noise: float) -> np.ndarray:
    """Return the places of a loop in which values diverge at a scale of the noise."""
    utility = net.base_utility - noise * net.log_parallel
    return diverging_loop(utility, noise, net.tail, net.head, net.out_leg, net.places)


def _refuse_world(world: World) -> None:
    """Raise WorldError if values diverge with the default settings, at a leg of the loop."""
    default = Scenario()
    for noise in _NOISE:
        loop = _loop(net_of(world, default), getattr(default.routes, noise))
        if loop.size:
            inside = np.isin(world.tail, loop) & np.isin(world.head, loop)
            row = int(world.leg_row[inside].min())
            reason = (
                f"route values do not converge in the loop {_named(world, loop)}: expected fewer "
                "legs back, or more days on them"
            )
            raise WorldError("edges.csv", row, "travel_days", reason)


def _differences(routes: RouteParams, noise: str) -> str:
    """Return as text the noise and the costs that differ from their defaults."""
    default, found = RouteParams(), [f"{noise} {plain(getattr(routes, noise))}"]
    for name in _COSTS:
        value = getattr(routes, name)
        if value != getattr(default, name):
            shown = "/".join(f"{v:g}" for v in value) if isinstance(value, tuple) else f"{value:g}"
            found.append(f"{name} {shown}")
    return ", ".join(found)


def _named(world: World, loop: np.ndarray) -> str:
    """Describe a loop by its first two places and its size."""
    first = ", ".join(world.place_ids[i] for i in loop[:2])
    return f"of {first} and {len(loop) - 2} more places" if len(loop) > 2 else f"of {first}"
