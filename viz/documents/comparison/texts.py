"""Title, question, limits and assumptions of a report."""

from __future__ import annotations

from abm.measures import DiscountParams
from experiments.compare import Comparison, policies_of

LIMITS = (
    "The report is not a forecast. It states what follows from the assumptions below.",
    "The model does not include sexual violence; the harm to people on the way is larger than "
    "shown.",
    "Places are cities and Border Patrol sectors; the results have no finer resolution.",
    "Counts of apprehensions depend on enforcement effort: they do not measure the flow.",
)
_COUNTS = ("No policy", "One policy", "Two policies", "Three policies", "Four policies")


def title(comparison: Comparison) -> str:
    """Return the title of the report."""
    count = len(comparison.arms)
    lead = _COUNTS[count] if count < len(_COUNTS) else f"{count} policies"
    if comparison.scenario.policies:
        return f"{lead} on top of scenario {comparison.scenario.name}"
    return f"{lead} against the status quo"


def question(comparison: Comparison) -> str:
    """Return the question that the arms can answer."""
    needs_mexico = {
        any(policy.needs_mexico for policy in policies_of(comparison.scenario, arm.specs))
        for arm in comparison.arms
    }
    if len(needs_mexico) == 2:
        return "Does tighter control at the U.S. border need Mexico's cooperation?"
    return "How do the policies change crossings, harm to people, and cost?"


def limits(comparison: Comparison) -> list[str]:
    """Return the limits of the model and of this comparison; failed runs come first."""
    texts = [
        f"Supply is the series {comparison.scenario.supply}, the same in every year: the number of "
        "people who may set out does not respond to a surge, a hurricane or a recession.",
        "Dollars per averted entry is a ratio of medians; if the range of averted entries reaches "
        "zero, the price has no upper bound. Dollars and entries of later days are discounted at "
        f"{100 * DiscountParams().rate:g} % a year.",
    ]
    if comparison.members:
        texts.append(
            "Members differ in the calibrated numbers only; other assumptions are the same in all "
            "members. Each member has different random draws, so ranges include chance."
        )
    if comparison.failures:
        lost = "; ".join(f"{f.name}, seed {f.seed}" for f in comparison.failures[:10])
        texts.insert(0, f"{len(comparison.failures)} runs failed and are left out: {lost}.")
    return [*LIMITS, *texts]
