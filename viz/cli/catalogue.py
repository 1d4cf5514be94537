"""Commands that only look things up: policies, describe, scenarios, parameters, day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from viz.cli import console
from viz.cli.shell import print_json, say

_WIDE = 120  # columns that a table of numbers with sources needs


def policies(markdown: bool, as_json: bool) -> None:
    """Every instrument, by arm."""
    from abm.policies import registry
    from abm.policies.policies_page import policies_markdown

    if markdown:
        print(policies_markdown(), end="")
        return
    told = [kind.full_programme().describe() for kind in registry().values()]
    if as_json:
        print_json({"policies": told})
        return
    told.sort(key=lambda policy: (policy["arm"], policy["id"]))
    rows = [
        (
            p["id"],
            p["title"],
            p["arm"].replace("_", " "),
            "yes" if p["needs_mexico"] else "no",
            yearly(p),
        )
        for p in told
    ]
    heads = ("id", "what", "arm", "needs Mexico", "$ a year")
    console.table(f"{len(told)} policies", heads, rows, left=4, keep=True)
    console.line("Dollars are those of dose 1, the full programme, all payers together.")
    console.line("twoborders describe ID explains one; twoborders run --policy ID[:dose] plays it.")


def yearly(policy: Mapping[str, Any]) -> str:
    """Dollars a year at dose 1, all payers."""
    from viz.figures.numbers import dollars

    return dollars(sum(cost["dollars_per_year"] for cost in policy["cost"]))


def describe(name: str, as_json: bool) -> None:
    """One policy in full; raises ``SettingError`` for a name that is not known."""
    from abm.policies import registry

    _check_name(name)
    told = registry()[name].full_programme().describe()
    if as_json:
        print_json(told)
        return
    needs = "needs Mexico" if told["needs_mexico"] else "the United States alone"
    console.line(f"{told['title']} ({told['id']}): {told['arm'].replace('_', ' ')}, {needs}\n")
    for head, key in (
        ("Claim tested", "claim"),
        ("How it acts", "mechanism"),
        ("What to expect", "expect"),
        ("Fails when", "fails_when"),
    ):
        console.line(f"{head}: {told[key]}")
    console.line(f"Levers: {', '.join(told['levers']) or 'none'}.")
    low, high = told["dose_bounds"]
    console.line(f"Dose: 1 is the full programme; {low:g} to {high:g} are allowed.\n")
    _costs(told)
    _numbers(told)
    console.line(f"Play it: twoborders run --policy {name}   twoborders compare {name}")


def _check_name(name: str) -> None:
    """Refuse a name that no policy has, as a scenario would."""
    import datetime

    from abm.policies import make, registry
    from abm.scenario.policy_specs import PolicySpec

    if name not in registry():
        make(PolicySpec(id=name), datetime.date(2012, 10, 1), datetime.date(2013, 10, 1))


def _costs(told: Mapping[str, Any]) -> None:
    """Who pays for what."""
    from viz.figures.numbers import dollars

    rows = [
        (console.payer(c["payer"]), dollars(c["dollars_per_year"]), c["what"], c["source"])
        for c in told["cost"]
    ]
    if rows:
        console.table(
            "Cost a year at dose 1", ("paid by", "$ a year", "for", "source"), rows, left=4
        )


def _numbers(told: Mapping[str, Any]) -> None:
    """The numbers somebody could dispute."""
    from agents.param import plain

    rows = [
        (
            n["name"],
            plain(n["value"]),
            n["unit"],
            f"{plain(n['low'])} to {plain(n['high'])}",
            n["source"],
        )
        for n in told["numbers"]
    ]
    if rows:
        heads = ("name", "value", "unit", "bounds", "source")
        console.table("Numbers ([A] is an assumption)", heads, rows, left=5, keep=True)


def scenarios(as_json: bool) -> None:
    """The packaged scenarios."""
    from experiments.scenarios import find, names

    told = [
        {
            "name": s.name,
            "doc": s.doc,
            "start": s.start.isoformat(),
            "days": s.days,
            "scale": s.scale,
            "supply": s.supply,
            "policies": [str(use) for use in s.policies],
            "digest": s.digest,
        }
        for s in map(find, names())
    ]
    if as_json:
        print_json({"scenarios": told})
        return
    rows = [(t["name"], t["start"], f"{t['days']:,}", str(t["scale"]), t["doc"]) for t in told]
    console.table(
        "Scenarios", ("name", "start", "days", "scale", "what for"), rows, left=5, keep=True
    )
    console.line('A scenario file starts with extends = "baseline" and says what differs.')


def parameters(text: str, markdown: bool, as_json: bool) -> None:
    """Every number with value, unit, bounds and source."""
    from abm.scenario import Scenario
    from abm.scenario import parameters as rows_of
    from abm.scenario.parameters_page import reference_markdown

    if markdown:
        print(reference_markdown(), end="")
        return
    rows = [row for row in rows_of(Scenario()) if text.lower() in row.path.lower()]
    if as_json:
        print_json({"parameters": [_row(row) for row in rows]})
    elif rows:
        _tell_parameters(rows)
    else:
        say(f"note: no setting has {text!r} in its path; all of them: twoborders parameters")


def _row(row: Any) -> dict[str, Any]:
    """One number for JSON."""
    names = ("path", "value", "unit", "low", "high", "doc", "source", "assumed", "choices")
    return {name: getattr(row, name) for name in names}


def _tell_parameters(rows: Sequence[Any]) -> None:
    """A table for a person, or two lines a number where the terminal is narrow."""
    from agents.param import plain

    cells = [
        (
            r.path,
            str(r.value) if isinstance(r.value, str) else plain(r.value),
            r.unit,
            ", ".join(r.choices) if r.choices else f"{plain(r.low)} to {plain(r.high)}",
            r.source,
        )
        for r in rows
    ]
    assumed = sum(r.assumed for r in rows)
    head = f"{len(rows)} settings, of which {assumed} are assumed [A]"
    if console.width() >= _WIDE:
        heads = ("setting", "value", "unit", "allowed", "source")
        console.table(head, heads, cells, left=5, keep=True)
    else:
        print(head)
        for path, value, unit, allowed, source in cells:
            print(f"{path} = {value} {unit} ({allowed})\n    {source}")
    console.line("Set any of them with --set setting=value or in a scenario file.")


def day(as_json: bool) -> None:
    """The steps of a day."""
    from abm.schedule import DAY
    from abm.schedule import describe as steps

    if as_json:
        words = [{"step": s.__name__, "what": (s.__doc__ or "").strip()} for s in DAY]
        print_json({"day": words})
    else:
        print(steps())
