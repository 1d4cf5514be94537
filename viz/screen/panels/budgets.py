"""Budgets of policies: read typed amounts, find the doses, and make worlds cost the same.

The model computes every cost from the policy as the model would run it.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from abm.policies import policies_of
from abm.policies.base import Policy
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from experiments.runs.case import YEAR
from viz.screen.session.choice import Choice, Policies, base_scenario

#: [A] Step to which budgets are rounded, in dollars per year.
STEP = 1_000.0
#: [A] Maximum difference between a budget and the cost of a policy that meets it, as a share.
TOLERANCE = 0.005
#: [A] Maximum relative difference between the spending of both worlds, and maximum number of
#: budgets to try.
_NEAR, _TRIES = 0.02, 6
_HALVINGS = 60  # bisections of a scale factor, which give a precision far below a dollar
_SUFFIXES = {"": 1.0, "K": 1e-3, "M": 1.0, "B": 1e3}  # in millions
# Possessive quantifiers keep the time proportional to the length of a text with many spaces.
_TYPED = re.compile(r"\$?\s*+(-?[0-9]{0,15}(?:\.[0-9]{0,15})?)\s*+([KMB]?)", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def read_number(text: str, suffixes: str = "") -> float:
    """Read a typed number, with commas between thousands and a decimal point or comma.

    Args:
        text: the number.
        suffixes: letters, one of which may follow. With suffixes, the result is in millions.

    Raises:
        ValueError: the text is not such a number.
    """
    match = _TYPED.fullmatch(_plain(text).replace(",", "."))
    suffix = match[2].upper() if match else "?"
    if match is None or not re.search(r"\d", match[1]) or suffix not in ("", *suffixes):
        raise ValueError(text)
    return float(match[1]) * (_SUFFIXES[suffix] if suffixes else 1.0)


def read_integer(text: str) -> int:
    """Read an integer of any size without rounding. Commas may separate thousands.

    Raises:
        ValueError: the text is not an integer.
    """
    return int(_plain(text))


def read_millions(text: str) -> float:
    """Read an amount in dollars. A number without a suffix counts millions.

    Args:
        text: text such as ``250``, ``$249.9M``, ``1,200`` or ``0.25B``.

    Returns:
        Dollars.

    Raises:
        ValueError: the text is not an amount.
    """
    return round(read_number(text, "KMB") * 1e6, 2)


def _plain(text: str) -> str:
    """Remove the commas between thousands from a typed number, and convert the minus to ASCII."""
    return _THOUSANDS.sub("", text.strip().replace("\u2212", "-"))


@dataclass(frozen=True, slots=True)
class MetBudget:
    """A policy that meets a budget as closely as possible.

    Attributes:
        text: policy as text.
        dollars: cost of the policy in dollars per year.
        limit: ``most`` or ``least`` if the budget is outside the bounds of the policy, else "".
    """

    text: str
    dollars: float
    limit: str = ""


@lru_cache(maxsize=512)
def policy_of(text: str) -> Policy:
    """Return the policy that a text describes, or raise ``SettingError`` if it is invalid."""
    (policy,) = policies_of(base_scenario(), [parse_policy(text)])
    return policy


def dollars_of(text: str) -> float:
    """Return the cost of a policy in dollars per year, over all payers."""
    return sum(policy_of(text).dollars().values())


def costs_money(text: str) -> bool:
    """Return whether the instrument of a policy costs money with the policy's parameters."""
    return dollar_bounds(text)[1] > 0.0


def dollar_bounds(text: str) -> tuple[float, float]:
    """Return an instrument's lowest and highest cost in dollars per year, with these parameters."""
    plain = dataclasses.replace(parse_policy(text), dose=1.0, dollars=None)
    policy = policy_of(str(plain))
    return policy.low * policy.full_dollars, policy.high * policy.full_dollars


