"""Base-year chances by leg on which all beliefs are centred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import Group

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.routes import World

GUIDED_SHARE = 0.8  # [A] of travellers, for the centre of the communities' prior


class LegPriors:
    """Base-year probabilities of being stopped and of being harmed, by leg.

    Attributes:
        org: pairs (stop, harm) of arrays by leg, one pair per group, for a guided client.
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
        """Compute the priors from base-year hazards.

        Args:
            world: places and legs.
            settings: the scenario.
            mexico: hazard of interdiction by Mexico per passage, shape (legs,).
            line: hazard of detection or apprehension by the U.S. per passage, shape (legs,).
            death, kidnap: hazards per elapsed day, shape (legs,).
        """
        self._world, self._settings = world, settings
        self._mexico, self._line, self._death, self._kidnap = mexico, line, death, kidnap
        quality = settings.smugglers.quality
        self.org = [self._pair(group, 1.0 - quality) for group in Group]
        self.home = [self._pair(group, 1.0 - quality * GUIDED_SHARE) for group in Group]

    def stopped(self, hazard: np.ndarray, exposed: float) -> np.ndarray:
        """Return the chance to be stopped on a leg.

        At a port a guide does not reduce the hazard. At the line, migrants who are turned back
        try again.

        Args:
            hazard: hazard per passage, shape (legs,).
            exposed: share of the hazard that guides cannot avoid.

        Returns:
            Chances by leg, 0 to 1, shape (legs,).
        """
        p, world = self._settings.border_patrol, self._world
        detected = -np.expm1(-hazard * np.where(world.is_port, 1.0, exposed))
        through = detected * p.caught_share / np.maximum(1.0 - detected * p.turned_share, 1e-9)
        return np.where(world.is_line, through, detected)

    def _pair(self, group: Group, exposed: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the chances (stop, harm) by leg of a group."""
        m, world = self._settings.migrants, self._world
        stop = self.stopped(self._mexico + self._line, exposed)
        kidnap = self._kidnap * (m.kidnap_mexican_factor if group == Group.MEXICAN else 1.0)
        us_legs = world.is_line | world.is_belt  # deaths on these legs are not reported home
        death = np.where(us_legs, 0.0, self._death)
        harm = -np.expm1(-(death + kidnap) * world.days * m.pace_guided)
        return stop, harm
