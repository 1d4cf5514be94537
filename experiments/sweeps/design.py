"""A design: factors, sample points and seeds, and the cases that they define.

A *factor* is identified by its path: a setting as listed by ``twoborders parameters``
(``migrants.retry_removed``, ``supply_level``), ``policy.ID`` for a policy's dose,
``effect.ID`` for a policy's effect if its dose is varied too, or ``dummy``. The dummy has no effect
and shows how large an effect chance alone can produce.

A *sample* chooses points in the factor space: ``Grid``, ``Listed``, ``LatinHypercube`` or
``Sobol``. Equal arguments give equal points. By default all points run the same seeds. Random draws
are keyed by person, so the varied factors cause the differences between points.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import itertools
import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from abm.policies import Policy, policies_of, policy_class, registry
from abm.policies.registry import make
from abm.scenario import Scenario, SettingError, parameters
from abm.scenario.policy_specs import LARGEST_EFFECT, PolicySpec, parse_policy
from abm.scenario.tree import paths_of
from abm.supply_file import supply_content
from agents.param import Param, check, did_you_mean, plain
from experiments.calibration.ensemble import seed_offset
from experiments.runs.case import Case
from experiments.runs.pairs import REPS

Point = tuple[Any, ...]
Bounds = Mapping[str, Sequence[float]]
LARGEST_SEED = 2**31 - 1
#: Limits: points in one design, and runs in one sweep.
MAX_POINTS = 100_000
MAX_RUNS = 10 * MAX_POINTS
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_CACHED = 4096  # number of scenarios that are cached, about 10 kB each
MEMBER = "member"  # column in a results frame
POLICY, EFFECT = "policy.", "effect."
DUMMY = "dummy"
_NAMED = ("start", "supply")  # settings without numbers, which grids and lists may vary
_CALENDAR = (
    datetime.date(2012, 10, 1),
    datetime.date(2013, 10, 1),
)  # the dates are arbitrary, because a dose does not depend on them


# ---- factors -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Factor:
    """A varied quantity.

    Attributes:
        path: dotted path.
        kind: float, int, bool or str. Bounds do not apply to the last two.
        low, high: bounds of the values, inclusive.
        unit: unit of the values.
        declared: the declared parameter. None for a setting without numbers.
        spec: specification of the policy, whose parameters determine the price. None for other
            factors.
    """

    path: str
    kind: type
    low: float
    high: float
    unit: str
    declared: Param | None = None
    spec: PolicySpec | None = None

    def check_value(self, value: Any, where: str) -> Any:
        """Check a value and convert it to its declared type.

        Args:
            value: the value. The dose of a policy may be text such as "250M".
            where: the place that an error message names.

        Returns:
            The value in its declared type.

        Raises:
            SettingError: the value is invalid.
        """
        if self.spec is not None and isinstance(value, str):
            value = _dose(self.spec, value, where)
        if self.declared is not None:
            return check(where, self.declared, value)
        if isinstance(value, datetime.date):
            return value.isoformat()
        if not isinstance(value, str):
            raise SettingError(where, f"{plain(value)} is not text", "Write it in quotation marks.")
        return value

    def check_bounds(self, bounds: Any, where: str) -> tuple[float, float]:
        """Check a sample's bounds ``[low, high]``.

        Args:
            bounds: lower and upper bound.
            where: the place that an error message names.

        Returns:
            The bounds.

        Raises:
            SettingError: the bounds are invalid, or the factor is not a number.
        """
        hint = f"Give [low, high] within {plain(self.low)} and {plain(self.high)} ({self.unit})."
        if self.kind not in (int, float):
            hint = "Give its values in [grid] or [list]."
            raise SettingError(where, "this is not a number that can be sampled", hint)
        if not isinstance(bounds, list | tuple) or len(bounds) != 2:
            raise SettingError(where, f"{plain(bounds)} is not a pair of bounds", hint)
        low, high = (self.check_value(bound, where) for bound in bounds)
        if low >= high:
            raise SettingError(where, f"{plain(low)} is not below {plain(high)}", hint)
        return low, high

    def between(self, low: float, high: float, share: float) -> float | int:
        """Interpolate between two bounds.

        Args:
            low, high: the bounds.
            share: position, 0 to 1.

        Returns:
            The value. Every integer of an integer factor covers an equal part of the range.
        """
        if self.kind is int:
            return int(min(high, low + int(share * (high - low + 1))))
        return min(high, low + share * (high - low))


def factor(scenario: Scenario, path: str, where: str) -> Factor:
    """Create the factor for a path.

    Args:
        scenario: the scenario that is varied.
        path: dotted path.
        where: the place that an error message names.

    Returns:
        The factor.

    Raises:
        SettingError: the path cannot be varied. The message names the nearest valid path.
    """
    if not isinstance(path, str):
        hint = "Name a setting, or the dose of a policy as policy.ID."
        raise SettingError(where, f"{plain(path)} is not the path of a factor", hint)
    if path == DUMMY:
        declared = Param(value=0.0, unit="nothing", low=0.0, high=1.0, doc="Has no effect.")
        return Factor(path, float, 0.0, 1.0, "nothing", declared)
    if path.startswith(POLICY):
        return _policy(scenario, path, where)
    if path.startswith(EFFECT):
        return _effect(path, where)
    if path in _NAMED:
        return Factor(path, str, 0.0, 0.0, "name")
    rows = {row.path: row for row in parameters(scenario)}
    if path not in rows:
        _refuse(scenario, path, where, rows)
    row = rows[path]
    names = ("value", "unit", "low", "high", "doc", "choices")
    declared = Param(**{name: getattr(row, name) for name in names})
    return Factor(path, row.kind, row.low, row.high, row.unit, declared)


def with_inputs(
    scenario: Scenario,
    inputs: Mapping[str, Any],
    effectiveness: Mapping[str, float] | None = None,
    numbers: Mapping[str, Mapping[str, float]] | None = None,
    doses: Mapping[str, float] | None = None,
) -> Scenario:
    """Create a point's scenario.

    If the scenario contains a varied policy, only its dose is replaced. Its dates and parameters
    stay. Any other policy is added for the whole run. A policy at dose 0 is left out, which does
    not change results, so that all points without policies share one scenario.

    Args:
        scenario: the scenario that is varied.
        inputs: values by path.
        effectiveness: factor on the effect of each policy whose dose is an input (1 if missing). It
            changes neither dose nor dollars (``PolicySpec.effect``).
        numbers, doses: as in :class:`ParameterSet`. Doses are limited to the policy's maximum.

    Returns:
        The scenario of the point.

    Raises:
        SettingError: a value is invalid.
    """
    named = (POLICY, EFFECT)
    changes = {p: v for p, v in inputs.items() if p != DUMMY and not p.startswith(named)}
    planned = {p.removeprefix(POLICY): v for p, v in inputs.items() if p.startswith(POLICY)}
    if planned:
        present = {spec.id: spec for spec in scenario.policies if spec.id in planned}
        unchanged = [spec for spec in scenario.policies if spec.id not in planned]
        varied = {p.removeprefix(EFFECT): v for p, v in inputs.items() if p.startswith(EFFECT)}
        effect = {**(effectiveness or {}), **varied}
        used = {name: present.get(name) or PolicySpec(id=name) for name in planned}
        used_doses = {
            name: min(dose * doses[name], policy_class(name).high)
            if doses and name in doses
            else dose
            for name, dose in planned.items()
            if dose > 0.0
        }
        added = [
            dataclasses.replace(
                used[name].with_numbers((numbers or {}).get(name, {})),
                dose=dose,
                dollars=None,
                effect=effect.get(name, used[name].effect),
            )
            for name, dose in used_doses.items()
        ]
        changes["policies"] = (*unchanged, *added)
    return scenario.with_settings(changes)


def full_programme(name: str, where: str) -> Policy:
    """Return a policy at dose 1.

    Args:
        name: policy id.
        where: the place that an error message names.

    Returns:
        The policy.

    Raises:
        SettingError: the policy is unknown.
    """
    try:
        return policy_class(name).full_programme()
    except SettingError as error:
        raise SettingError(where, error.reason, error.hint) from None


def _policy(scenario: Scenario, path: str, where: str) -> Factor:
    """Create the factor for a policy's dose."""
    name = path.removeprefix(POLICY)
    policy = full_programme(name, where)
    present = [spec for spec in scenario.policies if spec.id == name]
    if len(present) > 1:
        hint = "Keep only one of them in the scenario."
        raise SettingError(where, "the scenario has this policy more than once", hint)
    declared = Param(value=policy.low, unit="dose", low=policy.low, high=policy.high, doc="Dose.")
    spec = present[0] if present else PolicySpec(id=name)
    return Factor(path, float, policy.low, policy.high, "dose", declared, spec)


