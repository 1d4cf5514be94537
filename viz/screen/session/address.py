"""The query of the screen's address: the choice, plus page, view, language, day, place, person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from viz.screen.lessons.learning import course
from viz.screen.session.choice import MOST_DAYS, query_fields, read_query
from viz.screen.session.session import VIEW_NAMES, Session
from viz.screen.words import LANGUAGES

START = "start"  # page of an address that names no choice, no page and no day
_NAMES = frozenset({"a", "b", "seed", "days", "scale", "set", "page", "day", "place", "person"})


@dataclass(frozen=True)
class ViewState:
    """The address fields that are not part of the choice; ``place``: node id, "" for none."""

    page: str = "compare"
    language: str = "en"
    day: int = 0
    place: str = ""
    person: int = 0
    view: str = "side"


def address(session: Session) -> str:
    """Return the address query that opens the same view."""
    fields = {"page": session.page.value, "lang": session.language.value}
    if session.page.value == START:
        return urlencode(fields)
    fields |= course(session).address
    if day := _day(session):
        fields["day"] = str(day)
    if (place := session.place.value) >= 0:
        fields["place"] = session.world.place_ids[place]
    if person := session.person.value:
        fields["person"] = str(person)
    if (view := session.view.value) != ViewState.view:
        fields["view"] = view
    return f"{session.choice.value.query()}&{urlencode(fields)}"


def _day(session: Session) -> int:
    """Return the day shown, or before the worlds are built the day to show first."""
    if session.loop is not None:  # a run renders the status rarely
        return session.now.day
    return session.status.value.day or session.first_day


def read_view(query: str, pages: Collection[str]) -> ViewState:
    """Read the view of an address; unreadable fields get their defaults.

    Args:
        query: an address query, with or without "?".
        pages: keys of the screen's pages.

    Returns:
        The page, language, day, place, person and view to show.
    """
    fields = dict(query_fields(query))
    page, language, shown = (fields.get(key, "") for key in ("page", "lang", "view"))
    first = "compare" if START not in pages or _NAMES & fields.keys() else START
    return ViewState(
        page if page in pages else first,
        language if language in LANGUAGES else "en",
        min(_whole(fields.get("day", "")), MOST_DAYS),
        fields.get("place", ""),
        _whole(fields.get("person", "")),
        shown if shown in VIEW_NAMES else "side",
    )


def open_at(session: Session, query: str, pages: Collection[str]) -> None:
    """Set a new session to the view of an address.

    Args:
        session: the session to change.
        query: an address query.
        pages: keys of the screen's pages.
    """
    view = read_view(query, pages)
    session.choice.set(read_query(query))
    session.page.set(view.page)
    session.language.set(view.language)
    session.person.set(view.person)
    session.view.set(view.view)
    course(session).open_at(dict(query_fields(query)))
    if view.place in session.world.place_ids:
        session.place.set(session.world.place_ids.index(view.place))
    session.first_day = view.day


def _whole(text: str) -> int:
    """Return a whole number of at most 18 digits, 0 for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
