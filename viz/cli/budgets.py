"""Budgets as they are typed: 250M, 1B, dollars a year."""

from __future__ import annotations

from collections.abc import Sequence

from abm.scenario import SettingError
from abm.scenario.policy_specs import parse_policy
from agents.param import plain

LEAST = 10e6


def read_budgets(texts: Sequence[str]) -> tuple[float, ...]:
    """Dollars a year, each once, the smallest first; raises ``SettingError``."""
    return tuple(sorted({_dollars(text) for text in texts}))


def _dollars(text: str) -> float:
    """One of them."""
    hint = "Give dollars a year, for example 250M or 1B."
    try:
        dollars = parse_policy(f"any:{text}").dollars
    except SettingError:
        dollars = None
    if not dollars or dollars < LEAST:
        raise SettingError("--budget", f"{plain(text)} is not a budget of $10M or more", hint)
    return dollars
