"""Samples: the points of the factor space that are run, one class per method.

A *sample* defines the varied factors, and ``points(scenario, seed)`` returns one row of values per
point, ordered as in ``factors``. Equal arguments return equal points.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from abm.policies.base import money
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import plain
from experiments.sweeps.design.factors import Factor, factor, yearly_dollars

Point = tuple[Any, ...]
Bounds = Mapping[str, Sequence[float]]
#: Limit on the points of one design.
MAX_POINTS = 100_000
_MAX_TRIES = 200  # rounds of n draws before bounds of shares count as too narrow


@dataclass(frozen=True)
class Sample(ABC):
    """A method that chooses points. ``method`` is its name in TOML."""

    method: ClassVar[str]

    @property
    @abstractmethod
    def factors(self) -> tuple[str, ...]:
        """Paths to the varied values, ordered like the values of a point."""

    @abstractmethod
    def points(self, scenario: Scenario, seed: int) -> list[Point]:
        """Choose the points.

        Args:
            scenario: the scenario that is varied.
            seed: of random draws, if the method has any.

        Returns:
            One tuple of values per point, ordered as in ``factors``.

        Raises:
            SettingError: a factor or a value is invalid.
        """

    def _where(self, path: str) -> str:
        """Return the place of a factor for an error message."""
        return f"{self.method}.{path}"

    def _factors(self, scenario: Scenario) -> list[Factor]:
        """Return the factors after all checks."""
        if not self.factors:
            hint = 'Write for example "policy.fence" = ... below it; see twoborders parameters.'
            raise SettingError(self.method, "nothing varies", hint)
        return [factor(scenario, path, self._where(path)) for path in self.factors]


@dataclass(frozen=True)
class Given(Sample):
    """Points that are made of the given values by path."""

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
        """Return the points of checked values by path."""


@dataclass(frozen=True)
class Grid(Given):
    """All combinations of values by path. The last factor varies fastest."""

    method: ClassVar[str] = "grid"

    def _combine(self, columns: dict[str, list[Any]]) -> list[Point]:
        for path, column in columns.items():
            if len(set(column)) < len(column):
                twice = next(value for value in column if column.count(value) > 1)
                reason = f"the value {plain(twice)} is given twice"
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
class Bounded(Sample):
    """A sample of size ``n`` between ``bounds``, which are [low, high] by path."""

    bounds: Bounds
    n: int

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths to the varied values."""
        return tuple(self.bounds)


@dataclass(frozen=True)
class _Drawn(Bounded):
    """Points that are drawn in the unit cube and scaled to the bounds."""

    @property
    def count(self) -> int:
        """Number of points."""
        return self.n

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
        ends = [f.bounds(self.bounds[f.path], self._where(f.path)) for f in factors]
        _check_size(self.method, self.n)
        _check_count(self.method, self.count)
        rows = self._cube(len(factors), seed)
        ranges = list(zip(factors, ends, strict=True))
        return [
            tuple(f.between(*end, float(u)) for (f, end), u in zip(ranges, row, strict=True))
            for row in rows
        ]

    @abstractmethod
    def _cube(self, width: int, seed: int) -> np.ndarray:
        """Draw points of the unit cube, shape (points, width)."""


@dataclass(frozen=True)
class LatinHypercube(_Drawn):
    """``n`` points such that each of ``n`` equal parts of every range holds one."""

    method: ClassVar[str] = "latin_hypercube"

    def _cube(self, width: int, seed: int) -> np.ndarray:
        from scipy.stats import qmc

        return qmc.LatinHypercube(width, rng=np.random.default_rng(seed)).random(self.n)


@dataclass(frozen=True)
class Sobol(_Drawn):
    """``n`` points (a power of two) of a scrambled Sobol' sequence, which fills space evenly."""

    method: ClassVar[str] = "sobol"

    def _cube(self, width: int, seed: int) -> np.ndarray:
        from scipy.stats import qmc

        power = self.n.bit_length() - 1
        if self.n != 2**power:
            hint = f"Give {2**power} or {2 ** (power + 1)}: other numbers do not fill space evenly."
            raise SettingError(f"{self.method}.n", f"{self.n} is not a power of two", hint)
        return qmc.Sobol(width, rng=np.random.default_rng(seed)).random_base2(power)


@dataclass(frozen=True)
class Morris(_Drawn):
    """``n`` trajectories that change one factor at a time: n * (factors + 1) points.

    ``levels`` (even) is the number of values of a factor. A step is at least half of its range.
    """

    levels: int = 4
    method: ClassVar[str] = "morris"

    @property
    def count(self) -> int:
        """Number of points: one more than factors, per trajectory."""
        return self.n * (len(self.bounds) + 1)

    def _cube(self, width: int, seed: int) -> np.ndarray:
        salib = _salib()
        levels = self.levels
        if isinstance(levels, bool) or not isinstance(levels, int) or levels not in range(2, 65, 2):
            hint = "Give an even number from 2 to 64."
            raise SettingError(
                f"{self.method}.levels", f"invalid number of levels {plain(levels)}", hint
            )
        problem = {"num_vars": width, "names": list(self.bounds), "bounds": [[0.0, 1.0]] * width}
        return salib.sample(problem, self.n, num_levels=levels, seed=seed)


