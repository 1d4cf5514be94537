"""A visitor's predictions, runs and scores in the lessons, and the guesses of a class.

A `Course` belongs to a visitor's session, so that it survives a change of pages. Visitors who
enter the same class code share a class. No names are requested, and nothing is written to disk.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from experiments.rows.records import csv_text
from experiments.runs.case import Failure
from experiments.runs.pairs import Difference
from viz.screen.lessons.lesson import Evidence, Lesson, is_right, lessons, points
from viz.screen.session.background import Background, RunRequest
from viz.screen.session.session import Session, reactive
from viz.screen.session.summaries import RunSummary
from viz.screen.session.threads import Changes
from viz.screen.words import one_line

_NOTE = "learn"
_CSV_HEAD = "lesson,question,measure,predicted,sure_pct,came_median,came_low,came_high,right,points"


# ---- guesses of a class, in memory and without names
#: [A] Maximum number of classes on a server, and of guesses per class and lesson.
MOST_CLASSES, MOST_GUESSES = 32, 64
_CODE = re.compile(r"[a-z0-9-]{1,20}")
Guesses = Mapping[str, float]  # guessed change by question, in percent


@dataclass
class Room:
    """A class: its visitors, their locked guesses by lesson, and lessons with revealed results."""

    visitors: set[str] = field(default_factory=set)
    guesses: dict[str, dict[str, Guesses]] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)


def class_code(text: str) -> str:
    """Normalise a class code, or return "" if the text is not a class code."""
    code = text.strip().lower().replace(" ", "-")
    return code if _CODE.fullmatch(code) else ""


class Classroom:
    """Classes of a server, for use from any thread."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._lock, self.changes = threading.Lock(), Changes()

    def attend(self, code: str, visitor: str) -> Callable[[], None]:
        """Add a visitor to a class, and return a function that removes the visitor."""
        with self._lock:
            room = self._room(code) if code else Room()
            if len(room.visitors) < MOST_GUESSES:
                room.visitors.add(visitor)
        self.changes.add()

        def leave() -> None:
            with self._lock:
                room.visitors.discard(visitor)
            self.changes.add()

        return leave

    def add(self, code: str, lesson: str, visitor: str, guesses: Guesses) -> None:
        """Add the locked guesses of a visitor.

        When `MOST_GUESSES` visitors have guessed, the guesses of further visitors are not stored.

        Args:
            code: class code, or "" if the visitor is in no class.
            lesson: id of the lesson.
            visitor: random id, with which new guesses of the visitor replace earlier guesses.
            guesses: guessed change by question, in percent.
        """
        if not code:
            return
        with self._lock:
            guessed = self._room(code).guesses.setdefault(lesson, {})
            if visitor in guessed or len(guessed) < MOST_GUESSES:
                guessed[visitor] = dict(guesses)
        self.changes.add()

    def _room(self, code: str) -> Room:
        """Return a class, after creating it if needed.

        Above the limit, the other class with the fewest guesses is dropped.
        """
        room = self._rooms.setdefault(code, Room())
        self._rooms.move_to_end(code)
        while len(self._rooms) > MOST_CLASSES:
            others = [pair for pair in self._rooms.items() if pair[0] != code]
            sizes = {name: sum(map(len, other.guesses.values())) for name, other in others}
            del self._rooms[min(sizes, key=sizes.__getitem__)]
        return room

    def remove(self, code: str, lesson: str, visitor: str) -> None:
        """Remove the guesses that a visitor unlocks."""
        with self._lock:
            self._rooms.get(code, Room()).guesses.get(lesson, {}).pop(visitor, None)
        self.changes.add()

    def reveal(self, code: str, lesson: str) -> None:
        """Record that a class has seen the result of a lesson."""
        with self._lock:
            (self._room(code) if code else Room()).results.add(lesson)
        self.changes.add()

    def room(self, code: str) -> Room:
        """Return a copy of a class."""
        with self._lock:
            return copy.deepcopy(self._rooms.get(code, Room()))

    def guesses(self, code: str, lesson: str) -> dict[str, Guesses]:
        """Return the guesses of a class in a lesson by visitor."""
        return self.room(code).guesses.get(lesson, {})


#: The classes of this process.
CLASSROOM = Classroom()


