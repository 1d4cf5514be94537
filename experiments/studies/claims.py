"""The brief's claims in one table, judged from a record of ``twoborders effects``.

One rule decides: a claim *works* if the outcome that judges its policy changes in the desired
direction by at least `pairs.LEAST`, with a range that excludes zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from abm.measures.outcomes import OUTCOMES
from abm.policies import registry
from abm.policies.base import UNMEASURED, money
from agents.param import plain

#: Policies in the order in which the brief makes their claims.
CLAIMS = (
    *("merida_initiative", "border_management_plan", "best_teams", "intelligence_sharing"),
    *("military_cooperation", "trainers", "joint_operations", "rural_gendarmerie"),
    *("mexican_border_patrol", "southern_border_control", "central_american_governance"),
    *("dismantle_conveyor_belts", "legal_pathways", "trade_facilitation", "trusted_travellers"),
    *("trusted_shippers", "sector_allocation", "anti_crime_strategy", "smart_infrastructure"),
    *("cameras_and_sensors", "bilateral_accords", "fence", "patrol_surge", "patrol_effort"),
    *("consequence_capacity", "no_cooperation", "assurance_conditionality", "mexican_prosperity"),
)
_USUAL = "got_aways"
_WEAK, _HOLDS = " (not clear)", " (holds)"
_HEADS = ("", "Claim", "Policy", "$ a year", "Class", "Effect", "Acts under", "Fails under")


def claim_class(row: Mapping[str, Any]) -> str:
    """Return how a policy's claim fares: a row of the record's policies."""
    if row["works"]:
        return "works"
    if row["detected"]:
        return "wrong way"
    return "inert here" if registry()[row["id"]].evaluated else UNMEASURED


def claims_markdown(study: Mapping[str, Any], earlier: Iterable[Mapping[str, str]]) -> str:
    """Return the table of claims, and of classes that changed.

    Args:
        study: record of ``twoborders effects``.
        earlier: rows with a policy, its class in an earlier version and the cause of a change.

    Returns:
        How the record was made, and two tables. Instruments outside the brief come last.
    """
    rows = {row["id"]: row for row in study["policies"]}
    numbers = {name: str(n) for n, name in enumerate(CLAIMS, start=1)}
    numbers |= dict.fromkeys([name for name in rows if name not in numbers], "")
    claims = [_cells(number, rows[name]) for name, number in numbers.items()]
    changes = [
        (f"`{old['policy']}`", old["class"], claim_class(rows[old["policy"]]), old["cause"])
        for old in earlier
        if claim_class(rows[old["policy"]]) != old["class"]
    ]
    head = (
        f"Scale {study['scale']}, {study['days']:,} days, {study['members'] or 'no'} members, "
        f"seeds {', '.join(map(str, study['seeds']))}."
    )
    changed = _table(("Policy", "In 0.2", "Now", "Cause"), changes)
    return "\n\n".join((head, _table(_HEADS, claims), changed))


def _cells(number: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of one policy. Only claims of the brief are quoted."""
    policy, judged = registry()[row["id"]], row["judged_by"]
    claim = policy.claim if number else ""
    text = " with ".join(f"`{name}`" for name in (row["policy"], *row["requires"]))
    label = "" if judged == _USUAL else f"{OUTCOMES[judged].label}: "
    effect = label + _percent(row["outcomes"][judged])
    acts = _condition(policy.id, policy.acting, row["acting"], "" if row["acts"] else _WEAK)
    fails = _condition(policy.id, policy.failing, row["failing"], "" if row["fails"] else _HOLDS)
    return number, claim, text, money(row["dollars"]), claim_class(row), effect, acts, fails


def _condition(
    policy: str, settings: Mapping[str, Any], row: Mapping[str, Any] | None, verdict: str
) -> str:
    """Return settings and the effect under them. A policy's own numbers have no path."""
    if row is None:
        return "\u2013"
    paths = [path.removeprefix(f"policies.{policy}.") for path in settings]
    texts = [f"`{p}={_value(value)}`" for p, value in zip(paths, settings.values(), strict=True)]
    return f"{', '.join(texts)}: {_percent(row)}{verdict}"


def _value(value: Any) -> str:
    """Return a setting's value as the command line reads it."""
    return f"[{', '.join(map(plain, value))}]" if isinstance(value, tuple | list) else plain(value)


def _percent(row: Mapping[str, Any]) -> str:
    """Return a difference and its range in percent of the baseline."""
    if not row["baseline"]:
        return "no baseline"
    difference, low, high = (
        f"{100.0 * row[key] / row['baseline']:+.1f}" for key in ("difference", "low90", "high90")
    )
    return f"{difference} % ({low} to {high})".replace("-", "\u2212")


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    heads = tuple(heads)
    lines = (heads, ("---",) * len(heads), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
