"""Reference page on causal loops, generated from the declared links.

`python -m abm.causal_page > docs/background/causal_loops.md` writes the page, and
`python -m abm.causal_page --dot` prints the links in the Graphviz language.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from abm.causal_links import LEVER_LINKS, LINKS, NAMED_LOOPS, OMITTED, ROOMS, VARIABLES, Link
from agents.contest import ContestParams
from agents.levers import LEVERS
from agents.param import plain

_SIGNS = {1: "+", -1: "−", 0: "±"}  # 0: depends on other settings
_HEAD = """# Causal loops

{variables} variables and {links} signed links describe the model; {off} links are off by default.
The page is generated from `abm/causal_links.py`, which names the code of every link, by
`python -m abm.causal_page`. With `--dot`, the command prints the links as a text for
[Graphviz](https://graphviz.org). The equations are in the [ODD+2D protocol](odd.md).

A plus sign means that a rise of the cause makes the effect larger than it would otherwise be, all
other causes equal. A minus sign means smaller, and ± that the sign depends on other settings. A
loop *reinforces* a change (R) if an even number of its links has a minus sign, and *balances* it
(B) otherwise. Its polarity does not state its strength: crowding at the line, for example, is weak,
because `contest.chi` is {chi}. A loop or link that is off by default names, after *if*, the
parameter or the lever that turns it on.

## Loops
"""
_LEVERS = """
## Levers

[Policies](../reference/policies.md) act on variables through these levers.
"""
_LINKS = """
## Links

Brackets give the delay.
"""
_OMITTED = """
## Not shown

The links are between totals. These mechanisms of the model have no link:
"""


def named_loops() -> dict[str, tuple[Link, ...]]:
    """Return the links in every named loop, shortest loops first."""
    by_ends = {(link.cause, link.effect): link for link in LINKS}
    loops: dict[str, tuple[Link, ...]] = {}
    for name, text in sorted(NAMED_LOOPS.items(), key=lambda item: len(item[1].split())):
        variables = text.split()
        effects = [*variables[1:], variables[0]]
        loops[name] = tuple(by_ends[ends] for ends in zip(variables, effects, strict=True))
    return loops


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
    return "\n".join([*lines, _OMITTED, *omitted]) + "\n"


def _loop_rows() -> Iterator[str]:
    """Yield the table of named loops line by line, shortest loops first."""
    yield "| | Loop | Through |"
    yield "| --- | --- | --- |"
    for number, (name, loop) in enumerate(named_loops().items(), 1):
        through = ", ".join(f"{VARIABLES[k.cause].name} {_SIGNS[k.sign]}" for k in loop)
        switches = ", ".join(f"`{link.switch}`" for link in loop if link.switch)
        needs = f"; if {switches}" if switches else ""
        polarity = "R" if math.prod(link.sign for link in loop) > 0 else "B"
        yield f"| {polarity}{number} | {name} | {through}{needs} |"


def _link_rows() -> Iterator[str]:
    """Yield the table of causes by effect line by line, grouped by room."""
    yield "| Variable | Causes |"
    yield "| --- | --- |"
    rooms = list(ROOMS)
    for effect, variable in sorted(VARIABLES.items(), key=lambda item: rooms.index(item[1].room)):
        links = [link for link in LINKS if link.effect == effect]
        if links:
            yield f"| {variable.name} | {'<br>'.join(map(_cause, links))} |"


def _cause(link: Link) -> str:
    """Return the table entry for a link: its cause, sign, delay and switch."""
    delay = f" ({link.delay})" if link.delay else ""
    switch = f", if `{link.switch}`" if link.switch else ""
    return f"{VARIABLES[link.cause].name} {_SIGNS[link.sign]}{delay}{switch}"


def _lever_rows() -> Iterator[str]:
    """Yield the table of levers line by line, with the variables that each lever changes."""
    yield "| Lever | Acts on |"
    yield "| --- | --- |"
    for lever in LEVERS:
        signs = LEVER_LINKS[lever].items()
        acts = ", ".join(f"{VARIABLES[name].name} {_SIGNS[sign]}" for name, sign in signs)
        yield f"| `{lever}` | {acts} |"


def diagram_lines() -> Iterator[str]:
    """Yield the lines of the diagram in the Graphviz language."""
    yield "digraph model {\nrankdir=LR; node [shape=box];"
    for room, title in ROOMS.items():
        yield f'subgraph cluster_{room} {{ label="{title}";'
        for name, variable in VARIABLES.items():
            if variable.room == room:
                yield f'  {name} [label="{variable.name}"];'
        yield "}"
    for link in LINKS:
        style = " style=dashed" * bool(link.switch)
        yield f'{link.cause} -> {link.effect} [label="{_SIGNS[link.sign]}"{style}];'
    yield "}"


if __name__ == "__main__":
    if "--dot" in sys.argv:
        print(*diagram_lines(), sep="\n")
    else:
        print(causal_loops_markdown(), end="")
