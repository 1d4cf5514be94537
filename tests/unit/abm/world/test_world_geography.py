"""Packaged data: readers return the values in the files, totals add up, and rows have sources."""

from __future__ import annotations

import pytest

from abm.world import geography
from abm.world.errors import WorldError
from abm.world.vocabulary import SECTORS

FILES = sorted(str(p.relative_to(geography.DATA)) for p in geography.DATA.glob("*/*.csv"))


@pytest.mark.parametrize("file", FILES)
class TestEveryFile:
    def test_every_row_names_its_source(self, file):
        columns = set(geography.table(file)[0]) & {"source", "coord_source", "basis"}
        # The sources of country_year.csv are in another file, tested below.
        assert bool(columns) == (file != "drivers/country_year.csv")
        assert all(row[column] for row in geography.table(file) for column in columns)

    def test_is_credited_in_the_readme(self, file):
        readme = (geography.DATA / "README.md").read_text(encoding="utf-8")
        name = file.split("/")[1]
        assert name in readme or (name.startswith("mx_inm_") and "`mx_inm_*.csv`" in readme)


@pytest.mark.parametrize("fiscal_year", range(2000, 2020))
def test_sectors_add_up_to_the_published_total(fiscal_year):
    by_sector = geography.apprehensions_by_sector(fiscal_year)
    assert tuple(by_sector) == SECTORS
    assert sum(by_sector.values()) == geography.apprehensions_total(fiscal_year)


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
        (lambda: geography.traffic_of((), 1990, "trucks"), "no year"),
        (lambda: geography.rows_where("us/usbp_staffing.csv", colour="red"), "unknown column"),
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
