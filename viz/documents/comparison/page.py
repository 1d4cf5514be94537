"""Build the comparison report as a self-contained HTML page."""

from __future__ import annotations

import re
from importlib.metadata import version

from abm.measures import DiscountParams
from abm.policies import policies_of
from abm.supply_file import is_supply_file, supply_label
from experiments.comparison.compare import Arm, Comparison
from experiments.rows.comparison import planned
from experiments.studies.ask.uncertain_numbers import (
    SAME,
    contested_settings,
    depends_on_operations,
)
from viz.documents.comparison import charts, tables
from viz.documents.comparison.report import Report, arm_sentence
from viz.documents.comparison.sentences import MEANINGFUL
from viz.documents.comparison.tables import swatch
from viz.documents.html import (
    Section,
    facts_list,
    html_page,
    reproduction,
    seeds_text,
    table_section,
    text_list,
)
from viz.documents.labels import UNSPENT, counted, payer_label
from viz.documents.runs import official_table
from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP, dollars, plain

#: README.md has both results: got-aways fall by 13.6 %, or by 3.7 % with the U.S. line's numbers.
ASSUMED = (
    "Three assumed numbers decide a comparison of both countries: the limit of tempo, the returns "
    "and the price of Mexico's operations. With the limits and returns of the U.S. line, they had "
    "about a quarter of their effect."
)
_LIMITS = (
    "The report is not a forecast. It states what follows from the listed assumptions.",
    "The model does not include sexual violence; the harm to people on the way is larger than "
    "shown.",
    "Places are cities and Border Patrol sectors; the results have no finer resolution.",
    "Counts of apprehensions depend on enforcement effort: they do not measure the flow.",
)


def summary(report: Report) -> Section:
    """Build the section with the answer: one sentence per policy, then the forest table."""
    items = [_answer(report, i) for i in range(len(report.arms))]
    note = _ranges(report)
    if report.sequential:
        note += " " + tables.rule_sentence(report.sequential)
    table = tables.forest_table(report, tables.main_outcomes(report))
    body = el("ul", *items, class_="answers") + table
    notes = el("p", esc(note), class_="note") + assumed_numbers(report)
    return Section("answer", "Answer", "Answer", body + notes)


def assumed_numbers(report: Report) -> str:
    """Warn that a comparison of both countries depends on assumed numbers (decision 0050).

    Args:
        report: comparison and its settings.

    Returns:
        HTML with the options that repeat the comparison with other numbers. It is empty if no arm
        raises the tempo of Mexico's operations, or if the scenario already sets these numbers.
    """
    scenario = report.comparison.scenario
    settings = contested_settings(scenario, SAME)
    arms = [policies_of(scenario, arm.specs) for arm in report.arms]
    if not settings or not any(map(depends_on_operations, arms)):
        return ""
    options = " ".join(f"--set {path}={value:g}" for path, value in settings.items())
    return el("p", esc(ASSUMED) + " Repeat it with ", el("code", esc(options)) + ".", class_="note")


def _answer(report: Report, arm: int) -> str:
    """Return a list item: the sentence on a policy, title and changes in bold, and the cost."""
    text, title = esc(arm_sentence(report, arm)), esc(report.titles[arm])
    lead, _, clause = text.partition(title)
    clause = re.sub(rf"([^\s(]+{NBSP}%)", r"<b>\1</b>", clause)
    clause = clause.replace("a trade-off.", f"{el('mark', 'a trade-off')}.")
    sentence = el("span", lead + el("strong", title) + clause)
    return el("li", swatch(arm), el("p", sentence, el("small", esc(_cost(report.arms[arm])))))


def _cost(arm: Arm) -> str:
    """State the dollars per year that a policy plans, and how many agencies could not spend."""
    total, left = planned(arm), sum(arm.dollars_unspent.values())
    if total <= 0.0:
        return "Costs no public money."
    unspent = f", of which {dollars(left)} could not be spent" if left > 0.0 else ""
    return f"Planned: {dollars(total)} per year{unspent}."


def _ranges(report: Report) -> str:
    """Say which averages and ranges the report prints, and which uncertainty the ranges include."""
    if report.replicates <= 1:
        return "One run has no range, and chance alone may explain a difference."
    text = f"{report.interval_text[0].upper()}{report.interval_text[1:]}"
    if not report.sample:
        return (
            f"{text}. One set of parameters: the intervals include chance, not parameter "
            "uncertainty, and narrow as pairs are added; single pairs differ by more."
        )
    return (
        f"{text}; {report.ensemble_text}. The ranges include the parameter uncertainty that "
        "remains after calibration, and chance."
    )


