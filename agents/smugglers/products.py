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
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.arithmetic import power
from agents.hazards import numpy_sum
from agents.jit import inlined, kernel
from agents.labels import CLASSES
from agents.outcomes import Account
from agents.smugglers.smuggler_params import OPEN, PORTS, ROUTES
from agents.smugglers.state import NO_LEVEL, ratio_to, ratio_to_level, update_mean

if TYPE_CHECKING:
    from agents.levers import Levers
    from agents.smugglers.smuggler_params import SmugglerParams
    from agents.smugglers.state import MarketState, Trade, WeekSummary


@inlined
def choose_lanes(find, crossed, fee, loss_kg, crowding, access, hides):
    """Split loads over ports and classes by a logit in expected profit.

    A lane that carries more than its share of hiding room costs `crowding` times the log excess, so
    that all lanes in use earn the same `worth`.

    Args:
        find: probability that a load is detected, by lane: port after port, four classes each.
        crossed: traffic by lane, in any unit. Some entry is positive.
        fee: $ per kilogram that arrives.
        loss_kg, crowding, access, hides: as in `TradeParams`, the last two by class.

    Returns:
        The split by lane, sum 1, its mean probability that a load is detected, and its worth, $ per
        kilogram sent: expected fee less expected losses, access and crowding.
    """
    chance, share, top = np.zeros(find.size), np.empty(find.size), -math.inf
    for lane in range(find.size):
        share[lane] = max(crossed[lane], 0.0) * hides[lane % N_CLASSES]
    room = numpy_sum(share)
    for lane in range(find.size):
        portion, share[lane] = share[lane] / room, -math.inf
        if portion > 0.0:  # a very small capacity can have a share of 0
            chance[lane] = q = min(max(find[lane], 0.0), 1.0)
            worth = fee * (1.0 - q) - q * loss_kg - access[lane % N_CLASSES]
            share[lane] = math.log(portion) + worth / crowding
        top = max(top, share[lane])
    for lane in range(find.size):
        share[lane] = math.exp(share[lane] - top)
    total = numpy_sum(share)
    for lane in range(find.size):
        share[lane] /= total
        chance[lane] *= share[lane]
    return share, numpy_sum(chance), crowding * (top + math.log(total))


N_CLASSES = len(CLASSES)
YEAR_OF_WEEKS = 365.0 / 7.0
TONNE = 1_000.0  # kg
FEE_BOUNDS = (0.1, 5.0)  # the fee as a ratio to the base year
CROWD_BOUND = 3.0  # of the log of a route's volume over its baseline
SENTENCES = ("us_sentences", "mx_sentences")  # levers, and their limits in SmugglerParams
#: Guided attempts of FY2013 that fail: apprehensions in us/usbp_sector_fy.csv times smuggler use of
#: 0.90 and 0.70 in us/smuggler_fees.csv. The organisation loses $443 on average by `penalty`.
FAILED_ATTEMPTS, MEAN_PENALTY = 335_000.0, 443.0
RATIO_BOUNDS = (-2.0, 4.0)  # profit over its baseline, as organisations respond to it


# ---- a week of trade ----------------------------------------------------------------------------
def trade_week(market: MarketState, week: WeekSummary, line_detection, find_goods, crossed) -> None:
    """Send a week's loads, post the payments and update the rates and recorded totals.

    Args:
        market: market data, changed.
        week: the week under review.
        line_detection: probability that a load is stopped between ports. None closes the route.
        find_goods, crossed: as `find` and `crossed` in :func:`choose_lanes`. None closes the ports.
    """
    trade, baseline, columns, p = market.trade, market.baseline, market.columns, market.trade.params
    for rate in (trade.volume, trade.seized, trade.takings, trade.profit, trade.surplus):
        rate[:] = 0
    trade.share, trade.seized_value, lanes = np.zeros((0, N_CLASSES)), 0.0, [np.zeros(0)] * 2
    if find_goods is not None and crossed is not None:
        lanes = [find_goods.ravel(), crossed.ravel()]
    trade.open[:] = line_detection is not None, np.any(lanes[1] > 0)
    if not trade.open.any():
        return
    levels = map(baseline.level, ("sent", "worth"))
    trade.fee, share, shipped, value, paid = _send_loads(
        *(week.slots, week.cells, columns["mix"], columns["cash"], trade.open, *lanes),
        *(line_detection or 0.0, *(NO_LEVEL if x is None else x for x in levels), trade.worth),
        *(trade.takings, trade.profit, trade.surplus, trade.volume, trade.seized),
        *(trade.total_volume, trade.total_seized, market.environment.recording, trade.base),
        *(*trade.tables, p.loss_kg, p.crowding, p.demand, p.crowding_route),
    )
    trade.share, trade.seized_value = share.reshape(-1, N_CLASSES), value * YEAR_OF_WEEKS
    trade.total_seized_value += value if market.environment.recording else 0.0
    baseline.record("sent", shipped)
    baseline.record("worth", trade.worth)
    market.pay(Account.DRUG_BUYERS, Account.ORGANISATIONS, paid[0])
    market.pay(Account.ORGANISATIONS, Account.SUPPLIERS, paid[1])
    market.pay(Account.ORGANISATIONS, Account.HOUSEHOLDS, paid[2])


