"""Write the reference page of all policies from their descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from abm.policies.base import money
from abm.policies.registry import registry
from agents.param import plain

_PAYERS = {"us": "United States", "mexico": "Mexico", "users": "users"}
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
        lines += _policy(p.describe(), money(p.dollars_at_one))
    return "\n".join(lines) + "\n"


def _policy(d: dict[str, Any], total: str) -> Iterator[str]:
    """Yield the lines about one policy."""
    low, high = d["dose_bounds"]
    yield from ("", f"## {d['title']} (`{d['id']}`)", "")
    yield f"- **Claim tested:** {d['claim']}"
    yield f"- **How it acts:** {d['mechanism']}"
    yield f"- **What to expect:** {d['expect']}"
    yield f"- **Must be able to fail when:** {d['fails_when']}"
    yield f"- **Judged by:** `{d['judged_by']}`."
    conditions = ("failing", "Fails under"), ("acting", "Acts under")
    for name, title in (*conditions, ("switched_off", "Has no effect under")):
        if d[name]:
            settings = ", ".join(f"`{path} = {_shown(value)}`" for path, value in d[name].items())
            yield f"- **{title}:** {settings}."
    yield f"- **Levers:** {', '.join(f'`{n}`' for n in d['levers']) or 'none'}"
    yield f"- **Cost:** {total} a year at dose 1; doses from {plain(low)} to {plain(high)}."
    if d["cost"]:
        yield from ("", "| Paid by | $ a year | For | Source |", "| --- | --- | --- | --- |")
        for c in d["cost"]:
            yield (
                f"| {_PAYERS[c['payer']]} | {money(c['dollars_per_year'])} | {c['what']} | "
                f"{c['source']} |"
            )
    if d["numbers"]:
        yield from (
            "",
            "| Number | Value | Unit | Bounds | Meaning | Source |",
            "| --- | --- | --- | --- | --- | --- |",
        )
        for n in d["numbers"]:
            yield (
                f"| `{n['name']}` | {_shown(n['value'])} | {n['unit']} | {plain(n['low'])} to "
                f"{plain(n['high'])} | {n['doc']} | {n['source']} |"
            )


def _shown(value: Any) -> str:
    """Format a number, a name, or the entries of a table."""
    return ", ".join(map(plain, value)) if isinstance(value, tuple | list) else plain(value)
