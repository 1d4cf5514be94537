"""A visitor's work in the lessons: predictions, runs and scores; and the guesses of a class.

A `Course` belongs to the visitor's session, so that it survives a page change. Visitors of this
server who entered the same class code share a class. Nothing asks for a name or is written to disk.
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


# ---- the guesses of a class: in memory and without names; the emptiest class is dropped first
#: [A] classes of a server, and guesses of a class for each lesson.
MOST_CLASSES, MOST_GUESSES = 32, 64
_CODE = re.compile(r"[a-z0-9-]{1,20}")
Guesses = Mapping[str, float]  # change in percent by question


@dataclass
class Room:
    """A class: visitors, locked guesses by lesson, and lessons whose result was shown."""

    visitors: set[str] = field(default_factory=set)
    guesses: dict[str, dict[str, Guesses]] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)


def class_code(text: str) -> str:
    """Return a class code in normal form, or "" if the text is not a class code."""
    code = text.strip().lower().replace(" ", "-")
    return code if _CODE.fullmatch(code) else ""


class Classroom:
    """The classes of a server; safe to use from any thread."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._lock, self.changes = threading.Lock(), Changes()

    def attend(self, code: str, visitor: str) -> Callable[[], None]:
        """Count a visitor, without a name, in a class until the returned function is called."""
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
        """Add the locked guesses of a visitor. Guesses above the limit are dropped.

        Args:
            code: the class, or "" for none.
            lesson: the lesson's id.
            visitor: an id without meaning, so that a second lock replaces the first.
            guesses: change in percent by question.
        """
        if not code:
            return
        with self._lock:
            guessed = self._room(code).guesses.setdefault(lesson, {})
            if visitor in guessed or len(guessed) < MOST_GUESSES:
                guessed[visitor] = dict(guesses)
        self.changes.add()

    def _room(self, code: str) -> Room:
        """Return a class, created if needed. Above the limit, the emptiest other one is dropped."""
        room = self._rooms.setdefault(code, Room())
        self._rooms.move_to_end(code)
        while len(self._rooms) > MOST_CLASSES:
            others = [pair for pair in self._rooms.items() if pair[0] != code]
            sizes = {name: sum(map(len, other.guesses.values())) for name, other in others}
            del self._rooms[min(sizes, key=sizes.__getitem__)]
        return room

    def remove(self, code: str, lesson: str, visitor: str) -> None:
        """Remove the guesses of a visitor who unlocks them."""
        with self._lock:
            self._rooms.get(code, Room()).guesses.get(lesson, {}).pop(visitor, None)
        self.changes.add()

    def reveal(self, code: str, lesson: str) -> None:
        """Note that a class saw the result of a lesson."""
        with self._lock:
            (self._room(code) if code else Room()).results.add(lesson)
        self.changes.add()

    def room(self, code: str) -> Room:
        """Return a copy of a class."""
        with self._lock:
            return copy.deepcopy(self._rooms.get(code, Room()))

    def guesses(self, code: str, lesson: str) -> dict[str, Guesses]:
        """Return the guesses of a class by visitor."""
        return self.room(code).guesses.get(lesson, {})


CLASSROOM = Classroom()
"""The classes of this process."""


# ---- the work of one visitor
class ScoredQuestion(NamedTuple):
    """A question with its score; ``result``: the change over seeds, percent or points."""

    question: str
    answer: int
    result: Difference
    right: bool
    points: float


@dataclass(frozen=True, eq=False)
class Attempt:
    """A visitor's predictions in a lesson, and the runs that have finished.

    Attributes:
        lesson: the lesson.
        answers: predicted changes by question, percent or percentage points.
        sure: the confidence in every answer, 0 to 100 %.
        evidence: the runs.
    """

    lesson: Lesson
    answers: Mapping[str, int] = field(default_factory=dict)
    sure: int = 50
    evidence: Evidence = field(default_factory=lambda: Evidence({}))

    @property
    def scores(self) -> list[ScoredQuestion]:
        """Score all questions."""
        scores = []
        for name, fact in self.lesson.questions.items():
            answer, result = self.answers[name], self.evidence.change(fact)
            right = is_right(fact, answer, result)
            scores.append(ScoredQuestion(name, answer, result, right, points(right, self.sure)))
        return scores

    @property
    def points(self) -> float:
        """Return the mean points over the questions, -100 to 100."""
        scores = self.scores
        return sum(score.points for score in scores) / len(scores)


