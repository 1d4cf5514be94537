"""Select members of the packaged ensemble, and find the parameters that drive an effect.

Members differ in all uncertain parameters at once. An effect computed for each member is related to
a parameter by three statistics: the effect's median among members with low values, its median among
members with high values, and the rank correlation. This requires no further runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from abm.scenario import Scenario, SettingError, parameters
from agents.param import plain
from experiments.calibration import ensemble


@dataclass(frozen=True)
class EnsembleSample:
    """Parameter sets that represent the calibrated ensemble.

    Attributes:
        settings: settings by dotted path, one mapping per member.
        numbers: uncertain parameters by name, one mapping per member.
        chosen: indices in the ensemble, from 0. A member with a large weight may occur twice.
        ensemble_size: number of members in the whole ensemble.
        effective: number of equally weighted members with the same information.
        digest: fingerprint of the ensemble.
        fixed_paths: paths that the ensemble varies but the scenario or ``--set`` fixes.
    """

    settings: tuple[Mapping[str, Any], ...] = field(repr=False)
    numbers: tuple[Mapping[str, float], ...] = field(repr=False)
    chosen: tuple[int, ...]
    ensemble_size: int
    effective: float
    digest: str
    fixed_paths: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self.settings)

    def subset(self, places: Iterable[int]) -> EnsembleSample:
        """Return the members at the given positions in this sample, from 0."""
        places = tuple(places)
        settings, numbers, chosen = (
            tuple(values[k] for k in places)
            for values in (self.settings, self.numbers, self.chosen)
        )
        return replace(self, settings=settings, numbers=numbers, chosen=chosen)

    def ranges(self, scenario: Scenario) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest value of every parameter that differs between members."""
        tables = [parameters(scenario.with_settings(settings)) for settings in self.settings]
        ranges = {}
        for rows in zip(*tables, strict=True):
            values = {row.value for row in rows}
            if len(values) > 1:
                ranges[rows[0].path] = (min(values), max(values))
        return ranges


def draw_members(
    chosen: int | Iterable[int],
    scenario: Scenario,
    *,
    by_hand: Collection[str] = (),
    where: str = "--members",
) -> EnsembleSample:
    """Select packaged ensemble members for a scenario.

    Args:
        chosen: number of members, or their indices in the ensemble, from 0.
        scenario: scenario of the runs. Settings in which it differs from the defaults are removed
            from every member.
        by_hand: paths that the user has set, removed from every member even at default values.
        where: name of the option in error messages.

    Returns:
        The members.

    Raises:
        SettingError: the ensemble is missing or its members cannot be used.
    """
    packaged = ensemble.read(where=where)
    chosen = _indices(chosen, packaged, where)
    members = [packaged.members[k].settings for k in chosen]
    set_paths = {r.path for r in parameters(scenario) if r.value != r.default} | set(by_hand)
    paths = {path for member in members for path in member}
    fixed = sorted(path for path in paths if any(overlap(path, other) for other in set_paths))
    settings = tuple({k: v for k, v in member.items() if k not in fixed} for member in members)
    for member in settings:
        _check(scenario, member, where)
    numbers = tuple(packaged.members[k].numbers for k in chosen)
    return EnsembleSample(
        settings,
        numbers,
        chosen,
        len(packaged.members),
        packaged.effective,
        packaged.digest,
        tuple(fixed),
    )


def _indices(
    chosen: int | Iterable[int], packaged: ensemble.Ensemble, where: str
) -> tuple[int, ...]:
    """Return the indices of the requested members. Raise ``SettingError`` if they do not exist."""
    size = len(packaged.members)
    if isinstance(chosen, int):
        if not 1 <= chosen <= size:
            reason = f"invalid number of members {chosen}: the ensemble has {size}"
            raise SettingError(where, reason, "Give a smaller number." if size else ensemble.MAKE)
        return tuple(packaged.sample_indices(chosen))
    places = tuple(chosen)
    if not places or not all(0 <= k < size for k in places):
        raise SettingError(
            where, f"invalid indices {plain(places)}", f"Give whole numbers from 0 to {size - 1}."
        )
    return places


def overlap(path: str, other: str) -> bool:
    """Return whether two paths are the same or one contains the other."""
    return f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")


def _check(scenario: Scenario, settings: Mapping[str, Any], where: str) -> None:
    """Apply a member to the scenario, so that an error is raised before any run."""
    try:
        scenario.with_settings(settings)
    except SettingError as error:
        reason = f"the packaged ensemble does not fit this scenario: {error}"
        raise SettingError(
            where, reason, "Run `twoborders calibrate --out FOLDER` to create another."
        ) from None


# ---- drivers -------------------------------------------------------------------------------------

THIRD = 1.0 / 3.0
CRITICAL_Z = 2.58  # standard errors; 1 in 100 unrelated parameters exceeds it
MIN_MEMBERS = 12  # minimum number of members for medians of thirds


@dataclass(frozen=True, slots=True)
class Driver:
    """Relation between an effect and one parameter.

    Attributes:
        name: parameter name.
        low, high: median effect in the third of members with the lowest and highest values.
        rank: Spearman's rank correlation.
        significant: whether at most 1 in 100 unrelated parameters would exceed this correlation.
        turns: whether it is significant and the two medians differ in sign.
    """

    name: str
    low: float
    high: float
    rank: float
    significant: bool
    turns: bool


def find_drivers(numbers: Sequence[Mapping[str, float]], effects: Sequence[float]) -> list[Driver]:
    """Compare an effect with every parameter that differs between members.

    Args:
        numbers: uncertain parameters by member.
        effects: a policy's effect on an outcome, by member. Members with NaN are left out.

    Returns:
        Drivers by decreasing absolute rank correlation.

    Raises:
        ValueError: fewer than ``MIN_MEMBERS`` effects are finite.
    """
    pairs = [(member, e) for member, e in zip(numbers, effects, strict=True) if np.isfinite(e)]
    if len(pairs) < MIN_MEMBERS:
        raise ValueError(f"too few members: {len(pairs)}; expected at least {MIN_MEMBERS}")
    effect = np.array([e for _, e in pairs])
    drivers = []
    for name in pairs[0][0]:
        values = np.array([member[name] for member, _ in pairs])
        if np.ptp(values) > 0.0:
            drivers.append(_driver(name, values, effect))
    return sorted(drivers, key=lambda driver: -abs(driver.rank))


def _driver(name: str, values: np.ndarray, effect: np.ndarray) -> Driver:
    """Compare an effect with one parameter."""
    from scipy.stats import rankdata

    order = np.argsort(values, kind="stable")
    third = max(1, round(THIRD * values.size))
    low, high = (float(np.median(effect[part])) for part in (order[:third], order[-third:]))
    ranks = rankdata(values), rankdata(effect)
    rank = float(np.corrcoef(*ranks)[0, 1]) if np.ptp(effect) > 0.0 else 0.0
    significant = abs(rank) > CRITICAL_Z / np.sqrt(values.size - 1.0)
    return Driver(name, low, high, rank, significant, significant and low * high < 0.0)
