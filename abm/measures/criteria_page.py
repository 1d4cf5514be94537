"""Reference page on criteria, generated from their definitions."""

from collections.abc import Iterator

from abm.measures.criteria import CRITERIA, Criterion
from abm.measures.outcomes import BESIDE_PRICES, GROUPS, OUTCOMES, PRICES, DiscountParams
from agents.param import params_of

_SHORT = 40  # characters up to which a table repeats a meaning
_HEAD = """\
# Criteria of progress

The measures that `twoborders run` prints and returns as `criteria`, generated from the code
(`twoborders criteria` prints the same). The last column says which of them agencies observe. Where
an observed measure is a proxy, it names the true measure, and the model reports both. Yearly
figures cover the recorded days. Undefined values are `null` in JSON.
"""


def criteria_markdown() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *_groups(), *_prices()]) + "\n"


def _groups() -> Iterator[str]:
    """Yield the lines of one table per group."""
    for group, title in GROUPS.items():
        yield from (f"## {title}", "")
        yield "| criterion | name | unit | meaning | observed |"
        yield "| --- | --- | --- | --- | --- |"
        first: dict[str, str] = {}  # first criterion with each meaning
        for name, c in CRITERIA.items():
            if c.group == group:
                stated = first.setdefault(c.doc, name)
                doc = c.doc if stated == name or len(c.doc) < _SHORT else f"As `{stated}`."
                observed = f"true: `{c.truth}`" if c.truth else "yes" if c.observed else "no"
                yield f"| `{name}` | {c.label} | {c.unit} | {doc} | {observed} |"
        yield ""


def known_to(c: Criterion) -> str:
    """Return a phrase that names the actors who can observe a criterion."""
    if not c.observed:
        return "the model only"
    return f"agencies; true value: `{c.truth}`" if c.truth else "agencies"


def _prices() -> Iterator[str]:
    """Yield the section on prices, which names the human costs to report next to them."""
    *first, last = (f"*{OUTCOMES[name].label}* (`{name}`)" for name in BESIDE_PRICES)
    costs = f"{', '.join(first)} and {last}"
    rate = params_of(DiscountParams)["rate"]
    yield from ("## In comparisons only", "")
    yield "| criterion | unit | meaning |"
    yield "| --- | --- | --- |"
    for name, m in PRICES.items():
        yield f"| `{name}` | {m.unit} | {m.label}. {m.doc} |"
    yield ""
    yield (
        f"An averted entry can be a person who needed protection and was turned away, or who died. "
        f"Prices are therefore always reported together with the differences in {costs}. Dollars "
        f"include both governments and users; dollars and entries of later days are discounted at "
        f"{100 * rate.value:g} % per year ({rate.source})."
    )
