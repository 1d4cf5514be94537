"""An installed package adds policies, agents, worlds and scenarios; a broken one stops nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from abm.policies.registry import registry
from agents.own_code import plugins
from viz.cli.app import app

ROOT = Path(__file__).resolve().parents[3]
SMALL = ["--scale", "1000", "--days", "5", "--set", "warmup_days=30", "--set", "fill_days=5"]


def python(site: Path, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python outside the project with a folder of installed packages."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    options: dict[str, Any] = {"cwd": folder or site, "env": environment, "check": False}
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, **options)


def command(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process with a folder of installed packages, then forget them."""
    modules = {*sys.modules}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("default")
        patch.syspath_prepend(site)
        try:
            forget_plugins()
            result = CliRunner().invoke(app, words)
        finally:
            for name in {*sys.modules} - modules:
                if str(site) in str(getattr(sys.modules[name], "__file__", "")):
                    del sys.modules[name]
    forget_plugins()
    return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)


def forget_plugins() -> None:
    """Make the next command search for installed packages again."""
    plugins.cache_clear()
    registry.cache_clear()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example plugin into a folder, from a wheel as pip builds it."""
    folder = tmp_path_factory.mktemp("site")
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".uv/bin/uv")
    source = shutil.copytree(ROOT / "docs/examples/plugin", folder / "source")
    words = ["pip", "install", "-q", "--no-deps", "--python", sys.executable, "--target", folder]
    subprocess.run([uv, *map(str, words), str(source)], check=True)
    return folder


def test_the_plugin_is_listed_on_the_command_line_and_on_the_screen(site: Path):
    policies = command(site, "policies", "--json")
    assert policies.stderr == ""
    rows = {row["id"]: row for row in json.loads(policies.stdout)["policies"]}
    assert rows["rescue_beacons"]["title"] == "Rescue beacons"
    code = (
        "from experiments.scenarios import names\n"
        "from viz.screen.panels.policy_view import payload\n"
        "from viz.screen.session.choice import read_query\n"
        "from viz.screen.words import LANGUAGES, Words\n"
        "choice = read_query('a=rescue_beacons:2')\n"
        "rows = [payload(Words(name), choice, {})['rows'] for name in LANGUAGES]\n"
        "uses = [row['uses'] for both in rows for row in both if row['id'] == 'rescue_beacons']\n"
        "print('beacons' in names(), [len(one) for one in uses])\n"
    )
    result = python(site, "-c", code)
    assert result.stdout == "True [1, 1]\n", result.stderr


def test_the_plugin_is_compared_in_worker_processes(site: Path, tmp_path: Path):
    words = ["compare", "rescue_beacons:2", "--scenario", "beacons", *SMALL, "--reps", "1"]
    broken = tmp_path / "lamps_kit-1.0.dist-info"  # Python also searches the current folder.
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: lamps-kit\nVersion: 1.0\n")
    (broken / "entry_points.txt").write_text("[twoborders.policies]\nlamps = nothing:Lamps\n")
    result = python(site, "-m", "twoborders", *words, "--jobs", "2", "--json", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    # The workers print no warning.
    assert result.stderr.count("warning: lamps of the package lamps-kit ") == 1
    scenario = json.loads(result.stdout)["scenario"]
    assert "cautious_organisation" in json.dumps(scenario), scenario


def test_a_world_of_the_plugin_runs_by_its_name(site: Path, tmp_path: Path):
    words = ["run", "--scenario", "classroom", "--world", "valley", *SMALL, "--json"]
    result = python(site, "-m", "twoborders", *words, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["world_words"] == {"sectors.tucson": "Ridge"}


BROKEN = {
    "no module": ("policies", "lamps = no_such_module:Lamps", "No module named"),
    "no class": ("policies", "lamps = lamps_kit:Lamps", "has no attribute"),
    "an error": ("policies", "lamps = lamps_bad:Lamps", "ZeroDivisionError"),
    "no policy": ("policies", "lamps = pathlib:Path", "is not a subclass"),
    "no agents": ("agents", "lamps = pathlib:Path", "is not a subclass"),
    "no folder": ("worlds", "lamps = lamps_kit:FILE", "does not exist"),
    "no file": ("scenarios", "lamps = lamps_kit:FILE", "does not exist"),
    "a packaged id": ("policies", "fence = abm.policies.fence:Fence", "has this name"),
    "a packaged scenario": ("scenarios", "baseline = lamps_kit:HERE", "has this name"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_gives_one_warning_that_names_it_and_stops_nothing(
    case: str, tmp_path: Path
):
    group, entry, reason = BROKEN[case]
    metadata = tmp_path / "lamps_kit-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: lamps-kit\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[twoborders.{group}]\n{entry}\n")
    (tmp_path / "lamps_kit.py").write_text('FILE, HERE = "/nowhere.toml", __file__\n')
    (tmp_path / "lamps_bad.py").write_text("1 / 0\n")
    words = ["policies"] if group == "policies" else ["scenarios"]
    used = {"agents": ["--agent-class", "Organisation=lamps"], "worlds": ["--world", "lamps"]}
    if group in used:
        words = ["run", *used[group]]
    result = command(tmp_path, *words)
    first, *others = result.stderr.splitlines()
    name = entry.partition(" ")[0]
    assert first.startswith(f"warning: {name} of the package lamps-kit ") and reason in first
    assert "Traceback" not in result.stderr and len(others) == (group in used)
    assert result.returncode == (2 if group in used else 0)
