"""Every value of every argument works or is refused in one sentence that names the argument."""

from __future__ import annotations

import functools
import inspect
import math
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twoborders as tb
from abm.model import BorderModel
from abm.scenario import load_scenario
from abm.scenario.tree import field_names
from experiments.calibration import ensemble
from experiments.scenarios import find
from experiments.studies.optimise import study as portfolios
from experiments.sweeps.design_files import load
from tests.reliability.cases import check_refusal
from twoborders import studies
from twoborders.adapters import PolicyFunction

#: Values that no argument accepts.
NEVER: tuple[Any, ...] = (object(), b"x", np.array([0.1, 0.2]), 1j, math.nan, 10**400)
WRONG: tuple[Any, ...] = (
    *NEVER,
    *(5, -1, 0, True, False, "x", "", "a\x1bb", None),
    *([], [None], np.array([]), {}, {"x": 1}, {5: 1}, Path("x")),
)
GRID = {"policy.fence": [0.0, 1.0]}
READ = functools.cache(ensemble.read)  # Read the ensemble once for all calls.
HERE: dict[str, Any] = {"scenario": find("baseline"), "jobs": 1}  # Read the scenario once.
RECORD = Path(__file__).with_name("record.csv")
#: Calls with all but one argument valid, each with the keywords that are tested.
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any], tuple[str, ...]]] = {
    "BorderModel": (tb.BorderModel, {}, ("days", "name")),
    "BorderModel.load": (BorderModel.load, {"path": "nowhere"}, ()),
    "Scenario": (tb.Scenario, {}, ()),
    "with_settings": (tb.Scenario().with_settings, {}, ()),
    "PolicySpec": (tb.PolicySpec, {"id": "fence"}, ()),
    "load_scenario": (load_scenario, {"text_or_mapping": {}}, ()),
    "load_world": (tb.load_world, {}, ()),
    "policies": (tb.policies, {}, ()),
    "run": (tb.run, HERE, ("days", "start", "engine", "consequence_changes")),
    "compare": (tb.compare, HERE | {"policies": "fence"}, ("start", "world")),
    "sweep of a grid": (tb.sweep, HERE | {"design": GRID}, ("days", "name")),
    "sweep of a design": (tb.sweep, {"design": load("first_look"), "jobs": 1}, ()),
    "validate": (tb.validate, {"jobs": 1}, ("days",)),
    "curve": (tb.curve, HERE | {"instruments": ["fence"]}, ("days",)),
    "sensitivity": (tb.sensitivity, HERE | {"factors": ["contest.eta"], "n": 4}, ("days",)),
    "forecast": (tb.forecast, {"record": RECORD, "members": 1, "jobs": 1}, ("days", "supply")),
    "score_forecast": (tb.score_forecast, {"forecast": "nowhere.json", "observed": RECORD}, ()),
    "optimise": (tb.optimise, {"jobs": 1}, ("days",)),
    "ask": (tb.ask, {"jobs": 1}, ("days",)),
    "PolicyFunction": (PolicyFunction, HERE | {"instruments": ["fence"]}, ("days", "start")),
}
ERRORS = (tb.SettingError, tb.WorldError)
#: Names that errors give to arguments: the name in files, or the invalid part.
NAMES = {
    "start": "from|start",
    "end": "to",
    "design": r"design|grid",
    "instruments": "instrument",
    "budgets": "budget",
    "factors": "factor",
    "uncertain": "uncertain|factor",
    "sides": "side",
    "outcomes": "outcome",
    "policies": "polic",
    "changes": r"settings|x|5",
    "settings": r"settings|x|5",
    "text_or_mapping": r"text_or_mapping|line 1|x|5",
    "folder": "folder|nodes.csv|x",
    "path": "path|file",
    "numbers": "numbers|table of parameters|name of a number",
    "world": "world|nowhere",
    "agent_classes": "agent_classes|nowhere",
}


class StartedError(BaseException):
    """Raised where the first model would be built, after all arguments were accepted."""


def cases() -> list[tuple[str, str]]:
    """Return every argument of every function, including the tested keywords."""
    pairs = []
    for call, (function, _, keywords) in CALLS.items():
        signature = inspect.signature(function).parameters.values()
        names = [p.name for p in signature if p.kind is not inspect.Parameter.VAR_KEYWORD]
        pairs += [(call, name) for name in (*names, *keywords)]
    return pairs


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stop where the first model would be built; never start a worker process."""

    def start(*_: object, **__: object) -> None:
        raise StartedError

    def one_job(jobs: int | None, scenarios: Any = ()) -> int:
        return min(1, read_jobs(jobs, scenarios) or 1)

    read_jobs = studies.arguments.read_jobs
    monkeypatch.setattr(ensemble, "read", READ)
    monkeypatch.setattr(BorderModel, "_build", start)
    monkeypatch.setattr(portfolios, "claim_folder", start)
    monkeypatch.setattr(studies, "sweep_all", start)
    monkeypatch.setattr(studies.arguments, "read_jobs", one_job)
    monkeypatch.chdir(tmp_path)


def outcome(function: Callable[..., Any], arguments: dict[str, Any]) -> Exception | None:
    """Return the error with which a call refuses its arguments; None if it accepts them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(**arguments)
    except StartedError:
        return None
    except ERRORS as error:
        return error
    return None


def test_every_public_name_is_called():
    called = {getattr(function, "__name__", "") for function, *_ in CALLS.values()}
    classes = {"Cost", "Event", "Migrant", "PlaceKind", "Policy", "Status", "SweepResults"}
    agents = {"Detachment", "GendarmeCompany", "InmPost", "Organisation", "PatrolTeam", "Port"}
    agents |= {"SectorCommand", "SmugglerCell"}
    others = {"SECTORS", "measures", "param", "parse_policy", "start_model"}
    others |= {"map_view", "series_view", "difference_view"}  # tests/screen/test_mesa_viz.py
    errors = {error.__name__ for error in ERRORS}
    assert {*tb.__all__} - called == errors | classes | agents | others
    assert {*field_names(tb.Scenario)} <= {name for call, name in cases() if call == "Scenario"}


@pytest.mark.parametrize(("call", "name"), cases())
def test_a_wrong_value_is_refused_by_name_or_works(call: str, name: str):
    function, valid, _ = CALLS[call]
    for value in WRONG:
        shown = f"{call}({name}={value!r:.50})"
        try:
            error = outcome(function, {**valid, name: value})
        except Exception as other:
            raise AssertionError(f"{shown}: {other!r}") from other
        if error is None:
            assert not any(value is one for one in NEVER), f"{shown} is accepted"
            continue
        check_refusal(error)
        pattern = rf"\b({NAMES.get(name, re.escape(name))})"
        assert re.search(pattern, str(error)), f"{shown}: {error}"


NUMBERS = [
    (call, name)
    for call, name in cases()
    if (parameter := inspect.signature(CALLS[call][0]).parameters.get(name))
    and re.fullmatch(r"(int|float)( \| None)?", str(parameter.annotation))
]


@pytest.mark.parametrize(("call", "name"), NUMBERS)
def test_true_is_not_a_number(call: str, name: str):
    function, valid, _ = CALLS[call]
    for value in (True, False):
        assert outcome(function, {**valid, name: value}) is not None, (call, name, value)
