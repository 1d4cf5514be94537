"""Recorded port traffic: readers return the values of the files, and they add up."""

from __future__ import annotations

import pytest

from abm.world import geography
from abm.world.ports_record import border_traffic, port_traffic, traffic_of, trusted_share
from abm.world.routes import load_world
from agents.param import params_of
from agents.ports import PortParams

YEARS = range(2008, 2020)


@pytest.mark.parametrize("year", YEARS)
def test_the_recorded_ports_are_those_of_the_world(year):
    world = load_world()
    assert set(port_traffic(year)) == {world.place_ids[i] for i in world.ports}


@pytest.mark.parametrize("year", YEARS)
def test_the_eight_ports_are_most_of_the_border_and_no_more_than_it(year):
    ports, border = port_traffic(year), border_traffic(year)
    for measure, least in (("personal_vehicles", 0.7), ("pedestrians", 0.7), ("trucks", 0.8)):
        total = sum(counts[measure] for counts in ports.values())
        assert least * border[measure] < total <= border[measure]


def test_all_measures_exist_in_the_base_year_and_are_positive():
    for counts in port_traffic(2013).values():
        assert set(counts) == set(border_traffic(2013))
        assert min(v for measure, v in counts.items() if measure != "trains") > 0.0


def test_the_largest_port_has_the_published_figures():
    assert port_traffic(2013)["poe_san_diego"]["personal_vehicles"] == 17_582_266
    assert port_traffic(2013)["poe_laredo"]["trucks"] == 1_846_282


def test_measures_are_summed_by_port():
    ports = ("poe_laredo", "poe_nogales")
    both = traffic_of(ports, 2013, "pedestrians", "bus_passengers")
    assert both == [3_558_660 + 1_023_411, 2_912_077 + 165_094]


def test_a_port_of_another_world_has_the_median_traffic():
    known = sorted(c["trucks"] for c in port_traffic(2013).values())
    (unknown,) = traffic_of(("atlantis",), 2013, "trucks")
    assert known[3] < unknown < known[4]
    assert traffic_of((), 2013, "trucks") == []


def test_the_trusted_share_of_the_settings_is_that_of_the_record():
    assert params_of(PortParams)["trusted_traveller_share"].value == trusted_share(2013) == 0.189


def test_the_trusted_share_agrees_with_entries_and_the_border_total():
    rows = geography.rows_where(
        "us/poe_inspection_drugs_visas.csv", metric="SENTRI_vehicle_entries_million", year=2013
    )
    entries = float(rows[0]["value"]) * 1e6
    assert entries / border_traffic(2013)["personal_vehicles"] == pytest.approx(0.189, abs=0.002)


@pytest.mark.parametrize(
    "read", [lambda: port_traffic(1990), lambda: border_traffic(2030), lambda: trusted_share(2010)]
)
def test_a_year_without_data_raises_a_lookup_error(read):
    with pytest.raises(LookupError, match="no year"):
        read()
