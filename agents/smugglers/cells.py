"""Records of the gates and cells of all organisations: clients past the line, dismantled cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.beliefs import PASSED
from agents.environment import Stream

if TYPE_CHECKING:
    from agents.smugglers.state import MarketState
    from agents.smugglers.week import WeekSummary


def update_crossed(market: MarketState, week: WeekSummary, line_gate: np.ndarray) -> None:
    """Update the eight-week means of clients past the line, by organisation and gate.

    Args:
        market: data of the market; changed.
        week: the week under review; the row `crossed` of each organisation is set.
        line_gate: gate of each line leg, -1 elsewhere.
    """
    legs, gates = np.flatnonzero(line_gate >= 0), market.gates.size
    passed = market.beliefs.new_reports[week.slots[:, None], legs, PASSED]
    index = np.arange(week.slots.size)[:, None] * gates + line_gate[legs]
    now = np.bincount(index.ravel(), passed.ravel(), week.slots.size * gates).reshape(-1, gates)
    mean = market.crossed[week.slots]
    mean = np.where(np.isnan(mean), now, mean)  # the first week of a newcomer
    market.crossed[week.slots] = mean = mean + (now - mean) / 8.0
    week.set("crossed", mean)


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
