"""Commands that list what the package contains: policies, scenarios, parameters, a day.

Functions import the model only when they need it, so that a list of policies takes half a second.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from abm.measures import BESIDE_PRICES, CRITERIA, GROUPS, PRICES, DiscountParams
from abm.measures.criteria_page import criteria_markdown, known_to
from abm.measures.outcomes import AVERTED
from abm.policies import policy_class, registry
from abm.policies.policies_page import policies_markdown
from agents.param import STATUSES, nearest, plain
from experiments.rows.records import json_text, record
from viz.cli import console
from viz.cli.options import JsonOption
from viz.cli.shell import log
from viz.documents.labels import payer_label
from viz.figures.numbers import dollars

if TYPE_CHECKING:
    from viz.cli.app import Describe, Parameters

#: Heading of each text of a policy.
_HEADS = {
    "claim": "Claim tested",
    "mechanism": "Mechanism",
    "expect": "What to expect",
    "fails_when": "Fails when",
    "acts_when": "Acts when",
    "evaluated": "Evidence",
}


def _is_printed(
    options: JsonOption, study: Mapping[str, Any], page: Callable[[], str] | None = None
) -> bool:
    """Print the reference page or the JSON if requested, and return whether either was printed."""
    markdown = options.selected("markdown").get("markdown", False)
    if markdown and page:
        print(page(), end="")
    elif options.as_json:
        print(json_text(study))
    return markdown or options.as_json


def print_policies(options: JsonOption) -> None:
    """Print every policy, sorted by group (`arm` in the JSON)."""
    policies = [kind.full_programme().describe() for kind in registry().values()]
    if _is_printed(options, {"policies": policies}, policies_markdown):
        return
    rows = []
    for policy in sorted(policies, key=lambda policy: (policy["arm"], policy["id"])):
        needs = "yes" if policy["needs_mexico"] else "no"
        cost = dollars(sum(cost["dollars_per_year"] for cost in policy["cost"]))
        arm = policy["arm"].replace("_", " ")
        rows.append((policy["id"], policy["title"], arm, needs, cost))
    heads = ("id", "title", "group", "needs Mexico", "$ per year")
    baselines = sum(policy["arm"] == "baseline" for policy in policies)
    instruments = len(policies) - baselines
    title = f"{len(policies)} policies: {instruments} instruments, {baselines} baselines"
    console.table(title, heads, rows, left=4, keep=True)
    console.line("Dollars are those of dose 1, the full programme, all payers together.")
    console.line("Details: twoborders describe ID. Run: twoborders run --policy ID[:dose].")


def print_policy(options: Describe) -> None:
    """Print one policy in full, or raise ``SettingError`` if its id is unknown."""
    name = options.policy
    policy = policy_class(name).full_programme().describe()
    if _is_printed(options, policy):
        return
    needs = "needs Mexico" if policy["needs_mexico"] else "the United States alone"
    arm = policy["arm"].replace("_", " ")
    console.line(f"{policy['title']} ({policy['id']}): {arm}, {needs}\n")
    for key, head in _HEADS.items():
        if policy[key]:
            console.line(f"{head}: {policy[key]}")
    console.line(f"Levers: {', '.join(policy['levers']) or 'none'}.")
    low, high = policy["dose_bounds"]
    full = policy["dose_note"] or "Dose 1 is the full programme."
    console.line(f"{full} {low:g} to {high:g} are allowed.\n")
    _print_costs_and_numbers(policy)
    console.line(f"Run: twoborders run --policy {name}")
    console.line(f"Compare: twoborders compare {name}")


def _print_costs_and_numbers(policy: Mapping[str, Any]) -> None:
    """Print a policy's costs by payer, and its parameters."""
    costs = [
        (payer_label(c["payer"]), dollars(c["dollars_per_year"]), c["purpose"], c["source"])
        for c in policy["cost"]
    ]
    if costs:
        heads = ("paid by", "$ per year", "for", "source")
        console.table("Cost per year at dose 1", heads, costs, left=4)
    numbers = [
        (n["name"], plain(n["value"]), n["unit"], _range(n["low"], n["high"]), n["source"])
        for n in policy["numbers"]
    ]
    if numbers:
        heads = ("name", "value", "unit", "bounds", "source")
        console.table("Parameters ([A] is an assumption)", heads, numbers, left=5, keep=True)


def _range(low: Any, high: Any) -> str:
    """Format two bounds as "low to high"."""
    return f"{plain(low)} to {plain(high)}"


