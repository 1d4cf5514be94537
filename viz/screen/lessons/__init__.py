"""Six lessons: predict, run, score. A lesson is data; its words are in ``i18n`` with all others.

``lesson`` declares lessons and reads the files in this folder, ``evidence`` computes the results of
the runs and scores predictions. Neither depends on Solara.
"""

from viz.screen.lessons.evidence import (
    Evidence,
    Prediction,
    SeedRange,
    change_of,
    direction_of,
    is_right,
    points,
)
from viz.screen.lessons.lesson import DIRECTIONS, Fact, Lesson, lessons

__all__ = ["DIRECTIONS", "Evidence", "Fact", "Lesson", "Prediction", "SeedRange"]
__all__ += ["change_of", "direction_of", "is_right", "lessons", "points"]
