"""Two products and their prices: guided journeys, and the trade in hard drugs.

A cell works with people, carries drugs through open country, or carries them through ports of
entry. The mix follows profit per cell relative to its baseline (a replicator), so that pressure
on one product shifts cells to the others. The base year is the anchor: the profit on drugs is
declared, it goes to the owners, and the mix is constant.

Prices of contracts, between ports or through a port of entry, follow a logit-Bertrand rule: the
attempts that a client is expected to need, plus a margin that grows with the market share. Each
organisation applies it in `agents.smugglers.organisation.Organisation.set_price`.
"""

from __future__ import annotations

import math
from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from agents.arithmetic import exp, log, power
from agents.labels import CLASSES
from agents.outcomes import Account
from agents.smugglers.smuggler_params import OPEN, PORTS, PRODUCTS, ROUTES
from agents.smugglers.state import ratio_to_level, update_mean

if TYPE_CHECKING:
    from agents.smugglers.smuggler_params import SmugglerParams, TradeParams
    from agents.smugglers.state import MarketState, Trade, WeekSummary


#: A week's loads through the ports.
#:
#: Fields:
#:     share: share of loads, shape (ports, 4), sum 1.
#:     detected: mean probability that a load is detected.
#:     worth: $ per kilogram sent: expected fee less expected losses, access and crowding.
Lanes = namedtuple("Lanes", "share detected worth")


def choose_lanes(find: np.ndarray, crossed: np.ndarray, fee: float, p: TradeParams) -> Lanes:
    """Split loads over ports and classes by a logit in expected profit.

    A lane that carries more than its share of hiding room costs `crowding` times the log excess, so
    that all lanes in use earn the same `worth`.

    Args:
        find: probability that a load is detected, by port and class, shape (ports, 4).
        crossed: traffic by port and class, in any unit, shape (ports, 4). Some entry is positive.
        fee: $ per kilogram that arrives.
        p: access costs, losses, room to hide, crowding.

    Returns:
        The split, and its mean discovery probability and worth.
    """
    room = np.maximum(crossed, 0.0) * np.array(p.hides)
    portion = room / room.sum()
    used = portion > 0.0  # a very small capacity can have a share of 0
    chance = np.minimum(np.maximum(np.where(used, find, 0.0), 0.0), 1.0)
    worth = fee * (1.0 - chance) - chance * p.loss_kg - np.array(p.access)
    utility = np.full(room.shape, -np.inf)
    utility[used] = log(portion[used]) + worth[used] / p.crowding
    top = float(utility.max())
    weight = exp(utility - top)
    total = float(weight.sum())
    share = weight / total
    return Lanes(share, float((share * chance).sum()), p.crowding * (top + log(total)))


YEAR_OF_WEEKS = 365.0 / 7.0
TONNE = 1_000.0  # kg
FEE_BOUNDS = (0.1, 5.0)  # the fee as a ratio to the base year
CROWD_BOUND = 3.0  # of the log of a route's volume over its baseline
RATIO_BOUNDS = (-2.0, 4.0)  # profit over its baseline, as organisations respond to it