def print_criteria(options: JsonOption) -> None:
    """Print every criterion: label, unit, definition, and who can observe it."""
    study = {"criteria": criterion_rows(), "prices": price_rows()}
    if _is_printed(options, study, criteria_markdown):
        return
    heads = ("name", "definition")
    for group, title in GROUPS.items():
        rows = [
            (name, f"{c.label}, {c.unit}. {c.doc} Known to {known_to(c).replace('`', '')}.")
            for name, c in CRITERIA.items()
            if c.group == group
        ]
        console.table(title, heads, rows, left=2, keep=True)
    rows = [(name, f"{m.label}, {m.unit}. {m.doc}") for name, m in PRICES.items()]
    console.table("In comparisons only", heads, rows, left=2, keep=True)
    console.line(
        "Prices are always printed together with the differences in people returned unscreened and "
        f"in deaths. They are discounted at {100 * DiscountParams().rate:g} % a year."
    )


def print_scenarios(options: JsonOption) -> None:
    """Print the packaged scenarios."""
    from experiments.rows.runs import scenario_row
    from experiments.scenarios import find, names

    keys = ("name", "doc", "start", "days", "scale", "supply", "policies", "digest")
    rows = [scenario_row(scenario) | {"doc": scenario.doc} for scenario in map(find, names())]
    if _is_printed(options, {"scenarios": [{key: row[key] for key in keys} for row in rows]}):
        return
    cells = [
        (row["name"], row["start"], f"{row['days']:,}", str(row["scale"]), row["doc"])
        for row in rows
    ]
    heads = ("name", "start", "days", "scale", "description")
    console.table("Scenarios", heads, cells, left=5, keep=True)
    console.line('A scenario file starts with extends = "baseline" and contains only the changes.')


def print_parameters(options: Parameters) -> None:
    """Print the model's parameters with value, unit, bounds and source."""
    from abm.scenario import Scenario, declared_numbers, parameters
    from abm.scenario.parameters_page import reference_markdown

    text = options.text.lower()
    all_rows = declared_numbers(parameters(Scenario()))
    rows = [row for row in all_rows if text in row.path.lower()]
    keys = (
        *("path", "value", "unit", "low", "high", "doc", "source"),
        *("status", "assumed", "choices"),
    )
    listed = [{key: getattr(row, key) for key in keys} for row in rows]
    if _is_printed(options, {"parameters": listed}, reference_markdown):
        return
    if rows:
        _print_parameter_table(rows)
    else:
        parts = [part for row in all_rows for part in re.split(r"[._]", row.path)]
        guess = nearest(text, parts)
        hint = f"did you mean {guess!r}? " if guess else ""
        log(f"note: no path contains {options.text!r}; {hint}all of them: twoborders parameters")


def _print_parameter_table(rows: Sequence[Any]) -> None:
    """Print two lines per parameter, because a table would need more than 120 columns."""
    count = Counter(row.status for row in rows)
    title = f"{len(rows)} parameters: " + ", ".join(
        f"{count[status]} {status}" for status in STATUSES if count[status]
    )
    print(title)
    for row in rows:
        allowed = ", ".join(row.choices) if row.choices else _range(row.low, row.high)
        print(f"{row.path} = {_value_text(row.value)} {row.unit} ({allowed})\n    {row.source}")
    console.line("Set any of them with --set path=value or in a scenario file.")


def _value_text(value: Any) -> str:
    """Format a value. The entries of a profile are separated by spaces."""
    if isinstance(value, tuple):
        return " ".join(map(plain, value))
    return value if isinstance(value, str) else plain(value)


def print_day(options: JsonOption) -> None:
    """Print the steps of a simulated day."""
    from abm.schedule import DAY
    from abm.schedule import describe as steps

    rows = [{"step": step.__name__, "what": (step.__doc__ or "").strip()} for step in DAY]
    if not _is_printed(options, {"day": rows}):
        print(steps())


def criterion_rows() -> list[dict[str, Any]]:
    """Return one row per criterion: its definition, and who can observe it."""
    keys = ("label", "unit", "meaning=doc", "group", "observed", "truth", "missing")
    return [
        {"name": name} | record(c, keys) | {"truth": c.truth or None}
        for name, c in CRITERIA.items()
    ]


def price_rows() -> list[dict[str, Any]]:
    """Return one row per price. Only comparisons have prices."""
    same = {"human_costs": list(BESIDE_PRICES), "discount_rate": DiscountParams().rate}
    return [
        {"name": name}
        | record(price, ("label", "unit", "meaning=doc"))
        | {"averted": AVERTED[name]}
        | same
        for name, price in PRICES.items()
    ]
