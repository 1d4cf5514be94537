"""The packaged world, loaded once."""

import pytest

from abm.world.routes import World, load_world


@pytest.fixture(scope="session")
def world() -> World:
    """The packaged world."""
    return load_world()
