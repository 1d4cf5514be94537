"""Effects and limits of single instruments."""

import dataclasses
import datetime
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import Inputs, Policy, registry
from abm.policies.border_management_plan import BorderManagementPlan
from abm.policies.failure_conditions import apply_overrides
from abm.policies.registry import make, pull_all
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.world.routes import World
from abm.world.vocabulary import SECTORS, PlaceKind
from agents.labels import COUNTRIES
from agents.labels import SECTORS as SLUGS
from agents.levers import Levers
from agents.param import params_of
from tests.policies.test_battery import every

START, END = datetime.date(2012, 10, 1), datetime.date(2015, 10, 1)
FIRST = START.toordinal()
FULL = FIRST + 729  # Construction is complete after two years.
HIRED = FIRST + 1_090  # All officers are hired after nearly three years.


def on(text: str, levers: Levers, inputs: Inputs, day: int = FULL) -> Levers:
    """Apply the policies of a text such as "fence:2 no_cooperation"."""
    policies = tuple(make(parse_policy(part), START, END) for part in text.split())
    pull_all(policies, levers, day, inputs)
    return levers


def with_settings(inputs: Inputs, **changes: object) -> Inputs:
    """Return the base year with changed settings; "__" in a keyword is the dot in a path."""
    overrides = {path.replace("__", "."): value for path, value in changes.items()}
    return Inputs(
        world=inputs.world,
        settings=inputs.settings.with_settings(overrides),
        us_base=inputs.us_base,
        mx_base=inputs.mx_base,
    )


# ---- forces and sensors --------------------------------------------------------------------------


def test_a_patrol_surge_follows_staff_and_ramps_up(levers: Levers, inputs: Inputs) -> None:
    """5,000 agents are posted in proportion to staff, and half of them after half of the ramp."""
    agents = on("patrol_surge", levers, inputs).us_officers.copy()
    assert agents.sum() == pytest.approx(5_000.0)
    np.testing.assert_allclose(agents / agents.sum(), inputs.us_base / inputs.us_base.sum())
    halfway = on("patrol_surge", levers, inputs, FIRST + 89).us_officers
    assert halfway.sum() == pytest.approx(2_500.0)


def test_a_fence_never_exceeds_the_length_of_a_sector(levers: Levers, inputs: Inputs) -> None:
    """Dose 1 adds 300 miles, and the maximum dose keeps every sector within its length."""
    base = np.array(inputs.settings.border_patrol.fence_base)
    miles = np.array(params_of(registry()["fence"])["line_miles"].value)
    added = on("fence:1", levers, inputs).fence.copy()
    assert (added * miles).sum() == pytest.approx(300.0)
    maximum = on("fence:4", levers, inputs).fence
    assert (base + maximum <= 1.0 + 1e-12).all()


def test_a_fence_adds_cost_on_the_line_and_danger_on_remote_legs(
    levers: Levers, inputs: Inputs, world: World
) -> None:
    """Cost and delay rise on line legs only, and danger on remote legs only, fenced or not."""
    on("fence", levers, inputs)
    assert (levers.leg_cost[~world.is_line] == 0.0).all()
    assert (levers.leg_delay[world.is_line] > 0.0).all()
    remote = world.is_line & (world.remoteness[world.head] >= 2)
    assert (levers.leg_danger[remote] > 0.0).all() and (levers.leg_danger[~remote] == 0.0).all()


def test_coverage_by_towers_saturates(levers: Levers, inputs: Inputs) -> None:
    """Twice the towers cover less than twice the line, and coverage never exceeds 1."""
    base = np.array(inputs.settings.border_patrol.sensors_base)
    one, two, maximum = (
        on(f"cameras_and_sensors:{dose}", levers, inputs).sensors.copy() for dose in (1, 2, 20)
    )
    assert (two > one).all() and (two < 2.0 * one).all() and (maximum > two).all()
    assert (base + maximum <= 1.0).all()


