"""Parameter declarations, one per disputable number.

A *parameter* is a field of a frozen, slotted, keyword-only dataclass (a *group*). ``param``
declares its value, unit, bounds, meaning and source once. The scenario loader, error messages,
sliders, reference tables, sampling ranges and fuzz tests all read this declaration.
"""

import dataclasses
import difflib
import math
import re
import typing
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from typing import Any, NoReturn

ASSUMED = "[A]"
"""Mark in the source of a number that is an assumption, wholly or partly."""
FITTED = "[F]"
"""Mark in the source of a number that the calibration determines from a named target."""
SETTING = "[S]"
"""Mark in the source of a choice of the experiment, a rule or a normalisation."""

STATUSES = ("sourced", "fitted", "setting", "assumed")

_NEEDED = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a name in quotation marks",
}


#: Default bounds by unit. For any other unit, the lower bound is 0 by default and the upper bound
#: must be given.
UNIT_BOUNDS = {"name": (0, 0), "probability": (0.0, 1.0), "share": (0.0, 1.0), "yes or no": (0, 1)}

#: Maximum number of characters in an error message.
LONGEST_MESSAGE = 300
_LONGEST_PATH = 100
_MOST_NAMES = 12


def one_line(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text on one line for a message, with escapes for unprintable characters.

    Args:
        text: the text, possibly typed by a user.
        longest: maximum number of characters to keep.

    Returns:
        At most ``longest`` characters. A shortened text ends in "...".
    """
    beginning = text[: longest + 1]
    if not beginning.isprintable():
        letters = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in beginning)
        beginning = "".join(letters)
    return beginning if len(beginning) <= longest else beginning[: longest - 3] + "..."


#: Characters that control a terminal, reorder text, or are invalid on a page.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls except tab and line end
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks of text direction
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # surrogates and code points without a character
)
_LINE_ENDS = re.compile("[\t\n\u2028\u2029]")


def hidden_in(text: str, *, lines: bool = False) -> str:
    """Return the first character in a text that must not be printed, or "" if there is none.

    Args:
        text: text from a user or a file.
        lines: whether line ends and tabs are allowed.

    Returns:
        The escaped character, such as ``\\u202e``.
    """
    match = HIDDEN.search(text) or (None if lines else _LINE_ENDS.search(text))
    return one_line(match[0]) if match else ""


class SettingError(ValueError):
    """An invalid setting: its path, the reason, and how to fix it."""

    def __init__(self, path: str, reason: str, hint: str, origin: str = "") -> None:
        """Store the message parts.

        Args:
            path: dotted path of the setting.
            reason: reason of the error, without a full stop.
            hint: sentence that says how to fix the setting.
            origin: file with the setting, "" if none.
        """
        path = one_line(path if path.strip() else f'"{path}"', _LONGEST_PATH)
        reason, hint = one_line(reason), one_line(hint)
        origin = one_line(origin if len(origin) <= _LONGEST_PATH else f"...{origin[-90:]}")
        # All parts are in args, so that the error can be pickled.
        super().__init__(path, reason, hint, origin)
        self.path, self.reason, self.hint, self.origin = path, reason, hint, origin

    def __str__(self) -> str:
        """Return the message: one line, at most ``LONGEST_MESSAGE`` characters."""
        where = f"{self.origin}: {self.path}" if self.origin else self.path
        stop = "" if self.reason.endswith((".", "?", "!")) else "."
        return one_line(f"{where}: {self.reason}{stop} {self.hint}")


def status_of(source: str) -> str:
    """Read a number's status from the marks in its source.

    Args:
        source: where the number comes from.

    Returns:
        One of ``STATUSES``. If a source has several marks, the weakest status applies: assumption,
        then setting, then fit.
    """
    for mark, status in ((ASSUMED, "assumed"), (SETTING, "setting"), (FITTED, "fitted")):
        if mark in source:
            return status
    return "sourced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One declared parameter. ``params_of`` sets ``name``.

    Attributes:
        source: source for the number, or for table entries without a source in ``sources``.
        sources: sources of single table entries, by label.
        profile: whether only the ratios between a table's entries matter, as in an hourly profile.
            Each entry can still be set.
        draw_range: published or assumed range, from which `twoborders ask` draws the number.
    """

    value: Any
    unit: str
    low: float
    high: float
    doc: str
    source: str = ASSUMED
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict)
    profile: bool = False
    labels: tuple[str, ...] | None = None
    choices: tuple[str, ...] | None = None
    draw_range: tuple[float, float] | None = None
    name: str = ""

    @property
    def assumed(self) -> bool:
        """Whether the number, or an entry in the table, is based on an assumption."""
        return any(status_of(text) == "assumed" for text in self.sources_by_entry)

    @property
    def sources_by_entry(self) -> tuple[str, ...]:
        """Source by table entry. For a single number, a tuple with its source."""
        names = self.entries if self.is_table else ("",)
        return tuple(self.sources.get(name, self.source) for name in names)

    @property
    def source_text(self) -> str:
        """All sources in one text, each with the entries to which it applies."""
        entries: dict[str, list[str]] = {}
        names = self.entries if self.is_table else ("",)
        for name, text in zip(names, self.sources_by_entry, strict=True):
            entries.setdefault(text, []).append(name)
        if len(entries) == 1:
            return next(iter(entries))
        return "; ".join(f"{', '.join(names)}: {text}" for text, names in entries.items())

    @property
    def is_table(self) -> bool:
        """Whether the parameter is a row of numbers with a fixed length."""
        return isinstance(self.value, tuple)

    @property
    def kind(self) -> type:
        """Type of the value, or of every table entry: bool, int, float or str."""
        return type(self.value[0]) if self.is_table else type(self.value)

    @property
    def allowed(self) -> str:
        """Allowed values in words, to complete the sentence "Give ..."."""
        if self.kind is str:
            return "one of: " + ", ".join(self.choices or ())
        if self.kind is bool:
            return _NEEDED[bool]
        return f"{_NEEDED[self.kind]} between {plain(self.low)} and {plain(self.high)}"

    @property
    def entries(self) -> tuple[str, ...]:
        """Names of table entries: the labels, or their positions from 0."""
        return self.labels or tuple(str(i) for i in range(len(self.value)))


