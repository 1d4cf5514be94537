"""Six lessons: predict, run, score. A lesson is data; its words stand with all others in ``i18n``.

``lesson`` declares what a lesson is and reads the files of this folder, ``evidence`` says what its
runs show, ``score`` what a prediction is worth. Nothing here knows the screen.
"""

from viz.screen.lessons.evidence import Evidence, SeedRange
from viz.screen.lessons.lesson import DIRECTIONS, Arm, Dial, Fact, Lesson, lessons
from viz.screen.lessons.score import Prediction, points, right

__all__ = [
    "DIRECTIONS",
    "Arm",
    "Dial",
    "Evidence",
    "Fact",
    "Lesson",
    "Prediction",
    "SeedRange",
    "lessons",
    "points",
    "right",
]
