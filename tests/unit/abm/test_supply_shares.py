"""Shares, elasticities and levels of supply, compared with direct computations."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from abm.scenario import Scenario
from abm.supply import Supply, communities, push
from abm.world import geography
from agents.labels import COUNTRIES
from agents.outcomes import Group

DEFAULT = Scenario()
DATE = datetime.date(2019, 5, 20)


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
    shares = communities(other_world(names)).share
    assert shares == pytest.approx([record[n] / sum(record[m] for m in names) for n in names])
    assert communities(other_world((*names, "elsewhere"))).share == pytest.approx([1 / 3] * 3)


def test_communities_of_a_country_share_its_weight_and_other_countries_weigh_one_person():
    places = (("a", "GT"), ("b", "GT"), ("c", "HN"), ("d", "XX"))
    homes = communities(other_world((), places))
    guatemala, honduras = (
        geography.apprehensions_total(2013, name) for name in ("Guatemala", "Honduras")
    )
    weights = np.array([guatemala / 2.0, guatemala / 2.0, honduras, 1.0])
    assert homes.share == pytest.approx(weights / weights.sum(), rel=1e-12)
    assert homes.country == ("GT", "GT", "HN", "XX") and homes.count == 4
    assert (homes.group == Group.NORTHERN_TRIANGLE).all()
    assert communities(other_world(("x",))).share.tolist() == [1.0]


def test_drivers_change_the_envelope_and_the_kept_share_of_their_country(homes):
    supply = Supply(DEFAULT, homes)
    base, keep = supply.envelope_rates(DATE).copy(), supply.keep().copy()
    supply.terms.policy_free = np.array([2.0, 3.0, 4.0, 5.0])
    supply.terms.from_run = np.outer([0.5, 1.0, 1.0, 0.2], [1.0, 0.5, 0.25])
    supply.set_drivers(np.array([1.0, 0.5, 1.0, 1.0]))
    place = np.array([COUNTRIES.index(homes.country[o]) for o in supply.strata[:, 0]])
    rates = base * np.array([2.0, 3.0, 4.0, 5.0])[place]
    assert supply.envelope_rates(DATE) == pytest.approx(rates)
    both = np.outer([0.5, 0.5, 1.0, 0.2], [1.0, 0.5, 0.25])
    assert supply.keep() == pytest.approx(keep * both[place, supply.strata[:, 2]])
    assert keep == pytest.approx(np.full(keep.size, 1.0 / supply.envelope))


def test_push_is_the_product_of_ratios_of_homicide_and_of_income_gaps():
    home, us = (geography.country_series(c, "gdp_per_capita_ppp_constant") for c in ("HN", "US"))
    violence = geography.country_series("HN", "homicide_rate_unodc")
    gap = (us[2016] / home[2016]) / (us[2013] / home[2013])
    rise = violence[2016] / violence[2013]
    assert push("HN", 2016, 0.7, 1.3) == pytest.approx(rise**0.7 * gap**1.3)
    assert push("HN", 2016, 0.0, 0.0) == push("HN", 2013, 1.0, 1.0) == 1.0
    first = min(set(home) & set(us))  # outside the record, the nearest year applies
    assert push("HN", first - 9, 0.0, 1.0) == push("HN", first, 0.0, 1.0) != 1.0
