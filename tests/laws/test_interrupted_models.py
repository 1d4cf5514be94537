"""A call that ends early leaves an interrupted model, which reports its state and ends loops.

The phases come from :data:`abm.schedule.DAY`, so that a new phase is tested, too.
"""

from __future__ import annotations

import contextlib
import copy
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm import schedule
from abm.model import BorderModel
from abm.world.routes import World
from agents.smugglers import Organisation

SMALL = {"scale": 1000, "warmup_days": 30, "days": 9}
ERRORS = (KeyboardInterrupt(), ValueError("of a subclass"))
SENTENCE = r"^interrupted on day 5: build the model again or load a saved run$"
#: Every public way to simulate, save, copy or pickle a model.
CALLS: dict[str, Callable[[BorderModel, Path], Any]] = {
    "step": lambda model, _: model.step(),
    "run_for": lambda model, _: model.run_for(1),
    "run_for no day": lambda model, _: model.run_for(0),
    "run_for too many days": lambda model, _: model.run_for(100),
    "run_until": lambda model, _: model.run_until(9),
    "run_model": lambda model, _: model.run_model(),
    "save": lambda model, folder: model.save(folder / "broken.run"),
    "copy": lambda model, _: copy.copy(model),
    "deepcopy": lambda model, _: copy.deepcopy(model),
    "pickle": lambda model, _: pickle.dumps(model),
}


