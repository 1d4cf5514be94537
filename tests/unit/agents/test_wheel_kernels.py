"""A platform wheel holds compiled kernels; the wheel for all platforms holds none."""

import importlib.util
import json
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from experiments.scenarios import find

ROOT = Path(__file__).parents[3]


@pytest.fixture
def hook(monkeypatch):
    """Return the module of the build hook, with a stand-in for the base class of hatchling."""
    plugin = ModuleType("hatchling.builders.hooks.plugin.interface")
    plugin.BuildHookInterface = type("BuildHookInterface", (), {"root": str(ROOT)})
    monkeypatch.setitem(sys.modules, plugin.__name__, plugin)
    for name in ("hatchling", "hatchling.builders", "hatchling.builders.hooks"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin", ModuleType("plugin"))
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_kernels_of_small_runs_are_added_to_the_wheel(hook, monkeypatch):
    calls = []

    def compile_some(command, *, env, **_options):
        calls.append((json.loads(command[-1]), env))
        folder = Path(env["NUMBA_CACHE_DIR"]) / "1a2b"
        folder.mkdir(exist_ok=True)
        for name in ("f.nbi", "f.1.nbc", "lock"):
            (folder / name).touch()

    monkeypatch.setattr(hook.subprocess, "run", compile_some)
    build, data = hook.CompiledKernels(), {"force_include": {}}
    build.initialize("standard", data)
    assert sorted(data["force_include"].values()) == [
        "agents/_kernels/1a2b/f.1.nbc",
        "agents/_kernels/1a2b/f.nbi",
    ]
    assert data["infer_tag"] and not data["pure_python"]
    assert {(env["NUMBA_CPU_NAME"], env["NUMBA_CPU_FEATURES"]) for _, env in calls} == {
        ("generic", "")
    }
    build.finalize("standard", data, "")
    assert not any(Path(path).exists() for path in data["force_include"])


def test_the_cases_of_the_hook_are_valid_scenarios(hook):
    for case in hook.CASES:
        assert find(case["scenario"]).with_settings(case["set"]).days <= 60


def test_an_editable_installation_compiles_nothing(hook, monkeypatch):
    monkeypatch.setattr(hook.subprocess, "run", SimpleNamespace)
    data = {"force_include": {}}
    hook.CompiledKernels().initialize("editable", data)
    assert data == {"force_include": {}}


def test_the_hook_is_off_unless_it_is_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert not project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"][
        "enable-by-default"
    ]
