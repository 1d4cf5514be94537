"""Draw members of the packaged ensemble for a command, with a warning about fixed numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.scenario import Scenario, parse_set
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.rows.comparison import ensemble_json as about
from viz.cli.shell import log
from viz.documents.labels import replicates_text as played

__all__ = ["about", "by_hand", "draw", "played"]


def draw(count: int | None, scenario: Scenario, sets: Sequence[str]) -> EnsembleSample | None:
    """Draw members of the packaged ensemble, and warn about numbers that they do not vary.

    Args:
        count: number of members; None for no ensemble.
        scenario: its numbers other than the defaults take precedence over those of the members.
        sets: values of ``--set``, which take precedence too.

    Returns:
        The members; None without an ensemble.

    Raises:
        SettingError: the ensemble is missing or does not fit the scenario.
    """
    if count is None:
        return None
    drawn = draw_members(count, scenario, by_hand=by_hand(sets))
    if drawn.held:
        log(
            f"warning: the ensemble varies {', '.join(drawn.held)}; set here, so the same in every "
            "member."
        )
    return drawn


def by_hand(sets: Sequence[str]) -> set[str]:
    """Return the paths of the numbers that values of ``--set`` set."""
    return {path for text in sets for path in _leaves(*parse_set(text))}


def _leaves(path: str, value: Any) -> Iterable[str]:
    """Return the paths of single numbers; a table or a group sets several."""
    if not isinstance(value, Mapping):
        return [path]
    return [leaf for name, inner in value.items() for leaf in _leaves(f"{path}.{name}", inner)]
