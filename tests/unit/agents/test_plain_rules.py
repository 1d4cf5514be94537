"""Rules of the plain engine: computed by hand, or compared with the compiled functions."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import chance
from agents.migrants import decisions, success
from agents.outcomes import Mode
from agents.plain import choices, draws
from agents.plain.choices import ALONE, THROUGH_PORT, Chooser, Way
from agents.plain.migrant import MigrantAgent

GUIDE, OTHER = Way(Mode.GUIDED, 0), Way(Mode.GUIDED, 3)
SHARE = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 1.0]))


# ---- single numbers ------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 2**63 - 1),
    stream=st.integers(1, 40),
    uid=st.integers(0, 2**62),
    event=st.integers(0, 2**40),
)
def test_draws_are_equal(seed: int, stream: int, uid: int, event: int) -> None:
    """The plain generator returns the same numbers as the compiled one."""
    assert draws.draw4(seed, stream, uid, event) == chance.draw4(seed, stream, uid, event)


@given(
    seed=st.integers(0, 2**32),
    uid=st.integers(0, 2**40),
    rate=st.one_of(st.floats(0.0, 3_000.0), st.sampled_from([499.9, 500.0, 1_000.0])),
)
def test_counts_are_equal(seed: int, uid: int, rate: float) -> None:
    """Numbers of candidates are equal, with one part and with several."""
    assert draws.poisson(seed, 1, uid, rate) == chance.poisson(seed, 1, uid, rate)


@given(p=st.floats(-0.5, 1.5), alpha=st.floats(0.1, 1.0))
def test_decision_weights_are_equal(p: float, alpha: float) -> None:
    """Prelec weights are equal, also for probabilities that rounding moves outside 0 to 1."""
    assert choices.prelec(p, alpha) == decisions.prelec(p, alpha)


@given(arrive=SHARE, mexico=SHARE, release=SHARE, us=SHARE, mx=SHARE, tries=st.integers(0, 5))
def test_chances_of_success_are_equal(
    arrive: float, mexico: float, release: float, us: float, mx: float, tries: int
) -> None:
    """They are also equal to a sum over attempts, bounded by 1."""
    chances = arrive, mexico, release, us, mx, tries
    found = choices.eventual_success(*chances)
    assert found == success.eventual_success(*chances)
    stopped = max(0.0, 1.0 - arrive - mexico)
    once, again = arrive + stopped * release, stopped * (1.0 - release) * us + mexico * mx
    assert found == pytest.approx(min(1.0, sum(once * again**k for k in range(tries))))


@given(st.floats(-700.0, 700.0))
def test_an_exponential_too_large_for_a_number_is_infinite(x: float) -> None:
    """Extreme log-odds give probabilities of 0 and 1, without an error."""
    assert draws.exp(x) == math.exp(x) and draws.exp(x + 1_500.0) == math.inf
    assert choices.shifted(0.5, -2_000.0) == 0.0 and choices.shifted(0.5, 2_000.0) == 1.0


# ---- choices -------------------------------------------------------------------------------------


class Calm(Chooser):
    """A person whose choices have no noise."""

    def __init__(self) -> None:
        """Create a person without a model."""

    @property
    def here(self) -> Any:
        """Return surroundings that have only a parameter."""
        return SimpleNamespace(params=SimpleNamespace(mode_noise=2.0))

    def _noise(self, way: Way) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("utilities", "way"),
    [
        ({}, ALONE),
        ({ALONE: -3.0}, ALONE),
        ({ALONE: 1.0, GUIDE: 2.0}, GUIDE),
        ({ALONE: 2.0, GUIDE: 2.0}, ALONE),
        ({GUIDE: 1.0, OTHER: 1.0}, GUIDE),
        ({ALONE: 2.0, THROUGH_PORT: 2.0, GUIDE: 0.0}, ALONE),
        ({ALONE: 2.0, THROUGH_PORT: 2.1, GUIDE: 0.0, OTHER: 1.0}, Way(Mode.PORT, 3)),
        ({THROUGH_PORT: 0.5, GUIDE: 1.0}, GUIDE),
        ({THROUGH_PORT: 1.5, GUIDE: 1.0}, Way(Mode.PORT, 0)),
    ],
)
def test_without_noise_people_choose_the_best_mode(utilities: dict[Way, float], way: Way) -> None:
    """The first of equal modes is chosen; the best organisation arranges port passages."""
    assert Calm().choose_way(utilities) == way


@given(st.lists(st.floats(-9e3, 9e3), min_size=1, max_size=5))
def test_the_value_of_going_is_a_log_sum(values: list[float]) -> None:
    """The result is correct for large values too; without options there is no value."""
    ways = {Way(Mode.GUIDED, k): value for k, value in enumerate(values)}
    found, best = Calm().inclusive_value(ways), max(values)
    total = sum(math.exp((value - best) / 2.0) for value in values)
    assert found == pytest.approx(best + 2.0 * math.log(total))
    assert Calm().inclusive_value({}) is None


class Undecided(MigrantAgent):
    """A person whose draw is equal to the probability of another attempt."""

    here: Any = SimpleNamespace(tallies=SimpleNamespace(decided=0))
    gave_up = 0

    def __init__(self) -> None:
        """Create a person without a model."""
        self.trips = self.decisions = self.line_tries = self.caught = self.hop = 0

    def draw(self, stream: Any, event: int) -> tuple[float, float, float, float]:
        """Return a quarter."""
        return 0.25, 0.25, 0.25, 0.25

    def retry_probability(self) -> float:
        """Return a quarter."""
        return 0.25

    def _give_up(self) -> None:
        self.gave_up += 1


def test_a_draw_that_is_equal_to_the_probability_is_no_further_attempt() -> None:
    """An attempt requires a draw below the probability, so a probability of 0 gives none."""
    person = Undecided()
    person.reconsider()
    assert person.gave_up == person.decisions == 1
