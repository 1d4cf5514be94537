"""A government announces a change: news that is believed in part and wears off."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, dollars_param, share_param
from agents.labels import GROUPS
from agents.levers import MOST_NOTICE
from agents.param import SettingError, param

_CREDIBILITY = "[A] 0.25 to 0.75; 0 for a warning that no measure follows"
_HALF_LIFE = (
    "us/sw_monthly_by_citizenship.csv, rebound after the spring of 2017; "
    "docs/background/evidence-people.md"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Policy):
    """Changes what people expect, and nothing else.

    To announce another policy, list this one next to it with the same date. With a deadline, the
    change applies from that day on. Before it, candidates from later days may leave early. Among
    several deadlines, each counts until the next one at which more is announced
    (`abm.early_departures`).
    """

    id = "announcement"
    title = "Announcement of a change"
    arm = "consequences"
    claim = (
        "Criteria of progress must distinguish a lasting change of migration from a short response "
        "to news; this instrument serves that test."
    )
    mechanism = (
        "People believe part of what is announced: less or more release, or a higher risk of being "
        "stopped. Some wait at home until belief wears off. To announce another policy, add this "
        "one with the same date."
    )
    expect = (
        "After a restriction, fewer people set out for some months, and some come later. A "
        "deadline has a rush before it and a dip after it."
    )
    fails_when = (
        "Few believe it, or no measure follows it: belief wears off, and the effect more slowly. "
        "At a credibility of 0.8, 6 % fewer people leave after 14 months and up to 4 % fewer after "
        "20."
    )
    lever_names = ("news_release_cut", "news_stop")
    optional_levers = ("news_release_rise", "deadline_release_cut", "deadline_stop")
    judged_by = "unlawful_entries"
    #: few believe the news; in twelve municipalities of Honduras, knowledge of stricter U.S. policy
    #: had no effect on plans to leave (Hiskey et al. 2018, abstract)
    failing: ClassVar = {"policies.announcement.credibility": 0.1}

    groups: tuple[float, ...] = share_param(
        (1.0, 1.0), "People to whom the announced change applies.", labels=GROUPS
    )
    release_cut: float = share_param(
        1.0, "Share of the release after an apprehension that is announced to end."
    )
    release_rise: float = share_param(
        0.0, "Share of the people who are not released that are announced to be released."
    )
    stop: float = amount_param(
        1.0,
        "probability",
        "Announced additional chance to be stopped by the United States.",
        high=1.0,
        source="[A] a closed line; log departures of the lowest month are 0.2 (Mexicans) and 0.9 "
        "to 1.0 (Northern Triangle) below normal; apprehensions of early 2017 were 1.2 and 1.7 "
        "below",
    )
    credibility: float = share_param(
        0.4, "Share of an announced restriction that people believe at dose 1.", source=_CREDIBILITY
    )
    opening_credibility: float = share_param(
        0.6,
        "Share of an announced opening that people believe at dose 1.",
        source="[A] an opening is believed more than a restriction",
    )
    half_life: float = param(
        80.0,
        unit="days",
        low=50.0,
        high=120.0,
        doc="Days in which half of the belief has worn off.",
        source=_HALF_LIFE,
    )
    spread_days: float = days_param(14.0, "Days in which the news spreads.", high=90.0)
    deadline_days: int = param(
        0,
        unit="days",
        low=0,
        high=MOST_NOTICE,
        doc="Days from the announcement until the change applies; 0 for at once.",
    )
    campaign: float = dollars_param(
        10e6, "Yearly cost of campaigns in the countries of origin at dose 1.", high=200e6
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of campaigns."""
        return (Cost("us", self.campaign, "Campaigns in the countries of origin.", "[A]"),)

    def check_end(self) -> None:
        """Raise SettingError if the announcement ends before its deadline."""
        days = self.end - self.start
        if days > self.deadline_days or self.deadline_days == 0:
            return
        end = datetime.date.fromordinal(self.end)
        deadline = datetime.date.fromordinal(self.start + self.deadline_days)
        reason = f"the announcement ends on {end}, before its deadline on {deadline} takes effect"
        hint = f"Give a deadline of fewer than {days} days, or a later end."
        raise SettingError("policies.announcement.deadline_days", reason, hint)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Announce a deadline before it, and the news from the deadline on."""
        belief = believed_share(
            day - self.start + 1, self.deadline_days, self.half_life, self.spread_days
        )
        believed = np.array(self.groups) * belief * dose
        cut = self.release_cut * self.credibility * believed
        stop = self.stop * self.credibility * believed
        left = self.start + self.deadline_days - day
        if left > 0:
            levers.deadline_release_cut[left] += cut
            levers.deadline_stop[left] += stop
            return
        levers.news_release_cut += cut
        levers.news_stop += stop
        levers.news_release_rise += self.release_rise * self.opening_credibility * believed


def believed_share(days: float, notice: float, half_life: float, spread: float) -> float:
    """Compute the belief in an announcement as a share of its credibility.

    The belief A is the solution of dA/dt = (a(t) - A) / spread with A(0) = 0. The news a(t) is 1
    until the announced date and exp(-lambda (t - notice)) after it, with lambda = ln 2 / half_life:
    nothing contradicts an announcement before its date. Without notice,
    A(t) = mu / (mu - lambda) (exp(-lambda t) - exp(-mu t)) with mu = 1 / spread.

    Args:
        days: days since the announcement, at least 0.
        notice: days between the announcement and the date from which the change applies.
        half_life: days in which the news loses half its weight after that date.
        spread: days in which the news spreads.

    Returns:
        Share from 0 to 1.
    """
    mu, decay = 1.0 / spread, math.log(2.0) / half_life
    believed = -math.expm1(-mu * min(days, notice))
    after = max(0.0, days - notice)
    x = (mu - decay) * after
    shape = 1.0 if abs(x) < 1e-9 else -math.expm1(-x) / x  # 1 in the limit of equal rates
    return believed * math.exp(-mu * after) + mu * after * math.exp(-decay * after) * shape
