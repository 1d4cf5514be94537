"""Draw a yearly outcome in every arm of a lesson, with its range over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viz.figures.levels import describe_arms, plot_arms
from viz.figures.markup import el, esc
from viz.figures.svg import svg
from viz.screen.panels.lesson_words import letter

if TYPE_CHECKING:
    from abm.measures import Measure
    from viz.screen.lessons import Evidence, Lesson
    from viz.screen.words import Words


def bars(t: Words, lesson: Lesson, about: Measure, name: str, evidence: Evidence) -> str:
    """Return a caption and a bar chart of the arms, as markup.

    Args:
        t: the texts of the visitor's language.
        lesson: the lesson with its arms.
        about, name: the outcome and its key.
        evidence: the runs of the lesson.

    Returns:
        The content of a figure element.
    """
    levels = {letter(lesson, arm): evidence.level(arm, name) for arm in lesson.arms}
    mark = "◆ " if about.human else ""
    caption = f"{mark}{t.translate(about.label)}, {t.translate(about.unit)}"
    between = t("learning.range")
    ax = plot_arms(levels, unit=about.unit, between=between)
    told = describe_arms(levels, unit=about.unit, between=between)
    return el("figcaption", esc(caption)) + svg(ax, caption, told)