def param(
    value: Any,
    *,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    doc: str,
    source: str = ASSUMED,
    sources: Mapping[str, str] | None = None,
    profile: bool = False,
    labels: tuple[str, ...] | None = None,
    choices: tuple[str, ...] | None = None,
    draw_range: tuple[float, float] | None = None,
) -> Any:
    """Declare one parameter as a dataclass field. ``params_of`` checks the declaration.

    Args:
        value: default value: a float, an int, a bool, a name in ``choices``, or a tuple of numbers.
        unit: unit of the value.
        low, high: inclusive bounds in ``unit``. By default, the lower bound is 0. The upper bound
            is 1 for a share or a probability (``UNIT_BOUNDS``), and is required for other units.
        doc: meaning, in one sentence.
        source: source for the number, with the mark ``ASSUMED``, ``FITTED`` or ``SETTING`` if it
            applies.
        sources: sources for single table entries, by label. Other entries have ``source``.
        profile: whether only the ratios between a table's entries matter.
        labels: names for the entries in a tuple.
        choices: allowed names.
        draw_range: range from which `twoborders ask` draws the number.

    Returns:
        A dataclass field.
    """
    default_low, default_high = UNIT_BOUNDS.get(unit, (0.0, math.nan))  # NaN fails the later check.
    declared = Param(
        value=value,
        unit=unit,
        low=default_low if low is None else low,
        high=default_high if high is None else high,
        doc=doc,
        source=source,
        sources=dict(sources or {}),
        profile=profile,
        labels=labels,
        choices=choices,
        draw_range=draw_range,
    )
    return dataclasses.field(default=value, metadata={"param": declared})


@cache
def params_of(cls: type) -> Mapping[str, Param]:
    """Return the parameters of the dataclass ``cls`` by name, in order of declaration.

    Fields declared without ``param`` are left out.

    Raises:
        TypeError: a declaration contradicts itself.
    """
    hints = typing.get_type_hints(cls)
    declarations: dict[str, Param] = {}
    for field in dataclasses.fields(cls):
        if "param" in field.metadata:
            declared = dataclasses.replace(field.metadata["param"], name=field.name)
            _check_declaration(f"{cls.__name__}.{field.name}", declared, hints[field.name])
            declarations[field.name] = declared
    return declarations


def check(path: str, declared: Param, value: Any) -> Any:
    """Convert a value to its declared type.

    A table is given as a list of the same length, or as a mapping from labels to entries. Entries
    without a label in the mapping keep the declared value. A float parameter returns a float even
    for ``1``.

    Args:
        path: dotted path of the setting, for the error message.
        declared: declaration of the parameter.
        value: value from a user or a file.

    Returns:
        The converted value.

    Raises:
        SettingError: the value has the wrong type, is outside its bounds, or is not a choice.
    """
    if declared.is_table:
        return _check_table(path, declared, value)
    return _check_entry(path, declared, value)


