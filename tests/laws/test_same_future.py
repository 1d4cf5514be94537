"""A copy of a model has the original's future, however it was made and wherever it runs."""

from __future__ import annotations

import copy
import datetime
import json
import os
import pickle
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import abm
from abm import saved_run
from abm.model import BorderModel
from abm.scenario import Scenario, SettingError, parse_policy
from abm.world.routes import World
from agents.border_patrol import PatrolTeam
from agents.gendarmes import GendarmeCompany
from agents.smugglers import Organisation
from experiments.runs import warmup
from experiments.runs.case import Case
from experiments.runs.run import run_one
from tests.laws.engine_cases import ROWS, differences, near_default, random_policies
from tests.laws.test_limits import MIX

#: Numbers of random scenarios, and days after the copy: few by default, many in slow tests.
scenarios = pytest.mark.parametrize(
    ("number", "days"),
    [(0, 25), *(pytest.param(number, 200, marks=pytest.mark.slow) for number in range(20))],
)


def random_scenario(number: int, days: int) -> Scenario:
    """Draw a scenario of `days` and 90 more days, with changed settings and policies."""
    draw = random.Random(number)
    base = Scenario(
        scale=draw.choice([200, 500, 1000]),
        warmup_days=draw.randrange(40, 150),
        days=90 + days,
        start=datetime.date(draw.choice([2009, 2012, 2013]), draw.randrange(1, 13), 1),
        record=draw.choice(["base_year", "history"]),
    )
    changes = {row.path: near_default(row, draw) for row in draw.sample(ROWS, 4)}
    policies = {policy.id: policy for policy in random_policies(draw, base.start)}
    return base.with_settings(changes | {"policies": tuple(policies.values())})


def future(model: BorderModel, days: int) -> list[bytes]:
    """Run a model; return its digest and last state."""
    model.run_for(days)
    arrays = (
        model.migrants.live,
        model.migrants.due[: model.migrants.count],
        np.asarray(model.market.book),
        model.planning.plans.expected_outcomes,
        model.planning.org_beliefs.counts,
        model.network.leg_state.new_reports_home,
        model.kernel_params,
        model.ports.rows,
        model.ledger.balance,
    )
    units = [
        (kind.__name__, [agent.unique_id for agent in group])
        for kind, group in model.agents_by_type.items()
    ]
    cells = [[agent.unique_id for agent in cell.agents] for cell in model.network.cells]
    mesa_state = (model.time, model.steps, model.agent_id_counter, model.random.random())
    text = repr((model.ledger.digest, units, cells, mesa_state, float(model.rng.random())))
    return [text.encode(), *(array.tobytes() for array in arrays)]


@scenarios
def test_saved_loaded_copied_and_pickled_models_have_the_same_future(
    number: int, days: int, world: World, tmp_path: Path
) -> None:
    """Futures are equal to the last byte in random scenarios, from a random day on.

    Copies do not depend on the original.
    """
    scenario = random_scenario(number, days)
    before = random.Random(-number).randrange(90)
    model = BorderModel(scenario, rng=number, world=world)
    reference = copy.deepcopy(model)
    for day in range(before):
        model.step() if day % 2 else model.run_for(1)
    reference.run_for(before)
    model.save(tmp_path / "run")
    copies = [
        BorderModel.load(tmp_path / "run"),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(copy.deepcopy(model)),
    ]
    copies[0].save(tmp_path / "again")
    copies.append(BorderModel.load(tmp_path / "again", world=world))
    expected = future(reference, days)
    for one in (*copies, model):  # The original runs last, after all copies.
        assert future(one, days) == expected


class Team(PatrolTeam):
    """A user's class of teams."""


def change_legs_and_agents(model: BorderModel) -> None:
    """Close legs; transfer, move and remove agents of every kind."""
    model.close_leg("arriaga", "ixtepec")
    first, second, *_, last = model.agents_of(Organisation)
    for cell in first.cells:
        cell.slot = second.slot
    last.remove()
    for cell in second.cells:
        cell.move_to(model.cell_of(int(model.market.gates[0])))
    patrol, forces = model.patrol, model.forces
    patrol.commands[7].teams[0].remove()
    patrol.commands[3].remove()
    GendarmeCompany(model, int(forces.rural[0]), 250.0).order(int(forces.rural[-1]))
    forces.posts[0].remove()
    forces.posts[0].move_to(forces.posts[5].cell)


def full_state(model: BorderModel) -> list[Any]:
    """Return the state that these changes and the limits of agencies affect."""
    units = sorted((u.unique_id, getattr(u, "officers", 0.0)) for u in model.non_migrants)
    limits = [agency.limits.days_above.tolist() for agency in (model.patrol, model.forces)]
    staff = model.patrol.hired, model.forces.posted, model.forces.hired, model.agent_id_counter
    graph, unspent = dict(model.space.G.edges), model.ledger.unspent.tolist()
    return [model.ledger.digest, units, limits, staff, graph, model.legs, unspent]


