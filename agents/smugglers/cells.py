"""Cells: where they are placed, how they follow the money, how they are broken up and replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.beliefs import PASSED
from agents.environment import Stream
from agents.outcomes import Account
from agents.smugglers.organisation import Cell, Organisation

if TYPE_CHECKING:
    from agents.smugglers.market import Market
    from agents.smugglers.week import Week

MONTH = 365.0 / 12.0  # days


def new_cell(market: Market, agent: Organisation, place: int) -> None:
    """A further cell of an organisation, with a number that no other cell of the run has."""
    agent.cells.append(Cell(market.environment, agent.slot, place, market.next_cell))
    market.next_cell += 1


def place_cells(market: Market, agent: Organisation, group: int) -> None:
    """Cells in proportion to where the group crosses in the base year (largest remainders)."""
    quota = market.gate_share[group] * market.params.cells
    count = np.floor(quota).astype(int)
    for k in np.argsort(-(quota - count), kind="stable")[: market.params.cells - count.sum()]:
        count[k] += 1
    for k, n in enumerate(count):
        for _ in range(n):
            new_cell(market, agent, int(market.gates[k]))


def move_cells(market: Market, week: Week, line_gate: np.ndarray) -> None:
    """Each organisation sends one cell from where it earns least to where cells earn most."""
    crossed, held = _crossed(market, week, line_gate), _held(market, week)
    worth = crossed / (held + 0.5)
    poor = np.where(held > 0.0, worth, np.inf)
    rows = np.arange(week.slots.size)
    best, worst = worth.argmax(axis=1), poor.argmin(axis=1)
    better = worth[rows, best] > 2.0 * poor[rows, worst] + 1e-9
    for row in np.flatnonzero(better & (best != worst) & (crossed.sum(axis=1) > 0.0)):
        cells = market.agents[int(week.slots[row])].cells
        place = int(market.gates[worst[row]])
        cell = next(c for c in cells if c.target == place)
        cell.target, cell.left = int(market.gates[best[row]]), float(market.environment.today)


def _crossed(market: Market, week: Week, line_gate: np.ndarray) -> np.ndarray:
    """Clients past the line by organisation and gate, as eight-week means."""
    legs, gates = np.flatnonzero(line_gate >= 0), market.gates.size
    told = market.beliefs.told[week.slots[:, None], legs, PASSED]
    index = np.arange(week.slots.size)[:, None] * gates + line_gate[legs]
    now = np.bincount(index.ravel(), told.ravel(), week.slots.size * gates).reshape(-1, gates)
    mean = market.crossed[week.slots]
    mean = np.where(np.isnan(mean), now, mean)  # a newcomer's first week
    market.crossed[week.slots] = mean = mean + (now - mean) / 8.0
    return mean


def _held(market: Market, week: Week) -> np.ndarray:
    """Cells by organisation and gate, those on the move where they are bound for."""
    held = np.zeros((week.slots.size, market.gates.size))
    for row, slot in enumerate(week.slots):
        for cell in market.agents[int(slot)].cells:
            held[row, market.gate_index[cell.target]] += 1.0
    return held


def hand_over(parent: Organisation, heir: Organisation, count: int) -> None:
    """An heir takes over cells of its parent and has no others."""
    for cell in heir.cells:
        cell.remove()
    heir.cells = [parent.cells.pop() for _ in range(min(count, len(parent.cells) - 1))]
    for cell in heir.cells:
        cell.slot = heir.slot


def hunt(market: Market) -> int:
    """Weekly: cells at the line are broken up at the hazard that policies set; gives how many."""
    hazard = float(market.environment.levers.cell_hunt[0])
    if hazard <= 0.0:
        return 0
    chance, broken, today = -np.expm1(-hazard * 7.0 / 365.0), 0, market.environment.today
    for agent in market.agents.values():
        for cell in [c for c in agent.cells if c.place == c.target]:
            if (
                market.environment.keyed_random.uniform(Stream.CELL_HUNT, cell.number, today)
                < chance
            ):
                agent.lost.append(cell.place)
                agent.cells.remove(cell)
                cell.remove()
                broken += 1
    return broken


def replace(market: Market) -> None:
    """Weekly: cells broken up are replaced where they stood, as pace and cash allow."""
    p = market.params
    pace, price = p.cell_pace * 7.0 / MONTH, int(p.cell_price)
    for slot, agent in market.agents.items():
        agent.hiring = min(agent.hiring + pace, max(1.0, pace))  # crews do not pile up
        while agent.lost and agent.hiring >= 1.0 and market.book["cash"][slot] >= price:
            agent.hiring -= 1.0
            market.book["cash"][slot] -= price
            market.environment.pay(Account.ORGANISATIONS, Account.SUPPLIERS, price)
            new_cell(market, agent, agent.lost.pop(0))
