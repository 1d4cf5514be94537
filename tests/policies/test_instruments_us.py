"""Test levers and costs of U.S. instruments: line, ports, consequences and legal pathways."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import Inputs, Policy, pull_all, registry
from abm.policies.border_management_plan import BorderManagementPlan
from abm.policies.legal_pathways import LegalPathways
from abm.policies.sector_allocation import SectorAllocation
from abm.policies.smart_infrastructure import SmartInfrastructure
from abm.world.routes import SECTORS
from agents.labels import COUNTRIES
from agents.levers import Levers

FIRST = datetime.date(2012, 10, 1).toordinal()
LAST = FIRST + 1_095
FULL = FIRST + 729  # after two years, when construction is complete
every = pytest.mark.parametrize("cls", registry().values(), ids=registry())


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


# ---- every policy -------------------------------------------------------------------------------


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


# ---- ports ------------------------------------------------------------------------------------


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


# ---- consequences and legal pathways ----------------------------------------------------------


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
