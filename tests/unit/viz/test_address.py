"""An address restores a view, and an invalid address opens the first page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.screen.session.address import address, open_at
from viz.screen.session.choice import Choice, read_query
from viz.screen.session.runloop import LoopStatus, Phase
from viz.screen.session.session import VIEW_NAMES, Session

PAGES = ("compare", "sweep", "learn")


@pytest.fixture
def session() -> Session:
    return Session()


def test_an_address_opens_the_same_view(session: Session):
    session.choice.set(Choice(a=("fence:0.5",), seed=8, days=90))
    session.page.set("learn")
    session.language.set("es")
    session.status.set(LoopStatus(33, 40, 90, Phase.PAUSED))
    session.place.set(session.world.place_ids.index("tapachula"))
    session.person.set(123456789)
    session.view.set("person")
    other = Session()
    open_at(other, "?" + address(session), PAGES)
    assert other.choice.value == session.choice.value
    assert (other.page.value, other.language.value) == ("learn", "es")
    assert (other.first_day, other.place.value) == (33, session.place.value)
    assert other.person.value == 123456789 and other.view.value == "person"


def test_a_day_that_is_not_shown_yet_stays_in_the_address(session: Session):
    open_at(session, "?seed=8&day=21", PAGES)
    assert "day=21" in address(session)


def opened(query: str, pages: tuple[str, ...] = PAGES) -> Session:
    """Open a session at an address."""
    session = Session()
    open_at(session, query, pages)
    return session


@given(st.text(max_size=200))
def test_every_address_gives_a_valid_view(query: str):
    session = opened(query)
    assert session.page.value in PAGES and session.language.value in ("en", "es")
    assert session.first_day >= 0 and session.person.value >= 0
    assert session.view.value in VIEW_NAMES


@pytest.mark.parametrize(
    "query", ["day=-4", "day=1e9", "person=²", "page=../etc", "lang=xx", "view=top"]
)
def test_invalid_fields_get_their_defaults(query: str):
    session, default = opened(query), Session()
    for name in ("page", "language", "person", "view", "place"):
        assert getattr(session, name).value == getattr(default, name).value
    assert session.first_day == 0


WITH_START = ("start", *PAGES)


@pytest.mark.parametrize("query", ["", "lang=es", "utm=x", "page=start"])
def test_an_address_without_choice_page_and_day_opens_the_start_card(query: str):
    assert opened(query, WITH_START).page.value == "start"


@pytest.mark.parametrize(
    "query", ["seed=2", "b=fence", "day=4", "person=3", "page=explore", "page=unknown"]
)
def test_an_address_with_a_choice_or_a_day_opens_compare(query: str):
    assert opened(query, WITH_START).page.value == "compare"


def test_the_address_of_the_start_card_names_no_choice(session: Session):
    session.choice.set(Choice(a=("fence:0.5",), seed=8))
    session.page.set("start")
    session.language.set("es")
    assert address(session) == "page=start&lang=es"


def test_a_day_beyond_the_longest_run_is_limited():
    assert opened("day=999999").first_day == 3_652


def test_a_status_quo_with_a_dose_means_no_policy():
    assert read_query("b=status_quo:2").b == () and read_query("a=fence&a=status_quo:1").a == (
        "fence",
    )
