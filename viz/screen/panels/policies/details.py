"""The own numbers of a policy in use, as fields with labels, units and bounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from abm.policies import registry
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import Param, params_of
from viz.screen.panels.number_labels import Number, entry_label, label_of, unit_of
from viz.screen.words import Words

MOST_ENTRIES = 4  # longer tables, such as one value a sector, are set in a scenario file


def numbers_of(t: Words, text: str) -> list[Number]:
    """Return the numbers of a policy in its written form, in the order of their declaration."""
    use = parse_policy(text)
    own = _flat(use)
    declared = params_of(registry()[use.id]).items()
    return [
        _number(t, use.id, one, full, default, own.get(full, default))
        for name, one in declared
        for full, default in _entries(name, one)
    ]


def omits_tables(text: str) -> bool:
    """Return whether a policy has numbers that `numbers_of` leaves out."""
    declared = params_of(registry()[parse_policy(text).id])
    return any(not list(_entries(name, one)) for name, one in declared.items())


def with_number(text: str, name: str, value: float) -> str:
    """Set one number of a policy, or one entry of a table; the declared value is not written.

    Args:
        text: the policy in its written form.
        name: name of the number, or ``table.entry``.
        value: its new value.

    Returns:
        The policy in its written form.

    Raises:
        SettingError: for an invalid value.
    """
    use = parse_policy(text)
    declared = params_of(registry()[use.id])
    own = _flat(use) | {name: value}
    changed = {key: one for key, one in own.items() if one != _default(declared, key)}
    return str(dataclasses.replace(use, numbers=tuple(changed.items())))


def without_numbers(text: str) -> str:
    """Return a policy with the declared values of all its numbers."""
    return str(dataclasses.replace(parse_policy(text), numbers=()))


def _flat(use: PolicySpec) -> dict[str, Any]:
    """Return the numbers that a policy sets; a whole table as its entries."""
    declared, found = params_of(registry()[use.id]), dict[str, Any]()
    for name, value in use.numbers:
        if isinstance(value, tuple):
            entries = declared[name].entries
            found |= {f"{name}.{entry}": v for entry, v in zip(entries, value, strict=True)}
        else:
            found[name] = value
    return found


def _entries(name: str, declared: Param) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a declaration, with their declared values."""
    if declared.kind not in (int, float):
        return
    if not declared.is_table:
        yield name, declared.value
    elif len(declared.value) <= MOST_ENTRIES:
        for entry, value in zip(declared.entries, declared.value, strict=True):
            yield f"{name}.{entry}", value


def _default(declared: Any, name: str) -> Any:
    """Return the declared value of a number or of an entry; None if there is none."""
    table, _, entry = name.partition(".")
    one = declared.get(table)
    if one is None or not entry:
        return one.value if one else None
    return dict(zip(one.entries, one.value, strict=True)).get(entry)


def _number(
    t: Words, policy: str, declared: Param, name: str, default: float, value: float
) -> Number:
    """Describe one number of a policy."""
    table, _, entry = name.partition(".")
    label = label_of(t, f"{policy}.{table}", declared.doc)
    source = declared.sources.get(entry, declared.source)
    return Number(
        name=name,
        label=f"{label}: {entry_label(t, entry)}" if entry else label,
        about=t.translate(declared.doc),
        source=t.translate(source),
        value=value,
        default=default,
        low=declared.low,
        high=declared.high,
        unit=unit_of(t, declared, default),
        whole=declared.kind is int,
        assumed=declared.assumed,
    )
