"""Bar at the bottom of the page: run, pause, step, seek, and change the dates of policies."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import solara

from abm.scenario import SettingError
from abm.scenario.policy_specs import parse_policy
from viz.screen.panels.naming import date_of, day_label, policy_title, short_title
from viz.screen.panels.parts import box, button, follow, widget_element
from viz.screen.session.choice import MOST_DAYS, with_terms
from viz.screen.session.runloop import FASTEST, Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Scrub
from viz.screen.words import one_line


@solara.component
def TimeBar(session: Session):
    """Show the buttons, the time line and the speed, whose sizes stay the same during a run."""
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
        _Speed(session)  # Style sheets put it above the buttons on a phone.


@solara.component
def _Speed(session: Session):
    """Show the speed and a small menu with a slider."""
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
    element = widget_element(
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
    """Return the current day, its date and the length of the run."""
    t, status = session.words, session.now
    of = f" {t('of')} {status.days}"
    return {
        "day": status.day,
        "texts": [day_label(session, status.day), f"{t('layout.day')} {status.day}", of],
    }


def policy_flags(session: Session) -> list[dict[str, Any]]:
    """Return the flags of the policies on the time line, one per world and date.

    Args:
        session: session that holds the worlds.

    Returns:
        Flags for `Scrub`, A before B. A world's first flag has the world's name.
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
    """Return each policy's first day, which is the run's first day for a policy without a date."""
    start = session.choice.value.scenario(0).start
    return [parse_policy(text).start or start for text in policies]


def move_policy(session: Session, moved: Sequence[Any]) -> None:
    """Change the date of a flag's policies. Only their world is simulated again.

    Args:
        session: session that holds the worlds.
        moved: message from the browser: world ("A" or "B"), number of the flag's first policy, and
            index of the new day. The index 0 removes the date, so that the policies apply from the
            start.
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
