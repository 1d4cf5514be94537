"""The report of `twoborders compare` in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.screen.waiting import SIZES

ARMS = ("patrol_surge", "cameras_and_sensors", "southern_border_control")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    options = "--scale 500 --days 90 --reps 2 --set warmup_days=60 --json --out"
    command = [sys.executable, "-m", "viz.cli", "compare", *options.split(), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [p["id"] for p in json.loads(done.stdout)["policies"]] == list(ARMS)
    return folder / "report.html"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_report_fits_has_alternatives_and_marks_that_stay_on_the_axis(
    report: Path, site: tuple[Path, str], open_page, assert_fits, width: int, height: int
) -> None:
    folder, address = site
    (folder / "report.html").write_bytes(report.read_bytes())
    page = open_page(f"{address}/report.html", width, height)
    assert page.locator("h1").count() == 1
    assert "not a forecast" in page.inner_text("body")
    assert_fits(page)
    charts = page.locator("svg[role=img]").all()
    assert len(charts) >= 1 + len(ARMS)
    for svg in charts:
        assert svg.bounding_box()["width"] > 100 and svg.locator("title").first.text_content()
    first = page.locator(".answers li").first.bounding_box()
    assert first["y"] + first["height"] <= height
    outside = page.evaluate(
        """[...document.querySelectorAll('.forest-table .track')].filter((track) => {
          const room = track.getBoundingClientRect();
          return [...track.querySelectorAll('svg, .range')].some((part) => {
            const box = part.getBoundingClientRect();
            return box.left < room.left - 8 || box.right > room.right + 8;
          });
        }).length"""
    )
    assert outside == 0
