"""Results in Python: figures of the commands, frames with units, charts and short texts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import experiments.validation.validate
import twoborders as tb
from experiments.studies.optimise import study as portfolios
from tests.unit.viz.command_line import one_object
from twoborders.results import ComparisonStudy, RunStudy, StudyResult, SweepStudy, ValidationStudy
from viz.documents.validation import page

pytestmark = pytest.mark.filterwarnings("ignore:only .* simulated migrants set out")
TINY: dict[str, Any] = {"scenario": "classroom", "scale": 1000, "days": 32, "warmup_days": 9}
WORDS = ["--scenario", "classroom", "--scale", "1000", "--days", "32", "--set", "warmup_days=9"]
ARMS = ["patrol_surge:250M", "fence:0.5+cameras_and_sensors:100M"]


@pytest.fixture(scope="module")
def comparison() -> ComparisonStudy:
    """Compare a policy and a portfolio on two seeds."""
    return tb.compare(ARMS, reps=2, seed=3, jobs=1, settings={"contest.eta": 0.6}, **TINY)


@pytest.fixture(scope="module")
def runs() -> RunStudy:
    """Run one policy twice."""
    return tb.run(policies=["fence:0.5"], reps=2, jobs=1, **TINY)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> SweepStudy:
    """Sweep a grid of two doses and two seeds."""
    folder = tmp_path_factory.mktemp("sweep")
    return tb.sweep({"policy.fence": [0, 2]}, folder, reps=2, jobs=1, **TINY)


@pytest.fixture(scope="module")
def validation() -> ValidationStudy:
    """Return the packaged validation."""
    return ValidationStudy(page.read())


@pytest.fixture(params=["comparison", "runs", "swept", "validation"])
def study(request: pytest.FixtureRequest) -> Any:
    """Return each result in turn."""
    return request.getfixturevalue(request.param)


# ---- the figures of the commands -----------------------------------------------------------------


@pytest.mark.slow
def test_a_comparison_has_the_figures_of_the_command(comparison: ComparisonStudy, tmp_path: Path):
    words = [*WORDS, "--set", "contest.eta=0.6", "--seed", "3", "--reps", "2", "--jobs", "1"]
    printed, result = one_object("compare", *ARMS, *words, "--out", tmp_path), comparison.to_dict()
    assert {key: printed[key] for key in result} == result
    assert printed.keys() - result.keys() == {"command", "version", "note"}


def test_a_run_has_the_figures_of_the_command(runs: RunStudy):
    words = [*WORDS, "--policy", "fence:0.5", "--reps", "2", "--jobs", "1"]
    printed, result = one_object("run", *words), runs.to_dict()
    for one in (printed, *printed["runs"], result, *result["runs"]):
        one.pop("cost")
    assert {key: printed[key] for key in result} == result


def test_a_sweep_continues_in_its_folder(swept: SweepStudy):
    again = tb.sweep({"policy.fence": [0, 2]}, swept.swept.folder, reps=2, jobs=1, **TINY)
    assert (swept.swept.completed, again.swept.stored, again.swept.completed) == (4, 4, 0)
    pd.testing.assert_frame_equal(again.frame(), swept.frame())


def test_a_validation_passes_its_arguments_on(monkeypatch: pytest.MonkeyPatch):
    calls = []

    def validate(**given: Any) -> Any:
        calls.append(given)
        return page.read()

    monkeypatch.setattr(experiments.validation.validate, "validate", validate)
    tb.validate(jobs=1)
    given: dict[str, Any] = {"scores": True, "settings": {"contest.eta": 0.4}}
    result = tb.validate(reps=2, seed=7, scale=80, members=4, jobs=1, **given)
    assert calls[0].pop("executor").name == "serial"
    assert calls[0] == {
        "seeds": range(1, 1 + experiments.validation.validate.REPS),
        "scale": experiments.validation.validate.SCALE,
        "settings": {},
        "ensemble": None,
        "scores": False,
        "folder": None,
    }
    assert (calls[1]["seeds"], calls[1]["scale"]) == (range(7, 9), 80)
    assert calls[1]["settings"] == {"contest.eta": 0.4} and len(calls[1]["ensemble"]) == 4
    assert calls[1]["scores"] is True and result.to_dict()["patterns"]


@pytest.mark.slow
@pytest.mark.usefixtures("quick_search")
def test_an_answer_has_the_figures_of_the_command(
    formula_world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    world = formula_world(us=0.08, mexico=0.16)
    evaluator = partial(portfolios.Evaluator, executor="serial", run_case=world)
    monkeypatch.setattr(portfolios, "Evaluator", evaluator)
    words = ["--quick", "--members", "8", "--search-members", "1", "--budget", "250M"]
    printed = one_object("ask", *words, "--out", tmp_path / "command")
    folder = tmp_path / "python"
    result = tb.ask(folder, quick=True, members=8, search_members=1, budgets=[250e6])
    shown = result.to_dict()
    assert {key: printed[key] for key in shown} == shown
    with pytest.raises(tb.SettingError, match="holds runs with other plan"):
        tb.ask(folder, quick=True, members=9, search_members=1, budgets=["250M"])
    cells = [cell for regime in shown["regimes"] for cell in regime["cells"]]
    assert len(result.frame()) == 2 * 3 * len(cells) == 72  # two headlines with three claims each
    assert "helps unknown" in repr(result) and len(repr(result.result)) < 300
    assert "FY2013: people, core instruments" in result._repr_html_()
    assert isinstance(result.plot(), Figure)
    with pytest.raises(tb.SettingError, match='mean "joint"'):
        result.plot("jont")


# ---- frames --------------------------------------------------------------------------------------


def test_every_frame_is_long_and_names_its_units(study: StudyResult):
    frame = study.frame()
    names = {"measure", "outcome", "id"} & {*frame}
    assert len(names) == 1 and len(frame) > 5
    assert {*frame[names.pop()]} <= frame.attrs["units"].keys()
    assert all(isinstance(unit, str) and unit for unit in frame.attrs["units"].values())
    assert "not a forecast" in frame.attrs["note"] and "world_note" not in frame.attrs


def test_the_frame_of_a_comparison_has_the_rows_of_its_table(comparison: ComparisonStudy):
    frame = comparison.frame()
    for arm in comparison.to_dict()["policies"]:
        rows = frame[frame["policy"] == arm["policy"]].set_index("outcome")
        assert [*rows.index] == [*arm["outcomes"]]
        for name, figures in arm["outcomes"].items():
            known = {key: np.nan if value is None else value for key, value in figures.items()}
            assert rows.loc[name, [*known]].astype(float).equals(pd.Series(known, name=name))


def test_the_frame_of_runs_has_every_criterion_of_every_seed(runs: RunStudy):
    frame = runs.frame()
    assert {*frame["seed"]} == {1, 2} and not frame.duplicated(["seed", "measure"]).any()
    first = frame[frame["seed"] == 1].set_index("measure")["value"]
    assert first["got_aways"] == runs.runs[0].outcomes["got_aways"]
    months = runs.monthly()
    assert [*months["month"].dt.month.unique()] == [10, 11]
    units = months.attrs["units"]
    assert units["got_aways"] == "persons per month" and units["fees_mexican"] == "$ per month"
    assert units["spent_us"] == "$ per month"
    assert {*months["measure"]} == units.keys()


# ---- texts and charts ----------------------------------------------------------------------------


def test_results_print_as_one_short_line(study: StudyResult):
    assert len(repr(study)) < 250 and "\n" not in repr(study)


def test_a_notebook_shows_one_table_and_the_disclaimer(study: Any):
    html = study._repr_html_()
    assert html.count("<table") == 1 and "not a forecast" in html and len(html) < 10_000


def test_texts_of_the_user_are_escaped_in_a_notebook():
    result = tb.run(name="<script>alert(1)</script>", **TINY)
    assert "<script>" not in result._repr_html_() and "&lt;script&gt;" in result._repr_html_()


def test_every_result_draws_a_figure_that_a_notebook_shows(study: Any):
    figure = study.plot()
    assert isinstance(figure, Figure) and figure.axes
    assert figure._repr_png_().startswith(b"\x89PNG")  # pyright: ignore[reportAttributeAccessIssue]


def test_charts_take_an_outcome_and_axes(
    comparison: ComparisonStudy, runs: RunStudy, swept: SweepStudy
):
    figure = Figure()
    assert comparison.plot("deaths", ax=figure.add_subplot()) is figure
    assert comparison.plot("deaths", monthly=True) is not figure
    assert runs.plot("deaths") and swept.plot("deaths", factor="policy.fence")
    for wrong in (comparison.plot, partial(comparison.plot, monthly=True), runs.plot, swept.plot):
        with pytest.raises(tb.SettingError, match='mean "deaths"'):
            wrong("death")
    with pytest.raises(tb.SettingError, match='mean "policy.fence"'):
        swept.plot(factor="policy.fense")


# ---- failed runs ---------------------------------------------------------------------------------


def test_failed_runs_are_left_out_with_a_warning(monkeypatch: pytest.MonkeyPatch):
    from experiments.runs import run as runner

    run_one = runner.run_one

    def tired(case: Any, **more: Any) -> Any:
        if case.seed == 2:
            raise OSError("no memory")
        return run_one(case, **more)

    monkeypatch.setattr(runner, "run_one", tired)
    with pytest.warns(UserWarning, match="1 of 2 runs failed"):
        result = tb.run(reps=2, jobs=1, **TINY)
    assert len(result.runs) == len(result.failures) == 1 and "1 runs failed" in result._repr_html_()
    monkeypatch.setattr(runner, "run_one", lambda case, **more: 1 / 0)
    with pytest.raises(RuntimeError, match="no run succeeded; the first error"):
        tb.compare("fence", reps=2, jobs=1, **TINY)
