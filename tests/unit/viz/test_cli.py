"""The command line: exit codes, JSON, invalid input and files."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from abm.measures import BESIDE_PRICES, CRITERIA, GROUPS, OUTCOMES, PRICES
from abm.measures.criteria_page import criteria_markdown
from agents.outcomes import Event
from agents.param import SettingError
from experiments.rows.comparison import outcome_groups
from experiments.runs import run as runs
from experiments.runs.case import Case, Failure, RunResult
from tests.unit.viz.command_line import call, one_object
from viz.cli import serve as cli_serve
from viz.cli.app import Serve
from viz.cli.run import medians
from viz.cli.shell import BANNER, guarded, report_no_results
from viz.figures.numbers import plain, rounded

TINY = ["--scenario", "classroom", "--scale", "1000", "--days", "30", "--set", "warmup_days=9"]


def shell(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a new process."""
    command = [sys.executable, "-m", "viz.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


@cache
def tiny_run() -> dict[str, Any]:
    """Return the result of one small run as parsed JSON."""
    return one_object("run", *TINY)


def without_cost(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a result without its computing cost, which differs between runs."""
    return {key: value for key, value in plain.items() if key != "cost"}


# ---- in a new process ----------------------------------------------------------------------------


HEAVY = ("mesa", "pandas", "solara", "numba", "networkx", "scipy", "matplotlib")


UNUSED = ("matplotlib", "solara", "dask", "sklearn", "typer.rich_utils")
#: Commands that one process runs in turn, each with the packages that must not be imported yet.
COMMANDS = [
    *((words, (*HEAVY, "numpy")) for words in (["--help"], ["run", "--help"])),
    *((words, HEAVY) for words in (["policies"], ["criteria"])),
    *((words, UNUSED) for words in (["describe", "fence"], ["day"], ["run", *TINY])),
]
LIGHT = f"""
import contextlib, sys
from viz.cli import main
for words, packages in {COMMANDS}:
    with contextlib.suppress(SystemExit):
        main(words)
    print([name for name in packages if name in sys.modules], file=sys.stderr)
"""


def test_commands_without_a_report_import_no_package_for_models_reports_and_studies():
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert "twoborders run" in done.stdout and "patrol_surge" in done.stdout
    lists = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert lists == ["[]"] * len(COMMANDS), done.stderr


MIX = "rural_gendarmerie:2 fence southern_border_control intelligence_sharing"
MIXED = [*TINY, "--seed", "5", *(f"--policy={text}" for text in MIX.split())]


def test_a_process_prints_one_json_object_with_the_same_bytes_and_nothing_else():
    """The number of numba and BLAS threads and the order of sets do not change the result."""
    counts = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    env = os.environ | dict.fromkeys(counts, "2") | {"PYTHONHASHSEED": "2"}
    done = shell("run", *MIXED, "--json", env=env)
    assert done.returncode == 0 and done.stderr.splitlines()[1:] == []
    assert done.stderr.startswith("warning: only")
    answer = json.loads(done.stdout)
    assert answer["persons"]["candidates"] > 0
    assert without_cost(answer) == without_cost(one_object("run", *MIXED))


def test_invalid_input_in_a_process():
    done = shell("policies", "--colour")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: ")


@pytest.mark.slow
def test_a_closed_pipe_is_not_an_error():
    words = [sys.executable, "-m", "viz.cli", "parameters"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout and process.stderr
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=60) == 0 and "Traceback" not in err


# ---- run -----------------------------------------------------------------------------------------


def test_run_json():
    answer = tiny_run()
    persons = answer["persons"]
    assert persons["candidates"] == sum(n for name, n in persons.items() if name != "candidates")
    assert set(answer["events"]) == {event.name.lower() for event in Event}
    assert set(answer["dollars"]) == {"us", "mexico", "users"}
    assert set(answer["cost"]) == {"cpu_s", "wall_s", "peak_mb", "agent_days"}
    assert len(answer["digest"]) == 40 and answer["rates"] and answer["note"] == BANNER
    assert list(answer["criteria"]) == list(CRITERIA)
    assert all(v is None or isinstance(v, float) for v in answer["criteria"].values())
    assert sum(answer["depth"].values()) > 0


def test_a_criterion_out_of_reach_is_null_and_explained():
    # No person is apprehended behind the line.
    words = [*TINY, "--set", "border_patrol.belt_hazard=0"]
    answer = one_object("run", *words)
    assert answer["criteria"]["control_90"] is None and answer["criteria"]["control_50"] is not None
    text = call("run", *words).stdout
    assert "To apprehend 90 % of evaders: out of reach." in text and "1,000 times" in text


def test_options_reach_the_scenario():
    words = ["--days", "20", "--set", "migrants.retry_removed=0.1", "--seed", "9", "--set"]
    words += ["warmup_days=20", "--policy", "patrol_surge:0.5@2012-10-05..2012-10-15"]
    output = one_object("run", *TINY[:4], *words)
    scenario = output["scenario"]
    assert (scenario["days"], scenario["scale"], output["seed"]) == (20, 1000, 9)
    assert output["scenario"]["policies"] == ["patrol_surge:0.5@2012-10-05..2012-10-15"]
    assert output["dollars"]["us"] > 0


def test_a_run_prints_every_criterion_once_with_its_observed_and_true_value():
    lines = call("run", *TINY).stdout.splitlines()
    page = lines[lines.index(GROUPS["entries"]) : lines.index(GROUPS["cost"]) + 9]
    output = [line.strip() for line in page]
    for c in CRITERIA.values():
        seen = [t for t in output if t == f"seen: {c.label}" or t.startswith(f"{c.label}  ")]
        assert len(seen) == 1, c.label
    answer = tiny_run()["criteria"]
    row = next(line for line in output if line.startswith(CRITERIA["got_aways"].label))
    both = [plain(rounded(answer[name])) for name in ("got_aways_known", "got_aways")]
    assert row.split()[-2:] == both


@pytest.mark.parametrize(
    ("runs", "median"),
    [([1e9, math.nan, math.nan], math.nan), ([1e9, 3e9, math.nan], 3e9), ([1e9, 3e9], 2e9)],
)
def test_a_sum_out_of_reach_counts_as_infinite_in_the_median(runs: list[float], median: float):
    rows = [dict.fromkeys(CRITERIA, 1.0) | {"control_90": value} for value in runs]
    found = medians(rows)["control_90"]
    assert found == median or (math.isnan(median) and math.isnan(found))


def test_undefined_values_are_excluded_from_the_median():
    rows = [dict.fromkeys(CRITERIA, 1.0) | {"retried": v} for v in (0.2, math.nan, 0.4)]
    assert medians(rows)["retried"] == pytest.approx(0.3)
    assert math.isnan(medians(rows[1:2])["retried"])


def test_run_writes_files(tmp_path: Path):
    folder = tmp_path / "new" / "folder"
    answer = one_object("run", *TINY, "--out", str(folder))
    assert json.loads((folder / "run.json").read_text()) == answer
    rows = list(csv.DictReader((folder / "daily.csv").open()))
    assert len(rows) == 30 and rows[0]["date"] == "2012-10-01"
    assert sum(int(row["set_out"]) for row in rows) == answer["events"]["set_out"]
    assert sorted(p.name for p in folder.iterdir()) == ["daily.csv", "run.json", "scenario.toml"]
    again = one_object("run", "--scenario", str(folder / "scenario.toml"))
    assert again["digest"] == answer["digest"]


# ---- compare -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compared(without_maps: None, tmp_path_factory: Any) -> tuple[dict[str, Any], Path]:
    """Return the JSON object of a comparison and the folder of its files."""
    folder = tmp_path_factory.mktemp("compare")
    words = ["patrol_surge", "--policy", "status_quo+patrol_surge:0", "--reps", "2", "--jobs", "1"]
    return one_object("compare", *words, *TINY, "--out", str(folder)), folder


def test_compare(compared: tuple[dict[str, Any], Path]):
    answer, folder = compared
    assert answer["reps"] == 2 and answer["baseline"]["outcomes"]["got_aways"] >= 0
    surge, nothing = answer["policies"]
    assert surge["id"] == "patrol_surge" and surge["dollars"] == pytest.approx(811e6)
    bounds = {"baseline", "difference", "low50", "high50", "low90", "high90"}
    shares = {"share_below_zero", "share_above_zero"}
    assert all(set(row) == bounds | shares for row in surge["outcomes"].values())
    assert nothing["outcomes"]["set_out"]["difference"] == 0
    assert nothing["outcomes"]["dollars_per_averted_entry"]["difference"] is None
    names = ["comparison.json", "map.svg", "outcomes.csv", "report.html", "series.svg"]
    assert sorted(p.name for p in folder.iterdir()) == names
    assert json.loads((folder / "comparison.json").read_text()) == answer


@pytest.mark.slow
def test_failed_runs_are_reported_and_other_runs_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    play = runs.run_one

    def fail(case: Case, **more: Any) -> RunResult:
        if case.seed == 2:
            raise RuntimeError("a test error")
        return play(case, **more)

    monkeypatch.setattr(runs, "run_one", fail)
    words = [*TINY, "--reps", "2", "--jobs", "1", "--json"]
    for command in (["run"], ["compare", "patrol_surge", "--out", str(tmp_path)]):
        result = call(*command, *words)
        assert result.exit_code == 3 and "test error" in result.stderr
        answer = json.loads(result.stdout)
        assert {f["seed"] for f in answer["failed"]} == {2}
    assert "runs failed and are left out" in (tmp_path / "report.html").read_text()


def test_the_exit_code_is_1_if_all_runs_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(case: Case, **more: Any) -> RunResult:
        raise RuntimeError("a test error everywhere")

    monkeypatch.setattr(runs, "run_one", fail)
    monkeypatch.setattr("viz.cli.run.run_one", fail)
    for words in (["run"], ["run", "--reps", "2"], ["compare", "--out", str(tmp_path)]):
        result = call(*words, *TINY, "--jobs", "1")
        assert result.exit_code == 1 and "a test error everywhere" in result.stderr
        assert "Traceback" not in result.stderr and result.stdout == ""
    assert "Traceback" in call("run", *TINY, "--debug").stderr


def check_prices_and_human_costs(rows: list[str]) -> None:
    """Check that human costs come directly after both prices."""
    at = rows.index("dollars_per_averted_entry")
    both = [*PRICES, *BESIDE_PRICES]
    assert rows[at : at + len(both)] == both


def test_every_output_shows_prices_together_with_human_costs(
    compared: tuple[dict[str, Any], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Check the JSON, CSV and page of one comparison, and the printed table of another."""
    _, folder = compared
    monkeypatch.setattr("viz.cli.compare.report_html", lambda report: "")
    words = ["patrol_surge:4", "--reps", "1", "--jobs", "1", "--out", str(tmp_path)]
    table = call("compare", *words, *TINY).stdout
    answer = json.loads((folder / "comparison.json").read_text())
    check_prices_and_human_costs(list(answer["policies"][0]["outcomes"]))
    rows = list(csv.DictReader((folder / "outcomes.csv").open()))
    check_prices_and_human_costs([row["outcome"] for row in rows])
    labels = {f"  {m.label}  ": name for name, m in (OUTCOMES | PRICES).items()}
    lines = table[table.index("Change from the baseline") :].splitlines()
    check_prices_and_human_costs(
        [labels[t] for line in lines for t in labels if line.startswith(t)]
    )
    page = (folder / "report.html").read_text()
    cells = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*</tr>", page, flags=re.S)
    priced = [c for c in cells if any(m.label in c for m in PRICES.values()) and "<td" in c]
    assert priced
    assert all(OUTCOMES[name].label in c for c in priced for name in BESIDE_PRICES)
    assert "twoborders compare --scenario classroom" in page and str(folder) not in page
    assert BANNER in page and BANNER in table and "\x1b" not in table


def test_a_comparison_shows_every_outcome_once_by_group():
    shown = outcome_groups(human_costs_with_prices=True)
    keys = [key for _, names in shown for key in names]
    assert sorted(keys) == sorted([*OUTCOMES, *PRICES])
    titles = [title for title, _ in shown]
    assert titles[0] == GROUPS["entries"] and "people" in titles[-1]


# ---- lists ---------------------------------------------------------------------------------------


def test_policies():
    output = one_object("policies")["policies"]
    described = one_object("describe", "patrol_surge")
    assert all(set(policy) >= {"claim", "fails_when", "source"} for policy in output)
    assert all(set(policy) <= set(described) for policy in output)
    text = call("policies").stdout
    assert all(policy["id"] in text for policy in output)


def test_describe():
    output = one_object("describe", "patrol_surge")
    text = call("describe", "patrol_surge").stdout
    assert output["title"] in text and "Fails when" in text and "[A]" in text


def test_criteria():
    output = one_object("criteria")
    assert [c["name"] for c in output["criteria"]] == list(CRITERIA)
    keys = {"name", "label", "unit", "meaning", "group", "observed", "truth", "missing"}
    assert all(set(c) == keys for c in output["criteria"])
    assert [p["name"] for p in output["prices"]] == list(PRICES)
    assert all(p["human_costs"] == list(BESIDE_PRICES) for p in output["prices"])
    text = call("criteria").stdout
    assert all(f"{name} " in text for name in (*CRITERIA, *PRICES))
    assert call("criteria", "--markdown").stdout == criteria_markdown()


def test_scenarios_parameters_day_version():
    names = [s["name"] for s in one_object("scenarios")["scenarios"]]
    assert {"baseline", "classroom", "million"} <= set(names)
    rows = one_object("parameters", "contest")["parameters"]
    assert rows and all("contest" in row["path"] and row["source"] for row in rows)
    assert call("parameters", "--markdown").stdout.startswith("# Parameters")
    assert "11. record" in call("day").stdout
    assert one_object("day")["day"][0]["step"] == "morning"
    assert call("--version").stdout.startswith("twoborders ")
    assert "1 parameters" not in call("parameters", "no such thing").stdout


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_tables_fit_the_terminal(columns: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", columns)
    for words in (
        ["policies"],
        ["scenarios"],
        ["criteria"],
        ["describe", "patrol_surge"],
        ["run", *TINY],
    ):
        lines = call(*words).stdout.splitlines()
        assert max(map(len, lines)) <= int(columns), words


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("days = ", "broken.toml"),
        ('[[policies]]\nid = "fense"', "broken.toml: policies.fense: unknown policy"),
    ],
)
def test_an_invalid_scenario_file_is_reported(tmp_path: Path, text: str, named: str):
    file = tmp_path / "broken.toml"
    file.write_text(text)
    result = call("run", "--scenario", str(file))
    assert result.exit_code == 2 and result.stdout == ""
    assert named in result.stderr and result.stderr.count("\n") == 1


def test_a_policy_outside_the_run_gives_a_warning():
    result = call("run", *TINY, "--policy", "patrol_surge@2020-01-01", "--json")
    assert "warning" in result.stderr and "patrol_surge@2020-01-01" in result.stderr
    assert json.loads(result.stdout)["digest"] == tiny_run()["digest"]


# ---- helpers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("x"), 1),
        (MemoryError(), 1),
        (SettingError("x", "invalid", "Give another."), 2),
        (FileNotFoundError(2, "No such file", "x"), 2),
        (OSError(28, "No space left"), 1),
        (KeyboardInterrupt(), 130),
        (EOFError(), 130),
        (BrokenPipeError(), 0),
        (None, 0),
    ],
)
def test_exit_codes(error: BaseException | None, code: int, capsys: pytest.CaptureFixture[str]):
    def command() -> None:
        if error:
            raise error

    assert guarded(command) == code
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kinds", "code"),
    [(("SettingError",), 2), (("SettingError", "RuntimeError"), 1), (("RuntimeError",), 1)],
)
def test_only_invalid_input_in_every_run_is_an_error_of_usage(kinds: tuple[str, ...], code: int):
    failures = [Failure("case", "name", 1, kind, "text", "") for kind in kinds]
    assert report_no_results(failures) == code


