"""The two maps of one scale."""

from __future__ import annotations

from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.base_world import on_maps
from viz.screen.naming import told_use
from viz.screen.panels.parts import Following, box, follow, heading, note, number, widget
from viz.screen.session import Session
from viz.screen.widgets.flowmap import WORDS, FlowMap

COLOURS = ("#0072B2", "#D55E00")


@solara.component
def Maps(session: Session):
    """World A and world B, side by side; one above the other on a phone."""
    told = on_maps(session.language.value)
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
    policies = "; ".join(told_use(t, text) for text in uses) or t("status_quo")
    head = el("h2", esc(world_name(session, world)), " ", el("small", esc(policies)))
    Following(session.drawing, lambda: head + el("p", _passing(session, world)), cls="tb-map-title")


def _passing(session: Session, world: int) -> str:
    """Who is on the way, and who got away in the last week, as markup."""
    t, day, reels = session.words, session.now.day, session.reels
    if not reels or not day:
        return ""
    moving = float(reels[world].series("in_transit", day)[-1])
    away = reels[world].weekly("got_aways", day)
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
        on_ack=session.painted,
        answers=world == session.worlds - 1,
        words=WORDS | t.part("map"),
    )
    follow(session.drawing, element, lambda: _way(session, world, person))
    follow(session.drawing, element, lambda: {"text": _told(session, world)}, every=2.0)

    def keep() -> Any:
        made: Any = solara.get_widget(element)
        session.drawing.maps[world] = made
        if session.loop is not None:
            session.push(session.loop.look.day)

        def forget() -> None:
            session.drawing.maps.pop(world, None)

        return forget

    solara.use_effect(keep, [])


def _way(session: Session, world: int, person: int) -> dict[str, Any]:
    """Legs and place of the person who is followed, up to the day that is shown."""
    day = session.now.day
    journey = session.reels[world].diary.journeys.get(person) if session.reels else None
    entries = journey.until(day) if journey else []
    legs = [entry.leg for entry in entries if entry.leg >= 0]
    at = entries[-1].place if entries else -1
    return {"path": list(dict.fromkeys(legs)), "at": at}


def _told(session: Session, world: int) -> str:
    """The map in words, for those who cannot see it: its busiest legs."""
    look, reels = session.now, session.reels
    record = reels[world].record(look.day) if reels else None
    if record is None:
        return ""
    t, net = session.words, session.world
    names = [t.said(name) for name in net.place_names]
    top = record["flow"].argsort()[::-1][:5]
    legs = [f"{names[net.tail[k]]} – {names[net.head[k]]}: {int(record['flow'][k])}" for k in top]
    return f"{t('day')} {look.day}. {t('passing')}: {'; '.join(legs)}."


@solara.component
def Shown(session: Session):
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
