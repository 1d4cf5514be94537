"""Solve for the constants that reproduce the base year, for given uncertain parameters.

The constants are candidate pools, one constant per sector, hazards in Mexican zones, the risk of
death by sector, the burden of travelling alone, the base cost per attempt, and the value of the
legal channel. They are adjusted step by step until FY2013 agrees with the record in apprehensions,
sector shares, Mexico's share by state, deaths, the use of guides, fees, and visas issued. Visas
agree with the record if applications equal decisions (declared visas divided by the share of
decisions that are not refusals), so that the queue neither grows nor shrinks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from abm import legal_channel
from abm.scenario import Scenario
from abm.world import geography
from abm.world.vocabulary import SECTORS
from agents.labels import STATES
from agents.param import params_of
from experiments.runs.case import Case, FirstYear, RunResult
from experiments.runs.run import run_one
from experiments.validation.statistics import GROUPS, first_year
from experiments.validation.targets import target

STEP_SECTOR = 70.0  # $ per unit of log share, half the route noise
MIN_SHARE = 0.004  # smaller shares are mostly noise and are not adjusted further
#: Target for Mexico's share of apprehensions.
_SHARE = "P7.october_april"


#: Initial constants for every draw, so that a calibration does not depend on defaults from an
#: earlier calibration. They were fitted by hand to the base year. Nearby values lead to the same
#: solution.
INITIAL_VALUES: dict[str, Any] = {
    "migrants.pool": [884000.0, 889900.0],
    "migrants.legal_value": [-5428.0, -12460.0],
    "routes.sector_constant": [220.8, 225.2, -120.7, 237.4, -238.7, 404.3, -301.4, -108.9, 95.67],
    "mexico.leg_hazard": [0.04521, 0.04043, 0.01311, 0.04497, 0.006023, 0.01256],
    "migrants.death_sector": [
        0.2308,
        0.06386,
        0.183,
        0.4075,
        0.1599,
        0.1901,
        0.1596,
        0.308,
        0.2144,
    ],
    "migrants.solo_burden": [8105.0, 4192.0],
    "smugglers.cost_base": [66.6, 290.4],
}


def observed_figures() -> dict[str, Any]:
    """Return the base-year target values that the constants must reproduce."""
    by_sector = [geography.apprehensions_by_sector(2013, column) for column in GROUPS.values()]
    shares = [np.array([counts[s] for s in SECTORS]) for counts in by_sector]
    caught, dead = geography.apprehensions_by_sector(2013), geography.deaths_by_sector(2013)
    states = geography.mexican_interceptions_by_state("2014-01")
    national = geography.mexican_interceptions_national("2014-01")

    def both_groups(part: str) -> list[float]:
        """Return a target part's observed value for each group."""
        return [target(f"{part}{g}").observed for g in GROUPS]

    return {
        "apprehended": both_groups("P1."),
        "sector_share": np.mean([share / share.sum() for share in shares], axis=0),
        "mexico_share": target(_SHARE).observed,
        "states": {state: n / national for state, n in states.items()},
        "deaths": np.array([1e4 * dead[s] / caught[s] for s in SECTORS]),
        "guided": both_groups("P9.use_"),
        "fees": both_groups("P9.fee_"),
    }


