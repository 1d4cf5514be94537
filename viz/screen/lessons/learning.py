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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.rows.records import csv_text
from experiments.runs.case import Failure
from experiments.runs.pairs import Difference
from viz.screen.lessons.lesson import (
    Evidence,
    Lesson,
    Prediction,
    change_of,
    is_right,
    lessons,
    points,
)
from viz.screen.session.background import Background, RunRequest
from viz.screen.session.session import Session, reactive
from viz.screen.session.summaries import RunSummary
from viz.screen.session.threads import Changes
from viz.screen.words import one_line

Key = tuple[str, str]  # lesson and dial
_NOTE = "learn"
_CSV_HEAD = (
    "lesson,dial,counts,question,measure,predicted,sure_pct,"
    "came_median,came_low,came_high,right,points"
)


# ---- the guesses of a class: in memory and without names; the emptiest class is dropped first
#: [A] classes of a server, and guesses of a class for each lesson and dial.
MOST_CLASSES, MOST_GUESSES = 32, 64
_CODE = re.compile(r"[a-z0-9-]{1,20}")
Guesses = Mapping[str, float]  # change in percent by question


@dataclass
class Room:
    """A class: visitors, locked guesses by lesson, and lessons whose result was shown."""

    visitors: set[str] = field(default_factory=set)
    guesses: dict[Key, dict[str, Guesses]] = field(default_factory=dict)
    results: set[Key] = field(default_factory=set)


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

    def add(self, code: str, key: Key, visitor: str, guesses: Guesses) -> None:
        """Add the locked guesses of a visitor. Guesses above the limit are dropped.

        Args:
            code: the class, or "" for none.
            key: lesson and dial.
            visitor: an id without meaning, so that a second lock replaces the first.
            guesses: change in percent by question.
        """
        if not code:
            return
        with self._lock:
            guessed = self._room(code).guesses.setdefault(key, {})
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

    def remove(self, code: str, key: Key, visitor: str) -> None:
        """Remove the guesses of a visitor who unlocks them."""
        with self._lock:
            self._rooms.get(code, Room()).guesses.get(key, {}).pop(visitor, None)
        self.changes.add()

    def reveal(self, code: str, key: Key) -> None:
        """Note that a class saw the result of a lesson."""
        with self._lock:
            (self._room(code) if code else Room()).results.add(key)
        self.changes.add()

    def room(self, code: str) -> Room:
        """Return a copy of a class."""
        with self._lock:
            return copy.deepcopy(self._rooms.get(code, Room()))

    def guesses(self, code: str, key: Key) -> dict[str, Guesses]:
        """Return the guesses of a class by visitor."""
        return self.room(code).guesses.get(key, {})


CLASSROOM = Classroom()
"""The classes of this process."""


# ---- the work of one visitor
@dataclass(frozen=True)
class ScoredQuestion:
    """A question with its score.

    ``result``: the change over seeds in percent or percentage points; ``values``: by seed.
    """

    question: str
    prediction: Prediction
    result: Difference
    values: Sequence[float]
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
            prediction, values = self.predictions[name], self.evidence.by_seed(fact)
            result = change_of(values)
            answer = prediction.answer
            hit = answer is not None and is_right(fact, answer, result)
            score = points(hit, prediction.sure)
            scores.append(ScoredQuestion(name, prediction, result, values, hit, score))
        return scores

    @property
    def points(self) -> float:
        """Return the mean points over the questions, -100 to 100."""
        scores = self.scores
        return sum(score.points for score in scores) / len(scores)


@dataclass(frozen=True)
class LessonRun:
    """A lesson whose predictions are locked and whose runs are under way."""

    key: Key
    predictions: Mapping[str, Prediction]
    finished: int = 0
    of: int = 1


