"""Visitors' actions that change the policies in a world, one function per action.

An action returns a changed choice, or raises `Refused` with the reason. This module does not change
the choice of the session.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from abm.policies import registry
from abm.scenario import SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import Param, params_of
from viz.screen.panels.budgets import (
    MetBudget,
    costs_money,
    dollars_of,
    meet_budget,
    policy_of,
    read_millions,
    scaled_to,
)
from viz.screen.panels.budgets import yearly_total as total_of
from viz.screen.panels.number_labels import Number, Unit, declared_number
from viz.screen.session.choice import STATUS_QUO, Choice, Policies, presets, with_terms
from viz.screen.words import Words


class Refused(ValueError):
    """Error of an action that cannot be applied, with the reason in the visitor's language."""


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """A changed choice, and a note for the field: ``rounded``, ``most``, ``least`` or ""."""

    choice: Choice
    note: str = ""


_MOST_AT = 100  # upper bound of a policy's position, far above the number that a page shows


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """An action of a visitor. The browser sends it, so no part of it is trusted.

    Attributes:
        do: name of the action.
        world: 0 for A, 1 for B.
        at: position of the policy in its world, -1 if the action concerns no existing policy.
        id: id of an instrument, or name of a preset.
        value: typed value, a text or a mapping.
        field: field of the policy from which the action comes.
    """

    do: str
    world: int = 0
    at: int = -1
    id: str = ""
    value: Any = ""
    field: str = ""

    @property
    def field_key(self) -> str:
        """Key of the field from which the action comes: world, position and field."""
        return f"{self.world}:{self.at}:{self.field or self.do}"


def read_request(message: Any) -> Request | None:
    """Read a message from the browser, or return None if it is not an action."""
    if not isinstance(message, Mapping) or str(message.get("do")) not in {**ACTIONS, **CHANGES}:
        return None
    world, at = message.get("world", 0), message.get("at", -1)
    if not (type(world) is type(at) is int and world in (0, 1) and -1 <= at < _MOST_AT):
        return None
    texts = [str(message.get(name, ""))[:200] for name in ("do", "id", "field")]
    return Request(texts[0], world, at, texts[1], _cut(message.get("value", "")), texts[2])


def _cut(value: Any) -> Any:
    """Limit the length of a typed value, which is a text or a mapping of texts."""
    if isinstance(value, Mapping):
        return {str(name)[:20]: str(part)[:60] for name, part in list(value.items())[:10]}
    return str(value)[:60]


def act(t: Words, choice: Choice, request: Request, today: datetime.date | None = None) -> Changed:
    """Apply an action of a visitor to a choice.

    Args:
        t: texts in the display language.
        choice: current choice.
        request: the action.
        today: first day of the change, or None for a change from the start. It does not affect
            dates that the visitor types.

    Returns:
        The changed choice, which is valid.

    Raises:
        Refused: the action cannot be applied.
    """
    before, note = choice.policies(request.world), ""
    try:
        if change := CHANGES.get(request.do):
            at, text = _used(t, before, request)
            written = change(t, text, request)
            if isinstance(written, MetBudget):
                written, note = written.text, written.limit
            after = (*before[:at], *filter(None, (written,)), *before[at + 1 :])
        else:
            after = ACTIONS[request.do](t, choice, request)
        if today and request.do != "dates":
            after = from_day(before, after, today)
        changed = dataclasses.replace(choice, **{"ab"[request.world]: after})
        changed.scenario(request.world)
    except SettingError as error:
        raise Refused(t.reason(error)) from None
    return Changed(changed, note)


# ---- policies of a world -------------------------------------------------------------------------
def from_day(before: Policies, after: Policies, day: datetime.date) -> Policies:
    """Return the policies of a world that changes on a day, so that earlier days stay the same.

    An increase in an amount becomes a separate policy that starts on that day. A decrease ends a
    part of the policy on that day, because completed work remains. A policy with other parameters
    replaces the old policy, which ends.
    """
    policies, new = list[str](), [text for text in after if text not in before]
    for text in before:
        old = parse_policy(text)
        if text in after or (old.end and old.end <= day):
            policies.append(text)
        elif not old.start or old.start < day:
            other = next((other for other in new if _full(other) == _full(text)), "")
            if not other:
                policies.append(with_terms(text, end=day))
                continue
            new.remove(other)
            more = _amount(other) - _amount(text)
            dates = {"start" if more > 0.0 else "end": day}
            part = with_terms(with_amount(text, abs(more)), **dates)
            policies += [text if more > 0.0 else other, part]
    for text in new:
        policies.append(with_terms(text, start=max(day, parse_policy(text).start or day)))
    return tuple(policies)


