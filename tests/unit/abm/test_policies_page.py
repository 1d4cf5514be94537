"""The reference page of policies is generated from their descriptions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abm.policies import registry
from abm.policies.base import money
from abm.policies.policies_page import policies_markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "policies.md"


@pytest.fixture(scope="module")
def sections() -> dict[str, list[str]]:
    """Return the lines of the section of every policy."""
    parts = re.split(r"^## .*\(`(\w+)`\)$", policies_markdown(), flags=re.MULTILINE)
    return {name: text.splitlines() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def table(lines: list[str], head: str) -> list[list[str]]:
    """Return the cells of the rows of a table; empty if there is no such table."""
    if head not in lines:
        return []
    rows = []
    for line in lines[lines.index(head) + 2 :]:
        if not line.startswith("| "):
            break
        rows.append(line.strip("| ").split(" | "))
    return rows


def test_the_page_is_current():
    """If this fails: twoborders policies --markdown > docs/reference/policies.md."""
    assert PAGE.read_text(encoding="utf-8") == policies_markdown()


def test_every_policy_has_a_row_and_a_section_in_the_order_of_the_registry(
    sections: dict[str, list[str]],
):
    rows = table(
        policies_markdown().splitlines(),
        "| Policy | Arm | Needs Mexico | $ a year at dose 1 | Dose |",
    )
    assert [row[0] for row in rows] == [f"`{name}`" for name in registry()] and rows
    assert list(sections) == list(registry())
    for row, cls in zip(rows, registry().values(), strict=True):
        whole = cls.full_programme()
        assert row[1:4] == [
            cls.arm,
            "yes" if cls.needs_mexico else "no",
            money(whole.dollars_at_one),
        ]


def test_the_number_of_instruments_leaves_out_the_baselines():
    baselines = [cls for cls in registry().values() if cls.arm == "baseline"]
    count = f"{len(registry()) - len(baselines)} instruments and {len(baselines)} baselines."
    assert policies_markdown().splitlines()[2].startswith(count) and baselines


def test_every_cost_and_number_is_listed_and_every_condition_has_its_line(
    sections: dict[str, list[str]],
):
    """A policy without costs, numbers or conditions has no table or line of them."""
    for cls in registry().values():
        described, lines = cls.full_programme().describe(), sections[cls.id]
        (*costs,) = (line for line in lines if line.startswith("- **Cost a year at dose 1:**"))
        assert len(costs) == bool(described["cost"])
        for cost in described["cost"]:
            assert f"{money(cost['dollars_per_year'])}: {cost['purpose']}" in costs[0]
        numbers = table(lines, "| Number | Value | Bounds | Meaning | Source |")
        assert [row[0] for row in numbers] == [f"`{n['name']}`" for n in described["numbers"]]
        assert all(
            "[A]" in row[4] or not n["assumed"]
            for row, n in zip(numbers, described["numbers"], strict=True)
        )
        titles = {"failing": "Fails", "acting": "Acts", "switched_off": "Has no effect"}
        for name, title in titles.items():
            (*line,) = (text for text in lines if text.startswith(f"- **{title} under:**"))
            assert len(line) == bool(described[name])
            assert all(f"`{path} = " in line[0] for path in described[name])