def test_southern_effort_fades_with_fatigue(levers: Levers, inputs: Inputs, world: World) -> None:
    """Tempo halves after the scenario's half-life, but posts do not fade.

    Only the south changes.
    """
    tired = with_settings(inputs, mexico__fatigue_half_life=12.0)
    day = FIRST + round(365.25)
    effort = on("southern_border_control", levers, tired, day).mx_effort.copy()
    south = np.isin(world.zone, ("southern_border", "isthmus"))
    south &= np.array(world.country) == "MX"
    assert (effort[~south] == 0.0).all()
    np.testing.assert_allclose(effort[south], 0.85 / 2.0, rtol=1e-3)
    assert levers.mx_officers.sum() == pytest.approx(600.0)
    lasting = on("southern_border_control", levers, inputs, day).mx_effort
    assert (lasting[south] > effort[south]).all()


def test_intelligence_leaks_more_with_lower_pay(levers: Levers, inputs: Inputs) -> None:
    """Lower pay raises the leak probability but does not change the noise of the maps."""
    well_paid = on("intelligence_sharing", levers, with_settings(inputs, mexico__pay=10.0)).copy()
    badly_paid = on("intelligence_sharing", levers, with_settings(inputs, mexico__pay=0.0)).copy()
    assert well_paid["leak"][0] < 1e-6 < 0.1 < badly_paid["leak"][0] < 1.0
    assert well_paid["map_noise"][0] == badly_paid["map_noise"][0]
    maximum = on("intelligence_sharing:8", levers, inputs)
    assert maximum.map_noise[0] < 0.5 and maximum.decapitation[0] < 0.15


def test_maps_get_worse_without_cooperation(levers: Levers, inputs: Inputs) -> None:
    """Without cooperation, tempo falls where officers work, and both maps get noisier."""
    on("no_cooperation", levers, inputs)
    assert levers.no_cooperation[0] == 1.0
    assert levers.map_noise[0] < 0.0 and levers.map_lag[0] < 0.0
    assert ((levers.mx_effort < 0.0) == (inputs.mx_base > 0.0)).all()


# ---- cooperation with Mexico ---------------------------------------------------------------------


def mexican(world: World) -> np.ndarray:
    """Return the mask of places in Mexico."""
    return np.array(world.country) == "MX"


# ---- aid, teams, trainers ------------------------------------------------------------------------


