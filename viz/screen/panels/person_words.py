"""Texts about one person: description, events, outcomes, where the journeys part, the table."""

from __future__ import annotations

from collections.abc import Sequence

from agents.outcomes import Group, Kind
from viz.figures.markup import el, esc
from viz.screen.panels.naming import day_label
from viz.screen.session.fates import OPEN, Fate, Happening, Moment
from viz.screen.session.journeys import Journey
from viz.screen.session.session import Session
from viz.screen.words import Words

_WITH_DURATION = (
    "kidnapped",
    "stopped_mexico",
    "caught",
    "refused_at_port",
)  # events with a duration
_PAYS = ("sets_out", "sets_out_again", "applies")


def short_date(session: Session, day: int) -> str:
    """Return the date of a day without the year."""
    return day_label(session, day).rsplit(" ", 1)[0]


def place_name(session: Session, place: int) -> str:
    """Return the short name of a place, or "" for none."""
    if place < 0:
        return ""
    name = session.words.translate(session.world.place_names[place])
    return name.split(" (")[0].split(" – ")[0]


def dollars(amount: int) -> str:
    """Format whole dollars."""
    return f"${amount:,}"


def describe_person(session: Session, person: Journey) -> str:
    """Describe a person in up to three sentences, from the attributes in the model."""
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
    """Return the most important event of a moment in a few words."""
    return _phrase(session, moment.happenings[0])


def detail(session: Session, moment: Moment) -> str:
    """Return what else a moment holds: how, for how long, for how much, and its other events."""
    return "; ".join(filter(None, (_manner(session, moment), *_others(session, moment))))


def full_text(session: Session, moment: Moment) -> str:
    """Return a moment's full text, with the diamond for human costs."""
    first = ", ".join(filter(None, (title(session, moment), _manner(session, moment))))
    words = "; ".join((first, *_others(session, moment)))
    return f"◆ {words}" if moment.human else words


def _manner(session: Session, moment: Moment) -> str:
    """Return how the most important event of a moment happened."""
    parts = [_how(session.words, moment.happenings[0])]
    parts += [session.words("person.no_hearing")] if moment.unheard else []
    return ", ".join(filter(None, parts))


def _others(session: Session, moment: Moment) -> list[str]:
    """Return the moment's events after the first, in lower case, to follow a semicolon."""
    phrases = [_phrase(session, happening) for happening in moment.happenings[1:]]
    return [text[:1].lower() + text[1:] for text in phrases]


def _phrase(session: Session, event: Happening) -> str:
    """Return an event in a few words."""
    fields = {"place": place_name(session, event.place), "dollars": dollars(event.dollars)}
    return session.words(f"moment.{event.kind}").format(**fields)


def _how(t: Words, event: Happening) -> str:
    """Return the way, the consequence, the duration and the payment of an event."""
    parts = [t(f"how.{event.detail}")] if event.detail else []
    if event.kind in _WITH_DURATION and event.days:
        parts.append(_count(t, "held", event.days))
    if event.kind == "kidnapped" and event.dollars:
        parts.append(t("how.ransom").format(dollars=dollars(event.dollars)))
    elif event.kind in _PAYS and event.dollars:
        parts.append(t("how.pays").format(dollars=dollars(event.dollars)))
    elif event.kind == "sets_out_again" and event.detail in ("guided", "port"):
        parts.append(t("how.covered"))
    return ", ".join(parts)


def _count(t: Words, key: str, n: int) -> str:
    """Return a number with its words, singular or plural."""
    return t(f"count.{key}_one" if n == 1 else f"count.{key}").format(n=n)


# ---- outcomes -----------------------------------------------------------------------------------
def outcome(session: Session, fate: Fate, last: Moment | None, day: int) -> list[str]:
    """Return the rows for the box that ends a line: the end, when, and what it took."""
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
    """Return ends such as "gets through in A, gives up in B"."""
    t = session.words
    if ends[0] == ends[1]:
        return t("person.both_ends").format(end=t(f"fate.{ends[0]}"))
    return t("person.two_ends").format(a=t(f"fate.{ends[0]}"), b=t(f"fate.{ends[1]}"))


# ---- the table ----------------------------------------------------------------------------------
def fate_table(session: Session, fates: Sequence[Fate]) -> str:
    """Build the table with a person's fate in each world; values that differ are bold."""
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
    heads = [el("span", esc(t(f"world_{k}")), class_=f"tb-chip tb-{k}") for k in "ab"]
    body = []
    for key, values in rows.items():
        tag = "b" if len(set(values)) > 1 else "span"
        cells = (el("td", el(tag, esc(value))) for value in values)
        body.append(el("tr", el("th", esc(t(f"became.{key}")), scope="row"), *cells))
    top = el("tr", el("td"), *(el("th", head, scope="col") for head in heads))
    return el("table", el("thead", top), el("tbody", *body))


def _times(t: Words, n: int) -> str:
    """Return "no", "once" or how many times."""
    return t("person.no") if not n else _count(t, "times", n)


def _lower_bound(t: Words, n: int) -> str:
    """Return a count that is a lower bound."""
    if not n:
        return t("person.none_known")
    return t("person.at_least").format(times=_count(t, "times", n))


def _captivity(t: Words, fate: Fate) -> str:
    """Return how often a person was kidnapped, and for how long."""
    times = _times(t, fate.kidnapped)
    return f"{times}, {_count(t, 'days', fate.captive)}" if fate.kidnapped else times
