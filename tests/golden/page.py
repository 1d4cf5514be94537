"""Run the golden cases on all executors, and write the result to the reliability page.

    uv run --group dev python -m tests.golden.page

compares every digest with `digests.toml` and returns 1 if any digest differs.
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


def is_equal(runs: Mapping[str, Digests], table: Digests) -> bool:
    """Return whether all executors return the digests in the table."""
    return all(digests == table for digests in runs.values())


def section(runs: Mapping[str, Digests], table: Digests) -> str:
    """Build the section for the reliability page.

    Args:
        found: digests by case, by executor.
        known: digests in the table, by case.

    Returns:
        Markdown that states how many digests differ, with a row for each case that differs.
    """
    rows = [
        f"| {name} | `{digest[:10]}` | {' | '.join(other[name][:10] for other in runs.values())} |"
        for name, digest in table.items()
        if any(other[name] != digest for other in runs.values())
    ]
    count = f"{len(rows)} of {len(table)}"
    lines = [f"The cases were run on {today()}. Cases with another digest than the table: {count}."]
    if rows:
        heads = f"| case | digest | {' | '.join(runs)} |"
        lines += ["", heads, "| --- | --- |" + " --- |" * len(runs), *rows]
    return "\n".join(lines)


def main() -> int:
    """Run the command; return 1 if a digest differs."""
    table = read()
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        runs = run_everywhere(Path(folder))
    text = section(runs, table)
    print(text)
    write_block(RELIABILITY, "golden", text)
    return int(not is_equal(runs, table))


if __name__ == "__main__":
    raise SystemExit(main())