@dataclass
class Course:
    """A visitor's lessons: the open one, predictions, results and class.

    Attributes:
        background: the worker that runs the arms.
        open: the id of the lesson on the screen, "" for the list.
        drafts: predictions by lesson, also after they are locked.
        waiting: the `Attempt` whose runs are under way, or None.
        results: finished attempts by lesson.
        error: why a lesson could not be run.
        projector: whether the open lesson is shown for a class.
        revealed: lessons whose result the class screen showed before a guess.
        class_code: the visitor's class code, "" for none.
        classroom, visitor: the server's classes, and a visitor id without meaning.
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
    _locked_in: str = ""  # class code of the guesses of `waiting`

    # ---- predictions ----------------------------------------------------------------------------
    def draft(self, lesson: Lesson) -> Attempt:
        """Return the current predictions; empty ones before the visitor answers."""
        return self.drafts.value.get(lesson.id, Attempt(lesson))

    def predict(self, lesson: Lesson, answers: Mapping[str, int], sure: int | None = None) -> None:
        """Change predictions, unless they are locked.

        Args:
            lesson: the lesson.
            answers: predicted changes by question.
            sure: the confidence in all answers, 0 to 100 %, or None for the present one.
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
        """Return whether all totals are answered; a sector without an answer counts as "same"."""
        return lesson.totals.keys() <= self.draft(lesson).answers.keys()

    def phase(self, lesson: Lesson) -> str:
        """Return the step of a lesson: guess, run (or its result was shown), or result."""
        if lesson.id in self.results.value:
            return "result"
        runs = self.waiting.value is not None and self.waiting.value.lesson is lesson
        return "run" if runs or lesson.id in self.revealed.value else "guess"

    # ---- runs -----------------------------------------------------------------------------------
    def start(self, lesson: Lesson) -> None:
        """Lock the predictions and run the arms; another lesson that runs is stopped."""
        if self.is_complete(lesson) and self.phase(lesson) == "guess":
            self.stop()
            self.predict(lesson, dict.fromkeys(self.unanswered(lesson), 0))
            draft, self._locked_in = self.draft(lesson), self.class_code.value
            self.classroom.add(self._locked_in, lesson.id, self.visitor, draft.answers)
            self.waiting.set(draft)
            self.resume()

    def stored_runs(self, lesson: Lesson) -> Evidence | None:
        """Return a lesson's runs that are packaged or in memory, or None without."""
        summaries = self.background.stored(lesson.cases())
        return Evidence(summaries) if summaries else None

    def visible_runs(self, lesson: Lesson) -> Evidence | None:
        """Return the runs that the visitor or the class saw: the own result, or after `reveal`."""
        if result := self.results.value.get(lesson.id):
            return result.evidence
        revealed = self.revealed.value | self.classroom.room(self.class_code.value).results
        return self.stored_runs(lesson) if lesson.id in revealed else None

    def reveal(self, lesson: Lesson) -> None:
        """Show the result on the class screen; this visitor can no longer guess."""
        self.revealed.set(self.revealed.value | {lesson.id})
        self.classroom.reveal(self.class_code.value, lesson.id)

    def join_class(self, text: str) -> None:
        """Enter the class with a code; leave the class with an empty or invalid text."""
        self.class_code.set(class_code(text))

    def resume(self) -> None:
        """Request the locked lesson's runs again; finished ones return at once."""
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
        """Cancel the runs and unlock the predictions, since no result was shown."""
        self.cancel_runs()
        if (waiting := self.waiting.value) is not None:
            self.classroom.remove(self._locked_in, waiting.lesson.id, self.visitor)
        self.waiting.set(None)

    def _gather(
        self, request: RunRequest, places: dict[int, tuple[str, int]], waiting: Attempt
    ) -> None:
        """Collect results until all are there or the request is replaced."""
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
        """Return the address fields that open the same lesson in the same class."""
        fields = {"lesson": self.open.value, "class": self.class_code.value}
        return {name: text for name, text in fields.items() if text}

    def open_at(self, fields: Mapping[str, str]) -> None:
        """Open the lesson and enter the class that an address names."""
        self.join_class(fields.get("class", ""))
        lesson = fields.get("lesson", "")
        self.open.set(lesson if lesson in lessons() else "")

    # ---- results --------------------------------------------------------------------------------
    @property
    def total(self) -> float:
        """Return the points of all lessons."""
        return sum(result.points for result in self.results.value.values())

    def csv(self, note: str) -> str:
        """Return all results as CSV, one row for each question, below a comment line."""
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
    """Return the visitor's course; it is created once per session."""
    if _NOTE not in session.notes:
        session.notes[_NOTE] = Course(session.background, visitor=uuid.uuid4().hex)
    return session.notes[_NOTE]
