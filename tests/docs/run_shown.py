"""Execute what documentation, help, docstrings and messages show, at a small scale.

Commands and Python blocks of a page run in the order of the page, in one folder and one namespace.
"""

from __future__ import annotations

import contextlib
import doctest
import functools
import io
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.request
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import pytest

from abm.scenario import load_scenario
from agents.outcomes import Group
from experiments import design as designs
from experiments import timed_trial
from experiments.calibration import doses
from experiments.compare import policies_of
from experiments.design import Design, read
from experiments.design.samples import METHODS
from experiments.optimise import front, surrogate
from experiments.run import run_one
from experiments.scenarios import find
from experiments.supply_backtest import backtest
from tests.docs.shown import GROUP, PAGES, ROOT, Shown, ci_commands, of_page, of_sources, options_of
from tests.resume.asker import evaluator
from viz.cli import long_study, supply
from viz.cli.app import app

#: Options of a small run. They replace shown values and are added to commands that have them.
SMALL = {"--scale": "1000", "--days": "30", "--reps": "1", "--jobs": "1"}
#: Values of the search; its runs are artificial.
SEARCH = {"--members": "2", "--search-members": "1", "--together": "4", "--rounds": "1"}
#: Arguments in Python code.
PYTHON = {"scale": "1000", "days": "30", "reps": "2", "rng": "range(2)"}
#: Studies of many runs, which get --dry-run. So does every command with one of these options.
STUDIES = {"ask", "calibrate", "curve", "effects", "sensitivity", "validate"}
STUDY_OPTIONS = {"--ensemble", "--until"}
#: Files that the screen, or a command that is not executed completely, writes before.
FILES = {
    "world-b.toml": 'extends = "classroom"',
    "out/sweep/sweep-1/sweep.toml": 'name = "mine"\n[grid]\n"policy.fence" = [0.0, 1.0]',
    "out/validate/validation.json": "{}",
    "results/readme.txt": "A folder of sweeps.",
}
#: What is not executed, by a pattern, and why.
EXCEPTIONS = {
    r"pip |npm |pre-commit |jupyter |uv sync|uv export": "needs the internet",
    r"uv build --wheel": "compiles the kernels for a wheel, a minute or more",
    r"srun |.*SLURMCluster": "needs a cluster with Slurm",
    r"twoborders bench": "measures for minutes; there is no small measurement",
    r"python -m viz\.screen\.": "writes the packaged runs of lessons and pairs, for minutes",
    r"python -m (experiments\.(bench|field_child)|viz\.bench\.served)": "serves another process",
    r"python -m tests\.mutation --modules": "runs mutants for minutes",
    r"python tests/screen/axe.py": "downloads axe-core; tests/screen calls the same functions",
    r"python -m tests\.golden\.digests": "writes digests; tests/golden runs the same cases",
    r".*SolaraViz": "needs altair, which only tests/mesa_compat installs",
}
#: Calls of Python that need a process.
IN_A_PROCESS = ("--version", "-m venv", "-m viz.cli", "-m twoborders")
_DESIGN = re.compile(rf"^\[+({'|'.join(METHODS)})\]", re.MULTILINE)
_PATIENCE = 300.0  # seconds until a server answers
_CLUSTER = "10.0.0.1"


@functools.cache
def ci_lines() -> list[list[str]]:
    """Return the words of the commands of continuous integration."""
    return [line.split() for line in sorted(ci_commands()) if line]


def reason(shown: Shown) -> str:
    """Return why something is not executed; "" if it is."""
    if shown.is_usage:
        return "usage line"
    words = [] if shown.is_block else shown.words
    if words and in_ci(words):
        return "continuous integration runs it"
    text = " ".join(words or shown.text.split())
    return next((why for pattern, why in EXCEPTIONS.items() if re.match(pattern, text)), "")


def in_ci(words: list[str]) -> bool:
    """Return whether .ci runs a command, with more options perhaps, or all tests of a folder."""
    lines = ci_lines()
    part = words[0] in ("pytest", "python", "uv")
    tests = words[0] == "pytest" and len(words) == 2 and (ROOT / words[1]).exists()
    return (
        words in (*lines, ["bash", ".ci/run"])
        or (part and any(words[:2] == line[:2] and {*words} <= {*line} for line in lines))
        or (tests and ["pytest"] in lines and ["pytest", "-m", "slow"] in lines)
    )


