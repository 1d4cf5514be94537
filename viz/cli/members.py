"""Members of the packaged ensemble for a comparison: read, checked, laid under what is set here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abm.scenario import Scenario, SettingError, parameters, parse_set
from experiments.calibration import ensemble
from viz.cli.shell import say

_OPTION = "--ensemble"
_MAKE = "`twoborders calibrate` makes one."


@dataclass(frozen=True)
class Drawn:
    """Parameter sets that stand for the calibrated ensemble, and which ensemble that is.

    ``settings``: of every member, by dotted path. ``numbers``: the uncertain ones of every member.
    ``chosen``: their places in the ensemble, from 0; one of great weight may be there twice.
    ``of`` and ``effective``: members of the whole ensemble, and how many of equal weight they are
    worth. ``held``: paths that the ensemble varies and that are the same in every member here,
    because the scenario or ``--set`` says so.
    """

    settings: tuple[Mapping[str, Any], ...]
    numbers: tuple[Mapping[str, float], ...]
    chosen: tuple[int, ...]
    of: int
    effective: float
    digest: str
    held: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many members."""
        return len(self.settings)

    def spans(self, scenario: Scenario) -> dict[str, tuple[float, float]]:
        """Lowest and highest value of every number that is not the same in all members."""
        tables = [parameters(scenario.with_settings(one)) for one in self.settings]
        ranges = {}
        for rows in zip(*tables, strict=True):
            values = {row.value for row in rows}
            if len(values) > 1:
                ranges[rows[0].path] = (min(values), max(values))
        return ranges


def draw(count: int | None, scenario: Scenario, sets: Sequence[str]) -> Drawn | None:
    """So many members of the packaged ensemble, to be laid over `scenario`; None for none.

    What the scenario says other than the defaults, and what `sets` (words of ``--set``) say, is
    taken out of every member, with a warning. Raises ``SettingError`` where there is no ensemble,
    or none that can be used.
    """
    if count is None:
        return None
    whole = _read(count)
    chosen = tuple(whole.chosen(count))
    members = [whole.members[k].settings for k in chosen]
    own = _own(scenario, sets)
    held = sorted({path for one in members for path in one if any(_meet(path, o) for o in own)})
    settings = tuple({k: v for k, v in one.items() if k not in held} for one in members)
    for one in settings:
        _check(scenario, one)
    if held:
        say(f"warning: the ensemble varies {', '.join(held)}; set here, so the same in every "
            "member.")  # fmt: skip
    numbers = tuple(whole.members[k].numbers for k in chosen)
    return Drawn(settings, numbers, chosen, len(whole.members), whole.effective, whole.digest,
                 tuple(held))  # fmt: skip


def _read(count: int) -> ensemble.Ensemble:
    """The packaged ensemble, if it has so many members."""
    path = ensemble.SHIPPED
    try:
        whole = ensemble.read(path)
    except FileNotFoundError:
        raise SettingError(_OPTION, f"there is no ensemble at {path}", _MAKE) from None
    except (OSError, ValueError) as error:
        raise SettingError(_OPTION, str(error), _MAKE) from None
    if not all(isinstance(m.settings, dict) and 0.0 < m.weight < math.inf for m in whole.members):
        raise SettingError(_OPTION, f"{path} has a member without settings or weight", _MAKE)
    if count > len(whole.members):
        reason = f"{count} members asked for, and the ensemble has {len(whole.members)}"
        raise SettingError(_OPTION, reason, "Take fewer." if whole.members else _MAKE)
    return whole


def _own(scenario: Scenario, sets: Sequence[str]) -> set[str]:
    """Paths at which the scenario departs from the defaults, and those that --set names."""
    departs = {row.path for row in parameters(scenario) if row.value != row.default}
    return departs | {path for text in sets for path in _leaves(*parse_set(text))}


def _leaves(path: str, value: Any) -> Iterable[str]:
    """Paths of the single numbers that are set; a table or group sets several."""
    if not isinstance(value, Mapping):
        return [path]
    return [leaf for name, inner in value.items() for leaf in _leaves(f"{path}.{name}", inner)]


def _meet(one: str, other: str) -> bool:
    """Whether two paths are the same, or one is an entry of the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _check(scenario: Scenario, settings: Mapping[str, Any]) -> None:
    """Lay a member over the scenario once, so that nothing is played if it does not fit."""
    try:
        scenario.with_settings(settings)
    except SettingError as error:
        reason = f"the packaged ensemble does not fit this scenario: {error}"
        raise SettingError(_OPTION, reason, "`twoborders calibrate` makes another.") from None


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
        "members": len(drawn), "of": drawn.of, "effective": drawn.effective,
        "digest": drawn.digest, "chosen": list(drawn.chosen), "held": list(drawn.held),
    }  # fmt: skip
