"""The maps of the worlds, on one scale."""

from __future__ import annotations

from functools import partial
from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.figures.numbers import amount
from viz.screen.frames import WEEK
from viz.screen.naming import map_payload, policy_label
from viz.screen.panels.parts import LiveMarkup, box, card, follow, note, widget
from viz.screen.session import Session
from viz.screen.widgets.traits import MAP_WORDS, FlowMap

_COLOURS = ("#0072B2", "#D55E00")


@solara.component
def Maps(session: Session):
    """Show the maps side by side, or below each other on a phone."""
    payload = map_payload(session.language.value)
    with box(cls="tb-maps"):
        for world in range(session.worlds):
            with box(cls=f"tb-card tb-worldmap tb-{'ab'[world]}", tag="section"):
                _Title(session, world)
                _Map(session, world, payload)


@solara.component
def _Title(session: Session, world: int):
    """Show the name of a world, its policies, and the people on the way."""
    t = session.words
    uses = session.choice.value.policies(world)
    policies = "; ".join(policy_label(t, text) for text in uses) or t("status_quo")
    head = el("h2", esc(world_names(session)[world]), " ", el("small", esc(policies)))
    LiveMarkup(session, lambda: head + el("p", _passing(session, world)), cls="tb-map-title")


def _passing(session: Session, world: int) -> str:
    """Build the number of people under way and of got-aways in the last week."""
    t, day, logs = session.words, session.now.day, session.logs
    if not logs or not day:
        return ""
    moving = float(logs[world].series("in_transit", day)[-1])
    away = float(logs[world].series("got_aways", day)[-WEEK:].sum())
    return (
        f"{esc(t('in_transit'))} <b>{amount(moving, '')}</b> · {esc(t('got_aways'))} "
        f"{esc(t('week'))} <b>{amount(away, '')}</b>"
    )


def world_names(session: Session) -> tuple[str, ...]:
    """Return "World A" and "World B", or "World" for a single one, in the visitor's language."""
    return tuple(map(session.words, ("world_a", "world_b") if session.worlds == 2 else ("world",)))


@solara.component
def _Map(session: Session, world: int, payload: dict[str, Any]):
    """Show a map, to which the session sends frames."""
    t, person = session.words, session.person.value
    element = widget(
        FlowMap,
        world=payload,
        colour=_COLOURS[world],
        side="AB"[world] if session.worlds == 2 else "",
        title=world_names(session)[world],
        show=session.layers.value,
        selected=session.place.value,
        on_selected=lambda place: select_place(session, place),
        on_ack=session.acknowledge,
        answers=world == session.worlds - 1,
        words=MAP_WORDS | t.part("map"),
    )
    follow(session, element, lambda: _journey(session, world, person))
    follow(session, element, lambda: {"text": _in_words(session, world)}, every=2.0)

    def register() -> Any:
        made: Any = solara.get_widget(element)
        session.live_widgets.maps[world] = made
        if session.loop is not None:
            session.push(session.loop.status.day)
        return lambda: session.live_widgets.maps.pop(world, None)

    solara.use_effect(register, [])


def select_place(session: Session, place: int) -> None:
    """Select a place by its number, which comes from the browser; -1 selects none."""
    if -1 <= place < len(session.world.place_ids):
        session.place.set(place)


def _journey(session: Session, world: int, person: int) -> dict[str, Any]:
    """Return the legs and the place of the followed person up to the current day."""
    day = session.now.day
    journey = session.logs[world].journey_log.journeys.get(person) if session.logs else None
    entries = journey.until(day) if journey else []
    legs = [entry.leg for entry in entries if entry.leg >= 0]
    at = entries[-1].place if entries else -1
    return {"path": list(dict.fromkeys(legs)), "at": at}


def _in_words(session: Session, world: int) -> str:
    """Describe the busiest legs, as the text alternative of the map."""
    day, logs = session.now.day, session.logs
    record = logs[world].record(day) if logs else None
    if record is None:
        return ""
    t, net = session.words, session.world
    names = [t.translate(name) for name in net.place_names]
    top = record["flow"].argsort()[::-1][:5]
    legs = [f"{names[net.tail[k]]} – {names[net.head[k]]}: {int(record['flow'][k])}" for k in top]
    return f"{t('day')} {day}. {t('passing')}: {'; '.join(legs)}."


@solara.component
def MapLayers(session: Session):
    """Show checkboxes for the layers of the maps."""
    t, layers = session.words, session.layers

    def switch(name: str, on: bool) -> None:
        layers.set(layers.value | {name: on})

    with card(t("show"), cls="tb-show"):
        for name, on in layers.value.items():
            solara.Checkbox(label=t(f"layer.{name}"), value=on, on_value=partial(switch, name))
        note(f"{t('keys')}: {t('keys_help')}")
