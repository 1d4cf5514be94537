"""Choice among the lanes of the ports of entry, where loads hide in lawful traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from agents.smugglers.smuggler_params import TradeParams


@dataclass(frozen=True, slots=True)
class Lanes:
    """Loads through the ports of a week.

    Attributes:
        share: share of the loads, shape (ports, 4), sum 1.
        found: mean probability of detection of a load.
        worth: $ per kilogram sent: expected fee less expected losses, access and crowding.
    """

    share: np.ndarray
    found: float
    worth: float


def choose_lanes(find: np.ndarray, crossed: np.ndarray, fee: float, p: TradeParams) -> Lanes:
    """Split loads over ports and classes by a logit in expected profit.

    A lane that carries more than its share of the room to hide costs `crowding` times the log of
    that excess, so that all lanes in use earn the same `worth`.

    Args:
        find: probability of detection of a load, by port and class, shape (ports, 4).
        crossed: traffic by port and class, in any unit, shape (ports, 4); some entry is positive.
        fee: $ per kilogram that arrives.
        p: access costs, losses, room to hide, crowding.

    Returns:
        The split, and its mean probability of discovery and worth.
    """
    room = np.maximum(crossed, 0.0) * np.array(p.hides)
    portion = room / room.sum()
    used = portion > 0.0  # a very small capacity can have a share of 0
    chance = np.minimum(np.maximum(np.where(used, find, 0.0), 0.0), 1.0)
    worth = fee * (1.0 - chance) - chance * p.loss_kg - np.array(p.access)
    utility = np.full(room.shape, -np.inf)
    utility[used] = np.log(portion[used]) + worth[used] / p.crowding
    top = float(utility.max())
    weight = np.exp(utility - top)
    total = float(weight.sum())
    share = weight / total
    return Lanes(share, float((share * chance).sum()), p.crowding * (top + float(np.log(total))))
