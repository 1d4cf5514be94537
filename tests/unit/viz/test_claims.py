"""The table of claims: one rule, every policy once, and a cause for every change."""

import csv
import json
from typing import Any

import pytest

from abm.policies.base import UNMEASURED
from tests.docs.test_generated_pages import DOCS
from viz.documents.claims import CLAIMS, changed_classes, claim_class, claims_markdown
from viz.figures.numbers import NBSP


def row(name: str, effect: float, *, clear: bool = True) -> dict:
    """Return a row of a record whose effect is relative to 100 got-aways."""
    judged = {"baseline": 100.0, "difference": effect, "low90": effect, "high90": effect}
    fields = {"id": name, "policy": name, "requires": [], "dollars": 1e6, "judged_by": "got_aways"}
    fields |= {"outcomes": {"got_aways": judged}, "acting": None, "acts": None, "fails": True}
    fields |= {"detected": clear, "works": clear and effect < 0.0}
    return fields | {"failing": judged | {"settings": {"mexico.bribe": 3.0}}}


@pytest.mark.parametrize(
    ("name", "effect", "clear", "expected"),
    [
        ("fence", -3.0, True, "works"),
        ("fence", 3.0, True, "wrong way"),
        ("fence", -3.0, False, "inert here"),
        ("trainers", -3.0, False, UNMEASURED),
    ],
)
def test_a_class_follows_from_the_effect_and_the_evidence(name, effect, clear, expected):
    assert claim_class(row(name, effect, clear=clear)) == expected


def test_the_table_has_every_policy_and_the_changes_of_class():
    assert len(CLAIMS) == len({*CLAIMS}) == 28
    rows = [row(name, -3.0) for name in (*CLAIMS, "expulsion")]
    study = {"scale": 200, "days": 1095, "members": 0, "seeds": [1], "policies": rows}
    earlier = [{"policy": "fence", "class": "inert here", "cause": "A cause."}]
    text = claims_markdown(study, earlier).replace(NBSP, " ")
    assert "| 28 | A stable" in text and "|  |  | `expulsion` |" in text
    assert "| `fence` | inert here | works | A cause. |" in text
    assert "−3.0 % (−3.0 to −3.0)" in text and "`mexico.bribe=3`" in text


def record() -> dict[str, Any]:
    """Return the effects from which the page of claims is written."""
    return json.loads((DOCS / "records" / "effects.json").read_text(encoding="utf-8"))


def test_every_claim_works_or_states_when_it_acts():
    """If this test fails, declare `acting` for the policy."""
    rows = {row["id"]: row for row in record()["policies"]}
    assert [name for name in CLAIMS if not (rows[name]["works"] or rows[name]["acts"])] == []


def test_every_changed_class_has_a_cause():
    """If this test fails, write the cause in docs/records/claims_0_2.csv."""
    with (DOCS / "records" / "claims_0_2.csv").open(encoding="utf-8") as file:
        assert all(cause for *_, cause in changed_classes(record(), csv.DictReader(file)))
