"""Ready pairs are fair and valid, their texts show computed figures, and "Run it" runs one."""

from __future__ import annotations

import dataclasses
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.scenario import parse_policy
from experiments.runs.case import Case
from experiments.runs.run import run_one
from viz.figures.basemap import map_data
from viz.figures.pair_map import MARKS, WINDOWS, border, pair_map_svg, shared_routes
from viz.screen.lessons import lessons
from viz.screen.pages.start import continue_play, lesson_worlds, open_policies, pair_texts, play
from viz.screen.session import pairs
from viz.screen.session.choice import packaged_world, read_query
from viz.screen.session.pairs import PAIRS, Pair
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.session.visitors import VisitorLimits
from viz.screen.words import LANGUAGES, Words

ROOT = Path(__file__).resolve().parents[3]
CAMERAS, FENCE, ALONE = PAIRS
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)


# ---- the declaration of a pair -------------------------------------------------------------------


@every_pair
def test_the_worlds_of_a_pair_are_valid_and_differ_in_policy_only(pair: Pair):
    a, b = (pair.choice.scenario(world) for world in (0, 1))
    assert a.policies != b.policies
    assert dataclasses.replace(a, name=b.name, policies=b.policies) == b


@every_pair
def test_an_address_reproduces_a_pair(pair: Pair):
    assert read_query(pair.choice.query()) == pair.choice


@every_pair
def test_a_run_goes_on_for_a_year_after_its_policies_begin_and_are_built(pair: Pair):
    assert pair.days >= pair.began + 365
    for policy in (*pair.policies(0), *pair.policies(1)):
        built = policy.ramp_end(policy.days_until_complete())
        assert pair.start.toordinal() + pair.days - built >= 364, policy.id


@every_pair
def test_it_plays_from_before_its_policies_begin(pair: Pair):
    assert 0 <= pair.first_day < pair.began <= pair.first_day + pairs.LEAD + 1


def test_cameras_and_the_southern_border_get_the_same_money_from_the_same_day():
    for world in (0, 1):
        assert CAMERAS.dollars(world) == pytest.approx(250e6, rel=0.005)
    assert {policy.start for world in (0, 1) for policy in CAMERAS.policies(world)} == {
        CAMERAS.began_on.toordinal()
    }
    assert CAMERAS.began_on.isoformat() == "2014-07-01"
    assert parse_policy(CAMERAS.a[0]).id == "cameras_and_sensors"
    assert parse_policy(CAMERAS.b[0]).id == "southern_border_control"


def test_the_second_pair_builds_350_miles_of_fence_in_one_world_only():
    assert FENCE.choice.a == () and FENCE.miles(0) == 0.0
    assert FENCE.miles(1) == pytest.approx(350.0, abs=0.5)


def test_the_united_states_alone_plan_four_times_the_money_and_both_worlds_spend_it():
    planned = [ALONE.dollars(world) for world in (0, 1)]
    assert planned[1] == pytest.approx(4.0 * planned[0], rel=0.02) and round(ALONE.times) == 4
    needs = [{policy.needs_mexico for policy in ALONE.policies(world)} for world in (0, 1)]
    assert True in needs[0] and needs[1] == {False}
    for world in (0, 1):
        scenario = ALONE.choice.scenario(world).with_settings({"scale": 1000})
        spent = run_one(Case(scenario, 1)).outcomes["dollars"]
        assert spent == pytest.approx(planned[world], rel=0.05)


def test_one_ready_pair_can_refute_that_security_requires_cooperation():
    """Fewer get away under the United States alone; without Mexico in either world none could."""
    away = []
    for world in (0, 1):
        scenario = ALONE.choice.scenario(world).with_settings({"scale": 500})
        away.append(run_one(Case(scenario, 1)).outcomes["got_aways"])
    assert away[1] < 0.97 * away[0]


def test_the_lesson_of_a_pair_compares_the_same_worlds():
    (pair,) = [pair for pair in PAIRS if pair.lesson]
    lesson = lessons()[pair.lesson]
    arms = {arm.at(lesson.dial.value).policies for arm in lesson.arms.values()}
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
    changed = dataclasses.replace(pair, b=(re.sub(r":[\d.]+M", ":300M", pair.b[0]), *pair.b[1:]))
    assert pair_texts(Words(language), changed) != texts


