"""Parameters for passing the line and for further attempts."""

from dataclasses import dataclass

from agents.labels import KINDS
from agents.param import param


@dataclass(frozen=True, kw_only=True)
class LineParams:
    """Surrender, waits and pace up to the line."""

    surrender: tuple[float, ...] = param(
        (0.05, 0.6, 0.8),
        unit="probability",
        labels=KINDS,
        doc="Share of Northern Triangle people who surrender at the line at the base-year release.",
        source="[A] no survey of surrender: looked in WOLA (2015), GAO-15-521 and press of 2014",
    )
    surrender_mexican: tuple[float, ...] = param(
        (0.005, 0.02, 0.02),
        unit="probability",
        labels=KINDS,
        doc="Share of Mexicans who surrender at the line at the base-year release.",
    )
    surrender_slope: float = param(
        1.912,
        unit="per $10,000",
        high=10.0,
        doc="Response of the log-odds of surrender to its advantage over evading, relative to the "
        "base year.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "value: looked in the same sources as for surrender",
    )
    wait_days_solo: float = param(
        6.0,
        unit="days",
        high=60.0,
        doc="Longest wait before the line, alone (uniform).",
        source="[A] the mean is 3 days; median of 5 and mean of 7 days in the border city, EMIF "
        "Sur 2014-17, returned by the U.S., without a guide (docs/background/evidence-numbers.md)",
    )
    wait_days_guided: float = param(
        4.0,
        unit="days",
        high=60.0,
        doc="Longest wait before the line, guided (uniform).",
        source="[A] the mean is 2 days; median of 5 and mean of 8 days in the border city, EMIF "
        "Sur 2014-17, returned by the U.S., with a guide (docs/background/evidence-numbers.md)",
    )
    pace_solo: float = param(
        2.8,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Days elapsed per day of moving, alone.",
        source="[A] mexico/push_and_journey.csv: without a guide, 88 % took up to twice 30 days; "
        "about twice pace_guided, for the next calibration",
    )
    pace_guided: float = param(
        1.928,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Days elapsed per day of moving, guided.",
        source="[F] fitted to P11, trips within 30 days (mexico/push_and_journey.csv)",
    )


@dataclass(frozen=True, kw_only=True)
class RetryParams:
    """Further attempts after an encounter, and the time until the decision."""

    retry_mexican: float = param(
        0.5555,
        unit="probability",
        doc="Mexicans who try again after a first U.S. return without a sanction.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; of people "
        "returned, 0.49 intend to try again in 2015, 0.56 in 2010-12 (EMIF Norte; Migrant Border "
        "Crossing Study)",
    )
    sanction_removal: float = param(
        0.4498,
        unit="log-odds",
        high=3.0,
        doc="Fall of the log-odds that a Mexican tries again after a removal, relative to a "
        "voluntary return.",
        source="Bazzi et al. (2021), us/consequence_delivery.csv: 0.35 (18 months) to 0.54 (3) at "
        "an apprehension probability of 0.54 (us/border_metrics.csv 2015); the fit leaves it there",
    )
    retry_prosecuted: float = param(
        0.4174,
        unit="probability",
        doc="Mexicans who try again after prosecution.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; 0.67 of "
        "retry_mexican; Bazzi et al. (2021), us/consequence_delivery.csv: 0.64 (3 months) and "
        "0.75 (18 months)",
    )
    retry_removed: float = param(
        0.2949,
        unit="probability",
        doc="Northern Triangle people who try again after removal from the U.S.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; 29 % of people "
        "removed were apprehended again over several years (GAO-17-66)",
    )
    retry_returned_by_mexico: float = param(
        0.3127,
        unit="probability",
        doc="People who try again after a return by Mexico; not identified by the data.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; prior 0.30 "
        "(0.10) from mexico/emif_sur_intentions.csv: intentions are 0.74, earlier attempts 0.05 "
        "to 0.4",
    )
    retry_turned_back: float = param(
        0.8868,
        unit="probability",
        doc="People who try again after being turned back at the line.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    retry_waiting: float = param(
        0.5,
        unit="probability",
        doc="People not admitted after a wait in Mexico who try to cross undetected.",
    )
    wait_in_mexico_days: float = param(
        150.0,
        unit="days",
        low=1.0,
        high=1_500.0,
        doc="Wait in Mexico for a hearing.",
        source="three to six months on average before hearings were suspended in March 2020 (CQ "
        "Roll Call, 20 May 2020)",
    )
    wait_kidnap_hazard: float = param(
        0.0006,
        unit="per day",
        high=0.1,
        doc="Hazard of kidnapping per day of such a wait, at the base level of violence.",
        source="[A] 418 kidnappings in the media among 51,407 returned by 15 October 2019 "
        "(Instituto para las Mujeres en la Migración, iqlatino.org), 0.0001 a day: a lower bound",
    )
    wait_granted: float = param(
        0.007,
        unit="share",
        doc="People admitted after a hearing for which they waited in Mexico.",
        source="187 granted, more than 19,000 removal orders and 9,000 terminations by December "
        "2019 (TRAC in NBC News, 29 January 2020)",
    )
    expulsion_deterrence: float = param(
        1.017,
        unit="log-odds",
        high=3.0,
        doc="Fall of the log-odds of another attempt after an expulsion to the line, relative to "
        "being turned back there; after one to the home it is as after a voluntary return.",
        source="[A] 0.5 to 1.5; the form was chosen with knowledge of expulsions in 2021-24",
    )
    retry_transferred: float = param(
        0.5168,
        unit="probability",
        doc="Probability that a person continues after a transfer to the south of Mexico.",
        source="[A] 0.35 to 0.7: at most the 0.74 who intend to try again after a return to their "
        "country (mexico/emif_sur_intentions.csv)",
    )
    retry_kidnapped: float = param(
        0.5,
        unit="probability",
        doc="People who continue after a kidnapping.",
    )
    retry_value_slope: float = param(
        1.0,
        unit="per $10,000",
        high=10.0,
        doc="Response of the log-odds of another attempt to better or worse prospects.",
    )
    retry_fatigue: float = param(
        0.3,
        unit="log-odds per encounter",
        high=3.0,
        doc="Fall of the log-odds of another attempt per further encounter, in either country.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    delay_mexican_return: float = param(
        4.0,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Days from a U.S. return of a Mexican to a decision.",
        source="[A] 0.37 within a week of 0.70 who will cross again, 9 days, of those whose home "
        "is in the U.S. (Migrant Border Crossing Study 2010-12, workingimmigrants.com, March 2018)",
    )
    delay_removal: float = param(
        20.0,
        unit="days",
        low=1.0,
        high=730.0,
        doc="Days from a removal to a decision.",
        source="mexico/emif_sur_intentions.csv, returned by the U.S. 2014-17: 0.154 within 7 days "
        "of 0.52 who will try again; mean of an exponential delay",
    )
    delay_expulsion: float = param(
        2.0,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Days from an expulsion to a decision.",
    )
    delay_return_by_mexico: float = param(
        23.0,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Days from a return by Mexico to a decision.",
        source="mexico/emif_sur_intentions.csv, returned by Mexico 2014-17: 0.196 within 7 days "
        "of 0.742 who will try again; mean of an exponential delay",
    )
