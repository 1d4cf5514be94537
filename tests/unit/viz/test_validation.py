"""`twoborders validate`: misses first, one JSON object, a self-contained page."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from experiments.rows.validation import validation_json
from experiments.runs.case import Failure
from experiments.runs.intervals import Interval
from experiments.validation.baseline_forecasts import forecast
from experiments.validation.episodes import DECLARED, SUPPLIES
from experiments.validation.scores import ForecastScore, ScoreFigures
from experiments.validation.statistics import GROUPS, record_shares
from experiments.validation.targets import Target, targets
from experiments.validation.validate import (
    ESTIMATORS,
    SURRENDER_SCENARIOS,
    MonthlyBands,
    PartResult,
    SectorShares,
    SurrenderScenario,
    Validation,
)
from viz.cli import validate as cli
from viz.cli.app import app
from viz.cli.shell import BANNER, json_text
from viz.documents.validation.page import GROUPS as NATIONALITIES
from viz.documents.validation.page import validation_html
from viz.screen.words import Words

MONTHS = [f"{2012 + (9 + i) // 12}-{(9 + i) % 12 + 1:02d}" for i in range(46)]
OUT = ("P2.northern_triangle", "P9.fee_mexican", "H5.rebound")
SCORES = tuple(
    ForecastScore(*names, ScoreFigures(0.5, 0.8, 0.3), ScoreFigures(0.4, 0.9, last))
    for names, last in (
        (("history.mexican.2014_19", "history", "mexican"), 0.2),
        (("one_year_ahead.northern_triangle.2009_19", "one_year_ahead", "northern_triangle"), 0.4),
        (("H8.evaders", "held_out", "evaders"), math.nan),
    )
)
KEYS = {
    "id",
    "pattern",
    "part",
    "kind",
    "observed",
    "simulated",
    "low90",
    "high90",
    "tolerance_low",
    "tolerance_high",
    "inside",
    "naive_last",
    "naive_trend",
    "low50",
    "high50",
    "episode",
    "supply",
}


def spread(middle: float, width: float) -> Interval:
    """Return an interval around a figure."""
    return Interval(middle, middle - width / 2, middle + width / 2, middle - width, middle + width)


def made_part(t: Target, shift: float = 0.2, supply: str = "") -> PartResult:
    """Return a part shifted by half-widths of its tolerance; parts of OUT are far outside."""
    half = (t.high - t.low) / 2 if t.judged else 1.0
    middle = (t.high + t.low) / 2 if t.judged else 0.9
    at = middle + (3.5 if t.id in OUT else shift) * half
    expected = forecast(t)
    return PartResult(
        t, spread(at, 0.3 * half), t.accepts(at), expected.last, expected.trend, supply
    )


def made_bands(known: str) -> MonthlyBands:
    """Return monthly series with a wave, and a record with gaps."""
    wave = 20_000 + 8_000 * np.sin(np.arange(len(MONTHS)) / 3)
    rows = np.stack([wave * f for f in (0.85, 0.93, 1.0, 1.06, 1.2)])
    record = dict.fromkeys(NATIONALITIES, wave * 1.1)
    record |= {"mexico_share": np.where(np.arange(len(MONTHS)) % 9 < 4, 0.4, np.nan)}
    share = np.stack([np.full(len(MONTHS), f) for f in (0.2, 0.25, 0.3, 0.4, 0.5)])
    return MonthlyBands(
        MONTHS, known, dict.fromkeys(NATIONALITIES, rows) | {"mexico_share": share}, record
    )


def made_world(role: str) -> SurrenderScenario:
    """Return estimates around a true value."""
    told = {"true": 0.58, "surrendered_share": 0.08}
    told |= {name: 0.58 + 0.05 * i for i, name in enumerate(ESTIMATORS, -1)}
    told |= {f"bias_{name}": 0.05 * i for i, name in enumerate(ESTIMATORS, -1)}
    return SurrenderScenario(role, {name: spread(value, 0.01) for name, value in told.items()})


def made(**more: Any) -> Validation:
    """Return a validation without runs; `more` replaces its fields."""
    asked = targets()
    given: dict[str, Any] = {
        "scale": 50,
        "seeds": (1, 2, 3),
        "members": 1,
        "ensemble": False,
        "parts": tuple(
            made_part(t, supply=SUPPLIES[DECLARED] if t.episode == "2014" else "") for t in asked
        ),
        "supplies": {
            letter: tuple(made_part(t, i, name) for t in asked if t.episode == "2014")
            for i, (letter, name) in enumerate(SUPPLIES.items(), -1)
        },
        "estimator": tuple(map(made_world, SURRENDER_SCENARIOS)),
        "shares": tuple(
            SectorShares(
                group,
                dict(record_shares(group)),
                {s: spread(v * 1.1, 0.01) for s, v in record_shares(group).items()},
            )
            for group in GROUPS
        ),
        "bands": {"2014": made_bands("2014-06"), "2019": made_bands("2015-05")},
        "cpu_s": 80.0,
        "scores": SCORES,
        "digests": {"base": "abc", "2019": "def"},
    }
    return Validation(**(given | more))


@pytest.fixture(scope="module")
def found() -> Validation:
    """A validation with three misses."""
    return made()


@pytest.fixture
def recorded(found: Validation, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Replace the runs of the command by `found`, and record the arguments."""
    asked: list[dict[str, Any]] = []

    def answer(**given: Any) -> Validation:
        asked.append(given)
        return found

    monkeypatch.setattr(cli, "validate", answer)
    return asked


