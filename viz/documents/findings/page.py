"""The findings as a Markdown page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from abm.measures import ENTRIES
from abm.policies.base import money
from experiments.rows import answer as rows_of
from experiments.studies.ask.answer import Answer
from experiments.studies.ask.number_labels import number_label
from experiments.studies.ask.rate_cells import JOINT, RATE_CLAIMS
from experiments.studies.ask.verdict import CLAIMS
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES
from experiments.studies.optimise.search import BudgetTarget
from experiments.studies.optimise.sides import ACCOUNTS
from viz.documents.findings import rate_tables, tables, verdict
from viz.documents.findings.tables import Row, Rows
from viz.documents.findings.words import SHORT, percent
from viz.documents.labels import BANNER, counted, markdown_row
from viz.figures.frontier import SIDE_NAMES

_CHANGES = [SHORT[name] for name in OUTCOMES]  # heads of the changes of a portfolio
_RATES = """\
## The exchange rate of one dollar

{rate}

{next_dollar} Brackets: 90 % interval of the median. In two equal countries the mean of both
starting points (the best portfolio of the United States alone, and that of cooperation alone) is 0.
With / same / without: share of draws in which the difference is above 0.5, between -0.5 and 0.5,
and below -0.5 points. Enforcement of U.S. alone: share of planned dollars for agents, sensors,
fence and consequences. A single side does more: draws of the cell in which the United States alone,
or cooperation alone, reaches more than both together. Human costs: median change from the status
quo under both together.
"""
_ACCOUNTS = """\
### Other accounts

Sensitivity: the same portfolios, charged with other dollars. Portfolios were searched for in joint
dollars only, so cooperation is understated here; the words of the claims do not use these rows.
"""
_CELLS = """\
## Claims at equal budgets, by budget, account and measure

Brackets contain the range of nine draws in ten; for P(win), its 90 % confidence interval. A win is
a trade-off if a human cost is more than 2 % higher in most of the won draws; the last column lists
these with their share of won draws.
"""
_PORTFOLIOS = """\
## Best portfolios

Median change over the longest runs from the status quo; planned joint dollars per averted entry of
the kind for which the portfolio was chosen, not discounted.
"""
_COMBINED = """\
## All arms together

All instruments at once, each at the same share of its full programme, without optimisation; median
change over ten years.
"""
_FAILURES = """\
## Conditions under which claims fail

Draws of all budgets in joint dollars, split by up to three conditions; a draw must win over years 1
to 3 and 1 to 10. Skill is the balanced accuracy on draws that were not used to fit the tree; 0.5
corresponds to guessing.
"""
_BEFORE = """\
## Claims at equal budgets

The first answer compared both sides at equal budgets and at four times the budget, with portfolios
of both together that contain those of the United States alone. These claims are kept for
comparison; the answer is the one at the top. {rule}
"""
_TESTS = """\
## Which assumptions move a claim

