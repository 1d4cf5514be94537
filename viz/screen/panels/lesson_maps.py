"""The first two worlds of a lesson on maps, while they run and again later."""

from __future__ import annotations

from functools import partial
from typing import Any

import solara

from viz.figures.markup import esc
from viz.screen.lessons import Lesson
from viz.screen.lessons.learning import course
from viz.screen.lessons.lesson_stage import NEXT_PLAY, LessonStage, stage
from viz.screen.panels.lesson_words import LessonWords
from viz.screen.panels.maps import mark
from viz.screen.panels.naming import map_payload
from viz.screen.panels.parts import LiveMarkup, box, button, show_error, widget
from viz.screen.session.session import Session
from viz.screen.widgets.traits import MAP_WORDS, FlowMap

_COLOURS = ("#0072B2", "#D55E00")


@solara.component
def LessonMaps(session: Session, lesson: Lesson):
    """Show both worlds; after the run they can be shown again.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, own, on = session.words, course(session), stage(session)
    words, payload = LessonWords(t, lesson), map_payload(session.language.value)

    def rest() -> None:
        stored = own.packaged(own.key(lesson))
        if stored and on.key != own.key(lesson):
            on.play(lesson, own.key(lesson)[1], stored.logs, seconds=0.0)

    solara.use_effect(rest, [own.key(lesson)])
    with box(cls="tb-lesson-maps", tag="section", **{"aria-label": t("layout.worlds")}):
        with box(cls="tb-lesson-time"):
            LiveMarkup(on, lambda: _day(session, lesson, on), cls="tb-lesson-day")
            if not on.playing.value and own.waiting.value is None:
                again = partial(own.play, lesson, NEXT_PLAY)
                more: Any = {"icon_name": "mdi-play", "small": True, "outlined": True}
                button(t("learning.play_again"), again, cls="tb-replay", **more)
        show_error(t, on.error.value)
        with box(cls="tb-lesson-pair"):
            for world, arm in enumerate(list(lesson.arms)[:2]):
                text = words(f"arm.{arm}")
                side = f"tb-worldmap tb-{'ab'[world]}"
                with box(cls=side, tag="section", **{"aria-label": text}):
                    with box(tag="h3", cls="tb-map-title", title=text):
                        mark(world)
                        box(text, tag="b")
                    _Map(session, on, world, payload)


def _day(session: Session, lesson: Lesson, on: LessonStage) -> str:
    """Return the day of the run, as markup."""
    t = session.words
    return esc(f"{t('day')} {on.day} / {lesson.days}")


@solara.component
def _Map(session: Session, on: LessonStage, world: int, payload: dict[str, Any]):
    """Show a map; `LessonStage` sends it frames."""
    t = session.words
    name = t(("world_a", "world_b")[world])
    element = widget(
        FlowMap,
        world=payload,
        colour=_COLOURS[world],
        side="AB"[world],
        title=name,
        text=name,
        answers=world == 1,
        on_ack=on.acknowledge,
        words=MAP_WORDS | t.part("map"),
    )

    def register() -> Any:
        made: Any = solara.get_widget(element)
        on.show(world, made)
        return lambda: on.hide(world, made)

    solara.use_effect(register, [])