def anchor(
    base: Scenario,
    settings: Mapping[str, Any],
    *,
    seed: int,
    rounds: int,
    early: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[dict[str, Any], RunResult]:
    """Solve for the constants step by step, with one run per step and a final run.

    Args:
        base: scenario to which all settings are applied.
        settings: dotted settings of the uncertain parameters.
        seed: seed for all runs.
        rounds: number of adjustment steps.
        early: dotted settings for the runs of all steps except the last, such as a coarser scale.

    Returns:
        All settings by dotted path, and the final run, which uses them. `early` affects neither.
    """
    aim, all_settings = observed_figures(), dict(settings)
    for k in range(rounds):
        last = k == rounds - 1
        scenario = base.with_settings(all_settings | ({} if last else dict(early)))
        result = run_one(Case(scenario, seed))
        all_settings |= adjust_constants(scenario, result, aim, damping=0.7 if last else 0.9)
    return all_settings, run_one(Case(base.with_settings(all_settings), seed))


def adjust_constants(
    scenario: Scenario, result: RunResult, aim: Mapping[str, Any], damping: float
) -> dict[str, Any]:
    """Compute one step of every constant towards its observed value.

    Args:
        scenario: the run's scenario.
        result: the run, over at least 365 days.
        aim: observed values, as :func:`observed_figures` returns them.
        damping: exponent for multiplicative steps and factor for additive steps, 0 to 1.

    Returns:
        Changed settings by dotted path.

    Raises:
        ValueError: the run is shorter than a year.
    """
    return _Step(scenario, first_year(result), aim, damping).settings()


@dataclass(frozen=True)
class _Step:
    """One step of every constant, from the first year of a run towards the observed values."""

    scenario: Scenario
    year: FirstYear
    aim: Mapping[str, Any]
    damping: float

    def settings(self) -> dict[str, Any]:
        """Return the changed constants by dotted path, within their declared bounds."""
        steps = {
            "migrants.pool": self._pools(),
            "routes.sector_constant": self._sectors(),
            "mexico.leg_hazard": self._zones(),
            "migrants.death_sector": self._deaths(),
            "migrants.solo_burden": self._burdens(),
            "smugglers.cost_base": self._costs(),
            "migrants.legal_value": self._legal_values(),
        }
        return {path: self._bounded(path, values) for path, values in steps.items()}

    def _bounded(self, path: str, values: list[float]) -> list[float]:
        """Clip values to a parameter's declared bounds."""
        group, name = path.split(".")
        declared = params_of(type(getattr(self.scenario, group)))[name]
        return [float(min(declared.high, max(declared.low, v))) for v in values]

    def _pools(self) -> list[float]:
        """Scale candidate pools towards apprehensions by group."""
        simulated = [self.year.events[g]["apprehended_us"] for g in GROUPS]
        rows = zip(self.scenario.migrants.pool, self.aim["apprehended"], simulated, strict=True)
        return [pool * _ratio(o, s) ** self.damping for pool, o, s in rows]

    def _sectors(self) -> list[float]:
        """Shift the sector constants towards the mean of both groups' shares by sector."""
        shares = [[self.year.sector_shares[g][s] for s in SECTORS] for g in GROUPS]
        share = np.maximum(np.mean(shares, axis=0), MIN_SHARE)
        aim = np.maximum(self.aim["sector_share"], MIN_SHARE)
        pull = STEP_SECTOR * self.damping * np.log(aim / share)
        constants = np.array(self.scenario.routes.sector_constant)
        return (constants + np.clip(pull, -120.0, 120.0)).tolist()

    def _zones(self) -> list[float]:
        """Scale the hazards of Mexican zones towards Mexico's share and each state's share."""
        share, target_share = self.year.rates["mexico_share"], self.aim["mexico_share"]
        odds = (target_share / (1.0 - target_share)) / max(share / max(1.0 - share, 1e-6), 1e-3)
        stopped = self.year.interceptions_by_state
        total = max(sum(stopped.values()), 1.0)
        names = {name.lower(): name for name in self.aim["states"]}
        values = []
        for state, hazard in zip(STATES, self.scenario.mexico.leg_hazard, strict=True):
            local, name = 1.0, names.get(state)
            if name is not None:
                local = _ratio(self.aim["states"][name], stopped.get(name, 0.0) / total, 2.0) ** 0.7
            values.append(hazard * (min(2.0, max(0.5, odds)) * local) ** self.damping)
        return values

    def _deaths(self) -> list[float]:
        """Scale the risk of death by sector towards deaths per 10,000 apprehensions."""
        simulated = [self.year.deaths_per_10000[s] for s in SECTORS]
        factors = self.scenario.migrants.death_sector
        return [
            factor * (_ratio(o, s, 2.0) ** self.damping if o > 0.0 and math.isfinite(s) else 1.0)
            for factor, o, s in zip(factors, self.aim["deaths"], simulated, strict=True)
        ]

    def _burdens(self) -> list[float]:
        """Shift the burden of travelling alone towards the use of guides."""
        values, m = [], self.scenario.migrants
        for g, burden, observed in zip(GROUPS, m.solo_burden, self.aim["guided"], strict=True):
            simulated = min(0.995, max(0.005, self.year.rates[f"smuggler_use_{g}"]))
            gap = math.log(simulated / (1.0 - simulated)) - math.log(observed / (1.0 - observed))
            values.append(burden - self.damping * m.mode_noise * gap)
        return values

    def _costs(self) -> list[float]:
        """Shift the base cost of an attempt towards the fees."""
        rows = zip(GROUPS, self.scenario.smugglers.cost_base, self.aim["fees"], strict=True)
        return [
            cost - self.damping * 0.4 * (self.year.rates[f"fee_{g}"] - observed)
            for g, cost, observed in rows
        ]

    def _legal_values(self) -> list[float]:
        """Shift the legal channel's value towards as many applications as decisions."""
        values, m = [], self.scenario.migrants
        granted = legal_channel.granted_share(m)
        rows = zip(GROUPS, m.legal_value, m.legal_quota, m.noise_factor, strict=True)
        for g, value, visas, factor in rows:
            ratio = _ratio(visas / granted, self.year.events[g]["applied"]) if visas > 0.0 else 1.0
            values.append(value + self.damping * m.decision_noise * factor * math.log(ratio))
        return values


def _ratio(observed: float, simulated: float, largest: float = 3.0) -> float:
    """Return observed / simulated, limited to a factor of `largest` in both directions."""
    return min(largest, max(1.0 / largest, observed / simulated)) if simulated > 0.0 else largest