Rank correlation of every uncertain number with the margin by which a draw wins a claim (joint
dollars, all budgets, both kinds of entries, years 1 to 3 and 1 to 10). All numbers are tested
together: if none has an effect, one is reported for at most one in twenty claims of a regime.
*Counts from*: smallest correlation that is reported. *Found from*: correlation that is found in
four cases of five. *Turns at*: value at which a monotone fit of the margin crosses 0, with its 90 %
interval. A margin that crosses 0 shortly beyond the range of a number is often reported as a
crossing within it.
"""


def page(answer: Answer, study: Row, charts: Sequence[tuple[str, str]]) -> str:
    """Return the findings page.

    Args:
        answer: result of the question.
        study: its rows, with the command that computes them again.
        charts: title and path of the frontier chart of each account.

    Returns:
        Markdown text.
    """
    banner = f"{study.get('world_note', '')} {BANNER}".strip()
    parts = [
        "# Findings: does tighter U.S. border security require Mexico's cooperation?\n",
        f"**{banner}** Written by\n\n```sh\n{study['again']}\n```\n",
        _answer(study),
        _turns(study),
        *(f"![{title}]({path})\n" for title, path in charts),
        _rates(study),
        _variants(study),
        _failures(study),
        _tests(study),
        _method(study),
        _portfolios(answer, study),
        _instruments(answer),
        _limitations(study),
        _verdicts(study),
        _cells(study),
    ]
    return "\n".join(part for part in parts if part)


def _table(heads: Sequence[str], rows: Rows) -> str:
    """Return a Markdown table."""
    return "".join(map(markdown_row, [heads, ["---"] * len(heads), *rows]))


def _answer(study: Row) -> str:
    """Return the word of each claim, and by how much it is won."""
    lines = "".join(f"- **{a}:**{b}\n" for a, _, b in _split(verdict.answer_lines(study)))
    harm = "".join(f"- {line}\n" for line in verdict.trade_off_lines(study))
    return f"## The answer\n\n{lines}\n{verdict.RULE}\n\nTrade-offs:\n\n{harm}"


def _split(lines: Sequence[str]) -> list[tuple[str, str, str]]:
    """Split each sentence at the name of the claim."""
    return [line.partition(":") for line in lines]


def _turns(study: Row) -> str:
    """Return where the answer changes."""
    lines = "".join(f"- {line}\n" for line in verdict.turning_lines(study))
    return f"## Where the answer changes\n\n{lines}"


def _rates(study: Row) -> str:
    """Return the exchange rate by regime, and the share of draws that each claim wins."""
    heads = [
        *rate_tables.RATE_HEADS,
        *rate_tables.REACH_HEADS,
        *rate_tables.MORE_HEADS,
        *rate_tables.HUMAN_HEADS,
    ]
    text = _RATES.format(rate=rate_tables.RATE, next_dollar=rate_tables.NEXT)
    text += f"\n{_table(heads, rate_tables.rate_rows(study))}"
    if other := rate_tables.sensitivity_rows(study):
        text += f"\n{_ACCOUNTS}\n{_table(rate_tables.SENSITIVITY_HEADS, other)}"
    heads = ["$ per year", "counted in", "measure", "years", *RATE_CLAIMS]
    for regime in study["regimes"]:
        title = f"{regime['id'].upper()}: {regime['title']}"
        rows = rate_tables.claim_shares(regime["cells"])
        text += f"\n### {title}\n\n{_table(heads, rows)}"
    return text


def _method(study: Row) -> str:
    """Return how the claims were tested."""
    scenario, size = study["scenario"], study["size"]
    budgets = ", ".join(map(money, size["budgets"]))
    first, *later = study["regimes"]
    other = f"; later regimes: {size['regime_years']} years" if later else ""
    return (
        f"{size['members']} members of the calibrated ensemble, each with its own seed, "
        f"{counted(size['score_years'], 'year')} from {scenario['start']} in {first['id'].upper()}"
        f"{other}; {scenario['scale']} persons per simulated migrant. Budgets of "
        f"{budgets} per year; for the United States alone also larger ones. The search ran "
        f"{study['searched']:,} portfolios in runs of {counted(size['search_years'], 'year')}, "
        f"each under one of {size['search_members']} other members, with another seed and its "
        "own factors of effectiveness; the best of them were then scored on these members. In "
        "every draw, each programme of either side delivers between "
        f"1/{size['doubt']:g} and {size['doubt']:g} times its declared effect; programmes without "
        "any evaluation deliver nothing in a quarter of the draws. Dollars are those that are "
        "spent over the years of a row, so that limits of the first years count.\n"
    )


def _verdicts(study: Row) -> str:
    """Return the claims and their verdicts."""
    claims = "".join(f"- **{name}**: {words}.\n" for name, words in CLAIMS.items())
    heads = ["claim", "verdict", "contingent on", "budgets, measures and accounts"]
    return (
        f"{_BEFORE.format(rule=tables.RULE)}\n{claims}\n{_table(heads, tables.verdict_rows(study))}"
    )


def _cells(study: Row) -> str:
    """Return every claim by budget, account and measure, and cooperation alone."""
    heads = ["$ per year", "counted in", "measure", "reduction of entries over 10 years", "P(win)"]
    heads += [f"P over {' / '.join(map(str, HORIZONS))} years alone"]
    heads += ["verdict", "trade-offs of a win"]
    groups = {
        f"{claim}: {words}": [cell for cell in study["cells"] if cell["claim"] == claim]
        for claim, words in CLAIMS.items()
    }
    if study["cooperation_alone"]:
        title = "Cooperation as a substitute: cooperation alone against the United States alone"
        groups[title] = study["cooperation_alone"]
    return _CELLS + "".join(
        f"\n### {title}\n\n{_table(heads, tables.cell_rows(cells))}"
        for title, cells in groups.items()
    )


def _portfolios(answer: Answer, study: Row) -> str:
    """Return the best portfolios by account, side, measure and budget."""
    text = _PORTFOLIOS
    heads = ["side", "chosen for", "$ per year", *_CHANGES, "$ per averted entry", "portfolio"]
    for account in study["size"]["accounts"]:
        chosen = rows_of.sorted_portfolios(study, account)
        rows = [_portfolio(answer, account, row) for row in chosen]
        text += f"\n### Counted in {ACCOUNTS[account]}\n\n{_table(heads, rows)}"
    return text


def _portfolio(answer: Answer, account: str, row: Row) -> list[str]:
    """Return side, measure, budget, changes, price of an averted entry, and dollars."""
    side, outcome, budget = row["side"], row["outcome"], row["budget"]
    price = rows_of.price(answer, BudgetTarget(side, account, outcome, budget))
    changes = map(percent, rows_of.median_changes(row["changes"]))
    bought = ", ".join(f"{name} {money(x)}" for name, x in row["dollars"].items()) or "nothing"
    shown = "none averted" if price is None else f"${price:,.0f}"
    return [SIDE_NAMES[side], SHORT[outcome], money(budget), *changes, shown, bought]


def _instruments(answer: Answer) -> str:
    """Return all arms together without a search, and every instrument alone."""
    shares = [f"P(win) against U.S. alone, {SHORT[name]}" for name in ENTRIES]
    combined = [
        [money(row["budget"]), *_percents(row), *(f"{p:.2f}" for p in row["p_win"].values())]
        for row in rows_of.combined_rows(answer)
    ]
    single = [
        [row["arm"].replace("_", " "), row["instrument"], money(row["dollars"]), *_percents(row)]
        for row in rows_of.single_rows(answer)
    ]
    heads = ["$ per year", *_CHANGES, *shares]
    together = f"{_COMBINED}\n{_table(heads, combined)}\n" if combined else ""
    if not single:
        return together
    return (
        f"{together}## Every instrument alone\n\n"
        "Every instrument alone in the search: change over the years of the search in one run, as "
        "declared, under one member and one seed. Chance alone can explain changes below one or "
        "two percent.\n\n"
        f"{_table(['arm', 'instrument', '$ per year', *_CHANGES], single)}"
    )


def _percents(row: Row) -> list[str]:
    """Return the changes of a row."""
    return list(map(percent, row["changes"]))


def _variants(study: Row) -> str:
    """Return exchange rate and claims under the structural variants."""
    if not study["variant_rates"]:
        return ""
    size = study["size"]
    return (
        "## Structural variants of the model\n\nOne variant at a time, in FY2013, at "
        f"{money(size['variant_budget'])} per year in joint dollars, in runs of "
        f"{counted(size['variant_years'], 'year')}, with portfolios that are searched for in the "
        "variant. The first variant is the unchanged model in the same size. The others are "
        "compared with it, and not with FY2013 in full, which has more draws, budgets and "
        "search.\n\n"
        f"{_table(rate_tables.VARIANT_HEADS, rate_tables.variant_rows(study))}"
    )


def _failures(study: Row) -> str:
    """Return the conditions under which claims fail."""
    text = _FAILURES
    heads = ["conditions", "draws that fail", "share", "of all failures"]
    for found in study["boxes"]:
        skill = f"skill {found['skill']:.2f}; with shuffled draws up to {found['chance']:.2f}"
        text += f"\n### {found['claim']}, {SHORT[found['outcome']]}, {found['regime'].upper()}: "
        text += f"fails in {100 * found['failed']:.0f} % of draws\n\n"
        if found["skill"] > found["chance"]:
            text += f"{skill}.\n\n{_table(heads, list(map(_box, found['boxes'])))}"
        else:
            text += f"No set of conditions is better than chance ({skill}).\n"
    return text if study["boxes"] else f"{text}\n{_no_boxes(study)}\n"


def _no_boxes(study: Row) -> str:
    """Return the reason for a search without conditions."""
    cells = [cell for regime in study["regimes"] for cell in regime["cells"] if cell["judged"]]
    claims = [c for cell in cells if cell["account"] == JOINT for c in cell["claims"]]
    if all(claim["share_won"] in (0.0, 1.0) for claim in claims if claim["draws"]):
        return "Every claim holds in all draws or in none." if claims else "The study has no cells."
    return "Too few draws to search for conditions."


def _box(box: Row) -> list[str]:
    """Return the conditions of a box, and how many of its draws fail."""
    failed, draws = box["failed"], box["draws"]
    conditions = " and ".join(_bound(name, *bounds) for name, bounds in box["bounds"].items())
    share, coverage = (100 * failed / draws if draws else math.nan), 100 * box["coverage"]
    return [conditions, f"{failed} of {draws}", f"{share:.0f} %", f"{coverage:.0f} %"]


def _bound(name: str, low: float, high: float) -> str:
    """Return one condition of a box."""
    if name == "us_dollars_alone":
        return "U.S. dollars alone" if low > -math.inf else "joint dollars"
    show = money if name == "budget" else "{:.3g}".format
    name = number_label(name)
    if low == -math.inf:
        return f"{name} up to {show(high)}"
    return f"{name} above {show(low)}" + ("" if high == math.inf else f" up to {show(high)}")


def _tests(study: Row) -> str:
    """Return the numbers that move a claim, and the tested ones."""
    return f"{_TESTS}\n{_table(rate_tables.TEST_HEADS, rate_tables.rows_of_tests(study))}"


def _limitations(study: Row) -> str:
    """Return the limitations of the answer."""
    failed, doubt = study["failed"], f"{study['size']['doubt']:g}"
    return (
        "## Limitations\n\n- The search is not exhaustive: a better portfolio of either side may "
        "exist. Each instrument of a side was given the same search effort, so that both together "
        "had more proposals than a single side.\n- No data show how much a dollar "
        f"buys. In every draw each programme delivers between 1/{doubt} and {doubt} times its "
        "declared effect [A]; the kind of effect is the same in all draws.\n- Portfolios are fixed "
        "for ten years; neither government learns which of its programmes work.\n"
        + (f"- {failed} runs failed and are excluded.\n" if failed else "")
    )
