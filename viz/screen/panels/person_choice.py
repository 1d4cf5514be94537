"""Choice of the followed person, and texts on a person, on events and on fates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import solara

from agents.outcomes import Group, Kind
from viz.figures.markup import el, esc
from viz.screen.panels.naming import day_label
from viz.screen.panels.parts import LiveMarkup, badge, box, button, select
from viz.screen.session.fates import OPEN, Fate, JourneyEvent, Moment, People
from viz.screen.session.journeys import Journey
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.words import Words

_NOTE = "people"  # key in the notes of the session for the people on a day
Ends = tuple[str, ...]


def people(session: Session) -> People:
    """Return the followed people on the displayed day, sorted by how much their fates differ.

    Args:
        session: session of the visitor, which stores the people until another day is displayed.
    """
    key, entry = (id(session.loop), session.now.day), session.notes.get(_NOTE)
    if entry is None or entry[0] != key:
        logs = [log.journey_log for log in session.logs]
        entry = session.notes[_NOTE] = key, People(logs, session.now.day)
    return entry[1]


def nearest_person(session: Session, world: int, leg: int) -> int:
    """Return the followed person who entered a leg last.

    Args:
        session: session of the visitor.
        world: index of the world, 0 or 1.
        leg: index of the leg.

    Returns:
        The number of the person, 0 if nobody has been there. Among several people, it is the person
        whose fates differ most, or else a person who is followed in this world only.
    """
    days: dict[int, int] = {}  # day of the last entry on the leg, by person
    logs, day = session.logs, session.now.day
    for uid, journey in list(logs[world].journey_log.journeys.items()) if logs else ():
        if leg in journey.legs(day):
            days[uid] = max(entry.day for entry in journey.until(day) if entry.leg == leg)
    last = [uid for uid, on in days.items() if on == max(days.values())]
    order = people(session).order
    return next((uid for uid in order if uid in last), min(last, default=0))


def journeys_of(session: Session, person: int) -> list[Journey]:
    """Return a person's journey in each world, or [] unless both have an entry up to the day."""
    journeys = [log.journey_log.journeys.get(person) for log in session.logs]
    begun = [journey for journey in journeys if journey and journey.until(session.now.day)]
    return begun if len(begun) == 2 else []


def offer(session: Session) -> None:
    """Follow the person whose fates differ most, unless a person is already followed."""
    if not session.person.value:
        session.person.set(_next(session, ()))


# ---- the head -----------------------------------------------------------------------------------
@solara.component
def PersonHead(session: Session):
    """Show who is followed, a button back to the maps, and the choice of another person."""
    t, status = session.words, session.status.value
    logs = session.logs
    journeys = bool(logs and status.day and all(len(log.journey_log) for log in logs))
    solara.use_effect(
        lambda: offer(session) if journeys else None, [journeys, session.person.value]
    )
    ends, choose_ends = solara.use_state(cast("Ends", ()))

    def by_fate(chosen: Ends) -> None:
        choose_ends(chosen)
        session.person.set(_next(session, chosen))

    with box(cls="tb-headline tb-person-head"):
        button(
            t("layout.back_to_maps"),
            lambda: session.view.set("side"),
            cls="tb-person-view",
            outlined=True,
            icon_name="mdi-arrow-left",
        )
        with box(cls="tb-ask"):
            box(t("person.title"), tag="h1")
            # A rendering is skipped if the function captures equal values.
            captured = session.person.value, session.error.value
            LiveMarkup(session, lambda: _line(session, captured[0]), cls="tb-person-who")
        with box(cls="tb-views"):
            another = t("another" if session.person.value else "person.first")
            button(
                another,
                lambda: session.person.set(_next(session, ends)),
                cls="tb-another",
                outlined=True,
                disabled=not journeys,
            )
            _Fates(session, ends, by_fate)


def loop_state(session: Session) -> str:
    """Return the reason for waiting (building, or simulating days), or "" if there is none."""
    t, status = session.words, session.now
    if status.phase is Phase.BUILDING:
        return t("building") + " …"
    if status.phase is Phase.SEEKING and session.loop is not None:
        days = {"day": session.loop.destination, "done": session.loop.simulated}
        return t("seeking").format(**days) + " …"
    return ""