def test_classes_of_the_start_card_have_rules_in_no_other_style_sheet():
    """A rule for a class of the same name on another page once broke the cards."""
    sheets = {path.stem: path.read_text() for path in (ROOT / "viz/screen").rglob("*.css")}
    own = set(re.findall(r"^\.(tb-[a-z-]+)", sheets.pop("start"), re.MULTILINE))
    assert {"tb-ready", "tb-letter", "tb-pairs-grid"} < own
    for name, sheet in sheets.items():
        assert not own & set(re.findall(r"\.(tb-[a-z-]+)", sheet)), name


@every_pair
def test_small_maps_are_light_and_show_a_difference(pair: Pair):
    data, drawn = map_data(packaged_world()), []
    for world in (0, 1):
        picture = pair_map_svg(
            data, pair.marks[world], world, title="name", text="mark", view=pair.view
        )
        assert len(picture) < 9_000 and "<title>name</title>" in picture and "mark" in picture
        drawn.append(picture)
    assert pair.marks[0] != pair.marks[1] and drawn[0] != drawn[1]
    assert {*pair.marks} <= MARKS.keys() and pair.view in WINDOWS


def test_the_line_runs_from_the_pacific_to_the_gulf():
    line = border(map_data(packaged_world()))
    assert line[0][0] < -117 and line[-1][0] > -97.5 and len(set(line)) == len(line)


def test_routes_reach_every_part_of_the_line():
    data = map_data(packaged_world())
    reached = {head for _, head in shared_routes(data)}
    crossings = {i for i, kind in enumerate(data.place_kinds) if kind == "crossing_between_ports"}
    assert crossings <= reached


# ---- "Run it" ------------------------------------------------------------------------------------

LATER = Pair("later", (), ("southern_border_control:3@2012-11-20",), 90, ("plain", "south"))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """The session of a visitor, with coarse worlds."""
    monkeypatch.setattr(pairs, "SCALE", 1000)
    limits = VisitorLimits()
    limits.enter("visitor")
    session = Session(kernel="visitor", limits=limits)
    session.page.set("start")
    yield session
    session.end()


def follow(session: Session, seconds: float = 300.0) -> list[tuple[Phase, int]]:
    """Continue as the page does until nothing is left to do; return the statuses seen."""
    seen, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        status = session.status.value
        if not seen or seen[-1] != (status.phase, status.day):
            seen.append((status.phase, status.day))
        continue_play(session)
        if "play" not in session.notes and status.phase is not Phase.BUILDING:
            return seen
        time.sleep(0.01)
    raise AssertionError(f"still {seen[-1]}")


def test_play_it_opens_compare_and_runs_from_before_the_first_policy(session: Session):
    play(session, LATER)
    assert session.page.value == "compare" and session.choice.value == LATER.choice
    seen = follow(session)
    assert LATER.first_day == 20
    assert all(day in (0, 20) for phase, day in seen if phase is not Phase.RUNNING)
    assert session.loop is not None and session.loop.status.phase is Phase.RUNNING
    assert session.loop.status.day >= 20


def test_a_visitor_who_leaves_while_worlds_are_built_finds_no_run(session: Session):
    play(session, LATER)
    session.page.set("about")
    follow(session)
    assert session.loop is not None and not session.limits.n_running
    assert session.loop.status.phase is not Phase.RUNNING


def test_a_pause_while_the_first_day_is_sought_is_kept(session: Session):
    play(session, dataclasses.replace(LATER, b=("southern_border_control:3@2014-07-01",), days=700))
    while session.status.value.phase is not Phase.SEEKING:
        continue_play(session)
        time.sleep(0.01)
    session.toggle()
    follow(session)
    assert session.loop is not None and session.loop.status.phase is Phase.PAUSED
    assert session.loop.status.day < LATER.choice.days


def test_a_pair_played_after_another_run_starts_from_its_own_first_day(session: Session):
    play(session, LATER)
    follow(session)
    session.pause()
    session.seek(60)
    play(session, LATER)
    seen = follow(session)
    assert all(day <= 21 for _, day in seen[1:])


def test_build_your_own_opens_the_policies_of_a_pair(session: Session):
    open_policies(session, LATER)
    assert session.page.value == "compare" and session.drawer.value
    assert session.choice.value == LATER.choice and "play" not in session.notes


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_names_the_worlds_of_its_lesson_that_are_those_of_the_pair(language: str) -> None:
    t = Words(language)
    for pair in PAIRS:
        if pair.lesson:
            lesson = lessons()[pair.lesson]
            text = lesson_worlds(t, pair, lesson)
            letters = re.findall(r"\b[A-H]\b", text)
            arms = [lesson.arms[letter.lower()].at(lesson.dial.value) for letter in letters]
            assert [arm.policies for arm in arms] == [pair.a, pair.b]
