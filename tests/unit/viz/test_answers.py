"""Rules of the screen's answer: counted days, rare branches, boundaries and wording."""

from __future__ import annotations

import dataclasses
import re
import time
from types import SimpleNamespace
from typing import cast

import ipyvuetify
import numpy as np
import pytest
import reacton

from abm.measures import outcomes
from agents.outcomes import PAYERS, Account
from experiments.runs.case import Case
from experiments.runs.intervals import mean_interval
from experiments.runs.warmup import start_model
from tests.unit.viz.test_since import DATED, DAYS, change, daily, summary_of, visited
from viz.screen.panels.headline import EqualMoney, answer_markup, answer_sentence
from viz.screen.panels.maps import spent
from viz.screen.panels.policy_period_counts import world_began
from viz.screen.session.background import Background
from viz.screen.session.frames import DAILY_FIGURES, FrameRecorder
from viz.screen.session.replicates import Replicates
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary

DEATHS = DAILY_FIGURES.index("deaths")


def with_seeds(one: Session, deaths: np.ndarray) -> Session:
    """Add finished runs with these daily deaths, shape (2, seeds, days), to a session."""
    found = Replicates()
    for world, seeds in enumerate(deaths):
        for seed, days in enumerate(seeds, 1):
            figures = daily()[: len(days)]
            figures[:, DEATHS] = days
            found = found.with_run(world, seed, RunSummary(figures, {}))
    one.replicates.set(found)
    return one


def ranges(one: Session, day: int) -> tuple[float, float, float, int]:
    """Return the mean change of deaths in percent, its interval and the number of seeds."""
    found = change(one, "deaths", day)
    assert found.change and found.percent
    percent = found.percent
    return percent.median, percent.low90, percent.high90, found.change.pairs


# ---- days that count ----------------------------------------------------------------------------


@pytest.mark.parametrize("day", [11, 12, 25, DAYS - 1, DAYS, DAYS + 5])
def test_the_change_over_seeds_is_that_of_the_sums_from_the_first_day_of_the_policies(day: int):
    """Deaths differ from day to day, so one day too many or too few changes the result."""
    deaths = np.random.default_rng(day).integers(1, 1_000, (2, 4, DAYS)).astype(float)
    one = with_seeds(visited(daily(), daily(), day=min(day, DAYS)), deaths)
    a, b = deaths[:, :, 10:day].sum(axis=2)
    expected = [100.0 * float(x) / np.median(a) for x in mean_interval(b - a)]
    assert ranges(one, day) == pytest.approx((*expected, 4))


def test_a_world_begins_with_the_first_of_its_policies():
    two = ("fence:1@2012-10-21", *DATED)
    one = visited(daily(), daily(), a=(), b=two)
    assert (world_began(one, 0), world_began(one, 1)) == (1, 11)
    assert world_began(visited(daily(), daily(), b=two[::-1]), 1) == 11
    with_undated = visited(daily(), daily(), b=("fence:1", *DATED))
    assert world_began(with_undated, 1) == 1


# ---- reasons for a missing answer ---------------------------------------------------------------


@pytest.mark.parametrize("day", [0, 5, 11, DAYS])
def test_the_answer_is_about_the_whole_run_on_every_day(day: int):
    """Half as many people get away in the second half of the days since the policies began."""
    b = daily()
    b[25:] = 5.0
    said = answer_sentence(visited(daily(), b, day=day, runs=9))
    assert said.startswith("With B, 25" if day == DAYS else "In all, with B, 25")


def test_the_error_of_a_failed_seed_is_the_answer():
    one = visited(daily(), daily(5.0), runs=4)
    one.replicates.set(dataclasses.replace(one.replicates.value, error="no memory"))
    assert answer_sentence(one) == "Not known: the runs on other seeds failed (no memory)."


@pytest.mark.parametrize("runs", [2, 3, 8])
def test_an_estimate_of_the_first_figure_is_shown_from_three_seeds_on(runs: int):
    """In every seed half as many people get away, with noise of one percent."""
    said = answer_sentence(visited(daily(), daily(got_aways=5.0, deaths=30.0), runs=runs))
    assert f"finished: {runs}." in said and (f"from {runs} seeds at scale 100" in said) == (
        runs > 2
    )
    figures = re.findall(r"\u2212([\d.]+)", said.partition("people who get away")[2])
    assert list(map(float, figures)) == pytest.approx([50.0] * 3 if runs >= 3 else [], abs=0.6)


# ---- the dollars that were spent -----------------------------------------------------------------

PLANNED = ("cameras_and_sensors:250M@2012-10-11",), ("southern_border_control:250M@2012-10-11",)
UNITS = {"K": 1e3, "M": 1e6}
type Paid = tuple[Session, list[FrameRecorder]]