@kernel
def _send_loads(
    slots, cells, mix, cash, is_open, find, crossed, line, sent, usual, worth, takings, profits,
    surplus, volume, seized, total_volume, total_seized, recording, base, volume_week, fee_kg,
    profit_kg, access, hides, loss_kg, crowding, demand, crowding_route,
):  # fmt: skip
    """Send the loads of a week: set the worth of both routes, and pay.

    Args:
        slots, cells, mix, cash: organisations, and the columns of all. Cash is changed.
        is_open, line: routes in use, and probability that a load is stopped between ports.
        find, crossed: as in :func:`choose_lanes`.
        sent, usual: kilograms and worth of the base year by route, not a number without a baseline.
        worth, takings, profits, surplus, volume, seized, total_volume, total_seized: as in `Trade`,
            changed.
        recording: whether the totals are updated.
        base: mix of the base year. The other arguments are parameters.

    Returns:
        The fee, the split over lanes, kilograms sent, what buyers would have paid for the seized
        ones, and the payments of buyers, for moving loads and to owners.
    """
    loads, shipped, each = np.empty((slots.size, 2)), np.zeros(2), np.zeros(2)
    for route in range(2):
        each[route] = volume_week[route] if is_open[route] else 0.0
        for k in range(slots.size):
            loads[k, route] = cells[slots[k]] * mix[slots[k], 1 + route] * each[route]
            shipped[route] += loads[k, route]
    fee = _fee(shipped[0] + shipped[1], sent[0] + sent[1], demand)
    share, detected = np.empty(0), np.zeros(2)
    worth[OPEN] = worth[PORTS] = 0.0
    if is_open[OPEN]:
        detected[OPEN] = q = min(max(line, 0.0), 1.0)
        worth[OPEN] = fee * fee_kg[OPEN] * (1.0 - q) - q * loss_kg
    if is_open[PORTS]:
        lanes = choose_lanes(find, crossed, fee * fee_kg[PORTS], loss_kg, crowding, access, hides)
        share, detected[PORTS], worth[PORTS] = lanes
    margin, price, spent, value = np.zeros(2), np.zeros(2), np.zeros(2), 0.0
    for route in range(2):
        if is_open[route] and shipped[route] > 0.0:  # worth falls above the usual volume
            excess = math.log(ratio_to(shipped[route], sent[route]))
            worth[route] -= crowding_route * min(max(excess, -CROWD_BOUND), CROWD_BOUND)
        level = worth[route] if math.isnan(usual[route]) else usual[route]
        cost = max(level - profit_kg[route], 0.0)  # the usual profit is the declared one
        margin[route] = level - cost
        if is_open[route]:
            price[route] = fee * fee_kg[route] * (1.0 - detected[route])
            spent[route] = max(price[route] - (worth[route] - cost), 0.0)
        each[route] *= base[1 + route]  # usual loads
        caught, product = shipped[route] * detected[route], 1 + route
        value += caught * fee * fee_kg[route]
        volume[product] = shipped[route] * YEAR_OF_WEEKS / TONNE
        seized[product] = caught * YEAR_OF_WEEKS / TONNE
        if recording:
            total_volume[product] += shipped[route]
            total_seized[product] += caught
    bought, moved, kept = 0, 0, 0
    for k in range(slots.size):
        slot = slots[k]
        taken = round(loads[k, 0] * price[0] + loads[k, 1] * price[1])
        costs = round(loads[k, 0] * spent[0] + loads[k, 1] * spent[1])
        owners = profit = taken - costs
        if not math.isnan(usual[0]):
            owners = round(cells[slot] * each[0] * margin[0] + cells[slot] * each[1] * margin[1])
        covered = min(max(profit, 0), max(owners, 0))
        cash[slot] += profit - covered
        takings[slot], profits[slot], surplus[slot] = taken, profit, profit - owners
        bought, moved, kept = bought + taken, moved + costs, kept + covered
    return fee, share, shipped, value, (bought, moved, kept)