def _effect(path: str, where: str) -> Factor:
    """Create the factor for a policy's effect."""
    full_programme(path.removeprefix(EFFECT), where)
    high = LARGEST_EFFECT
    declared = Param(value=1.0, unit="ratio", low=0.0, high=high, doc="Effect over the declared.")
    return Factor(path, float, 0.0, high, "ratio", declared)


def yearly_dollars(spec: PolicySpec) -> float:
    """Return a policy's dollars per year at dose 1, with its parameters."""
    plain_spec = PolicySpec(id=spec.id, dose=1.0, numbers=spec.numbers)
    return make(plain_spec, *_CALENDAR).full_dollars


def _dose(spec: PolicySpec, text: str, where: str) -> float:
    """Convert ``250M`` (dollars per year) or ``0.5`` to a dose, at a policy's price."""
    typed = parse_policy(f"{spec.id}:{text}", where)
    return make(dataclasses.replace(typed, numbers=spec.numbers), *_CALENDAR).dose


def _refuse(scenario: Scenario, path: str, where: str, paths: Iterable[str]) -> None:
    """Raise ``SettingError`` with the reason why a path cannot be varied, and the nearest path."""
    entries = [name for name in paths if name.startswith(f"{path}.")]
    if entries:
        hint = f"Name one of its entries, for example {entries[0]}."
        raise SettingError(where, "this is a table or a group of numbers", hint)
    if path in paths_of(scenario):
        hint = "Vary the dose of a policy as policy.ID; give other settings in [set]."
        raise SettingError(where, "this setting cannot be varied", hint)
    hint = did_you_mean(path, [*paths, *(POLICY + name for name in registry())])
    hint += "Settings: twoborders parameters. Doses: policy.ID, see twoborders policies."
    raise SettingError(where, "unknown setting", hint)


