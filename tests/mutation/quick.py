"""A pytest plug-in for runs of mutants: files in the given order, no shrinking, one process."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, settings


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule() -> None:
    """Do not search for the smallest failing example, since any failure kills the mutant."""
    settings.register_profile("quick", deadline=None, phases=[Phase.explicit, Phase.generate])
    settings.load_profile("quick")


@pytest.hookimpl(trylast=True)  # after tests/conftest.py
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the files in the order of the command line."""
    rank = {Path(name).name: k for k, name in enumerate(config.args)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))
