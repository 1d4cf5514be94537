"""Announcement of a change: news that people believe until experience contradicts it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import days_param, dollars_param, share_param
from agents.labels import GROUPS
from agents.levers import MOST_NOTICE
from agents.param import SettingError, param


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Policy):
    """Changes only what people believe.

    To announce another policy, list both policies with the same date. With a deadline, the change
    applies from that day on, and candidates who would leave later may leave before the deadline.
    Each of several deadlines affects only the days up to the next deadline with a larger
    announcement (`abm.early_departures`).
    """

    id = "announcement"
    title = "Announcement of a change"
    arm = "consequences"
    basis = "event"
    claim = (
        "Criteria of progress must distinguish a lasting change of migration from a short response "
        "to news; this instrument serves that test."
    )
    mechanism = (
        "People believe what is announced, or less of it. Some of those who would go stay, and "
        "some wait. Belief is lost in months unless those who left before fail more often than "
        "usual. An announced change of release changes what people expect of release. To announce "
        "another policy, add this one with the same date."
    )
    expect = (
        "After a restriction, fewer people set out for some months, and some come later. A "
        "deadline has a rush before it and a dip after it."
    )
    fails_when = (
        "Few heed the speaker, or no measure follows: what migrants experience does not confirm "
        "the announcement, and within a year it is forgotten."
    )
    lever_names = ("news_restriction",)
    optional_levers = ("news_opening", "news_release", "deadline", "deadline_release")
    overlaps = True
    judged_by = "unlawful_entries"
    #: Few people believe the news. In twelve municipalities in Honduras, knowledge of stricter U.S.
    #: policy had no effect on plans to leave (Hiskey et al. 2018, abstract).
    failing: ClassVar = {"policies.announcement.size": 0.1}

    groups: tuple[float, ...] = share_param(
        (1.0, 1.0), "People to whom the announced change applies.", labels=GROUPS
    )
    size: float = param(
        1.0,
        unit="size",
        low=-1.0,
        high=1.0,
        doc="Weight of the speaker's word: 1 for a restriction that the United States announces, "
        "0 to 1 for Mexico, negative for an opening.",
        source="[A] 1 by definition for the United States, spring of 2017; Mexico about 0 in 2014 "
        "(by analogy with U.S. policy in Honduras, Hiskey et al. 2018) and about 1 in 2019",
    )
    release: float = param(
        0.0,
        unit="share",
        low=-1.0,
        high=1.0,
        doc="Announced change of release: -1 announces that nobody is released, 1 that all are.",
        source="[S] content of the announcement",
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
        """Return the cost of campaigns in the origin countries."""
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

    def __post_init__(self) -> None:
        """Raise SettingError if no one believes the announced change."""
        Policy.__post_init__(self)
        if self.release != 0.0 and self.size == 0.0:
            reason = "nobody believes a change of release announced with size 0"
            raise SettingError("policies.announcement.release", reason, "Give another size.")

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Set the deadline levers before the deadline, and the news levers from the deadline on."""
        days, groups = day - self.start, np.array(self.groups) * dose
        before, informed = (min(1.0, n / self.spread_days) for n in (days, days + 1))
        left = self.deadline_days - days
        if left > 0:
            levers.deadline[left] += max(0.0, self.size) * informed * groups
            levers.deadline_release[left] += (
                max(0.0, -self.release * abs(self.size)) * informed * groups
            )
            return
        # On the day of the deadline, all people who have heard of it believe the change.
        news = groups * (informed if self.deadline_days and left == 0 else informed - before)
        levers.news_restriction += max(0.0, self.size) * news
        levers.news_opening += max(0.0, -self.size) * news
        levers.news_release += self.release * abs(self.size) * news
