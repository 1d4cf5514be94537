"""``twoborders validate``: misses first, one JSON object, a self-contained page."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from experiments.rows.validation import validation_json
from experiments.runs.case import Failure
from experiments.runs.intervals import Interval
from experiments.validation.episodes import DECLARED, SUPPLIES
from experiments.validation.targets import targets
from experiments.validation.validate import Validation
from tests.unit.viz import command_line
from viz.cli import validate as cli
from viz.cli.shell import BANNER, json_text
from viz.documents.validation.page import ValidationText, backtest, read, validation_html
from viz.screen.words import Words


@pytest.fixture(scope="module")
def found() -> Validation:
    """Return the packaged validation, which has misses and scores."""
    return read()


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pictures out of pages; other tests draw them."""
    for name in ("figures.plot_bands", "svg"):
        monkeypatch.setattr(f"viz.documents.validation.page.{name}", lambda *_, **__: "")


@pytest.fixture
def recorded(
    undrawn: None, found: Validation, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """Replace the runs of the command by the packaged validation; return the recorded arguments."""
    calls: list[dict[str, Any]] = []

    def answer(**given: Any) -> Validation:
        calls.append(given)
        return found

    monkeypatch.setattr(cli, "validate", answer)
    return calls


call = partial(command_line.call, "validate")
#: A drawing, which may contain smaller drawings.
PICTURE = re.compile(r"<svg(?:<svg.*?</svg>|(?!</svg>).)*</svg>", re.DOTALL)


# ---- the command ----------------------------------------------------------------------------


def test_stdout_and_file_have_the_same_json_object(recorded: list, tmp_path: Path):
    output = command_line.one_object("validate", "--out", tmp_path / "new")
    assert json.loads((tmp_path / "new" / "validation.json").read_text()) == output
    assert BANNER in (tmp_path / "new" / "validation.html").read_text()
    assert [p["id"] for p in output["patterns"]] == [t.id for t in targets()]
    assert output["labels"]["P11.guided"]["unit"] == "share" and set(output["labels"]) == {
        t.id for t in targets()
    }
    assert recorded[0]["scale"] == 50 and list(recorded[0]["seeds"]) == [1, 2, 3]
    assert recorded[0]["ensemble"] is None and recorded[0]["settings"] == {}


def test_a_missing_number_is_null_in_json(found: Validation):
    data = json.loads(json_text(validation_json(found)))
    rows = {p["id"]: p for p in data["patterns"]}
    assert rows["E3.tucson"]["observed"] is None and rows["E3.tucson"]["inside"] is None
    assert rows["P3.evaders"]["naive_last"] is None
    assert rows["H5.rebound"]["naive_last"] == pytest.approx(0.0)
    assert {name: row["inside"] for name, row in rows.items()} == {
        part.target.id: part.inside for part in found.parts
    }
    assert rows["H1.northern_triangle"]["supply"] == SUPPLIES[DECLARED]
    assert rows["P1.mexican"]["supply"] is None


def test_patterns_are_counted_by_kind_episode_and_supply(found: Validation):
    output = validation_json(found)
    for kind, counts in output["counts"]["kinds"].items():
        parts = [part for part in found.parts if part.target.kind == kind]
        verdicts: dict[str, list[bool]] = {part.target.pattern: [] for part in parts}
        for part in parts:
            verdicts[part.target.pattern] += [] if part.inside is None else [part.inside]
        results = [all(each) if each else None for each in verdicts.values()]
        assert (counts["inside"], counts["reported"]) == (results.count(True), results.count(None))
        assert counts["judged"] == len(results) - results.count(None)
    assert output["counts"]["episodes"]["2014"]["judged"] == 3
    assert output["counts"]["episodes"]["2005"]["judged"] == 2
    assert set(output["counts"]["supplies"]) == set(output["supplies"]) == set(SUPPLIES)
    assert [s["counts"] for s in output["supplies"].values()] == [False, False, False, True]
    worlds = {world["world"]: world for world in output["estimator"]}
    assert set(worlds["nobody"]["bias_counts"]) == {"median", "low90", "high90"}


@pytest.mark.parametrize("columns", ["70", "120"])
def test_the_terminal_prints_misses_first(
    columns: str, recorded: list, found: Validation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", columns)
    done = call("--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    if columns == "120":
        verdicts = re.findall(r" (OUTSIDE|inside|reported)$", done.stdout, re.MULTILINE)
        parts, words = verdicts[: len(found.parts)], ("OUTSIDE", "inside", "reported")
        assert parts == sorted(parts, key=words.index) and parts[0] == "OUTSIDE"
        text, fitted = " ".join(done.stdout.split()), found.counts["kind.fitted"]
        assert f"{fitted.inside} of {fitted.judged} inside" in text and text.endswith(BANNER)
        assert text.index("All parts") < text.index("Patterns inside") < text.index("naive")


def test_settings_are_applied_and_repeated_in_the_command(recorded: list, tmp_path: Path):
    given = ["--set", "contest.eta=0.4", "--scale", "80"]
    assert call(*given, "--out", str(tmp_path)).exit_code == 0
    assert recorded[0]["settings"] == {"contest.eta": 0.4} and recorded[0]["scale"] == 80
    page = (tmp_path / "validation.html").read_text()
    assert "twoborders validate --scale 80 --set contest.eta=0.4 --seed 1 --reps 3" in page
    twice = call(*given, "--set", "contest.eta=0.5", "--out", str(tmp_path))
    assert twice.exit_code == 2 and "set twice" in twice.stderr


def test_failed_runs_are_listed_and_change_the_exit_code(
    undrawn: None, found: Validation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    lost = Failure("x", "2019", 2, "MemoryError", "no room", "")
    monkeypatch.setattr(cli, "validate", lambda **given: replace(found, failures=(lost,)))
    done = call("--out", str(tmp_path))
    assert done.exit_code == 3
    assert "no room" in done.stdout
    assert "no room" in (tmp_path / "validation.html").read_text()


# ---- rows and texts ------------------------------------------------------------------------


def test_misses_come_first_ordered_by_their_distance(found: Validation):
    ordered = found.ordered_parts
    assert [p.inside for p in ordered] == sorted(
        (p.inside for p in ordered), key=(False, True, None).index
    )
    (part,) = [p for p in ordered if p.target.id == "H1.northern_triangle"]
    t, parts = part.target, []
    for shift in (1.5, 4.0, 0.0, 2.0):
        at = ((t.high + t.low) + shift * (t.high - t.low)) / 2
        parts.append(replace(part, simulated=Interval.exactly(at), inside=t.accepts(at)))
    far = replace(found, parts=tuple(parts)).ordered_parts
    assert [p.overshoot for p in far] == pytest.approx([3.0, 1.0, 0.5, 0.0])


# ---- the page ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(found: Validation) -> str:
    """Return the whole page."""
    return validation_html(Words("en"), found, "twoborders validate")


def test_the_page_is_self_contained_and_well_formed(page: str):
    assert page.startswith("<!doctype html>") and BANNER in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page) and "<script" not in page
    assert "nan" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL).lower().split()
    for picture in PICTURE.findall(page):
        ElementTree.fromstring(picture)
        assert all(0 <= float(x) <= 100 for x in re.findall(r' x1?="([-.\d]+)%"', picture)), picture
    assert all(f'id="{link}"' in page for link in re.findall(r'href="#(\w+)"', page))


def test_a_validation_without_simulated_figures_has_a_page(found: Validation):
    nothing = Interval(*[math.nan] * 5)
    empty = replace(
        found,
        parts=tuple(
            replace(p, simulated=nothing, inside=p.target.accepts(math.nan)) for p in found.parts
        ),
        bands={},
        estimator=tuple(replace(w, figures={"true": nothing}) for w in found.estimator),
        shares=tuple(
            replace(s, simulated=dict.fromkeys(s.observed, nothing)) for s in found.shares
        ),
    )
    page = validation_html(Words("en"), empty, "twoborders validate")
    assert "not simulated" in page and 'id="months"' not in page and 'id="estimator"' not in page
    for picture in PICTURE.findall(page):
        ElementTree.fromstring(picture)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_packaged_backtest_has_scores_and_a_chart(language: str):
    table, help_text, chart = backtest(ValidationText(Words(language)))
    assert len(table.rows) == 4 * 5 and "{" not in help_text and chart.startswith("<svg")