@pytest.mark.parametrize("engine", ["columns", pytest.param("objects", marks=pytest.mark.slow)])
def test_copies_of_a_changed_model_have_its_future(
    engine: str, world: World, tmp_path: Path
) -> None:
    """The copies are made within and after the ninety days of a high tempo, with a user's class."""
    policies = tuple(parse_policy(text) for text in MIX.split())
    scenario = Scenario(scale=1000, warmup_days=60, days=130, policies=policies)
    own: dict[str, Any] = {"PatrolTeam": Team}
    model = BorderModel(scenario, rng=3, world=world, engine=engine, agent_classes=own)
    model.run_for(10)
    change_legs_and_agents(model)
    for days in (35, 40):
        model.run_for(days)
        assert (model.patrol.limits.days_above > 0.0).any() and model.patrol.hired > 0.0
        model.save(tmp_path / "run")
        copies = [
            BorderModel.load(tmp_path / "run", agent_classes=own),
            copy.deepcopy(model),
            pickle.loads(pickle.dumps(model)),
        ]
        model.run_for(15)
        for one in copies:
            assert {type(team) for team in one.patrol.teams} == {Team}
            one.run_for(15)
            assert differences(model, one) == [] and full_state(one) == full_state(model)
        copies[0].open_leg("arriaga", "ixtepec")
        assert not all(leg.open for leg in model.legs)


SCRIPT = """
import sys
from abm.model import BorderModel
model = BorderModel.load(sys.argv[1])
model.run_for(int(sys.argv[2]))
print(model.ledger.digest)
"""


