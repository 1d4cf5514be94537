"""Every command and block of pages, help, docstrings, messages and texts of the screen runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.run_shown import CI, EXCEPTIONS, USAGE, Page, everything, reason
from tests.docs.shown import GROUP, ROOT, Shown, of_page
from viz.cli.app import app

SHOWN = [
    (name, index, one) for name, page in everything().items() for index, one in enumerate(page)
]


@pytest.fixture(scope="module")
def page_named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Page]]:
    """Return a page with a folder, where it keeps what has run."""
    pages: dict[str, Page] = {}

    def page(name: str) -> Page:
        if name not in pages:
            pages[name] = Page(everything()[name], tmp_path_factory.mktemp("page"))
        return pages[name]

    yield page
    for made in pages.values():
        made.close()


def case(page: str, index: int, shown: Shown) -> Any:
    """Return the parameters of a test."""
    marks = [pytest.mark.slow] if shown.is_slow else []
    return pytest.param(page, index, id=str(shown), marks=marks)


@pytest.mark.parametrize(
    ("page", "index"), [case(*one) for one in SHOWN if reason(one[2]) in ("", USAGE)]
)
def test_what_is_shown_runs(page: str, index: int, page_named: Callable[[str], Page]):
    assert page_named(page).error(index) == ""


@pytest.mark.parametrize("name", GROUP.commands)
def test_the_help_of_every_command_is_printed(name: str, capsys: pytest.CaptureFixture[str]):
    assert app([name, "--help"], standalone_mode=False) == 0
    assert f"twoborders {name}" in capsys.readouterr().out


def test_the_guide_to_worlds_runs_twice_in_one_folder(tmp_path: Path):
    shown = [one for one in of_page(ROOT / "docs/guides/worlds.md") if one.kind == "python"]
    for _ in range(2):
        page = Page(shown, tmp_path)
        assert [page.error(index) for index in range(len(shown))] == [""] * len(shown)


def test_at_most_ten_kinds_are_not_executed_and_all_of_them_are_shown():
    kinds = {"python": "blocks of Python run", "toml": "blocks of TOML run"}
    fates = Counter(reason(one) or kinds.get(one.kind, "commands run") for *_, one in SHOWN)
    print(*(f"{number:4} {fate}" for fate, number in fates.most_common()), sep="\n")  # pytest -s
    assert len(EXCEPTIONS) <= 10 and fates["commands run"] > 200
    assert fates.keys() <= {"commands run", USAGE, CI, *kinds.values(), *EXCEPTIONS.values()}
    assert [why for why in EXCEPTIONS.values() if not fates[why]] == []


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        ("sh", "twoborders frobnicate", "frobnicate"),
        ("sh", "uv run twoborders run --bogus", "bogus"),
        ("sh", "uv run --extra absent twoborders day", "absent"),
        ("sh", "twoborders validate --ensemble 99", "members"),
        ("sh", "twoborders run --scenario absent.toml", "absent.toml"),
        ("sh", "python -m viz.absent", "absent"),
        ("sh", "cp absent.json other.json", "exit code"),
        ("text", "twoborders calibrate", "--out"),
        ("inline", "twoborders compare fense", "fense"),
        ("inline", "twoborders run --bogus N", "bogus"),
        ("python", ">>> 1 + 1\n3\n", "Got"),
        ("python", "import twoborders as tb\ntb.run(bogus=1)\n", "bogus"),
        ("toml", "scaale = 3\n", "scaale"),
    ],
)
def test_a_false_command_or_block_fails(kind: str, text: str, error: str, tmp_path: Path):
    assert error in Page([Shown("a page", 1, kind, text)], tmp_path).error(0)