# ---- samples -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample(ABC):
    """Interface of a method that chooses points. ``method`` is its name in TOML."""

    method: ClassVar[str]

    @property
    @abstractmethod
    def factors(self) -> tuple[str, ...]:
        """Paths to the varied values, ordered like the values of a point."""

    @abstractmethod
    def points(self, scenario: Scenario, seed: int) -> list[Point]:
        """Choose points.

        Args:
            scenario: the scenario that is varied.
            seed: seed for methods with random draws.

        Returns:
            One tuple of values per point, ordered like ``factors``.

        Raises:
            SettingError: a factor or a value is invalid.
        """

    def _where(self, path: str) -> str:
        """Return a factor's place for an error message."""
        return f"{self.method}.{path}"

    def _factors(self, scenario: Scenario) -> list[Factor]:
        """Return the factors after all checks."""
        if not self.factors:
            hint = 'Write for example "policy.fence" = ... below it; see twoborders parameters.'
            raise SettingError(self.method, "nothing varies", hint)
        return [factor(scenario, path, self._where(path)) for path in self.factors]


@dataclass(frozen=True)
class Given(Sample):
    """Base class: points that combine given values by path."""

    values: Mapping[str, Sequence[Any]]

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths to the varied values."""
        return tuple(self.values)

    def points(self, scenario: Scenario, seed: int) -> list[Point]:
        """Return the points.

        Args:
            scenario: the scenario that is varied.
            seed: not used.

        Returns:
            One tuple of values per point.

        Raises:
            SettingError: a factor or a value is invalid, a value of a grid is given twice, or
                columns of a list differ in length.
        """
        factors = self._factors(scenario)
        columns = {f.path: _column(f, self.values[f.path], self._where(f.path)) for f in factors}
        return self._combine(columns)

    @abstractmethod
    def _combine(self, columns: dict[str, list[Any]]) -> list[Point]:
        """Combine checked values into points."""


@dataclass(frozen=True)
class Grid(Given):
    """All combinations of values by path. The last factor varies fastest."""

    method: ClassVar[str] = "grid"

    def _combine(self, columns: dict[str, list[Any]]) -> list[Point]:
        for path, column in columns.items():
            if len(set(column)) < len(column):
                repeated = next(value for value in column if column.count(value) > 1)
                reason = f"the value {plain(repeated)} is given twice"
                raise SettingError(self._where(path), reason, "Give it once.")
        _check_count(self.method, math.prod(map(len, columns.values())))
        return list(itertools.product(*columns.values()))


@dataclass(frozen=True)
class Listed(Given):
    """Points listed as columns: values by path, all of the same length."""

    method: ClassVar[str] = "list"

    def _combine(self, columns: dict[str, list[Any]]) -> list[Point]:
        lengths = {path: len(column) for path, column in columns.items()}
        if len(set(lengths.values())) > 1:
            counts = ", ".join(f"{path} has {n}" for path, n in lengths.items())
            hint = "Give every factor one value per point."
            raise SettingError(self.method, f"the columns differ in length ({counts})", hint)
        _check_count(self.method, max(lengths.values()))
        return list(zip(*columns.values(), strict=True))


@dataclass(frozen=True)
class Drawn(Sample):
    """Base class: ``n`` points in the unit cube, scaled to ``bounds``, [low, high] by path."""

    bounds: Bounds
    n: int

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths to the varied values."""
        return tuple(self.bounds)

    def points(self, scenario: Scenario, seed: int) -> list[Point]:
        """Draw the points.

        Args:
            scenario: the scenario that is varied.
            seed: seed for the draws.

        Returns:
            One tuple of values per point.

        Raises:
            SettingError: a factor, its bounds or the size are invalid.
        """
        factors = self._factors(scenario)
        ends = [f.check_bounds(self.bounds[f.path], self._where(f.path)) for f in factors]
        _check_whole_number(f"{self.method}.n", self.n, 1, MAX_POINTS)
        rows = self._cube(len(factors), seed)
        ranges = list(zip(factors, ends, strict=True))
        return [
            tuple(f.between(*end, float(u)) for (f, end), u in zip(ranges, row, strict=True))
            for row in rows
        ]

    @abstractmethod
    def _cube(self, width: int, seed: int) -> np.ndarray:
        """Draw points in the unit cube, shape (points, width)."""


