"""The address of a view: what is chosen, and page, language, day, place and person beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from viz.screen.choice import MOST_DAYS, read_query
from viz.screen.words import LANGUAGES

if TYPE_CHECKING:
    from viz.screen.session import Session

_MOST_FIELDS = 200


def address(session: Session) -> str:
    """The query of an address that shows the same again."""
    shown, beside = session.shown, {"page": session.page.value, "lang": session.language.value}
    if day := shown.status.value.day:
        beside["day"] = str(day)
    if (place := shown.place.value) >= 0:
        beside["place"] = session.world.place_ids[place]
    if person := shown.person.value:
        beside["person"] = str(person)
    choice = shown.choice.value
    if shown.worlds == 1:  # who opens it finds the one world as B of Compare, too
        choice = dataclasses.replace(choice, b=choice.a)
    return f"{choice.query()}&{urlencode(beside)}"


@dataclass(frozen=True)
class ViewState:
    """What an address tells beside what is chosen; ``place`` is an id, "" none."""

    page: str = "compare"
    language: str = "en"
    day: int = 0
    place: str = ""
    person: int = 0


def read_view(query: str, pages: Collection[str]) -> ViewState:
    """The view of an address; what cannot be read is as at first."""
    told = dict(parse_qsl(query.lstrip("?"), max_num_fields=_MOST_FIELDS))
    page, language = told.get("page", ""), told.get("lang", "")
    return ViewState(
        page if page in pages else "compare",
        language if language in LANGUAGES else "en",
        min(_whole(told.get("day", "")), MOST_DAYS),
        told.get("place", ""),
        _whole(told.get("person", "")),
    )


def open_at(session: Session, query: str, pages: Collection[str]) -> None:
    """Let a new session show what an address tells."""
    view = read_view(query, pages)
    session.choice.set(read_query(query))
    session.page.set(view.page)
    session.language.set(view.language)
    session.person.set(view.person)
    if view.place in session.world.place_ids:
        session.place.set(session.world.place_ids.index(view.place))
    session.first_day = view.day


def _whole(text: str) -> int:
    """A whole number of at most 18 digits; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
