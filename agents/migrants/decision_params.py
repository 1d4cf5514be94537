"""Parameters for the decision to leave, for announcements and for beliefs."""

from dataclasses import dataclass

from agents.labels import GROUPS
from agents.param import param


@dataclass(frozen=True, kw_only=True)
class DecisionParams:
    """Decision between staying, the legal channel and going, and between modes of travel."""

    theory: str = param(
        "expected_utility",
        unit="name",
        choices=("expected_utility", "prospect"),
        doc="Decision theory under risk.",
        source="[S] rule of decision",
    )
    prelec_alpha: float = param(
        0.65,
        unit="exponent",
        low=0.2,
        high=1.0,
        doc="Probability weighting under prospect theory; 1 is none.",
        source="Prelec (1998), Econometrica 66: 497-527",
    )
    loss_aversion: float = param(
        2.25,
        unit="ratio",
        low=1.0,
        high=5.0,
        doc="Weight of a loss under prospect theory.",
        source="Tversky and Kahneman (1992), J. Risk and Uncertainty 5: 297-323",
    )
    gain: tuple[float, ...] = param(
        (15_000.0, 22_000.0),
        unit="$",
        high=200_000.0,
        labels=GROUPS,
        doc="Discounted gain in earnings and safety from an entry.",
        source="[A] no published discounted gain in dollars; wages of equal workers are 2.7 times "
        "higher in the U.S. (Clemens, Montenegro and Pritchett 2008, CGD WP 148)",
    )
    loss: tuple[float, ...] = param(
        (800.0, 1_200.0),
        unit="$",
        high=50_000.0,
        labels=GROUPS,
        doc="Loss when a journey fails, beyond the fee.",
    )
    stay_value: tuple[float, ...] = param(
        (7530.0, 7990.0),
        unit="$",
        low=-50_000.0,
        high=100_000.0,
        labels=GROUPS,
        doc="Utility of staying; sets the share that leaves.",
        source="[A] with the pools, it sets the share that leaves; no published share",
    )
    decision_noise: float = param(
        7_365.0,
        unit="$",
        low=500.0,
        high=50_000.0,
        doc="Scale of the Gumbel noise between staying, the legal channel and going.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "value in dollars: looked in NBER WP 5592, CGD WP 459 and studies of intentions",
    )
    noise_factor: tuple[float, ...] = param(
        (1.0, 0.4028),
        unit="ratio",
        low=0.1,
        high=5.0,
        labels=GROUPS,
        doc="Factor of a group on decision_noise; lower values give a stronger response.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; prior chosen "
        "so that the response to release in 2003-07 (E4) can be reached",
        sources={
            "mexican": "[S] reference group of decision_noise",
        },
    )
    mode_noise: float = param(
        1_500.0,
        unit="$",
        low=100.0,
        high=20_000.0,
        doc="Scale of the Gumbel noise between going alone and each organisation.",
    )
    solo_burden: tuple[float, ...] = param(
        (7_185.0, 4_056.0),
        unit="$",
        low=-20_000.0,
        high=50_000.0,
        labels=GROUPS,
        doc="Perceived cost of travelling alone, in effort and fear, beyond the costs of the "
        "route model.",
        source="[F] fitted to P9, use of guides (us/smuggler_fees.csv 2012, "
        "mexico/push_and_journey.csv)",
    )
    solo_cost: tuple[float, ...] = param(
        (400.0, 900.0),
        unit="$",
        high=20_000.0,
        labels=GROUPS,
        doc="Travel costs of a trip without a guide.",
        source="[A] no published cost without a guide for 2013: looked in EMIF Sur and press",
        sources={
            "northern_triangle": (
                "[A] spent in all without a guide: median $1,000, quartiles $500 and $2,500, EMIF "
                "Sur 2014-17, returned by the U.S. (docs/background/evidence-numbers.md)"
            ),
        },
    )
    danger_aversion: float = param(
        10_000.0,
        unit="$",
        high=1_000_000.0,
        doc="Weight of one expected kidnapping or death in the decision.",
    )
    reputation_value: float = param(
        1_500.0,
        unit="$",
        high=20_000.0,
        doc="Value of an organisation's reputation (0 to 1) to a client.",
    )
    solo_attempts: int = param(
        2,
        unit="attempts",
        low=1,
        high=5,
        doc="Attempts that a person without a guide expects to make.",
    )
    guided_attempts: int = param(
        3,
        unit="attempts",
        low=1,
        high=5,
        doc="Attempts that one fee covers.",
        source="Al Jazeera America, 21 February 2016: generally three attempts for one fee, "
        "Guatemala",
    )
    legal_value: tuple[float, ...] = param(
        (-5_097.0, -11_410.0),
        unit="$",
        low=-200_000.0,
        high=200_000.0,
        labels=GROUPS,
        doc="Utility of the legal channel beyond its probability and its gain.",
        source="[F] fitted to the visas of FY2013 (us/temporary_work_visas.csv): as many "
        "applications as decisions",
    )
    legal_fee: float = param(
        190.0,
        unit="$",
        high=20_000.0,
        doc="Fee of an application to the legal channel.",
        source="$190 for H visas from 13 April 2012 (New York Amsterdam News, 26 April 2012)",
    )
    legal_quota: tuple[float, ...] = param(
        (111_670.0, 5_136.0),
        unit="persons/year",
        high=5_000_000.0,
        labels=GROUPS,
        doc="Visas issued to candidates a year; decided are these over the share that is not "
        "refused.",
        source="us/temporary_work_visas.csv FY2013, H-2A and H-2B",
    )
    legal_backlog: float = param(
        1.0,
        unit="years",
        high=100.0,
        doc="Years of decisions that wait when the warm-up begins.",
    )
    legal_refusal: float = param(
        0.2,
        unit="share",
        doc="Share of decided applications that are refused.",
        source="[A] of all applications for non-immigrant visas, 0.14 in FY2012 to 0.22 in FY2016 "
        "(GAO in diplopundit.net); H-2 visas are refused more often than most (CIS, 2012)",
    )
    legal_impatience: float = param(
        1.2,
        unit="per year",
        high=5.0,
        doc="Discount rate of an admission with the years of waiting.",
    )
    return_bar: float = param(
        0.5,
        unit="share",
        draw_range=(0.0, 1.0),
        doc="Share of the chance of a further visa that a person loses who is removed.",
        source="[A] barred for three, five or ten years, INA 212(a)(9), which ends nearly the "
        "whole value at legal_impatience; waivers exist, and not all know the bar",
    )
    port_burden: tuple[float, ...] = param(
        (4_737.0, 4_000.0),
        unit="$",
        low=-20_000.0,
        high=100_000.0,
        labels=GROUPS,
        doc="Perceived cost of a hidden passage through a port beyond price and risk.",
        source="[A] the rest, after port_premium, of a total of $6,000 and $7,000",
    )


