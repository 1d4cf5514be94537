"""The screen shows every target of the packaged validation, misses first, in both languages."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pytest

from experiments.rows.validation import read_validation, validation_json
from experiments.validation.scores import ForecastScore, ScoreFigures
from experiments.validation.targets import KINDS, targets
from experiments.validation.validate import Validation
from viz.cli.shell import json_text
from viz.documents.validation.page import SHIPPED, ValidationSections, read
from viz.documents.validation.tables import PAGE_COLUMNS, ValidationTables, ValidationText
from viz.figures.markup import esc
from viz.screen.pages.validate import hits
from viz.screen.words import Words

#: A forecast without a coverage and worse than last year's value, and one without a comparison.
FORECAST, LAST_YEAR = ScoreFigures(0.5, math.nan, 0.25), ScoreFigures(0.4, 0.9, 0.2)
WORSE = ForecastScore("history.mexican.2014_19", "history", "mexican", FORECAST, LAST_YEAR)
BETTER = ForecastScore("H8.evaders", "held_out", "evaders", ScoreFigures(0.1, 1.0, 0.01))


@pytest.fixture(scope="module")
def result() -> Validation:
    return read()


def parts_html(language: str, result: Validation) -> str:
    """Return the table of parts as the screen shows it."""
    return ValidationTables(ValidationText(Words(language)), result).parts(PAGE_COLUMNS).html()


def test_reading_and_writing_a_file_changes_nothing(result: Validation):
    written = json.loads(SHIPPED.read_text())
    again = json.loads(json_text(validation_json(result)))
    assert again.keys() == written.keys() - {"command", "version", "note", "missing"}
    for key in again.keys() - {"labels"}:
        assert again[key] == written[key], key


def test_scores_are_read_back_as_they_are_written(result: Validation):
    written = json.loads(json_text(validation_json(replace(result, scores=(BETTER, WORSE)))))
    assert [row["id"] for row in written["scores"]] == [WORSE.id, BETTER.id]  # misses first
    assert written["scores"][0]["naive_trend"] == dict.fromkeys(
        ("rms_log_error", "coverage90", "crps")
    )
    assert set(written["scores"][0]) == {
        *("id", "series", "group", "rms_log_error", "coverage90", "crps"),
        *("naive_last", "naive_trend", "less_last_low", "less_last_high"),
    }
    again = json.loads(json_text(validation_json(read_validation(written))))
    assert again["scores"] == written["scores"]


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", ("Mexicans, FY2014–19", "WORSE")), ("es", ("Mexicanos, AF2014–19", "PEOR"))],
)
def test_scores_worse_than_last_years_value_are_marked_and_come_first(
    result: Validation, language: str, names: tuple[str, str]
):
    scored = replace(result, scores=(BETTER, WORSE))
    table = ValidationTables(ValidationText(Words(language)), scored).scores()
    assert [row[0].text.endswith(names[0]) for row in table.rows] == [True, False]
    assert (table.rows[0][-1].text, table.rows[0][-1].tag) == (names[1], "mark")
    assert table.rows[1][-1].text == "–" and table.rows[1][1].detail == ""
    assert "0.400" in table.rows[0][1].detail and "nan" not in table.html()


def test_failed_runs_are_read_back(result: Validation):
    failed = [{"name": "2019", "seed": 2, "kind": "MemoryError", "text": "no room"}]
    read_back = read_validation(validation_json(result) | {"failed": failed})
    assert validation_json(read_back)["failed"] == failed


def test_the_packaged_validation_has_every_target(result: Validation):
    assert {part.target.id for part in result.parts} == {target.id for target in targets()}
    assert not result.failures


@pytest.mark.parametrize("language", ["en", "es"])
def test_misses_come_first_with_their_observed_figures(result: Validation, language: str):
    text = ValidationText(Words(language))
    verdicts = re.findall(
        r'<td data-label="(?:Verdict|Veredicto)"[^>]*>(<mark>)?', parts_html(language, result)
    )
    outside = [part for part in result.parts if part.inside is False]
    misses = ValidationSections(text, result).misses()
    assert len(verdicts) == len(result.parts)
    assert [bool(mark) for mark in verdicts] == sorted(map(bool, verdicts), reverse=True)
    assert outside and sum(map(bool, verdicts)) == misses.count("<li>") == len(outside)
    for part in outside:
        assert esc(text.sentence(part)) in misses


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_fact_has_a_sentence_for_a_miss_on_both_sides(language: str, result: Validation):
    text = ValidationText(Words(language))
    for part in result.parts:
        target, sentences = part.target, set[str]()
        for band in (-2.0, 3.0) if target.judged else ():
            value = target.low + band * (target.high - target.low or 1.0)
            simulated = replace(part.simulated, median=value)
            sentences.add(text.sentence(replace(part, simulated=simulated, inside=False)))
        assert len(sentences) == 2 * target.judged
        for sentence in sentences:
            assert sentence.count(". ") >= 1 and sentence.endswith(".")
            assert not re.search(r"[{}_]|nan|—", sentence)


def test_the_picture_has_every_judged_fact_once_with_the_furthest_miss_first(result: Validation):
    text, distances = ValidationText(Words("en")), []
    for part in result.misses:
        width = part.target.high - part.target.low
        value = part.simulated.median
        distances.append(max(part.target.low - value, value - part.target.high) / width)
    assert distances and distances == sorted(distances, reverse=True)
    drawn = ValidationSections(text, result).misses()
    places = [drawn.index(esc(text.sentence(part))) for part in result.misses]
    assert places == sorted(places) and drawn.count('class="triangle"') == len(places)
    right = "".join(hits(text, result, kind) for kind in KINDS)
    judged = sum(part.target.judged for part in result.parts)
    assert right.count('class="circle"') == judged - len(places) and "triangle" not in right
    bands = set(re.findall(r'<rect x="([^"]+)" width="([^"]+)"', right))
    # One fact has a single accepted value.
    assert bands - {("50.00%", "1.00%")} == {("34.00%", "32.00%")}


def test_missing_figures_are_shown_as_missing():
    answer = json.loads(SHIPPED.read_text())
    for row in answer["patterns"]:
        row.update(dict.fromkeys(("simulated", "low50", "high50", "low90", "high90")))
    result = read_validation(answer)
    assert all(part.inside is False for part in result.parts if part.target.judged)
    assert "nan" not in re.sub(r"<[^>]*>", "", parts_html("en", result))
