"""The validation that the screen shows: as the command wrote it, of every target, misses first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agents.param import SettingError
from experiments.targets import targets
from viz.cli.shell import json_text
from viz.cli.validate import summary
from viz.documents.validation import words as told
from viz.documents.validation.kept import SHIPPED, Kept, read
from viz.screen.panels import validation
from viz.screen.words import Words


@pytest.fixture(scope="module")
def kept() -> Kept:
    return read(SHIPPED)


def test_what_was_read_is_written_again_alike(kept: Kept):
    written, again = json.loads(SHIPPED.read_text()), json.loads(json_text(summary(kept.found)))
    for key in written.keys() - {"version", "source", "failed", "labels"}:
        assert again[key] == written[key], key


def test_the_packaged_one_has_every_target(kept: Kept):
    assert {part.target.id for part in kept.found.parts} == {target.id for target in targets()}
    assert not kept.found.missing and kept.failed == 0


@pytest.mark.parametrize("language", ["en", "es"])
def test_misses_come_first_and_each_says_what_was_observed(kept: Kept, language: str):
    t = Words(language)
    verdicts = re.findall(r"<(mark|span)>", validation.parts(t, kept.found))
    outside = [part for part in kept.found.parts if part.inside is False]
    assert verdicts == ["mark"] * len(outside) + ["span"] * (len(verdicts) - len(outside))
    assert outside and validation.misses(t, kept.found).count("<li>") == len(outside)
    for part in outside:
        shown = told.shown(part.simulated.median, part.target.unit).replace("points", "")
        assert shown.strip() in validation.misses(t, kept.found)


def test_counts_are_those_of_the_parts(kept: Kept):
    held_out = validation.tally(p for p in kept.found.parts if p.target.kind == "held_out")
    assert f"{held_out.inside} of {held_out.judged} inside" in validation.counts(
        Words("en"), kept.found
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"patterns": [{"id": "nobody"}]}', "\x00"])
def test_what_is_no_validation_is_refused_in_a_line(tmp_path: Path, text: str):
    file = tmp_path / "validation.json"
    file.write_text(text)
    with pytest.raises(SettingError, match="no validation"):
        read(file)


def test_a_figure_that_is_none_is_shown_as_none(tmp_path: Path):
    answer = json.loads(SHIPPED.read_text())
    for row in answer["patterns"]:
        row.update(dict.fromkeys(("simulated", "low50", "high50", "low90", "high90")))
    file = tmp_path / "validation.json"
    file.write_text(json.dumps(answer))
    found = read(file).found
    assert all(part.inside is False for part in found.parts if part.target.judged)
    assert "nan" not in re.sub(r"<[^>]*>", "", validation.parts(Words("en"), found))
