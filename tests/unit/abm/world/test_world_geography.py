"""Packaged data: readers return the values of the files, they add up, and each has a source."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest

from abm.world import geography
from abm.world.errors import WorldError
from abm.world.vocabulary import SECTORS
from agents.param import params_of
from agents.port_params import PortParams

FILES = sorted(str(p.relative_to(geography.DATA)) for p in geography.DATA.glob("*/*.csv"))


def raw(file: str) -> list[dict[str, str]]:
    """Return a file read without the module under test."""
    with (geography.DATA / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("file", FILES)
class TestEveryFile:
    def test_is_read_whole(self, file):
        assert [dict(row) for row in geography.table(file)] == raw(file)

    def test_every_row_names_its_source(self, file):
        columns = set(geography.table(file)[0]) & {"source", "coord_source", "basis"}
        # The sources of country_year.csv are in another file, tested below.
        assert bool(columns) == (file != "drivers/country_year.csv")
        assert all(row[column] for row in geography.table(file) for column in columns)

    def test_is_credited_in_the_readme(self, file):
        readme = (geography.DATA / "README.md").read_text(encoding="utf-8")
        name = file.split("/")[1]
        assert name in readme or (name.startswith("mx_inm_") and "`mx_inm_*.csv`" in readme)


def test_every_indicator_of_a_country_has_a_source_and_a_unit():
    indicators = list(geography.table("drivers/country_year.csv")[0])[2:]
    for indicator in indicators:
        assert geography.source_of("drivers/country_year_sources.csv", indicator=indicator)


@pytest.mark.parametrize("fiscal_year", range(2000, 2020))
def test_sectors_add_up_to_the_published_total(fiscal_year):
    by_sector = geography.apprehensions_by_sector(fiscal_year)
    assert tuple(by_sector) == SECTORS
    assert sum(by_sector.values()) == geography.apprehensions_total(fiscal_year)


@pytest.mark.parametrize("fiscal_year", range(2007, 2020))
class TestGroups:
    def test_groups_overlap_as_documented(self, fiscal_year):
        total = {
            group: geography.apprehensions_total(fiscal_year, group)
            for group in ("All", "Mexican", "OTM", "NTCA", "Other OTM")
        }
        assert total["Mexican"] + total["OTM"] == total["All"]
        # The agency's own total of 2007 is one below its parts.
        assert total["NTCA"] + total["Other OTM"] == total["OTM"] + (fiscal_year == 2007)

    def test_months_add_up_to_the_year(self, fiscal_year):
        months = geography.monthly_by_citizenship(
            "NTCA", f"{fiscal_year - 1}-10", f"{fiscal_year}-09"
        )
        assert [m for _, m, _ in months] == [10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        # Each month and nationality is rounded to 10.
        total = sum(value for _, _, value in months)
        assert total == pytest.approx(geography.apprehensions_total(fiscal_year, "NTCA"), abs=180)


@pytest.mark.parametrize("fiscal_year", range(2013, 2020))
def test_kinds_add_up_to_the_sector(fiscal_year):
    total = geography.apprehensions_by_sector(fiscal_year)
    for sector, kinds in geography.demographics(fiscal_year).items():
        assert set(kinds) == {"single_adult", "family_member", "unaccompanied_child"}
        assert sum(kinds.values()) == total[sector]


@pytest.mark.parametrize("fiscal_year", range(1998, 2020))
def test_deaths_add_up_to_the_southwest(fiscal_year):
    total = [
        float(row["deaths"])
        for row in raw("us/deaths_sector_fy.csv")
        if row["fiscal_year"] == str(fiscal_year) and row["sector"] == "SOUTHWEST TOTAL"
    ]
    assert [sum(geography.deaths_by_sector(fiscal_year).values())] == total


@pytest.mark.parametrize("fiscal_year", range(1992, 2020))
def test_staff_of_sectors_is_within_one_percent_of_the_southwest(fiscal_year):
    staff = geography.usbp_staffing(fiscal_year)
    row = geography.rows_where(
        "us/usbp_staffing.csv", fiscal_year=fiscal_year, sector="southwest border"
    )
    assert tuple(staff) == SECTORS
    assert 0 <= float(row[0]["agents"]) - sum(staff.values()) <= 0.01 * sum(staff.values())


def test_the_base_year_has_the_values_used_in_calibration():
    assert geography.apprehensions_total(2013, "Mexico") == 265_409
    assert geography.apprehensions_total(2013, "NTCA") == 137_548
    deaths, caught = geography.deaths_by_sector(2013), geography.apprehensions_by_sector(2013)
    rate = {sector: 1e4 * deaths[sector] / caught[sector] for sector in SECTORS}
    assert [round(rate[s], 1) for s in ("Tucson", "Laredo", "Rio Grande Valley", "San Diego")] == [
        16.0,
        12.2,
        10.1,
        2.5,
    ]


def test_a_country_series_leaves_out_blank_years():
    series = geography.country_series("GT", "homicide_rate_unodc")
    blank = {
        int(r["year"])
        for r in raw("drivers/country_year.csv")
        if r["country"] == "GT" and not r["homicide_rate_unodc"]
    }
    assert blank
    assert set(series) == set(range(2000, 2020)) - blank
    assert all(value > 0 for value in series.values())


def test_the_extent_of_the_basemap_covers_every_place(world):
    points = []
    for feature in geography.basemap()["features"]:
        shape = feature["geometry"]
        rings = shape["coordinates"]
        polygons = [rings] if shape["type"] == "Polygon" else rings
        points += [point for polygon in polygons for ring in polygon for point in ring]
    lon, lat = zip(*points, strict=True)
    assert min(lon) <= world.lon.min() <= world.lon.max() <= max(lon)
    assert min(lat) <= world.lat.min() <= world.lat.max() <= max(lat)


@pytest.mark.parametrize("year", range(2008, 2020))
def test_the_eight_ports_are_most_of_the_border_and_no_more_than_it(world, year):
    ports = geography.port_traffic(year)
    assert set(ports) == {world.place_ids[i] for i in world.ports}
    rows = geography.rows_where("drivers/ports_year.csv", scope="border_total", year=year)
    border = {row["measure"]: float(row["value"]) for row in rows}
    for measure, least in (("personal_vehicles", 0.7), ("pedestrians", 0.7), ("trucks", 0.8)):
        total = sum(counts[measure] for counts in ports.values())
        assert least * border[measure] < total <= border[measure]


def test_traffic_of_a_port_sums_measures_and_another_world_has_the_median():
    ports = ("poe_laredo", "poe_nogales")
    both = geography.traffic_of(ports, 2013, "pedestrians", "bus_passengers")
    assert both == [3_558_660 + 1_023_411, 2_912_077 + 165_094]
    trucks = sorted(counts["trucks"] for counts in geography.port_traffic(2013).values())
    (elsewhere,) = geography.traffic_of(("atlantis",), 2013, "trucks")
    assert trucks[3] < elsewhere < trucks[4] and geography.traffic_of((), 2013, "trucks") == []


def test_the_trusted_share_of_the_settings_is_that_of_the_record():
    file = "us/poe_inspection_drugs_visas.csv"
    rows = geography.rows_where(file, metric="SENTRI_share_of_personal_vehicles", year=2013)
    share = params_of(PortParams)["trusted_traveller_share"].value
    assert share == float(rows[0]["value"]) == 0.189


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: geography.usbp_staffing(1980), "expected 1992"),
        (lambda: geography.apprehensions_by_sector(2003, "NTCA"), "no citizenship_group"),
        (lambda: geography.apprehensions_total(2013, "Martian"), "expected All"),
        (lambda: geography.monthly_by_citizenship("Mexican"), "expected Guatemala"),
        (lambda: geography.monthly_by_citizenship("Mexico", "1990-01", "2013-09"), "1999-10"),
        (
            lambda: geography.monthly_by_citizenship("Mexico", "2013-09", "2012-09"),
            "invalid months",
        ),
        (lambda: geography.country_series("FR", "population"), "expected GT, HN, MX, SV, US"),
        (lambda: geography.country_series("GT", "happiness"), "expected gdp"),
        (lambda: geography.port_traffic(1990), "no year"),
        (lambda: geography.source_of("us/usbp_staffing.csv", colour="red"), "unknown column"),
        (lambda: geography.source_of("drivers/country_year.csv"), "no column of sources"),
    ],
)
def test_missing_data_raises_an_error_with_the_available_values(read, message):
    with pytest.raises(LookupError, match=message):
        read()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("us/nothing.csv", "no such file"),
        ("../routes.py", "not a packaged file"),
        ("/etc/hostname", "not a packaged file"),
    ],
)
def test_a_file_that_is_not_packaged_raises_a_world_error(file, message):
    with pytest.raises(WorldError, match=message):
        geography.table(file)


def test_an_invalid_packaged_file_raises_a_world_error(tmp_path, monkeypatch):
    monkeypatch.setattr(geography, "DATA", tmp_path)
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "basemap.geojson").write_text('{"type":\n', encoding="utf-8")
    with pytest.raises(WorldError, match="invalid JSON"):
        geography.basemap()
    (tmp_path / "short.csv").write_text("a,b\n1,2\n3\n", encoding="utf-8")
    with pytest.raises(WorldError, match="row 3: 1 cells: expected 2"):
        geography.table("short.csv")
    (tmp_path / "bare.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(WorldError, match="no rows"):
        geography.table("bare.csv")


def test_reading_the_data_needs_neither_networkx_nor_pandas_nor_numpy():
    code = (
        "import sys, abm.world.geography as g; g.usbp_staffing(2013);"
        "sys.exit(bool({'networkx', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
