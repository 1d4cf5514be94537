"""Route plans: one recursive logit per traveller class, solved again in rotation.

Classes. Alone: origin x (evader, surrenderer) x (informed or not by the community's beliefs).
Guided: organisation x (Mexican, foreign evader, foreign surrenderer). Through a port: Mexican,
foreign. A surrenderer may also request protection at a port. A class is solved again at least every
four weeks, and at once when its beliefs have changed much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.beliefs import Beliefs
from agents.jit import kernel
from agents.migrants.columns import SLOTS, LegState
from agents.outcomes import N_GROUPS
from agents.param import SettingError
from agents.routing import (
    CLOSED,
    RouteParams,
    compute_expectations,
    solve,
)

ROTA = 4  # weeks
LARGE_CHANGE = 0.10  # of a believed probability, on any leg


@dataclass(frozen=True, slots=True)
class Net:
    """The route graph for the planner; arrays by leg unless noted otherwise."""

    tail: np.ndarray
    head: np.ndarray
    out_start: np.ndarray  # by place
    out_leg: np.ndarray  # CSR
    order: np.ndarray  # places from the destinations back, cycles together
    block: np.ndarray  # ends of the blocks of `order`: a place, or the places of a cycle
    base_utility: np.ndarray  # $, without noise terms, hazard and cells
    log_parallel: np.ndarray  # ln(number of parallel legs)
    is_us: np.ndarray  # contested by the United States: line, belt and ports
    is_line: np.ndarray
    is_port: np.ndarray
    gate_leg: np.ndarray  # tail place of line legs, else -1

    @property
    def places(self) -> int:
        """Number of places."""
        return self.out_start.size - 1


@kernel
def _plan(
    utility,
    mu,
    net_head,
    out_start,
    out_leg,
    order,
    block,
    stop_mx,
    stop_us,
    harm,
    old_mx,
    old_us,
    old_harm,
    toll,
    none,
    value,
    cum,
    prob,
    expected_outcomes,
    prior,
):
    sweeps = solve(utility, mu, net_head, out_start, out_leg, order, block, value, cum, prob)
    if sweeps > 0:
        compute_expectations(
            prob,
            net_head,
            out_start,
            out_leg,
            order,
            block,
            stop_mx,
            stop_us,
            harm,
            toll,
            expected_outcomes,
        )
        compute_expectations(
            prob, net_head, out_start, out_leg, order, block, old_mx, old_us, old_harm, none, prior
        )
    return sweeps


def base_utility(
    params: RouteParams, *, km, days, road, lateral, hazard_class, line_sector, corridor
) -> np.ndarray:
    """Return the utility of a leg before noise, hazard and cells: time, money, danger, constants.

    Args:
        params: costs.
        km, days: by leg.
        road, lateral: booleans by leg.
        hazard_class: 1 to 5 by leg.
        line_sector: sector of a line leg, -1 elsewhere.
        corridor: index in CORRIDORS by leg, -1 elsewhere.

    Returns:
        $ per leg, shape (legs,).
    """
    cost = params.day_cost * days + params.road_cost * km * road
    cost = cost + params.lateral_cost * lateral
    cost = cost + params.danger_cost * (hazard_class - 1.0) * days
    constant = np.array([*params.sector_constant, 0.0])[line_sector]
    constant += np.array([*params.corridor_constant, 0.0])[corridor]
    return constant - cost


class Plans:
    """Choice tables and expected outcomes of all classes.

    Attributes:
        cum: cumulative choice probabilities, shape (classes, CSR).
        expected_outcomes: expected outcomes from each place by belief, shape (classes, N_EXPECTED,
            places), see :func:`agents.routing.compute_expectations`.
        prior: the same plan under the base-year probabilities.
        solves: number of classes solved, a measure of work.
    """

    def __init__(
        self,
        net: Net,
        params: RouteParams,
        foreign: np.ndarray,
        leg_state: LegState,
    ) -> None:
        """Create the plans; the tables are those of `leg_state`, where the day loop reads them.

        Args:
            net: the route graph.
            params: costs.
            foreign: whether a community is not Mexican, by community.
            leg_state: state of the legs; its tables are filled in.
        """
        origins = foreign.size
        self.net, self.params, self.foreign = net, params, foreign
        self.first_guided = origins * 4
        self.first_port = self.first_guided + SLOTS * 3
        n = self.first_port + N_GROUPS
        self._no_ports = np.where(net.is_port, CLOSED, 0.0)
        self._only_ports = np.where(net.is_line, CLOSED, 0.0)
        self._presenting = np.where(net.is_port, params.presenting, 0.0)
        self._in_mexico = ~net.is_us
        self._border = (net.is_line | net.is_port).astype(float)
        self.cum, self.expected_outcomes, self.prior = (
            leg_state.cum,
            leg_state.expected_outcomes,
            leg_state.prior,
        )
        self.prob = np.zeros(net.out_leg.size)
        self.value = np.zeros(net.places)
        self.extra = np.zeros(net.tail.size)  # $ that levers add to legs
        self._last = np.full((n, net.tail.size), np.nan)
        self._legs = np.zeros(net.tail.size)
        self.solves = 0

    def queue_at_ports(self, days: np.ndarray) -> None:
        """Set the wait of requests for protection, in days by leg, as a cost in the plans."""
        wait = self.params.day_cost * days
        self._presenting = np.where(self.net.is_port, self.params.presenting - wait, 0.0)

    def solo(
        self,
        origin: int,
        surrender: int,
        informed: int,
        stop: np.ndarray,
        harm: np.ndarray,
        prior_stop: np.ndarray,
        prior_harm: np.ndarray,
    ) -> None:
        """Solve a class of migrants who travel alone.

        Args:
            origin: index of the origin community.
            surrender: 1 for surrenderers.
            informed: 1 for migrants who use the community's beliefs.
            stop, harm: believed probabilities by leg.
            prior_stop, prior_harm: base-year probabilities by leg.
        """
        row = origin * 4 + surrender * 2 + informed
        foreign = bool(self.foreign[origin])
        added = self._presenting if surrender else self._no_ports
        self._solve(
            row,
            foreign,
            bool(surrender),
            stop,
            harm,
            prior_stop,
            prior_harm,
            self.params.noise_solo,
            self.params.hazard_cost_solo,
            added,
            0,
        )

    def guided(
        self,
        slot: int,
        kind: int,
        stop: np.ndarray,
        harm: np.ndarray,
        prior_stop: np.ndarray,
        prior_harm: np.ndarray,
        cells: np.ndarray,
    ) -> None:
        """Solve a class of an organisation's clients.

        Args:
            slot: slot of the organisation.
            kind: 0 Mexican, 1 foreign evader, 2 foreign surrenderer.
            stop, harm: believed probabilities by leg.
            prior_stop, prior_harm: base-year probabilities by leg.
            cells: cells by place; they attract routes to their gates.
        """
        gate = self.net.gate_leg
        pull = self.params.cell_weight * np.where(gate >= 0, np.log1p(cells)[gate], 0.0)
        added = pull + (self._presenting if kind == 2 else self._no_ports)
        self._solve(
            self.first_guided + slot * 3 + kind,
            kind > 0,
            kind == 2,
            stop,
            harm,
            prior_stop,
            prior_harm,
            self.params.noise_guided,
            self.params.hazard_cost_guided,
            added,
            1,
        )

    def through_port(
        self,
        group: int,
        stop: np.ndarray,
        harm: np.ndarray,
        prior_stop: np.ndarray,
        prior_harm: np.ndarray,
    ) -> None:
        """Solve the class of migrants who are guided through a port, hidden or with false papers.

        Args:
            group: group of the migrants.
            stop, harm: believed probabilities by leg.
            prior_stop, prior_harm: base-year probabilities by leg.
        """
        self._solve(
            self.first_port + group,
            group > 0,
            False,
            stop,
            harm,
            prior_stop,
            prior_harm,
            self.params.noise_guided,
            self.params.hazard_cost_guided,
            self._only_ports,
            1,
        )

    def changed(self, row: int, stop: np.ndarray) -> bool:
        """Return whether the beliefs of a class have changed much since it was last solved.

        Args:
            row: row of the class.
            stop: believed probability of a stop, by leg.

        Returns:
            True if the change on any leg exceeds LARGE_CHANGE.
        """
        last = self._last[row]
        return bool(np.isnan(last[0]) or np.abs(stop - last).max() > LARGE_CHANGE)

    def _solve(
        self,
        row,
        foreign,
        surrender,
        stop,
        harm,
        prior_stop,
        prior_harm,
        mu,
        hazard_cost,
        added,
        guided,
    ) -> None:
        net, none = self.net, self._legs
        mx, old_mx = none, none
        if foreign:
            mx, old_mx = stop * self._in_mexico, prior_stop * self._in_mexico
        if surrender:  # for a surrenderer the line is the aim, not a danger
            us = old_us = self._border
            risk = mx
        else:
            us, old_us = stop * net.is_us, prior_stop * net.is_us
            risk = us if not foreign else stop
        utility = net.base_utility + self.extra - mu * net.log_parallel + added
        utility += hazard_cost * np.log1p(-np.minimum(risk, 0.999))
        sweeps = _plan(
            utility,
            mu,
            net.head,
            net.out_start,
            net.out_leg,
            net.order,
            net.block,
            mx,
            us,
            harm,
            old_mx,
            old_us,
            prior_harm,
            -self.extra,
            none,
            self.value,
            self.cum[row],
            self.prob,
            self.expected_outcomes[row],
            self.prior[row],
        )
        if sweeps < 0:
            name = "noise_guided" if guided else "noise_solo"
            reason = f"the values of routes do not converge at {mu:g}"
            raise SettingError(f"routes.{name}", reason, f"Lower routes.{name}.")
        self._last[row] = stop
        self.solves += 1


def refresh_solo(
    plans: Plans,
    beliefs: Beliefs,
    priors: list[tuple[np.ndarray, np.ndarray]],
    week: int,
    everybody: bool,
) -> None:
    """Solve the solo classes that are due, or whose beliefs have changed much.

    Args:
        plans: the plans; changed.
        beliefs: beliefs of the communities.
        priors: base-year probabilities of stop and harm by leg, one pair per group.
        week: number of the week, for the rotation.
        everybody: solve all classes, also those that use the prior only.
    """
    for origin in range(plans.foreign.size):
        prior_stop, prior_harm = priors[int(plans.foreign[origin])]
        stop = beliefs.stop(origin, prior_stop)
        due = everybody or (week + origin) % ROTA == 0
        if not (due or plans.changed(origin * 4 + 1, stop)):
            continue
        harm = beliefs.harm(origin, prior_harm)
        for surrender in range(2 if plans.foreign[origin] else 1):
            plans.solo(origin, surrender, 1, stop, harm, prior_stop, prior_harm)
            if everybody:
                plans.solo(origin, surrender, 0, prior_stop, prior_harm, prior_stop, prior_harm)
