"""Adapters for other methods: the model as a function of dollars and uncertain numbers.

A :class:`PolicyFunction` takes rows of numbers, as BoTorch and scipy call a function. The other
adapters describe it to the EMA Workbench, SALib and Optuna, which come with the extra ``adapters``
and are imported when an adapter is called. All runs are made by ``twoborders.run`` on the same
seeds, and results have the human costs in addition to the requested outcomes.
"""

from __future__ import annotations

import copy
import importlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.measures import ENTRIES, HUMAN_COSTS, OUTCOMES
from abm.policies import policy_class
from abm.scenario import PolicySpec, Scenario, SettingError
from agents.param import Param, check, check_name
from experiments.runs.files import require_packages
from experiments.runs.study_inputs import read_budgets
from experiments.studies.ask.uncertain_numbers import number_label
from experiments.studies.optimise.drawn_numbers import drawn_numbers, policy_numbers
from experiments.studies.sensitivity.inputs import VariedFactor, read_factors
from experiments.sweeps.design import full_programme
from twoborders import arguments
from twoborders.studies import ScenarioInput, _places, _scenario, _seeds, run

_LIMIT = Param(value=0.0, unit="share of the baseline", low=-1.0, high=100.0, doc="Largest rise.")


class PolicyFunction:
    """Changes of yearly outcomes from the baseline, as a function of dollars and numbers.

    Attributes:
        instruments: inputs in dollars per year of all payers.
        factors: bounds of all inputs by name, first the instruments.
        fixed: inputs that have a fixed value.
        outcomes: names of the results: the requested outcomes, the human costs, and
            outcomes with a limit.
    """

    def __init__(
        self,
        instruments: Sequence[str],
        uncertain: Sequence[str] = (),
        outcomes: Sequence[str] = ENTRIES,
        *,
        budget: str | float | None = None,
        limits: Mapping[str, float] | None = None,
        scenario: ScenarioInput = "baseline",
        seed: int = 1,
        reps: int = 1,
        settings: Mapping[str, Any] | None = None,
        folder: str | Path | None = None,
        jobs: int | None = None,
        executor: Executor | str | None = None,
        **keywords: Any,
    ) -> None:
        """Read all arguments. Nothing is run.

        With several seeds, every point starts worker processes, which takes seconds. For small
        runs, give ``jobs=1`` or an executor that stays open.

        Args:
            instruments: policies whose dollars are inputs.
            uncertain: numbers that vary: parameters with a drawn range, priors of the calibration,
                or ``NAME=LOW..HIGH``, as in ``twoborders.sensitivity``.
            outcomes: yearly outcomes.
            budget: constraint on the dollars per year of all instruments, such as ``250M``.
            limits: constraints on the rise of outcomes, as shares of the baseline, such as
                ``{"deaths": 0.0}``.
            scenario, seed, reps, settings: as in ``twoborders.run``.
            folder, jobs, executor, **keywords: as in ``twoborders.run``.

        Raises:
            SettingError: an argument is invalid.
        """
        changes = arguments.read_settings(PolicyFunction, settings, keywords)
        self._base, seeds = _scenario(scenario, changes), _seeds(seed, reps)
        with _places(folder, jobs, "serial" if executor is None else executor) as places:
            where = {"folder": places.get("folder"), "jobs": jobs, "executor": executor}
        self._study = (("seed", seeds.start), ("reps", len(seeds)), *where.items())
        self.budget = math.inf if budget is None else read_budgets([budget], "budget")[0]
        given = arguments.mapping("limits", limits, {"deaths": 0.0})
        names = [check_name("limits", name, OUTCOMES) for name in given]
        self.limits = {name: check(f"limits.{name}", _LIMIT, given[name]) for name in names}
        self.instruments = arguments.texts("instruments", instruments)
        if len({*self.instruments}) < len(self.instruments):
            raise SettingError("instruments", "a policy is given twice", "Give it once.")
        factors = [_lever(name, self.budget) for name in self.instruments]
        factors += _numbers(self._base, arguments.texts("uncertain", uncertain))
        self.factors, self.fixed = {factor.name: factor for factor in factors}, dict[str, float]()
        names = dict.fromkeys((*arguments.texts("outcomes", outcomes), *HUMAN_COSTS, *self.limits))
        self.outcomes = tuple(check_name("outcomes", name, OUTCOMES) for name in names)

    @property
    def inputs(self) -> dict[str, VariedFactor]:
        """Bounds of the inputs without a fixed value, by name."""
        return {name: factor for name, factor in self.factors.items() if name not in self.fixed}

    @property
    def bounds(self) -> np.ndarray:
        """Lowest and highest values, shape (2, inputs)."""
        return np.array([(factor.low, factor.high) for factor in self.inputs.values()]).T

    def at(self, **fixed: float) -> PolicyFunction:
        """Return the function of the remaining inputs, with the given inputs fixed."""
        other = copy.copy(self)
        other.fixed = self.fixed | self._checked(fixed)
        return other

    def __call__(self, points: Any) -> np.ndarray:
        """Return the changes at points, shape (..., inputs), as an array (..., outcomes)."""
        return self._by_row(self.changes, points)

    def constraints(self, points: Any) -> np.ndarray:
        """Return the violations at points, shape (..., inputs), as an array (..., constraints)."""
        return self._by_row(self.violations, points)

    def changes(self, **inputs: float) -> dict[str, float]:
        """Run a point and the baseline with the same numbers.

        Args:
            **inputs: values by name. An instrument that has no value is not bought, and a number
                that has no value stays as in the scenario. At a drawn price, dollars beyond the
                maximum dose are not spent.

        Returns:
            Mean paired difference by outcome, in its unit.

        Raises:
            SettingError: an input is not known or outside its bounds.
        """
        base, arm = self._levels(inputs)
        return (arm - base).T[[*self.outcomes]].mean().to_dict()

    def violations(self, **inputs: float) -> dict[str, float]:
        """Return by how much a point violates every constraint: at most 0 if it is satisfied.

        Returns:
            ``budget``: dollars as a share of the budget, less 1. For an outcome with a limit: its
            rise as a share of the baseline, less the limit.
        """
        changes, level = self.changes(**inputs), self._levels(inputs)[0].mean(axis=1).to_dict()
        dollars = sum((self.fixed | inputs).get(name, 0.0) for name in self.instruments)
        spent = {} if math.isinf(self.budget) else {"budget": dollars / self.budget - 1.0}
        return spent | {n: changes[n] / (level[n] or 1.0) - x for n, x in self.limits.items()}

    def _by_row(self, function: Callable[..., dict[str, float]], points: Any) -> np.ndarray:
        """Apply a function of one point to each row of an array."""
        array, names = np.asarray(points, float), [*self.inputs]
        if array.shape[-1:] != (len(names),) or not array.size:
            raise SettingError("points", f"invalid shape {array.shape}", f"Columns: {names}.")
        by_name = (dict(zip(names, row, strict=True)) for row in array.reshape(-1, len(names)))
        return np.reshape([[*function(**row).values()] for row in by_name], (*array.shape[:-1], -1))

    def _checked(self, inputs: Mapping[str, float]) -> dict[str, float]:
        """Return values within their bounds, which a rounded value may exceed by a millionth."""
        values = {}
        for name, value in inputs.items():
            factor = self.inputs[check_name("inputs", name, self.inputs)]
            bounds = Param(value=0.0, unit="bound", low=factor.low, high=factor.high, doc=name)
            ends = (factor.low, factor.high) if isinstance(value, int | float | np.number) else ()
            if any(math.isclose(value, end, rel_tol=1e-6) for end in ends):
                value = min(max(float(value), factor.low), factor.high)
            value = check(name, bounds, value)
            values[name] = round(value) if factor.is_integer else float(value)
        return values

    def _levels(self, inputs: Mapping[str, float]) -> list[pd.DataFrame]:
        """Return the levels of the baseline and of a point, shape (outcomes, seeds) each."""
        values = self.fixed | self._checked(inputs)
        pairs = [(path, values[name]) for name in values for path in self.factors[name].paths]
        settings = tuple(sorted(pair for pair in pairs if not pair[0].startswith("policies.")))
        prices, bought = policy_numbers(dict(pairs)), [n for n in self.instruments if values.get(n)]
        specs = tuple(_purchase(name, values[name], prices.get(name, {})) for name in bought)
        return [_levels(self._base, arm, settings, self._study) for arm in ((), specs)]


