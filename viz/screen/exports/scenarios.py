"""Scenarios and tables of policies, taken away as TOML and brought back as a visitor's choice.

A visitor may upload whatever they like, so what is brought is text of a bounded length (see
``viz.screen.uploads``), names no file, and sets only what the levers of the screen set.
"""

from __future__ import annotations

import csv
import dataclasses
from typing import Any

from abm.scenario import Scenario, SettingError, load_scenario, parameters
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import plain
from experiments.scenarios import find, names
from viz.screen.choice import BASE, STATUS_QUO, Choice, settable_paths
from viz.screen.exports.view import View

MOST_LETTERS, MOST_DOTS = 100_000, 500
"""[A] Of a scenario, and dots in a line of it. All of a scenario with all its comments is 40,000
letters; a name of 40,000 dotted parts would keep the reader busy for half a minute."""
MOST_ROWS = 200
"""[A] Policies in a table."""
_COLUMNS = ("world", "policy", "dose", "start", "end")
_TABLE = "Columns: world (A or B), policy, and if wanted dose, start, end; dates as 2014-07-07."


def scenario_toml(view: View, world: int) -> str:
    """The scenario of a world, with what it is and how the command line plays it."""
    played = f"twoborders run --scenario world-{'ab'[world]}.toml --seed {view.seed}"
    about = (view.words("take.toml_note"), view.words("note"), played)
    lines = "".join(f"# {line}\n" for line in about)
    return lines + view.scenarios[world].to_toml()


def read_scenario(text: str, choice: Choice, world: int) -> Choice:
    """The choice in which a world plays the scenario of a TOML text.

    Policies are those of the world; days, scale and numbers of the model are of both worlds. Seed
    and the other world's policies stay. Raises ``SettingError`` for what the screen cannot hold.
    """
    # "\n" alone ends a line of TOML: names in quotes may hold what else ends a line of a text
    if len(text) > MOST_LETTERS or any(line.count(".") > MOST_DOTS for line in text.split("\n")):
        hint = f"Give at most {MOST_LETTERS:,} letters and {MOST_DOTS} dots in a line."
        raise SettingError("TOML", "it is too long for a scenario", hint)
    wanted = load_scenario(text, "", _packaged)
    policies = tuple(map(str, wanted.policies))
    new = dataclasses.replace(
        choice,
        **{"ab"[world]: policies},
        days=wanted.days,
        scale=wanted.scale,
        numbers=_numbers(wanted),
    )
    _refuse_what_is_lost(wanted, new.scenario(world))
    new.scenario(1 - world)
    return new


def _packaged(name: str) -> Scenario:
    """A scenario of this package: a file of this machine is not read for anybody."""
    if name not in names():
        hint = f"Give one of {', '.join(names())}."
        raise SettingError("extends", f"{plain(name)} is not a packaged scenario", hint)
    return find(name)


def _numbers(wanted: Scenario) -> tuple[tuple[str, str], ...]:
    """Numbers of the model that differ from those that the screen starts from."""
    usual = {row.path: row.value for row in parameters(find(BASE))}
    return tuple(
        (row.path, str(row.value))
        for row in parameters(wanted)
        if row.path in settable_paths() and row.value != usual[row.path]
    )


def _refuse_what_is_lost(wanted: Scenario, held: Scenario) -> None:
    """Refuse a scenario of which the screen would play another; it names worlds by itself."""
    named = wanted.with_settings({"name": held.name, "doc": held.doc})
    if named.digest != held.digest:
        ours = _settings(held)
        lost = [path for path, value in _settings(named).items() if ours[path] != value]
        hint = "Take this out, or play the file with twoborders run --scenario."
        raise SettingError(", ".join(lost[:5]), "the screen cannot hold this", hint)


def _settings(scenario: Scenario) -> dict[str, Any]:
    """Every setting by its path."""
    whole = {
        name: value for name, value in scenario.to_mapping().items() if not isinstance(value, dict)
    }
    return whole | {row.path: row.value for row in parameters(scenario)}


def read_policies_table(text: str, choice: Choice) -> Choice:
    """The choice with the policies of a table in CSV: world, policy, dose, start, end.

    Comma or semicolon separates, as spreadsheets write it; with semicolons a decimal comma is
    read. A world of which no row speaks keeps its policies; ``status_quo`` is none. Raises
    ``SettingError`` with the line.
    """
    found: dict[str, list[PolicySpec]] = {}
    for line, row in _rows(text):
        world = row["world"].upper()
        if world not in ("A", "B"):
            raise SettingError(f"line {line}", f"{plain(row['world'])} is no world", _TABLE)
        uses = found.setdefault(world, [])
        if row["policy"] != STATUS_QUO:
            uses.append(parse_policy(_written(row), f"line {line}"))
    if not found:
        raise SettingError("CSV", "there is no policy in it", _TABLE)
    told = {world.lower(): tuple(map(str, uses)) for world, uses in found.items()}
    new = dataclasses.replace(choice, **told)
    for world in (0, 1):
        new.scenario(world)
    return new


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """Rows by column, with the numbers of their lines; comments and empty rows left out."""
    kept = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" ,;\t") and not line.startswith("#")
    ]
    if len(kept) > 1 + MOST_ROWS:
        raise SettingError("CSV", f"more than {MOST_ROWS} rows", "Give fewer policies.")
    separator = ";" if kept and ";" in kept[0][1] else ","
    cells = [(number, _cells(number, line, separator)) for number, line in kept]
    heads = [head.lower() for head in cells[0][1]] if cells else []
    _check_heads(heads)
    return [(number, _row(number, heads, row)) for number, row in cells[1:]]


def _cells(number: int, line: str, separator: str) -> list[str]:
    """The cells of a line, without empty ones at its end; decimals with a point."""
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True)
    except csv.Error:
        raise SettingError(f"line {number}", "this is no row", _TABLE) from None
    while cells and not cells[-1].strip():
        cells.pop()
    decimal = "," if separator == ";" else "."
    return [cell.strip().replace(decimal, ".") for cell in cells]


def _row(number: int, heads: list[str], cells: list[str]) -> dict[str, str]:
    """The cells by column, empty where none was written."""
    if len(cells) > len(heads):
        raise SettingError(f"line {number}", "there are more cells than columns", _TABLE)
    return dict.fromkeys(_COLUMNS, "") | dict(zip(heads, cells, strict=False))


def _check_heads(heads: list[str]) -> None:
    """Refuse a table that lacks a column, or has one that would be dropped."""
    if missing := {"world", "policy"} - set(heads):
        raise SettingError("CSV", f"there is no column {min(missing)}", _TABLE)
    if more := set(heads) - set(_COLUMNS):
        raise SettingError("CSV", f"{plain(min(more))} is no column that is read", _TABLE)
    if len(heads) > len(set(heads)):
        raise SettingError("CSV", "a column is there twice", _TABLE)


def _written(row: dict[str, str]) -> str:
    """A row in the written form of the command line."""
    dose = f":{row['dose']}" if row["dose"] else ""
    until = f"..{row['end']}" if row["end"] else ""
    dates = f"@{row['start']}{until}" if row["start"] or until else ""
    return f"{row['policy']}{dose}{dates}"