@pytest.fixture(scope="module")
def saved(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a short run."""
    path = tmp_path_factory.mktemp("saved") / "a.run"
    model = BorderModel(Scenario(scale=1000, warmup_days=40, days=90), rng=5, world=world)
    model.run_for(20)
    model.save(path)
    return path


@pytest.mark.slow
def test_another_process_continues_a_saved_run_with_the_same_bytes(saved: Path) -> None:
    """The digest after further days is equal in a process with another hash seed."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(saved), "30"],
        env=os.environ | {"PYTHONHASHSEED": "3", "NUMBA_NUM_THREADS": "1"},
        cwd=Path(abm.__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    here = BorderModel.load(saved)
    here.run_for(30)
    assert (done.returncode, done.stdout.strip()) == (0, here.ledger.digest), done.stderr


def test_every_attribute_of_a_model_is_stored_or_given(saved: Path) -> None:
    """If this test fails, add the new attribute of BorderModel to the state, or rebuild it."""
    model = BorderModel.load(saved)
    assert saved_run.added_attributes(model) == {}
    fresh = BorderModel(Scenario(scale=1000, warmup_days=0, days=3))
    assert saved_run.added_attributes(fresh) == {}
    # A cache that is filled when needed.
    assert vars(model).keys() | {"_figures"} == vars(fresh).keys()


def test_attributes_that_users_add_are_copied_with_the_copied_agents(saved: Path) -> None:
    """A reference to an agent becomes a reference to the agent's copy; a file drops it."""
    model: Any = BorderModel.load(saved)
    model.chosen = [model.patrol.commands[0], model]
    twin = copy.deepcopy(model)
    assert twin.chosen[0] is twin.patrol.commands[0] is not model.chosen[0]
    assert twin.chosen[1] is twin
    model.chosen = {"note": 3}
    assert pickle.loads(pickle.dumps(model)).chosen == {"note": 3}


# ---- contents of a copy --------------------------------------------------------------------------


def test_scheduled_events_cannot_be_copied_silently(saved: Path) -> None:
    """For every kind of copy, an error names the events. A cancelled event does not count."""
    model = BorderModel.load(saved)
    event = model.schedule_event(model.tidy, after=3.0)
    ways: tuple[Callable[[Any], object], ...] = (copy.deepcopy, pickle.dumps)
    for way in (*ways, lambda m: m.save(saved.with_name("b.run"))):
        with pytest.raises(SettingError, match=r"^events: 1 events besides the daily step"):
            way(model)
    event.cancel()
    assert copy.deepcopy(model).time == model.time


# ---- invalid files -------------------------------------------------------------------------------


def refusal(path: Path, **options: Any) -> SettingError:
    """Return the error about a file; check that it is one line and names the file."""
    with pytest.raises(SettingError) as caught:
        BorderModel.load(path, **options)
    assert "\n" not in str(caught.value) and str(path)[-20:] in str(caught.value)
    return caught.value


@pytest.mark.parametrize("kind", ["text", "empty", "pickle", "zip", "npz", "json"])
def test_a_file_of_another_kind_is_refused(kind: str, tmp_path: Path) -> None:
    """The error says that the file is not a saved run."""
    path = tmp_path / "other.run"
    path.write_bytes({"text": b"hello\n", "empty": b""}.get(kind, pickle.dumps({"a": 1})))
    if kind == "npz":
        with path.open("wb") as out:
            np.savez(out, a=np.arange(3))
    elif kind in ("zip", "json"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("state.json", "[1, 2]" if kind == "json" else "{")
    error = refusal(path)
    assert error.reason == "it is not a saved run, or it is damaged"
    assert error.hint == "Give a file that model.save has written."


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_or_changed_file_is_refused(share: float, saved: Path, tmp_path: Path) -> None:
    """The file may end, or a byte of its arrays may have changed, at any position."""
    content = saved.read_bytes()
    place = int(share * len(content))
    path = tmp_path / "short.run"
    path.write_bytes(content[:place])
    assert "damaged" in refusal(path).reason
    if share < 0.95:
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        assert "damaged" in refusal(path).reason


def changed(saved: Path, path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write a saved run with a changed state."""
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w") as new:
        state = json.loads(old.read("state.json"))
        change(state)
        new.writestr("state.json", json.dumps(state))
        new.writestr("buffers.bin", old.read("buffers.bin"))
    return path


def test_a_file_cannot_name_a_class_or_an_attribute_outside_the_model(
    saved: Path, tmp_path: Path
) -> None:
    """The file is refused, and nothing that it names is imported."""
    object_node, outside_node, buffer_node = 7, 8, 0
    swaps: dict[str, Callable[[list[Any]], list[Any]]] = {
        "class": lambda n: [7, "subprocess.Popen", n[2]] if n[0] == object_node else n,
        "name": lambda n: [8, "os.system"] if n[0] == outside_node else n,
        "dtype": lambda n: [0, '"O"', *n[2:]] if n[0] == buffer_node else n,
        "shape": lambda n: [*n[:2], [10**9], *n[3:]] if n[0] == buffer_node else n,
        "kind": lambda n: [99, *n[1:]],
    }
    for name, swap in swaps.items():
        path = changed(
            saved,
            tmp_path / f"{name}.run",
            lambda state, swap=swap: state.update(nodes=[swap(n) for n in state["nodes"]]),
        )
        assert "damaged" in refusal(path).reason, name


def test_a_run_of_another_version_is_refused(
    saved: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """For a file and for a pickle, the error states both versions."""
    pickled = pickle.dumps(BorderModel.load(saved))
    monkeypatch.setattr(saved_run, "state_source", lambda: "0123456789abcdef")
    error = refusal(saved)
    assert error.reason.startswith("it was saved by another version of the model (sources ")
    assert "here 0123456789abcdef" in error.reason and "run it again" in error.hint
    with pytest.raises(SettingError, match="another version of the model"):
        pickle.loads(pickled)
    old = changed(saved, tmp_path / "old.run", lambda state: state.update(source=None))
    assert "another version" in refusal(old).reason


def test_a_run_of_another_world_is_refused(saved: Path, tmp_path: Path) -> None:
    """The error says how to pass the world."""
    path = changed(saved, tmp_path / "w.run", lambda state: state.update(world="ab" * 16))
    error = refusal(path)
    assert error.path == "world" and error.reason.startswith("it was saved in another world")
    assert "load_world(folder)" in error.hint


def test_files_that_cannot_be_read_or_written_are_refused(saved: Path, tmp_path: Path) -> None:
    """The paths are a missing file, a folder, and a file in a missing folder."""
    assert "no such file" in refusal(tmp_path / "missing.run").reason
    assert "it is not a regular file" in refusal(tmp_path).reason
    model = BorderModel.load(saved)
    with pytest.raises(SettingError, match="cannot be written"):
        model.save(tmp_path / "no" / "a.run")
    assert list(tmp_path.iterdir()) == []


# ---- shared warm-ups -----------------------------------------------------------------------------


@pytest.mark.slow
@scenarios
def test_runs_that_share_a_warmup_equal_runs_that_do_not(
    number: int, days: int, world: World
) -> None:
    """Scenarios and policies are random, including policies that start before the first day."""
    scenario = random_scenario(100 + number, days).with_settings({"days": days})
    bare = scenario.with_settings({"policies": (), "name": "bare"})
    warmup.forget()
    model = warmup.start_model(bare, number, world)
    for arm in (scenario, bare, scenario):
        assert run_one(Case(arm, number), world=world).digest == (
            played(BorderModel(arm, rng=number, world=world)).ledger.digest
        )
    assert played(model).ledger.digest == run_one(Case(bare, number), world=world).digest


def played(model: BorderModel) -> BorderModel:
    """Run a model to its end."""
    model.run_for(model.settings.days)
    return model


def test_a_warmup_is_simulated_once_for_all_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other policies and names share the warm-up; other seeds, settings and lengths do not."""
    built: list[int] = []
    build = BorderModel._build
    monkeypatch.setattr(
        BorderModel, "_build", lambda *parts: (built.append(parts[2]), build(*parts))
    )
    base = Scenario(scale=1000, warmup_days=40, days=5)
    warmup.forget()
    for policy in ("fence", "patrol_surge", "legal_pathways"):
        arm = base.with_settings({"policies": (parse_policy(policy),), "name": policy})
        model = warmup.start_model(arm, 1)
        assert [p.id for p in model.policies] == [policy] and model.settings == arm
        assert model.policy_context.settings == arm
    assert built == [1]
    warmup.start_model(base.with_settings({"warmup_days": 41}), 1)
    warmup.start_model(base, 2)
    assert built == [1, 1, 2]
    warmup.forget()
