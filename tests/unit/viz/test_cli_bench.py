"""``twoborders bench``: selected parts, digests and exit codes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agents.param import SettingError
from experiments.bench import BenchError
from experiments.bench_field import FieldResult, FieldRow
from viz.bench import command as bench
from viz.cli.command_options import BenchOptions
from viz.cli.shell import FAILED, OK, PARTLY

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


# ---- the field -----------------------------------------------------------------------------------
def field_result(flee: str | None) -> FieldResult:
    def row(engine: str, people: int, cpu: float) -> FieldRow:
        return FieldRow(engine, people, 40 * people, cpu, 40 * people / cpu, 300.0, 68.0)

    rows = [row("columns", 10**n, 10.0 ** (n - 6)) for n in (4, 5, 6)]
    rows += [row("objects", 10_000, 30.0), row("floor", 1_000_000, 0.1)]
    rows += [row("flee", 10_000, 0.5), replace(row("flee", 10**5, 5.0), runs=2)] if flee else []
    return FieldResult(tuple(rows), 3, flee)


def test_the_field_is_printed_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bench.bench_field, "measure", lambda: field_result("3.1"))
    assert bench.command(BenchOptions(parts=["field"], as_json=True)) == OK
    printed = json.loads(capsys.readouterr().out)
    assert [row["engine"] for row in printed["rows"]].count("columns") == 3
    assert printed["ratios"] == {
        "fast_over_reference": 3000.0,
        "fast_over_flee": 50.0,
        "floor_over_fast": 10.0,
    }
    assert printed["growth"] == 1.0 and printed["failed"] == [] and printed["machine"]
    assert any(f["name"].startswith("Columns over Flee") for f in printed["figures"])


def test_the_field_is_printed_as_a_table_with_missed_bounds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bench.bench_field, "measure", lambda: field_result("3.1"))
    assert bench.command(BenchOptions(parts=["field"], as_json=False)) == OK
    printed = capsys.readouterr().out
    assert "3 runs" in printed and "Flee 3.1" in printed
    assert "2 runs of flee, 100,000 people" in " ".join(printed.split())
    assert all(word in printed for word in ("columns", "objects", "flee", "floor"))
    assert all(bound in printed for bound in (">= 60", ">= 100", "<= 1.02", "<= 96"))
    assert printed.count("MISSED") == 1


def test_without_flee_its_row_is_left_out_and_one_sentence_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bench.bench_field, "measure", lambda: field_result(None))
    assert bench.command(BenchOptions(parts=["field"], as_json=True)) == PARTLY
    printed = json.loads(capsys.readouterr().out)
    (reason,) = printed["failed"]
    assert "Flee is not installed" in reason and "--extra bench" in reason
    assert printed["ratios"]["fast_over_flee"] is None
    assert not any(row["engine"] == "flee" for row in printed["rows"])


def test_other_parts_have_no_rows_of_the_field(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bench, "digests", lambda: FOUND)
    bench.command(BenchOptions(parts=["digests"], as_json=True))
    printed = json.loads(capsys.readouterr().out)
    assert not {"rows", "ratios", "growth"} & set(printed)
