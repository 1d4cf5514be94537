"""What a sensitivity analysis varies: priors of the calibration, or any number between bounds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from abm.scenario import Scenario, SettingError, parameters
from agents.param import meant, plain
from experiments.calibration.priors import PRIORS, Uncertain, value_at
from experiments.design.factors import DUMMY, Factor, factor

_WHERE = "--factor"
_FORM = "Write NAME, or NAME=LOW..HIGH, for example contest.eta=0.4..0.7."


@dataclass(frozen=True)
class VariedFactor:
    """A factor: its name, the settings that it moves together, and its range.

    ``log``: even in the logarithm. ``whole``: only whole numbers.
    """

    name: str
    paths: tuple[str, ...]
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def value_at(self, share: float) -> float | int:
        """The value at a share (0 to 1) of the way."""
        if self.whole:
            return Factor(self.name, int, self.low, self.high, "").between(
                int(self.low), int(self.high), share
            )
        return min(self.high, value_at(Uncertain(self.paths, self.low, self.high, self.log), share))


def open_priors(
    scenario: Scenario, by_hand: Collection[str] = ()
) -> tuple[list[VariedFactor], list[str]]:
    """All priors that the scenario leaves open, and the names of those that it does not.

    A prior is not varied where the scenario departs from the defaults in one of its settings, or
    somebody has set one by hand (`by_hand`, dotted paths).
    """
    own = {r.path for r in parameters(scenario) if r.value != r.default} | set(by_hand)
    held = [name for name, prior in PRIORS.items() if _overlap(prior.paths, own)]
    found = [_prior(name) for name in PRIORS if name not in held]
    if not found:
        hint = "Name what varies with --factor."
        raise SettingError(_WHERE, "the scenario sets every uncertain number itself", hint)
    return found, held


def read_factors(
    scenario: Scenario, texts: Sequence[str], by_hand: Collection[str] = ()
) -> list[VariedFactor]:
    """The factors that are named: ``NAME`` or ``NAME=LOW..HIGH``; raises ``SettingError``.

    A name is that of a prior, or a path as a design takes it: a number of the scenario, or
    ``policy.ID`` for a dose. Without bounds a prior has its own and any other number those that
    it declares. Priors keep their scale, other numbers are even between their bounds.
    """
    found = [_read_factor(scenario, text) for text in texts]
    seen: dict[str, str] = {}
    for one in found:
        for path in one.paths:
            if path in seen:
                reason = f"{seen[path]} and {one.name} both move {path}"
                raise SettingError(_WHERE, reason, "Name it once.")
            seen[path] = one.name
        if _overlap(one.paths, set(by_hand)):
            raise SettingError(_WHERE, f"{one.name} is also given by --set", "Set it or vary it.")
    return found


def _read_factor(scenario: Scenario, text: str) -> VariedFactor:
    """One factor from its written form."""
    name, given, bounds = (part.strip() for part in text.partition("="))
    if not name or (given and not bounds):
        raise SettingError(_WHERE, f"{plain(text)} is not a factor", _FORM)
    if name == DUMMY:
        raise SettingError(_WHERE, "the dummy is always there", "Leave it out.")
    alone = {prior.paths[0]: key for key, prior in PRIORS.items() if len(prior.paths) == 1}
    if name in PRIORS or (name in alone and not given):
        one = _prior(alone.get(name, name))
        return _narrowed(scenario, one, bounds) if given else one
    return _number(scenario, name, bounds)


def _prior(name: str) -> VariedFactor:
    """A prior as it is declared."""
    u = PRIORS[name]
    return VariedFactor(name, u.paths, u.low, u.high, u.log)


def _narrowed(scenario: Scenario, one: VariedFactor, bounds: str) -> VariedFactor:
    """A prior between other bounds, on its own scale."""
    ends = [_bounds(factor(scenario, path, _WHERE), bounds) for path in one.paths]
    low, high = ends[0]
    if one.log and low <= 0.0:
        hint = "Give a lowest value above 0: it is even in the logarithm."
        raise SettingError(_WHERE, f"{one.name} cannot be {plain(low)}", hint)
    return VariedFactor(one.name, one.paths, low, high, one.log)


def _number(scenario: Scenario, path: str, bounds: str) -> VariedFactor:
    """A number of the scenario or the dose of a policy."""
    try:
        found = factor(scenario, path, f"{_WHERE} {path}")
    except SettingError as error:
        guess = meant(path, PRIORS)
        raise SettingError(error.path, error.reason, guess or error.hint) from None
    if found.kind not in (int, float):
        hint = "Give a number; twoborders compare sets names side by side."
        raise SettingError(f"{_WHERE} {path}", "this is not a number", hint)
    low, high = _bounds(found, bounds) if bounds else (found.low, found.high)
    return VariedFactor(path, (path,), low, high, whole=found.kind is int)


def _bounds(found: Factor, text: str) -> tuple[float, float]:
    """Read ``LOW..HIGH``, within what the number declares."""
    where = f"{_WHERE} {found.path}"
    low, dots, high = text.partition("..")
    if not dots:
        raise SettingError(where, f"{plain(text)} is not a pair of bounds", _FORM)
    try:
        return found.bounds([_value(low), _value(high)], where)
    except SettingError as error:
        raise SettingError(
            where,
            error.reason,
            f"Give LOW..HIGH within {plain(found.low)} and {plain(found.high)} ({found.unit}).",
        ) from None


def _value(text: str) -> Any:
    """A number, or the text as it is (250M of a policy)."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip()


def _overlap(paths: Collection[str], own: Collection[str]) -> bool:
    """Whether one of the paths is set, or a table that holds it or an entry of it."""
    return any(
        f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")
        for path in paths
        for other in own
    )
