"""``--supply`` and ``--set supply=`` read the same file, and every output names it."""

from pathlib import Path

import pytest

from abm.supply_file import supply_label
from tests.unit.viz.command_line import one_object

SMALL = ("--days", "20", "--scale", "1000", "--set", "warmup_days=5", "--set", "fill_days=5")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a supply file into the working directory."""
    rows = "".join(f"2013-{month:02d},2\n" for month in range(1, 13))
    (tmp_path / "mine.csv").write_text(f"month,factor\n{rows}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "mine.csv"


def test_a_supply_is_an_option_or_a_setting(file: str):
    found = []
    for words in (["--supply", file], ["--set", f"supply={file}"]):
        found.append(one_object("run", *words, *SMALL))
    assert found[0]["scenario"] == found[1]["scenario"]
    assert found[0]["digest"] == found[1]["digest"]
    assert found[0]["scenario"]["supply"] == supply_label(file)
