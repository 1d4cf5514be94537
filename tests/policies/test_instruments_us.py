"""Test levers and costs of U.S. instruments: line, ports, consequences and legal pathways."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import Inputs, Policy, pull_all
from abm.policies.aerial_surveillance import AerialSurveillance
from abm.policies.border_management_plan import BorderManagementPlan
from abm.policies.cameras_and_sensors import CamerasAndSensors
from abm.policies.consequence_capacity import ConsequenceCapacity
from abm.policies.legal_pathways import LegalPathways
from abm.policies.no_cooperation import NoCooperation
from abm.policies.patrol_effort import PatrolEffort
from abm.policies.remain_in_mexico import RemainInMexico
from abm.policies.sector_allocation import SectorAllocation
from abm.policies.smart_infrastructure import SmartInfrastructure
from abm.policies.smuggler_prosecution import SmugglerProsecution
from abm.policies.southern_border_control import SouthernBorderControl
from abm.policies.trade_facilitation import TradeFacilitation
from abm.policies.trusted_shippers import TrustedShippers
from abm.policies.trusted_travellers import TrustedTravellers
from abm.policies.worksite_enforcement import WorksiteEnforcement
from abm.world.geography import rows_where, usbp_staffing
from abm.world.routes import SECTORS
from agents.labels import COUNTRIES
from agents.levers import LEVERS, Levers
from agents.param import params_of

FIRST = datetime.date(2012, 10, 1).toordinal()
LAST = FIRST + 1_095
FULL = FIRST + 729  # after two years, when construction is complete
NEW = (
    AerialSurveillance,
    BorderManagementPlan,
    ConsequenceCapacity,
    LegalPathways,
    PatrolEffort,
    RemainInMexico,
    SectorAllocation,
    SmartInfrastructure,
    SmugglerProsecution,
    TradeFacilitation,
    TrustedShippers,
    TrustedTravellers,
    WorksiteEnforcement,
)
NEEDS = {
    "border_management_plan": "operations",
    "trusted_shippers": "accords",
    "remain_in_mexico": "accords",
}

every = pytest.mark.parametrize("cls", NEW, ids=[cls.id for cls in NEW])


def on(
    cls: type[Policy],
    levers: Levers,
    inputs: Inputs,
    day: int = FULL,
    dose: float = 1.0,
    **numbers: Any,
) -> Levers:
    """Apply one policy over the whole run, with some of its parameters changed."""
    policy = dataclasses.replace(cls(dose=dose, start=FIRST, end=LAST), **numbers)
    pull_all((policy,), levers, day, inputs)
    return levers


def with_settings(inputs: Inputs, **changes: Any) -> Inputs:
    """Return the base year with changed settings; "__" in a keyword is the dot of its path."""
    overrides = {path.replace("__", "."): value for path, value in changes.items()}
    return dataclasses.replace(inputs, settings=inputs.settings.with_settings(overrides))


def with_port_staff(inputs: Inputs) -> Inputs:
    """Return the base year with a different number of officers and booths at each port."""
    size = len(inputs.world.ports)
    return dataclasses.replace(
        inputs,
        ports_base=100.0 * np.arange(1.0, size + 1.0),
        booths_base=np.arange(size, 0.0, -1.0),
    )


# ---- where policies act -- -------------------------------------------------------------------
@every
def test_us_units_act_by_us_sector_only(cls: type[Policy], inputs: Inputs, levers: Levers) -> None:
    """U.S. agents, tempo, sensors and fence are by U.S. sector; no lever by place is pulled."""
    on(cls, levers, with_port_staff(inputs), dose=cls.high)
    for name in ("us_officers", "us_moved", "us_effort", "sensors", "fence"):
        assert LEVERS[name].by == "sector" and getattr(levers, name).shape == (len(SECTORS),)
    assert not any(
        array.any() for name, array in levers.copy().items() if LEVERS[name].by in ("place", "leg")
    )
    assert not any(name.startswith("mx_") or name == "gendarmes" for name in cls.lever_names)


@every
def test_policies_need_mexico_where_mexico_acts(cls: type[Policy]) -> None:
    """Only joint maps, Mexican validation and waiting in Mexico need cooperation."""
    assert cls.area == NEEDS.get(cls.id, "")
    assert cls.needs_mexico == (cls.id in NEEDS)


@every
def test_mexico_pays_only_for_policies_that_need_mexico(cls: type[Policy]) -> None:
    """Mexico pays for policies in which it acts, and not for U.S. policies."""
    assert ("mexico" in cls.full_programme().dollars()) == cls.needs_mexico


@every
def test_policies_work_in_a_world_without_ports(cls: type[Policy], inputs: Inputs) -> None:
    """Without ports the levers have no port entries and all values stay finite."""
    world = inputs.world
    portless = Levers(sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=0)
    after = on(cls, portless, inputs, dose=cls.high).copy()
    assert all(np.isfinite(array).all() for array in after.values())


@every
def test_shares_stay_in_bounds_at_the_highest_dose(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """A lever that is a share of travellers, trucks, time or people stays in [0, 1]."""
    on(cls, levers, inputs, dose=cls.high)
    for name in (
        "map_noise",
        "map_lag",
        "trusted_travellers",
        "trusted_trucks",
        "validation",
        "truck_time",
        "wait_in_mexico",
    ):
        assert 0.0 <= getattr(levers, name)[0] <= 1.0, name


# ---- failure conditions -----------------------------------------------------------------------


# ---- the line ---------------------------------------------------------------------------------
def test_overtime_fades_by_its_half_life(levers: Levers, inputs: Inputs) -> None:
    """Tempo rises by a quarter in every sector and halves after the half-life."""
    year = FIRST + round(365.25)
    months = inputs.settings.mexico.fatigue_half_life
    start = on(PatrolEffort, levers, inputs, FIRST + 29).us_effort.copy()
    remaining = 0.5 ** (29.0 * 12.0 / (months * 365.25))
    np.testing.assert_allclose(start, 0.25 * remaining, rtol=1e-12)
    tired = on(PatrolEffort, levers, inputs, year, stamina=12.0 / months).us_effort.copy()
    np.testing.assert_allclose(tired, 0.125, rtol=1e-3)
    assert (on(PatrolEffort, levers, inputs, year).us_effort > tired).all()


@pytest.mark.parametrize("half_life", [12.0, 36.0, 240.0])
def test_overtime_fades_at_the_same_rate_in_both_countries(
    levers: Levers, inputs: Inputs, half_life: float
) -> None:
    """One half-life applies to both countries: the raised tempo loses the same share."""
    changed = with_settings(inputs, mexico__fatigue_half_life=half_life)
    days = FIRST + 90, FIRST + 90 + 365
    ratios = []
    for cls, lever in ((PatrolEffort, "us_effort"), (SouthernBorderControl, "mx_effort")):
        early, late = (getattr(on(cls, levers, changed, day), lever).max() for day in days)
        ratios.append(late / early)
    assert ratios == pytest.approx([0.5 ** (365.0 * 12.0 / (half_life * 365.25))] * 2)


def test_overtime_costs_a_share_of_the_wage_bill() -> None:
    """The cost is a quarter of 18,500 agents at $171,400, times a wage share of 0.65."""
    assert PatrolEffort.full_programme().dollars() == pytest.approx(
        {"us": 0.25 * 18_500 * 171_400 * 0.65}
    )
    assert params_of(PatrolEffort)["agents"].value == sum(usbp_staffing(2013).values())


# ---- officers between the line and ports ------------------------------------------------------
def test_officers_are_split_between_line_and_ports(levers: Levers, inputs: Inputs) -> None:
    """Half of 3,500 hired officers go to ports; 500 agents move from the line to ports."""
    on(SectorAllocation, levers, with_port_staff(inputs), moved=500.0)
    assert levers.us_officers.sum() == pytest.approx(1_750.0)
    assert levers.us_moved.sum() == pytest.approx(-500.0)
    assert levers.port_officers.sum() == pytest.approx(1_750.0 + 500.0)
    np.testing.assert_allclose(
        levers.us_officers / levers.us_officers.sum(), inputs.us_base / inputs.us_base.sum()
    )
    np.testing.assert_allclose(levers.port_officers, 2_250.0 * np.arange(1.0, 9.0) / 36.0)


def test_hires_and_moves_are_two_numbers(levers: Levers, inputs: Inputs) -> None:
    """The dose multiplies the hires; the number of moves is absolute and none by default."""
    base = with_port_staff(inputs)
    once = on(SectorAllocation, levers, base, moved=500.0).copy()
    thrice = on(SectorAllocation, levers, base, dose=3.0, moved=500.0).copy()
    np.testing.assert_allclose(thrice["us_officers"], 3.0 * once["us_officers"])
    np.testing.assert_array_equal(thrice["us_moved"], once["us_moved"])
    none = on(SectorAllocation, levers, base).copy()
    assert not none["us_moved"].any()
    np.testing.assert_array_equal(none["us_officers"], once["us_officers"])
    scaled = on(SectorAllocation, levers, base, moved=250.0).copy()
    np.testing.assert_allclose(scaled["us_moved"], once["us_moved"] / 2.0)
    np.testing.assert_array_equal(scaled["us_officers"], once["us_officers"])


@given(moved=st.floats(-10_000.0, 10_000.0), dose=st.floats(0.01, 4.0), after=st.integers(0, 900))
def test_moving_conserves_officers(inputs: Inputs, moved: float, dose: float, after: int) -> None:
    """The number of officers is conserved, and every sector and port retains half its base."""
    world, base = inputs.world, with_port_staff(inputs)
    levers = Levers(
        sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=len(world.ports)
    )
    on(SectorAllocation, levers, base, FIRST + after, dose, added=0.0, moved=moved)
    assert levers.us_moved.sum() + levers.port_officers.sum() == pytest.approx(0.0, abs=1e-6)
    assert (inputs.us_base + levers.us_moved >= 0.5 * inputs.us_base - 1e-6).all()
    assert (base.ports_base + levers.port_officers >= 0.5 * base.ports_base - 1e-6).all()
    assert levers.port_officers.sum() * moved >= 0.0


def test_ports_without_staff_data_share_officers_evenly(levers: Levers, inputs: Inputs) -> None:
    """Without a base at ports, added officers are split evenly and none can be moved away."""
    even = on(SectorAllocation, levers, inputs, moved=500.0).port_officers.copy()
    np.testing.assert_allclose(even, 2_250.0 / len(inputs.world.ports))
    for base in (np.zeros(0), np.zeros(len(inputs.world.ports))):
        unstaffed = dataclasses.replace(inputs, ports_base=base)
        on(SectorAllocation, levers, unstaffed, added=0.0, moved=-500.0)
        assert not levers.us_moved.any() and not levers.port_officers.any()


def test_without_ports_all_officers_stay_on_the_line(inputs: Inputs) -> None:
    """In a world without ports, all new officers are at the line and none leaves it."""
    world = inputs.world
    portless = Levers(sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=0)
    on(SectorAllocation, portless, inputs, moved=500.0)
    assert portless.us_officers.sum() == pytest.approx(3_500.0) and not portless.us_moved.any()


# ---- ports ------------------------------------------------------------------------------------
def test_the_effect_of_the_joint_map_saturates(levers: Levers, inputs: Inputs) -> None:
    """Returns diminish: 63 % of the maximum at dose 1, 86 % at dose 2."""
    for dose, part in ((1.0, 0.632121), (2.0, 0.864665)):
        on(BorderManagementPlan, levers, inputs, dose=dose)
        assert levers.map_noise[0] == pytest.approx(0.2 * part, rel=1e-5)
        assert levers.map_lag[0] == pytest.approx(0.2 * part, rel=1e-5)
        assert levers.port_targeting[0] == pytest.approx(0.25 * part, rel=1e-5)
    half = on(BorderManagementPlan, levers, inputs, FIRST + 89)
    assert half.port_targeting[0] == pytest.approx(0.25 * 0.632121 / 2.0, rel=1e-5)


def test_port_targeting_gains_from_map_errors(levers: Levers, inputs: Inputs) -> None:
    """Targeting at ports is proportional to the error of the maps, up to the baseline error."""
    usual = on(BorderManagementPlan, levers, inputs).port_targeting[0]
    failing = {path.replace(".", "__"): v for path, v in BorderManagementPlan.failing.items()}
    accurate = with_settings(inputs, **failing)
    assert on(BorderManagementPlan, levers, accurate).port_targeting[0] < 0.4 * usual
    perfect = with_settings(inputs, **dict.fromkeys(failing, 0.0))
    assert on(BorderManagementPlan, levers, perfect).port_targeting[0] == 0.0
    good = with_settings(inputs, border_patrol__map_noise=0.0, border_patrol__map_lag=0.0)
    halved = on(BorderManagementPlan, levers, good).port_targeting[0]
    assert halved == pytest.approx(usual / 2.0)
    worse = with_settings(inputs, mexico__map_noise=2.0, mexico__map_lag=90.0)
    assert on(BorderManagementPlan, levers, worse).port_targeting[0] == usual


def test_each_dose_enrols_a_share_of_the_remaining_travellers(
    levers: Levers, inputs: Inputs
) -> None:
    """Each dose enrols a tenth of the rest; half of them after half a year."""
    assert on(TrustedTravellers, levers, inputs).trusted_travellers[0] == pytest.approx(0.1)
    assert on(TrustedTravellers, levers, inputs, dose=2.0).trusted_travellers[0] == pytest.approx(
        0.19
    )
    half = on(TrustedTravellers, levers, inputs, FIRST + 181).trusted_travellers[0]
    assert half == pytest.approx(0.1 * 182.0 / 365.0)


def test_trusted_shippers_join_and_are_validated(levers: Levers, inputs: Inputs) -> None:
    """Shares of trucks and validation compound; both treasuries share the cost."""
    on(TrustedShippers, levers, inputs, dose=2.0)
    assert levers.trusted_trucks[0] == pytest.approx(1.0 - 0.9**2)
    assert levers.validation[0] == pytest.approx(1.0 - 0.2**2)
    early = on(TrustedShippers, levers, inputs, FIRST + 72).validation[0]
    assert early == pytest.approx(0.8 * 73.0 / 365.0)
    assert TrustedShippers.full_programme().dollars() == {"us": 35e6, "mexico": 15e6}


def test_new_booths_follow_existing_booths_and_have_officers(
    levers: Levers, inputs: Inputs
) -> None:
    """60 booths with ten officers each, proportional to booths; half of them after a year."""
    on(SmartInfrastructure, levers, with_port_staff(inputs))
    np.testing.assert_allclose(levers.port_booths, 60.0 * np.arange(8.0, 0.0, -1.0) / 36.0)
    np.testing.assert_allclose(levers.port_officers, 10.0 * levers.port_booths)
    half = on(SmartInfrastructure, levers, with_port_staff(inputs), FIRST + 364)
    assert half.port_booths.sum() == pytest.approx(30.0)
    assert half.truck_time[0] == pytest.approx(0.025)
    even = on(SmartInfrastructure, levers, inputs).port_booths
    np.testing.assert_allclose(even, 7.5)


def test_tolls_cover_their_declared_costs() -> None:
    """Tolls cover 3/4 of construction over 25 years, 5 % upkeep and officers at $171,400."""
    due = 60 * 12.7e6 * (0.75 / 25.0 + 0.05) + 60 * 10 * 171_400
    assert due < SmartInfrastructure.full_programme().dollars()["users"] < 1.2 * due


def test_trade_facilitation_cuts_truck_time(levers: Levers, inputs: Inputs) -> None:
    """Each dose cuts 15 % of the remaining time; 5 % of the other trucks join the trusted lane."""
    on(TradeFacilitation, levers, inputs, dose=2.0)
    assert levers.truck_time[0] == pytest.approx(1.0 - 0.85**2)
    assert levers.trusted_trucks[0] == pytest.approx(1.0 - 0.95**2)
    assert on(TradeFacilitation, levers, inputs, FIRST + 72).truck_time[0] == pytest.approx(0.03)
    assert TradeFacilitation.full_programme().dollars() == {"us": 40e6, "users": 10e6}


# ---- consequences and legal pathways ----------------------------------------------------------
def test_capacity_grows_linearly_to_its_full_size(levers: Levers, inputs: Inputs) -> None:
    """Beds, court places and asylum officers reach half after 4.5 months, linear in the dose."""
    for day, dose, part in ((FIRST + 134, 1.0, 0.5), (FULL, 1.0, 1.0), (FULL, 4.0, 4.0)):
        on(ConsequenceCapacity, levers, inputs, day, dose)
        assert levers.beds[0] == pytest.approx(10_000.0 * part)
        assert levers.courts[0] == pytest.approx(100.0 * part)
        assert levers.asylum_officers[0] == pytest.approx(300.0 * part)


def _by_group(levers: Levers) -> tuple[float, float]:
    """Return the additional visas of Mexicans and of the Northern Triangle."""
    mexico = COUNTRIES.index("MX")
    return levers.visas_by_country[mexico], np.delete(levers.visas_by_country, mexico).sum()


def test_visas_are_by_group_and_the_fee_is_never_negative(levers: Levers, inputs: Inputs) -> None:
    """Dose 1 adds 60,000 and 30,000 visas per year; the fee falls to zero at most."""
    on(LegalPathways, levers, inputs)
    np.testing.assert_allclose(_by_group(levers), (60_000.0, 30_000.0))
    assert levers.visa_fee[0] == -150.0
    twice = on(LegalPathways, levers, inputs, FIRST + 89, 2.0)
    np.testing.assert_allclose(_by_group(twice), (60_000.0, 30_000.0))
    assert twice.visa_fee[0] == -75.0
    cheap = with_settings(inputs, migrants__legal_fee=100.0)
    assert on(LegalPathways, levers, cheap).visa_fee[0] == -100.0


def test_excluded_countries_receive_no_visas_and_others_receive_theirs(
    levers: Levers, inputs: Inputs
) -> None:
    """Without Hondurans, Guatemalans and Salvadorans divide the visas of the group."""
    weights = tuple(float(country != "HN") for country in COUNTRIES)
    on(LegalPathways, levers, inputs, countries=weights)
    by_country = dict(zip(COUNTRIES, levers.visas_by_country, strict=True))
    assert by_country["HN"] == 0.0 and by_country["GT"] / by_country["SV"] == pytest.approx(
        3_986 / 520
    )
    np.testing.assert_allclose(_by_group(levers), (60_000.0, 30_000.0))


def test_the_share_that_waits_in_mexico_is_at_most_one(levers: Levers, inputs: Inputs) -> None:
    """Half of released migrants wait at dose 1, all at dose 2; the share ramps up over months."""
    assert on(RemainInMexico, levers, inputs).wait_in_mexico[0] == 0.5
    assert on(RemainInMexico, levers, inputs, dose=2.0).wait_in_mexico[0] == 1.0
    assert on(RemainInMexico, levers, inputs, dose=2.0, share=0.9).wait_in_mexico[0] == 1.0
    assert on(RemainInMexico, levers, inputs, FIRST + 44).wait_in_mexico[0] == 0.125
    assert RemainInMexico.full_programme().dollars() == {"us": 120e6, "mexico": 30e6}


def test_waiting_in_mexico_ends_with_cooperation(levers: Levers, inputs: Inputs) -> None:
    """Under no_cooperation the share that waits in Mexico is 0."""
    wait = RemainInMexico(dose=1.0, start=FIRST, end=LAST)
    pull_all((wait, NoCooperation(dose=1.0, start=FIRST, end=LAST)), levers, FULL, inputs)
    assert levers.wait_in_mexico[0] == 0.0


# ---- data sources -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cls", "number", "file", "match"),
    [
        (
            SectorAllocation,
            "cost_per_officer",
            "us/enforcement_costs_infrastructure.csv",
            {"metric": "cost_per_CBP_officer_year_usd"},
        ),
        (
            PatrolEffort,
            "cost_per_agent",
            "us/enforcement_costs_infrastructure.csv",
            {"metric": "cost_per_CBP_officer_year_usd"},
        ),
        (
            ConsequenceCapacity,
            "bed_day",
            "drivers/costs.csv",
            {"item": "detention bed, adult, per day FY2016"},
        ),
        (ConsequenceCapacity, "team", "drivers/costs.csv", {"item": "EOIR budget per judge"}),
    ],
)
def test_sourced_parameters_equal_their_data_rows(
    cls: type[Policy], number: str, file: str, match: dict[str, str]
) -> None:
    """A parameter whose source is a row of the data equals the value in that row."""
    declared = params_of(cls)[number]
    assert declared.source.startswith(file)
    assert float(rows_where(file, **match)[0]["value"]) == declared.value


def test_traffic_and_cases_match_the_data() -> None:
    """Crossings and cases per year match the sums of their data rows."""
    volumes = {
        row["measure"]: float(row["value"])
        for row in rows_where("drivers/ports_year.csv", scope="border_total", year="2013")
    }
    trusted = float(
        rows_where(
            "us/poe_inspection_drugs_visas.csv",
            year="2013",
            metric="SENTRI_vehicle_entries_million",
        )[0]["value"]
    )
    ordinary = volumes["personal_vehicles"] + volumes["trucks"] - trusted * 1e6
    assert params_of(SmartInfrastructure)["traffic"].value == pytest.approx(ordinary, rel=0.01)
    summer = sum(
        float(rows_where("mexico/mpp_monthly.csv", month=f"2019-{m:02d}")[0]["new_mpp_cases"])
        for m in (5, 6, 7, 8)
    )
    assert summer == 35_348.0
    assert params_of(RemainInMexico)["cases"].value == pytest.approx(3.0 * summer, rel=0.1)


# ---- earnings, aircraft ------------------------------------------------------------------------
def test_each_dose_of_worksite_checks_takes_the_same_share_of_earnings(
    inputs: Inputs, levers: Levers
) -> None:
    """A full mandate lowers earnings by the published fall once all employers are covered."""
    once = on(WorksiteEnforcement, levers, inputs).copy()["us_earnings"][0]
    twice = on(WorksiteEnforcement, levers, inputs, dose=2.0).us_earnings[0]
    assert once == pytest.approx(0.6058 * 0.078 + 0.3942 * 0.012, abs=5e-4)
    assert 1.0 - twice == pytest.approx((1.0 - once) ** 2)


def test_the_fleet_of_the_audit_watches_a_small_part_of_the_line(
    inputs: Inputs, levers: Levers
) -> None:
    """170 miles for 22 % of 16 hours a day are 25 miles of line for the whole day."""
    watched = on(AerialSurveillance, levers, inputs).sensors
    policy = AerialSurveillance.full_programme()
    miles = float((watched * np.array(policy.line_miles)).sum())
    assert 0.9 * 25.0 < miles < 170.0 * 0.22 * 16.0 / 24.0
    tower_mile = CamerasAndSensors.full_programme()
    assert policy.dollars_at_one / miles > 2.0 * tower_mile.dollars_at_one / (150.0 * 6.5)
