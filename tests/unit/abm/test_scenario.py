"""Every way to create a scenario validates it. Its TOML reads back to an equal scenario."""

import datetime
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import PolicySpec, Row, Scenario, load_scenario, parameters, parse_set
from abm.scenario.tree import FIRST_DATE, LAST_DATE
from agents.param import Param, hidden_in
from tests.unit.abm.test_tree import error_of

DEFAULT = Scenario()
ROWS = parameters(DEFAULT)
NUMBERS = [row for row in ROWS if row.kind in (int, float)]
TABLES = sorted({row.path.rpartition(".")[0] for row in ROWS if row.path.count(".") == 2})


def values_of(row: Row | Param) -> st.SearchStrategy[Any]:
    """Draw any valid value of a parameter or of a table entry."""
    if row.kind is bool:
        return st.booleans()
    if row.kind is str:
        return st.sampled_from(row.choices or ())
    if row.kind is int:
        return st.integers(math.ceil(row.low), math.floor(row.high))
    return st.floats(row.low, row.high)


USES = st.builds(
    PolicySpec,
    id=st.sampled_from(["fence", "trainers", "patrol_surge"]),
    dose=st.floats(0, 100),
    start=st.none() | st.dates(FIRST_DATE, datetime.date(2020, 1, 1)),
    end=st.none() | st.dates(datetime.date(2020, 1, 2), LAST_DATE),
) | st.builds(PolicySpec, id=st.just("fence"), dollars=st.floats(0, 1e11))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw any valid scenario with a few changed settings of every kind."""
    rows = st.lists(st.sampled_from(ROWS), max_size=6, unique_by=lambda row: row.path)
    changes = {row.path: draw(values_of(row)) for row in draw(rows)}
    text = st.text(max_size=20).filter(lambda text: not hidden_in(text, lines=True))
    changes |= {
        "doc": draw(text),
        "world": draw(text.filter(lambda text: not text or (text.strip() and not hidden_in(text)))),
        "start": draw(st.dates(FIRST_DATE, LAST_DATE)),
        "policies": draw(st.lists(USES, max_size=3)),
    }
    return DEFAULT.with_settings(changes)


# ---- TOML -----------------------------------------------------------------------------------


@given(scenarios(), st.booleans(), st.booleans())
def test_toml_reads_back_to_the_same_scenario(scenario: Scenario, full: bool, annotated: bool):
    loaded = load_scenario(scenario.to_toml(full=full, annotated=annotated))
    assert loaded == scenario
    assert loaded.digest == scenario.digest


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("days = 365\nscale == 10\n", "line 2"),
        ("days = 365\nscale = ", "line 2"),
        ("days = 365\ndays = 366\n", "line 2"),
        ("[migrants\n", "line 1"),
        ("start = 2012-13-45\n", "line 1"),
        ("days = " + "9" * 5000, "line 1"),
        ("days = " + "[" * 5000, "line 1"),
    ],
    ids=["equals", "empty", "twice", "bracket", "date", "digits", "nested"],
)
def test_a_syntax_error_names_file_and_line(text: str, line: str):
    error = error_of(lambda: load_scenario(text, "my.toml"))
    assert str(error).startswith(f"my.toml: {line}: invalid TOML (")
    assert error.hint


# ---- digest ---------------------------------------------------------------------------------


@given(st.sampled_from(ROWS), st.data())
def test_any_change_changes_the_digest(row: Row, data: st.DataObject):
    value = data.draw(values_of(row))
    changed = DEFAULT.with_settings({row.path: value})
    assert (changed.digest == DEFAULT.digest) == (value == row.value)


@pytest.mark.parametrize(
    ("text", "other_text"),
    [
        ("supply_level = 2", "supply_level = 2.0"),
        ("supply_level = 1e0", ""),
        ("supply_level = 0", "supply_level = -0.0"),
        ("start = 2012-10-01", 'start = "2012-10-01"'),
        ('policies = ["fence"]', '[[policies]]\nid = "fence"\ndose = 1'),
        ('policies = ["fence", "trainers:2"]', 'policies = ["trainers:2.0", "fence:1"]'),
        ('policies = ["fence:250M"]', '[[policies]]\nid = "fence"\ndollars = 250_000_000'),
    ],
)
def test_equal_scenarios_have_equal_digests(text: str, other_text: str):
    first, second = load_scenario(text), load_scenario(other_text)
    assert first == second and first.digest == second.digest


@pytest.mark.parametrize("path", TABLES)
def test_a_table_written_by_entry_or_as_a_list_is_the_same(path: str):
    entries = [row for row in ROWS if row.path.startswith(f"{path}.")]
    highest = [row.high for row in entries if row.kind is float] or [int(r.high) for r in entries]
    by_label = {row.path.rpartition(".")[2]: top for row, top in zip(entries, highest, strict=True)}
    scenario = DEFAULT.with_settings({path: highest})
    assert scenario.digest == DEFAULT.with_settings({path: by_label}).digest
    first = entries[0]
    changed = scenario.with_settings({first.path: first.kind(first.low)})
    assert [row.value for row in parameters(changed) if row.path.startswith(f"{path}.")] == [
        first.low,
        *highest[1:],
    ]


# ---- created in Python, changed from the command line ---------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("scale=10", "scale", 10),
        (" migrants.retry = 0.4 ", "migrants.retry", 0.4),
        ("start=2014-07-07", "start", datetime.date(2014, 7, 7)),
        ("supply=fy2014", "supply", "fy2014"),
        ('supply="fy 2014"', "supply", "fy 2014"),
        ("world=/data/a=b", "world", "/data/a=b"),
        ("x=[0, 0.5]", "x", [0, 0.5]),
        ("x={a = 1}", "x", {"a": 1}),
        ("x=1\ny=2", "x", "1\ny=2"),
    ],
)
def test_command_line_settings(text: str, path: str, value: object):
    assert parse_set(text) == (path, value)


@pytest.mark.parametrize("text", ["", "scale", "=10", "scale=", " = "])
def test_a_command_line_setting_without_path_or_value_is_refused(text: str):
    error = error_of(lambda: parse_set(text))
    assert error.path == "--set" and "path=value" in error.hint


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": ""}, "empty"),
        ({"name": "two\nlines"}, "several lines"),
        ({"doc": "x" * 5001}, "5001 characters"),
        ({"doc": "\ud800"}, r"the character \ud800"),
        ({"start": datetime.datetime(2014, 7, 7, 12)}, "not a date"),
        ({"start": "07.07.2014"}, "not a date"),
        ({"start": datetime.date(1066, 10, 14)}, "outside the calendar"),
        ({"policies": "fence"}, "not a list of policies"),
        ({"policies": ["fence:x"]}, "not a dose"),
        ({"migrants": 3}, "3 is not a table"),
        ({"extends": "x"}, "unknown setting"),
    ],
)
def test_messages_of_invalid_settings(changes: dict[str, Any], wrong: str):
    error = error_of(lambda: DEFAULT.with_settings(changes))
    assert error.path.startswith(next(iter(changes))) and wrong in error.reason and error.hint


def test_extends_needs_a_function_that_finds_files():
    error = error_of(lambda: load_scenario('extends = "baseline"', "my.toml"))
    assert str(error).startswith("my.toml: extends: ") and "find" in error.hint
    other = DEFAULT.with_settings({"scale": 7, "days": 30})
    scenario = load_scenario('extends = "other"\ndays = 60', extends={"other": other}.__getitem__)
    assert (scenario.scale, scenario.days) == (7, 60)
