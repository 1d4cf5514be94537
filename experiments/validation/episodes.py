"""Plan a validation's runs: every role's scenario, for every ensemble member and seed.

Roles: ``base`` (two years), ``staff:1.5``, ``staff:3``, ``surge:SECTOR``, ``2014:a`` to ``2014:d``
(the supplies), ``2019``, ``2005``, ``release``, ``release:kept``, ``news`` (an announced
deadline in the base year), ``more_release``, ``2019:unannounced``, ``2014:unchanged``,
``2019:unchanged`` (no policy begins or ends after the last known month), ``estimator:nobody``
and ``estimator:doubled``. Scores also need ``2014:drawn``, ``2019:drawn`` and the roles in
``experiments.validation.scored_runs``. The episode of 2014 has no announcement.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from abm.phases.dated_inputs import ANCHOR_YEAR, staffing
from abm.scenario import ConsequenceChange, SettingError
from abm.scenario.policy_specs import PolicySpec
from agents.labels import GROUPS
from agents.outcomes import Kind
from experiments import scenarios
from experiments.calibration.doses import EARLIER, SUPPLIES, with_doses
from experiments.calibration.doses import EPISODES as DOSE_EPISODES
from experiments.calibration.ensemble import Member, seed_offset
from experiments.calibration.supply_fit import member_supply
from experiments.runs.case import Case
from experiments.runs.study_inputs import setting_leaves, with_policies
from experiments.validation import statistics
from experiments.validation.baseline_forecasts import KNOWN_UNTIL
from experiments.validation.scored_runs import (
    ANNOUNCEMENT,
    DECLARED,
    Settings,
    SupplyDraw,
    level_after,
    level_spread,
    scored_roles,
)
from experiments.validation.targets import month_after

if TYPE_CHECKING:
    from abm.scenario import Scenario

YEAR = 365
SEPTEMBER = 9  # last month of the U.S. fiscal year
#: Factors on the base year's agents in the runs for elasticities.
STAFF_FACTORS = (1.5, 3.0)
SURGE = 1.5
#: Settings for runs with more agents (E2, E3), which measure an effect rather than an agency's
#: growth.
UNLIMITED = {"border_patrol.limits": False}
SURGE_SECTORS = ("rio_grande_valley", "tucson", "laredo")  # most apprehensions in FY2013

Levels = Mapping[str, Sequence[float]]  # factors on each group's candidates, by episode
#: Settings that define an episode or a response.
_FIXED = (
    *("days", "start", "supply", "record", "policies", "consequence_changes"),
    *("name", "world", "scale"),
)
#: Minimum number of persons per simulated migrant in the paired runs on the end of release.
RELEASE_SCALE = 200
#: A change that ends on or after this day counts as an end of release.
FIRST_END = datetime.date(2005, 9, 1)
#: Countries whose release continues in the counterfactual of the paired runs.
KEPT = ("HN", "SV")
#: First day of the announced deadline, and its notice in days. The notice is as long as from 9
#: November 2016 to 20 January 2017, but begins two months later in the year.
ANNOUNCED, NOTICE = datetime.date(2013, 1, 7), 72


def refuse_fixed_settings(
    settings: Settings, fixed: Collection[str] = _FIXED, reason: str = "a validation fixes it"
) -> None:
    """Raise ``SettingError`` for a setting that a study fixes.

    Args:
        settings: values by dotted path.
        fixed: paths of these settings (default: the settings that define an episode).
        reason: text of the error.
    """
    for path in setting_leaves(settings.items()):
        if path in fixed:
            hint = "Set numbers of `twoborders parameters`; the scale has a separate option."
            raise SettingError(path, reason, hint)


def plan_runs(
    seeds: Sequence[int],
    scale: int,
    settings: Settings,
    ensemble: Sequence[Member] | None,
    *,
    scores: bool = False,
) -> list[tuple[int, str, Case]]:
    """List a validation's runs, longest first, so that workers finish at about the same time.

    Args:
        seeds: seeds of every scenario, offset by member.
        scale: persons per simulated migrant.
        settings: dotted settings applied to every scenario.
        ensemble: members. None for the default scenario alone.
        scores: whether to include the runs for yearly scores.

    Returns:
        One tuple (member index, role, case) per run.
    """
    tasks = [
        (member, role, Case(scenario, seed + (seed_offset(parameters.settings) if ensemble else 0)))
        for member, parameters in enumerate(ensemble or [Member({}, {}, 1.0, 0.0)])
        for role, scenario in roles(
            parameters.settings | {"scale": scale} | dict(settings),
            parameters.doses,
            levels=parameters.levels,
            scores=scores,
            draw=partial(member_supply, parameters) if ensemble else None,
        ).items()
        for seed in seeds
    ]
    return sorted(tasks, key=lambda task: -task[2].scenario.days)


def roles(
    settings: Settings,
    doses: Mapping[str, float] = MappingProxyType({}),
    *,
    levels: Levels = MappingProxyType({}),
    scores: bool = False,
    draw: SupplyDraw | None = None,
) -> dict[str, Scenario]:
    """Return every role's scenario.

    Args:
        settings: dotted settings applied to every scenario.
        doses: doses of Mexico's measures by key of `experiments.calibration.doses.EPISODES`. If a
            dose is missing, the scenario's dose applies.
        levels: factors on each group's candidates by the same keys. If a level is missing, the
            scenario's level applies.
        scores: whether to include the runs for scores.
        draw: function that returns a member's supply terms for the last month to read. None uses
            the estimated means.

    Returns:
        Scenarios by role.
    """
    by_role = response_roles(settings)
    base = by_role["base"]
    free = base.with_settings(UNLIMITED)
    by_role |= {f"surge:{name}": with_policies(free, (surge(name),)) for name in SURGE_SECTORS}
    by_role |= _histories(settings, doses, levels)
    for name, changes in surrender_settings(base).items():
        by_role[f"estimator:{name}"] = base.with_settings({"days": YEAR} | changes)
    for episode, last_month in KNOWN_UNTIL.items():
        scenario = by_role[declared_role(episode)]
        if scores:
            by_role[drawn_role(episode)] = _with_random_level(scenario, last_month)
        others = tuple(use for use in scenario.policies if use.id != ANNOUNCEMENT)
        by_role[unannounced_role(episode)] = scenario.with_settings({"policies": others})
        still = _unchanged_policies(scenario, last_month)
        by_role[unchanged_role(episode)] = scenario.with_settings({"policies": still})
    return by_role | (scored_roles(settings, draw, doses) if scores else {})


def response_roles(settings: Settings) -> dict[str, Scenario]:
    """Return scenarios for the base year and for the responses that a calibration fits.

    Args:
        settings: dotted settings applied to every scenario.
    """
    base = scenarios.find("baseline").with_settings({"days": 2 * YEAR} | dict(settings))
    free = base.with_settings(UNLIMITED)
    by_role = {"base": base, "news": with_policies(base, (announced_deadline(),))}
    by_role["more_release"] = base.with_settings({"consequence_changes": [more_release(base)]})
    by_role |= {
        f"staff:{factor:g}": with_policies(free, (more_staff(factor),)) for factor in STAFF_FACTORS
    }
    return by_role | _releases(settings)


def declared_role(episode: str) -> str:
    """Return the role in which an episode has its declared supply."""
    return f"{episode}:{DECLARED}" if episode == "2014" else episode


def drawn_role(episode: str) -> str:
    """Return the role in which an episode has a random supply level."""
    return f"{episode}:drawn"


def unannounced_role(episode: str) -> str:
    """Return the role without an episode's announcements, or the declared role if it has none."""
    announced = any(p.id == ANNOUNCEMENT for p in scenarios.find(f"history_{episode}").policies)
    return f"{episode}:unannounced" if announced else declared_role(episode)


