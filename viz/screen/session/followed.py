"""The followed people of a day: order of suggestion, menus of fates, and how common a fate is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from viz.screen.session.fates import OPEN, Fate, distance, ends_differently, fates
from viz.screen.session.journeys import JourneyLog, shared_people


class People:
    """The people of one or two worlds on a day, those with the most unlike fates first.

    Attributes:
        fates: of every person with a journey in all worlds, one for each world, by number.
        order: numbers in the order in which people are offered.
        alone: number of people who set out in one of two worlds only.
    """

    def __init__(self, logs: Sequence[JourneyLog], day: int) -> None:
        """Compute the fates.

        Args:
            logs: journeys of one or two worlds.
            day: the day, from 1.
        """
        known = [fates(log, day) for log in logs]
        shared = [uid for uid in shared_people(logs) if all(uid in own for own in known)]
        self.fates = {uid: tuple(own[uid] for own in known) for uid in shared}
        self.order = sorted(shared, key=lambda uid: (*_rank(self.fates[uid]), uid))
        full = any(log.full for log in logs)  # then a person may be missing although they set out
        self.alone = 0 if full else sum(map(len, known)) - len(logs) * len(shared)

    def like(self, ends: Sequence[str]) -> list[int]:
        """Return the people with these ends, one for each world, in the order of the offer."""
        wanted = list(ends)
        return [uid for uid in self.order if [fate.end for fate in self.fates[uid]] == wanted]

    def menu(self) -> list[tuple[tuple[str, ...], int]]:
        """Return all ends with their numbers of people: different first, then the most frequent."""
        counts = Counter(tuple(fate.end for fate in own) for own in self.fates.values())
        return sorted(counts.items(), key=lambda item: (_menu_rank(item[0]), -item[1], item[0]))


def _rank(own: Sequence[Fate]) -> tuple[bool, float]:
    """Return the sort key of a person: lower for decided and for unlike fates.

    In a single world, people with more encounters and journeys come first.
    """
    undecided = not all(fate.decided for fate in own)
    if len(own) == 1:
        return undecided, -float(own[0].stops + own[0].trips + 2 * own[0].kidnapped)
    return undecided, -distance(own[0], own[1])


def _menu_rank(ends: Sequence[str]) -> int:
    """Return the place of a pair of ends: decided and different, decided, undecided."""
    return 2 if OPEN in ends else int(len(set(ends)) < len(ends))


class Frequency(NamedTuple):
    """How common a fate is among the followed people from the same country.

    Attributes:
        people: people with a journey in every world.
        undecided: of them, people whose fate is not decided in every world.
        differ: people who end differently.
        alike: people with the same ends as the person.
    """

    people: int
    undecided: int
    differ: int
    alike: int


def frequency(people: People, uid: int, country: dict[int, str]) -> Frequency:
    """Count how many people from the same country have a fate like that of a person.

    Args:
        people: the people of a day.
        uid: number of the person.
        country: country of origin by number.

    Returns:
        The counts.
    """
    group = [own for other, own in people.fates.items() if country[other] == country[uid]]
    ends = [fate.end for fate in people.fates[uid]]
    return Frequency(
        len(group),
        sum(not all(fate.decided for fate in own) for own in group),
        sum(map(ends_differently, group)),
        sum([fate.end for fate in own] == ends for own in group),
    )
