"""The findings: a page with the answer, and its tables as data files."""

from __future__ import annotations

import math
from collections.abc import Sequence

from abm.policies.base import money
from experiments.rows import answer as rows_of
from experiments.studies.ask.answer import Answer
from experiments.studies.ask.rate_cells import RATE_CLAIMS
from experiments.studies.ask.uncertain_numbers import number_label
from experiments.studies.ask.verdict import CLAIMS
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES
from experiments.studies.optimise.search import BudgetTarget
from viz.documents.findings import rate_tables, tables, verdict
from viz.documents.findings.tables import Row, Rows
from viz.documents.findings.words import ACCOUNT, SHORT, percent
from viz.documents.labels import BANNER, counted, markdown_row
from viz.figures.frontier import SIDE_NAMES

#: Heads and rows of a data file.
type Data = tuple[Sequence[str], Rows]

FOLDER = "findings"  # of the data files
_CHANGES = [SHORT[name] for name in OUTCOMES]  # heads of the changes of a portfolio
_BOX_HEADS = (
    *("claim", "measure", "regime", "fails", "skill", "skill by chance"),
    *("conditions", "draws that fail", "share", "share of all failures"),
)


def page(study: Row, charts: Sequence[tuple[str, str]]) -> str:
    """Return the page with the answer.

    Args:
        study: rows of the answer, with the command that computes them again.
        charts: title and path of each chart.

    Returns:
        Markdown text.
    """
    banner = f"{study.get('world_note', '')} {BANNER}".strip()
    pictures = "\n".join(f"![{title}]({path})\n" for title, path in charts)
    variants = f"{_variants(study)}\n\n" if study["variant_rates"] else ""
    return f"""\
# Findings: does tighter U.S. border security require Mexico's cooperation?

**{banner}** Written by

```sh
{study["again"]}
```

## The answer

{_table(verdict.REGIME_HEADS, verdict.regime_rows(study))}
{_bold_lines(verdict.answer_lines(study))}
{verdict.RULE}

Trade-offs:

{_lines(verdict.trade_off_lines(study))}
## Where the answer changes

{_lines(verdict.turning_lines(study))}
{pictures}
## Runs

{_runs(study)}

{variants}## Limitations

{_lines(_limitations(study))}"""


def data_files(answer: Answer, study: Row) -> dict[str, Data]:
    """Return the tables of the answer that have rows, by the name of their file.

    Args:
        answer: result of the question.
        study: its rows.
    """
    rates = [*rate_tables.RATE_HEADS, *rate_tables.REACH_HEADS]
    rates += [*rate_tables.MORE_HEADS, *rate_tables.HUMAN_HEADS]
    budget = ["$ per year", "counted in", "measure"]
    cell = ["reduction of entries over 10 years", "P(win)"]
    cell += [f"P over {' / '.join(map(str, HORIZONS))} years alone", "verdict", "trade-offs"]
    chosen = ["account", "side", "chosen for", "$ per year", *_CHANGES]
    single = [
        [
            *(row["arm"].replace("_", " "), row["instrument"], money(row["dollars"])),
            *map(percent, row["changes"]),
        ]
        for row in rows_of.single_rows(answer)
    ]
    data: dict[str, Data] = {
        "rates": (rates, rate_tables.rate_rows(study)),
        "accounts": (rate_tables.SENSITIVITY_HEADS, rate_tables.sensitivity_rows(study)),
        "claims": (["regime", *budget, "years", *RATE_CLAIMS], _claims(study)),
        "variants": (rate_tables.VARIANT_HEADS, rate_tables.variant_rows(study)),
        "numbers": (rate_tables.TEST_HEADS, rate_tables.rows_of_tests(study)),
        "conditions": (_BOX_HEADS, [row for group in study["boxes"] for row in _boxes(group)]),
        "portfolios": ([*chosen, "$ per averted entry", "portfolio"], _portfolios(answer, study)),
        "instruments": (["arm", "instrument", "$ per year", *_CHANGES], single),
        "equal_budgets": (["claim", *budget, *cell], _equal_budgets(study)),
        "equal_budgets_verdicts": (
            ["claim", "meaning", "verdict", "contingent on", "cells"],
            [[name, CLAIMS[name], *rest] for name, *rest in tables.verdict_rows(study)],
        ),
    }
    return {name: (heads, rows) for name, (heads, rows) in data.items() if rows}


