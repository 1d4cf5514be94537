"""What is brought back is what was taken away, or is refused in a line; nothing is dropped."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import SettingError
from abm.scenario.policy_specs import parse_policy
from experiments.scenarios import find
from viz.screen.choice import FINEST, STATUS_QUO, Choice
from viz.screen.exports.export_registry import bring
from viz.screen.exports.scenarios import read_policies_table, read_scenario, scenario_toml
from viz.screen.exports.view import View
from viz.screen.frames import FrameLog, FrameRecorder
from viz.screen.widgets.world import frame_dtype
from viz.screen.words import Words

INSTRUMENTS = [name for name in registry() if name != STATUS_QUO]
SPANISH = Words("es")


@st.composite
def policies(draw: st.DrawFn) -> tuple[str, ...]:
    """Some instruments, of some doses or dollars, some of them dated."""
    names = draw(st.lists(st.sampled_from(INSTRUMENTS), max_size=4, unique=True))
    dates = st.sampled_from(["", "@2013-01-01", "@2012-11-01..2013-05-01"])
    doses = st.sampled_from(["0.25", "0.3333", "1"])
    return tuple(str(parse_policy(f"{name}:{draw(doses)}{draw(dates)}")) for name in sorted(names))


def taken(choice: Choice, world: int) -> str:
    """The TOML of a world of a choice that is being played."""
    log = FrameLog(choice.days, frame_dtype(1, 1), frames=[b"-"])
    return scenario_toml(View([choice.scenario(k) for k in (0, 1)], choice.seed, [log], 1), world)


@given(
    policies(),
    policies(),
    st.integers(1, 3652),
    st.integers(FINEST, 1000),
    st.integers(0, 1),
    st.floats(0.01, 0.99),
    st.integers(0, 10**6),
)
def test_what_was_taken_away_comes_back_the_same(a, b, days, scale, world, eta, seed):
    numbers = (("contest.eta", repr(eta)), ("migrants.solo_attempts", "3"))
    choice = Choice(a=a, b=b, days=days, scale=scale, numbers=numbers, seed=seed)
    back = read_scenario(taken(choice, world), Choice(seed=seed), world)
    assert back.scenario(world).digest == choice.scenario(world).digest
    assert back.seed == seed and back.policies(1 - world) == Choice().policies(1 - world)


def test_a_scenario_is_played_by_the_command_line_as_on_the_screen(tmp_path: Path):
    choice = Choice(b=("fence:0.5",), days=3, scale=1000, seed=7)
    file = tmp_path / "world-b.toml"
    file.write_text(taken(choice, 1), encoding="utf-8")
    scenario = find(file)
    assert scenario.digest == choice.scenario(1).digest
    assert "--seed 7" in file.read_text(encoding="utf-8")
    short = {"warmup_days": 5, "fill_days": 5}
    runs = []
    for one in (scenario, choice.scenario(1)):
        recorder = FrameRecorder(BorderModel(one.with_settings(short), rng=7))
        recorder.model.run_for(1)
        runs.append(recorder.record())
    assert runs[0] == runs[1]


def test_a_file_may_start_from_a_packaged_scenario():
    found = read_scenario('extends = "us_only"\ndays = 40\n', Choice(), 0)
    assert found.a == tuple(str(use) for use in find("us_only").policies)
    assert (found.days, found.scale) == (40, find("us_only").scale)


HELD = "the screen cannot hold this"
BAD_TOML = [
    ("start = 2013-10-01", f"start: {HELD}"),
    ('record = "history"', f"record: {HELD}"),
    ("warmup_days = 30", f"warmup_days: {HELD}"),
    ("supply_level = 2.0", f"supply_level: {HELD}"),
    ('[border_patrol]\nrule = "fixed"', "border_patrol.rule"),
    ("days = 5000", "days"),
    ("scale = 1", "scale"),
    ('policies = ["fense"]', "policies.fense"),
    ('extends = "/etc/passwd.toml"', "not a packaged scenario"),
    ('extends = "../secret.toml"', "not a packaged scenario"),
    ("a = 1", "unknown setting"),
    ("days =", "invalid TOML"),
    ("policies = 3", "not a list"),
    ("a" + ".a" * 600 + " = 1", "too long"),
    ('"\u2028"' + '."\u2028"' * 600 + " = 1", "too long"),
    ("#" * 100_001, "too long"),
    ("a = " + "[" * 5000, "invalid TOML"),
]


@pytest.mark.parametrize(("text", "why"), BAD_TOML)
def test_what_the_screen_cannot_hold_is_refused_in_a_line(text: str, why: str):
    with pytest.raises(SettingError, match=re.escape(why)) as refused:
        read_scenario(text, Choice(), 1)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 2000


@given(st.text(max_size=200) | st.sampled_from(["days=1\n", "[contest]\neta=0.1\n"]))
def test_any_text_is_a_choice_that_can_be_played_or_is_refused(text: str):
    first = Choice()
    for read in (lambda: read_scenario(text, first, 0), lambda: read_policies_table(text, first)):
        try:
            found = read()
        except SettingError:
            continue
        assert [found.scenario(world).days for world in (0, 1)] == [found.days] * 2


# ---- tables of policies --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "world,policy,dose,start,end\nA,fence,0.5,,\nB,trainers,250M,2013-01-01,2013-06-01\n",
        "world;policy;dose;start;end\r\na;fence;0,5;;\r\nb;trainers;250M;2013-01-01;2013-06-01\r\n",
        "# of the class\nPolicy, World ,Start,End,Dose\n\ntrainers,B,2013-01-01,2013-06-01,250M\n"
        "fence,A,,,0.5,,\n,,,,\n",
    ],
)
def test_a_table_as_spreadsheets_write_it_sets_both_worlds(text: str):
    found = read_policies_table(text, Choice(seed=5, days=40))
    assert found.a == ("fence:0.5",) and found.b == ("trainers:250M@2013-01-01..2013-06-01",)
    assert (found.seed, found.days) == (5, 40)


def test_a_world_that_is_not_named_keeps_its_policies_and_the_status_quo_is_none():
    kept = Choice(a=("fence",), b=("trainers",))
    assert read_policies_table("world,policy\nB,status_quo", kept) == Choice(a=("fence",), b=())


@given(policies(), policies())
def test_any_two_worlds_can_be_written_as_a_table(a, b):
    lines = ["world,policy,dose,start,end"]
    for world, own in (("A", a), ("B", b)):
        lines += [
            f"{world},{use.id},{use.dose},{use.start or ''},{use.end or ''}"
            for use in map(parse_policy, own)
        ] or [f"{world},{STATUS_QUO}"]
    found = read_policies_table("\n".join(lines), Choice())
    assert (found.a, found.b) == (a, b)


BAD_CSV = [
    ("", "no column policy"),
    ("world,policy\n", "no policy in it"),
    ("policy\nfence", "world"),
    ("world,policy\nC,fence", "line 2"),
    ("world,policy\n\nA,fense", "fense"),
    ("world,policy,dose\nA,fence,x", "line 2"),
    ("world,policy,dose\nA,fence,-1", "line 2"),
    ("world,policy,start\nA,fence,7/7/2014", "not a date"),
    ("world,policy,note\nA,fence,mine", "note"),
    ("world,policy,policy\nA,fence,fence", "twice"),
    ("world,policy\nA,fence,0.5", "more cells"),
    ('world,policy\nA,"fence', "no row"),
    ('world,policy,dose\nA,trainers,"1,000M"', "line 2"),
    ("world,policy\n" + "A,fence\n" * 201, "200 rows"),
    ("world,policy,dose\nA,fence,99", "dose"),
]


@pytest.mark.parametrize(("text", "why"), BAD_CSV)
def test_a_table_that_cannot_be_meant_is_refused_with_its_place(text: str, why: str):
    with pytest.raises(SettingError, match=why) as refused:
        read_policies_table(text, Choice())
    assert "\n" not in str(refused.value)


# ---- files ---------------------------------------------------------------------------------------

BAD_FILES = [
    ("a", "a.pkl", pickle.dumps({"days": 3})),
    ("a", "a.csv", b"world,policy\nA,fence"),
    ("both", "a.toml", b"days = 3"),
    ("a", "a.toml", b"\xff"),
    ("c", "a.toml", b"days = 3"),
    ("a", "a.toml", b"#" * 2001),
]


@pytest.mark.parametrize(("key", "name", "data"), BAD_FILES)
def test_a_file_of_another_kind_or_size_is_refused(key: str, name: str, data: bytes):
    with pytest.raises(SettingError):
        bring(Choice(), key, name, data, 2000)


def test_a_file_is_read_into_the_world_it_is_for():
    text = b'extends = "classroom"\npolicies = ["fence:0.5"]\n'
    for key in "ab":
        found = bring(Choice(a=(), b=()), key, "C:\\class\\Mine.TOML", text, 2000)
        assert found.policies("ab".index(key)) == ("fence:0.5",)
        assert not found.policies(1 - "ab".index(key))


def test_refusals_are_told_in_spanish():
    """Of the sentences that are written for uploads, none is left in English."""
    for read, bad in (
        (lambda t: read_scenario(t, Choice(), 1), BAD_TOML),
        (lambda t: read_policies_table(t, Choice()), BAD_CSV),
    ):
        for text, _ in bad:
            with pytest.raises(SettingError) as refused:
                read(text)
            told = SPANISH.translate(" ".join(str(refused.value).split()))
            assert not re.search(r"\b(Give|Take|Columns|Known|there|the|cannot)\b", told), told
