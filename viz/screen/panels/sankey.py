"""Where journeys end: home country, corridor, and where people stand, as bands to width."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from agents.outcomes import Status
from viz.figures.markup import el, num, svg, text
from viz.figures.palette import INK
from viz.screen.panels.parts import number

if TYPE_CHECKING:
    from viz.screen.journeys import Journey
    from viz.screen.session import Session
    from viz.screen.words import Words

_WIDTH, _HEIGHT, _BAR, _GAP = 640.0, 300.0, 12.0, 9.0
_COLUMNS = (120.0, 275.0, 400.0)
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
#: Statuses told together: where a journey has come to.
_ENDS = {
    "settled": (Status.SETTLED,),
    "released": (Status.RELEASED,),
    "dead": (Status.DEAD,),
    "gave_up": (Status.GAVE_UP, Status.WENT_HOME, Status.REFUSED),
    "admitted": (Status.ADMITTED, Status.ASYLUM_MEXICO, Status.APPLIED, Status.WAITS_IN_MEXICO),
    "held": (Status.HELD_US, Status.HELD_MEXICO),
    "returned": (Status.RETURNED,),
    "travelling": (Status.TRAVELLING, Status.KIDNAPPED),
}
_END_OF = {status: name for name, own in _ENDS.items() for status in own}
_CORRIDORS = {
    "pacific": "pacific",
    "pacific_south": "pacific",
    "central": "central",
    "central_north": "central",
    "gulf": "gulf",
}
_NOWHERE = "none"
#: Where the words of a column's names are.
_WORDS = ("country", "corridor", "end")
Flows = dict[tuple[str, str, str], int]


def flows(session: Session, world: int, day: int) -> Flows:
    """Persons by home country, corridor of the last leg with one, and where they stand."""
    found: Flows = defaultdict(int)
    for journey in list(
        session.logs[world].journey_log.journeys.values()
    ):  # more may come meanwhile
        entry = journey.at(day)
        if entry is not None and Status(entry.status) in _END_OF:
            end = _END_OF[Status(entry.status)]
            found[_home(session, journey), _corridor(session, journey, day), end] += journey.weight
    return dict(found)


def _home(session: Session, journey: Journey) -> str:
    return session.world.country[journey.origin]


def _corridor(session: Session, journey: Journey, day: int) -> str:
    """The corridor within Mexico by which the person came last."""
    world = session.world
    for leg in reversed(journey.legs(day)):
        name = world.corridors[world.leg_corridor[leg]] if leg >= 0 else ""
        if name in _CORRIDORS:
            return _CORRIDORS[name]
    return _NOWHERE


def sankey_svg(session: Session, world: int, day: int) -> str:
    """The picture of one world."""
    t, found = session.words, flows(session, world, day)
    total = sum(found.values())
    title = f"{'AB'[world]} · {t('journeys_end')}"
    if not total:
        return svg(_WIDTH, 40, title, "", text(4, 20, title, 13))
    bars = [_stack(found, column) for column in range(3)]
    body = [text(4, 16, title, 13, font_weight=600)]
    body.append(el("g", *_bands(found, bars, total), fill_opacity="0.45"))
    for column in range(3):
        for name, (top, size) in bars[column].items():
            x = _COLUMNS[column]
            body.append(el("rect", x=x, y=top, width=_BAR, height=max(size, 1.0), fill=INK))
            label = t(f"{_WORDS[column]}.{name}")
            persons = number(sum(n for key, n in found.items() if key[column] == name))
            at, anchor = (x - 6, "end") if column == 0 else (x + _BAR + 6, "start")
            body.append(text(at, top + size / 2 + 4, f"{label} {persons}", 11, text_anchor=anchor))
    told = [f"{' → '.join(_named(t, key))}: {number(n)}" for key, n in sorted(found.items())]
    return svg(_WIDTH, _HEIGHT + 30, title, "; ".join(told), *body)


def _named(t: Words, key: tuple[str, str, str]) -> list[str]:
    """Home, corridor and end in words."""
    return [t(f"{words}.{name}") for words, name in zip(_WORDS, key, strict=True)]


def _stack(found: Flows, column: int) -> dict[str, tuple[float, float]]:
    """Top and height of every bar of a column, the largest first."""
    sizes: dict[str, int] = defaultdict(int)
    for key, n in found.items():
        sizes[key[column]] += n
    room = _HEIGHT - _GAP * (len(sizes) - 1)
    top, bars, total = 26.0, {}, sum(sizes.values())
    for name, n in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        bars[name] = (top, room * n / total)
        top += room * n / total + _GAP
    return bars


def _bands(found: Flows, bars: list[dict[str, tuple[float, float]]], total: int) -> list[str]:
    """Bands between neighbouring columns, coloured by home.

    Before the corridor those of one home lie side by side however they end, so they are one band.
    """
    homes = list(bars[0])
    together: Flows = defaultdict(int)
    for (home, corridor, _), n in found.items():
        together[home, corridor, ""] += n
    drawn = []
    for left in (0, 1):
        ends = [{name: top for name, (top, _) in bars[left + k].items()} for k in (0, 1)]
        rooms = [_HEIGHT - _GAP * (len(bars[left + k]) - 1) for k in (0, 1)]
        for key, n in _in_order(found if left else together, bars):
            sizes = [room * n / total for room in rooms]
            tops = [ends[k][key[left + k]] for k in (0, 1)]
            colour = _COLOURS[homes.index(key[0]) % len(_COLOURS)]
            drawn.append(_band(left, tops, sizes, colour))
            for k in (0, 1):
                ends[k][key[left + k]] += sizes[k]
    return drawn


def _in_order(found: Flows, bars: list[dict[str, tuple[float, float]]]) -> list[tuple[Any, int]]:
    """Flows from the top of every column down."""
    ranks = [{name: rank for rank, name in enumerate(column)} for column in bars]
    return sorted(found.items(), key=lambda flow: [ranks[k].get(flow[0][k], 0) for k in range(3)])


def _band(left: int, tops: list[float], sizes: list[float], colour: str) -> str:
    """One band, bent."""
    a, b = _COLUMNS[left] + _BAR, _COLUMNS[left + 1]
    m = (a + b) / 2
    upper = f"M{num(a)} {num(tops[0])}C{num(m)} {num(tops[0])} {num(m)} {num(tops[1])} "
    upper += f"{num(b)} {num(tops[1])}"
    low = [top + size for top, size in zip(tops, sizes, strict=True)]
    lower = f"L{num(b)} {num(low[1])}C{num(m)} {num(low[1])} {num(m)} {num(low[0])} "
    lower += f"{num(a)} {num(low[0])}Z"
    return el("path", d=upper + lower, fill=colour)
