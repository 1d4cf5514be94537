"""Reference page on parameters, generated from their declarations."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from abm.policies.policies_page import cite, source_keys, source_list
from abm.scenario.definition import Scenario
from abm.scenario.tree import declared_numbers, field_names, groups_of, parameters, settings_of
from agents.labels import CLASSES, GROUPS, KINDS, SECTORS
from agents.param import ASSUMED, FITTED, SETTING, Param, params_of, plain

_STATUSES = (
    ("sourced", "", "published for the same quantity, or computed from published values as stated"),
    ("fitted", FITTED, "calibrated; for the sample, data narrow the interval by at least a third"),
    (
        "setting",
        SETTING,
        "choice, rule, switch or consequence of other numbers: no value is published",
    ),
    ("assumed", ASSUMED, "everything else, also if only a part of the number is assumed"),
)
_COLUMNS = ("Setting", "Default", "Bounds", "Meaning", "Source")
_HOURS = tuple(f"{hour:02d}h" for hour in range(24))
#: Labels that the page lists once, at its head. The length of a row determines its labels.
_ORDERS = {"group": GROUPS, "kind": KINDS, "lane": CLASSES, "sector": SECTORS, "hour": _HOURS}


def reference_markdown() -> str:
    """Return the reference page on parameters as Markdown.

    Sources have the marks of ``agents.param``, such as [A] for an assumption.
    """
    tree = Scenario()
    groups = list(groups_of(tree))
    declared = [params_of(type(group)).values() for _, group in groups]
    texts = (text for row in declared for p in row for text in dict.fromkeys(p.sources_by_entry))
    keys = source_keys(texts)
    lines = _head(tree)
    for path, group in groups:
        lines += _section(path, group, keys)
    return "\n".join([*lines, *source_list(keys)]) + "\n"


def _head(tree: Any) -> list[str]:
    """Return the head of the page: title, order of values in a row, and counts by status."""
    rows = declared_numbers(parameters(tree))
    count = Counter(row.status for row in rows)
    orders = (f"- {name}: {', '.join(labels)}" for name, labels in _ORDERS.items())
    return [
        "# Parameters",
        "",
        f"{len(rows)} numbers and names, generated from their declarations. Set any of them in a",
        "scenario file or with `--set TABLE.SETTING=VALUE`. For a single value of a row, add its",
        "label: `migrants.pool.mexican`. A value outside its bounds is refused. [1] is an entry of",
        "[Shared sources](#shared-sources). Rows without labels list their values in this order:",
        "",
        *orders,
        "",
        _line(("Status", "Mark", "Numbers", "Meaning")),
        _line(["---"] * 4),
        *(_line((name, mark, str(count[name]), text)) for name, mark, text in _STATUSES),
    ]


def _section(path: str, group: Any, keys: Mapping[str, str]) -> Iterator[str]:
    """Yield a group's section: heading, first line of the class docstring, and table."""
    doc = (type(group).__doc__ or "").strip().splitlines()[0]
    yield from ("", f"## `{path}`" if path else "## Run", "", doc, "")
    yield _line(_COLUMNS)
    yield _line(["---"] * len(_COLUMNS))
    declared, settings = params_of(type(group)), settings_of(type(group))
    for name in field_names(type(group)):
        value = getattr(group, name)
        if name in declared:
            source = cite(declared[name].source_text, keys)
            yield _line([f"`{name}`", *_cells(declared[name], value), source])
        elif name in settings:
            text = "" if value in ("", ()) else str(value)
            yield _line([f"`{name}`", text, "", settings[name].doc, ""])


def _cells(declared: Param, value: Any) -> list[str]:
    """Return three table cells for a parameter: default with unit, bounds, and meaning."""
    if declared.kind in (str, bool):
        choices = ", ".join(declared.choices or ("true", "false"))
        return [_format_value(declared, value), choices, declared.doc]
    bounds = f"[{plain(declared.low)}, {plain(declared.high)}]"
    return [f"{_format_value(declared, value)} {declared.unit}", bounds, declared.doc]


def _format_value(declared: Param, value: Any) -> str:
    """Return a value as text. Entries of a table are separated by commas."""
    if not declared.is_table:
        return value if isinstance(value, str) else plain(value)
    if not declared.labels or declared.labels in _ORDERS.values():
        return ", ".join(map(plain, value))
    named = zip(declared.labels, value, strict=True)
    return ", ".join(f"{label} {plain(entry)}" for label, entry in named)


def _line(cells: Any) -> str:
    """Return one line of a Markdown table."""
    flat = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(flat) + " |"
