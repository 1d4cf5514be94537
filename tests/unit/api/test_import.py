"""The import is light, complete and typed, and detects foreign modules that hide the packages."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import twoborders as tb
from twoborders import shadowing
from twoborders.arguments import KEYWORDS

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("numpy", "mesa", "pandas", "numba", "scipy", "networkx", "matplotlib", "solara", "typer")


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder."""
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


# ---- the public names ----------------------------------------------------------------------------


def test_the_import_loads_no_heavy_module(tmp_path: Path):
    names = (*HEAVY, *shadowing.PACKAGES)
    code = f"import sys, twoborders; print([m for m in {names} if m in sys.modules])"
    result = python(tmp_path, "-c", code)
    assert (result.stdout.strip(), result.stderr) == ("[]", "")


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
    result = python(tmp_path, "-c", "import twoborders")
    last = result.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: {tmp_path / name}.py hides the package {name}")
    assert last.endswith("rename it, or start Python in another folder.")


def test_the_command_prints_the_sentence_and_no_traceback(tmp_path: Path):
    (tmp_path / "viz.py").write_text("")
    script = tmp_path / "twoborders"
    script.write_text("from twoborders.__main__ import main\nmain()\n")
    for start in ([str(script)], ["-m", "twoborders"]):
        result = python(tmp_path, *start, "policies")
        assert result.returncode == 1 and result.stderr.count("\n") == 1
        assert result.stderr.startswith(f"error: {tmp_path / 'viz.py'} hides the package viz")


# ---- the page of the interface -------------------------------------------------------------------


def test_the_page_of_the_interface_names_everything_public():
    text = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    documented = " ".join(re.findall(r"<!-- objects: (.*) -->", text)).split()
    assert len(documented) == len({*documented})
    assert {*tb.__all__} - {*documented} == {"SECTORS", "measures"}
    assert all(f"`{name}`" in text for name in KEYWORDS)
