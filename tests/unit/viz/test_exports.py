"""Exported files hold the recorded figures, describe the run, and say that it is not a forecast."""

from __future__ import annotations

import base64
import csv
import datetime
import gzip
import json
import math
import re
import shlex
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from abm.scenario import Scenario, SettingError, load_scenario
from experiments.scenarios import find
from tests.unit.viz.made_sessions import paused_session, record_days
from viz.cli.inputs import read_policies
from viz.figures.markup import esc
from viz.screen.exports.export_registry import (
    daily_csv,
    export_file,
    file_titles,
    picture_notes,
    scenario_toml,
)
from viz.screen.exports.replay import replay_html
from viz.screen.exports.view import View
from viz.screen.panels import exports
from viz.screen.panels.exports import python_text, report_command
from viz.screen.panels.plot_picker import WORLDS, PlotChoice, plot_file
from viz.screen.panels.policy_period_counts import STRIP, changes_since
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY_FIGURES, FrameLog
from viz.screen.session.headers import script_hashes
from viz.screen.session.replicates import cases
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary, summarise_run
from viz.screen.widgets.traits import Downloads
from viz.screen.widgets.world import frame_dtype
from viz.screen.words import LANGUAGES, Words

SIMULATED, SEED = 17, 2
NOTE = Words("en")("note")
CHOICE = Choice(b=("fence:0.5", "southern_border_control:3@2012-10-09"), days=30, scale=1000)


def quick(scenario: Scenario) -> Scenario:
    """Return the scenario with a short warm-up."""
    return scenario.with_settings({"warmup_days": 20, "fill_days": 20})


@pytest.fixture(scope="module")
def logs() -> list[FrameLog]:
    """B has one day more than A, as happens while both worlds run."""
    worlds = [quick(CHOICE.scenario(k)) for k in (0, 1)]
    return [record_days(one, SEED, SIMULATED + k).log for k, one in enumerate(worlds)]


@pytest.fixture
def view(logs: list[FrameLog]) -> View:
    return View([quick(CHOICE.scenario(k)) for k in (0, 1)], SEED, logs, 9)