def prices(report: Report) -> Section:
    """Build the section on dollars per averted entry, next to the human costs."""
    lead = (
        "A person whose entry was averted may have stayed at home, or may have needed protection "
        "and been turned away. Human costs are therefore shown next to every price."
    )
    table = tables.price_table(report)
    return table_section("price", "Cost", table, lead, "Cost per averted entry")


def depth(report: Report) -> Section:
    """Build the section on interdictions by location, and their changes under every policy."""
    lead = report.world.say(
        "Interdictions from southern Mexico to the checkpoints behind the U.S. line; at the line "
        "they include people who were turned back."
    )
    title, table = "Interdictions by location", tables.depth_table(report)
    return table_section("depth", "Interdictions", table, lead, title)


def outcomes(report: Report) -> Section:
    """Build the section with all outcomes except prices."""
    lead = f"Paired differences in percent of the baseline and in units: {report.interval_text}."
    groups = [(title, [row for row in rows if not row.is_price]) for title, rows in report.groups]
    table = tables.forest_table(report, groups, details=True)
    return Section("table", "All outcomes", "All outcomes", table, lead)


def policies(report: Report) -> Section:
    """Build the section that describes the baseline and every policy with their payers."""
    cards = [_policy(report, -1, report.baseline.title, report.baseline)]
    cards += [_policy(report, i, report.titles[i], arm) for i, arm in enumerate(report.arms)]
    body = el("div", *cards, class_="cards")
    return Section("policies", "Policies", "Policies and payers", body)


def _policy(report: Report, position: int, title: str, arm: Arm) -> str:
    """Return the HTML card of an arm: claim, mechanism, cost sources, dose and payers."""
    scenario = report.comparison.scenario
    described = [p.describe() for p in policies_of(scenario, arm.specs or scenario.policies)]
    claims, mechanisms = (
        " ".join(policy[key] for policy in described) for key in ("claim", "mechanism")
    )
    costs = [
        f"{cost['purpose']} {cost['source']}" for policy in described for cost in policy["cost"]
    ]
    facts = [
        ("Claim tested", claims),
        ("Mechanism", mechanisms or "The instruments in force on the first day only."),
        ("Cost basis", "; ".join(dict.fromkeys(costs))),
        ("Dose", plain(arm.dose) if position >= 0 else ""),
    ]
    for payer, yearly in arm.dollars.items():
        facts.append(
            (report.world.say(f"Paid by {payer_label(payer)}"), f"{dollars(yearly)} per year")
        )
    left = sum(arm.dollars_unspent.values())
    if left > 0.0:
        facts.append((UNSPENT, f"{dollars(left)} per year"))
    if len(arm.dollars) > 1:
        facts.append(("Total", f"{dollars(planned(arm))} per year"))
    heading = el("h3", swatch(position), " ", esc(title))
    return el("article", heading, facts_list(fact for fact in facts if fact[1]))


def check(report: Report) -> Section:
    """Build the section that compares the baseline with official statistics."""
    lead = "Where the baseline misses a statistic, differences that depend on it are less reliable."
    runs, world = list(report.baseline.runs.values()), report.comparison.scenario.world
    title, table = "Baseline and official statistics", official_table(runs, world)
    return table_section("check", "Official statistics", table, lead, title)


def assumptions(report: Report) -> Section:
    """Build the section on the most important assumed numbers."""
    lead = "These numbers are not measured. Other values may change the results."
    if report.sample:
        lead += " A range means that the number differs between members of the ensemble."
    table = tables.assumption_table(report)
    return table_section("assumptions", "Assumptions", table, lead, "Assumptions")


