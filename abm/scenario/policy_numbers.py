"""Parameters of a policy that a scenario sets: checking, parsing and formatting.

A policy specification stores them flat, sorted by name: ``(("criterion.deaths", 1.0), ("toll",
30.0))``. This module does not check whether the policy has them. The written form is ``toll=30``,
``criterion.deaths=1`` for a table entry and ``share=0.5/0.3/0.2`` for a whole table. A table with
one entry ends in a slash.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any

from agents.param import SettingError, plain

Entry = float | bool | str
Number = Entry | tuple[Entry, ...]
Numbers = tuple[tuple[str, Number], ...]

LARGEST_NUMBER = 1e15
SUFFIXES = {"B": 9, "M": 6, "K": 3}
DIGITS = r"\d{1,20}(?:\.\d{0,40})?(?:e[+-]?\d{1,3})?"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}(\.[A-Za-z0-9_]{1,60})?")
_NUMBER = re.compile(rf"(-?{DIGITS})([KMB]?)", re.I | re.ASCII)
_WORD = re.compile(r"(?!(?:true|false)$)[A-Za-z][A-Za-z0-9_]{0,59}")


def read_numbers(path: str, given: Any, reserved: tuple[str, ...]) -> Numbers:
    """Check parameters of a policy and convert them to the flat form.

    Args:
        path: name of the policy in error messages.
        given: a mapping by name or a list of pairs. A value may be a list, or a mapping by label.
        reserved: names that are keys of the specification itself.

    Returns:
        Pairs of name and value, sorted by name.

    Raises:
        SettingError: for an invalid name or value, or a parameter that is set twice.
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else given
    if not isinstance(pairs, list | tuple) or not all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs
    ):
        hint = "Give a table of parameters by name."
        raise SettingError(path, "invalid table of parameters", hint)
    numbers: dict[str, Number] = {}
    for name, value in pairs:
        for full, entry in _entries(path, name, value, reserved):
            if full in numbers:
                raise SettingError(f"{path}.{full}", "it is set twice", "Set it once.")
            numbers[full] = entry
    for name in numbers:
        table, dot, _ = name.partition(".")
        if dot and table in numbers:
            reason = f"{table} is also set as a whole"
            raise SettingError(f"{path}.{name}", reason, "Set one or the other.")
    return tuple(sorted(numbers.items()))


def nested(numbers: Numbers) -> dict[str, Any]:
    """Return parameters by name in TOML types. A table is a list or a mapping by label."""
    given: dict[str, Any] = {}
    for name, value in numbers:
        table, _, label = name.partition(".")
        entry = list(value) if isinstance(value, tuple) else value
        if label:
            given.setdefault(table, {})[label] = entry
        else:
            given[name] = entry
    return given


def parse_number(path: str, text: str) -> tuple[str, Any]:
    """Parse the written form of one parameter.

    Args:
        path: location in error messages.
        text: such as ``toll=30``.

    Returns:
        Name and value.

    Raises:
        SettingError: if the value is neither a number nor a name.
    """
    name, _, value = text.partition("=")
    entries = value.split("/")
    if len(entries) == 1:
        return name, _parse_entry(path, name, value)
    entries = entries[:-1] if not entries[-1] else entries
    return name, tuple(_parse_entry(path, name, entry) for entry in entries)


def format_numbers(numbers: Numbers) -> str:
    """Return parameters in their written form, each after a colon."""
    return "".join(f":{name}={_format(value)}" for name, value in numbers)


def digits(number: Decimal) -> str:
    """Return a decimal exactly, without an exponent unless it has more than 20 characters."""
    text = format(number.normalize(), "f")
    return text if len(text) <= 20 else str(number.normalize())


def _entries(
    path: str, name: Any, value: Any, reserved: tuple[str, ...]
) -> Iterator[tuple[str, Number]]:
    """Yield one parameter, or the entries of a table by label, with their full names."""
    where = f"{path}.{name}"
    if isinstance(value, Mapping):
        for label, entry in value.items():
            yield from _entries(path, f"{name}.{label}", entry, reserved)
        return
    valid = isinstance(name, str) and _NAME.fullmatch(name)
    if not valid or name.partition(".")[0] in reserved:
        hint = "Write a name in small letters, digits and _; name.label is an entry of a table."
        raise SettingError(where, f"{plain(name)} is not the name of a number", hint)
    if not isinstance(value, list | tuple):
        yield name, _entry(where, value)
    elif value:
        yield name, tuple(_entry(f"{where}.{i}", entry) for i, entry in enumerate(value))
    else:
        raise SettingError(where, "the list is empty", "Give its values.")


def _entry(path: str, value: Any) -> Entry:
    """Check a number, true, false or a name. A whole number becomes a float."""
    hint = f"Give a number up to {plain(LARGEST_NUMBER)}, true, false, or a name."
    if isinstance(value, bool) or (isinstance(value, str) and _WORD.fullmatch(value)):
        return value
    if not isinstance(value, Real):
        raise SettingError(path, f"{plain(value)} is neither a number nor a name", hint)
    # compared before float(): an integer may be too large to become a float
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:  # pyright: ignore[reportOperatorIssue]
        raise SettingError(path, f"{plain(value)} is out of range", hint)
    return float(value) + 0.0


def _parse_entry(path: str, name: str, text: str) -> Entry:
    """Parse a number (also with K, M or B), true, false, or a name."""
    match = _NUMBER.fullmatch(text)
    if match:
        return float(Decimal(match[1]).scaleb(SUFFIXES.get(match[2].upper(), 0)))
    if text in ("true", "false"):
        return text == "true"
    if not _WORD.fullmatch(text):
        hint = f"Write a number, true, false or a name after {name}=."
        raise SettingError(path, f"{plain(text)} is neither a number nor a name", hint)
    return text


def _format(value: Number) -> str:
    """Return a number, a name or a table in its written form."""
    if isinstance(value, tuple):
        return "/".join(map(_format, value)) + ("/" if len(value) == 1 else "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else digits(Decimal(repr(value)))
