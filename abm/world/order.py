"""Orders of the places: for sweeps over the legs, and for solving the route choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from abm.world.compiled import Int16s, frozen

if TYPE_CHECKING:
    from abm.world.routes import World


def sweep_order(graph: nx.MultiDiGraph, place_ids: tuple[str, ...]) -> Int16s:
    """Return the places in reverse topological order of the listed legs, cycles together.

    Args:
        graph: the route graph, by id.
        place_ids: ids of the places.

    Returns:
        Indices of places, destinations first.
    """
    listed = nx.DiGraph()
    listed.add_nodes_from(place_ids)
    listed.add_edges_from((a, b) for a, b, back in graph.edges(data="reverse") if not back)
    index = {place: i for i, place in enumerate(place_ids)}
    components = nx.condensation(listed)
    members = {k: sorted(index[p] for p in data) for k, data in components.nodes(data="members")}
    northward = nx.lexicographical_topological_sort(components, key=lambda k: members[k][0])
    return frozen([i for k in northward for i in members[k]][::-1], np.int16)


def solving_order(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Order the places from the destinations back, in blocks: single places and whole cycles.

    Places are sorted by the number of places they can reach, so every block comes after the blocks
    that it leads to. Return the order and the end of each block in it.
    """
    n, legs = world.n_places, world.out_leg
    usable = nx.DiGraph()
    usable.add_nodes_from(range(n))
    usable.add_edges_from(zip(world.tail[legs].tolist(), world.head[legs].tolist(), strict=True))
    blocks = nx.condensation(usable)
    reached = _reached(blocks)
    rank = np.empty(n, int)
    rank[world.sweep_order] = np.arange(n)
    order: list[int] = []
    ends: list[int] = []
    for block in sorted(blocks, key=lambda b: (reached[b], min(blocks.nodes[b]["members"]))):
        order += sorted(blocks.nodes[block]["members"], key=lambda i: rank[i])
        ends.append(len(order))
    return np.array(order, np.int16), np.array(ends, np.int16)


def _reached(blocks: nx.DiGraph) -> dict[int, int]:
    """Return the number of places that can be reached from each block, its own included.

    The sets of places are bits of whole numbers, so a union of 16,000 places is a fast operation.
    """
    sets: dict[int, int] = {}
    for block in reversed(list(nx.topological_sort(blocks))):
        own = sum(1 << place for place in blocks.nodes[block]["members"])
        for onward in blocks.successors(block):
            own |= sets[onward]
        sets[block] = own
    return {block: own.bit_count() for block, own in sets.items()}
