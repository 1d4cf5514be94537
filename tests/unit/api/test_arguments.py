"""An invalid argument of a public function gives an error with its name, the reason and the fix."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import twoborders as tb
from experiments.runs.study_inputs import LARGEST_SEED
from twoborders.arguments import read_jobs

GIVEN: dict[str, Any] = {
    "unguarded": "run()\n",
    "guarded": 'if __name__ == "__main__":\n    run()\n',
}


def invalid(function: Callable[..., Any], *words: str, **arguments: Any) -> Any:
    """Return a test case: a function, its arguments, and words that the error must contain."""
    return pytest.param(function, arguments, words, id=f"{function.__name__}-{words[0]}")


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        invalid(tb.compare, "dayz", "unknown keyword of compare", 'mean "days"', dayz=30),
        invalid(tb.run, "eta", 'settings={"contest.eta": ...}', eta=0.5),
        invalid(tb.run, "contest.etta", 'mean "contest.eta"', settings={"contest.etta": 0.5}),
        invalid(tb.run, "settings", "not a mapping", settings=["contest.eta=0.5"]),
        invalid(tb.run, "seed", "Give it as seed=", settings={"seed": 3}),
        invalid(tb.run, "days", "set twice", days=3, settings={"days": 3}),
        invalid(tb.run, "scenario", 'mean "baseline"', scenario="basline"),
        invalid(tb.run, "policies.fense", 'mean "fence"', policies="fense"),
        invalid(tb.run, "seed", "too large", seed=LARGEST_SEED, reps=2),
        invalid(tb.compare, "policies", "contains a comma", policies="fence,patrol_surge"),
        invalid(tb.compare, "members", "smaller number", members=9999),
        invalid(tb.sweep, "design", 'mean "first_look"', design="frist_look"),
        invalid(tb.sweep, "reps", "a design has its own", design="first_look", reps=3),
        invalid(tb.sweep, "grid.policy.fense", 'mean "fence"', design={"policy.fense": [1]}),
        invalid(tb.validate, "days", "a validation fixes it", days=30),
        invalid(tb.ask, "reps", "unknown keyword of ask", reps=3),
        invalid(tb.ask, "budgets", "not a budget", budgets=["12"]),
    ],
)
def test_an_invalid_argument_is_named_with_its_fix(
    function: Callable[..., Any], arguments: dict[str, Any], words: tuple[str, ...]
):
    with pytest.raises(tb.SettingError) as raised:
        function(**arguments)
    assert raised.value.path == words[0]
    assert all(word in str(raised.value) for word in words[1:]), raised.value


@pytest.mark.parametrize("name", GIVEN)
def test_workers_never_run_a_script_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    script = tmp_path / "study.py"
    script.write_text(GIVEN[name])
    main = types.ModuleType("__main__")
    main.__file__ = str(script)
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert read_jobs(1) == 1
    if name == "guarded":
        assert read_jobs(None) is None and read_jobs(4) == 4
        return
    with pytest.warns(UserWarning, match="one run at a time"):
        assert read_jobs(None) == 1
    with pytest.raises(tb.SettingError, match="run this script again"):
        read_jobs(4)
