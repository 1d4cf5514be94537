"""Sequential stopping: reasons to stop, added runs, coverage of the intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.measures import ENTRIES
from abm.scenario.policy_specs import PolicySpec
from experiments.comparison import compare as comparing
from experiments.comparison.compare import REPS, Comparison, compare, extend
from experiments.comparison.sequential import (
    BOUND,
    FAILED,
    REACHED,
    UNDEFINED,
    MonitoredChange,
    Review,
    StoppingRule,
    compare_until,
    stop_reason,
)
from experiments.runs.case import Case
from experiments.runs.intervals import Interval, mean_interval
from experiments.runs.many_runs import run_many
from experiments.runs.pairs import Difference, difference, member_means
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 10, "warmup_days": 9})
SURGE = PolicySpec(id="patrol_effort", dose=2.0)
SETS = tuple({"contest.eta": 0.3 + 0.05 * k} for k in range(6))


def change_of_width(width: float, *, count: int = 8) -> MonitoredChange:
    """Return a mean change of zero with an interval of the given width."""
    low, high = -width / 2, width / 2
    level = 100.0 if math.isfinite(width) else 0.0
    change = Difference(level, Interval(0.0, low, high, low, high), pairs=count)
    return MonitoredChange("an arm", "got_aways", change)


# ---- the rule ------------------------------------------------------------------------------------


@given(st.integers(1, 500), st.integers(0, 40), st.integers(40, 400))
def test_sizes_grow_in_steps_up_to_the_limit(reps: int, members: int, limit: int):
    members = members if members == 0 or members >= StoppingRule.min_values else 0
    sizes, each = StoppingRule(1.0, max_pairs=limit).sizes(reps, members), max(1, members)
    assert sizes == sorted(set(sizes)) and sizes[-1] == limit // each
    assert sizes[0] * each >= StoppingRule.min_values and sizes[0] >= min(reps, limit // each)
    steps = [(b - a) * each for a, b in pairwise(sizes)]
    assert all(step >= 4 for step in steps[:-1])
    assert len(sizes) < 20  # the number of reviews stays small


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([change_of_width(0.9), change_of_width(1.0)], REACHED),
        ([change_of_width(0.9), change_of_width(1.1)], ""),
        ([change_of_width(0.9, count=5)], ""),  # too few values
        ([change_of_width(0.0, count=0)], FAILED),
        ([change_of_width(math.inf, count=1)], FAILED),
        ([change_of_width(math.inf)], UNDEFINED),
    ],
)
def test_stop_reason(changes: list[MonitoredChange], reason: str):
    assert stop_reason(StoppingRule(1.0), changes) == reason


# ---- on a known process --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.0, 1.5, 1.2, 1.0, 0.9, 0.8, 0.7, 0.5, 0.3])
def test_intervals_at_the_stop_have_a_coverage_above_85_percent(width: float):
    rng, rule, covered, pairs = np.random.default_rng(11), StoppingRule(width), 0, []
    worlds = 1500
    for _ in range(worlds):
        values = rng.normal(size=rule.max_pairs).tolist()
        reviews: list[MonitoredChange] = []
        for size in rule.sizes(REPS):
            by_pair = {(0, k): value for k, value in enumerate(values[:size])}
            change = difference(100.0, by_pair, ensemble=False)
            reviews.append(MonitoredChange("a", "b", change))
            if stop_reason(rule, reviews[-1:]):
                break
        last = reviews[-1]
        assert last.width <= width or last.change.pairs == rule.max_pairs
        covered += last.percent.low90 <= 0.0 <= last.percent.high90
        pairs.append(last.change.pairs)
    error = math.sqrt(0.9 * 0.1 / worlds)
    assert 0.85 < covered / worlds < 0.90 + 4 * error
    assert min(pairs) >= REPS and max(pairs) <= rule.max_pairs


# ---- on the model --------------------------------------------------------------------------------


def digests(comparison: Comparison) -> list[list[tuple[Any, str]]]:
    """Return keys and digests of the runs, by arm and in order."""
    arms = (comparison.baseline, *comparison.arms)
    return [[(key, run.digest) for key, run in arm.runs.items()] for arm in arms]


@pytest.mark.parametrize("ensemble", [None, SETS[:2]])
def test_added_seeds_equal_all_seeds_at_once(ensemble: Any):
    extend_here = partial(extend, jobs=1)
    once = compare(TINY, (SURGE,), seeds=(1, 2, 3), ensemble=ensemble, jobs=1)
    grown = compare(TINY, (SURGE,), seeds=(1,), ensemble=ensemble, jobs=1)
    before = digests(grown)
    more = extend_here(extend_here(grown, (1, 2)), (1, 2, 3))
    assert digests(more) == digests(once) and more.seeds == once.seeds
    for a, b in zip(more.arms, once.arms, strict=True):
        assert repr(a.outcomes) == repr(b.outcomes)
    assert digests(grown) == before  # growing does not change the shorter comparison


@pytest.mark.slow
@pytest.mark.parametrize("ensemble", [None, SETS])
def test_no_run_is_repeated(ensemble: Any, monkeypatch: pytest.MonkeyPatch):
    digests_run: list[str] = []

    def count(cases: Iterable[Case], **more: Any) -> Any:
        case_list = list(cases)
        digests_run.extend(case.digest for case in case_list)
        return run_many(case_list, **more)

    monkeypatch.setattr(comparing, "run_many", count)
    rule = StoppingRule(1e-9, max_pairs=18 if ensemble else 14)
    sequential = compare_until(
        TINY.with_settings({"days": 60, "warmup_days": 40}),
        [SURGE],
        rule,
        reps=1,
        ensemble=ensemble,
        extend=partial(extend, jobs=1),
    )
    assert [review.pairs for review in sequential.reviews] == (
        [6, 12, 18] if ensemble else [6, 10, 14]
    )
    assert len(digests_run) == len(set(digests_run)) == 2 * sequential.last.pairs
    assert sequential.stopped == BOUND and not sequential.reached
    (change, *_), compared = sequential.last.changes, sequential.comparison
    base, (arm,) = compared.baseline, compared.arms
    gaps = {
        k: arm.runs[k].outcomes["got_aways"] - base.runs[k].outcomes["got_aways"] for k in arm.runs
    }
    values = member_means(gaps) if ensemble else [*gaps.values()]  # seeds add no member
    interval = change.change.interval
    assert (interval.median, interval.low90, interval.high90) == mean_interval(sorted(values))


def test_policy_without_effect_stops_at_the_first_review():
    received: list[Review] = []
    sequential = compare_until(
        TINY,
        [PolicySpec(id="patrol_effort", dose=0.0)],
        StoppingRule(0.1),
        reps=1,
        extend=partial(extend, jobs=1),
        on_review=received.append,
    )
    assert sequential.reached and sequential.last.pairs == StoppingRule.min_values
    assert (
        received == list(sequential.reviews)
        and len(sequential.comparison.seeds) == StoppingRule.min_values
    )
    assert {(c.outcome, c.percent.median, c.width) for c in sequential.last.changes} == {
        (name, 0.0, 0.0) for name in ENTRIES
    }
