"""Changes of consequences by date: the form in a scenario file, and the tables of a day."""

import datetime
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.model import BorderModel
from abm.phases import capacity
from abm.phases.dated_inputs import law_on
from abm.scenario import ConsequenceChange, Scenario, SettingError, load_scenario
from abm.scenario.consequence_changes import (
    MOST_CHANGES,
    NUMBERS,
    RETURN_PLACES,
    VALUES,
    read_changes,
)
from abm.scenario.tree import FIRST_DATE, LAST_DATE, write_list
from agents.labels import KINDS, NATIONS
from agents.outcomes import Consequence
from agents.param import hidden_in

DATE = datetime.date
END = DATE(2005, 9, 15)
HONDURAS, MEXICO = NATIONS.index("HN"), NATIONS.index("MX")
OTHERS = [i for i in range(len(NATIONS)) if i != HONDURAS]
LINES = st.from_regex(r"[^\s\x00-\x1f\x7f][ -~äéñ]{0,20}", fullmatch=True).filter(
    lambda text: not hidden_in(text)
)


def change(**values: Any) -> ConsequenceChange:
    """Build a change with a source."""
    arguments: dict[str, Any] = {"source": "[A]"} | values
    return ConsequenceChange(**arguments)


def scenario(*changes: ConsequenceChange, **values: Any) -> Scenario:
    """Build a scenario with changes."""
    return Scenario().with_settings(values | {"consequence_changes": changes})


@st.composite
def any_change(draw: st.DrawFn) -> ConsequenceChange:
    """Draw any valid change."""
    dates = st.none() | st.dates(FIRST_DATE, LAST_DATE)
    start, end = draw(dates), draw(dates)
    if start and end:
        start, end = min(start, end), max(start, end)
        end = None if start == end else end
    labels: dict[str, Any] = {
        "countries": draw(st.lists(st.sampled_from(NATIONS), min_size=1) | st.just("all")),
        "kinds": draw(st.lists(st.sampled_from(KINDS), min_size=1) | st.just("all")),
    }
    names = draw(st.sets(st.sampled_from(VALUES), min_size=1))
    if names & {"voluntary_return", "retry_voluntary_return"}:
        labels["countries"] = "all"
    if names & {"prosecution", "retry_prosecution"}:
        labels["kinds"] = "all"
    values: dict[str, Any] = {
        name: draw(
            st.sampled_from(RETURN_PLACES)
            if name == "returned_to"
            else st.floats(0.0, NUMBERS[name]) | st.just(1)
        )
        for name in names
    }
    given: dict[str, Any] = {"start": start, "end": end, "doc": draw(st.just("") | LINES)}
    given |= labels | values
    return ConsequenceChange(source=draw(LINES), **given)


# ---- form ---------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=40)  # each example writes and reads two scenarios
@given(st.lists(any_change(), max_size=4))
def test_a_scenario_file_with_changes_reads_back_to_the_same_scenario(changes):
    saved = scenario(*changes)
    for text in (saved.to_toml(), saved.to_toml(full=True, annotated=True)):
        loaded = load_scenario(text)
        assert loaded == saved and loaded.digest == saved.digest
        assert loaded.warmup_key == saved.warmup_key
    assert read_changes("x", write_list(saved.consequence_changes)) == saved.consequence_changes


@pytest.mark.parametrize(
    ("item", "path", "wrong"),
    [
        (7, "[1]", "is not a table"),
        ({}, "[1]", "missing source"),
        ({"source": "x"}, "[1]", "changes nothing"),
        ({"source": "", "release": 1}, "[1].source", "empty or has several lines"),
        ({"source": 3, "release": 1}, "[1].source", "is not a text"),
        ({"doc": "\ud800", "release": 1}, "[1].doc", r"the character \ud800"),
        ({"relase": 1}, "[1].relase", "unknown setting"),
        ({"from": DATE(1066, 1, 1), "release": 1}, "[1].from", "outside the calendar"),
        ({"from": END, "to": END, "release": 1}, "[1].to", "not after the first day"),
        ({"to": 2005, "release": 1}, "[1].to", "is not a date"),
        ({"countries": [], "release": 1}, "[1].countries", "is not a list of names"),
        ({"countries": ["HND"], "release": 1}, "[1].countries", "is not one of"),
        ({"countries": ["all", "HN"], "release": 1}, "[1].countries", "is not one of"),
        ({"kinds": {"adult": 1}, "release": 1}, "[1].kinds", "is not a list of names"),
        ({"release": "much"}, "[1].release", "is not a number"),
        ({"release": -0.1}, "[1].release", "out of range"),
        ({"stay_removal": 731}, "[1].stay_removal", "out of range"),
        ({"returned_to": "away"}, "[1].returned_to", "is not known"),
        ({"countries": ["HN"], "voluntary_return": 1}, "[1].voluntary_return", "only Mexicans"),
        ({"kinds": ["child"], "prosecution": 1}, "[1].prosecution", "only adults"),
    ],
)
def test_an_invalid_change_raises_an_error_of_one_line_with_path_and_hint(item, path, wrong):
    if isinstance(item, dict) and item.keys() & set(VALUES) and "source" not in item:
        item = {"source": "[A]"} | item
    with pytest.raises(SettingError) as error:
        Scenario().with_settings({"consequence_changes": [item]})
    assert error.value.path == f"consequence_changes{path}" and wrong in error.value.reason
    assert error.value.hint and len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("release=1", "is not a list of changes"),
        ({"release": 1}, "is not a list of changes"),
        ([change(release=1.0)] * (MOST_CHANGES + 1), "changes are in the list"),
    ],
)
def test_a_value_that_is_not_a_list_or_is_too_long_raises_an_error(value, wrong):
    with pytest.raises(SettingError, match=wrong):
        Scenario().with_settings({"consequence_changes": value})


