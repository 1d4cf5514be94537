"""Start card: the question, ready pairs of worlds, and links to other pages.

The card shows no run. "Run it" opens Compare.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import solara

from viz.figures.basemap import map_data
from viz.figures.markup import el, esc
from viz.figures.palette import PALETTE
from viz.figures.route_map import pair_map_svg
from viz.screen.lessons.learning import course
from viz.screen.lessons.lesson import lessons
from viz.screen.panels.lesson_words import LessonWords
from viz.screen.panels.naming import pair_texts, wide_map
from viz.screen.panels.parts import badge, box, button, note, raw
from viz.screen.panels.policy_view import instruments
from viz.screen.session.choice import packaged_world
from viz.screen.session.pairs import PAIRS, Pair
from viz.screen.session.session import Session
from viz.screen.words import Words


@solara.component
def Start(session: Session):
    """Show the question, the ready pairs, and links to other pages."""
    with box(cls="tb-main tb-start"):
        _Question(session)
        _Pairs(session)
        _Ways(session)


def play(session: Session, pair: Pair) -> None:
    """Open a pair in Compare, where it starts to run as soon as both worlds are built."""
    session.first_day = 0
    session.set_choice(pair.choice)
    session.play_from(pair.first_day)
    session.page.set("compare")


# ---- the question --------------------------------------------------------------------------------


@solara.component
def _Question(session: Session):
    """Show the question and a short introduction to the screen, next to a map of routes."""
    t = session.words
    with box(cls="tb-opening"):
        with box(cls="tb-opening-text"):
            raw(esc(t("start.question")), tag="h1")
            raw(esc(t("start.lead")), cls="tb-lead", tag="p")
            raw(_legend(t), cls="tb-key", tag="ul")
        raw(wide_map(t.language), cls="tb-opening-map")


def _legend(t: Words) -> str:
    """Build the list that explains the marks of A, B and a difference."""
    marks = (badge(0), badge(1), _change_mark())
    keys = ("start.one", "start.another", "start.changed")
    return "".join(el("li", mark, esc(t(key))) for mark, key in zip(marks, keys, strict=True))


def _change_mark() -> str:
    """Return the mark of a difference: a square on a range, next to zero."""
    lines = el("path", d="M0 8H20M10 1V15", stroke="#4f6273", stroke_width="1.4", fill="none")
    square = el("rect", x=11, y=4, width=8, height=8, fill=PALETTE["worlds"][1]["fill"])
    return el("svg", lines, square, viewBox="0 0 20 16", width=20, height=16, aria_hidden="true")


# ---- pairs ---------------------------------------------------------------------------------------


@solara.component
def _Pairs(session: Session):
    """Show a card per ready pair, and a card with which visitors build their own pair."""
    t = session.words
    minutes = max(pair.minutes(session.speed.value) for pair in PAIRS)
    with box(cls="tb-pairs", tag="section", **{"aria-labelledby": "tb-pairs-title"}):
        with box(cls="tb-pairs-head"):
            box(t("start.ready"), tag="h2", id="tb-pairs-title")
            note(t("start.ready_help").format(minutes=minutes))
        with box(cls="tb-pairs-grid"):
            for pair in PAIRS:
                _Pair(session, pair).key(pair.id)
            _OwnPair(session)


@solara.component
def _Pair(session: Session, pair: Pair):
    """Show a pair with its title, its two worlds and its buttons."""
    t = session.words
    texts = pair_texts(t, pair)
    title = f"tb-pair-{pair.id}"
    with box(cls="tb-ready", tag="article", **{"aria-labelledby": title}):
        with box(cls="tb-ready-head"):
            box(texts["title"], tag="h3", id=title)
            minutes = pair.minutes(session.speed.value)
            raw(esc(t("start.minutes").format(minutes=minutes)), cls="tb-minutes", tag="span")
        raw(esc(texts["text"]), cls="tb-ready-text", tag="p")
        lesson = lessons().get(pair.lesson)
        raw("".join(_world(pair, world, t.language) for world in (0, 1)), cls="tb-ready-maps")
        with box(cls="tb-ready-foot"):
            label = f"{t('start.play')}: {texts['title']}"
            _action(t("start.play"), lambda: play(session, pair), label, "mdi-play")
            if lesson:
                name = f"{t('start.guess')}: {LessonWords(t, lesson)('title')}"
                _link(t("start.guess"), lambda: open_lesson(session, lesson.id), name)


@solara.component
def _OwnPair(session: Session):
    """Show a card that opens the policies of both worlds."""
    t = session.words
    with box(cls="tb-ready tb-ready-own", tag="article", **{"aria-labelledby": "tb-own-title"}):
        with box(cls="tb-ready-head"):
            box(t("start.own"), tag="h3", id="tb-own-title")
        text = t("start.own_help").format(count=len(instruments()))
        raw(esc(text), cls="tb-ready-text", tag="p")
        with box(cls="tb-ready-foot"):
            label = f"{t('start.own_open')}: {t('start.own')}"
            _action(t("start.own_open"), lambda: open_policies(session), label, "mdi-tune")


@cache
def _world(pair: Pair, world: int, language: str) -> str:
    """Build the small map of a world with its name."""
    t = Words(language)
    name, mark = pair_texts(t, pair)["ab"[world]], pair.marks[world]
    texts = {"title": name, "text": t(f"start.map.{mark}")}
    drawing = pair_map_svg(map_data(packaged_world()), mark, world, view=pair.view, **texts)
    return el("figure", drawing, el("figcaption", badge(world), esc(name)))


# ---- links to other pages ------------------------------------------------------------------------


@solara.component
def _Ways(session: Session):
    """Show links to the lessons and the validation."""
    t = session.words
    count = len(lessons())
    with box(cls="tb-ways", tag="nav", **{"aria-label": t("start.ways")}):
        with box():
            raw(esc(t("start.class_lead")), tag="span")
            _link(t("start.class").format(count=count), lambda: open_lesson(session, ""))
        with box():
            raw(esc(t("start.trust_lead")), tag="span")
            _link(t("start.trust"), lambda: session.page.set("validate"))


def open_lesson(session: Session, lesson: str) -> None:
    """Open a lesson, or the list of lessons if `lesson` is empty."""
    course(session).open.set(lesson)
    session.page.set("learn")


def open_policies(session: Session) -> None:
    """Open Compare with the drawer of policies."""
    session.drawer.set(True)
    session.page.set("compare")


def _action(label: str, on_click: Callable[[], None], name: str, icon: str) -> None:
    """Show the main button of a card."""
    button(label, on_click, cls="tb-play", aria_label=name, color="primary", icon_name=icon)


def _link(label: str, on_click: Callable[[], None], name: str = "") -> None:
    """Show a button that looks like a link."""
    button(label, on_click, cls="tb-start-link", aria_label=name, text=True)
