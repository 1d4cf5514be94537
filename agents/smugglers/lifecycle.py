"""The lifecycle of organisations: founding, entry, decapitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.environment import Stream
from agents.outcomes import Account
from agents.smugglers import pricing
from agents.smugglers.organisation import Organisation

if TYPE_CHECKING:
    from agents.smugglers.state import MarketState

LEARNING = 26  # reviews over which the early level of profit is measured


# ---- founding -----------------------------------------------------------------------------------
def found_first_organisations(market: MarketState) -> None:
    """Found the organisations with which a run begins."""
    p = market.params
    for group, count in enumerate((p.count_mexican, p.count_northern_triangle)):
        for number in range(count):
            found_organisation(market, group, _territory(market, group, number, count))


def _territory(market: MarketState, group: int, number: int, count: int) -> list[int]:
    """Return the communities of organisation `number` of `count`. Territories overlap."""
    communities = np.flatnonzero(market.origin_group == group)
    reach = max(1, round(0.6 * count))
    chosen = [int(o) for k, o in enumerate(communities) if (k + number) % count < reach]
    return chosen or [int(o) for o in communities[number % max(1, communities.size) :][:1]]


def found_organisation(
    market: MarketState, group: int, territory: list[int], cash: float | None = None
) -> int | None:
    """Found an organisation in a free slot, with cells and prices.

    Args:
        market: market data.
        group: group that it serves.
        territory: communities that it serves.
        cash: initial $, or None for a newcomer's capital.

    Returns:
        Its slot, or None if no slot is free or the territory is empty.
    """
    slot = market.free_slot()
    if slot is None or not territory:
        return None
    book = market.book
    market.reset_slot(slot)
    book["active"][slot], book["uid"][slot] = 1, market.next_uid
    book["cash"][slot] = int(market.params.capital if cash is None else cash)
    if cash is None and market.reviews > 0:  # a newcomer's capital comes from outside the market
        market.environment.pay(Account.HOUSEHOLDS, Account.ORGANISATIONS, int(book["cash"][slot]))
    book["reputation"][slot], book["quality"][slot] = 0.5, market.params.quality
    book["serves"][slot] = sum(1 << o for o in territory)
    book["mix"][slot], market.group[slot] = market.trade.base, group
    book["top"] = np.flatnonzero(book["active"])[-1] + 1
    market.reset_week(slot)
    market.next_uid += 1
    home = int(market.origin_place[territory[0]])
    agent = market.environment.class_of(Organisation)(market, slot, (group,), home)
    market.agents[slot] = agent
    agent.place_cells(group)
    both = np.arange(2)
    cost = pricing.set_cost(market, np.full(2, slot), both, np.full(2, 0.5))
    book["price"][slot] = np.rint(pricing.target_price(market.params, cost, 0.5, 0.1))
    pricing.open_port_price(market, group)
    return slot


# ---- entry --------------------------------------------------------------------------------------
def found_entrants(market: MarketState) -> None:
    """Found one organisation per group if profit has been high for `entry_days`."""
    for group in range(2):
        peers = (market.book["active"] == 1) & (market.group == group)
        if not peers.any():
            found_organisation(market, group, _territory(market, group, 0, 1))
            continue
        profit = float(market.profit[peers].mean())
        if market.reviews <= LEARNING:
            market.early_profit[group] = max(market.early_profit[group], profit, 1.0)
            continue
        high = profit > market.params.entry_margin * market.early_profit[group]
        days = market.days_of_high_profit
        days[group] = days[group] + 7.0 if high else 0.0
        if days[group] >= market.params.entry_days:
            days[group] = 0.0
            draw = market.environment.keyed_random.uniform(
                Stream.ENTRY, group, market.environment.today
            )
            found_organisation(market, group, _territory(market, group, int(4.0 * draw), 4))


# ---- decapitation -------------------------------------------------------------------------------
def decapitate(market: MarketState) -> list[int]:
    """Draw the organisations that lose their leader this week, and dissolve or split each.

    Returns:
        Their slots.
    """
    environment = market.environment
    hazard = market.params.decapitation + float(environment.levers.decapitation[0])
    chance = -np.expm1(-hazard * 7.0 / 365.0)
    struck = []
    for slot in list(market.agents):
        uid = int(market.book["uid"][slot])
        if environment.keyed_random.uniform(Stream.DECAPITATION, uid, environment.today) < chance:
            struck.append(slot)
            if _is_dismantled(market, uid):
                market.agents[slot].dissolve()
            else:
                _split(market, slot, uid)
    return struck


def _is_dismantled(market: MarketState, uid: int) -> bool:
    """Draw whether a decapitated organisation dissolves."""
    event = market.environment.today | 1 << 21  # differs from the key of the decapitation draw
    draw = market.environment.keyed_random.uniform(Stream.DECAPITATION, uid, event)
    return draw < market.params.dismantled


def _split(market: MarketState, slot: int, uid: int) -> None:
    """Split a decapitated organisation into parts that share its cash and cells."""
    key = (uid << 20) | market.environment.today
    pieces = market.environment.keyed_random.poisson(
        Stream.DECAPITATION, key, market.params.splinters
    )
    book, agent = market.book, market.agents[slot]
    book["reputation"][slot] *= 0.8
    served = int(book["serves"][slot])
    territory = [o for o in range(market.origin_group.size) if (served >> o) & 1]
    part = int(book["cash"][slot]) // (pieces + 1)
    for _ in range(pieces):
        heir = found_organisation(market, agent.groups[0], territory, cash=max(part, 0))
        if heir is None:
            return
        book["cash"][slot] -= max(part, 0)
        book["reputation"][heir], book["mix"][heir] = book["reputation"][slot], book["mix"][slot]
        agent.hand_cells_to(market.agents[heir], len(agent.cells) // (pieces + 1))
        market.beliefs.inherit(heir, slot)
