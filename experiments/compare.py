"""Policies against a baseline, seed by seed.

Every arm plays the same seeds as the baseline, and the same person has the same luck under every
policy, so that the difference of a pair comes from the policy and what it sets off. An arm is
the scenario's own policies plus one policy, or plus a portfolio. With an ensemble all of this is
done under every one of its parameter sets, and both runs of a pair share theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from abm.measures.definitions import AVERTED, BESIDE_PRICES
from experiments.calibration.ensemble import luck
from experiments.run import Case, Failure, RunResult, run_many

if TYPE_CHECKING:
    import numpy as np

    from abm.policies import Policy
    from abm.policy_use import PolicyUse
    from abm.scenario import Scenario

#: Paired seeds where nobody says how many; with four arms of three years at scale 20 this stays
#: well under a minute on two cores, process start included.
REPS = 8
#: Arms where nobody names any: agents, technology and cooperation at equal budget.
DEFAULT_ARMS = (
    "patrol_surge:250M", "cameras_and_sensors:250M", "southern_border_control:250M",
)  # fmt: skip
_QUANTILES = {"low50": 0.25, "high50": 0.75, "low90": 0.05, "high90": 0.95}

Portfolio = tuple["PolicyUse", ...]
Key = tuple[int, int]  # member (0 without an ensemble), seed


@dataclass(frozen=True)
class Difference:
    """An outcome of an arm: the baseline's median, and the median paired difference from it.

    With its 50 % and 90 % intervals over pairs (with one pair all bounds are equal), and how many
    of the ``pairs`` lie ``below`` and ``above`` zero. Where only a policy has the outcome (dollars
    per averted entry) ``baseline`` is NaN, ``difference`` the arm's own value and no pair is
    counted; NaN there means that nothing was averted, or for a bound that it has none.
    """

    baseline: float
    difference: float
    low50: float
    high50: float
    low90: float
    high90: float
    below: int = field(default=0, kw_only=True)
    above: int = field(default=0, kw_only=True)
    pairs: int = field(default=0, kw_only=True)

    @property
    def share_below_zero(self) -> float:
        """Share of pairs with less than the baseline, 0 to 1; NaN where none is counted."""
        return self.below / self.pairs if self.pairs else math.nan

    @property
    def share_above_zero(self) -> float:
        """Share of pairs with more than the baseline, 0 to 1; NaN where none is counted."""
        return self.above / self.pairs if self.pairs else math.nan

    @property
    def alike(self) -> int:
        """Pairs whose difference has the sign of the median, or is nothing where that is."""
        if self.difference < 0.0:
            return self.below
        return self.above if self.difference > 0.0 else self.pairs - self.below - self.above


@dataclass(frozen=True, eq=False)
class Arm:
    """One policy or portfolio, or (with no policy) the baseline: its runs and what they show.

    ``dollars``: planned $ a year by payer while in force. ``dose``: of a single policy, NaN for a
    portfolio. ``runs``: by member and seed, only those that succeeded. ``outcomes``: see
    ``Difference``.
    """

    uses: Portfolio
    title: str
    dose: float
    dollars: dict[str, float]
    runs: dict[Key, RunResult] = field(default_factory=dict)
    outcomes: dict[str, Difference] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Ids of the policies, joined by +; the baseline is ``status_quo``."""
        return "+".join(use.id for use in self.uses) or "status_quo"

    @property
    def written(self) -> str:
        """The written form that the command line reads back."""
        return "+".join(str(use) for use in self.uses)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A baseline and its arms over the same seeds; ``failures`` are the runs that gave nothing.

    ``members``: parameter sets of the ensemble, each played on all seeds; 0 without an ensemble.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    baseline: Arm
    arms: tuple[Arm, ...]
    failures: tuple[Failure, ...] = ()
    members: int = 0


def compare(
    scenario: Scenario,
    uses: Sequence[PolicyUse | Portfolio],
    *,
    seeds: Iterable[int] = range(1, REPS + 1),
    ensemble: Sequence[Mapping[str, Any]] | None = None,
    jobs: int | None = None,
    on_result: Callable[[RunResult | Failure], object] | None = None,
) -> Comparison:
    """Play the baseline and every arm on the same seeds and pair them.

    Args:
        scenario: the baseline, with its own policies.
        uses: what each arm adds, a policy or a portfolio.
        seeds: of the baseline and of every arm; a member plays them moved by an offset of its
            own, so that no luck is common to all.
        ensemble: sets of settings by dotted path, each laid over the scenario (what the scenario
            says at such a path no longer counts) and played on all seeds.
        jobs: runs at a time.
        on_result: hears of every answer.

    Raises ``SettingError`` before anything is played if a policy or a member cannot be made. Runs
    that fail are left out of the pairs and listed in ``failures``.
    """
    seeds = tuple(seeds)
    arms = [_arm(scenario, ()), *(_arm(scenario, portfolio(use)) for use in uses)]
    worlds = [scenario.with_settings(one) for one in ensemble] if ensemble else [scenario]
    plan = [(i, (m, seed)) for m in range(len(worlds)) for seed in seeds for i in range(len(arms))]
    offset = [luck(one) for one in ensemble] if ensemble else [0]
    cases = [Case(with_uses(worlds[m], arms[i].uses), seed + offset[m]) for i, (m, seed) in plan]
    answers = run_many(cases, jobs=jobs, on_result=on_result)
    failures = []
    for (i, key), answer in zip(plan, answers, strict=True):
        if isinstance(answer, RunResult):
            arms[i].runs[key] = answer
        else:
            failures.append(_named(answer, arms[i], key[0] if ensemble else None))
    base = replace(arms[0], outcomes=_levels(arms[0]))
    judged = tuple(replace(arm, outcomes=differences(base, arm)) for arm in arms[1:])
    return Comparison(scenario, seeds, base, judged, tuple(failures), len(ensemble or ()))


