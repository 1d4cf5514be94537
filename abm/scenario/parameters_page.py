"""The reference page of all parameters, generated from their declarations."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from abm.scenario.definition import Scenario
from abm.scenario.tree import declared_numbers, field_names, parameters, settings_of
from agents.param import ASSUMED, FITTED, SETTING, Param, params_of, plain

_STATUSES = (
    (
        "sourced",
        "",
        "a published value of the same quantity, or computed from published values as the source "
        "states",
    ),
    (
        "fitted",
        FITTED,
        "determined by the calibration from the named target; for a parameter of the sample, the "
        "data narrow its interval by at least half",
    ),
    (
        "setting",
        SETTING,
        "a choice of the experiment, a rule or switch, a normalisation, or a number that follows "
        "from other declared numbers: no published value can exist",
    ),
    ("assumed", ASSUMED, "everything else, also if only a part of the number is assumed"),
)
_SHORT_SOURCE = 40  # characters; a longer source is written once in a table
_COLUMNS = ("Setting", "Default", "Allowed", "Meaning", "Source")


def reference_markdown(tree: Any = None) -> str:
    """Return the parameter reference as Markdown, with the marks of ``agents.param`` in sources.

    ``tree`` is the scenario whose values are listed (default: the default scenario). A test
    compares the stored page with this text.
    """
    tree = Scenario() if tree is None else tree
    lines = [*_head(tree), *_section("Run", tree, "")]
    for path, group in _groups(tree):
        lines += _section(f"`{path}`", group, path)
    return "\n".join(lines) + "\n"


def _head(tree: Any) -> list[str]:
    """Return the title and the number of parameters by status."""
    rows = declared_numbers(parameters(tree))
    count = Counter(row.status for row in rows)
    return [
        "# Parameters",
        "",
        f"{len(rows)} numbers and names. Any of them can be set in a scenario file or with",
        "`--set path=value`. A value outside its bounds is refused. A profile by hour is one",
        "number with a vector value. The tables are written from the declarations in the code.",
        "",
        _line(("Status", "Mark in the source", "Numbers", "Meaning")),
        _line(["---"] * 4),
        *(_line((name, mark, str(count[name]), text)) for name, mark, text in _STATUSES),
    ]


def _groups(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every group of a tree with its dotted path."""
    leaves = params_of(type(tree)).keys() | settings_of(type(tree)).keys()
    for name in field_names(type(tree)):
        if name not in leaves:
            group, where = getattr(tree, name), f"{path}.{name}" if path else name
            yield where, group
            yield from _groups(group, where)


def _section(title: str, group: Any, path: str) -> Iterator[str]:
    """Yield one group's heading, first docstring line and table."""
    yield from ("", f"## {title}", "", (type(group).__doc__ or "").strip().splitlines()[0], "")
    yield _line(_COLUMNS)
    yield _line(["---"] * len(_COLUMNS))
    declared, settings = params_of(type(group)), settings_of(type(group))
    first: dict[str, str] = {}  # by source, the setting that states it
    for name in field_names(type(group)):
        value, where = getattr(group, name), f"{path}.{name}" if path else name
        if name in declared:
            text = declared[name].source_text
            stated = first.setdefault(text, where)
            if stated != where and len(text) > _SHORT_SOURCE:
                marks = [mark for mark in (ASSUMED, FITTED, SETTING) if mark in text]
                text = " ".join([*marks, f"as `{stated}`"])
            yield _line([f"`{where}`", *_cells(declared[name], value), text])
        elif name in settings:
            value_text = "" if value in ("", ()) else str(value)
            yield _line([f"`{where}`", value_text, "", settings[name].doc, ""])


def _cells(declared: Param, value: Any) -> list[str]:
    """Return default with unit, bounds, and meaning of one parameter."""
    if declared.kind in (str, bool):
        return [_format_value(declared, value), declared.allowed, declared.doc]
    bounds = f"{plain(declared.low)} to {plain(declared.high)}"
    return [f"{_format_value(declared, value)} {declared.unit}", bounds, declared.doc]


def _format_value(declared: Param, value: Any) -> str:
    """Return a value as text, a table entry by entry."""
    if not declared.is_table:
        return value if isinstance(value, str) else plain(value)
    if not declared.labels:
        return ", ".join(map(plain, value))
    named = zip(declared.labels, value, strict=True)
    return ", ".join(f"{label} {plain(entry)}" for label, entry in named)


def _line(cells: Any) -> str:
    """Return one line of a Markdown table."""
    flat = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(flat) + " |"
