"""Maps of both worlds on one scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import solara

from abm.policies.base import money
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import World
from viz.figures.corridors import section_sums
from viz.figures.markup import esc
from viz.figures.numbers import MISSING, plain, rounded
from viz.screen.panels.budgets import yearly_total
from viz.screen.panels.naming import map_payload, policy_label, short_title
from viz.screen.panels.parts import LiveMarkup, box, button, follow, note, widget_element
from viz.screen.panels.person_choice import nearest_person
from viz.screen.panels.policy_period_counts import policies_began, world_began
from viz.screen.session.choice import Policies
from viz.screen.session.fates import common
from viz.screen.session.frames import WEEK, FrameLog
from viz.screen.session.journeys import Entry
from viz.screen.session.session import Session
from viz.screen.widgets.traits import MAP_WORDS, FlowMap
from viz.screen.widgets.world import smallest_difference
from viz.screen.words import Words

DIFFERENCE_TAB = 2
_FEWEST_AGENTS = 30  # [A] minimum number of simulated migrants behind a displayed chance
_NAMED = 5  # number of legs in the text alternative of a map
_TAB = "tab"  # key in the notes of the session for the map that a phone shows


@solara.component
def Maps(session: Session):
    """Show the maps side by side or, on a phone, one map that a tab selects."""
    payload = map_payload(session.language.value)
    current_tab, show = solara.use_state(session.notes.get(_TAB, 0))

    def choose(tab: int) -> None:
        open_tab(session, tab)
        show(session.notes[_TAB])

    with box(cls="tb-map-room"):
        Tabs(session, current_tab, choose)
        # A hidden map stays on the page, because runs wait for its acknowledgements.
        with box(cls=f"tb-maps tb-show-{'ab'[current_tab]}", id="tb-maps", tabindex="-1"):
            for world in (0, 1):
                side = f"tb-worldmap tb-{'ab'[world]}"
                name = session.words(f"world_{'ab'[world]}")
                with box(cls=side, tag="section", **{"aria-label": name}):
                    _Title(session, world)
                    _Map(session, world, payload)
            MapLayers(session)
        # The script of map A puts the legend of both maps into this box.
        box(cls="tb-legend-room", **{"data-legend": "true"})


def open_tab(session: Session, tab: int) -> None:
    """Open the map of a world or the map of differences.

    Args:
        session: session of the visitor.
        tab: A (0), B (1) or the difference (2).
    """
    if tab == DIFFERENCE_TAB:
        session.view.set("difference")
    else:
        session.notes[_TAB] = tab
        session.view.set("side")


@solara.component
def Tabs(session: Session, current: int, show: Callable[[int], None]):
    """Show tabs for A, B and their difference. Style sheets hide them if both maps fit."""
    t, choice = session.words, session.choice.value
    names = [[mark(k), short_title(t, choice.policies(k))] for k in (0, 1)]
    with box(cls="tb-tabs", role="group", **{"aria-label": t("layout.worlds")}):
        for tab, (*badges, name) in enumerate([*names, [t("layout.difference")]]):
            solara.Button(
                children=[*badges, box(name, tag="span", cls="tb-tab-name")],
                on_click=partial(show, tab),
                text=True,
                classes=["tb-tab", "tb-on"] if tab == current else ["tb-tab"],
                attributes={"aria-pressed": str(tab == current).lower()},
            )
        for cls, icon, tab in (("back", "‹", current - 1), ("on", "›", current + 1)):
            if 0 <= tab <= DIFFERENCE_TAB:
                name = ("A", "B", t("layout.difference"))[tab]
                button(icon, partial(show, tab), cls=f"tb-edge tb-edge-{cls}", aria_label=name)


def mark(world: int) -> Any:
    """Create the mark of a world: A in a disc, B in a square."""
    return box("AB"[world], tag="i", cls=f"tb-badge tb-badge-{'ab'[world]}")


@solara.component
def _Title(session: Session, world: int):
    """Show the policies of a world and its planned and spent dollars on one line.

    The whole line is visible while it has the focus or the pointer is over it.
    """
    t, choice = session.words, session.choice.value
    policies = choice.policies(world)
    dollars = yearly_total(policies, choice.scenario(world))
    full = "; ".join(policy_label(t, text) for text in policies) or t("status_quo")
    heading = {"data-over-map": "title"} | ({"tabindex": "0", "title": full} if policies else {})
    with box(tag="h2", cls="tb-map-title", **heading):
        mark(world)
        box(short_title(t, policies), tag="b")
        box(terms(t, policies, dollars), tag="small")
        if dollars > 0.0:
            LiveMarkup(session, lambda: esc(spent(session, world)), "tb-spent", 1.0, "em")


def terms(t: Words, policies: Policies, dollars: float) -> str:
    """Describe what policies cost, and a single policy's dose.

    Args:
        t: texts in the display language.
        policies: policies as text.
        dollars: planned dollars per year.

    Returns:
        The description, or an empty text if there is neither a cost nor a dose to state.
    """
    parts = []
    use = parse_policy(policies[0]) if len(policies) == 1 else None
    if use and use.dollars is None and use.dose != 1.0:
        parts.append(f"{t('dose')} {use.dose:.4g}")
    if dollars:
        parts.append(t("naming.planned").format(money(dollars)))
    return " · ".join(parts)


def spent(session: Session, world: int) -> str:
    """State the dollars that a world has spent and planned since its policies began.

    While towers are built and officers are hired, a world spends less than it plans.

    Args:
        session: session that holds the worlds.
        world: A (0) or B (1).

    Returns:
        The statement, with dashes before the policies begin.
    """
    day = session.now.day
    sums = session.logs[world].dollars(day) if session.logs else (math.nan, math.nan)
    has_begun = day >= world_began(session, world) and math.isfinite(sum(sums))
    texts = (money(rounded(dollars)) if has_begun else MISSING for dollars in sums)
    return session.words("layout.spent").format(*texts)


@solara.component
def _Map(session: Session, world: int, payload: dict[str, Any]):
    """Show a map, to which the session sends frames."""
    t, person, view = session.words, session.person.value, session.view.value
    policies = session.choice.value.policies(world)
    element = widget_element(
        FlowMap,
        world=payload,
        side="AB"[world],
        title=f"{t(f'world_{"ab"[world]}')}: {short_title(t, policies)}",
        show=session.layers.value,
        selected=session.place.value,
        on_selected=lambda place: select_place(session, place),
        on_picked=lambda picked: _follow_on(session, world, picked),
        on_ack=session.acknowledge,
        answers=world == 1,
        words=MAP_WORDS | t.part("map"),
    )
    follow(session, element, lambda: _journey(session, world, person if view == "person" else 0))
    follow(session, element, lambda: {"text": _in_words(session, world)}, every=2.0)
    follow(session, element, lambda: {"callouts": callouts(session, world, payload)}, every=2.0)

    def register() -> Any:
        map_widget: Any = solara.get_widget(element)
        session.live_widgets.maps[world] = map_widget
        if session.loop is not None:
            session.push(session.loop.status.day)
        return lambda: _forget(session, world, map_widget)

    solara.use_effect(register, [])


def callouts(
    session: Session, world: int, payload: Mapping[str, Any]
) -> list[tuple[str, int, str]]:
    """Return texts at the places where the worlds differ most, for the map of one world.

    The first is the place where the chances of being stopped since the policies began differ most,
    which both maps mark. The second is the section on which the flow in this world exceeds the flow
    in the other world by most people.

    Args:
        session: session that holds the worlds.
        world: A (0) or B (1).
        payload: data of the map.

    Returns:
        Kind ("place" or "section"), index and text of each place.
    """
    day, t, began = session.now.day, session.words, policies_began(session)
    records = [record for log in session.logs if (record := log.record(day)) is not None]
    if len(records) < len("AB") or day < began + WEEK:
        return []
    texts, scale = list[tuple[str, int, str]](), session.choice.value.scale

    def add(kind: str, index: int, key: str, figures: Sequence[str]) -> None:
        named = {"here": figures[world], "there": figures[1 - world], "other": "AB"[1 - world]}
        if len(set(figures)) > 1:
            texts.append((kind, index, t(f"callout.{key}").format(**named)))

    (n, p), (m, q) = chances = [_chances(session.world, log, began, day) for log in session.logs]
    agents = np.minimum(n, m) / scale
    error = np.sqrt((p * (1 - p) + q * (1 - q)) / np.maximum(agents, 1))
    gap = np.where((agents >= _FEWEST_AGENTS) & (abs(p - q) > 2 * error), abs(p - q), 0.0)
    if gap[place := int(gap.argmax())]:
        key = "stops_us" if payload["places"][place]["sector"] >= 0 else "stops_mexico"
        stops = np.where(session.world.tail == place, sum(r["stopped"] for r in records), -1.0)
        head = int(session.world.head[stops.argmax()])  # Mexico stops people on its own soil.
        at = place if payload["places"][place]["mexican"] or key == "stops_us" else head
        add("place", at, key, [_one_in(t, float(chance[place])) for _, chance in chances])
    courses = [leg["course"] for leg in payload["legs"]]
    flows = [section_sums(courses, record["flow"]) for record in records]
    more = flows[world] - flows[1 - world]
    if more[section := int(more.argmax())] >= smallest_difference(scale):
        add("section", section, "pass_here", [plain(rounded(float(f[section]))) for f in flows])
    return texts


def _chances(net: World, log: FrameLog, began: int, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how many people left each place or crossed the line there, and the stopped share.

    Frames contain sums over a week, so every seventh frame is read. The sums of a Border Patrol
    sector are assigned to its first crossing.
    """
    frames = b"".join(log.frames[number - 1] for number in range(day, began + WEEK - 2, -WEEK))
    weeks = np.frombuffer(frames, log.dtype)
    totals = {name: weeks[name].sum(axis=0) for name in ("stopped", "flow", "caught", "away")}
    stopped, passed = (
        np.bincount(net.tail, totals[name], net.n_places) for name in ("stopped", "flow")
    )
    passed *= WEEK
    for sector, (caught, away) in enumerate(zip(totals["caught"], totals["away"], strict=True)):
        place = int((net.place_sector == sector).argmax())
        stopped[place], passed[place] = caught, float(caught) + float(away)
    return passed, stopped / np.maximum(passed, np.maximum(stopped, 1.0))


