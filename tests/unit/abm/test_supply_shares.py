"""Shares, elasticities and levels of supply against direct computations."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from abm.scenario import Scenario
from abm.supply import (
    Supply,
    candidates_by_country,
    check_supply,
    communities,
    push,
)
from abm.world import geography
from agents.labels import COUNTRIES
from agents.outcomes import Group
from agents.param import SettingError

DEFAULT = Scenario()
DATE = datetime.date(2019, 5, 20)


@pytest.fixture(scope="module")
def homes(world):
    """Communities of the packaged world."""
    return communities(world)


def other_world(regions: tuple[str, ...], foreign: tuple[tuple[str, str], ...] = ()):
    """Return a world with Mexican regions of origin and foreign places of origin."""
    places = [*regions, *(name for name, _ in foreign)]
    country = [*("MX" for _ in regions), *(code for _, code in foreign)]
    mexican = np.arange(len(places)) < len(regions)
    return SimpleNamespace(
        mx_origin=mexican,
        origins=lambda: list(range(len(places))),
        place_ids=places,
        country=country,
    )


def test_mexican_regions_have_the_shares_of_the_record_if_all_are_on_record(world):
    record = {r["region"]: float(r["share"]) for r in geography.table("mexico/origin_regions.csv")}
    names = tuple(record)[:2]
    found = communities(other_world(names)).share
    assert found == pytest.approx([record[n] / sum(record[m] for m in names) for n in names])
    assert communities(other_world((*names, "elsewhere"))).share == pytest.approx([1 / 3] * 3)


def test_communities_of_a_country_share_its_weight_and_other_countries_weigh_one_person():
    places = (("a", "GT"), ("b", "GT"), ("c", "HN"), ("d", "XX"))
    found = communities(other_world((), places))
    guatemala, honduras = (
        geography.apprehensions_total(2013, name) for name in ("Guatemala", "Honduras")
    )
    weights = np.array([guatemala / 2.0, guatemala / 2.0, honduras, 1.0])
    assert found.share == pytest.approx(weights / weights.sum(), rel=1e-12)
    assert found.country == ("GT", "GT", "HN", "XX") and found.count == 4
    assert (found.group == Group.NORTHERN_TRIANGLE).all()
    assert communities(other_world(("x",))).share.tolist() == [1.0]


def test_drivers_change_the_envelope_and_the_kept_share_of_their_country(homes):
    found = Supply(DEFAULT, homes)
    base, kept = found.envelope_rates(DATE).copy(), found.keep().copy()
    found.terms.policy_free = np.array([2.0, 3.0, 4.0, 5.0])
    found.terms.from_run = np.outer([0.5, 1.0, 1.0, 0.2], [1.0, 0.5, 0.25])
    found.set_drivers(np.array([1.0, 0.5, 1.0, 1.0]))
    place = np.array([COUNTRIES.index(homes.country[o]) for o in found.strata[:, 0]])
    rates = base * np.array([2.0, 3.0, 4.0, 5.0])[place]
    assert found.envelope_rates(DATE) == pytest.approx(rates)
    both = np.outer([0.5, 0.5, 1.0, 0.2], [1.0, 0.5, 0.25])
    assert found.keep() == pytest.approx(kept * both[place, found.strata[:, 2]])
    assert kept == pytest.approx(np.full(kept.size, 1.0 / found.envelope))


def test_candidates_of_a_year_are_pools_by_country_and_infinite_without_communities(homes):
    found = candidates_by_country(DEFAULT.with_settings({"supply_level": 0.5}), homes)
    pool = DEFAULT.migrants.pool
    assert found[COUNTRIES.index("MX")] == pytest.approx(0.5 * pool[Group.MEXICAN])
    foreign = [k for k, country in enumerate(COUNTRIES) if country != "MX"]
    assert found[foreign].sum() == pytest.approx(0.5 * pool[Group.NORTHERN_TRIANGLE])
    only = communities(other_world(("x",)))
    expected = [pool[Group.MEXICAN] if c == "MX" else np.inf for c in COUNTRIES]
    assert candidates_by_country(DEFAULT, only).tolist() == pytest.approx(expected)


def test_push_by_income_is_a_ratio_of_gaps():
    here = geography.country_series("GT", "gdp_per_capita_ppp_constant")
    there = geography.country_series("US", "gdp_per_capita_ppp_constant")
    gap = {year: there[year] / here[year] for year in (2013, 2016)}
    assert push("GT", 2016, 0.0, 2.0) == pytest.approx((gap[2016] / gap[2013]) ** 2)
    assert push("GT", 2016, 0.0, 0.0) == push("GT", 2013, 1.0, 1.0) == 1.0
    first = min(set(here) & set(there))
    assert push("GT", first - 9, 0.0, 1.0) == push("GT", first, 0.0, 1.0)
    both = push("HN", 2016, 0.7, 1.3)
    assert both == pytest.approx(push("HN", 2016, 0.7, 0.0) * push("HN", 2016, 0.0, 1.3))


@pytest.mark.parametrize("name", ["fy2013", "flat"])
def test_a_known_supply_passes_the_check_and_an_unknown_one_does_not(name: str):
    check_supply(DEFAULT.with_settings({"supply": name}))
    with pytest.raises(SettingError):
        check_supply(DEFAULT.with_settings({"supply": f"{name}_unknown"}))
