"""``twoborders compare --until``: add pairs until the mean changes are precise enough."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.scenario import Scenario, SettingError
from experiments.compare import Comparison, Portfolio, extend
from experiments.sequential import (
    DEFAULT_OUTCOMES,
    MAX_PAIRS,
    Review,
    SequentialComparison,
    StoppingRule,
    compare_until,
)
from viz.cli import console
from viz.cli.command_options import CompareOptions
from viz.cli.options import LARGEST_SEED
from viz.cli.progress import run_bar
from viz.cli.shell import log
from viz.cli.tables import print_table
from viz.documents.comparison import stopping


def stopping_rule(options: CompareOptions, members: int) -> StoppingRule | None:
    """Read the stopping rule from the options.

    Args:
        options: options of the command.
        members: members of the ensemble; 0 without one.

    Returns:
        The rule; None if the number of pairs is fixed.

    Raises:
        SettingError: the rule is invalid, or the ensemble has too few or too many members.
    """
    if options.width is None:
        given = (("--outcome", options.outcomes or None), ("--most", options.max_pairs))
        for option, value in given:
            if value is not None:
                hint = "Give --until WIDTH with it, for example --until 1."
                raise SettingError(option, "it has no effect without --until", hint)
        return None
    most = MAX_PAIRS if options.max_pairs is None else options.max_pairs
    outcomes = tuple(dict.fromkeys(options.outcomes)) or DEFAULT_OUTCOMES
    rule = StoppingRule(options.width, outcomes, most)
    if options.seed + rule.sizes(options.reps, members)[-1] - 1 > LARGEST_SEED:
        hint = f"Keep --seed plus --most below {LARGEST_SEED}."
        raise SettingError("--seed", f"{options.seed} is too large for {most} seeds", hint)
    return rule


def run_until(
    scenario: Scenario,
    specs: Sequence[Portfolio],
    rule: StoppingRule,
    options: CompareOptions,
    ensemble: Sequence[Mapping[str, Any]] | None,
) -> SequentialComparison:
    """Run pairs until the rule stops; print every review, and a warning if it was not met.

    Args:
        scenario, specs: the baseline and the policies of every arm.
        rule: the stopping rule.
        options: options of the command.
        ensemble: settings of the members; None without an ensemble.

    Returns:
        The comparison with its reviews.
    """

    def run_seeds(comparison: Comparison, seeds: Iterable[int]) -> Comparison:
        fresh = [seed for seed in seeds if seed not in comparison.seeds]
        total = len(fresh) * (len(specs) + 1) * max(1, comparison.members)
        with run_bar(total) as on_result:
            return extend(comparison, fresh, jobs=options.jobs, on_result=on_result)

    sequential = compare_until(
        scenario,
        specs,
        rule,
        seed=options.seed,
        reps=options.reps,
        ensemble=ensemble,
        extend=run_seeds,
        on_review=_log_review,
    )
    if not sequential.reached:
        log(f"warning: {stopping.rule_sentence(sequential)}")
    return sequential


def _log_review(review: Review) -> None:
    """Print a review in one line."""
    one = review.widest
    width = f"{one.width:.3g} % of the baseline" if math.isfinite(one.width) else "not known"
    log(
        f"{review.pairs} pairs: the widest interval of a mean is {width} ({one.arm}, {one.outcome})"
    )


def print_until(sequential: SequentialComparison) -> None:
    """Print the mean changes with their intervals, and the stopping rule."""
    print_table(stopping.means_table(sequential), left=2)
    console.line(" ".join(stopping.explanation(sequential)))
    print()
