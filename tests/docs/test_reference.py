"""Test that the reference pages agree with the code."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, fields
from pathlib import Path

import numpy as np
import pytest

from abm.measures import OUTCOMES, outcomes, rates
from abm.policies import registry
from abm.policies.base import money
from abm.scenario import Scenario
from abm.scenario.parameters_page import reference_markdown
from abm.scenario.tree import FIRST_DATE, LAST_DATE
from agents.outcomes import Account, Event, Status

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
every_policy = pytest.mark.parametrize("cls", registry().values(), ids=registry())


def page(name: str) -> str:
    """Return the text of a reference page, with line breaks as spaces."""
    return " ".join((REFERENCE / name).read_text(encoding="utf-8").split())


def test_the_parameters_page_is_current():
    """If this fails: twoborders parameters --markdown > docs/reference/parameters.md."""
    text = (REFERENCE / "parameters.md").read_text(encoding="utf-8")
    assert text == reference_markdown()


def page_lines(name: str) -> list[str]:
    """Return the table rows of a reference page that begin with a name in code font."""
    text = (REFERENCE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("| `")]


@every_policy
def test_every_policy_is_documented_with_cost_and_failure(cls):
    description, text = cls.full_programme().describe(), page("policies.md")
    assert f"`{cls.id}`" in text and cls.title in text
    assert " ".join(description["fails_when"].split()) in text
    assert money(cls.full_programme().dollars_at_one) in text
    for cost in description["cost"]:
        assert money(cost["dollars_per_year"]) in text
    assert all(f"`{lever}`" in text for lever in description["levers"])


def test_only_existing_policies_are_documented():
    text = (REFERENCE / "policies.md").read_text()
    documented = re.findall(r"^## .*\(`(\w+)`\)$", text, re.MULTILINE)
    assert documented == list(registry())


def test_every_outcome_event_status_and_account_is_documented():
    text = page("outcomes.md")
    names = [
        *OUTCOMES,
        *(e.name.lower() for e in Event),
        *(s.name.lower() for s in Status),
        *(a.name.lower() for a in Account),
    ]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_page_of_criteria_has_every_outcome_with_its_unit():
    rows = [re.split(r" *\| *", line)[1:4] for line in page_lines("criteria.md")]
    units = {name.strip("`"): unit for name, _, unit in rows}
    assert {name: outcome.unit for name, outcome in OUTCOMES.items()}.items() <= units.items()


def test_every_indicator_is_documented():
    from abm.phases.indicators import INDICATORS

    text = page("outcomes.md")
    assert [name for name in INDICATORS if f"`{name}`" not in text] == []
    assert [unit for unit in INDICATORS.values() if unit not in text] == []


def test_every_rate_is_documented():
    from abm.ledger import Ledger

    text, empty = page("outcomes.md"), Ledger(days=1, legs=1)
    assert [name for name in rates(empty) if f"`{name}`" not in text] == []
    assert set(outcomes(empty)) == set(OUTCOMES)
    assert np.isnan(rates(empty)["apprehension_probability"])


def test_every_policy_attribute_and_key_is_documented_in_the_guide():
    from abm.policies.base import Policy
    from abm.scenario.policy_specs import PolicySpec
    from agents.labels import AREAS

    text = (ROOT / "docs" / "guides" / "add_a_policy.md").read_text(encoding="utf-8")
    attributes = [name for name, kind in Policy.__annotations__.items() if "ClassVar" in str(kind)]
    keys = PolicySpec(id="fence", start=FIRST_DATE, end=LAST_DATE).to_mapping()
    assert len(attributes) > 10 and {"id", "dose", "from", "to"} <= set(keys)
    assert [
        name for name in (*attributes, *keys, "dollars", *AREAS) if f"`{name}`" not in text
    ] == []


def test_every_series_scenario_and_settings_table_is_documented_in_the_guide():
    from abm.supply_series import SERIES
    from experiments.scenarios import names

    text = (ROOT / "docs" / "guides" / "scenarios.md").read_text(encoding="utf-8")
    assert [name for name in (*SERIES, *names()) if f"`{name}`" not in text] == []
    tables = [field.name for field in fields(Scenario) if field.default_factory is not MISSING]
    assert [name for name in tables if f"`[{name}]`" not in text] == []


def test_every_decision_has_a_date_and_its_page_is_cited():
    folder = ROOT / "docs" / "background" / "decisions"
    pages = {page.name: page.read_text(encoding="utf-8") for page in folder.glob("*.md")}
    index = pages.pop("index.md")
    others = (page for page in (ROOT / "docs").rglob("*.md") if page.parent != folder)
    citing = "".join(page.read_text(encoding="utf-8") for page in others)
    for name, text in pages.items():
        title, *sections = re.split(r"^##? ", text, flags=re.MULTILINE)[1:]
        assert f"[{title.splitlines()[0]}]({name})" in index
        assert f"decisions/{name}" in citing
        assert [s.splitlines()[0] for s in sections if not re.match(r".+\n\n\*20\d\d-", s)] == []


def test_the_day_in_the_odd_protocol_matches_the_schedule():
    from abm.schedule import DAY

    text = (ROOT / "docs" / "background" / "odd.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\d+\. \*\*(\w+)\*\*", text, re.MULTILINE)
    assert steps == [step.__name__ for step in DAY]


def test_the_example_policy_of_the_guide_is_valid(tmp_path: Path):
    """The example file of the guide passes the main checks of the policy battery."""
    import sys
    from types import ModuleType

    from abm.policies import Inputs, pull_all
    from abm.world.geography import usbp_staffing
    from abm.world.routes import SECTORS, load_world
    from agents.levers import Levers

    guide = (ROOT / "docs" / "guides" / "add_a_policy.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(\"\"\".*?)^```", guide, re.MULTILINE | re.DOTALL)
    name = "abm.policies.example_of_the_guide"
    module = sys.modules[name] = ModuleType(name)
    try:
        exec(compile(source, "add_a_policy.md", "exec"), vars(module))
        (cls,) = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == name]
        policy = cls(dose=1.0, start=1, end=1000)  # reads the annotations of its module
    finally:
        del sys.modules[name]
    assert len(source.splitlines()) <= 60 and cls.id not in {"status_quo", "fence"}
    world, staff = load_world(), usbp_staffing(2013)
    inputs = Inputs(
        world=world,
        settings=Scenario(),
        mx_base=np.zeros(world.n_places),
        us_base=np.array([staff[s] for s in SECTORS]),
    )
    levers = Levers(
        sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=len(world.ports)
    )
    pull_all((policy,), levers, 500, inputs)
    touched = {lever for lever, array in levers.copy().items() if array.any()}
    assert touched == set(cls.lever_names)
    assert json.loads(json.dumps(policy.describe()))["id"] == cls.id
