"""Policy dollars: read a typed amount, meet it, sum a world, and scale one to another.

Every cost is computed by the model, for the policy that it would run.
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

#: [A] smallest difference between two budgets, dollars a year.
STEP = 1_000.0
#: [A] a budget is met if the model's spending differs from it by at most this share.
TOLERANCE = 0.005
#: [A] tolerance between the spending of both worlds, and the maximum of budgets run for it.
_NEAR, _TRIES = 0.02, 6
_HALVINGS = 60  # bisections of a scale factor, for a precision far below a dollar
_SUFFIXES = {"": 1.0, "K": 1e-3, "M": 1.0, "B": 1e3}  # in millions
# possessive, so that a text of many spaces takes no longer than its length
_TYPED = re.compile(r"\$?\s*+(-?[0-9]{0,15}(?:\.[0-9]{0,15})?)\s*+([KMB]?)", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def read_number(text: str, suffixes: str = "") -> float:
    """Read a number as people type it: thousands may have commas, decimals a point or a comma.

    Args:
        text: the number.
        suffixes: letters, one of which may follow. The result is in millions then.

    Raises:
        ValueError: for any other text.
    """
    match = _TYPED.fullmatch(_plain(text).replace(",", "."))
    suffix = match[2].upper() if match else "?"
    if match is None or not re.search(r"\d", match[1]) or suffix not in ("", *suffixes):
        raise ValueError(text)
    return float(match[1]) * (_SUFFIXES[suffix] if suffixes else 1.0)


def read_integer(text: str) -> int:
    """Read a whole number of any size without rounding. Commas may separate thousands.

    Raises:
        ValueError: for any other text.
    """
    return int(_plain(text))


def read_millions(text: str) -> float:
    """Read an amount in millions of dollars; ``K``, ``M`` and ``B`` and a dollar sign are allowed.

    Args:
        text: such as ``250``, ``$249.9M``, ``1,200`` or ``0.25B``.

    Returns:
        Dollars.

    Raises:
        ValueError: for any other text.
    """
    return round(read_number(text, "KMB") * 1e6, 2)


def _plain(text: str) -> str:
    """Return a typed number without thousands commas, with an ASCII minus."""
    return _THOUSANDS.sub("", text.strip().replace("\u2212", "-"))


@dataclass(frozen=True, slots=True)
class MetBudget:
    """A budget as the model meets it.

    Attributes:
        text: the policy in its written form.
        dollars: annual cost of the policy.
        limit: ``most`` or ``least`` if the budget is outside the bounds of the policy, else "".
    """

    text: str
    dollars: float
    limit: str = ""


@lru_cache(maxsize=512)
def policy_of(text: str) -> Policy:
    """Return a written policy with its dose, or raise SettingError if it is invalid."""
    (policy,) = policies_of(base_scenario(), [parse_policy(text)])
    return policy


def dollars_of(text: str) -> float:
    """Return the annual cost of a policy in its written form, over all payers."""
    return sum(policy_of(text).dollars().values())


def costs_money(text: str) -> bool:
    """Return whether an instrument with the numbers of a use costs money."""
    return dollar_bounds(text)[1] > 0.0


def dollar_bounds(text: str) -> tuple[float, float]:
    """Return the lowest and the highest cost of an instrument with the numbers of a use."""
    plain = dataclasses.replace(parse_policy(text), dose=1.0, dollars=None)
    policy = policy_of(str(plain))
    return policy.low * policy.full_dollars, policy.high * policy.full_dollars


def meet_budget(text: str, dollars: float) -> MetBudget:
    """Give a policy a budget, or the nearest amount that it can take.

    Args:
        text: a policy in its written form; its dates and numbers do not change.
        dollars: the budget a year.

    Returns:
        The policy and its actual cost; at most one `STEP` from the budget within the bounds.
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
    """Return the dollars a year of a world on its most expensive day, over all payers."""
    uses = policies_of(scenario, [parse_policy(text) for text in policies])
    return _peak(uses, [sum(policy.dollars().values()) for policy in uses])


@lru_cache(maxsize=64)
def planned_dollars(choice: Choice, world: int) -> float:
    """Return the dollars that a world plans from the first day of its run to the last."""
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
    """Return the highest joint cost of policies that are in force on the same day."""
    pairs = list(zip(uses, dollars, strict=True))
    days = {policy.start for policy in uses if policy.start < policy.end}
    sums = (math.fsum(d for policy, d in pairs if policy.active(day)) for day in days)
    return max(sums, default=0.0)


def scaled_to(policies: Policies, total: float, scenario: Scenario) -> tuple[Policies, float]:
    """Multiply the dollars of a world by one factor, so that they reach a total.

    Args:
        policies: policies in their written form; those without dollars do not change, and one
            that would exceed its largest amount gets that amount.
        total: dollars a year to reach.
        scenario: the scenario of the world, for the dates.

    Returns:
        The scaled policies, and the total that they reach.
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
    """Scale the dollars of the dearer world until both worlds spend the same.

    A smaller budget is spent more completely, because agencies deliver more of it, so each budget
    is corrected by the spending of the last one.

    Args:
        choice: the worlds.
        spent: dollars that A and B spend, positive.
        spending: runs a scenario and returns the dollars that it spends a year.

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