def _table(heads: Sequence[str], rows: Rows) -> str:
    """Return a Markdown table."""
    return "".join(map(markdown_row, [heads, ["---"] * len(heads), *rows]))


def _lines(texts: Sequence[str]) -> str:
    """Return a Markdown list."""
    return "".join(f"- {text}\n" for text in texts)


def _bold_lines(texts: Sequence[str]) -> str:
    """Return a Markdown list with the part before the first colon in bold."""
    return _lines([f"**{head}:**{rest}" for head, _, rest in (t.partition(":") for t in texts)])


def _runs(study: Row) -> str:
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
        "spent over the years of a row, so that limits of the first years count."
    )


def _variants(study: Row) -> str:
    """Return how the structural variants were run."""
    size = study["size"]
    return (
        "Structural variants run one at a time, in FY2013, at "
        f"{money(size['variant_budget'])} per year in joint dollars, for "
        f"{counted(size['variant_years'], 'year')}, with portfolios that are searched for in the "
        "variant. The first variant is the unchanged model in the same size. The others are "
        "compared with it, and not with FY2013 in full, which has more draws, budgets and search."
    )


def _limitations(study: Row) -> list[str]:
    """Return the limitations of the answer."""
    failed, doubt = study["failed"], f"{study['size']['doubt']:g}"
    texts = [
        "The search is not exhaustive: a better portfolio of either side may exist. Each "
        "instrument of a side was given the same search effort, so that both together had more "
        "proposals than a single side.",
        "No data show how much a dollar buys. In every draw each programme delivers between "
        f"1/{doubt} and {doubt} times its declared effect [A]; the kind of effect is the same in "
        "all draws.",
        "Portfolios are fixed for ten years; neither government learns which of its programmes "
        "work.",
    ]
    return [*texts, *([f"{failed} runs failed and are excluded."] if failed else [])]


def _claims(study: Row) -> Rows:
    """Return the share of won draws of every regime, with the regime in front."""
    return [
        [regime["id"].upper(), *row]
        for regime in study["regimes"]
        for row in rate_tables.claim_shares(regime["cells"])
    ]


def _equal_budgets(study: Row) -> Rows:
    """Return the claims at equal budgets, then cooperation alone against the U.S. alone."""
    order = list(CLAIMS)
    judged = sorted(study["cells"], key=lambda cell: order.index(cell["claim"]))
    cells = [(cell["claim"], cell) for cell in judged]
    cells += [("cooperation alone against U.S. alone", row) for row in study["cooperation_alone"]]
    return [[claim, *row] for claim, cell in cells for row in tables.cell_rows([cell])]


def _portfolios(answer: Answer, study: Row) -> Rows:
    """Return account, side, measure, budget, changes, price of an averted entry, and dollars."""
    rows = []
    for account in study["size"]["accounts"]:
        for row in rows_of.sorted_portfolios(study, account):
            side, outcome, budget = row["side"], row["outcome"], row["budget"]
            price = rows_of.price(answer, BudgetTarget(side, account, outcome, budget))
            changes = map(percent, rows_of.median_changes(row["changes"]))
            dollars = ", ".join(f"{name} {money(x)}" for name, x in row["dollars"].items())
            cost = "none averted" if price is None else f"${price:,.0f}"
            head = [ACCOUNT[account], SIDE_NAMES[side], SHORT[outcome], money(budget)]
            rows.append([*head, *changes, cost, dollars or "nothing"])
    return rows


def _boxes(group: Row) -> Rows:
    """Return the conditions under which a claim fails; one row if chance does as well."""
    head = [group["claim"], SHORT[group["outcome"]], group["regime"].upper()]
    head += [f"{100 * group['failed']:.0f} %", f"{group['skill']:.2f}", f"{group['chance']:.2f}"]
    if not group["skill"] > group["chance"]:
        return [[*head, "none", "", "", ""]]
    return [[*head, *_box(box)] for box in group["boxes"]]


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
    text = money if name == "budget" else "{:.3g}".format
    name = number_label(name)
    if low == -math.inf:
        return f"{name} up to {text(high)}"
    return f"{name} above {text(low)}" + ("" if high == math.inf else f" up to {text(high)}")
