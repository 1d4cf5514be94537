"""The two maps of one scale."""

from __future__ import annotations

from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.base_world import map_payload
from viz.screen.naming import policy_label
from viz.screen.panels.parts import LiveMarkup, box, follow, heading, note, number, widget
from viz.screen.session import Session
from viz.screen.widgets.flowmap import WORDS, FlowMap

COLOURS = ("#0072B2", "#D55E00")


@solara.component
def Maps(session: Session):
    """World A and world B, side by side; one above the other on a phone."""
    told = map_payload(session.language.value)
    with box(cls="tb-maps"):
        for world in range(session.worlds):
            with box(cls=f"tb-card tb-worldmap tb-{'ab'[world]}", tag="section"):
                _Title(session, world)
                _Map(session, world, told)


@solara.component
def _Title(session: Session, world: int):
    """Which world, what is in force, how many are on the way."""
    t = session.words
    uses = session.choice.value.policies(world)
    policies = "; ".join(policy_label(t, text) for text in uses) or t("status_quo")
    head = el("h2", esc(world_name(session, world)), " ", el("small", esc(policies)))
    LiveMarkup(
        session.live_widgets, lambda: head + el("p", _passing(session, world)), cls="tb-map-title"
    )


def _passing(session: Session, world: int) -> str:
    """Who is on the way, and who got away in the last week, as markup."""
    t, day, logs = session.words, session.now.day, session.logs
    if not logs or not day:
        return ""
    moving = float(logs[world].series("in_transit", day)[-1])
    away = logs[world].week_total("got_aways", day)
    return (
        f"{esc(t('in_transit'))} <b>{number(moving)}</b> · {esc(t('got_aways'))} "
        f"{esc(t('week'))} <b>{number(away)}</b>"
    )


def world_name(session: Session, world: int) -> str:
    """World A, world B, or the world where there is one."""
    return session.words(("world_a", "world_b")[world] if session.worlds == 2 else "world")


@solara.component
def _Map(session: Session, world: int, payload: dict[str, Any]):
    """One map; the session pushes frames to its widget."""
    t, person = session.words, session.person.value
    element = widget(
        FlowMap,
        world=payload,
        colour=COLOURS[world],
        title=world_name(session, world),
        show=session.show.value,
        selected=session.place.value,
        on_selected=session.place.set,
        on_ack=session.acknowledge,
        answers=world == session.worlds - 1,
        words=WORDS | t.part("map"),
    )
    follow(session.live_widgets, element, lambda: _way(session, world, person))
    follow(session.live_widgets, element, lambda: {"text": _told(session, world)}, every=2.0)

    def keep() -> Any:
        made: Any = solara.get_widget(element)
        session.live_widgets.maps[world] = made
        if session.loop is not None:
            session.push(session.loop.status.day)

        def forget() -> None:
            session.live_widgets.maps.pop(world, None)

        return forget

    solara.use_effect(keep, [])


def _way(session: Session, world: int, person: int) -> dict[str, Any]:
    """Legs and place of the person who is followed, up to the day that is shown."""
    day = session.now.day
    journey = session.logs[world].journey_log.journeys.get(person) if session.logs else None
    entries = journey.until(day) if journey else []
    legs = [entry.leg for entry in entries if entry.leg >= 0]
    at = entries[-1].place if entries else -1
    return {"path": list(dict.fromkeys(legs)), "at": at}


def _told(session: Session, world: int) -> str:
    """The map in words, for those who cannot see it: its busiest legs."""
    look, logs = session.now, session.logs
    record = logs[world].record(look.day) if logs else None
    if record is None:
        return ""
    t, net = session.words, session.world
    names = [t.translate(name) for name in net.place_names]
    top = record["flow"].argsort()[::-1][:5]
    legs = [f"{names[net.tail[k]]} – {names[net.head[k]]}: {int(record['flow'][k])}" for k in top]
    return f"{t('day')} {look.day}. {t('passing')}: {'; '.join(legs)}."


@solara.component
def MapLayers(session: Session):
    """What the maps show."""
    t = session.words
    with box(cls="tb-card tb-show", tag="section"):
        heading(t("show"))
        for name, on in session.show.value.items():
            solara.Checkbox(
                label=t(name),
                value=on,
                on_value=lambda on, name=name: session.show.set(session.show.value | {name: on}),
            )
        note(f"{t('keys')}: {t('keys_help')}")
