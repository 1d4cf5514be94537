"""Settings trees: reading, checking, changing by dotted path, and digests.

A *tree* is a frozen dataclass. Its fields are parameters (``agents.param.param``), other settings
such as texts, dates and lists (``setting``), or *groups*, which are trees themselves.
``abm.scenario.definition`` declares the groups in a scenario. This module works with any groups.
"""

import copy
import dataclasses
import datetime
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Real
from pathlib import Path
from typing import Any, Self

from agents.param import (
    Param,
    SettingError,
    check,
    did_you_mean,
    hidden_in,
    listed,
    nearest,
    params_of,
    plain,
    status_of,
)

FIRST_DATE = datetime.date(1990, 1, 1)
LAST_DATE = datetime.date(2060, 12, 31)
_MAX_CHARACTERS = 5_000
_DECLARED = ("kind", "unit", "low", "high", "doc", "choices")  # Row attributes copied from Param


@dataclass(frozen=True, slots=True)
class Setting:
    """Declaration of a setting other than a parameter.

    Attributes:
        doc: one sentence for the reference.
        read: function of a path and a value that returns the checked value.
        write: function that converts the value to TOML types.
    """

    doc: str
    read: Callable[[str, Any], Any]
    write: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Description of one number or name in a scenario, for tables, sliders and sampling.

    Every entry in a table has its own row.

    Attributes:
        path: dotted path, which is a key for ``with_settings``.
        value, default: present and declared value.
        kind: type of the value.
        unit, low, high, doc, choices: as declared, see :class:`agents.param.Param`.
        source: where the default comes from.
        status: one of ``agents.param.STATUSES``.
        assumed: whether the status is "assumed".
        profile: path of the profile with this entry, or "" if the number is not in a profile.
    """

    path: str
    value: Any
    default: Any
    kind: type
    unit: str
    low: float
    high: float
    doc: str
    source: str
    status: str
    assumed: bool
    choices: tuple[str, ...] | None
    profile: str = ""


def setting(
    default: Any,
    *,
    doc: str,
    read: Callable[[str, Any], Any],
    write: Callable[[Any], Any] = lambda value: value,
) -> Any:
    """Declare a dataclass field for a setting other than a parameter.

    Args:
        default: default value.
        doc: one sentence for the reference.
        read: function of a path and a value that returns the checked value or raises
            ``SettingError``. It must accept the values that it returns.
        write: function that converts the value to TOML types.

    Returns:
        The dataclass field.
    """
    return dataclasses.field(default=default, metadata={"setting": Setting(doc, read, write)})


class Tree:
    """Base class for setting trees, which are frozen dataclasses."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Check every value and convert it to the declared type."""
        for name in field_names(type(self)):
            value = getattr(self, name)
            checked = _read(self, name, value, name, type(self))
            object.__setattr__(self, name, checked)  # The class is frozen.

    def with_settings(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with other values.

        Args:
            changes: values by dotted path, such as ``{"migrants.retry_removed": 0.4}``. A path may
                also name one entry in a table (``migrants.surrender.child``), or a whole group,
                whose value is a mapping.

        Raises:
            SettingError: a path is unknown, or a value is invalid.
        """
        if not isinstance(changes, Mapping):
            hint = 'Give values by path, for example {"contest.eta": 0.5}.'
            raise SettingError("settings", f"{plain(changes)} is not a mapping", hint)
        nested: dict[str, Any] = {}
        for path, value in changes.items():
            _insert(nested, str(path), value)
        return overlay(self, nested)

    def to_mapping(self) -> dict[str, Any]:
        """Return the whole tree as nested mappings of texts, numbers, dates and lists."""
        return to_mapping(self)

    @property
    def digest(self) -> str:
        """Hash of all resolved settings: 40 hexadecimal digits.

        Equal settings have equal digests, whatever their order and format in a file.
        """
        return digest_of(self.to_mapping())


def digest_of(settings: Mapping[str, Any]) -> str:
    """Return a hash of plain values from :func:`to_mapping`, 40 hexadecimal digits."""
    canonical = json.dumps(
        settings, sort_keys=True, separators=(",", ":"), allow_nan=False, default=str
    )
    return hashlib.blake2b(canonical.encode(), digest_size=20).hexdigest()


def overlay[T](base: T, given: Any, path: str = "", root: type | None = None) -> T:
    """Return a copy of a tree or group with other values.

    Args:
        base: the tree or group.
        given: new values by field name, or an instance of ``base``'s class.
        path: dotted name of ``base`` in error messages.
        root: class of the whole tree. For an unknown name, the error message suggests a setting
            from this class.

    Returns:
        The copy.

    Raises:
        SettingError: a name is unknown, or a value is invalid.
    """
    root = root or type(base)
    if isinstance(given, type(base)):
        given = {name: getattr(given, name) for name in field_names(type(base))}
    if not isinstance(given, Mapping):
        hint = f"Give a table of settings: {listed(field_names(type(base)))}."
        raise SettingError(path or "scenario", f"{plain(given)} is not a table", hint)
    changes = {
        name: _read(base, name, value, _join(path, name), root)
        for name, value in given.items()
        if _is_setting(type(base), name, path, root)
    }
    if not isinstance(base, Tree):
        return dataclasses.replace(base, **changes)  # pyright: ignore[reportArgumentType,reportCallIssue]
    tree = copy.copy(base)  # The values of `base` need no further check.
    for name, value in changes.items():
        object.__setattr__(tree, name, value)
    return tree


def to_mapping(tree: Any) -> dict[str, Any]:
    """Return a tree or group as plain values. A labelled table becomes a mapping."""
    declared, settings = params_of(type(tree)), settings_of(type(tree))
    plain_values: dict[str, Any] = {}
    for name in field_names(type(tree)):
        value = getattr(tree, name)
        if name in declared:
            plain_values[name] = _written(declared[name], value)
        elif name in settings:
            plain_values[name] = settings[name].write(value)
        else:
            plain_values[name] = to_mapping(value)
    return plain_values


def parameters(tree: Any, path: str = "") -> list[Row]:
    """List every parameter in a tree in the order of declaration.

    Args:
        tree: the tree or group.
        path: dotted name of `tree`.

    Returns:
        One row per parameter, or per entry in a table.
    """
    rows: list[Row] = []
    for where, group in groups_of(tree, path):
        for name, declared in params_of(type(group)).items():
            rows += _rows(_join(where, name), declared, getattr(group, name))
    return rows


def groups_of(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a tree and its groups in the order of declaration, each with its dotted path.

    Args:
        tree: the tree or group.
        path: dotted name of `tree`.
    """
    yield path, tree
    leaves = params_of(type(tree)).keys() | settings_of(type(tree)).keys()
    for name in field_names(type(tree)):
        if name not in leaves:
            yield from groups_of(getattr(tree, name), _join(path, name))


def declared_numbers(rows: Sequence[Row]) -> list[Row]:
    """Combine the entries in every profile into one row whose values are tuples.

    Args:
        rows: all or some rows from :func:`parameters`.

    Returns:
        One row per declared number, in the order of `rows`. A profile counts as one number.
    """
    combined: dict[str, Row] = {}
    for row in rows:
        if not row.profile:
            combined[row.path] = row
            continue
        empty = dataclasses.replace(row, path=row.profile, value=(), default=())
        before = combined.get(row.profile, empty)
        combined[row.profile] = dataclasses.replace(
            before, value=(*before.value, row.value), default=(*before.default, row.default)
        )
    return list(combined.values())


@cache
def field_names(cls: type) -> tuple[str, ...]:
    """Return a dataclass's field names in the order of declaration."""
    return tuple(field.name for field in dataclasses.fields(cls))


@cache
def settings_of(cls: type) -> Mapping[str, Setting]:
    """Return a dataclass's settings by name, without parameters and groups."""
    fields = dataclasses.fields(cls)
    return {f.name: f.metadata["setting"] for f in fields if "setting" in f.metadata}


def paths_of(tree: Any, path: str = "") -> list[str]:
    """Return the dotted paths of all parameters and settings in a tree, without groups.

    Args:
        tree: the tree or group.
        path: dotted name of `tree`.

    Returns:
        The paths in the order of declaration.
    """
    paths: list[str] = []
    for where, group in groups_of(tree, path):
        leaves = params_of(type(group)).keys() | settings_of(type(group)).keys()
        paths += [_join(where, name) for name in field_names(type(group)) if name in leaves]
    return paths


def read_text(path: str, value: Any) -> str:
    """Check that a value is a text that can be written to a file.

    Args:
        path: dotted name in error messages.
        value: value from a user or a file.

    Returns:
        The text.

    Raises:
        SettingError: the value is not a text, is too long, or contains a hidden character.
    """
    hint = f"Give a text in quotation marks, at most {_MAX_CHARACTERS} characters."
    if not isinstance(value, str):
        raise SettingError(path, f"{plain(value)} is not a text", hint)
    if len(value) > _MAX_CHARACTERS:
        raise SettingError(path, f"a text of {len(value)} characters is too long", hint)
    return _printable(path, value, lines=True)


def _printable(path: str, text: str, *, lines: bool = False) -> str:
    """Return a text, or raise SettingError if it contains a hidden character."""
    if hidden := hidden_in(text, lines=lines):
        raise SettingError(path, f"the text contains the character {hidden}", "Leave it out.")
    return text


def read_line(path: str, value: Any) -> str:
    """Check that a value is a text of one line that is not empty.

    Args:
        path: dotted name in error messages.
        value: value from a user or a file.

    Returns:
        The text.

    Raises:
        SettingError: the value is not a text, or is empty or has several lines.
    """
    text = read_text(path, value)
    if not text.strip() or "\n" in text:
        raise SettingError(path, "the text is empty or has several lines", "Give one line.")
    return _printable(path, text)


def read_list(path: str, value: Any, noun: str, maximum: int) -> Sequence[Any]:
    """Check that a value is a list that TOML can express as an array of tables.

    Args:
        path: dotted name in error messages.
        value: value from a user or a file.
        noun: plural noun for the items, for error messages.
        maximum: maximum number of items.

    Returns:
        The list.

    Raises:
        SettingError: the value is not a list, or has too many items.
    """
    if not isinstance(value, list | tuple):
        hint = f"Write one [[{path}]] table for each."
        raise SettingError(path, f"{plain(value)} is not a list of {noun}", hint)
    if len(value) > maximum:
        raise SettingError(path, f"{len(value)} {noun} are in the list", f"Give at most {maximum}.")
    return value


def write_list(items: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the items as TOML tables, which :func:`read_list` can read."""
    return [item.to_mapping() for item in items]


def read_path(path: str, value: Any) -> Path:
    """Check the path to a file or folder, which need not exist.

    Args:
        path: dotted name in error messages.
        value: a text or a path.

    Returns:
        The path.

    Raises:
        SettingError: the value is neither a text nor a path, is empty, or cannot be printed.
    """
    return Path(read_line(path, os.fspath(value) if isinstance(value, os.PathLike) else value))


def read_number(path: str, value: Any, highest: float) -> float | None:
    """Check that a value is None or a number between 0 and ``highest``.

    Args:
        path: dotted name in error messages.
        value: value from a user or a file.
        highest: maximum allowed value.

    Returns:
        The number as a float, or None.

    Raises:
        SettingError: the value is not a number, or is out of range.
    """
    if value is None:
        return None
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    # Compare before converting, because float() raises OverflowError for a huge integer.
    if is_number and 0 <= value <= highest:  # pyright: ignore[reportOperatorIssue]
        return float(value) + 0.0
    reason = f"{plain(value)} is {'out of range' if is_number else 'not a number'}"
    raise SettingError(path, reason, f"Give a number between 0 and {plain(highest)}.")


def read_date(path: str, value: Any) -> datetime.date:
    """Check a calendar date.

    Args:
        path: dotted name in error messages.
        value: a date, or a text such as 2014-07-07.

    Returns:
        The date.

    Raises:
        SettingError: the value is not a date between ``FIRST_DATE`` and ``LAST_DATE``.
    """
    hint = f"Give a date between {FIRST_DATE} and {LAST_DATE}, for example 2014-07-07."
    if isinstance(value, str):
        try:
            value = datetime.date.fromisoformat(value)
        except ValueError:
            raise SettingError(path, f"{plain(value)} is not a date", hint) from None
    # Refuse datetime, a subclass of date, because the model has no time of day.
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise SettingError(path, f"{plain(value)} is not a date", hint)
    if not FIRST_DATE <= value <= LAST_DATE:
        raise SettingError(path, f"{value} is outside the calendar of the model", hint)
    return value


def _read(base: Any, name: str, value: Any, path: str, root: type) -> Any:
    """Check a new value for a field of ``base``. Missing table entries keep their value."""
    declared = params_of(type(base)).get(name)
    if declared is not None:
        if declared.is_table and isinstance(value, Mapping):
            declared = dataclasses.replace(declared, value=getattr(base, name))
        return check(path, declared, value)
    other = settings_of(type(base)).get(name)
    if other is not None:
        return other.read(path, value)
    return overlay(_group_of(base, name), value, path, root)


def _group_of(base: Any, name: str) -> Any:
    """Return the group in a field of ``base``, or its default if the field holds another type."""
    (field,) = (f for f in dataclasses.fields(base) if f.name == name)
    group, group_value = field.default_factory, getattr(base, name)
    if not isinstance(group, type):
        raise TypeError(f"{type(base).__name__}.{name} is neither param, setting nor group")
    return group_value if isinstance(group_value, group) else group()


def _is_setting(cls: type, name: Any, path: str, root: type) -> bool:
    """Return True if ``cls`` has a field. Otherwise raise SettingError with a similar setting."""
    names = field_names(cls)
    if name in names:
        return True
    by_name = {p.rpartition(".")[2]: p for p in paths_of(root())}
    close = nearest(str(name), names)
    elsewhere = by_name.get(nearest(str(name), by_name), "")
    guess = _join(path, close) if close else elsewhere
    hint = f'Did you mean "{guess}"?' if guess else f"Available: {listed(names)}."
    raise SettingError(_join(path, str(name)), "unknown setting", hint)


def refuse_unknown_keys(path: str, given: Mapping[Any, Any], allowed: tuple[str, ...]) -> None:
    """Raise SettingError for a key that is not allowed.

    Args:
        path: dotted name of the mapping in error messages.
        given: mapping whose keys are checked.
        allowed: the allowed keys.
    """
    for key in given:
        if key not in allowed:
            hint = f"{did_you_mean(str(key), allowed)}Available: {listed(allowed)}."
            raise SettingError(_join(path, str(key)), "unknown setting", hint)


def _insert(nested: dict[str, Any], path: str, value: Any) -> None:
    """Insert a value at a dotted path into nested mappings, or raise SettingError on a conflict."""
    *groups, last = path.split(".")
    for group in groups:
        nested = nested.setdefault(group, {})
        if not isinstance(nested, dict):
            raise SettingError(path, f"{group} is also set as a whole", "Set one or the other.")
    if last in nested:
        raise SettingError(path, "it is set twice", "Set it once.")
    nested[last] = dict(value) if isinstance(value, Mapping) else value


def _written(declared: Param, value: Any) -> Any:
    """Return a parameter's value in TOML types."""
    if not declared.is_table:
        return value
    return dict(zip(declared.labels, value, strict=True)) if declared.labels else list(value)


def _rows(path: str, declared: Param, value: Any) -> Iterator[Row]:
    """Yield one row for a parameter, or one row per entry if it is a table."""
    entries = [(path, value, declared.value)]
    if declared.is_table:
        named = zip(declared.entries, value, declared.value, strict=True)
        entries = [(f"{path}.{entry}", current, default) for entry, current, default in named]
    for (where, current, default), source in zip(entries, declared.sources_by_entry, strict=True):
        yield Row(
            path=where,
            value=current,
            default=default,
            source=source,
            status=status_of(source),
            assumed=status_of(source) == "assumed",
            profile=path if declared.profile else "",
            **{name: getattr(declared, name) for name in _DECLARED},
        )


def _join(path: str, name: str) -> str:
    """Append a name to a dotted path."""
    return f"{path}.{name}" if path else name