def call(*given: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["validate", *given])


# ---- the command ----------------------------------------------------------------------------


def test_stdout_and_file_have_the_same_json_object(recorded: list, tmp_path: Path):
    done = call("--json", "--out", str(tmp_path / "new"))
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert json.loads((tmp_path / "new" / "validation.json").read_text()) == told
    assert BANNER in (tmp_path / "new" / "validation.html").read_text()
    assert [p["id"] for p in told["patterns"]] == [t.id for t in targets()]
    assert all(set(p) == KEYS for p in told["patterns"])
    assert told["labels"]["P11.guided"]["unit"] == "share" and set(told["labels"]) == {
        t.id for t in targets()
    }
    assert recorded[0]["scale"] == 50 and list(recorded[0]["seeds"]) == [1, 2, 3]
    assert recorded[0]["ensemble"] is None and recorded[0]["settings"] == {}


@pytest.mark.slow
def test_scores_are_run_only_if_they_are_requested(recorded: list, tmp_path: Path):
    for words, requested in (([], False), (["--scores"], True)):
        done = call(*words, "--json", "--out", str(tmp_path))
        assert done.exit_code == 0 and recorded[-1]["scores"] is requested
        assert [row["id"] for row in json.loads(done.stdout)["scores"]] == [s.id for s in SCORES]
        page = (tmp_path / "validation.html").read_text()
        assert f"--reps 3{''.join(f' {word}' for word in words)}" in page
        assert page.index('id="naive"') < page.index('id="scores"')


def test_a_missing_number_is_null_in_json(found: Validation):
    data = json.loads(json_text(validation_json(found)))
    rows = {p["id"]: p for p in data["patterns"]}
    assert rows["E3.tucson"]["observed"] is None and rows["E3.tucson"]["inside"] is None
    assert rows["P3.evaders"]["naive_last"] is None and rows["P3.evaders"]["inside"] is True
    assert rows["H5.rebound"]["inside"] is False and rows["H5.rebound"]["naive_last"] == (
        pytest.approx(0.0)
    )
    assert rows["H1.northern_triangle"]["supply"] == SUPPLIES[DECLARED]
    assert rows["P1.mexican"]["supply"] is None


def test_patterns_are_counted_by_kind_episode_and_supply(found: Validation):
    told = validation_json(found)
    assert told["counts"]["kinds"] == {
        "fitted": {"inside": 10, "judged": 12, "reported": 0},
        "emergent": {"inside": 5, "judged": 5, "reported": 1},
        "held_out": {"inside": 8, "judged": 9, "reported": 0},
    }
    assert told["counts"]["episodes"]["2014"] == {"inside": 4, "judged": 5, "reported": 0}
    assert told["counts"]["episodes"]["2005"]["judged"] == 2
    assert set(told["counts"]["supplies"]) == set(told["supplies"]) == set(SUPPLIES)
    assert [s["counts"] for s in told["supplies"].values()] == [False, True, False]
    assert told["inside"]["P2"] is False and told["inside"]["E3"] is None
    world = told["estimator"][0]
    assert world["world"] == "nobody" and set(world["bias_counts"]) == {"median", "low90", "high90"}


