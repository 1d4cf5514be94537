"""What a visitor does in the lessons: predicts, has the arms played, and is scored.

A `Course` hangs on the visitor's session, so that it is still there when they come back from
another page. No name is asked and nothing is written anywhere.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import solara

from experiments.pool import Failure
from viz.screen.lessons import Evidence, Lesson, Prediction, SeedRange, lessons, points, right

if TYPE_CHECKING:
    from viz.screen.background import Background, RunRequest, RunSummary
    from viz.screen.session import Session

Key = tuple[str, str]  # lesson and dial
_NOTE = "learn"


@dataclass(frozen=True)
class ScoredQuestion:
    """One question as it was scored. ``came``: over seeds, percent or points."""

    question: str
    said: Prediction
    came: SeedRange
    right: bool
    points: float


@dataclass(frozen=True, eq=False)
class LessonResult:
    """A lesson that was predicted and played."""

    key: Key
    said: Mapping[str, Prediction]
    evidence: Evidence

    @property
    def lesson(self) -> Lesson:
        """Which lesson."""
        return lessons()[self.key[0]]

    @property
    def marks(self) -> list[ScoredQuestion]:
        """All questions, scored."""
        return [self._mark(name) for name in self.lesson.questions]

    @property
    def points(self) -> float:
        """Mean points of its questions, -100 to 100."""
        marks = self.marks
        return sum(mark.points for mark in marks) / len(marks)

    def _mark(self, name: str) -> ScoredQuestion:
        fact, said = self.lesson.facts[name], self.said[name]
        came = self.evidence.change(fact)
        hit = said.answer is not None and right(fact, said.answer, came.median)
        return ScoredQuestion(name, said, came, hit, points(hit, said.sure))


@dataclass(frozen=True)
class LessonRun:
    """A lesson that is locked and being played."""

    key: Key
    said: Mapping[str, Prediction]
    done: int = 0
    of: int = 1


@dataclass
class Course:
    """Everything a visitor has done in the lessons.

    ``open``: the lesson on the screen. ``dials``: where they differ from the lesson's own.
    ``drafts``: predictions not locked yet. ``tries``: what was played, oldest first; the first of
    a lesson, at its own number, is the one that counts. ``trouble``: why a lesson could not be
    played.
    """

    background: Background
    open: Any = field(default_factory=lambda: solara.reactive(""))
    dials: Any = field(default_factory=lambda: solara.reactive({}))
    drafts: Any = field(default_factory=lambda: solara.reactive({}))
    results: Any = field(default_factory=lambda: solara.reactive(()))
    waiting: Any = field(default_factory=lambda: solara.reactive(None))
    trouble: Any = field(default_factory=lambda: solara.reactive(""))
    _asked: RunRequest | None = None

    # ---- predicting -----------------------------------------------------------------------------
    def key(self, lesson: Lesson) -> Key:
        """The lesson with its dial as it is set now."""
        return lesson.id, self.dials.value.get(lesson.id, lesson.dial.value)

    def set_dial(self, lesson: Lesson, dial: str) -> None:
        """Set the dial of a lesson."""
        self.dials.set({**self.dials.value, lesson.id: dial})

    def prediction(self, lesson: Lesson, question: str) -> Prediction:
        """What is predicted so far."""
        return self.drafts.value.get(self.key(lesson), {}).get(question, Prediction())

    def predict(self, lesson: Lesson, question: str, **changes: Any) -> None:
        """Say something, or say it anew; what is locked stays as it is."""
        key = self.key(lesson)
        if self.locked(key):
            return
        said = dataclasses.replace(self.prediction(lesson, question), **changes)
        told = {**self.drafts.value.get(key, {}), question: said}
        self.drafts.set({**self.drafts.value, key: told})

    def is_complete(self, lesson: Lesson) -> bool:
        """Whether all questions are answered."""
        return all(self.prediction(lesson, name).answer is not None for name in lesson.questions)

    def locked(self, key: Key) -> bool:
        """Whether it is being played, or was."""
        waiting = self.waiting.value
        return self.result(key) is not None or (waiting is not None and waiting.key == key)

    # ---- playing --------------------------------------------------------------------------------
    def start(self, lesson: Lesson) -> None:
        """Lock what is predicted and have the arms played; no other lesson is waited for then."""
        key = self.key(lesson)
        if self.is_complete(lesson) and not self.locked(key):
            self.cancel_runs()
            runs = len(lesson.arms) * lesson.seeds
            self.waiting.set(LessonRun(key, self.drafts.value[key], of=runs))
            self.resume()

    def resume(self) -> None:
        """Go on waiting for what is locked; what was played already comes at once."""
        waiting = self.waiting.value
        if waiting is None or self._asked is not None:
            return
        self.trouble.set("")
        cases = lessons()[waiting.key[0]].cases(waiting.key[1])
        asked = self.background.submit(list(cases.values()))
        self._asked = asked
        threading.Thread(
            target=self._gather, args=(asked, list(cases), waiting), daemon=True
        ).start()

    def cancel_runs(self) -> None:
        """Nobody looks: stop the runs, keep what is locked."""
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.cancel()

    def stop(self) -> None:
        """Give up waiting; predictions can be changed again, since nothing was seen."""
        self.cancel_runs()
        self.waiting.set(None)

    def _gather(self, asked: RunRequest, order: list[tuple[str, int]], waiting: LessonRun) -> None:
        """Take answers as they come, until all are there or nobody waits any longer."""
        summaries: dict[tuple[str, int], RunSummary] = {}
        for place, (_, answer) in zip(order, asked, strict=False):
            if self._asked is not asked:
                return
            if isinstance(answer, Failure):
                self.stop()
                self.trouble.set(" ".join(str(answer).split()))
                return
            summaries[place] = answer
            self.waiting.set(dataclasses.replace(waiting, done=len(summaries)))
        if self._asked is asked and len(summaries) == len(order):
            self._asked = None
            self.results.set(
                (*self.results.value, LessonResult(waiting.key, waiting.said, Evidence(summaries)))
            )
            self.waiting.set(None)

    # ---- what came ------------------------------------------------------------------------------
    def result(self, key: Key) -> LessonResult | None:
        """What was played of a lesson at a dial."""
        return next((one for one in self.results.value if one.key == key), None)

    def counted_result(self, lesson: Lesson) -> LessonResult | None:
        """The try that counts: at the lesson's own number."""
        return self.result((lesson.id, lesson.dial.value))

    @property
    def total(self) -> float:
        """Points of all lessons that count."""
        return sum(
            one.points for lesson in lessons().values() if (one := self.counted_result(lesson))
        )

    def csv(self, note: str) -> str:
        """All tries as a table, one row a question; no names."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["# " + note])
        writer.writerow(
            [
                "lesson",
                "dial",
                "counts",
                "question",
                "measure",
                "predicted",
                "sure_pct",
                "came_median",
                "came_low",
                "came_high",
                "right",
                "points",
            ]
        )
        for one in self.results.value:
            for mark in one.marks:
                fact, came = one.lesson.facts[mark.question], mark.came
                writer.writerow(
                    [
                        *one.key,
                        int(one.key[1] == one.lesson.dial.value),
                        mark.question,
                        fact.measure,
                        mark.said.answer,
                        mark.said.sure,
                        *(f"{v:.2f}" for v in (came.median, came.low, came.high)),
                        int(mark.right),
                        f"{mark.points:.0f}",
                    ]
                )
        return text.getvalue()


def course(session: Session) -> Course:
    """The visitor's course, the same whenever they come back."""
    if _NOTE not in session.notes:
        session.notes[_NOTE] = Course(session.background)
    return session.notes[_NOTE]