def table(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """Return the comment lines and the rows of a CSV text."""
    lines = text.splitlines()
    notes = [line for line in lines if line.startswith("#")]
    return notes, list(csv.DictReader(lines[len(notes) :]))


def test_daily_figures_are_restored_exactly(view: View, logs: list[FrameLog]):
    notes, found = table(daily_csv(view))
    assert NOTE in notes[0] and f"seed {SEED}" in notes[1]
    assert all(scenario.digest in notes[1] for scenario in view.scenarios)
    assert len(found) == 2 * SIMULATED
    for world, log in zip("AB", logs, strict=True):
        own = [row for row in found if row["world"] == world]
        assert [int(row["day"]) for row in own] == list(range(1, SIMULATED + 1))
        days = [datetime.date.fromisoformat(row["date"]) for row in own]
        assert days[0] == view.start and (days[-1] - days[0]).days == SIMULATED - 1
        figures = np.array([[row[name] for name in DAILY_FIGURES] for row in own], dtype=np.float32)
        assert np.array_equal(figures, log.daily[:SIMULATED])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_of_the_maps_has_notes_on_the_run_and_the_human_costs(
    view: View, logs: list[FrameLog], language: str
):
    t = Words(language)
    own = View(view.scenarios, SEED, logs, 9, t)
    text = " ".join(picture_notes(own))
    assert t("note") in text and "2012-10-09" in text and f"{t('seed').lower()} {SEED}" in text
    assert all(title in text for title in own.titles)
    dead = np.frombuffer(logs[0].frame(9), logs[0].dtype)[0]["dead"].sum() / 1000
    assert f"{dead:.0f} {t('picture.deaths')}" in text and t("picture.kidnapped") in text


def test_an_exported_scenario_is_read_by_the_command_line_unchanged():
    numbers = (("contest.eta", "0.25"), ("migrants.solo_attempts", "3"))
    choice = replace(CHOICE, days=1, numbers=numbers)
    log = FrameLog(1, frame_dtype(1, 1), frames=[b"-"])
    view = View([choice.scenario(k) for k in (0, 1)], choice.seed, [log], 1)
    for world in (0, 1):
        assert load_scenario(scenario_toml(view, world)).digest == choice.scenario(world).digest


def test_exactly_the_offered_files_can_be_made(view: View):
    offered = file_titles(view.words)
    files = [export_file(view, key) for key in offered]
    assert len({file.name for file in files}) == len(set(offered.values())) == len(offered)
    assert all(re.fullmatch(r"[a-z0-9.-]+", file.name) and file.data for file in files)
    for key in ("", "daily", "maps.pdf", "scenario.c", "maps/../../etc.png", "x" * 9000):
        with pytest.raises(SettingError) as refused:
            export_file(view, key)
        assert len(str(refused.value)) < 300


# ---- the replay ----------------------------------------------------------------------------------


def test_a_replay_loads_nothing_and_runs_one_script(view: View):
    page = replay_html(view)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src &#x27;none&#x27;; script-src &#x27;sha256-")
    assert policy.count("sha256-") == 1 and script_hashes(page)[0].strip("'") in policy
    assert NOTE in page and not re.search(r'(?:href|src)="(?!data:)', page)


def test_a_replay_holds_the_recorded_frames_and_figures(view: View, logs: list[FrameLog]):
    (text,) = re.findall(r'^const FILM = "([^"]*)";$', replay_html(view), re.MULTILINE)
    film = gzip.decompress(base64.b64decode(text))
    size = logs[0].dtype.itemsize
    assert film[: SIMULATED * size] == b"".join(logs[0].frames)
    assert film[SIMULATED * size :][: SIMULATED * size] == b"".join(logs[1].frames[:SIMULATED])
    figures = np.frombuffer(film[2 * SIMULATED * size :], "<f4").reshape(
        2, SIMULATED, len(DAILY_FIGURES)
    )
    assert np.array_equal(figures, [log.daily[:SIMULATED] for log in logs])


def test_a_name_cannot_end_the_script_of_a_replay(view: View, logs: list[FrameLog]):
    class Malicious(Words):
        def __call__(self, key: str) -> str:
            return "</script><script>alert(1)</script>" if key == "title" else super().__call__(key)

    page = replay_html(View(view.scenarios, SEED, logs, 9, Malicious()))
    assert page.count("<script") == 1 and page.count("</script") == 1


def test_a_replay_has_all_its_words_in_both_languages(view: View):
    page = replay_html(view)
    (text,) = re.findall(r"const DATA = (.*);$", page, re.MULTILINE)
    data = json.loads(text)
    used = set(re.findall(r'data-(?:word|label)="([^"]+)"', page))
    used |= set(re.findall(r'\bword\("([a-z_.]+)"\)', page))
    for language in LANGUAGES:
        assert used | set(DAILY_FIGURES) <= data["words"][language].keys()


# ---- the buttons ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"key": "daily.csv"}, ("daily.csv",)),
        ("nonsense", ("None",)),
        ({"key": {"a": 1}, "name": None}, ("{'a': 1}",)),
    ],
)
def test_any_message_of_the_browser_gets_an_answer(
    monkeypatch: pytest.MonkeyPatch, content, expected
):
    calls, sent = [], []
    buttons = Downloads(answer=lambda *args: calls.append(args) or "no")
    monkeypatch.setattr(
        buttons, "send", lambda content, buffers=None: sent.append((content, buffers))
    )
    buttons._handle_custom_msg(content, [])
    assert calls == [expected] and sent == [({"status": "no"}, None)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_replay_begins_with_the_question_and_the_dated_answer(view: View, language: str):
    t = Words(language)
    answers = {"en": "with B, about as many die", "es": "con B, mueren casi tantas"}
    asked = replace(view, words=t, answers=answers)
    page = replay_html(asked)
    assert f'<h2 id="question">{esc(asked.question)}</h2>' in page
    day = t("take.answer").format(date="30 Oct 2012", answer=answers[language])
    assert f'<p id="answer">{day.replace("Oct", t("naming.months").split()[9])}</p>' in page
    assert '<p id="answer"></p>' in replay_html(view), "without seeds there is no answer"


def test_the_command_of_the_report_runs_the_policies_and_settings_of_the_page():
    session = Session()
    b = ("fence:0.5", "southern_border_control:3@2012-10-09")
    session.choice.set(Choice(a=(), b=b, seed=4, days=30, scale=500))
    words = shlex.split(report_command(session))
    assert words[:3] == ["twoborders", "compare", "+".join(b)]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert (options["--seed"], options["--days"], options["--scale"]) == ("4", "30", "500")
    (arm,) = read_policies(find(options["--scenario"]), words[2:3])
    assert tuple(map(str, arm)) == b


def test_copied_python_prints_the_figures_of_the_page_in_a_fresh_process(monkeypatch):
    """The script prints both worlds' levels on the day shown and the changes over the seeds."""
    monkeypatch.setattr(exports, "SEEDS", 3)
    policies = "fence:0.5@2012-10-05", "southern_border_control:3@2012-10-09"
    numbers = (("contest.eta", "0.5"),)
    choice = Choice(a=policies[:1], b=policies, days=30, scale=1000, seed=SEED, numbers=numbers)
    runs = cases([choice.scenario(world) for world in (0, 1)], SEED, 3)
    made = {place: summarise_run(case) for place, case in runs.items()}
    results = {place: run for place, run in made.items() if isinstance(run, RunSummary)}
    assert len(results) == len(runs)
    figures = [results[world, SEED].daily for world in (0, 1)]
    session = paused_session(choice, figures, [(*place, run) for place, run in results.items()], 25)
    words = [sys.executable, "-c", python_text(session)]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in printed.splitlines()[1:]]
    counts = {count.name: count for count in changes_since(session, 25)}
    assert [name for name, *_ in rows] == list(STRIP) and len(words[2].splitlines()) == 10
    for name, *values in rows:
        count, (a, b, change) = counts[name], map(float, values)
        assert (a, b) == pytest.approx((count.a, count.b), abs=0.01), name
        if count.percent and math.isfinite(change):  # Otherwise, the page has a dash or no change.
            assert change == pytest.approx(count.percent.median, abs=0.01), name
    assert counts["apprehended_us"].percent and counts["apprehended_us"].a > 0