@pytest.mark.parametrize("columns", ["70", "120"])
def test_the_terminal_prints_misses_first(
    columns: str, recorded: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(cli, "validation_html", lambda *given: "")  # other tests draw it
    done = call("--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    if columns == "120":
        verdicts = re.findall(r" (OUTSIDE|inside|reported)$", done.stdout, re.MULTILINE)
        assert verdicts[:3] == ["OUTSIDE"] * 3 and "OUTSIDE" not in verdicts[3:]
        text = " ".join(done.stdout.split())
        assert "10 of 12 inside" in text and "8 of 9 inside" in text and text.endswith(BANNER)
        assert text.index("All parts") < text.index("Patterns inside") < text.index("naive")


@pytest.mark.slow
def test_an_ensemble_has_one_seed_per_member_by_default(recorded: list, tmp_path: Path):
    assert call("--ensemble", "4", "--out", str(tmp_path)).exit_code == 0
    assert len(recorded[0]["ensemble"]) == 4 and list(recorded[0]["seeds"]) == [1]
    assert call("--reps", "2", "--seed", "7", "--out", str(tmp_path)).exit_code == 0
    assert recorded[1]["ensemble"] is None and list(recorded[1]["seeds"]) == [7, 8]


@pytest.mark.parametrize("text", ["days=30", "supply=flat", "policies=[]", "start=2013-01-01"])
def test_settings_that_define_an_episode_are_refused(text: str):
    done = call("--set", text)
    assert done.exit_code == 2 and "a validation fixes it" in done.stderr


def test_settings_are_applied_and_repeated_in_the_command(recorded: list, tmp_path: Path):
    given = ["--set", "contest.eta=0.4", "--scale", "80"]
    assert call(*given, "--out", str(tmp_path)).exit_code == 0
    assert recorded[0]["settings"] == {"contest.eta": 0.4} and recorded[0]["scale"] == 80
    page = (tmp_path / "validation.html").read_text()
    assert "twoborders validate --scale 80 --set contest.eta=0.4 --seed 1 --reps 3" in page
    twice = call(*given, "--set", "contest.eta=0.5", "--out", str(tmp_path))
    assert twice.exit_code == 2 and "set twice" in twice.stderr


def test_failed_runs_are_listed_and_change_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    lost = Failure("x", "2019", 2, "MemoryError", "no room", "")
    monkeypatch.setattr(cli, "validate", lambda **given: made(failures=(lost,)))
    done = call("--out", str(tmp_path))
    assert done.exit_code == 3
    assert "no room" in done.stdout
    assert "no room" in (tmp_path / "validation.html").read_text()


# ---- rows and texts ------------------------------------------------------------------------


def test_misses_come_first_ordered_by_their_distance(found: Validation):
    ordered = found.ordered_parts
    assert {p.target.id for p in ordered[:3]} == set(OUT)
    assert [p.inside for p in ordered] == sorted(
        (p.inside for p in ordered), key=(False, True, None).index
    )
    parts = [
        made_part(t, shift)
        for t in targets()
        if t.id == "H1.northern_triangle"
        for shift in (1.5, 4.0, 0.0, 2.0)
    ]
    far = made(parts=tuple(parts)).ordered_parts
    assert [p.overshoot for p in far] == pytest.approx([3.0, 1.0, 0.5, 0.0])


# ---- the page ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(found: Validation) -> str:
    """The whole page."""
    return validation_html(Words("en"), found, "twoborders validate")


def test_the_page_is_self_contained_and_well_formed(page: str):
    assert page.startswith("<!doctype html>") and BANNER in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page) and "<script" not in page
    assert "nan" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL).lower().split()
    for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(picture)
    for link in re.findall(r'href="#(\w+)"', page):
        assert f'id="{link}"' in page


def test_the_page_has_every_part_with_misses_first(page: str, found: Validation):
    for part in found.parts:
        assert part.target.label.replace("'", "&#x27;") in page
    assert page.index('id="misses"') < page.index('id="parts"')
    rows = re.findall(r'data-label="Verdict"[^>]*>(.*?)</td>', page)
    assert ["OUTSIDE" in row for row in rows] == [True] * 3 + [False] * (len(rows) - 3)


def test_a_validation_without_simulated_figures_has_a_page():
    nothing = Interval(*[math.nan] * 5)
    empty = made(
        parts=tuple(
            PartResult(t, nothing, t.accepts(math.nan), math.nan, math.nan) for t in targets()
        ),
        bands={},
        estimator=tuple(
            SurrenderScenario(role, dict.fromkeys(("true",), nothing))
            for role in SURRENDER_SCENARIOS
        ),
        shares=tuple(
            SectorShares(g, dict(record_shares(g)), dict.fromkeys(record_shares(g), nothing))
            for g in GROUPS
        ),
    )
    page = validation_html(Words("en"), empty, "twoborders validate")
    assert "not simulated" in page and 'id="months"' not in page and 'id="estimator"' not in page
    for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(picture)
