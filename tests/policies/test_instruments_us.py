"""What the instruments at the line, at ports, behind an apprehension and of law pull and cost."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import Policy, Seen, pull_all
from abm.policies.border_management_plan import BorderManagementPlan
from abm.policies.cameras_and_sensors import CamerasAndSensors
from abm.policies.consequence_capacity import ConsequenceCapacity
from abm.policies.fence import Fence
from abm.policies.legal_pathways import LegalPathways
from abm.policies.no_cooperation import NoCooperation
from abm.policies.patrol_effort import PatrolEffort
from abm.policies.patrol_surge import PatrolSurge
from abm.policies.remain_in_mexico import RemainInMexico
from abm.policies.sector_allocation import SectorAllocation
from abm.policies.smart_infrastructure import SmartInfrastructure
from abm.policies.southern_border_control import SouthernBorderControl
from abm.policies.trade_facilitation import TradeFacilitation
from abm.policies.trusted_shippers import TrustedShippers
from abm.policies.trusted_travellers import TrustedTravellers
from abm.scenario import Scenario
from abm.world.geography import rows_where, usbp_staffing
from abm.world.routes import SECTORS
from agents.levers import LEVERS, Levers
from agents.outcomes import Event
from agents.param import SettingError, params_of

FIRST = datetime.date(2012, 10, 1).toordinal()
LAST = FIRST + 1_095
FULL = FIRST + 729  # everything is built, two years in
NEW = (
    BorderManagementPlan,
    ConsequenceCapacity,
    LegalPathways,
    PatrolEffort,
    RemainInMexico,
    SectorAllocation,
    SmartInfrastructure,
    TradeFacilitation,
    TrustedShippers,
    TrustedTravellers,
)
ALL = (*NEW, CamerasAndSensors, Fence, PatrolSurge)
NEEDS = {
    "border_management_plan": "operations",
    "trusted_shippers": "accords",
    "remain_in_mexico": "accords",
}
COMING = ("ports", "governments", "push")  # groups of settings that a scenario may lack as yet

every = pytest.mark.parametrize("cls", NEW, ids=[cls.id for cls in NEW])
every_failing = pytest.mark.parametrize("cls", ALL, ids=[cls.id for cls in ALL])


def on(
    cls: type[Policy],
    levers: Levers,
    seen: Seen,
    day: int = FULL,
    dose: float = 1.0,
    **numbers: Any,
) -> Levers:
    """Pull one policy, for the whole run, with some of its numbers changed."""
    policy = dataclasses.replace(cls(dose=dose, start=FIRST, end=LAST), **numbers)
    pull_all((policy,), levers, day, seen)
    return levers


def told(seen: Seen, **changes: Any) -> Seen:
    """The same base year under other settings, by dotted path with two underscores."""
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    return dataclasses.replace(seen, settings=seen.settings.with_settings(paths))


def staffed(seen: Seen) -> Seen:
    """The same base year with officers and booths at eight different ports."""
    size = len(seen.world.ports)
    return dataclasses.replace(
        seen,
        ports_base=100.0 * np.arange(1.0, size + 1.0),
        booths_base=np.arange(size, 0.0, -1.0),
    )


# ---- where policies may act -------------------------------------------------------------------
@every
def test_no_us_unit_stands_in_mexico(cls: type[Policy], seen: Seen, levers: Levers) -> None:
    """U.S. agents, tempo, sensors and fence are by U.S. sector; nothing is pulled by place."""
    on(cls, levers, staffed(seen), dose=cls.high)
    for name in ("us_officers", "us_effort", "sensors", "fence"):
        assert LEVERS[name].by == "sector" and getattr(levers, name).shape == (len(SECTORS),)
    assert not any(
        array.any() for name, array in levers.copy().items() if LEVERS[name].by in ("place", "leg")
    )
    assert not any(name.startswith("mx_") or name == "gendarmes" for name in cls.lever_names)


@every
def test_needs_mexico_where_mexico_has_to_act(cls: type[Policy]) -> None:
    """Joint maps, Mexican validation and waiting in Mexico need it; the rest the U.S. can do."""
    assert cls.area == NEEDS.get(cls.id, "")
    assert cls.needs_mexico == (cls.id in NEEDS)


@every
def test_mexico_pays_only_for_what_needs_mexico(cls: type[Policy]) -> None:
    """Mexico pays for policies in which it acts, and not for U.S. policies."""
    assert ("mexico" in cls.full_programme().dollars()) == cls.needs_mexico


@every
def test_a_world_without_ports_is_no_error(cls: type[Policy], seen: Seen) -> None:
    """With no port there are no entries to pull and all numbers stay finite."""
    world = seen.world
    bare = Levers(sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=0)
    after = on(cls, bare, seen, dose=cls.high).copy()
    assert all(np.isfinite(array).all() for array in after.values())


@every
def test_shares_stay_shares_at_the_largest_dose(
    cls: type[Policy], seen: Seen, levers: Levers
) -> None:
    """A lever that is a share of travellers, trucks, time or people is never above all of it."""
    on(cls, levers, seen, dose=cls.high)
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


# ---- where they fail --------------------------------------------------------------------------
@every_failing
def test_it_says_under_which_settings_it_fails(cls: type[Policy]) -> None:
    """Every setting exists and takes the value, and is another one than in the base case."""
    assert cls.failing
    for path, value in cls.failing.items():
        group, _, rest = path.partition(".")
        if group == "policies":
            owner, _, number = rest.partition(".")
            policy = cls.full_programme()
            assert owner == cls.id and getattr(policy, number) != value
            assert getattr(dataclasses.replace(policy, **{number: value}), number) == value
        elif hasattr(Scenario(), group):
            base = Scenario()
            assert base.with_settings({path: value}) != base, path
        else:
            assert group in COMING, path


def test_a_setting_that_does_not_exist_would_be_noticed() -> None:
    """The check above can fail: an unknown path and a value out of bounds are refused."""
    for path, value in (("contest.etta", 0.0), ("consequences.beds", 1e9)):
        with pytest.raises(SettingError):
            Scenario().with_settings({path: value})


@every_failing
def test_the_sign_that_is_declared_is_of_a_known_event(cls: type[Policy]) -> None:
    """Only the tempo, staff and sensors are sure of their sign at once."""
    assert all(event in Event.__members__ for event in cls.monotone)
    assert {cls.id for cls in NEW if cls.monotone} == {"patrol_effort"}


# ---- the line ---------------------------------------------------------------------------------
def test_overtime_fatigues_by_the_rule_of_both_countries(levers: Levers, seen: Seen) -> None:
    """A quarter more tempo in every sector; half of it is left after the half-life."""
    year = FIRST + round(365.25)
    months = seen.settings.mexico.fatigue_half_life
    start = on(PatrolEffort, levers, seen, FIRST + 29).us_effort.copy()
    left = 0.5 ** (29.0 * 12.0 / (months * 365.25))
    np.testing.assert_allclose(start, 0.25 * left, rtol=1e-12)
    tired = on(PatrolEffort, levers, seen, year, stamina=12.0 / months).us_effort.copy()
    np.testing.assert_allclose(tired, 0.125, rtol=1e-3)
    assert (on(PatrolEffort, levers, seen, year).us_effort > tired).all()


def test_overtime_takes_weeks_and_grows_with_dose(levers: Levers, seen: Seen) -> None:
    """Half of the tempo half way through the ramp; twice the dose is twice the tempo."""
    half = on(PatrolEffort, levers, seen, FIRST + 14, stamina=50.0).us_effort.copy()
    np.testing.assert_allclose(half, 0.125, rtol=1e-3)
    twice = on(PatrolEffort, levers, seen, FIRST + 14, 2.0, stamina=50.0).us_effort
    np.testing.assert_allclose(twice, 2.0 * half)


@pytest.mark.parametrize("half_life", [12.0, 36.0, 240.0])
def test_overtime_fatigues_as_it_does_in_mexico(
    levers: Levers, seen: Seen, half_life: float
) -> None:
    """One number moves both countries, and a raised tempo loses the same share of itself."""
    asked = told(seen, mexico__fatigue_half_life=half_life)
    days = FIRST + 90, FIRST + 90 + 365
    kept = []
    for cls, lever in ((PatrolEffort, "us_effort"), (SouthernBorderControl, "mx_effort")):
        early, late = (getattr(on(cls, levers, asked, day), lever).max() for day in days)
        kept.append(late / early)
    assert kept == pytest.approx([0.5 ** (365.0 * 12.0 / (half_life * 365.25))] * 2)


def test_overtime_is_paid_by_the_wage_bill() -> None:
    """A quarter of 18,500 agents at $171,400, at 65 cents of wages for a unit of tempo."""
    assert PatrolEffort.full_programme().dollars() == pytest.approx(
        {"us": 0.25 * 18_500 * 171_400 * 0.65}
    )
    assert params_of(PatrolEffort)["agents"].value == sum(usbp_staffing(2013).values())


# ---- officers between the line and ports ------------------------------------------------------
def test_officers_are_split_between_line_and_ports(levers: Levers, seen: Seen) -> None:
    """Of 3,500 hired half go to ports, and 500 agents follow from the line."""
    on(SectorAllocation, levers, staffed(seen))
    assert levers.us_officers.sum() == pytest.approx(1_750.0 - 500.0)
    assert levers.port_officers.sum() == pytest.approx(1_750.0 + 500.0)
    np.testing.assert_allclose(
        levers.us_officers / levers.us_officers.sum(), seen.us_base / seen.us_base.sum()
    )
    np.testing.assert_allclose(levers.port_officers, 2_250.0 * np.arange(1.0, 9.0) / 36.0)


@given(moved=st.floats(-10_000.0, 10_000.0), dose=st.floats(0.01, 4.0), after=st.integers(0, 900))
def test_moving_conserves_officers(seen: Seen, moved: float, dose: float, after: int) -> None:
    """The number of officers is conserved, and every sector and port retains half its base."""
    world, base = seen.world, staffed(seen)
    levers = Levers(
        sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=len(world.ports)
    )
    on(SectorAllocation, levers, base, FIRST + after, dose, added=0.0, moved=moved)
    assert levers.us_officers.sum() + levers.port_officers.sum() == pytest.approx(0.0, abs=1e-6)
    assert (seen.us_base + levers.us_officers >= 0.5 * seen.us_base - 1e-6).all()
    assert (base.ports_base + levers.port_officers >= 0.5 * base.ports_base - 1e-6).all()
    assert levers.port_officers.sum() * moved >= 0.0


def test_moving_stops_at_half_of_a_base(levers: Levers, seen: Seen) -> None:
    """More is asked for than can go: half of each sector goes one way, of each port the other."""
    base = staffed(seen)
    on(SectorAllocation, levers, base, dose=4.0, added=0.0, moved=10_000.0)
    np.testing.assert_allclose(levers.us_officers, -0.5 * seen.us_base)
    on(SectorAllocation, levers, base, dose=4.0, added=0.0, moved=-10_000.0)
    np.testing.assert_allclose(levers.port_officers, -0.5 * base.ports_base)
    kept = on(SectorAllocation, levers, base, dose=4.0, added=0.0, moved=10_000.0, keep=0.8)
    np.testing.assert_allclose(kept.us_officers, -0.2 * seen.us_base)


def test_moving_takes_less_time_than_hiring(levers: Levers, seen: Seen) -> None:
    """Half of those moved are there after a month, half of those hired after three."""
    moved = on(SectorAllocation, levers, staffed(seen), FIRST + 29, added=0.0).us_officers.sum()
    assert moved == pytest.approx(-250.0)
    hired = on(SectorAllocation, levers, staffed(seen), FIRST + 89, moved=0.0)
    assert hired.us_officers.sum() + hired.port_officers.sum() == pytest.approx(1_750.0)


def test_ports_whose_staff_is_unknown_share_evenly(levers: Levers, seen: Seen) -> None:
    """With no base at ports those who come are spread evenly, and nobody can be taken away."""
    even = on(SectorAllocation, levers, seen).port_officers.copy()
    np.testing.assert_allclose(even, 2_250.0 / len(seen.world.ports))
    for base in (np.zeros(0), np.zeros(len(seen.world.ports))):
        bare = dataclasses.replace(seen, ports_base=base)
        on(SectorAllocation, levers, bare, added=0.0, moved=-500.0)
        assert not levers.us_officers.any() and not levers.port_officers.any()


def test_without_ports_all_officers_stay_on_the_line(seen: Seen) -> None:
    """In a world without ports, all new officers are at the line and none leaves it."""
    world = seen.world
    bare = Levers(sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=0)
    assert on(SectorAllocation, bare, seen).us_officers.sum() == pytest.approx(3_500.0)


def test_moving_is_free_and_hiring_is_not() -> None:
    """Officers cost what agents cost; a move of those who are there costs nothing."""
    assert SectorAllocation.full_programme().dollars() == {"us": 3_500 * 171_400.0}
    moving = dataclasses.replace(SectorAllocation.full_programme(), added=0.0)
    assert moving.dollars() == {"us": 0.0}


# ---- ports ------------------------------------------------------------------------------------
def test_the_joint_map_saturates(levers: Levers, seen: Seen) -> None:
    """Each further dose does less: 63 % of the most at dose 1, 86 % at dose 2."""
    for dose, part in ((1.0, 0.632121), (2.0, 0.864665)):
        on(BorderManagementPlan, levers, seen, dose=dose)
        assert levers.map_noise[0] == pytest.approx(0.2 * part, rel=1e-5)
        assert levers.map_lag[0] == pytest.approx(0.2 * part, rel=1e-5)
        assert levers.port_targeting[0] == pytest.approx(0.25 * part, rel=1e-5)
    half = on(BorderManagementPlan, levers, seen, FIRST + 89)
    assert half.port_targeting[0] == pytest.approx(0.25 * 0.632121 / 2.0, rel=1e-5)


def test_lanes_gain_what_the_maps_lack(levers: Levers, seen: Seen) -> None:
    """A perfect map leaves lanes nothing; a map half as bad half as much; a worse one no more."""
    usual = on(BorderManagementPlan, levers, seen).port_targeting[0]
    perfect = told(
        seen,
        **{path.replace(".", "__"): value for path, value in BorderManagementPlan.failing.items()},
    )
    assert on(BorderManagementPlan, levers, perfect).port_targeting[0] == 0.0
    good = told(seen, border_patrol__map_noise=0.0, border_patrol__map_lag=0.0)
    halved = on(BorderManagementPlan, levers, good).port_targeting[0]
    assert halved == pytest.approx(usual / 2.0)
    worse = told(seen, mexico__map_noise=2.0, mexico__map_lag=90.0)
    assert on(BorderManagementPlan, levers, worse).port_targeting[0] == usual


def test_each_round_enrols_a_share_of_those_left(levers: Levers, seen: Seen) -> None:
    """A tenth, then a tenth of the rest; half of them after half a year."""
    assert on(TrustedTravellers, levers, seen).trusted_travellers[0] == pytest.approx(0.1)
    assert on(TrustedTravellers, levers, seen, dose=2.0).trusted_travellers[0] == pytest.approx(
        0.19
    )
    half = on(TrustedTravellers, levers, seen, FIRST + 181).trusted_travellers[0]
    assert half == pytest.approx(0.1 * 182.0 / 365.0)


def test_members_pay_their_fee_over_five_years() -> None:
    """200,000 members at $130 for five years, plus the centres."""
    assert TrustedTravellers.full_programme().dollars() == pytest.approx(
        {"users": 5.2e6, "us": 15e6}
    )


def test_shippers_join_and_are_vouched_for(levers: Levers, seen: Seen) -> None:
    """Trucks and validation compound; the cost is shared by both treasuries."""
    on(TrustedShippers, levers, seen, dose=2.0)
    assert levers.trusted_trucks[0] == pytest.approx(1.0 - 0.9**2)
    assert levers.validation[0] == pytest.approx(1.0 - 0.2**2)
    early = on(TrustedShippers, levers, seen, FIRST + 72).validation[0]
    assert early == pytest.approx(0.8 * 73.0 / 365.0)
    assert TrustedShippers.full_programme().dollars() == {"us": 35e6, "mexico": 15e6}


def test_booths_open_where_booths_are_and_are_manned(levers: Levers, seen: Seen) -> None:
    """60 booths with ten officers each, proportional to booths; half of them after a year."""
    on(SmartInfrastructure, levers, staffed(seen))
    np.testing.assert_allclose(levers.port_booths, 60.0 * np.arange(8.0, 0.0, -1.0) / 36.0)
    np.testing.assert_allclose(levers.port_officers, 10.0 * levers.port_booths)
    half = on(SmartInfrastructure, levers, staffed(seen), FIRST + 364)
    assert half.port_booths.sum() == pytest.approx(30.0)
    assert half.truck_time[0] == pytest.approx(0.025)
    even = on(SmartInfrastructure, levers, seen).port_booths
    np.testing.assert_allclose(even, 7.5)


def test_the_toll_is_due_from_the_first_day(levers: Levers, seen: Seen) -> None:
    """Users pay it before booths open, and twice the programme costs twice the toll."""
    for day in (FIRST, FULL):
        assert on(SmartInfrastructure, levers, seen, day).toll[0] == 3.0
    assert on(SmartInfrastructure, levers, seen, dose=5.0).toll[0] == 15.0


def test_users_pay_tolls_and_the_public_its_share() -> None:
    """$3 from 59.1 million crossings; a quarter of the building over 25 years."""
    assert SmartInfrastructure.full_programme().dollars() == pytest.approx(
        {"users": 3.0 * 59.1e6, "us": 60 * 12.7e6 * 0.25 / 25.0}
    )


def test_tolls_pay_for_what_they_are_said_to_pay() -> None:
    """Three quarters of the building over 25 years, 5 % upkeep, and the officers at $171,400."""
    due = 60 * 12.7e6 * (0.75 / 25.0 + 0.05) + 60 * 10 * 171_400
    assert due < SmartInfrastructure.full_programme().dollars()["users"] < 1.2 * due


def test_unmanned_booths_add_no_officer(levers: Levers, seen: Seen) -> None:
    """Without officers, booths are built and users pay the toll, but no staff is hired."""
    on(SmartInfrastructure, levers, seen, crew=0.0)
    assert levers.port_booths.sum() == pytest.approx(60.0) and levers.toll[0] == 3.0
    assert not levers.port_officers.any()


def test_trucks_save_time_at_the_booth(levers: Levers, seen: Seen) -> None:
    """15 % less time, then 15 % of the rest; some shippers join the trusted lane."""
    on(TradeFacilitation, levers, seen, dose=2.0)
    assert levers.truck_time[0] == pytest.approx(1.0 - 0.85**2)
    assert levers.trusted_trucks[0] == pytest.approx(1.0 - 0.95**2)
    assert on(TradeFacilitation, levers, seen, FIRST + 72).truck_time[0] == pytest.approx(0.03)
    assert TradeFacilitation.full_programme().dollars() == {"us": 40e6, "users": 10e6}


# ---- behind an apprehension, and by law -------------------------------------------------------
def test_capacity_is_built_evenly(levers: Levers, seen: Seen) -> None:
    """Half of places, prosecutions and officers after four and a half months; linear in dose."""
    for day, dose, part in ((FIRST + 134, 1.0, 0.5), (FULL, 1.0, 1.0), (FULL, 4.0, 4.0)):
        on(ConsequenceCapacity, levers, seen, day, dose)
        assert levers.beds[0] == pytest.approx(10_000.0 * part)
        assert levers.courts[0] == pytest.approx(100.0 * part)
        assert levers.asylum_officers[0] == pytest.approx(300.0 * part)


def test_capacity_costs_beds_judges_and_officers() -> None:
    """10,000 places for a year, 50 judges' teams, 300 officers, all from the U.S. treasury."""
    dollars = 10_000 * 128.88 * 365 + 50 * 1.6e6 + 300 * 171_400
    assert ConsequenceCapacity.full_programme().dollars() == pytest.approx({"us": dollars})


