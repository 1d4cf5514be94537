"""Test instruments of cooperation with Mexico, and limits that hold for every instrument."""

import dataclasses
import datetime
import math
import re

import numpy as np
import pytest

from abm.policies import Inputs, Policy, make, pull_all, registry, sentences
from abm.policies.failure_conditions import RATIOS, apply_overrides, pools_of
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.world.geography import monthly_by_citizenship, rows_where, usbp_staffing
from abm.world.routes import SECTORS, PlaceKind, World
from agents.labels import COUNTRIES, CRITERIA
from agents.labels import SECTORS as SLUGS
from agents.levers import Levers
from agents.migrants.candidate_params import CandidateParams
from agents.param import SettingError, params_of

START, END = datetime.date(2012, 10, 1), datetime.date(2015, 10, 1)
FIRST = START.toordinal()
FULL = FIRST + 1_090  # all officers are hired, after nearly three years
FAILING = [name for name, cls in registry().items() if cls.failing]
every = pytest.mark.parametrize("cls", registry().values(), ids=registry())


def on(text: str, levers: Levers, inputs: Inputs, day: int = FULL) -> Levers:
    """Apply the policies of a text such as "trainers:2 merida_initiative"."""
    policies = tuple(make(parse_policy(part), START, END) for part in text.split())
    pull_all(policies, levers, day, inputs)
    return levers


def mexican(world: World) -> np.ndarray:
    """Return the mask of places in Mexico."""
    return np.array(world.country) == "MX"


# ---- aid, teams, trainers -----------------------------------------------------------------------


@pytest.mark.parametrize(("text", "aid"), [("1", 300e6), ("0.5", 150e6), ("400M", 400e6)])
def test_aid_per_year_is_the_same_for_a_dose_and_for_dollars(
    text: str, aid: float, levers: Levers, inputs: Inputs
) -> None:
    assert on(f"merida_initiative:{text}", levers, inputs).aid[0] == pytest.approx(aid)


@pytest.mark.parametrize("year", RATIOS)
def test_flows_of_a_year_are_the_declared_pools_times_the_ratios_of_the_record(year: int) -> None:
    declared = params_of(CandidateParams)["pool"].value
    for pool, name, ratio, found in zip(
        declared, ("Mexico", "NTCA"), RATIOS[year], pools_of(year).values(), strict=True
    ):
        then, base = (
            sum(n for *_, n in monthly_by_citizenship(name, f"{y - 1}-10", f"{y}-09"))
            for y in (year, 2013)
        )
        assert ratio == pytest.approx(then / base, abs=5e-4)
        assert found == pytest.approx(pool * ratio, abs=500.0)


def test_aid_is_within_the_range_of_the_budget_requests() -> None:
    """Dose 1 is between the requests of two fiscal years; the highest dose covers FY2008."""
    file, cls = "drivers/merida_by_year.csv", registry()["merida_initiative"]
    requests = [
        float(
            rows_where(file, programme="Merida-Mexico", fiscal_year=year, stage="requested")[0][
                "value_usd"
            ]
        )
        for year in ("FY2011", "FY2012")
    ]
    dollars = cls.full_programme().dollars_at_one
    assert min(requests) <= dollars <= max(requests)
    assert cls.high * dollars >= 400e6