@lru_cache(maxsize=10_000)
def _levels(base: Scenario, specs: tuple, settings: tuple, study: tuple) -> pd.DataFrame:
    """Return all outcomes by seed. Runs are cached in the process, so the baseline runs once."""
    runs = run(base, specs, settings=dict(settings), **dict(study)).runs
    return pd.DataFrame({result.seed: result.outcomes for result in runs})


def _lever(name: str, budget: float) -> VariedFactor:
    """Return an instrument's dollars as an input, up to its maximum dose or the budget."""
    policy = full_programme(name, "instruments")
    if policy.full_dollars <= 0.0:
        raise SettingError("instruments", f"{name} costs nothing", "Give a policy with dollars.")
    return VariedFactor(name, (), 0.0, min(policy.full_dollars * policy.high, budget))


def _purchase(name: str, dollars: float, numbers: Mapping[str, float]) -> PolicySpec:
    """Return an instrument for dollars a year at its prices, at most at its maximum dose."""
    policy = policy_class(name)(dose=1.0, start=1, end=2, **numbers)
    largest = policy.full_dollars * policy.high
    return PolicySpec(id=name, dollars=min(dollars, largest), numbers=tuple(numbers.items()))


def _numbers(base: Scenario, texts: Sequence[str]) -> list[VariedFactor]:
    """Return uncertain numbers with their declared ranges, or with the bounds of a text.

    A declared number is drawn on the scale of `DrawnNumber.at`.
    """
    drawn = [(path, number) for number in drawn_numbers() for path in number.paths]
    declared = {n: VariedFactor(n, x.paths, *x.bounds, log=x.bounds[0] > 0.0) for n, x in drawn}
    others = iter(read_factors(base, [text for text in texts if text not in declared]))
    factors = [declared.get(text) or next(others) for text in texts]
    paths = [path for factor in factors for path in factor.paths]
    if len({*paths}) < len(paths):
        raise SettingError("uncertain", "a number is given twice", "Give it once.")
    return factors


