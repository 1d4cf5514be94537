"""The guide to worlds agrees with the checks of the files, and its example with the data."""

from __future__ import annotations

from pathlib import Path

from abm.world.routes import declaration_of

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "worlds.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "docs" / "examples" / "mali"


def test_the_excerpt_of_the_guide_is_in_the_example():
    excerpt = GUIDE.partition("```text\n")[2].partition("```")[0]
    lines = (EXAMPLE / "world.toml").read_text(encoding="utf-8").splitlines()
    assert {line for line in excerpt.splitlines() if not line.startswith("source")} <= set(lines)


def test_the_example_declares_every_word_that_it_uses(tmp_path: Path):
    import runpy

    convert = runpy.run_path(str(EXAMPLE.parent / "flee_world.py"))["convert"]
    convert(EXAMPLE, tmp_path / "mali")
    found = declaration_of(tmp_path / "mali")
    assert found.undeclared == () and found.name == "Mali 2012" and "BSD" in found.source
