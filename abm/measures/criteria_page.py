"""The reference page of all criteria, written from their definitions."""

from collections.abc import Iterator

from abm.measures.criteria_definitions import CRITERIA, Criterion
from abm.measures.outcome_definitions import BESIDE_PRICES, GROUPS, OUTCOMES, PRICES
from abm.measures.outcomes import DiscountParams
from agents.param import params_of

_HEAD = """\
# Criteria of progress

One page of measures, each defined once: what `twoborders run` prints and gives as `criteria`. Some
can be known by agencies; where what they see stands for something else, that truth is named, and a
model can show both. Yearly figures are over the recorded days. What is not a number is `null` in
JSON. This page is written from the code; `twoborders criteria` prints the same.
"""


def criteria_markdown() -> str:
    """Give the page as Markdown; the text is the same for the same definitions."""
    return "\n".join([_HEAD, *_groups(), *_prices()]) + "\n"


def _groups() -> Iterator[str]:
    """Give a table for every group."""
    for group, title in GROUPS.items():
        yield from (f"## {title}", "")
        yield "| criterion | name | unit | meaning | known to |"
        yield "| --- | --- | --- | --- | --- |"
        for name, c in CRITERIA.items():
            if c.group == group:
                yield f"| `{name}` | {c.label} | {c.unit} | {c.doc} | {known_to(c)} |"
        yield ""


def known_to(c: Criterion) -> str:
    """Say who can know a criterion."""
    if not c.seen:
        return "the model alone"
    return f"agencies; the truth: `{c.truth}`" if c.truth else "agencies, as it is"


def _prices() -> Iterator[str]:
    """Give the prices, with what must stand beside them."""
    beside = " and ".join(f"*{OUTCOMES[name].label}* (`{name}`)" for name in BESIDE_PRICES)
    rate = params_of(DiscountParams)["rate"]
    yield from ("## In comparisons only", "")
    yield "| criterion | unit | meaning |"
    yield "| --- | --- | --- |"
    for name, m in PRICES.items():
        yield f"| `{name}` | {m.unit} | {m.label}. {m.doc} |"
    yield ""
    yield (
        f"An entry that does not happen can be a person who needed protection and was turned away, "
        f"or who died. So these never stand alone: directly beside them are the differences in "
        f"{beside}. Dollars are those of both governments and of users; dollars and entries of "
        f"later days are discounted at {100 * rate.value:g} % a year ({rate.source})."
    )