def meet_budget(text: str, dollars: float) -> MetBudget:
    """Give a policy a budget, or the nearest amount within its bounds.

    Args:
        text: policy as text, whose dates and parameters do not change.
        dollars: budget in dollars per year.

    Returns:
        The policy and its cost. Within the bounds, the cost is at most one `STEP` from the budget.
    """
    low, high = dollar_bounds(text)
    limit = "most" if dollars > high else "least" if dollars < low else ""
    steps = round(min(max(dollars, low), high) / STEP)
    steps -= steps * STEP > high
    written = str(dataclasses.replace(parse_policy(text), dose=None, dollars=steps * STEP))
    reached = dollars_of(written)
    return MetBudget(
        written, reached, "" if abs(reached - dollars) <= TOLERANCE * dollars else limit
    )


def yearly_total(policies: Policies, scenario: Scenario) -> float:
    """Return the dollars per year of a world on its most expensive day, over all payers."""
    uses = policies_of(scenario, [parse_policy(text) for text in policies])
    return _peak(uses, [sum(policy.dollars().values()) for policy in uses])


@lru_cache(maxsize=64)
def planned_dollars(choice: Choice, world: int) -> float:
    """Return the dollars that a world plans for the whole run."""
    scenario = choice.scenario(world)
    first = scenario.start.toordinal()
    last = first + scenario.days
    return (
        math.fsum(
            sum(policy.dollars().values())
            * max(0, min(policy.end, last) - max(policy.start, first))
            for policy in policies_of(scenario, scenario.policies)
        )
        / YEAR
    )


def _peak(uses: Sequence[Policy], dollars: Sequence[float]) -> float:
    """Return the highest total cost of policies that are in force on the same day."""
    pairs = list(zip(uses, dollars, strict=True))
    days = {policy.start for policy in uses if policy.start < policy.end}
    sums = (math.fsum(d for policy, d in pairs if policy.active(day)) for day in days)
    return max(sums, default=0.0)


def scaled_to(policies: Policies, total: float, scenario: Scenario) -> tuple[Policies, float]:
    """Multiply the dollars of all policies in a world by one factor to reach a total.

    Args:
        policies: policies as text. Policies without dollars do not change, and no policy exceeds
            its highest amount.
        total: total to reach, in dollars per year.
        scenario: scenario of the world, for the dates.

    Returns:
        The scaled policies, and their total in dollars per year.
    """
    uses = policies_of(scenario, [parse_policy(text) for text in policies])
    spent = [sum(policy.dollars().values()) for policy in uses]
    largest = [dollar_bounds(text)[1] for text in policies]

    def scaled(factor: float) -> list[float]:
        return [min(factor * d, m) for d, m in zip(spent, largest, strict=True)]

    factors = (m / d for d, m in zip(spent, largest, strict=True) if d > 0.0)
    low, high = 0.0, max(factors, default=0.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _peak(uses, scaled(middle)) < total else (low, middle)
    amounts = zip(policies, spent, scaled(high), strict=True)
    new = tuple(meet_budget(text, amount).text if d > 0.0 else text for text, d, amount in amounts)
    return new, yearly_total(new, scenario)


def equal_spending(
    choice: Choice, spent: Sequence[float], spending: Callable[[Scenario], float]
) -> Choice | None:
    """Scale the dollars of the more expensive world until both worlds spend the same.

    Agencies spend a larger share of a smaller budget. Each new budget is therefore corrected by
    the spending that follows from the previous budget.

    Args:
        choice: the worlds.
        spent: dollars that A and B spend, both positive.
        spending: runs a scenario and returns its spending in dollars per year.

    Returns:
        The new worlds, or None if no budget is near enough.
    """
    world = int(spent[1] > spent[0])
    name, goal = "ab"[world], min(spent) * YEAR / choice.days
    total = yearly_total(choice.policies(world), choice.scenario(world)) * min(spent) / max(spent)
    for _ in range(_TRIES):
        policies, total = scaled_to(choice.policies(world), total, choice.scenario(world))
        changed = dataclasses.replace(choice, **{name: policies})
        reached = spending(changed.scenario(world))
        if abs(reached - goal) <= _NEAR * goal:
            return changed
        if not reached > 0.0:
            break
        total *= goal / reached
    return None
