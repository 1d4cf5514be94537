"""Two products: what cells do with their time, and the trade in hard drugs.

A cell works with people, carries drugs through open country, or carries them through ports of
entry. The mix follows profit per cell relative to its usual level (a replicator): squeezing one
product feeds the others. The base year is the anchor: there the profit on drugs is declared, it
goes to the owners, and nothing moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.labels import CLASSES
from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.smugglers.baseline import over
from agents.smugglers.lanes import Lanes, choose_lanes
from agents.smugglers.params import OPEN, PORTS, PRODUCTS, ROUTES

if TYPE_CHECKING:
    from agents.smugglers.baseline import BaselineMeans
    from agents.smugglers.market import Market
    from agents.smugglers.params import TradeParams
    from agents.smugglers.week import Week

YEAR_OF_WEEKS = 365.0 / 7.0
TONNE = 1_000.0  # kg
FEE_BOUNDS = (0.1, 5.0)  # the fee over that of the base year, however little or much is moved
CROWD_BOUND = 3.0  # of the log of what a route carries over what is usual
RATIO_BOUNDS = (-2.0, 4.0)  # profit over its usual level, as organisations take it in


def base_mix(p: TradeParams) -> np.ndarray:
    """Mix of the base year by product, with sum 1."""
    mix = np.array(p.mix)
    return mix / mix.sum()


def shift(mix: np.ndarray, ratio: np.ndarray, speed: float, least: np.ndarray) -> np.ndarray:
    """A week of the replicator.

    Args:
        mix: shares by product, shape (n, 3), rows with sum 1 and no entry below `least`.
        ratio: profit per cell over its usual level, shape (n, 3).
        speed: growth per week of a product whose ratio is 1 above the mean of the mix.
        least: floor by product, with a sum below 1.

    Rows in which all ratios are 1 come back as they were, to the last bit.
    """
    gain = np.clip(ratio, *RATIO_BOUNDS) - 1.0
    growth = speed * (gain - (mix * gain).sum(axis=1, keepdims=True))
    above = np.maximum(mix * (1.0 + growth) - least, 0.0)
    room = above.sum(axis=1, keepdims=True)
    spread = np.where(room > 0.0, above / np.where(room > 0.0, room, 1.0), 1.0 / mix.shape[1])
    moved = least + spread * (1.0 - least.sum())
    return np.where(gain.any(axis=1, keepdims=True), moved, mix)


class Trade:
    """The trade in hard drugs of all organisations, week by week.

    Attributes:
        volume, seized: tonnes a year at this week's rate, by product (people: 0), shape (3,).
        share: of the loads through ports, by port and class, shape (ports, 4).
        seized_value: $ a year that buyers would have paid for what was seized.
        total_volume, total_seized: kg since recording began, by product, shape (3,).
        total_seized_value: $ since recording began.
        fee: what buyers pay over the base year, a ratio.
        takings, profit, surplus: $ of the last week by slot: paid by buyers; left after costs;
            the same less what owners are used to.
    """

    def __init__(self, params: TradeParams) -> None:
        self.params, self.base = params, base_mix(params)
        self.least = np.minimum(params.mix_least, self.base)
        self.volume_week, self.fee_kg = np.array(params.volume_week), np.array(params.fee_kg)
        self.profit_kg = np.array(params.profit_kg)
        self.share = np.zeros((0, len(CLASSES)))
        self.seized_value = self.total_seized_value = 0.0
        self.volume, self.seized = np.zeros(len(PRODUCTS)), np.zeros(len(PRODUCTS))
        self.total_volume, self.total_seized = self.volume.copy(), self.seized.copy()
        self.takings, self.profit, self.surplus = np.zeros((3, SLOTS), np.int64)
        self.fee = 1.0
        self.open = np.zeros(len(ROUTES), bool)  # whether a route can be used at all
        self.worth = np.zeros(len(ROUTES))  # $ a kilogram sent, before the costs of the base year

    @property
    def port_share(self) -> float:
        """Share by weight of what was seized since recording began that was found at ports."""
        return float(self.total_seized[1 + PORTS] / max(self.total_seized.sum(), 1e-9))

    # ---- a week -----------------------------------------------------------------------------
    def week(self, market: Market, week: Week, line_detection, find, crossed) -> None:
        """Loads are sent, found or sold; dollars are booked.

        Args:
            market: whose organisations trade.
            week: who they are, and their cells.
            line_detection: chance that a load is found and stopped between ports, a number or an
                array of which the mean is taken; None closes the route.
            find, crossed: as in :func:`choose_lanes`; None closes the ports.
        """
        p, usual = self.params, market.usual
        self._open(line_detection, find, crossed)
        if not self.open.any():
            self._rest()
            return
        each = self.volume_week * self.open
        loads = week.cells[:, None] * market.book["mix"][week.slots, 1:] * each
        sent = loads.sum(axis=0)
        self.fee = self._fee(float(sent.sum()), usual.level("sent"))
        lanes = None
        if self.open[PORTS]:
            lanes = choose_lanes(find, crossed, self.fee * p.fee_kg[PORTS], p)
        found = self._reckon(line_detection, lanes)
        self._crowd(sent, usual)
        usual.note("sent", sent)
        usual.note("worth", self.worth)
        self._settle(market, week, loads, found)
        self._report(sent, found, lanes, market.environment.recording)

    def _open(self, line_detection, find, crossed) -> None:
        self.open[OPEN] = line_detection is not None
        self.open[PORTS] = find is not None and crossed is not None and bool(np.any(crossed > 0))

    def _fee(self, volume: float, level: np.ndarray | None) -> float:
        """What buyers pay, relative to the base year: less, the more is on its way."""
        usual = 0.0 if level is None else float(level.sum())
        if usual <= 0.0 or volume <= 0.0:
            return 1.0
        return float(np.clip((volume / usual) ** (-1.0 / self.params.demand), *FEE_BOUNDS))

    def _reckon(self, line_detection, lanes: Lanes | None) -> np.ndarray:
        """Set the worth of a kilogram by route; gives the chance that it is found."""
        p, found = self.params, np.zeros(len(ROUTES))
        self.worth[:] = 0.0
        if self.open[OPEN]:
            found[OPEN] = q = float(np.clip(np.mean(line_detection), 0.0, 1.0))
            self.worth[OPEN] = self.fee * p.fee_kg[OPEN] * (1.0 - q) - q * p.loss_kg
        if lanes is not None:
            found[PORTS], self.worth[PORTS] = lanes.found, lanes.worth
        return found

    def _crowd(self, sent: np.ndarray, usual: BaselineMeans) -> None:
        """A route that carries more than is usual gets dearer, one that carries less cheaper."""
        busy = self.open & (sent > 0.0)
        excess = np.log(np.where(busy, usual.ratio("sent", np.where(busy, sent, 1.0)), 1.0))
        self.worth -= self.params.crowding_route * np.clip(excess, -CROWD_BOUND, CROWD_BOUND)

    def _costs(self, usual_worth: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Costs of moving a kilogram, $: such that the declared profit is left in the base year.

        Gives the costs by route and the profit that they leave at the usual worth.
        """
        worth = self.worth if usual_worth is None else usual_worth
        costs = np.maximum(worth - self.profit_kg, 0.0)
        return costs, worth - costs

    def _settle(self, market: Market, week: Week, loads, found) -> None:
        """Buyers pay organisations, organisations pay for moving, owners take their usual share."""
        level = market.usual.level("worth")
        costs, margin = self._costs(level)
        price = self.fee * self.fee_kg * (1.0 - found) * self.open
        spent = np.maximum(price - (self.worth - costs) * self.open, 0.0)
        takings, spending = _dollars(loads, price), _dollars(loads, spent)
        owners = profit = takings - spending
        if level is not None:
            each = self.base[1:] * self.volume_week * self.open
            owners = _dollars(week.cells[:, None] * each, margin)
        taken = np.clip(profit, 0, np.maximum(owners, 0))
        market.pay(Account.DRUG_BUYERS, Account.ORGANISATIONS, takings)
        market.pay(Account.ORGANISATIONS, Account.SUPPLIERS, spending)
        market.pay(Account.ORGANISATIONS, Account.HOUSEHOLDS, taken)
        market.book["cash"][week.slots] += profit - taken
        for name, dollars in (
            ("takings", takings),
            ("profit", profit),
            ("surplus", profit - owners),
        ):
            figure = getattr(self, name)
            figure[:] = 0
            figure[week.slots] = dollars

    def _report(self, sent: np.ndarray, found: np.ndarray, lanes: Lanes | None, recording) -> None:
        kept = sent * found
        value = float((kept * self.fee * self.fee_kg).sum())
        self.share = np.zeros((0, len(CLASSES))) if lanes is None else lanes.share
        self.volume[1:], self.seized[1:] = (kg * YEAR_OF_WEEKS / TONNE for kg in (sent, kept))
        self.seized_value = value * YEAR_OF_WEEKS
        if recording:
            self.total_volume[1:] += sent
            self.total_seized[1:] += kept
            self.total_seized_value += value

    def _rest(self) -> None:
        """Nothing can be moved this week."""
        for name in ("volume", "seized", "takings", "profit", "surplus"):
            getattr(self, name)[:] = 0
        self.share, self.seized_value = np.zeros((0, len(CLASSES))), 0.0

    # ---- the mix ----------------------------------------------------------------------------
    def ratios(self, usual_worth: np.ndarray | None, worth: np.ndarray) -> np.ndarray:
        """Profit per cell over its usual level by route; 1 as long as nothing is usual."""
        if usual_worth is None:
            return np.ones(len(ROUTES))
        costs, margin = self._costs(usual_worth)
        return over(worth - costs, margin)

    def adapt(self, market: Market, week: Week, people: np.ndarray) -> None:
        """Weekly: cells shift to the product whose profit per cell has risen most.

        Rests in the warm-up, and as long as one of the routes is closed.

        Args:
            market: whose organisations adapt.
            week: who they are.
            people: profit per cell that works with people over its usual level, by group.
        """
        if not self.open.all():
            return
        p, usual = self.params, market.usual
        worth = market.smooth.follow("worth", self.worth, p.memory_weeks)
        if not (market.environment.recording and usual.settled):
            return
        drugs = self.ratios(usual.level("worth"), worth)
        ratio = np.empty((week.slots.size, len(PRODUCTS)))
        ratio[:, 0], ratio[:, 1:] = people[week.group], drugs
        mix = market.book["mix"]
        mix[week.slots] = shift(mix[week.slots], ratio, p.mix_speed, self.least)


def _dollars(kg: np.ndarray, each: np.ndarray) -> np.ndarray:
    """Whole dollars by slot for kilograms by slot and route."""
    return np.rint((kg * each).sum(axis=1)).astype(np.int64)
