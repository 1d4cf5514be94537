"""The life of organisations: exit, entry, decapitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.environment import Stream
from agents.smugglers.cells import hand_over

if TYPE_CHECKING:
    from agents.smugglers.market import Market

LEARNING = 26  # reviews in which the early level of profit is found


# ---- exit and entry -----------------------------------------------------------------------------
def leave(market: Market) -> None:
    """Organisations without cash leave."""
    for slot in np.flatnonzero(market.book["cash"] < 0).tolist():
        if slot in market.agents:
            market.dissolve(slot, market.agents[slot])


def enter(market: Market) -> None:
    """A newcomer, once profit per organisation has stood high for long enough."""
    for group in range(2):
        peers = (market.book["active"] == 1) & (market.group == group)
        if not peers.any():
            market.found(group, market.territory(group, 0, 1))
            continue
        profit = float(market.profit[peers].mean())
        if market.reviews <= LEARNING:
            market.early_profit[group] = max(market.early_profit[group], profit, 1.0)
            continue
        high = profit > market.params.entry_margin * market.early_profit[group]
        market.good_days[group] = market.good_days[group] + 7.0 if high else 0.0
        if market.good_days[group] >= market.params.entry_days:
            market.good_days[group] = 0.0
            draw = market.environment.keyed_random.uniform(
                Stream.ENTRY, group, market.environment.today
            )
            market.found(group, market.territory(group, int(4.0 * draw), 4))


# ---- decapitation -------------------------------------------------------------------------------
def strike(market: Market) -> list[int]:
    """Slots that lose their head this week; each ends for good or goes on in pieces."""
    environment = market.environment
    hazard = market.params.decapitation + float(environment.levers.decapitation[0])
    chance = -np.expm1(-hazard * 7.0 / 365.0)
    struck = []
    for slot in list(market.agents):
        uid = int(market.book["uid"][slot])
        if environment.keyed_random.uniform(Stream.DECAPITATION, uid, environment.today) < chance:
            struck.append(slot)
            if _ends(market, uid):
                market.dissolve(slot, market.agents[slot])
            else:
                _split(market, slot, uid)
    return struck


def _ends(market: Market, uid: int) -> bool:
    event = market.environment.today | 1 << 21  # a key beside that of the blow itself
    draw = market.environment.keyed_random.uniform(Stream.DECAPITATION, uid, event)
    return draw < market.params.dismantled


def _split(market: Market, slot: int, uid: int) -> None:
    """The head is gone: the organisation goes on in pieces that share its cash."""
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
        heir = market.found(agent.groups[0], territory, cash=max(part, 0))
        if heir is None:
            return
        book["cash"][slot] -= max(part, 0)
        book["reputation"][heir], book["mix"][heir] = book["reputation"][slot], book["mix"][slot]
        hand_over(agent, market.agents[heir], len(agent.cells) // (pieces + 1))
        market.beliefs.inherit(heir, slot)