@inlined
def _fee(volume, base, demand):
    """Return the fee as a ratio to the base year. It falls with the volume sent."""
    if not base > 0.0 or volume <= 0.0:
        return 1.0
    return min(max((volume / base) ** (-1.0 / demand), FEE_BOUNDS[0]), FEE_BOUNDS[1])


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
    costs = np.maximum(base_worth - trade.params.profit_kg, 0.0)
    return ratio_to_level(worth - costs, base_worth - costs)


@inlined
def shift_mix(mix, ratio, speed, floors):
    """Apply one replicator week to an organisation's product mix.

    Args:
        mix: shares by product, with sum 1 and no entry below `floors`, changed. If all ratios are
            1, every bit stays.
        ratio: profit per cell over its baseline, by product.
        speed: weekly growth per product whose ratio is 1 above the mix's mean.
        floors: floor by product, with a sum below 1.
    """
    above, mean, room, least, moves = np.empty(3), 0.0, 0.0, 0.0, False
    for k in range(3):
        above[k] = min(max(ratio[k], RATIO_BOUNDS[0]), RATIO_BOUNDS[1]) - 1.0
        mean, least, moves = mean + mix[k] * above[k], least + floors[k], moves or above[k] != 0.0
    for k in range(3):
        above[k] = max(mix[k] * (1.0 + speed * (above[k] - mean)) - floors[k], 0.0)
        room += above[k]
    for k in range(3 if moves else 0):
        part = above[k] / room if room > 0.0 else 1.0 / 3.0
        mix[k] = floors[k] + part * (1.0 - least)


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
    week.people[:] = people
    week.drugs[:] = profit_ratios(trade, baseline.level("worth"), worth)
    return True


@inlined
def expected_attempts(risk):
    """Return the expected attempts of a three-attempt contract at failure probability `risk`."""
    return 1.0 + risk + risk * risk


def set_cost(
    market: MarketState, slots: np.ndarray, group: np.ndarray, risk: np.ndarray
) -> np.ndarray:
    """Set the cost per attempt, including the passage tax and the bribe.

    The transport cost rises with clients per cell in the group and with the organisation's
    overload, the bribe with revenue, and the loss from a failed attempt with prison sentences.
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
    raised = penalty_rise(p, market.environment.levers)
    penalty = np.array(p.penalty)[group] * (1.0 + raised)
    moving = moving[group] * market.capacity.cost[slots]
    cost = np.rint(moving + tax + bribe + risk * penalty)
    book["cost"][slots, group], book["tax"][slots, group] = cost, np.rint(tax)
    book["bribe"][slots, group] = np.rint(bribe)
    return cost


def sentence_shares(params: SmugglerParams, levers: Levers) -> dict[str, float]:
    """Return which share of the sentences that policies request the courts can pass, by lever."""
    requests = {name: float(getattr(levers.requested, name)[0]) for name in SENTENCES}
    return {
        name: min(1.0, getattr(params, name) / max(requested, 1e-9))
        for name, requested in requests.items()
    }


def penalty_rise(params: SmugglerParams, levers: Levers) -> float:
    """Return the relative rise in an organisation's loss from a failed attempt.

    A sentence costs an organisation what it pays its people for the risk of prison, the same in
    both countries. The sum is spread over the guided attempts that fail.
    """
    shares = sentence_shares(params, levers)
    sentences = sum(float(getattr(levers, name)[0]) * share for name, share in shares.items())
    return sentences * params.sentence_loss / FAILED_ATTEMPTS / MEAN_PENALTY


@inlined
def target_price(price_sensitivity, cost, attempts, share):
    """Return the price at which an organisation aims.

    Args:
        price_sensitivity: how fast clients leave a dearer organisation, per $.
        cost: $ per attempt.
        attempts: attempts that a client is expected to need.
        share: its market share.

    Returns:
        $ per contract.
    """
    margin = 1.0 / (price_sensitivity * max(0.05, 1.0 - share))
    return cost * attempts + margin


# ---- through a port of entry --------------------------------------------------------------------
def _port_target(market: Any, group: int) -> float:
    """Return the target price for a contract through a port, $, 0 without a seller.

    The target is the mean price over the organisations that serve the group, plus a premium that
    rises with the attempts needed at the present discovery probability.
    """
    sellers = market.sellers()[group]
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
        needed = expected_attempts.py_func(
            np.minimum(np.maximum(np.zeros(2) + port_risk, 0.0), 1.0)
        )
        market.baseline.record("port_attempts", needed)
        market.port_attempts = market.baseline.ratio("port_attempts", needed)
    for group in range(2):
        target = _port_target(market, group)
        if target > 0.0:
            price = market.book["port_price"][group]
            market.book["port_price"][group] = price + market.params.price_speed * (target - price)