def _package(name: str) -> Any:
    """Import a package of the extra, or raise ``SettingError`` that says how to install it."""
    require_packages("adapters", [name], "adapters")
    return importlib.import_module(name)


# ---- EMA Workbench -------------------------------------------------------------------------------


def ema_model(function: PolicyFunction, title: str = "TwoBorders") -> Any:
    """Return a model of the EMA Workbench.

    Args:
        function: its numbers become uncertainties, its instruments levers, its outcomes scalars of
            the kind that their desired direction gives. Names have ``_`` for every dot.
        title: name of the model, an identifier.

    Raises:
        SettingError: the EMA Workbench is not installed.
    """
    ema = _package("ema_workbench")
    model, bought = ema.Model(title, function=function.changes), function.instruments
    inputs = {name: _parameter(ema, factor) for name, factor in function.inputs.items()}
    model.levers = [parameter for name, parameter in inputs.items() if name in bought]
    model.uncertainties = [parameter for name, parameter in inputs.items() if name not in bought]
    model.outcomes = [ema.ScalarOutcome(n, kind=OUTCOMES[n].good) for n in function.outcomes]
    return model


def _parameter(ema: Any, factor: VariedFactor) -> Any:
    """Return an input as a parameter of the EMA Workbench."""
    from scipy.stats import loguniform

    name, given = _identifier(factor.name), {"variable_name": factor.name}
    if factor.log:
        return ema.RealParameter.from_dist(name, loguniform(factor.low, factor.high), **given)
    return ema.RealParameter(name, factor.low, factor.high, **given)


def _identifier(name: str) -> str:
    """Return the name of an input with ``_`` in place of dots and colons."""
    return re.sub(r"\W", "_", name)


def box_in_words(function: PolicyFunction, box: Any) -> list[str]:
    """Return a sentence for every input that a box of PRIM restricts.

    Args:
        function: the function that was explored.
        box: a ``PrimBox``, at the selected step of its trajectory.
    """
    first, last, sentences = box.box_lims[0], box.box_lim, []
    inputs = function.inputs.values()
    for factor in (factor for factor in inputs if _identifier(factor.name) in last):
        key = _identifier(factor.name)
        sides = zip(("at least", "at most"), first[key], last[key], strict=True)
        text = " and ".join(f"{side} {end:,.3g}" for side, start, end in sides if end != start)
        draws = f"drawn from {factor.low:,.3g} to {factor.high:,.3g}"
        sentences += [f"{number_label(factor.name)}: {text} ({draws})."] if text else []
    return sentences


# ---- SALib ---------------------------------------------------------------------------------------


def salib_problem(function: PolicyFunction) -> Any:
    """Return a problem of SALib. Its method ``evaluate`` takes the function itself.

    Raises:
        SettingError: SALib is not installed.
    """
    dists = ["logunif" if factor.log else "unif" for factor in function.inputs.values()]
    problem = {"names": [*function.inputs], "bounds": function.bounds.T.tolist(), "dists": dists}
    return _package("SALib").ProblemSpec(problem | {"outputs": [*function.outcomes]})


# ---- Optuna --------------------------------------------------------------------------------------


class OptunaObjective:
    """Objective of an Optuna study. All outcomes are attributes of a trial.

    Attributes:
        directions: as ``optuna.create_study`` takes them.
    """

    def __init__(self, function: PolicyFunction, *objectives: str) -> None:
        """Check the objectives, outcomes with a desired direction.

        Raises:
            SettingError: an objective is invalid, or Optuna is not installed.
        """
        _package("optuna")
        self.function, self.objectives = function, objectives
        valid = [name for name in function.outcomes if OUTCOMES[name].good]
        goods = [OUTCOMES[check_name("objectives", name, valid)].good for name in self.objectives]
        self.directions = ["maximize" if good > 0 else "minimize" for good in goods]

    def __call__(self, trial: Any) -> tuple[float, ...]:
        """Run a trial, set its attributes and constraints, and return its objectives."""
        inputs = self.function.inputs.items()
        point = {n: trial.suggest_float(n, x.low, x.high, log=x.log) for n, x in inputs}
        changes = self.function.changes(**point)
        for name, value in changes.items():
            trial.set_user_attr(name, value)
        for name, value in self.function.violations(**point).items():
            trial.set_constraint(name, value)
        return tuple(changes[name] for name in self.objectives)
