"""``twoborders replay``: the written page and invalid input."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.unit.viz import command_line

SMALL = ("--days", "2", "--scale", "1000", "--set", "warmup_days=5", "--set", "fill_days=5")


call = partial(command_line.call, "replay")


def test_a_replay_is_written_with_both_worlds(tmp_path: Path):
    file = tmp_path / "new" / "b.html"
    output = call("fence:0.5", "trainers", *SMALL, "--language", "es", "--out", str(file))
    assert output.exit_code == 0 and output.stdout.strip() == str(file)
    page = file.read_text(encoding="utf-8")
    assert 'lang="es"' in page and "no un pronóstico" in page
    assert "B: fence:0.5 trainers" in page and "A: status_quo" in page
