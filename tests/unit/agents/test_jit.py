"""Compiled code is cached under the fingerprint of its sources."""

import ast
import os
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import TypingError

from abm.model import BorderModel
from agents import compile_ahead, jit
from agents.kernel_cache import CompileLock, KernelFolder, cache_folder
from agents.migrants.kernels import act_due
from experiments.scenarios import find

HERE = Path(jit.__file__).parent
KERNELS = sorted(
    path.relative_to(HERE).as_posix()
    for path in HERE.rglob("*.py")
    if "from agents.jit import" in path.read_text(encoding="utf-8")
)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a copy of the package that a test can edit."""
    copy = tmp_path / "agents"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(jit, "_HERE", copy)
    return copy


def edit(path: Path) -> None:
    """Add a line that changes the text."""
    path.write_text(path.read_text(encoding="utf-8") + "\nADDED = 1\n", encoding="utf-8")


def digest_changes(path: Path) -> bool:
    """Return whether editing a file changes the fingerprint."""
    before = jit.source_digest()
    edit(path)
    return jit.source_digest() != before


def test_some_files_contain_kernels():
    assert {"chance.py", "routing.py", "migrants/decisions.py", "migrants/kernels.py"} <= set(
        KERNELS
    )


@pytest.mark.parametrize("name", KERNELS)
def test_a_change_in_a_file_with_kernels_changes_the_fingerprint(tree, name):
    assert digest_changes(tree / name)


@pytest.mark.parametrize(
    "name", ["outcomes.py", "migrants/columns.py", "environment.py", "labels.py", "contest.py"]
)
def test_a_change_in_constants_that_kernels_read_changes_the_fingerprint(tree, name):
    assert digest_changes(tree / name)


@pytest.mark.parametrize(
    "name",
    ["migrants/migrant_params.py", "gendarmes.py", "border_patrol.py", "levers.py"],
)
def test_a_change_in_a_file_that_no_kernel_reads_changes_nothing(tree, name):
    assert not digest_changes(tree / name)


def test_a_new_file_with_kernels_changes_the_fingerprint(tree):
    before = jit.source_digest()
    (tree / "new.py").write_text("x = 1\n", encoding="utf-8")
    assert jit.source_digest() == before
    (tree / "new.py").write_text("from agents.jit import kernel\n", encoding="utf-8")
    assert jit.source_digest() != before


def test_the_fingerprint_does_not_depend_on_the_location(tree, monkeypatch):
    copied = jit.source_digest()
    moved = tree.parent / "elsewhere" / "agents"
    shutil.copytree(tree, moved)
    monkeypatch.setattr(jit, "_HERE", moved)
    assert jit.source_digest() == copied


def test_another_version_of_numba_changes_the_fingerprint(tree, monkeypatch):
    before = jit.source_digest()
    monkeypatch.setattr("numba.__version__", "0.0.0")
    assert jit.source_digest() != before


class Running(ast.NodeTransformer):
    """Remove imports for type checking only."""

    def visit_If(self, node):
        for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if for_types else self.generic_visit(node)


def imported(path: Path) -> set[Path]:
    """Return the files of this package that a file imports at run time."""
    found = set()
    for node in ast.walk(Running().visit(ast.parse(path.read_text(encoding="utf-8")))):
        modules = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import escapes the fingerprint"
            modules = [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.Import):
            modules = [name.name for name in node.names]
        for module in modules:
            file = HERE.parent.joinpath(*str(module).split(".")).with_suffix(".py")
            if str(module).startswith("agents") and file.is_file():
                found.add(file)
    return found


def test_all_imports_of_kernel_files_are_part_of_the_fingerprint():
    counted = set(jit._compiled_sources())
    assert {HERE / name for name in KERNELS} <= counted
    for path in counted:
        assert imported(path) <= counted


# ---- versions of a function ---------------------------------------------------------------------


def test_a_call_with_another_constant_or_a_narrower_integer_does_not_compile_again():
    @jit.internal
    def twice(x):
        return 2 * x

    @jit.inlined
    def caller(x):
        return twice(1) + twice(2) + twice(np.uint8(3)) + twice(x) + twice(1.5)

    assert caller(4) == 23.0
    assert [str(args[0]) for args in twice.overloads] == ["int64", "float64"]


def test_a_function_without_an_interface_refuses_a_call_from_python():
    @jit.internal
    def twice(x):
        return 2 * x

    with pytest.raises(TypeError, match="compiled functions only"):
        twice(1)
    assert twice.py_func(1) == 2


def test_a_function_without_an_interface_has_no_machine_code_but_its_callers_do():
    @jit.internal
    def share(x, total):
        if total == 0:
            raise ValueError("no total")
        return x / total

    @jit.inlined
    def percent(x, total):
        return 100.0 * share(x, total)

    assert percent(1, 4) == 25.0
    with pytest.raises(ValueError, match="no total"):
        percent(1, 0)
    (result,) = share.overloads.values()
    assert result.library.get_pointer_to_function(result.fndesc.llvm_func_name) == 0


# ---- cache folder -------------------------------------------------------------------------------


def test_the_cache_is_in_the_folder_of_numba_under_the_fingerprint(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "given"))
    folder, note = cache_folder("1a2b")
    assert folder == tmp_path / "given/1a2b" and folder.is_dir() and not note
    assert jit.folder.path.name == jit.source_digest()


def test_the_cache_defaults_to_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("1a2b")[0] == tmp_path / "twoborders/1a2b"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cache_folder("1a2b")[0] == tmp_path / "me/.cache/twoborders/1a2b"


@pytest.fixture
def no_home(tmp_path, monkeypatch):
    """Make the cache folder impossible to create; return the folder of temporary files."""
    (tmp_path / "in_the_way").write_text("a file", encoding="utf-8")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "in_the_way"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def test_all_processes_of_a_user_share_one_temporary_folder_if_none_can_be_created(no_home):
    folder, note = cache_folder("1a2b")
    assert folder == no_home / f"twoborders-{os.getuid()}" / "1a2b" and folder.is_dir()
    assert cache_folder("1a2b") == (folder, note)
    assert "in_the_way cannot be written" in note and str(folder.parent) in note


def test_a_temporary_folder_that_others_can_write_is_not_used(no_home):
    shared = no_home / f"twoborders-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    folder, _ = cache_folder("1a2b")
    assert folder.is_dir() and shared not in folder.parents


# ---- one process compiles -----------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a new cache folder, used by the decorators."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    new = KernelFolder("1a2b", tmp_path / "shipped")
    monkeypatch.setattr(jit, "folder", new)
    return new


def make_kernel():
    """Return a compiled function that no process has compiled yet."""

    @jit.kernel
    def thrice(x):
        return 3 * x

    return thrice


def test_compiled_code_is_stored_and_loaded_and_announced_once(folder, capsys):
    assert make_kernel()(2) == 6
    again = make_kernel()
    assert again(2) == 6
    assert not again._cache.lock.held
    assert len(list(folder.path.glob("*.nbc"))) == 1
    assert capsys.readouterr().err.splitlines() == ["compiling the model for this machine, once"]


def locked_elsewhere(kernel):
    """Return a lock of another process on the compilation of a kernel."""
    other = CompileLock(kernel._cache.lock.path)
    other.acquire()
    return other


def test_a_process_waits_for_another_one_and_uses_its_result(folder, monkeypatch, capsys):
    kernel = make_kernel()
    other = locked_elsewhere(kernel)
    waits = []

    def wait(_seconds):
        waits.append(1)
        compiler = make_kernel()
        compiler._cache.lock = CompileLock(folder.path / "own")
        compiler(2)  # the other process compiles
        other.release()

    monkeypatch.setattr("agents.kernel_cache.time.sleep", wait)
    assert kernel(2) == 6
    assert waits == [1] and len(list(folder.path.glob("*.nbc"))) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_process_compiles_itself_if_another_one_never_ends(folder, monkeypatch):
    kernel = make_kernel()
    other = locked_elsewhere(kernel)
    monkeypatch.setattr("agents.kernel_cache.LONGEST_WAIT", 0.0)
    assert kernel(2) == 6
    other.release()


def test_another_kernel_can_be_compiled_at_the_same_time(folder, monkeypatch):
    other = locked_elsewhere(make_kernel())
    monkeypatch.setattr("agents.kernel_cache.time.sleep", None)  # a wait would raise an error

    @jit.kernel
    def twice(x):
        return 2 * x

    assert twice(2) == 4
    other.release()


def test_the_lock_is_free_after_an_error_of_the_compiler(folder):
    @jit.kernel
    def wrong(x):
        return x.no_such_attribute

    with pytest.raises(TypingError):
        wrong(1)
    assert not wrong._cache.lock.held


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("content", [b"", b"damaged", pickle.dumps("0.0"), pickle.dumps(7)])
def test_damaged_files_of_the_cache_are_compiled_again(folder, kind, content):
    make_kernel()(2)
    (path,) = folder.path.glob(f"*.{kind}")
    path.write_bytes(content)
    assert make_kernel()(2) == 6
    assert path.read_bytes() != content


def test_a_full_disk_does_not_stop_a_run(folder, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agents.kernel_cache.IndexDataCacheFile.save", full)
    assert make_kernel()(2) == 6


def test_kernels_of_a_wheel_are_used_if_they_are_for_any_processor(folder, monkeypatch, tmp_path):
    make_kernel()(2)
    shipped = tmp_path / "shipped"
    folder.path.rename(shipped)
    for processor, compiled in ((("generic", ""), 0), (("other", ""), 1)):
        folder.path.mkdir(exist_ok=True)
        context = make_kernel().targetctx
        monkeypatch.setattr("agents.kernel_cache._ANY_CPU", processor)
        own = context.codegen().magic_tuple()
        if not compiled:  # these kernels are for this processor
            monkeypatch.setattr("agents.kernel_cache._ANY_CPU", own[1:])
        monkeypatch.setattr(jit, "folder", KernelFolder("1a2b", shipped))
        assert make_kernel()(2) == 6
        assert len(list(folder.path.glob("*.nbc"))) == compiled


# ---- a second process compiles the largest kernel -----------------------------------------------


@pytest.fixture
def helped(folder, monkeypatch):
    """Return a function that makes folders whose helper waits for a minute, on two cores."""
    monkeypatch.setattr("agents.kernel_cache._cores", lambda: 2)

    def make():
        return KernelFolder("1a2b", folder.path, "import time; time.sleep(60)", "thrice")

    return make


def test_one_helper_runs_at_a_time_and_ends_with_its_parent(helped):
    process = helped().start_helper()
    assert process.poll() is None
    assert helped().start_helper() is None  # as in another process
    process.stdin.close()  # as the system does when the parent ends
    assert process.wait(30) == 1
    again = helped().start_helper()  # a helper that was killed does not block the next one
    again.kill()
    again.wait(30)


def test_a_process_starts_at_most_one_helper(helped):
    folder = helped()
    first = folder.start_helper()
    first.kill()
    first.wait(30)
    assert folder.start_helper() is None


def test_no_helper_starts_without_a_second_core_or_for_a_compiled_kernel(helped, monkeypatch):
    make_kernel()(2)
    assert helped().start_helper() is None
    for path in helped().path.glob("*.nbi"):
        path.unlink()
    monkeypatch.setattr("agents.kernel_cache._cores", lambda: 1)
    assert helped().start_helper() is None


def test_no_helper_starts_from_a_program_that_is_not_python_or_cannot_start_one(
    helped, monkeypatch, tmp_path
):
    monkeypatch.setattr(sys, "executable", "/usr/bin/blender")
    assert helped().start_helper() is None
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert helped().start_helper() is None


def test_a_miss_starts_the_helper(folder, monkeypatch):
    started = []
    monkeypatch.setattr(folder, "start_helper", lambda: started.append(1))
    make_kernel()(2)
    make_kernel()(2)
    assert started == [1]


def test_the_helper_compiles_the_kernel_of_a_run():
    BorderModel(find("classroom").with_settings({"scale": 1000, "warmup_days": 1}), rng=1)
    assert compile_ahead.signature() in act_due.signatures


def test_the_helper_stores_the_kernel(monkeypatch):
    compiled = []
    monkeypatch.setattr(jit.folder, "helper", "code")
    monkeypatch.setattr(compile_ahead.act_due, "compile", compiled.append)
    compile_ahead.main()
    assert compiled == [compile_ahead.signature()] and not jit.folder.helper