@dataclass(frozen=True)
class BudgetSimplex(Bounded):
    """``n`` allocations of one budget to several policies, uniform over all allocations.

    ``budget`` is $ per year, all payers, as a number or text like "250M". ``bounds`` limit
    each policy's share (``policy.ID``). No policy gets more than its largest dose costs.
    """

    budget: float | str
    method: ClassVar[str] = "budget_simplex"

    def points(self, scenario: Scenario, seed: int) -> list[Point]:
        """Draw doses whose costs sum to the budget.

        Args:
            scenario: the scenario that is varied.
            seed: seed for the draws.

        Returns:
            One tuple of values per point.

        Raises:
            SettingError: a policy, its bounds, the budget or the size are invalid.
        """
        factors = self._factors(scenario)
        budget = self._dollars()
        yearly, low, high = self._shares(factors, budget)
        _check_size(self.method, self.n)
        _check_count(self.method, self.n)
        shares = self._draw(low, high, seed)
        doses = np.minimum(shares * budget / yearly, [f.high for f in factors])
        return [tuple(float(dose) for dose in row) for row in doses]

    def _dollars(self) -> float:
        """Return the budget in dollars per year."""
        where, budget = f"{self.method}.budget", self.budget
        hint = 'Give dollars a year up to 100B, for example 250_000_000 or "250M".'
        try:
            is_text = isinstance(budget, str)
            dollars = parse_policy(f"any:{budget}").dollars if is_text else budget
            spec = PolicySpec(id="any", dollars=dollars)
        except SettingError:
            spec = PolicySpec(id="any", dollars=0.0)
        if not spec.dollars:
            raise SettingError(where, f"{plain(budget)} is not a budget", hint)
        return spec.dollars

    def _shares(
        self, factors: list[Factor], budget: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return $ per year at dose 1, lowest and highest share by policy, shape (policies,)."""
        rows = [self._share(f, budget) for f in factors]
        yearly, low, high = np.array(rows).T
        hint = f"The budget is {money(budget)} a year; change bounds, policies or budget."
        if low.sum() > 1.0 + 1e-12:
            reason = f"the lowest shares sum to {low.sum():.3g} of the budget"
            raise SettingError(self.method, reason, hint)
        if high.sum() < 1.0 - 1e-12:
            largest = money(float(high.sum()) * budget)
            reason = f"at most {largest} can be spent within the bounds of shares and doses"
            raise SettingError(self.method, reason, hint)
        return yearly, low, high

    def _share(self, f: Factor, budget: float) -> tuple[float, float, float]:
        """Return $ per year at dose 1, lowest and highest share of one policy."""
        where = self._where(f.path)
        if f.spec is None:
            hint = "Give only policies, as policy.ID, and other settings in [set]."
            raise SettingError(where, "this is not a policy", hint)
        yearly = yearly_dollars(f.spec)
        if yearly <= 0.0:
            raise SettingError(where, "the policy has no cost", "Give it in [set] policies.")
        share = self.bounds[f.path]
        hint = "Give the bounds of its share of the budget, such as [0.0, 1.0]."
        pair = isinstance(share, list | tuple) and len(share) == 2
        if not pair or not all(
            isinstance(x, int | float) and not isinstance(x, bool) and 0.0 <= x <= 1.0
            for x in share
        ):
            raise SettingError(where, "these are not two shares from 0 to 1", hint)
        low, high = max(share[0], f.low * yearly / budget), min(share[1], f.high * yearly / budget)
        if share[0] > share[1] or low > high:
            reason = f"{plain(share[0])} of the budget is above {min(share[1], high):.3g}"
            raise SettingError(where, reason, hint + " A policy also has a largest dose.")
        return yearly, low, high

    def _draw(self, low: np.ndarray, high: np.ndarray, seed: int) -> np.ndarray:
        """Draw shares that sum to 1, uniform over all within the bounds, shape (n, policies)."""
        if len(low) == 1:
            return np.ones((self.n, 1))
        rng, room = np.random.default_rng(seed), 1.0 - low.sum()
        accepted: list[np.ndarray] = []
        for _ in range(_MAX_TRIES):
            shares = low + room * rng.dirichlet(np.ones(len(low)), self.n)
            accepted.append(shares[(shares <= high + 1e-12).all(axis=1)])
            if sum(map(len, accepted)) >= self.n:
                return np.concatenate(accepted)[: self.n]
        hint = "Widen them, or list portfolios in [list]."
        raise SettingError(self.method, "hardly any allocation is within the bounds", hint)


#: Samples by their names in TOML.
METHODS: dict[str, type[Sample]] = {
    kind.method: kind for kind in (Grid, Listed, LatinHypercube, Sobol, Morris, BudgetSimplex)
}


def _column(f: Factor, values: Any, where: str) -> list[Any]:
    """Return the values of a factor after all checks."""
    if not isinstance(values, list | tuple) or not values:
        empty = isinstance(values, list | tuple)
        reason = "the list is empty" if empty else f"{plain(values)} is not a list of values"
        raise SettingError(where, reason, "Give its values, for example [0.0, 0.5, 1.0].")
    return [f.value(value, where) for value in values]


def _check_size(method: str, n: Any) -> None:
    """Raise unless the size of a sample is a positive integer."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        hint = "Give a whole number from 1, for example n = 64."
        raise SettingError(f"{method}.n", f"{plain(n)} is not the size of a sample", hint)


def _check_count(method: str, count: int) -> None:
    """Raise for more points than a design may have."""
    if count > MAX_POINTS:
        hint = f"A design has at most {MAX_POINTS:,} points; a sample needs far fewer."
        raise SettingError(method, f"this makes {count:,} points", hint)


def _salib() -> Any:
    """Import SALib's Morris sampler, or raise with the command that installs it."""
    try:
        from SALib.sample import morris
    except ImportError:
        hint = "Run uv sync --inexact --extra analysis, or pip install SALib."
        raise SettingError("morris", "it needs the package SALib", hint) from None
    return morris
