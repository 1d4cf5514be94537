"""Execute what documentation, help, docstrings and messages show, at a small scale.

Commands and blocks of a page run in the order of the page, in one folder and one namespace.
"""

from __future__ import annotations

import contextlib
import doctest
import functools
import importlib.util
import io
import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import traceback
import urllib.request
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from abm.scenario import load_scenario
from agents.outcomes import Group
from experiments import design as designs
from experiments import files, timed_trial
from experiments.calibration import doses
from experiments.compare import policies_of
from experiments.design.samples import METHODS
from experiments.optimise import front, surrogate
from experiments.run import run_one
from experiments.scenarios import find
from experiments.supply_backtest import backtest
from tests.docs.shown import GROUP, PAGES, ROOT, Shown, ci_commands, of_page, of_sources, options_of
from tests.resume.asker import evaluator
from viz.cli import long_study, supply
from viz.cli.app import app

#: Values that replace those shown; options that a command has are added with them.
SMALL = {"--scale": "1000", "--days": "30", "--reps": "1", "--jobs": "1"}
SEARCH = {"--members": "2", "--search-members": "1", "--together": "4", "--rounds": "1"}
#: The same for keywords in blocks of Python without prompts, which are run as they are.
PYTHON = {"scale": "1000", "days": "30", "reps": "2", "range": "2"}
#: Commands, and words of other commands, that are run with --dry-run and all their words.
STUDIES = {"ask", "calibrate", "curve", "effects", "sensitivity", "validate"}
STUDY_WORDS = {"--ensemble", "--until", "portfolios"}
#: Files that the screen, or a study that is not executed completely, writes before.
FILES = {
    "world-b.toml": 'extends = "classroom"',
    "out/sweep/sweep-1/sweep.toml": 'name = "mine"\n[grid]\n"policy.fence" = [0.0, 1.0]',
    "out/validate/validation.json": "{}",
    "results/readme.txt": "A folder of sweeps.",
}
#: Addresses that are replaced by this machine: that of the scheduler in the guide to clusters.
HOST, PORT = "10.0.0.1", "8786"
#: What is not executed, by a pattern, and why.
EXCEPTIONS = {
    r"pip |npm |pre-commit |jupyter |uv sync|uv export": "needs the internet",
    r"srun |.*SLURMCluster": "needs a cluster with Slurm",
    r"twoborders bench": "measures for minutes; there is no small measurement",
    r"python -m viz\.screen\.": "writes the packaged runs of lessons and pairs, for minutes",
    r"python -m (experiments\.(bench|field_child)|viz\.bench\.served)": "serves another process",
    r"python -m tests\.mutation --modules": "runs mutants for minutes",
    r"python tests/screen/axe.py": "downloads axe-core; tests/screen calls the same functions",
    r"python -m tests\.golden\.digests": "writes digests; tests/golden runs the same cases",
    r"solara run page\.py": "tests/screen/test_mesa_viz.py runs it in a browser",
}
USAGE, CI = "usage line", "continuous integration runs it"
_DESIGN = re.compile(rf"^\[+({'|'.join(METHODS)})\]", re.MULTILINE)
_PATIENCE = 300.0  # seconds until a server answers


@functools.cache
def everything() -> dict[str, list[Shown]]:
    """Return all that is shown, by page; texts of source files are one page."""
    pages = {page.relative_to(ROOT).as_posix(): of_page(page) for page in PAGES}
    pages["sources"] = of_sources()
    return {name: list({str(one): one for one in shown}.values()) for name, shown in pages.items()}


@functools.cache
def reason(shown: Shown) -> str:
    """Return why something is not executed; "" if it is."""
    words = [] if shown.is_block else shown.words
    if words and (shown.is_usage or in_ci(words)):
        return USAGE if shown.is_usage else CI
    text = " ".join(words or shown.text.split())
    return next((why for pattern, why in EXCEPTIONS.items() if re.match(pattern, text)), "")


def in_ci(words: list[str]) -> bool:
    """Return whether .ci runs a command, with more options perhaps, or all tests of a folder."""
    lines = [*ci_commands(), ["bash", ".ci/run"]]
    part = words[0] in ("pytest", "python", "uv")
    folder = words[0] == "pytest" and len(words) == 2 and (ROOT / words[1]).exists()
    return (
        words in lines
        or (part and any(words[:2] == line[:2] and {*words} <= {*line} for line in lines))
        or (folder and ["pytest"] in lines and ["pytest", "-m", "slow"] in lines)
    )


