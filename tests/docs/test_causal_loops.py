"""Test that the page of causal loops agrees with the code."""

from __future__ import annotations

from pathlib import Path

from abm.causal_links import LINKS, VARIABLES
from abm.causal_page import causal_loops_markdown, diagram

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_current():
    """If it fails, run: python -m abm.causal_page > docs/background/causal_loops.md."""
    text = (DOCS / "background" / "causal_loops.md").read_text(encoding="utf-8")
    assert text == causal_loops_markdown()


def test_the_diagram_has_every_variable_and_link_once():
    lines = diagram().splitlines()
    boxes = [line.split(" ")[2] for line in lines if line.startswith("  ")]
    links = [tuple(line.split(" ")[:3:2]) for line in lines if " -> " in line]
    assert sorted(boxes) == sorted(VARIABLES)
    assert links == [(link.cause, link.effect) for link in LINKS]
