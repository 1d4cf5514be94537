"""The findings: a page with the answer, and its tables as data files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from abm.policies.base import money
from experiments.rows import answer as rows_of
from experiments.studies.ask.answer import Answer
from experiments.studies.optimise.horizons import OUTCOMES
from experiments.studies.optimise.search import BudgetTarget
from viz.documents.findings import verdict
from viz.documents.findings.tables import NEXT, RATE, RATE_HEADS, Row, Rows, rate_tables
from viz.documents.labels import BANNER, counted, markdown_row

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "findings"  # of the data files


def page(study: Row, charts: Sequence[tuple[str, str]]) -> str:
    """Return the page with the answer.

    Args:
        study: answer rows, with the command that computes them again.
        charts: title and path of each chart.

    Returns:
        Markdown text.
    """
    banner = f"{study.get('world_note', '')} {BANNER}".strip()
    pictures = "\n".join(f"![{title}]({path})\n" for title, path in charts)
    parts = (text.partition(":") for text in verdict.answer_lines(study))
    answers = [f"**{claim}:**{rest}" for claim, _, rest in parts]
    variants = f"{_variants(study)}\n\n" if study["variant_rates"] else ""
    rates = [f"**{title}**\n\n{_table(RATE_HEADS, r)}" for title, r in rate_tables(study).items()]
    return f"""\
# Findings: does tighter U.S. border security require Mexico's cooperation?

**{banner}** Written by

```sh
{study["again"]}
```

## The answer

{_table(verdict.REGIME_HEADS, verdict.regime_rows(study))}
{_lines(answers)}
{verdict.RULE}

Trade-offs:

{_lines(verdict.trade_off_lines(study))}
## Where the answer changes

{_lines(verdict.turning_lines(study))}
{pictures}
## Exchange rates

{RATE} {NEXT}

{chr(10).join(rates)}
## Runs

{_runs(study)}

{variants}## Limitations

{_lines(_limitations(study))}"""


def data_files(answer: Answer, study: Row) -> dict[str, pd.DataFrame]:
    """Return the tables of the answer that have rows, by file name.

    Args:
        answer: result of the question.
        study: its rows.
    """
    import pandas as pd

    regimes, lists = study["regimes"], ["claims", "additions"]
    cells = [{"regime": one["id"], **cell} for one in regimes for cell in one["cells"]]
    variants = [
        {"variant": name, **cell} for name, rows in study["variant_rates"].items() for cell in rows
    ]
    key: list[Any] = ["regime", "account", "measure", "budget", "horizon"]
    frames = {
        "rates": pd.json_normalize(cells).drop(columns=lists, errors="ignore"),
        "claims": pd.json_normalize(cells, "claims", key),
        "variants": pd.json_normalize(variants).drop(columns=lists, errors="ignore"),
        "numbers": pd.DataFrame(
            [test | move for test in study["claim_tests"] for move in test["moves"] or [{}]]
        ).drop(columns="moves", errors="ignore"),
        "conditions": pd.DataFrame(list(_boxes(study))),
        "portfolios": pd.DataFrame([_portfolio(answer, row) for row in study["portfolios"]]),
        "instruments": pd.DataFrame(list(map(_by_outcome, rows_of.single_rows(answer)))),
        "equal_budgets": pd.DataFrame(rows_of.equal_budget_rows(study)),
        "equal_budgets_verdicts": pd.DataFrame(study["verdicts"]),
    }
    return {name: frame for name, frame in frames.items() if len(frame)}


def _by_outcome(row: Row) -> dict[str, Any]:
    """Return a row whose list of changes, in percent, has one column per outcome."""
    others = {key: value for key, value in row.items() if key != "changes"}
    return others | dict(zip(OUTCOMES, row["changes"], strict=True))


def _portfolio(answer: Answer, row: Row) -> dict[str, Any]:
    """Return a best portfolio, its price and its median changes over the longest horizon."""
    target = BudgetTarget(**{key: row[key] for key in ("side", "account", "outcome", "budget")})
    columns = dataclasses.asdict(target) | {
        "dollars_per_averted_entry": rows_of.price(answer, target),
        "policies": "+".join(row["policies"]),
        "changes": rows_of.median_changes(row["changes"]),
    }
    return _by_outcome(columns)


def _boxes(study: Row) -> Iterator[dict[str, Any]]:
    """Yield the conditions under which a claim fails. The skill is 0.5 by chance."""
    for group in study["boxes"]:
        for box in group["boxes"]:
            texts = (
                f"{low:.3g} < {key} <= {high:.3g}" for key, (low, high) in box["bounds"].items()
            )
            row = group | box | {"bounds": " and ".join(texts), "share_failed": group["failed"]}
            yield {key: value for key, value in row.items() if key != "boxes"}


def _table(heads: Sequence[str], rows: Rows) -> str:
    """Return a Markdown table."""
    return "".join(map(markdown_row, [heads, ["---"] * len(heads), *rows]))


def _lines(texts: Sequence[str]) -> str:
    """Return a Markdown list."""
    return "".join(f"- {text}\n" for text in texts)


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