@pytest.mark.parametrize(("ended", "code"), [(1, 1), (0, 0), (130, 0), (143, 0)])
def test_a_screen_that_does_not_start_is_a_failure_and_a_signal_is_none(
    ended: int, code: int, monkeypatch: pytest.MonkeyPatch
):
    """After a signal, the process ends with the exit code of that signal."""
    monkeypatch.setattr(cli_serve, "serve", lambda options: ended)
    assert cli_serve.command(Serve()) == code


def test_added_doses_and_few_migrants_are_warnings():
    repeated = call("run", *TINY, "--policy", "fence:0.5", "--policy", "fence:0.5").stderr
    assert "warning: fence is given more than once" in repeated
    assert re.search(r"warning: only \d+ simulated migrants set out", repeated)
    dates = ["--policy", "fence:0.5@..2012-10-10", "--policy", "fence:0.5@2012-10-10"]
    assert "more than once" not in call("run", *TINY, *dates).stderr


@pytest.mark.slow
def test_equal_arms_are_a_warning(tmp_path: Path):
    words = ["fence", "--policy", "fence", "--reps", "2", "--jobs", "1", "--out", str(tmp_path)]
    error = call("compare", *TINY, *words).stderr
    assert "warning: fence is given 2 times; its arms are identical." in error
    assert error.count("simulated migrants set out") == 1


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_standard_output_has_a_fix():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "viz.cli", "policies"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1 and "Free some space" in done.stderr
    assert "--debug" not in done.stderr