# ---- a week of trade ----------------------------------------------------------------------------
def trade_week(market: MarketState, week: WeekSummary, line_detection, find_goods, crossed) -> None:
    """Send a week's loads, post the payments and update the rates and recorded totals.

    Args:
        market: market data, changed.
        week: the week under review.
        line_detection: probability that a load is stopped between ports, a number or an array that
            is averaged. None closes the route.
        find_goods, crossed: as `find` and `crossed` in :func:`choose_lanes`. None closes the ports.
    """
    trade, baseline = market.trade, market.baseline
    trade.open[OPEN] = line_detection is not None
    trade.open[PORTS] = all(x is not None for x in (find_goods, crossed)) and np.any(crossed > 0)
    if not trade.open.any():
        for rate in (trade.volume, trade.seized, trade.takings, trade.profit, trade.surplus):
            rate[:] = 0
        trade.share, trade.seized_value = np.zeros((0, len(CLASSES))), 0.0
        return
    each = trade.volume_week * trade.open
    loads = week.cells[week.slots, None] * market.columns["mix"][week.slots, 1:] * each
    shipped = np.add.reduce(loads)
    trade.fee = _fee(trade, float(shipped.sum()), baseline.level("sent"))
    lanes = None
    if trade.open[PORTS]:
        lanes = choose_lanes(find_goods, crossed, trade.fee * trade.fee_kg[PORTS], trade.params)
    detected = _set_worth(trade, line_detection, lanes)
    busy = trade.open & (shipped > 0.0)  # worth falls above the baseline volume, rises below
    excess = log(np.where(busy, baseline.ratio("sent", np.where(busy, shipped, 1.0)), 1.0))
    excess = np.minimum(np.maximum(excess, -CROWD_BOUND), CROWD_BOUND)
    trade.worth -= trade.params.crowding_route * excess
    baseline.record("sent", shipped)
    baseline.record("worth", trade.worth)
    _pay(market, week, loads, detected)
    seized = shipped * detected
    value = float((seized * trade.fee * trade.fee_kg).sum())
    trade.share = np.zeros((0, len(CLASSES))) if lanes is None else lanes.share
    trade.volume[1:], trade.seized[1:] = (kg * YEAR_OF_WEEKS / TONNE for kg in (shipped, seized))
    trade.seized_value = value * YEAR_OF_WEEKS
    if market.environment.recording:
        trade.total_volume[1:] += shipped
        trade.total_seized[1:] += seized
        trade.total_seized_value += value


def _fee(trade: Trade, volume: float, level: np.ndarray | None) -> float:
    """Return the fee as a ratio to the base year. It falls with the volume sent."""
    base = 0.0 if level is None else float(level.sum())
    if base <= 0.0 or volume <= 0.0:
        return 1.0
    low, high = FEE_BOUNDS
    return min(max((volume / base) ** (-1.0 / trade.params.demand), low), high)


def _set_worth(trade: Trade, line_detection, lanes: Lanes | None) -> np.ndarray:
    """Set a kilogram's worth by route and return its detection probability."""
    p, detected = trade.params, np.zeros(len(ROUTES))
    trade.worth[:] = 0.0
    if trade.open[OPEN]:
        is_one = isinstance(line_detection, float)
        q = line_detection if is_one else float(np.mean(line_detection))
        detected[OPEN] = q = min(max(q, 0.0), 1.0)
        trade.worth[OPEN] = trade.fee * p.fee_kg[OPEN] * (1.0 - q) - q * p.loss_kg
    if lanes is not None:
        detected[PORTS], trade.worth[PORTS] = lanes.detected, lanes.worth
    return detected


