"""What a validation plays: the scenario of every role, for every member of an ensemble and seed.

Roles: ``base`` (two years), ``staff:1.5``, ``staff:3``, ``surge:SECTOR``, ``2014:a`` to ``2014:c``
(the three supplies), ``2019``, ``2005``, ``estimator:nobody`` and ``estimator:doubled``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from abm.phases.historical_inputs import ANCHOR_YEAR, staffing
from abm.scenario import SettingError
from abm.scenario.policy_specs import PolicySpec
from experiments import scenarios
from experiments.calibration.doses import with_dose
from experiments.calibration.ensemble import Member, seed_offset
from experiments.run import Case

if TYPE_CHECKING:
    from abm.scenario import Scenario

YEAR = 365
#: Agents over those of the base year, for the elasticities.
STAFF_FACTORS = (1.5, 3.0)
SURGE = 1.5
SURGE_SECTORS = ("rio_grande_valley", "tucson", "laredo")  # most apprehensions in FY2013
#: Supplies of the test of 2014, and which of them counts.
SUPPLIES = {
    "a": "to_june_2014_level_2013",
    "b": "to_june_2014_mean_24",
    "c": "to_june_2014_mean_12",
}
DECLARED = "b"
HISTORIES = ("history_2014", "history_2019", "history_2005")

Settings = Mapping[str, Any]


def ensemble_members(count: int) -> list[Member] | None:
    """So many members of the packaged ensemble with their doses; None if none is packaged."""
    from experiments.calibration import ensemble

    if not ensemble.SHIPPED.exists():
        return None
    try:
        return ensemble.read(ensemble.SHIPPED).with_doses(count)
    except ValueError as error:
        raise SettingError("--ensemble", str(error), "Take fewer.") from None


def missing_scenarios() -> tuple[str, ...]:
    """Historical scenarios that are not packaged."""
    return tuple(name for name in HISTORIES if name not in scenarios.names())


def plan_runs(
    seeds: Sequence[int], scale: int, settings: Settings, ensemble: Sequence[Member] | None
) -> list[tuple[int, str, Case]]:
    """Member, role and case of every run, the longest first so that none is left for the end."""
    tasks = [
        (member, role, Case(scenario, seed + (seed_offset(one.settings) if ensemble else 0)))
        for member, one in enumerate(ensemble or [Member({}, {}, 1.0, 0.0)])
        for role, scenario in roles(
            one.settings | {"scale": scale} | dict(settings), one.doses
        ).items()
        for seed in seeds
    ]
    return sorted(tasks, key=lambda task: -task[2].scenario.days)


def count_runs(seeds: int, ensemble: int) -> int:
    """How many runs a validation plays."""
    return len(roles({})) * seeds * ensemble


def roles(
    settings: Settings, doses: Mapping[str, float] = MappingProxyType({})
) -> dict[str, Scenario]:
    """The scenario of every role under these settings, with doses of 2014 by supply."""
    base = scenarios.find("baseline").with_settings({"days": 2 * YEAR} | dict(settings))
    found = {"base": base}
    found |= {
        f"staff:{factor:g}": _with_policy(base, more_staff(factor)) for factor in STAFF_FACTORS
    }
    found |= {f"surge:{name}": _with_policy(base, surge(base, name)) for name in SURGE_SECTORS}
    found |= _histories(settings, doses)
    for name, changes in surrender_settings(base).items():
        found[f"estimator:{name}"] = base.with_settings({"days": YEAR} | changes)
    return found


def _histories(settings: Settings, doses: Mapping[str, float]) -> dict[str, Scenario]:
    """The historical scenarios that are packaged; 2014 under its three supplies."""
    found = {}
    for name in scenarios.names():
        if name in HISTORIES:
            episode = name.partition("_")[2]
            told = scenarios.find(name).with_settings(settings)
            if episode == "2014":
                for letter, supply in SUPPLIES.items():
                    one = told.with_settings({"supply": supply})
                    found[f"2014:{letter}"] = (
                        with_dose(one, doses[letter]) if letter in doses else one
                    )
            else:
                found[episode] = told
    return found


def _with_policy(scenario: Scenario, use: PolicySpec) -> Scenario:
    return scenario.with_settings({"policies": (*scenario.policies, use)})


def more_staff(factor: float) -> PolicySpec:
    """So many times the agents of the base year in every sector, from the first day."""
    agents = float(staffing(ANCHOR_YEAR).sum())
    numbers = (("agents", agents), ("hire_days", 1.0))
    return PolicySpec(id="patrol_surge", dose=factor - 1.0, numbers=numbers)


def surge(scenario: Scenario, sector: str) -> PolicySpec:
    """Half again as many agents in one sector, as a tempo that raises its hazard by as much.

    No instrument adds agents to a single sector. One that raises the tempo there, never pausing and
    without its Mexican half, is the same to the law of detection; it adds less to the calls that
    can be answered.
    """
    rise = SURGE**scenario.contest.eta - 1.0
    numbers = (
        ("sector", sector),
        ("days_on", 365.0),
        ("days_off", 0.0),
        ("us_rise", rise),
        ("mx_rise", 0.0),
        ("mx_officers", 0.0),
    )
    return PolicySpec(id="joint_operations", numbers=numbers)


def surrender_settings(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Settings of the worlds beside the base in which nobody, or twice as many, surrender.

    Chances to surrender are too high to be doubled: the families and children among candidates
    are.
    """
    adults, families, children = scenario.migrants.kind_share_northern_triangle
    twice = min(2.0, (adults + families + children) / max(families + children, 1e-12))
    more = [twice * families, twice * children]
    rest = max(0.0, adults + families + children - sum(more))
    return {
        "nobody": {"migrants.surrender": [0.0, 0.0, 0.0]},
        "doubled": {"migrants.kind_share_northern_triangle": [rest, *more]},
    }
