"""Run, pause, step, scrub: the time of both worlds."""

from __future__ import annotations

import datetime
from typing import Any

import solara

from viz.figures.markup import esc
from viz.screen.exports.view import dated
from viz.screen.naming import date_label
from viz.screen.panels.parts import LiveMarkup, box, follow, raw, widget
from viz.screen.runloop import Phase
from viz.screen.session import Session
from viz.screen.widgets.scrub import Scrub


def told_day(session: Session, day: int) -> str:
    """The calendar date of a day of the run (1 is the first), in the visitor's language."""
    start = session.choice.value.scenario(0).start
    return date_label(session.words, start + datetime.timedelta(days=max(0, day - 1)))


@solara.component
def TimeBar(session: Session):
    """The bar under the maps."""
    t, look = session.words, session.status.value
    running = look.phase in (Phase.RUNNING, Phase.SEEKING)
    ready = look.phase not in (Phase.BUILDING, Phase.FAILED, Phase.ENDED)

    def button(key: str, icon: str, on_click) -> None:  # type: ignore[no-untyped-def]
        solara.Button(
            icon_name=icon,
            on_click=on_click,
            disabled=not ready,
            text=True,
            attributes={"aria-label": t(key), "title": t(key)},
            classes=["tb-step"],
        )

    with box(cls="tb-stack tb-time"):
        with box(cls="tb-timebar", role="group"):
            button("first_day", "mdi-skip-backward", lambda: session.seek(0))
            button("step_back", "mdi-step-backward", lambda: session.step(-1))
            solara.Button(
                t("pause") if running else t("run"),
                color="primary",
                disabled=not ready,
                icon_name="mdi-pause" if running else "mdi-play",
                on_click=session.toggle,
                classes=["tb-run"],
            )
            button("step_on", "mdi-step-forward", lambda: session.step(1))
            with box(cls="tb-when"):
                _Scrub(session, ready)
            with box(cls="tb-speed"):
                raw(f"{esc(t('speed'))}: {session.speed.value}", cls="tb-label")
                solara.SliderInt(
                    "", value=session.speed.value, min=1, max=60, on_value=session.set_speed
                )
        _State(session)


@solara.component
def _Scrub(session: Session, ready: bool):
    """The whole run as a line along which one can go, and the day that is shown."""
    t, choice = session.words, session.choice.value
    scenarios = [choice.scenario(world) for world in range(session.worlds)]
    element = widget(
        Scrub,
        days=choice.days,
        ready=ready,
        label=t("time_line"),
        marks=[list(mark) for mark in dated(scenarios, t)],
        on_asked=lambda asked: session.seek(int(asked[0])),
    )
    follow(session.live_widgets, element, lambda: _day(session), every=0.1)


def _day(session: Session) -> dict[str, Any]:
    """The day that is shown, and its date."""
    t, now = session.words, session.now
    rest = f" {t('of')} {now.days} · {told_day(session, now.day)}"
    return {"day": now.day, "told": [f"{t('day')} {now.day}", rest]}


@solara.component
def _State(session: Session):
    """What is going on, where that is not plain to see."""
    t, look = session.words, session.status.value
    if look.phase is Phase.BUILDING:
        raw(esc(t("building")) + "…", cls="tb-state")
    elif look.phase is Phase.SEEKING:
        LiveMarkup(
            session.live_widgets,
            lambda: f"{esc(t('seeking'))} … {session.now.played}",
            cls="tb-state",
        )
    elif look.phase is Phase.FAILED:
        raw(f"{esc(t('failed'))}: {esc(t.translate(look.trouble))}", cls="tb-state tb-trouble")