# ---- predictions and results of one visitor
class ScoredQuestion(NamedTuple):
    """A question with its score. ``result`` is the change over seeds in percent or points."""

    question: str
    answer: int
    result: Difference
    right: bool
    points: float


@dataclass(frozen=True, eq=False)
class Attempt:
    """Predictions of a visitor in a lesson, and the finished runs.

    Attributes:
        lesson: lesson to which the predictions belong.
        answers: predicted change by question, in percent or percentage points.
        sure: confidence in all answers, 0 to 100 %.
        evidence: results of the finished runs.
    """

    lesson: Lesson
    answers: Mapping[str, int] = field(default_factory=dict)
    sure: int = 50
    evidence: Evidence = field(default_factory=lambda: Evidence({}))

    @property
    def scores(self) -> list[ScoredQuestion]:
        """Return the scores of all questions."""
        scores = []
        for name, fact in self.lesson.questions.items():
            answer, result = self.answers[name], self.evidence.change(fact)
            right = is_right(fact, answer, result)
            scores.append(ScoredQuestion(name, answer, result, right, points(right, self.sure)))
        return scores

    @property
    def points(self) -> float:
        """Return the mean points of the questions, from -100 to 100."""
        scores = self.scores
        return sum(score.points for score in scores) / len(scores)


