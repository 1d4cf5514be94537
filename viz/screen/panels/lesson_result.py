"""Result of a lesson: score, explanation, outcomes in every arm, and next steps."""

from __future__ import annotations

from typing import Any

import solara

from abm.measures import OUTCOMES
from viz.figures.markup import el, esc
from viz.figures.numbers import amount
from viz.screen.lessons.learning import Attempt
from viz.screen.lessons.lesson import Evidence
from viz.screen.panels.lesson_words import LessonWords, prose, scored
from viz.screen.panels.parts import box, button, card, heading, note, raw
from viz.screen.session.session import Session


@solara.component
def LessonOutcome(session: Session, result: Attempt):
    """Show the explanation, the limits, the outcomes and the next steps of a finished lesson.

    Args:
        session: session of the visitor.
        result: predictions and results.
    """
    words = LessonWords(session.words, result.lesson)
    with box(cls="tb-stack"):
        with box(cls="tb-lesson-row tb-two"):
            with card(words.t("learning.why"), cls="tb-why"):
                raw("".join(words.explained(result.evidence)[1:]))
                note(f"{words.t('learning.claimed_help')} {words.t('learning.drawn_help')}")
            with card(words.t("learning.left_out")):
                raw(prose(words("left_out")))
        _Arms(session, result, words)
        _Further(words)


@solara.component
def Score(result: Attempt, words: LessonWords):
    """Show the points for a lesson and the number of right predictions.

    Args:
        result: predictions and results.
        words: texts of the lesson.
    """
    t, scores = words.t, result.scores
    sectors = [score.right for score in scores if result.lesson.facts[score.question].sector]
    with card(t("learning.score"), cls="tb-score"):
        raw(f"<b>{scored(result.points)}</b> {esc(t('learning.of_points'))}", cls="tb-sum", tag="p")
        key, hits = ("sector_hits", sectors) if sectors else ("hits", [s.right for s in scores])
        raw(esc(t(f"learning.{key}").format(right=sum(hits), of=len(hits))), tag="p")


@solara.component
def Happened(session: Session, result: Attempt, words: LessonWords):
    """Show the first paragraph of the explanation, and a button that opens the worlds."""
    t = words.t
    with card(t("learning.happened"), cls="tb-happened"):
        raw(words.explained(result.evidence)[0])
        more: Any = {"color": "primary", "icon_name": "mdi-play"}
        button(t("learning.watch"), lambda: _watch(session, result), cls="tb-watch", **more)


@solara.component
def _Arms(session: Session, result: Attempt, words: LessonWords):
    """Show the yearly outcomes of every arm with their range over seeds."""
    t = words.t
    with card(t("learning.a_year")):
        note(f"{t('learning.bars_help')} ◆ {t('people_first')}")
        with box(cls="tb-bars"):
            for name in result.lesson.bars:
                raw(bars(words, name, result.evidence), tag="figure")


def bars(words: LessonWords, name: str, evidence: Evidence) -> str:
    """Draw a yearly outcome in every arm of a lesson, with its range over seeds.

    Args:
        words: texts of the lesson.
        name: name of the outcome.
        evidence: results of the lesson.

    Returns:
        HTML with a caption and a table that has a bar in every row.
    """
    t, about = words.t, OUTCOMES[name]
    levels = {letter: evidence.level(arm, name) for arm, letter in words.lesson.letters.items()}
    mark = "◆ " if about.human else ""
    caption = f"{mark}{t.translate(about.label)}, {t.translate(about.unit)}"
    highest = max(level.high90 for level in levels.values()) or 1.0
    rows = []
    for letter, level in levels.items():
        ends = (level.median, level.low90, level.high90)
        bar, left, right = (f"{100.0 * end / highest:.1f}%" for end in ends)
        places = f"--bar:{bar};--left:{left};--right:{right}"
        median, low, high = (amount(end, about.unit) for end in ends)
        between = t("learning.range").format(low=low, high=high) if low != high else ""
        head = el("th", letter, scope="row")
        figures = el("td", el("b", esc(median)), el("small", esc(between)))
        row = head + el("td", el("i", style=places)) + figures
        rows.append(el("tr", row, class_=f"tb-arm-{letter.lower()}"))
    return el("figcaption", esc(caption)) + el("table", *rows)


@solara.component
def _Further(words: LessonWords):
    """Show the next steps: watching both worlds, and questions to discuss."""
    t = words.t
    questions = words("discuss").strip().splitlines()
    with card(t("learning.further"), cls="tb-further"):
        note(t("learning.watch_help"))
        heading(t("learning.discuss"), 3)
        raw(el("ul", *(el("li", esc(question)) for question in questions)))


def _watch(session: Session, result: Attempt) -> None:
    """Open the first two worlds of a lesson in Compare, and run them."""
    first, second, *_ = result.lesson.arms
    session.set_choice(result.lesson.choice(first, second))
    session.play_from(0)
    session.page.set("compare")
