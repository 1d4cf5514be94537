"""Factors in a sensitivity analysis: calibration priors, or numbers between bounds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from abm.scenario import Scenario, SettingError, parameters
from agents.param import did_you_mean, nearest_by_word, plain
from experiments.calibration.members import overlap
from experiments.calibration.priors import PRIORS, Uncertain, value_at
from experiments.sweeps.design import DUMMY, Factor, factor

_WHERE = "--factor"
_FORM = "Write NAME, or NAME=LOW..HIGH, for example contest.eta=0.4..0.7."


@dataclass(frozen=True)
class VariedFactor:
    """A group of settings that the analysis varies together.

    Attributes:
        name: name of the factor.
        paths: dotted paths of the settings that the factor changes together.
        low, high: bounds.
        log: whether the factor is uniform in the logarithm.
        is_integer: whether the factor has integer values only.
    """

    name: str
    paths: tuple[str, ...]
    low: float
    high: float
    log: bool = False
    is_integer: bool = False

    def value_at(self, share: float) -> float | int:
        """Return the value at a share (0 to 1) of the range."""
        if self.is_integer:
            return Factor(self.name, int, self.low, self.high, "").between(
                int(self.low), int(self.high), share
            )
        return min(self.high, value_at(Uncertain(self.paths, self.low, self.high, self.log), share))


def open_priors(
    scenario: Scenario, by_hand: Collection[str] = ()
) -> tuple[list[VariedFactor], list[str]]:
    """Return the priors that vary, and the names of the priors that the scenario fixes.

    A prior is fixed if the scenario changes one of its settings from the default, or if the user
    has set one.

    Args:
        scenario: scenario whose changed settings fix priors.
        by_hand: dotted paths that the user has set.

    Returns:
        Factors, and names of the fixed priors.

    Raises:
        SettingError: the scenario fixes all priors.
    """
    set_paths = {r.path for r in parameters(scenario) if r.value != r.default} | set(by_hand)
    fixed = [name for name, prior in PRIORS.items() if _any_set(prior.paths, set_paths)]
    factors = [_prior(scenario, name) for name in PRIORS if name not in fixed]
    if not factors:
        hint = "Give the factors with --factor."
        raise SettingError(_WHERE, "the scenario fixes every uncertain parameter", hint)
    return factors, fixed


def read_factors(
    scenario: Scenario, texts: Sequence[str], by_hand: Collection[str] = ()
) -> list[VariedFactor]:
    """Parse factors of the form ``NAME`` or ``NAME=LOW..HIGH``.

    A name means a prior, a scenario number, or ``policy.ID`` for a dose. If no bounds are given, a
    prior has its calibration bounds, and any other number its declared bounds. Priors keep their
    scale. All other numbers are uniform between their bounds.

    Args:
        scenario: scenario that is varied. It also fixes the bounds of relative priors.
        texts: one text per factor.
        by_hand: dotted paths that the user has set.

    Returns:
        The factors in the same order.

    Raises:
        SettingError: a factor is invalid, or a setting is given twice.
    """
    factors = [_read_factor(scenario, text) for text in texts]
    names: dict[str, str] = {}
    for varied in factors:
        for path in varied.paths:
            if path in names:
                reason = f"{names[path]} and {varied.name} both change {path}"
                raise SettingError(_WHERE, reason, "Give it once.")
            names[path] = varied.name
        if _any_set(varied.paths, by_hand):
            reason = f"{varied.name} is also given by --set"
            raise SettingError(_WHERE, reason, "Set it or vary it.")
    return factors


def _read_factor(scenario: Scenario, text: str) -> VariedFactor:
    """Parse one factor."""
    name, equals, bounds = (part.strip() for part in text.partition("="))
    if not name or (equals and not bounds):
        raise SettingError(_WHERE, f"invalid factor {plain(text)}", _FORM)
    if name == DUMMY:
        raise SettingError(_WHERE, "the dummy is always included", "Leave it out.")
    alone = {prior.paths[0]: key for key, prior in PRIORS.items() if len(prior.paths) == 1}
    if name in PRIORS or (name in alone and not equals):
        prior_factor = _prior(scenario, alone.get(name, name))
        return _narrowed(scenario, prior_factor, bounds) if equals else prior_factor
    return _number(scenario, name, bounds)


def _prior(scenario: Scenario, name: str) -> VariedFactor:
    """Return a prior as a factor.

    If a prior is relative to another parameter, the factor is the prior's setting and is named by
    its path. The setting's bounds follow from the other parameter's value in the scenario.
    """
    u = PRIORS[name]
    if not u.below:
        return VariedFactor(name, u.paths, u.low, u.high, u.log)
    (other,) = PRIORS[u.below].paths
    base = next(float(row.value) for row in parameters(scenario) if row.path == other)
    return VariedFactor(u.paths[0], u.paths, u.setting(u.high, base), u.setting(u.low, base))


def _narrowed(scenario: Scenario, prior_factor: VariedFactor, bounds: str) -> VariedFactor:
    """Return a prior with other bounds, on the same scale."""
    ends = [_bounds(factor(scenario, path, _WHERE), bounds) for path in prior_factor.paths]
    low, high = ends[0]
    if prior_factor.log and low <= 0.0:
        hint = "Give a lower bound above 0: the factor is uniform in the logarithm."
        raise SettingError(_WHERE, f"invalid lower bound {plain(low)} of {prior_factor.name}", hint)
    return VariedFactor(prior_factor.name, prior_factor.paths, low, high, prior_factor.log)


def _number(scenario: Scenario, path: str, bounds: str) -> VariedFactor:
    """Return a scenario parameter or a policy dose as a factor."""
    try:
        declared = factor(scenario, path, f"{_WHERE} {path}")
    except SettingError as error:
        close = nearest_by_word(path, (*PRIORS, *(row.path for row in parameters(scenario))))
        guess = did_you_mean(path, PRIORS) or did_you_mean(close, [close] if close else [])
        raise SettingError(error.path, error.reason, guess or error.hint) from None
    if declared.kind not in (int, float):
        hint = "Give a number; `twoborders compare` compares values that are names."
        raise SettingError(f"{_WHERE} {path}", "this is not a number", hint)
    low, high = _bounds(declared, bounds) if bounds else (declared.low, declared.high)
    return VariedFactor(path, (path,), low, high, is_integer=declared.kind is int)


def _bounds(declared: Factor, text: str) -> tuple[float, float]:
    """Parse ``LOW..HIGH`` within the declared bounds."""
    where = f"{_WHERE} {declared.path}"
    low, dots, high = text.partition("..")
    if not dots:
        raise SettingError(where, f"invalid bounds {plain(text)}", _FORM)
    try:
        return declared.check_bounds([_value(low), _value(high)], where)
    except SettingError as error:
        ends = f"{plain(declared.low)} and {plain(declared.high)} ({declared.unit})"
        hint = f"Give LOW..HIGH between {ends}."
        raise SettingError(where, error.reason, hint) from None


def _value(text: str) -> Any:
    """Parse a number. Return other text unchanged (such as 250M for a policy)."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip()


def _any_set(paths: Collection[str], others: Collection[str]) -> bool:
    """Return whether a path, a table that contains it, or an entry below it is set."""
    return any(overlap(path, other) for path in paths for other in others)
