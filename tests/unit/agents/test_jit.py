"""Compiled code is stored under the fingerprint of its sources, with a checksum."""

import importlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from agents import jit
from agents.jit import cache_folder

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
def test_the_digest_depends_on_files_with_kernels_and_on_their_imports(tree, name, counts):
    before = jit.source_digest()
    with (tree / name).open("a", encoding="utf-8") as file:
        file.write("\nADDED = 1\n")
    assert (jit.source_digest() != before) == counts


def test_the_fingerprint_depends_on_numba_and_not_on_the_location(tree, monkeypatch):
    assert jit.source_digest() == jit.folder.name
    monkeypatch.setattr("numba.__version__", "0.0.0")
    assert jit.source_digest() != jit.folder.name


# ---- cache folder -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o777, 0o750, 0o701])
def test_a_folder_that_is_not_private_or_cannot_be_made_is_not_used(tmp_path, monkeypatch, mode):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    temporary = tmp_path / f"twoborders-{os.getuid()}"
    folder = cache_folder("1a2b")
    assert folder == tmp_path / "1a2b" and stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(mode)
    assert cache_folder("1a2b") == temporary / "1a2b"
    temporary.chmod(mode)
    assert temporary not in cache_folder("1a2b").parents
    temporary.chmod(0o700)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    assert cache_folder("1a2b") == temporary / "1a2b"
    monkeypatch.setattr(os, "getuid", lambda: temporary.stat().st_uid + 1)
    with pytest.raises(PermissionError):
        jit._make_private(temporary)


def test_the_folders_of_the_last_used_versions_remain(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    current = jit.kernel_folder()
    names = [f"{version:016x}" for version in range(jit.MAX_VERSIONS + 3)]
    for age, name in enumerate((*names, "warmups")):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    os.utime(current, (0, 0))
    jit.kernel_folder()
    remaining = {current.name, "warmups", *names[: jit.MAX_VERSIONS - 1]}
    assert {path.name for path in tmp_path.iterdir()} == remaining


# ---- stored kernels -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a new folder in which the decorators store kernels."""
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


def damages(stored: bytes) -> dict[str, bytes]:
    """Return damaged copies of a stored kernel: flipped bits, truncations and an extra byte."""
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
        assert jit.read_checked(path) is None, name
    recompiled = make_kernel()
    assert recompiled(2) == 6 and compiled(recompiled) == 1
    assert make_kernel()(2) == 6 and jit.read_checked(path) is not None


def test_a_full_disk_neither_stops_a_run_nor_leaves_an_incomplete_file(folder, monkeypatch):
    def full(_path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert make_kernel()(2) == 6
    assert {path.suffix for path in folder.iterdir() if path.is_file()} == {".lock", ""}


def test_without_a_writable_folder_a_kernel_is_compiled_and_not_stored(monkeypatch):
    """A container with read-only file systems has no writable folder."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.devnull)
    monkeypatch.setattr("tempfile.tempdir", os.devnull)
    monkeypatch.setattr(jit, "folder", jit.kernel_folder())
    assert make_kernel()(2) == 6 and not jit.folder.exists()


REPLACED = """
import sys
from agents import chance
if sys.argv[1:]:
    chance._TO_UNIT = float(sys.argv[1])
print(chance.draw4(1, 2, 3, 4)[0], sum(chance.draw4.stats.cache_misses.values()))
"""


def test_a_replaced_constant_compiles_a_separate_kernel(tmp_path):
    """A process that replaces a constant does not share kernels with other processes.

    It neither loads the stored kernel nor stores its kernel in place of that kernel. The constant
    is read by a function that the kernel calls.
    """
    variables = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment = os.environ | variables | {"NUMBA_DISABLE_JIT": "0"}

    def draw(*constant: str) -> list[str]:
        start = [sys.executable, "-c", REPLACED, *constant]
        return subprocess.check_output(start, env=environment, text=True).split()

    (replaced, misses), (plain, plain_misses) = draw("1e-10"), draw()
    assert misses == plain_misses == "1"
    assert float(replaced) == pytest.approx(float(plain) * 1e-10 * 2**32)
    assert draw() == [plain, "0"] and draw("1e-10") == [replaced, "0"]


VALUES = """
class Kind(enum.IntEnum):
    MEMBER = {value}

class Plain(enum.Enum):
    MEMBER = {value}

def of_closure(number, kind):
    def outer(x):
        return x * number * kind.MEMBER
    return shared(outer)

@shared
def called(x, factor={value}):
    return x * factor

@shared
def reader(x):
    return x * Kind.MEMBER * constants.NUMBER

of_cells = of_closure({value}, Kind)
constants.NUMBER, constants.ARRAY = {value}, np.array([{value}])
constants.function = [math.exp, math.expm1, math.cos][{value}]
arrays = (np.where(np.arange(2000) == 1500, {value}, 0),)
number_type = [np.int8, np.int16, np.int64][{value}]

def kernel(x):
    return {expression}
"""


@pytest.mark.parametrize(
    "expression",
    [
        "x * Kind.MEMBER",
        "x * Plain.MEMBER.value",
        "x * constants.NUMBER",
        "x * constants.ARRAY[0]",
        "constants.function(x)",
        "called(x)",
        "of_cells(x)",
        "reader(x)",
        "x * arrays[0][1500]",
        "number_type(100 * x)",
    ],
)
def test_a_replaced_value_of_any_kind_recompiles_the_kernel(folder, expression):
    """Numba writes these values into the compiled code, although the source stays the same."""

    def define(value: int):
        names = {name: importlib.import_module(name) for name in ("enum", "math")}
        module = ModuleType(f"constants{value}")  # numba identifies a module by its name
        names |= {"np": np, "shared": jit.shared, "constants": module, "__name__": __name__}
        exec(VALUES.format(value=value, expression=expression), names)
        return names["kernel"]

    for value in (1, 2, 1):
        function = define(value)
        assert jit.kernel(function)(3) == pytest.approx(function(3), rel=1e-15), value
    assert len(list(folder.glob("kernel-*.kernel"))) == 2


PROGRAM = """
import sys
from agents import jit

@jit.shared
def slow(x):
    total = 0
    for i in range(x):
        total += i % 7
    return total

@jit.kernel
def outer(x):
    return slow(x) + slow(x + 1)

assert outer(5) == 25
compiled = sum(sum(k.stats.cache_misses.values()) for k in (slow, outer))
print(compiled, "numba.misc.cffiimpl" in sys.modules)
"""


def test_only_one_of_two_new_processes_imports_the_compiler_and_compiles(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    variables = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    start = [sys.executable, str(program)]
    environment = os.environ | variables | {"NUMBA_DISABLE_JIT": "0"}
    processes = [
        subprocess.Popen(start, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sorted(process.communicate()[0] for process in processes) == ["0 False\n", "2 True\n"]