def portfolio(use: PolicyUse | Portfolio) -> Portfolio:
    """A single policy as a portfolio of one."""
    return use if isinstance(use, tuple) else (use,)


def with_uses(scenario: Scenario, uses: Portfolio) -> Scenario:
    """The scenario with more policies in force."""
    if not uses:
        return scenario
    return scenario.with_settings({"policies": (*scenario.policies, *uses)})


def policies_of(scenario: Scenario, uses: Iterable[PolicyUse]) -> list[Policy]:
    """Make the policies, from their own or the scenario's dates; raises ``SettingError``."""
    import datetime

    from abm.policies import make

    end = scenario.start + datetime.timedelta(days=scenario.days)
    return [make(use, scenario.start, end) for use in uses]


def _arm(scenario: Scenario, uses: Portfolio) -> Arm:
    """An arm that nobody has played yet."""
    made = policies_of(scenario, uses)
    dollars: dict[str, float] = {}
    for policy in made:
        for payer, yearly in policy.dollars().items():
            dollars[payer] = dollars.get(payer, 0.0) + yearly
    title = " + ".join(policy.title for policy in made)
    if not uses:
        title = "Status quo" if not scenario.policies else f"Scenario {scenario.name}"
    dose = made[0].dose if len(made) == 1 else math.nan if made else 0.0
    return Arm(uses, title, dose, dollars)


def _named(failure: Failure, arm: Arm, member: int | None) -> Failure:
    """A failure that says of which arm it is, and of which member of an ensemble."""
    name = arm.written or f"baseline ({failure.name})"
    return replace(failure, name=name if member is None else f"{name}, member {member}")


def _levels(arm: Arm) -> dict[str, Difference]:
    """The baseline against itself: its medians, no differences."""
    import numpy as np

    names = next(iter(arm.runs.values())).outcomes if arm.runs else {}
    table = {name: _known([run.outcomes[name] for run in arm.runs.values()]) for name in names}
    medians = {k: float(np.median(v)) if v.size else math.nan for k, v in table.items()}
    return {name: Difference(level, *[0.0] * 5) for name, level in medians.items()}


def differences(base: Arm, arm: Arm) -> dict[str, Difference]:
    """Paired differences of every outcome, over the members and seeds that both arms have.

    The prices of an averted entry come last, and directly after them what it does to people:
    whoever writes the outcomes down in their order never shows a price alone.
    """
    pairs = [(base.runs[key], arm.runs[key]) for key in base.runs if key in arm.runs]
    answer: dict[str, Difference] = {}
    for name, level in base.outcomes.items():
        change = _known([new.outcomes[name] - old.outcomes[name] for old, new in pairs])
        answer[name] = _difference(level.baseline, change)
    beside = {name: answer.pop(name) for name in BESIDE_PRICES if name in answer}
    if len(beside) == len(BESIDE_PRICES):
        answer |= {name: _price(pairs, entry) for name, entry in AVERTED.items()}
    return answer | beside


def _price(pairs: list[tuple[RunResult, RunResult]], entry: str) -> Difference:
    """Discounted dollars for every averted entry of a kind; one only put off is not averted."""
    dollars = [new.discounted["dollars"] - old.discounted["dollars"] for old, new in pairs]
    change = []
    for old, new in pairs:
        weighed = new.discounted[entry] - old.discounted[entry]
        counted = new.outcomes[entry] - old.outcomes[entry]
        change.append(weighed if weighed * counted > 0.0 else 0.0)
    return _per_averted(_known(dollars), _known(change))


def _known(values: list[float]) -> np.ndarray:
    """The values that are numbers."""
    import numpy as np

    array = np.array(values, dtype=float)
    return array[np.isfinite(array)]


def _difference(level: float, values: np.ndarray) -> Difference:
    """Median and intervals of paired differences; NaN where there is no pair."""
    import numpy as np

    if not values.size:
        return Difference(level, *[math.nan] * 5)
    bounds = {name: float(np.quantile(values, q)) for name, q in _QUANTILES.items()}
    below, above = int((values < 0.0).sum()), int((values > 0.0).sum())
    return Difference(level, float(np.median(values)), **bounds, below=below, above=above,
                      pairs=len(values))  # fmt: skip


def _per_averted(dollars: np.ndarray, change: np.ndarray) -> Difference:
    """Joint dollars for every entry that did not happen.

    Medians are divided, not pairs, because a pair in which nothing is averted has no price.
    The bounds follow from those of the entries averted; where these reach zero the upper one
    is NaN: no bound.
    """
    averted = _difference(math.nan, -change)
    spent = _difference(math.nan, dollars).difference

    def price(entries: float) -> float:
        return spent / entries if entries > 0.0 and spent >= 0.0 else math.nan

    return Difference(
        math.nan, price(averted.difference), price(averted.high50), price(averted.low50),
        price(averted.high90), price(averted.low90),
    )  # fmt: skip
