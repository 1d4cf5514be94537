"""Priors by leg from the base year."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import network_setup
from abm.holders import LegPriors
from abm.scenario import Scenario

DEFAULT = Scenario()


def make_priors(world, **changes):
    """Return the leg priors of the default scenario with changed settings."""
    s = DEFAULT.with_settings({k.replace("__", "."): v for k, v in changes.items()})
    return LegPriors(world, s, network_setup.leg_state_of(world, s, origins=1))


def test_people_turned_back_at_the_line_try_again_until_apprehended_or_through(world):
    priors = make_priors(world)
    p, quality = DEFAULT.border_patrol, DEFAULT.smugglers.quality
    for leg in np.flatnonzero(world.is_line)[:5]:
        detected = -np.expm1(-p.line_hazard[world.leg_sector[leg]] * (1.0 - quality))
        caught, back = detected * p.caught_share, detected * p.turned_share
        total = sum(caught * back**k for k in range(200))  # a geometric series of tries
        assert priors.org[0][0][leg] == pytest.approx(total)


@given(hazard=st.floats(0.0, 5.0), exposed=st.floats(0.0, 1.0))
def test_chances_are_shares_and_rise_with_the_hazard(world, hazard, exposed):
    priors, hazards = make_priors(world), np.full(world.n_legs, hazard)
    stop, more = priors.stopped(hazards, exposed), priors.stopped(hazards * 1.5, exposed)
    assert ((stop >= 0.0) & (stop <= 1.0)).all() and (more >= stop - 1e-12).all()
