"""The result of a lesson: score, explanation, outcomes of every arm, and next steps."""

from __future__ import annotations

import numpy as np
import solara

from abm.measures import OUTCOMES
from viz.figures.markup import el, esc
from viz.screen.learning import Course, LessonResult, ScoredQuestion
from viz.screen.lessons import Lesson
from viz.screen.live_traits import float32_bytes, weekly_means
from viz.screen.panels.lesson_bars import bars
from viz.screen.panels.lesson_predict import DialSelect
from viz.screen.panels.lesson_words import answered, bullets, explained, prose, range_text, scored
from viz.screen.panels.parts import box, card, chart, heading, note, raw
from viz.screen.session import Session


@solara.component
def LessonOutcome(session: Session, course: Course, result: LessonResult):
    """Show everything about a lesson that was run.

    Args:
        session: the visitor's session.
        course: the visitor's lessons.
        result: predictions and runs.
    """
    with box(cls="tb-stack"):
        _Score(session, result)
        _Why(session, course, result)
        _Arms(session, result)
        _Further(session, course, result)


@solara.component
def _Score(session: Session, result: LessonResult):
    """Show prediction, result and points of each question."""
    t, lesson = session.words, result.lesson
    with card(t("learning.score"), cls="tb-score", level=3):
        raw("".join(_question(session, lesson, score) for score in result.scores))
        points = f"<b>{scored(result.points)}</b> {esc(t('learning.of_points'))}"
        raw(f"{esc(t('learning.mean'))}: {points}", cls="tb-sum", tag="p")


def _question(session: Session, lesson: Lesson, score: ScoredQuestion) -> str:
    """Build the score of a question."""
    t, fact, values = session.words, lesson.facts[score.question], score.result.values
    direction = fact.direction(score.result.median)
    alike = sum(fact.direction(value) == direction for value in values)
    sign = f"✓ {t('learning.right')}" if score.right else f"✗ {t('learning.wrong')}"
    seeds = t("learning.in_seeds").format(alike=alike, seeds=len(values))
    prediction = esc(answered(t, lesson, score.question, score.prediction))
    rows = (
        ("learning.you_said", prediction),
        ("learning.it_came", el("b", esc(range_text(t, fact, score.result))) + esc(f" · {seeds}")),
        ("learning.points", el("b", esc(scored(score.points))) + esc(f" · {sign}")),
    )
    return el(
        "div",
        el("p", esc(t(f"lesson.{lesson.id}.ask.{score.question}"))),
        el("dl", *(el("dt", esc(t(key))) + el("dd", html) for key, html in rows)),
        class_=f"tb-mark tb-{'right' if score.right else 'wrong'}",
    )


@solara.component
def _Why(session: Session, course: Course, result: LessonResult):
    """Show the explanation with figures of the lesson's default dial, and its limits."""
    t, lesson = session.words, result.lesson
    own = course.counted_result(lesson)
    with card(t("learning.why"), cls="tb-why", level=3):
        if own is not result:
            note(t("learning.own_number"))
        if own is not None:
            raw(explained(t, lesson, own.evidence))
        heading(t("learning.left_out"), 3)
        raw(prose(t(f"lesson.{lesson.id}.left_out")))


@solara.component
def _Arms(session: Session, result: LessonResult):
    """Show outcomes of every arm with their range over seeds, and the daily chart."""
    t, lesson = session.words, result.lesson
    with card(t("learning.a_year"), level=3):
        note(f"{t('learning.bars_help')} ◆ {t('people_first')}")
        with box(cls="tb-bars"):
            for name in lesson.bars:
                raw(bars(t, lesson, OUTCOMES[name], name, result.evidence), tag="figure")
        _Days(session, result)


@solara.component
def _Days(session: Session, result: LessonResult):
    """Show a daily figure of the first two arms: the median of the seeds, and their range."""
    t, lesson = session.words, result.lesson
    first, second, *_ = lesson.arms
    traits = {}
    for side, arm in (("a", first), ("b", second)):
        days = result.evidence.days(arm, lesson.chart)
        runs = np.array([weekly_means(run) for run in days])
        ends = np.concatenate([runs.min(axis=0), runs.max(axis=0)])
        traits[side] = float32_bytes(np.median(runs, axis=0))
        traits[f"band_{side}"] = float32_bytes(ends)
    title, scenario = t(lesson.chart), lesson.choice(first, second, result.key[1]).scenario(0)
    chart(
        session,
        title,
        unit=t("persons_a_day"),
        days=lesson.days,
        day=lesson.days,
        start=scenario.start.isoformat(),
        text=f"{title}. {t('learning.chart_help')}",
        **traits,
    )
    note(t("learning.chart_help"))


@solara.component
def _Further(session: Session, course: Course, result: LessonResult):
    """Show next steps: watch both worlds, change the dial, discuss."""
    t, lesson = session.words, result.lesson
    with card(t("learning.further"), cls="tb-further", level=3):
        solara.Button(
            t("learning.watch"),
            on_click=lambda: _watch(session, result),
            color="primary",
            icon_name="mdi-play",
            classes=["tb-watch"],
        )
        note(t("learning.watch_help"))
        DialSelect(session, course, lesson)
        heading(t("learning.discuss"), 3)
        raw(bullets(t(f"lesson.{lesson.id}.discuss")))


def _watch(session: Session, result: LessonResult) -> None:
    """Open the first two worlds in Compare."""
    a, b, *_ = result.lesson.arms
    session.set_choice(result.lesson.choice(a, b, result.key[1]))
    session.page.set("compare")
