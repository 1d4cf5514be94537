"""For every test: no example has a deadline, since the first may compile; the order of files."""

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

#: Files that take longest, the longest first.
SLOW = (
    "tests/policies/test_acting_limits.py",
    "tests/policies/test_acting_aid.py",
    "tests/policies/test_acting_capacity.py",
    "tests/policies/test_acting_intelligence.py",
    "tests/policies/test_acting_b2.py",
    "tests/laws/test_government_cycle.py",
    "tests/policies/test_model_battery.py",
    "tests/unit/viz/test_cli.py",
    "tests/laws/test_policies_in_time.py",
    "tests/laws/test_news_and_deadlines.py",
    "tests/docs/test_docs.py",
    "tests/docs/test_notebooks.py",
    "tests/golden/test_fy2013.py",
    "tests/properties/test_any_settings.py",
    "tests/unit/experiments/test_sequential.py",
    "tests/unit/viz/test_cli_curve.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the slow files, so that no worker is left alone with one of them at the end."""
    rank = {file: k for k, file in enumerate(SLOW)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(SLOW)))