@pytest.mark.parametrize("worlds", WORLDS)
@pytest.mark.parametrize("is_total", [False, True])
def test_a_plot_holds_the_figures_of_the_run_and_the_changes_over_the_seeds(worlds, is_total):
    rng = np.random.default_rng(5)
    daily = rng.poisson(300.0, (4, 2, 40, len(DAILY_FIGURES))).astype(np.float32)
    choice = Choice(b=("fence@2012-10-11",), days=40, scale=1000)
    free = {"dollars": 0.0}
    runs = [(k, n + 1, RunSummary(daily[n, k], free)) for n in range(4) for k in (0, 1)]
    session = paused_session(choice, daily[0], runs)
    session.loop.scenarios, session.loop.seed = [choice.scenario(0), choice.scenario(1)], 1
    plot = PlotChoice("deaths", is_total, worlds)
    _, rows = table(plot_file(session, plot, "csv").data.decode())
    last = daily[..., 10 if is_total else 33 :, DAILY_FIGURES.index("deaths")].sum(axis=-1)
    last = last if is_total else last / 7
    expected = {"A": last[0, 0], "B": last[0, 1], "B minus A": (last[:, 1] - last[:, 0]).mean()}
    for name in expected.keys() & rows[-1].keys():
        assert float(rows[-1][name]) == pytest.approx(expected[name], rel=1e-5)
    assert len(rows) == 40 and len(rows[-1]) == 2 + 3 * max(1, len(WORLDS[worlds]))
    assert plot_file(session, plot, "png").data.startswith(b"\x89PNG")
    assert b"<svg" in plot_file(session, plot, "svg").data
