"""Lanes of the ports of entry: where loads hide in lawful traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from agents.smugglers.params import TradeParams


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where loads go through the ports this week.

    Attributes:
        share: of the loads, shape (ports, 4), sum 1.
        found: mean chance that a load is found.
        worth: what a kilogram is worth on the way, $: fee and losses expected, less access and
            crowding.
    """

    share: np.ndarray
    found: float
    worth: float


def choose_lanes(find: np.ndarray, crossed: np.ndarray, fee: float, p: TradeParams) -> Lanes:
    """Loads pick port and class by expected profit (logit); something crosses.

    A lane that carries more than its share of the room to hide gets dearer by `crowding` times
    the log of that excess. All lanes in use then earn the same: `worth`.

    Args:
        find: chance that a load is found, by port and class, shape (ports, 4).
        crossed: traffic by port and class, in any unit, shape (ports, 4).
        fee: $ a kilogram that arrives.
        p: access costs, losses, room to hide, crowding.
    """
    room = np.maximum(crossed, 0.0) * np.array(p.hides)
    used = room > 0.0
    chance = np.clip(np.where(used, find, 0.0), 0.0, 1.0)
    worth = fee * (1.0 - chance) - chance * p.loss_kg - np.array(p.access)
    pull = np.full(room.shape, -np.inf)
    pull[used] = np.log(room[used] / room.sum()) + worth[used] / p.crowding
    top = float(pull.max())
    weight = np.exp(pull - top)
    total = float(weight.sum())
    share = weight / total
    return Lanes(share, float((share * chance).sum()), p.crowding * (top + float(np.log(total))))
