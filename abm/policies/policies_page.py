"""Reference page on policies, generated from their descriptions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from abm.policies.base import UNMEASURED, money
from abm.policies.registry import registry
from agents.param import plain

_PAYERS = {"us": "U.S.", "mexico": "Mexico", "users": "Users"}
_TEXTS = {"mechanism": "Mechanism", "fails_when": "Fails if", "evaluated": "Evidence"}
_SHARED = 30  # characters; longer sentences in several sources are listed once
_HEAD = (
    "# Policies",
    "",
    "{n} instruments and {baselines} baselines, generated from the code. Dose 1 is the full",
    "programme. Costs are dollars a year at dose 1 and grow in proportion to the dose. Policies",
    "that need Mexico have no effect and no cost under `no_cooperation`. Every policy must be able",
    "to fail as *Fails if* states. *Evidence* is a study of the instrument itself. `twoborders",
    "describe ID` prints the claim and the expected effect. [Effects](effects.md) and",
    "[Claims](claims.md) have simulated ones. [A] marks an assumption, [1] an entry of",
    "[Shared sources](#shared-sources).",
    "",
    "| Policy | Arm | Needs Mexico | $ a year | Dose |",
    "| --- | --- | --- | --- | --- |",
)


def source_keys(texts: Iterable[str]) -> dict[str, str]:
    """Number the sentences that several sources share.

    Args:
        texts: sources on a page, one per number.

    Returns:
        Key such as ``[1]`` by sentence without its mark, longest sentence first.
    """
    split = (re.split(r"; (?![^(]*\))", text) for text in texts)  # not inside parentheses
    parts = (part.split("] ")[-1] for pieces in split for part in dict.fromkeys(pieces))
    shared = [part for part, n in Counter(parts).items() if n > 1 and len(part) > _SHARED]
    keys = {part: f"[{k}]" for k, part in enumerate(shared, start=1)}
    return dict(sorted(keys.items(), key=lambda item: -len(item[0])))


def cite(text: str, keys: Mapping[str, str]) -> str:
    """Return a source with keys in place of the shared sentences."""
    for part, key in keys.items():
        text = text.replace(part, key)
    return text


def source_list(keys: Mapping[str, str]) -> list[str]:
    """Return the section that lists the shared sentences by key, line by line."""
    numbered = sorted(keys.items(), key=lambda item: int(item[1][1:-1]))
    return ["", "## Shared sources", "", *(f"- {key} {part}" for part, key in numbered)]


def policies_markdown() -> str:
    """Return the reference page on policies as Markdown."""
    policies = [cls.full_programme() for cls in registry().values()]
    baselines = sum(p.arm == "baseline" for p in policies)
    lines = [line.format(n=len(policies) - baselines, baselines=baselines) for line in _HEAD]
    for p in policies:
        needs = "yes" if p.needs_mexico else "no"
        lines.append(
            f"| `{p.id}` | {p.arm} | {needs} | {money(p.full_dollars)} | "
            f"[{plain(p.low)}, {plain(p.high)}] |"
        )
    described = [p.describe() for p in policies]
    sources = [number["source"] for d in described for number in d["numbers"]]
    keys = source_keys(sources)
    for d in described:
        lines += _policy(d, keys)
    return "\n".join([*lines, *source_list(keys)]) + "\n"


def _policy(d: dict[str, Any], keys: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines in the section on one policy."""
    yield from ("", f"## {d['title']} (`{d['id']}`)", "")
    yield from (
        f"- *{title}:* {d[name]}" for name, title in _TEXTS.items() if d[name] != UNMEASURED
    )
    levers = ", ".join(f"`{name}`" for name in d["levers"]) or "none"
    if d["dose_note"]:
        yield f"- *Dose:* {d['dose_note']}"
    yield f"- *Judged by:* `{d['judged_by']}`. *Levers:* {levers}."
    if d["cost"]:
        yield "- *$ a year:* " + " ".join(
            f"{_PAYERS[c['payer']]} {money(c['dollars_per_year'])}: {c['purpose']}"
            for c in d["cost"]
        )
    if d["numbers"]:
        yield from ("", "| Number | Value | Bounds | Meaning | Source |", "| --- " * 5 + "|")
        yield from _numbers(d["numbers"], keys)


def _numbers(numbers: list[dict[str, Any]], keys: Mapping[str, str]) -> Iterator[str]:
    """Yield the table rows for a policy's parameters."""
    for n in numbers:
        is_name = isinstance(n["value"], str)
        value = n["value"] if is_name else f"{_format(n['value'])} {n['unit']}"
        bounds = "" if is_name else f"[{plain(n['low'])}, {plain(n['high'])}]"
        yield f"| `{n['name']}` | {value} | {bounds} | {n['doc']} | {cite(n['source'], keys)} |"


def _format(value: Any) -> str:
    """Return a number, or the entries of a table, as text."""
    return ", ".join(map(plain, value)) if isinstance(value, tuple | list) else plain(value)