def test_teams_build_up_and_their_hazard_saturates(levers: Levers, inputs: Inputs) -> None:
    """Half of the teams after half of the build time; each further team adds less."""
    declared = params_of(registry()["best_teams"])
    days, most = int(declared["build_days"].value), declared["most"].value
    first = declared["teams"].value * declared["hunt"].value
    half = on("best_teams", levers, inputs, FIRST + days // 2 - 1).cell_hunt[0]
    one, two, four = (
        float(on(f"best_teams:{dose}", levers, inputs, FIRST + days).cell_hunt[0])
        for dose in (1, 2, 4)
    )
    assert half == pytest.approx(-most * math.expm1(-first / 2.0 / most))
    assert one == pytest.approx(-most * math.expm1(-first / most))
    assert 0.8 * first < one < first and one > two - one > (four - two) / 2.0 > 0.0


def test_dose_one_is_the_number_of_teams_in_the_data(levers: Levers, inputs: Inputs) -> None:
    """Dose 1 is the number of teams in the data: 32 early in 2013."""
    (row,) = rows_where("mexico/cooperation_inputs.csv", item="BEST teams, early 2013")
    assert float(row["value"].split()[0]) == params_of(registry()["best_teams"])["teams"].value


def test_conditions_hold_back_a_share_of_the_aid_of_other_policies(
    levers: Levers, inputs: Inputs
) -> None:
    alone = on("assurance_conditionality:2", levers, inputs).copy()
    assert alone["aid"][0] == 0.0
    assert 0.0 < alone["aid_conditional"][0] <= 1.0 and 0.0 < alone["verification"][0] < 1.0
    both = on("assurance_conditionality:2 merida_initiative", levers, inputs)
    assert both.aid[0] == 300e6 and both.aid_conditional[0] == alone["aid_conditional"][0]


# ---- surveillance, surges, patrol ---------------------------------------------------------------


def test_surveillance_covers_only_remote_and_coastal_legs_in_mexico(
    levers: Levers, inputs: Inputs, world: World
) -> None:
    watched = on("military_cooperation", levers, inputs).mx_watch > 0.0
    assert watched.any() and mexican(world)[world.head[watched]].all()
    assert not (watched & (world.is_line | world.is_port)).any()
    coast = np.array([world.corridors[c] == "pacific_south" for c in world.leg_corridor])
    assert watched[coast].all()
    assert (world.remoteness[world.head[watched & ~coast]] >= 2).all()
    assert not watched[world.leg_ids.index("monterrey>reynosa:road")]


def test_a_surge_alternates_at_the_same_time_on_both_sides(levers: Levers, inputs: Inputs) -> None:
    """Both sides surge four weeks on and eight weeks off, from the first day."""
    for day in range(200):
        pulled = on("joint_operations", levers, inputs, FIRST + day)
        surging = day % (28 + 56) < 28
        assert pulled.us_effort.any() == pulled.mx_effort.any() == surging


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


def test_the_us_half_of_joint_operations_can_be_bought_without_mexico(
    levers: Levers, inputs: Inputs
) -> None:
    """A sector surge has the U.S. tempo, dates and dollars of joint operations, and no others."""
    numbers = "sector=tucson:us_rise=0.3:days_on=20:days_off=10"
    joint, alone = (
        make(parse_policy(f"{name}:1.5:{numbers}"), START, END)
        for name in ("joint_operations", "sector_surge")
    )
    assert alone.dollars() == {"us": joint.dollars()["us"]}
    for day in range(FIRST, FIRST + 70):
        both = on(f"joint_operations:1.5:{numbers}", levers, inputs, day).us_effort.copy()
        pulled = on(f"sector_surge:1.5:{numbers}", levers, inputs, day)
        assert pulled.us_effort.tobytes() == both.tobytes()
        assert not pulled.mx_effort.any()
    assert {*params_of(type(alone))} < {*params_of(type(joint))}


def test_the_cost_of_a_surge_is_its_overtime() -> None:
    """The cost is proportional to the share of days and rises with the agents of a sector."""

    def cost(numbers: str) -> dict[str, float]:
        """Return dollars per year by payer."""
        return make(parse_policy(f"joint_operations{numbers}"), START, END).dollars()

    half, always = cost(":days_on=30:days_off=30"), cost(":days_on=30:days_off=0")
    for payer in ("us", "mexico"):
        assert always[payer] == pytest.approx(2.0 * half[payer])
    assert cost(":sector=tucson")["us"] > cost("")["us"] > cost(":sector=big_bend")["us"]


def test_agents_and_wage_of_a_surge_equal_the_data() -> None:
    staff = usbp_staffing(2013)
    declared = params_of(registry()["joint_operations"])
    assert declared["agents"].value == tuple(float(staff[name]) for name in SECTORS)
    wage = rows_where(
        "us/enforcement_costs_infrastructure.csv", metric="cost_per_CBP_officer_year_usd"
    )[0]["value"]
    assert declared["wage"].value == float(wage)


def test_the_mexican_border_patrol_is_posted_opposite_us_agents(
    levers: Levers, inputs: Inputs, world: World
) -> None:
    """Officers are posted only at Mexican staging places, more where more U.S. agents work."""
    posted = on("mexican_border_patrol", levers, inputs).mx_officers.copy()
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
    even = on("mexican_border_patrol", levers, unstaffed).mx_officers[staging]
    np.testing.assert_allclose(even, 5_000.0 / staging.sum())


def test_hiring_is_limited_by_training_capacity(levers: Levers, inputs: Inputs) -> None:
    """Training limits hiring to 5,000 officers in the first year at any dose."""
    year = [
        on(f"mexican_border_patrol:{d}", levers, inputs, FIRST + 364).mx_officers.sum()
        for d in (0.5, 1, 4)
    ]
    np.testing.assert_allclose(year, [2_500.0, 5_000.0, 5_000.0])
    late = on("mexican_border_patrol:2", levers, inputs, FIRST + 729).mx_officers.sum()
    assert late == pytest.approx(10_000.0)


# ---- organisations and strategy -----------------------------------------------------------------


def test_pressure_on_organisations_saturates(levers: Levers, inputs: Inputs) -> None:
    declared = params_of(registry()["dismantle_conveyor_belts"])
    numbers = {"pressure": "seized", "decapitation": "decapitation", "cell_hunt": "forfeited"}
    for lever, number in numbers.items():
        one, two, four = (
            on(f"dismantle_conveyor_belts:{dose}", levers, inputs).copy()[lever][0]
            for dose in (1, 2, 4)
        )
        assert 0.0 < one < two < four < declared[number].value and two - one < one


def test_criteria_of_two_strategies_are_weighted_by_size(levers: Levers, inputs: Inputs) -> None:
    """Weights are normalised within a strategy; a strategy of twice the size weighs twice."""
    small = "anti_crime_strategy:1:criterion=0/0/1/0"
    large = "anti_crime_strategy:2:criterion=0.5/0/0/0"
    both = on(f"{small} {large}", levers, inputs)
    assert both.strategy[0] == pytest.approx(3 * 100e6)
    np.testing.assert_allclose(both.criterion, [2.0, 0.0, 1.0, 0.0])


def test_the_failure_condition_of_the_strategy_judges_by_apprehensions(
    levers: Levers, inputs: Inputs
) -> None:
    """Under its failure condition the strategy is judged by apprehensions alone."""
    name = "anti_crime_strategy"
    _, (spec,) = apply_overrides(Scenario(), (PolicySpec(id=name),), registry()[name].failing)
    pull_all((make(spec, START, END),), levers, FULL, inputs)
    assert [c for c, w in zip(CRITERIA, levers.criterion, strict=True) if w] == ["apprehensions"]


# ---- accords and causes -------------------------------------------------------------------------


def test_accords_scale_visas_and_sentences_and_limit_readmission(
    levers: Levers, inputs: Inputs
) -> None:
    one, four = (on(f"bilateral_accords:{dose}", levers, inputs).copy() for dose in (1, 4))
    assert four["penalty"][0] == pytest.approx(4.0 * one["penalty"][0])
    np.testing.assert_allclose(four["visas"], 4.0 * one["visas"])
    maximum = params_of(registry()["bilateral_accords"])["readmission"].value
    assert 0.0 < one["readmission"][0] < four["readmission"][0] < maximum <= 1.0


@pytest.mark.parametrize("name", ["bilateral_accords", "smuggler_prosecution"])
def test_sentences_that_deter_nobody_still_cost_money(
    name: str, levers: Levers, inputs: Inputs
) -> None:
    assert on(f"{name}:penalty=0", levers, inputs).penalty[0] == 0.0
    free = make(PolicySpec(id=name, numbers={"penalty": 0.0}), START, END)
    assert free.dollars() == registry()[name].full_programme().dollars()


def test_a_longer_sentence_raises_the_price_by_its_months_in_prison() -> None:
    """12 months in prison cost a year in prison; the case before the sentence is paid once."""

    def price(months: float) -> float:
        numbers = {"months": months, "prison_year": 30e3, "case_dollars": 26e3}
        policy = make(
            PolicySpec(id="smuggler_prosecution", numbers=tuple(numbers.items())), START, END
        )
        assert isinstance(policy, sentences.Sentencing)
        return policy.us_price()

    assert price(12.0) == 56e3
    assert price(24.0) - price(12.0) == 30e3


def test_support_is_split_by_population() -> None:
    declared = params_of(registry()["central_american_governance"])["share"]
    assert declared.labels is not None
    people = [
        float(rows_where("drivers/country_year.csv", country=c, year=2013)[0]["population"])
        for c in declared.labels
    ]
    np.testing.assert_allclose(declared.value, np.array(people) / sum(people), atol=0.005)


def test_the_prosperity_programme_funds_mexico_only(levers: Levers, inputs: Inputs) -> None:
    pulled = on("mexican_prosperity:2", levers, inputs)
    in_mexico = np.arange(len(COUNTRIES)) == COUNTRIES.index("MX")
    np.testing.assert_array_equal(pulled.growth, 100e6 * in_mexico)
    np.testing.assert_array_equal(pulled.jobs, 100e6 * in_mexico)
    np.testing.assert_array_equal(pulled.governance, 100e6 * in_mexico)
    np.testing.assert_array_equal(pulled.cash, 0.0 * in_mexico)


@pytest.mark.parametrize(("targeted", "cash"), [(0.0, 0.0), (1.0, 0.0), (0.3, 0.4), (1.0, 1.0)])
def test_the_uses_of_the_prosperity_programme_sum_to_its_money(
    targeted: float, cash: float, levers: Levers, inputs: Inputs
) -> None:
    pulled = on(f"mexican_prosperity:3:targeted={targeted}:cash={cash}", levers, inputs)
    total = pulled.growth + pulled.jobs + pulled.cash
    assert total.sum() == pytest.approx(300e6)
    assert pulled.cash.sum() == pytest.approx(300e6 * cash)
    assert pulled.jobs.sum() == pytest.approx(300e6 * (1.0 - cash) * targeted)


# ---- costs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "low", "high", "payers"),
    [
        ("merida_initiative", 0, 400, {"us"}),
        ("military_cooperation", 50, 150, {"us", "mexico"}),
        ("mexican_border_patrol", 5_000 * 0.025, 5_000 * 0.07, {"mexico"}),
        ("central_american_governance", 50, 300, {"us"}),
        ("dismantle_conveyor_belts", 10, 100, {"us", "mexico"}),
        ("bilateral_accords", 20, 60, {"us", "mexico"}),
        ("smuggler_prosecution", 100, 150, {"us"}),
        ("assurance_conditionality", 5, 5, {"us"}),
        ("mexican_prosperity", 50, 300, {"us", "mexico"}),
        ("joint_operations", 10, 150, {"us", "mexico"}),
        ("anti_crime_strategy", 110, 110, {"us", "mexico"}),
    ],
)
def test_dose_one_costs_within_its_range_and_has_its_payers(
    name: str, low: float, high: float, payers: set[str]
) -> None:
    """Dose 1 costs between low and high, in millions of dollars per year, paid by payers."""
    policy = registry()[name].full_programme()
    assert low * 1e6 <= round(policy.dollars_at_one) <= high * 1e6
    assert {payer for payer, dollars in policy.dollars().items() if dollars} == payers


