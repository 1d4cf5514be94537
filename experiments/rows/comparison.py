"""Rows of a comparison: outcomes by arm, monthly bands, mean changes, drivers, and contrasts.

The terminal, the report, ``comparison.json`` and ``outcomes.csv`` render these rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations, product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.measures import BESIDE_PRICES, DEPTHS, ENTRIES, GROUPS, OUTCOMES, PRICES
from abm.measures.outcomes import Measure
from abm.policies import policies_of
from abm.scenario import parameters
from abm.world.routes import declaration_of
from experiments.calibration.members import MIN_MEMBERS, Driver, find_drivers
from experiments.comparison.compare import Arm, Comparison
from experiments.rows.records import record
from experiments.rows.runs import failure_row, official_rows, scenario_keys
from experiments.runs.intervals import LEVEL, sample_quantiles
from experiments.runs.pairs import Difference

if TYPE_CHECKING:
    from experiments.calibration.members import EnsembleSample
    from experiments.comparison.sequential import SequentialComparison

MEASURES = OUTCOMES | PRICES
#: Figures for each outcome and arm, as JSON keys and CSV columns.
FIGURES = (
    *("baseline", "difference", "low50", "high50", "low90", "high90"),
    *("share_below_zero", "share_above_zero"),
)
#: Assumptions to which the results are most sensitive. Each text is the start of a path.
KEY_ASSUMPTIONS = (
    *("migrants.retry_returned_by_mexico", "migrants.retry_removed", "migrants.retry_mexican"),
    *("migrants.surrender.", "migrants.need_of_protection", "migrants.belief_half_life"),
    *("migrants.decision_noise", "contest.eta", "border_patrol.response"),
    *("mexico.bribe", "mexico.pay", "mexico.fatigue_half_life"),
    *("smugglers.tax_response", "smugglers.quality", "consequences.screening_us"),
)
_BAND = (0.05, 0.5, 0.95)


# ---- outcomes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome, per year.

    Attributes:
        key: outcome name.
        measure: label, unit and group.
        level: baseline median. NaN for the price of an averted entry, which exists only for an arm.
        changes: change in each arm.
    """

    key: str
    measure: Measure
    level: float
    changes: tuple[Difference, ...]

    @property
    def is_price(self) -> bool:
        """Whether the outcome is a price of an averted entry."""
        return self.key in PRICES


def outcome_rows(comparison: Comparison) -> dict[str, OutcomeRow]:
    """Return the outcomes by key, in result order, with prices and human costs last."""
    levels, words = comparison.baseline.outcomes, declaration_of(comparison.scenario.world)
    keys = comparison.arms[0].outcomes if comparison.arms else levels
    return {
        key: OutcomeRow(
            key,
            words.labelled(MEASURES[key]),
            levels[key].baseline if key in levels else math.nan,
            tuple(arm.outcomes[key] for arm in comparison.arms),
        )
        for key in keys
    }


def outcome_groups(
    keys: Iterable[str] = tuple(MEASURES), *, human_costs_with_prices: bool = False
) -> list[tuple[str, list[str]]]:
    """Group outcomes under the titles of ``abm.measures.GROUPS``.

    Args:
        keys: outcomes to group.
        human_costs_with_prices: move the outcomes in ``BESIDE_PRICES`` to the last group, directly
            after the prices. Tables need this if a price's row does not repeat them.

    Returns:
        Title and keys of every group that is not empty.
    """
    names = set(keys)
    moved = [key for key in BESIDE_PRICES if key in names] if human_costs_with_prices else []
    groups = {
        group: [k for k, m in MEASURES.items() if m.group == group and k in names.difference(moved)]
        for group in GROUPS
    }
    groups["cost"] += moved
    titles = GROUPS | ({"cost": "Cost, in dollars and in people"} if moved else {})
    return [(titles[group], chosen) for group, chosen in groups.items() if chosen]


# ---- arms ---------------------------------------------------------------------------------------


def arm_titles(comparison: Comparison) -> list[str]:
    """Return distinct titles for the baseline and all arms, with doses and numbers if needed."""
    written = [arm.title for arm in comparison.arms]
    titles = [comparison.baseline.title]
    for arm in comparison.arms:
        dose = arm.spec_text.partition(":")[2] or arm.spec_text
        title = f"{arm.title} ({dose})" if written.count(arm.title) > 1 else arm.title
        same = sum(other == title or other.startswith(f"{title} (no. ") for other in titles)
        titles.append(f"{title} (no. {same + 1})" if same else title)
    return titles


def monthly_band(arm: Arm, name: str) -> np.ndarray:
    """Compute a monthly series' quantiles over an arm's runs.

    Args:
        arm: arm with at least one run.
        name: key in ``RunResult.series``.

    Returns:
        Persons per month, shape (3, months): 5 % quantile, median, 95 % quantile. With few runs,
        both outer quantiles are the extremes (:func:`experiments.runs.intervals.sample_quantiles`).
    """
    return sample_quantiles([run.series[name] for run in arm.runs.values()], _BAND)