class Page:
    """What one page shows, with its folder and its Python names.

    Attributes:
        shown: commands and blocks in the order of the page.
        folder: working folder.
        names: namespace of the Python blocks.
        errors: error of each that was run, "" for none.
        started: servers that later commands need.
    """

    finished: ClassVar[dict[tuple[str, ...], str]] = {}  # commands in sentences, over all pages

    def __init__(self, shown: Sequence[Shown], folder: Path) -> None:
        self.shown, self.folder = shown, folder
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.errors: list[str] = []
        self.started: list[subprocess.Popen[bytes]] = []
        self.port = free_port()  # of the cluster
        shutil.copytree(
            ROOT / "docs" / "examples", folder / "docs" / "examples", dirs_exist_ok=True
        )
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")

    def error(self, index: int) -> str:
        """Run everything up to an index that has not run yet, and return the error of the last."""
        for shown in self.shown[len(self.errors) : index + 1]:
            with contextlib.chdir(self.folder), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    self.errors.append(self._try(shown))
                except (Exception, SystemExit) as error:
                    self.errors.append("".join(traceback.format_exception(error)[-4:]))
        return self.errors[index]

    def close(self) -> None:
        """End the servers."""
        for process in self.started:
            stop(process)

    def _try(self, shown: Shown) -> str:
        """Run a command or block and return its error."""
        key = () if shown.is_block else tuple(shown.words)
        repeated = shown.kind == "inline" or key[1:2] == ("serve",)
        if repeated and key in self.finished:
            return self.finished[key]
        why = reason(shown)
        error = check_usage(shown.words) if why == "usage line" else "" if why else self._run(shown)
        if key:
            self.finished[key] = error
        return error

    def _run(self, shown: Shown) -> str:
        if shown.kind == "toml":
            return self._load(shown.text)
        if shown.kind == "python":
            return self._python(shown)
        if "|" in shown.words or ";" in shown.words:
            return "a pipe or a semicolon: write one command in a line"
        words, output = shown.words, io.StringIO()
        if ">" in words:
            target = self.folder / words[words.index(">") + 1]
            target.parent.mkdir(parents=True, exist_ok=True)
            words = words[: words.index(">")]
        streams = contextlib.redirect_stdout(output), contextlib.redirect_stderr(output)
        with small_studies(), streams[0], streams[1]:
            code = self._command(words)
        return "" if code in (0, None) else f"exit code {code}: {output.getvalue()[-2000:]}"

    def _load(self, text: str) -> str:
        """Load a scenario or a design, and save it as a file that has its name."""
        if _DESIGN.search(text):
            design = read(text, "a page")
            design.scenario_at(len(design.points) - 1)
            name = design.name
        else:
            scenario = load_scenario(text, "a page", find)
            policies_of(scenario, scenario.policies)
            assert load_scenario(scenario.to_toml()) == scenario
            name = scenario.name
        (self.folder / f"{name}.toml").write_text(text, encoding="utf-8")
        return ""

    def _python(self, shown: Shown) -> str:
        """Run a block of Python; one with prompts as a doctest."""
        if ">>>" not in shown.text:
            exec(compile(small_python(shown.text), str(shown), "exec"), self.names)
            return ""
        examples = doctest.DocTestParser().get_examples(shown.text)
        test = doctest.DocTest(examples, {}, str(shown), shown.page, shown.line, None)
        test.globs, output = self.names, list[str]()
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        runner.run(test, out=output.append, clear_globs=False)
        return "".join(output)

    def _command(self, words: list[str]) -> Any:
        """Run a command in this process if it is Python, and return its exit code."""
        program, *rest = words
        if program == "twoborders" and rest[:1] == ["serve"]:
            given = ["--no-open", "--port", str(port := free_port())]
            return self._serve([sys.executable, "-m", "viz.cli", *rest, *given], port)
        if program == "solara":
            given = ["--no-open", "--port", str(port := free_port())]
            rest[-1] = str(ROOT / rest[-1])
            return self._serve([sys.executable, "-m", "solara", *rest, *given], port)
        if program == "dask":
            return self._cluster(rest)
        if program == "twoborders":
            rest = [word.replace(f"{_CLUSTER}:8786", f"127.0.0.1:{self.port}") for word in rest]
            home = {"HOME": str(self.folder)} if "--install-completion" in rest else {}
            with mock.patch.dict(os.environ, home):
                return app(small_command(rest), standalone_mode=False)
        if program.startswith("python") and rest and " ".join(rest[:2]) not in IN_A_PROCESS:
            return run_python(rest)
        if program.startswith("python"):
            words = [sys.executable, *rest]
            if "venv" in rest:
                words += ["--without-pip", *[".venv"] * (rest[-1] == "venv")]
        if program == "cp":
            Path(rest[-1]).parent.mkdir(parents=True, exist_ok=True)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        words[0] = shutil.which(words[0], path=path) or words[0]
        return subprocess.run(words, stdin=subprocess.DEVNULL, check=False).returncode

    def _serve(self, words: list[str], port: int) -> int:
        """Start a server, wait until it answers 200, and end it."""
        process = self._start(words)
        self.started.remove(process)
        try:
            return 0 if wait_for(process, port, http=True) else 1
        finally:
            stop(process)

    def _cluster(self, words: list[str]) -> int:
        """Start a scheduler or a worker of Dask on this machine; later commands use them."""
        changed = {_CLUSTER: "127.0.0.1", "8786": str(self.port), "8": "1"}
        changed[f"{_CLUSTER}:8786"] = f"127.0.0.1:{self.port}"
        words = [changed.get(word, word) for word in words]
        return 0 if wait_for(self._start([sys.executable, "-m", "dask", *words]), self.port) else 1

    def _start(self, words: list[str]) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        self.started.append(process)
        return process


