"""``twoborders bench``: selected parts, digests and exit codes."""

from __future__ import annotations

import json

import pytest

from agents.param import SettingError
from experiments.bench import BenchError
from viz.bench import command as bench
from viz.cli.command_options import BenchOptions
from viz.cli.shell import FAILED, OK

FOUND = {"baseline": "12ab", "classroom": "34cd"}


def test_digests_are_printed_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bench, "digests", lambda: FOUND)
    assert bench.command(BenchOptions(parts=["digests"], as_json=True)) == OK
    printed = json.loads(capsys.readouterr().out)
    assert printed["digests"] == FOUND and printed["figures"] == printed["failed"] == []


def test_digests_are_printed_as_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bench, "digests", lambda: FOUND)
    assert bench.command(BenchOptions(parts=["digests"], as_json=False)) == OK
    printed = capsys.readouterr().out
    assert all(name in printed and digest in printed for name, digest in FOUND.items())


def test_failed_part_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail() -> dict[str, str]:
        raise BenchError("a measuring process ended with 1")

    monkeypatch.setattr(bench, "digests", fail)
    assert bench.command(BenchOptions(parts=["digests"], as_json=True)) == FAILED
    assert "digests: a measuring process" in json.loads(capsys.readouterr().out)["failed"][0]


def test_unknown_part_raises():
    with pytest.raises(SettingError, match='Did you mean "digests"'):
        bench.command(BenchOptions(parts=["digest"], as_json=True))
