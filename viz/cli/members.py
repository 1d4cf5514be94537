"""Members of the packaged ensemble on the command line: drawn with a warning, told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.scenario import Scenario, parse_set
from experiments.calibration import members
from experiments.calibration.members import Drawn
from viz.cli.shell import say


def draw(count: int | None, scenario: Scenario, sets: Sequence[str]) -> Drawn | None:
    """So many members of the packaged ensemble, to be laid over `scenario`; None for none.

    What the scenario says other than the defaults, and what `sets` (words of ``--set``) say, is
    taken out of every member, with a warning. Raises ``SettingError`` where there is no ensemble,
    or none that can be used.
    """
    if count is None:
        return None
    drawn = members.draw(count, scenario, by_hand=by_hand(sets))
    warn(drawn)
    return drawn


def warn(drawn: Drawn) -> None:
    """Say which numbers the members do not vary after all."""
    if drawn.held:
        say(
            f"warning: the ensemble varies {', '.join(drawn.held)}; set here, so the same in every "
            "member."
        )


def by_hand(sets: Sequence[str]) -> set[str]:
    """Paths of the single numbers that words of ``--set`` set."""
    return {path for text in sets for path in _leaves(*parse_set(text))}


def _leaves(path: str, value: Any) -> Iterable[str]:
    """Paths of the single numbers that are set; a table or group sets several."""
    if not isinstance(value, Mapping):
        return [path]
    return [leaf for name, inner in value.items() for leaf in _leaves(f"{path}.{name}", inner)]


# ---- in words -----------------------------------------------------------------------------------


def played(members: int, seeds: int) -> str:
    """Members and seeds of a comparison in words; 0 members where there is no ensemble."""
    each = f"{seeds} seed{'s' if seeds != 1 else ''}"
    if not members:
        return f"{seeds} paired seed{'s' if seeds != 1 else ''}, one set of parameters"
    whole = "member" if members == 1 else "members"
    return f"{members} {whole} of the calibrated ensemble, {each} each"


def about(drawn: Drawn | None) -> dict[str, Any] | None:
    """The JSON of the members; None (null) without an ensemble."""
    if drawn is None:
        return None
    return {
        "members": len(drawn),
        "of": drawn.of,
        "effective": drawn.effective,
        "digest": drawn.digest,
        "chosen": list(drawn.chosen),
        "held": list(drawn.held),
    }