@dataclass
class Course:
    """A visitor's lessons: the open one, predictions, results and class.

    Attributes:
        background: the worker that runs the arms.
        open: the id of the lesson on the screen, "" for the list.
        dials: dial values by lesson, where they differ from the lesson's default.
        drafts: predictions that are not locked.
        results: finished lessons, oldest first; the first one at a lesson's default dial counts.
        waiting: the `LessonRun` under way, or None.
        error: why a lesson could not be run.
        projector: whether the open lesson is shown for a class.
        revealed: lessons and dials whose result the class screen showed before a guess.
        class_code: the visitor's class code, "" for none.
        classroom, visitor: the server's classes, and a visitor id without meaning.
    """

    background: Background
    classroom: Classroom = CLASSROOM
    visitor: str = ""
    open: Any = reactive("")
    dials: Any = reactive({})
    drafts: Any = reactive({})
    results: Any = reactive(())
    waiting: Any = reactive(None)
    error: Any = reactive("")
    projector: Any = reactive(False)
    revealed: Any = reactive(frozenset())
    class_code: Any = reactive("")
    _request: RunRequest | None = None
    _locked_in: str = ""  # class code of the guesses of `waiting`

    # ---- predictions ----------------------------------------------------------------------------
    def key(self, lesson: Lesson) -> Key:
        """Return the lesson's id and its dial's current value."""
        return lesson.id, self.dials.value.get(lesson.id, lesson.dial.value)

    def set_dial(self, lesson: Lesson, dial: str) -> None:
        """Select a value of a lesson's dial."""
        self.dials.set({**self.dials.value, lesson.id: dial})

    def prediction(self, lesson: Lesson, question: str) -> Prediction:
        """Return the current prediction.

        Args:
            lesson: the lesson.
            question: the question's name.

        Returns:
            The prediction; an empty one before the visitor answers.
        """
        return self.drafts.value.get(self.key(lesson), {}).get(question, Prediction())

    def predict(self, lesson: Lesson, question: str, **changes: Any) -> None:
        """Change a prediction, unless it is locked.

        Args:
            lesson: the lesson.
            question: the question's name.
            changes: fields of `Prediction`.
        """
        key = self.key(lesson)
        if self.is_locked(key):
            return
        prediction = dataclasses.replace(self.prediction(lesson, question), **changes)
        draft = {**self.drafts.value.get(key, {}), question: prediction}
        self.drafts.set({**self.drafts.value, key: draft})

    def unanswered(self, lesson: Lesson) -> list[str]:
        """Return the questions without an answer."""
        return [x for x in lesson.questions if self.prediction(lesson, x).answer is None]

    def is_complete(self, lesson: Lesson) -> bool:
        """Return whether all totals are answered; a sector without an answer counts as "same"."""
        return not lesson.totals.keys() & set(self.unanswered(lesson))

    def is_locked(self, key: Key) -> bool:
        """Return whether the runs are under way or finished, or the result was shown."""
        waiting = self.waiting.value
        revealed = key in self.revealed.value or self.result(key) is not None
        return revealed or (waiting is not None and waiting.key == key)

    # ---- runs -----------------------------------------------------------------------------------
    def start(self, lesson: Lesson) -> None:
        """Lock the predictions and run the arms; runs of another lesson are cancelled."""
        key = self.key(lesson)
        if self.is_complete(lesson) and not self.is_locked(key):
            self.cancel_runs()
            for name in self.unanswered(lesson):
                self.predict(lesson, name, answer=0)
            draft = self.drafts.value[key]
            guesses = {name: float(prediction.answer) for name, prediction in draft.items()}
            self._locked_in = self.class_code.value
            self.classroom.add(self._locked_in, key, self.visitor, guesses)
            self.waiting.set(LessonRun(key, draft, of=len(lesson.arms) * lesson.seeds))
            self.resume()

    def stored_runs(self, key: Key) -> Evidence | None:
        """Return a lesson's runs at a dial that are packaged or in memory, or None without."""
        name, dial = key
        summaries = self.background.stored(lessons()[name].cases(dial))
        return Evidence(summaries) if summaries else None

    def visible_runs(self, key: Key) -> Evidence | None:
        """Return the runs that the visitor or the class saw: the own result, or after `reveal`."""
        if result := self.result(key):
            return result.evidence
        keys = self.revealed.value | self.classroom.room(self.class_code.value).results
        return self.stored_runs(key) if key in keys else None

    def reveal(self, lesson: Lesson) -> None:
        """Show the result on the class screen; this visitor can no longer guess."""
        self.revealed.set(self.revealed.value | {self.key(lesson)})
        self.classroom.reveal(self.class_code.value, self.key(lesson))

    def join_class(self, text: str) -> None:
        """Enter the class with a code; leave the class with an empty or invalid text."""
        self.class_code.set(class_code(text))

    def resume(self) -> None:
        """Request the locked lesson's runs again; finished ones return at once."""
        waiting = self.waiting.value
        if waiting is None or self._request is not None:
            return
        self.error.set("")
        cases = lessons()[waiting.key[0]].cases(waiting.key[1])
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
            self.classroom.remove(self._locked_in, waiting.key, self.visitor)
        self.waiting.set(None)

    def _gather(
        self, request: RunRequest, places: dict[int, tuple[str, int]], waiting: LessonRun
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
            summaries[places[id(case)]] = summary
            self.waiting.set(dataclasses.replace(waiting, finished=len(summaries)))
        if self._request is request and len(summaries) == len(places):
            self._request = None
            result = LessonResult(waiting.key, waiting.predictions, Evidence(summaries))
            self.results.set((*self.results.value, result))
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
    def result(self, key: Key) -> LessonResult | None:
        """Return a lesson's result at a dial, or None if it was not run."""
        return next((result for result in self.results.value if result.key == key), None)

    def counted_result(self, lesson: Lesson) -> LessonResult | None:
        """Return the result that counts: at the lesson's default dial."""
        return self.result((lesson.id, lesson.dial.value))

    @property
    def total(self) -> float:
        """Return the points of all lessons that count."""
        counted = map(self.counted_result, lessons().values())
        return sum(result.points for result in counted if result)

    def csv(self, note: str) -> str:
        """Return all results as CSV, one row for each question, below a comment line."""
        rows = []
        for result in self.results.value:
            counts = int(result.key[1] == result.lesson.dial.value)
            for score in result.scores:
                measure = result.lesson.facts[score.question].measure
                ends = (score.result.difference, score.result.low90, score.result.high90)
                row = [*result.key, counts, score.question, measure]
                row += [score.prediction.answer, score.prediction.sure]
                row += [*(f"{v:.2f}" for v in ends), int(score.right), f"{score.points:.0f}"]
                rows.append(row)
        return f"# {note}\n" + csv_text(_CSV_HEAD.split(","), rows)


def course(session: Session) -> Course:
    """Return the visitor's course; it is created once per session."""
    if _NOTE not in session.notes:
        session.notes[_NOTE] = Course(session.background, visitor=uuid.uuid4().hex)
    return session.notes[_NOTE]
