"""Write the page of causal loops from the declared links.

`python -m abm.causal_page > docs/background/causal_loops.md` writes the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from abm.causal_links import LEVER_LINKS, LINKS, NAMED_LOOPS, OMITTED, ROOMS, VARIABLES, Link
from abm.policies import registry
from agents.contest import ContestParams
from agents.levers import LEVERS
from agents.param import plain

REINFORCING, BALANCING = "reinforcing", "balancing"
_SIGNS = {1: "+", -1: "−", 0: "±"}  # 0: the sign depends on other settings
_HEAD = """# Causal loops

{variables} variables and {links} signed links describe the model; {off} links are off by default.
The last section lists the mechanisms that are not shown. Variables and links are declared in
`abm/causal_links.py`, each link with the code that implements it. This page is generated from these
declarations: `python -m abm.causal_page > docs/background/causal_loops.md`. The equations are in
the [ODD+2D protocol](odd.md).

A link with a plus sign means that a rise of the cause makes the effect larger than it would
otherwise be, all other causes equal; with a minus sign, smaller. A loop *reinforces* a change (R)
if an even number of its links has a minus sign, and *balances* it (B) otherwise. The polarity of a
loop does not state its strength: crowding at the line, for example, is weak, because `contest.chi`
is {chi}.

## Loops

The following feedback loops have names:
"""
_DIAGRAM = """
## Diagram

The links as a text for [Graphviz](https://graphviz.org), by group of variables. Dashed links are
off by default.
"""
_LEVERS = """
## Levers

Policies act on variables through levers. The sign is that of the effect of a higher lever; ± marks
a sign that depends on other settings.
"""
_LINKS = """
## Links

A link that is off by default names a parameter, or a lever that a policy must use.
"""
_OMITTED = """
## Not shown

The links are between totals. These mechanisms of the model have no link:
"""


def named_loops() -> dict[str, tuple[Link, ...]]:
    """Return the links of every named loop, the shortest loop first."""
    by_ends = {(link.cause, link.effect): link for link in LINKS}
    loops: dict[str, tuple[Link, ...]] = {}
    for name, text in sorted(NAMED_LOOPS.items(), key=lambda item: len(item[1].split())):
        variables = text.split()
        effects = [*variables[1:], variables[0]]
        loops[name] = tuple(by_ends[ends] for ends in zip(variables, effects, strict=True))
    return loops


def polarity(loop: tuple[Link, ...]) -> str:
    """Return whether a loop reinforces a change or balances it."""
    return REINFORCING if math.prod(link.sign for link in loop) > 0 else BALANCING


def causal_loops_markdown() -> str:
    """Return the page of causal loops as Markdown."""
    head = _HEAD.format(
        variables=len(VARIABLES),
        links=len(LINKS),
        off=sum(bool(link.switch) for link in LINKS),
        chi=plain(ContestParams().chi),
    )
    lines = [head, *_loop_rows(), _LINKS, *_link_rows(), _LEVERS, *_lever_rows()]
    omitted = [f"- {words}" for words in OMITTED]
    return "\n".join([*lines, _DIAGRAM, *_diagram_lines(), _OMITTED, *omitted]) + "\n"


def _loop_rows() -> Iterator[str]:
    """Yield the table of the named loops, the shortest first."""
    yield "| | Loop | Through | Off by default: needs |"
    yield "| --- | --- | --- | --- |"
    for number, (name, loop) in enumerate(named_loops().items(), 1):
        kind = polarity(loop)
        through = ", ".join(f"{VARIABLES[k.cause].name} {_SIGNS[k.sign]}" for k in loop)
        switches = ", ".join(f"`{link.switch}`" for link in loop if link.switch)
        yield f"| {kind[0].upper()}{number} | {name} ({kind}) | {through} | {switches} |"


def _link_rows() -> Iterator[str]:
    """Yield the link table, by the room where the effect is."""
    yield "| Cause | Sign | Effect | Delay | Off by default: needs | Code |"
    yield "| --- | --- | --- | --- | --- | --- |"
    rooms = list(ROOMS)
    for link in sorted(LINKS, key=lambda link: rooms.index(VARIABLES[link.effect].room)):
        cause, effect = VARIABLES[link.cause].name, VARIABLES[link.effect].name
        switch = f"`{link.switch}`" if link.switch else ""
        signed = f"{cause} | {_SIGNS[link.sign]} | {effect}"
        yield f"| {signed} | {link.delay} | {switch} | `{link.where}` |"


def _lever_rows() -> Iterator[str]:
    """Yield the table of levers with the variables they change and the policies that use them."""
    yield "| Lever | Acts on | Policies |"
    yield "| --- | --- | --- |"
    for lever in LEVERS:
        signs = LEVER_LINKS[lever].items()
        acts = ", ".join(f"{VARIABLES[name].name} {_SIGNS[sign]}" for name, sign in signs)
        users = [f"`{cls.id}`" for cls in registry().values() if lever in cls.lever_names]
        yield f"| `{lever}` | {acts} | {', '.join(users)} |"


def _diagram_lines() -> Iterator[str]:
    """Yield the diagram with variables and links in the Graphviz language."""
    yield "```dot\ndigraph model {\nrankdir=LR; node [shape=box];"
    for room, title in ROOMS.items():
        yield f'subgraph cluster_{room} {{ label="{title}";'
        for name, variable in VARIABLES.items():
            if variable.room == room:
                yield f'  {name} [label="{variable.name}"];'
        yield "}"
    for link in LINKS:
        style = " style=dashed" * bool(link.switch)
        yield f'{link.cause} -> {link.effect} [label="{_SIGNS[link.sign]}"{style}];'
    yield "}\n```"


if __name__ == "__main__":
    print(causal_loops_markdown(), end="")
