"""Policy specifications of a scenario: id, dose, dates and parameters.

The text form is ``id[:dose][:effect=value][:number=value]...[@from[..to]]``, for example
``fence:0.5``, ``trainers:250M`` (dollars a year), ``fence@..2016-01-01`` and
``southern_border_control@2014-07-07..2016-01-01``. Policy parameters follow the dose:
``fence:0.5:toll=30``. A label selects one entry in a table: ``fence:line_miles.yuma=100``. No
character has a special meaning in a shell. In place of an id, ``module:Class`` names a user's
class, which begins with a capital letter: ``beacons:RescueBeacons:0.5``.
"""

import dataclasses
import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

from abm.policies import Policy, registry
from abm.policies.base import LARGEST_EFFECT
from abm.policies.registry import ID
from abm.scenario.tree import read_date, read_list, read_number, refuse_unknown_keys
from agents.own_code import is_class_text, text_of
from agents.param import SettingError, params_of, plain

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
    """Check a policy's parameters and convert them to the flat form.

    Args:
        path: name of the policy in error messages.
        given: a mapping by name, or a list of pairs. A value may be a list, or a mapping by label.
        reserved: keys of the specification, which no parameter may have as its name.

    Returns:
        Pairs of name and value, sorted by name.

    Raises:
        SettingError: a name or value is invalid, or a parameter is set twice.
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


def parse_number(path: str, text: str) -> tuple[str, Any]:
    """Parse the text form of one parameter.

    Args:
        path: location in error messages.
        text: name and value, such as ``toll=30``.

    Returns:
        Name and value. Several values separated by ``/`` become a tuple.

    Raises:
        SettingError: a value is neither a number nor a name.
    """
    name, _, value = text.partition("=")
    entries = value.split("/")
    if len(entries) == 1:
        return name, _parse_entry(path, name, value)
    entries = entries[:-1] if not entries[-1] else entries
    return name, tuple(_parse_entry(path, name, entry) for entry in entries)


def format_numbers(numbers: Numbers) -> str:
    """Return parameters in text form, each after a colon."""
    return "".join(f":{name}={_format(value)}" for name, value in numbers)


def digits(number: Decimal) -> str:
    """Return a decimal with all digits. A text above 20 characters gets an exponent instead."""
    text = format(number.normalize(), "f")
    return text if len(text) <= 20 else str(number.normalize())


def _entries(
    path: str, name: Any, value: Any, reserved: tuple[str, ...]
) -> Iterator[tuple[str, Number]]:
    """Yield a parameter, or all entries of a labelled table, as (name, value) pairs."""
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
    """Check a number, a boolean or a name. An integer becomes a float."""
    hint = f"Give a number up to {plain(LARGEST_NUMBER)}, true, false, or a name."
    if isinstance(value, bool) or (isinstance(value, str) and _WORD.fullmatch(value)):
        return value
    if not isinstance(value, Real):
        raise SettingError(path, f"{plain(value)} is neither a number nor a name", hint)
    # Compare before converting, because float() raises OverflowError for a huge integer.
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:  # pyright: ignore[reportOperatorIssue]
        raise SettingError(path, f"{plain(value)} is out of range", hint)
    return float(value) + 0.0


def _parse_entry(path: str, name: str, text: str) -> Entry:
    """Parse a number (optionally with K, M or B), true, false, or a name."""
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
    """Return a number, a name or a table in text form."""
    if isinstance(value, tuple):
        return "/".join(map(_format, value)) + ("/" if len(value) == 1 else "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else digits(Decimal(repr(value)))


LARGEST_DOSE = 100.0
LARGEST_DOLLARS = 100e9
MOST_POLICIES = 200
_KEYS = ("id", "dose", "dollars", "from", "to", "effect")
_FORM = (
    "Write id[:dose][@from[..to]], for example southern_border_control:250M@2014-07-07; "
    "numbers of the policy follow the dose, as in fence:0.5:toll=30."
)
_CLASS = re.compile(r"([A-Za-z_][\w.]*):[A-Z]\w*", re.ASCII)
_AMOUNT = re.compile(rf"\$?({DIGITS})([KMB]?)", re.I | re.ASCII)
_SPEC = re.compile(r"([^:@]*)(?::([^:@=]*))?((?::[^:@=]*=[^:@=]*)*)(?:@([^:@]*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySpec:
    """Specification of one policy in a scenario. An invalid value raises ``SettingError``.

    Attributes:
        id: the policy's id, or ``module:Class`` for a user's policy.
        dose: multiple of the declared full programme, by default 1 unless dollars are given.
        dollars: dollars a year, instead of a dose.
        start: first day of the policy. None means the start of the run.
        end: first day after the policy. None means the end of the run.
        numbers: parameters that differ from their declared values, as (name, value) pairs. An entry
            in a table has the name ``table.label``. The constructor also accepts a mapping. Values
            are checked against the declarations when the policy is created.
        effect: factor on the effect of the dose (``Policy.delivered_dose``), not on the dollars.
            The text form omits it if it is 1.
    """

    id: str
    dose: float | None = None
    dollars: float | None = None
    start: datetime.date | None = None
    end: datetime.date | None = None
    numbers: tuple[tuple[str, Number], ...] = ()
    effect: float = 1.0

    def __post_init__(self) -> None:
        """Check and normalise every value, so that equal specifications compare equal."""
        _check_id("policies", self.id)
        path = f"policies.{self.id}"
        if self.dose is not None and self.dollars is not None:
            raise SettingError(path, "both dose and dollars are given", "Give one of them.")
        dose = 1.0 if self.dose is None and self.dollars is None else self.dose
        self._set("dose", self._amount("dose", dose, LARGEST_DOSE))
        self._set("dollars", self._amount("dollars", self.dollars, LARGEST_DOLLARS))
        self._set("effect", self._amount("effect", self.effect, LARGEST_EFFECT))
        for name, key in (("start", "from"), ("end", "to")):
            if getattr(self, name) is not None:
                self._set(name, read_date(f"{path}.{key}", getattr(self, name)))
        self._set("numbers", read_numbers(path, self.numbers, _KEYS))
        if self.start and self.end and self.end <= self.start:
            reason = f"{self.end} is not after the first day {self.start}"
            raise SettingError(f"{path}.to", reason, "Give a later date.")

    def _amount(self, name: str, value: Any, highest: float) -> float | None:
        """Check a number between 0 and ``highest``, or None, and return it as a float."""
        try:
            return read_number(f"policies.{self.id}.{name}", value, highest)
        except SettingError as error:
            if name == "effect" or not (policy := registry().get(self.id)):
                raise
            hint = policy.full_programme().dose_hint()
            raise SettingError(error.path, error.reason, hint) from None

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)  # The class is frozen after construction.

    @classmethod
    def of(cls, policy: type[Policy] | Policy) -> "PolicySpec":
        """Return a policy's specification. A class counts as dose 1 during the whole run."""
        kind = policy if isinstance(policy, type) else type(policy)
        name = getattr(kind, "id", "")
        name = name if registry().get(name) is kind else text_of(kind)
        if isinstance(policy, type):
            return cls(id=name)
        first, last = (datetime.date.fromordinal(day) for day in (policy.start, policy.end))
        values = {n: getattr(policy, n) for n in params_of(kind)}
        numbers = tuple((n, v) for n, v in values.items() if v != params_of(kind)[n].value)
        return cls(
            id=name, dose=policy.dose, start=first, end=last, numbers=numbers, effect=policy.effect
        )

    def __str__(self) -> str:
        """Return the text form, which ``parse_policy`` reads back."""
        amount = "" if self.dose == 1.0 else f":{_format_amount(self)}"
        until = f"..{self.end}" if self.end else ""
        period = f"@{self.start or ''}{until}" if self.start or self.end else ""
        effect = "" if self.effect == 1.0 else format_numbers((("effect", self.effect),))
        return f"{self.id}{amount}{effect}{format_numbers(self.numbers)}{period}"

    def to_mapping(self) -> dict[str, Any]:
        """Return the values that are specified, by TOML key."""
        effect = None if self.effect == 1.0 else self.effect
        values = (self.id, self.dose, self.dollars, self.start, self.end, effect)
        pairs = zip(_KEYS, values, strict=True)
        return {key: value for key, value in pairs if value is not None} | self.own_numbers()

    def own_numbers(self) -> dict[str, Any]:
        """Return parameters by name in TOML types. A table is a list, or a mapping by label."""
        values: dict[str, Any] = {}
        for name, value in self.numbers:
            table, _, label = name.partition(".")
            entry = list(value) if isinstance(value, tuple) else value
            if label:
                values.setdefault(table, {})[label] = entry
            else:
                values[name] = entry
        return values

    def with_numbers(self, changes: Mapping[str, Any]) -> "PolicySpec":
        """Return a copy with the parameters in ``changes`` replaced and all others unchanged."""
        new = dict(read_numbers(f"policies.{self.id}", changes, _KEYS))
        unchanged = {n: v for n, v in self.numbers if n.partition(".")[0] not in new}
        return dataclasses.replace(self, numbers=tuple((unchanged | new).items()))


