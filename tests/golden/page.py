"""Run the golden cases on all executors, and write their table to the page of reliability.

    uv run --group dev python -m tests.golden.page

compares every digest with `digests.toml` and returns 1 if one differs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.golden.digests import CASES, read, run
from tests.page_blocks import RELIABILITY, today, write_block

EXECUTORS = ("serial", "processes", "dask")

type Digests = Mapping[str, str]


def run_everywhere(folder: Path) -> dict[str, dict[str, str]]:
    """Run all cases in this process, in two processes, and on two Dask workers.

    Args:
        folder: an empty folder for the files of the cluster.

    Returns:
        Digests by case, by executor.

    Raises:
        RuntimeError: a case failed.
    """
    from tests.resume.cluster import Cluster

    cluster = Cluster(folder)
    try:
        cluster.add_worker()
        cluster.add_worker()
        cluster.wait_for_workers(2)
        where = dict(zip(EXECUTORS, ("serial", "processes", cluster.executor), strict=True))
        return {name: run(CASES, executor) for name, executor in where.items()}
    finally:
        cluster.close()


def is_equal(found: Mapping[str, Digests], known: Digests) -> bool:
    """Return whether all executors return the expected digests."""
    return all(digests == known for digests in found.values())


def section(found: Mapping[str, Digests], known: Digests) -> str:
    """Build the section of the page.

    Args:
        found: digests by case, by executor.
        known: digests of the table, by case.

    Returns:
        Markdown: how many digests differ, and a row for each case with another digest.
    """
    rows = [
        f"| {name} | `{digest[:10]}` | {' | '.join(other[name][:10] for other in found.values())} |"
        for name, digest in known.items()
        if any(other[name] != digest for other in found.values())
    ]
    count = f"{len(rows)} of {len(known)}"
    lines = [f"The cases were run on {today()}. Cases with another digest than the table: {count}."]
    if rows:
        heads = f"| case | digest | {' | '.join(found)} |"
        lines += ["", heads, "| --- | --- |" + " --- |" * len(found), *rows]
    return "\n".join(lines)


def main() -> int:
    """Run the command."""
    known = read()
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        found = run_everywhere(Path(folder))
    text = section(found, known)
    print(text)
    write_block(RELIABILITY, "golden", text)
    return int(not is_equal(found, known))


if __name__ == "__main__":
    raise SystemExit(main())