def test_teams_build_up_and_their_hazard_saturates(levers: Levers, inputs: Inputs) -> None:
    """Half of the teams work after half of the build time, and each further team adds less."""
    declared = params_of(registry()["best_teams"])
    days, most = int(declared["build_days"].value), declared["max_hunt"].value
    first = declared["teams"].value * declared["hunt"].value
    half = on("best_teams", levers, inputs, FIRST + days // 2 - 1).cell_hunt[0]
    one, two, four = (
        float(on(f"best_teams:{dose}", levers, inputs, FIRST + days).cell_hunt[0])
        for dose in (1, 2, 4)
    )
    assert half == pytest.approx(-most * math.expm1(-first / 2.0 / most))
    assert one == pytest.approx(-most * math.expm1(-first / most))
    assert 0.8 * first < one < first and one > two - one > (four - two) / 2.0 > 0.0


def test_conditions_hold_back_a_share_of_the_aid_of_other_policies(
    levers: Levers, inputs: Inputs
) -> None:
    alone = on("assurance_conditionality:2", levers, inputs, HIRED).copy()
    assert alone["aid"][0] == 0.0
    assert 0.0 < alone["aid_conditional"][0] <= 1.0 and 0.0 < alone["verification"][0] < 1.0
    both = on("assurance_conditionality:2 merida_initiative", levers, inputs, HIRED)
    assert both.aid[0] == 300e6 and both.aid_conditional[0] == alone["aid_conditional"][0]


# ---- surveillance, surges, patrol ----------------------------------------------------------------


def test_surveillance_covers_only_remote_and_coastal_legs_in_mexico(
    levers: Levers, inputs: Inputs, world: World
) -> None:
    watched = on("military_cooperation", levers, inputs, HIRED).mx_watch > 0.0
    assert watched.any() and mexican(world)[world.head[watched]].all()
    assert not (watched & (world.is_line | world.is_port)).any()
    coast = np.array([world.corridors[c] == "pacific_south" for c in world.leg_corridor])
    assert watched[coast].all()
    assert (world.remoteness[world.head[watched & ~coast]] >= 2).all()
    assert not watched[world.leg_ids.index("monterrey>reynosa:road")]


@pytest.mark.parametrize("sector", range(len(SLUGS)), ids=SLUGS)
def test_a_surge_covers_one_sector_and_the_staging_places_of_its_line(
    sector: int, levers: Levers, inputs: Inputs, world: World
) -> None:
    pulled = on(f"joint_operations:sector={SLUGS[sector]}", levers, inputs, FIRST)
    assert np.flatnonzero(pulled.us_effort).tolist() == [sector]
    places = np.flatnonzero(pulled.mx_effort)
    assert places.size and mexican(world)[places].all()
    assert (world.kind[places] == PlaceKind.STAGING).all()
    over = world.is_line & (world.leg_sector == sector)
    assert set(places) == set(world.tail[over])


def test_the_mexican_border_patrol_is_posted_opposite_us_agents(
    levers: Levers, inputs: Inputs, world: World
) -> None:
    """Officers are posted only at Mexican staging places, mostly where U.S. agents are many."""
    posted = on("mexican_border_patrol", levers, inputs, HIRED).mx_officers.copy()
    assert posted.sum() == pytest.approx(5_000.0)
    staging = mexican(world) & (world.kind == PlaceKind.STAGING)
    assert not posted[~staging].any()
    by_sector = np.zeros(len(SECTORS))
    for place in np.flatnonzero(staging):
        legs = world.is_line & (world.tail == place)
        by_sector[world.leg_sector[legs]] += posted[place] / legs.sum()
    order = np.argsort(by_sector)
    assert inputs.us_base[order[-1]] > inputs.us_base[order[0]]
    unstaffed = dataclasses.replace(inputs, us_base=inputs.us_base * 0.0)
    even = on("mexican_border_patrol", levers, unstaffed, HIRED).mx_officers[staging]
    np.testing.assert_allclose(even, 5_000.0 / staging.sum())


# ---- organisations and strategy ------------------------------------------------------------------


def test_criteria_of_two_strategies_are_weighted_by_size(levers: Levers, inputs: Inputs) -> None:
    """Weights are normalised within a strategy. Twice the size weighs twice as much."""
    small = "anti_crime_strategy:1:criterion=0/0/1/0"
    large = "anti_crime_strategy:2:criterion=0.5/0/0/0"
    both = on(f"{small} {large}", levers, inputs, HIRED)
    assert both.strategy[0] == pytest.approx(3 * 100e6)
    np.testing.assert_allclose(both.criterion, [2.0, 0.0, 1.0, 0.0])


# ---- costs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["anti_crime_strategy", "mexican_prosperity"])
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_shares_of_both_countries_sum_to_the_cost(name: str, share: float) -> None:
    policy = make(PolicySpec(id=name, numbers={"us_share": share}), START, END)
    by_payer = policy.dollars()
    assert by_payer["us"] == pytest.approx(share * policy.full_dollars)
    assert sum(by_payer.values()) == pytest.approx(registry()[name].full_programme().full_dollars)


# ---- limits for every instrument -----------------------------------------------------------------


@every
def test_mexican_levers_act_only_in_mexico(
    cls: type[Policy], inputs: Inputs, levers: Levers, world: World
) -> None:
    """Mexican levers act at Mexican places and on legs that end there, U.S. levers by sector."""
    pull_all((cls(dose=cls.high, start=FIRST, end=HIRED),), levers, FIRST, inputs)
    in_mexico = mexican(world)
    assert not levers.mx_officers[~in_mexico].any() and not levers.mx_effort[~in_mexico].any()
    assert not levers.mx_watch[~in_mexico[world.head]].any()


# ---- failure conditions --------------------------------------------------------------------------


def test_an_override_also_applies_to_policies_of_the_scenario() -> None:
    """The override applies to an id both in the scenario and among the added policies."""
    scenario = Scenario().with_settings({"policies": ["fence:0.5", "trainers"]})
    changed, (spec,) = apply_overrides(
        scenario, (PolicySpec(id="fence"),), {"policies.fence.toll": 7, "days": 30}
    )
    assert changed.days == 30 and dict(spec.numbers) == {"toll": 7.0}
    assert [dict(p.numbers) for p in changed.policies] == [{"toll": 7.0}, {}]
    assert apply_overrides(scenario, (spec,), {}) == (scenario, (spec,))


# ---- instruments of the United States ------------------------------------------------------------


def with_port_staff(inputs: Inputs) -> Inputs:
    """Return the base year with different numbers of officers and booths at the ports."""
    size = len(inputs.world.ports)
    return dataclasses.replace(
        inputs,
        ports_base=100.0 * np.arange(1.0, size + 1.0),
        booths_base=np.arange(size, 0.0, -1.0),
    )


# ---- every policy --------------------------------------------------------------------------------


@every
def test_policies_work_in_a_world_without_ports(cls: type[Policy], inputs: Inputs) -> None:
    """Without ports, the levers have no port entries, and all values stay finite."""
    world = inputs.world
    portless = Levers(sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=0)
    after = on(f"{cls.id}:{cls.high!r}", portless, inputs).copy()
    assert all(np.isfinite(array).all() for array in after.values())


@every
def test_shares_stay_in_bounds_at_the_highest_dose(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """Levers that are shares of travellers, trucks, time or people stay in [0, 1]."""
    on(f"{cls.id}:{cls.high!r}", levers, inputs)
    low = -1.0 if cls.id == "no_cooperation" else 0.0  # The maps get worse.
    for name in (
        *("map_noise", "map_lag", "trusted_travellers", "trusted_trucks", "validation"),
        *("truck_time", "wait_in_mexico"),
    ):
        assert low <= getattr(levers, name)[0] <= 1.0, name


# ---- officers between the line and ports ---------------------------------------------------------
def test_officers_are_split_between_line_and_ports(levers: Levers, inputs: Inputs) -> None:
    """Half of 3,500 hired officers go to ports, and 500 agents move from the line to ports."""
    on("sector_allocation:moved=500", levers, with_port_staff(inputs))
    assert levers.us_officers.sum() == pytest.approx(1_750.0)
    assert levers.us_moved.sum() == pytest.approx(-500.0)
    assert levers.port_officers.sum() == pytest.approx(1_750.0 + 500.0)
    np.testing.assert_allclose(
        levers.us_officers / levers.us_officers.sum(), inputs.us_base / inputs.us_base.sum()
    )
    np.testing.assert_allclose(levers.port_officers, 2_250.0 * np.arange(1.0, 9.0) / 36.0)


@given(moved=st.floats(-10_000.0, 10_000.0), dose=st.floats(0.01, 4.0), after=st.integers(0, 900))
def test_moving_conserves_officers(inputs: Inputs, moved: float, dose: float, after: int) -> None:
    """Every sector and port retains at least half its base."""
    world, base = inputs.world, with_port_staff(inputs)
    levers = Levers(
        sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=len(world.ports)
    )
    text = f"sector_allocation:{dose!r}:added=0:moved={moved!r}"
    on(text, levers, base, FIRST + after)
    assert levers.us_moved.sum() + levers.port_officers.sum() == pytest.approx(0.0, abs=1e-6)
    assert (inputs.us_base + levers.us_moved >= 0.5 * inputs.us_base - 1e-6).all()
    assert (base.ports_base + levers.port_officers >= 0.5 * base.ports_base - 1e-6).all()
    assert levers.port_officers.sum() * moved >= 0.0


# ---- ports ---------------------------------------------------------------------------------------


def test_port_targeting_gains_from_map_errors(levers: Levers, inputs: Inputs) -> None:
    """Targeting at ports is proportional to the error of the maps, up to the baseline error."""
    usual = on("border_management_plan", levers, inputs).port_targeting[0]
    failing = {path.replace(".", "__"): v for path, v in BorderManagementPlan.failing.items()}
    accurate = with_settings(inputs, **failing)
    assert on("border_management_plan", levers, accurate).port_targeting[0] < 0.4 * usual
    perfect = with_settings(inputs, **dict.fromkeys(failing, 0.0))
    assert on("border_management_plan", levers, perfect).port_targeting[0] == 0.0
    good = with_settings(inputs, border_patrol__map_noise=0.0, border_patrol__map_lag=0.0)
    halved = on("border_management_plan", levers, good).port_targeting[0]
    assert halved == pytest.approx(usual / 2.0)
    worse = with_settings(inputs, mexico__map_noise=2.0, mexico__map_lag=90.0)
    assert on("border_management_plan", levers, worse).port_targeting[0] == usual


def test_new_booths_follow_existing_booths_and_have_officers(
    levers: Levers, inputs: Inputs
) -> None:
    """The 60 booths have ten officers each and follow existing booths; half exist after a year."""
    on("smart_infrastructure", levers, with_port_staff(inputs))
    np.testing.assert_allclose(levers.port_booths, 60.0 * np.arange(8.0, 0.0, -1.0) / 36.0)
    np.testing.assert_allclose(levers.port_officers, 10.0 * levers.port_booths)
    half = on("smart_infrastructure", levers, with_port_staff(inputs), FIRST + 364)
    assert half.port_booths.sum() == pytest.approx(30.0)
    assert half.truck_time[0] == pytest.approx(0.025)
    even = on("smart_infrastructure", levers, inputs).port_booths
    np.testing.assert_allclose(even, 7.5)


# ---- consequences and legal pathways -------------------------------------------------------------


def _by_group(levers: Levers) -> tuple[float, float]:
    """Return the additional visas for Mexicans and for the Northern Triangle."""
    mexico = COUNTRIES.index("MX")
    return levers.visas_by_country[mexico], np.delete(levers.visas_by_country, mexico).sum()


def test_visas_are_by_group_and_the_fee_is_never_negative(levers: Levers, inputs: Inputs) -> None:
    """Dose 1 adds 60,000 and 30,000 visas a year."""
    on("legal_pathways", levers, inputs)
    np.testing.assert_allclose(_by_group(levers), (60_000.0, 30_000.0))
    assert levers.visa_fee[0] == -150.0
    twice = on("legal_pathways:2", levers, inputs, FIRST + 89)
    np.testing.assert_allclose(_by_group(twice), (60_000.0, 30_000.0))
    assert twice.visa_fee[0] == -75.0
    cheap = with_settings(inputs, migrants__legal_fee=100.0)
    assert on("legal_pathways", levers, cheap).visa_fee[0] == -100.0


# ---- sizes ---------------------------------------------------------------------------------------
FATIGUE = Scenario().mexico.fatigue_half_life * 365.25 / 12.0  # days until a high tempo has halved
JOINT = 1.0 - math.exp(-1.0)  # share of the largest effect that a joint map has at dose 1


@pytest.mark.parametrize(
    ("text", "day", "lever", "value"),
    [
        ("patrol_effort", 29, "us_effort", 9 * 0.25 * 0.5 ** (29.0 / FATIGUE)),
        ("patrol_effort:stamina=0.5", 365, "us_effort", 9 * 0.25 * 0.5 ** (730.0 / FATIGUE)),
        ("border_management_plan", 729, "map_noise", 0.2 * JOINT),
        ("border_management_plan:2", 729, "map_lag", 0.2 * JOINT * (2.0 - JOINT)),
        ("border_management_plan", 89, "port_targeting", 0.25 * JOINT / 2.0),
        ("trusted_travellers:2", 729, "trusted_travellers", 1.0 - 0.9**2),
        ("trusted_travellers", 181, "trusted_travellers", 0.1 * 182.0 / 365.0),
        ("trusted_shippers:2", 729, "trusted_trucks", 1.0 - 0.9**2),
        ("trusted_shippers:2", 729, "validation", 1.0 - 0.2**2),
        ("trusted_shippers", 72, "validation", 0.8 * 73.0 / 365.0),
        ("trade_facilitation:2", 729, "truck_time", 1.0 - 0.85**2),
        ("trade_facilitation:2", 729, "trusted_trucks", 1.0 - 0.95**2),
        ("trade_facilitation", 72, "truck_time", 0.15 * 73.0 / 365.0),
        ("consequence_capacity:4", 729, "beds", 40_000.0),
        ("consequence_capacity", 134, "beds", 5_000.0),
        ("consequence_capacity:4", 729, "courts", 400.0),
        ("consequence_capacity", 134, "asylum_officers", 150.0),
        ("remain_in_mexico", 44, "wait_in_mexico", 0.125),
        ("remain_in_mexico", 729, "wait_in_mexico", 0.5),
        ("remain_in_mexico:2:share=0.9", 729, "wait_in_mexico", 1.0),
        ("remain_in_mexico:2", 0, "wait_cases", 200_000.0),
        ("remain_in_mexico no_cooperation", 729, "wait_in_mexico", 0.0),
        ("worksite_enforcement", 729, "us_earnings", 0.6058 * 0.078 + 0.3942 * 0.012),
        ("worksite_enforcement", 364, "checks", 0.22),
        ("bilateral_accords:2", 0, "petitions", 16_000.0 * 1_950.0),
        ("legal_pathways:2:petition=100", 729, "petitions", 180_000.0 * 100.0),
        ("mexican_border_patrol:0.5", 364, "mx_officers", 2_500.0),
        ("mexican_border_patrol:4", 364, "mx_officers", 5_000.0),
        ("mexican_border_patrol:2", 729, "mx_officers", 10_000.0),
        ("mexican_prosperity:3:targeted=0.3:cash=0.4", 729, "cash", 120e6),
        ("mexican_prosperity:3:targeted=0.3:cash=0.4", 729, "jobs", 54e6),
        ("mexican_prosperity:3:targeted=0.3:cash=0.4", 729, "growth", 126e6),
        ("bilateral_accords:2", 729, "mx_sentences", 258.0),
        ("smuggler_prosecution", 181, "us_sentences", 1_300.0 * 182.0 / 365.0),
        ("southern_border_control:rise=0:posted=0:guard=6500", 729, "mx_officers", 6_500.0),
        ("rural_gendarmerie:2", 729, "gendarmes", 4_600.0),
    ],
)
def test_a_dose_moves_its_lever_as_far_as_declared(
    text: str, day: int, lever: str, value: float, levers: Levers, inputs: Inputs
) -> None:
    """Doses saturate, compound or are limited, and grow from the first day on."""
    moved = getattr(on(text, levers, inputs, FIRST + day), lever).sum()
    assert moved == pytest.approx(value, rel=2e-3, abs=1e-9)


def test_a_surge_alternates_on_both_sides_and_its_us_half_can_be_bought_alone(
    levers: Levers, inputs: Inputs
) -> None:
    """Both sides surge for 20 days and rest for ten. The U.S. half plans the same dollars."""
    numbers = "1.5:sector=tucson:us_rise=0.3:days_on=20:days_off=10"
    joint, alone = (
        make(parse_policy(f"{name}:{numbers}"), START, END)
        for name in ("joint_operations", "sector_surge")
    )
    assert alone.dollars() == {"us": joint.dollars()["us"]}
    for day in range(70):
        both = on(f"joint_operations:{numbers}", levers, inputs, FIRST + day).copy()
        assert both["us_effort"].any() == both["mx_effort"].any() == (day % 30 < 20)
        half = on(f"sector_surge:{numbers}", levers, inputs, FIRST + day)
        assert half.us_effort.tobytes() == both["us_effort"].tobytes()
        assert not half.mx_effort.any()


def test_excluded_countries_receive_no_visas_and_others_receive_theirs(
    levers: Levers, inputs: Inputs
) -> None:
    """Without Hondurans, Guatemalans and Salvadorans share the visas of the group."""
    weights = "/".join(str(int(country != "HN")) for country in COUNTRIES)
    by_country = on(f"legal_pathways:countries={weights}", levers, inputs).visas_by_country
    honduras, guatemala, salvador = (COUNTRIES.index(code) for code in ("HN", "GT", "SV"))
    assert by_country[honduras] == 0.0
    assert by_country[guatemala] / by_country[salvador] == pytest.approx(3_986 / 520)
    np.testing.assert_allclose(_by_group(levers), (60_000.0, 30_000.0))