def _one_in(t: Words, chance: float) -> str:
    """Format a probability as in "1 in 4" or, above a third, as in "6 in 10"."""
    if chance > 1 / 3:
        return t("callout.in_ten").format(n=round(10 * chance))
    return t("callout.one_in").format(n=round(1 / chance)) if chance else t("callout.nobody")


def _forget(session: Session, world: int, map_widget: Any) -> None:
    """Stop sending frames to a map, unless the map of another view has replaced it already."""
    if session.live_widgets.maps.get(world) is map_widget:
        del session.live_widgets.maps[world]


def select_place(session: Session, place: int) -> None:
    """Select a place by its index, which comes from the browser. -1 selects no place."""
    if -1 <= place < len(session.world.place_ids):
        session.place.set(place)


def _follow_on(session: Session, world: int, picked: list[int]) -> None:
    """Follow a person on the leg that the visitor has clicked."""
    leg = picked[0] if picked else -1
    if 0 <= leg < session.world.n_legs and (person := nearest_person(session, world, leg)):
        session.person.set(person)
        session.view.set("person")


def _journey(session: Session, world: int, person: int) -> dict[str, Any]:
    """Return the followed person's legs, and the legs up to the day on which the worlds part.

    The map fades all other legs.
    """
    day, logs = session.now.day, [log.journey_log for log in session.logs]
    journeys = [log.journeys[person] for log in logs if person in log.journeys]
    if len(journeys) < len(logs) or not journeys:
        return {"path": [], "shared": []}
    entries = journeys[world].until(day)
    same = common(journeys[0].until(day), journeys[-1].until(day)) if len(journeys) > 1 else 0
    return {"path": _legs(entries), "shared": _legs(entries[:same])}


