"""Settings for all tests: examples, slow tests, file order, threads and garbage collection.

A test with the mark `slow` proves a claim with many or long runs. `pytest` without arguments
leaves these tests out, `pytest -m slow` runs all of them, and naming a file also runs its slow
tests.
"""

import functools
import gc
import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from abm.world.routes import World

# Containers often disable the storage of compiled sources. Both workers, every later command and
# every started process would then compile the sources again, which takes a quarter of a minute per
# collection.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The workers use all cores. Additional linear-algebra threads would wait for each other and slow
# the fits. The variables are set before numpy is imported, for the workers and all started
# processes.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

# A law's first example may have to compile code. Nightly runs draw many examples.
EXAMPLES = int(os.environ.get("TWOBORDERS_EXAMPLES", "12"))
settings.register_profile("patient", deadline=None, max_examples=EXAMPLES)
settings.load_profile("patient")

#: Files that take longest, in descending order. The first files mostly contain slow tests.
LONGEST_FIRST = (
    "tests/policies/test_acting.py",
    "tests/policies/test_model_battery.py",
    "tests/policies/test_battery.py",
    "tests/laws/test_common_random_numbers.py",
    "tests/unit/viz/test_cli.py",
    "tests/laws/test_government_cycle.py",
    "tests/laws/test_two_engines.py",
    "tests/docs/test_shown_commands.py",
    "tests/laws/test_same_future.py",
    "tests/laws/test_news_and_deadlines.py",
    "tests/unit/api/test_wrong_arguments.py",
    "tests/screen/test_compare.py",
    "tests/screen/test_every_page.py",
    "tests/screen/test_serve.py",
    "tests/screen/test_start.py",
    "tests/screen/test_learn.py",
    "tests/screen/test_sweep.py",
)


@pytest.fixture(scope="session")
def world() -> "World":
    """The packaged world, loaded once."""
    from abm.world.routes import load_world  # numpy must be imported after the variables are set

    return load_world()


def pytest_configure(config: pytest.Config) -> None:
    """Leave slow tests out of a run without arguments; pass the mark expression to the workers."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = "not slow"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files that take longest."""
    rank = {file: k for k, file in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(LONGEST_FIRST)))


def pytest_collection_finish() -> None:
    """Collect garbage less often, and build the command line once.

    Garbage collection skips the modules and tests that exist at this point. matplotlib and
    hypothesis create many short-lived objects, whose collection took about a tenth of the time of
    the report tests. Typer's test runner would build all commands again for each of the thousand
    calls.
    """
    if runner := sys.modules.get("typer.testing"):
        vars(runner)["_get_command"] = functools.cache(vars(runner)["_get_command"])
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
