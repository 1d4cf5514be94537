"""Parameters of the migrants: supply of candidates, decisions, dangers of a journey."""

from dataclasses import dataclass

from agents.labels import GROUPS, KINDS, SECTORS, TERRAINS
from agents.param import param


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrantParams:
    """Candidates, decisions, beliefs, further attempts, dangers."""

    # ---- candidates -------------------------------------------------------------------------
    pool: tuple[float, ...] = param(
        (969800.0, 846300.0),
        unit="persons/year",
        low=0.0,
        high=20_000_000.0,
        labels=GROUPS,
        doc="Candidates a year: people who consider leaving without papers.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    envelope: float = param(
        1.5,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Candidates are drawn at this multiple of the base rate and thinned to today's rate.",
    )
    supply_lead: tuple[float, ...] = param(
        (22.0, 30.0),
        unit="days",
        low=0.0,
        high=180.0,
        labels=GROUPS,
        doc="Days from a decision to leave to the count at the line; supply leads the counts by "
        "this time.",
        source="[A] fitted by hand to us/sw_monthly_by_citizenship.csv, October 2012 to June 2014",
    )
    supply_curve: tuple[float, ...] = param(
        (1.0, 1.0),
        unit="exponent",
        low=0.2,
        high=2.0,
        labels=GROUPS,
        doc="Exponent of the supply of a recorded month in its apprehensions relative to FY2013.",
    )
    homicide_elasticity: float = param(
        0.3,
        unit="elasticity",
        low=0.0,
        high=3.0,
        doc="Response of supply to a country's homicide rate, under the supply fy2013_push.",
    )
    homicide_factor: tuple[float, ...] = param(
        (1.0, 1.0),
        unit="ratio",
        low=0.0,
        high=5.0,
        labels=GROUPS,
        doc="Factor of a group on homicide_elasticity.",
    )
    income_elasticity: float = param(
        0.5,
        unit="elasticity",
        low=0.0,
        high=5.0,
        doc="Response of supply to the gap of income per head, under the supply fy2013_push.",
    )
    kind_share_mexican: tuple[float, ...] = param(
        (0.929, 0.01, 0.061),
        unit="share",
        low=0.0,
        high=1.0,
        labels=KINDS,
        doc="Adults, family members and unaccompanied children among Mexican candidates.",
        source="[A] after us/usbp_sector_demographic_fy.csv FY2013",
    )
    kind_share_northern_triangle: tuple[float, ...] = param(
        (0.928, 0.032, 0.04),
        unit="share",
        low=0.0,
        high=1.0,
        labels=KINDS,
        doc="Adults, family members and unaccompanied children among Northern Triangle candidates.",
        source="[A] after us/usbp_sector_demographic_fy.csv FY2013",
    )
    wealth_median: tuple[float, ...] = param(
        (3_000.0, 6_000.0),
        unit="$",
        low=0.0,
        high=100_000.0,
        labels=GROUPS,
        doc="Median of the money that a candidate can raise without borrowing.",
    )
    wealth_log_sd: float = param(
        0.7,
        unit="log",
        low=0.0,
        high=2.0,
        doc="Spread of wealth (lognormal).",
    )
    credit: float = param(
        1_000.0,
        unit="$",
        low=0.0,
        high=50_000.0,
        doc="Largest debt of a candidate for a trip.",
    )
    knowledge_mean: float = param(
        0.8406,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Mean weight of the community's beliefs in a person's beliefs.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    knowledge_spread: float = param(
        0.6,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Width of the uniform spread of knowledge around its mean.",
    )
    need_of_protection: float = param(
        0.4,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Northern Triangle candidates who would be recognised as in need of protection.",
    )
    # ---- decision ---------------------------------------------------------------------------
    theory: str = param(
        "expected_utility",
        unit="name",
        low=0,
        high=0,
        choices=("expected_utility", "prospect"),
        doc="Decision theory under risk.",
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
        low=0.0,
        high=200_000.0,
        labels=GROUPS,
        doc="Discounted gain in earnings and safety from an entry.",
    )
    loss: tuple[float, ...] = param(
        (800.0, 1_200.0),
        unit="$",
        low=0.0,
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
    )
    decision_noise: float = param(
        9338.0,
        unit="$",
        low=500.0,
        high=50_000.0,
        doc="Scale of the Gumbel noise between staying, the legal channel and going.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    noise_factor: tuple[float, ...] = param(
        (1.0, 0.3948),
        unit="ratio",
        low=0.1,
        high=5.0,
        labels=GROUPS,
        doc="Factor of a group on decision_noise; a lower value means a stronger response to "
        "expected utility.",
    )
    mode_noise: float = param(
        1_500.0,
        unit="$",
        low=100.0,
        high=20_000.0,
        doc="Scale of the Gumbel noise between going alone and each organisation.",
    )
    solo_burden: tuple[float, ...] = param(
        (9136.0, 4312.0),
        unit="$",
        low=-20_000.0,
        high=50_000.0,
        labels=GROUPS,
        doc="Perceived cost of travelling alone, in effort and fear, beyond the costs of the "
        "route model.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    solo_cost: tuple[float, ...] = param(
        (400.0, 900.0),
        unit="$",
        low=0.0,
        high=20_000.0,
        labels=GROUPS,
        doc="Travel costs of a trip without a guide.",
    )
    danger_aversion: float = param(
        10_000.0,
        unit="$",
        low=0.0,
        high=1_000_000.0,
        doc="Weight of one expected kidnapping or death in the decision.",
    )
    reputation_value: float = param(
        1_500.0,
        unit="$",
        low=0.0,
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
    )
    legal_value: tuple[float, ...] = param(
        (-7691.0, -12630.0),
        unit="$",
        low=-200_000.0,
        high=200_000.0,
        labels=GROUPS,
        doc="Utility of the legal channel beyond its probability and its gain.",
    )
    legal_fee: float = param(
        300.0,
        unit="$",
        low=0.0,
        high=20_000.0,
        doc="Fee of an application to the legal channel.",
    )
    legal_quota: tuple[float, ...] = param(
        (139588.0, 6420.0),
        unit="persons/year",
        low=0.0,
        high=5_000_000.0,
        labels=GROUPS,
        doc="Applications of candidates decided a year in the legal channel.",
    )
    legal_backlog: tuple[float, ...] = param(
        (139588.0, 6420.0),
        unit="persons",
        low=0.0,
        high=5_000_000.0,
        labels=GROUPS,
        doc="Applications that wait for a decision when the warm-up begins.",
    )
    legal_refusal: float = param(
        0.2,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of decided applications that are refused.",
    )
    legal_impatience: float = param(
        1.2,
        unit="per year",
        low=0.0,
        high=5.0,
        doc="Discount rate of an admission with the years of waiting.",
    )
    port_burden: tuple[float, ...] = param(
        (3_500.0, 4_000.0),
        unit="$",
        low=-20_000.0,
        high=100_000.0,
        labels=GROUPS,
        doc="Perceived cost of a hidden passage through a port beyond price and risk.",
    )
    release_news_days: float = param(
        84.48,
        unit="days",
        low=1.0,
        high=720.0,
        doc="Mean delay with which the release that people have seen follows the actual release.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    # ---- announcements ----------------------------------------------------------------------
    waiting_recovery: float = param(
        0.4938,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of the loss from an announcement that a candidate who waits expects to regain.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    waiting_cost: tuple[float, ...] = param(
        (1_000.0, 1_000.0),
        unit="$",
        low=0.0,
        high=50_000.0,
        labels=GROUPS,
        doc="Cost of waiting at home until an announcement wears off: lost earnings and danger.",
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
        low=0.0,
        high=365.0,
        doc="Width of the uniform distribution of waiting_days.",
    )
    deadline_reach: int = param(
        2,
        unit="days/day",
        low=0,
        high=10,
        doc="Number of days after a deadline whose candidates may leave on each day before it.",
        source="[A] 13 days of arrivals in the 9 days before a deadline in Peru, June 2019; 240 in "
        "73 days before January 2017",
    )
    # ---- beliefs ----------------------------------------------------------------------------
    belief_prior: float = param(
        608.6,
        unit="persons",
        low=150.0,
        high=5_000.0,
        doc="Weight of the prior belief about a leg, at every scale.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    belief_half_life: float = param(
        118.8,
        unit="days",
        low=30.0,
        high=720.0,
        doc="Half-life of the reports to a community.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    # ---- at the line ------------------------------------------------------------------------
    surrender: tuple[float, ...] = param(
        (0.05, 0.6, 0.8),
        unit="probability",
        low=0.0,
        high=1.0,
        labels=KINDS,
        doc="Share of Northern Triangle people who surrender at the line at the base-year release.",
    )
    surrender_mexican: tuple[float, ...] = param(
        (0.005, 0.02, 0.02),
        unit="probability",
        low=0.0,
        high=1.0,
        labels=KINDS,
        doc="Share of Mexicans who surrender at the line at the base-year release.",
    )
    surrender_slope: float = param(
        2.062,
        unit="per $10,000",
        low=0.0,
        high=10.0,
        doc="Response of the log-odds of surrender to its advantage over evading, relative to the "
        "base year.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    wait_days_solo: float = param(
        6.0,
        unit="days",
        low=0.0,
        high=60.0,
        doc="Longest wait before the line, alone (uniform).",
    )
    wait_days_guided: float = param(
        4.0,
        unit="days",
        low=0.0,
        high=60.0,
        doc="Longest wait before the line, guided (uniform).",
    )
    pace_solo: float = param(
        2.8,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Days elapsed per day of moving, alone.",
        source="[A] after mexico/push_and_journey.csv trip completed within 30 days",
    )
    pace_guided: float = param(
        2.102,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Days elapsed per day of moving, guided.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    # ---- after an encounter -------------------------------------------------------------------
    retry_mexican: float = param(
        0.5052,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Mexicans who try again after a U.S. return without a sanction, first attempt, base "
        "prospects.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    sanction_removal: float = param(
        0.5711,
        unit="log-odds",
        low=0.0,
        high=3.0,
        doc="Fall of the log-odds that a Mexican tries again after a removal, relative to a "
        "voluntary return.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    retry_prosecuted: float = param(
        0.3365,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Mexicans who try again after prosecution.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    retry_removed: float = param(
        0.2228,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Northern Triangle people who try again after removal from the U.S.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    retry_returned_by_mexico: float = param(
        0.202,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="People who try again after a return by Mexico; not identified by the data.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    retry_turned_back: float = param(
        0.9739,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="People who try again after being turned back at the line.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    retry_waiting: float = param(
        0.5,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="People not admitted after a wait in Mexico who try to cross undetected.",
    )
    wait_in_mexico_days: float = param(
        150.0,
        unit="days",
        low=1.0,
        high=1_500.0,
        doc="Wait in Mexico for a hearing.",
    )
    wait_kidnap_hazard: float = param(
        0.0006,
        unit="per day",
        low=0.0,
        high=0.1,
        doc="Hazard of kidnapping per day of such a wait, at the base level of violence.",
    )
    wait_granted: float = param(
        0.05,
        unit="share",
        low=0.0,
        high=1.0,
        doc="People admitted after a hearing for which they waited in Mexico.",
    )
    retry_expelled: tuple[float, ...] = param(
        (0.6, 0.5),
        unit="probability",
        low=0.0,
        high=1.0,
        labels=GROUPS,
        doc="Probability of another attempt after an expulsion.",
        source="[A] at least as many as after a voluntary return",
    )
    retry_transferred: float = param(
        0.7,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Probability that a person continues after a transfer to the south of Mexico.",
        source="[A] after mexico/emif_sur_intentions.csv, 0.74 after a return to their country",
    )
    retry_kidnapped: float = param(
        0.5,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="People who continue after a kidnapping.",
    )
    retry_value_slope: float = param(
        1.0,
        unit="per $10,000",
        low=0.0,
        high=10.0,
        doc="Response of the log-odds of another attempt to better or worse prospects.",
    )
    retry_fatigue: float = param(
        0.1827,
        unit="log-odds per encounter",
        low=0.0,
        high=3.0,
        doc="Fall of the log-odds of another attempt per further encounter, in either country.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    delay_mexican_return: float = param(
        4.0,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Days from a U.S. return of a Mexican to a decision.",
    )
    delay_removal: float = param(
        30.0,
        unit="days",
        low=1.0,
        high=730.0,
        doc="Days from a removal to a decision.",
    )
    delay_expulsion: float = param(
        2.0,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Days from an expulsion to a decision.",
    )
    delay_return_by_mexico: float = param(
        6.0,
        unit="days",
        low=1.0,
        high=365.0,
        doc="Days from a return by Mexico to a decision.",
    )
    # ---- dangers ------------------------------------------------------------------------------
    kidnap_hazard: float = param(
        0.0006,
        unit="per day and class",
        low=0.0,
        high=0.1,
        doc="Kidnapping hazard per day irregular in Mexico, per hazard class above the first.",
    )
    kidnap_mexican_factor: float = param(
        0.1,
        unit="ratio",
        low=0.0,
        high=1.0,
        doc="Factor on that hazard for Mexicans, who travel lawfully in their own country.",
    )
    ransom: float = param(
        2_500.0,
        unit="$",
        low=0.0,
        high=50_000.0,
        doc="Ransom demanded, capped by the funds of the family.",
    )
    kidnap_days: float = param(
        10.0,
        unit="days",
        low=1.0,
        high=180.0,
        doc="Duration of a kidnapping.",
    )
    kidnap_death: float = param(
        0.01,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Probability of death in a kidnapping.",
    )
    death_line: tuple[float, ...] = param(
        (0.00008, 0.00035, 0.00040, 0.00015, 0.00035),
        unit="per day",
        low=0.0,
        high=0.1,
        labels=TERRAINS,
        doc="Hazard of dying per day on the legs at and behind the line, by terrain.",
        source="[A] fitted by hand to us/deaths_sector_fy.csv FY2013",
    )
    death_sector: tuple[float, ...] = param(
        (0.2407, 0.06485, 0.1803, 0.3952, 0.1364, 0.207, 0.1745, 0.282, 0.1921),
        unit="ratio",
        low=0.0,
        high=20.0,
        labels=SECTORS,
        doc="Factor of a sector on the risk of death, beyond its terrain.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    death_transit: float = param(
        0.000006,
        unit="per day and class",
        low=0.0,
        high=0.1,
        doc="Hazard of dying per day in transit, per hazard class above the first.",
    )
    heat_amplitude: float = param(
        0.6,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Seasonal swing of deaths at the line, highest in early July.",
    )
    # ---- in the United States --------------------------------------------------------------------
    return_rate: tuple[float, ...] = param(
        (0.12, 0.02),
        unit="per year",
        low=0.0,
        high=1.0,
        labels=GROUPS,
        doc="Rate at which settled migrants return home at the base cost of re-entry.",
    )
    return_elasticity: float = param(
        0.5,
        unit="elasticity",
        low=0.0,
        high=3.0,
        doc="Fall of the return rate with the expected cost of re-entry.",
    )
