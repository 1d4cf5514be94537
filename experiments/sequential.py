"""Sequential stopping: paired replicates are added until a mean change is known as well as asked.

What is watched is the interval of the *mean* paired difference (Student t), which shrinks as pairs
are added; the range of nine pairs in ten, which a comparison prints, does not: it says what single
pairs may show, and keeps its width.

With an ensemble a replicate is one more seed for every member, and the mean is taken over one value
a member, the mean of its seeds. Pairs of one member share its parameters: counted one by one, they
would make an interval narrow that only more members can make narrow. So seeds take away luck alone,
and what members differ by stays.

A rule that looks again and again stops a little too often when the spread happens to look small.
The intervals at the stop are therefore slightly narrow: those of 90 % hold the mean in 87 % or more
of synthetic Gaussian worlds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from abm.measures.outcome_definitions import OUTCOMES
from agents.param import SettingError, meant, plain
from experiments.compare import REPS, Arm, Comparison, extended, unplayed

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec
    from experiments.compare import Portfolio

#: Outcomes that must be known well where nobody names any.
ASKED = ("got_aways", "unlawful_entries")
#: Pairs of an arm that are not exceeded where nobody says otherwise.
MOST = 200
#: Share of intervals that hold the mean, before stopping makes it slightly less.
LEVEL = 0.90
#: Why adding stopped.
REACHED, BOUND, MEMBERS, NOTHING, FAILED = "reached", "most", "members", "undefined", "failed"
_STEP, _GROWTH = 4, 0.25  # pairs that are added: four, or a quarter of what there is

Play = Callable[[Comparison, Iterable[int]], Comparison]


@dataclass(frozen=True)
class Rule:
    """Stop when every arm's mean change of all ``outcomes`` is known to ``width``.

    ``width``: full width of the 90 % interval of the mean, in percent of the baseline. ``most``:
    pairs of an arm, over all members. Raises ``SettingError``.
    """

    width: float
    outcomes: tuple[str, ...] = ASKED
    most: int = MOST
    fewest: ClassVar[int] = 6  #: values of a mean, below which chance alone could stop it

    def __post_init__(self) -> None:
        """Refuse what no number of pairs could satisfy."""
        if not (isinstance(self.width, int | float) and 0.0 < self.width < math.inf):
            hint = "Give a width above 0 in percent of the baseline, for example 1."
            raise SettingError("--until", f"{plain(self.width)} is no width", hint)
        for name in self.outcomes:
            if name not in OUTCOMES:
                hint = f"{meant(name, OUTCOMES)}Outcomes: {', '.join(OUTCOMES)}."
                raise SettingError("--outcome", f"there is no outcome {plain(name)}", hint)
        if self.most < self.fewest:
            hint = f"Give {self.fewest} or more."
            raise SettingError("--most", f"{self.most} pairs are too few for an interval", hint)

    def sizes(self, reps: int = REPS, members: int = 0) -> list[int]:
        """Seeds at each look, `reps` or more at the first, for so many members (0: no ensemble).

        Raises ``SettingError`` where members are too few or too many.
        """
        each = max(1, members)
        self._check(members)
        last = self.most // each
        sizes = [min(last, max(reps, math.ceil(self.fewest / each)))]
        while sizes[-1] < last:
            more = max(math.ceil(_STEP / each), math.ceil(_GROWTH * sizes[-1]))
            sizes.append(min(last, sizes[-1] + more))
        return sizes

    def _check(self, members: int) -> None:
        """Refuse an ensemble of which no mean could be taken."""
        if 0 < members < self.fewest:
            hint = "The interval is over members, and more seeds do not stand in for them."
            reason = f"--until needs {self.fewest} members or more, not {members}"
            raise SettingError("--ensemble", reason, hint)
        if members > self.most:
            reason = f"{self.most} pairs are fewer than the {members} members"
            raise SettingError("--most", reason, f"Give {members} or more, or fewer members.")


@dataclass(frozen=True)
class MeanChange:
    """Mean paired difference of an outcome of an arm, in percent of the baseline's median.

    ``arm``: its written form. ``low`` and ``high``: the 90 % interval of the mean, infinite where
    it is not known. ``count``: values of which it is the mean: pairs, or with an ensemble members.
    ``left``: width that would stay however many seeds were added, at the low end of what it may
    be; 0 without an ensemble.
    """

    arm: str
    outcome: str
    mean: float
    low: float
    high: float
    count: int
    left: float = 0.0

    @property
    def width(self) -> float:
        """Full width of the interval, in percent of the baseline."""
        return self.high - self.low


@dataclass(frozen=True)
class Look:
    """What was seen with so many pairs an arm."""

    pairs: int
    changes: tuple[MeanChange, ...]

    @property
    def widest(self) -> MeanChange:
        """The change that is known least."""
        return max(self.changes, key=lambda change: change.width)


@dataclass(frozen=True, eq=False)
class Settled:
    """A comparison that was added to, the looks that were taken, and why it stopped.

    ``stopped``: "reached"; "most" (the bound on pairs); "members" (they differ too much for any
    number of seeds); "undefined" (the baseline has nothing of an outcome, so there is no percent);
    "failed" (an arm has no two pairs).
    """

    comparison: Comparison
    rule: Rule
    looks: tuple[Look, ...] = field(repr=False)
    stopped: str

    @property
    def reached(self) -> bool:
        """Whether every interval is as narrow as asked."""
        return self.stopped == REACHED

    @property
    def last(self) -> Look:
        """The look at which it stopped."""
        return self.looks[-1]


def compare_until(
    scenario: Scenario,
    uses: Sequence[PolicySpec | Portfolio],
    rule: Rule,
    *,
    seed: int = 1,
    reps: int = REPS,
    ensemble: Sequence[Mapping[str, Any]] | None = None,
    play: Play = extended,
    on_look: Callable[[Look], object] | None = None,
) -> Settled:
    """Compare, and add replicates until every interval is as narrow as the rule asks.

    Args:
        scenario, uses, ensemble: as in ``experiments.compare.compare``.
        rule: how narrow, of which outcomes, and with how many pairs at most.
        seed: the first; the others follow it.
        reps: seeds before the first look, or more where these are too few.
        play: adds seeds to a comparison, for example ``partial(extended, jobs=1)``. Nothing is
            played twice.
        on_look: hears of every look.

    Raises ``SettingError`` before anything is played.
    """
    played = unplayed(scenario, uses, ensemble)

    def grow(seeds: int) -> Look:
        nonlocal played
        played = play(played, range(seed, seed + seeds))
        look = Look(seeds * max(1, played.members), mean_changes(played, rule.outcomes))
        if on_look:
            on_look(look)
        return look

    looks, stopped = settle(rule, rule.sizes(reps, played.members), grow)
    return Settled(played, rule, looks, stopped)


def settle(
    rule: Rule, sizes: Iterable[int], grow: Callable[[int], Look]
) -> tuple[tuple[Look, ...], str]:
    """Grow to one size after another until the rule says stop; all looks, and why it stopped."""
    looks: list[Look] = []
    for size in sizes:
        looks.append(grow(size))
        if why := verdict(rule, looks[-1].changes):
            return tuple(looks), why
    return tuple(looks), BOUND


def verdict(rule: Rule, changes: Sequence[MeanChange]) -> str:
    """Why to stop now; nothing where more replicates may help."""
    if all(one.width <= rule.width and one.count >= rule.fewest for one in changes):
        return REACHED
    if any(one.count < 2 for one in changes):
        return FAILED
    if any(math.isinf(one.width) for one in changes):
        return NOTHING
    return MEMBERS if any(one.left > rule.width for one in changes) else ""


# ---- the interval of a mean ----------------------------------------------------------------------


def mean_changes(comparison: Comparison, outcomes: Iterable[str]) -> tuple[MeanChange, ...]:
    """Mean change of each outcome under every arm."""
    base = comparison.baseline
    return tuple(
        mean_change(
            arm.written,
            name,
            base.outcomes[name].baseline if base.outcomes else math.nan,
            _by_member(base, arm, name),
            ensemble=bool(comparison.members),
        )
        for arm in comparison.arms
        for name in outcomes
    )


def mean_change(
    arm: str, outcome: str, level: float, groups: Sequence[Sequence[float]], *, ensemble: bool
) -> MeanChange:
    """Mean and interval of paired differences, in percent of `level`.

    `groups`: differences by member, in units of the outcome; without an ensemble all in one.
    """
    values = [math.fsum(g) / len(g) for g in groups if g] if ensemble else [*groups[0]]
    mean, low, high = mean_interval(values)
    left = _left(groups) if ensemble else 0.0
    if mean == low == high == 0.0:
        return MeanChange(arm, outcome, 0.0, 0.0, 0.0, len(values))
    if not level > 0.0:
        return MeanChange(arm, outcome, math.nan, -math.inf, math.inf, len(values))
    share = 100.0 / level
    return MeanChange(
        arm, outcome, share * mean, share * low, share * high, len(values), share * left
    )


def mean_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float, float]:
    """Mean, and the bounds of its interval by Student's t; infinite for fewer than two values."""
    from scipy.special import stdtrit

    n = len(values)
    if n < 2:
        return (values[0] if values else math.nan), -math.inf, math.inf
    mean = math.fsum(values) / n
    half = float(stdtrit(n - 1, 0.5 + level / 2.0)) * math.sqrt(_variance(values) / n)
    return mean, mean - half, mean + half


