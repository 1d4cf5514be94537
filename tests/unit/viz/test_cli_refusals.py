"""Invalid input of every command: one line, exit code 2, and nothing is printed or written."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.unit.viz.command_line import call

#: Words of a command by text that the error contains.
REFUSED = [
    ("run --policy wall", "wall"),
    ("run --policy patrol_serge", "patrol_surge"),
    ("run --policy status_quo:250M", "has no cost"),
    ("run --policy ../../etc/passwd", "passwd"),
    ("run --scale 0", "scale"),
    ("run --scale 1.5", "--scale"),
    ("run --days 99999999999999999999", "days"),
    ("run --seed -1", "--seed"),
    ("run --seed 2147483647 --reps 2", "--seed"),
    ("run --jobs 0", "--jobs"),
    ("run --set migrants.retry_removd=0.4", "migrants.retry_removed"),
    ("run --set scale=10 --set scale=20", "scale"),
    ("run --set scale=10 --scale 20", "scale"),
    ("run --scenario basline", "baseline"),
    ("run --scenario nowhere.toml", "nowhere.toml"),
    ("run --scenario .", "scenario"),
    ("run --world nowhere", "nowhere"),
    ("run --out /dev/null/folder", "--out"),
    ("run fence:0.5", "--policy fence:0.5"),
    ("run --start 2013-01-01", "--set start=VALUE"),
    ("run --set scenario=classroom", "--scenario"),
    ("run --set supply=flatt", 'Did you mean "flat"'),
    ("run --policy fence,trainers", "Repeat --policy"),
    ("run --colour", "--colour"),
    ("run --days", "write its value after it"),
    ("run --days abc", "whole number"),
    ("run --policy fense", "`twoborders policies`"),
    ("run --policy transfers_south:2.0000000001", "a dose of 2.0000000001 is out"),
    ("rnu", "rnu"),
    ("describe fense", "fence"),
    ("describe", "POLICY"),
    ("compare patrol_surge+wall", "wall"),
    ("compare --ensemble 3 --precision 1", "Give 6 or more"),
    ("compare fence --precision 0", "--precision"),
    ("compare fence --precision nan", "--precision"),
    ("compare fence --precision inf", "--precision"),
    ("compare fence --precision wide", "--precision"),
    ("compare fence --precision 1 --outcome dollars_per_averted_entry", "--outcome"),
    ("compare fence --precision 1 --outcome got_away", "got_aways"),
    ("compare fence --outcome deaths", "--outcome"),
    ("compare fence --max-pairs 50", "--max-pairs"),
    ("compare fence --precision 1 --max-pairs 5", "--max-pairs"),
    ("compare fence --precision 1 --ensemble 60 --max-pairs 50", "--max-pairs"),
    ("compare fence --precision 1 --seed 2147483600", "--seed"),
    ("validate --ensemble 99999", "members"),
    ("validate --set days=30", "a validation fixes it"),
    ("validate --set supply=flat", "a validation fixes it"),
    ("validate --set policies=[]", "a validation fixes it"),
    ("validate --set start=2013-01-01", "a validation fixes it"),
    ("forecast score a.json b.csv --ensemble 3", "--ensemble: score does not use it"),
    ("forecast score a.json b.csv --dry-run", "--dry-run: score does not use it"),
    ("forecast backtest --scenario baseline", "--scenario: backtest does not use it"),
    ("forecast record.csv --days 30", "No such option: --days"),
    ("curve --instrument fences", "Did you mean"),
    ("curve --instrument status_quo", "it costs nothing"),
    ("curve --instrument southern_border_control", "it needs Mexico"),
    ("curve --budget lots", "--budget"),
    ("curve --budget 1K", "--budget"),
    ("curve --scenario us_only", "it has"),
    ("curve --set contest.spirit=1", "spirit"),
    ("curve --ensemble 100000", "--ensemble"),
    ("sensitivity --factor retri", 'Did you mean "retry'),
    ("sensitivity --factor dummy", "dummy"),
    ("sensitivity --factor eta=0.9..0.1", "not below"),
    ("sensitivity --factor eta --set contest.eta=0.5", "Set it or vary it"),
    ("sensitivity --outcome no -n 4", "twoborders criteria"),
    ("sensitivity --outcome got_away", "got_aways"),
    ("sensitivity --method fast", "--method"),
    ("sensitivity -n 2", "too few"),
    ("sensitivity --method sobol -n 12", "8 or 16"),
    ("sensitivity --policy fence --policy fence", "twice"),
    ("sensitivity --policy fence --factor policy.fence", "not both"),
    ("sensitivity --seed 2147483647", "--seed"),
    ("optimise --side us", 'Did you mean "us_only"'),
    ("optimise --side canada", "us_only"),
    ("optimise --account peso", "joint"),
    ("optimise --outcome deaths", "got_aways"),
    ("optimise --budget 0", "250M"),
    ("ask --quick --budget 5M", ""),
    ("ask --quick --budget much", ""),
    ("ask --quick --set start=2012-10-15", ""),
    ("ask --quick --set migrants.retry=2", ""),
    ("ask --quick --scale 0", ""),
    ("effects status_quo", "status_quo"),
    ("effects fence+patrol_surge", "compare"),
    ("effects no_cooperation:2", "no_cooperation"),
    ("effects fence --out /dev/null/page.md", "--out"),
    ("effects fence --reps 0", "--reps"),
    ("effects fence --equal much", "--equal"),
    ("effects fence --ensemble 0", "--ensemble"),
    ("replay fense --out a.html", "fense"),
    ("replay --language fr --out a.html", "--language"),
    ("replay --days 0 --out a.html", "days"),
    ("replay --scenario nowhere --out a.html", "nowhere"),
    ("sweep nowhere", "is not a known design"),
    ("sweep first_look --executor threads", "processes, serial or dask://HOST:PORT"),
    ("sweep first_look --jobs 0", "--jobs"),
    ("calibrate --draws 29", "draws"),
    ("calibrate --members 0", "members"),
    ("calibrate --rounds 0", "rounds"),
    ("calibrate --dose-scale 1001", "dose-scale"),
    ("calibrate --seed 2000001", "seed"),
    ("calibrate --jobs 0", "jobs"),
    ("calibrate --policy fence", "policy"),
    ("supply --last 2030-01", "--last: the month 2030-01"),
    ("supply --last ２013-09", "--last: this is not a month"),
    ("supply --keep 2", "--keep: 2 is out of bounds"),
]


@pytest.mark.parametrize(("words", "named"), REFUSED)
def test_invalid_input_is_reported_in_one_line_and_writes_nothing(
    words: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(*shlex.split(words))
    assert result.exit_code == 2, result.output
    assert result.stdout == "" and not list(tmp_path.iterdir())
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ") and named in line and "Traceback" not in line
