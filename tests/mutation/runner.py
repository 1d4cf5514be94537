"""Run tests on mutants, each in a copy of the repository.

The working tree is never changed. Compiled kernels are in a cache folder of the copy: those of the
unchanged source are compiled once or copied, and those of a mutant, which have another digest, are
deleted after its run. Every run is a new process, forked from one that has imported the libraries
but no module of the project.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.targets import Target

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("abm", "agents", "docs", "experiments", "tests", "twoborders", "viz")
_ARGUMENTS = ("-n", "0", "-x", "-q", "-m", "not slow", "--tb=no", "--hypothesis-seed=0")
_ARGUMENTS += ("-p", "no:cacheprovider", "-p", "tests.mutation.quick")
_ARGUMENTS += ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # libraries are imported already
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    ["numba", "scipy.sparse.csgraph", "scipy.stats", "pandas", "mesa", "networkx", "pytest"]
)
_MEMORY = 3 * 2**30  # bytes of data of a run, since a mutant may fill lists without end
_TIMES, _GRACE = 4.0, 60.0  # limit of a run: times the unmutated run, plus seconds


class UnmutatedTestsFailedError(Exception):
    """The tests of a target fail or hang without any change, so they cannot be used."""


class Workshop:
    """A copy of the repository in which mutants are written and tested.

    Args:
        folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.tree, self.kernels = folder / "tree", folder / "kernels"
        self._log = folder / "log"
        os.environ["PYTHONHASHSEED"] = "0"  # of the new processes
        leave_out = shutil.ignore_patterns("__pycache__", ".hypothesis", "node_modules")
        for name in _COPIED:
            shutil.copytree(ROOT / name, self.tree / name, ignore=leave_out)
        for path in ROOT.glob("*.*"):
            if path.is_file():
                shutil.copy(path, self.tree)
        self._digest = self._copy_kernels()
        self._seconds: dict[tuple[tuple[str, ...], bool], float] = {}
        self._clock = int(time.time())

    def _copy_kernels(self) -> str:
        """Copy the kernels that are compiled already, and return the digest of the source."""
        from agents.jit import folder

        ignored = shutil.ignore_patterns("*.lock", "announced")
        shutil.copytree(folder, self.kernels / folder.name, ignore=ignored)
        return folder.name

    def killed_by(self, target: Target, mutant: Mutant) -> str:
        """Run the tests of a target on a mutant.

        Args:
            target: the files and tests to which the mutant belongs.
            mutant: the change.

        Returns:
            The test that failed, "timeout", or "" if the mutant survives.

        Raises:
            UnmutatedTestsFailedError: the tests fail without the change.
        """
        for files in filter(None, (target.tests, target.slower)):
            limit = _GRACE + _TIMES * self._unmutated_seconds(files, target.compiled)
            with self._changed(mutant):
                failed = self._failed_test(files, target.compiled, limit)
            if failed:
                return failed
        return ""

    def _unmutated_seconds(self, files: tuple[str, ...], compiled: bool) -> float:
        """Return the seconds of test files without a change; they run once."""
        if (files, compiled) not in self._seconds:
            begin = time.monotonic()
            failed = self._failed_test(files, compiled, 900.0)
            if failed:
                raise UnmutatedTestsFailedError(f"{failed} fails without a mutant")
            self._seconds[files, compiled] = time.monotonic() - begin
        return self._seconds[files, compiled]

    @contextlib.contextmanager
    def _changed(self, mutant: Mutant) -> Iterator[None]:
        """Write a mutant into the copy; restore the file and delete its kernels afterwards."""
        path = self.tree / mutant.file
        source = path.read_text(encoding="utf-8")
        self._write(path, mutant.apply(source))
        try:
            yield
        finally:
            self._write(path, source)
            for other in self.kernels.iterdir():
                if other.name != self._digest:
                    shutil.rmtree(other)
            shutil.rmtree(self.tree / ".hypothesis", ignore_errors=True)

    def _write(self, path: Path, text: str) -> None:
        """Write a source file with a new modification time, so that no older bytecode is used."""
        path.write_text(text, encoding="utf-8")
        self._clock += 2  # bytecode stores whole seconds
        os.utime(path, (self._clock, self._clock))

    def _failed_test(self, files: tuple[str, ...], compiled: bool, limit: float) -> str:
        """Run test files until one test fails; return its name, "timeout", or ""."""
        arguments = [*_ARGUMENTS, *files]
        process = _SERVER.Process(
            target=run_pytest, args=(self.tree, self.kernels, self._log, arguments, compiled)
        )
        process.start()
        process.join(limit)
        late = process.is_alive()
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.killpg(process.pid or 0, signal.SIGKILL)  # includes processes started by the tests
        process.join()
        if late:
            return "timeout"
        return first_failure(self._log.read_text(encoding="utf-8"), process.exitcode or 0)


def run_pytest(tree: Path, kernels: Path, log: Path, arguments: list[str], compiled: bool) -> None:
    """Run pytest in this process, which is new and has the libraries imported already.

    Args:
        tree: copy of the repository; its modules are imported.
        kernels: folder of compiled kernels.
        log: file of the output.
        arguments: those of pytest.
        compiled: False to run kernels as plain Python functions.
    """
    os.setsid()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    with log.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.chdir(tree)
    sys.path[:] = [str(tree), *(p for p in sys.path if p and Path(p) != ROOT)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    own = {"PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(kernels)}
    os.environ.update(own | {"NUMBA_DISABLE_JIT": str(int(not compiled))})
    numba_settings: Any = importlib.import_module("numba.core.config")
    numba_settings.reload_config()  # numba has been imported already
    sys.dont_write_bytecode = False  # bytecode of the copy, which later runs read
    sys.exit(int(pytest.main(arguments)))


def first_failure(output: str, code: int) -> str:
    """Return the first failed test in the output of pytest; "" if all passed.

    Args:
        output: text that pytest printed.
        code: its exit code; 0 is success.
    """
    if code == 0:
        return ""
    for line in output.splitlines():
        if line.startswith(("FAILED ", "ERROR ")):
            return line.split()[1]
    return f"pytest ended with code {code}"
