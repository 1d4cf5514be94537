"""Test instruments of cooperation with Mexico, and limits that hold for every instrument."""

import dataclasses
import datetime
import math

import numpy as np
import pytest

from abm.policies import Inputs, Policy, make, pull_all, registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.world.routes import SECTORS, PlaceKind, World
from agents.labels import SECTORS as SLUGS
from agents.levers import Levers
from agents.param import SettingError, params_of

START, END = datetime.date(2012, 10, 1), datetime.date(2015, 10, 1)
FIRST = START.toordinal()
FULL = FIRST + 1_090  # all officers are hired, after nearly three years
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


# ---- organisations and strategy -----------------------------------------------------------------


def test_criteria_of_two_strategies_are_weighted_by_size(levers: Levers, inputs: Inputs) -> None:
    """Weights are normalised within a strategy; a strategy of twice the size weighs twice."""
    small = "anti_crime_strategy:1:criterion=0/0/1/0"
    large = "anti_crime_strategy:2:criterion=0.5/0/0/0"
    both = on(f"{small} {large}", levers, inputs)
    assert both.strategy[0] == pytest.approx(3 * 100e6)
    np.testing.assert_allclose(both.criterion, [2.0, 0.0, 1.0, 0.0])


# ---- costs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["anti_crime_strategy", "mexican_prosperity"])
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_shares_of_both_countries_sum_to_the_cost(name: str, share: float) -> None:
    policy = make(PolicySpec(id=name, numbers={"us_share": share}), START, END)
    by_payer = policy.dollars()
    assert by_payer["us"] == pytest.approx(share * policy.dollars_at_one)
    assert sum(by_payer.values()) == pytest.approx(registry()[name].full_programme().dollars_at_one)


# ---- limits for every instrument ----------------------------------------------------------------


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


def test_an_override_also_applies_to_policies_of_the_scenario() -> None:
    """An override applies to an id both in the scenario and among the added policies."""
    scenario = Scenario().with_settings({"policies": ["fence:0.5", "trainers"]})
    changed, (spec,) = apply_overrides(
        scenario, (PolicySpec(id="fence"),), {"policies.fence.toll": 7, "days": 30}
    )
    assert changed.days == 30 and dict(spec.numbers) == {"toll": 7.0}
    assert [dict(p.numbers) for p in changed.policies] == [{"toll": 7.0}, {}]
    assert apply_overrides(scenario, (spec,), {}) == (scenario, (spec,))


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