def _left(groups: Sequence[Sequence[float]]) -> float:
    """Width of the interval over members after endless seeds, at the low end of what it may be.

    The variance of member means holds what members differ by and luck; how much luck is known from
    the seeds of each member. Low end: that of the one-sided F interval, wrong once in twenty.
    """
    from scipy.special import fdtri, stdtrit

    found = [g for g in groups if len(g) > 1]
    n = len(found)
    if n < 2 or n < len(groups):
        return 0.0
    luck = math.fsum(_variance(g) / len(g) for g in found) / n
    seen = _variance([math.fsum(g) / len(g) for g in found])
    among = seen / float(fdtri(n - 1, sum(map(len, found)) - n, 0.95)) - luck
    return 2.0 * float(stdtrit(n - 1, 0.5 + LEVEL / 2.0)) * math.sqrt(max(0.0, among) / n)


def _variance(values: Sequence[float]) -> float:
    """Variance of a sample of two or more."""
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _by_member(base: Arm, arm: Arm, outcome: str) -> list[list[float]]:
    """Paired differences by member, those that are numbers; one list without an ensemble."""
    groups: dict[int, list[float]] = {}
    for key, run in base.runs.items():
        group = groups.setdefault(key[0], [])
        if key in arm.runs:
            change = arm.runs[key].outcomes[outcome] - run.outcomes[outcome]
            group += [change] if math.isfinite(change) else []
    return list(groups.values()) or [[]]