@dataclass(frozen=True)
class LatinHypercube(Drawn):
    """``n`` points that put one value in each of ``n`` equal parts of every range."""

    method: ClassVar[str] = "latin_hypercube"

    def _cube(self, width: int, seed: int) -> np.ndarray:
        from scipy.stats import qmc

        return qmc.LatinHypercube(width, rng=np.random.default_rng(seed)).random(self.n)


@dataclass(frozen=True)
class Sobol(Drawn):
    """``n`` points (a power of two) of a scrambled Sobol' sequence, which fills space evenly."""

    method: ClassVar[str] = "sobol"

    def _cube(self, width: int, seed: int) -> np.ndarray:
        from scipy.stats import qmc

        power = self.n.bit_length() - 1
        if self.n != 2**power:
            hint = f"Give {2**power} or {2 ** (power + 1)}: other numbers do not fill space evenly."
            raise SettingError(f"{self.method}.n", f"{self.n} is not a power of two", hint)
        return qmc.Sobol(width, rng=np.random.default_rng(seed)).random_base2(power)


#: Sample classes by their names in TOML.
METHODS: dict[str, type[Sample]] = {
    kind.method: kind for kind in (Grid, Listed, LatinHypercube, Sobol)
}


def _column(f: Factor, values: Any, where: str) -> list[Any]:
    """Return a factor's values after all checks."""
    if not isinstance(values, list | tuple) or not values:
        empty = isinstance(values, list | tuple)
        reason = "the list is empty" if empty else f"{plain(values)} is not a list of values"
        raise SettingError(where, reason, "Give its values, for example [0.0, 0.5, 1.0].")
    return [f.check_value(value, where) for value in values]