def interdictions_by_depth(arm: Arm) -> dict[str, float]:
    """Return mean interdictions per year over an arm's runs, from south to north."""
    return {
        title: float(np.mean([sum(run.depth[z] for z in zones) for run in arm.runs.values()]))
        for title, zones in DEPTHS.items()
    }


def planned(arm: Arm) -> float:
    """Return planned dollars per year while in force, over all payers."""
    return sum(v for v in arm.dollars.values() if math.isfinite(v))


def policy_dates(comparison: Comparison) -> list[tuple[str, str]]:
    """Return (month, event) for every policy that starts or ends after the first day."""
    dates = {}
    for spec in (spec for arm in comparison.arms for spec in arm.specs):
        for date, verb in ((spec.start, "starts"), (spec.end, "ends")):
            if date and date > comparison.scenario.start:
                dates[(date.strftime("%Y-%m"), f"{spec.id.replace('_', ' ')} {verb}")] = None
    return list(dates)


# ---- assumptions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """An assumed number: its value, or its lowest and highest value over the members."""

    path: str
    value: Any
    span: tuple[float, float] | None
    unit: str
    doc: str


def assumption_rows(
    comparison: Comparison, spans: Mapping[str, tuple[float, float]] = MappingProxyType({})
) -> list[AssumptionRow]:
    """Select the assumed numbers that matter most.

    Args:
        comparison: the scenario and the policies of the arms.
        spans: lowest and highest value of every number that differs between members, by path.

    Returns:
        The assumed numbers in ``KEY_ASSUMPTIONS``, in `spans`, and in the policies.
    """
    rows = [
        AssumptionRow(_path(row.path, spans), row.value, spans.get(row.path), row.unit, row.doc)
        for row in parameters(comparison.scenario)
        if row.assumed and (row.path.startswith(KEY_ASSUMPTIONS) or row.path in spans)
    ]
    for arm in comparison.arms:
        for policy in policies_of(comparison.scenario, arm.specs):
            rows += [
                AssumptionRow(f"{policy.id}.{n['name']}", n["value"], None, n["unit"], n["doc"])
                for n in policy.describe()["numbers"]
                if n["assumed"]
            ]
    return rows


def _path(path: str, spans: Mapping[str, tuple[float, float]]) -> str:
    """Return the path to print. Table entries with the same range share the table's path."""
    table = path.rpartition(".")[0] + "."
    same = [p for p in spans if p.startswith(table) and spans[p] == spans.get(path)]
    in_table = table.count(".") > 1  # a group's own numbers have a shorter path
    return f"{table}*" if in_table and len(same) > 1 else path


# ---- drivers and contrasts over an ensemble -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContrastRow:
    """Comparison of two arms with each other on one outcome, over an ensemble.

    ``lower`` is the number of members in which the first arm has the lower outcome. ``drivers``
    relate the gap (first arm minus second, in percentage points of the baseline) to uncertain
    parameters.
    """

    first: str
    second: str
    outcome: str
    lower: int
    drivers: list[Driver]


def changes_by_member(base: Arm, arm: Arm, outcome: str, members: int) -> list[float]:
    """Compute an outcome's mean paired change for each member.

    Args:
        base: the baseline arm.
        arm: a policy's arm.
        outcome: outcome name.
        members: number of members.

    Returns:
        Changes in percent of the baseline. NaN for a member without runs in both arms.
    """
    changes = []
    for member in range(members):
        keys = [key for key in arm.runs if key[0] == member and key in base.runs]
        before = sum(base.runs[key].outcomes[outcome] for key in keys)
        after = sum(arm.runs[key].outcomes[outcome] for key in keys)
        changes.append(100.0 * (after / before - 1.0) if before > 0.0 else float("nan"))
    return changes


def driver_rows(
    comparison: Comparison, arm: Arm, sample: EnsembleSample
) -> dict[str, list[Driver]]:
    """Relate the changes in both kinds of entries to every uncertain parameter.

    Args:
        comparison: comparison over the members of `sample`.
        arm: one of its arms.
        sample: ensemble members with their uncertain parameters.

    Returns:
        Drivers by outcome, strongest first. Outcomes with too few members are left out.
    """
    rows = {}
    for outcome in ENTRIES:
        changes = changes_by_member(comparison.baseline, arm, outcome, comparison.members)
        if sum(map(math.isfinite, changes)) >= MIN_MEMBERS:
            rows[outcome] = find_drivers(sample.numbers, changes)
    return rows


def contrast_rows(comparison: Comparison, sample: EnsembleSample) -> list[ContrastRow]:
    """Compare every two arms on both kinds of entries, member by member.

    Args:
        comparison: comparison over the members of `sample`.
        sample: ensemble members with their uncertain parameters.

    Returns:
        One row per pair of arms and outcome. Empty if there are too few members.
    """
    rows = []
    for (first, second), outcome in product(combinations(comparison.arms, 2), ENTRIES):
        first_changes, second_changes = (
            changes_by_member(comparison.baseline, arm, outcome, comparison.members)
            for arm in (first, second)
        )
        gap = [a - b for a, b in zip(first_changes, second_changes, strict=True)]
        if sum(map(math.isfinite, gap)) >= MIN_MEMBERS:
            lower = sum(value < 0.0 for value in gap)
            drivers = find_drivers(sample.numbers, gap)
            rows.append(ContrastRow(first.id, second.id, outcome, lower, drivers))
    return rows


