"""A design: what varies, over which points, with which seeds; and the cases that it means.

Every point plays the same seeds unless it is told otherwise, and the same person has the same luck
at every point, so that differences between points come from what varies.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from abm.scenario import Scenario, SettingError
from agents.param import plain
from experiments.calibration.ensemble import luck
from experiments.compare import REPS, policies_of
from experiments.design.factors import delivered, with_inputs
from experiments.design.samples import LARGEST, Point, Sample
from experiments.run import Case

LARGEST_SEED = 2**31 - 1
#: Runs of one sweep.
MOST_RUNS = 10 * LARGEST
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_KEPT = 4096  # scenarios of points that are kept, about 10 kB each


MEMBER = "member"  # column of the frame


@dataclass(frozen=True)
class Planned:
    """One run of a design: number of its point (from 0), seed, what varies by path.

    ``member``: place in ``Design.members`` of the parameter set under which it is played.
    """

    point: int
    seed: int
    inputs: dict[str, Any]
    member: int | None = None


@dataclass(frozen=True)
class ParameterSet:
    """Settings by dotted path, laid over the scenario of a design, and the number they go by.

    ``effectiveness``: by policy, what its doses deliver for each that is planned (1 where it is not
    named); never more than the largest dose.
    """

    number: int
    settings: Mapping[str, Any]
    effectiveness: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """A scenario, what varies in it, and how often each point is played.

    Seeds run from ``seed``; point k and repetition r play seed + r, so that points are paired.
    With ``paired=False`` no seed is used twice. ``sample_seed`` is that of the draws of points
    (default: ``seed``). With ``members`` every point is played under each of these parameter sets,
    which have seeds of their own; what varies is laid over them. Raises ``SettingError`` for
    whatever cannot be played.
    """

    name: str
    sample: Sample
    scenario: Scenario = field(default_factory=Scenario)
    reps: int = REPS
    seed: int = 1
    paired: bool = True
    sample_seed: int | None = None
    members: tuple[ParameterSet, ...] = ()
    points: tuple[Point, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Choose the points and refuse what cannot be played, before anything is."""
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            hint = "Give letters, digits, _ and -: it also names the folder."
            raise SettingError("name", f"{plain(self.name)} is not a name", hint)
        _check_whole("reps", self.reps, 1, 100_000)
        _check_whole("seed", self.seed, 0, LARGEST_SEED)
        sample_seed = self.seed if self.sample_seed is None else self.sample_seed
        _check_whole("sample_seed", sample_seed, 0, LARGEST_SEED)
        if not isinstance(self.paired, bool):
            raise SettingError("paired", f"{plain(self.paired)} is not true or false", "Give one.")
        points = tuple(self.sample.points(self.scenario, sample_seed))
        object.__setattr__(self, "points", points)  # frozen: only while it is being made
        self._check_size()

    def _check_size(self) -> None:
        """Refuse more runs than anybody can want, and seeds that do not exist."""
        if len(self) > MOST_RUNS:
            told = f"{len(self.points):,} points with {self.reps:,} seeds are {len(self):,} runs"
            if self.members:
                told = f"{len(self.members):,} members of " + told
            raise SettingError("reps", told, f"At most {MOST_RUNS:,} are played in one sweep.")
        drawn = self.reps if self.paired else len(self.points) * self.reps
        last = self.seed + max(self._luck(m) for m in self._places) + drawn - 1
        if last > LARGEST_SEED:
            hint = f"Seeds end at {LARGEST_SEED}."
            raise SettingError("seed", f"{self.seed} leaves no room for the seeds", hint)

    def __len__(self) -> int:
        """How many runs are planned."""
        return len(self.points) * self.reps * len(self._places)

    @property
    def _places(self) -> tuple[int | None, ...]:
        """Places of the members; one that is none where there are none."""
        return tuple(range(len(self.members))) or (None,)

    def _luck(self, member: int | None) -> int:
        """Offset of the seeds of a member."""
        return 0 if member is None else luck(self.members[member].settings)

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths of what varies."""
        return self.sample.factors

    @property
    def digest(self) -> str:
        """Fingerprint of scenario, points and seeds, 40 hexadecimal digits.

        It says nothing of the name and of the number of repetitions: the same design may be played
        with more of them.
        """
        told = [self.scenario.digest, self.factors, self.points, self.seed, self.paired]
        if self.members:
            told.append([[m.number, dict(m.settings), dict(m.effectiveness)] for m in self.members])
        return hashlib.blake2b(json.dumps(told).encode(), digest_size=20).hexdigest()

    def inputs(self, point: int) -> dict[str, Any]:
        """What varies, by path, at a point."""
        return dict(zip(self.factors, self.points[point], strict=True))

    def plan(self) -> Iterator[Planned]:
        """All runs: every point with the first seed, then with the second, and so on.

        With members: every point under the first member, then under the second.
        """
        for rep in range(self.reps):
            for member in self._places:
                for point in range(len(self.points)):
                    yield self._planned(rep, member, point)

    def _planned(self, rep: int, member: int | None, point: int) -> Planned:
        """One run."""
        shift = rep if self.paired else rep * len(self.points) + point
        inputs = self.inputs(point)
        if member is not None:
            inputs = {MEMBER: self.members[member].number} | inputs
        return Planned(point, self.seed + shift + self._luck(member), inputs, member)

    def scenario_at(self, point: int, member: int | None = None) -> Scenario:
        """The scenario of a point; raises ``SettingError`` naming the point."""
        return _scenario(self, point, member)

    def case(self, planned: Planned) -> Case:
        """What is played."""
        return Case(self.scenario_at(planned.point, planned.member), planned.seed)

    def cases(self) -> Iterator[tuple[Planned, Case]]:
        """All runs with their cases, for whoever plays them otherwise."""
        for planned in self.plan():
            yield planned, self.case(planned)


@lru_cache(maxsize=_KEPT)
def _scenario(design: Design, point: int, member: int | None) -> Scenario:
    """Make the scenario of a point and its policies once."""
    try:
        inputs = design.inputs(point)
        if member is not None:
            inputs = delivered(inputs, design.members[member].effectiveness)
        scenario = with_inputs(_world(design, member), inputs)
        policies_of(scenario, scenario.policies)
    except SettingError as error:
        reason = f"at point {point + 1}, {error.reason}"
        raise SettingError(error.path, reason, error.hint, error.origin) from None
    return scenario


@lru_cache(maxsize=_KEPT)
def _world(design: Design, member: int | None) -> Scenario:
    """The scenario of a design under one of its members."""
    settings = {} if member is None else design.members[member].settings
    return design.scenario.with_settings(settings) if settings else design.scenario


def _check_whole(path: str, value: Any, low: int, high: int) -> None:
    """Refuse what is not a whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        hint = f"Give a whole number from {low} to {high}."
        raise SettingError(path, f"{plain(value)} cannot be used", hint)
