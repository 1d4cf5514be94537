"""Write the findings: a page for policy readers, a page for referees, and data files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from abm.policies.base import money
from experiments.rows.answer import cell_rows, claim_rows
from viz.documents.findings import verdict
from viz.documents.findings.verdict import Row
from viz.documents.labels import BANNER, counted, joined

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "findings"  # subfolder for data files
REFEREE = "findings-referee.md"


def page(study: Row) -> str:
    """Return the page for policy readers: the answer, its human costs, and what would change it.

    Args:
        study: answer rows, with the command that computes them again.

    Returns:
        Markdown text.
    """
    banner = f"{study.get('world_note', '')} {BANNER}".strip()
    parts = (text.partition(":") for text in verdict.answer_lines(study))
    answers = [f"**{claim}:**{rest}" for claim, _, rest in parts]
    return f"""\
# Findings: does tighter U.S. border security require Mexico's cooperation?

**{banner}** [The page for referees]({REFEREE}) has the tables. Written by

```sh
{study["again"]}
```

## The answer

{verdict.regime_table(study).markdown()}
{_lines([*answers, *verdict.headline_lines(study)])}
## Human costs

{_lines(verdict.trade_off_lines(study))}
## Where the answer changes

{_lines(verdict.turning_lines(study))}"""


def referee_page(study: Row, charts: Sequence[tuple[str, str]]) -> str:
    """Return the page for referees: rule, turning numbers, exchange rates, runs and limitations.

    Args:
        study: answer rows.
        charts: title and path of each chart.

    Returns:
        Markdown text.
    """
    pictures = "\n".join(f"![{title}]({path})\n" for title, path in charts)
    files = joined([f"[{name}]({FOLDER}/{name}.csv)" for name in data_files(study)])
    turning, tables = verdict.turning_table(study), verdict.rate_tables(study)
    turned = f"## Turning numbers\n\n{turning.caption}.\n\n{turning.markdown()}\n"
    rates = [f"**{table.caption}**\n\n{table.markdown()}" for table in tables]
    return f"""\
# Findings: tables for referees

{verdict.RULE} All tables as data: {files}.

{turned if turning.rows else ""}{pictures}
## Exchange rates

{verdict.RATE} {verdict.NEXT}

{chr(10).join(rates)}
## Runs

{_runs(study)}

## Limitations

{_lines(_limitations(study))}"""


def data_files(study: Row) -> dict[str, pd.DataFrame]:
    """Return the tables of the answer that have rows, by file name.

    Args:
        study: answer rows.
    """
    import pandas as pd

    rates = pd.json_normalize(cell_rows(study))
    frames = {
        "rates": rates.drop(columns=["claims", "additions"]),
        "claims": pd.DataFrame(claim_rows(study)),
        "turning": pd.DataFrame(study["turning"]),
        "numbers": pd.DataFrame(
            [test | move for test in study["claim_tests"] for move in test["moves"] or [{}]]
        ).drop(columns="moves", errors="ignore"),
        "portfolios": pd.DataFrame(list(map(_portfolio, study["portfolios"]))),
        "instruments": pd.DataFrame(list(map(_by_outcome, study["instruments"]))),
    }
    return {name: frame for name, frame in frames.items() if len(frame)}


def _portfolio(row: Row) -> dict[str, Any]:
    """Return a portfolio's row with its policies as one text for ``--policy``."""
    columns = {key: value for key, value in row.items() if key not in ("dollars", "payers")}
    return _by_outcome(columns | {"policies": "+".join(row["policies"])})


def _by_outcome(row: Row) -> dict[str, Any]:
    """Return a row in which every outcome's change is a column."""
    return {key: value for key, value in row.items() if key != "changes"} | row["changes"]


def _lines(texts: Sequence[str]) -> str:
    """Return a Markdown list."""
    return "".join(f"- {text}\n" for text in texts)


def _runs(study: Row) -> str:
    """Return the paragraph on the runs with which the claims were tested."""
    scenario, size = study["scenario"], study["size"]
    budgets, factor = ", ".join(map(money, size["budgets"])), f"{size['largest_factor']:g}"
    later = counted(size["later_years"], "year")
    return (
        f"{size['members']} members of the calibrated ensemble, each with its own seed, "
        f"{counted(size['score_years'], 'year')} from {scenario['start']} in FY2013; {later} in "
        f"later regimes, other headlines and marginal pairs, at {money(size['later_budget'])}; "
        f"{scenario['scale']} persons per simulated migrant. Budgets of "
        f"{budgets} per year; for the United States alone also larger ones. The search ran "
        f"{study['searched']:,} portfolios in runs of {counted(size['search_years'], 'year')}, "
        f"each under one of {size['search_members']} other members, with another seed and its "
        "own factors of effectiveness; the best of them were then scored on these members. In "
        "every draw, each programme of either side delivers between "
        f"1/{factor} and {factor} times its declared effect; programmes without any "
        "evaluation deliver nothing in a quarter of the draws. Prices, limits and strengths with a "
        "published range are drawn from it. Dollars are those that are spent over the years of a "
        "row, so that limits of the first years count."
    )


def _limitations(study: Row) -> list[str]:
    """Return the limitations of the answer."""
    failed, factor = study["failed"], f"{study['size']['largest_factor']:g}"
    texts = [
        "The search is not exhaustive: a better portfolio of either side may exist. Each "
        "instrument of a side was given the same search effort, so that both together had more "
        "proposals than a single side.",
        "No data show how much a dollar buys. In every draw each programme delivers between "
        f"1/{factor} and {factor} times its declared effect [A]; the kind of effect is the same in "
        "all draws.",
        "Portfolios are fixed for ten years; neither government learns which of its programmes "
        "work.",
    ]
    return [*texts, *([f"{failed} runs failed and are excluded."] if failed else [])]