def method(report: Report) -> Section:
    """Build the section on the method."""
    scenario = report.comparison.scenario
    each = "one person" if scenario.scale == 1 else f"{scenario.scale} persons"
    shared = "parameters and the same seed" if report.sample else "seed"
    officers = report.world.say("the U.S. Border Patrol, Mexican officers")
    sentences = (
        f"The model simulates migrants (each agent represents {each}), smuggling organisations, "
        f"{officers} and governments day by day, for "
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
    return Section("method", "Method", "Method", text_list("ol", sentences) + _means(report))


def _repetition(report: Report) -> list[str]:
    """Say how often the comparison is repeated, and with which parameters."""
    repeated = f"The comparison is repeated over {report.ensemble_text}."
    sample = report.sample
    if not sample:
        return [f"{repeated} {MEANINGFUL}"]
    sentences = [
        f"{repeated} A member is a set of {len(report.spans)} numbers from the calibration, drawn "
        f"by weight from {sample.ensemble_size} members. With 19 members or more, one further "
        f"member is in the range with a chance of 90{NBSP}%. {MEANINGFUL}"
    ]
    if sample.fixed_paths:
        sentences.append(
            f"The ensemble varies {', '.join(sample.fixed_paths)} too; here a value is set, which "
            "is the same in every member."
        )
    return sentences


def _means(report: Report) -> str:
    """Return the mean changes and their intervals as HTML, or "" if there is no stopping rule."""
    if report.sequential is None:
        return ""
    sentences = [el("p", esc(text)) for text in tables.explanation(report.sequential)]
    return "".join(sentences) + tables.means_table(report.sequential).html()


def _supply_limit(supply: str) -> str:
    """Return the limitation that follows from the supply, a packaged series or a user's file."""
    if is_supply_file(supply):
        return (
            f"Supply is a file of the user, {supply_label(supply)}: the number of people who may "
            "set out is an input that the model does not check."
        )
    return (
        f"Supply is the series {supply}, the same in every year: the number of people who may set "
        "out does not respond to a surge, a hurricane or a recession."
    )


def limits(report: Report) -> Section:
    """Build the section on what the model and this comparison omit, with failed runs."""
    comparison = report.comparison
    texts = [
        *map(report.world.say, _LIMITS),
        _supply_limit(comparison.scenario.supply),
        "Dollars per averted entry is a ratio of estimates, for entries that fall meaningfully; if "
        "the range of discounted entries reaches zero, the price has no upper bound. Dollars and "
        "entries of later days are discounted at "
        f"{100 * DiscountParams().rate:g} % per year.",
    ]
    if comparison.members:
        texts.append(
            "Members differ in the calibrated numbers only; other assumptions are the same in all "
            "members. Each member has different random draws, so ranges include chance."
        )
    if comparison.failures:
        lost = "; ".join(f"{f.name}, seed {f.seed}" for f in comparison.failures[:10])
        failed = f"{len(comparison.failures)} runs failed and are left out: {lost}."
        texts.insert(len(_LIMITS), failed)
    return Section("limits", "Limits", "Limits", text_list("ul", texts))


def reproduce(report: Report) -> Section:
    """Build the section with the command, the version, the scenario's digest and the seeds."""
    scenario, sample = report.comparison.scenario, report.sample
    parameters = "one set, from the scenario"
    if sample:
        parameters = (
            f"{len(sample)} of the {sample.ensemble_size} members of the calibrated ensemble "
            f"{sample.digest}; its effective size is {sample.effective:.3g} members of equal weight"
        )
    facts = (
        ("Version", version("twoborders")),
        ("Scenario", scenario.name),
        ("Digest of the settings", scenario.digest),
        ("Parameters", parameters),
        ("Seeds", seeds_text(report.comparison.seeds)),
    )
    return reproduction("reproduce", report.command, facts)


# ---- the page -----------------------------------------------------------------------------------

_SECTIONS = (
    summary,
    charts.maps,
    prices,
    depth,
    charts.monthly,
    outcomes,
    policies,
    check,
    assumptions,
    method,
    limits,
    reproduce,
)
_COUNTS = ("One policy", "Two policies", "Three policies", "Four policies")


def report_html(report: Report) -> str:
    """Return the report as an HTML document that needs no network and no script."""
    titles = [report.baseline.title, *report.titles]
    marks = [el("li", swatch(i), el("span", esc(title))) for i, title in enumerate(titles, -1)]
    return html_page(
        [build(report) for build in _SECTIONS],
        brand="policy comparison",
        title=report.world.say(_question(report.comparison)),
        question=_title(report.comparison),
        facts=_facts(report),
        key=el("ul", *marks, class_="key", aria_label="Policies and their marks"),
        world_note=report.world.note,
    )


def _title(comparison: Comparison) -> str:
    """Return the number of policies and the baseline in words."""
    count = len(comparison.arms)
    lead = _COUNTS[count - 1] if count <= len(_COUNTS) else f"{count} policies"
    if comparison.scenario.policies:
        return f"{lead} on top of scenario {comparison.scenario.name}"
    return f"{lead} against the status quo"


def _question(comparison: Comparison) -> str:
    """Return the heading, a question that the compared arms can answer."""
    needs_mexico = {
        any(policy.needs_mexico for policy in policies_of(comparison.scenario, arm.specs))
        for arm in comparison.arms
    }
    if len(needs_mexico) == 2:
        return "Does tighter control at the U.S. border need Mexico's cooperation?"
    return "How do the policies change crossings, harm to people, and cost?"


def _facts(report: Report) -> str:
    """Return a line with the scenario, the period, the runs per policy and the ensemble."""
    scenario, runs = report.comparison.scenario, counted(report.replicates, "run")
    facts = f"{scenario.name} · {scenario.start.isoformat()}, {scenario.days:,} days"
    facts += f" · {runs} per policy"
    return f"{facts} · {report.ensemble_text}" if report.sample else facts