def _full(text: str) -> str:
    """Return a policy at dose 1 as text."""
    return str(dataclasses.replace(parse_policy(text), dose=1.0, dollars=None))


def _amount(text: str) -> float:
    """Return the dollars per year of a policy, or its dose if it costs nothing."""
    return dollars_of(text) if costs_money(text) else policy_of(text).dose


def with_amount(text: str, amount: float) -> str:
    """Change the dollars per year of a policy, or its dose if it costs nothing."""
    if costs_money(text):
        return meet_budget(text, amount).text
    return str(dataclasses.replace(parse_policy(text), dose=float(f"{amount:.12g}"), dollars=None))


def _used(t: Words, policies: Policies, request: Request) -> tuple[int, str]:
    """Return the position and the text of the policy that a request concerns.

    If another instrument has the requested position by now, the result is the first policy with
    the instrument in the request.
    """
    ids = [parse_policy(text).id for text in policies]
    if request.id not in ids:
        raise Refused(t("policies_panel.error.gone"))
    is_current = request.id in ids[request.at : request.at + 1] and request.at >= 0
    at = request.at if is_current else ids.index(request.id)
    return at, policies[at]


def _add(t: Words, choice: Choice, request: Request) -> Policies:
    """Add an instrument at full dose. If all other policies start together, it starts with them."""
    if request.id not in registry() or request.id == STATUS_QUO:
        raise Refused(t("policies_panel.error.gone"))
    starts = {parse_policy(text).start for text in (*choice.a, *choice.b)}
    text = with_terms(request.id, start=starts.pop() if len(starts) == 1 else None)
    return *choice.policies(request.world), text


def _apply_preset(t: Words, choice: Choice, request: Request) -> Policies:
    """Replace all policies of a world by a preset."""
    if request.id not in presets():
        raise Refused(t("policies_panel.error.gone"))
    return presets()[request.id]


# ---- fields of a policy --------------------------------------------------------------------------
def _set_amount(t: Words, text: str, request: Request) -> str | MetBudget:
    """Set the dollars of a policy, or its percentage if it costs nothing."""
    if not costs_money(text):
        return _with_percent(t, text, request.value)
    try:
        dollars = read_millions(str(request.value))
    except ValueError:
        dollars = -1.0
    if dollars < 0.0:
        raise Refused(t("policies_panel.error.millions"))
    reached = meet_budget(text, dollars)
    rounded = "rounded" if abs(reached.dollars - dollars) >= 1.0 else ""
    return dataclasses.replace(reached, limit=reached.limit or rounded)


def _with_percent(t: Words, text: str, typed: object) -> str:
    """Set a policy's dose from a typed percentage of its full programme."""
    policy = policy_of(text)
    bounds = {"low": policy.low, "high": policy.high, "unit": Unit(100.0, "%")}
    number = Number("", "", value=policy.dose, default=1.0, whole=False, **bounds)
    return with_amount(text, _read(t, number, str(typed).rstrip("% ")))


def _read(t: Words, number: Number, typed: str) -> float:
    """Read a typed value, or raise `Refused`."""
    try:
        return number.read(t, typed)
    except ValueError as error:
        raise Refused(str(error)) from None


def _date(t: Words, text: object) -> datetime.date | None:
    """Read a date, or return None for an empty text."""
    try:
        return datetime.date.fromisoformat(str(text)) if text else None
    except ValueError:
        raise Refused(t("policies_panel.error.date")) from None


def _set_dates(t: Words, text: str, request: Request) -> str:
    """Set the dates of a policy. The value of the request has ``start``, ``end`` or both."""
    value = request.value if isinstance(request.value, Mapping) else {}
    dates = {name: _date(t, value[name]) for name in ("start", "end") if name in value}
    use = parse_policy(text)
    start, end = dates.get("start", use.start), dates.get("end", use.end)
    if start and end and end <= start:
        raise Refused(t("policies_panel.error.order"))
    return with_terms(text, **dates)


