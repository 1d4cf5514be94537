"""Exported files hold the recorded figures, the run, and the note that it is not a forecast."""

from __future__ import annotations

import base64
import csv
import datetime
import gzip
import json
import re
import shlex
from dataclasses import replace

import numpy as np
import pytest

from abm.scenario import Scenario, SettingError, load_scenario
from experiments.scenarios import find
from tests.unit.viz.made_sessions import record_days
from viz.cli.inputs import read_policies
from viz.figures.markup import esc
from viz.screen.exports.export_registry import (
    daily_csv,
    export_file,
    file_titles,
    flows_csv,
    picture_notes,
    scenario_toml,
)
from viz.screen.exports.replay import replay_html
from viz.screen.exports.view import View
from viz.screen.panels.exports import report_command
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY, FrameLog
from viz.screen.session.headers import script_hashes
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Downloads
from viz.screen.widgets.world import frame_dtype
from viz.screen.words import LANGUAGES, Words

SIMULATED, SEED = 17, 2
CHARTED = ("got_aways", "deaths")
NOTE = Words("en")("note")
CHOICE = Choice(b=("fence:0.5", "southern_border_control:3@2012-10-09"), days=30, scale=1000)


def quick(scenario: Scenario) -> Scenario:
    """The scenario with a short warm-up."""
    return scenario.with_settings({"warmup_days": 20, "fill_days": 20})


@pytest.fixture(scope="module")
def logs() -> list[FrameLog]:
    """B has one more day than A, as happens while both run."""
    worlds = [quick(CHOICE.scenario(k)) for k in (0, 1)]
    return [record_days(one, SEED, SIMULATED + k).log for k, one in enumerate(worlds)]


@pytest.fixture
def view(logs: list[FrameLog]) -> View:
    return View([quick(CHOICE.scenario(k)) for k in (0, 1)], SEED, logs, 9, charted=CHARTED)


def table(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """Comments, and rows by column."""
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
        figures = np.array([[row[name] for name in DAILY] for row in own], dtype=np.float32)
        assert np.array_equal(figures, log.daily[:SIMULATED])


def test_flows_match_the_frames_of_full_weeks(view: View, logs: list[FrameLog]):
    notes, found = table(flows_csv(view))
    assert NOTE in notes[0] and {row["week"] for row in found} == {"1", "2"}
    for world, log in zip("AB", logs, strict=True):
        for week in (1, 2):
            own = {
                int(row["leg"]): row
                for row in found
                if (row["world"], row["week"]) == (world, str(week))
            }
            record = np.frombuffer(log.frame(7 * week), log.dtype)[0]
            persons = np.zeros(len(record["flow"]))
            persons[list(own)] = [int(row["persons"]) for row in own.values()]
            assert np.array_equal(persons, 7 * record["flow"].astype(float))
            assert sum(int(row["stopped_by_mexico"]) for row in own.values()) == (
                record["stopped"].sum(dtype=int)
            )
    names, net = view.world.place_names, view.world
    leg = int(found[0]["leg"])
    assert (found[0]["tail"], found[0]["head"]) == (names[net.tail[leg]], names[net.head[leg]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_have_notes_on_the_run_and_maps_the_human_costs(
    view: View, logs: list[FrameLog], language: str
):
    t = Words(language)
    own = View(view.scenarios, SEED, logs, 9, t, CHARTED)
    for drawing in ("maps", t.outcome("deaths")):
        text = " ".join(picture_notes(own, drawing))
        assert t("note") in text and "2012-10-09" in text and f"{t('seed').lower()} {SEED}" in text
        assert all(title in text for title in own.titles)
    text = " ".join(picture_notes(own, "maps"))
    dead = np.frombuffer(logs[0].frame(9), logs[0].dtype)[0]["dead"].sum() / 1000
    assert f"{dead:.0f} {t('picture.deaths')}" in text and t("picture.kidnapped") in text
    assert export_file(own, "chart.deaths.png").picture == t.outcome("deaths")


def test_an_exported_scenario_is_read_by_the_command_line_unchanged():
    numbers = (("contest.eta", "0.25"), ("migrants.solo_attempts", "3"))
    choice = replace(CHOICE, days=1, numbers=numbers)
    log = FrameLog(1, frame_dtype(1, 1), frames=[b"-"])
    view = View([choice.scenario(k) for k in (0, 1)], choice.seed, [log], 1)
    for world in (0, 1):
        assert load_scenario(scenario_toml(view, world)).digest == choice.scenario(world).digest


def test_exactly_the_offered_files_can_be_made(view: View):
    offered = file_titles(view.words, CHARTED)
    files = [export_file(view, key) for key in offered]
    assert len({file.name for file in files}) == len(set(offered.values())) == len(offered)
    assert all(re.fullmatch(r"[a-z0-9.-]+", file.name) and file.data for file in files)
    for key in (
        "",
        "daily",
        "chart.settled.png",
        "chart.got_aways.pdf",
        "maps.x.png",
        "scenario.c",
        "chart.../../etc.png",
        "bring.a",
        "x" * 9000,
    ):
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
    figures = np.frombuffer(film[2 * SIMULATED * size :], "<f4").reshape(2, SIMULATED, len(DAILY))
    assert np.array_equal(figures, [log.daily[:SIMULATED] for log in logs])


def test_a_name_cannot_end_the_script_of_a_replay(view: View, logs: list[FrameLog]):
    class Malicious(Words):
        def __call__(self, key: str) -> str:
            return "</script><script>alert(1)</script>" if key == "title" else super().__call__(key)

    page = replay_html(View(view.scenarios, SEED, logs, 9, Malicious(), ("</script><img src=x>",)))
    assert page.count("<script") == 1 and page.count("</script") == 1 and "<img" not in page


def test_a_replay_has_all_its_words_in_both_languages(view: View):
    page = replay_html(view)
    (text,) = re.findall(r"const DATA = (.*);$", page, re.MULTILINE)
    data = json.loads(text)
    used = set(re.findall(r'data-(?:word|label)="([^"]+)"', page))
    used |= set(re.findall(r'\bword\("([a-z_.]+)"\)', page))
    for language in LANGUAGES:
        assert used | set(DAILY) <= data["words"][language].keys()


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
