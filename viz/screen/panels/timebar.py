"""The time line at the bottom of the page: run, pause, step, seek, and policy dates."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import solara

from abm.scenario import SettingError
from abm.scenario.policy_specs import parse_policy
from viz.screen.panels.naming import date_of, day_label, policy_title, short_title
from viz.screen.panels.parts import box, button, follow, widget
from viz.screen.session.choice import MOST_DAYS, with_terms
from viz.screen.session.runloop import FASTEST, Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Scrub
from viz.screen.words import one_line


@solara.component
def TimeBar(session: Session):
    """Show the time line; nothing in it changes its size while worlds run."""
    t, phase = session.words, session.status.value.phase
    running = phase in (Phase.RUNNING, Phase.SEEKING)
    ready = phase not in (Phase.BUILDING, Phase.FAILED, Phase.ENDED)

    def step(key: str, icon: str, days: int) -> None:
        solara.Button(
            icon_name=icon,
            on_click=lambda: session.step(days),
            outlined=True,
            disabled=not ready,
            classes=["tb-step"],
            attributes={"aria-label": t(key), "title": t(key)},
        )

    with box(cls="tb-time", role="group", **{"aria-label": t("layout.time")}):
        step("step_back", "mdi-step-backward", -1)
        label, icon = (t("pause"), "mdi-pause") if running else (t("run"), "mdi-play")
        more: Any = {"color": "primary", "disabled": not ready, "icon_name": icon}
        button(label, session.toggle, cls="tb-run", **more)
        step("step_on", "mdi-step-forward", 1)
        with box(cls="tb-when"):
            _Scrub(session, ready)
        _Speed(session)  # on a phone above the buttons


@solara.component
def _Speed(session: Session):
    """Show the speed, as a small menu with a slider."""
    t, speed = session.words, session.speed.value
    with box(tag="details", cls="tb-pop tb-speed"):
        with box(tag="summary"):
            box(t("layout.speed"), tag="span", cls="tb-speed-word")
            box(f"{speed} {t('layout.speed_unit')}", tag="b", cls="tb-label")
        with box(cls="tb-pop-body"):
            box(t("speed"), tag="p", cls="tb-note")
            fastest = int(FASTEST)
            solara.SliderInt(
                t("speed"), value=speed, min=1, max=fastest, on_value=session.set_speed
            )


@solara.component
def _Scrub(session: Session, ready: bool):
    """Show the run as a time line, with the current day and the policies."""
    t, choice = session.words, session.choice.value
    element = widget(
        Scrub,
        days=choice.days,
        start=choice.scenario(0).start.isoformat(),
        ready=ready,
        label=t("time_line"),
        flags=policy_flags(session),
        words={"locale": t("map.locale")}
        | {key: t(f"layout.{key}") for key in ("from_the_start", "after_the_run")},
        on_selection=lambda selection: session.seek(selection[0]) if selection else None,
        on_moved=lambda moved: move_policy(session, moved),
    )
    follow(session, element, lambda: _day(session), every=0.1)


def _day(session: Session) -> dict[str, Any]:
    """Return the current day, its date, and the run's length."""
    t, status = session.words, session.now
    of = f" {t('of')} {status.days}"
    return {
        "day": status.day,
        "texts": [day_label(session, status.day), f"{t('layout.day')} {status.day}", of],
    }


def policy_flags(session: Session) -> list[dict[str, Any]]:
    """Return both worlds' policies as flags on the time line, one for each world and date.

    Args:
        session: the session that holds the worlds.

    Returns:
        Flags as `Scrub` takes them, A before B. The first flag of a world has its name.
    """
    t, choice = session.words, session.choice.value
    start, flags = choice.scenario(0).start, []
    for world, letter in enumerate("AB"):
        texts = choice.policies(world)
        dates = _dates(session, texts)
        for date in sorted(set(dates)):
            group = [k for k, other in enumerate(dates) if other == date]
            uses = [parse_policy(texts[k]) for k in group]
            titles = ", ".join(policy_title(t, use.id) for use in uses)
            is_first = all(flag["world"] != letter for flag in flags)
            flags.append(
                {
                    "world": letter,
                    "number": group[0],
                    "day": max(0, (date - start).days),
                    "end": max((use.end - start).days if use.end else choice.days for use in uses),
                    "title": short_title(t, texts) if is_first else "",
                    "text": titles,
                    "label": t("layout.start_of").format(policy=titles, world=letter),
                }
            )
    return flags


def _dates(session: Session, policies: Sequence[str]) -> list[datetime.date]:
    """Return the first day of each policy; without a date it is that of the run."""
    start = session.choice.value.scenario(0).start
    return [parse_policy(text).start or start for text in policies]


def move_policy(session: Session, moved: Sequence[Any]) -> None:
    """Change the date of a flag's policies; only their world is simulated again.

    Args:
        session: the session that holds the worlds.
        moved: world ("A" or "B"), the number of the flag's first policy, and the index of the new
            day, from the browser; 0 removes the date, so that policies apply from the start.
    """
    side, number, day = (*moved, None, None, None)[:3]
    if side not in ("A", "B") or type(number) is not int or type(day) is not int:
        return
    policies = list(session.choice.value.policies("AB".index(side)))
    if not (0 <= number < len(policies) and 0 <= day <= MOST_DAYS):
        return
    try:
        start, dates = date_of(session, day + 1) if day else None, _dates(session, policies)
        for k, date in enumerate(dates):
            if date == dates[number]:
                policies[k] = with_terms(policies[k], start=start)
    except SettingError as error:
        session.error.set(one_line(error))
    else:
        session.update_choice(**{side.lower(): tuple(policies)})
