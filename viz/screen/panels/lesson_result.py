"""A lesson's result: score, explanation, outcomes in every arm, and next steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import solara

from abm.measures import OUTCOMES
from viz.figures.levels import describe_arms, plot_arms
from viz.figures.markup import el, esc
from viz.figures.svg import svg
from viz.screen.lessons.learning import LessonResult, ScoredQuestion, course
from viz.screen.lessons.lesson import Evidence, Lesson, direction, direction_of
from viz.screen.panels.lesson_words import LessonWords, prose, range_text, scored
from viz.screen.panels.parts import box, button, card, chart, heading, note, raw, select
from viz.screen.session.choice import Choice
from viz.screen.session.live_traits import float32_bytes, weekly_means
from viz.screen.session.session import Session


@solara.component
def LessonOutcome(session: Session, result: LessonResult):
    """Show the scores and limits of a lesson that was run, its outcomes, and next steps.

    Args:
        session: the visitor's session.
        result: predictions and runs.
    """
    words = LessonWords(session.words, result.lesson)
    with box(cls="tb-stack"):
        with card(words.t("learning.points"), level=3), box(cls="tb-marks"):
            raw("".join(_question(words, score) for score in result.scores))
        with card(words.t("learning.left_out"), level=3):
            raw(prose(words("left_out")))
        _Arms(session, result, words)
        _Further(session, result, words)


@solara.component
def Score(result: LessonResult, words: LessonWords):
    """Show the points of a lesson.

    Args:
        result: predictions and runs.
        words: the lesson's texts.
    """
    t, scores = words.t, result.scores
    with card(t("learning.score"), cls="tb-score", level=3):
        raw(f"<b>{scored(result.points)}</b> {esc(t('learning.of_points'))}", cls="tb-sum", tag="p")
        hits = sum(score.right for score in scores)
        note(t("learning.hits").format(right=hits, of=len(scores)))


def _question(words: LessonWords, score: ScoredQuestion) -> str:
    """Build the score of a question."""
    t, fact, values = words.t, words.lesson.facts[score.question], score.values
    outcome = direction_of(score.result)
    alike = sum(direction(value) == outcome for value in values)
    sign = f"✓ {t('learning.right')}" if score.right else f"✗ {t('learning.wrong')}"
    key = "learning.alike_in" if outcome == "same" else "learning.in_seeds"
    seeds = t(key).format(same=alike, seeds=len(values))
    rows = (
        ("learning.you_said", esc(words.answered(score.question, score.prediction))),
        ("learning.it_came", el("b", esc(range_text(t, fact, score.result))) + esc(f" · {seeds}")),
        ("learning.points", el("b", esc(scored(score.points))) + esc(f" · {sign}")),
    )
    return el(
        "div",
        el("p", esc(words(f"ask.{score.question}"))),
        el("dl", *(el("dt", esc(t(key))) + el("dd", html) for key, html in rows)),
        class_=f"tb-mark tb-{'right' if score.right else 'wrong'}",
    )


@solara.component
def Why(session: Session, result: LessonResult, words: LessonWords):
    """Show the explanation with figures of the lesson's default dial.

    Args:
        session: the visitor's session.
        result: predictions and runs.
        words: the lesson's texts.
    """
    t, counted = words.t, course(session).counted_result(result.lesson)
    with card(t("learning.why"), cls="tb-why", level=3):
        if counted is not result:
            note(t("learning.own_number"))
        if counted is not None:
            raw(words.explained(counted.evidence))
        if counted is result:
            note(t("learning.claimed_help"))


@solara.component
def _Arms(session: Session, result: LessonResult, words: LessonWords):
    """Show outcomes of every arm with their range over seeds, and the daily chart."""
    t = words.t
    with card(t("learning.a_year"), level=3):
        note(f"{t('learning.bars_help')} ◆ {t('people_first')}")
        with box(cls="tb-bars"):
            for name in result.lesson.bars:
                raw(bars(words, name, result.evidence), tag="figure")
        _Days(session, result)


def bars(words: LessonWords, name: str, evidence: Evidence) -> str:
    """Draw a yearly outcome in every lesson arm, with its range over seeds.

    Args:
        words: the lesson's texts.
        name: the outcome.
        evidence: the lesson's runs.

    Returns:
        A caption and a bar chart, as markup.
    """
    t, about = words.t, OUTCOMES[name]
    levels = {letter: evidence.level(arm, name) for arm, letter in words.lesson.letters.items()}
    mark = "◆ " if about.human else ""
    caption = f"{mark}{t.translate(about.label)}, {t.translate(about.unit)}"
    unit, between = about.unit, t("learning.range")
    described = describe_arms(levels, unit=unit, between=between)
    picture = svg(plot_arms(levels, unit=unit, between=between), caption, described)
    return el("figcaption", esc(caption)) + picture


@solara.component
def _Days(session: Session, result: LessonResult):
    """Show a daily figure in the first two arms: median and range over the seeds."""
    t, lesson = session.words, result.lesson
    title, days = t.outcome(lesson.chart), lesson.days
    traits: dict[str, Any] = {"unit": t("persons_a_day"), "days": days, "day": days}
    for side, arm in zip("ab", lesson.arms, strict=False):
        runs = np.array([weekly_means(run) for run in result.evidence.days(arm, lesson.chart)])
        ends = np.concatenate([runs.min(axis=0), runs.max(axis=0)])
        traits[side] = float32_bytes(np.median(runs, axis=0))
        traits[f"band_{side}"] = float32_bytes(ends)
    start = _choice(result).scenario(0).start.isoformat()
    chart(session, title, start=start, text=f"{title}. {t('learning.chart_help')}", **traits)
    note(t("learning.chart_help"))


@solara.component
def _Further(session: Session, result: LessonResult, words: LessonWords):
    """Show next steps: watch both worlds, change the dial, discuss."""
    t = words.t
    questions = words("discuss").strip().splitlines()
    with card(t("learning.further"), cls="tb-further", level=3):
        more: Any = {"color": "primary", "icon_name": "mdi-play"}
        button(t("learning.watch"), lambda: _watch(session, result), cls="tb-watch", **more)
        note(t("learning.watch_help"))
        DialSelect(session, result.lesson)
        heading(t("learning.discuss"), 3)
        raw(el("ul", *(el("li", esc(question)) for question in questions)))


@solara.component
def DialSelect(session: Session, lesson: Lesson):
    """Show the number that may be changed for another prediction.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    words, progress = LessonWords(session.words, lesson), course(session)
    options = {words.dial(value): value for value in lesson.dial.values}
    chosen = progress.key(lesson)[1]
    select(words("dial"), options, chosen, lambda value: progress.set_dial(lesson, value))
    note(session.words("learning.dial_help"))


def _watch(session: Session, result: LessonResult) -> None:
    """Open the first two worlds in Compare."""
    session.set_choice(_choice(result))
    session.play_from(0)
    session.page.set("compare")


def _choice(result: LessonResult) -> Choice:
    """Return the first two arms as the worlds of Compare."""
    first, second, *_ = result.lesson.arms
    return result.lesson.choice(first, second, result.key[1])
