"""Compiled code is cached under the fingerprint of its sources."""

import ast
import shutil
from pathlib import Path

import pytest

from agents import jit

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
    "name", ["outcomes.py", "migrants/columns.py", "environment.py", "labels.py"]
)
def test_a_change_in_constants_that_kernels_read_changes_the_fingerprint(tree, name):
    assert digest_changes(tree / name)


@pytest.mark.parametrize(
    "name",
    ["migrants/migrant_params.py", "gendarmes.py", "border_patrol.py", "contest.py", "levers.py"],
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


# ---- cache folder -------------------------------------------------------------------------------


def test_the_cache_is_in_the_folder_of_numba_under_the_fingerprint(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "given"))
    folder = jit.cache_folder()
    assert folder == tmp_path / "given" / jit.source_digest() and folder.is_dir()


def test_the_cache_defaults_to_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jit.cache_folder() == tmp_path / "twoborders" / jit.source_digest()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert jit.cache_folder() == tmp_path / "me/.cache/twoborders" / jit.source_digest()


def test_a_folder_that_cannot_be_created_is_replaced_by_a_temporary_one(tmp_path, monkeypatch):
    (tmp_path / "in_the_way").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "in_the_way"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = jit.cache_folder()
    assert folder.is_dir() and folder.parent == tmp_path and folder.name.startswith("twoborders-")


def test_a_folder_that_cannot_be_written_is_replaced_by_a_temporary_one(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError("read-only")

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "given"))
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert jit.cache_folder().name.startswith("twoborders-")
