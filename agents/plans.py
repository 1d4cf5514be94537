"""Beliefs about legs, and route plans: a recursive logit per traveller class.

Beliefs are report counts with forgetting and a prior. Communities and organisations hold them, and
a person's `knowledge` weighs them. All counts are in persons, so that a belief has the same weight
at every scale.

Classes. Alone: origin x (evader, surrenderer) x (informed or not by the community's beliefs).
Guided: organisation x (Mexican, foreign evader, foreign surrenderer). Through a port: Mexican,
foreign. A surrenderer may also request protection at a port. A class is solved again at least every
four weeks, and at once when its beliefs have changed much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents.jit import kernel
from agents.migrants.columns import SLOTS, LegState
from agents.migrants.prospects import BY_MEXICO
from agents.outcomes import N_GROUPS
from agents.param import SettingError
from agents.routing import CLOSED, NO_WAY, RouteGraph, RouteParams, compute_expectations, solve

PASSED, STOPPED, HARMED = 0, 1, 2


class Beliefs:
    """Reported outcomes by leg, shape (believers, legs, 3), in persons.

    `new_reports` collects the current week. :meth:`learn` adds it to `counts`.
    """

    def __init__(self, new_reports: np.ndarray, prior_weight: float, half_life: float) -> None:
        """Start without experience.

        Args:
            new_reports: the week's reports, shape (believers, legs, 3). The day loop fills it.
            prior_weight: weight in persons.
            half_life: half-life per report, in days.
        """
        self.new_reports = new_reports
        self.counts = np.zeros(new_reports.shape)
        self.prior_weight = prior_weight
        self.keep = 0.5 ** (7.0 / half_life)

    def learn(self, believers: int | None = None) -> None:
        """Discount the counts by a week and add the week's reports.

        Args:
            believers: rows in use, if no later row is (default: all).
        """
        counts, new_reports = self.counts[:believers], self.new_reports[:believers]
        counts *= self.keep
        counts += new_reports
        new_reports.fill(0)

    def forget(self, believer: int) -> None:
        """Clear the beliefs of a row for a new organisation."""
        self.counts[believer] = 0.0
        self.new_reports[believer] = 0

    def inherit(self, heir: int, believer: int) -> None:
        """Copy beliefs from a parent organisation to a splinter.

        Args:
            heir: the splinter's row.
            believer: the parent's row.
        """
        self.counts[heir] = self.counts[believer]

    def stop(self, believer: int | np.ndarray, prior: np.ndarray) -> np.ndarray:
        """Return the believed probability to be stopped, by leg.

        Args:
            believer: row of a community or organisation, or n rows.
            prior: base-year probability by leg, shape (legs,), or (n, legs).

        Returns:
            Probabilities, shaped as `prior`.
        """
        passed, stopped = self.counts[believer, :, PASSED], self.counts[believer, :, STOPPED]
        return (self.prior_weight * prior + stopped) / (self.prior_weight + passed + stopped)

    def harm(self, believer: int, prior: np.ndarray) -> np.ndarray:
        """Return the believed probability of harm (kidnapping or death), by leg.

        Args:
            believer: row of a community or organisation.
            prior: base-year probability by leg.

        Returns:
            Probabilities, shape (legs,).
        """
        passed, stopped, harmed = self.counts[believer].T
        reports = passed + stopped + harmed
        return (self.prior_weight * prior + harmed) / (self.prior_weight + reports)


ROTA = 4  # weeks
LARGE_CHANGE = 0.10  # of a believed probability, on any leg


@dataclass(frozen=True, slots=True)
class PlannerGraph:
    """The route graph for the planner, as arrays by leg unless noted otherwise."""

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
    def graph(self) -> RouteGraph:
        """The graph, as kernels read it."""
        return RouteGraph(self.head, self.out_start, self.out_leg, self.order, self.block)

    @property
    def places(self) -> int:
        """Number of places."""
        return self.out_start.size - 1


class Believed(NamedTuple):
    """Probabilities by leg on which a class plans, now and in the base year.

    Attributes:
        stop, harm: believed probabilities of a stop, and of harm.
        prior_stop, prior_harm: base-year probabilities.
        log_pass: log probability to pass, the negative hazard.
    """

    stop: np.ndarray
    harm: np.ndarray
    prior_stop: np.ndarray
    prior_harm: np.ndarray
    log_pass: np.ndarray

    @classmethod
    def of(
        cls, stop: np.ndarray, harm: np.ndarray, prior_stop: np.ndarray, prior_harm: np.ndarray
    ) -> Believed:
        """Compute the logarithm that a believer's classes share, with arguments by leg."""
        log_pass = np.log1p(-np.minimum(stop, 0.999))
        return cls(stop, harm, prior_stop, prior_harm, log_pass)


