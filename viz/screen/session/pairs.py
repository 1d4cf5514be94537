"""Ready pairs of worlds on the start card, and the amounts and dates in their texts.

A pair declares policies as text. Every value in its texts (dollars, miles, dates, minutes) is
computed from that declaration.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from abm.policies import Policy, policies_of
from viz.screen.lessons.lesson import lessons
from viz.screen.session.choice import Choice, Policies
from viz.screen.session.frames import policies_begin

#: [A] Days between the first day that is shown and the first policy. They suffice to see that both
#: worlds are equal until then.
LEAD = 30
#: [A] persons per simulated migrant for a first look.
SCALE = 100


@dataclass(frozen=True)
class Pair:
    """Two worlds that differ only in their policies.

    Attributes:
        id: key of the texts.
        a, b: policies of world A and world B as text.
        days: length of the run.
        marks: marks on the small maps of A and B, see `viz.figures.route_map.pair_map_svg`.
        view: window of the small maps, "whole" or "line".
        lesson: id of the lesson on the same question, or "".
    """

    id: str
    a: Policies
    b: Policies
    days: int
    marks: tuple[str, str]
    view: str = "whole"
    lesson: str = ""

    @property
    def choice(self) -> Choice:
        """Return the choice that opens the pair in Compare."""
        return Choice(a=self.a, b=self.b, days=self.days, scale=SCALE)

    def policies(self, world: int) -> tuple[Policy, ...]:
        """Return the policies of world A (0) or B (1)."""
        scenario = self.choice.scenario(world)
        return policies_of(scenario, scenario.policies)

    @property
    def start(self) -> datetime.date:
        """Return the date of the first day."""
        return self.choice.scenario(0).start

    @property
    def began(self) -> int:
        """Return the day, from 1, on which the first policy begins."""
        return policies_begin([self.choice.scenario(world) for world in (0, 1)])

    @property
    def first_day(self) -> int:
        """Return the day after which the display of the run begins."""
        return max(0, self.began - 1 - LEAD)

    def minutes(self, speed: float) -> int:
        """Return how many minutes the run takes at a speed in days per second, rounded up."""
        return math.ceil((self.days - self.first_day) / speed / 60.0)

    def dollars(self, world: int) -> float:
        """Return the planned dollars per year of all payers in world A (0) or B (1)."""
        return sum(sum(policy.dollars().values()) for policy in self.policies(world))

    def miles(self, world: int) -> float:
        """Return the miles of new fence in world A (0) or B (1)."""
        fences = (policy for policy in self.policies(world) if policy.id == "fence")
        return sum(policy.dose * getattr(policy, "miles", 0.0) for policy in fences)


def _arm(lesson: str, arm: str) -> Policies:
    """Return the policies in a lesson's arm."""
    return lessons()[lesson].arms[arm].policies


#: Both worlds plan and spend the same dollars from the same day. Overtime starts within a month,
#: posts in the south within two months. Mexico could not spend all of a larger amount.
_OVERTIME = Pair(
    id="south_or_overtime",
    a=("patrol_effort:120M@2014-07-01",),
    b=("southern_border_control:120M@2014-07-01",),
    days=1_368,
    marks=("line", "south"),
)
#: The dose is the cost of 350 miles in dollars, because the fields of the page show dollars. The
#: fence is built in the first year.
_FENCE = Pair(
    id="fence", a=(), b=("fence:136.5M",), days=730, marks=("plain", "fence"), view="line"
)
#: Two arms of the lesson on this question: A has the best portfolio of both countries. B has the
#: best portfolio of the United States alone for four times the planned money, part of which remains
#: unspent because of limits. For the people of FY2011, few of whom are foreigners in Mexico, fewer
#: get away in B.
_ALONE = Pair(
    id="alone",
    a=_arm("needs_mexico", "b"),
    b=_arm("needs_mexico", "d"),
    days=1_100,
    marks=("south", "line"),
    lesson="needs_mexico",
)
PAIRS = (_OVERTIME, _FENCE, _ALONE)
