"""Feedback loops of the causal links: the graph, its loops with their polarity, and tables.

A loop reinforces a change if an even number of its links has the sign -1; otherwise it balances the
change.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import networkx as nx

from abm.causal_links import LINKS, NAMED_LOOPS, VARIABLES, Link

LONGEST = 8  # largest number of variables in a loop
REINFORCING, BALANCING = "reinforcing", "balancing"


@dataclass(frozen=True, slots=True)
class Loop:
    """A feedback loop.

    Attributes:
        variables: ids in their order, from the first in the table of variables.
        links: the links, the first from the first variable to the second.
    """

    variables: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def polarity(self) -> str:
        """Return "reinforcing" or "balancing"."""
        return REINFORCING if math.prod(link.sign for link in self.links) > 0 else BALANCING

    @property
    def on(self) -> bool:
        """Return whether all links are on by default."""
        return not any(link.switch for link in self.links)

    @property
    def switches(self) -> tuple[str, ...]:
        """Return the distinct switches of its links, in the order of the links."""
        return tuple(dict.fromkeys(link.switch for link in self.links if link.switch))


@functools.cache
def _by_ends() -> dict[tuple[str, str], Link]:
    """Return the links by cause and effect."""
    return {(link.cause, link.effect): link for link in LINKS}


def causal_graph(*, default_only: bool = False) -> nx.DiGraph:
    """Return the variables and links as a directed graph.

    Args:
        default_only: whether to leave out links that are off by default.

    Returns:
        A graph of the ids of variables; every edge has the attributes `sign` and `link`.
    """
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(VARIABLES)
    for link in LINKS:
        if not (default_only and link.switch):
            graph.add_edge(link.cause, link.effect, sign=link.sign, link=link)
    return graph


def loop_of(variables: tuple[str, ...]) -> Loop:
    """Return the loop through variables in this order.

    Args:
        variables: ids, each the cause of the next, and the last the cause of the first.

    Returns:
        The loop, which starts at the variable that is declared first.

    Raises:
        KeyError: two variables that follow each other are not linked.
    """
    first = min(range(len(variables)), key=lambda k: _position(variables[k]))
    turned = variables[first:] + variables[:first]
    ends = zip(turned, turned[1:] + turned[:1], strict=True)
    return Loop(turned, tuple(_by_ends()[pair] for pair in ends))


def _position(variable: str) -> int:
    """Return the position of a variable in the table."""
    return list(VARIABLES).index(variable)


@functools.cache
def feedback_loops(longest: int = LONGEST) -> tuple[Loop, ...]:
    """Return all feedback loops without a repeated variable, the shortest first.

    Args:
        longest: largest number of variables in a loop.

    Returns:
        The loops, in an order that depends on the table only.
    """
    cycles = nx.simple_cycles(causal_graph(), length_bound=longest)
    loops = [loop_of(tuple(cycle)) for cycle in cycles]
    return tuple(sorted(loops, key=lambda loop: (len(loop.variables), loop.variables)))


def named_loops() -> dict[str, Loop]:
    """Return the loops that have a name, the shortest first."""
    loops = {name: loop_of(variables) for name, variables in NAMED_LOOPS.items()}
    return dict(sorted(loops.items(), key=lambda item: len(item[1].variables)))


def loop_labels() -> dict[str, str]:
    """Return the label of every named loop, such as "B1"."""
    return {
        name: f"{loop.polarity[0].upper()}{number}"
        for number, (name, loop) in enumerate(named_loops().items(), 1)
    }


def sign_text(sign: int) -> str:
    """Return the sign of a link as a character; "±" for a sign that depends on settings."""
    return {1: "+", -1: "−", 0: "±"}[sign]
