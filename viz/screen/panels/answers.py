"""The answer to the comparison in words: the changes, and those that are not known.

There is no answer before all seeds have finished, so that the rule is applied once.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from abm.measures import HUMAN_COSTS
from abm.policies.base import money
from experiments.runs.significance import Finding
from viz.figures.numbers import plain, rounded, signed
from viz.screen.panels.naming import date_label
from viz.screen.panels.policy_period_counts import Change, changes_since, policies_began
from viz.screen.session.replicates import SEEDS
from viz.screen.session.session import Session
from viz.screen.words import Words

#: Figures of the answer; the first one comes first, human costs follow.
NAMED = ("got_aways", *HUMAN_COSTS)
_KNOWN = ("fewer", "more", "alike")
_VERDICTS = {
    Finding.FEWER: "fewer",
    Finding.MORE: "more",
    Finding.SAME: "alike",
    Finding.SMALL: "not_reached",
}


def answer_sentence(session: Session) -> str:
    """State the changes since the policies began, and those that are not known.

    A change is called fewer or more only if it is meaningful (`Change.finding`).

    Args:
        session: the session of the worlds.

    Returns:
        One or two short sentences; "" for a single world.
    """
    if session.worlds < 2:
        return ""
    t, day = session.words, session.now.day
    if (missing := _missing(session, day)) is not None:
        return missing
    changes = {one.name: one for one in changes_since(session, day)}
    over, paid = day >= session.choice.value.days, _paid(session, day)
    if all(one.low == one.high == 0.0 for one in changes.values()):
        return _sentence(_so_far(t, paid + t("answer.nothing"), over))
    return answer_of(t, changes, over, paid)


def answer_of(t: Words, changes: Mapping[str, Change], over: bool, paid: str = "") -> str:
    """Say which figures differ, are about equal, or are not known to be either.

    Args:
        t: the words of the language.
        changes: changes by name, at least those of `NAMED`.
        over: whether the run is over; otherwise the answer begins with "so far".
        paid: what A and B spent, with which the first sentence begins.

    Returns:
        One or two sentences; each figure is named once, and only the first one has its range.
    """
    named = [(changes[name], _verdict(changes[name])) for name in NAMED]
    known = [one for one in named if one[1] in _KNOWN]
    clauses = [t("answer.with_b").format(_joined(t, known))] if known else []
    clauses += _unknown(t, named)
    return " ".join(map(_sentence, [_so_far(t, paid + clauses[0], over), *clauses[1:]]))


def _paid(session: Session, day: int) -> str:
    """Say what the policies of A and B spent until a day; "" if neither plans to spend money.

    No dollars are spent before the policies begin, so the sums have the period of the changes.
    """
    (a, planned_a), (b, planned_b) = (log.dollars(day) for log in session.logs)
    if not planned_a + planned_b > 0.0:  # NaN without a ledger
        return ""
    return session.words("answer.paid").format(*(money(rounded(spent)) for spent in (a, b)))


def _unknown(t: Words, named: Sequence[tuple[Change, str]]) -> list[str]:
    """Return the clause on the figures whose direction or size is not known; empty if all are."""
    zero, small = (
        [t(f"answer.{one.name}_unknown") for one, why in named if why == reason]
        for reason in ("not_known", "not_reached")
    )
    if zero and small:
        both = t("answer.not_known_not_reached")
        return [both.format(_listed(t, zero, "or"), _listed(t, small, "or"))]
    if zero:
        return [t("answer.not_known").format(_listed(t, zero, "or"))]
    return [t("answer.not_reached").format(_listed(t, small, "or"))] if small else []


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
    if done >= SEEDS:
        return None
    if replicates.error:
        return t("answer.failed").format(error=t.translate(replicates.error))
    return t("answer.few").format(done=done, of=SEEDS) + _estimate(session, day)


def _estimate(session: Session, day: int) -> str:
    """Return the preliminary change of the first figure; empty for few seeds."""
    t = session.words
    first = next(one for one in changes_since(session, day) if one.name == NAMED[0])
    if first.median is None or first.low is None or first.high is None:
        return ""
    texts = (signed(one, decimals(first)) for one in (first.median, first.low, first.high))
    return " " + _sentence(_paid(session, day) + t("answer.estimate").format(*texts))


def _date(session: Session, day: int) -> str:
    """Return the date of a day in the visitor's language."""
    start = session.choice.value.scenario(0).start
    return date_label(session.words, start + datetime.timedelta(days=day - 1))


def _so_far(t: Words, clause: str, over: bool) -> str:
    """Return a clause with "so far", unless the run is over."""
    return clause if over else t("answer.so_far").format(clause)


def _joined(t: Words, known: Sequence[tuple[Change, str]]) -> str:
    """Join clauses: the first figure, fewer, about as many, and last the human costs that rise.

    "But" comes before the rising costs if another figure falls.
    """
    clauses: dict[str, list[str]] = {"first": [], "fewer": [], "alike": [], "more": []}
    for change, verdict in known:
        if verdict == "alike":
            clauses["alike"].append(t(f"answer.{change.name}_unknown"))
        else:
            place = "first" if change.name == NAMED[0] else verdict
            clauses[place].append(_clause(t, change, verdict))
    first, fewer, alike, rising = clauses.values()
    equal = [t("answer.alike").format(_listed(t, alike, "and"))] if alike else []
    rest = [*first, *fewer, *equal] if first else [*equal, *fewer]
    if rising and any(verdict == "fewer" for _, verdict in known):
        return t("answer.but").format(_listed(t, rest, "and"), _listed(t, rising, "and"))
    return _listed(t, [*rest, *rising], "and")


def _listed(t: Words, items: Sequence[str], joint: str) -> str:
    """Join items by commas, and the last one by a word."""
    *most, last = items
    return t(f"answer.{joint}").format(", ".join(most), last) if most else last


def _clause(t: Words, change: Change, verdict: str) -> str:
    """Return a clause on a figure with fewer or more in B; the first figure has its range."""
    size, low, high = sizes(change)
    words = t(f"answer.{change.name}_{verdict}").format(size)
    return words + (t("answer.range").format(low, high) if change.name == NAMED[0] else "")


def _verdict(change: Change) -> str:
    """Return whether there are fewer in B, more, about as many, or why it is not known."""
    return _VERDICTS.get(change.finding, "not_known")


def sizes(change: Change) -> tuple[str, str, str]:
    """Return middle, low and high value of a clear change without signs, the low one first."""
    ends = sorted((abs(change.low or 0.0), abs(change.high or 0.0)))
    places = decimals(change)
    size, low, high = (plain(one, places) for one in (abs(change.median or 0.0), *ends))
    return size, low, high


def decimals(change: Change) -> int:
    """Return the decimals that the range of a change supports: one if it is narrow, or none.

    An end that excludes zero does not become zero where one decimal prevents it.
    """
    if change.low is None or change.high is None:
        return 0
    nearest = min(abs(change.low), abs(change.high))
    is_narrow = change.high - change.low < 2.0
    return 1 if is_narrow or (change.low * change.high > 0.0 and nearest < 0.5) else 0


def _sentence(clause: str) -> str:
    """Return a clause as a sentence."""
    return clause[:1].upper() + clause[1:] + "."
