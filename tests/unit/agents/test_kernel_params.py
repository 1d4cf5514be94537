"""The parameters of people that both engines read, computed a second time from the settings.

`agents.kernel_params` makes tables by array operations over groups, nations and kinds. The tests
compute each entry separately, in plain Python, from the names of the nation, the kind and the
consequence. The scenarios are random.
"""

from __future__ import annotations

import datetime
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.phases.dated_inputs import law_on
from abm.scenario import ConsequenceChange, Scenario, SettingError
from agents.kernel_params import again_tables, build_kernel_params
from agents.labels import KINDS, NATIONS
from agents.migrants.columns import MAX_ORIGINS, SLOTS
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


def exactly(value: Any) -> Any:
    """Return a value that is compared up to rounding."""
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


def declared(settings: Any, table: str, nation: str, kind: str) -> float:
    """Return an entry of a table that is not about another attempt."""
    c, mexican = settings.consequences, nation == "MX"
    if table == "release":
        return (c.release_mexican if mexican else c.release)[kind_of(kind)]
    if table == "voluntary":
        return c.voluntary_return[kind_of(kind)]
    if table == "returned_to_line":
        return 1.0 if mexican else 0.0
    return getattr(c, table)[group_of(nation)]


def changed(
    changes: list[ConsequenceChange], name: str, nation: str, kind: str, date: datetime.date
) -> Any:
    """Return the value of the last change in force for a nation and a kind, None if none."""
    found = None
    for one in sorted(changes, key=lambda one: one.start or datetime.date.min):
        begun = one.start is None or date >= one.start
        if begun and (one.end is None or date < one.end):
            value = getattr(one, name)
            if value is not None and nation in one.countries and kind in one.kinds:
                found = value
    return found


def table(values: np.ndarray, nation: str, kind: str) -> float:
    """Return an entry of a table by nation and kind."""
    return float(values[NATIONS.index(nation), kind_of(kind)])


# ---- tables of law -------------------------------------------------------------------------------


@cases
def test_the_attempts_that_people_expect_follow_the_consequences_of_the_day(number: int) -> None:
    """After a U.S. apprehension by nation and kind; after a stop by Mexico the mean over kinds."""
    settings, changes = random_settings(number)
    date = START + datetime.timedelta(days=random.Random(-number).randrange(-40, 40))
    us, by_mexico = again_tables(settings, law_on(settings, date))

    def today(name: str, nation: str, kind: str, otherwise: float) -> float:
        value = changed(changes, name, nation, kind, date)
        return otherwise if value is None else value

    m = settings.migrants
    for nation, kind in CELLS:
        removed, returned = (
            today(f"retry_{how.lower()}", nation, kind, retry_after(settings, how, nation))
            for how in ("REMOVAL", "VOLUNTARY_RETURN")
        )
        expected = removed
        if nation == "MX":
            share = settings.consequences.voluntary_return[kind_of(kind)]
            share = today("voluntary_return", nation, kind, share)
            expected = share * returned + (1.0 - share) * removed
        assert table(us, nation, kind) == exactly(expected), (nation, kind)
    for nation in NATIONS:
        shares = m.kind_share_mexican if nation == "MX" else m.kind_share_northern_triangle
        if sum(shares) == 0.0:
            continue  # the group has no candidates
        name = "retry_returned_by_mexico"
        values = [today(name, nation, kind, m.retry_returned_by_mexico) for kind in KINDS]
        mean = math.fsum(s * v for s, v in zip(shares, values, strict=True)) / math.fsum(shares)
        assert float(by_mexico[NATIONS.index(nation)]) == exactly(mean), nation


# ---- the record ----------------------------------------------------------------------------------


def by_cell(function: Any) -> list[list[float]]:
    """Return a table by nation and kind from a function of their names."""
    return [[function(nation, kind) for kind in KINDS] for nation in NATIONS]


