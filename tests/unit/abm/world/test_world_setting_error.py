"""The error of a setting that names an invalid world contains every name once."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.world.errors import WorldError
from abm.world.routes import load_world


@pytest.mark.parametrize("create", [False, True])
def test_a_folder_is_named_once_and_no_sentence_has_two_marks(tmp_path: Path, create: bool):
    folder = tmp_path / "mine"
    if create:
        folder.mkdir()
    with pytest.raises(WorldError) as error:
        load_world(folder)
    text = str(error.value.as_setting_error("--world", str(folder)))
    assert text.startswith("--world: ") and text.count(str(folder)) == 1
    assert "?." not in text and ".." not in text


def test_the_folder_precedes_the_name_of_its_file():
    error = WorldError("edges.csv", 3, "target", "unknown place; did you mean tapachula?")
    text = str(error.as_setting_error("set.world", "mine"))
    assert text.startswith("set.world: mine: edges.csv, row 3, column target: unknown place")
    assert text.endswith("tapachula? Fix this file.")
