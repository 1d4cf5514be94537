"""The report of `twoborders compare` in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ARMS = ("patrol_surge", "cameras_and_sensors", "southern_border_control")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    command = [
        sys.executable,
        "-m",
        "viz.cli",
        "compare",
        "--scale",
        "500",
        "--days",
        "90",
        "--reps",
        "2",
        "--set",
        "warmup_days=60",
        "--out",
        str(folder),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [p["id"] for p in json.loads(done.stdout)["policies"]] == list(ARMS)
    return folder / "report.html"


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_the_report_opens_without_a_network_and_fits_the_screen(
    report: Path, site: tuple[Path, str], open_page, width: int, height: int
) -> None:
    folder, address = site
    (folder / "report.html").write_bytes(report.read_bytes())
    page = open_page(f"{address}/report.html", width, height)
    assert page.locator("h1").count() == 1
    assert "not a forecast" in page.inner_text("body")
    assert page.locator("svg").count() >= 1 + len(ARMS)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 1, f"the page is {overflow} pixels wider than the screen"


def test_every_chart_has_a_width_and_a_text_alternative(
    report: Path, site: tuple[Path, str], open_page
) -> None:
    folder, address = site
    (folder / "report.html").write_bytes(report.read_bytes())
    page = open_page(f"{address}/report.html", 1300, 900)
    for svg in page.locator("svg[role=img]").all():
        box = svg.bounding_box()
        assert box is not None and box["width"] > 100
        assert svg.locator("title").first.text_content()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_first_sentence_is_in_view_and_marks_stay_on_the_axis(
    report: Path, site: tuple[Path, str], open_page, width: int, height: int
) -> None:
    folder, address = site
    (folder / "report.html").write_bytes(report.read_bytes())
    page = open_page(f"{address}/report.html", width, height)
    first = page.locator(".answers li").first.bounding_box()
    assert first is not None and first["y"] + first["height"] <= height
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