@kernel
def _plan(foreign, surrender, mu, hazard_cost, utility, legs, believed, graph, value, prob, tables):
    """Solve a class. Its choice table and expected outcomes, now and in the base year, are set.

    `utility` is the utility without hazard. `legs` are, by leg, whether the United States contest
    it, which share of arrivals ends there for a surrenderer, the toll, and whether it is closed.
    """
    is_us, border, toll, closed = legs
    cum, expected_outcomes, prior = tables
    stop_mx, stop_us, none = np.zeros(utility.size), np.zeros(utility.size), np.zeros(utility.size)
    old_mx, old_us, has_closed = np.zeros(utility.size), np.zeros(utility.size), False
    for leg in range(utility.size):
        has_closed = has_closed or closed[leg] != 0
        if not is_us[leg]:
            if foreign:
                stop_mx[leg], old_mx[leg] = believed.stop[leg], believed.prior_stop[leg]
                utility[leg] += hazard_cost * believed.log_pass[leg]
        elif not surrender:
            stop_us[leg], old_us[leg] = believed.stop[leg], believed.prior_stop[leg]
            utility[leg] += hazard_cost * believed.log_pass[leg]
        if surrender:  # for a surrenderer the line is the aim, not a danger
            stop_us[leg] = old_us[leg] = border[leg]
    sweeps = solve(utility, mu, graph, value, cum, prob)
    if sweeps > 0:
        compute_expectations(prob, graph, stop_mx, stop_us, believed.harm, toll, expected_outcomes)
        compute_expectations(prob, graph, old_mx, old_us, believed.prior_harm, none, prior)
    for i in range(value.size if has_closed else 0):
        if value[i] <= 0.5 * CLOSED:  # no way on: an attempt always ends before the line
            expected_outcomes[BY_MEXICO, i] = prior[BY_MEXICO, i] = 1.0
            for j in range(graph.out_start[i], graph.out_start[i + 1]):
                cum[j] = NO_WAY
    return sweeps


