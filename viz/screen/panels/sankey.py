"""A diagram of journeys: home country, corridor and current status, as bands of matching width."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import solara

from abm.world.routes import World
from agents.outcomes import Status
from viz.figures.markup import el, esc, num, svg, text
from viz.figures.numbers import amount
from viz.figures.palette import INK
from viz.screen.panels.maps import world_names
from viz.screen.panels.parts import LiveMarkup, card, note
from viz.screen.panels.timebar import day_label
from viz.screen.session.journeys import MOST
from viz.screen.session.session import Session
from viz.screen.words import Words

_WIDTH, _HEIGHT, _BAR, _GAP = 680.0, 300.0, 12.0, 9.0
_COLUMNS = (120.0, 275.0, 400.0)
#: By country, so that a colour means the same country in both worlds and on all days.
_COLOURS = {"MX": "#0072B2", "GT": "#E69F00", "HN": "#009E73", "SV": "#CC79A7"}
_OTHER = "#56B4E9"
#: Groups of statuses, by the key of their name.
_ENDS = {
    "settled": (Status.SETTLED,),
    "released": (Status.RELEASED,),
    "dead": (Status.DEAD,),
    "gave_up": (Status.GAVE_UP, Status.WENT_HOME, Status.REFUSED),
    "admitted": (Status.ADMITTED, Status.ASYLUM_MEXICO, Status.APPLIED, Status.WAITS_IN_MEXICO),
    "held": (Status.HELD_US, Status.HELD_MEXICO),
    "returned": (Status.RETURNED,),
    "travelling": (Status.TRAVELLING, Status.KIDNAPPED),
    "deferred": (Status.DEFERRED,),
}
_END_OF: dict[int | None, str] = {status: name for name, own in _ENDS.items() for status in own}
_CORRIDORS = {
    "pacific": "pacific",
    "pacific_south": "pacific",
    "central": "central",
    "central_north": "central",
    "gulf": "gulf",
}
_NOWHERE = "none"
#: Prefixes of the keys of a column's names.
_WORDS = ("country", "corridor", "end")
Flows = dict[tuple[str, str, str], int]
Bars = dict[str, tuple[float, float]]  # top and height by name


@solara.component
def JourneyOutcomes(session: Session):
    """Show the flow of people from home to their current status, in every world."""
    t = session.words
    with card(t("journeys_end"), cls="tb-ends"):
        note(t("journeys_note"))
        note(t("journeys_unlike"))
        LiveMarkup(session, lambda: full_sample(session), cls="tb-note", every=5.0)
        LiveMarkup(session, lambda: _diagrams(session), cls="tb-sankeys", every=5.0)


def _diagrams(session: Session) -> str:
    """Draw a diagram for every world."""
    day = session.now.day
    worlds = range(session.worlds) if session.logs and day else ()
    return "".join(el("figure", _diagram(session, world, day)) for world in worlds)


def full_sample(session: Session) -> str:
    """Say from which date on the sample of a world has no new people, as markup.

    Args:
        session: the session of the worlds.

    Returns:
        A sentence for each world whose sample is full on the day shown; "" if none is.
    """
    t, told = session.words, []
    for log, name in zip(session.logs, world_names(session), strict=False):
        last = log.journey_log.last_day
        if log.journey_log.full and last <= session.now.day:
            most, date = amount(MOST, ""), day_label(session, last)
            told.append(t("journeys_full").format(world=name, most=most, date=date))
    return esc(" ".join(told))


def _flows(session: Session, world: int, day: int) -> Flows:
    """Count persons by home country, corridor and group of statuses."""
    flows: Flows = defaultdict(int)
    journeys, country = session.logs[world].journey_log.journeys, session.world.country
    corridors = _corridors(session.world)
    for journey in list(journeys.values()):  # another thread may add journeys meanwhile
        end = _END_OF.get(journey.status(day))
        if end is not None:
            corridor = _corridor(journey.legs(day), corridors)
            flows[country[journey.origin], corridor, end] += journey.weight
    return dict(flows)


def _corridors(world: World) -> list[str | None]:
    """Return the corridor within Mexico of every leg, None for other legs."""
    return [_CORRIDORS.get(world.corridors[k]) for k in world.leg_corridor.tolist()]


def _corridor(legs: list[int], corridors: list[str | None]) -> str:
    """Return the last corridor within Mexico of a journey; its legs may contain -1 for none."""
    known = (corridors[leg] for leg in reversed(legs) if leg >= 0)
    return next((name for name in known if name is not None), _NOWHERE)


def _diagram(session: Session, world: int, day: int) -> str:
    """Draw the diagram of one world."""
    t, flows = session.words, _flows(session, world, day)
    total = sum(flows.values())
    title = f"{'AB'[world]} · {t('journeys_end')}"
    if not total:
        return svg(_WIDTH, 40, title, "", text(4, 20, title, 13))
    bars = [_stack(flows, column) for column in range(3)]
    body = [text(4, 16, title, 13, font_weight=600)]
    body.append(el("g", *_bands(flows, bars, total), fill_opacity="0.45"))
    for column in range(3):
        for name, (top, size) in bars[column].items():
            x = _COLUMNS[column]
            body.append(el("rect", x=x, y=top, width=_BAR, height=max(size, 1.0), fill=INK))
            label = t(f"{_WORDS[column]}.{name}")
            persons = amount(sum(n for key, n in flows.items() if key[column] == name), "")
            at, anchor = (x - 6, "end") if column == 0 else (x + _BAR + 6, "start")
            body.append(text(at, top + size / 2 + 4, f"{label} {persons}", 11, text_anchor=anchor))
    lines = [f"{' → '.join(_named(t, key))}: {amount(n, '')}" for key, n in sorted(flows.items())]
    return svg(_WIDTH, _HEIGHT + 36, title, "; ".join(lines), *body)


def _named(t: Words, key: tuple[str, str, str]) -> list[str]:
    """Return the words of home, corridor and end."""
    return [t(f"{words}.{name}") for words, name in zip(_WORDS, key, strict=True)]


def _stack(flows: Flows, column: int) -> Bars:
    """Return top and height of every bar of a column, the largest first."""
    sizes: dict[str, int] = defaultdict(int)
    for key, n in flows.items():
        sizes[key[column]] += n
    room = _HEIGHT - _GAP * (len(sizes) - 1)
    top, bars, total = 26.0, {}, sum(sizes.values())
    for name, n in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        bars[name] = (top, room * n / total)
        top += room * n / total + _GAP
    return bars


def _bands(flows: Flows, bars: list[Bars], total: int) -> list[str]:
    """Draw bands between neighbouring columns, coloured by home.

    Left of the corridor, all flows of one home are adjacent, so they form one band.
    """
    together: Flows = defaultdict(int)
    for (home, corridor, _), n in flows.items():
        together[home, corridor, ""] += n
    drawn = []
    for left in (0, 1):
        ends = [{name: top for name, (top, _) in bars[left + k].items()} for k in (0, 1)]
        rooms = [_HEIGHT - _GAP * (len(bars[left + k]) - 1) for k in (0, 1)]
        for key, n in _in_order(flows if left else together, bars):
            sizes = [room * n / total for room in rooms]
            tops = [ends[k][key[left + k]] for k in (0, 1)]
            colour = _COLOURS.get(key[0], _OTHER)
            drawn.append(_band(left, tops, sizes, colour))
            for k in (0, 1):
                ends[k][key[left + k]] += sizes[k]
    return drawn


def _in_order(flows: Flows, bars: list[Bars]) -> list[tuple[Any, int]]:
    """Sort flows from the top of every column down."""
    ranks = [{name: rank for rank, name in enumerate(column)} for column in bars]
    return sorted(flows.items(), key=lambda flow: [ranks[k].get(flow[0][k], 0) for k in range(3)])


def _band(left: int, tops: list[float], sizes: list[float], colour: str) -> str:
    """Draw one curved band."""
    a, b = num(_COLUMNS[left] + _BAR), num(_COLUMNS[left + 1])
    m = num((_COLUMNS[left] + _BAR + _COLUMNS[left + 1]) / 2)
    top_a, top_b = map(num, tops)
    low_a, low_b = (num(top + size) for top, size in zip(tops, sizes, strict=True))
    upper = f"M{a} {top_a}C{m} {top_a} {m} {top_b} {b} {top_b}"
    lower = f"L{b} {low_b}C{m} {low_b} {m} {low_a} {a} {low_a}Z"
    return el("path", d=upper + lower, fill=colour)