@pytest.mark.parametrize("name", ["anti_crime_strategy", "mexican_prosperity"])
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_shares_of_both_countries_sum_to_the_cost(name: str, share: float) -> None:
    policy = make(PolicySpec(id=name, numbers={"us_share": share}), START, END)
    by_payer = policy.dollars()
    assert by_payer["us"] == pytest.approx(share * policy.dollars_at_one)
    assert sum(by_payer.values()) == pytest.approx(registry()[name].full_programme().dollars_at_one)


# ---- limits for every instrument ----------------------------------------------------------------

_OURS = r"(?:U\.S\.|United States|American|Border Patrol|CBP|Northern Command)"
_UNITS = r"(?:units?|troops?|soldiers?|forces?|agents?|officers?|patrols?|marines?|teams?)"
_ABROAD = re.compile(
    rf"\b{_OURS}\s+(?:\w+\s+){{0,2}}{_UNITS}\b[^.;]*\b(?:in|into|inside|to)\s+"
    r"(?:the\s+)?Mexic",
    re.I,
)


@every
def test_no_policy_mentions_us_units_in_mexico(cls: type[Policy]) -> None:
    """No text and no cost line of a policy mentions U.S. units in Mexico."""
    description = cls.full_programme().describe()
    texts = [description[name] for name in ("title", "claim", "mechanism", "expect", "fails_when")]
    texts += [cls.__doc__ or "", *(c["purpose"] for c in description["cost"])]
    texts += [n["doc"] for n in description["numbers"]]
    assert [text for text in texts if _ABROAD.search(text)] == []


