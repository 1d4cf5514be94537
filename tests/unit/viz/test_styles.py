"""Style sheets: every class is given to an element, and colours are those of the palette."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from viz.figures.palette import PALETTE

ROOT = Path(__file__).resolve().parents[3] / "viz"
SHEETS = sorted(
    [*ROOT.glob("screen/styles/*.css"), *ROOT.glob("screen/widgets/*.css")],
    key=lambda one: one.name,
)
#: Classes of which only ``tb-`` is written, before a variable part.
SHORT = {"tb-a", "tb-b", "tb-right", "tb-wrong", "tb-more", "tb-fewer"}


def selectors(sheet: Path) -> list[str]:
    """The selectors of a style sheet, without its comments and declarations."""
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [one.strip() for rule in re.findall(r"([^{}]+)\{", css) for one in rule.split(",")]


@cache
def written() -> tuple[set[str], set[str]]:
    """Classes in Python sources, scripts and pages, and beginnings of others; no selectors."""
    files = [path for path in ROOT.rglob("*") if path.suffix in {".py", ".js", ".html"}]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    built = re.findall(r"(?<![.\w-])(tb-[\w-]+-)(?=\$?\{)", code)
    return set(re.findall(r"(?<![.\w-])tb-[\w-]*\w(?!\w|-\$?\{)", code)), set(built)


def is_given(name: str) -> bool:
    """Whether some element may have a class."""
    whole, built = written()
    return name in whole | SHORT or any(re.fullmatch(rf"{one}[a-z]+", name) for one in built)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.name)
def test_every_class_of_a_style_sheet_is_given_to_an_element(sheet: Path):
    names = {name for one in selectors(sheet) for name in re.findall(r"\.(tb-[\w-]+)", one)}
    assert not [name for name in sorted(names) if not is_given(name)]


def test_colours_of_the_palette_are_written_in_the_palette_only():
    """Scripts, style sheets and figures read the colours of the worlds from one file."""
    colours = {world[part].lower() for world in PALETTE["worlds"] for part in ("colour", "fill")}
    colours |= {world["text"].lower() for world in PALETTE["worlds"]}
    for path in [*ROOT.glob("screen/**/*.js"), *ROOT.glob("figures/*.py"), *SHEETS]:
        text = path.read_text(encoding="utf-8").lower()
        assert not colours.intersection(re.findall(r"#[0-9a-f]{6}\b", text)), path


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2)."""
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
