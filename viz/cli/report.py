"""From a comparison to what the report page needs to know."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType

import numpy as np

from abm.measures import DEPTHS, GROUPS, OUTCOMES, PRICES, DiscountParams
from abm.scenario import Scenario, parameters
from abm.world.routes import load_world
from agents.param import plain
from experiments.calibration.members import Drawn
from experiments.compare import Arm, Comparison, Difference, policies_of
from experiments.observed import observed_median
from experiments.run import RunResult
from viz.cli.console import payer
from viz.documents.comparison import (
    ArmReport,
    CompareReport,
    EnsembleInfo,
    OutcomeInfo,
    OutcomeRow,
    UntilInfo,
)
from viz.figures.mapdata import map_data
from viz.figures.numbers import decimals, rounded
from viz.figures.numbers import plain as shown

SERIES = (
    "got_aways",
    "unlawful_entries",
    "apprehended_us",
    "apprehended_mexico",
    "deaths",
    "kidnapped",
    "returned_unscreened",
    "set_out",
)
#: Assumptions on which the answer rests most, by the start of their path.
KEY_ASSUMPTIONS = (
    "migrants.retry_returned_by_mexico",
    "migrants.retry_removed",
    "migrants.retry_mexican",
    "migrants.surrender.",
    "migrants.need_of_protection",
    "migrants.belief_half_life",
    "migrants.decision_noise",
    "contest.eta",
    "border_patrol.response",
    "mexico.bribe",
    "mexico.pay",
    "mexico.fatigue_half_life",
    "smugglers.tax_response",
    "smugglers.quality",
    "consequences.screening_us",
)


def fill(
    comparison: Comparison,
    command: Sequence[str],
    drawn: Drawn | None = None,
    until: UntilInfo | None = None,
) -> CompareReport:
    """The report of a comparison; `command` are the words that make it again.

    `drawn`: the members of the ensemble that were played. `until`: if pairs were added until the
    mean changes were known well enough.
    """
    scenario, baseline = comparison.scenario, comparison.baseline
    world = load_world(scenario.world or None)
    runs = list(baseline.runs.values())
    spans = drawn.spans(scenario) if drawn else {}
    return CompareReport(
        title=title(comparison),
        question=question(comparison),
        scenario=scenario.name,
        start=scenario.start.isoformat(),
        days=scenario.days,
        scale=scenario.scale,
        seeds=list(comparison.seeds),
        reps=len(runs),
        months=list(runs[0].months),
        map=map_data(world),
        baseline=_arm(comparison, baseline),
        arms=[_arm(comparison, arm) for arm in comparison.arms if arm.runs],
        outcome_info=outcome_info(),
        caveats=caveats(comparison),
        command=shlex.join(command),
        version=version("twoborders"),
        digest=scenario.digest,
        assumptions=assumptions(comparison, spans),
        targets=observed_median(runs),
        policy_dates=policy_dates(comparison),
        ensemble=_ensemble(drawn, len(spans)),
        until=until,
    )


def _ensemble(drawn: Drawn | None, varied: int) -> EnsembleInfo | None:
    """Which members were played, in the words of the report."""
    if drawn is None:
        return None
    return EnsembleInfo(
        len(drawn), drawn.of, drawn.effective, drawn.digest, varied, list(drawn.held)
    )


def title(comparison: Comparison) -> str:
    """What is compared."""
    count = len(comparison.arms)
    words = ("No policy", "One policy", "Two policies", "Three policies", "Four policies")
    lead = words[count] if count < len(words) else f"{count} policies"
    if comparison.scenario.policies:
        return f"{lead} on top of scenario {comparison.scenario.name}"
    return f"{lead} against the status quo"


def question(comparison: Comparison) -> str:
    """The question that the arms can answer."""
    needs = {
        any(policy.needs_mexico for policy in policies_of(comparison.scenario, arm.uses))
        for arm in comparison.arms
    }
    if len(needs) == 2:
        return "Does tighter control at the U.S. border need Mexico's cooperation?"
    return "What would change at the U.S. border and on the way there, for whom, at what price?"


def outcome_info() -> dict[str, OutcomeInfo]:
    """How every outcome is called, group by group, the two prices last."""
    return {
        name: OutcomeInfo(m.label, m.unit, m.doc, m.good, m.human, title)
        for group, title in GROUPS.items()
        for name, m in (OUTCOMES | PRICES).items()
        if m.group == group
    }


def _arm(comparison: Comparison, arm: Arm) -> ArmReport:
    """One arm, or the baseline, which has no policy of its own."""
    uses = arm.uses or comparison.scenario.policies
    told = [p.describe() for p in policies_of(comparison.scenario, uses)]
    costs = [f"{c['what']} {c['source']}" for policy in told for c in policy["cost"]]
    runs = list(arm.runs.values())
    return ArmReport(
        id=arm.id,
        title=arm_title(comparison, arm),
        claim=" ".join(policy["claim"] for policy in told),
        mechanism=" ".join(policy["mechanism"] for policy in told)
        or "The instruments in force on the first day, and nothing more.",
        cost_text="; ".join(dict.fromkeys(costs)),
        dose=arm.dose,
        dollars={payer(who): d for who, d in arm.dollars.items()},
        leg_flow=np.mean([run.leg_flow for run in runs], axis=0),
        series={name: band(runs, name) for name in SERIES},
        outcomes=rows(arm.outcomes),
        depth=depth(runs),
    )


def arm_title(comparison: Comparison, arm: Arm) -> str:
    """The title of an arm, with the dose where two arms would otherwise have one name."""
    twins = sum(other.title == arm.title for other in comparison.arms)
    return arm.title + (f" ({arm.written.partition(':')[2] or arm.written})" if twins > 1 else "")


def rows(outcomes: Mapping[str, Difference]) -> dict[str, OutcomeRow]:
    """Differences in the words of the report."""
    return {
        name: OutcomeRow(
            d.baseline,
            d.difference,
            d.low50,
            d.high50,
            d.low90,
            d.high90,
            alike=d.alike,
            pairs=d.pairs,
        )
        for name, d in outcomes.items()
    }


def band(runs: Sequence[RunResult], name: str) -> np.ndarray:
    """Persons a month: low90, median and high90 over runs, shape (3, months)."""
    return np.quantile([run.series[name] for run in runs], (0.05, 0.5, 0.95), axis=0)


def depth(runs: Sequence[RunResult]) -> dict[str, float]:
    """Interdictions a year from south to north, mean over runs."""
    return {
        words: float(np.mean([sum(run.depth[zone] for zone in zones) for run in runs]))
        for words, zones in DEPTHS.items()
    }


def assumptions(
    comparison: Comparison, spans: Mapping[str, tuple[float, float]] = MappingProxyType({})
) -> list[tuple[str, str, str]]:
    """The assumed numbers that matter most, those that members vary, those of the policies."""
    told = [
        (_named(row.path, spans), f"{_value(row.value, spans.get(row.path))} {row.unit}", row.doc)
        for row in parameters(comparison.scenario)
        if row.assumed and (row.path.startswith(KEY_ASSUMPTIONS) or row.path in spans)
    ]
    for arm in comparison.arms:
        for policy in policies_of(comparison.scenario, arm.uses):
            told += [
                (f"{policy.id}.{n['name']}", f"{_value(n['value'], None)} {n['unit']}", n["doc"])
                for n in policy.describe()["numbers"]
                if n["assumed"]
            ]
    return list(dict.fromkeys(told))


def _named(path: str, spans: Mapping[str, tuple[float, float]]) -> str:
    """The path of a number; entries of a table that members vary alike have one name."""
    table = path.rpartition(".")[0] + "."
    alike = [p for p in spans if p.startswith(table) and spans[p] == spans.get(path)]
    in_table = table.count(".") > 1  # numbers of a group stand one level higher
    return f"{table}*" if in_table and len(alike) > 1 else path


def _value(value: object, span: tuple[float, float] | None) -> str:
    """A number or a list of them, or a number's range over the members of an ensemble."""
    if span is None:
        return ", ".join(map(plain, value)) if isinstance(value, list | tuple) else plain(value)
    low, high = span
    places = decimals(high)
    return f"{shown(rounded(low), places)} to {shown(rounded(high), places)}"


