"""Classes of a user in studies: their texts, keys of stored runs, and refusals."""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import twoborders as tb
from abm.policies import policies_of
from abm.scenario import load_scenario, parse_policy
from agents import own_code
from agents.own_code import is_class_text, load_class
from agents.param import SettingError
from experiments.runs.case import Case
from experiments.studies.curve import instrument
from experiments.sweeps.store_writer import key_of, own_source

SMALL: dict[str, Any] = {"scenario": "classroom", "scale": 1000, "days": 5, "warmup_days": 30}
EXAMPLE = Path(__file__).resolve().parents[3] / "docs/examples/plugin/twoborders_beacons/policy.py"
POLICY = EXAMPLE.read_text().replace("param(0.4", "param(helper.SHARE") + "\n"
POLICY = POLICY.replace("import numpy", "import helper\nimport numpy").replace("rescue_", "my_")
AGENTS = "from twoborders import Organisation\nclass Dear(Organisation):\n    pass\n"


class LocalOrganisation(tb.Organisation):
    """A class that a test may hide from other processes."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder on Python's path with modules of a user; one has no classes."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lamps.py").write_text(POLICY)
    (tmp_path / "helper.py").write_text("SHARE = 0.1\n")
    (tmp_path / "dear.py").write_text(AGENTS)
    (tmp_path / "unrelated.py").write_text("X = 1\n")
    return tmp_path


def forget(*modules: str) -> None:
    """Make Python import the modules again, as a new process does."""
    importlib.invalidate_caches()
    for name in modules:
        sys.modules.pop(name, None)


@pytest.fixture(autouse=True)
def _clean() -> Any:
    yield
    forget("lamps", "helper", "dear", "unrelated", "kit", "kit.parts", "kit.other")


# ---- texts ---------------------------------------------------------------------------------------


def test_a_text_names_a_class_wherever_a_policy_has_an_id(folder: Path):
    text = "lamps:RescueBeacons:0.5:saved=0.2@2013-01-01"
    spec = parse_policy(text)
    assert (str(spec), spec.id) == (text, "lamps:RescueBeacons")
    scenario = tb.Scenario(policies=(spec,), agent_classes={"Organisation": "dear:Dear"})
    assert load_scenario(scenario.to_toml()) == scenario
    (policy,) = policies_of(scenario, scenario.policies)
    assert (type(policy).__name__, policy.dose) == ("RescueBeacons", 0.5)
    again = tb.PolicySpec.of(policy)
    assert policies_of(scenario, [again]) == (policy,)
    assert tb.PolicySpec.of(type(policy)) == parse_policy("lamps:RescueBeacons")
    assert instrument("lamps:RescueBeacons").maximum == 4.0 * policy.full_dollars


def test_a_dose_is_no_class_after_the_id_of_a_policy():
    with pytest.raises(SettingError, match='"NaN" is not a dose'):
        parse_policy("fence:NaN")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lamps:Lamp", "the module lamps has no class Lamp"),
        ("lampz:RescueBeacons", "the module lampz cannot be imported (ModuleNotFoundError"),
        ("dear:Dear", "Dear is not a subclass of twoborders.Policy"),
    ],
)
def test_a_class_that_is_no_policy_is_refused_in_one_sentence(folder: Path, text: str, words: str):
    with pytest.raises(SettingError) as caught:
        tb.run(policies=text, **SMALL)
    assert words in str(caught.value).replace('"', "") and "\n" not in str(caught.value)


def test_a_policy_with_the_id_of_another_is_refused(folder: Path):
    (folder / "lamps.py").write_text(POLICY.replace('"my_beacons"', '"fence"'))
    with pytest.raises(SettingError, match="there is another policy fence"):
        tb.run(policies="lamps:RescueBeacons", **SMALL)


def test_a_server_refuses_the_text_of_any_class(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(own_code, "_refuses_texts", False)
    own_code.refuse_class_texts()
    assert not is_class_text("os:Path")
    for invalid in ({"policies": ["os:Path"]}, {"agent_classes": {"Organisation": "os:Path"}}):
        with pytest.raises(SettingError):
            tb.Scenario(**invalid)


# ---- keys ----------------------------------------------------------------------------------------


def key(text: str = "lamps:RescueBeacons", **settings: Any) -> str:
    """Return the key that a new process gives to a run."""
    forget("lamps", "helper", "dear", "kit", "kit.parts")
    return key_of(Case(tb.Scenario(policies=(parse_policy(text),), **settings)), "source")


def test_the_key_follows_the_class_and_its_imports_and_nothing_else(folder: Path):
    first = key()
    (folder / "unrelated.py").write_text("X = 2\n")
    assert key() == first
    (folder / "helper.py").write_text("SHARE = 0.2\n")
    second = key()
    (folder / "lamps.py").write_text(POLICY + "\n# changed\n")
    third = key()
    own = {"agent_classes": {"Organisation": "dear:Dear"}}
    agents = key(**own)
    (folder / "dear.py").write_text(AGENTS + "# changed\n")
    assert len({first, second, third, agents, key(**own), key("fence")}) == 6


def test_the_key_follows_every_visible_file_of_the_package_of_the_class(folder: Path):
    """Modules and data count because a class may read them.

    Caches and hidden files do not count.
    """
    kit = folder / "kit"
    (kit / "data").mkdir(parents=True)
    (kit / "parts.py").write_text(POLICY)
    keys = [key("kit.parts:RescueBeacons")]
    for name in ("other.py", "rates.json", "data/rates.npy", "notes", "data/rates.npy"):
        (kit / name).write_text(f"{len(keys)}")
        keys.append(key("kit.parts:RescueBeacons"))
    assert len(set(keys)) == 6
    for hidden in (".git/index", "data/__pycache__/x.pyc", ".DS_Store"):
        (kit / hidden).parent.mkdir(exist_ok=True)
        (kit / hidden).write_text("1")
    assert key("kit.parts:RescueBeacons") == keys[-1]


def test_a_scenario_without_own_classes_has_the_key_of_before():
    scenario = tb.Scenario(policies=["fence"])
    assert own_source(scenario) == "" and "agent_classes" not in scenario.to_toml()
    assert tb.Scenario(agent_classes={}).digest == tb.Scenario().digest


def test_a_changed_class_never_reuses_an_old_run(folder: Path):
    def completed(change: str) -> tuple[int, int]:
        (folder / "dear.py").write_text(AGENTS + change)
        forget("dear")
        grid, own = {"policy.fence": [0, 1]}, {"Organisation": load_class("", "dear:Dear")}
        swept = tb.sweep(grid, folder / "runs", reps=1, jobs=1, agent_classes=own, **SMALL).swept
        return swept.stored, swept.completed

    assert [completed(""), completed(""), completed("# changed\n")] == [(0, 2), (2, 0), (0, 2)]


# ---- classes that other processes cannot import --------------------------------------------------


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> dict[str, type]:
    """Return a class as defined in a notebook cell."""
    monkeypatch.setattr(LocalOrganisation, "__module__", "__main__")
    return {"Organisation": LocalOrganisation}


def test_a_class_of_a_notebook_runs_in_one_process_with_a_warning(local: dict[str, type]):
    text = "one run at a time: put __main__:LocalOrganisation into a file"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        study = tb.run(reps=2, agent_classes=local, **SMALL)
        alone = tb.run(reps=2, jobs=1, **SMALL)
    assert [str(one.message).startswith(text) for one in caught].count(True) == 1
    assert [run.events for run in study.runs] == [run.events for run in alone.runs]


def test_a_class_of_a_notebook_is_refused_for_processes_and_stores(local: Any, tmp_path: Path):
    sentence = "LocalOrganisation: the class is defined in __main__, so .* Put it into a file"
    with pytest.raises(SettingError, match=sentence):
        tb.run(reps=2, jobs=2, agent_classes=local, **SMALL)
    grid = {"policy.fence": [0, 1]}
    with pytest.raises(SettingError, match=sentence):
        tb.sweep(grid, tmp_path / "runs", reps=1, jobs=1, agent_classes=local, **SMALL)
