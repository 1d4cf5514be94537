"""What differs between two worlds on the day on which the journeys of a person part."""

from __future__ import annotations

from collections.abc import Sequence

from agents.outcomes import Mode
from viz.screen.panels.person_words import place_name, short_date, whole
from viz.screen.session.journey_events import CONSEQUENCES, Moment
from viz.screen.session.journeys import Entry
from viz.screen.session.session import Session

_WAYS = {Mode.SOLO: "alone", Mode.GUIDED: "guided", Mode.PORT: "port"}


def on_the_day(
    session: Session,
    entries: Sequence[Sequence[Entry]],
    own: Sequence[Sequence[Moment]],
    day: int,
) -> list[str]:
    """Describe what happens in each world on the day on which they part.

    Equal descriptions are followed by what differs: the next leg, the way of travel, the
    organisation, the consequence or the numbers of journeys, encounters and attempts.

    Args:
        session: the visitor's session.
        entries: all entries of the person in A and in B.
        own: the moments up to the day shown, in A and in B.
        day: the day on which the worlds part.

    Returns:
        One text for A and one for B, each with the letter of its world.
    """
    texts = [_on(session, moments, day) for moments in own]
    if texts[0] == texts[1]:
        extra = _differences(session, entries, day)
        texts = [f"{text} – {more}" for text, more in zip(texts, extra, strict=True)]
    return [f"{name}: {text}" for name, text in zip("AB", texts, strict=True)]


def _on(session: Session, moments: Sequence[Moment], day: int) -> str:
    """Return the moment of a day; without one, the next moment and its date."""
    t = session.words
    coming = next((one for one in moments if one.day >= day), None)
    if coming is not None and coming.day == day:
        return whole(session, coming)
    if coming is None:
        return t("person.nothing_that_day")
    date = short_date(session, coming.day)
    return t("person.nothing_but_later").format(date=date, event=whole(session, coming))


def _differences(session: Session, entries: Sequence[Sequence[Entry]], day: int) -> list[str]:
    """Return what differs in the state at the end of a day, in words, for A and for B."""
    t = session.words
    known = [[entry for entry in own if entry.day <= day] for own in entries]
    if not all(known):
        return [t("person.differs_unseen")] * 2
    a, b = (own[-1] for own in known)
    said = _facts(session, a), _facts(session, b)
    differing = [key for key in said[0] if said[0][key] != said[1][key]]
    if not differing:
        return [t("person.differs_guide" if a.org != b.org else "person.differs_unseen")] * 2
    return [", ".join(facts[key] for key in differing) for facts in said]


def _facts(session: Session, entry: Entry) -> dict[str, str]:
    """Return the facts of an entry that events may leave out, in words."""
    t, world = session.words, session.world
    leg = t("person.no_leg")
    if entry.leg >= 0:
        ends = {"place": place_name(session, int(world.head[entry.leg]))}
        way = world.leg_ids[entry.leg].rsplit(":", 1)[-1]
        leg = t(f"person.leg_{way}").format(**ends)
    consequence = CONSEQUENCES.get(entry.consequence, "")
    return {
        "leg": leg,
        "mode": t(f"how.{_WAYS[Mode(entry.mode)]}"),
        "consequence": t(f"how.{consequence}") if consequence else t("person.no_consequence"),
        "trips": t("person.nth_journey").format(n=entry.trips),
        "caught": t("person.nth_stop").format(n=entry.caught),
        "line_tries": t("person.nth_attempt").format(n=entry.line_tries),
    }
