"""Market data: records, moving averages, weekly summaries, totals, and cell capacity.

This module contains only arrays and counters. `agents.smugglers.market` founds and reviews
organisations on this data.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents.arithmetic import power
from agents.contest import probability
from agents.jit import inlined
from agents.migrants.columns import MARKET, SLOTS

if TYPE_CHECKING:
    from agents.environment import Environment
    from agents.outcomes import Account
    from agents.plans import Beliefs
    from agents.smugglers.market import Market
    from agents.smugglers.smuggler_params import SmugglerParams


YEAR = 52  # weeks
NEGLIGIBLE = 1e-9  # smaller relative changes are rounding errors


@inlined
def ratio_to(figure, level):
    """Divide a value by its baseline, see :func:`ratio_to_level`."""
    ratio = figure / level if level > NEGLIGIBLE else 1.0
    return 1.0 if abs(ratio - 1.0) < NEGLIGIBLE else ratio


def ratio_to_level(figures: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Divide values by their baseline levels.

    Args:
        figures: present values, shape (n,).
        level: baseline levels, shape (n,).

    Returns:
        The ratios, exactly 1 where the change is negligible or the level is not positive.
    """
    return np.array(list(map(ratio_to.py_func, figures.tolist(), level.tolist())))


class BaselineMeans:
    """Means of weekly series over the warm-up, by name, fixed when the warm-up ends.

    Without a warm-up, there is no baseline, and every ratio is 1.
    """

    def __init__(self) -> None:
        self._weeks: dict[str, deque[np.ndarray]] = {}
        self._level: dict[str, np.ndarray] = {}
        self.settled = False

    def record(self, name: str, figure: np.ndarray) -> None:
        """Store a week's value of a series. Once the means are fixed, do nothing.

        Args:
            name: name of the series.
            figure: the week's value, any shape.
        """
        if not self.settled:
            self._weeks.setdefault(name, deque(maxlen=YEAR)).append(figure.copy())

    def settle(self) -> None:
        """Fix the means. The mean of a constant series is exact."""
        for name, weeks in self._weeks.items():
            mean = weeks[0].copy()
            for n, week in enumerate(weeks, 1):
                mean += (week - mean) / n
            self._level[name] = mean
        self._weeks.clear()
        self.settled = True

    def level(self, name: str) -> np.ndarray | None:
        """Return a series' warm-up mean, or None before the means are fixed."""
        return self._level.get(name)

    def ratio(self, name: str, figure: np.ndarray) -> np.ndarray:
        """Divide a value by the warm-up mean of its series.

        Args:
            name: name of the series.
            figure: present value, shape (n,).

        Returns:
            The ratio, shape (n,), 1 if there is no warm-up mean.
        """
        level = self._level.get(name)
        return np.ones_like(figure) if level is None else ratio_to_level(figure, level)

    def follow(
        self, means: dict[str, np.ndarray], name: str, figure: np.ndarray, weeks: float
    ) -> np.ndarray:
        """Store a week's value, and return the running mean as a ratio to the baseline.

        Args:
            means, name, figure, weeks: as in :func:`update_mean`.
        """
        self.record(name, figure)
        return self.ratio(name, update_mean(means, name, figure, weeks))


def update_mean(
    means: dict[str, np.ndarray], name: str, figure: np.ndarray, weeks: float
) -> np.ndarray:
    """Add a week's value to an exponentially weighted mean, which starts with the first value.

    Args:
        means: means by name, changed in place.
        name: name of the series.
        figure: the week's value, any shape.
        weeks: time constant (1/e), weeks.

    Returns:
        The new mean.
    """
    mean = means.get(name)
    means[name] = figure.copy() if mean is None else mean + (figure - mean) / weeks
    return means[name]


OWN_WEEKS = 26  # warm-up weeks before an organisation has its own baseline
CLIENT_WEEKS = 8.0  # weeks, time constant (1/e) of mean clients
LEAST_CELLS = 0.5  # cells, capacity of the casual guides of an organisation that has no cell
MOST_OVERLOAD = 4.0  # load / capacity above which nothing responds further
SURCHARGE_BOUND = 1_000.0  # $ per contract; cost per client has no upper bound