def parse_policy(text: str, path: str = "--policy") -> PolicySpec:
    """Parse the text form of a policy.

    Args:
        text: specification, such as ``fence:0.5@2014-07-07``.
        path: location in error messages.

    Returns:
        The specification.

    Raises:
        SettingError: the text is not a valid specification.
    """
    pair = _CLASS.match(text)
    # In fence:NaN, the part before the colon is a policy, so the text does not name a class.
    prefix = pair[0] if pair and pair[1] not in registry() else ""
    match = _SPEC.fullmatch(text.removeprefix(prefix))
    if match is None:
        raise SettingError(path, f"{plain(text)} is not a policy", _FORM)
    name, amount, numbers, dates = match.groups()
    name = prefix + name
    _check_id(path, name)
    values: dict[str, Any] = {"id": name}
    values |= {} if amount is None else _parse_amount(path, amount)
    values |= {} if dates is None else _parse_dates(path, dates)
    pairs = [parse_number(path, part) for part in numbers.split(":")[1:]]
    values |= _effect_of(path, pairs)
    values["numbers"] = tuple(pair for pair in pairs if pair[0] != "effect")
    try:
        return PolicySpec(**values)
    except SettingError as error:
        raise SettingError(path, f"in {plain(text)}, {error.reason}", error.hint) from None


