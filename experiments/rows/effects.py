"""Rows of the effects of instruments: plain data for JSON."""

from __future__ import annotations

from typing import Any

from experiments.effects import Effect, Effects
from experiments.pairs import Difference
from experiments.rows.runs import failure_row, scenario_keys

_FIGURES = ("baseline", "difference", "low90", "high90")


def effects_study(found: Effects) -> dict[str, Any]:
    """Return the effects of all instruments; outcomes and differences are per year."""
    return {
        **scenario_keys(found.scenario),
        "days": found.scenario.days,
        "scale": found.scenario.scale,
        "reps": len(found.seeds),
        "seeds": list(found.seeds),
        "policies": [_effect_row(effect) for effect in found.rows],
        "failed": [failure_row(failure) for failure in found.failures],
        "cpu_s": found.cpu_s,
    }


def _effect_row(effect: Effect) -> dict[str, Any]:
    """Return the effect of one instrument, in the scenario and under its failure settings."""
    failing = effect.failing
    return {
        "id": effect.spec.id,
        "policy": str(effect.spec),
        "title": effect.policy.title,
        "arm": effect.policy.arm,
        "dose": effect.policy.dose,
        "dollars": effect.dollars,
        "days": effect.days,
        "beside": list(effect.policy.beside),
        "judged_by": effect.judged_by,
        "wanted": effect.desired_sign,
        "outcomes": {name: _figures(row) for name, row in effect.outcomes.items()},
        "failing": {"settings": effect.settings} | _figures(failing) if failing else None,
        "seen": effect.detected,
        "works": effect.works,
        "fails": effect.fails,
    }


def _figures(row: Difference) -> dict[str, float]:
    """Return the baseline and the difference with its range."""
    return {name: getattr(row, name) for name in _FIGURES}
