"""Check the arguments of the public functions. Errors are ``SettingError``."""

from __future__ import annotations

import inspect
import json
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from abm.scenario import Scenario, SettingError
from abm.scenario.tree import field_names, paths_of, settings_of
from agents.param import Param, check, did_you_mean, params_of, plain
from experiments.runs.case import Failure
from experiments.runs.study_inputs import join_settings, local_classes
from experiments.sweeps.backend import Backend
from experiments.sweeps.executors import ExecutorInput, open_backend

_SINGLE = {*params_of(Scenario), *settings_of(Scenario)}
#: Scenario settings outside groups, which calls accept as keywords.
KEYWORDS = tuple(n for n in field_names(Scenario) if n in _SINGLE and n != "policies")


def read_settings(
    function: Callable[..., Any], settings: Mapping[str, Any] | None, keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Join a call's settings and keywords.

    Args:
        function: the public function, whose parameters are not settings.
        settings: values by dotted path.
        keywords: keywords that are not parameters of the function.

    Returns:
        Values by dotted path.

    Raises:
        SettingError: a keyword or a path is unknown, or set twice.
    """
    refuse_keywords(function, keywords, KEYWORDS)
    given = mapping("settings", settings, {"contest.eta": 0.5})
    by_path = {str(path): value for path, value in given.items()}
    for path in by_path:
        if path in _parameters(function) and path != "policies":
            raise SettingError(path, "it is an argument, not a setting", f"Give it as {path}=...")
    return join_settings(by_path.items(), keywords.items())


def refuse_keywords(
    function: Callable[..., Any], keywords: Mapping[str, Any], allowed: Iterable[str] = ()
) -> None:
    """Raise ``SettingError`` for an unknown keyword, and suggest the nearest valid keyword.

    Args:
        function: the public function.
        keywords: keywords of the call that are not parameters of the function.
        allowed: valid keywords in addition to these parameters.
    """
    keys = [*_parameters(function), *allowed]
    for name in keywords:
        if name not in allowed:
            hint = _setting_hint(name) or f"{did_you_mean(name, keys)}Keywords: {', '.join(keys)}."
            raise SettingError(name, f"unknown keyword of {function.__name__}", hint)


def _parameters(function: Callable[..., Any]) -> list[str]:
    """Return a function's parameter names."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]


def _setting_hint(name: str) -> str:
    """Return a hint to give a setting by its path, or "" if no setting has this name."""
    paths = [path for path in paths_of(Scenario()) if path.rpartition(".")[2] == name]
    if paths:
        return f'Give it in settings: settings={{"{paths[0]}": ...}}.'
    if name in field_names(Scenario):
        return f'It is a group; give its settings by path: settings={{"{name}.NAME": ...}}.'
    return ""


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """Check a whole number that the user gave.

    Args:
        name: name of the argument.
        value: value of the argument.
        low, high: bounds.

    Returns:
        The number.

    Raises:
        SettingError: the value is not a whole number within the bounds.
    """
    declared = Param(value=low, unit="whole number", low=low, high=high, doc="Argument.")
    return check(name, declared, value)


def optional_number(name: str, value: Any, low: int, high: int) -> int | None:
    """Check a whole number as :func:`whole_number` does. Return None if no value exists."""
    return None if value is None else whole_number(name, value, low, high)


def texts(name: str, value: Any) -> tuple[str, ...]:
    """Return one or several texts as a tuple. Raise ``SettingError`` for other types."""
    items = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
    for item in items:
        if not isinstance(item, str):
            raise SettingError(name, f"{plain(item)} is not a text", "Give a list of names.")
    return tuple(items)


def mapping(name: str, value: Any, example: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a mapping, empty for None. Raise ``SettingError`` for other types."""
    if not isinstance(value, Mapping | None):
        hint = f"Give a mapping, for example {name}={json.dumps(example)}."
        raise SettingError(name, f"{plain(value)} is not a mapping", hint)
    return value or {}


def flag(name: str, value: Any) -> bool:
    """Return a boolean that the user gave. Raise ``SettingError`` for other values."""
    declared = Param(value=False, unit="true or false", low=0, high=1, doc="Argument.")
    return check(name, declared, value)


def read_jobs(jobs: int | None, scenarios: Iterable[Scenario] = ()) -> int | None:
    """Return the number of simultaneous runs, which must be 1 if workers cannot be used.

    Worker processes import the script that started them. Without ``if __name__ == "__main__":``,
    every worker would run the study again. Workers also cannot import a class that is defined in a
    notebook.

    Args:
        jobs: valid number of simultaneous runs, or None for one run per core.
        scenarios: the scenarios of the runs.

    Returns:
        The number, or None for one run per core.

    Raises:
        SettingError: the number is above 1 although this script cannot use workers.
    """
    if jobs is None and (texts := [text for each in scenarios for text in local_classes(each)]):
        warn([f"one run at a time: put {texts[0]} into a file and import it to use all cores."])
        return 1
    if jobs == 1 or not _is_unguarded_script():
        return jobs
    guard = 'if __name__ == "__main__":'
    if jobs is None:
        warn([f"one run at a time: write the script under {guard} to use all cores."])
        return 1
    reason = "every worker process would run this script again"
    raise SettingError("jobs", reason, f"Write the script under {guard}, or give jobs=1.")


def backend(
    jobs: int | None, executor: ExecutorInput, scenarios: Sequence[Scenario] = ()
) -> AbstractContextManager[Backend]:
    """Open the backend for a call's runs. Use this process if workers cannot be used."""
    jobs = optional_number("jobs", jobs, 1, 256)
    if executor is None or (isinstance(executor, str) and executor == "processes"):
        jobs = read_jobs(jobs, scenarios)
        executor = "serial" if jobs == 1 else executor
    return open_backend(executor, jobs)


def _is_unguarded_script() -> bool:
    """Return whether the main module is a file that runs everything when it is imported."""
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if not file or getattr(main, "__spec__", None) is not None or not Path(file).is_file():
        return False
    return "__main__" not in Path(file).read_text(encoding="utf-8", errors="replace")


def warn(texts: Iterable[str]) -> None:
    """Issue a warning for every text, with the line that calls the public function."""
    for text in texts:
        warnings.warn(text, UserWarning, skip_file_prefixes=(str(Path(__file__).parent),))


def report_failures(failures: Sequence[Failure], completed: int | None = None) -> None:
    """Warn about failed runs, or raise an error if no run succeeded.

    Args:
        failures: failed runs.
        completed: number of runs with a result. 0 if no usable result exists, None if the study
            does not count runs.

    Raises:
        SettingError: no run succeeded because of invalid input.
        RuntimeError: no run succeeded for another reason.
    """
    if not failures:
        return
    first, count = failures[0], f"{len(failures)}"
    if completed == 0:
        if all(failure.kind in ("SettingError", "WorldError") for failure in failures):
            raise SettingError(first.name, first.text, "No run succeeded.")
        raise RuntimeError(f"no run succeeded; the first error: {first}")
    count += f" of {len(failures) + completed}" if completed else ""
    warn([f"{count} runs failed and are left out; the first: {first}"])
