"""A case in a battery is accepted and conserves over four days, or is refused in one line."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from abm import measures
from abm.model import BorderModel
from abm.scenario import Scenario
from abm.world.errors import WorldError
from abm.world.routes import World, load_world
from agents.param import LONGEST_MESSAGE, SettingError

SECONDS = 180  # seconds until a case counts as a hang; a case takes a twentieth of a second
DAYS, SCALE = 4, 200
#: Settings for the run of every case, which a case does not change.
FRAME: dict[str, Any] = {"days": DAYS, "scale": SCALE, "warmup_days": 30, "fill_days": 10}
#: Prefixes of rates that may exceed 1.
AMOUNTS = ("fee_", "entries_per_", "turn_backs_per_", "deaths_per_")


class HangError(AssertionError):
    """A case took longer than ``SECONDS``."""


@cache
def world() -> World:
    """Return the packaged world, with kernels compiled before the time limit of a case counts."""
    run(Scenario(), found := load_world())
    return found


@contextmanager
def time_limit(seconds: int = SECONDS) -> Iterator[None]:
    """Raise HangError in the main thread after a number of seconds."""

    def stop(*_: object) -> None:
        raise HangError(f"no answer within {seconds} s")

    world()
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Counts:
    """The numbers of accepted and refused cases, in the form that the batteries report."""

    accepted: int = 0
    refused: int = 0
    messages: list[str] = field(default_factory=list)

    def record(self, record_property: Callable[[str, Any], None]) -> None:
        """Report the counts of a test."""
        record_property("tried", self.accepted + self.refused)
        record_property("accepted", self.accepted)
        record_property("refused", self.refused)

    def judge[T](self, read: Callable[[], T], use: Callable[[T], object]) -> bool:
        """Read and use a case within the time limit, and count the result.

        Args:
            read: reads the input, or raises the project's own error.
            use: runs an accepted case; it may also raise the project's own error.

        Returns:
            True if the case is accepted.
        """
        try:
            with time_limit():
                use(read())
        except (SettingError, WorldError) as error:
            check_refusal(error)
            self.refused += 1
            self.messages.append(str(error))
            return False
        self.accepted += 1
        return True


def check_refusal(error: SettingError | WorldError) -> None:
    """Check that an error is one short line with a path or a file, and a reason."""
    text = str(error)
    assert text.isprintable(), repr(text)
    assert len(text) <= LONGEST_MESSAGE, f"{len(text)} characters: {text}"
    assert error.reason.strip()
    if isinstance(error, SettingError):
        assert error.path.strip() and error.hint.strip(), text
    else:
        assert error.file.strip() and (error.row is None or error.row >= 1), text


def check_figures(model: BorderModel) -> None:
    """Check that figures are finite and not negative, and that shares are at most 1."""
    for name, value in measures.rates(model.ledger).items():
        high = math.inf if name.startswith(AMOUNTS) else 1.0
        assert math.isnan(value) or (0.0 <= value <= high and math.isfinite(value)), name
    for name, value in measures.outcomes(model.ledger).items():
        assert math.isnan(value) or (value >= 0.0 and math.isfinite(value)), name
    prices = model.market.book["price"][model.market.book["active"] == 1]
    assert ((prices >= 0.0) & (prices < 1e9)).all()
    for name in ("mx_hazard", "us_hazard", "extort_hazard", "death", "kidnap", "respond"):
        hazard = getattr(model.network.leg_state, name)
        assert ((hazard >= 0.0) & (hazard < math.inf)).all(), name


def run(
    scenario: Scenario, own: World | None = None, seed: int = 1, days: int = DAYS
) -> BorderModel:
    """Simulate some days, and check that persons and dollars are conserved.

    Args:
        scenario: any scenario; its days, scale and warm-up are replaced.
        own: the scenario's world; by default the packaged world, or the world that it names.
        seed: seed of the draws.
        days: number of days.

    Returns:
        The model after the last day.
    """
    own = own or (None if scenario.world else world())
    model = BorderModel(scenario.with_settings(FRAME | {"days": days}), rng=seed, world=own)
    model.run_for(days)  # The ledger checks persons, got-aways and dollars every day.
    model.tidy()  # This recounts all rows.
    ledger = model.ledger
    assert ledger.day == days
    assert int(ledger.balance.sum()) == 0
    persons = ledger.persons()
    assert persons.pop("candidates") == sum(persons.values())
    assert (ledger.events >= 0).all() and (ledger.stock >= 0).all()
    assert not np.isinf(ledger.indicators[: ledger.day]).any()
    check_figures(model)
    return model