@pytest.fixture(scope="module", params=["columns", "objects"])
def saved(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the file of a run that was saved after three days."""
    model = BorderModel(**SMALL, engine=request.param, world=world)
    model.run_for(3)
    path = tmp_path_factory.mktemp("saved") / "day_3.run"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def whole(saved: Path, world: World) -> str:
    """Return the digest of the run without an interrupt."""
    model = BorderModel.load(saved, world=world)
    model.run_for(6)
    return model.ledger.digest


def assert_interrupted(model: BorderModel, folder: Path) -> None:
    """Check that every public method raises the error, and that loops end."""
    for call in CALLS.values():
        with pytest.raises(RuntimeError, match=SENTENCE):
            call(model, folder)
    model.running = True
    assert not model.running and not list(folder.iterdir())


def interrupt(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """Make a phase raise an error at its end, on the second simulated day from now."""
    days = iter([None, error])

    def phase(model: BorderModel) -> None:
        original(model)
        if (raised := next(days)) is not None:
            raise raised

    original = schedule.DAY[number]
    monkeypatch.setattr(
        schedule, "DAY", (*schedule.DAY[:number], phase, *schedule.DAY[number + 1 :])
    )


def test_every_public_method_that_simulates_or_stores_is_listed():
    names = {name for name in dir(BorderModel) if name.startswith(("run_", "save", "step"))}
    assert names - {"step_towards"} == {name.partition(" ")[0] for name in CALLS} - {
        "copy",
        "deepcopy",
        "pickle",
    }


@pytest.mark.parametrize("number", range(len(schedule.DAY)), ids=[p.__name__ for p in schedule.DAY])
def test_an_interrupt_in_any_phase_leaves_an_interrupted_model(
    number: int,
    saved: Path,
    whole: str,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    """Either engine raises one of two errors in each phase."""
    model = BorderModel.load(saved, world=world)
    error = ERRORS[(number + (model.settings.engine == "objects")) % 2]
    with monkeypatch.context() as patch:
        interrupt(patch, number, error)
        with pytest.raises(type(error)):
            model.run_for(6)
    assert_interrupted(model, tmp_path)
    # Results can still be read.
    assert model.ledger.totals()["candidates"] > 0 and len(model.agents) > 0
    again = BorderModel.load(saved, world=world)
    again.run_for(6)
    assert again.ledger.digest == whole


class Failing:
    """A data collector or scheduled event that raises an error on the fifth day."""

    def __call__(self) -> None:
        """Raise an error as an event does."""
        raise KeyboardInterrupt

    def collect(self, model: BorderModel) -> None:
        """Raise an error as a data collector does."""
        if model.ledger.day == 5:
            self()


def test_an_interrupt_while_data_are_collected_leaves_an_interrupted_model(
    saved: Path, world: World, tmp_path: Path
):
    """The day is complete, but its data are missing, and Mesa has not scheduled the next day."""
    model = BorderModel.load(saved, world=world)
    model.datacollector = Failing()
    with pytest.raises(KeyboardInterrupt):
        model.run_model()
    assert_interrupted(model, tmp_path)


def test_an_interrupt_in_a_scheduled_event_leaves_an_interrupted_model(
    saved: Path, world: World, tmp_path: Path
):
    model, event = BorderModel.load(saved, world=world), Failing()
    model.schedule_event(event, at=4.5)
    with pytest.raises(KeyboardInterrupt):
        model.run_until(9)
    assert_interrupted(model, tmp_path)


def test_a_loop_over_running_ends_after_an_interrupt(
    saved: Path, world: World, monkeypatch: pytest.MonkeyPatch
):
    model = BorderModel.load(saved, world=world)
    interrupt(monkeypatch, 0, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        model.run_for(6)
    steps = 0
    while model.running and steps < 100:
        model.step()
        steps += 1
    assert steps == 0


def test_a_day_that_another_thread_simulates_is_not_disturbed(
    saved: Path, whole: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The other thread gets an error."""
    model = BorderModel.load(saved, world=world)
    started, go = threading.Event(), threading.Event()

    def pause(model: BorderModel) -> None:
        started.set()
        assert go.wait(60)

    monkeypatch.setattr(schedule, "DAY", (*schedule.DAY, pause))
    first = threading.Thread(target=model.run_for, args=(6,))
    first.start()
    assert started.wait(60) and model.running
    for call in CALLS.values():
        with pytest.raises(RuntimeError, match="^simulating day 4: wait until the call has ret"):
            call(model, tmp_path)
    go.set()
    first.join()
    assert model.ledger.digest == whole
    model.save(tmp_path / "day_9.run")


def test_a_time_that_is_no_number_in_the_scenario_is_refused(saved: Path, world: World):
    model = BorderModel.load(saved, world=world)
    refused = r"^invalid (duration|end time) .* scenario's 9 days"
    for value in (float("nan"), float("inf"), -1, 10, 10**400, "3", None, np.array([1, 2]), [1]):
        for method in (model.run_for, model.run_until):
            with pytest.raises(ValueError, match=refused) as e:
                method(value)
            assert "\n" not in str(e.value) and model.time == model.ledger.day == 3
    model.run_until(9)  # A refused call does not interrupt the model.


def test_a_time_in_the_past_and_a_day_after_the_last_are_refused(world: World):
    model = BorderModel(**SMALL, world=world)
    model.run_for(2)
    with pytest.raises(ValueError, match="invalid end time 1: expected a number from 2 to 9"):
        model.run_until(1)
    model.run_for(0)
    model.run_until(2)
    assert model.time == model.ledger.day == 2  # The current day is allowed.
    model.run_model()
    with pytest.raises(ValueError, match="0 of the scenario's 9 days are left"):
        model.step()
    with pytest.raises(ValueError, match="invalid end time 10"):
        model.run_until(10)
    assert model.time == model.ledger.day == 9


@pytest.mark.parametrize("engine", ["columns", "objects"])
def test_a_model_whose_warm_up_was_interrupted_does_not_begin(
    engine: str, world: World, tmp_path: Path
):
    """Only an agent, a subclass or a traceback can still refer to this model."""
    held = []

    class Own(Organisation):
        def set_price(self, week: int) -> None:
            held.append(self.model)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        BorderModel(**SMALL, engine=engine, world=world, agent_classes={"Organisation": Own})
    for call in CALLS.values():
        with pytest.raises(RuntimeError, match="^interrupted on day 0"):
            call(held[0], tmp_path)
    assert not held[0].running


def test_a_step_that_catches_an_error_does_not_continue(
    saved: Path, world: World, monkeypatch: pytest.MonkeyPatch
):
    """If a caller catches the error, the day remains incomplete."""

    class Own(BorderModel):
        def step(self) -> None:
            with contextlib.suppress(ValueError):
                super().step()

    model = Own.load(saved, world=world)
    interrupt(monkeypatch, 2, ValueError("caught"))
    with pytest.raises(RuntimeError, match="^interrupted on day|^day 5 was not simulated"):
        model.run_for(6)
    assert not model.running


def test_a_day_that_is_not_simulated_is_refused(saved: Path, world: World):
    """A simulator can remove the daily step from the list of events, for example."""

    class Own(BorderModel):
        def step(self) -> None:
            pass

    model = Own.load(saved, world=world)
    with pytest.raises(RuntimeError, match="^day 4 was not simulated"):
        model.run_for(1)
    assert not model.running


def test_a_model_is_not_simulated_while_it_is_copied(saved: Path, world: World):
    model = BorderModel.load(saved, world=world)
    with model._alone():
        for call in (model.step, lambda: copy.deepcopy(model), lambda: pickle.dumps(model)):
            with pytest.raises(RuntimeError, match="^simulating day 3: wait"):
                call()
    model.run_for(1)