@pytest.fixture(scope="module")
def paid() -> Paid:
    """Forty days of two worlds that plan the same dollars from day 11 on."""
    one = visited(daily(), daily(5.0), a=PLANNED[0], b=PLANNED[1], runs=9)
    scenarios = [one.choice.value.scenario(k).with_settings({"scale": 1000}) for k in (0, 1)]
    recorders = [FrameRecorder(start_model(scenario, 1)) for scenario in scenarios]
    for recorder in recorders * DAYS:
        recorder.model.run_for(1)
        recorder.record()
    logs = [recorder.log for recorder in recorders]
    one.loop = SimpleNamespace(logs=logs, recorders=logs)  # type: ignore[assignment]
    return one, recorders


def sums(text: str, following: str) -> list[float]:
    """Return the dollars of A and B that a sentence states before a word."""
    found = re.findall(rf"\$([\d.]+)([KM]) {following}", text)
    return [float(size) * UNITS[unit] for size, unit in found]


@pytest.mark.parametrize(
    ("language", "ratio", "of"),
    [("en", "B spent {} times as much as A", "of"), ("es", "B gastó {} veces lo que A", "de")],
)
@pytest.mark.parametrize("runs", [9, 4])
def test_an_answer_states_the_sums_that_the_ledgers_of_both_worlds_spent(
    paid: Paid, language: str, ratio: str, of: str, runs: int
):
    """Both plan the same; towers take years to build, so A spends far less in the first weeks."""
    one, recorders = paid
    one.language.set(language)
    found = Replicates()
    for world, recorder in enumerate(recorders):
        dollars = outcomes(recorder.model.ledger)["dollars"]
        for seed in range(runs):
            run = summary_of(daily(10.0 - 5.0 * world), dollars * (0.9 if seed % 2 else 1.1))
            found = found.with_run(world, seed, run)
    one.replicates.set(found)
    mean = 1.0 if runs % 2 == 0 else 1.0 + 0.1 / runs
    said = answer_sentence(one)
    stated = sums(said, of)
    lead = re.match(ratio.format(r"([\d.]+)"), said)
    assert lead and float(lead[1]) == pytest.approx(stated[1] / stated[0], rel=0.06)
    assert f"<mark>{lead[0]}" in answer_markup(one)
    assert f"{of} $20.5M" in said, "what A plans"
    for world, recorder in enumerate(recorders):
        money = recorder.model.ledger.daily_money[:, list(PAYERS.values()), Account.PROGRAMMES]
        assert stated[world] == pytest.approx(mean * money.sum(), rel=0.005)
        planned = 250e6 * (DAYS - 10) / 365.0
        assert recorder.log.dollars(DAYS) == pytest.approx((money.sum(), planned), rel=0.005)
        if runs % 2 == 0:
            assert re.findall(r"\$\S+", spent(one, world))[0] in said, "as in the title"
    assert 0.0 < stated[0] < 0.9 * stated[1]


def test_one_press_makes_spending_equal_and_the_button_is_there_only_if_it_differs(
    monkeypatch: pytest.MonkeyPatch,
):
    """Agencies deliver half of the planned dollars, in runs that take no time."""

    def run(case: Case) -> RunSummary:
        planned = sum(policy.dollars or 0.0 for policy in case.scenario.policies)
        return summary_of(daily(), 0.5 * planned)

    monkeypatch.setattr(Session, "_build", lambda *args: None)
    one = visited(daily(), daily(5.0), a=("fence:60M",), b=("patrol_effort:250M",))
    submit = SimpleNamespace(submit=lambda cases: [(case, run(case)) for case in cases])
    one.background = cast(Background, submit)
    monkeypatch.setattr(one.seed_runs, "set_scenarios", lambda *args: None)
    monkeypatch.setattr(one.seed_runs, "start", lambda: None)
    monkeypatch.setattr(one, "_publish_replicates", lambda: None)

    def show(dollars: tuple[float, float]) -> None:
        found = Replicates()
        for world, level in enumerate(dollars):
            found = found.with_run(world, 1, summary_of(daily(), level))
        one.replicates.set(found)

    show((30e6, 125e6))
    _, context = reacton.render(EqualMoney(one), handle_error=False)
    context.find(ipyvuetify.Btn).widget.fire_event("click", None)
    deadline = time.monotonic() + 20.0
    while one.choice.value.b == ("patrol_effort:250M",) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert one.choice.value.a == ("fence:60M",) and one.choice.value.b == ("patrol_effort:60M",)
    show((30e6, 30e6))
    while context.find(ipyvuetify.Btn).widgets and time.monotonic() < deadline:
        context.render(EqualMoney(one))  # the search ends after the choice
    assert not context.find(ipyvuetify.Btn).widgets
    context.close()
