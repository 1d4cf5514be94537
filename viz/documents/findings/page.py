"""The findings as a Markdown page: the verdict, what it rests on, where it fails."""

from __future__ import annotations

from collections.abc import Sequence

from abm.policies.base import money
from experiments.ask.answer import Answer
from experiments.ask.verdict import CLAIMS
from viz.documents.findings import tables
from viz.documents.findings.tables import Rows
from viz.documents.findings.words import SHORT

_LINE = "**Model output within stated priors, not a forecast.**"


def page(answer: Answer, command: str, pictures: Sequence[tuple[str, str]]) -> str:
    """The whole page; `pictures` are (words, path) of the frontier by account."""
    parts = [
        "# Findings: does tighter U.S. border security require Mexico's cooperation?\n",
        _LINE + f" Written by\n\n```sh\n{command}\n```\n",
        _how(answer),
        _verdict(answer),
        *(f"![{words}]({path})\n" for words, path in pictures),
        _cells(answer),
        _alone(answer),
        _portfolios(answer),
        _arms(answer),
        _variants(answer),
        _boxes(answer),
        _flips(answer),
        _cautions(answer),
    ]
    return "\n".join(part for part in parts if part)


def markdown(heads: Sequence[str], rows: Rows) -> str:
    """A table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _how(answer: Answer) -> str:
    """What was played."""
    p, size = answer.played, answer.played.size
    budgets = ", ".join(money(budget) for budget in size.budgets)
    return (
        f"{size.members} members of the calibrated ensemble, each with luck of its own, ten years "
        f"from {p.scenario.start}, a simulated migrant stands for {p.scenario.scale} persons. "
        f"Budgets of {budgets} a year; for the United States alone also four times as much. "
        f"Portfolios were looked for on {size.search_members} other members and other seeds "
        f"({len(p.searched):,} portfolios played), then scored on these. In every draw each "
        f"programme, of either side, delivers between 1/{size.doubt:g} and {size.doubt:g} times "
        f"what is declared. {tables.rule()}\n"
    )


def _verdict(answer: Answer) -> str:
    """Three claims, three words."""
    claims = "".join(f"- **{name}**: {words}.\n" for name, words in CLAIMS.items())
    heads = ["claim", "verdict", "contingent on", "of budgets, measures and accounts"]
    return f"## Verdict\n\n{claims}\n{markdown(heads, tables.verdict_rows(answer))}"


def _cells(answer: Answer) -> str:
    """Every claim by budget, account and measure."""
    text = "## Claim by claim\n\nIn brackets nine draws in ten; for P(win) what so few draws leave "
    text += "open. A win that comes with more deaths, kidnappings or people returned unscreened in "
    text += "most of the draws that are won is a trade-off, in the last column with its share.\n"
    for claim, words in CLAIMS.items():
        rows = tables.cell_rows(answer.of(claim))
        text += f"\n### {claim}: {words}\n\n{markdown(tables.CELL_HEADS, rows)}"
    return text


def _alone(answer: Answer) -> str:
    """Cooperation without anything of the U.S. side's own."""
    if not answer.alone:
        return ""
    rows = tables.cell_rows(answer.alone)
    return (
        "### Instead of, not beside: cooperation alone against the United States alone\n\n"
        f"{markdown(tables.CELL_HEADS, rows)}"
    )


def _portfolios(answer: Answer) -> str:
    """What the best portfolios buy."""
    text = "## What the best portfolios buy\n\nMedian change over ten years from the status quo; "
    text += "planned joint dollars for every entry averted of the kind that the portfolio "
    text += "was chosen for, not discounted.\n"
    for account in answer.played.size.accounts:
        rows = tables.portfolio_rows(answer, account)
        text += f"\n### Counted in {tables.account_words(account)}\n\n"
        text += markdown(tables.PORTFOLIO_HEADS, rows)
    return text


def _arms(answer: Answer) -> str:
    """All arms together without a search, and every instrument of every arm alone."""
    members = answer.played.size.search_members
    return (
        "## The arms, all together and one by one\n\nAll instruments at once, each at the same "
        "share of its full programme, nothing optimised; median change over ten years.\n\n"
        f"{markdown(tables.WHOLE_HEADS, tables.whole_rows(answer))}\nEvery instrument alone, as "
        f"the search played it: mean change over ten years on its {members} members, as declared. "
        "So few say little about chance: what is below one percent is within it.\n\n"
        f"{markdown(tables.ALONE_HEADS, tables.alone_rows(answer))}"
    )


def _variants(answer: Answer) -> str:
    """The same in models that are built differently."""
    if not answer.variants:
        return ""
    budget = money(answer.played.size.variant_budget)
    return (
        f"## In a model that is built differently\n\nOne difference at a time, at {budget} a "
        "year in joint dollars, the same portfolios, fewer draws: P(win).\n\n"
        f"{markdown(tables.VARIANT_HEADS, tables.variant_rows(answer))}"
    )


def _boxes(answer: Answer) -> str:
    """Where the thesis fails."""
    text = "## Where the thesis fails\n\nDraws at every budget and account, split by up to three "
    text += "questions. Skill is balanced accuracy on members that the tree has not seen; 0.5 is a "
    text += "coin.\n"
    for found in answer.boxes:
        told = (
            f"skill {found.skill:.2f}; where members are shuffled, up to {found.chance:.2f} by "
            "chance"
        )
        trust = "" if found.better_than_chance else ": **no better than chance**, do not read it"
        text += f"\n### {found.claim}, {SHORT[found.outcome]}: fails in "
        text += f"{100 * found.failed:.0f} % of draws\n\n{told}{trust}.\n\n"
        text += markdown(tables.BOX_HEADS, tables.box_rows(found))
    return text if answer.boxes else text + "\nNo claim fails in some draws and holds in others.\n"


def _flips(answer: Answer) -> str:
    """Assumptions that move the margin."""
    text = "## Assumptions that could turn it\n\nMedian of the margin over 5 %, in points, in the "
    text += "third of members where a number is lowest and highest, on average over budgets and "
    text += "accounts. Only numbers that chance does not explain.\n\n"
    rows = tables.flip_rows(answer)
    return text + (markdown(tables.FLIP_HEADS, rows) if rows else "None is seen.\n")


def _cautions(answer: Answer) -> str:
    """What this cannot say."""
    failed, doubt = answer.failures, f"{answer.played.size.doubt:g}"
    return (
        "## What this cannot say\n\n- The search is not exhaustive: a better portfolio of either "
        "side may have been missed. Both sides were given the same effort.\n- What a dollar buys "
        f"is on no record. In every draw each programme delivers between 1/{doubt} and {doubt} "
        "times what is declared [A]; what kind of thing it does is the same in all.\n"
        "- Portfolios are fixed for ten years; nobody learns which of them works.\n"
        + (f"- {failed} runs gave nothing and are left out.\n" if failed else "")
    )
