"""Models in which the question is asked: regimes, and structural variants.

Regimes have the people of FY2013, FY2016 and FY2019, and variants differ in one assumption.

The Border Patrol has its FY2013 staff in every regime (``border_patrol.staff_year``).
A regime is a scenario change. A later regime's supply is the mean of the twelve months of its
fiscal year, held for ten years. Kinds and levels of candidates are fitted so that a run at the
defaults reproduces the apprehensions of the fiscal year (``fit``). No data after September 2019 are
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.studies.ask.uncertain_numbers import DECLARED, SAME, Position
from experiments.studies.optimise.horizons import days_in_years

if TYPE_CHECKING:
    from abm.scenario import Scenario

#: Paths that a regime sets besides start and supply.
KINDS_PATH, LEVEL_PATH = "migrants.kind_share_northern_triangle", "migrants.known_level"
#: Path of the fiscal year of the staff, and the base year.
STAFF_PATH, STAFF_YEAR = "border_patrol.staff_year", 2013
_COLUMNS = {"mexican": "Mexico", "northern_triangle": "NTCA"}
_RECORD_KINDS = ("single_adult", "family_member", "unaccompanied_child")  # as agents.labels.KINDS
_MAX_STEP = 4.0  # largest correction after one round


@dataclass(frozen=True)
class Regime:
    """The people who set out.

    Attributes:
        id: identifier of the regime in JSON.
        title: one-line description.
        fiscal_year: fiscal year of the people.
        settings: values by dotted path.
    """

    id: str
    title: str
    fiscal_year: int
    settings: Mapping[str, Any] = field(default_factory=dict)


def _held(fiscal_year: int, kinds: Sequence[float], level: Sequence[float]) -> Regime:
    """Return the regime of a fiscal year whose mean supply is held for all years."""
    settings = {
        "start": f"{fiscal_year}-10-01",
        "supply": f"to_{fiscal_year}-09_mean_12",
        STAFF_PATH: STAFF_YEAR,
        KINDS_PATH: list(kinds),
        LEVEL_PATH: list(level),
    }
    title = f"people as in FY{fiscal_year}, everything else as in the base year"
    return Regime(f"fy{fiscal_year}", title, fiscal_year, settings)


REGIMES: dict[str, Regime] = {
    regime.id: regime
    for regime in (
        Regime("fy2013", "the base year", 2013),
        # `fit` at the defaults, scale 100, seeds 1 and 2: ratios 1.000, 1.001,
        # 1.000, 0.999
        _held(2016, (0.782, 0.139, 0.079), (1.005, 0.676)),
        # ratios 1.000, 0.996, 0.998, 1.004
        _held(2019, (0.5, 0.448, 0.052), (1.051, 0.39)),
    )
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


def observed(fiscal_year: int) -> np.ndarray:
    """Return apprehensions in a fiscal year by group and kind.

    Kinds are recorded for all nationalities together. Mexicans have the declared shares of
    candidates in every year [A]. The Northern Triangle has the shares of all other nationalities
    together [A].

    Args:
        fiscal_year: 2013 to 2019.

    Returns:
        Persons, shape (2 groups, 3 kinds).
    """
    from abm.world import geography
    from agents.labels import GROUPS
    from agents.migrants.migrant_params import MigrantParams

    months = f"{fiscal_year - 1}-10", f"{fiscal_year}-09"
    by_group = np.array(
        [sum(v for *_, v in geography.monthly_by_citizenship(_COLUMNS[g], *months)) for g in GROUPS]
    )
    sectors = geography.demographics(fiscal_year).values()
    kinds = np.array([sum(sector[kind] for sector in sectors) for kind in _RECORD_KINDS])
    mexican = by_group[0] * np.array(MigrantParams().kind_share_mexican)
    others = kinds - mexican
    return np.stack([mexican, by_group[1] * others / others.sum()])


@dataclass(frozen=True)
class Fit:
    """Result of a fit.

    Attributes:
        kinds: shares of candidates from the Northern Triangle, shape (kinds,).
        level: factor on each group's candidates, shape (groups,).
        ratio: simulated over observed apprehensions of the last round: Mexicans, then adults,
            families and children from the Northern Triangle.
    """

    kinds: tuple[float, ...]
    level: tuple[float, ...]
    ratio: tuple[float, ...]


def fit(
    regime: Regime,
    base: Scenario,
    *,
    seeds: Sequence[int] = (1, 2),
    rounds: int = 5,
) -> Fit:
    """Fit kinds and levels so that the first year has the apprehensions of the fiscal year.

    In every round the candidates of each kind are divided by the ratio of simulated to observed
    apprehensions.

    Args:
        regime: a regime with settings. Its kinds and levels are the first guess.
        base: scenario of the base year.
        seeds: seeds whose mean is compared.
        rounds: corrections. One more round measures the result.

    Returns:
        The fit, rounded like the declared values.
    """
    settings, ratio = dict(regime.settings), np.ones(4)
    for number in range(rounds + 1):
        trial = Regime(regime.id, regime.title, regime.fiscal_year, settings)
        ratio = measure(trial, base, seeds)
        if number < rounds:
            settings |= _corrected(settings, ratio)
    return Fit(tuple(settings[KINDS_PATH]), tuple(settings[LEVEL_PATH]), tuple(ratio.round(3)))


def measure(regime: Regime, base: Scenario, seeds: Sequence[int] = (1, 2)) -> np.ndarray:
    """Simulate the first year of a regime and compare it with the fiscal year.

    Args:
        regime: the regime.
        base: scenario of the base year.
        seeds: seeds whose mean is compared.

    Returns:
        Simulated over observed apprehensions as in :class:`Fit`, shape (4,).
    """
    target = observed(regime.fiscal_year)
    scenario = regime_scenario(base, regime).with_settings({"days": 365})
    simulated = np.mean([_apprehended(scenario, seed) for seed in seeds], axis=0)
    return np.array([simulated[0].sum() / target[0].sum(), *(simulated[1] / target[1])])


def _corrected(settings: Mapping[str, Any], ratio: np.ndarray) -> dict[str, list[float]]:
    """Return kinds and levels divided by the ratios of simulated to observed apprehensions."""
    steps = np.clip(ratio, 1.0 / _MAX_STEP, _MAX_STEP)
    mexican, northern = settings[LEVEL_PATH]
    candidates = northern * np.array(settings[KINDS_PATH]) / steps[1:]
    kinds = np.round(candidates / candidates.sum(), 3)
    kinds[0] = round(1.0 - float(kinds[1:].sum()), 3)
    levels = [mexican / steps[0], candidates.sum()]
    return {KINDS_PATH: kinds.tolist(), LEVEL_PATH: [round(float(level), 3) for level in levels]}


def _apprehended(scenario: Scenario, seed: int) -> np.ndarray:
    """Return simulated apprehensions between ports, shape (groups, kinds)."""
    from abm import measures
    from agents.outcomes import Event
    from experiments.runs.warmup import start_model

    model = start_model(scenario, seed)
    model.run_for(scenario.days)
    return measures.event_counts(model.ledger)[Event.APPREHENDED_US].astype(float)


@dataclass(frozen=True)
class Variant:
    """A structural variant.

    Attributes:
        title: description.
        settings: dotted settings for every side's scenario.
        us_alone_policies: policies in force only with U.S.-only portfolios.
        doubt: whether the effectiveness of programmes is uncertain.
        ineffective: programmes that have no effect.
        drawn_supply: whether supply follows terms and a random level that each member draws.
        marginal: whether marginal pairs are run too.
        contested: position of both contested numbers in every draw. None if they are drawn.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    us_alone_policies: tuple[str, ...] = ()
    doubt: bool = True
    ineffective: tuple[str, ...] = ()
    drawn_supply: bool = False
    marginal: bool = False
    contested: Position | None = None


#: Variants in the order in which they are printed. Others are compared with the first one, which
#: has the same draws, budgets, length of runs and effort of the search.
#: The model without a change of its assumptions.
UNCHANGED = Variant("")

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
    "as_declared": Variant(
        "Every programme has exactly its declared effect, and Mexico's operations their declared "
        "limits and returns",
        doubt=False,
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
#: Variants of the published answer. ``as_declared`` differs from the model in two assumptions.
PUBLISHED = tuple(name for name in VARIANTS if name != "as_declared")
