"""What the base year taught: the chances by leg on which everybody's beliefs are centred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import Group

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.routes import World

GUIDED_SHARE = 0.8  # [A] of travellers, for the centre of the communities' prior


class LegPriors:
    """Chances to be stopped and to be harmed by leg in the base year.

    Attributes:
        org: pairs (stop, harm) by group, for a guided client.
        home: the same, for a member of a community, guided or not.
    """

    def __init__(
        self,
        world: World,
        settings: Scenario,
        *,
        mexico: np.ndarray,
        line: np.ndarray,
        death: np.ndarray,
        kidnap: np.ndarray,
    ) -> None:
        """Take the base-year hazards by leg: of both countries, of dying, of kidnapping."""
        self._world, self._settings = world, settings
        self._mexico, self._line, self._death, self._kidnap = mexico, line, death, kidnap
        quality = settings.smugglers.quality
        self.org = [self._pair(group, 1.0 - quality) for group in Group]
        self.home = [self._pair(group, 1.0 - quality * GUIDED_SHARE) for group in Group]

    def stopped(self, hazard: np.ndarray, exposed: float) -> np.ndarray:
        """Chance to be stopped on a leg, at these hazards and this share of them that guides
        cannot avoid; at a port guides change nothing, at the line those turned back try again."""
        p, world = self._settings.border_patrol, self._world
        detected = -np.expm1(-hazard * np.where(world.is_port, 1.0, exposed))
        through = detected * p.caught_share / np.maximum(1.0 - detected * p.turned_share, 1e-9)
        return np.where(world.is_line, through, detected)

    def _pair(self, group: Group, exposed: float) -> tuple[np.ndarray, np.ndarray]:
        m, world = self._settings.migrants, self._world
        stop = self.stopped(self._mexico + self._line, exposed)
        taken = self._kidnap * (m.kidnap_mexican_factor if group == Group.MEXICAN else 1.0)
        on_us = world.is_line | world.is_belt  # where deaths are nobody's news
        dying = np.where(on_us, 0.0, self._death)
        harm = -np.expm1(-(dying + taken) * world.days * m.pace_guided)
        return stop, harm