@pytest.mark.slow
def test_a_run_with_a_policy_says_that_statistics_are_of_a_year_without_it():
    words = ["--scenario", "classroom", "--scale", "1000", "--days", "366"]
    words += ["--set", "warmup_days=40"]
    plain, other = (call("run", *words, *more) for more in ([], ["--policy", "announcement"]))
    assert "official figures are of another year" in " ".join(plain.stdout.split())
    assert "without these policies" not in plain.stdout
    assert "without these policies" in other.stdout
    assert "waiting for the legal channel" in plain.stdout and "applied" not in plain.stdout


def test_what_cannot_act_in_the_run_is_a_warning(tmp_path):
    file = tmp_path / "late.toml"
    file.write_text(
        'extends = "classroom"\n[[consequence_changes]]\nfrom = 2020-01-01\nrelease = 0.5\n'
        'source = "an example"\n[supply_terms]\nnetwork = [0.5, 0.5]\n'
        "since = {network = 2010.0, awareness = 2010.0}\n",
        encoding="utf-8",
    )
    words = ["--scenario", str(file), "--scale", "1000", "--days", "5", "--set", "warmup_days=9"]
    done = call("run", *words, "--set", "fill_days=2")
    assert done.exit_code == 0
    warned = [line for line in done.stderr.splitlines() if line.startswith("warning")]
    assert sum("change of consequences from 2020-01-01" in line for line in warned) == 1
    assert sum("since of network is before the start" in line for line in warned) == 1
