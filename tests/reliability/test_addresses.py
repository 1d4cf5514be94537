"""Every address is read, or refused with the project's own error, without delay."""

from __future__ import annotations

import datetime
import random
import string
from collections.abc import Callable
from urllib.parse import urlencode

from abm.policies import registry
from agents.param import SettingError
from tests.reliability.cases import check_refusal, run, time_limit
from tests.reliability.tries import TRIES
from viz.screen.session.address import open_at
from viz.screen.session.choice import Choice, read_query, settable_paths
from viz.screen.session.session import Session

RUNS = 25  # One in `RUNS` accepted cases is simulated for four days.
PAGES = ("start", "compare", "sweep", "validate", "learn", "about")
KEYS = ("a", "b", "seed", "days", "scale", "set", "page", "lang", "day", "place", "person", "x", "")
JUNK = (
    *("0", "-1", "1e999", "nan", "inf", "-inf", "0x10", "a=b", "=", ":", "{}", "[[["),
    *("../../etc/passwd", "<script>", "%", "%zz", "true", "1_000", "", "٣", "9" * 400, "\x00"),
    *("\n", '"', "'''", "\ud800", "1.7976931348623157e308", "5e-324", "0.1+0.2", "a." * 200),
    *("\u202e", "fence:", ":1", "None"),
)


def policy(rng: random.Random) -> str:
    """Draw a policy in its written form, mostly a valid one."""
    name = rng.choice(sorted(registry()))
    dose = rng.choice(("", ":1", ":0.5", ":3", ":100M", ":-1", ":1e9", ":nan", f":{rng.random()}"))
    day = datetime.date(2012, 10, 1) + datetime.timedelta(days=rng.randrange(-400, 4000))
    dates = rng.choice(("", f"@{day}", f"@{day}..{day + datetime.timedelta(days=90)}", f"@..{day}"))
    return name + dose + dates


def setting(rng: random.Random) -> str:
    """Draw a parameter and a value, mostly with a valid path."""
    path = rng.choice(sorted(settable_paths()))
    value = rng.choice((str(rng.random()), str(rng.randrange(100)), "0", "[1, 2]", *JUNK))
    return f"{path}={value}"


def value(rng: random.Random, key: str) -> str:
    """Draw a value for a field of an address."""
    if rng.random() < 0.2:
        return rng.choice(JUNK)
    if key in ("a", "b"):
        return policy(rng)
    if key == "set":
        return setting(rng)
    if key in ("seed", "days", "scale", "day", "person"):
        return str(rng.choice((0, 1, 7, 30, 365, 1000, 10**6, 10**19, -5)))
    return rng.choice((*PAGES, "es", "en", "tapachula", "xx"))


def mutated(text: str, rng: random.Random) -> str:
    """Replace, remove, double or move a few characters of a text."""
    letters = list(text)
    for _ in range(rng.choice((0, 0, 1, 2, 8))):
        place = rng.randrange(len(letters) + 1)
        cut = letters[place : place + rng.randrange(1, 20)]
        change = rng.choice(
            (cut * 2, [], rng.choices(string.printable, k=3), list(rng.choice(JUNK)))
        )
        letters[place : place + len(cut)] = change
    return "".join(letters)


def run_four_days(choice: Choice) -> int:
    """Run both worlds for four days; check that persons and dollars are conserved.

    Returns:
        1 if the settings are refused by a test that needs the world (route values that diverge).
            The screen shows this error. 0 otherwise.
    """
    try:
        for world in (0, 1):
            run(choice.scenario(world), seed=choice.seed)
    except SettingError as error:
        check_refusal(error)
        return 1
    return 0


def test_every_address_gives_a_view(record_property: Callable[..., None]):
    rng, accepted, refused = random.Random(11), 0, 0
    for _ in range(TRIES):
        pairs = [(key, value(rng, key)) for key in rng.choices(KEYS, k=rng.randrange(8))]
        plain = rng.random() < 0.1  # without escapes
        query = "&".join(map("=".join, pairs)) if plain else urlencode(pairs, errors="replace")
        query = mutated(query, rng)
        with time_limit():
            choice, session = read_query(query), Session()
            open_at(session, query, PAGES)
            assert session.page.value in PAGES
            assert session.first_day >= 0 and session.person.value >= 0
            scenarios = [choice.scenario(world) for world in (0, 1)]
            assert read_query(choice.query()) == choice
            if choice != Choice():
                accepted += 1
                if accepted % RUNS == 0:
                    refused += run_four_days(choice)
        assert len({scenario.days for scenario in scenarios}) == 1
    record_property("tried", TRIES)
    record_property("accepted", accepted - refused)
    record_property("refused", refused)
    assert accepted > TRIES / 50 and refused < accepted / 50
