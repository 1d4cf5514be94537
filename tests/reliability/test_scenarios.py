"""Any scenario or sweep design runs and conserves, or is refused with the project's own error."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.scenario import Row, Scenario, load_scenario, parameters, parse_set
from abm.scenario.tree import paths_of
from experiments import scenarios
from experiments.sweeps.design import Design
from experiments.sweeps.design_files import names, read, text_of
from tests.reliability.cases import FRAME, Counts, run
from tests.reliability.tries import TRIES

ROWS = [row for row in parameters(Scenario()) if row.path not in FRAME]
PATHS = paths_of(Scenario())
DIVERGES = "route values do not converge"
#: Values of a wrong type, beyond every bound, or hard to print.
JUNK: list[Any] = [
    *(None, "", "x", "nan", "two\nlines", "\ud800", "\x7f\x00", "a" * 9_000, "\u2028", "..", "a.b"),
    *(True, -1, 0, 10**400, -(10**30), 1e308, 5e-324, -0.0, math.nan, math.inf, -math.inf),
    *([], [1], [[1]], [math.nan] * 9, {}, {"": 1}, {"a\nb": {}}, {1: 2}, (), b"x", object()),
    *(datetime.date(1900, 1, 1), datetime.datetime(2012, 10, 1, 1), "2012-10-01", "2012-13-01"),
]
LEAVES = st.sampled_from(JUNK) | st.floats() | st.integers() | st.text(max_size=20)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def value(row: Row, chance: random.Random) -> Any:
    """Draw a value within a parameter's bounds, often at or next to a bound."""
    if row.choices:
        return chance.choice(row.choices)
    if row.kind is bool:
        return chance.random() < 0.5
    if row.kind is int:
        low, high = math.ceil(row.low), math.floor(row.high)
        return chance.choice([low, high, chance.randint(low, high)])
    inner = chance.uniform(row.low, row.high)
    return chance.choice([row.low, row.high, math.nextafter(row.low, row.high), inner, inner])


def within_bounds(chance: random.Random) -> dict[str, Any]:
    """Draw values for one parameter, a few, many or all of them."""
    size = chance.choice([1, 1, 2, 3, 5, 8, 20, 60, 200, len(ROWS)])
    rows = chance.sample(ROWS, size)
    # With noise and lateral cost unrestricted, many route values diverge.
    if chance.random() < 0.7:
        rows = [r for r in rows if not r.path.startswith(("routes.noise", "routes.lateral"))]
    return {row.path: value(row, chance) for row in rows}


