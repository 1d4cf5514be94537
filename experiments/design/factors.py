"""What a design may vary: a number of the model, or the dose of a policy.

A *factor* is named by its path: a setting as ``twoborders parameters`` lists it
(``migrants.retry_removed``, ``supply_level``), ``policy.ID`` for the dose of a policy, or
``dummy``, which changes nothing and shows how large an effect chance alone can look.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from abm.policies import Policy, make, registry
from abm.scenario import Scenario, SettingError, parameters
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.scenario.tree import Row, paths_of
from agents.param import Param, check, meant, plain

POLICY = "policy."
DUMMY = "dummy"
_NAMED = ("start", "supply")  # settings that are no numbers, for grids and lists
_CALENDAR = datetime.date(2012, 10, 1), datetime.date(2013, 10, 1)  # any: a dose has no date


@dataclasses.dataclass(frozen=True)
class Factor:
    """One thing that varies: its path, the bounds of its values and their kind.

    ``kind`` is float, int, bool or str; bounds say nothing about the last two.
    """

    path: str
    kind: type
    low: float
    high: float
    unit: str
    declared: Param | None = None

    @property
    def policy(self) -> str:
        """Id of the policy whose dose it is, or nothing."""
        return self.path.removeprefix(POLICY) if self.path.startswith(POLICY) else ""

    def value(self, given: Any, where: str) -> Any:
        """Check one value; ``where`` names its place in an error. Raises ``SettingError``."""
        if self.policy and isinstance(given, str):
            given = _dose(self.policy, given, where)
        if self.declared is not None:
            return check(where, self.declared, given)
        if isinstance(given, datetime.date):
            return given.isoformat()
        if not isinstance(given, str):
            raise SettingError(
                where, f"{plain(given)} is not a text", "Write it in quotation marks."
            )
        return given

    def bounds(self, given: Any, where: str) -> tuple[float, float]:
        """Check ``[low, high]`` between which a sample is drawn. Raises ``SettingError``."""
        hint = f"Give [low, high] within {plain(self.low)} and {plain(self.high)} ({self.unit})."
        if self.kind not in (int, float):
            hint = "Give its values in [grid] or [list]."
            raise SettingError(where, "this is not a number that can be sampled", hint)
        if not isinstance(given, list | tuple) or len(given) != 2:
            raise SettingError(where, f"{plain(given)} is not a pair of bounds", hint)
        low, high = (self.value(bound, where) for bound in given)
        if low >= high:
            raise SettingError(where, f"{plain(low)} is not below {plain(high)}", hint)
        return low, high

    def between(self, low: float, high: float, share: float) -> float | int:
        """The value at `share` (0 to 1) of the way; whole numbers get equal parts of it."""
        if self.kind is int:
            return int(min(high, low + int(share * (high - low + 1))))
        return min(high, low + share * (high - low))


def factor(scenario: Scenario, path: str, where: str) -> Factor:
    """Find what a path means in a scenario; raises ``SettingError`` naming the nearest one."""
    if path == DUMMY:
        declared = Param(value=0.0, unit="nothing", low=0.0, high=1.0, doc="Changes nothing.")
        return Factor(path, float, 0.0, 1.0, "nothing", declared)
    if path.startswith(POLICY):
        return _policy(scenario, path, where)
    if path in _NAMED:
        return Factor(path, str, 0.0, 0.0, "name")
    rows = {row.path: row for row in parameters(scenario)}
    if path not in rows:
        _refuse(scenario, path, where, rows)
    row = rows[path]
    return Factor(path, row.kind, row.low, row.high, row.unit, _declared(row))


def with_inputs(scenario: Scenario, inputs: Mapping[str, Any]) -> Scenario:
    """The scenario of a point.

    The dose of a policy that the scenario has replaces its own, dates and numbers stay; any other
    policy is added for the whole run. A dose of 0 leaves the policy out, which changes no byte of
    a run and gives all points without policies one scenario.
    """
    changes = {p: v for p, v in inputs.items() if p != DUMMY and not p.startswith(POLICY)}
    doses = {p.removeprefix(POLICY): v for p, v in inputs.items() if p.startswith(POLICY)}
    if doses:
        kept = {use.id: use for use in scenario.policies if use.id in doses}
        others = [use for use in scenario.policies if use.id not in doses]
        added = [
            dataclasses.replace(kept.get(name) or PolicySpec(id=name), dose=dose, dollars=None)
            for name, dose in doses.items()
            if dose > 0.0
        ]
        changes["policies"] = (*others, *added)
    return scenario.with_settings(changes)


def delivered(inputs: Mapping[str, Any], effectiveness: Mapping[str, float]) -> dict[str, Any]:
    """What is planned, with the doses of policies as they are delivered."""
    found = dict(inputs)
    for name, factor in effectiveness.items():
        path = POLICY + name
        if path in found:
            high = full_programme(name, path).high
            found[path] = min(high, found[path] * factor)
    return found


def full_programme(name: str, where: str) -> Policy:
    """A policy at dose 1; raises ``SettingError`` for a name that no policy has."""
    known = registry()
    if name not in known:
        hint = f"{meant(name, known)}All of them: twoborders policies."
        raise SettingError(where, "there is no policy of this name", hint)
    return known[name].full_programme()


def _policy(scenario: Scenario, path: str, where: str) -> Factor:
    """The dose of a policy."""
    name = path.removeprefix(POLICY)
    policy = full_programme(name, where)
    if sum(use.id == name for use in scenario.policies) > 1:
        hint = "Leave one of them in the scenario."
        raise SettingError(where, "the scenario has this policy more than once", hint)
    declared = Param(value=policy.low, unit="dose", low=policy.low, high=policy.high, doc="Dose.")
    return Factor(path, float, policy.low, policy.high, "dose", declared)


def _dose(name: str, text: str, where: str) -> float:
    """Read ``250M`` (dollars a year) or ``0.5`` as a dose."""
    return make(parse_policy(f"{name}:{text}", where), *_CALENDAR).dose


def _declared(row: Row) -> Param:
    """The declaration of one number, also where it is an entry of a table."""
    return Param(
        value=row.value,
        unit=row.unit,
        low=row.low,
        high=row.high,
        doc=row.doc,
        choices=row.choices,
    )


def _refuse(scenario: Scenario, path: str, where: str, known: Iterable[str]) -> None:
    """Say why a path cannot vary, and what may have been meant."""
    entries = [name for name in known if name.startswith(f"{path}.")]
    if entries:
        hint = f"Name one of its entries, for example {entries[0]}."
        raise SettingError(where, "this is a table or a group of numbers", hint)
    if path in paths_of(scenario):
        hint = "A policy is varied by its dose, as policy.ID; the others are set in [set]."
        raise SettingError(where, "this setting cannot be varied", hint)
    hint = meant(path, [*known, *(POLICY + name for name in registry())])
    hint += "Settings: twoborders parameters. Doses: policy.ID, see twoborders policies."
    raise SettingError(where, "there is no setting of this name", hint)
