"""Fixtures for policy tests: the levers, and the base year with read-only arrays."""

import numpy as np
import pytest

from abm.policies import Inputs
from abm.scenario import Scenario
from abm.world.geography import usbp_staffing
from abm.world.routes import World
from abm.world.vocabulary import SECTORS
from agents.levers import Levers


@pytest.fixture(scope="session")
def inputs(world: World) -> Inputs:
    """Return a base year with the staff of 2013 at the line and 100 officers per southern place."""
    staff = usbp_staffing(2013)
    us_base = np.array([staff[name] for name in SECTORS])
    south = np.isin(world.zone, ("southern_border", "isthmus", "central"))
    mx_base = np.where((np.array(world.country) == "MX") & south, 100.0, 0.0)
    us_base.flags.writeable = mx_base.flags.writeable = False
    return Inputs(world=world, settings=Scenario(), us_base=us_base, mx_base=mx_base)


@pytest.fixture
def levers(world: World) -> Levers:
    """Return the levers, all of which are zero."""
    return Levers(
        sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=len(world.ports)
    )
