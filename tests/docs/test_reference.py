"""The reference pages agree with the code."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path

from abm.measures import OUTCOMES
from abm.scenario import Scenario
from abm.scenario.tree import FIRST_DATE, LAST_DATE
from agents.outcomes import Account, Event, Status

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def page(name: str) -> str:
    """Return a reference page's text with spaces in place of line breaks."""
    return " ".join((REFERENCE / name).read_text(encoding="utf-8").split())


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
    text = (REFERENCE / "outcomes.md").read_text(encoding="utf-8")
    lines = text.partition("<!-- criteria -->")[2].splitlines()
    rows = [re.split(r" *\| *", line)[1:4] for line in lines if line.startswith("| `")]
    units = {name.strip("`"): unit for name, _, unit in rows}
    assert {name: outcome.unit for name, outcome in OUTCOMES.items()}.items() <= units.items()


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


def test_every_decision_has_a_date():
    pages = (ROOT / "docs").glob("*/decisions/*.md")
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    assert len(sections) > 50
    assert [s.splitlines()[0] for s in sections if not re.match(r".+\n\n\*20\d\d-", s)] == []


def test_the_day_in_the_odd_protocol_matches_the_schedule():
    from abm.schedule import DAY

    text = (ROOT / "docs" / "background" / "odd.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\d+\. \*\*(\w+)\*\*", text, re.MULTILINE)
    assert steps == [step.__name__ for step in DAY]
