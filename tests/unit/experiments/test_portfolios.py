"""The packaged portfolios: three with equal costs and the policies of the named arms."""

import pytest

from abm.policies import Policy, policies_of
from experiments.scenarios import find

PORTFOLIOS = ("us_only", "cooperation", "mixed")
TOTAL = 500e6  # $ per year, as in the descriptions of the portfolios


def policies_in(name: str) -> list[Policy]:
    """Return the policies of a packaged scenario."""
    scenario = find(name)
    return policies_of(scenario, scenario.policies)


def dollars(policy: Policy) -> float:
    """Return the dollars per year of all payers together."""
    return sum(policy.dollars().values())


@pytest.mark.parametrize("name", PORTFOLIOS)
def test_portfolio_cost_matches_its_description(name: str):
    assert sum(map(dollars, policies_in(name))) == pytest.approx(TOTAL, rel=0.05)
    assert f"${TOTAL / 1e6:.0f}M a year" in find(name).doc and "not optimised" in find(name).doc


@pytest.mark.parametrize("name", PORTFOLIOS)
def test_portfolio_differs_from_the_baseline_in_policies_alone(name: str):
    base, scenario = find("baseline"), find(name)
    assert scenario.with_settings({"name": base.name, "doc": base.doc, "policies": []}) == base
    assert len({policy.id for policy in policies_in(name)}) == len(policies_in(name)) > 3


def test_half_of_the_mixed_budget_needs_mexico():
    shared = sum(dollars(policy) for policy in policies_in("mixed") if policy.needs_mexico)
    assert shared == pytest.approx(TOTAL / 2, rel=0.05)
