"""The frame of Compare: the question, the titles of the maps, views, and policy flags."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from viz.screen.panels.headline import answer_markup
from viz.screen.panels.maps import spent
from viz.screen.panels.naming import pair_texts, question_of, short_title
from viz.screen.panels.timebar import move_policy, policy_flags
from viz.screen.session.choice import Choice, presets
from viz.screen.session.frames import FrameLog
from viz.screen.session.pairs import PAIRS
from viz.screen.session.runloop import LoopStatus, Phase
from viz.screen.session.session import Session
from viz.screen.words import LANGUAGES, Words

CONTROL = "southern_border_control"
BORDER_QUESTION = {
    "en": "Does tighter border security need Mexico?",
    "es": "¿Una frontera más segura necesita a México?",
}


@pytest.fixture(autouse=True)
def _no_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "_build", lambda *args: None)


def session_of(a: tuple[str, ...] = (), b: tuple[str, ...] = ()) -> Session:
    """Return a session with a choice that is not simulated."""
    session = Session()
    session.choice.set(Choice(a=a, b=b, days=60))
    return session


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_cooperation_against_none_asks_whether_border_security_needs_mexico(language: str):
    t, (both, alone) = Words(language), (presets()[name] for name in ("cooperation", "us_only"))
    for a, b in ((both, alone), (alone, both), (("fence",), (CONTROL,))):
        assert question_of(t, a, b) == BORDER_QUESTION[language]
    for a, b in (((), (CONTROL,)), ((), alone), (both, ()), (("fence",), ("patrol_surge",))):
        assert question_of(t, a, b) != BORDER_QUESTION[language]
    for pair in PAIRS:
        assert question_of(t, pair.a, pair.b) == pair_texts(t, pair)["title"]


def test_a_world_has_a_name_instead_of_a_chain_of_instruments():
    t, pair = Words(), PAIRS[-1]
    named = [short_title(t, policies) for policies in (pair.a, pair.b, presets()["mixed"], ())]
    assert named == ["Both countries", "United States alone", "Half and half", t("status_quo")]
    assert short_title(t, ("fence:2",)) == "More miles of fence"
    assert short_title(t, ("fence", "patrol_surge")) == "United States alone: 2 policies"
    assert short_title(t, ("fence", "trainers", CONTROL)) == "Both countries: 3 policies"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("fence",), ("legal_pathways",)),
        ((), ("fence",)),
        (("fence",), ()),
        (("fence:0.5",), ("fence:2",)),
        (("trainers",), ("remain_in_mexico",)),
    ],
)
def test_other_pairs_are_asked_about_by_the_names_of_their_policies(language: str, a, b):
    t = Words(language)
    asked = question_of(t, a, b)
    assert asked.endswith("?") and "{" not in asked
    for policies in (a, b):
        assert not policies or short_title(t, policies[:1]) in asked


def test_two_worlds_with_the_same_policies_are_said_to_be_the_same():
    assert "nothing differs" in question_of(Words(), ("fence", CONTROL), (CONTROL, "fence"))


def test_the_line_under_the_question_shows_an_error_first_and_escapes_it():
    session = Session()
    session.error.set("<b>it is out of range</b>")
    assert "tb-trouble" in answer_markup(session) and "<b>" not in answer_markup(session)
    session.error.set("")
    session.now = LoopStatus(0, 0, 60, Phase.FAILED, "no such place")
    assert "no such place" in answer_markup(session)
    session.now = LoopStatus(0, 0, 60, Phase.BUILDING)
    assert "being built" in answer_markup(session)
    session.now = LoopStatus(0, 0, 60, Phase.PAUSED)
    assert "Press Run" in answer_markup(session)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "spent {} of {} in all"), ("es", "gasto total {} de {}")]
)
def test_a_title_shows_the_dollars_that_were_spent_of_those_planned_since_the_policies_began(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch
):
    session = session_of(("fence:2@2012-10-20",), ("trainers:1@2012-11-10",))
    session.language.set(language)
    log = FrameLog(60, np.dtype("u1"), frames=[b"."] * 40)
    monkeypatch.setattr(log, "dollars", lambda day: (day * 0.25e6, day * 1e6))
    session.loop = SimpleNamespace(logs=[log, log], recorders=[log, log])  # type: ignore[assignment]
    session.now = LoopStatus(40, 40, 60, Phase.PAUSED)
    assert spent(session, 0) == said.format("$10M", "$40M")
    assert spent(session, 1) == said.format("–", "–"), "its policies begin on day 41"


# ---- flags ---------------------------------------------------------------------------------------


def test_flags_are_at_the_dates_of_the_policies_and_a_comes_before_b():
    session = session_of(("fence",), (f"{CONTROL}@2012-10-20..2012-11-10", "trainers@2013-05-01"))
    found = [(flag["world"], flag["number"], flag["day"]) for flag in policy_flags(session)]
    start = session.choice.value.scenario(0).start
    late = (datetime.date(2013, 5, 1) - start).days
    assert found == [("A", 0, 0), ("B", 0, 19), ("B", 1, late)]
    assert policy_flags(session)[1]["end"] == 40
    titles = [flag["title"] for flag in policy_flags(session)]
    assert titles == ["More miles of fence", "Both countries: 2 policies", ""], "one for each world"


def test_policies_of_one_date_share_a_flag_and_move_together():
    session = session_of((), ("fence@2012-10-20", CONTROL, "trainers:2@2012-10-20..2012-11-10"))
    first, second = policy_flags(session)
    assert (first["day"], second["day"], second["number"]) == (0, 19, 0)
    assert (second["text"], second["end"]) == (
        "More miles of fence, Trainers for Mexican officers",
        60,
    )
    move_policy(session, ["B", 0, 25, 1])
    assert session.choice.value.b == (
        "fence@2012-10-26",
        CONTROL,
        "trainers:2@2012-10-26..2012-11-10",
    )
    session.end()


def test_moving_a_flag_changes_the_date_of_its_policy_only():
    session = session_of(("fence@2012-10-05",), (CONTROL, "trainers:2@2012-10-09"))
    before = session.choice.value
    move_policy(session, ["B", 1, 30, 1])
    after = session.choice.value
    assert after.a == before.a and after.b[0] == before.b[0]
    assert after.b[1] == "trainers:2@2012-10-31"
    assert after.scenario(0).digest == before.scenario(0).digest, "A would be simulated again"
    move_policy(session, ["B", 1, 0, 2])
    assert session.choice.value.b[1] == "trainers:2"
    session.end()


@pytest.mark.parametrize(
    "moved",
    [
        [],
        ["AB", 0, 3, 1],
        ["B", 5, 3, 1],
        ["B", 0, 10**12, 1],
        ["B", 0, True, 1],
        [None, None, None],
    ],
)
def test_an_invalid_move_from_the_browser_changes_nothing(moved: list):
    session = session_of((), (CONTROL,))
    before = session.choice.value
    move_policy(session, moved)
    assert session.choice.value == before and not session.error.value
