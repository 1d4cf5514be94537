"""Commands that list the contents of the package: policies, scenarios, parameters, a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from viz.cli import console
from viz.cli.command_options import (
    DayOptions,
    DescribeOptions,
    ParametersOptions,
    PoliciesOptions,
    ScenariosOptions,
)
from viz.cli.shell import log, print_json

_WIDE = 120  # columns that a table of parameters with their sources needs


def print_policies(options: PoliciesOptions) -> None:
    """Print every policy, by arm."""
    from abm.policies import registry
    from abm.policies.policies_page import policies_markdown

    if options.markdown:
        print(policies_markdown(), end="")
        return
    policies = [kind.full_programme().describe() for kind in registry().values()]
    if options.as_json:
        print_json({"policies": policies})
        return
    policies.sort(key=lambda policy: (policy["arm"], policy["id"]))
    rows = [
        (
            policy["id"],
            policy["title"],
            policy["arm"].replace("_", " "),
            "yes" if policy["needs_mexico"] else "no",
            _yearly_cost(policy),
        )
        for policy in policies
    ]
    heads = ("id", "title", "arm", "needs Mexico", "$ a year")
    console.table(f"{len(policies)} policies", heads, rows, left=4, keep=True)
    console.line("Dollars are those of dose 1, the full programme, all payers together.")
    console.line("Details: twoborders describe ID. Run: twoborders run --policy ID[:dose].")


def _yearly_cost(policy: Mapping[str, Any]) -> str:
    """Return the dollars per year at dose 1, all payers."""
    from viz.figures.numbers import dollars

    return dollars(sum(cost["dollars_per_year"] for cost in policy["cost"]))


def print_policy(options: DescribeOptions) -> None:
    """Print one policy in full; raise ``SettingError`` if it is not known."""
    from abm.policies import registry

    name = options.policy
    _check_name(name)
    policy = registry()[name].full_programme().describe()
    if options.as_json:
        print_json(policy)
        return
    needs = "needs Mexico" if policy["needs_mexico"] else "the United States alone"
    arm = policy["arm"].replace("_", " ")
    console.line(f"{policy['title']} ({policy['id']}): {arm}, {needs}\n")
    for head, key in (
        ("Claim tested", "claim"),
        ("Mechanism", "mechanism"),
        ("What to expect", "expect"),
        ("Fails when", "fails_when"),
    ):
        console.line(f"{head}: {policy[key]}")
    console.line(f"Levers: {', '.join(policy['levers']) or 'none'}.")
    low, high = policy["dose_bounds"]
    console.line(f"Dose: 1 is the full programme; {low:g} to {high:g} are allowed.\n")
    _print_costs_and_numbers(policy)
    console.line(f"Run: twoborders run --policy {name}   twoborders compare {name}")


def _check_name(name: str) -> None:
    """Reject an unknown policy with the message that a scenario gives."""
    import datetime

    from abm.policies import make, registry
    from abm.scenario.policy_specs import PolicySpec

    if name not in registry():
        make(PolicySpec(id=name), datetime.date(2012, 10, 1), datetime.date(2013, 10, 1))


def _print_costs_and_numbers(policy: Mapping[str, Any]) -> None:
    """Print the costs of a policy by payer, and its parameters."""
    from agents.param import plain
    from viz.figures.numbers import dollars

    costs = [
        (console.payer_label(c["payer"]), dollars(c["dollars_per_year"]), c["what"], c["source"])
        for c in policy["cost"]
    ]
    if costs:
        heads = ("paid by", "$ a year", "for", "source")
        console.table("Cost per year at dose 1", heads, costs, left=4)
    numbers = [
        (n["name"], plain(n["value"]), n["unit"], _range(n["low"], n["high"]), n["source"])
        for n in policy["numbers"]
    ]
    if numbers:
        heads = ("name", "value", "unit", "bounds", "source")
        console.table("Parameters ([A] is an assumption)", heads, numbers, left=5, keep=True)


def _range(low: Any, high: Any) -> str:
    """Return two bounds."""
    from agents.param import plain

    return f"{plain(low)} to {plain(high)}"


def print_scenarios(options: ScenariosOptions) -> None:
    """Print the packaged scenarios."""
    from experiments.rows.runs import scenario_row
    from experiments.scenarios import find, names

    rows = [(found, scenario_row(found)) for found in map(find, names())]
    if options.as_json:
        keys = ("name", "doc", "start", "days", "scale", "supply", "policies", "digest")
        listed = [row | {"doc": found.doc} for found, row in rows]
        print_json({"scenarios": [{key: row[key] for key in keys} for row in listed]})
        return
    cells = [
        (row["name"], row["start"], f"{row['days']:,}", str(row["scale"]), found.doc)
        for found, row in rows
    ]
    heads = ("name", "start", "days", "scale", "description")
    console.table("Scenarios", heads, cells, left=5, keep=True)
    console.line('A scenario file starts with extends = "baseline" and contains only the changes.')


def print_parameters(options: ParametersOptions) -> None:
    """Print the parameters of the model with value, unit, bounds and source."""
    from abm.scenario import Scenario, parameters
    from abm.scenario.parameters_page import reference_markdown

    if options.markdown:
        print(reference_markdown(), end="")
        return
    text = options.find.lower()
    rows = [row for row in parameters(Scenario()) if text in row.path.lower()]
    if options.as_json:
        keys = ("path", "value", "unit", "low", "high", "doc", "source", "assumed", "choices")
        print_json({"parameters": [{key: getattr(row, key) for key in keys} for row in rows]})
    elif rows:
        _print_parameter_table(rows)
    else:
        log(f"note: no path contains {options.find!r}; all of them: twoborders parameters")


def _print_parameter_table(rows: Sequence[Any]) -> None:
    """Print a table, or two lines per parameter on a narrow terminal."""
    from agents.param import plain

    cells = [
        (
            r.path,
            str(r.value) if isinstance(r.value, str) else plain(r.value),
            r.unit,
            ", ".join(r.choices) if r.choices else _range(r.low, r.high),
            r.source,
        )
        for r in rows
    ]
    assumed = sum(r.assumed for r in rows)
    title = f"{len(rows)} parameters, of which {assumed} are assumed [A]"
    if console.width() >= _WIDE:
        heads = ("parameter", "value", "unit", "allowed", "source")
        console.table(title, heads, cells, left=5, keep=True)
    else:
        print(title)
        for path, value, unit, allowed, source in cells:
            print(f"{path} = {value} {unit} ({allowed})\n    {source}")
    console.line("Set any of them with --set path=value or in a scenario file.")


def print_day(options: DayOptions) -> None:
    """Print the steps of a simulated day."""
    from abm.schedule import DAY
    from abm.schedule import describe as steps

    if options.as_json:
        rows = [{"step": step.__name__, "what": (step.__doc__ or "").strip()} for step in DAY]
        print_json({"day": rows})
    else:
        print(steps())