def listed(names: Sequence[str]) -> str:
    """Return names for a message: the first twelve, and the number of further names."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def nearest(word: str, names: Iterable[str]) -> str:
    """Return the most similar valid name.

    Args:
        word: word to which names are compared.
        names: valid names.

    Returns:
        A name, or "" if none is similar.
    """
    by_folded = {name.casefold(): name for name in names}
    folded = word.casefold()
    close = difflib.get_close_matches(folded, list(by_folded), n=1, cutoff=0.6)
    # A truncated word need not be similar to any name, but it can be the beginning of a name.
    longer = [name for name in by_folded if len(folded) > 1 and name.startswith(folded)]
    if len(folded) == 2 and len(longer) > 1:
        longer = []
    return by_folded[(close or longer)[0]] if close or longer else ""


def nearest_by_word(text: str, names: Iterable[str]) -> str:
    """Return the first valid name with a part similar to a text, such as retry_removed for retri.

    Args:
        text: text from a user, compared with each part of each name.
        names: valid names. Their parts are separated by ``_`` or ``.``.

    Returns:
        A name, or "" if no part of any name is similar.
    """
    by_part: dict[str, str] = {}
    for name in names:
        for part in name.replace(".", "_").casefold().split("_"):
            by_part.setdefault(part, name)
    close = difflib.get_close_matches(text.casefold(), list(by_part), n=1, cutoff=0.7)
    return by_part[close[0]] if close else ""


def plain(value: Any) -> str:
    """Format a value as a user would type it, for example 1 for 1.0, without needless exponents."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{one_line(value, 60)}"'
    if isinstance(value, Integral):
        # Python refuses to print integers with thousands of digits.
        return str(int(value)) if abs(int(value)) < 10**18 else "a number of 19 digits or more"
    if isinstance(value, Real):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return "nothing" if value is None else f"a {_type_name(value)}"


def _check_entry(path: str, declared: Param, value: Any) -> Any:
    """Check one entry against its kind, then against its bounds or choices."""
    kind = declared.kind
    if kind is str:
        return _check_choice(path, declared, value)
    if kind is bool:
        return value if isinstance(value, bool) else _refuse_type(path, declared, value)
    if type(value) is not kind:  # Comparing types is faster than isinstance.
        number_type = Integral if kind is int else Real
        if isinstance(value, bool) or not isinstance(value, number_type):
            _refuse_type(path, declared, value)
    return _check_bounds(path, declared, value)


def _check_bounds(path: str, declared: Param, value: Any) -> float | int:
    """Return a finite value within the inclusive bounds, or raise SettingError."""
    # Compare before converting, because an integer may be too large for a float.
    if value != value or value in (math.inf, -math.inf):
        reason = f"{plain(value)} is not a finite number"
    elif value > declared.high:
        reason = _out_of_bounds(declared, value, "above the highest", declared.high)
    elif value < declared.low:
        reason = _out_of_bounds(declared, value, "below the lowest", declared.low)
    else:
        # + 0.0 turns -0.0 into 0.0, because equal settings must be written in the same way.
        return int(value) if declared.kind is int else float(value) + 0.0
    raise SettingError(path, reason, f"Give {declared.allowed}.")


def _out_of_bounds(declared: Param, value: Any, side: str, bound: float) -> str:
    """Return the reason in the error message for a value outside its bounds."""
    return f"{plain(value)} is {side} allowed value {plain(bound)} ({declared.unit})"


def _check_choice(path: str, declared: Param, value: Any) -> str:
    """Return the value if it is a choice, or raise SettingError with the nearest choice."""
    if not isinstance(value, str):
        _refuse_type(path, declared, value)
    choices = declared.choices or ()
    if value in choices:
        return str(value)
    hint = did_you_mean(value, choices) + f"Give {declared.allowed}."
    raise SettingError(path, f"{plain(value)} is not a known name", hint)


def _check_table(path: str, declared: Param, value: Any) -> tuple[Any, ...]:
    """Check a mapping by label or a list by position, entry by entry."""
    if isinstance(value, Mapping):
        entries = _by_label(path, declared, value)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        entries = list(value)
    else:
        raise SettingError(path, f"{plain(value)} is one value, not a table", _table_hint(declared))
    if len(entries) != len(declared.value):
        reason = f"{len(entries)} values are given where {len(declared.value)} are needed"
        raise SettingError(path, reason, _table_hint(declared))
    return tuple(
        _check_entry(f"{path}.{name}", declared, entry)
        for name, entry in zip(declared.entries, entries, strict=True)
    )