class Page:
    """What one page shows, with its folder, its Python names, and the servers that it started.

    Attributes:
        finished: error of each command that was run, on any page; "" for none.
        errors: the same for the commands and blocks of this page, by their index.
    """

    finished: ClassVar[dict[tuple[str, ...], str]] = {}

    def __init__(self, shown: Sequence[Shown], folder: Path) -> None:
        self.shown, self.folder, self.port = shown, folder, free_port()
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.errors: dict[int, str] = {}
        self.started: list[subprocess.Popen[bytes]] = []
        shutil.copytree(ROOT / "docs/examples", folder / "docs/examples", dirs_exist_ok=True)
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")

    def error(self, index: int) -> str:
        """Run what is needed up to an index and has not run, and return the error of the last."""
        slow = self.shown[index].is_slow
        for number, shown in enumerate(self.shown[: index + 1]):
            if number in self.errors or (shown.is_slow and not slow):
                continue
            with contextlib.chdir(self.folder), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    self.errors[number] = self._error(shown)
                except (Exception, SystemExit) as error:
                    self.errors[number] = "".join(traceback.format_exception(error)[-4:])
        return self.errors[index]

    def close(self) -> None:
        """End the servers."""
        while self.started:
            self.started[-1].terminate()
            self.started.pop().wait(60)

    def _error(self, shown: Shown) -> str:
        """Run a command or a block; a command in a sentence only once for all pages."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        extras = {*project["project"]["optional-dependencies"], *project["dependency-groups"]}
        if unknown := {*re.findall(r"--(?:extra|group) ([\w-]+)", shown.text)} - extras:
            return f"no extra or group {unknown}"
        if why := reason(shown):
            return check_usage(shown.words) if why == USAGE else ""
        if shown.is_block:
            return self._toml(shown.text) if shown.kind == "toml" else self._python(shown)
        key = tuple(shown.words)
        if key not in self.finished or (shown.kind != "inline" and "serve" not in key):
            output = io.StringIO()
            streams = contextlib.redirect_stdout(output), contextlib.redirect_stderr(output)
            with small_studies(), streams[0], streams[1]:
                code = self._command(shown.words)
            self.finished[key] = (
                "" if code in (0, None) else f"exit code {code}: {output.getvalue()}"
            )
        return self.finished[key]

    def _toml(self, text: str) -> str:
        """Load a scenario or a design, and save it as a file that has its name."""
        if _DESIGN.search(text):
            loaded: Any = designs.read(text, "a page")
            loaded.scenario_at(len(loaded.points) - 1)
        else:
            loaded = load_scenario(text, "a page", find)
            policies_of(loaded, loaded.policies)
            assert load_scenario(loaded.to_toml()) == loaded
        (self.folder / f"{loaded.name}.toml").write_text(text, encoding="utf-8")
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
        """Run a command, in this process if it is Python, and return its exit code."""
        if {"|", ";"} & {*words}:
            return "a pipe or a semicolon"
        if ">" in words or words[0] == "cp":
            Path(words[-1]).parent.mkdir(parents=True, exist_ok=True)
        program, *rest = words[: words.index(">")] if ">" in words else words
        rest = [word.replace(HOST, "127.0.0.1").replace(PORT, str(self.port)) for word in rest]
        if program in ("solara", "dask") or rest[:1] == ["serve"]:
            return self._start(program, rest)
        if program == "twoborders":
            return app(small_command(rest), standalone_mode=False)
        if program.startswith("python"):
            if rest and " ".join(rest[:2]) not in (
                "--version",
                "-m viz.cli",
                "-m twoborders",
                "-m venv",
            ):
                return run_python(rest)
            venv = ["--without-pip", ".venv"] if "venv" in rest else []
            program, rest = sys.executable, [*rest, *venv][: 4 if venv else None]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        words = [shutil.which(program, path=path) or program, *rest]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        print(done.stdout, done.stderr)
        return done.returncode

    def _start(self, program: str, words: list[str]) -> int:
        """Start a server and wait until it answers; that of a cluster stays for later commands."""
        port, cluster = free_port(), program == "dask"
        if not cluster:
            words = [*words, "--no-open", "--port", str(port)]
        words = [str(ROOT / word) if word.endswith(".py") else word for word in words]
        words = " ".join(words).replace("--nworkers 8", "--nworkers 1").split()
        module = "viz.cli" if program == "twoborders" else program
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self.started.append(process)
        answers = wait_for(process, self.port if cluster else port, http=not cluster)
        if not cluster:
            self.started.pop()
            process.terminate()
            process.wait(60)
        return 0 if answers else 1


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(process: subprocess.Popen[bytes], port: int, http: bool) -> bool:
    """Return whether a server answers, with 200 if it is one of pages, before it ends."""
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            if http:
                return urllib.request.urlopen(f"http://127.0.0.1:{port}/").status == 200
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        time.sleep(0.1)
    return False


def check_usage(words: list[str]) -> str:
    """Return an error if a usage line names a command or an option that does not exist."""
    if words[0] != "twoborders" or not re.fullmatch(r"[a-z-]+", words[1]):
        return ""
    if (command := GROUP.commands.get(words[1])) is None:
        return f"no command {words[1]}"
    given = {word.strip("[]") for word in words if word.strip("[")[:1] == "-"}
    return f"no option {given}" if given - options_of(command).keys() else ""


def small_command(words: list[str]) -> list[str]:
    """Return a command with small values; only options that it has are added."""
    command = GROUP.commands.get(words[0] if words else "")
    if command is None or "--help" in words:
        return words
    options, small = options_of(command), SMALL | (SEARCH if words[0] == "optimise" else {})
    if words[0] in STUDIES or STUDY_WORDS & {*words}:
        small = {"--jobs": "1"}
        words = [word for word in words if word != "--dry-run"] + ["--dry-run"]
    elif "--set" in options:
        words = [*words, "--set", "warmup_days=40"]
    for option, value in small.items():
        if option in words:
            words[words.index(option) + 1] = value
        elif option in options:
            words += [option, value]
    return words


def small_python(text: str) -> str:
    """Return Python code with small arguments."""
    for name, value in PYTHON.items():
        text = re.sub(rf"""\b({name}(?:["']?[=:] ?|\())\d+""", rf"\g<1>{value}", text)
    return text


def run_python(words: list[str]) -> Any:
    """Run a module, a script or code as `python` does; pages of the repository stay unchanged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_text", outside_the_repository(Path.write_text))
        patch.setattr(files, "write_text", outside_the_repository(files.write_text))
        patch.setattr(sys, "argv", words[words[0] == "-m" :])
        try:
            if words[0] == "-c":
                exec(small_python(words[1]), {"__name__": "__main__"})
            elif words[0] == "-m":
                found = importlib.util.find_spec(words[1])
                if found is None or found.origin is None:
                    raise ModuleNotFoundError(words[1])
                main = found.origin.replace("__init__.py", "__main__.py")
                runpy.run_path(main, run_name="__main__")  # pytest has a finder of its own
            else:
                runpy.run_path(words[0], run_name="__main__")
        except SystemExit as end:
            return end.code
    return 0


def outside_the_repository(write: Any) -> Any:
    """Return a function that writes a file unless it belongs to the repository."""
    return lambda path, *text, **how: (
        None if Path(path).resolve().is_relative_to(ROOT) else write(path, *text, **how)
    )


@contextlib.contextmanager
def small_studies() -> Iterator[None]:
    """Make designs, timed trials, searches and the test of forecasts small."""
    tiny = {"scale": 1000, "days": 30, "warmup_days": 40}

    def small_trial(case: Any) -> Any:
        return run_one(replace(case, scenario=case.scenario.with_settings(tiny | {"days": 1})))

    def small_design(name: str | Path) -> Any:
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
        patch.setattr(front, "_POPULATION", 8)
        patch.setattr(front, "_GENERATIONS", 2)
        patch.setattr(supply, "backtests", lambda: [backtest(Group.MEXICAN, (), last_year=2005)])
        patch.setattr("shellingham.detect_shell", lambda: ("bash", "bash"))
        patch.setattr(Path, "home", Path.cwd)  # where completion is installed
        yield
