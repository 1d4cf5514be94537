"""The parts of the report, in the order in which they are read."""

from __future__ import annotations

import re

from viz.documents.comparison import stopping
from viz.documents.comparison.sentences import arm_sentence, baseline_sentence, spent, trade_off
from viz.documents.comparison.tables import (
    assumption_table,
    outcome_table,
    price_table,
    swatch,
    target_table,
)
from viz.figures.inputs import PRICES, ArmReport, CompareReport, EnsembleInfo
from viz.figures.markup import el, esc, section
from viz.figures.numbers import NBSP, dollars, plain

BANNER = "Model output within stated priors, not a forecast."
LIMITS = (
    "This is no forecast. It says what follows from the stated assumptions.",
    "Sexual violence is not modelled; the harm people meet on the way is larger than shown.",
    "Places are cities and Border Patrol sectors; nothing finer is modelled or can be read off.",
    "Counts of apprehensions depend on effort: they are not a measure of flow.",
)


def answer(report: CompareReport) -> str:
    """The answer in plain words, one sentence a policy."""
    items = []
    for i, arm in enumerate(report.arms):
        words = esc(arm_sentence(arm, report))
        name = esc(arm.title)
        words = words.replace(f", {name} ", f", {el('strong', name)} ", 1)
        words = re.sub(rf"by (\S+{NBSP}%)", r"by <b>\1</b>", words)
        clause = esc(trade_off(arm, report))
        if clause:
            words = words.replace(clause, el("mark", clause), 1)
        items.append(el("li", swatch(i), el("p", words)))
    if not items:
        items = [
            el("li", swatch(-1), el("p", "No policy was compared: only the baseline is shown."))
        ]
    base = el("p", esc(baseline_sentence(report)), class_="base")
    words = [over(report), stopping.note(report)]
    note = el("p", esc(" ".join(filter(None, words))), class_="note")
    return el(
        "section", el("h2", "In short"), base, el("ul", *items, class_="answers"), note, id="answer"
    )


def over(report: CompareReport) -> str:
    """What the medians and ranges are taken over, and so what the ranges hold."""
    if report.reps <= 1:
        return "One run: there is no range, and chance alone may explain a difference."
    ranges = "in brackets the range of nine runs in ten."
    if not report.ensemble:
        return (
            f"Medians over {report.reps} paired runs; {ranges} One set of parameters: the "
            "ranges hold chance, not what is unknown about the parameters."
        )
    return (
        f"Medians over {report.reps} paired runs, {sets(report.ensemble, report.seeds)}; "
        f"{ranges} The ranges hold what the calibration leaves open about the parameters, "
        "and chance."
    )


def sets(ensemble: EnsembleInfo, seeds: list[int]) -> str:
    """Parameter sets and seeds: '50 members of the calibrated ensemble with one seed each'."""
    many = "member" if ensemble.members == 1 else "members"
    each = "one seed" if len(seeds) == 1 else f"{len(seeds)} seeds"
    return f"{ensemble.members} {many} of the calibrated ensemble with {each} each"


def prices(report: CompareReport) -> str:
    """Dollars per averted entry, never alone."""
    if not report.arms or not any(price in report.outcome_info for price in PRICES):
        return ""
    lead = (
        "An entry that does not happen can be a person who stayed home, or one who needed "
        "protection and was turned away. So the price never stands alone."
    )
    return section("price", "What it buys, and what people pay", price_table(report), lead=lead)


def outcomes(report: CompareReport) -> str:
    """The big table."""
    ranges = f" with the 90{NBSP}% range" if report.reps > 1 else ""
    lead = f"Per year; differences from the baseline{ranges}. Percentages are of the baseline."
    if report.ensemble and report.reps > 1:
        lead += " Above the range: in how many pairs of runs the difference has this sign."
    return section("table", "All outcomes", outcome_table(report), lead=lead)


def policies(report: CompareReport) -> str:
    """What each policy is and who pays."""
    cards = [_policy(i, arm) for i, arm in enumerate([report.baseline, *report.arms], -1)]
    return section(
        "policies", "What each policy is, and who pays", el("div", *cards, class_="cards")
    )