def check_usage(words: list[str]) -> str:
    """Return an error if a usage line names a command or an option that does not exist."""
    command = GROUP.commands.get(words[1]) if words[0] == "twoborders" else None
    if command is None:
        return (
            ""
            if words[0] != "twoborders" or not re.fullmatch(r"[a-z-]+", words[1])
            else f"no command {words}"
        )
    options = options_of(command)
    given = [word.strip("[]") for word in words if word.strip("[")[:1] == "-"]
    return f"no option {given}" if set(given) - options.keys() else ""


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process."""
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def wait_for(process: subprocess.Popen[bytes], port: int, http: bool = False) -> bool:
    """Return whether a server answers before it ends."""
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            if http:
                return urllib.request.urlopen(f"http://127.0.0.1:{port}/").status == 200
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        time.sleep(0.1)
    return False


def small_command(words: list[str]) -> list[str]:
    """Return a command with small values; only options that it has are added."""
    command = GROUP.commands.get(words[0] if words else "")
    if command is None or "--help" in words:
        return words
    options, words = options_of(command), list(words)
    if words[0] in STUDIES or STUDY_OPTIONS & {*words}:
        small = {"--jobs": "1"}
        words += [word for word in ["--dry-run"] if word not in words]
    else:
        small = SMALL | SEARCH if words[0] == "optimise" else SMALL
        words += ["--set", "warmup_days=40"] if "--set" in options else []
    for option, value in small.items():
        if option in words:
            words[words.index(option) + 1] = value
        elif option in options:
            words += [option, value]
    return words


def small_python(text: str) -> str:
    """Return Python code with small arguments."""
    for name, value in PYTHON.items():
        text = re.sub(rf"""\b({name}["']?[=:] ?)(\d+|range\(\d+\))""", rf"\g<1>{value}", text)
    return text


def run_python(words: list[str]) -> Any:
    """Run a module, a script or code as `python` does; pages of the repository stay unchanged."""
    from experiments import files

    write = Path.write_text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Path,
            "write_text",
            lambda path, *text, **how: (
                0 if path.is_relative_to(ROOT) else write(path, *text, **how)
            ),
        )
        patch.setattr(files, "write_text", lambda path, text: None)
        patch.setattr(sys, "argv", words)
        try:
            if words[0] == "-c":
                exec(small_python(words[1]), {"__name__": "__main__"})
            elif words[0] == "-m":
                patch.setattr(sys, "argv", words[1:])
                runpy.run_module(words[1], run_name="__main__", alter_sys=True)
            else:
                runpy.run_path(words[0], run_name="__main__")
        except SystemExit as end:
            return end.code
    return 0


@contextlib.contextmanager
def small_studies() -> Iterator[None]:
    """Make designs, timed trials, searches and the test of forecasts small."""
    tiny = {"scale": 1000, "days": 30, "warmup_days": 40}

    def small_trial(case: Any) -> Any:
        return run_one(replace(case, scenario=case.scenario.with_settings(tiny | {"days": 1})))

    def small_design(name: str | Path) -> Design:
        design = load(name)
        scenario = design.scenario.with_settings(tiny)
        return replace(design, scenario=scenario, reps=1, members=design.members[:1])

    def first_simulation(*given: Any) -> Any:
        simulated.extend([] if simulated else [simulate(*given)])
        return simulated[0]

    load, simulate, simulated = designs.load, doses.simulate, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timed_trial, "run_one", small_trial)
        patch.setattr(designs, "load", small_design)
        patch.setattr(doses, "simulate", first_simulation)
        patch.setattr(long_study, "Evaluator", evaluator)
        patch.setattr(surrogate, "lengths", lambda width: 2.0)
        patch.setattr(front, "_POPULATION", 16)
        patch.setattr(front, "_GENERATIONS", 5)
        patch.setattr("shellingham.detect_shell", lambda: ("bash", "bash"))
        patch.setattr(supply, "backtests", lambda: [backtest(Group.MEXICAN, (), last_year=2005)])
        yield


@functools.cache
def everything() -> dict[str, list[Shown]]:
    """Return all that is shown, by page; texts of source files are one page."""
    pages = {page.relative_to(ROOT).as_posix(): of_page(page) for page in PAGES}
    pages["sources"] = of_sources()
    return {name: list({str(one): one for one in shown}.values()) for name, shown in pages.items()}


def cases(folder: str, inside: bool = True) -> list[Any]:
    """Return page and index of all that is executed on the pages inside a folder, or outside it."""
    return [
        pytest.param(name, index, id=str(shown))
        for name, page in everything().items()
        for index, shown in enumerate(page)
        if name.startswith(folder) == inside and reason(shown) in ("", "usage line")
    ]


def record() -> tuple[Counter[str], list[str]]:
    """Return the number of commands and blocks by fate, and the list of exceptions."""
    fates: Counter[str] = Counter()
    kinds = {"python": "Python blocks run", "toml": "TOML blocks run"}
    for shown in (shown for page in everything().values() for shown in page):
        why = reason(shown)
        fates[
            "not run"
            if why in EXCEPTIONS.values()
            else why or kinds.get(shown.kind, "commands run")
        ] += 1
    return fates, [f"{pattern}: {why}" for pattern, why in EXCEPTIONS.items()]