def _set_number(t: Words, text: str, request: Request) -> str:
    """Set a parameter of a policy without changing its dollars."""
    numbers = {number.name: number for number in numbers_of(t, text)}
    if request.field not in numbers:
        raise Refused(t("policies_panel.error.gone"))
    value = _read(t, numbers[request.field], str(request.value))
    return with_number(text, request.field, value)


# ---- both worlds ---------------------------------------------------------------------------------
def _equal(t: Words, choice: Choice, request: Request) -> Policies:
    """Scale a world's dollars to the other world's total."""
    totals = [total_of(choice.policies(world), choice.scenario(world)) for world in (0, 1)]
    if min(totals) <= 0.0:
        empty = "AB"[totals.index(min(totals))]
        raise Refused(t("policies_panel.equal.no_dollars").format(world=empty))
    world, total = request.world, totals[1 - request.world]
    policies, reached = scaled_to(choice.policies(world), total, choice.scenario(world))
    if abs(reached - total) > 0.005 * total:
        largest = millions(reached)
        raise Refused(t("policies_panel.equal.cannot").format(total=millions(total), most=largest))
    return policies


def millions(dollars: float) -> str:
    """Format dollars in millions with enough digits to distinguish budgets."""
    size = dollars / 1e6
    places = 1 if size >= 1.0 or size == 0.0 else 3
    return f"${size:,.{places}f}M"


#: Actions that return a changed policy as text. An empty text removes the policy.
CHANGES: dict[str, Callable[[Words, str, Request], str | MetBudget]] = {
    "amount": _set_amount,
    "dates": _set_dates,
    "number": _set_number,
    "reset": lambda t, text, request: str(dataclasses.replace(parse_policy(text), numbers=())),
    "remove": lambda t, text, request: "",
}
#: Actions that return all policies of a world.
ACTIONS: dict[str, Callable[[Words, Choice, Request], Policies]] = {
    "add": _add,
    "preset": _apply_preset,
    "equal": _equal,
}


# ---- parameters of a policy, as fields with labels, units and bounds
MOST_ENTRIES = 4  # Longer tables, such as one value per sector, are set in a scenario file.


def numbers_of(t: Words, text: str) -> list[Number]:
    """Return a policy's parameters in the order of their declaration."""
    use = parse_policy(text)
    numbers, fields = _flat(use), []
    for full, number, default in _declared(use):
        name, _, entry = full.partition(".")
        given = {"name": full, "value": numbers.get(full, default), "default": default}
        fields.append(declared_number(t, number, f"{use.id}.{name}", entry, **given))
    return fields


def omits_tables(text: str) -> bool:
    """Return whether a policy has parameters that `numbers_of` leaves out."""
    use = parse_policy(text)
    names = {full.partition(".")[0] for full, _, _ in _declared(use)}
    return names != params_of(registry()[use.id]).keys()


def with_number(text: str, name: str, value: float) -> str:
    """Set a parameter or a table entry of a policy. Declared values are not written.

    Args:
        text: policy as text.
        name: name of the parameter, or ``table.entry``.
        value: new value.

    Returns:
        The changed policy as text.

    Raises:
        SettingError: the value is invalid.
    """
    use = parse_policy(text)
    defaults = {full: default for full, _, default in _declared(use)}
    numbers = _flat(use) | {name: value}
    changed = {key: number for key, number in numbers.items() if number != defaults.get(key)}
    return str(dataclasses.replace(use, numbers=tuple(changed.items())))


def _flat(use: PolicySpec) -> dict[str, Any]:
    """Return the parameters that a policy sets, with tables split into entries."""
    declared, numbers = params_of(registry()[use.id]), dict[str, Any]()
    for name, value in use.numbers:
        if isinstance(value, tuple):
            entries = declared[name].entries
            numbers |= {f"{name}.{entry}": v for entry, v in zip(entries, value, strict=True)}
        else:
            numbers[name] = value
    return numbers


def _declared(use: PolicySpec) -> Iterator[tuple[str, Param, float]]:
    """Yield name (or ``table.entry``), declaration and value of each parameter with a field."""
    for name, param in params_of(registry()[use.id]).items():
        if param.kind in (int, float) and not param.is_table:
            yield name, param, param.value
        elif param.kind in (int, float) and len(param.value) <= MOST_ENTRIES:
            for entry, value in zip(param.entries, param.value, strict=True):
                yield f"{name}.{entry}", param, value