def _legs(entries: Sequence[Entry]) -> list[int]:
    """Return the distinct legs of the entries in order."""
    return list(dict.fromkeys(entry.leg for entry in entries if entry.leg >= 0))


def _in_words(session: Session, world: int) -> str:
    """Describe the busiest legs for the text alternative of the map."""
    day, logs = session.now.day, session.logs
    record = logs[world].record(day) if logs else None
    if record is None:
        return ""
    t = session.words
    return f"{t('day')} {day}. {t('passing')}: {legs_in_words(session, record['flow'], str)}."


def legs_in_words(session: Session, persons: np.ndarray, write: Callable[[int], str]) -> str:
    """Name the legs with the largest absolute flows or changes.

    Args:
        session: session that holds the worlds.
        persons: persons per day on each leg, or changes. Zeros are left out.
        write: formats a number of persons.

    Returns:
        The legs and their persons per day, or an empty text if there are none.
    """
    t, net = session.words, session.world
    names = [t.translate(name) for name in net.place_names]
    largest = [k for k in abs(persons).argsort()[::-1][:_NAMED] if persons[k]]
    ends = ((f"{names[net.tail[k]]} – {names[net.head[k]]}", int(persons[k])) for k in largest)
    return "; ".join(f"{leg}: {write(figure)}" for leg, figure in ends)


@solara.component
def MapLayers(session: Session):
    """Show a small menu over the maps, with a checkbox for each layer."""
    t, layers = session.words, session.layers

    def switch(name: str, on: bool) -> None:
        layers.set(layers.value | {name: on})

    with box(tag="details", cls="tb-pop tb-layers", **{"data-over-map": "menu"}):
        box(t("layout.layers"), tag="summary")
        with box(cls="tb-pop-body tb-show"):
            for name, on in layers.value.items():
                solara.Checkbox(label=t(f"layer.{name}"), value=on, on_value=partial(switch, name))
            note(f"{t('keys')}: {t('keys_help')}")
