"""Run, pause, step and seek: the time of all worlds."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import solara

from viz.figures.markup import esc
from viz.screen.naming import date_label
from viz.screen.panels.parts import LiveMarkup, box, button, follow, raw, widget
from viz.screen.panels.tables import policy_marks
from viz.screen.runloop import Phase
from viz.screen.session import Session
from viz.screen.widgets.traits import Scrub


def day_label(session: Session, day: int) -> str:
    """Format the calendar date of a day.

    Args:
        session: the visitor's session.
        day: the day of the run, from 1.

    Returns:
        The date in the visitor's language.
    """
    start = session.choice.value.scenario(0).start
    return date_label(session.words, start + datetime.timedelta(days=max(0, day - 1)))


@solara.component
def TimeBar(session: Session):
    """Show the bar below the maps."""
    t, phase = session.words, session.status.value.phase
    running = phase in (Phase.RUNNING, Phase.SEEKING)
    ready = phase not in (Phase.BUILDING, Phase.FAILED, Phase.ENDED)

    def icon_button(key: str, icon: str, on_click: Callable[[], None]) -> None:
        shown: Any = {"aria-label": t(key), "title": t(key)}
        more: Any = {"disabled": not ready, "text": True, "attributes": shown}
        solara.Button(icon_name=icon, on_click=on_click, classes=["tb-step"], **more)

    with box(cls="tb-stack tb-time"):
        with box(cls="tb-timebar", role="group"):
            icon_button("first_day", "mdi-skip-backward", lambda: session.seek(0))
            icon_button("step_back", "mdi-step-backward", lambda: session.step(-1))
            shown, icon = (t("pause"), "mdi-pause") if running else (t("run"), "mdi-play")
            more: Any = {"color": "primary", "disabled": not ready, "icon_name": icon}
            button(shown, session.toggle, cls="tb-run", **more)
            icon_button("step_on", "mdi-step-forward", lambda: session.step(1))
            with box(cls="tb-when"):
                _Scrub(session, ready)
            with box(cls="tb-speed"):
                speed = session.speed.value
                raw(f"{esc(t('speed'))}: {speed}", cls="tb-label")
                solara.SliderInt(t("speed"), value=speed, min=1, max=60, on_value=session.set_speed)
        _State(session)


@solara.component
def _Scrub(session: Session, ready: bool):
    """Show the run as a time line, with the current day."""
    element = widget(
        Scrub,
        days=session.choice.value.days,
        ready=ready,
        label=session.words("time_line"),
        marks=policy_marks(session),
        on_asked=lambda asked: session.seek(asked[0]) if asked else None,
    )
    follow(session, element, lambda: _day(session), every=0.1)


def _day(session: Session) -> dict[str, Any]:
    """Return the current day and its date."""
    t, now = session.words, session.now
    rest = f" {t('of')} {now.days} · {day_label(session, now.day)}"
    return {"day": now.day, "texts": [f"{t('day')} {now.day}", rest]}


@solara.component
def _State(session: Session):
    """Show the state of the loop while it builds or seeks, and its error."""
    t, status = session.words, session.status.value
    if status.phase is Phase.BUILDING:
        raw(esc(t("building")) + "…", cls="tb-state")
    elif status.phase is Phase.SEEKING:
        seeking = esc(t("seeking"))
        LiveMarkup(session, lambda: f"{seeking} … {session.now.simulated}", cls="tb-state")
    elif status.phase is Phase.FAILED:
        raw(f"{esc(t('failed'))}: {esc(t.translate(status.error))}", cls="tb-state tb-trouble")
