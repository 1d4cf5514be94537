"""Write the page of causal loops from the declared links.

`python -m abm.causal_page > docs/background/causal_loops.md` writes the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from abm.causal_links import LEVER_LINKS, LINKS, OMITTED, ROOMS, VARIABLES
from abm.causal_loops import (
    BALANCING,
    LONGEST,
    REINFORCING,
    Loop,
    feedback_loops,
    loop_labels,
    named_loops,
    sign_text,
)
from abm.policies import registry
from agents.contest import ContestParams
from agents.levers import LEVERS
from agents.param import plain

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
is {chi}."""
_LOOPS = """
## Loops

The links form {reinforcing} reinforcing and {balancing} balancing loops of at most {longest}
variables, without a repeated variable. Of these, {on_reinforcing} and {on_balancing} have only
links that are on by default. The following loops have names:
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


def causal_loops_markdown() -> str:
    """Return the page of causal loops as Markdown."""
    found = Counter((loop.polarity, loop.on) for loop in feedback_loops())
    on = {polarity: found[polarity, True] for polarity in (REINFORCING, BALANCING)}
    off = {polarity: found[polarity, False] for polarity in (REINFORCING, BALANCING)}
    head = _HEAD.format(
        variables=len(VARIABLES),
        links=len(LINKS),
        off=sum(bool(link.switch) for link in LINKS),
        chi=plain(ContestParams().chi),
    )
    loops = _LOOPS.format(
        longest=LONGEST,
        reinforcing=on[REINFORCING] + off[REINFORCING],
        balancing=on[BALANCING] + off[BALANCING],
        on_reinforcing=on[REINFORCING],
        on_balancing=on[BALANCING],
    )
    omitted = "\n".join(f"- {words}" for words in OMITTED) + "\n"
    lines = [head, loops, *_loop_rows(), _LINKS, *_link_rows(), _LEVERS, *_lever_rows()]
    return "\n".join([*lines, _DIAGRAM, *_diagram_lines(), _OMITTED, omitted])


def _loop_rows() -> Iterator[str]:
    """Yield the table of the named loops, the shortest first."""
    labels = loop_labels()
    yield "| | Loop | Through | Off by default: needs |"
    yield "| --- | --- | --- | --- |"
    for name, loop in named_loops().items():
        title = f"{name} ({loop.polarity})"
        yield f"| {labels[name]} | {title} | {_through(loop)} | {_code(loop.switches)} |"


def _through(loop: Loop) -> str:
    """Return the variables of a loop with the sign of the link to the next."""
    return ", ".join(f"{VARIABLES[link.cause].name} {sign_text(link.sign)}" for link in loop.links)


def _code(names: tuple[str, ...]) -> str:
    """Return names as code."""
    return ", ".join(f"`{name}`" for name in names)


def _link_rows() -> Iterator[str]:
    """Yield the table of links, by the room of their effect."""
    yield "| Cause | Sign | Effect | Delay | Off by default: needs | Code |"
    yield "| --- | --- | --- | --- | --- | --- |"
    rooms = list(ROOMS)
    for link in sorted(LINKS, key=lambda link: rooms.index(VARIABLES[link.effect].room)):
        cause, effect = VARIABLES[link.cause].name, VARIABLES[link.effect].name
        switch = f"`{link.switch}`" if link.switch else ""
        yield (
            f"| {cause} | {sign_text(link.sign)} | {effect} | {link.delay} | {switch} "
            f"| `{link.where}` |"
        )


def _lever_rows() -> Iterator[str]:
    """Yield the table of levers with the variables they change and the policies that use them."""
    yield "| Lever | Acts on | Policies |"
    yield "| --- | --- | --- |"
    for lever in LEVERS:
        acts = ", ".join(
            f"{VARIABLES[name].name} {sign_text(sign)}" for name, sign in LEVER_LINKS[lever].items()
        )
        users = tuple(cls.id for cls in registry().values() if lever in cls.lever_names)
        yield f"| `{lever}` | {acts} | {_code(users)} |"


def _diagram_lines() -> Iterator[str]:
    """Yield the diagram of variables and links in the language of Graphviz."""
    yield "```dot\ndigraph model {\nrankdir=LR; node [shape=box];"
    for room, title in ROOMS.items():
        yield f'subgraph cluster_{room} {{ label="{title}";'
        for name, variable in VARIABLES.items():
            if variable.room == room:
                yield f'  {name} [label="{variable.name}"];'
        yield "}"
    for link in LINKS:
        style = " style=dashed" * bool(link.switch)
        yield f'{link.cause} -> {link.effect} [label="{sign_text(link.sign)}"{style}];'
    yield "}\n```"


if __name__ == "__main__":
    print(causal_loops_markdown(), end="")
