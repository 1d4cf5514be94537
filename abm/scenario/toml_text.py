"""Reading and writing settings as TOML without loss of precision."""

import datetime
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from abm.scenario.tree import settings_of, to_mapping
from agents.param import Param, SettingError, params_of, plain

_BARE = re.compile(r"[A-Za-z0-9_-]+")
# The parse time is quadratic in the parts of a key such as a.a.a.a. Settings have three parts.
_MAX_PARTS = 16
_PART = r"""\.[ \t]*+(?:[^\s.,=\[\]{}"'#]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_KEY = re.compile(f"(?:{_PART}){{{_MAX_PARTS},}}")
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(text: str, origin: str) -> dict[str, Any]:
    """Parse a TOML text.

    Args:
        text: TOML text from a user or a file.
        origin: name of the file in error messages.

    Returns:
        The settings.

    Raises:
        SettingError: the text is not valid TOML. The message gives the line.
    """
    try:
        return _parse(text)
    except (ValueError, RecursionError) as error:  # ValueError: int() of 5,000 digits
        place = _WHERE.search(str(error))
        line = place[1] if place and place[1] else str(text.count("\n") + 1)
        reason = "a number is too long, or lists are nested too deeply"
        if isinstance(error, tomllib.TOMLDecodeError):
            reason = _WHERE.sub("", str(error))
        hint = 'Write one setting per line, such as days = 365 or start = 2012-10-01; texts in "".'
        raise SettingError(f"line {line}", f"invalid TOML ({reason})", hint, origin) from None


def read_value(text: str) -> Any:
    """Parse one TOML value, or return the text unchanged if it is not valid TOML."""
    try:
        read = _parse(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return read["value"] if read.keys() == {"value"} else text


def _parse(text: str) -> dict[str, Any]:
    """Parse TOML in linear time. Raise ``TOMLDecodeError`` for a key with too many parts."""
    if long_key := _LONG_KEY.search(text):
        line = text.count("\n", 0, long_key.start()) + 1
        reason = f"a key has more than {_MAX_PARTS} parts (at line {line}, column 1)"
        raise tomllib.TOMLDecodeError(reason)
    return tomllib.loads(text)


def write_toml(tree: Any, *, full: bool = False, annotated: bool = False) -> str:
    """Write a settings tree as TOML, from which the same tree can be read.

    Args:
        tree: the settings.
        full: write all settings. By default, only changed settings are written.
        annotated: add comments with meaning, unit, bounds and source of every parameter.

    Returns:
        The text.
    """
    default = {} if full else to_mapping(type(tree)())
    lines = _section(tree, to_mapping(tree), default, "", annotated)
    return "\n".join(lines).strip("\n") + "\n"


def _section(
    tree: Any, values: Mapping[str, Any], default: Mapping[str, Any], path: str, annotated: bool
) -> Iterator[str]:
    """Yield a group line by line: its values, its groups, and its lists of tables."""
    declared, settings = params_of(type(tree)), settings_of(type(tree))
    changed = {k: v for k, v in values.items() if k not in default or v != default[k]}
    lists = {name: value for name, value in changed.items() if isinstance(value, list)}
    tables = [name for name, items in lists.items() if any(isinstance(i, Mapping) for i in items)]
    groups = [name for name in changed if name not in declared and name not in settings]
    leaves = [name for name in changed if name not in groups and name not in tables]
    if leaves and path:
        yield f"\n[{path}]"
    for name in leaves:
        if annotated:
            yield from _comment(declared[name] if name in declared else settings[name].doc)
        yield f"{name} = {_value(changed[name])}"
    for name in groups:
        where = f"{path}.{name}" if path else name
        yield from _section(
            getattr(tree, name), changed[name], default.get(name, {}), where, annotated
        )
    for name in tables:
        where = f"{path}.{name}" if path else name
        for item in changed[name]:
            yield f"\n[[{where}]]"
            yield from (f"{_key(key)} = {_value(value)}" for key, value in item.items())


def _comment(declared: Param | str) -> Iterator[str]:
    """Yield the comment lines that precede a setting."""
    if isinstance(declared, str):
        yield f"# {declared}"
        return
    yield f"# {declared.doc}"
    if declared.kind is str:
        yield f"# {declared.allowed}. Source: {declared.source_text}"
    else:
        bounds = f"{plain(declared.low)} to {plain(declared.high)}"
        yield f"# {declared.unit}, {bounds}. Source: {declared.source_text}"


def _key(name: str) -> str:
    """Return a key, with quotation marks if TOML requires them."""
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)  # shortest text that reads back as the same number


def _text(text: str) -> str:
    """Return a text as a TOML basic string. JSON uses the same escapes, except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
