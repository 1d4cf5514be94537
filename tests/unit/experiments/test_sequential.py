"""Adding pairs until a mean is known: when it stops, what it plays, what its intervals hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm.scenario import SettingError
from abm.scenario.policy_specs import PolicySpec
from experiments import compare as comparing
from experiments.compare import REPS, Comparison, compare, extended
from experiments.run import Case, run_many
from experiments.scenarios import find
from experiments.sequential import (
    ASKED,
    BOUND,
    FAILED,
    MEMBERS,
    NOTHING,
    REACHED,
    Look,
    MeanChange,
    Rule,
    compare_until,
    mean_change,
    mean_interval,
    settle,
    verdict,
)

TINY = find("classroom").with_settings({"scale": 1000, "days": 20, "warmup_days": 40})
SURGE = PolicySpec(id="patrol_surge", dose=4.0)
SETS = tuple({"contest.eta": 0.3 + 0.05 * k} for k in range(6))


def made(width: float, *, count: int = 8, left: float = 0.0) -> MeanChange:
    """A mean change of zero with an interval of this width."""
    return MeanChange("an arm", "got_aways", 0.0, -width / 2, width / 2, count, left)


# ---- the interval --------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_interval_is_that_of_students_t(values: list[float]):
    mean, low, high = mean_interval(values)
    assert mean == pytest.approx(np.mean(values), abs=1e-6)
    error = stats.sem(values)
    if error > 1e-9:
        expected = stats.t.interval(0.90, len(values) - 1, loc=np.mean(values), scale=error)
        assert (low, high) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert low <= mean <= high


@pytest.mark.parametrize("values", [[], [3.0]])
def test_fewer_than_two_values_have_no_interval(values: list[float]):
    _, low, high = mean_interval(values)
    assert (low, high) == (-math.inf, math.inf)


def test_a_change_is_in_percent_of_the_baseline():
    one = mean_change("a", "deaths", 50.0, [[1.0, 2.0, 3.0]], ensemble=False)
    mean, low, high = mean_interval([1.0, 2.0, 3.0])
    assert (one.mean, one.low, one.high) == (2 * mean, 2 * low, 2 * high)
    assert (one.count, one.left) == (3, 0.0)


def test_with_an_ensemble_the_interval_is_over_members():
    groups = [[1.0, 3.0], [4.0, 6.0], [8.0, 8.0]]
    one = mean_change("a", "deaths", 100.0, groups, ensemble=True)
    assert (one.mean, one.low, one.high) == mean_interval([2.0, 5.0, 8.0]) and one.count == 3
    # the same seeds over and over are no news about members
    many = mean_change("a", "deaths", 100.0, [g * 50 for g in groups], ensemble=True)
    assert many.width == pytest.approx(one.width)


@pytest.mark.parametrize("level", [0.0, math.nan, -1.0])
def test_nothing_is_no_basis_for_a_percentage(level: float):
    assert math.isinf(mean_change("a", "b", level, [[1.0, 2.0]], ensemble=False).width)
    assert mean_change("a", "b", level, [[0.0, 0.0]], ensemble=False).width == 0.0


def test_what_members_differ_by_stays():
    rng = np.random.default_rng(3)
    for spread, seeds in ((1.0, 4), (0.0, 4), (0.3, 2)):
        left = []
        for _ in range(200):
            middle = rng.normal(0.0, spread, 20)
            groups = [list(m + rng.normal(0.0, 1.0, seeds)) for m in middle]
            left.append(mean_change("a", "b", 100.0, groups, ensemble=True).left)
        truth = 2 * stats.t.ppf(0.95, 19) * spread / math.sqrt(20)
        assert np.mean(np.array(left) <= truth + 1e-12) > 0.9  # the low end of what it may be
    one_seed = mean_change("a", "b", 100.0, [[1.0], [9.0]], ensemble=True)
    assert one_seed.left == 0.0  # luck and members cannot be told apart


# ---- the rule ------------------------------------------------------------------------------------


@given(st.integers(1, 500), st.integers(0, 40), st.integers(40, 400))
def test_looks_grow_by_batches_from_the_fewest_to_the_most(reps: int, members: int, most: int):
    members = members if members == 0 or members >= Rule.fewest else 0
    sizes, each = Rule(1.0, most=most).sizes(reps, members), max(1, members)
    assert sizes == sorted(set(sizes)) and sizes[-1] == most // each
    assert sizes[0] * each >= Rule.fewest and sizes[0] >= min(reps, most // each)
    steps = [(b - a) * each for a, b in pairwise(sizes)]
    assert all(step >= 4 for step in steps[:-1])
    assert len(sizes) < 20  # few looks


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([made(0.9), made(1.0)], REACHED),
        ([made(0.9), made(1.1)], ""),
        ([made(0.9, count=5)], ""),  # too few, however narrow
        ([made(0.0, count=0)], FAILED),
        ([made(math.inf, count=1)], FAILED),
        ([made(math.inf)], NOTHING),
        ([made(3.0, left=1.2)], MEMBERS),
        ([made(3.0, left=0.9)], ""),
        ([made(0.9, left=5.0)], REACHED),
    ],
)
def test_when_to_stop(changes: list[MeanChange], why: str):
    assert verdict(Rule(1.0), changes) == why


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"width": 0.0}, "--until"),
        ({"width": -1.0}, "--until"),
        ({"width": math.nan}, "--until"),
        ({"width": math.inf}, "--until"),
        ({"most": 5}, "--most"),
        ({"outcomes": ("got_away",)}, "--outcome"),
        ({"outcomes": ("dollars_per_averted_entry",)}, "--outcome"),
    ],
)
def test_a_rule_that_cannot_be_met_is_refused(more: dict[str, Any], named: str):
    with pytest.raises(SettingError) as found:
        Rule(**({"width": 1.0} | more))
    assert found.value.path == named


@pytest.mark.parametrize(
    ("members", "named"), [(1, "--ensemble"), (5, "--ensemble"), (201, "--most")]
)
def test_members_must_be_neither_too_few_nor_too_many(members: int, named: str):
    with pytest.raises(SettingError) as found:
        Rule(1.0).sizes(1, members)
    assert found.value.path == named


# ---- on a process that is known ------------------------------------------------------------------


def gaussian(values: Sequence[float]) -> Callable[[int], Look]:
    """Looks at the first of these values, in percent."""

    def grow(size: int) -> Look:
        return Look(size, (mean_change("a", "b", 100.0, [values[:size]], ensemble=False),))

    return grow


@pytest.mark.parametrize("width", [2.0, 1.5, 1.2, 1.0, 0.9, 0.8, 0.7, 0.5, 0.3])
def test_intervals_at_the_stop_hold_the_mean_in_more_than_85_of_100(width: float):
    rng, rule, held, pairs = np.random.default_rng(11), Rule(width), 0, []
    worlds = 1500
    for _ in range(worlds):
        looks, why = settle(rule, rule.sizes(REPS), gaussian(rng.normal(size=rule.most).tolist()))
        last = looks[-1].changes[0]
        assert (why == REACHED) == (last.width <= width)
        held += last.low <= 0.0 <= last.high
        pairs.append(looks[-1].pairs)
    error = math.sqrt(0.9 * 0.1 / worlds)
    assert 0.85 < held / worlds < 0.90 + 4 * error
    assert min(pairs) >= REPS and max(pairs) <= rule.most


def test_a_narrower_interval_takes_more_pairs():
    values = np.random.default_rng(5).normal(size=200).tolist()
    looked = {w: settle(Rule(w), Rule(w).sizes(), gaussian(values)) for w in (2.0, 1.0, 0.5, 0.1)}
    taken = [looks[-1].pairs for looks, _ in looked.values()]
    assert taken == sorted(taken) and len(set(taken)) > 2
    assert looked[0.1][1] == BOUND and taken[-1] == 200


# ---- on the model --------------------------------------------------------------------------------


def digests(comparison: Comparison) -> list[list[tuple[Any, str]]]:
    """Who played what, arm by arm, in order."""
    arms = (comparison.baseline, *comparison.arms)
    return [[(key, run.digest) for key, run in arm.runs.items()] for arm in arms]


@pytest.mark.parametrize("ensemble", [None, SETS[:2]])
def test_seeds_that_are_added_give_what_all_at_once_give(ensemble: Any):
    alone = partial(extended, jobs=1)
    once = compare(TINY, (SURGE,), seeds=range(1, 5), ensemble=ensemble, jobs=1)
    grown = compare(TINY, (SURGE,), seeds=(1,), ensemble=ensemble, jobs=1)
    before = digests(grown)
    more = alone(alone(grown, (1, 2)), range(1, 5))
    assert digests(more) == digests(once) and more.seeds == once.seeds
    for one, other in zip(more.arms, once.arms, strict=True):
        assert repr(one.outcomes) == repr(other.outcomes)
    assert digests(grown) == before  # the shorter comparison is what it was


@pytest.mark.parametrize("ensemble", [None, SETS])
def test_nothing_is_played_twice(ensemble: Any, monkeypatch: pytest.MonkeyPatch):
    played: list[str] = []

    def count(cases: Iterable[Case], **more: Any) -> Any:
        told = list(cases)
        played.extend(case.digest for case in told)
        return run_many(told, **more)

    monkeypatch.setattr(comparing, "run_many", count)
    rule = Rule(1e-9, most=18 if ensemble else 14)
    settled = compare_until(
        TINY, [SURGE], rule, reps=1, ensemble=ensemble, play=partial(extended, jobs=1)
    )
    assert [look.pairs for look in settled.looks] == ([6, 12, 18] if ensemble else [6, 10, 14])
    assert len(played) == len(set(played)) == 2 * settled.last.pairs
    assert settled.stopped == BOUND and not settled.reached


def test_a_policy_that_does_nothing_is_known_with_the_fewest_pairs():
    heard: list[Look] = []
    settled = compare_until(
        TINY,
        [PolicySpec(id="patrol_surge", dose=0.0)],
        Rule(0.1),
        reps=1,
        play=partial(extended, jobs=1),
        on_look=heard.append,
    )
    assert settled.reached and settled.last.pairs == Rule.fewest
    assert heard == list(settled.looks) and len(settled.comparison.seeds) == Rule.fewest
    assert {(c.outcome, c.mean, c.width) for c in settled.last.changes} == {
        (name, 0.0, 0.0) for name in ASKED
    }


def test_every_arm_must_be_known():
    rule = Rule(1e-9, ("deaths",), most=10)
    uses = [PolicySpec(id="status_quo"), SURGE]
    settled = compare_until(TINY, uses, rule, reps=6, play=partial(extended, jobs=1))
    still, moved = settled.last.changes
    assert still.width == 0.0 < moved.width and settled.last.widest is moved
    assert settled.stopped == BOUND
    pairs = [
        moved_run.outcomes["deaths"] - settled.comparison.baseline.runs[key].outcomes["deaths"]
        for key, moved_run in settled.comparison.arms[1].runs.items()
    ]
    level = settled.comparison.baseline.outcomes["deaths"].baseline
    assert moved.mean == pytest.approx(100 * np.mean(pairs) / level)


def test_runs_that_fail_end_it(monkeypatch: pytest.MonkeyPatch):
    from experiments import run

    def fail(case: Case, **more: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(run, "run_one", fail)
    settled = compare_until(TINY, [SURGE], Rule(1.0), play=partial(extended, jobs=1))
    assert settled.stopped == FAILED and len(settled.looks) == 1
    assert len(settled.comparison.failures) == 2 * REPS


def test_what_the_baseline_lacks_has_no_percentage():
    rule = Rule(1.0, ("dollars",))
    settled = compare_until(TINY, [SURGE], rule, play=partial(extended, jobs=1))
    assert settled.stopped == NOTHING and len(settled.looks) == 1


def test_what_cannot_be_reached_is_refused_before_anything_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(comparing, "run_many", lambda *a, **k: pytest.fail("it ran"))
    with pytest.raises(SettingError, match="members"):
        compare_until(TINY, [SURGE], Rule(1.0), ensemble=SETS[:3])