def _costs(trade: Trade, base_worth: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the costs of moving a kilogram by route, $, and the margin at the baseline worth.

    The costs are set so that the base-year profit equals the declared profit.
    """
    worth = trade.worth if base_worth is None else base_worth
    costs = np.maximum(worth - trade.profit_kg, 0.0)
    return costs, worth - costs


def _pay(market: MarketState, week: WeekSummary, loads, detected) -> None:
    """Post what buyers pay, the costs to move loads and the owners' usual share."""
    trade, level = market.trade, market.baseline.level("worth")
    costs, margin = _costs(trade, level)
    price = trade.fee * trade.fee_kg * (1.0 - detected) * trade.open
    spent = np.maximum(price - (trade.worth - costs) * trade.open, 0.0)
    takings, spending = _dollars(loads, price), _dollars(loads, spent)
    owners = profit = takings - spending
    if level is not None:
        each = trade.base[1:] * trade.volume_week * trade.open
        owners = _dollars(week.cells[week.slots, None] * each, margin)
    covered = np.minimum(np.maximum(profit, 0), np.maximum(owners, 0))
    market.pay(Account.DRUG_BUYERS, Account.ORGANISATIONS, takings)
    market.pay(Account.ORGANISATIONS, Account.SUPPLIERS, spending)
    market.pay(Account.ORGANISATIONS, Account.HOUSEHOLDS, covered)
    market.columns["cash"][week.slots] += profit - covered
    by_slot = np.zeros((3, trade.takings.size), np.int64)
    by_slot[:, week.slots] = takings, profit, profit - owners
    trade.takings, trade.profit, trade.surplus = by_slot


def _dollars(kg: np.ndarray, each: np.ndarray) -> np.ndarray:
    """Return whole dollars by slot for kilograms by slot and route."""
    return np.rint((kg * each).sum(axis=1)).astype(np.int64)


# ---- the mix ------------------------------------------------------------------------------------
def profit_ratios(trade: Trade, base_worth: np.ndarray | None, worth: np.ndarray) -> np.ndarray:
    """Return profit per cell as a ratio to its baseline.

    Args:
        trade: the trade in drugs.
        base_worth: $ per kilogram by route in the base year, or None without a baseline.
        worth: $ per kilogram by route now.

    Returns:
        Ratios by route, shape (2,), 1 without a baseline.
    """
    if base_worth is None:
        return np.ones(len(ROUTES))
    costs, margin = _costs(trade, base_worth)
    return ratio_to_level(worth - costs, margin)


def shift_mix(mix: np.ndarray, ratio: np.ndarray, speed: float, floors: np.ndarray) -> np.ndarray:
    """Apply one replicator week to organisations' product mixes.

    Args:
        mix: shares by product, shape (..., 3), with sum 1 and no entry below `floors`.
        ratio: profit per cell over its baseline, shaped as `mix`.
        speed: weekly growth per product whose ratio is 1 above the mix's mean.
        floors: floor by product, with a sum below 1.

    Returns:
        The new shares, equal to `mix` bit for bit if all ratios are 1.
    """
    low, high = RATIO_BOUNDS
    gain = np.minimum(np.maximum(ratio, low), high) - 1.0
    mean = np.add.reduce(mix * gain, axis=-1, keepdims=True)
    above = np.maximum(mix * (1.0 + speed * (gain - mean)) - floors, 0.0)
    room = np.add.reduce(above, axis=-1, keepdims=True)
    parts = np.where(room > 0.0, above / np.where(room > 0.0, room, 1.0), 1.0 / len(PRODUCTS))
    shifted = floors + parts * (1.0 - np.add.reduce(floors))
    return np.where(gain.any(axis=-1, keepdims=True), shifted, mix)


def compare_products(market: MarketState, week: WeekSummary, people: np.ndarray) -> bool:
    """Set each product's profit per cell over its baseline.

    The mix is constant in the warm-up and while a route is closed.

    Args:
        market: market data, changed.
        week: the week under review. `people` and `drugs` are set.
        people: profit per cell that works with people over its baseline, by group.

    Returns:
        Whether organisations may shift their mix this week.
    """
    trade, baseline = market.trade, market.baseline
    if not trade.open.all():
        return False
    worth = update_mean(market.averages, "worth", trade.worth, trade.params.memory_weeks)
    if not (market.environment.recording and baseline.settled):
        return False
    week.people, week.drugs = people, profit_ratios(trade, baseline.level("worth"), worth)
    return True


def expected_attempts(risk):
    """Return the expected attempts of a three-attempt contract at failure probability `risk`."""
    return 1.0 + risk + risk * risk


def set_cost(
    market: MarketState, slots: np.ndarray, group: np.ndarray, risk: np.ndarray
) -> np.ndarray:
    """Set the cost per attempt, including the passage tax and the bribe.

    The transport cost rises with clients per cell in the group and with the organisation's
    overload, the bribe with revenue, and the loss from a failed attempt with the lever `penalty`.
    In the base year all have their declared values.

    Args:
        market: market data, changed.
        slots: the organisations' slots, shape (n,).
        group: client group, shape (n,).
        risk: probability that the attempt fails, shape (n,).

    Returns:
        Cost per attempt in $, shape (n,).
    """
    p, book = market.params, market.book
    tax = p.passage_tax * power(np.maximum(risk, 1e-3) / 0.5, p.tax_response)
    bribe = np.array(p.bribe)[group] * market.revenue_ratio**p.bribe_response
    moving = (np.array(p.cost_base) + p.cost_km * market.km) * market.crowd
    raised = penalty_rise(p, float(market.environment.levers.penalty[0]))
    penalty = np.array(p.penalty)[group] * (1.0 + raised)
    moving = moving[group] * market.capacity.cost[slots]
    cost = np.rint(moving + tax + bribe + risk * penalty)
    book["cost"][slots, group], book["tax"][slots, group] = cost, np.rint(tax)
    book["bribe"][slots, group] = np.rint(bribe)
    return cost


def penalty_rise(params: SmugglerParams, share: float) -> float:
    """Return the relative rise in an organisation's loss from a failed attempt.

    The first sentences raise the loss in proportion. More sentences reach fewer people who matter.
    Sentences from all instruments saturate together.

    Args:
        params: organisation parameters.
        share: rise without saturation, as a share of the base year's loss.

    Returns:
        Share of the base year's loss, at most `max_penalty`.
    """
    limit = params.max_penalty
    return -limit * math.expm1(-share / limit)


def target_price(params: SmugglerParams, cost, risk, share):
    """Return the price at which an organisation aims.

    Args:
        params: organisation parameters.
        cost: $ per attempt.
        risk: probability that an attempt fails.
        share: its market share.

    Returns:
        $ per contract, shaped as `cost`.
    """
    margin = 1.0 / (params.price_sensitivity * np.maximum(0.05, 1.0 - share))
    return cost * expected_attempts(risk) + margin


def set_shares_and_costs(market: MarketState, week: WeekSummary) -> None:
    """Update market shares, and the cost per attempt for each organisation.

    Args:
        market: market data, changed.
        week: the week under review.
    """
    slots, group = week.slots, week.group
    total = week.total[group]
    share = np.where(total > 0.0, week.clients[slots] / np.maximum(total, 1.0), 0.0)
    market.share[slots] += 0.25 * (share - market.share[slots])
    set_cost(market, slots, group, week.risk[slots])


# ---- through a port of entry --------------------------------------------------------------------
def _port_target(market: MarketState, group: int) -> float:
    """Return the target price for a contract through a port, $, 0 without a seller.

    The target is the mean price over the organisations that serve the group, plus a premium that
    rises with the attempts needed at the present discovery probability.
    """
    sellers = market.sellers(group)
    if not sellers.size:
        return 0.0
    premium = market.params.port_premium[group] * market.port_attempts[group]
    return float(np.add.reduce(market.book["price"][sellers, group]) / sellers.size + premium)


def open_port_price(market: MarketState, group: int) -> None:
    """Set the port price of a group to its target when its first organisation is founded.

    Args:
        market: market data, changed.
        group: group that the organisation serves.
    """
    market.book["port_cost"][group] = round(market.params.port_cost[group])
    if market.book["port_price"][group] == 0.0:
        market.book["port_price"][group] = _port_target(market, group)


def set_port_prices(market: MarketState, port_risk: np.ndarray | float | None) -> None:
    """Weekly: move contract prices through ports one step towards their targets.

    Args:
        market: market data, changed.
        port_risk: probability that a hidden person is detected at ports, by group or one number,
            None in a world without ports.
    """
    if port_risk is not None:
        needed = expected_attempts(np.minimum(np.maximum(np.zeros(2) + port_risk, 0.0), 1.0))
        market.baseline.record("port_attempts", needed)
        market.port_attempts = market.baseline.ratio("port_attempts", needed)
    for group in range(2):
        target = _port_target(market, group)
        if target > 0.0:
            price = market.book["port_price"][group]
            market.book["port_price"][group] = price + market.params.price_speed * (target - price)