def test_settings_within_their_bounds_run_or_name_the_combination(
    record_property: Callable[..., None],
) -> None:
    """The only refusal is for costs with which route values diverge."""
    counts = Counts()
    for number in range(TRIES // 2):
        chance = random.Random(f"bounds {number}")
        changes, seed = within_bounds(chance), chance.randrange(2**63)
        try:
            counts.judge(
                partial(Scenario().with_settings, changes),
                lambda scenario, seed=seed: run(scenario, seed=seed),
            )
        except Exception as error:
            raise AssertionError(f"try {number}: {error!r}, changes {changes}") from error
    assert all(DIVERGES in text and "routes.noise_" in text for text in counts.messages)
    assert counts.accepted > 0.9 * (counts.accepted + counts.refused)
    counts.record(record_property)


@pytest.mark.parametrize(
    "changes",
    [
        {"smugglers.count_northern_triangle": 0},
        {"smugglers.cell_week": 100_000.0, "supply_level": 20.0},
        {"routes.noise_guided": 2_000.0},
        {"routes.lateral_cost": 0.0},
        {"supply_level": 0.0},
        {"ports.min_booths": 10.0, "ports.load.truck": 0.1, "aid.delay_months": 1.0},
        {"migrants.pool": [0.0, 0.0], "migrants.retry_turned_back": 1.0},
        *({"start": day} for day in ("1990-01-01", "1991-12-31", "2012-02-29", "2019-10-01")),
        {"start": "2060-12-31"},
    ],
    ids=str,
)
def test_settings_at_the_edge_run_for_forty_days(changes: dict[str, Any]) -> None:
    """This includes the first and last allowed dates, leap days, and the start of a fiscal year."""
    counts = Counts()
    counts.judge(partial(Scenario().with_settings, changes), partial(run, days=40))
    assert all(DIVERGES in text for text in counts.messages)


def round_trip(scenario: Scenario) -> Scenario:
    """Check that the written scenario is read back unchanged; return it."""
    for full in (False, True):
        again = load_scenario(scenario.to_toml(full=full, annotated=full))
        assert again == scenario and again.digest == scenario.digest
    assert load_scenario(scenario.to_mapping()) == scenario
    return scenario


def runs(scenario: Scenario) -> None:
    """Check that an accepted scenario is written and read back, and that it runs."""
    run(round_trip(scenario))


@settings(max_examples=max(20, TRIES), deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(st.sampled_from(PATHS) | st.text(max_size=30), VALUES, max_size=4))
def test_any_values_by_path_load_or_are_refused(changes: dict[str, Any]) -> None:
    Counts().judge(partial(Scenario().with_settings, changes), runs)


@settings(max_examples=max(20, TRIES), deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from([*PATHS, "", "x"]), text=st.text(max_size=30))
def test_any_option_of_the_command_line_sets_or_is_refused(path: str, text: str) -> None:
    Counts().judge(lambda: Scenario().with_settings(dict([parse_set(f"{path}={text}")])), runs)


def mutated(text: str, chance: random.Random) -> str:
    """Change, remove, repeat or exchange parts of a text."""
    lines = text.splitlines(keepends=True) or [""]
    for _ in range(chance.randint(1, 4)):
        k = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            lines[k] = lines[chance.randrange(len(lines))]
        elif kind == 1:
            lines.insert(k, lines[chance.randrange(len(lines))])
        elif kind == 2:
            lines[k] = ""
        elif kind == 3 and lines[k]:
            at = chance.randrange(len(lines[k]))
            letter = chance.choice("0123456789.eE-+=[]{}\"'\n#,_ \0\ud800éx")
            lines[k] = lines[k][:at] + letter + lines[k][at + chance.randrange(2) :]
        elif kind == 4:
            name, equals, _ = lines[k].partition("=")
            new = chance.choice(["nan", "inf", "-1", "1e400", '""', "[]", "true", "9" * 30, "{}"])
            lines[k] = f"{name}= {new}\n" if equals else lines[k]
        else:
            lines[k] = lines[k][: chance.randrange(len(lines[k]) + 1)]
    return "".join(lines)


def scenario_texts() -> list[str]:
    """Return the packaged scenarios as text, both with their differences and with all settings."""
    found = [scenarios.find(name) for name in scenarios.names()]
    return [s.to_toml() for s in found] + [found[0].to_toml(full=True, annotated=True)]


def test_a_damaged_scenario_file_loads_or_is_refused(record_property: Callable[..., None]) -> None:
    counts, texts = Counts(), scenario_texts()
    for number in range(TRIES):
        chance = random.Random(f"scenario {number}")
        text = mutated(chance.choice(texts), chance)
        try:
            counts.judge(partial(load_scenario, text, "file.toml"), runs)
        except Exception as error:
            raise AssertionError(f"try {number}: {error!r}, text {text!r}") from error
    counts.record(record_property)


# ---- designs of sweeps --------------------------------------------------------------------------


def design_texts() -> list[str]:
    """Return the packaged designs as text with few points."""
    texts = [text_of(name)[0] for name in names()]
    return [text.replace("n = 200", "n = 8").replace("n = 256", "n = 8") for text in texts]


def first_points(found: Design) -> None:
    """Run the first and the last point of a design."""
    for point in {0, len(found.points) - 1}:
        run(found.scenario_at(point, 0 if found.members else None))


def test_a_damaged_design_is_read_and_runs_or_is_refused(
    record_property: Callable[..., None],
) -> None:
    counts, texts = Counts(), design_texts()
    for number in range(TRIES // 2):
        chance = random.Random(f"design {number}")
        text = mutated(chance.choice(texts), chance) if number >= len(texts) else texts[number]
        try:
            counts.judge(partial(read, text, "design.toml"), first_points)
        except Exception as error:
            raise AssertionError(f"try {number}: {error!r}, text {text!r}") from error
    assert counts.accepted > len(texts)
    counts.record(record_property)
