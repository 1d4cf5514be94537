"""Rows of the effects of instruments: plain data for JSON."""

from __future__ import annotations

from typing import Any

from experiments.rows.runs import failure_row, scenario_keys
from experiments.runs.pairs import Difference
from experiments.runs.significance import LEAST
from experiments.studies.effects import Effect, Effects, Measured

_FIGURES = ("baseline", "difference", "low90", "high90")


def effects_study(found: Effects) -> dict[str, Any]:
    """Return the effects of all instruments; outcomes and differences are per year."""
    return {
        **scenario_keys(found.scenario),
        "days": found.scenario.days,
        "scale": found.scenario.scale,
        "reps": len(found.seeds),
        "seeds": list(found.seeds),
        "members": found.members,
        "least": LEAST,
        "policies": [_effect_row(effect) for effect in found.rows],
        "failed": [failure_row(failure) for failure in found.failures],
        "cpu_s": found.cpu_s,
    }


def _effect_row(effect: Effect) -> dict[str, Any]:
    """Return the effect of one instrument under all conditions."""
    given, equal = effect.conditions["given"], effect.conditions.get("equal")
    return {
        "id": effect.spec.id,
        "policy": str(effect.spec),
        "title": effect.policy.title,
        "arm": effect.policy.arm,
        "dose": effect.policy.dose,
        "dollars": given.dollars,
        "days": effect.days,
        "requires": list(effect.policy.requires),
        "judged_by": effect.judged_by,
        "wanted": effect.desired_sign,
        "outcomes": _outcomes(given),
        "equal": _equal_row(equal) if equal else None,
        "acting": _settings_row(effect, "acting"),
        "failing": _settings_row(effect, "failing"),
        "seen": effect.detected(),
        "inert": effect.inert(),
        "works": effect.works(),
        "acts": effect.works("acting") if "acting" in effect.conditions else None,
        "fails": effect.fails,
    }


def _outcomes(found: Measured) -> dict[str, dict[str, float]]:
    """Return all outcomes of a condition."""
    return {name: _figures(row) for name, row in found.outcomes.items()}


def _equal_row(found: Measured) -> dict[str, Any]:
    """Return the effect at equal dollars per year."""
    policy = found.pair.policy
    return {"dose": policy.dose, "dollars": found.dollars, "outcomes": _outcomes(found)}


def _settings_row(effect: Effect, condition: str) -> dict[str, Any] | None:
    """Return the settings of a condition and the judging outcome; None if it was not run."""
    row = effect.judged(condition)
    if row is None:
        return None
    return {"settings": dict(effect.conditions[condition].pair.settings)} | _figures(row)


def _figures(row: Difference) -> dict[str, float]:
    """Return the baseline and the difference with its range."""
    return {name: getattr(row, name) for name in _FIGURES}