# ---- files --------------------------------------------------------------------------------------


def comparison_json(
    comparison: Comparison,
    sample: EnsembleSample | None = None,
    sequential: SequentialComparison | None = None,
) -> dict[str, Any]:
    """Build the content of ``comparison.json``.

    Args:
        comparison: baseline and arms.
        sample: ensemble members, if one was used. They are numbered from 0 in the order of
            ``chosen``.
        sequential: stopping rule and its reviews, if pairs were added until a rule was satisfied.

    Returns:
        A JSON object. ``dollars`` of a policy is its planned cost in $ per year while in force,
        over all payers. ``dollars_unspent`` is the part that is not spent, by payer. ``reps`` is
        the number of seeds per member.
    """
    base, members = comparison.baseline, comparison.members
    return {
        **scenario_keys(comparison.scenario),
        "ensemble": ensemble_json(sample),
        "baseline": {
            **record(base, ("id", "title")),
            "reps": len(base.runs),
            "outcomes": {key: change.baseline for key, change in base.outcomes.items()},
            "digests": _digests(base, members),
        },
        "reps": len(comparison.seeds),
        "seeds": list(comparison.seeds),
        "stopping_rule": _sequential_json(sequential),
        "policies": [_arm_json(arm, members) for arm in comparison.arms],
        "drivers": _drivers_json(comparison, sample) if sample else None,
        "contrasts": [asdict(row) for row in contrast_rows(comparison, sample)] if sample else None,
        "official": official_rows(list(base.runs.values()), comparison.scenario),
        "failed": [failure_row(failure) for failure in comparison.failures],
    }


def ensemble_json(sample: EnsembleSample | None) -> dict[str, Any] | None:
    """Return the ensemble and its members in the comparison, or None if no ensemble is used."""
    if sample is None:
        return None
    keys = ("ensemble_size", "effective", "digest", "chosen", "fixed_paths")
    return {"members": len(sample)} | record(sample, keys)


def csv_rows(comparison: Comparison) -> tuple[list[str], list[list[object]]]:
    """Return the header and rows for ``outcomes.csv``. Undefined numbers are empty cells."""
    rows: list[list[object]] = []
    for arm in comparison.arms:
        for key, change in arm.outcomes.items():
            cells = [v if math.isfinite(v) else "" for v in record(change, FIGURES).values()]
            total = sum(arm.dollars.values())
            rows.append([arm.spec_text, total, key, MEASURES[key].unit, *cells])
    return ["policy", "dollars_a_year", "outcome", "unit", *FIGURES], rows


def _arm_json(arm: Arm, members: int) -> dict[str, Any]:
    """Return an arm's JSON object. `members` is the ensemble size."""
    return {
        **record(arm, ("id", "policy=spec_text", "title", "dose")),
        "dollars": sum(arm.dollars.values()),
        **record(arm, ("dollars_by_payer=dollars", "dollars_unspent")),
        "reps": len(arm.runs),
        "outcomes": {key: record(change, FIGURES) for key, change in arm.outcomes.items()},
        "digests": _digests(arm, members),
    }


def _digests(arm: Arm, members: int) -> dict[str, str]:
    """Return daily-record fingerprints by seed, or by member:seed with an ensemble."""
    return {
        f"{member}:{seed}" if members else str(seed): run.digest
        for (member, seed), run in arm.runs.items()
    }


def _drivers_json(comparison: Comparison, sample: EnsembleSample) -> dict[str, Any]:
    """Return every arm's drivers by outcome."""
    return {
        arm.id: {
            outcome: [asdict(driver) for driver in drivers]
            for outcome, drivers in driver_rows(comparison, arm, sample).items()
        }
        for arm in comparison.arms
    }


def _sequential_json(sequential: SequentialComparison | None) -> dict[str, Any] | None:
    """Return the stopping rule and its reviews, or None if the number of pairs was fixed."""
    if sequential is None:
        return None
    rule = sequential.rule
    return {
        **record(rule, ("width", "outcomes", "max_pairs", "minimum=min_values")),
        "level": LEVEL,
        "reached": sequential.reached,
        "stopped": sequential.stopped,
        "pairs": sequential.last.pairs,
        "reviews": [{"pairs": r.pairs, "widest": r.widest.width} for r in sequential.reviews],
        "means": [
            record(monitored, ("policy=arm", "outcome"))
            | record(monitored.percent, ("mean=median", "low=low90", "high=high90"))
            | record(monitored, ("width", "count=change.pairs"))
            for monitored in sequential.last.changes
        ],
    }
