"""``twoborders compare --precision``: number of pairs, reasons to stop, invalid options."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from experiments.comparison.compare import without_runs
from experiments.comparison.sequential import (
    MonitoredChange,
    Review,
    SequentialComparison,
    StoppingRule,
)
from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference
from experiments.scenarios import find
from tests.unit.viz.command_line import call
from viz.cli.shell import BANNER
from viz.documents.comparison import tables

pytestmark = pytest.mark.usefixtures("without_maps")
TINY = shlex.split("--scenario classroom --scale 1000 --days 20 --set warmup_days=9 --jobs 1")
NOTHING = "patrol_surge:0"  # changes nothing, so the minimum of pairs suffices
SURGE = "patrol_effort:2"


def flat(text: str) -> str:
    """Return a text without line breaks and non-breaking spaces."""
    return " ".join(text.replace("\u00a0", " ").split())


def test_it_stops_when_the_intervals_are_narrow_enough(tmp_path: Path):
    words = shlex.split("--reps 1 --precision 0.5 --json --out")
    result = call("compare", NOTHING, *TINY, *words, str(tmp_path))
    assert result.exit_code == 0 and "warning: Pairs" not in result.stderr
    answer = json.loads(result.stdout)
    told = answer["stopping_rule"]
    assert (told["reached"], told["stopped"], told["pairs"]) == (True, "reached", 6)
    assert told["outcomes"] == ["got_aways", "unlawful_entries"] and told["width"] == 0.5
    assert answer["reps"] == 6 and answer["seeds"] == list(range(1, 7))
    assert [m["width"] for m in told["means"]] == [0.0, 0.0]
    assert {m["policy"] for m in told["means"]} == {NOTHING}
    page = flat((tmp_path / "report.html").read_text())
    assert "Pairs were added until the 90 % interval of the mean change" in page
    assert "that took 6 pairs" in page and "at most 0.5 % of the baseline wide" in page
    assert "interval of the mean (Student t)" in page and "87 to 90 in a hundred" in page
    assert json.loads((tmp_path / "comparison.json").read_text()) == answer


@pytest.mark.slow
def test_reaching_the_maximum_number_of_pairs_is_a_warning(tmp_path: Path):
    words = shlex.split("--precision 0.0001 --max-pairs 9 --outcome apprehended_us --out")
    result = call("compare", SURGE, *TINY, *words, str(tmp_path))
    assert result.exit_code == 0
    lines = result.stderr.splitlines()
    (warning,) = [line for line in lines if line.startswith("warning: Pairs")]
    assert "not reached with the 9 pairs allowed" in warning
    looks = [line for line in result.stderr.splitlines() if "the widest interval" in line]
    assert [line.split()[0] for line in looks] == ["8", "9"]
    told = json.loads((tmp_path / "comparison.json").read_text())["stopping_rule"]
    reached = (told["reached"], told["stopped"], told["max_pairs"], told["pairs"])
    assert reached == (False, "max_pairs", 9, 9)
    assert told["reviews"][-1]["widest"] == told["means"][0]["width"] > 0.0001
    for text in (result.stdout, (tmp_path / "report.html").read_text()):
        assert "not reached with the 9 pairs allowed" in flat(text) and BANNER in text
    assert "90 % interval of the mean" in flat(result.stdout)


@pytest.mark.parametrize(
    ("stopped", "words"),
    [
        ("reached", "that took 12 pairs"),
        ("max_pairs", "not reached with the 40 pairs allowed"),
        ("undefined", "the baseline has none of it"),
        ("failed", "because runs failed"),
    ],
)
def test_every_reason_to_stop_has_a_sentence(stopped: str, words: str):
    unknown = MonitoredChange("fence", "deaths", Difference(0.0, Interval.exactly(1.0), pairs=12))
    rule = StoppingRule(1.0, ("deaths",), 40)
    found = SequentialComparison(
        without_runs(find("classroom"), []), rule, (Review(12, (unknown,)),), stopped
    )
    sentence = tables.rule_sentence(found)
    assert words in sentence and sentence.startswith("Pairs were") and "inf" not in sentence
