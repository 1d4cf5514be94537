"""The findings as a Markdown page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abm.policies.base import money
from experiments.ask.answer import Answer
from experiments.ask.verdict import CLAIMS
from viz.documents.findings import tables
from viz.documents.findings.tables import ACCOUNTS, SHORT, Rows

_BANNER = "**Model output within stated priors, not a forecast.**"
_CELLS = """\
## Claims by budget, account and measure

Brackets contain the range of nine draws in ten; for P(win), its 90 % confidence interval. A win is
a trade-off if most of the won draws have more deaths, kidnappings or people returned unscreened;
the last column lists these with their share of won draws.
"""
_PORTFOLIOS = """\
## Best portfolios

Median change over ten years from the status quo; planned joint dollars per averted entry of the
kind for which the portfolio was chosen, not discounted.
"""
_COMBINED = """\
## All arms together, and every instrument alone

All instruments at once, each at the same share of its full programme, without optimisation; median
change over ten years.
"""
_FAILURES = """\
## Conditions under which claims fail

Draws of all budgets and accounts, split by up to three conditions. Skill is the balanced accuracy
on members that were not used to fit the tree; 0.5 corresponds to guessing.
"""
_DRIVERS = """\
## Assumptions that could reverse a claim

Median of the margin over 5 %, in points, in the third of members where a parameter is lowest and
in the third where it is highest, averaged over budgets and accounts. Only parameters whose effect
chance does not explain.
"""

Study = Mapping[str, Any]


def page(answer: Answer, study: Study, charts: Sequence[tuple[str, str]]) -> str:
    """Return the page.

    Args:
        answer: result of the question.
        study: its rows, with the command that computes them again.
        charts: title and path of the frontier of every account.

    Returns:
        Markdown text.
    """
    parts = [
        "# Findings: does tighter U.S. border security require Mexico's cooperation?\n",
        f"{_BANNER} Written by\n\n```sh\n{study['again']}\n```\n",
        _method(study),
        _verdicts(study),
        *(f"![{title}]({path})\n" for title, path in charts),
        _cells(study),
        _cooperation_alone(study),
        _portfolios(answer, study),
        _instruments(answer),
        _variants(answer),
        _failures(study),
        _drivers(study),
        _limitations(study),
    ]
    return "\n".join(part for part in parts if part)


def _table(heads: Sequence[str], rows: Rows) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _method(study: Study) -> str:
    """Return how the claims were tested."""
    scenario, size = study["scenario"], study["size"]
    budgets = ", ".join(map(money, size["budgets"]))
    return (
        f"{size['members']} members of the calibrated ensemble, each with its own seed, ten years "
        f"from {scenario['start']}, {scenario['scale']} persons per simulated migrant. Budgets of "
        f"{budgets} a year; for the United States alone also four times these. The search ran "
        f"{study['searched']:,} portfolios on {size['search_members']} other members and other "
        "seeds; the best of them were then scored on these members. In every draw, each programme "
        f"of either side delivers between 1/{size['doubt']:g} and {size['doubt']:g} times its "
        f"declared effect. {tables.RULE}\n"
    )


def _verdicts(study: Study) -> str:
    """Return the claims and their verdicts."""
    claims = "".join(f"- **{name}**: {words}.\n" for name, words in CLAIMS.items())
    heads = ["claim", "verdict", "contingent on", "budgets, measures and accounts"]
    return f"## Verdict\n\n{claims}\n{_table(heads, tables.verdict_rows(study))}"


def _cells(study: Study) -> str:
    """Return every claim by budget, account and measure."""
    text = _CELLS
    for claim, words in CLAIMS.items():
        rows = tables.cell_rows(cell for cell in study["cells"] if cell["claim"] == claim)
        text += f"\n### {claim}: {words}\n\n{_table(tables.CELL_HEADS, rows)}"
    return text


def _cooperation_alone(study: Study) -> str:
    """Return the comparison of cooperation alone with the United States alone."""
    if not study["cooperation_alone"]:
        return ""
    rows = tables.cell_rows(study["cooperation_alone"])
    return (
        "### Cooperation as a substitute: cooperation alone against the United States alone\n\n"
        f"{_table(tables.CELL_HEADS, rows)}"
    )


def _portfolios(answer: Answer, study: Study) -> str:
    """Return the best portfolios by account."""
    text = _PORTFOLIOS
    for account in study["size"]["accounts"]:
        rows = tables.portfolio_rows(answer, study, account)
        text += f"\n### Counted in {ACCOUNTS[account]}\n\n{_table(tables.PORTFOLIO_HEADS, rows)}"
    return text


def _instruments(answer: Answer) -> str:
    """Return all arms together without a search, and every instrument alone."""
    members = answer.runs.size.search_members
    return (
        f"{_COMBINED}\n{_table(tables.COMBINED_HEADS, tables.combined_rows(answer))}\n"
        f"Every instrument alone in the search: mean change over ten years on its {members} "
        "members, with declared effects. With few members, chance alone can explain changes below "
        f"one percent.\n\n{_table(tables.SINGLE_HEADS, tables.single_rows(answer))}"
    )


def _variants(answer: Answer) -> str:
    """Return P(win) under the structural variants."""
    if not answer.variants:
        return ""
    budget = money(answer.runs.size.variant_budget)
    return (
        f"## Structural variants of the model\n\nOne variant at a time, at {budget} a year in "
        "joint dollars, with the same portfolios and fewer draws: P(win).\n\n"
        f"{_table(tables.VARIANT_HEADS, tables.variant_rows(answer))}"
    )


def _failures(study: Study) -> str:
    """Return the conditions under which claims fail."""
    text = _FAILURES
    for found in study["boxes"]:
        skill = f"skill {found['skill']:.2f}; with shuffled members up to {found['chance']:.2f}"
        unsure = (
            "" if found["skill"] > found["chance"] else ": **no better than chance**, ignore it"
        )
        text += f"\n### {found['claim']}, {SHORT[found['outcome']]}: fails in "
        text += f"{100 * found['failed']:.0f} % of draws\n\n{skill}{unsure}.\n\n"
        text += _table(tables.BOX_HEADS, tables.box_rows(found["boxes"]))
    return text if study["boxes"] else text + "\nEvery claim holds in all draws or in none.\n"


def _drivers(study: Study) -> str:
    """Return the assumptions that move the margin of a claim."""
    rows = tables.driver_rows(study)
    return _DRIVERS + "\n" + (_table(tables.DRIVER_HEADS, rows) if rows else "There are none.\n")


def _limitations(study: Study) -> str:
    """Return the limitations of the answer."""
    failed, doubt = study["failed"], f"{study['size']['doubt']:g}"
    return (
        "## Limitations\n\n- The search is not exhaustive: a better portfolio of either side may "
        "exist. Both sides were given the same search effort.\n- No data show how much a dollar "
        f"buys. In every draw each programme delivers between 1/{doubt} and {doubt} times its "
        "declared effect [A]; the kind of effect is the same in all draws.\n- Portfolios are fixed "
        "for ten years; neither government learns which of its programmes work.\n"
        + (f"- {failed} runs failed and are excluded.\n" if failed else "")
    )
