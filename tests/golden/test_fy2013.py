"""The base year compared with the record: two seeds of the default scenario at scale 50.

Every expected value comes from the record, not from the model, and has a wide tolerance. The
validation checks the calibration over many seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from abm import measures
from abm.model import BorderModel
from abm.scenario import Scenario
from abm.world import geography
from abm.world.routes import load_world
from abm.world.vocabulary import SECTORS
from agents.outcomes import Event, Group, Kind

SEEDS = (1, 2)
CITIZENSHIP = {Group.MEXICAN: "Mexican", Group.NORTHERN_TRIANGLE: "NTCA"}


@dataclass(frozen=True)
class Year:
    """Results of a year, averaged over two seeds."""

    models: tuple[BorderModel, ...]

    def rate(self, name: str) -> float:
        """Return the mean of a rate."""
        return float(np.mean([measures.rates(model.ledger)[name] for model in self.models]))

    def events(self, event: Event) -> np.ndarray:
        """Return persons by group and kind."""
        counts = [measures.event_counts(model.ledger)[event] for model in self.models]
        return np.mean(counts, axis=0)

    def by_sector(self) -> np.ndarray:
        """Return apprehensions by sector and group."""
        return np.mean([m.ledger.by_sector[Event.APPREHENDED_US] for m in self.models], axis=0)


@pytest.fixture(scope="module")
def year() -> Year:
    world, models = load_world(), []
    for seed in SEEDS:
        model = BorderModel(Scenario(scale=50, days=365), rng=seed, world=world)
        model.run_for(365)
        models.append(model)
    return Year(tuple(models))


@pytest.mark.parametrize(("factor", "low", "high"), [(2.0, 1.7, 2.4), (0.5, 0.4, 0.6)])
def test_apprehensions_are_nearly_proportional_to_supply(
    factor: float, low: float, high: float, year: Year
) -> None:
    """The law holds in each group.

    Even with full beds few adults are released, which attracts few others.
    """
    pools = [factor * pool for pool in Scenario().migrants.pool]
    scenario = Scenario(scale=100, days=365).with_settings({"migrants.pool": pools})
    model = BorderModel(scenario, rng=1)
    model.run_for(365)
    caught = measures.event_counts(model.ledger)[Event.APPREHENDED_US].sum(axis=1)
    ratios = caught / year.events(Event.APPREHENDED_US).sum(axis=1)
    assert ((low < ratios) & (ratios < high)).all(), ratios


@pytest.mark.parametrize("group", Group, ids=lambda g: g.name.lower())
def test_apprehensions_are_near_the_published_values(group: Group, year: Year) -> None:
    """The tolerance is 25 % of each group's published value."""
    published = geography.apprehensions_total(2013, CITIZENSHIP[group])
    assert year.events(Event.APPREHENDED_US)[group].sum() == pytest.approx(published, rel=0.25)


def test_tucson_and_the_valley_lead(year: Year) -> None:
    """The record and the model have the most apprehensions in the same two sectors."""
    record = geography.apprehensions_by_sector(2013)
    published = sorted(record, key=lambda name: -record[name])[:2]
    leading = np.argsort(-year.by_sector().sum(axis=1))[:2]
    assert {SECTORS[s] for s in leading} == set(published) == {"Tucson", "Rio Grande Valley"}


@pytest.mark.parametrize("group", Group, ids=lambda g: g.name.lower())
def test_each_group_has_its_own_leading_sector(group: Group, year: Year) -> None:
    """As in the record, Tucson leads for Mexicans and the Rio Grande Valley for all others."""
    record = geography.apprehensions_by_sector(2013, CITIZENSHIP[group])
    leading = SECTORS[int(year.by_sector()[:, group].argmax())]
    assert leading == max(record, key=lambda name: record[name])


def test_mexico_stops_about_three_in_ten(year: Year) -> None:
    """The published share is for October 2013 to April 2014."""
    file = "mexico/mexico_share_of_apprehensions.csv"
    row = geography.rows_where(file, period="Oct 2013-Apr 2014")[0]
    published = float(row["mexico_share_pct"]) / 100.0
    assert 0.25 < published < 0.35
    assert year.rate("mexico_share") == pytest.approx(published, abs=0.05)


