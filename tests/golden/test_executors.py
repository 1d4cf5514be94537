"""All executors give the golden digests, which change only when results are declared to change."""

from __future__ import annotations

import platform
from dataclasses import replace

import pytest

from tests.golden.digests import CASES, HEAD, TABLE, Golden, read, run
from tests.golden.page import EXECUTORS, run_everywhere, section

FEW = CASES[:4]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Run all cases on all executors."""
    return run_everywhere(tmp_path_factory.mktemp("cluster"))


def expected(cases: tuple[Golden, ...]) -> dict[str, str]:
    """Return the digests in the table; skip the test on processors that round differently."""
    if platform.machine() != "x86_64":
        pytest.skip("the table is of x86-64 processors")
    return {golden.name: read()[golden.name] for golden in cases}


def test_the_table_has_the_declared_cases() -> None:
    """The 24 cases have different digests, keep their order and follow the command's header."""
    columns = [golden.name for golden in CASES if golden.engine == "columns"]
    digests = read()
    assert list(digests) == [golden.name for golden in CASES]
    assert len(digests) == 24
    assert len({digests[name] for name in columns}) == len(columns)
    assert TABLE.read_text(encoding="utf-8").startswith(HEAD)


def test_the_first_cases_have_the_digests_of_the_table() -> None:
    """They run in this process. `pytest -m slow` runs all cases on all executors."""
    assert run(FEW, "serial") == expected(FEW)


def test_both_engines_have_one_digest() -> None:
    """Cases that differ in the engine only have equal digests."""
    digests = read()
    for golden in CASES:
        if golden.engine == "objects" and (other := replace(golden, engine="columns")) in CASES:
            assert digests[golden.name] == digests[other.name]


@pytest.mark.slow
def test_all_executors_give_the_same_digests(results: dict[str, dict[str, str]]) -> None:
    """Digests are compared between the executors on this platform, not with the table."""
    assert results["serial"] == results["processes"] == results["dask"]


@pytest.mark.slow
@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_executor_gives_the_digests_of_the_table(
    executor: str, results: dict[str, dict[str, str]]
) -> None:
    assert results[executor] == expected(CASES)


def test_the_page_shows_which_digest_differs() -> None:
    table = {"one": "a" * 40, "two": "b" * 40}
    digests = {"serial": table, "dask": table | {"two": "c" * 40}}
    lines = section(digests, table).splitlines()
    assert "table: 1 of 2." in lines[0] and len(lines) == 5
    assert lines[-1] == f"| two | `{'b' * 10}` | {'b' * 10} | {'c' * 10} |"
