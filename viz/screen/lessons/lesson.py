"""Lessons: arms that are run, facts computed from the runs, and the facts that are predicted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.labels import SECTORS
from agents.param import SettingError
from experiments.runs.case import Case
from experiments.runs.pairs import LEAST
from viz.screen.session.choice import Choice

DIRECTIONS = ("falls", "same", "rises")
#: Smallest change that is not about the same, percent or percentage points; as in reports.
MARGIN = 100.0 * LEAST
#: Beginning of a measure that counts the got-aways of one sector of the line.
IN_SECTOR = "got_aways_in_"
_ASKS = ("", "direction", "percent")
_FOLDER = Path(__file__).parent
_HOLE = "{dial}"


@dataclass(frozen=True)
class Arm:
    """One world: policies in their written form, and parameter values by path.

    ``{dial}`` in either is replaced by the dial that the visitor sets.
    """

    policies: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()

    def at(self, dial: str) -> Arm:
        """Return the arm with the dial set."""
        policies = tuple(text.replace(_HOLE, dial) for text in self.policies)
        return Arm(policies, tuple((path, x.replace(_HOLE, dial)) for path, x in self.numbers))


@dataclass(frozen=True)
class Dial:
    """A number that the visitor may change.

    Attributes:
        values: the values on offer, as text.
        value: the default.
    """

    values: tuple[str, ...]
    value: str


@dataclass(frozen=True)
class Fact:
    """A change from one arm to another, in percent, seed by seed.

    Attributes:
        measure: see `viz.screen.lessons.evidence.value`.
        arms: the two arms.
        against: another pair of arms whose change is subtracted, giving percentage points.
        ask: "direction" or "percent" if the fact is predicted, else "".
        expect: the direction that the lesson's explanation states.
        near: the largest error with which a prediction is right, in percent.
    """

    measure: str
    arms: tuple[str, str]
    against: tuple[str, str] | None = None
    ask: str = ""
    expect: str = ""
    near: float = 5.0

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the arm pairs that are compared."""
        return (self.arms,) if self.against is None else (self.arms, self.against)

    @property
    def sector(self) -> str:
        """Return the sector in which the outcome is counted; "" for a total, which has no place."""
        name = self.measure.removeprefix(IN_SECTOR)
        return name if name in SECTORS else ""


def direction(change: float) -> str:
    """Return "falls", "same" (less than `MARGIN`) or "rises" for a guess or one seed."""
    if abs(change) < MARGIN:
        return "same"
    return "rises" if change > 0.0 else "falls"


@dataclass(frozen=True)
class Lesson:
    """A lesson. Compare opens its first two arms, and the daily chart shows them.

    Attributes:
        id, order: the file's name and the position in the list.
        minutes: time needed in a class.
        arms, dial, facts: by name.
        chart: a daily figure.
        axis: bounds of the axis on which outcomes are predicted and shown, percent.
        bars: outcomes shown for every arm; at least one is a human cost.
        days, scale, seeds: of the runs.
    """

    id: str
    order: int
    minutes: int
    arms: Mapping[str, Arm]
    dial: Dial
    facts: Mapping[str, Fact]
    chart: str = "got_aways"
    axis: tuple[int, int] = (-60, 60)
    bars: tuple[str, ...] = ("got_aways", "deaths")
    days: int = 365
    scale: int = 100
    seeds: int = 5

    @property
    def questions(self) -> dict[str, Fact]:
        """Return the facts that are predicted."""
        return {name: fact for name, fact in self.facts.items() if fact.ask}

    @property
    def letters(self) -> dict[str, str]:
        """Return the arms' letters; the first two are the worlds A and B in Compare."""
        return dict(zip(self.arms, "ABCDEF", strict=False))

    def choice(self, arm: str, other: str, dial: str) -> Choice:
        """Return two arms as worlds A and B.

        Args:
            arm, other: the arms' names; parameter values come from the first.
            dial: value of the dial.

        Returns:
            The choice.
        """
        a, b = self.arms[arm].at(dial), self.arms[other].at(dial)
        return Choice(
            a=a.policies, b=b.policies, seed=1, days=self.days, scale=self.scale, numbers=a.numbers
        )

    def cases(self, dial: str, seeds: int | None = None) -> dict[tuple[str, int], Case]:
        """Return the lesson's runs.

        Args:
            dial: value of the dial.
            seeds: how many seeds; the lesson's own by default.

        Returns:
            Cases by arm and seed, seed by seed.
        """
        made = {arm: self.choice(arm, arm, dial).scenario(0) for arm in self.arms}
        return {
            (arm, seed): Case(scenario, seed)
            for seed in range(1, (seeds or self.seeds) + 1)
            for arm, scenario in made.items()
        }


@cache
def lessons() -> dict[str, Lesson]:
    """Return all lessons of this folder by id, in their order."""
    files = _FOLDER.glob("*.toml")
    found = [read_lesson(file.stem, file.read_text(encoding="utf-8")) for file in files]
    return {one.id: one for one in sorted(found, key=lambda one: one.order)}


def read_lesson(name: str, text: str) -> Lesson:
    """Read a lesson from TOML.

    Args:
        name: the lesson's id.
        text: content of the file.

    Returns:
        The lesson.

    Raises:
        SettingError: for a lesson that cannot be run or scored.
    """
    try:
        fields = tomllib.loads(text)
        arms = {
            key: Arm(tuple(one.get("policies", ())), tuple(one.get("numbers", {}).items()))
            for key, one in fields.pop("arms").items()
        }
        facts = {key: Fact(**_tuples(one)) for key, one in fields.pop("facts").items()}
        dial = Dial(**_tuples(fields.pop("dial")))
        lesson = Lesson(id=name, arms=arms, facts=facts, dial=dial, **_tuples(fields))
    except (TypeError, KeyError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(name, f"invalid lesson ({error})", "See the others.") from None
    _check(lesson)
    return lesson


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Convert lists to tuples."""
    return {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}


def _check(lesson: Lesson) -> None:
    """Check that all names exist and that every dial value gives a valid scenario."""
    for name, fact in lesson.facts.items():
        where = f"{lesson.id}.facts.{name}"
        if unknown := {arm for pair in fact.pairs for arm in pair} - lesson.arms.keys():
            raise SettingError(where, f"unknown arm {min(unknown)}", "Name arms of the lesson.")
        if fact.ask not in _ASKS or fact.expect not in ("", *DIRECTIONS):
            raise SettingError(where, "ask or expect is unknown", f"Take one of {_ASKS}.")
    if lesson.dial.value not in lesson.dial.values:
        raise SettingError(f"{lesson.id}.dial", "its value is not among its values", "Add it.")
    for value in lesson.dial.values:
        lesson.cases(value, seeds=1)
