"""Any uses of policies run and conserve within their bounds, or are refused with our own error."""

from __future__ import annotations

import datetime
import math
import random
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.policies import policies_of, registry
from abm.scenario import Scenario, load_scenario, parse_policy
from agents.param import Param, params_of
from tests.reliability.cases import FRAME, Counts, run
from tests.reliability.tries import TRIES

BASE = Scenario().with_settings(FRAME)
NAMES = sorted(registry())
WRONG = (
    *("", "nan", "inf", "-1", "1e400", "0x1", "true", "1/2", "=", "x y", "9" * 30, "\n"),
    *("\ud800",),
)
LETTERS = st.text("abcfegnimoprtuvs_0123456789.:@=/+-$KMBe \n\0é", max_size=30)


def uses(scenario: Scenario) -> None:
    """Check a scenario's written form and the sum of doses on every day, then run it."""
    assert load_scenario(scenario.to_toml()) == scenario
    assert tuple(parse_policy(str(spec)) for spec in scenario.policies) == scenario.policies
    made = policies_of(scenario, scenario.policies)
    days: dict[tuple[str, int], float] = defaultdict(float)
    for policy in made:
        for day in range(policy.start, min(policy.end, policy.start + 40)):
            days[policy.id, day] += policy.dose
    for (name, _), dose in days.items():
        assert registry()[name].overlaps or dose <= registry()[name].high * (1.0 + 1e-6), name
    run(scenario)


def with_uses(given: list[Any]) -> Scenario:
    """Return the scenario with these uses; raise an error if one of them is invalid."""
    scenario = BASE.with_settings({"policies": given})
    policies_of(scenario, scenario.policies)
    return scenario


def number(declared: Param, chance: random.Random) -> str:
    """Draw the written value of a parameter, usually within its bounds."""
    if chance.random() < 0.04:
        return chance.choice(WRONG)
    if declared.choices:
        return chance.choice(declared.choices)
    if declared.kind is bool:
        return chance.choice(("true", "false"))
    low, high = declared.low, declared.high
    if declared.kind is int:
        return str(chance.randint(math.ceil(low), math.floor(high)))
    return repr(chance.choice([low, high, math.nextafter(low, high), chance.uniform(low, high)]))


def written(chance: random.Random) -> str:
    """Draw the written form of a use: an amount, numbers and dates."""
    name = chance.choice(NAMES) if chance.random() < 0.97 else chance.choice(WRONG)
    cls = registry().get(name, registry()["fence"])
    text = name
    if chance.random() < 0.7:
        dose = chance.choice([cls.low, cls.high, 5e-324, chance.uniform(0.0, 1.05 * cls.high)])
        text += ":" + chance.choice([f"{dose!r}", f"{chance.uniform(0.0, 300.0):.3f}M"])
    for own in chance.sample(sorted(params_of(cls)), min(len(params_of(cls)), chance.randrange(3))):
        declared = params_of(cls)[own]
        label = f".{chance.choice(declared.entries)}" if declared.is_table else ""
        text += f":{own}{label}={number(declared, chance)}"
    first = Scenario().start + datetime.timedelta(days=chance.randint(-3, 6))
    last = first + datetime.timedelta(days=chance.randint(-1, 9))
    return text + chance.choice(["", "", f"@{first}", f"@..{last}", f"@{first}..{last}"])


def item(text: str, chance: random.Random) -> Any:
    """Return a use as text, as a specification or as a table."""
    form = chance.randrange(3)
    if form == 0:
        return text
    spec = parse_policy(text)
    return spec if form == 1 else spec.to_mapping()


def test_uses_within_and_beyond_their_bounds(record_property: Callable[..., None]) -> None:
    """A case has up to six uses, often of the same policy on the same days."""
    counts = Counts()
    for k in range(TRIES):
        chance = random.Random(f"uses {k}")
        texts = [written(chance) for _ in range(chance.randint(1, 6))]
        texts *= chance.choice([1, 1, 1, 2])

        def read(texts: list[str] = texts, chance: random.Random = chance) -> Scenario:
            return with_uses([item(text, chance) for text in texts])

        try:
            counts.judge(read, uses)
        except Exception as error:
            raise AssertionError(f"try {k}: {error!r}, uses {texts}") from error
    assert counts.accepted > 0.2 * TRIES and counts.refused > 0.1 * TRIES
    counts.record(record_property)


@settings(max_examples=max(20, TRIES), deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(LETTERS | st.sampled_from(NAMES), max_size=3))
def test_any_text_is_a_use_or_is_refused(texts: list[str]) -> None:
    Counts().judge(partial(with_uses, texts), uses)


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
VALUES = JUNK | st.lists(JUNK, max_size=3) | st.dictionaries(st.text(max_size=5), JUNK, max_size=2)
KEYS = st.sampled_from(["id", "dose", "dollars", "from", "to", "toll", "line_miles", "days_on"])


@settings(max_examples=max(20, TRIES), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(NAMES) | VALUES,
    table=st.dictionaries(KEYS | st.text(max_size=9), VALUES, max_size=3),
)
def test_any_table_is_a_use_or_is_refused(name: Any, table: dict[str, Any]) -> None:
    Counts().judge(partial(with_uses, [{"id": name} | table]), uses)
