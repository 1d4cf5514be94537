"""Both engines of the migrants give the same history: event for event and dollar for dollar.

300 random worlds with scenarios and policies are compared, all but three of them in slow tests.
`TWOBORDERS_ENGINES` sets another number. `python -m tests.laws.engines_page` compares the same
worlds in two processes, fails if an event occurs in no world, and writes the result to the
reliability page.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from abm.model import BorderModel
from abm.scenario import Scenario, SettingError
from abm.world.routes import load_world
from agents.outcomes import Event, Status
from agents.plain.migrant import MigrantAgent
from experiments.runs.case import Case
from experiments.runs.run import run_one
from tests.laws.engine_cases import LIVELY, compare, differences, run
from tests.laws.engine_days import DailyModel
from viz.cli.app import app

WORLDS = int(os.environ.get("TWOBORDERS_ENGINES", "300"))
QUICK = 3  # worlds that the default suite compares
SMALL: dict[str, Any] = {"scale": 1000, "warmup_days": 20, "days": 40}


def case(number: int) -> Any:
    """Return the number of a world, marked as slow unless it is among the first."""
    return number if number < QUICK else pytest.param(number, marks=pytest.mark.slow)


def both(**settings: Any) -> tuple[DailyModel, DailyModel]:
    """Return both models after all days, first the model with columns."""
    scenario = Scenario().with_settings(SMALL | settings)
    columns, objects = (run(scenario, load_world(), name, 3) for name in ("columns", "objects"))
    return columns, objects


# ---- equality ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [case(number) for number in range(WORLDS)])
def test_histories_are_equal(number: int, tmp_path: Path) -> None:
    """Records of a random world, scenario and policies are equal to the last byte on every day."""
    assert compare(number, tmp_path).different == ()


@pytest.mark.slow
def test_histories_are_equal_where_every_event_occurs() -> None:
    """One run has every event and every status, and the engines agree to the last byte."""
    columns, objects = both(**LIVELY)
    persons = columns.ledger.events.sum(axis=(0, 2, 3))
    assert [event.name for event in Event if not persons[event]] == []
    stock = columns.ledger.stock.sum(axis=(0, 1))
    assert [status.name for status in Status if not stock[status]] == []
    assert differences(columns, objects) == []


def test_results_and_digests_do_not_depend_on_the_engine() -> None:
    """Stored runs are equal, but the engines do not share a warm-up."""
    scenario = Scenario(**SMALL)
    objects = scenario.with_settings({"engine": "objects"})
    assert scenario.digest == objects.digest and scenario.warmup_key != objects.warmup_key
    one, other = (run_one(Case(arm, 4)) for arm in (scenario, objects))
    assert one.digest == other.digest and one.case == other.case
    assert one.criteria.keys() == other.criteria.keys()
    assert np.array_equal(list(one.outcomes.values()), list(other.outcomes.values()), True)


def test_too_many_people_are_refused() -> None:
    """The error names the limit and an accepted scale. An unknown engine is refused, too."""
    with pytest.raises(SettingError, match="at most about 20,000 people") as caught:
        BorderModel(scale=1, warmup_days=0, days=1, engine="objects")
    least = int(caught.value.hint.rpartition("scale=")[2].split()[0])
    assert BorderModel(scale=least, warmup_days=0, days=1, engine="objects").migrants.count == 0
    with pytest.raises(SettingError, match="at most about 20,000 people"):
        BorderModel(scale=least - 1, warmup_days=0, days=1, engine="objects")
    with pytest.raises(SettingError, match='"rows" is not known'):
        BorderModel(engine="rows")


class Unchanged(MigrantAgent):
    """A migrant with the project's decisions."""


class Patient(MigrantAgent):
    """A migrant who never tries again."""

    def retry_probability(self) -> float:
        """Return 0, so that the person never tries again."""
        return 0.0


def test_a_subclass_replaces_the_migrants(tmp_path: Path) -> None:
    """The subclass changes one decision. Loading needs it again, and the columns refuse it."""
    more = {"rng": 3, "engine": "objects"}
    same, other = (
        BorderModel(**(SMALL | more), agent_classes={"MigrantAgent": kind})
        for kind in (Unchanged, Patient)
    )
    plain = BorderModel(**(SMALL | more))
    for model in (same, other, plain):
        model.run_for(30)
    assert same.ledger.digest == plain.ledger.digest != other.ledger.digest
    assert other.ledger.totals()["retried"] == 0 < plain.ledger.totals()["retried"]
    assert {type(person) for person in other.migrants.agents} == {Patient}
    other.save(tmp_path / "run")
    again = BorderModel.load(tmp_path / "run", agent_classes={"MigrantAgent": Patient})
    assert {type(person) for person in again.migrants.agents} == {Patient}
    for model in (other, again):
        model.tidy()  # Users also drop finished people between days.
        model.run_for(10)
    assert differences(other, again) == []
    with pytest.raises(SettingError, match="the migrants are rows, and MigrantAgent is not used"):
        BorderModel(**SMALL, agent_classes={"MigrantAgent": Patient})


# ---- commands ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_commands_take_the_engine(tmp_path: Path) -> None:
    """Both engines give the same results in `run` and `sweep`.

    Too many people are an input error.
    """
    short = ["--scenario", "classroom", "--scale", "1000", "--days", "20", "--set", "warmup_days=9"]
    found = []
    for engine in ("columns", "objects"):
        answer = CliRunner().invoke(app, ["run", *short, "--engine", engine, "--json"])
        assert answer.exit_code == 0, answer.stderr
        found.append(json.loads(answer.stdout)["digest"])
    assert found[0] == found[1]
    design = tmp_path / "pair.toml"
    design.write_text(
        'name = "pair"\nscenario = "classroom"\ndays = 20\nreps = 1\n[set]\nscale = 1000\n'
        'warmup_days = 9\n[grid]\n"policy.fence" = [0.0, 1.0]\n',
        encoding="utf-8",
    )
    words = ["sweep", str(design), "--jobs", "1", "--out", str(tmp_path / "out"), "--json"]
    first = CliRunner().invoke(app, [*words, "--engine", "objects"])
    again = CliRunner().invoke(app, [*words, "--resume"])
    assert first.exit_code == again.exit_code == 0, first.stderr + again.stderr
    assert "already stored" not in first.stderr and "2 of 2 runs are already stored" in again.stderr
    large = ["compare", "fence", "--scale", "1", "--engine", "objects", "--out", str(tmp_path)]
    refused = CliRunner().invoke(app, large)
    assert refused.exit_code == 2 and refused.stderr.startswith("error: engine: the plain engine")
