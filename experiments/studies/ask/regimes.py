"""Conditions under which the question is tested: regimes, headlines and structural variants.

Regimes have the people of FY2013, FY2016 and FY2019. Headlines differ in menu or measure. Variants
differ in one assumption.

The Border Patrol has its FY2013 staff in every regime (``border_patrol.staff_year``).
A regime changes the scenario. A later regime holds its fiscal year's mean supply for ten years. The
kinds and levels of its candidates are fitted so that a run with default parameters reproduces the
fiscal year's apprehensions. No data after September 2019 are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from abm import legal_channel
from abm.measures import ENTRIES
from experiments.studies.ask.uncertain_numbers import SAME, Position, number_label
from experiments.studies.optimise.effectiveness_prior import PROGRAMMES
from experiments.studies.optimise.horizons import DRUGS, days_in_years

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
    """Return the regime that holds a fiscal year's mean supply for all years.

    Args:
        fiscal_year: fiscal year from which the people come.
        kinds: shares of candidates from the Northern Triangle.
        level: factor on each group's candidates.
    """
    settings = {
        "start": f"{fiscal_year}-10-01",
        "supply": f"to_{fiscal_year}-09_mean_12",
        "border_patrol.staff_year": 2013,
        "migrants.kind_share_northern_triangle": list(kinds),
        "migrants.known_level": list(level),
        "employers.construction": round(legal_channel.construction(fiscal_year), 4),
    }
    return Regime(f"people as in FY{fiscal_year}, everything else as in the base year", settings)


#: Kinds and levels were fitted with default parameters (scale 100, seeds 1 and 2). Simulated
#: apprehensions of Mexicans, adults, families and children are within 0.6 % of the record.
REGIMES = {
    "fy2013": Regime("the base year"),
    "fy2016": _with_people_of(2016, (0.742, 0.164, 0.094), (1.012, 0.668)),
    "fy2019": _with_people_of(2019, (0.488, 0.459, 0.053), (1.084, 0.445)),
}


def regime_scenario(scenario: Scenario, regime: Regime) -> Scenario:
    """Return a scenario with a regime's people, over the same number of years.

    Args:
        scenario: scenario that starts on the first of a month.
        regime: regime whose people the scenario gets. If it has no settings, nothing changes.

    Returns:
        The scenario. The regime's settings replace the user's settings of the same paths.
    """
    if not regime.settings:
        return scenario
    years = round(scenario.days / 365.25)
    changed = scenario.with_settings(dict(regime.settings))
    return changed.with_settings({"days": days_in_years(changed.start, years)})


@dataclass(frozen=True)
class Headline:
    """A form of the question, which is judged separately in every regime.

    Attributes:
        title: description.
        menu: key in ``sides.MENUS``.
        measures: names of the judged outcomes.
        marginal: whether marginal pairs are run too.
    """

    title: str
    menu: str = "core"
    measures: tuple[str, ...] = ENTRIES
    marginal: bool = True


#: The first headline. All other headlines continue its search.
CORE = "core"
HEADLINES: dict[str, Headline] = {
    CORE: Headline("people, core instruments"),
    "enforcement": Headline("people, enforcement only", "enforcement"),
    "all": Headline("people, core with remain_in_mexico and expulsion", "all", marginal=False),
    "drugs": Headline("hard drugs, core instruments", measures=(DRUGS,)),
}


@dataclass(frozen=True)
class Variant:
    """A structural variant, under which the chosen portfolios are run again.

    Attributes:
        title: description.
        settings: dotted settings.
        values: uncertain numbers by name.
        ineffective: ids of programmes that have no effect.
        drawn_supply: whether supply follows supply terms and a random level, drawn for each member.
        contested: position of both contested numbers, 0 to 1.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    ineffective: tuple[str, ...] = ()
    drawn_supply: bool = False
    contested: Position | None = None


VARIANTS: dict[str, Variant] = {
    "same_limits_and_law": Variant(
        "Mexico's operations have the limits of tempo of the United States and the returns of "
        "officers",
        contested=SAME,
    ),
    "no_accords": Variant("Bilateral accords have no effect", ineffective=("bilateral_accords",)),
    "no_overtime": Variant(
        "Overtime of the Border Patrol has no effect", ineffective=PROGRAMMES[0]
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
    "dear_sentences": Variant(
        "A sentence costs a smuggling organisation $80,000", {"smugglers.sentence_loss": 80_000.0}
    ),
    "dear_petition_cheap_workers": Variant(
        "An employer pays $5,000 for a petition, or $3,000 for an unlawful worker per season",
        values={"employers.unlawful_cost": 3_000.0, "policies.bilateral_accords.petition": 5_000.0},
    ),
    "no_h2a_growth": Variant("H-2A visas do not grow", values={"employers.h2a_growth": 0.0}),
    "closed_entry": Variant(
        "No new smuggling organisations enter when margins stay high",
        {"smugglers.adaptive_entry": False},
    ),
}


def turning_label(name: str) -> str:
    """Return the plain name of an uncertain number or of a variant."""
    return VARIANTS[name].title if name in VARIANTS else number_label(name)
