"""``twoborders compare --until``: pairs are added until the mean changes are known well enough."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abm.measures import OUTCOMES
from abm.scenario import Scenario, SettingError
from experiments.compare import Comparison, Portfolio, extended
from experiments.sequential import ASKED, LEVEL, MOST, Look, MeanChange, Rule, Settled
from experiments.sequential import compare_until as settle
from viz.cli import console
from viz.cli.progress import bar
from viz.cli.report import arm_title
from viz.cli.run import noting
from viz.cli.run_options import LARGEST_SEED, Words
from viz.cli.shell import say
from viz.documents.comparison import UntilInfo, stopping


@dataclass(frozen=True, kw_only=True)
class Until:
    """What was given on the command line about when to stop."""

    width: float | None = None
    outcomes: Sequence[str] = ()
    most: int | None = None

    def rule(self, words: Words, members: int) -> Rule | None:
        """The rule, checked for so many members; None where the number of pairs is fixed."""
        if self.width is None:
            for option, given in (("--outcome", self.outcomes or None), ("--most", self.most)):
                if given is not None:
                    hint = "Give --until WIDTH with it, for example --until 1."
                    raise SettingError(option, "it says nothing without --until", hint)
            return None
        most = MOST if self.most is None else self.most
        rule = Rule(self.width, tuple(dict.fromkeys(self.outcomes)) or ASKED, most)
        if words.seed + rule.sizes(words.reps, members)[-1] - 1 > LARGEST_SEED:
            hint = f"Keep --seed plus --most below {LARGEST_SEED}."
            raise SettingError("--seed", f"{words.seed} leaves no room for the seeds", hint)
        return rule

    @property
    def words(self) -> list[str]:
        """The options, as they are typed."""
        if self.width is None:
            return []
        given = ["--until", f"{self.width:g}"]
        for name in self.outcomes:
            given += ["--outcome", name]
        return given + (["--most", str(self.most)] if self.most is not None else [])


def play(
    scenario: Scenario,
    uses: Sequence[Portfolio],
    rule: Rule,
    words: Words,
    *,
    ensemble: Sequence[Mapping[str, Any]] | None,
    jobs: int | None,
) -> Settled:
    """Play, and say at every look how far it is."""

    def add(comparison: Comparison, seeds: Iterable[int]) -> Comparison:
        fresh = [seed for seed in seeds if seed not in comparison.seeds]
        total = len(fresh) * (len(uses) + 1) * max(1, comparison.members)
        with bar("Runs", total) as step:
            return extended(comparison, fresh, jobs=jobs, on_result=noting(step))

    settled = settle(
        scenario,
        uses,
        rule,
        seed=words.seed,
        reps=words.reps,
        ensemble=ensemble,
        play=add,
        on_look=_say,
    )
    if not settled.reached:
        say(f"warning: {stopping.asked(info(settled))}")
    return settled


def _say(look: Look) -> None:
    """One look in a line."""
    one = look.widest
    width = f"{one.width:.3g} % of the baseline" if math.isfinite(one.width) else "not known"
    say(f"{look.pairs} pairs: the widest interval of a mean is {width} ({one.arm}, {one.outcome})")


def info(settled: Settled) -> UntilInfo:
    """What the report and the texts need to know."""
    found = settled.comparison
    titles = {arm.written: arm_title(found, arm) for arm in found.arms}
    rule, last = settled.rule, settled.last
    return UntilInfo(
        width=rule.width,
        outcomes=[OUTCOMES[name].label for name in rule.outcomes],
        most=rule.most,
        pairs=last.pairs,
        widest=last.widest.width,
        stopped=settled.stopped,
        means=[
            (titles[c.arm], OUTCOMES[c.outcome].label, c.mean, c.low, c.high) for c in last.changes
        ],
    )


def about(settled: Settled | None) -> dict[str, Any] | None:
    """The JSON of the rule and of what it saw; None (null) where the number of pairs was fixed."""
    if settled is None:
        return None
    rule = settled.rule
    return {
        "width": rule.width,
        "outcomes": list(rule.outcomes),
        "most": rule.most,
        "fewest": rule.fewest,
        "level": LEVEL,
        "reached": settled.reached,
        "stopped": settled.stopped,
        "pairs": settled.last.pairs,
        "looks": [{"pairs": look.pairs, "widest": look.widest.width} for look in settled.looks],
        "means": [_mean(change) for change in settled.last.changes],
    }


def _mean(change: MeanChange) -> dict[str, Any]:
    """One mean change for JSON."""
    return {
        "policy": change.arm,
        "outcome": change.outcome,
        "mean": change.mean,
        "low": change.low,
        "high": change.high,
        "width": change.width,
        "count": change.count,
    }


def tell(settled: Settled) -> None:
    """The rule and the mean changes for a person."""
    told = info(settled)
    rows = []
    for name, outcome, *numbers in told.means:
        mean, low, high = stopping.told(numbers[0], numbers[1], numbers[2])
        rows.append((name, outcome, mean, f"{low} to {high}"))
    heads = ("", "", "mean change", "90 % interval of the mean")
    console.table(
        "How well the mean changes are known, in percent of the baseline", heads, rows, left=2
    )
    sentences = [stopping.asked(told), stopping.MEAN, stopping.CAUTION]
    if settled.comparison.members:
        sentences.insert(2, stopping.MEMBERS)
    console.line(" ".join(sentences))
    print()
