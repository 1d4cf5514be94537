"""Dated changes to the consequences of an apprehension, by origin country and kind.

A change is a ``[[consequence_changes]]`` table in a scenario. It has a period, countries, kinds, at
least one new value, and a source. ``abm.phases.dated_inputs`` applies changes to the day's tables.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abm.scenario.tree import (
    read_date,
    read_line,
    read_list,
    read_number,
    read_text,
    refuse_unknown_keys,
)
from agents.labels import KINDS, NATIONS
from agents.outcomes import Consequence
from agents.param import SettingError, check_name, did_you_mean, listed, plain

MOST_CHANGES = 500
LONGEST_STAY = 730.0  # days
ALL = "all"
RETURN_PLACES = ("home", "line")
#: Consequence before another attempt, by the name of the attempt's probability.
RETRIES = {
    "retry_removal": Consequence.REMOVAL,
    "retry_voluntary_return": Consequence.VOLUNTARY_RETURN,
    "retry_prosecution": Consequence.PROSECUTION,
    "retry_returned_by_mexico": Consequence.RETURNED_BY_MEXICO,
}
#: Upper bound of each value.
NUMBERS = dict.fromkeys(("release", "release_without_bed", "prosecution", "voluntary_return"), 1.0)
NUMBERS |= {"stay_removal": LONGEST_STAY} | dict.fromkeys(RETRIES, 1.0)
VALUES = (*NUMBERS, "returned_to")
_PATH = "consequence_changes"
_KEYS = ("from", "to", "countries", "kinds", *VALUES, "source", "doc")
_FIELDS = {"from": "start", "to": "end"}  # attribute by TOML key, if the names differ
_MEXICANS_ONLY = ("voluntary_return", "retry_voluntary_return")
_ADULTS_ONLY = ("prosecution", "retry_prosecution")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsequenceChange:
    """One change to consequences. An invalid value raises ``SettingError``.

    A value of None does not change the consequence.

    Attributes:
        source: source of the values, one line.
        start: first day of the change. None means before every run.
        end: first day after the change. None means after every run.
        countries: labels in ``NATIONS``, or "all".
        kinds: labels in ``KINDS``, or "all".
        release: share of people released to proceedings while beds are free.
        release_without_bed: probability of release before a removal if no bed is free.
        prosecution: share of unreleased adults who are referred to prosecution.
        voluntary_return: share of Mexicans, neither released nor prosecuted, who are returned
            without a removal order.
        stay_removal: days in detention before removal.
        returned_to: where U.S. custody ends: "home", or "line" for the place of crossing.
        retry_removal, retry_voluntary_return, retry_prosecution, retry_returned_by_mexico:
            probability of another attempt after this consequence.
        doc: purpose of the change.
    """

    source: str
    start: datetime.date | None = None
    end: datetime.date | None = None
    countries: tuple[str, ...] = NATIONS
    kinds: tuple[str, ...] = KINDS
    release: float | None = None
    release_without_bed: float | None = None
    prosecution: float | None = None
    voluntary_return: float | None = None
    stay_removal: float | None = None
    returned_to: str | None = None
    retry_removal: float | None = None
    retry_voluntary_return: float | None = None
    retry_prosecution: float | None = None
    retry_returned_by_mexico: float | None = None
    doc: str = ""

    def __post_init__(self) -> None:
        """Check and normalise every value, so that equal changes compare equal."""
        for key, name in _FIELDS.items():
            if getattr(self, name) is not None:
                self._set(name, read_date(f"{_PATH}.{key}", getattr(self, name)))
        if self.start and self.end and self.end <= self.start:
            reason = f"{self.end} is not after the first day {self.start}"
            raise SettingError(f"{_PATH}.to", reason, "Give a later date.")
        self._set("countries", _labels("countries", self.countries, NATIONS))
        self._set("kinds", _labels("kinds", self.kinds, KINDS))
        for name, highest in NUMBERS.items():
            self._set(name, read_number(f"{_PATH}.{name}", getattr(self, name), highest))
        if self.returned_to is not None:
            check_name(f"{_PATH}.returned_to", self.returned_to, RETURN_PLACES)
        self._set("source", read_line(f"{_PATH}.source", self.source))
        self._set("doc", read_text(f"{_PATH}.doc", self.doc))
        self._refuse_without_effect()

    def _refuse_without_effect(self) -> None:
        """Raise SettingError if the change has no value, or a value that no person can have."""
        if all(getattr(self, name) is None for name in VALUES):
            hint = f"Give at least one of: {listed(VALUES)}."
            raise SettingError(_PATH, "the table changes nothing", hint)
        returned = "Mexicans are returned without a removal order"
        for names, label, chosen, key, restriction in (
            (_MEXICANS_ONLY, "MX", self.countries, "countries", returned),
            (_ADULTS_ONLY, "adult", self.kinds, "kinds", "adults are prosecuted"),
        ):
            for name in names:
                if getattr(self, name) is not None and label not in chosen:
                    hint = f'Add "{label}" to {key}, or remove {name}.'
                    raise SettingError(f"{_PATH}.{name}", f"only {restriction}", hint)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)  # The class is frozen after construction.

    def in_force(self, date: datetime.date) -> bool:
        """Return whether the change is in force on a date."""
        return (self.start is None or self.start <= date) and (self.end is None or date < self.end)

    def to_mapping(self) -> dict[str, Any]:
        """Return all values that are not None, by TOML key."""
        values = {key: getattr(self, _FIELDS.get(key, key)) for key in _KEYS}
        for key, labels in (("countries", NATIONS), ("kinds", KINDS)):
            values[key] = None if values[key] == labels else list(values[key])
        return {key: value for key, value in values.items() if value not in (None, "")}


def read_changes(path: str, value: Any) -> tuple[ConsequenceChange, ...]:
    """Read a list of changes and sort it by first day.

    Changes with the same first day keep their order, because the later change takes precedence if
    both give the same value.

    Args:
        path: dotted name of the list in error messages.
        value: tables (see :class:`ConsequenceChange`) or changes.

    Returns:
        The changes in the order in which they are applied.

    Raises:
        SettingError: an entry is invalid, or the list has more than ``MOST_CHANGES`` entries.
    """
    items = read_list(path, value, "changes", MOST_CHANGES)
    changes = [_read_change(f"{path}[{i}]", item) for i, item in enumerate(items, start=1)]
    return tuple(sorted(changes, key=lambda change: change.start or datetime.date.min))


def _read_change(path: str, item: Any) -> ConsequenceChange:
    """Read the change at location ``path`` in a list."""
    if isinstance(item, ConsequenceChange):
        return item
    if not isinstance(item, Mapping):
        hint = "Write one [[consequence_changes]] table for each change."
        raise SettingError(path, f"{plain(item)} is not a table", hint)
    refuse_unknown_keys(path, item, _KEYS)
    if "source" not in item:
        hint = 'Write source = "..." in one line, "[A]" for an assumption.'
        raise SettingError(path, "missing source", hint)
    values: dict[str, Any] = {_FIELDS.get(str(key), str(key)): v for key, v in item.items()}
    try:
        return ConsequenceChange(**values)
    except SettingError as error:
        where = path + error.path.removeprefix(_PATH)
        raise SettingError(where, error.reason, error.hint) from None


def _labels(key: str, value: Any, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Check labels and return them in the order of ``allowed``."""
    path, hint = f"{_PATH}.{key}", f'Give a list of: {listed(allowed)}; or "{ALL}".'
    labels = (value,) if isinstance(value, str) else value
    if not isinstance(labels, list | tuple) or not labels:
        raise SettingError(path, f"{plain(value)} is not a list of names", hint)
    if tuple(labels) == (ALL,):
        return allowed
    for label in labels:
        if not isinstance(label, str) or label not in allowed:
            reason = f"{plain(label)} is not one of the {key}"
            raise SettingError(path, reason, did_you_mean(str(label), allowed) + hint)
    return tuple(label for label in allowed if label in labels)
