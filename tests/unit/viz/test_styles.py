"""The palette alone defines its colours, and the worlds differ in more than colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from viz.figures.palette import PALETTE

ROOT = Path(__file__).resolve().parents[3] / "viz"
SHEETS = sorted(
    [*ROOT.glob("screen/styles/*.css"), *ROOT.glob("screen/widgets/*.css")],
    key=lambda one: one.name,
)


def test_colours_of_the_palette_are_written_in_the_palette_only():
    """Scripts, style sheets and figures read the colours of the worlds from the palette."""
    colours = {world[part].lower() for world in PALETTE["worlds"] for part in ("colour", "fill")}
    colours |= {world["text"].lower() for world in PALETTE["worlds"]}
    for path in [*ROOT.glob("screen/**/*.js"), *ROOT.glob("figures/*.py"), *SHEETS]:
        text = path.read_text(encoding="utf-8").lower()
        assert not colours.intersection(re.findall(r"#[0-9a-f]{6}\b", text)), path


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("world", PALETTE["worlds"])
def test_worlds_have_contrast_for_texts_and_differ_in_colour_dash_and_shape(world: dict):
    for colour, ground in ((world["text"], "#ffffff"), (world["text"], world["pale"])):
        light, dark = sorted(map(luminance, (colour, ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5
    (other,) = (one for one in PALETTE["worlds"] if one is not world)
    assert all(world[part] != other[part] for part in ("colour", "text", "dash", "shape"))