def _policy(index: int, arm: ArmReport) -> str:
    """One policy: the claim it stands for, how it acts, what it costs."""
    facts = [
        ("Claim tested", arm.claim),
        ("How it acts", arm.mechanism),
        ("Cost basis", arm.cost_text),
    ]
    if index >= 0:
        facts.append(("Dose", plain(arm.dose)))
    facts += [(f"Paid by {payer}", f"{dollars(d)} a year") for payer, d in arm.dollars.items()]
    if len(arm.dollars) > 1:
        facts.append(("Together", f"{dollars(spent(arm))} a year"))
    rows = [el("dt", esc(k)) + el("dd", esc(v)) for k, v in facts if v]
    return el("article", el("h3", swatch(index), " ", esc(arm.title)), el("dl", *rows))


def check(report: CompareReport) -> str:
    """How the baseline compares with official statistics."""
    if not report.targets:
        return ""
    lead = (
        "Read this before the results: where the baseline misses, differences deserve less trust."
    )
    return section(
        "check",
        "How the baseline compares with official statistics",
        target_table(report),
        lead=lead,
    )


def assumptions(report: CompareReport) -> str:
    """The numbers that nobody measured."""
    if not report.assumptions:
        return ""
    lead = "Numbers without a measurement behind them. Another value here may give another answer."
    if report.ensemble:
        lead += " Where a range is given, the number differs from member to member."
    return section("assumptions", "What is assumed", assumption_table(report), lead=lead)


def method(report: CompareReport) -> str:
    """Five sentences, or a few more."""
    each = "one person" if report.scale == 1 else f"{report.scale} persons"
    sentences = (
        f"Simulated migrants (each stands for {each}), smuggling organisations, the U.S. Border "
        f"Patrol, Mexican officers and governments act day by day for {report.days:,} days from "
        f"{report.start}, on {len(report.map.place_names)} places and {len(report.map.tail)} legs.",
        "Every policy meets the same people with the same luck: each chance depends only on the "
        "seed, the person and the event (common random numbers).",
        f"A policy is compared with the baseline of the same {_same(report)}, so that a difference "
        "comes from the policy and from what it sets off, not from the draw.",
        *_repeated(report),
        "Outcomes are counts and dollars per year over the whole run; the warm-up before the "
        "first day is discarded.",
    )
    steps = el("ol", *[el("li", esc(s)) for s in sentences])
    return section("method", "How it was done", steps, stopping.means(report))


def _same(report: CompareReport) -> str:
    """What both runs of a pair share."""
    return "parameters and the same seed" if report.ensemble else "seed"


def _repeated(report: CompareReport) -> list[str]:
    """How often a pair is played, and under which parameters."""
    if not report.ensemble:
        return [
            f"This is repeated over {report.reps} paired seed{'s' if report.reps != 1 else ''},"
            " with one set of parameters; the median and the ranges over these runs are "
            "shown."
        ]
    e = report.ensemble
    told = [
        f"This is repeated over {sets(e, report.seeds)}: sets of {e.varied} numbers that "
        f"survived the calibration, drawn by their weights out of {e.of}. The median and the "
        "ranges over all pairs are shown."
    ]
    if e.held:
        told.append(
            f"The ensemble varies {', '.join(e.held)} too; here it is set, so it is the "
            "same in every member."
        )
    return told


def limits(report: CompareReport) -> str:
    """What this cannot say."""
    items = list(dict.fromkeys([*LIMITS, *report.caveats]))
    return section("limits", "What it cannot say", el("ul", *[el("li", esc(i)) for i in items]))


def reproduce(report: CompareReport) -> str:
    """Command, version, digest, seeds."""
    seeds = ", ".join(str(s) for s in report.seeds[:40]) + (", …" if len(report.seeds) > 40 else "")
    facts = (
        ("Version", report.version),
        ("Scenario", report.scenario),
        ("Digest of the settings", report.digest),
        ("Parameters", _parameters(report)),
        ("Seeds", seeds),
    )
    rows = [el("dt", esc(k)) + el("dd", esc(v)) for k, v in facts]
    command = el("pre", el("code", esc(report.command)))
    return section("reproduce", "Do it again", command, el("dl", *rows))


def _parameters(report: CompareReport) -> str:
    """Whether it was one set or the ensemble, and which ensemble."""
    e = report.ensemble
    if not e:
        return "one set, that of the scenario"
    return (
        f"{e.members} of the {e.of} members of the calibrated ensemble {e.digest}; all of them "
        f"are worth {e.effective:.3g} members of equal weight"
    )