def _by_label(path: str, declared: Param, entries: Mapping[Any, Any]) -> list[Any]:
    """Return all entries of a table, or raise SettingError if a label is unknown."""
    for label in entries:
        if label not in declared.entries:
            hint = did_you_mean(str(label), declared.entries) + _table_hint(declared)
            raise SettingError(f"{path}.{label}", "unknown entry", hint)
    defaults = zip(declared.entries, declared.value, strict=True)
    return [entries.get(label, default) for label, default in defaults]


def check_name(path: str, name: Any, names: Collection[str], hint: str = "") -> str:
    """Return a user's name for something if it is valid.

    Args:
        path: setting, option or argument with the name, for error messages.
        name: name to check.
        names: valid names.
        hint: sentence on where to find the valid names. Without it, the message lists them.

    Raises:
        SettingError: the name is not valid. The message suggests the nearest valid name.
    """
    if isinstance(name, str) and name in names:
        return name
    hint = did_you_mean(str(name), names) + (hint or f"Give one of {listed(list(names))}.")
    raise SettingError(path, f"{plain(name)} is not known", hint)


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return the question "Did you mean ...? " with the most similar known name.

    Args:
        word: word that is not a known name.
        names: known names.

    Returns:
        The question and a space, or "" if no name is similar.
    """
    guess = nearest(word, names)
    return f'Did you mean "{guess}"? ' if guess else ""


def _table_hint(declared: Param) -> str:
    """Return a sentence that explains how to write a table."""
    named = f" ({', '.join(declared.labels)})" if declared.labels else ""
    return f"Give {len(declared.value)} values{named}, each {declared.allowed}."


def _refuse_type(path: str, declared: Param, value: Any) -> NoReturn:
    """Raise SettingError for a value of the wrong type. The message names both types."""
    # Unlike plain(), repr distinguishes 3.0 from 3.
    text = repr(value) if isinstance(value, float) else plain(value)
    bare = value is None or text.startswith("a ")
    item = text if bare else f"{text}, a {_type_name(value)},"
    raise SettingError(path, f"{item} is not {_NEEDED[declared.kind]}", f"Give {declared.allowed}.")


def _type_name(value: Any) -> str:
    """Name the type of a value in plain words."""
    if isinstance(value, bool):
        return "yes-or-no value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "table"
    if isinstance(value, list | tuple):
        return "list"
    return "number" if isinstance(value, Real) else type(value).__name__


def _check_declaration(where: str, declared: Param, hint: Any) -> None:
    """Raise ``TypeError`` for a declaration that contradicts itself."""
    for wrong, text in _faults(declared, hint):
        if wrong:
            raise TypeError(f"{where}: {text}")
    try:
        check(declared.name, declared, declared.value)
    except SettingError as error:
        raise TypeError(f"{where}: the default breaks its own declaration: {error}") from None


def _faults(declared: Param, hint: Any) -> Iterable[tuple[bool, str]]:
    """Yield every possible fault: whether the declaration has it, and its description.

    The checks are lazy, because later checks assume that earlier checks have passed.
    """
    table = declared.is_table
    yield table and not declared.value, "a table needs at least one entry"
    yield declared.kind not in _NEEDED, f"a {declared.kind.__name__} cannot be a parameter"
    entry = {*typing.get_args(hint)} - {...} if typing.get_origin(hint) is tuple else hint
    text = f"it is declared {hint} but its default is {declared.value!r}; write the same type"
    yield entry != ({declared.kind} if table else declared.kind), text
    yield table and len({*map(type, declared.value)}) > 1, "a table holds one type of entry"
    yield not declared.doc.strip().endswith("."), "its doc must be a sentence with a full stop"
    yield not declared.source.strip(), f"its source is empty; an assumption is {ASSUMED!r}"
    yield not declared.unit.strip(), "its unit is empty; give the unit of the number"
    yield (
        not -math.inf < declared.low <= declared.high < math.inf,
        "bounds are missing or not in order",
    )
    yield (declared.kind is str) != bool(declared.choices), "names, and only names, have choices"
    yield declared.profile and not table, "a profile is a table"
    if declared.draw_range:
        yield table or declared.kind is not float, "only a single number has a range to draw"
        smallest, largest = declared.draw_range
        ordered = declared.low <= smallest <= declared.value <= largest <= declared.high
        yield not ordered, "the range to draw is not around the default, or outside the bounds"
    yield bool(declared.sources) and not table, "sources of entries belong to a table"
    names = declared.entries if table else ()
    yield not declared.sources.keys() <= {*names}, "a source belongs to an unknown entry"
    yield not all(text.strip() for text in declared.sources.values()), "a source is empty"
    if declared.labels is not None:
        yield not table, "labels belong to a table"
        yield len({*declared.labels}) != len(declared.value), "a table has one label per entry"