def state_markup(session: Session) -> str:
    """Build a paragraph with an error or the reason for waiting, or "" if there is neither."""
    t, status = session.words, session.now
    failed = f"{t('failed')}: {t.translate(status.error)}" if status.phase is Phase.FAILED else ""
    if error := t.translate(session.error.value) or failed:
        return paragraph(error, "tb-trouble")
    state = loop_state(session)
    return paragraph(state, "tb-state") if state else ""


def paragraph(text: str, cls: str | None = None) -> str:
    """Build a line of text, with the whole text as tooltip in case the line is cut."""
    return el("p", esc(text), class_=cls, title=text)


def no_journeys(session: Session) -> str:
    """Return why there are no journeys: the worlds are not ready, are running, or have not run."""
    running = session.now.phase is Phase.RUNNING
    return loop_state(session) or session.words("nobody_yet" if running else "nobody")


def _line(session: Session, person: int) -> str:
    """Build the line below the title: an error, the state of the worlds, or the person."""
    if state := state_markup(session):
        return state
    if journeys := journeys_of(session, person):
        return paragraph(describe_person(session, journeys[0]))
    if not (session.logs and session.now.day):
        return paragraph(no_journeys(session))
    return paragraph(session.words(f"person.{'unknown' if person else 'help'}"))


def _Fates(session: Session, ends: Ends, choose: Callable[[Ends], object]) -> None:
    """Show a menu of fates, with the number of people for each fate at the last pause."""
    t = session.words
    menu: dict[str, Ends] = {t("person.any_fate"): ()}
    if session.logs and session.status.value.day:
        for pair, n in people(session).menu():
            menu[f"{ends_in_words(session, pair)} ({n})"] = pair
    with box(cls="tb-person-fates"):
        select(t("person.by_fate"), menu, ends, choose)


def _next(session: Session, ends: Ends) -> int:
    """Return the next of the people with these ends, or 0 if nobody has them."""
    order, person = people(session).with_ends(ends), session.person.value
    if person in order:
        return order[(order.index(person) + 1) % len(order)]
    return next(iter(order), 0)


# ---- texts on a person
_PAYS = ("sets_out", "sets_out_again", "applies")


def short_date(session: Session, day: int) -> str:
    """Return the date of a day without the year."""
    return day_label(session, day).rsplit(" ", 1)[0]


def place_name(session: Session, place: int) -> str:
    """Return the short name of a place, or "" for the index -1."""
    if place < 0:
        return ""
    name = session.words.translate(session.world.place_names[place])
    return name.split(" (")[0].split(" – ")[0]


def dollars(amount: int) -> str:
    """Format an amount in whole dollars."""
    return f"${amount:,}"


def describe_person(session: Session, person: Journey) -> str:
    """Describe a person in up to three sentences, from attributes in the model."""
    t = session.words
    kind, group = Kind(person.kind).name.lower(), Group(person.group).name.lower()
    country = t(f"country.{session.world.country[person.origin]}")
    home = f"{place_name(session, person.origin)}, {country}"
    words = {"home": home, "group": t(f"group.{group}"), "savings": dollars(person.savings)}
    parts = [t(f"person.who_{kind}").format(**words)]
    parts += [t("person.protection")] if person.protection else []
    return " ".join([*parts, t("person.luck")])


# ---- events -------------------------------------------------------------------------------------
def title(session: Session, moment: Moment) -> str:
    """Describe the most important event of a moment in a few words."""
    return _phrase(session, moment.happenings[0])


def detail(session: Session, moment: Moment) -> str:
    """Describe further details of a moment: manner, duration, payment, and other events."""
    return "; ".join(filter(None, (_manner(session, moment), *_others(session, moment))))


def full_text(session: Session, moment: Moment) -> str:
    """Return the full text of a moment, after ◆ if it includes a human cost."""
    first = ", ".join(filter(None, (title(session, moment), _manner(session, moment))))
    words = "; ".join((first, *_others(session, moment)))
    return f"◆ {words}" if moment.human else words


def _manner(session: Session, moment: Moment) -> str:
    """Describe how the most important event of a moment happened."""
    parts = [_how(session.words, moment.happenings[0])]
    parts += [session.words("person.no_hearing")] if moment.unheard else []
    return ", ".join(filter(None, parts))


def _others(session: Session, moment: Moment) -> list[str]:
    """Describe the other events of a moment, in lower case for use after a semicolon."""
    phrases = [_phrase(session, happening) for happening in moment.happenings[1:]]
    return [text[:1].lower() + text[1:] for text in phrases]