def expected_record(settings: Any, places: list[int], nations: list[int]) -> dict[str, Any]:
    """Return the fields of the record that are not the setting of migrants of the same name."""
    m, c, x = settings.migrants, settings.consequences, settings.mexico
    again = by_cell(
        lambda nation, kind: (
            (1.0 - c.voluntary_return[kind_of(kind)]) * retry_after(settings, "REMOVAL", nation)
            + c.voluntary_return[kind_of(kind)] * retry_after(settings, "VOLUNTARY_RETURN", nation)
        )
    )  # for foreigners both are equal
    again_mexico = [m.retry_returned_by_mexico] * len(NATIONS)
    release = by_cell(lambda nation, kind: declared(settings, "release", nation, kind))
    retry = [
        by_cell(lambda nation, _, of=of: retry_after(settings, of.name, nation))
        for of in Consequence
    ]
    stays = by_cell(lambda nation, _: c.stay_removal[group_of(nation)])
    zeros, padding = [0.0] * len(NATIONS), [0.0] * (MAX_ORIGINS - len(places))
    return {
        "prospect": float(m.theory == "prospect"),
        "origin_place": [*places, *padding],
        "nation": [*nations, *padding],
        "first_guided": 8.0,
        "first_port": 8.0 + 3 * SLOTS,
        "south_place": 4.0,
        "retry": retry,
        **dict.fromkeys(("again_us", "again_us_law", "again_us_base"), again),
        **dict.fromkeys(("again_mx", "again_mx_law", "again_mx_base"), again_mexico),
        **{
            f"release_{part}": release for part in ("share", "base", "law", "seen", "usual", "view")
        },
        "returned_to_line": by_cell(lambda nation, _: float(nation == "MX")),
        "prosecution": [c.prosecution[group_of(nation)] for nation in NATIONS],
        "voluntary": [list(c.voluntary_return)] * len(NATIONS),
        "release_without_bed": [list(c.release_without_bed)] * len(NATIONS),
        **dict.fromkeys(("stay_removal", "stay_removal_law"), stays),
        "surrender": by_cell(
            lambda nation, kind: (m.surrender_mexican if nation == "MX" else m.surrender)[
                kind_of(kind)
            ]
        ),
        "day_cost": settings.routes.day_cost,
        "pace": [m.pace_solo, m.pace_guided, m.pace_guided],  # alone, guided, through a port
        "wait_days": [m.wait_days_solo, m.wait_days_guided, m.wait_days_guided],
        "delay_us": [m.delay_mexican_return, m.delay_removal],
        "delay_mexico": m.delay_return_by_mexico,
        "kidnap_factor": [m.kidnap_mexican_factor, 1.0],
        "caught_share": settings.border_patrol.caught_share,
        "turned_share": settings.border_patrol.turned_share,
        "extortion": x.extortion,
        # until the first morning
        **dict.fromkeys(("fiscal_year", "wait_share", "transferred", "ports"), 0.0),
        **dict.fromkeys(("heat", "bed_free", "court_free"), 1.0),
        **dict.fromkeys(("legal_hope", "legal_served", "expelled_to_line"), zeros),
        "experience": np.zeros((2, len(NATIONS), 3, 4)),
        "legal_rate": [1.0] * len(NATIONS),
        **dict.fromkeys(
            ("expelled", "belief", "release_news", "deterred"), by_cell(lambda *_: 0.0)
        ),
    }


@cases
def test_every_field_of_the_record_is_the_declared_number(number: int) -> None:
    """A field without a formula is a setting of migrants or of consequences, by the same name."""
    settings, _ = random_settings(number)
    places, nations = [7, 2], [NATIONS.index("MX"), NATIONS.index("HN")]
    record = build_kernel_params(settings, np.array(places), np.array(nations), 8, 4)[0]
    formulas = expected_record(settings, places, nations)
    names = record.dtype.names or ()
    assert formulas.keys() <= set(names)
    for name in names:
        setting = name.removesuffix("_base")
        group = settings.migrants if hasattr(settings.migrants, setting) else settings.consequences
        expected = formulas[name] if name in formulas else getattr(group, setting)
        assert record[name] == exactly(np.asarray(expected, float)), name
