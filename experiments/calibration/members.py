"""Members drawn from the packaged ensemble: read, checked, laid under what is set by hand."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abm.scenario import Scenario, SettingError, parameters
from agents.param import plain
from experiments.calibration import ensemble

_MAKE = "`twoborders calibrate` makes one."


@dataclass(frozen=True)
class EnsembleSample:
    """Parameter sets that stand for the calibrated ensemble, and which ensemble that is.

    ``settings``: of every member, by dotted path. ``numbers``: the uncertain ones of every member.
    ``chosen``: their places in the ensemble, from 0; one of great weight may be there twice.
    ``of`` and ``effective``: members of the whole ensemble, and how many of equal weight they are
    worth. ``held``: paths that the ensemble varies and that are the same in every member here,
    because the scenario or ``--set`` says so.
    """

    settings: tuple[Mapping[str, Any], ...]
    numbers: tuple[Mapping[str, float], ...]
    chosen: tuple[int, ...]
    ensemble_size: int
    effective: float
    digest: str
    held: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many members."""
        return len(self.settings)

    def ranges(self, scenario: Scenario) -> dict[str, tuple[float, float]]:
        """Lowest and highest value of every number that is not the same in all members."""
        tables = [parameters(scenario.with_settings(one)) for one in self.settings]
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
    where: str = "--ensemble",
) -> EnsembleSample:
    """Members of the packaged ensemble, to be laid over `scenario`.

    Args:
        chosen: how many, or their places in the ensemble, from 0.
        scenario: what it says other than the defaults is taken out of every member.
        by_hand: paths that somebody has set, also where they are as by default: taken out, too.
        where: names the place of the number in an error.

    Raises ``SettingError`` where there is no ensemble, or none that can be used.
    """
    whole = _read(where)
    chosen = _indices(chosen, whole, where)
    members = [whole.members[k].settings for k in chosen]
    own = _overridden_paths(scenario, by_hand)
    held = sorted({path for one in members for path in one if any(_overlap(path, o) for o in own)})
    settings = tuple({k: v for k, v in one.items() if k not in held} for one in members)
    for one in settings:
        _check(scenario, one, where)
    numbers = tuple(whole.members[k].numbers for k in chosen)
    return EnsembleSample(
        settings, numbers, chosen, len(whole.members), whole.effective, whole.digest, tuple(held)
    )


def _read(where: str) -> ensemble.Ensemble:
    """The packaged ensemble."""
    path = ensemble.SHIPPED
    try:
        whole = ensemble.read(path)
    except FileNotFoundError:
        raise SettingError(where, f"there is no ensemble at {path}", _MAKE) from None
    except (OSError, ValueError) as error:
        raise SettingError(where, str(error), _MAKE) from None
    if not all(isinstance(m.settings, dict) and 0.0 < m.weight < math.inf for m in whole.members):
        raise SettingError(where, f"{path} has a member without settings or weight", _MAKE)
    return whole


def _indices(chosen: int | Iterable[int], whole: ensemble.Ensemble, where: str) -> tuple[int, ...]:
    """Places of the members that are asked for, if the ensemble has them."""
    size = len(whole.members)
    if isinstance(chosen, int):
        if not 1 <= chosen <= size:
            reason = f"{chosen} members asked for, and the ensemble has {size}"
            raise SettingError(where, reason, "Take fewer." if size else _MAKE)
        return tuple(whole.sample_indices(chosen))
    places = tuple(chosen)
    if not places or not all(0 <= k < size for k in places):
        raise SettingError(where, f"{plain(places)}: places run from 0 to {size - 1}", "Give some.")
    return places


def _overridden_paths(scenario: Scenario, by_hand: Collection[str]) -> set[str]:
    """Paths at which the scenario departs from the defaults, and those set by hand."""
    return {r.path for r in parameters(scenario) if r.value != r.default} | set(by_hand)


def _overlap(one: str, other: str) -> bool:
    """Whether two paths are the same, or one is an entry of the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _check(scenario: Scenario, settings: Mapping[str, Any], where: str) -> None:
    """Lay a member over the scenario once, so that nothing is played if it does not fit."""
    try:
        scenario.with_settings(settings)
    except SettingError as error:
        reason = f"the packaged ensemble does not fit this scenario: {error}"
        raise SettingError(where, reason, "`twoborders calibrate` makes another.") from None