def unchanged_role(episode: str) -> str:
    """Return the role in which an episode has no policy change after the known months."""
    return f"{episode}:unchanged"


def _unchanged_policies(scenario: Scenario, last_month: str) -> list[PolicySpec]:
    """Return the policies in force at the end of a month, without their end dates."""
    first = datetime.date.fromisoformat(f"{month_after(last_month, 1)}-01")
    past = [use for use in scenario.policies if use.start is None or use.start < first]
    return [replace(use, end=None) for use in past if use.end is None or use.end >= first]


def _with_random_level(scenario: Scenario, last_month: str) -> Scenario:
    """Return the scenario with a random supply level after a month.

    The spread comes from yearly log changes in apprehensions, as in forecasts one year ahead.
    """
    year, month = map(int, last_month.split("-"))
    last = year - (month < SEPTEMBER)  # last whole fiscal year
    spreads = {"supply_terms.level_sd": [level_spread(group, last) for group in GROUPS]}
    return scenario.with_settings(spreads | level_after(scenario, (year, month)))


def announced_deadline() -> PolicySpec:
    """Return a policy that announces an end of release, which never takes place."""
    return PolicySpec(
        id="announcement", start=ANNOUNCED, numbers=(("deadline_days", float(NOTICE)),)
    )


def more_release(base: Scenario) -> ConsequenceChange:
    """Return a change that raises the share of Central American adults who are released."""
    return ConsequenceChange(
        source="[A] a test of the response",
        start=datetime.date(2013, 3, 1),
        countries=("GT", "HN", "SV"),
        kinds=("adult",),
        release=base.consequences.release[Kind.ADULT] + statistics.MORE_RELEASE,
    )


