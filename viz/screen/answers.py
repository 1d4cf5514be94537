"""The answer to the comparison in words: what happened, and what is not known."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from viz.figures.numbers import plain
from viz.screen.naming import date_label
from viz.screen.replicates import FEWEST, SEEDS
from viz.screen.session import Session
from viz.screen.since import Change, changes_since, policies_began
from viz.screen.words import Words

#: [A] percent: if the range lies within this distance from zero, A and B are about equal.
ALIKE = 10.0
_FIRST = "got_aways"
#: Human costs of the second sentence, in its order.
_COSTS = ("deaths", "returned_unscreened")


def answer_sentence(session: Session) -> str:
    """Say what happened since the policies began, and what is not known.

    A change is called fewer or more only if it is clear (`Change.clear`).

    Args:
        session: the session of the worlds.

    Returns:
        One to three short sentences; "" for a single world.
    """
    if session.worlds < 2:
        return ""
    t, day = session.words, session.now.day
    if (missing := _missing(session, day)) is not None:
        return missing
    changes = {one.name: one for one in changes_since(session, day)}
    over = day >= session.choice.value.days
    if all(one.low == one.high == 0.0 for one in changes.values()):
        return _sentence(_so_far(t, t("answer.nothing"), over))
    first = _so_far(t, _clause(t, changes[_FIRST]), over)
    return " ".join(map(_sentence, [first, *_costs(t, changes)]))


def _missing(session: Session, day: int) -> str | None:
    """Return why there is no answer yet; None if there is one."""
    t, replicates = session.words, session.replicates.value
    a, b = (session.choice.value.scenario(world) for world in (0, 1))
    if set(a.policies) == set(b.policies):
        return t("answer.same_policies")
    if not day or not session.logs:
        return t("answer.not_run")
    began = policies_began(session)
    if began > a.days:
        return t("answer.too_late").format(date=_date(session, began))
    if day < began:
        return t("answer.not_begun").format(date=_date(session, began))
    done = len(replicates.seeds)
    if done >= FEWEST:
        return None
    if replicates.error:
        return t("answer.failed").format(error=t.translate(replicates.error))
    return t("answer.few").format(few=FEWEST, done=done, of=SEEDS)


def _date(session: Session, day: int) -> str:
    """Return the date of a day in the visitor's language."""
    start = session.choice.value.scenario(0).start
    return date_label(session.words, start + datetime.timedelta(days=day - 1))


def _so_far(t: Words, clause: str, over: bool) -> str:
    """Return a clause with "so far", unless the run is over."""
    return clause if over else t("answer.so_far").format(clause)


def _costs(t: Words, changes: Mapping[str, Change]) -> list[str]:
    """Return clauses on human costs: those with a clear change together, fewer before more."""
    costs = [changes[name] for name in _COSTS]
    clear = sorted((one for one in costs if one.clear), key=lambda one: (one.median or 0.0) > 0)
    rest = [_clause(t, one) for one in costs if not one.clear]
    if not clear:
        return rest
    joint = "and" if len({(one.median or 0.0) > 0 for one in clear}) == 1 else "but"
    together = t(f"answer.{joint}").join(_clause(t, one) for one in clear)
    return [t("answer.with_b").format(together), *rest]


def _clause(t: Words, change: Change) -> str:
    """Return a clause on one figure."""
    words = t(f"answer.{change.name}_{_verdict(change)}")
    if not change.clear:
        return words
    size, low, high = sizes(change)
    return words.format(size=size, range=t("answer.to").format(low, high))


def _verdict(change: Change) -> str:
    """Return whether there are fewer in B, more, about as many, or whether it is unknown."""
    if change.clear:
        return "fewer" if (change.median or 0.0) < 0 else "more"
    if change.low is None or change.high is None:
        return "unknown"
    return "alike" if change.low >= -ALIKE and change.high <= ALIKE else "unknown"


def sizes(change: Change) -> tuple[str, str, str]:
    """Return median, low and high value of a clear change without signs, the low one first."""
    ends = sorted((abs(change.low or 0.0), abs(change.high or 0.0)))
    places = decimals(change)
    size, low, high = (plain(one, places) for one in (abs(change.median or 0.0), *ends))
    return size, low, high


def decimals(change: Change) -> int:
    """Return the decimals that the range of a change supports: one if it is narrow, or none."""
    return 1 if change.low is not None and (change.high or 0.0) - change.low < 2.0 else 0


def _sentence(clause: str) -> str:
    """Return a clause as a sentence."""
    return clause[:1].upper() + clause[1:] + "."
