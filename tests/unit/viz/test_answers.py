"""The screen's answer: which days count, special cases, limits and wording."""

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


def with_seeds(session: Session, deaths: np.ndarray) -> Session:
    """Add finished runs with the given daily deaths, shape (2, seeds, days), to a session."""
    replicates = Replicates()
    for world, seeds in enumerate(deaths):
        for seed, days in enumerate(seeds, 1):
            figures = daily()[: len(days)]
            figures[:, DEATHS] = days
            replicates = replicates.with_run(world, seed, RunSummary(figures, {}))
    session.replicates.set(replicates)
    return session


def ranges(session: Session, day: int) -> tuple[float, float, float, int]:
    """Return the mean change of deaths in percent, its 90 % bounds and the number of seeds."""
    count = change(session, "deaths", day)
    assert count.change and count.percent
    percent = count.percent
    return percent.median, percent.low90, percent.high90, count.change.pairs


# ---- days that count ----------------------------------------------------------------------------


@pytest.mark.parametrize("day", [11, 12, 25, DAYS - 1, DAYS, DAYS + 5])
def test_the_change_over_seeds_is_that_of_the_sums_from_the_first_day_of_the_policies(day: int):
    """Deaths differ from day to day, so one day too many or too few changes the result."""
    deaths = np.random.default_rng(day).integers(1, 1_000, (2, 4, DAYS)).astype(float)
    session = with_seeds(visited(daily(), daily(), day=min(day, DAYS)), deaths)
    a, b = deaths[:, :, 10:day].sum(axis=2)
    expected = [100.0 * float(x) / np.median(a) for x in mean_interval(b - a)]
    assert ranges(session, day) == pytest.approx((*expected, 4))


def test_a_world_begins_with_the_first_of_its_policies():
    two = ("fence:1@2012-10-21", *DATED)
    session = visited(daily(), daily(), a=(), b=two)
    assert (world_began(session, 0), world_began(session, 1)) == (1, 11)
    assert world_began(visited(daily(), daily(), b=two[::-1]), 1) == 11
    with_undated = visited(daily(), daily(), b=("fence:1", *DATED))
    assert world_began(with_undated, 1) == 1


# ---- reasons for a missing answer ---------------------------------------------------------------


@pytest.mark.parametrize("day", [0, 5, 11, DAYS])
def test_the_answer_is_about_the_whole_run_on_every_day(day: int):
    """In the second half of the policy period, B has half as many got-aways."""
    b = daily()
    b[25:] = 5.0
    said = answer_sentence(visited(daily(), b, day=day, runs=9))
    assert said.startswith("With B, 25" if day == DAYS else "In all, with B, 25")


def test_the_error_of_a_failed_seed_is_the_answer():
    session = visited(daily(), daily(5.0), runs=4)
    session.replicates.set(dataclasses.replace(session.replicates.value, error="no memory"))
    assert answer_sentence(session) == "Not known: the runs on other seeds failed (no memory)."


@pytest.mark.parametrize("runs", [2, 3, 8])
def test_an_estimate_of_the_first_figure_is_shown_from_three_seeds_on(runs: int):
    """In every seed, half as many people get away, with noise of one percent."""
    said = answer_sentence(visited(daily(), daily(got_aways=5.0, deaths=30.0), runs=runs))
    assert f"finished: {runs}." in said and (f"from {runs} seeds at scale 100" in said) == (
        runs > 2
    )
    figures = re.findall(r"\u2212([\d.]+)", said.partition("people who get away")[2])
    assert list(map(float, figures)) == pytest.approx([50.0] * 3 if runs >= 3 else [], abs=0.6)


# ---- dollars spent -------------------------------------------------------------------------------

PLANNED = ("cameras_and_sensors:250M@2012-10-11",), ("southern_border_control:250M@2012-10-11",)
UNITS = {"K": 1e3, "M": 1e6}
type Paid = tuple[Session, list[FrameRecorder]]


@pytest.fixture(scope="module")
def paid() -> Paid:
    """Forty days of two worlds whose policies plan the same dollars from day 11 on."""
    session = visited(daily(), daily(5.0), a=PLANNED[0], b=PLANNED[1], runs=9)
    scenarios = [session.choice.value.scenario(k).with_settings({"scale": 1000}) for k in (0, 1)]
    recorders = [FrameRecorder(start_model(scenario, 1)) for scenario in scenarios]
    for recorder in recorders * DAYS:
        recorder.model.run_for(1)
        recorder.record()
    logs = [recorder.log for recorder in recorders]
    session.loop = SimpleNamespace(logs=logs, recorders=logs)  # type: ignore[assignment]
    return session, recorders


