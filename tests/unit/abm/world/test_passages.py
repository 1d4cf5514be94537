"""Every way to a destination has one border leg and a checkpoint only directly behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.world import routes
from abm.world.errors import WorldError
from abm.world.routes import World, load_world
from agents.migrants.columns import MAX_ORIGINS
from agents.outcomes import Event

NODE = "id,name,country,admin,lat,lon,kind,population,remoteness,terrain,usbp_sector,\
mx_origin_region,rail_hub,zone,geonameid,coord_source"
EDGE = "source,target,mode,corridor,great_circle_km,factor,distance_km,travel_days,hazard_class,\
crosses_country_border,us_checkpoint_belt,mx_zone,basis"
KINDS = {
    "home": ("MX", "transit", 1),
    "town": ("MX", "staging", 0),
    "line": ("US", "crossing_between_ports", 0),
    "poe": ("US", "port_of_entry", 0),
    "house": ("US", "transit", 0),
    "barn": ("US", "transit", 0),
    "city": ("US", "destination", 0),
}
ROUTE = ("home town", "town line", "line house !", "house city")


def write(folder: Path, *legs: str, **kinds: tuple[str, str, int]) -> Path:
    """Write a world with the given legs. An exclamation mark marks a leg of the checkpoint belt."""
    ends = [leg.split()[:2] for leg in legs]
    places = KINDS | kinds
    nodes = [
        f"{place},{place},{country},Sonora,31,-111,{kind},,0,desert,"
        f"{'Tucson' if country == 'US' else ''},{region},0,z,,made up"
        for place, (country, kind, region) in places.items()
        if any(place in pair for pair in ends)
    ]
    edges = [
        f"{a},{b},road,north,55,1.2,66,1,1,{int(places[a][0] != places[b][0])},"
        f"{int('!' in leg)},{'north' if places[a][0] == 'MX' else ''},made up"
        for leg, (a, b) in zip(legs, ends, strict=True)
    ]
    (folder / "nodes.csv").write_text("\n".join([NODE, *nodes]), encoding="utf-8")
    (folder / "edges.csv").write_text("\n".join([EDGE, *edges]), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "legs",
    [
        ROUTE,
        ("home town", "town line", "line city"),  # a crossing counts without a checkpoint
        (*ROUTE, "town poe", "poe city"),
        (*ROUTE, "town poe", "poe city !"),  # people hidden in a port may be checked once
        (*ROUTE, "city house !"),  # a destination has no way out
        (*ROUTE, "town home", "house barn", "barn house"),  # loops on either side
    ],
)
def test_worlds_that_follow_the_rule_are_accepted(tmp_path: Path, legs: tuple[str, ...]):
    assert load_world(write(tmp_path, *legs)).n_listed == len(legs)


@pytest.mark.parametrize(
    ("legs", "row", "column", "reason"),
    [
        (
            ("home town", "town line", "line house !", "house city !"),
            5,
            "us_checkpoint_belt",
            "checkpoint leg not directly behind the border: expected 0 on the way "
            "home > town > line > house > city (rows 3, 4 and 5)",
        ),
        (
            ("home town !", "town line", "line city"),
            2,
            "us_checkpoint_belt",
            "checkpoint leg before the border: expected 0 on the way home > town (row 2)",
        ),
        (
            ("home town", "town line !", "line city"),
            3,
            "us_checkpoint_belt",
            "a border leg cannot be a checkpoint leg: expected 0 on the way home > town > line "
            "(row 3)",
        ),
        (
            (*ROUTE, "town city"),
            6,
            "target",
            "no border leg: expected one on the way home > town > city (row 6)",
        ),
        (
            (*ROUTE, "house line"),
            6,
            "target",
            "second border leg: expected one on the way "
            "home > town > line > house > line (rows 3, 4 and 6)",
        ),
        (
            (*ROUTE, "home house", "house barn", "barn line"),
            5,
            "target",
            "no border leg: expected one on the way home > house > city (row 5)",
        ),
    ],
)
def test_a_way_that_breaks_the_rule_is_named(
    tmp_path: Path, legs: tuple[str, ...], row: int, column: str, reason: str
):
    with pytest.raises(WorldError) as caught:
        load_world(write(tmp_path, *legs))
    error = caught.value
    assert (error.file, error.row, error.column, error.reason) == ("edges.csv", row, column, reason)


@pytest.mark.parametrize("extra", [1, 3])
def test_the_first_community_above_the_limit_is_named(tmp_path: Path, extra: int):
    homes = {f"home_{k}": ("MX", "transit", 1) for k in range(MAX_ORIGINS + extra - 1)}
    legs = [f"{home} town" for home in homes]
    with pytest.raises(WorldError) as caught:
        load_world(write(tmp_path, *ROUTE, *legs, **homes))
    error = caught.value
    assert (error.file, error.column) == ("nodes.csv", "mx_origin_region")
    assert f"{MAX_ORIGINS + extra} communities of origin: expected at most 62" in error.reason
    assert load_world(write(tmp_path, *ROUTE, *legs[: MAX_ORIGINS - 1], **homes)).origins().size


RUN = Scenario(scale=50, warmup_days=20, days=40, supply="flat").with_settings(
    {"border_patrol.belt_hazard": 0.0}
)


def got_aways(world: World) -> np.ndarray:
    """Run a world and return the got-aways by day."""
    model = BorderModel(RUN, rng=3, world=world)
    model.run_for(RUN.days)
    model.tidy()
    events = model.ledger.events[:, [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED]]
    return events.sum(axis=(1, 2, 3))


def test_a_second_checkpoint_does_not_count_a_got_away_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Even in a world that breaks the rule, the count is right and conservation holds."""
    once = got_aways(load_world(write(tmp_path, *ROUTE)))
    monkeypatch.setattr(routes, "check_passages", lambda places, legs: None)
    twice = got_aways(load_world(write(tmp_path, *ROUTE[:-1], "house city !")))
    assert once.sum() > 1_000
    assert (once == twice).all()