def _check_whole_number(path: str, value: Any, low: int, high: int) -> None:
    """Raise ``SettingError`` unless a value is an integer within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        hint = f"Give a whole number from {low} to {high}."
        raise SettingError(path, f"{plain(value)} is not valid", hint)


def _check_count(method: str, count: int) -> None:
    """Raise ``SettingError`` for more points than a design may have."""
    if count > MAX_POINTS:
        hint = f"A design has at most {MAX_POINTS:,} points; a sample needs far fewer."
        raise SettingError(method, f"this makes {count:,} points", hint)


# ---- designs -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shard:
    """One of `count` blocks of a plan, numbered from 1. Block sizes differ by at most one run.

    A block is contiguous, because neighbours in a plan have the same seed and member and share a
    warm-up. Its bounds depend only on the number of runs, so that no shard creates other shards'
    cases. Number 0 represents work that cannot be divided and precedes all blocks.
    """

    number: int
    count: int

    @classmethod
    def read(cls, text: str, *, first: int = 1) -> Shard:
        """Read ``K/N``.

        Args:
            text: shard, such as ``2/4``.
            first: lowest valid K, 0 or 1.

        Returns:
            The shard.

        Raises:
            SettingError: the text is not of this form, or K is not from `first` to N.
        """
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        shard = cls(*map(int, match.groups())) if match else cls(-1, 0)
        if not first <= shard.number <= shard.count:
            hint = f"Give K/N with K from {first} to N, for example 3/64."
            raise SettingError("--shard", f"{plain(text)} is not a shard", hint)
        return shard

    def __str__(self) -> str:
        """Return ``K/N``."""
        return f"{self.number}/{self.count}"

    def places(self, runs: int) -> range:
        """Return the positions of this shard's runs in a plan with `runs` runs."""
        return range(max(0, self.number - 1) * runs // self.count, self.number * runs // self.count)


def places_of(plan: Plan) -> range:
    """Return the positions of all runs in a plan, or in its shard."""
    return plan.shard.places(len(plan)) if plan.shard else range(len(plan))


@dataclass(frozen=True)
class PlannedRun:
    """One run in a design.

    Attributes:
        point: index of the point.
        seed: seed for the run.
        inputs: varied values by path, and the member number.
        member: index of the parameter set in ``Design.members``. None if the design has no members.
    """

    point: int
    seed: int
    inputs: dict[str, Any]
    member: int | None = None


@dataclass(frozen=True)
class ParameterSet:
    """A parameter set that is applied to a design's scenario.

    Attributes:
        number: identifies the set in the results frame.
        settings: values by dotted path.
        effectiveness: factor on the effect of each policy whose dose is varied (1 if missing). It
            changes neither dose nor dollars (``PolicySpec.effect``).
        numbers: policy parameters by policy and name, for policies whose dose is varied.
        doses: factor on each varied dose, by policy. A factor below 1 represents a higher price, at
            which the same dollars buy a smaller dose.
    """

    number: int
    settings: Mapping[str, Any]
    effectiveness: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    doses: Mapping[str, float] = field(default_factory=dict)

    def scenario(self, scenario: Scenario, inputs: Mapping[str, Any]) -> Scenario:
        """Apply a point's inputs to a scenario that already has this set's settings."""
        return with_inputs(scenario, inputs, self.effectiveness, self.numbers, self.doses)


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """A scenario, sample points, and seeds for each point.

    Attributes:
        name: letters, digits, _ . and -. It also names a sweep's default folder.
        sample: method that chooses the points.
        scenario: the scenario that is varied.
        reps: number of seeds per point (and member).
        seed: the first seed. Repetition r of a point has seed + r, so that points are paired.
        paired: whether all points share the same seeds. Otherwise no seed is used twice.
        sample_seed: seed for the sample (default: `seed`).
        members: parameter sets. Every point is run with each set, with separate seeds. Varied
            values override the sets' settings.
        shard: part of the runs that ``cases`` yields. None for all.
        points: the points, one tuple of values each.

    Raises:
        SettingError: an attribute or a point is invalid.
    """

    name: str
    sample: Sample
    scenario: Scenario = field(default_factory=Scenario)
    reps: int = REPS
    seed: int = 1
    paired: bool = True
    sample_seed: int | None = None
    members: tuple[ParameterSet, ...] = ()
    shard: Shard | None = None
    points: tuple[Point, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the attributes and choose the points."""
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            hint = "Give letters, digits, _ and -: it also names the folder."
            raise SettingError("name", f"{plain(self.name)} is not a name", hint)
        _check_whole_number("reps", self.reps, 1, 100_000)
        _check_whole_number("seed", self.seed, 0, LARGEST_SEED)
        sample_seed = self.seed if self.sample_seed is None else self.sample_seed
        _check_whole_number("sample_seed", sample_seed, 0, LARGEST_SEED)
        if not isinstance(self.paired, bool):
            hint = "Write paired = true or paired = false."
            raise SettingError("paired", f"{plain(self.paired)} is not true or false", hint)
        points = tuple(self.sample.points(self.scenario, sample_seed))
        object.__setattr__(self, "points", points)  # the dataclass is frozen
        self._check_size()

    def __repr__(self) -> str:
        """Return name, factors, and how many points, seeds and members there are."""
        size = f"{len(self.points)} points, {self.reps} seeds, {len(self.members)} members"
        return f"<Design {self.name}: {', '.join(self.factors)}; {size}>"

    def _check_size(self) -> None:
        """Raise ``SettingError`` for too many runs, and for seeds above the highest valid seed."""
        if len(self) > MAX_RUNS:
            reason = f"{len(self.points):,} points with {self.reps:,} seeds are {len(self):,} runs"
            if self.members:
                reason = f"{len(self.members):,} members of " + reason
            raise SettingError("reps", reason, f"A sweep has at most {MAX_RUNS:,} runs.")
        per_member = self.reps if self.paired else len(self.points) * self.reps
        last = self.seed + max(self._seed_offset(m) for m in self._member_indices) + per_member - 1
        if last > LARGEST_SEED:
            hint = f"Seeds end at {LARGEST_SEED}."
            raise SettingError("seed", f"the seeds from {self.seed} exceed the largest seed", hint)

    def __len__(self) -> int:
        """Return the number of planned runs."""
        return len(self.points) * self.reps * len(self._member_indices)

    @property
    def _member_indices(self) -> tuple[int | None, ...]:
        """Member indices, or a single None if the design has no members."""
        return tuple(range(len(self.members))) or (None,)

    def _seed_offset(self, member: int | None) -> int:
        """Return the offset of a member's seeds."""
        return 0 if member is None else seed_offset(self.members[member].settings)

    @property
    def method(self) -> str:
        """Method that chose the points."""
        return self.sample.method

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths to the varied values."""
        return self.sample.factors

    @property
    def digest(self) -> str:
        """Hash over scenario, points and seeds, 40 hexadecimal digits.

        The hash excludes the name and the number of repetitions, which may be increased. It
        includes the contents of a user's supply files.
        """
        content = [self.scenario.digest, self.factors, self.points, self.seed, self.paired]
        if "supply" in self.factors:
            column = self.factors.index("supply")
            content.append([supply_content(str(point[column])) for point in self.points])
        if self.members:
            content.append(
                [[m.number, dict(m.settings), dict(m.effectiveness)] for m in self.members]
            )
        if any(m.numbers for m in self.members):
            content.append([[m.numbers, m.doses] for m in self.members])
        return hashlib.blake2b(json.dumps(content).encode(), digest_size=20).hexdigest()

    def inputs(self, point: int) -> dict[str, Any]:
        """Return a point's varied values by path."""
        return dict(zip(self.factors, self.points[point], strict=True))

    def plan(self) -> Iterator[PlannedRun]:
        """Yield all runs: every point with the first seed, then with the second, and so on.

        If the design has members, each seed runs every point with the first member's settings, then
        with the second member's settings, and so on.
        """
        reps, points = range(self.reps), range(len(self.points))
        for rep, member, point in itertools.product(reps, self._member_indices, points):
            shift = rep if self.paired else rep * len(points) + point
            number = {} if member is None else {MEMBER: self.members[member].number}
            seed = self.seed + shift + self._seed_offset(member)
            yield PlannedRun(point, seed, number | self.inputs(point), member)

    def scenario_at(self, point: int, member: int | None = None) -> Scenario:
        """Return a point's scenario.

        Args:
            point: index of the point.
            member: index of the parameter set. None if the design has no members.

        Returns:
            The scenario.

        Raises:
            SettingError: the point is invalid. The message names it.
        """
        return _scenario(self, point, member)

    def cases(self) -> Iterator[tuple[PlannedRun, Case]]:
        """Yield the runs of the plan, or of its shard, with their cases."""
        places = places_of(self)
        for planned in itertools.islice(self.plan(), places.start, places.stop):
            yield planned, Case(self.scenario_at(planned.point, planned.member), planned.seed)


@dataclass(frozen=True)
class CaseList:
    """A plan that lists its cases. Point k is case k. A resumed sweep may list other cases."""

    listed: tuple[Case, ...]
    name: str = "cases"
    method: str = "listed"
    factors: tuple[str, ...] = ()
    reps: int = 1
    shard: Shard | None = None

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.listed)

    @property
    def scenario(self) -> Scenario:
        """Scenario of the first case. All cases have the same world."""
        return self.listed[0].scenario

    @property
    def digest(self) -> str:
        """Hash over the name, 40 hexadecimal digits."""
        return hashlib.blake2b(self.name.encode(), digest_size=20).hexdigest()

    def cases(self) -> Iterator[tuple[PlannedRun, Case]]:
        """Yield the runs of the plan, or of its shard, with their cases."""
        for point in places_of(self):
            case = self.listed[point]
            yield PlannedRun(point, case.seed, {"scenario": case.scenario.name}), case


#: Planned runs of a store.
type Plan = Design | CaseList


@lru_cache(maxsize=_CACHED)
def _scenario(design: Design, point: int, member: int | None) -> Scenario:
    """Create a point's scenario and check its policies, once per point."""
    try:
        parameter_set = ParameterSet(0, {}) if member is None else design.members[member]
        scenario = parameter_set.scenario(_member_scenario(design, member), design.inputs(point))
        policies_of(scenario, scenario.policies)
    except SettingError as error:
        reason = f"at point {point + 1}, {error.reason}"
        raise SettingError(error.path, reason, error.hint, error.origin) from None
    return scenario


@lru_cache(maxsize=_CACHED)
def _member_scenario(design: Design, member: int | None) -> Scenario:
    """Return the design's scenario with one ensemble member's settings, or unchanged for None."""
    settings = {} if member is None else design.members[member].settings
    return design.scenario.with_settings(settings) if settings else design.scenario
