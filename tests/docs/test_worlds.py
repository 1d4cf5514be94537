"""The guide to worlds agrees with the checks of the files, and its example with the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.world.checks import EDGE_COLUMNS, NODE_COLUMNS
from abm.world.declaration import declaration_of
from abm.world.reference import MEANINGS, columns_markdown, words_markdown

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "worlds.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "docs" / "examples" / "mali"


@pytest.mark.parametrize(
    ("name", "written"), [("columns", columns_markdown), ("words", words_markdown)]
)
def test_tables_are_those_of_the_code(name: str, written):
    """Print them with `python -m abm.world.reference`."""
    section = GUIDE.partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- end of {name} -->")[0]
    assert section == written().rstrip()


def test_every_column_has_a_meaning():
    assert set(MEANINGS) == NODE_COLUMNS.keys() | EDGE_COLUMNS.keys()


def test_the_example_has_its_licence_and_names_its_source(tmp_path: Path):
    licence = (EXAMPLE / "LICENSE").read_text(encoding="utf-8")
    assert "Brunel University London" in licence and "Redistribution" in licence
    assert "Brunel University London" in (EXAMPLE / "world.toml").read_text(encoding="utf-8")
    assert "Copyright (c)\n2015-2017 Brunel University London" in GUIDE


def test_the_excerpt_of_the_guide_is_in_the_example():
    excerpt = GUIDE.partition("```text\n")[2].partition("```")[0]
    lines = (EXAMPLE / "world.toml").read_text(encoding="utf-8").splitlines()
    assert {line for line in excerpt.splitlines() if not line.startswith("source")} <= set(lines)


def test_a_wrong_folder_of_the_example_is_an_error_of_one_line(tmp_path: Path):
    import runpy

    main = runpy.run_path(str(EXAMPLE.parent / "flee_world.py"))["main"]
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / "missing"), str(tmp_path / "world")])
    text = str(stopped.value.code)
    assert "missing" in text and "no such file" in text and "\n" not in text
    assert not (tmp_path / "world").exists()


def test_the_example_declares_every_word_that_it_uses(tmp_path: Path):
    import runpy

    convert = runpy.run_path(str(EXAMPLE.parent / "flee_world.py"))["convert"]
    convert(EXAMPLE, tmp_path / "mali")
    found = declaration_of(tmp_path / "mali")
    assert found.undeclared == () and found.name == "Mali 2012" and "BSD" in found.source