@dataclass
class Course:
    """Lessons of a visitor: the open lesson, predictions, results and the class.

    Attributes:
        background: workers that run the arms.
        classroom: classes of the server.
        visitor: random id of the visitor.
        open: id of the open lesson, "" for the list.
        drafts: predictions by lesson, before and after they are locked.
        waiting: `Attempt` whose runs have not finished, or None.
        results: finished attempts by lesson.
        error: message of an error in the runs of a lesson, or "".
        projector: whether the open lesson is shown for a class.
        revealed: lessons whose result the class screen showed before the visitor guessed.
        class_code: class code of the visitor, or "" if the visitor is in no class.
    """

    background: Background
    classroom: Classroom = CLASSROOM
    visitor: str = ""
    open: Any = reactive("")
    drafts: Any = reactive({})
    waiting: Any = reactive(None)
    results: Any = reactive({})
    error: Any = reactive("")
    projector: Any = reactive(False)
    revealed: Any = reactive(frozenset())
    class_code: Any = reactive("")
    _request: RunRequest | None = None
    _locked_in: str = ""  # class code under which the guesses of `waiting` are locked

    # ---- predictions ----------------------------------------------------------------------------
    def draft(self, lesson: Lesson) -> Attempt:
        """Return the current predictions, which have no answers before the visitor gives one."""
        return self.drafts.value.get(lesson.id, Attempt(lesson))

    def predict(self, lesson: Lesson, answers: Mapping[str, int], sure: int | None = None) -> None:
        """Change predictions, unless they are locked.

        Args:
            lesson: lesson to which the questions belong.
            answers: predicted change by question.
            sure: confidence in all answers, 0 to 100 %, or None to keep it.
        """
        if self.phase(lesson) == "guess":
            draft = self.draft(lesson)
            changes = {"answers": {**draft.answers, **answers}, "sure": sure or draft.sure}
            draft = dataclasses.replace(draft, **changes)
            self.drafts.set({**self.drafts.value, lesson.id: draft})

    def unanswered(self, lesson: Lesson) -> list[str]:
        """Return the questions without an answer."""
        return [name for name in lesson.questions if name not in self.draft(lesson).answers]

    def is_complete(self, lesson: Lesson) -> bool:
        """Return whether all totals have an answer. A sector without an answer counts as "same"."""
        return lesson.totals.keys() <= self.draft(lesson).answers.keys()

    def phase(self, lesson: Lesson) -> str:
        """Return the step of a lesson: "guess", "result", or "run" while guesses are locked."""
        if lesson.id in self.results.value:
            return "result"
        runs = self.waiting.value is not None and self.waiting.value.lesson is lesson
        return "run" if runs or lesson.id in self.revealed.value else "guess"

    # ---- runs -----------------------------------------------------------------------------------
    def start(self, lesson: Lesson) -> None:
        """Lock the predictions and run the arms, after stopping the runs of another lesson."""
        if self.is_complete(lesson) and self.phase(lesson) == "guess":
            self.stop()
            self.predict(lesson, dict.fromkeys(self.unanswered(lesson), 0))
            draft, self._locked_in = self.draft(lesson), self.class_code.value
            self.classroom.add(self._locked_in, lesson.id, self.visitor, draft.answers)
            self.waiting.set(draft)
            self.resume()

    def stored_runs(self, lesson: Lesson) -> Evidence | None:
        """Return the results of a lesson if all are packaged or in memory, otherwise None."""
        summaries = self.background.stored(lesson.cases())
        return Evidence(summaries) if summaries else None

    def visible_runs(self, lesson: Lesson) -> Evidence | None:
        """Return the results if the visitor has finished the lesson or its result was revealed."""
        if result := self.results.value.get(lesson.id):
            return result.evidence
        revealed = self.revealed.value | self.classroom.room(self.class_code.value).results
        return self.stored_runs(lesson) if lesson.id in revealed else None

    def reveal(self, lesson: Lesson) -> None:
        """Show the result on the class screen. This visitor can no longer guess."""
        self.revealed.set(self.revealed.value | {lesson.id})
        self.classroom.reveal(self.class_code.value, lesson.id)

    def join_class(self, text: str) -> None:
        """Enter the class with a code. An empty or invalid text leaves the class."""
        self.class_code.set(class_code(text))

    def resume(self) -> None:
        """Request the runs of the locked lesson again. Finished runs return at once."""
        waiting = self.waiting.value
        if waiting is None or self._request is not None:
            return
        self.error.set("")
        cases = waiting.lesson.cases()
        self._request = self.background.submit(list(cases.values()))
        args = (self._request, {id(case): place for place, case in cases.items()}, waiting)
        threading.Thread(target=self._gather, args=args, daemon=True).start()

    def cancel_runs(self) -> None:
        """Cancel the runs but keep the lesson locked."""
        request, self._request = self._request, None
        if request is not None:
            request.cancel()

    def stop(self) -> None:
        """Cancel the runs and unlock the predictions, because no result has been shown."""
        self.cancel_runs()
        if (waiting := self.waiting.value) is not None:
            self.classroom.remove(self._locked_in, waiting.lesson.id, self.visitor)
        self.waiting.set(None)

    def _gather(
        self, request: RunRequest, places: dict[int, tuple[str, int]], waiting: Attempt
    ) -> None:
        """Collect results until all runs have finished or the request is replaced."""
        summaries: dict[tuple[str, int], RunSummary] = {}
        for case, summary in request:
            if self._request is not request:
                return
            if isinstance(summary, Failure):
                self.stop()
                self.error.set(one_line(summary))
                return
            summaries = {**summaries, places[id(case)]: summary}
            attempt = dataclasses.replace(waiting, evidence=Evidence(summaries))
            if len(summaries) < len(places):
                self.waiting.set(attempt)
                continue
            self._request = None
            self.results.set({**self.results.value, waiting.lesson.id: attempt})
            self.waiting.set(None)

    # ---- address ---------------------------------------------------------------------------------
    @property
    def address(self) -> dict[str, str]:
        """Return the fields of an address that opens the same lesson in the same class."""
        fields = {"lesson": self.open.value, "class": self.class_code.value}
        return {name: text for name, text in fields.items() if text}

    def open_at(self, fields: Mapping[str, str]) -> None:
        """Open the lesson and enter the class in the fields of an address."""
        self.join_class(fields.get("class", ""))
        lesson = fields.get("lesson", "")
        self.open.set(lesson if lesson in lessons() else "")

    # ---- results --------------------------------------------------------------------------------
    @property
    def total(self) -> float:
        """Return the total points over all lessons."""
        return sum(result.points for result in self.results.value.values())

    def csv(self, note: str) -> str:
        """Return all results as CSV, one row per question, after a comment line with a note."""
        rows = []
        for result in self.results.value.values():
            for score in result.scores:
                measure = result.lesson.facts[score.question].measure
                row = [result.lesson.id, score.question, measure, score.answer, result.sure]
                ends = (score.result.difference, score.result.low90, score.result.high90)
                row += [*(f"{v:.2f}" for v in ends), int(score.right), f"{score.points:.0f}"]
                rows.append(row)
        return f"# {note}\n" + csv_text(_CSV_HEAD.split(","), rows)


def course(session: Session) -> Course:
    """Return the course of a session, after creating it if needed."""
    if _NOTE not in session.notes:
        session.notes[_NOTE] = Course(session.background, visitor=uuid.uuid4().hex)
    return session.notes[_NOTE]
