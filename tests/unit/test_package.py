"""The project's files agree on version, dependencies, Python versions and CI."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import metadata, packages_distributions
from pathlib import Path

import yaml

import twoborders

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agents", "abm", "experiments", "viz", "twoborders")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION = PROJECT["version"]
EXTRAS = PROJECT["optional-dependencies"]
INSTALLED = packages_distributions()


def names(requirements: list[str]) -> set[str]:
    """Return the normalised names of the packages in requirements, and of their extras."""
    heads = [re.match(r"[\w.,\[\]-]+", requirement) for requirement in requirements]
    return {normal(name) for head in heads if head for name in re.findall(r"[\w.-]+", head[0])}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def imports() -> dict[str, set[str]]:
    """Return the files that import each foreign module, by its top-level name."""
    files: dict[str, set[str]] = {}
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            for top in {module.partition(".")[0] for module in modules}:
                files.setdefault(top, set()).add(str(path.relative_to(ROOT)))
    return {
        n: f for n, f in files.items() if n not in PACKAGES and n not in sys.stdlib_module_names
    }


def distributions(module: str) -> set[str]:
    """Return the packages that install a module. `solara` only requires such packages."""
    return {normal(name) for name in (module, *INSTALLED.get(module, ()))}


def test_every_place_names_the_same_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "twoborders", "--version"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == f"twoborders {VERSION}\n"
    assert twoborders.__version__ == metadata("twoborders")["Version"] == VERSION
    assert citation["version"] == VERSION
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    assert [p["version"] for p in locked if p["name"] == "twoborders"] == [VERSION]


def test_the_citation_and_the_paper_are_complete_and_agree():
    """The file has the required and known keys of version 1.2. Each reference exists once."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"authors", "cff-version", "message", "title"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert citation["license"] == PROJECT["license"]
    paper, bib = (
        (ROOT / "docs/paper" / f"paper.{kind}").read_text("utf-8") for kind in ("md", "bib")
    )
    head = yaml.safe_load(paper.split("---")[1])
    assert head["title"] == citation["title"]
    assert [a["name"] for a in head["authors"]] == [a["name"] for a in citation["authors"]]
    keys = re.findall(r"^@\w+\{(\w+),", bib, re.MULTILINE)
    assert sorted(keys) == sorted(set(re.findall(r"@(\w+)", paper)))
    assert len(paper.split("---", 2)[2].split()) <= 1_000


def test_only_a_release_has_a_date():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    heading = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    release, _, development = VERSION.partition(".dev")
    assert ("date-released" in citation) != bool(development)
    assert heading
    assert (heading[1] == f"{release} (unreleased)") == bool(development)
    assert heading[1].startswith(f"{release} (")


def test_every_imported_package_is_declared():
    declared = names([name for extra in EXTRAS.values() for name in extra])
    declared |= names(PROJECT["dependencies"])
    undeclared = {
        module: sorted(files)
        for module, files in imports().items()
        if not distributions(module) & declared
    }
    assert undeclared == {}


def test_every_dependency_is_imported():
    used = {name for module in imports() for name in distributions(module)}
    assert names(PROJECT["dependencies"]) <= used


HELP = """
import sys
sys.modules |= dict.fromkeys(("solara", "anywidget", "uvicorn"))
from viz.cli.app import app
[app([name, "--help"], standalone_mode=False) for name in ("compare", "replay", "validate")]
"""


def test_commands_start_without_the_packages_of_the_screen():
    call = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=False)
    assert call.returncode == 0, call.stderr
    assert call.stdout.count("Usage: ") == 3


def test_ci_runs_on_every_supported_python():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    matrix = jobs["checks"]["strategy"]["matrix"]["python"]
    classified = re.findall(r":: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    first, end = map(int, re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
    assert matrix == classified == [f"3.{minor}" for minor in range(first, end)]
    assert all(re.fullmatch(r"[\w/-]+@v\d+", used) for used in re.findall(r"uses: (\S+)", text))
