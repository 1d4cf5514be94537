"""An imported file restores what was exported, or raises an error; no setting is dropped."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.scenario import SettingError
from tests.unit.viz.test_choice import policies
from viz.screen.exports.export_registry import import_file
from viz.screen.exports.scenarios import read_scenario, read_upload, scenario_toml
from viz.screen.exports.view import View
from viz.screen.session.choice import FINEST, Choice
from viz.screen.session.frames import FrameLog
from viz.screen.widgets.world import frame_dtype
from viz.screen.words import Words

SPANISH = Words("es")


def exported(choice: Choice, world: int) -> str:
    """The TOML of a world of a running choice."""
    log = FrameLog(choice.days, frame_dtype(1, 1), frames=[b"-"])
    return scenario_toml(View([choice.scenario(k) for k in (0, 1)], choice.seed, [log], 1), world)


@settings(max_examples=30)  # every example writes and reads a whole scenario
@given(
    policies(),
    policies(),
    st.integers(1, 3652),
    st.integers(FINEST, 1000),
    st.integers(0, 1),
    st.floats(0.01, 0.99),
    st.integers(0, 10**6),
)
def test_an_exported_scenario_is_imported_unchanged(a, b, days, scale, world, eta, seed):
    numbers = (("contest.eta", repr(eta)), ("migrants.solo_attempts", "3"))
    choice = Choice(a=a, b=b, days=days, scale=scale, numbers=numbers, seed=seed)
    back = read_scenario(exported(choice, world), Choice(seed=seed), world)
    assert back.scenario(world).digest == choice.scenario(world).digest
    assert back.seed == seed and back.policies(1 - world) == Choice().policies(1 - world)


NOT_AVAILABLE = "this setting is not available on the screen"
BAD_TOML = [
    ("start = 2013-10-01", f"start: {NOT_AVAILABLE}"),
    ('record = "history"', f"record: {NOT_AVAILABLE}"),
    ("warmup_days = 30", f"warmup_days: {NOT_AVAILABLE}"),
    ("supply_level = 2.0", f"supply_level: {NOT_AVAILABLE}"),
    ('[border_patrol]\nrule = "fixed"', "border_patrol.rule"),
    ('supply = "/srv/supply.csv"', "supply: a supply file cannot be used on the screen"),
    ('supply = "flat"', f"supply: {NOT_AVAILABLE}"),
    ('supply_season = "2008-10..2012-09"', f"supply_season: {NOT_AVAILABLE}"),
    ('supply_season = "2008"', "supply_season"),
    ('supply_season = "2030-01..2030-12"', "supply_season"),
    ('supply_season = "2009-10..2013-10"', "supply_season"),
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
def test_settings_that_the_screen_lacks_raise_a_translated_one_line_error(text: str, why: str):
    with pytest.raises(SettingError, match=re.escape(why)) as refused:
        read_scenario(text, Choice(), 1)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 2000
    spanish = SPANISH.translate(" ".join(str(refused.value).split()))
    assert not re.search(r"\b(Give|Remove|Known|the|this|unknown|missing)\b", spanish)


# ---- files ---------------------------------------------------------------------------------------

BAD_FILES = [
    ("a", "a.pkl", pickle.dumps({"days": 3})),
    ("a", "a.csv", b"world,policy\nA,fence"),
    ("a", "a.toml", b"\xff"),
    ("c", "a.toml", b"days = 3"),
    ("a", "a.toml", b"#" * 2001),
]


@pytest.mark.parametrize(("key", "name", "data"), BAD_FILES)
def test_a_file_of_another_kind_or_size_raises_an_error(key: str, name: str, data: bytes):
    with pytest.raises(SettingError):
        import_file(Choice(), key, name, data, 2000)


def test_a_file_is_imported_into_the_selected_world():
    text = b'extends = "classroom"\npolicies = ["fence:0.5"]\n'
    for key in "ab":
        found = import_file(Choice(a=(), b=()), key, "C:\\class\\Mine.TOML", text, 2000)
        assert found.policies("ab".index(key)) == ("fence:0.5",)
        assert not found.policies(1 - "ab".index(key))


def test_an_uploaded_scenario_reads_no_file_of_the_server(monkeypatch: pytest.MonkeyPatch):
    def read(path: Path, largest: int) -> bytes:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("abm.supply_file.read_bytes", read)
    with pytest.raises(SettingError, match="supply file"):
        read_scenario('supply = "/etc/Supply.CSV"', Choice(), 0)


@given(st.text(max_size=30) | st.just("mine.toml"), st.binary(max_size=200))
def test_every_upload_is_text_or_refused(name: str, data: bytes):
    try:
        text = read_upload(name, data, limit=100)
    except SettingError as refusal:
        assert len(str(refusal).splitlines()) == 1
        return
    assert name.rstrip("/\\").lower().endswith(".toml") and len(data) <= 100
    assert text.encode() == data.removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize("data", [b"a\x00b", b"\x1b[31m", "days".encode("utf-16")])
def test_an_upload_with_hidden_characters_is_refused(data: bytes):
    with pytest.raises(SettingError, match="a\\.toml"):
        read_upload("a.toml", data)
