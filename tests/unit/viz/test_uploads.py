"""Uploads are short texts in TOML or CSV."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.param import SettingError
from viz.screen.session.uploads import read_upload


def test_texts_are_accepted():
    assert read_upload("mine.toml", b"days = 30\r\n") == "days = 30\r\n"
    assert read_upload("C:\\class\\MINE.TOML", "\ufeffname = 'Tapachula á'".encode()) == (
        "name = 'Tapachula á'"
    )
    assert read_upload("nodes.csv", b"id,lat\na,1\n", most=11) == "id,lat\na,1\n"
    assert read_upload("empty.csv", b"") == ""


@pytest.mark.parametrize(
    "name",
    ["a.pkl", "a.toml.exe", "a.py", "a", "", "toml", "a.html", "a.zip", "a.csv/", "a.csv\0"],
)
def test_other_kinds_are_refused(name: str):
    if name == "a.csv/":  # a folder; its last part ends in .csv
        assert read_upload(name, b"") == ""
        return
    with pytest.raises(SettingError, match="only TOML and CSV files"):
        read_upload(name, b"days = 30")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"x" * 1_000_001, "1,000,001 bytes are too many"),
        (b"caf\xe9", "byte 3"),
        (b"a\x00b", r"the character \\x00"),
        (b"\x1b[31m", r"the character \\x1b"),
        (pickle.dumps({"days": 30}), "UTF-8"),
        ("days".encode("utf-16"), "UTF-8"),
    ],
)
def test_other_contents_are_refused(data: bytes, why: str):
    with pytest.raises(SettingError, match=why) as refusal:
        read_upload("a.toml", data)
    assert len(str(refusal.value).splitlines()) == 1 and "1,000,000 bytes" in str(refusal.value)


def test_a_name_cannot_break_the_line():
    with pytest.raises(SettingError) as refusal:
        read_upload("a\nb\x1b[2J.exe", b"")
    assert str(refusal.value).startswith(r'upload "a\nb\x1b[2J.exe"')


@given(st.text(max_size=30), st.binary(max_size=200))
def test_every_upload_is_text_or_refused(name: str, data: bytes):
    try:
        text = read_upload(name, data, most=100)
    except SettingError:
        return
    assert name.rstrip("/\\").lower().endswith((".toml", ".csv")) and len(data) <= 100
    assert text.encode() == data.removeprefix(b"\xef\xbb\xbf")
