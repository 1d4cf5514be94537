"""Legs for users of the model: one row per leg, and methods that close and open legs.

People and units travel on the compiled legs (:class:`agents.migrants.columns.LegState`). Mesa's
network presents them read-only (:mod:`abm.world.fixed_network`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.world.vocabulary import MODE_NAMES
from agents.param import SettingError, plain
from agents.port_day import REMOVED

if TYPE_CHECKING:
    from mesa.discrete_space import Network

    from abm.holders import RouteNetwork
    from abm.world.routes import World
    from agents.levers import Levers
    from agents.ports import Ports


class RouteLeg(NamedTuple):
    """State of one leg in one direction.

    Attributes:
        start, end: ids of the places, as in nodes.csv.
        kind: road, rail or foot.
        hazard: hazard per passage of being stopped by Mexico or detected by the United States.
        days: travel time in days, including delays.
        traffic: persons who reached the end of the leg on the last simulated day.
        open: whether people may enter the leg.
    """

    start: str
    end: str
    kind: str
    hazard: float
    days: float
    traffic: int
    open: bool


class LegControl:
    """Mixin: the legs of a model, and methods to close and open them."""

    network: RouteNetwork
    levers: Levers
    ports: Ports

    @property
    def legs(self) -> tuple[RouteLeg, ...]:
        """All legs in their present state, in the same order as the arrays by leg."""
        world, state = self.network.world, self.network.leg_state
        ids, kinds = np.array(world.place_ids), np.array([*MODE_NAMES])
        hazard, traffic = state.mx_hazard + state.us_hazard, state.traffic[:, :2].sum(axis=1)
        ends = ids[world.tail], ids[world.head], kinds[world.mode]
        columns = (*ends, hazard, state.days, traffic, state.closed == 0)
        return tuple(RouteLeg(*row) for row in zip(*(c.tolist() for c in columns), strict=True))

    def close_leg(self, a: str, b: str, kind: str | None = None) -> None:
        """Close the legs between two places, in both directions, from the next day on.

        People already on a closed leg reach its end. All other people take another route, go back,
        or wait where they are and decide every day whether to try again. Units take another route
        or wait.

        Args:
            a, b: ids of the places, as in nodes.csv.
            kind: close only legs of this kind: road, rail or foot. By default, close all kinds.

        Raises:
            SettingError: no such leg exists, or all such legs are closed already.
        """
        self._set_closures(a, b, kind, closed=True)

    def open_leg(self, a: str, b: str, kind: str | None = None) -> None:
        """Reopen the legs between two places that :meth:`close_leg` closed, from the next day on.

        Args:
            a, b, kind: as for :meth:`close_leg`.

        Raises:
            SettingError: no such leg exists, `close_leg` has closed no such leg, or the port at
                its end has been removed.
        """
        self._set_closures(a, b, kind, closed=False)

    def _set_closures(self, a: str, b: str, kind: str | None, *, closed: bool) -> None:
        """Close the legs between two places, or reopen them if `closed` is False."""
        network, legs = self.network, _legs_between(self.network.world, a, b, kind)
        if (network.closures[legs] == closed).all():
            state = "closed already" if closed else "not closed by close_leg"
            by_policy = self.levers.leg_closed[legs].any()
            hint = "A policy closes it." if by_policy else "See model.legs."
            raise SettingError("leg", f"{network.world.leg_ids[legs[0]]} is {state}", hint)
        if not closed:
            removed = network.world.ports[self.ports.asylum_wait == REMOVED].tolist()
            for leg in legs.tolist():
                if network.world.head[leg] in removed:
                    reason = f"{network.world.leg_ids[leg]} leads to a port that has been removed"
                    raise SettingError("leg", reason, "It stays closed: build another BorderModel.")
        network.closures[legs] = closed
        network.close_legs(self.levers)


def _legs_between(world: World, a: str, b: str, kind: str | None) -> np.ndarray:
    """Return the indices of the legs between two places. Raise SettingError if there are none."""
    hint = "Give start, end and kind of a row of model.legs."
    try:
        ends = {world.place_index(str(a)), world.place_index(str(b))}
    except KeyError as error:
        raise SettingError("leg", error.args[0], hint) from None
    between = np.isin(world.tail, [*ends]) & np.isin(world.head, [*ends])
    if kind is not None:
        between &= world.mode == MODE_NAMES.get(kind, -1)
    if not between.any():
        legs = "leg" if kind is None else f"leg of kind {plain(kind)}"
        raise SettingError("leg", f"no {legs} connects {a} and {b}", hint)
    return np.flatnonzero(between)


def show_open_legs(space: Network, world: World, closed: np.ndarray) -> None:
    """Set the attribute `open` of each edge to whether any leg between its ends is open.

    Args:
        space: the network, whose edge data the function changes.
        world: places and legs.
        closed: whether each leg is closed, shape (legs,).
    """
    tail, head = world.tail[~closed].tolist(), world.head[~closed].tolist()
    pairs = {*zip(tail, head, strict=True), *zip(head, tail, strict=True)}
    for a, b, data in space.G.edges(data=True):
        dict.__setitem__(data, "open", (a, b) in pairs)