# ---- tables of a day ----------------------------------------------------------------------------


def same(a: Any, b: Any, rows: Any = slice(None)) -> bool:
    """Return whether all tables have the same bytes in the given rows of nations."""
    return all(
        getattr(a, f.name)[..., rows, :].tobytes() == getattr(b, f.name)[..., rows, :].tobytes()
        for f in fields(a)
    )


@given(any_change(), st.dates(FIRST_DATE, LAST_DATE))
def test_a_change_alters_no_byte_of_other_countries_and_other_days(item, date):
    plain, law = law_on(Scenario(), date), law_on(scenario(item), date)
    affected = [NATIONS.index(c) for c in item.countries] if item.in_force(date) else []
    assert same(plain, law, [i for i in range(len(NATIONS)) if i not in affected])


@given(any_change(), st.dates(FIRST_DATE, LAST_DATE))
def test_expelled_people_try_again_at_least_as_often_as_voluntary_returnees(item, date):
    retry = law_on(scenario(item, **{"migrants.expulsion_deterrence": 3.0}), date).retry
    assert (retry[Consequence.EXPULSION] >= retry[Consequence.VOLUNTARY_RETURN]).all()


def test_later_changes_override_earlier_changes_until_they_end():
    dated = scenario(
        change(release=0.1),
        change(countries=["HN"], start=END, end=DATE(2006, 1, 1), release=0.5),
        change(countries=["HN"], start=END, end=DATE(2005, 12, 1), release=0.6),
    )
    for date, expected in (
        (DATE(2005, 1, 1), 0.1),
        (END, 0.6),
        (DATE(2005, 12, 1), 0.5),
        (DATE(2006, 1, 1), 0.1),
    ):
        law = law_on(dated, date)
        assert (law.release[HONDURAS] == expected).all() and (law.release[MEXICO] == 0.1).all()


# ---- the day loop -------------------------------------------------------------------------------

SMALL = {"scale": 1000, "days": 20, "warmup_days": 9, "fill_days": 10, "start": DATE(2005, 9, 1)}


def run(*changes: ConsequenceChange, days: int = 20, **values: Any) -> BorderModel:
    """Run a small model."""
    model = BorderModel(scenario(*changes, **(SMALL | values)), rng=3)
    model.run_for(days)
    return model


def record_of(model: BorderModel) -> bytes:
    """Return the counts and payments of all recorded days."""
    tables = (model.ledger.events, model.ledger.stock, model.ledger.daily_money)
    return b"".join(table.tobytes() for table in tables)


@pytest.mark.parametrize("record", ["base_year", "history"])
def test_changes_that_repeat_the_declared_values_change_no_byte(record):
    c = Scenario().consequences
    repeated = [
        change(countries=["MX"], kinds=[kind], release=c.release_mexican[k])
        for k, kind in enumerate(KINDS)
    ]
    foreign = [n for n in NATIONS if n != "MX"]
    repeated += [
        change(countries=foreign, kinds=[kind], release=c.release[k])
        for k, kind in enumerate(KINDS)
    ]
    repeated.append(change(countries=foreign, stay_removal=c.stay_removal[1], returned_to="home"))
    plain, dated = run(record=record), run(*repeated, record=record)
    assert record_of(plain) == record_of(dated)
    assert plain.kernel_params.tobytes() == dated.kernel_params.tobytes()


def test_the_tables_of_the_model_follow_the_dates_and_the_reference_stays():
    item = change(
        countries=["HN"], start=DATE(2005, 9, 11), release=0.7, retry_removal=0.9, stay_removal=3
    )
    before, after = (run(item, days=days).kernel_params[0] for days in (10, 11))
    plain = run(days=11).kernel_params[0]
    assert before["release_share"].tobytes() == plain["release_share"].tobytes()
    assert (after["release_share"][HONDURAS] == 0.7).all()
    assert (after["stay_removal"][HONDURAS] == 3.0).all()
    assert (after["retry"][Consequence.REMOVAL, HONDURAS] == 0.9).all()
    assert (after["again_us"][HONDURAS] == 0.9).all()
    for name in ("release_share", "stay_removal", "again_us", "again_mx", "voluntary"):
        assert after[name][OTHERS].tobytes() == plain[name][OTHERS].tobytes()
    for name in ("release_base", "again_us_base", "again_mx_base"):
        assert after[name].tobytes() == plain[name].tobytes()
    rise = after["release_seen"][HONDURAS, 0] - before["release_seen"][HONDURAS, 0]
    base = Scenario().consequences.release[0]
    assert rise == pytest.approx((0.7 - base) / Scenario().migrants.experience_days, rel=0.05)


def test_a_release_without_a_bed_acts_only_if_beds_are_full():
    """With beds for all, a change has no effect. Without beds, it releases no person or all."""
    none, every = (change(release_without_bed=value) for value in (0.0, 1.0))
    with_beds, without = {"consequences.beds": 5e5}, {"consequences.beds": 0.0}
    assert record_of(run(none, **with_beds)) == record_of(run(every, **with_beds))
    releases = [run(item, **without).ledger.totals()["overflow_release"] for item in (none, every)]
    assert releases[0] == 0 < releases[1]


def test_beds_and_levers_act_on_the_table_of_the_day():
    model = run(change(countries=["HN"], kinds=["adult"], release=0.6, stay_removal=10), days=5)
    levers = model.levers
    levers.beds[0], levers.readmission[0] = 1e6, 0.5
    capacity.update(model)
    params, c = model.kernel_params[0], model.settings.consequences
    assert params["release_share"][HONDURAS, 0] == pytest.approx(0.6 * (1 - c.release_for_room[0]))
    assert params["stay_removal"][HONDURAS, 0] == pytest.approx(5.0)
