"""Write the reference page of all policies from their descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from abm.policies.base import money
from abm.policies.registry import registry
from agents.param import ASSUMED, plain

_PAYERS = {"us": "United States", "mexico": "Mexico", "users": "Users"}
_HEAD = (
    "# Policies",
    "",
    "{n} instruments and {baselines} baselines. Dose 1 is the declared full programme; the default",
    "dates are the whole run. Costs are dollars a year at dose 1 and grow in proportion to the",
    "dose. [A] marks an assumption. Policies that need Mexico have no effect and no cost under",
    "`no_cooperation`.",
    "`twoborders describe ID` prints the same; this page is generated from the code.",
    "",
    "| Policy | Arm | Needs Mexico | $ a year at dose 1 | Dose |",
    "| --- | --- | --- | --- | --- |",
)


def policies_markdown() -> str:
    """Return the reference page of all policies as Markdown."""
    policies = [cls.full_programme() for cls in registry().values()]
    baselines = sum(p.arm == "baseline" for p in policies)
    lines = [line.format(n=len(policies) - baselines, baselines=baselines) for line in _HEAD]
    for p in policies:
        needs = "yes" if p.needs_mexico else "no"
        lines.append(
            f"| `{p.id}` | {p.arm} | {needs} | {money(p.dollars_at_one)} | "
            f"{plain(p.low)} to {plain(p.high)} |"
        )
    for p in policies:
        lines += _policy(p.describe())
    return "\n".join(lines) + "\n"


def _policy(d: dict[str, Any]) -> Iterator[str]:
    """Yield the lines about one policy."""
    yield from ("", f"## {d['title']} (`{d['id']}`)", "")
    yield f"- **Claim tested:** {d['claim']}"
    yield f"- **How it acts:** {d['mechanism']}"
    yield f"- **What to expect:** {d['expect']}"
    yield f"- **Must be able to fail when:** {d['fails_when']}"
    levers = ", ".join(f"`{name}`" for name in d["levers"]) or "none"
    yield f"- **Judged by:** `{d['judged_by']}`. **Levers:** {levers}."
    conditions = ("failing", "Fails under"), ("acting", "Acts under")
    for name, title in (*conditions, ("switched_off", "Has no effect under")):
        if d[name]:
            settings = ", ".join(f"`{path} = {_format(value)}`" for path, value in d[name].items())
            yield f"- **{title}:** {settings}."
    if d["cost"]:
        yield f"- **Cost a year at dose 1:** {' '.join(_costs(d['cost']))}"
    if d["numbers"]:
        yield from ("", "| Number | Value | Bounds | Meaning | Source |", "| --- " * 5 + "|")
        yield from _numbers(d["numbers"])


def _costs(costs: list[dict[str, Any]]) -> Iterator[str]:
    """Yield every cost item as a sentence."""
    for c in costs:
        yield f"{_PAYERS[c['payer']]} {money(c['dollars_per_year'])}: {c['purpose']}"


def _numbers(numbers: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the rows with numbers. A source that a row above states is named by its number."""
    first: dict[str, str] = {}
    for n in numbers:
        name = first.setdefault(n["source"], n["name"])
        source = n["source"]
        if name != n["name"] and source != ASSUMED:
            source = f"{ASSUMED} as `{name}`" if n["assumed"] else f"as `{name}`"
        bounds = f"{plain(n['low'])} to {plain(n['high'])}"
        value = f"{_format(n['value'])} {n['unit']}"
        yield f"| `{n['name']}` | {value} | {bounds} | {n['doc']} | {source} |"


def _format(value: Any) -> str:
    """Format a number, a name, or the entries of a table."""
    return ", ".join(map(plain, value)) if isinstance(value, tuple | list) else plain(value)