@every
def test_mexico_pays_for_its_officers(cls: type[Policy]) -> None:
    """A policy that posts officers or gendarmes in Mexico has a cost line that Mexico pays."""
    if {"mx_officers", "gendarmes"} & set(cls.lever_names):
        purposes = [c.purpose for c in cls.full_programme().costs if c.payer == "mexico"]
        assert any(re.search("officer|gendarme", purpose, re.I) for purpose in purposes)


@every
def test_mexican_levers_act_only_in_mexico(
    cls: type[Policy], inputs: Inputs, levers: Levers, world: World
) -> None:
    """Mexican levers act at Mexican places and on legs that end there; U.S. levers by sector."""
    pull_all((cls(dose=cls.high, start=FIRST, end=FULL),), levers, FIRST, inputs)
    in_mexico = mexican(world)
    assert not levers.mx_officers[~in_mexico].any() and not levers.mx_effort[~in_mexico].any()
    assert not levers.mx_watch[~in_mexico[world.head]].any()


# ---- failure conditions -------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAILING)
def test_failure_conditions_can_be_applied(name: str) -> None:
    """Every path exists, every value is valid and the scenario or the policy changes."""
    cls, specs = registry()[name], (PolicySpec(id=name),)
    scenario, changed = apply_overrides(Scenario(), specs, cls.failing)
    policy = make(changed[0], START, END)
    assert (scenario, policy) != (Scenario(), make(specs[0], START, END))


