"""Read and write the screen's address: the choice, page, view, language, day, place and person."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from viz.screen.lessons.learning import course
from viz.screen.session.choice import MOST_DAYS, query_fields, read_query
from viz.screen.session.session import VIEW_NAMES, Session
from viz.screen.words import LANGUAGES

START = "start"  # page of an address that names no choice, page or day
_NAMES = frozenset({"a", "b", "seed", "days", "scale", "set", "page", "day", "place", "person"})


def address(session: Session) -> str:
    """Return the query of an address that opens the same view."""
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
    if (view := session.view.value) != VIEW_NAMES[0]:
        fields["view"] = view
    return f"{session.choice.value.query()}&{urlencode(fields)}"


def _day(session: Session) -> int:
    """Return the displayed day or, before the worlds are built, the first day to display."""
    if session.loop is not None:  # The status is rarely updated during a run.
        return session.now.day
    return session.status.value.day or session.first_day


def open_at(session: Session, query: str, pages: Collection[str]) -> None:
    """Set a new session to the view of an address. Unreadable fields get their defaults.

    Args:
        session: session to change.
        query: query of an address, with or without "?".
        pages: keys of the pages.
    """
    fields = dict(query_fields(query))
    page, language, view = (fields.get(key) for key in ("page", "lang", "view"))
    if page not in pages:
        page = "compare" if START not in pages or _NAMES & fields.keys() else START
    session.choice.set(read_query(query))
    session.page.set(page)
    session.language.set(language if language in LANGUAGES else "en")
    session.person.set(_integer(fields.get("person", "")))
    session.view.set(view if view in VIEW_NAMES else VIEW_NAMES[0])
    course(session).open_at(fields)
    if (place := fields.get("place")) in session.world.place_ids:
        session.place.set(session.world.place_ids.index(place))
    session.first_day = min(_integer(fields.get("day", "")), MOST_DAYS)


def _integer(text: str) -> int:
    """Convert a text of at most 18 digits to an integer. Any other text gives 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