def base_utility(
    params: RouteParams, *, km, days, road, lateral, hazard_class, line_sector, corridor
) -> np.ndarray:
    """Return a leg's utility before noise, hazard and cells: time, money, danger, constants.

    Args:
        params: costs.
        km, days: by leg.
        road, lateral: booleans by leg.
        hazard_class: 1 to 5 by leg.
        line_sector: sector by line leg, -1 elsewhere.
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
    """Choice tables and expected outcomes for all classes.

    Attributes:
        cum: cumulative choice probabilities, shape (classes, CSR).
        expected_outcomes: expected outcomes from each place by belief, shape (classes, N_EXPECTED,
            places), see :func:`agents.routing.compute_expectations`.
        prior: the same plan under the base-year probabilities.
        closed: 1 for a closed leg, shape (legs,), the column of the leg state.
        solves: classes solved, which measures work.
    """

    def __init__(
        self, net: PlannerGraph, params: RouteParams, foreign: np.ndarray, leg_state: LegState
    ) -> None:
        """Create the plans. The tables belong to `leg_state`, where the day loop reads them.

        Args:
            net: the route graph.
            params: costs.
            foreign: whether a community is not Mexican, by community.
            leg_state: leg states. Its tables are filled in.
        """
        origins = foreign.size
        self.net, self.params, self.foreign = net, params, foreign
        self.first_guided = origins * 4
        self.first_port = self.first_guided + SLOTS * 3
        n = self.first_port + N_GROUPS
        self._no_ports = np.where(net.is_port, CLOSED, 0.0)
        self._only_ports = np.where(net.is_line, CLOSED, 0.0)
        self._presenting = np.where(net.is_port, params.presenting, 0.0)
        self._border = (net.is_line | net.is_port).astype(float)
        self.cum, self.closed = leg_state.cum, leg_state.closed
        self.expected_outcomes, self.prior = leg_state.expected_outcomes, leg_state.prior
        self.prob = np.zeros(net.out_leg.size)
        self.value = np.zeros(net.places)
        self._last = np.full((n, net.tail.size), np.nan)
        self.set_toll(np.zeros(net.tail.size))
        self.solves = 0

    def set_toll(self, toll: np.ndarray) -> None:
        """Set the $ by leg that levers add to the cost of a journey, and leave out closed legs."""
        self.toll, self._left_out = toll, self.closed.copy()
        cost = np.where(self.closed, CLOSED, self.net.base_utility - toll)
        alike = self.net.log_parallel
        self._base_solo = cost - self.params.noise_solo * alike
        self._base_guided = cost - self.params.noise_guided * alike

    @property
    def outdated(self) -> bool:
        """Whether legs have been closed or opened since :meth:`set_toll`."""
        return bool((self.closed != self._left_out).any())

    def queue_at_ports(self, days: np.ndarray) -> None:
        """Set the wait of requests for protection, in days by leg, as a cost in the plans."""
        wait = self.params.day_cost * days
        self._presenting = np.where(self.net.is_port, self.params.presenting - wait, 0.0)

    def pull(self, cells: np.ndarray) -> np.ndarray:
        """Return the utility of legs at an organisation's gates, $, with `cells` by place."""
        gate = self.net.gate_leg
        return self.params.cell_weight * np.where(gate >= 0, np.log1p(cells)[gate], 0.0)

    def solo(self, origin: int, surrender: int, informed: int, believed: Believed) -> None:
        """Solve a class of migrants who travel alone.

        Args:
            origin: origin index.
            surrender: 1 for surrenderers.
            informed: 1 for migrants who use the community's beliefs.
            believed: probabilities by leg.
        """
        row = origin * 4 + surrender * 2 + informed
        foreign = bool(self.foreign[origin])
        added = self._presenting if surrender else self._no_ports
        self._solve(row, foreign, bool(surrender), believed, added)

    def guided(self, slot: int, kind: int, believed: Believed, pull: np.ndarray) -> None:
        """Solve one class among an organisation's clients.

        Args:
            slot: the organisation's slot.
            kind: 0 Mexican, 1 foreign evader, 2 foreign surrenderer.
            believed: probabilities by leg.
            pull: leg utility at gates with cells, see :meth:`pull`.
        """
        added = pull + (self._presenting if kind == 2 else self._no_ports)
        self._solve(self.first_guided + slot * 3 + kind, kind > 0, kind == 2, believed, added)

    def through_port(self, group: int, believed: Believed) -> None:
        """Solve the class of migrants who are guided through a port, hidden or with false papers.

        Args:
            group: the migrant's groups.
            believed: probabilities by leg.
        """
        self._solve(self.first_port + group, group > 0, False, believed, self._only_ports)

    def changed(self, rows: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Return whether beliefs have changed much since they were last solved.

        Args:
            rows: class rows, shape (n,).
            stop: believed stop probability, shape (n, legs).

        Returns:
            True if the change on any leg exceeds LARGE_CHANGE, or without a plan, shape (n,).
        """
        change = np.maximum.reduce(np.abs(stop - self._last[rows]), axis=1)
        return ~(change <= LARGE_CHANGE)  # NaN without a plan

    def _solve(
        self, row: int, foreign: bool, surrender: bool, believed: Believed, added: np.ndarray
    ) -> None:
        net, params, guided = self.net, self.params, row >= self.first_guided
        mu = params.noise_guided if guided else params.noise_solo
        base = self._base_guided if guided else self._base_solo
        sweeps = _plan(
            foreign,
            surrender,
            mu,
            params.hazard_cost_guided if guided else params.hazard_cost_solo,
            base + added,
            (net.is_us, self._border, self.toll, self.closed),
            believed,
            net.graph,
            self.value,
            self.prob,
            (self.cum[row], self.expected_outcomes[row], self.prior[row]),
        )
        if sweeps < 0:
            name = "noise_guided" if guided else "noise_solo"
            reason = f"the values of routes do not converge at {mu:g}"
            raise SettingError(f"routes.{name}", reason, f"Lower routes.{name}.")
        self._last[row] = believed.stop
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
        plans: the plans, changed.
        beliefs: community beliefs.
        priors: base-year stop and harm probabilities by leg, one pair per group.
        week: week number, for the rotation.
        everybody: solve all classes, also those that use the prior only.
    """
    origins = np.arange(plans.foreign.size)
    prior_stop = np.array([priors[foreign][0] for foreign in plans.foreign.tolist()])
    stop = beliefs.stop(origins, prior_stop)
    due = everybody | ((week + origins) % ROTA == 0) | plans.changed(origins * 4 + 1, stop)
    for origin in np.flatnonzero(due).tolist():
        prior = priors[int(plans.foreign[origin])]
        informed = Believed.of(stop[origin], beliefs.harm(origin, prior[1]), *prior)
        for surrender in range(2 if plans.foreign[origin] else 1):
            plans.solo(origin, surrender, 1, informed)
            if everybody:
                plans.solo(origin, surrender, 0, Believed.of(*prior, *prior))