@dataclass(frozen=True, kw_only=True)
class AnnouncementParams:
    """Belief in announcements, its confirmation by experience, and the response to it."""

    news_response: float = param(
        1.669,
        unit="ratio",
        high=5.0,
        doc="Response to full belief in an announced restriction: the share exp(-response * "
        "belief) of those who would go still goes.",
        source="[A] 1.1 to 1.9: apprehensions of both groups in February to April 2017 "
        "(us/sw_monthly_by_citizenship.csv)",
    )
    news_half_life: float = param(
        105.6,
        unit="days",
        low=10.0,
        high=1_000.0,
        doc="Days in which half of a belief is lost that no experience confirms.",
        source="[A] 80 to 120: rebound after the spring of 2017 (us/sw_monthly_by_citizenship.csv)",
    )
    confirmation: float = param(
        0.5101,
        unit="log-odds",
        low=0.05,
        high=5.0,
        doc="Rise of the chance of failure above the usual one that confirms a belief in full.",
        source="[A] 0.25 to 1",
    )
    experience_days: float = param(
        18.74,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Mean age of what people have heard of others: stops, apprehensions and releases.",
        source="[A] 10 to 30: apprehensions of 2005-06 followed the end of releases after about "
        "two months (us/release_otm.csv, us/sw_monthly_by_citizenship.csv), of which the journey "
        "takes one",
    )
    usual_days: float = param(
        365.0,
        unit="days",
        low=30.0,
        high=3_650.0,
        doc="Mean age of the experience that people consider usual.",
    )
    waiting_share: float = param(
        0.4618,
        unit="share",
        doc="Share of the people deterred by an announcement who wait instead of staying for good.",
    )
    waiting_days: float = param(
        60.0,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Days until a candidate who waits decides again, mean.",
    )
    waiting_days_spread: float = param(
        60.0,
        unit="days",
        high=365.0,
        doc="Width of the uniform distribution of waiting_days.",
    )
    deadline_reach: int = param(
        2,
        unit="days/day",
        low=0,
        high=10,
        doc="Days after a deadline whose candidates may leave on each day before it.",
        source="[A] 13 days of arrivals in the 9 days before a deadline in Peru, June 2019; 240 in "
        "73 days before January 2017",
    )


@dataclass(frozen=True, kw_only=True)
class BeliefParams:
    """Weight of reports in beliefs."""

    belief_prior: float = param(
        422.8,
        unit="persons",
        low=150.0,
        high=5_000.0,
        doc="Weight of the prior belief about a leg, at every scale.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "value in these units: looked in studies of migrant networks and campaigns",
    )
    belief_half_life: float = param(
        123.6,
        unit="days",
        low=30.0,
        high=720.0,
        doc="Half-life of the reports to a community.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "value: looked in studies of migrant networks and campaigns",
    )
