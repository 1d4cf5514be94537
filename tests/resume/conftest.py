"""Fixtures: a Dask scheduler without workers, and a scheduler with two workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resume.cluster import Cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Start a scheduler without workers."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    cluster = Cluster(folder)
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a scheduler with two workers that no nanny replaces."""
    cluster = Cluster(tmp_path_factory.mktemp("two"))
    try:
        cluster.add_worker("--no-nanny")
        cluster.add_worker("--no-nanny")
        cluster.wait_for_workers(2)
        yield cluster
    finally:
        cluster.close()
