"""One import: it is light, complete, typed, and detects foreign modules with our names."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path

import pytest

import twoborders as tb
from twoborders import shadowing
from twoborders.arguments import KEYWORDS

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("numpy", "mesa", "pandas", "numba", "scipy", "networkx", "matplotlib", "solara", "typer")
LIBRARY = Path("lib", "site-packages")


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder."""
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


# ---- the public names ----------------------------------------------------------------------------


def test_the_import_loads_no_heavy_module(tmp_path: Path):
    names = (*HEAVY, *shadowing.PACKAGES)
    code = f"import sys, twoborders; print([m for m in {names} if m in sys.modules])"
    done = python(tmp_path, "-c", code)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("name", tb.__all__)
def test_every_public_name_is_listed_and_has_a_description(name: str):
    assert name in dir(tb)
    assert (getattr(tb, name).__doc__ or "").strip()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tb.nothing  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


def test_every_package_is_typed_distributed_and_checked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tools = project["tool"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks"}
    assert {path.parent.name for path in ROOT.glob("*/py.typed")} == packages
    assert set(tools["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages
    assert {f"/{name}" for name in packages} <= {
        *tools["hatch"]["build"]["targets"]["sdist"]["include"]
    }
    assert set(tools["pyright"]["include"]) == packages | {"benchmarks"}
    assert set(tools["importlinter"]["root_packages"]) == packages
    assert project["project"]["scripts"] == {"twoborders": "twoborders.__main__:main"}
    assert {*shadowing.PACKAGES, "twoborders"} == packages


# ---- foreign modules -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", shadowing.PACKAGES)
def test_a_file_that_hides_a_package_is_named_in_one_sentence(name: str, tmp_path: Path):
    (tmp_path / f"{name}.py").write_text("raise SystemError('the foreign module was executed')\n")
    done = python(tmp_path, "-c", "import twoborders")
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: {tmp_path / name}.py hides the package {name}")
    assert last.endswith("rename it, or start Python in another folder.")


def test_the_command_prints_the_sentence_and_no_traceback(tmp_path: Path):
    (tmp_path / "viz.py").write_text("")
    script = tmp_path / "twoborders"
    script.write_text("from twoborders.__main__ import main\nmain()\n")
    for start in ([str(script)], ["-m", "twoborders"]):
        done = python(tmp_path, *start, "policies")
        assert done.returncode == 1 and done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"error: {tmp_path / 'viz.py'} hides the package viz")


def test_the_module_runs_as_the_command(tmp_path: Path):
    done = python(tmp_path, "-m", "twoborders", "--version")
    assert done.returncode == 0 and done.stdout.startswith("twoborders ")


def installed(monkeypatch: pytest.MonkeyPatch, root: Path, **elsewhere: Path | None) -> None:
    """Let Python find the packages in a folder, and some of them elsewhere or not at all."""

    def find(name: str) -> ModuleSpec | None:
        path = elsewhere.get(name, root / name / "__init__.py")
        return path and spec_from_file_location(name, path)

    monkeypatch.setattr(shadowing, "find_spec", find)


def write_packages(root: Path) -> None:
    """Write the files that mark the packages."""
    for name in shadowing.PACKAGES:
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_bytes((ROOT / name / "__init__.py").read_bytes())


def test_our_packages_have_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert shadowing.find_problem(ROOT) == ""
    write_packages(tmp_path)
    installed(monkeypatch, tmp_path)
    assert shadowing.find_problem(tmp_path) == ""


def test_a_distribution_with_the_same_package_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_packages(tmp_path / "source")
    other = tmp_path / LIBRARY / "agents" / "__init__.py"
    installed(monkeypatch, tmp_path / "source", agents=other)
    problem = shadowing.find_problem(tmp_path / "source")
    assert problem.startswith(f"{other.parent} hides the package agents")
    assert "a separate environment" in problem


def test_a_distribution_that_overwrites_the_package_is_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = tmp_path / LIBRARY
    write_packages(root)
    (root / "agents" / "__init__.py").write_text("import logging\n")
    installed(monkeypatch, root)
    assert "a separate environment" in shadowing.find_problem(root)


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_packages(tmp_path)
    installed(monkeypatch, tmp_path, abm=None)
    assert "no package abm" in shadowing.find_problem(tmp_path)
    with pytest.raises(ImportError, match="install the distribution twoborders again"):
        shadowing.check_packages(tmp_path)


# ---- the page of the interface -------------------------------------------------------------------


def test_the_page_of_the_interface_names_everything_public():
    text = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    rows = {name: row for row in text.splitlines() for name in re.findall(r"^\| `(\w+)", row)}
    assert {*tb.__all__} <= rows.keys()
    for function in (tb.run, tb.compare, tb.sweep, tb.validate, tb.ask):
        names = re.findall(r"[(, *](\w+)(?=[,)])", rows[function.__name__].split("|")[1])
        expected = [*inspect.signature(function).parameters]
        if function in (tb.validate, tb.ask):
            expected.remove("keywords")
        assert names == expected
    assert all(f"`{name}`" in text for name in KEYWORDS)
