"""A user's subclasses replace classes of agents by name."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from abm.build_agents import REPLACEABLE
from abm.model import BorderModel
from abm.scenario import SettingError
from abm.scenario.policy_specs import parse_policy
from agents.border_patrol import SectorCommand
from agents.plain.migrant import MigrantAgent
from agents.smugglers import Organisation

RUN: dict[str, Any] = {
    "scale": 1000,
    "warmup_days": 60,
    "days": 50,
    "rng": 4,
    "policies": (parse_policy("rural_gendarmerie:8"),),
    "smugglers.decapitation": 1.0,
    "mexico.hiring": 100_000.0,
    "smugglers.splinters": 3.0,
}
EVENTFUL: dict[str, Any] = {
    "engine": "objects",
    "scale": 500,
    "warmup_days": 120,
    "start": "2013-12-22",  # A quarter and a half-year begin soon after.
    "governments.mexico": "strategic",
    "policies": tuple(map(parse_policy, ("rural_gendarmerie:8", "merida_initiative"))),
}


class Same(Organisation):
    """An organisation with an additional attribute and the project's decisions."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.notes = ["founded"]


class Loyal(SectorCommand):
    """A sector command that never requests or releases agents."""

    def request(self, need: float, mean: float) -> float:
        """Return the current staff."""
        return self.staff


def run(**changes: Any) -> BorderModel:
    """Run fifty days."""
    model = BorderModel(**(RUN | changes))
    model.run_for(RUN["days"])
    return model


@pytest.fixture(scope="module")
def plain() -> BorderModel:
    """Return the run with the project's classes."""
    return run()


def test_subclasses_that_override_nothing_give_the_same_digest(plain: BorderModel) -> None:
    """Every class is replaced, and agents are looked up by their own class."""
    own: dict[str, Any] = {
        name: type(f"My{name}", (kind,), {})
        for name, kind in REPLACEABLE.items()
        if kind is not MigrantAgent  # belongs to the other engine
    }
    model = run(agent_classes=own)
    assert model.ledger.digest == plain.ledger.digest
    kinds = {type(agent) for agent in model.non_migrants}
    assert kinds == {own[type(agent).__name__] for agent in plain.non_migrants}
    for name, kind in REPLACEABLE.items():
        assert len(model.agents_of(kind)) == len(plain.agents_of(kind)), name
    assert len(model.agents_by_type[own["Organisation"]]) == len(model.market.agents)


def test_copies_of_a_run_with_own_classes_have_the_same_future(tmp_path: Path) -> None:
    """Loading a file needs the classes again. Copies and pickles in memory already have them."""
    own = {"Organisation": Same, "SectorCommand": Loyal}
    model = BorderModel(**RUN, engine="objects", agent_classes=own)
    model.run_for(20)
    model.market.agents[0].notes.append("on day 20")
    model.migrants.agents[0].notes = ["seen"]
    model.save(tmp_path / "a.run")
    copies = [
        BorderModel.load(tmp_path / "a.run", agent_classes=own),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ]
    model.run_for(30)
    for one in copies:
        assert type(one.market.agents[0]) is Same and one.agent_classes == own
        assert one.market.agents[0].notes == ["founded", "on day 20"]
        assert one.migrants.agents[0].notes == ["seen"]
        one.run_for(30)
        assert one.ledger.digest == model.ledger.digest


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a run with a user's class; return the file."""
    path = tmp_path_factory.mktemp("own") / "a.run"
    small = RUN | {"warmup_days": 10, "days": 3}
    BorderModel(**small, agent_classes={"Organisation": Same}).save(path)
    return path


@pytest.mark.parametrize("given", [None, {"SectorCommand": Loyal}])
def test_loading_without_the_own_classes_says_so_in_one_line(given: Any, saved: Path) -> None:
    """The error names the classes and says how to pass them."""
    with pytest.raises(SettingError, match=r"saved with own classes \(Same as Organisation\)") as e:
        BorderModel.load(saved, agent_classes=given)
    assert 'agent_classes={"Organisation": Same}' in str(e.value) and "\n" not in str(e.value)


def test_a_class_that_a_file_names_is_not_imported(saved: Path, tmp_path: Path) -> None:
    """The name in the file is only compared."""
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(tmp_path / "b", "w") as new:
        state = json.loads(old.read("state.json"))
        state["agent_classes"] = {"Organisation": "os.system"}
        new.writestr("state.json", json.dumps(state))
        new.writestr("buffers.bin", old.read("buffers.bin"))
    for given in (None, {"Organisation": Same}):
        with pytest.raises(SettingError, match="agent_classes"):
            BorderModel.load(tmp_path / "b", agent_classes=given)


def decisions() -> str:
    """Return the guide's table of decisions."""
    rows = [
        f"| `{name}` | {', '.join(f'`{call}`' for call in kind._decisions) or 'none'} |"
        for name, kind in REPLACEABLE.items()
    ]
    return "\n".join(["| class | the day calls or reads |", "| --- | --- |", *rows])


def test_the_guide_lists_what_the_day_calls() -> None:
    """If this test fails, put the result of `decisions` between the markers on the page."""
    page = (Path(__file__).resolve().parents[2] / "docs/guides/mesa.md").read_text("utf-8")
    assert f"<!-- decisions -->\n{decisions()}\n<!-- end of decisions -->" in page


def test_the_day_calls_every_decision() -> None:
    """Every override in a user's class is called."""
    called: set[tuple[str, str]] = set()

    def counted(kind: type[Any], name: str) -> Any:
        base = inspect.getattr_static(kind, name)
        is_method = inspect.isfunction(base)

        def call(*args: Any, **kwargs: Any) -> Any:
            called.add((kind.__name__, name))
            return (base if is_method else base.fget)(*args, **kwargs)

        return call if is_method else property(call, base.fset)

    own = {
        name: type(f"My{name}", (kind,), {call: counted(kind, call) for call in kind._decisions})
        for name, kind in REPLACEABLE.items()
    }
    run(**EVENTFUL, agent_classes=own)
    declared = {(name, call) for name, kind in REPLACEABLE.items() for call in kind._decisions}
    assert declared - called == set()


@pytest.mark.parametrize(
    "call", ["Organisation.price", "Port.waits", "PatrolTeam.officers", "Organisation.set_prices"]
)
def test_an_override_that_nothing_calls_is_refused(call: str) -> None:
    name, attribute = call.split(".")
    own = type("My", (REPLACEABLE[name],), {attribute: property(lambda self: 1.0)})
    with pytest.raises(SettingError, match=rf"My( overrides | has |\.){attribute}.*, which "):
        BorderModel(**RUN, agent_classes={name: own})


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"Organization": Same}, r'unknown class "Organization". Did you mean "Organisation"\?'),
        ({"PatrolTeam": Same}, r"Same is not a subclass of agents.border_patrol.PatrolTeam"),
        ({"Organisation": 3}, r"3 is not a subclass of agents.smugglers.organisation.Organisation"),
        ([Same], r"a list is not a mapping"),
    ],
)
def test_wrong_names_and_classes_are_refused_with_the_valid_names(given: Any, reason: str) -> None:
    """The error is one line with all valid names."""
    with pytest.raises(SettingError, match=reason) as caught:
        BorderModel(**RUN, agent_classes=given)
    assert "\n" not in str(caught.value)
    assert all(name in str(caught.value) for name in REPLACEABLE)
