"""What a lesson is: arms that are played, facts that are read off, and which of them are asked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.param import SettingError
from experiments.run import Case
from viz.screen.choice import Choice

DIRECTIONS = ("falls", "same", "rises")
ASKS = ("", "direction", "percent")
_FOLDER = Path(__file__).parent
_HOLE = "{dial}"


@dataclass(frozen=True)
class Arm:
    """One world: policies in their written form, and numbers of the model by path.

    ``{dial}`` in either stands for the number that the visitor may change.
    """

    policies: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()

    def at(self, dial: str) -> Arm:
        """The arm with the dial set."""
        policies = tuple(text.replace(_HOLE, dial) for text in self.policies)
        return Arm(policies, tuple((path, x.replace(_HOLE, dial)) for path, x in self.numbers))


@dataclass(frozen=True)
class Dial:
    """A number for another try: what may be chosen, in written form, and what the lesson takes."""

    values: tuple[str, ...]
    value: str


@dataclass(frozen=True)
class Fact:
    """A change that is read off the runs, in percent from one arm to another, seed by seed.

    ``measure``: see `Evidence.value`. With ``against``, another pair of arms, the fact is how many
    points larger the change is here than there. ``ask``: how it is predicted, if it is. ``expect``:
    the direction that the lesson's explanation states. ``same``: a change up to this counts as
    about the same. ``near``: a prediction in percent counts as right up to this far off.
    """

    measure: str
    arms: tuple[str, str]
    against: tuple[str, str] | None = None
    ask: str = ""
    expect: str = ""
    same: float = 1.0
    near: float = 5.0
    range: tuple[int, int] = (-100, 100)

    def direction(self, change: float) -> str:
        """Whether a change falls, is about the same, or rises."""
        if abs(change) <= self.same:
            return "same"
        return "rises" if change > 0.0 else "falls"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of arms that are compared."""
        return (self.arms,) if self.against is None else (self.arms, self.against)


@dataclass(frozen=True)
class Lesson:
    """A lesson. Compare opens its first two arms; they are the worlds whose days are drawn.

    ``minutes``: time needed in a class. ``chart``: a daily figure. ``bars``: outcomes that are
    shown for every arm; at least one is a cost to people.
    """

    id: str
    order: int
    minutes: int
    arms: Mapping[str, Arm]
    dial: Dial
    facts: Mapping[str, Fact]
    chart: str = "got_aways"
    bars: tuple[str, ...] = ("got_aways", "deaths")
    days: int = 365
    scale: int = 100
    seeds: int = 5

    @property
    def questions(self) -> dict[str, Fact]:
        """The facts that are asked."""
        return {name: fact for name, fact in self.facts.items() if fact.ask}

    def choice(self, arm: str, other: str, dial: str) -> Choice:
        """Two arms as worlds A and B; the numbers are those of the first."""
        a, b = self.arms[arm].at(dial), self.arms[other].at(dial)
        return Choice(
            a=a.policies, b=b.policies, seed=1, days=self.days, scale=self.scale, numbers=a.numbers
        )

    def cases(self, dial: str, seeds: int | None = None) -> dict[tuple[str, int], Case]:
        """What is played, by arm and seed; the arms of one seed stand next to each other."""
        made = {arm: self.choice(arm, arm, dial).scenario(0) for arm in self.arms}
        return {
            (arm, seed): Case(scenario, seed)
            for seed in range(1, (seeds or self.seeds) + 1)
            for arm, scenario in made.items()
        }


@cache
def lessons() -> dict[str, Lesson]:
    """All lessons of this folder by id, in their order."""
    found = [read(file.stem, file.read_text(encoding="utf-8")) for file in _FOLDER.glob("*.toml")]
    return {one.id: one for one in sorted(found, key=lambda one: one.order)}


def read(name: str, text: str) -> Lesson:
    """A lesson from TOML; raises ``SettingError`` for one that cannot be played or scored."""
    try:
        told = tomllib.loads(text)
        arms = {key: _arm(one) for key, one in told.pop("arms").items()}
        facts = {key: Fact(**_tuples(one)) for key, one in told.pop("facts").items()}
        dial = Dial(**_tuples(told.pop("dial")))
        lesson = Lesson(id=name, arms=arms, facts=facts, dial=dial, **_tuples(told))
    except (TypeError, KeyError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(name, f"this is no lesson ({error})", "See the others.") from None
    _check(lesson)
    return lesson


def _arm(told: Mapping[str, Any]) -> Arm:
    """An arm as TOML has it."""
    return Arm(tuple(told.get("policies", ())), tuple(told.get("numbers", {}).items()))


def _tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same with lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}


def _check(lesson: Lesson) -> None:
    """Names that are used exist, and every setting of the dial can be played."""
    for name, fact in lesson.facts.items():
        where = f"{lesson.id}.facts.{name}"
        if unknown := {arm for pair in fact.pairs for arm in pair} - lesson.arms.keys():
            raise SettingError(where, f"there is no arm {min(unknown)}", "Name arms of the lesson.")
        if fact.ask not in ASKS or fact.expect not in ("", *DIRECTIONS):
            raise SettingError(where, "ask or expect is unknown", f"Take one of {ASKS}.")
    if lesson.dial.value not in lesson.dial.values:
        raise SettingError(f"{lesson.id}.dial", "its value is not among its values", "Add it.")
    for value in lesson.dial.values:
        lesson.cases(value, seeds=1)
