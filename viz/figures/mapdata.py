"""Places and legs as maps draw them, on paper and on the screen."""

from __future__ import annotations

from abm.world import geography
from abm.world.routes import World
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES
from viz.figures.inputs import MapData


def map_data(world: World) -> MapData:
    """Places and legs as the map draws them."""
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