def _releases(settings: Settings) -> dict[str, Scenario]:
    """Return the end of release in 2005-06, and a scenario in which ``KEPT`` keeps release."""
    ended = scenarios.find("release_2005").with_settings(settings)
    ended = ended.with_settings({"scale": max(RELEASE_SCALE, ended.scale)})
    changes = [part for change in ended.consequence_changes for part in _parts(change)]
    return {"release": ended, "release:kept": ended.with_settings({"consequence_changes": changes})}


def _parts(change: ConsequenceChange) -> list[ConsequenceChange]:
    """Return a change, split if it ends with release: for ``KEPT``, it then has no end date."""
    if change.end is None or change.end < FIRST_END:
        return [change]
    ending = tuple(country for country in change.countries if country not in KEPT)
    continuing = tuple(country for country in change.countries if country in KEPT)
    parts = [replace(change, countries=ending)] if ending else []
    return parts + ([replace(change, countries=continuing, end=None)] if continuing else [])


def _histories(
    settings: Settings, doses: Mapping[str, float], levels: Levels
) -> dict[str, Scenario]:
    """Return the packaged historical scenarios, including 2014 with each of its supplies."""
    plan, national_guard, before = (
        scenarios.find(f"history_{year}").with_settings(settings) for year in (2014, 2019, 2005)
    )
    by_role = {"2005": before}
    for letter in SUPPLIES:
        # Settings are applied again, because the user's supply terms take precedence.
        scenario = plan.with_settings(DOSE_EPISODES[letter].supply_settings | dict(settings))
        by_role[f"2014:{letter}"] = with_doses(scenario, doses, letter, levels=levels)
    keys = (*EARLIER["2019"], "2019")
    level_2019 = {key: level for key, level in levels.items() if key == "2019"}
    by_role["2019"] = with_doses(national_guard, doses, *keys, levels=level_2019)
    return by_role


def more_staff(factor: float) -> PolicySpec:
    """Return a policy that multiplies the base year's agents by `factor` in every sector."""
    agents = float(staffing(ANCHOR_YEAR).sum())
    numbers = (("agents", agents), ("hire_days", 1.0))
    return PolicySpec(id="patrol_surge", dose=factor - 1.0, numbers=numbers)


def surge(sector: str) -> PolicySpec:
    """Return a policy equivalent to ``SURGE`` times the agents in one sector.

    No instrument adds agents to a single sector. ``joint_operations`` without pauses and without
    its Mexican part multiplies the sector's tempo by ``SURGE``, which affects detection and
    response capacity in the same way as more agents.

    Args:
        sector: sector label.

    Returns:
        The policy for the whole run.
    """
    numbers = (
        *(("sector", sector), ("days_on", 365.0), ("days_off", 0.0)),
        *(("us_rise", SURGE - 1.0), ("mx_rise", 0.0), ("mx_officers", 0.0)),
    )
    return PolicySpec(id="joint_operations", numbers=numbers)


def surrender_settings(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Return settings with which no migrant surrenders, or twice as many migrants surrender.

    Surrender probabilities are too high to be doubled, so the family and child shares among
    candidates are doubled instead.
    """
    adults, families, children = scenario.migrants.kind_share_northern_triangle
    factor = min(2.0, (adults + families + children) / max(families + children, 1e-12))
    more = [factor * families, factor * children]
    rest = max(0.0, adults + families + children - sum(more))
    return {
        "nobody": {"migrants.surrender": [0.0, 0.0, 0.0]},
        "doubled": {"migrants.kind_share_northern_triangle": [rest, *more]},
    }
