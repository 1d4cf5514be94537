"""A visitor's work in the lessons: predictions, runs and scores.

A `Course` belongs to the visitor's session, so that it survives a change of page. It asks for no
name and writes nothing to disk.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.pool import Failure
from viz.screen.background import Background, RunRequest, RunSummary
from viz.screen.lessons import Evidence, Lesson, Prediction, SeedRange, is_right, lessons, points
from viz.screen.session import Session, reactive
from viz.screen.words import one_line

Key = tuple[str, str]  # lesson and dial
_NOTE = "learn"
_CSV_HEAD = (
    "lesson,dial,counts,question,measure,predicted,sure_pct,"
    "came_median,came_low,came_high,right,points"
)


@dataclass(frozen=True)
class ScoredQuestion:
    """A question with its score; ``result``: over seeds, percent or percentage points."""

    question: str
    prediction: Prediction
    result: SeedRange
    right: bool
    points: float


@dataclass(frozen=True, eq=False)
class LessonResult:
    """A lesson that was predicted and run."""

    key: Key
    predictions: Mapping[str, Prediction]
    evidence: Evidence

    @property
    def lesson(self) -> Lesson:
        """Return the lesson."""
        return lessons()[self.key[0]]

    @property
    def scores(self) -> list[ScoredQuestion]:
        """Score all questions."""
        scores = []
        for name, fact in self.lesson.questions.items():
            prediction, result = self.predictions[name], self.evidence.change(fact)
            answer = prediction.answer
            hit = answer is not None and is_right(fact, answer, result.median)
            score = points(hit, prediction.sure)
            scores.append(ScoredQuestion(name, prediction, result, hit, score))
        return scores

    @property
    def points(self) -> float:
        """Return the mean points of the questions, -100 to 100."""
        scores = self.scores
        return sum(score.points for score in scores) / len(scores)


@dataclass(frozen=True)
class LessonRun:
    """A lesson whose predictions are locked and whose runs are under way."""

    key: Key
    predictions: Mapping[str, Prediction]
    done: int = 0
    of: int = 1


@dataclass
class Course:
    """The state of a visitor's lessons.

    Attributes:
        background: the worker that runs the arms.
        open: id of the lesson on the screen, "" for the list.
        dials: dial values by lesson, where they differ from the lesson's default.
        drafts: predictions that are not locked.
        results: finished lessons, oldest first; the first one at a lesson's default dial counts.
        waiting: the `LessonRun` under way, or None.
        error: why a lesson could not be run.
    """

    background: Background
    open: Any = reactive("")
    dials: Any = reactive({})
    drafts: Any = reactive({})
    results: Any = reactive(())
    waiting: Any = reactive(None)
    error: Any = reactive("")
    _request: RunRequest | None = None

    # ---- predictions ----------------------------------------------------------------------------
    def key(self, lesson: Lesson) -> Key:
        """Return the id of the lesson and the current value of its dial."""
        return lesson.id, self.dials.value.get(lesson.id, lesson.dial.value)

    def set_dial(self, lesson: Lesson, dial: str) -> None:
        """Set the dial of a lesson.

        Args:
            lesson: the lesson.
            dial: one of its dial values.
        """
        self.dials.set({**self.dials.value, lesson.id: dial})

    def prediction(self, lesson: Lesson, question: str) -> Prediction:
        """Return the current prediction.

        Args:
            lesson: the lesson.
            question: name of the question.

        Returns:
            The prediction; an empty one before the visitor answers.
        """
        return self.drafts.value.get(self.key(lesson), {}).get(question, Prediction())

    def predict(self, lesson: Lesson, question: str, **changes: Any) -> None:
        """Change a prediction; locked predictions do not change.

        Args:
            lesson: the lesson.
            question: name of the question.
            changes: fields of `Prediction`.
        """
        key = self.key(lesson)
        if self.is_locked(key):
            return
        prediction = dataclasses.replace(self.prediction(lesson, question), **changes)
        draft = {**self.drafts.value.get(key, {}), question: prediction}
        self.drafts.set({**self.drafts.value, key: draft})

    def is_complete(self, lesson: Lesson) -> bool:
        """Return whether all questions are answered."""
        return all(self.prediction(lesson, name).answer is not None for name in lesson.questions)

    def is_locked(self, key: Key) -> bool:
        """Return whether the runs are under way or finished."""
        waiting = self.waiting.value
        return self.result(key) is not None or (waiting is not None and waiting.key == key)

    # ---- runs -----------------------------------------------------------------------------------
    def start(self, lesson: Lesson) -> None:
        """Lock the predictions and run the arms; runs of another lesson are cancelled."""
        key = self.key(lesson)
        if self.is_complete(lesson) and not self.is_locked(key):
            self.cancel_runs()
            runs = len(lesson.arms) * lesson.seeds
            self.waiting.set(LessonRun(key, self.drafts.value[key], of=runs))
            self.resume()

    def resume(self) -> None:
        """Request the runs of the locked lesson again; finished ones return at once."""
        waiting = self.waiting.value
        if waiting is None or self._request is not None:
            return
        self.error.set("")
        cases = lessons()[waiting.key[0]].cases(waiting.key[1])
        self._request = self.background.submit(list(cases.values()))
        args = (self._request, list(cases), waiting)
        threading.Thread(target=self._gather, args=args, daemon=True).start()

    def cancel_runs(self) -> None:
        """Cancel the runs but keep the lesson locked."""
        request, self._request = self._request, None
        if request is not None:
            request.cancel()

    def stop(self) -> None:
        """Cancel the runs and unlock the predictions, since no result was shown."""
        self.cancel_runs()
        self.waiting.set(None)

    def _gather(
        self, request: RunRequest, order: list[tuple[str, int]], waiting: LessonRun
    ) -> None:
        """Collect results until all are there or the request is replaced."""
        summaries: dict[tuple[str, int], RunSummary] = {}
        for place, (_, summary) in zip(order, request, strict=False):
            if self._request is not request:
                return
            if isinstance(summary, Failure):
                self.stop()
                self.error.set(one_line(summary))
                return
            summaries[place] = summary
            self.waiting.set(dataclasses.replace(waiting, done=len(summaries)))
        if self._request is request and len(summaries) == len(order):
            self._request = None
            result = LessonResult(waiting.key, waiting.predictions, Evidence(summaries))
            self.results.set((*self.results.value, result))
            self.waiting.set(None)

    # ---- results --------------------------------------------------------------------------------
    def result(self, key: Key) -> LessonResult | None:
        """Return the result of a lesson at a dial; None if it was not run."""
        return next((one for one in self.results.value if one.key == key), None)

    def counted_result(self, lesson: Lesson) -> LessonResult | None:
        """Return the result that counts: at the lesson's default dial."""
        return self.result((lesson.id, lesson.dial.value))

    @property
    def total(self) -> float:
        """Return the points of all lessons that count."""
        counted = map(self.counted_result, lessons().values())
        return sum(one.points for one in counted if one)

    def csv(self, note: str) -> str:
        """Return all results as CSV, one row for each question, below a comment line."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["# " + note])
        text.write(_CSV_HEAD + "\n")
        for result in self.results.value:
            counts = int(result.key[1] == result.lesson.dial.value)
            for score in result.scores:
                measure = result.lesson.facts[score.question].measure
                ends = (score.result.median, score.result.low, score.result.high)
                row = [*result.key, counts, score.question, measure]
                row += [score.prediction.answer, score.prediction.sure]
                row += [*(f"{v:.2f}" for v in ends), int(score.right), f"{score.points:.0f}"]
                writer.writerow(row)
        return text.getvalue()


def course(session: Session) -> Course:
    """Return the visitor's course; it is created once per session."""
    if _NOTE not in session.notes:
        session.notes[_NOTE] = Course(session.background)
    return session.notes[_NOTE]