def test_an_override_also_applies_to_policies_of_the_scenario() -> None:
    """An override applies to an id both in the scenario and among the added policies."""
    scenario = Scenario().with_settings({"policies": ["fence:0.5", "trainers"]})
    changed, (spec,) = apply_overrides(
        scenario, (PolicySpec(id="fence"),), {"policies.fence.toll": 7, "days": 30}
    )
    assert changed.days == 30 and dict(spec.numbers) == {"toll": 7.0}
    assert [dict(p.numbers) for p in changed.policies] == [{"toll": 7.0}, {}]
    assert apply_overrides(scenario, (spec,), {}) == (scenario, (spec,))


def test_an_override_for_a_missing_policy_raises_an_error() -> None:
    with pytest.raises(SettingError, match=r"policies\.fence: no such policy is in force"):
        apply_overrides(Scenario(), (PolicySpec(id="trainers"),), {"policies.fence.toll": 7.0})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("policies.fence.tol", 7.0),
        ("policies.fence.toll", 1e9),
        ("contest.etta", 0.0),
        ("policies.fence", 1.0),
    ],
)
def test_an_invalid_override_raises_an_error(path: str, value: float) -> None:
    """The scenario raises the error or, for a parameter of a policy, the policy constructor."""
    with pytest.raises(SettingError):
        make(
            apply_overrides(Scenario(), (PolicySpec(id="fence"),), {path: value})[1][0], START, END
        )