def _phrase(session: Session, event: JourneyEvent) -> str:
    """Describe an event in a few words."""
    fields = {"place": place_name(session, event.place), "dollars": dollars(event.dollars)}
    return session.words(f"moment.{event.kind}").format(**fields)


def _how(t: Words, event: JourneyEvent) -> str:
    """Describe an event's way of travel, consequence, duration and payment."""
    parts = [t(f"how.{event.detail}")] if event.detail else []
    if event.days:
        parts.append(_count(t, "held", event.days))
    if event.kind == "kidnapped" and event.dollars:
        parts.append(t("how.ransom").format(dollars=dollars(event.dollars)))
    elif event.kind in _PAYS and event.dollars:
        parts.append(t("how.pays").format(dollars=dollars(event.dollars)))
    elif event.kind == "sets_out_again" and event.detail in ("guided", "port"):
        parts.append(t("how.covered"))
    return ", ".join(parts)


def _count(t: Words, key: str, n: int) -> str:
    """Return a number with a noun in the singular or the plural."""
    return t(f"count.{key}_one" if n == 1 else f"count.{key}").format(n=n)


# ---- outcomes -----------------------------------------------------------------------------------
def outcome(session: Session, fate: Fate, last: Moment | None, day: int) -> list[str]:
    """Return the rows of the outcome box: the end, its date with the duration, and the money."""
    t, ended = session.words, fate.decided and last is not None
    head = title(session, last) if ended and last else t(f"fate.{OPEN}").capitalize()
    when = day_label(session, last.day if ended and last else day)
    money = t("person.paid_and_owed" if fate.owed else "person.paid_only")
    return [
        head,
        f"{when} · {_count(t, 'days', fate.days)}",
        money.format(paid=dollars(fate.paid), owed=dollars(fate.owed)),
    ]


def ends_in_words(session: Session, ends: Sequence[str]) -> str:
    """Describe the ends in both worlds, as in "gets through in A, gives up in B"."""
    t = session.words
    if ends[0] == ends[1]:
        return t("person.both_ends").format(end=t(f"fate.{ends[0]}"))
    return t("person.two_ends").format(a=t(f"fate.{ends[0]}"), b=t(f"fate.{ends[1]}"))


# ---- the table ----------------------------------------------------------------------------------
def fate_table(session: Session, fates: Sequence[Fate]) -> str:
    """Build the table of a person's fate in each world, in which different values are bold."""
    t = session.words
    rows = {
        "ends": [t(f"fate.{fate.end}") for fate in fates],
        "days": [str(fate.days) for fate in fates],
        "trips": [str(fate.trips) for fate in fates],
        "attempts": [str(fate.attempts) for fate in fates],
        "stopped_mexico": [_times(t, fate.stopped_mexico) for fate in fates],
        "stopped_us": [_times(t, fate.stopped_us) for fate in fates],
        "paid": [dollars(fate.paid) for fate in fates],
        "owed": [dollars(fate.owed) for fate in fates],
        "kidnapped": [_captivity(t, fate) for fate in fates],
        "unheard": [_lower_bound(t, fate.unheard) for fate in fates],
    }
    heads = [el("span", badge(k), esc(t(f"world_{'ab'[k]}")), class_="tb-chip") for k in (0, 1)]
    body = []
    for key, values in rows.items():
        tag = "b" if len(set(values)) > 1 else "span"
        cells = (el("td", el(tag, esc(value))) for value in values)
        body.append(el("tr", el("th", esc(t(f"became.{key}")), scope="row"), *cells))
    top = el("tr", el("td"), *(el("th", head, scope="col") for head in heads))
    return el("table", el("thead", top), el("tbody", *body))


def _times(t: Words, n: int) -> str:
    """Return "no", "once" or a number of times in words."""
    return t("person.no") if not n else _count(t, "times", n)


def _lower_bound(t: Words, n: int) -> str:
    """Return a count as a lower bound in words."""
    if not n:
        return t("person.none_known")
    return t("person.at_least").format(times=_count(t, "times", n))


def _captivity(t: Words, fate: Fate) -> str:
    """Return how often a person was kidnapped, and for how many days in total."""
    times = _times(t, fate.kidnapped)
    return f"{times}, {_count(t, 'days', fate.captive)}" if fate.kidnapped else times
