"""Tables of law that both engines read, computed a second time from the settings.

`agents.kernel_params` makes tables by array operations over groups, nations and kinds. The tests
compute each entry separately, in plain Python, from the names of the nation, the kind and the
consequence. The scenarios are random. Errors in the other parameters change the golden digests.
"""

from __future__ import annotations

import datetime
import itertools
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.phases.dated_inputs import law_on
from abm.scenario import ConsequenceChange, Scenario, SettingError
from agents.kernel_params import again_tables, law_tables
from agents.labels import KINDS, NATIONS
from agents.outcomes import Consequence
from agents.plain.choices import shift_log_odds
from tests.laws.engine_cases import ROWS, anywhere, random_changes

START = datetime.date(2012, 10, 1)
OF_PEOPLE = [
    row for row in ROWS if row.path.startswith(("migrants.", "consequences.", "mexico.", "routes."))
]
CELLS = [(nation, kind) for nation in NATIONS for kind in KINDS]
cases = given(number=st.integers(0, 10**6))


def random_settings(number: int) -> tuple[Scenario, list[ConsequenceChange]]:
    """Draw a scenario with many numbers anywhere within their bounds, and its dated changes."""
    draw = random.Random(number)
    while True:
        rows = draw.sample(OF_PEOPLE, draw.randrange(1, len(OF_PEOPLE)))
        changes = list(random_changes(draw, START))
        values: dict[str, Any] = {row.path: anywhere(row, draw) for row in rows}
        try:
            settings = Scenario(start=START).with_settings(
                values | {"consequence_changes": tuple(changes)}
            )
        except SettingError:
            continue
        return settings, changes


def close_to(value: Any) -> Any:
    """Return an expected value that is compared with a tolerance for rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-12)


# ---- entries -------------------------------------------------------------------------------------


def group_of(nation: str) -> int:
    """Return 0 for Mexicans and 1 for all other nations."""
    return 0 if nation == "MX" else 1


def kind_of(kind: str) -> int:
    """Return the position of a kind in tables of settings."""
    return ["adult", "family", "child"].index(kind)


def retry_after(settings: Any, consequence: str, nation: str) -> float:
    """Return the probability of another attempt that the settings declare."""
    m, mexican = settings.migrants, nation == "MX"
    match consequence:
        case "NONE" | "RELEASE":
            return 0.0
        case "VOLUNTARY_RETURN":
            return m.retry_mexican if mexican else m.retry_removed
        case "REMOVAL" if mexican:  # a sanction lowers the log-odds
            less = math.exp(-m.sanction_removal)
            return m.retry_mexican * less / (1.0 - m.retry_mexican * (1.0 - less))
        case "REMOVAL":
            return m.retry_removed
        case "PROSECUTION":
            return m.retry_prosecuted if mexican else m.retry_removed
        case "EXPULSION":
            turned_back = min(max(m.retry_turned_back, 1e-12), 1.0 - 1e-12)
            to_line = shift_log_odds(turned_back, -m.expulsion_deterrence)
            returned = retry_after(settings, "VOLUNTARY_RETURN", nation)
            return max(min(max(to_line, 0.6), 0.95), returned)
    names = {"KIDNAPPING": "kidnapped", "WAIT": "waiting", "TRANSFER": "transferred"}
    return getattr(m, f"retry_{names.get(consequence, consequence.lower())}")


def value_in_force(
    changes: list[ConsequenceChange], name: str, nation: str, kind: str, date: datetime.date
) -> Any:
    """Return the value of the last change in force for a nation and a kind, or None."""
    latest = None
    for change in sorted(changes, key=lambda change: change.start or datetime.date.min):
        begun = change.start is None or date >= change.start
        if begun and (change.end is None or date < change.end):
            value = getattr(change, name)
            if value is not None and nation in change.countries and kind in change.kinds:
                latest = value
    return latest


def table(values: np.ndarray, nation: str, kind: str) -> float:
    """Return an entry of a table by nation and kind."""
    return float(values[NATIONS.index(nation), kind_of(kind)])


# ---- tables of law -------------------------------------------------------------------------------


@cases
def test_another_attempt_is_as_likely_as_declared_after_every_consequence(number: int) -> None:
    settings, _ = random_settings(number)
    retry = law_tables(settings).retry
    for consequence, (nation, kind) in itertools.product(Consequence, CELLS):
        expected = close_to(retry_after(settings, consequence.name, nation))
        assert table(retry[consequence], nation, kind) == expected, (consequence, nation)


@cases
def test_the_attempts_that_people_expect_follow_the_consequences_of_the_day(number: int) -> None:
    """Expectations after a U.S. apprehension differ by nation and kind.

    Expectations after a stop by Mexico are the mean over kinds.
    """
    settings, changes = random_settings(number)
    date = START + datetime.timedelta(days=random.Random(-number).randrange(-40, 40))
    us, by_mexico = again_tables(settings, law_on(settings, date))

    def today(name: str, nation: str, kind: str, otherwise: float) -> float:
        value = value_in_force(changes, name, nation, kind, date)
        return otherwise if value is None else value

    m = settings.migrants
    for nation, kind in CELLS:
        removed, returned = (
            today(f"retry_{end.lower()}", nation, kind, retry_after(settings, end, nation))
            for end in ("REMOVAL", "VOLUNTARY_RETURN")
        )
        expected = removed
        if nation == "MX":
            share = settings.consequences.voluntary_return[kind_of(kind)]
            share = today("voluntary_return", nation, kind, share)
            expected = share * returned + (1.0 - share) * removed
        assert table(us, nation, kind) == close_to(expected), (nation, kind)
    for nation in NATIONS:
        shares = m.kind_share_mexican if nation == "MX" else m.kind_share_northern_triangle
        if sum(shares) == 0.0:
            continue  # the group has no candidates
        name = "retry_returned_by_mexico"
        values = [today(name, nation, kind, m.retry_returned_by_mexico) for kind in KINDS]
        mean = math.fsum(s * v for s, v in zip(shares, values, strict=True)) / math.fsum(shares)
        assert float(by_mexico[NATIONS.index(nation)]) == close_to(mean), nation
