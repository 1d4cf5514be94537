"""Score: what was said and what came, why, who pays, and how to go on."""

from __future__ import annotations

import numpy as np
import solara

from abm.measures import OUTCOMES
from viz.figures.markup import el, esc
from viz.screen.learning import Course, LessonResult, ScoredQuestion
from viz.screen.lessons import Lesson
from viz.screen.live_traits import weekly_means
from viz.screen.panels.lesson_bars import bars
from viz.screen.panels.lesson_predict import Dialled
from viz.screen.panels.lesson_words import answered, bullets, explained, prose, scored, spread
from viz.screen.panels.parts import box, heading, note, raw, widget
from viz.screen.session import Session
from viz.screen.widgets.chart import WORDS, LiveChart


@solara.component
def LessonOutcome(session: Session, course: Course, one: LessonResult):
    """Everything that is shown once a lesson was played."""
    with box(cls="tb-stack"):
        _Score(session, one)
        _Why(session, course, one)
        _Shown(session, one)
        _Further(session, course, one)


@solara.component
def _Score(session: Session, one: LessonResult):
    """Question by question: said, came, points."""
    t, lesson = session.words, one.lesson
    with box(cls="tb-card tb-score", tag="section"):
        heading(t("learning.score"), 3)
        raw("".join(_mark(session, lesson, mark) for mark in one.marks))
        told = f"<b>{scored(one.points)}</b> {esc(t('learning.of_points'))}"
        raw(f"{esc(t('learning.mean'))}: {told}", cls="tb-sum", tag="p")


def _mark(session: Session, lesson: Lesson, mark: ScoredQuestion) -> str:
    """One question as it was scored."""
    t, fact, values = session.words, lesson.facts[mark.question], mark.came.values
    way = fact.direction(mark.came.median)
    alike = sum(fact.direction(value) == way for value in values)
    sign = ("✓ " if mark.right else "✗ ") + t("learning.right" if mark.right else "learning.wrong")
    seeds = t("learning.in_seeds").format(alike=alike, seeds=len(values))
    return el(
        "div",
        el("p", esc(t(f"lesson.{lesson.id}.ask.{mark.question}"))),
        el(
            "dl",
            el("dt", esc(t("learning.you_said"))),
            el("dd", esc(answered(t, lesson, mark.question, mark.said))),
            el("dt", esc(t("learning.it_came"))),
            el("dd", el("b", esc(spread(t, fact, mark.came))) + esc(f" · {seeds}")),
            el("dt", esc(t("learning.points"))),
            el("dd", el("b", esc(scored(mark.points))) + esc(f" · {sign}")),
        ),
        class_=f"tb-mark tb-{'right' if mark.right else 'wrong'}",
    )


@solara.component
def _Why(session: Session, course: Course, one: LessonResult):
    """The mechanism, in figures of the lesson's own number; and what may be wrong with it."""
    t, lesson = session.words, one.lesson
    own = course.counted_result(lesson)
    with box(cls="tb-card tb-why", tag="section"):
        heading(t("learning.why"), 3)
        if own is not one:
            note(t("learning.own_number"))
        if own is not None:
            raw(explained(t, lesson, own.evidence))
        heading(t("learning.left_out"), 3)
        raw(prose(t(f"lesson.{lesson.id}.left_out")))


@solara.component
def _Shown(session: Session, one: LessonResult):
    """Every arm's outcomes with their range over seeds, costs to people among them; and days."""
    t, lesson = session.words, one.lesson
    with box(cls="tb-card", tag="section"):
        heading(t("learning.a_year"), 3)
        note(f"{t('learning.bars_help')} ◆ {t('people_first')}")
        with box(cls="tb-bars"):
            for name in lesson.bars:
                raw(bars(t, lesson, OUTCOMES[name], name, one.evidence), tag="figure")
        _Days(session, one)


@solara.component
def _Days(session: Session, one: LessonResult):
    """A daily figure of the first two arms: the median of the seeds, and their range."""
    t, lesson = session.words, one.lesson
    first, second, *_ = lesson.arms
    lines = [
        np.array([weekly_means(run) for run in one.evidence.days(arm, lesson.chart)])
        for arm in (first, second)
    ]
    a, b = (_bytes(np.median(runs, axis=0)) for runs in lines)
    low_a, low_b = (_bytes(np.concatenate([runs.min(axis=0), runs.max(axis=0)])) for runs in lines)
    title = t(lesson.chart)
    widget(
        LiveChart,
        title=title,
        unit=t("persons_a_day"),
        days=lesson.days,
        day=lesson.days,
        start=lesson.choice(first, second, one.key[1]).scenario(0).start.isoformat(),
        a=a,
        b=b,
        band_a=low_a,
        band_b=low_b,
        names=["A", "B"],
        words=WORDS | t.part("chart"),
        text=f"{title}. {t('learning.chart_help')}",
    )
    note(t("learning.chart_help"))


def _bytes(values: np.ndarray) -> bytes:
    return values.astype("<f4").tobytes()


@solara.component
def _Further(session: Session, course: Course, one: LessonResult):
    """Watch both worlds, try another number, talk about it."""
    t, lesson = session.words, one.lesson
    with box(cls="tb-card tb-further", tag="section"):
        heading(t("learning.further"), 3)
        solara.Button(
            t("learning.watch"),
            on_click=lambda: _watch(session, one),
            color="primary",
            icon_name="mdi-play",
            classes=["tb-watch"],
        )
        note(t("learning.watch_help"))
        Dialled(session, course, lesson)
        heading(t("learning.discuss"), 3)
        raw(bullets(t(f"lesson.{lesson.id}.discuss")))


def _watch(session: Session, one: LessonResult) -> None:
    """Open the first two worlds in Compare."""
    a, b, *_ = one.lesson.arms
    session.set_choice(one.lesson.choice(a, b, one.key[1]))
    session.page.set("compare")
