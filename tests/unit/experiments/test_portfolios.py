"""The packaged portfolios: three of the same size, from the arms that their names promise."""

import pytest

from abm.policies import Policy, registry
from experiments.compare import policies_of
from experiments.scenarios import find, names

PORTFOLIOS = ("us_only", "cooperation", "mixed")
SUM = 500e6  # $ a year, as their texts say


def made(name: str) -> list[Policy]:
    """The policies of a packaged scenario."""
    scenario = find(name)
    return policies_of(scenario, scenario.policies)


def dollars(policy: Policy) -> float:
    """Dollars a year, all payers."""
    return sum(policy.dollars().values())


@pytest.mark.parametrize("name", names())
def test_every_packaged_scenario_can_be_played(name: str):
    assert all(policy.dose <= policy.high for policy in made(name))


@pytest.mark.parametrize("name", PORTFOLIOS)
def test_a_portfolio_costs_what_its_text_says(name: str):
    assert sum(map(dollars, made(name))) == pytest.approx(SUM, rel=0.05)
    assert f"${SUM / 1e6:.0f}M a year" in find(name).doc and "not optimised" in find(name).doc


@pytest.mark.parametrize("name", PORTFOLIOS)
def test_a_portfolio_differs_from_the_baseline_in_its_policies_alone(name: str):
    base, told = find("baseline"), find(name)
    assert told.with_settings({"name": base.name, "doc": base.doc, "policies": []}) == base
    assert len({policy.id for policy in made(name)}) == len(made(name)) > 3


def test_the_united_states_alone_needs_nobody():
    assert not any(policy.needs_mexico for policy in made("us_only"))
    arms = {policy.arm for policy in made("us_only")}
    assert arms == {"agents", "sensors_fence", "ports", "consequences"}


def test_cooperation_needs_mexico_throughout():
    assert all(policy.needs_mexico for policy in made("cooperation"))
    assert "no_cooperation" in registry()


def test_half_of_the_mixed_portfolio_needs_mexico():
    shared = sum(dollars(policy) for policy in made("mixed") if policy.needs_mexico)
    assert shared == pytest.approx(SUM / 2, rel=0.05)
