"""A policy's own numbers, as a scenario sets them: checked, flat, written and read back.

A use of a policy holds them flat, sorted by name: ``(("criterion.deaths", 1.0), ("toll", 30.0))``.
Which numbers a policy has is not known here. The written form of one is ``toll=30``,
``criterion.deaths=1`` for an entry of a table, ``share=0.5/0.3/0.2`` for a whole table; a table of
one entry ends in a stroke.
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
    """Check numbers and bring them to their one form.

    ``given`` is a mapping by name or a list of pairs; a value may be a list, or a mapping by
    label. ``path`` names the policy, ``reserved`` are names that mean something else there.
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else given
    if not isinstance(pairs, list | tuple) or not all(map(_is_pair, pairs)):
        raise SettingError(
            path, "invalid table of parameters", "Give a table of parameters by name."
        )
    found: dict[str, Number] = {}
    for name, value in pairs:
        for full, entry in _entries(path, name, value, reserved):
            if full in found:
                raise SettingError(f"{path}.{full}", "it is set twice", "Set it once.")
            found[full] = entry
    for name in found:
        table, dot, _ = name.partition(".")
        if dot and table in found:
            reason = f"{table} is also set as a whole"
            raise SettingError(f"{path}.{name}", reason, "Set one or the other.")
    return tuple(sorted(found.items()))


def nested(numbers: Numbers) -> dict[str, Any]:
    """Give numbers by name, a table as a list or as a mapping by label, as TOML knows them."""
    given: dict[str, Any] = {}
    for name, value in numbers:
        table, _, label = name.partition(".")
        shown = list(value) if isinstance(value, tuple) else value
        if label:
            given.setdefault(table, {})[label] = shown
        else:
            given[name] = shown
    return given


def parse_number(path: str, text: str) -> tuple[str, Any]:
    """Read the written form of one number; ``path`` names the place in an error."""
    name, _, value = text.partition("=")
    entries = value.split("/")
    if len(entries) == 1:
        return name, _parse_entry(path, name, value)
    entries = entries[:-1] if not entries[-1] else entries
    return name, tuple(_parse_entry(path, name, entry) for entry in entries)


def format_numbers(numbers: Numbers) -> str:
    """Write numbers, each after a colon."""
    return "".join(f":{name}={_format(value)}" for name, value in numbers)


def digits(number: Decimal) -> str:
    """Write a decimal exactly, without an exponent unless it is tiny."""
    text = format(number.normalize(), "f")
    return text if len(text) <= 20 else str(number.normalize())


def _is_pair(item: Any) -> bool:
    return isinstance(item, list | tuple) and len(item) == 2


def _entries(
    path: str, name: Any, value: Any, reserved: tuple[str, ...]
) -> Iterator[tuple[str, Number]]:
    """Give one number, or the entries of a table by label, with their full names."""
    where = f"{path}.{name}"
    if isinstance(value, Mapping):
        for label, entry in value.items():
            yield from _entries(path, f"{name}.{label}", entry, reserved)
        return
    good = isinstance(name, str) and _NAME.fullmatch(name)
    if not good or name.partition(".")[0] in reserved:
        hint = "Write a name in small letters, digits and _; name.label is an entry of a table."
        raise SettingError(where, f"{plain(name)} is not the name of a number", hint)
    if not isinstance(value, list | tuple):
        yield name, _entry(where, value)
    elif value:
        yield name, tuple(_entry(f"{where}.{i}", entry) for i, entry in enumerate(value))
    else:
        raise SettingError(where, "the list is empty", "Give its values.")


def _entry(path: str, value: Any) -> Entry:
    """Accept a number, true, false or a name; a whole number becomes a float like any other."""
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
    """Read a number (also with K, M or B), true, false, or a name."""
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
    """Write a number, a name, or a table."""
    if isinstance(value, tuple):
        return "/".join(map(_format, value)) + ("/" if len(value) == 1 else "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else digits(Decimal(repr(value)))