def read_policies(path: str, value: Any) -> tuple[PolicySpec, ...]:
    """Read a list of policies and sort it.

    Results do not depend on the order of policies, so the digest must not depend on it either.

    Args:
        path: dotted name of the list in error messages.
        value: tables (id, dose, dollars, from, to, parameters by name), text forms,
            specifications, policies or policy classes.

    Returns:
        The specifications.

    Raises:
        SettingError: an entry is invalid, or the list has more than ``MOST_POLICIES`` entries.
    """
    items = read_list(path, value, "policies", MOST_POLICIES)
    specs = [_read_spec(f"{path}[{i}]", item) for i, item in enumerate(items, start=1)]
    return tuple(sorted(specs, key=_order))


def _order(spec: PolicySpec) -> tuple[Any, ...]:
    """Return a specification's sort key: id, dates, amount, parameters and effect."""
    start, end = spec.start or datetime.date.min, spec.end or datetime.date.max
    amount = spec.dose or spec.dollars or 0.0
    numbers = format_numbers(spec.numbers)
    return (spec.id, start, end, spec.dollars is not None, amount, numbers, spec.effect)


def _read_spec(path: str, item: Any) -> PolicySpec:
    """Read the policy at location ``path`` in a list."""
    if isinstance(item, type | Policy):
        return PolicySpec.of(item)
    if isinstance(item, str | PolicySpec):
        spec = parse_policy(item, path) if isinstance(item, str) else item
        _refuse_unknown_numbers(path, spec.id, spec.own_numbers())
        return spec
    if not isinstance(item, Mapping) or "id" not in item:
        raise SettingError(path, "missing id", 'Write id = "fence" or another policy.')
    _check_id(f"{path}.id", item["id"])
    numbers = {key: value for key, value in item.items() if key not in _KEYS}
    _refuse_unknown_numbers(path, item["id"], numbers)
    return PolicySpec(
        id=item["id"],
        dose=item.get("dose"),
        dollars=item.get("dollars"),
        start=item.get("from"),
        end=item.get("to"),
        numbers=tuple(numbers.items()),
        effect=item.get("effect", 1.0),
    )


def _refuse_unknown_numbers(path: str, name: str, numbers: Mapping[Any, Any]) -> None:
    """Raise SettingError for a parameter that a known policy lacks."""
    if not numbers:  # Without numbers, do not import every policy.
        return
    policy = registry().get(name)
    if policy is None:
        return
    refuse_unknown_keys(path, numbers, (*_KEYS, *params_of(policy)))


def _check_id(path: str, name: Any) -> None:
    """Raise SettingError unless a name has the form of a policy id or of ``module:Class``."""
    if not isinstance(name, str) or not (ID.fullmatch(name) or is_class_text(name)):
        hint = "A policy is named in small letters, digits and _. " + _FORM
        raise SettingError(path, f"{plain(name)} is not the name of a policy", hint)


def _parse_amount(path: str, text: str) -> dict[str, float]:
    """Parse an amount: ``0.5`` is a dose, and ``250M`` is dollars a year."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        hint = "Write a number (0.5) or dollars a year with K, M or B (250M)."
        raise SettingError(path, f"{plain(text)} is not a dose", hint)
    number, suffix = Decimal(match[1]), match[2].upper()
    if not suffix and text.startswith("$"):
        raise SettingError(path, f"{plain(text)} has no K, M or B", "Write dollars as $250M.")
    # Decimal arithmetic scales the amount without rounding errors.
    if suffix:
        return {"dollars": float(number.scaleb(SUFFIXES[suffix]))}
    return {"dose": float(number)}


def _effect_of(path: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return ``effect`` from parsed pairs as a mapping, which is empty if it is missing."""
    effects = [value for name, value in pairs if name == "effect"]
    if len(effects) > 1:
        raise SettingError(f"{path}.effect", "it is set twice", "Set it once.")
    return {"effect": effects[0]} if effects else {}


def _parse_dates(path: str, text: str) -> dict[str, Any]:
    """Parse a period ``from``, ``from..to`` or ``..to`` into start and end dates."""
    first, dots, last = text.partition("..")
    if (not first and not last) or bool(dots) != bool(last):
        raise SettingError(path, f"{plain(text)} is not a period", _FORM)
    texts = {"start": first, "end": last}
    return {name: read_date(path, date) for name, date in texts.items() if date}


def _format_amount(spec: PolicySpec) -> str:
    """Return the dose, or dollars with the largest suffix for which the number is at least 1."""
    if spec.dollars is None:
        return digits(Decimal(repr(spec.dose)))
    exact = Decimal(repr(spec.dollars))
    suffix = next((s for s, zeros in SUFFIXES.items() if exact >= 10**zeros), "K")
    return digits(exact.scaleb(-SUFFIXES[suffix])) + suffix
