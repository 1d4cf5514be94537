"""Test effects and limits of single instruments."""

import datetime

import numpy as np
import pytest

from abm.policies import Inputs, make, pull_all, registry
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import World
from agents.levers import Levers
from agents.param import params_of

START, END = datetime.date(2012, 10, 1), datetime.date(2015, 10, 1)
FIRST = START.toordinal()
FULL = FIRST + 729  # after two years, when construction is complete


def on(text: str, levers: Levers, inputs: Inputs, day: int = FULL) -> Levers:
    """Apply the policies of a text such as "fence:2 no_cooperation"."""
    policies = tuple(make(parse_policy(part), START, END) for part in text.split())
    pull_all(policies, levers, day, inputs)
    return levers


def with_settings(inputs: Inputs, **changes: object) -> Inputs:
    """Return the base year with changed settings; "__" in a keyword is the dot of its path."""
    overrides = {path.replace("__", "."): value for path, value in changes.items()}
    return Inputs(
        world=inputs.world,
        settings=inputs.settings.with_settings(overrides),
        us_base=inputs.us_base,
        mx_base=inputs.mx_base,
    )


def test_a_patrol_surge_follows_staff_and_ramps_up(levers: Levers, inputs: Inputs) -> None:
    """5,000 agents are posted in proportion to staff; half of them after half of the ramp."""
    agents = on("patrol_surge", levers, inputs).us_officers.copy()
    assert agents.sum() == pytest.approx(5_000.0)
    np.testing.assert_allclose(agents / agents.sum(), inputs.us_base / inputs.us_base.sum())
    halfway = on("patrol_surge", levers, inputs, FIRST + 89).us_officers
    assert halfway.sum() == pytest.approx(2_500.0)


def test_a_fence_never_exceeds_the_length_of_a_sector(levers: Levers, inputs: Inputs) -> None:
    """Dose 1 adds 300 miles; the highest dose keeps every sector within its length."""
    base = np.array(inputs.settings.border_patrol.fence_base)
    miles = np.array(params_of(registry()["fence"])["line_miles"].value)
    added = on("fence:1", levers, inputs).fence.copy()
    assert (added * miles).sum() == pytest.approx(300.0)
    maximum = on("fence:4", levers, inputs).fence
    assert (base + maximum <= 1.0 + 1e-12).all()


def test_a_fence_adds_cost_on_the_line_and_danger_on_remote_legs(
    levers: Levers, inputs: Inputs, world: World
) -> None:
    """Cost and delay apply to line legs only; danger to remote legs only, fenced or not."""
    on("fence", levers, inputs)
    assert (levers.leg_cost[~world.is_line] == 0.0).all()
    assert (levers.leg_delay[world.is_line] > 0.0).all()
    remote = world.is_line & (world.remoteness[world.head] >= 2)
    assert (levers.leg_danger[remote] > 0.0).all() and (levers.leg_danger[~remote] == 0.0).all()


def test_coverage_by_towers_saturates(levers: Levers, inputs: Inputs) -> None:
    """Twice the towers cover less than twice the line; coverage never exceeds 1."""
    base = np.array(inputs.settings.border_patrol.sensors_base)
    one, two, maximum = (
        on(f"cameras_and_sensors:{dose}", levers, inputs).sensors.copy() for dose in (1, 2, 20)
    )
    assert (two > one).all() and (two < 2.0 * one).all() and (maximum > two).all()
    assert (base + maximum <= 1.0).all()


def test_southern_effort_fades_with_fatigue(levers: Levers, inputs: Inputs, world: World) -> None:
    """Tempo halves after the scenario's half-life; posts do not fade; only the south changes."""
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
    """Lower pay raises the leak probability and does not change the noise of the maps."""
    well_paid = on("intelligence_sharing", levers, with_settings(inputs, mexico__pay=10.0)).copy()
    badly_paid = on("intelligence_sharing", levers, with_settings(inputs, mexico__pay=0.0)).copy()
    assert well_paid["leak"][0] < 1e-6 < 0.1 < badly_paid["leak"][0] < 1.0
    assert well_paid["map_noise"][0] == badly_paid["map_noise"][0]
    maximum = on("intelligence_sharing:8", levers, inputs)
    assert maximum.map_noise[0] < 0.5 and maximum.decapitation[0] < 0.15


def test_maps_get_worse_without_cooperation(levers: Levers, inputs: Inputs) -> None:
    """Without cooperation tempo falls where officers work and both maps get noisier."""
    on("no_cooperation", levers, inputs)
    assert levers.no_cooperation[0] == 1.0
    assert levers.map_noise[0] < 0.0 and levers.map_lag[0] < 0.0
    assert ((levers.mx_effort < 0.0) == (inputs.mx_base > 0.0)).all()