class Capacity:
    """The organisations' load and its effects, shape (slots,).

    Attributes:
        response: strength of the mechanism, 0 if it is off.
        clients: persons who sign a contract per week, running mean, NaN before the first week.
        weeks: clients, cells and standing cost in $, by week of the last warm-up year, shape (3,
            weeks, slots), NaN in a slot with no organisation. Empty after the warm-up.
        past: number of warm-up weeks stored so far.
        usual: baseline clients per cell, and baseline standing cost per client in $, shape (2,
            slots), NaN for a slot without a baseline.
        by_group: baseline for slots without their own, shape (2, groups), None in the warm-up.
        load: clients per cell as a ratio to the baseline.
        overload: load as a ratio to capacity, from 1 to MOST_OVERLOAD.
        cost: factor on transport cost.
        surcharge: $ that the change in standing cost per client adds to the price target.
    """

    def __init__(self, params: SmugglerParams) -> None:
        """Create the capacity for a market without organisations."""
        self.params, self.response = params, params.capacity_response
        self.clients = np.full(SLOTS, np.nan)
        self.weeks, self.past = np.full((3, YEAR, SLOTS), np.nan), 0
        self.usual = np.full((2, SLOTS), np.nan)
        self.by_group: np.ndarray | None = None
        self.load, self.overload, self.cost = np.ones((3, SLOTS))
        self.surcharge = np.zeros(SLOTS)

    def reset(self, slot: int) -> None:
        """Clear a former organisation's data in a slot."""
        self.clients[slot] = self.weeks[:, :, slot] = self.usual[:, slot] = np.nan
        self.load[slot] = self.overload[slot] = self.cost[slot] = 1.0
        self.surcharge[slot] = 0.0

    def update(self, week: WeekSummary, *, warm_up: bool) -> None:
        """Update the loads with a week's data. During the warm-up, only store the data.

        The baseline is computed from the stored data.
        The load divides mean clients by present cells. If a cell is lost and replaced in the same
        week, the load does not change.

        Args:
            week: the week under review, after operating costs have been paid.
            warm_up: whether the week belongs to the warm-up.
        """
        slots, group = week.slots, week.group
        clients, standing = week.clients[slots], week.standing[slots]
        before = self.clients[slots]
        mean = np.where(np.isnan(before), clients, before + (clients - before) / CLIENT_WEEKS)
        self.clients[slots] = mean
        at_work = np.maximum(week.cells[slots], LEAST_CELLS)
        if warm_up:
            self.weeks[:, self.past % YEAR] = np.nan
            self.weeks[:, self.past % YEAR, slots] = clients, at_work, standing
            self.past += 1
            return
        by_group = self._settle(slots, group) if self.by_group is None else self.by_group
        ratios = self.usual[:, slots]
        usual = np.where(np.isnan(ratios), by_group[:, group], ratios)
        self._respond(slots, mean / at_work, standing / np.maximum(mean, 1.0), usual)

    def _settle(self, slots: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Set the baselines when the warm-up ends. Return them by group, shape (2, groups)."""
        n_weeks = (~np.isnan(self.weeks[0])).sum(axis=0)
        clients, at_work, standing = np.nansum(self.weeks, axis=1)
        sums = [np.bincount(group, row[slots], 2) for row in (clients, at_work, standing)]
        self.by_group = by_group = np.stack([_ratio(sums[0], sums[1]), _ratio(sums[2], sums[0])])
        ratios = np.stack([_ratio(clients, at_work), _ratio(standing, clients)])
        self.usual = np.where(n_weeks >= min(OWN_WEEKS, self.past), ratios, np.nan)
        self.weeks = np.empty((3, 0, SLOTS))
        return by_group

    def _respond(
        self, slots: np.ndarray, per_cell: np.ndarray, per_client: np.ndarray, usual: np.ndarray
    ) -> None:
        """Set loads, cost factors and surcharges, given the week's values and the baselines."""
        p = self.params
        self.load[slots] = load = ratio_to_level(per_cell, usual[0])
        over = np.minimum(np.maximum(load / (1.0 + p.capacity_slack), 1.0), MOST_OVERLOAD)
        self.overload[slots] = over
        self.cost[slots] = power(over, p.overload_cost * self.response)
        more = usual[1] * (ratio_to_level(per_client, usual[1]) - 1.0)
        passed = np.maximum(p.pass_through * self.response * more, -SURCHARGE_BOUND)
        self.surcharge[slots] = np.minimum(passed, SURCHARGE_BOUND)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide two sums. If the second sum is 0, the result is 0."""
    return np.where(below > 0.0, above / np.where(below > 0.0, below, 1.0), 0.0)


MEMORY = 8  # weeks over which market shares, profit and revenue are averaged


class MarketState:
    """Data on all organisations, by slot unless stated otherwise.

    Attributes:
        book: record `agents.migrants.columns.MARKET`, which the day loop reads and writes. `books`
            is an array with this record.
        columns: views of the columns in `book`, by slot or group.
        group: group that the organisation serves.
        share: market share, running mean.
        profit: $ per week, eight-week mean.
        crossed: clients past the line by slot and gate, eight-week mean, NaN before the first week.
        contracts: persons who signed in the last eight weeks, shape (8, slots).
        crowd: factor on transport cost, by group.
        capacity: the organisations' load.
        port_attempts: attempts needed through ports as a ratio to the base year, by group.
        revenue_ratio: revenue of all organisations as a ratio to its baseline.
        income: dollars that all organisations took from clients, by recorded week.
        struck: slots decapitated at the last review.
        dismantled: cells dismantled since the run began.
        baseline, averages: warm-up means, and running means, of weekly series.
        stations: cells by slot and gate after the last review, or after a user's last change.
    """

    def __init__(
        self,
        environment: Environment,
        params: SmugglerParams,
        beliefs: Beliefs,
        *,
        origin_group: np.ndarray,
        origin_place: np.ndarray,
        gates: np.ndarray,
        gate_share: np.ndarray,
        km: np.ndarray,
    ) -> None:
        """Create market data without organisations.

        Args:
            environment: the model as agents see it.
            params: organisation parameters.
            beliefs: the organisations' beliefs, one row per slot.
            origin_group, origin_place: group and place index by community.
            gates: staging places from which migrants try the line.
            gate_share: base-year crossings by group and gate, shape (2, gates), rows with sum 1.
            km: mean distance to the line by group.
        """
        self.environment, self.params, self.beliefs = environment, params, beliefs
        self.origin_group, self.origin_place = origin_group, origin_place
        self.gates, self.gate_share, self.km = gates, gate_share, km
        self.gate_index = {int(place): k for k, place in enumerate(gates)}
        self.books = np.zeros(1, MARKET)
        self.book = self.books[0]
        self.columns = {n: self.book[n] for n in MARKET.names or () if MARKET[n].shape}
        self.next_uid, self.next_cell, self.reviews = 1, 1, 0
        self.days_of_high_profit = np.zeros(2)  # by group, reset to 0 when profit falls
        self.early_profit = np.zeros(2)  # by group, highest mean profit in the first reviews
        self.struck: list[int] = []
        self.dismantled = 0
        self.baseline = BaselineMeans()
        self.averages: dict[str, np.ndarray] = {}
        self.capacity = Capacity(params)
        self.group = np.zeros(SLOTS, np.int64)
        self.share, self.profit = np.zeros(SLOTS), np.zeros(SLOTS)
        self.crossed = np.full((SLOTS, gates.size), np.nan)
        self.crowd, self.port_attempts = np.ones(2), np.ones(2)
        self.revenue_ratio = 1.0
        self.income: list[int] = []
        self.contracts = np.zeros((MEMORY, SLOTS), np.int64)
        self.stations = np.zeros(self.crossed.shape, np.int64)

    def free_slot(self) -> int | None:
        """Return the first slot without an organisation, or None if all are in use."""
        free = np.flatnonzero(self.book["active"] == 0)
        return int(free[0]) if free.size else None

    def reset_week(self, slot: int | slice) -> None:
        """Set weekly counters to zero for one slot or for a slice of slots."""
        for name in ("clients", "arrived", "failed", "harmed", "taxed"):
            self.columns[name][slot] = 0

    def reset_slot(self, slot: int) -> None:
        """Clear a former organisation's data in a slot."""
        self.reset_week(slot)
        for name in ("active", "cash", "serves", "price", "cost", "tax", "bribe", "delay"):
            self.book[name][slot] = 0
        self.beliefs.forget(slot)
        self.contracts[:, slot] = 0
        self.share[slot] = self.profit[slot] = 0.0
        self.crossed[slot] = np.nan
        self.capacity.reset(slot)

    def pay(self, payer: Account, payee: Account, dollars: np.ndarray | int) -> None:
        """Post the sum of payments by or to organisations. Post nothing if the sum is zero.

        Args:
            payer, payee: accounts.
            dollars: whole dollars, one number or one per organisation.
        """
        total = dollars if isinstance(dollars, int) else int(dollars.sum())
        if total:
            self.environment.pay(payer, payee, total)

    def concentration(self) -> float:
        """Return the Herfindahl index over eight weeks of contracts, 0 if there are none."""
        share = self.contracts.sum(axis=0) / max(1, int(self.contracts.sum()))
        return float((share**2).sum())


CROWD_BOUNDS = (0.05, 20.0)  # limits for clients per cell as a ratio to the baseline


class WeekSummary(NamedTuple):
    """The organisations' data for one week, by slot unless stated otherwise.

    Attributes:
        slots: slots in use, in ascending order, shape (n,).
        group: group that the organisation in each slot serves, shape (n,).
        cells: number of cells.
        clients: persons in the organisation's group who signed a contract.
        total: persons who signed a contract, by group, shape (2,).
        risk: probability that an attempt fails.
        revenue: dollars that all organisations took from clients, at the week's prices.
        pressure: lever `pressure`, which raises the standing cost.
        seizure: share of cash that authorities seize in the week.
        income: dollars earned from clients after the cost of their attempts.
        spent: dollars for standing cost and seizures.
        added: dollars that pressure added to the standing cost.
        standing: standing cost in dollars, including what pressure added.
    """

    slots: np.ndarray
    group: np.ndarray
    cells: np.ndarray
    clients: np.ndarray
    total: np.ndarray
    risk: np.ndarray
    revenue: float
    pressure: float
    seizure: float
    income: np.ndarray
    spent: np.ndarray
    added: np.ndarray
    standing: np.ndarray

    @classmethod
    def of(cls, market: Market, risk: np.ndarray) -> WeekSummary:
        """Summarise the week.

        Args:
            market: market data.
            risk: probability that an attempt fails, shape (slots, 2).

        Returns:
            Data on the organisations in the model. `income`, `spent`, `added` and `standing`
            are zero until the organisations' decisions set them.
        """
        slots, clients, rows = np.sort(market.slots()), market.columns["clients"], np.arange(SLOTS)
        contracts, risks = (values[rows, market.group] for values in (clients, risk))
        revenue = float((clients * market.columns["price"]).sum())
        pressure = float(market.environment.levers.pressure[0])
        seizure = probability(pressure * 7.0 / 365.0)
        total = clients.sum(axis=0).astype(float)
        return cls(
            *(slots, market.group[slots], market.cell_counts(), contracts.astype(float), total),
            *(risks, revenue, pressure, seizure),
            *np.zeros((4, SLOTS)),
        )


def update_ratios(market: MarketState, week: WeekSummary) -> None:
    """Update crowding and revenue, as ratios to their baselines.

    Args:
        market: market data, changed in place.
        week: the week under review.
    """
    baseline, averages, params = market.baseline, market.averages, market.params
    at_work = np.bincount(week.group, week.cells[week.slots], 2)
    each = np.where(at_work > 0.0, at_work, np.inf)
    clients = baseline.follow(averages, "clients", week.total / each, params.memory_weeks)
    revenue = np.array([week.revenue])
    market.revenue_ratio = float(baseline.follow(averages, "revenue", revenue, MEMORY)[0])
    low, high = CROWD_BOUNDS
    market.crowd = power(np.minimum(np.maximum(clients, low), high), params.congestion)
    if market.environment.recording:
        market.income.append(round(week.revenue))


def update_capacity(market: MarketState, week: WeekSummary) -> None:
    """Update the organisations' load, delay and quality, unless the mechanism is off.

    Args:
        market: market data, changed in place.
        week: the week under review, after operating costs have been paid.
    """
    capacity, slots = market.capacity, week.slots
    if capacity.response <= 0.0:
        return
    capacity.update(week, warm_up=not market.baseline.settled)
    p, over = market.params, capacity.overload[slots]
    market.columns["delay"][slots] = p.overload_delay * capacity.response * (over - 1.0)
    fall = power(over, -p.overload_quality * capacity.response)
    market.columns["quality"][slots] = p.quality * fall