def caveats(comparison: Comparison) -> list[str]:
    """What this comparison in particular cannot say."""
    scenario: Scenario = comparison.scenario
    told = [
        f"Supply is the series {scenario.supply}, the same in every year: who could set out does "
        "not follow a surge, a hurricane or a recession.",
        "Dollars per averted entry divides medians; where the range of entries averted reaches "
        "zero the price has no upper bound. Dollars and entries of later days are discounted at "
        f"{100 * DiscountParams().rate:g} % a year.",
    ]
    if comparison.members:
        told.append(
            "Members differ in the numbers that the calibration varies; what else is assumed is "
            "the same in all of them. Each has luck of its own, so ranges hold chance as well."
        )
    if comparison.failures:
        lost = "; ".join(f"{f.name}, seed {f.seed}" for f in comparison.failures[:10])
        told.insert(0, f"{len(comparison.failures)} runs failed and are left out: {lost}.")
    return told


def policy_dates(comparison: Comparison) -> list[tuple[str, str]]:
    """Months in which a policy starts or ends after the first day."""
    scenario, found = comparison.scenario, {}
    for arm in comparison.arms:
        for use in arm.uses:
            for date, word in ((use.start, "starts"), (use.end, "ends")):
                if date and date > scenario.start:
                    found[(date.strftime("%Y-%m"), f"{use.id.replace('_', ' ')} {word}")] = None
    return list(found)
