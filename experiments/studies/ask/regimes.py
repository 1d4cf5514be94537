"""Models in which the question is asked: regimes, and structural variants.

Regimes have the people of FY2013, FY2016 and FY2019, and variants differ in one assumption.

The Border Patrol has its FY2013 staff in every regime (``border_patrol.staff_year``).
A regime is a scenario change. A later regime's supply is the mean of the twelve months of its
fiscal year, held for ten years. Kinds and levels of candidates are fitted so that a run at the
defaults reproduces the apprehensions of the fiscal year. No data after September 2019 are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.studies.ask.uncertain_numbers import DECLARED, SAME, Position
from experiments.studies.optimise.horizons import days_in_years

if TYPE_CHECKING:
    from abm.scenario import Scenario


@dataclass(frozen=True)
class Regime:
    """The people who set out.

    Attributes:
        title: one-line description.
        settings: values by dotted path.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def _with_people_of(fiscal_year: int, kinds: tuple[float, ...], level: tuple[float, ...]) -> Regime:
    """Return the regime of a fiscal year whose mean supply is held for all years.

    Args:
        fiscal_year: fiscal year of the people.
        kinds: shares of candidates from the Northern Triangle.
        level: factor on each group's candidates.
    """
    settings = {
        "start": f"{fiscal_year}-10-01",
        "supply": f"to_{fiscal_year}-09_mean_12",
        "border_patrol.staff_year": 2013,
        "migrants.kind_share_northern_triangle": list(kinds),
        "migrants.known_level": list(level),
    }
    return Regime(f"people as in FY{fiscal_year}, everything else as in the base year", settings)


#: Kinds and levels were fitted at the defaults (scale 100, seeds 1 and 2). Simulated over observed
#: apprehensions of Mexicans, adults, families and children: 1.000, 1.001, 1.000, 0.999 in FY2016,
#: and 1.000, 0.996, 0.998, 1.004 in FY2019.
REGIMES = {
    "fy2013": Regime("the base year"),
    "fy2016": _with_people_of(2016, (0.782, 0.139, 0.079), (1.005, 0.676)),
    "fy2019": _with_people_of(2019, (0.5, 0.448, 0.052), (1.051, 0.39)),
}


def regime_scenario(scenario: Scenario, regime: Regime) -> Scenario:
    """Return a scenario with a regime's people, over the same number of years.

    Args:
        scenario: starts on the first of a month.
        regime: the regime. One without settings returns `scenario` unchanged.

    Returns:
        The scenario. A user's own setting of the same path is replaced.
    """
    if not regime.settings:
        return scenario
    years = round(scenario.days / 365.25)
    changed = scenario.with_settings(dict(regime.settings))
    return changed.with_settings({"days": days_in_years(changed.start, years)})


@dataclass(frozen=True)
class Variant:
    """A structural variant.

    Attributes:
        title: description.
        settings: dotted settings for every side's scenario.
        us_alone_policies: policies in force only with U.S.-only portfolios.
        ineffective: programmes that have no effect.
        drawn_supply: whether supply follows terms and a random level that each member draws.
        marginal: whether marginal pairs are run too.
        contested: position of both contested numbers in every draw. None if they are drawn.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    us_alone_policies: tuple[str, ...] = ()
    ineffective: tuple[str, ...] = ()
    drawn_supply: bool = False
    marginal: bool = False
    contested: Position | None = None


#: The model without a change of its assumptions.
UNCHANGED = Variant("")

#: Variants in the order in which they are printed. Others are compared with the first one, which
#: has the same draws, budgets, length of runs and effort of the search.
VARIANTS: dict[str, Variant] = {
    "as_is": Variant(
        "The unchanged model, with the draws, budgets, runs and search of the variants",
        marginal=True,
    ),
    "same_limits_and_law": Variant(
        "Mexico's operations have the limits of tempo of the United States and the returns of "
        "officers",
        marginal=True,
        contested=SAME,
    ),
    "declared_limits_and_law": Variant(
        "Mexico's operations have their declared limits and returns in every draw",
        marginal=True,
        contested=DECLARED,
    ),
    "no_accords": Variant(
        "Bilateral accords, the most cost-effective programme as declared, have no effect",
        ineffective=("bilateral_accords",),
    ),
    "no_overtime": Variant(
        "Overtime of the Border Patrol, in all its forms, has no effect",
        ineffective=("patrol_effort", "sector_surge", "joint_operations"),
    ),
    "enforcement_only": Variant(
        "Enforcement only: work visas (legal_pathways) and prosecutions of smugglers "
        "(smuggler_prosecution) have no effect, for any side",
        marginal=True,
        ineffective=("legal_pathways", "smuggler_prosecution"),
    ),
    "drawn_supply": Variant(
        "Supply follows terms and a random level that are drawn by member", drawn_supply=True
    ),
    "prospect_theory": Variant(
        "Migrants decide by prospect theory", {"migrants.theory": "prospect"}
    ),
    "stackelberg": Variant(
        "The Border Patrol equalises marginal apprehensions (Stackelberg heuristic)",
        {"border_patrol.rule": "greedy"},
    ),
    "strategic_mexico": Variant(
        "Mexico cooperates only if aid and its own benefit exceed the cost",
        {"governments.mexico": "strategic"},
    ),
    "closed_entry": Variant(
        "No new smuggling organisations enter when margins stay high",
        {"smugglers.adaptive_entry": False},
    ),
    "withdrawn": Variant(
        "With the United States alone, Mexico also withdraws the cooperation of 2012",
        us_alone_policies=("no_cooperation",),
    ),
}

#: The first variant, to which the others are compared.
CONTROL = "as_is"
