"""Compiled code is stored under the fingerprint of its sources, with a checksum."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.errors import TypingError

from agents import jit, kernel_cache
from agents.kernel_cache import cache_folder

HERE = Path(jit.__file__).parent
ROOT = HERE.parent


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a copy of the package that a test can edit."""
    copy = tmp_path / "agents"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(jit, "_AGENTS", copy)
    return copy


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("chance.py", True),
        ("migrants/kernels.py", True),
        ("outcomes.py", True),  # constants that kernels read
        ("migrants/columns.py", True),
        ("environment.py", True),
        ("gendarmes.py", False),
        ("migrants/migrant_params.py", False),
    ],
)
def test_a_change_counts_in_files_with_kernels_and_in_those_that_they_import(tree, name, counts):
    before = jit.source_digest()
    with (tree / name).open("a", encoding="utf-8") as file:
        file.write("\nADDED = 1\n")
    assert (jit.source_digest() != before) == counts


def test_the_fingerprint_depends_on_numba_and_not_on_the_location(tree, monkeypatch):
    assert jit.source_digest() == jit.folder.name
    monkeypatch.setattr("numba.__version__", "0.0.0")
    assert jit.source_digest() != jit.folder.name


class Running(ast.NodeTransformer):
    """Remove imports for type checking only."""

    def visit_If(self, node):
        for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if for_types else self.generic_visit(node)


def imported(path: Path) -> set[Path]:
    """Return the files of this package that a file imports at run time."""
    files = set()
    for node in ast.walk(Running().visit(ast.parse(path.read_text(encoding="utf-8")))):
        modules = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import escapes the fingerprint"
            modules = [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.Import):
            modules = [name.name for name in node.names]
        for module in modules:
            file = ROOT.joinpath(*str(module).split(".")).with_suffix(".py")
            if str(module).startswith("agents") and file.is_file():
                files.add(file)
    return files


def test_all_imports_of_kernel_files_are_part_of_the_fingerprint():
    counted = set(jit._compiled_sources())
    assert len(counted) > 10
    for path in counted:
        assert imported(path) <= counted


# ---- cache folder -------------------------------------------------------------------------------


def test_the_folder_is_that_of_numba_of_the_caches_or_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cache_folder("1a2b") == tmp_path / "numba/1a2b"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert cache_folder("1a2b") == tmp_path / "caches/twoborders/1a2b"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder("1a2b") == tmp_path / "me/.cache/twoborders/1a2b"
    assert cache_folder("1a2b").is_dir()


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Make the cache folder impossible to create; return the temporary one of this user."""
    (tmp_path / "in_the_way").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "in_the_way"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / f"twoborders-{os.getuid()}"


def test_all_processes_of_a_user_share_one_temporary_folder_if_none_can_be_created(temporary):
    assert cache_folder("1a2b") == cache_folder("1a2b") == temporary / "1a2b"
    assert temporary.stat().st_mode & 0o777 == 0o700


def test_a_temporary_folder_that_others_can_write_is_not_used(temporary):
    temporary.mkdir()
    temporary.chmod(0o777)
    folder = cache_folder("1a2b")
    assert folder.is_dir() and temporary not in folder.parents


# ---- stored kernels -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a new folder of kernels, used by the decorators."""
    monkeypatch.setattr(jit, "folder", tmp_path / "1a2b")
    (tmp_path / "1a2b").mkdir()
    return tmp_path / "1a2b"


def make_kernel():
    """Return a kernel that this process has neither compiled nor loaded."""

    @jit.kernel
    def thrice(x):
        return 3 * x

    return thrice


def compiled(kernel) -> int:
    """Return how many versions of a kernel were compiled rather than loaded."""
    return sum(kernel.stats.cache_misses.values())


def test_compiled_code_is_stored_and_loaded_and_announced_once(folder, capsys):
    first, second = make_kernel(), make_kernel()
    assert first(2) == second(2) == 6
    assert (compiled(first), compiled(second)) == (1, 0)
    assert first(1.5) == 4.5 and len(list(folder.glob("*.kernel"))) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("compiling the model for this machine, once")


def damages(stored: bytes) -> dict[str, bytes]:
    """Return damaged copies of a stored kernel: one bit at many places, and parts of it."""
    copies = {"empty": b"", "half": stored[: len(stored) // 2], "longer": stored + b"\0"}
    for position in range(0, len(stored), len(stored) // 40):
        flipped = bytearray(stored)
        flipped[position] ^= 1 << position % 8
        copies[f"bit at {position}"] = bytes(flipped)
    return copies


def test_a_damaged_kernel_is_never_loaded_and_compiled_again(folder):
    make_kernel()(2)
    (path,) = folder.glob("*.kernel")
    stored = path.read_bytes()
    for name, damaged in damages(stored).items():
        path.write_bytes(damaged)
        assert kernel_cache.read_checked(path) is None, name
    again = make_kernel()
    assert again(2) == 6 and compiled(again) == 1
    assert make_kernel()(2) == 6 and kernel_cache.read_checked(path) is not None


def test_a_full_disk_does_not_stop_a_run_or_leave_a_part_of_a_file(folder, monkeypatch):
    def full(_path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert make_kernel()(2) == 6
    assert {path.suffix for path in folder.iterdir() if path.is_file()} == {".lock", ""}


def test_a_wrong_kernel_can_be_compiled_again_after_its_error(folder, monkeypatch):
    monkeypatch.setattr(kernel_cache.time, "sleep", None)  # a wait would raise an error

    @jit.kernel
    def wrong(x):
        return x.no_such_attribute

    for _ in range(2):
        with pytest.raises(TypingError):
            wrong(1)


PROGRAM = """
import sys
from agents import jit

@jit.kernel
def slow(x):
    total = 0
    for i in range(x):
        total += i % 7
    return total

@jit.kernel
def outer(x):
    return slow(x) + slow(x + 1)

assert outer(5) == 25
print(sum(sum(k.stats.cache_misses.values()) for k in (slow, outer)))
"""


def test_of_several_new_processes_one_compiles_and_the_others_wait(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    variables = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    start = [sys.executable, str(program)]
    environment = os.environ | variables | {"NUMBA_DISABLE_JIT": "0"}
    processes = [
        subprocess.Popen(start, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    misses = [int(process.communicate()[0]) for process in processes]
    assert sum(misses) == 2, misses


HOLDER = """
import sys, time
from pathlib import Path
from agents.kernel_cache import _locked
with _locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_of_a_killed_process_is_free_and_that_of_a_stopped_one_is_not_waited_for_forever(
    folder, monkeypatch
):
    make_kernel()(2)
    (path,) = folder.glob("*.kernel")
    path.unlink()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path.with_suffix(".lock"))],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
    monkeypatch.setattr(kernel_cache, "LONGEST_WAIT", 0.2)
    assert make_kernel()(2) == 6  # the other process never ends
    path.unlink()
    holder.kill()
    holder.wait()
    monkeypatch.setattr(kernel_cache.time, "sleep", None)  # a wait would raise an error
    assert make_kernel()(2) == 6
