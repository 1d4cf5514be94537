"""Beliefs about legs, and route plans: a recursive logit for each traveller class.

Beliefs combine a prior with counts of reports, which are gradually forgotten. Communities and
organisations hold beliefs, and a person weights them by `knowledge`. All counts are in persons, so
a belief has the same weight at every scale.

The traveller classes are

- alone: origin x (evader, surrenderer) x (informed or not by the community's beliefs)
- guided: organisation x (Mexican, foreign evader, foreign surrenderer)
- hidden in a passage through a port: Mexican, foreign

A surrenderer may also request protection at a port. A class is solved again at least once in four
weeks, and immediately when its beliefs have changed much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from agents.hazards import numpy_sum
from agents.jit import kernel
from agents.migrants.columns import SLOTS, LegState
from agents.migrants.prospects import BY_MEXICO
from agents.param import SettingError
from agents.routing import CLOSED, NO_WAY, RouteGraph, RouteParams, compute_expectations, solve

PASSED, STOPPED, HARMED = 0, 1, 2
ROTA = 4  # weeks within which every class is solved again
LARGE_CHANGE = 0.10  # change in the believed probability of a stop on any leg
#: Number of rows from a class of evaders to its class of surrenderers, 0 if it has none.
SOLO, GUIDED, THROUGH_PORT = 2, 1, 0


@kernel
def _learn(counts, new_reports, keep):
    """Discount the counts, add the new reports, and clear the new reports."""
    for k in range(counts.shape[0]):
        for leg in range(counts.shape[1]):
            for kind in range(3):
                counts[k, leg, kind] = counts[k, leg, kind] * keep + new_reports[k, leg, kind]
                new_reports[k, leg, kind] = 0


@kernel
def _believe(counts, believers, groups, prior, weight, believed):
    """Compute the probabilities of a stop and of harm that believers hold, by leg."""
    for k in range(believers.size):
        reports = counts[believers[k]]
        stop, harm = prior[groups[k], 0], prior[groups[k], 1]
        for leg in range(stop.size):
            passed, stopped, harmed = reports[leg, 0], reports[leg, 1], reports[leg, 2]
            believed[k, 0, leg] = (weight * stop[leg] + stopped) / (weight + passed + stopped)
            total = passed + stopped + harmed
            believed[k, 1, leg] = (weight * harm[leg] + harmed) / (weight + total)


@kernel
def failure_risk(expected_outcomes, first, slots, groups, place, group, risk):
    """Set the probability that an attempt by an organisation's client fails.

    If an organisation has no plan, its probability is left unchanged.

    Args:
        expected_outcomes, first: expected outcomes by class, and the row of the first guided class.
        slots, groups: the organisations' slots, and the group that each serves.
        place, group: place and group by community.
        risk: probabilities by slot and group, changed in place.
    """
    for k in range(slots.size):
        row, served, size = first + slots[k] * 3 + groups[k], np.empty(place.size), 0
        for home in range(place.size):
            if group[home] == groups[k]:
                served[size], size = expected_outcomes[row, 0, place[home]], size + 1
        mean = numpy_sum(served[:size]) / max(size, 1)
        if mean > 0.0:
            risk[slots[k], groups[k]] = 1.0 - mean


@kernel
def _find_due(believers, believed, planned, week, plan_all):
    """Return whether each believer plans this week."""
    due = np.zeros(believers.size, np.bool_)
    for k in range(believers.size):
        before, due[k] = planned[believers[k]], plan_all or (week + believers[k]) % ROTA == 0
        for leg in range(before.size):
            # Without a plan, the belief is NaN and "not <=" is true.
            due[k] |= not abs(believed[k, 0, leg] - before[leg]) <= LARGE_CHANGE
    return due


class Beliefs:
    """Reported outcomes by leg, shape (believers, legs, 3), in persons.

    `new_reports` collects the current week's reports, which :meth:`learn` adds to `counts`.
    `planned` is the probability of a stop, by believer and leg, that the last plan used, NaN before
    the first plan.
    """

    def __init__(self, new_reports: np.ndarray, prior_weight: float, half_life: float) -> None:
        """Create beliefs without reports.

        Args:
            new_reports: the week's reports, shape (believers, legs, 3). The day loop fills it.
            prior_weight: weight of the prior, in persons.
            half_life: half-life of a report, in days.
        """
        self.new_reports = new_reports
        self.counts = np.zeros(new_reports.shape)
        self.prior_weight = prior_weight
        self.keep = 0.5 ** (7.0 / half_life)
        self.planned = np.full(self.counts.shape[:2], np.nan)

    def learn(self, believers: int | None = None) -> None:
        """Discount the counts by a week, and add the week's reports.

        Args:
            believers: number of leading rows to update. None updates all rows.
        """
        _learn(self.counts[:believers], self.new_reports, self.keep)

    def forget(self, believer: int) -> None:
        """Clear a row of beliefs for a new organisation."""
        self.counts[believer], self.planned[believer] = 0.0, np.nan
        self.new_reports[believer] = 0

    def inherit(self, heir: int, believer: int) -> None:
        """Copy beliefs from a parent organisation to a splinter.

        Args:
            heir: the splinter's row.
            believer: the parent's row.
        """
        self.counts[heir] = self.counts[believer]

    def of(self, believers: np.ndarray, groups: np.ndarray, prior: np.ndarray) -> np.ndarray:
        """Return believed probabilities of a stop, and of harm (kidnapping or death), by leg.

        Args:
            believers: rows for communities or organisations, shape (n,).
            groups: group by believer, shape (n,).
            prior: base-year probabilities by group, shape (groups, 2, legs).

        Returns:
            Probabilities, shape (n, 2, legs).
        """
        believed = np.empty((believers.size, *prior.shape[1:]))
        _believe(self.counts, believers, groups, prior, self.prior_weight, believed)
        return believed

    def due(
        self, believers: np.ndarray, believed: np.ndarray, week: int, plan_all: bool
    ) -> np.ndarray:
        """Return the believers that plan this week, and store the beliefs that they plan with.

        A believer plans once in `ROTA` weeks, if it has no plan yet, or if the probability of a
        stop on some leg has changed by more than LARGE_CHANGE since its last plan.

        Args:
            believers, believed: as for :meth:`of`, shapes (n,) and (n, 2, legs).
            week: week number, for the rotation.
            plan_all: whether all believers plan.

        Returns:
            Positions in `believers`.
        """
        due = np.flatnonzero(_find_due(believers, believed, self.planned, week, plan_all))
        self.planned[believers[due]] = believed[due, 0]
        return due


@dataclass(frozen=True, slots=True)
class PlannerGraph:
    """The route graph for the planner, with constant arrays by leg."""

    routes: tuple[np.ndarray, ...]  # the arrays of a :class:`RouteGraph`
    tail: np.ndarray
    base_utility: np.ndarray  # $, without noise terms, hazard and cells
    log_parallel: np.ndarray  # ln(number of parallel legs)
    is_us: np.ndarray  # contested by the United States: line, belt and ports
    is_line: np.ndarray
    is_port: np.ndarray
    gate_leg: np.ndarray  # tail place of line legs, -1 elsewhere

    @property
    def graph(self) -> RouteGraph:
        """The graph in the form that kernels read."""
        return RouteGraph(*self.routes)

    @property
    def places(self) -> int:
        """Number of places."""
        return self.graph.out_start.size - 1


@kernel
def _plan(rows, step, groups, believed, prior, cells, costs, legs, graph, tables):
    """Solve the classes of several believers: evaders, and foreigners who surrender.

    Set these classes' choice tables and expected outcomes, now and in the base year.

    Args:
        rows, step: row of the evaders' class by believer, and SOLO, GUIDED or THROUGH_PORT.
        groups, believed, prior: as for :meth:`Beliefs.of`.
        cells: an organisation's cells by believer and place.
        costs: noise, cost of hazard, weight of cells, and three arrays of utilities in $ by leg:
            utility without hazard and cells, addition for an evader, and addition for a
            surrenderer.
        legs: arrays by leg: whether the United States contests it, which share of surrenderers'
            journeys ends there, the place with cells or -1, the toll in $, and whether the leg is
            closed.
        graph: the :class:`RouteGraph`.
        tables: choice tables, and expected outcomes now and in the base year, by class.

    Returns:
        Whether the values converge.
    """
    mu, hazard_cost, cell_weight, base, evading, surrendering = costs
    is_us, border, gate, toll, closed = legs
    none, utility, prob = np.zeros(base.size), np.empty(base.size), np.empty(graph.out_leg.size)
    stop_mx, stop_us, old_mx, old_us = none.copy(), none.copy(), none.copy(), none.copy()
    value = np.empty(graph.out_start.size - 1)
    for k in range(rows.size):
        foreign = groups[k] > 0
        stop, harm = believed[k, 0], believed[k, 1]
        old_stop, old_harm = prior[groups[k], 0], prior[groups[k], 1]
        for surrender in range(2 if foreign and step != THROUGH_PORT else 1):
            row = rows[k] + step * surrender
            cum, outcomes, old_outcomes = tables[0][row], tables[1][row], tables[2][row]
            for leg in range(base.size):
                pull = cell_weight * (math.log1p(cells[k, gate[leg]]) if gate[leg] >= 0 else 0.0)
                u = base[leg] + (pull + (surrendering[leg] if surrender else evading[leg]))
                stop_mx[leg] = old_mx[leg] = 0.0
                # A surrenderer achieves the aim at the line, so a stop there is no danger.
                stop_us[leg] = old_us[leg] = border[leg] if surrender else 0.0
                if not is_us[leg]:
                    if foreign:
                        stop_mx[leg], old_mx[leg] = stop[leg], old_stop[leg]
                        u += hazard_cost * math.log1p(-min(stop[leg], 0.999))
                elif not surrender:
                    stop_us[leg], old_us[leg] = stop[leg], old_stop[leg]
                    u += hazard_cost * math.log1p(-min(stop[leg], 0.999))
                utility[leg] = u
            if solve(utility, mu, graph, value, cum, prob) < 0:
                return False
            compute_expectations(prob, graph, stop_mx, stop_us, harm, toll, outcomes)
            compute_expectations(prob, graph, old_mx, old_us, old_harm, none, old_outcomes)
            for i in range(value.size if closed.any() else 0):
                if value[i] <= 0.5 * CLOSED:  # No way on: attempts end here.
                    outcomes[BY_MEXICO, i] = old_outcomes[BY_MEXICO, i] = 1.0
                    for j in range(graph.out_start[i], graph.out_start[i + 1]):
                        cum[j] = NO_WAY
    return True


def base_utility(
    params: RouteParams, *, km, days, road, lateral, hazard_class, line_sector, corridor
) -> np.ndarray:
    """Return the utility of legs before noise, hazard and cells: time, money, danger, constants.

    Args:
        params: costs.
        km, days: length and travel days by leg.
        road, lateral: whether a leg is a road, and whether it runs along the line.
        hazard_class: 1 to 5 by leg.
        line_sector: sector by line leg, -1 elsewhere.
        corridor: index in CORRIDORS by leg, -1 elsewhere.

    Returns:
        $ per leg, shape (legs,).
    """
    cost = params.day_cost * days + params.road_cost * km * road + params.lateral_cost * lateral
    cost = cost + params.danger_cost * (hazard_class - 1.0) * days
    constant = np.array([*params.sector_constant, 0.0])[line_sector]
    constant += np.array([*params.corridor_constant, 0.0])[corridor]
    return constant - cost


class Plans:
    """Choice tables and expected outcomes for all traveller classes.

    Attributes:
        cum: cumulative choice probabilities, shape (classes, CSR).
        expected_outcomes: expected outcomes from each place under present beliefs, shape (classes,
            N_EXPECTED, places), see :func:`agents.routing.compute_expectations`.
        prior: expected outcomes of the same plans under base-year probabilities.
        closed: 1 for a closed leg, shape (legs,), a view of the leg state.
        solves: number of classes solved, a measure of work.
    """

    def __init__(
        self, net: PlannerGraph, params: RouteParams, groups: np.ndarray, leg_state: LegState
    ) -> None:
        """Create the plans. Their tables are in `leg_state`, where the day loop reads them.

        Args:
            net: the route graph.
            params: costs.
            groups: group by community.
            leg_state: state of the legs. :meth:`solve` sets its tables.
        """
        self.net, self.params, self.groups = net, params, groups
        self.first_guided = groups.size * 4
        self.first_port = self.first_guided + SLOTS * 3
        self._no_ports = np.where(net.is_port, CLOSED, 0.0)
        self._only_ports = np.where(net.is_line, CLOSED, 0.0)
        self._presenting = np.where(net.is_port, params.presenting, 0.0)
        self._border = (net.is_line | net.is_port).astype(float)
        self.cum, self.closed = leg_state.cum, leg_state.closed
        self.expected_outcomes, self.prior = leg_state.expected_outcomes, leg_state.prior
        self.set_toll(np.zeros(net.tail.size))
        self.solves = 0

    def set_toll(self, toll: np.ndarray) -> None:
        """Set the toll that levers add, in $ by leg, and exclude closed legs from plans."""
        self.toll, self._left_out = toll, self.closed.copy()
        cost = np.where(self.closed, CLOSED, self.net.base_utility - toll)
        params, log_parallel = self.params, self.net.log_parallel
        solo, guided = params.noise_solo, params.noise_guided
        self._solo = solo, params.hazard_cost_solo, cost - solo * log_parallel
        self._guided = guided, params.hazard_cost_guided, cost - guided * log_parallel

    @property
    def outdated(self) -> bool:
        """Whether legs have been closed or opened since :meth:`set_toll`."""
        return self.closed.tobytes() != self._left_out.tobytes()

    def queue_at_ports(self, days: np.ndarray) -> None:
        """Include the wait for a request for protection, in days by leg, as a cost in the plans."""
        wait = self.params.day_cost * days
        self._presenting = np.where(self.net.is_port, self.params.presenting - wait, 0.0)

    def solve(
        self,
        rows: np.ndarray,
        step: int,
        groups: np.ndarray,
        believed: np.ndarray,
        prior: np.ndarray,
        cells: np.ndarray | None = None,
    ) -> None:
        """Solve the classes of n believers.

        Args:
            rows: rows of the evaders' classes, shape (n,).
            step: SOLO, GUIDED or THROUGH_PORT: number of rows from evaders to surrenderers.
            groups: the group that travels, shape (n,).
            believed: probabilities by believer, see :meth:`Beliefs.of`.
            prior: base-year probabilities by group.
            cells: an organisation's cells by place, shape (n, places).
        """
        net, guided = self.net, step != SOLO
        noise, hazard_cost, base = self._guided if guided else self._solo
        evading = self._only_ports if step == THROUGH_PORT else self._no_ports
        if cells is None:
            cells = np.zeros((rows.size, net.places), int)
        converges = _plan(
            rows,
            step,
            groups,
            believed,
            prior,
            cells,
            (noise, hazard_cost, self.params.cell_weight, base, evading, self._presenting),
            (net.is_us, self._border, net.gate_leg, self.toll, self.closed),
            net.graph,
            (self.cum, self.expected_outcomes, self.prior),
        )
        if not converges:
            name = "noise_guided" if guided else "noise_solo"
            reason = f"the values of routes do not converge at {noise:g}"
            raise SettingError(f"routes.{name}", reason, f"Lower routes.{name}.")
        self.solves += rows.size + np.count_nonzero(groups) * (step != THROUGH_PORT)


def refresh_solo(
    plans: Plans, beliefs: Beliefs, prior: np.ndarray, week: int, plan_all: bool
) -> None:
    """Solve the solo classes that are due or whose beliefs have changed much.

    Args:
        plans: the plans, changed in place.
        beliefs: community beliefs.
        prior: base-year probabilities of a stop and of harm, by group and leg.
        week: week number, for the rotation.
        plan_all: whether all classes are solved, including classes that use only the prior.
    """
    origins = np.arange(plans.groups.size)
    believed = beliefs.of(origins, plans.groups, prior)
    due = beliefs.due(origins, believed, week, plan_all)
    plans.solve(due * 4 + 1, SOLO, plans.groups[due], believed[due], prior)
    if plan_all:
        plans.solve(origins * 4, SOLO, plans.groups, prior[plans.groups], prior)
