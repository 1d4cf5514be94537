"""Ready pairs are fair and valid, their texts show computed figures, and "Run it" runs one pair."""

from __future__ import annotations

import dataclasses
import datetime
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.policies.failure_conditions import pools_of
from abm.scenario import parse_policy
from experiments.runs.case import Case
from experiments.runs.run import run_one
from viz.screen.lessons.lesson import lessons
from viz.screen.pages.start import open_policies, play
from viz.screen.panels.budgets import planned_dollars
from viz.screen.panels.naming import pair_texts
from viz.screen.panels.policy_period_counts import is_equal
from viz.screen.session import pairs
from viz.screen.session.pairs import PAIRS, Pair
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.session.visitors import VisitorLimits
from viz.screen.words import LANGUAGES, Words

ROOT = Path(__file__).resolve().parents[3]
OVERTIME, FENCE, ALONE = PAIRS
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)


# ---- the declaration of a pair -------------------------------------------------------------------


@every_pair
def test_the_worlds_of_a_pair_are_valid_and_differ_in_policy_only(pair: Pair):
    a, b = (pair.choice.scenario(world) for world in (0, 1))
    assert a.policies != b.policies
    assert dataclasses.replace(a, name=b.name, policies=b.policies) == b


@every_pair
def test_a_run_goes_on_for_a_year_after_its_policies_begin_and_are_built(pair: Pair):
    assert pair.days >= pair.began + 365
    for policy in (*pair.policies(0), *pair.policies(1)):
        built = policy.ramp_end(policy.days_until_complete())
        assert pair.start.toordinal() + pair.days - built >= 364, policy.id


@every_pair
def test_it_plays_from_before_its_policies_begin(pair: Pair):
    assert 0 <= pair.first_day < pair.began <= pair.first_day + pairs.LEAD + 1


def spent(pair: Pair) -> list[float]:
    """Return the dollars that both worlds of a pair spend over the whole run."""
    scenarios = [pair.choice.scenario(k).with_settings({"scale": 1000}) for k in (0, 1)]
    return [run_one(Case(s, 1)).outcomes["dollars"] * pair.days / 365.0 for s in scenarios]


@pytest.mark.slow
def test_the_first_pair_plans_and_spends_the_same_money_from_the_same_day():
    dates = {policy.start for world in (0, 1) for policy in OVERTIME.policies(world)}
    assert dates == {datetime.date(2014, 7, 1).toordinal()}
    planned = [planned_dollars(OVERTIME.choice, world) for world in (0, 1)]
    assert planned[0] == pytest.approx(planned[1], rel=0.005)
    sums = spent(OVERTIME)
    assert is_equal(*sums) and is_equal(sums[1], planned[1])
    assert [parse_policy(use[0]).id for use in (OVERTIME.a, OVERTIME.b)] == [
        "patrol_effort",
        "southern_border_control",
    ]


def test_the_second_pair_builds_350_miles_of_fence_in_one_world_only():
    assert FENCE.choice.a == () and FENCE.miles(0) == 0.0
    assert FENCE.miles(1) == pytest.approx(350.0, abs=0.5)


@pytest.mark.slow
def test_the_united_states_alone_plan_four_times_the_money_and_spend_more():
    planned = [ALONE.dollars(world) for world in (0, 1)]
    assert planned[1] == pytest.approx(4.0 * planned[0], rel=0.02)
    needs = [{policy.needs_mexico for policy in ALONE.policies(world)} for world in (0, 1)]
    assert True in needs[0] and needs[1] == {False}
    sums = spent(ALONE)
    assert sums[1] > 2.0 * sums[0] > 0.0


@pytest.mark.slow
def test_one_ready_pair_can_refute_that_security_requires_cooperation():
    """With the people of FY2011, the United States alone have fewer got-aways."""
    away = []
    for world in (0, 1):
        scenario = ALONE.choice.scenario(world).with_settings({"scale": 500} | pools_of(2011))
        away.append(run_one(Case(scenario, 1)).outcomes["got_aways"])
    assert away[1] < 0.97 * away[0]


def test_the_lesson_of_a_pair_compares_the_same_worlds():
    (pair,) = [pair for pair in PAIRS if pair.lesson]
    lesson = lessons()[pair.lesson]
    arms = {arm.policies for arm in lesson.arms.values()}
    assert {pair.a, pair.b} <= arms


# ---- texts and maps ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_figure_is_typed_in_the_texts(language: str):
    path = ROOT / f"viz/screen/i18n/{language}/start.toml"
    words = path.read_text(encoding="utf-8")
    assert not re.search(r"\d", words.split("\n", 1)[1])
    assert set(tomllib.loads(words)["start"]["pair"]) == {pair.id for pair in PAIRS}


@pytest.mark.parametrize("language", LANGUAGES)
@every_pair
def test_the_texts_of_a_pair_show_what_it_declares(pair: Pair, language: str):
    texts = pair_texts(Words(language), pair)
    assert set(texts) == {"title", "text", "a", "b"} and "{" not in "".join(texts.values())
    changed = dataclasses.replace(pair, b=(re.sub(r":[\d.]+M", ":290M", pair.b[0]), *pair.b[1:]))
    assert pair_texts(Words(language), changed) != texts


# ---- "Run it" ------------------------------------------------------------------------------------

LATER = Pair("later", (), ("southern_border_control:3@2012-11-20",), 90, ("plain", "south"))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Return a visitor's session with coarse worlds."""
    monkeypatch.setattr(pairs, "SCALE", 1000)
    limits = VisitorLimits()
    limits.enter("visitor")
    session = Session(kernel="visitor", limits=limits)
    session.page.set("start")
    yield session
    session.end()


def until(session: Session, phase: Phase, seconds: float = 300.0) -> set[int]:
    """Wait for a phase of the run; return the days that were shown before it."""
    days, end = set(), time.monotonic() + seconds
    while (now := session.now).phase is not phase:
        assert time.monotonic() < end, f"still {now}"
        days.add(now.day)
        time.sleep(0.005)
    return days


@pytest.mark.slow
def test_a_pause_while_the_first_day_is_sought_is_kept(session: Session):
    play(session, dataclasses.replace(LATER, b=("southern_border_control:3@2014-07-01",), days=700))
    until(session, Phase.SEEKING)
    session.toggle()
    until(session, Phase.PAUSED)
    assert session.now.day < LATER.choice.days and not session.limits.n_running


@pytest.mark.slow
def test_a_pair_played_after_another_run_starts_from_its_own_first_day(session: Session):
    play(session, LATER)
    until(session, Phase.RUNNING)
    session.pause()
    session.seek(60)
    play(session, LATER)
    days = until(session, Phase.RUNNING) - {60}
    assert all(day <= 21 for day in {*days, session.now.day})


def test_build_your_own_opens_the_policies_of_compare(session: Session):
    open_policies(session)
    assert session.page.value == "compare" and session.drawer.value
