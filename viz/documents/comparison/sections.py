"""Text sections of the report, in reading order."""

from __future__ import annotations

import re
from importlib.metadata import version

from abm.measures import PRICES
from experiments.compare import Arm, policies_of
from experiments.rows.comparison import spent
from viz.documents.comparison import stopping, texts
from viz.documents.comparison.report import Report
from viz.documents.comparison.sentences import (
    arm_sentence,
    baseline_sentence,
    trade_off,
)
from viz.documents.comparison.tables import (
    assumption_table,
    official_table,
    outcome_tables,
    price_table,
    swatch,
)
from viz.documents.html_page import facts_list, reproduction, seeds_text
from viz.documents.labels import payer_label, replicates_text
from viz.figures.markup import el, esc, section
from viz.figures.numbers import NBSP, dollars, plain


def summary(report: Report) -> str:
    """Build the summary: the baseline, then one sentence per policy."""
    items = [_answer(report, i) for i in range(len(report.arms))]
    if not items:
        items = [
            el("li", swatch(-1), el("p", "No policy was compared: only the baseline is shown."))
        ]
    rule = [stopping.rule_sentence(report.sequential)] if report.sequential else []
    note = " ".join([_ranges(report), *rule])
    return section(
        "answer",
        "Summary",
        el("p", esc(baseline_sentence(report)), class_="base"),
        el("ul", *items, class_="answers"),
        el("p", esc(note), class_="note"),
    )


def _answer(report: Report, arm: int) -> str:
    """Return the sentence of a policy with its title, percentages and trade-off marked."""
    text, title = esc(arm_sentence(report, arm)), esc(report.titles[arm])
    text = text.replace(f", {title} ", f", {el('strong', title)} ", 1)
    text = re.sub(rf"by (\S+{NBSP}%)", r"by <b>\1</b>", text)
    clause = esc(trade_off(report, arm))
    if clause:
        text = text.replace(clause, el("mark", clause), 1)
    return el("li", swatch(arm), el("p", text))


def _ranges(report: Report) -> str:
    """State the replicates of medians and ranges, and the sources of the ranges."""
    if report.replicates <= 1:
        return "One run: there is no range, and chance alone may explain a difference."
    brackets = "brackets contain nine runs in ten."
    if not report.drawn:
        return (
            f"Medians over {report.replicates} paired runs; {brackets} One set of parameters: the "
            "ranges include chance, not parameter uncertainty."
        )
    return (
        f"Medians over {report.replicates} paired runs, {ensemble_text(report)}; {brackets} The "
        "ranges include the parameter uncertainty that remains after calibration, and chance."
    )


def ensemble_text(report: Report) -> str:
    """Return the number of members and of seeds per member."""
    return replicates_text(report.comparison.members, len(report.comparison.seeds))


def prices(report: Report) -> str:
    """Build the section on dollars per averted entry and human costs."""
    if not report.arms or not any(price in report.rows for price in PRICES):
        return ""
    lead = (
        "A person whose entry was averted may have stayed at home, or may have needed protection "
        "and been turned away. Human costs are therefore shown next to every price."
    )
    return section("price", "Cost per averted entry", price_table(report), lead=lead)


def outcomes(report: Report) -> str:
    """Build the section with all outcomes."""
    ranges = f" with the 90{NBSP}% range" if report.replicates > 1 else ""
    lead = f"Per year; changes from the baseline{ranges}. Percentages refer to the baseline."
    if report.drawn and report.replicates > 1:
        lead += (
            " The line above the range counts the pairs of runs in which the change has this sign."
        )
    return section("table", "All outcomes", outcome_tables(report), lead=lead)


def policies(report: Report) -> str:
    """Build the section that describes every policy and its payers."""
    cards = [_policy(report, -1, report.baseline.title, report.baseline)]
    cards += [_policy(report, i, report.titles[i], arm) for i, arm in enumerate(report.arms)]
    return section("policies", "Policies and payers", el("div", *cards, class_="cards"))


