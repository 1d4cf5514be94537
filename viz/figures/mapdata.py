"""Places and legs of a world as plain data for maps."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from abm.world import geography
from abm.world.routes import World
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES


@dataclass(frozen=True)
class MapData:
    """Places, legs between them, and the outlines of countries."""

    place_names: list[str]
    place_kinds: list[str]
    lat: np.ndarray
    lon: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    leg_mode: list[str]
    basemap: dict[str, Any]

    @cached_property
    def places(self) -> list[tuple[float, float]]:
        """Longitude and latitude of every place, in degrees."""
        return list(zip(self.lon.tolist(), self.lat.tolist(), strict=True))


def map_data(world: World) -> MapData:
    """Return the places and legs of a world."""
    kinds = {code: name for name, code in KIND_NAMES.items()}
    modes = {code: name for name, code in MODE_NAMES.items()}
    return MapData(
        place_names=list(world.place_names),
        place_kinds=[kinds[k] for k in world.kind.tolist()],
        lat=world.lat,
        lon=world.lon,
        tail=world.tail,
        head=world.head,
        leg_mode=[modes[m] for m in world.mode.tolist()],
        basemap=geography.basemap(),
    )
