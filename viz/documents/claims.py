"""Table of the brief's claims, judged from a record of ``twoborders effects``.

A claim *works* if the outcome by which its policy is judged changes in the desired direction by at
least `pairs.LEAST`, with a range that excludes zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from abm.measures.outcomes import OUTCOMES
from abm.policies import registry
from abm.policies.base import UNMEASURED, money
from agents.param import plain
from viz.documents.html import Cell, Table
from viz.documents.labels import signed_tenth
from viz.figures.numbers import MISSING, NBSP

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
_USUAL, _WEAK, _HOLDS = "got_aways", " (not clear)", " (holds)"
_HEADS = ("", "Claim", "Policy", "$ a year", "Class", "Effect", "Acts under", "Fails under")


def claim_class(row: Mapping[str, Any]) -> str:
    """Return the class of a claim, such as "works", from the policy's row in the record."""
    if row["works"]:
        return "works"
    if row["detected"]:
        return "wrong way"
    return "inert here" if registry()[row["id"]].evaluated else UNMEASURED


def claims_markdown(study: Mapping[str, Any], earlier: Iterable[Mapping[str, str]]) -> str:
    """Return the claims as Markdown, and the claims whose class changed.

    Args:
        study: record of ``twoborders effects``.
        earlier: one row per policy: its class in an earlier version and the cause of a change.

    Returns:
        The settings of the record, and two tables. Instruments outside the brief come last.
    """
    rows = {row["id"]: row for row in study["policies"]}
    numbers = {name: str(n) for n, name in enumerate(CLAIMS, start=1)}
    numbers |= dict.fromkeys([name for name in rows if name not in numbers], "")
    claims = [_cells(number, rows[name]) for name, number in numbers.items()]
    head = (
        f"Scale {study['scale']}, {study['days']:,} days, {study['members'] or 'no'} members, "
        f"seeds {', '.join(map(str, study['seeds']))}."
    )
    changed = [tuple(map(Cell, row)) for row in changed_classes(study, earlier)]
    tables = Table("", _HEADS, claims), Table("", ("Policy", "In 0.2", "Now", "Cause"), changed)
    return "\n\n".join((head, *(table.markdown().strip() for table in tables)))


def changed_classes(
    study: Mapping[str, Any], earlier: Iterable[Mapping[str, str]]
) -> list[tuple[str, ...]]:
    """Return the policies whose class changed, with both classes and the cause."""
    now = {row["id"]: claim_class(row) for row in study["policies"]}
    rows = [(old["policy"], old["class"], now[old["policy"]], old["cause"]) for old in earlier]
    return [(f"`{name}`", *classes) for name, *classes in rows if classes[0] != classes[1]]


def _cells(number: str, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return the table cells of one policy. A policy outside the brief has no claim text."""
    policy, judged = registry()[row["id"]], row["judged_by"]
    text = " with ".join(f"`{name}`" for name in (row["policy"], *row["requires"]))
    label = "" if judged == _USUAL else f"{OUTCOMES[judged].label}: "
    acts, fails = "" if row["acts"] else _WEAK, "" if row["fails"] else _HOLDS
    texts = number, policy.claim if number else "", text, money(row["dollars"]), claim_class(row)
    return (
        *map(Cell, texts),
        _change(row["outcomes"][judged], label),
        _condition(policy.id, policy.acting, row["acting"], acts),
        _condition(policy.id, policy.failing, row["failing"], fails),
    )


def _condition(
    policy: str, settings: Mapping[str, Any], row: Mapping[str, Any] | None, verdict: str
) -> Cell:
    """Return settings and the effect under them. Parameters of the policy lose their prefix."""
    if row is None:
        return Cell(MISSING)
    paths = [path.removeprefix(f"policies.{policy}.") for path in settings]
    texts = [f"`{p}={_value(value)}`" for p, value in zip(paths, settings.values(), strict=True)]
    return _change(row, f"{', '.join(texts)}: ", verdict)


def _value(value: Any) -> str:
    """Format a value as the command line expects it."""
    return f"[{', '.join(map(plain, value))}]" if isinstance(value, tuple | list) else plain(value)


def _change(row: Mapping[str, Any], head: str, verdict: str = "") -> Cell:
    """Return a difference and its range in percent of the baseline, after the text `head`."""
    if not row["baseline"]:
        return Cell(f"{head}no baseline{verdict}")
    keys = ("difference", "low90", "high90")
    middle, low, high = (signed_tenth(100.0 * row[key] / row["baseline"]) for key in keys)
    return Cell(f"{head}{middle}{NBSP}% ({low} to {high}){verdict}")