def test_visas_by_group_and_a_fee_that_never_turns_negative(levers: Levers, seen: Seen) -> None:
    """60,000 and 30,000 a year at dose 1; the fee falls once, to nothing at the most."""
    on(LegalPathways, levers, seen)
    np.testing.assert_allclose(levers.visas, (60_000.0, 30_000.0))
    assert levers.visa_fee[0] == -150.0
    twice = on(LegalPathways, levers, seen, FIRST + 89, 2.0)
    np.testing.assert_allclose(twice.visas, (60_000.0, 30_000.0))
    assert twice.visa_fee[0] == -75.0
    cheap = told(seen, migrants__legal_fee=100.0)
    assert on(LegalPathways, levers, cheap).visa_fee[0] == -100.0


def test_employers_pay_for_visas() -> None:
    """Users pay petitions for 90,000 people, the United States what fees leave open."""
    assert LegalPathways.full_programme().dollars() == {"users": 90e6, "us": 27e6}


def test_nobody_waits_in_mexico_twice(levers: Levers, seen: Seen) -> None:
    """Half of those released wait at dose 1, all at dose 2 and never more; it takes months."""
    assert on(RemainInMexico, levers, seen).wait_in_mexico[0] == 0.5
    assert on(RemainInMexico, levers, seen, dose=2.0).wait_in_mexico[0] == 1.0
    assert on(RemainInMexico, levers, seen, dose=2.0, share=0.9).wait_in_mexico[0] == 1.0
    assert on(RemainInMexico, levers, seen, FIRST + 44).wait_in_mexico[0] == 0.125
    assert RemainInMexico.full_programme().dollars() == {"us": 120e6, "mexico": 30e6}


def test_waiting_in_mexico_ends_with_cooperation(levers: Levers, seen: Seen) -> None:
    """Without Mexico, no person can be sent back to wait."""
    wait = RemainInMexico(dose=1.0, start=FIRST, end=LAST)
    pull_all((wait, NoCooperation(dose=1.0, start=FIRST, end=LAST)), levers, FULL, seen)
    assert levers.wait_in_mexico[0] == 0.0


# ---- the record -------------------------------------------------------------------------------
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
def test_sourced_numbers_are_those_of_the_record(
    cls: type[Policy], number: str, file: str, match: dict[str, str]
) -> None:
    """A number that names a row of the record is the number in that row."""
    declared = params_of(cls)[number]
    assert declared.source.startswith(file)
    assert float(rows_where(file, **match)[0]["value"]) == declared.value


def test_traffic_and_cases_are_near_the_record() -> None:
    """Ordinary crossings and cases a year are what the rows named add up to."""
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
