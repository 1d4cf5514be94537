"""Sensitivity indices: which points of the unit cube are played, and what the answers there say.

Two methods, both of SALib. *Morris* changes one factor at a time along trajectories and gives the
mean elementary effect ``mu``, the mean of its size ``mu_star`` and its spread ``sigma``. *Sobol'*
gives the share of the variance of the answer that a factor makes alone (first order) and with all
others (total), from Saltelli's sample. Points come in *blocks*, a trajectory or a base sample with
its crossings; each block can be left out without harm to the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from experiments.design.factors import DUMMY

if TYPE_CHECKING:
    import numpy as np

MORRIS, SOBOL = "morris", "sobol"
METHODS = (MORRIS, SOBOL)
#: Blocks below which a method says nothing.
MIN_BLOCKS = {MORRIS: 4, SOBOL: 8}
LEVELS = 4  # values of a factor along a trajectory; a step is two thirds of its range
CONFIDENCE = 0.95
_RESAMPLES, _MAX_RESAMPLED_BLOCKS = (
    1000,
    2_000_000,
)  # fewer of many blocks, so that memory holds them


@dataclass(frozen=True, slots=True)
class IndexEstimate:
    """A number with its 95 % interval, which comes from resampling the blocks."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MorrisIndices:
    """Elementary effects of a factor, in units of the answer over its whole range.

    ``mu_star``: mean size; ``mu``: mean, of either sign; ``sigma``: standard deviation, which is 0
    where the effect is the same wherever the other factors are.
    """

    factor: str
    mu_star: IndexEstimate
    mu: float
    sigma: float

    @property
    def strength(self) -> IndexEstimate:
        """What factors are ranked by."""
        return self.mu_star


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """Shares of the variance of the answer: of a factor alone, and with all its interactions."""

    factor: str
    total: IndexEstimate
    first: IndexEstimate

    @property
    def strength(self) -> IndexEstimate:
        """What factors are ranked by."""
        return self.total


type FactorIndices = MorrisIndices | SobolIndices


def block_size(method: str, factors: int) -> int:
    """Points of a block."""
    return factors + (1 if method == MORRIS else 2)


def check_size(method: str, n: int) -> None:
    """Refuse a method that is none and a number of blocks it cannot use."""
    if method not in METHODS:
        raise SettingError("--method", f"{method!r} is not known", f"Give {' or '.join(METHODS)}.")
    least = MIN_BLOCKS[method]
    if n < least:
        what = "trajectories" if method == MORRIS else "base samples"
        raise SettingError("-n", f"{n} {what} say nothing", f"Give {least} or more.")
    power = n.bit_length() - 1
    if method == SOBOL and n != 2**power:
        hint = f"Give {2**power} or {2 ** (power + 1)}: only these fill space evenly."
        raise SettingError("-n", f"{n} is not a power of two", hint)


def cube(method: str, names: Sequence[str], n: int, seed: int) -> np.ndarray:
    """Points between 0 and 1, shape (n * block, factors), block by block.

    Raises ``SettingError`` for a size that cannot be used, or where SALib is missing.
    """
    check_size(method, n)
    if method == MORRIS:
        return _salib("sample.morris").sample(_problem(names), n, num_levels=LEVELS, seed=seed)
    sample = _salib("sample.sobol").sample
    return sample(_problem(names), n, calc_second_order=False, seed=seed)


def analyse(
    method: str, names: Sequence[str], points: np.ndarray, answers: np.ndarray, seed: int = 0
) -> tuple[FactorIndices, ...]:
    """What the answers say of every factor, the strongest first and the dummy last.

    Args:
        method: "morris" or "sobol".
        names: of the factors, in the order of the columns.
        points: whole blocks of :func:`cube`, shape (blocks * block, factors).
        answers: one number for each of these points.
        seed: of the resampling.

    Shares of an answer that is the same everywhere are NaN.
    """
    lines = (_morris if method == MORRIS else _sobol)(names, points, answers, seed + 1)
    return tuple(sorted(lines, key=lambda line: (line.factor == DUMMY, -_rank(line))))


def distinguishable(line: FactorIndices, dummy: FactorIndices) -> bool:
    """Whether a factor can be told from the dummy: the 95 % interval of how far it is above it.

    The two intervals add up as those of independent estimates do.
    """
    one, other = line.strength, dummy.strength
    return one.value - other.value > math.hypot(one.high - one.value, other.high - other.value)


def _rank(line: FactorIndices) -> float:
    """Strength for sorting."""
    return line.strength.value if math.isfinite(line.strength.value) else -1.0


def _morris(
    names: Sequence[str], points: np.ndarray, answers: np.ndarray, seed: int
) -> list[FactorIndices]:
    """Morris."""
    found = _salib("analyze.morris").analyze(
        _problem(names),
        points,
        answers,
        num_resamples=_resamples(MORRIS, names, answers),
        conf_level=CONFIDENCE,
        num_levels=LEVELS,
        seed=seed,
    )
    return [
        MorrisIndices(name, _interval(star, half), float(mu), float(sigma))
        for name, star, half, mu, sigma in zip(
            names,
            found["mu_star"],
            found["mu_star_conf"],
            found["mu"],
            found["sigma"],
            strict=True,
        )
    ]


def _sobol(
    names: Sequence[str], points: np.ndarray, answers: np.ndarray, seed: int
) -> list[FactorIndices]:
    """Sobol'."""
    if float(answers.max()) == float(answers.min()):
        nothing = _interval(math.nan, math.nan)
        return [SobolIndices(name, nothing, nothing) for name in names]
    found = _salib("analyze.sobol").analyze(
        _problem(names),
        answers,
        calc_second_order=False,
        conf_level=CONFIDENCE,
        seed=seed,
        num_resamples=_resamples(SOBOL, names, answers),
    )
    return [
        SobolIndices(name, _interval(total, total_half), _interval(first, first_half))
        for name, total, total_half, first, first_half in zip(
            names, found["ST"], found["ST_conf"], found["S1"], found["S1_conf"], strict=True
        )
    ]


def _resamples(method: str, names: Sequence[str], answers: np.ndarray) -> int:
    """How often the blocks are drawn anew for an interval."""
    blocks = answers.size // block_size(method, len(names))
    return min(_RESAMPLES, max(100, _MAX_RESAMPLED_BLOCKS // blocks))


def _interval(middle: Any, half: Any) -> IndexEstimate:
    """A number and half the width of its interval."""
    middle, half = float(middle), float(half)
    return IndexEstimate(middle, middle - half, middle + half)


def _problem(names: Sequence[str]) -> dict[str, Any]:
    """The unit cube, as SALib wants it."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _salib(name: str) -> Any:
    """A module of SALib, or a word on how to get it."""
    import importlib

    try:
        return importlib.import_module(f"SALib.{name}")
    except ImportError:
        hint = "Install the extra: uv sync --extra analysis, or pip install SALib."
        raise SettingError("--method", "it needs the package SALib", hint) from None
