"""Rows of the doses of Mexico's measures and of the levels of supply."""

from __future__ import annotations

from typing import Any

from experiments.calibration.doses import EPISODES, LEVEL_PATH, Doses


def doses_study(found: Doses) -> dict[str, Any]:
    """Return the doses and levels of all episodes as JSON types.

    Args:
        found: doses and levels of one set of parameters.

    Returns:
        Rows by episode. ``ratio`` and ``recorded`` are Mexican interceptions after the change over
        those before it; ``level`` and ``known`` have one number per group.
    """
    return {"level_path": LEVEL_PATH, "episodes": [_episode(key, found) for key in found.doses]}


def dose_rows(study: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the cells of a table, one row per episode.

    Args:
        study: result of :func:`doses_study`.

    Returns:
        Episode, dose, simulated and recorded ratio, level, simulated over recorded apprehensions.
    """
    return [
        (
            f"{row['episode']} (closest)" if row["corner"] else row["episode"],
            row["scenario"],
            f"{row['dose']:g}",
            f"{row['ratio']:.3f}",
            f"{row['recorded']:.3f}",
            ", ".join(f"{value:.3f}" for value in row["level"]),
            ", ".join(f"{value:.3f}" for value in row["known"]),
        )
        for row in study["episodes"]
    ]


def _episode(key: str, found: Doses) -> dict[str, Any]:
    """Return the row of an episode."""
    episode = EPISODES[key]
    return {
        "episode": key,
        "scenario": episode.scenario,
        "supply": episode.supply,
        "policy": episode.policy,
        "dose": found.doses[key],
        "ratio": found.rises[key],
        "recorded": episode.series.rise(),
        "corner": key in found.corners,
        "level": list(found.levels[key]),
        "known": list(found.known[key]),
    }