def _policy(report: Report, position: int, title: str, arm: Arm) -> str:
    """Return one policy: its claim, mechanism, sources of cost, dose and payers."""
    scenario = report.comparison.scenario
    made = [p.describe() for p in policies_of(scenario, arm.specs or scenario.policies)]
    costs = [f"{cost['what']} {cost['source']}" for policy in made for cost in policy["cost"]]
    facts = [
        ("Claim tested", " ".join(policy["claim"] for policy in made)),
        (
            "Mechanism",
            " ".join(policy["mechanism"] for policy in made)
            or "The instruments in force on the first day only.",
        ),
        ("Cost basis", "; ".join(dict.fromkeys(costs))),
    ]
    if position >= 0:
        facts.append(("Dose", plain(arm.dose)))
    for payer, yearly in arm.dollars.items():
        facts.append((f"Paid by {payer_label(payer)}", f"{dollars(yearly)} a year"))
    if len(arm.dollars) > 1:
        facts.append(("Total", f"{dollars(spent(arm))} a year"))
    heading = el("h3", swatch(position), " ", esc(title))
    return el("article", heading, facts_list([fact for fact in facts if fact[1]]))


def check(report: Report) -> str:
    """Build the section that compares the baseline with official statistics."""
    table = official_table(report)
    lead = "Where the baseline misses a statistic, differences that depend on it are less reliable."
    return (
        section("check", "Baseline and official statistics", table.html(), lead=lead)
        if table
        else ""
    )


def assumptions(report: Report) -> str:
    """Build the section with the assumed numbers."""
    table = assumption_table(report)
    if not table.rows:
        return ""
    lead = "These numbers are not measured. Other values may change the results."
    if report.drawn:
        lead += " A range means that the number differs between members of the ensemble."
    return section("assumptions", "Assumptions", table.html(), lead=lead)


def method(report: Report) -> str:
    """Build the section on the method."""
    scenario = report.comparison.scenario
    each = "one person" if scenario.scale == 1 else f"{scenario.scale} persons"
    shared = "parameters and the same seed" if report.drawn else "seed"
    sentences = (
        f"The model simulates migrants (each agent represents {each}), smuggling organisations, "
        "the U.S. Border Patrol, Mexican officers and governments day by day, for "
        f"{scenario.days:,} days from {scenario.start.isoformat()}, on "
        f"{len(report.map.place_names)} places and {len(report.map.tail)} legs.",
        "All policies use common random numbers: each random draw depends only on the seed, the "
        "person and the event.",
        f"A policy is compared with the baseline of the same {shared}, so that a difference is an "
        "effect of the policy and not of the draws.",
        *_repetition(report),
        "Outcomes are counts and dollars per year over the whole run; the warm-up before the "
        "first day is discarded.",
    )
    steps = el("ol", *[el("li", esc(s)) for s in sentences])
    return section("method", "Method", steps, _means(report))


def _repetition(report: Report) -> list[str]:
    """State how often a pair is simulated, and with which parameters."""
    drawn = report.drawn
    if not drawn:
        plural = "s" if report.replicates != 1 else ""
        return [
            f"The comparison is repeated over {report.replicates} paired seed{plural} with one set "
            "of parameters; the report shows medians and ranges over these runs."
        ]
    sentences = [
        f"The comparison is repeated over {ensemble_text(report)}. A member is a set of "
        f"{len(report.spans)} numbers from the calibration, drawn by weight from "
        f"{drawn.ensemble_size} members. The report shows medians and ranges over all pairs."
    ]
    if drawn.held:
        sentences.append(
            f"The ensemble varies {', '.join(drawn.held)} too; here a value is set, which is the "
            "same in every member."
        )
    return sentences


def _means(report: Report) -> str:
    """Return the mean changes with their intervals, if a stopping rule was used."""
    if report.sequential is None:
        return ""
    sentences = stopping.explanation(report.sequential)
    table = stopping.means_table(report.sequential)
    return "".join(el("p", esc(sentence)) for sentence in sentences) + table.html()


def limits(report: Report) -> str:
    """Build the section on the limits of the comparison."""
    items = [el("li", esc(text)) for text in texts.limits(report.comparison)]
    return section("limits", "Limits", el("ul", *items))


def reproduce(report: Report) -> str:
    """Build the section with command, version, fingerprint and seeds."""
    scenario = report.comparison.scenario
    facts = (
        ("Version", version("twoborders")),
        ("Scenario", scenario.name),
        ("Digest of the settings", scenario.digest),
        ("Parameters", _parameters(report)),
        ("Seeds", seeds_text(report.comparison.seeds)),
    )
    return section("reproduce", "Reproduction", reproduction(report.command, facts))


def _parameters(report: Report) -> str:
    """Return whether one set of parameters or an ensemble was used, and which."""
    drawn = report.drawn
    if not drawn:
        return "one set, from the scenario"
    return (
        f"{len(drawn)} of the {drawn.ensemble_size} members of the calibrated ensemble "
        f"{drawn.digest}; its effective size is {drawn.effective:.3g} members of equal weight"
    )
