"""Supply from a user's file: its meaning, errors that name rows, and digests that cover it."""

import copy
import datetime
from pathlib import Path

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.supply import Supply, check_supply
from abm.supply_file import in_folder, is_supply_file, read_supply_file, supply_label
from abm.supply_series import seasonal
from agents.labels import COUNTRIES
from agents.outcomes import Group, Kind
from agents.param import LONGEST_MESSAGE, SettingError
from experiments.runs.case import Case, Failure
from experiments.scenarios import find
from experiments.sweeps.store_writer import key_of, source_of
from experiments.sweeps.sweep import OtherModel, SweepJob, run_job
from tests.reliability.ledgers import artificial

DEFAULT = Scenario()
FRAME = {"days": 6, "scale": 400, "warmup_days": 9, "fill_days": 10}
MX = COUNTRIES.index("MX")
YEAR = [f"{2012 + (m > 12)}-{(m - 1) % 12 + 1:02d}" for m in range(10, 22)]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes rows to a file and returns its path."""

    def write_rows(header, *rows, name="supply.csv"):
        lines = [header, *(",".join(map(str, row)) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(tmp_path / name)

    return write_rows


def daily(scenario, homes, date):
    """Return the candidates per day and stratum after thinning."""
    supply = Supply(scenario, homes)
    return supply.envelope_rates(date) * supply.keep(date.year)


def days_of(first, last):
    """Return every day from `first` to `last`, exclusive."""
    return [first + datetime.timedelta(days=n) for n in range((last - first).days)]


def run(scenario):
    """Simulate a few days and return the model."""
    model = BorderModel(scenario.with_settings(FRAME), rng=3)
    model.run_for(FRAME["days"])
    return model


# ---- meaning of a file ---------------------------------------------------------------------------


@pytest.fixture
def fy2013(write):
    """Return the path of a file with the exact season of the packaged series, by country."""
    rows = []
    for country in COUNTRIES:
        group = Group.MEXICAN if country == "MX" else Group.NORTHERN_TRIANGLE
        by_month = seasonal(group)
        rows += [(month, country, repr(float(by_month[int(month[5:]) - 1]))) for month in YEAR]
    return write("month,country,factor", *rows)


def test_a_file_with_the_season_of_2013_equals_the_named_series(fy2013):
    """In any year, the daily records of both runs are equal to the last byte."""
    for start in ("2012-10-01", "2031-05-01"):
        named = DEFAULT.with_settings({"start": start})
        model, other = run(named), run(named.with_settings({"supply": fy2013}))
        assert model.ledger.digest == other.ledger.digest


def test_a_country_and_kind_without_rows_follows_the_series(write, homes):
    path = write("month,country,kind,factor", *((m, "HN", "family_member", 7) for m in YEAR))
    date = datetime.date(2013, 3, 1)
    from_file = DEFAULT.with_settings({"supply": path})
    changed, named = daily(from_file, homes, date), daily(DEFAULT, homes, date)
    origin, _, kind = Supply(DEFAULT, homes).strata.T
    covered = np.array([homes.country[o] == "HN" for o in origin]) & (kind == Kind.FAMILY)
    assert np.array_equal(changed[~covered], named[~covered])
    flat = daily(DEFAULT.with_settings({"supply": "flat"}), homes, date)
    assert changed[covered] == pytest.approx(7.0 * flat[covered])


@pytest.mark.parametrize("settings", [{}, {"migrants.pool": [0, 0]}, {"migrants.envelope": 4.0}])
def test_the_persons_of_a_month_set_out_for_any_size_of_the_pool(write, homes, settings):
    """The sum over a month is exact if people decide and reach the line on the same day."""
    rows = [(m, c, 1000 * (i + 1)) for i, c in enumerate(("GT", "MX")) for m in YEAR]
    path = write("month,country,persons", *rows)
    base = DEFAULT.with_settings({"supply": path, "migrants.supply_lead": [0, 0], **settings})
    month = days_of(datetime.date(2013, 2, 1), datetime.date(2013, 3, 1))
    origins = Supply(base, homes).strata[:, 0]
    country = np.array([homes.country[o] for o in origins])
    for level in (1.0, 2.0):
        scenario = base.with_settings({"supply_level": level})
        total = np.sum([daily(scenario, homes, date) for date in month], axis=0)
        assert total[country == "GT"].sum() == pytest.approx(1000.0 * level)
        assert total[country == "MX"].sum() == pytest.approx(2000.0 * level)


def test_a_month_is_the_month_at_the_line(write, homes):
    path = write("month,factor", *((m, 2 if m == "2013-03" else 1) for m in YEAR))
    supply = Supply(DEFAULT.with_settings({"supply": path}), homes)
    for group, days in enumerate(DEFAULT.migrants.supply_lead):
        in_group = supply.group == group
        first = datetime.date(2013, 3, 1) - datetime.timedelta(days=days)
        before, after = (supply.envelope_rates(first + datetime.timedelta(days=d)) for d in (-1, 0))
        assert after[in_group] == pytest.approx(2.0 * before[in_group])


def test_a_later_month_changes_no_day_before_it(write):
    """Days before the month may differ only within the largest lead."""
    paths = [
        write("month,factor", *((m, f if m >= "2012-12" else 1) for m in YEAR), name=f"f{f}.csv")
        for f in (1, 3)
    ]
    frame = {"days": 40, "scale": 1000, "warmup_days": 9, "fill_days": 10}
    records = []
    for path in paths:
        settings = {"supply": path, "start": "2012-10-15", **frame}
        model = BorderModel(DEFAULT.with_settings(settings), rng=3)
        model.run_for(40)
        records.append(np.array(model.ledger.events[:40]))
    lead = datetime.timedelta(max(DEFAULT.migrants.supply_lead))
    same = (datetime.date(2012, 12, 1) - lead - datetime.date(2012, 10, 15)).days
    assert np.array_equal(records[0][:same], records[1][:same])
    assert not np.array_equal(records[0], records[1])


@pytest.mark.parametrize("months", [1, 5, 11, 12, 13, 30])
def test_outside_the_file_its_first_and_last_twelve_months_repeat(write, months):
    first = 2010 * 12 + 3
    rows = [(f"{m // 12}-{m % 12 + 1:02d}", m - first + 1) for m in range(first, first + months)]
    (row,) = read_supply_file(write("month,factor", *rows)).series
    values = [row.at(datetime.date(m // 12, m % 12 + 1, 15)) for m in range(first - 40, first + 90)]
    before, inside, after = np.split(np.array(values), [40, 40 + months])
    assert inside.tolist() == list(range(1, months + 1))
    if months < 12:
        assert set(before) == {1.0} and set(after) == {float(months)}
    else:
        assert before[::-1].tolist() == [12.0 - k % 12 for k in range(40)]
        assert after.tolist() == [months - 11.0 + k % 12 for k in range(len(after))]


# ---- errors --------------------------------------------------------------------------------------

ROWS = "".join(f"{m},GT,,1\n" for m in YEAR)
ERRORS = {
    "month\n2013-01\n": "row 1, column persons: invalid columns .* either factor or persons",
    "month,factor,persons\n2013-01,1,1\n": "column persons: invalid columns",
    "factor\n1\n": "row 1, column month: missing column",
    "month,kinds,factor\n2013-01,adult,1\n": 'unknown column .* mean "kind"',
    "": "empty file",
    "month,factor\n2013-1,1\n": "row 2, column month: invalid month '2013-1'",
    "month,factor\n2013-01,\n": "row 2, column factor: blank cell: expected a number from 0 to 50",
    "month,factor\n2013-01,-1\n": "row 2, column factor: '-1' is out of range",
    "month,factor\n2013-01,51\n": "row 2, column factor: '51' is out of range",
    "month,persons\n2013-01,2000001\n": "row 2, column persons: .*: expected .* 0 to 2,000,000",
    "month,factor\n2013-01,1\n2013-03,1\n": "row 3, column month: .* expected 2013-02",
    "month,country,factor\n2013-01,US,1\n": "row 2, column country: unknown country 'US'",
    "month,kind,factor\n2013-01,men,1\n": "row 2, column kind: unknown kind 'men': .*single_adult",
    f"month,country,kind,factor\n{ROWS}2013-01,*,child,1\n": "row 14, column country: .* of row 2",
    "month,kind,factor\n2013-01,child,1\n2013-01,*,1\n": "row 3, column kind: .* overlap",
    "month,factor\n2013-01,1,1\n": "row 2, column factor: 3 cells: expected 2",
    "month,factor\n2013-01,\xff\n": "row 2: invalid encoding: expected UTF-8",
}


@pytest.mark.parametrize("text", ERRORS)
def test_an_error_names_row_column_and_expected_value(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingError, match=ERRORS[text]) as error:
        check_supply(DEFAULT.with_settings({"supply": str(path)}))
    assert error.value.path == "supply" and error.value.hint
    assert "mine.csv" in str(error.value) and len(str(error.value)) <= LONGEST_MESSAGE
    assert str(error.value).isprintable()


# ---- cases, files and copies ---------------------------------------------------------------------


def test_the_digest_covers_the_content_and_not_the_path(write):
    path, copied = (write("month,factor", ("2013-01", 1), name=n) for n in ("a.csv", "b.csv"))
    first, second = (DEFAULT.with_settings({"supply": p}) for p in (path, copied))
    assert Case(first).digest == Case(second).digest != Case(DEFAULT).digest
    label, key = supply_label(path), first.warmup_key
    assert supply_label("flat") == "flat" and label.startswith("a.csv (")
    write("month,factor", ("2013-01", 2), name="a.csv")
    assert Case(first).digest != Case(second).digest
    assert first.warmup_key != key and supply_label(path) != label


def test_a_path_is_relative_to_the_folder_of_the_scenario_file(write, tmp_path, monkeypatch):
    path = write("month,factor", ("2013-01", 1))
    (tmp_path / "mine.toml").write_text('supply = "supply.csv"', encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "other.toml").write_text('extends = "../mine.toml"', encoding="utf-8")
    for name in ("mine.toml", "deeper/other.toml"):
        assert find(tmp_path / name).supply == str(Path(path).resolve())
    monkeypatch.chdir(tmp_path)
    check_supply(DEFAULT.with_settings({"supply": "supply.csv"}))
    assert in_folder("flat", "x") == "flat" and not is_supply_file("a\0.csv")


def test_a_file_that_changes_during_a_sweep_is_a_failure(write):
    path = write("month,factor", ("2013-01", 1))
    case = Case(DEFAULT.with_settings({"supply": path, **FRAME, "scale": 1000}))
    job = SweepJob(key_of(case, source_of(case.scenario)), case)
    write("month,factor", ("2013-01", 2))
    failure = run_job(artificial, job)
    assert isinstance(failure, Failure)
    assert failure.kind == OtherModel.__name__ and "supply file has changed" in failure.text


def test_copies_and_saved_runs_contain_the_file(write, tmp_path):
    path = write("month,kind,persons", *((m, "child", 9000) for m in YEAR))
    model = BorderModel(DEFAULT.with_settings({"supply": path, **FRAME, "days": 12}), rng=3)
    model.run_for(6)
    model.save(tmp_path / "saved.run")
    Path(path).unlink()
    copies = copy.deepcopy(model), BorderModel.load(tmp_path / "saved.run")
    for version in (model, *copies):
        version.run_for(6)
    assert {version.ledger.digest for version in copies} == {model.ledger.digest}