def sums(text: str, following: str) -> list[float]:
    """Return the dollars of A and B that a sentence gives immediately before `following`."""
    amounts = re.findall(rf"\$([\d.]+)([KM]) {following}", text)
    return [float(size) * UNITS[unit] for size, unit in amounts]


@pytest.mark.parametrize(
    ("language", "ratio", "of"),
    [("en", "B spent {} times as much as A", "of"), ("es", "B gastó {} veces lo que A", "de")],
)
@pytest.mark.parametrize("runs", [9, 4])
def test_an_answer_states_the_sums_that_the_ledgers_of_both_worlds_spent(
    paid: Paid, language: str, ratio: str, of: str, runs: int
):
    """Both worlds plan equal spending, but A spends less at first: towers take years to build."""
    session, recorders = paid
    session.language.set(language)
    replicates = Replicates()
    for world, recorder in enumerate(recorders):
        dollars = outcomes(recorder.model.ledger)["dollars"]
        for seed in range(runs):
            run = summary_of(daily(10.0 - 5.0 * world), dollars * (0.9 if seed % 2 else 1.1))
            replicates = replicates.with_run(world, seed, run)
    session.replicates.set(replicates)
    mean = 1.0 if runs % 2 == 0 else 1.0 + 0.1 / runs
    said = answer_sentence(session)
    stated = sums(said, of)
    lead = re.match(ratio.format(r"([\d.]+)"), said)
    assert lead and float(lead[1]) == pytest.approx(stated[1] / stated[0], rel=0.06)
    assert f"<mark>{lead[0]}" in answer_markup(session)
    assert f"{of} $20.5M" in said, "what A plans"
    for world, recorder in enumerate(recorders):
        money = recorder.model.ledger.daily_money[:, list(PAYERS.values()), Account.PROGRAMMES]
        assert stated[world] == pytest.approx(mean * money.sum(), rel=0.005)
        planned = 250e6 * (DAYS - 10) / 365.0
        assert recorder.log.dollars(DAYS) == pytest.approx((money.sum(), planned), rel=0.005)
        if runs % 2 == 0:
            assert re.findall(r"\$\S+", spent(session, world))[0] in said, "as in the title"
    assert 0.0 < stated[0] < 0.9 * stated[1]


def test_one_press_makes_spending_equal_and_the_button_is_there_only_if_it_differs(
    monkeypatch: pytest.MonkeyPatch,
):
    """The simulated agencies spend half of the planned dollars. The runs are immediate."""

    def run(case: Case) -> RunSummary:
        planned = sum(policy.dollars or 0.0 for policy in case.scenario.policies)
        return summary_of(daily(), 0.5 * planned)

    monkeypatch.setattr(Session, "_build", lambda *args: None)
    session = visited(daily(), daily(5.0), a=("fence:60M",), b=("patrol_effort:250M",))
    submit = SimpleNamespace(submit=lambda cases: [(case, run(case)) for case in cases])
    session.background = cast(Background, submit)
    monkeypatch.setattr(session.seed_runs, "set_scenarios", lambda *args: None)
    monkeypatch.setattr(session.seed_runs, "start", lambda: None)
    monkeypatch.setattr(session, "_publish_replicates", lambda: None)

    def show(dollars: tuple[float, float]) -> None:
        replicates = Replicates()
        for world, level in enumerate(dollars):
            replicates = replicates.with_run(world, 1, summary_of(daily(), level))
        session.replicates.set(replicates)

    show((30e6, 125e6))
    _, context = reacton.render(EqualMoney(session), handle_error=False)
    context.find(ipyvuetify.Btn).widget.fire_event("click", None)
    deadline = time.monotonic() + 20.0
    while session.choice.value.b == ("patrol_effort:250M",) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert session.choice.value.a == ("fence:60M",) and session.choice.value.b == (
        "patrol_effort:60M",
    )
    show((30e6, 30e6))
    while context.find(ipyvuetify.Btn).widgets and time.monotonic() < deadline:
        # The choice changes before the search for equal spending ends.
        context.render(EqualMoney(session))
    assert not context.find(ipyvuetify.Btn).widgets
    context.close()
