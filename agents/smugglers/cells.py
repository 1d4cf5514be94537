"""Cells of organisations: initial placement, relocation, dismantling and replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.beliefs import PASSED
from agents.environment import Stream
from agents.outcomes import Account
from agents.smugglers.organisation import Organisation, SmugglerCell

if TYPE_CHECKING:
    from agents.smugglers.state import MarketState
    from agents.smugglers.week import WeekSummary

MONTH = 365.0 / 12.0  # days


def _add_cell(market: MarketState, agent: Organisation, place: int) -> None:
    """Add a cell to an organisation, with a number that is unique over the run."""
    agent.cells.append(SmugglerCell(market.environment, agent.slot, place, market.next_cell))
    market.next_cell += 1


def place_cells(market: MarketState, agent: Organisation, group: int) -> None:
    """Place the cells of a new organisation in proportion to base-year crossings.

    The numbers are rounded by largest remainders.

    Args:
        market: data of the market.
        agent: the new organisation; changed.
        group: group whose crossings are used.
    """
    quota = market.gate_share[group] * market.params.cells
    count = np.floor(quota).astype(int)
    for k in np.argsort(-(quota - count), kind="stable")[: market.params.cells - count.sum()]:
        count[k] += 1
    for k, n in enumerate(count):
        for _ in range(n):
            _add_cell(market, agent, int(market.gates[k]))


def move_cells(market: MarketState, week: WeekSummary, line_gate: np.ndarray) -> None:
    """Relocate at most one cell of each organisation, from its worst gate to its best one.

    Gates are compared by clients past the line per cell; a cell moves if this figure is more than
    twice as high at the best gate.

    Args:
        market: data of the market; changed.
        week: the week under review.
        line_gate: gate of each line leg, -1 elsewhere.
    """
    crossed, held = _update_crossed(market, week, line_gate), _cells_by_gate(market, week)
    per_cell = crossed / (held + 0.5)
    per_own_cell = np.where(held > 0.0, per_cell, np.inf)
    rows = np.arange(week.slots.size)
    best, worst = per_cell.argmax(axis=1), per_own_cell.argmin(axis=1)
    better = per_cell[rows, best] > 2.0 * per_own_cell[rows, worst] + 1e-9
    for row in np.flatnonzero(better & (best != worst) & (crossed.sum(axis=1) > 0.0)):
        cells = market.agents[int(week.slots[row])].cells
        place = int(market.gates[worst[row]])
        cell = next(c for c in cells if c.target == place)
        cell.target, cell.left = int(market.gates[best[row]]), float(market.environment.today)


def _update_crossed(market: MarketState, week: WeekSummary, line_gate: np.ndarray) -> np.ndarray:
    """Update the eight-week means of clients past the line, by organisation and gate."""
    legs, gates = np.flatnonzero(line_gate >= 0), market.gates.size
    passed = market.beliefs.new_reports[week.slots[:, None], legs, PASSED]
    index = np.arange(week.slots.size)[:, None] * gates + line_gate[legs]
    now = np.bincount(index.ravel(), passed.ravel(), week.slots.size * gates).reshape(-1, gates)
    mean = market.crossed[week.slots]
    mean = np.where(np.isnan(mean), now, mean)  # the first week of a newcomer
    market.crossed[week.slots] = mean = mean + (now - mean) / 8.0
    return mean


def _cells_by_gate(market: MarketState, week: WeekSummary) -> np.ndarray:
    """Count cells by organisation and gate; relocating cells count at their target."""
    held = np.zeros((week.slots.size, market.gates.size))
    for row, slot in enumerate(week.slots):
        for cell in market.agents[int(slot)].cells:
            held[row, market.gate_index[cell.target]] += 1.0
    return held


def transfer_cells(parent: Organisation, heir: Organisation, count: int) -> None:
    """Replace the cells of an heir by cells of its parent, which keeps at least one.

    Args:
        parent: organisation that splits; changed.
        heir: new organisation; changed.
        count: number of cells to transfer.
    """
    for cell in heir.cells:
        cell.remove()
    heir.cells = [parent.cells.pop() for _ in range(min(count, len(parent.cells) - 1))]
    for cell in heir.cells:
        cell.slot = heir.slot


def dismantle_cells(market: MarketState) -> int:
    """Dismantle cells at their places, once a week, at the hazard of the lever `cell_hunt`.

    Returns:
        Number of cells dismantled.
    """
    hazard = float(market.environment.levers.cell_hunt[0])
    if hazard <= 0.0:
        return 0
    environment, dismantled = market.environment, 0
    chance = -np.expm1(-hazard * 7.0 / 365.0)
    for agent in market.agents.values():
        for cell in [c for c in agent.cells if c.place == c.target]:
            draw = environment.keyed_random.uniform(
                Stream.CELL_HUNT, cell.number, environment.today
            )
            if draw < chance:
                agent.lost.append(cell.place)
                agent.cells.remove(cell)
                cell.remove()
                dismantled += 1
    return dismantled


def replace_cells(market: MarketState) -> None:
    """Replace dismantled cells at their former places, once a week, as pace and cash allow."""
    p = market.params
    pace, price = p.cell_pace * 7.0 / MONTH, int(p.cell_price)
    for slot, agent in market.agents.items():
        # the cap stops the right to replace cells from accumulating over quiet years
        agent.hiring = min(agent.hiring + pace, max(1.0, pace))
        while agent.lost and agent.hiring >= 1.0 and market.book["cash"][slot] >= price:
            agent.hiring -= 1.0
            market.book["cash"][slot] -= price
            market.environment.pay(Account.ORGANISATIONS, Account.SUPPLIERS, price)
            _add_cell(market, agent, agent.lost.pop(0))
