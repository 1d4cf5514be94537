"""Test that the page and the picture of causal loops agree with the code."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from abm.causal_links import LINKS, VARIABLES
from abm.causal_loops import loop_labels
from abm.causal_page import causal_loops_markdown
from viz.figures.causal_arcs import PLACES, WIDTH, centre, half_size, is_inside, route
from viz.figures.causal_loops import causal_loops_svg

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def arcs() -> list[np.ndarray]:
    return route()


def test_the_page_is_current():
    """If it fails, run: python -m abm.causal_page > docs/background/causal_loops.md."""
    text = (DOCS / "background" / "causal_loops.md").read_text(encoding="utf-8")
    assert text == causal_loops_markdown()


def test_the_picture_is_current_and_complete():
    """If it fails, run: python -m viz.figures.causal_loops > docs/pictures/causal-loops.svg."""
    text = (DOCS / "pictures" / "causal-loops.svg").read_text(encoding="utf-8")
    assert text == causal_loops_svg() + "\n"
    root = ElementTree.fromstring(text)
    texts = " ".join(node.text or "" for node in root.iter() if node.tag.endswith("}text"))
    for variable in VARIABLES.values():
        assert variable.name in texts
    assert all(re.search(rf"\b{label}\b", texts) for label in loop_labels().values())
    assert text.count('class="link"') == len(LINKS)


def test_every_variable_has_a_place_of_its_own():
    assert set(PLACES) == set(VARIABLES) and len(set(PLACES.values())) == len(PLACES)
    for name in VARIABLES:
        (x, y), (wide, tall) = centre(name), half_size(name)
        assert wide < x < WIDTH - wide and y > tall
    for name in VARIABLES:
        for other in VARIABLES:
            apart = np.abs(centre(name) - centre(other)) - half_size(name) - half_size(other)
            assert name == other or apart.max() > 10.0


def test_arrows_begin_and_end_at_their_boxes(arcs: list[np.ndarray]):
    for link, points in zip(LINKS, arcs, strict=True):
        assert is_inside(points[0], link.cause, 8.0) and is_inside(points[-1], link.effect, 10.0)


def test_arrows_avoid_the_boxes_of_other_variables(arcs: list[np.ndarray]):
    """Boxes are drawn over arrows, so that labels are legible where an arc crosses a box."""
    behind = [
        (link.cause, link.effect, name)
        for link, points in zip(LINKS, arcs, strict=True)
        for name in VARIABLES
        if name not in (link.cause, link.effect) and is_inside(points, name, 0.0).any()
    ]
    assert len(behind) <= 2, behind