def test_chiapas_leads_the_mexican_states(year: Year) -> None:
    """The record has three states with their own figures, in the same order as the model."""
    record = geography.mexican_interceptions_by_state("2014-01")
    states: dict[str, float] = {}
    for model in year.models:
        for name, count in measures.interceptions_by_state(model).items():
            states[name] = states.get(name, 0.0) + count
    ranked = sorted(states, key=lambda name: -states[name])
    published = sorted(record, key=lambda name: -record[name])
    assert published[0] == ranked[0] == "Chiapas"
    assert ranked[: len(published)] == published


def test_about_half_of_the_attempts_end_in_apprehension(year: Year) -> None:
    """The published repeated-trials estimate for FY2015 is 0.54."""
    metric = "apprehension_probability_RTM_between_POE"
    row = geography.rows_where("us/border_metrics.csv", metric=metric, fiscal_year=2015)[0]
    published = float(row["value"])
    assert published == 0.54
    assert 0.45 < year.rate("apprehension_probability") < 0.65
    assert 0.45 < year.rate("apprehension_probability_rtm") < 0.65


def test_fees_are_ordered_and_near_the_published_values(year: Year) -> None:
    """Both fees are near survey values. A journey from the Northern Triangle costs more."""
    rows = geography.rows_where(
        "us/smuggler_fees.csv", year=2010, group="Mexican", metric="fee_usd_real"
    )
    crossing = float(rows[0]["value"])
    item = "average payment, EMIF Sur 2010-2019"
    text = geography.rows_where("mexico/push_and_journey.csv", item=item)[0]["value"]
    journey = float(text.removeprefix("US$").replace(",", ""))
    mexican, foreign = year.rate("fee_mexican"), year.rate("fee_northern_triangle")
    assert 1.3 * mexican < foreign
    assert mexican == pytest.approx(crossing, rel=0.35)
    assert foreign == pytest.approx(journey, rel=0.35)


def test_most_people_are_guided(year: Year) -> None:
    """About nine in ten Mexicans (2012) and seven in ten others (2010-2019) pay a guide."""
    rows = geography.rows_where(
        "us/smuggler_fees.csv", year=2012, group="Mexican", metric="share_using_smuggler"
    )
    assert year.rate("smuggler_use_mexican") == pytest.approx(float(rows[0]["value"]), abs=0.15)
    assert year.rate("smuggler_use_northern_triangle") == pytest.approx(0.70, abs=0.15)
    assert year.rate("smuggler_use_mexican") > year.rate("smuggler_use_northern_triangle")


def test_children_and_families_are_a_minority(year: Year) -> None:
    """They are below a third of apprehensions in FY2013, and few families are Mexican."""
    caught = year.events(Event.APPREHENDED_US)
    assert 0.1 < caught[:, Kind.FAMILY :].sum() / caught.sum() < 0.33


def test_children_and_families_are_as_many_as_published(year: Year) -> None:
    """Their shares are within 50 % of the FY2013 record for all nationalities."""
    caught = year.events(Event.APPREHENDED_US)
    record = geography.demographics(2013).values()
    children = sum(kinds["unaccompanied_child"] for kinds in record)
    families = sum(kinds["family_member"] for kinds in record)
    assert caught[:, Kind.CHILD].sum() == pytest.approx(children, rel=0.5)
    assert caught[:, Kind.FAMILY].sum() == pytest.approx(families, rel=0.5)


def test_deaths_are_near_the_published_values(year: Year) -> None:
    """Expected deaths are within 50 % of recorded bodies, which are an undercount."""
    found = sum(geography.deaths_by_sector(2013).values())
    expected = np.mean(
        [measures.expected_deaths(m.ledger)[: len(SECTORS)].sum() for m in year.models]
    )
    assert expected == pytest.approx(found, rel=0.5)


def test_without_policies_nothing_is_spent(year: Year) -> None:
    assert all(sum(measures.dollars(model.ledger).values()) == 0 for model in year.models)


def test_two_seeds_have_similar_sector_shares(year: Year) -> None:
    """The sector shares of two seeds differ by at most a tenth in total."""
    shares = [m.ledger.by_sector[Event.APPREHENDED_US].sum(axis=1) for m in year.models]
    one, other = (share / share.sum() for share in shares)
    assert 0.5 * np.abs(one - other).sum() < 0.10
