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
        source="[F] fitted to P1, apprehensions by group FY2013 (us/usbp_sector_fy.csv)",
    )
    envelope: float = param(
        1.5,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Candidates are drawn at this multiple of the base rate and thinned to today's rate.",
        source="[S] limit of the drawing of candidates; a supply above it is cut",
    )
    supply_lead: tuple[float, ...] = param(
        (23.0, 31.0),
        unit="days",
        low=0.0,
        high=180.0,
        labels=GROUPS,
        doc="Days from a decision to leave to the count at the line; supply leads the counts by "
        "this time.",
        source="[S] follows from other numbers: median days to the first U.S. apprehension in the "
        "base year",
    )
    supply_curve: tuple[float, ...] = param(
        (1.0, 1.0),
        unit="exponent",
        low=0.2,
        high=2.0,
        labels=GROUPS,
        doc="Exponent of the supply of a recorded month in its apprehensions relative to FY2013.",
    )
    known_level: tuple[float, ...] = param(
        (1.0, 1.0),
        unit="ratio",
        low=0.1,
        high=4.0,
        labels=GROUPS,
        doc="Factor on the candidates of a supply series that follows the record. Histories set it "
        "so that a run reproduces the apprehensions of the last twelve known months.",
        source="[S] choice of the experiment",
    )
    homicide_elasticity: float = param(
        0.35,
        unit="elasticity",
        low=0.0,
        high=3.0,
        doc="Response of supply to a country's homicide rate, under the supply fy2013_push.",
        source="Clemens (2017), CGD Working Paper 459, abstract: 3.7 more children alone in 6 "
        "years per homicide a year more, 2011-16; 0.32 to 0.37 with drivers/country_year.csv. "
        "Children only",
    )
    homicide_factor: tuple[float, ...] = param(
        (1.0, 1.0),
        unit="ratio",
        low=0.0,
        high=5.0,
        labels=GROUPS,
        doc="Factor of a group on homicide_elasticity.",
        source="[A] equal; Basu and Pearlman (2017) find little migration abroad after homicides "
        "in Mexico",
        sources={
            "northern_triangle": "[S] reference group of homicide_elasticity",
        },
    )
    income_elasticity: float = param(
        0.8,
        unit="elasticity",
        low=0.0,
        high=5.0,
        doc="Response of supply to the gap of income per head, under the supply fy2013_push.",
        source="Hanson and Spilimbergo (1996), NBER WP 5592, abstract: 0.75 to 0.88, "
        "apprehensions on real wages in Mexico, 1976-95",
    )
    kind_share_mexican: tuple[float, ...] = param(
        (0.929, 0.01, 0.061),
        unit="share",
        low=0.0,
        high=1.0,
        labels=KINDS,
        doc="Adults, family members and unaccompanied children among Mexican candidates.",
        source="[A] set by hand; the simulated families and children of both groups agree with "
        "us/usbp_sector_demographic_fy.csv FY2013 (53,614 of 414,397)",
        sources={
            "adult": "[S] follows from the other two: shares have sum 1",
        },
    )
    kind_share_northern_triangle: tuple[float, ...] = param(
        (0.928, 0.032, 0.04),
        unit="share",
        low=0.0,
        high=1.0,
        labels=KINDS,
        doc="Adults, family members and unaccompanied children among Northern Triangle candidates.",
        source="[A] set by hand; the simulated families and children of both groups agree with "
        "us/usbp_sector_demographic_fy.csv FY2013 (53,614 of 414,397)",
        sources={
            "adult": "[S] follows from the other two: shares have sum 1",
        },
    )
    wealth_median: tuple[float, ...] = param(
        (3_000.0, 6_000.0),
        unit="$",
        low=0.0,
        high=100_000.0,
        labels=GROUPS,
        doc="Median of the money that a candidate can raise without borrowing.",
        source="[A] no published value of a family's funds for a trip: looked in EMIF Sur, Pew, "
        "Migrant Border Crossing Study and press",
    )
    wealth_log_sd: float = param(
        0.7,
        unit="log",
        low=0.0,
        high=2.0,
        doc="Spread of wealth (lognormal).",
        source="[A] no published value; 0.7 corresponds to a Gini coefficient of 0.38",
    )
    credit: float = param(
        1_000.0,
        unit="$",
        low=0.0,
        high=50_000.0,
        doc="Largest debt of a candidate for a trip.",
        source="[A] loans of $2,607 (2015) to $7,100 (2014) in the press (Al Jazeera America "
        "2016, HuffPost 2014), no survey; for the next calibration, because P9 depends on it",
    )
    knowledge_mean: float = param(
        0.8406,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Mean weight of the community's beliefs in a person's beliefs.",
        source="[A] most central member of experiments/calibration/ensemble.json; no published "
        "value: surveys of what migrants know (EMIF, CGD, UNHCR) have no such weight",
    )
    knowledge_spread: float = param(
        0.6,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Width of the uniform spread of knowledge around its mean.",
    )
    need_of_protection: float = param(
        0.23,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Northern Triangle candidates who would be recognised as in need of protection.",
        source="asylum granted by immigration judges FY2012-17: El Salvador 20.8 %, Honduras 21.9 "
        "%, Guatemala 25.3 % (TRAC, tracatwork/detail/A2853 and A3343); UNHCR (2014): 58 % of 404 "
        "children",
    )
    # ---- decision ---------------------------------------------------------------------------
    theory: str = param(
        "expected_utility",
        unit="name",
        low=0,
        high=0,
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
        low=0.0,
        high=200_000.0,
        labels=GROUPS,
        doc="Discounted gain in earnings and safety from an entry.",
        source="[A] no published discounted gain in dollars; wages of equal workers are 2.7 times "
        "higher in the U.S. (Clemens, Montenegro and Pritchett 2008, CGD WP 148)",
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
        source="[A] with the pools, it sets the share that leaves; no published share",
    )
    decision_noise: float = param(
        9338.0,
        unit="$",
        low=500.0,
        high=50_000.0,
        doc="Scale of the Gumbel noise between staying, the legal channel and going.",
        source="[A] most central member of experiments/calibration/ensemble.json; no published "
        "value in dollars: looked in NBER WP 5592, CGD WP 459 and studies of intentions",
    )
    noise_factor: tuple[float, ...] = param(
        (1.0, 0.3948),
        unit="ratio",
        low=0.1,
        high=5.0,
        labels=GROUPS,
        doc="Factor of a group on decision_noise; a lower value means a stronger response to "
        "expected utility.",
        source="[A] most central member of experiments/calibration/ensemble.json; prior chosen so "
        "that the response to release in 2003-07 (E4) can be reached",
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
        (9136.0, 4312.0),
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
        low=0.0,
        high=20_000.0,
        labels=GROUPS,
        doc="Travel costs of a trip without a guide.",
        source="[A] no published cost without a guide for 2013: looked in EMIF Sur and press",
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
        source="Al Jazeera America, 21 February 2016: generally three attempts for one fee, "
        "Guatemala",
    )
    legal_value: tuple[float, ...] = param(
        (-7691.0, -12630.0),
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
        low=0.0,
        high=20_000.0,
        doc="Fee of an application to the legal channel.",
        source="$190 for H visas from 13 April 2012 (New York Amsterdam News, 26 April 2012)",
    )
    legal_quota: tuple[float, ...] = param(
        (111_670.0, 5_136.0),
        unit="persons/year",
        low=0.0,
        high=5_000_000.0,
        labels=GROUPS,
        doc="Visas issued to candidates a year in the legal channel; decided are these over the "
        "share that is not refused.",
        source="us/temporary_work_visas.csv FY2013, H-2A and H-2B",
    )
    legal_backlog: tuple[float, ...] = param(
        (139588.0, 6420.0),
        unit="persons",
        low=0.0,
        high=5_000_000.0,
        labels=GROUPS,
        doc="Applications that wait for a decision when the warm-up begins.",
        source="[A] decisions of a year",
    )
    legal_refusal: float = param(
        0.2,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of decided applications that are refused.",
        source="of all applications for non-immigrant visas, 0.14 in FY2012 to 0.22 in FY2016 "
        "(GAO in diplopundit.net); H-2 visas are refused more often than most (CIS, 2012)",
    )
    legal_impatience: float = param(
        1.2,
        unit="per year",
        low=0.0,
        high=5.0,
        doc="Discount rate of an admission with the years of waiting.",
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
        source="[A] most central member of experiments/calibration/ensemble.json; no published "
        "value in these units: looked in studies of migrant networks and campaigns",
    )
    belief_half_life: float = param(
        118.8,
        unit="days",
        low=30.0,
        high=720.0,
        doc="Half-life of the reports to a community.",
        source="[A] most central member of experiments/calibration/ensemble.json; no published "
        "value: looked in studies of migrant networks and campaigns",
    )
    # ---- at the line ------------------------------------------------------------------------
    surrender: tuple[float, ...] = param(
        (0.05, 0.6, 0.8),
        unit="probability",
        low=0.0,
        high=1.0,
        labels=KINDS,
        doc="Share of Northern Triangle people who surrender at the line at the base-year release.",
        source="[A] no survey of surrender: looked in WOLA (2015), GAO-15-521 and press of 2014",
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
        source="[A] most central member of experiments/calibration/ensemble.json; no published "
        "value: looked in the same sources as for surrender",
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
        source="[A] mexico/push_and_journey.csv: without a guide, 88 % took up to twice 30 days; "
        "about twice pace_guided, for the next calibration",
    )
    pace_guided: float = param(
        2.102,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Days elapsed per day of moving, guided.",
        source="[F] fitted to P11, trips within 30 days (mexico/push_and_journey.csv)",
    )
    # ---- after an encounter -------------------------------------------------------------------
    retry_mexican: float = param(
        0.5052,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Mexicans who try again after a U.S. return without a sanction, first attempt, base "
        "prospects.",
        source="[A] most central member of experiments/calibration/ensemble.json; of people "
        "returned, 0.49 intend to try again in 2015, 0.56 in 2010-12 (EMIF Norte; Migrant Border "
        "Crossing Study)",
    )
    sanction_removal: float = param(
        0.5711,
        unit="log-odds",
        low=0.0,
        high=3.0,
        doc="Fall of the log-odds that a Mexican tries again after a removal, relative to a "
        "voluntary return.",
        source="[A] most central member of experiments/calibration/ensemble.json; prior 0.44 "
        "(0.15) from Bazzi et al. (2021), us/consequence_delivery.csv",
    )
    retry_prosecuted: float = param(
        0.3365,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Mexicans who try again after prosecution.",
        source="[A] most central member of experiments/calibration/ensemble.json; 0.67 of "
        "retry_mexican; Bazzi et al. (2021), us/consequence_delivery.csv: 0.64 (3 months) and "
        "0.75 (18 months)",
    )
    retry_removed: float = param(
        0.2228,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Northern Triangle people who try again after removal from the U.S.",
        source="[A] most central member of experiments/calibration/ensemble.json; 29 % of people "
        "removed were apprehended again over several years (GAO-17-66)",
    )
    retry_returned_by_mexico: float = param(
        0.202,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="People who try again after a return by Mexico; not identified by the data.",
        source="[A] most central member of experiments/calibration/ensemble.json; prior 0.30 "
        "(0.10) from mexico/emif_sur_intentions.csv: intentions are 0.74, earlier attempts 0.05 "
        "to 0.4",
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
        source="three to six months on average before hearings were suspended in March 2020 (CQ "
        "Roll Call, 20 May 2020)",
    )
    wait_kidnap_hazard: float = param(
        0.0006,
        unit="per day",
        low=0.0,
        high=0.1,
        doc="Hazard of kidnapping per day of such a wait, at the base level of violence.",
    )
    wait_granted: float = param(
        0.007,
        unit="share",
        low=0.0,
        high=1.0,
        doc="People admitted after a hearing for which they waited in Mexico.",
        source="187 granted, more than 19,000 removal orders and 9,000 terminations by December "
        "2019 (TRAC in NBC News, 29 January 2020)",
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
    # ---- dangers ------------------------------------------------------------------------------
    kidnap_hazard: float = param(
        0.0006,
        unit="per day and class",
        low=0.0,
        high=0.1,
        doc="Kidnapping hazard per day irregular in Mexico, per hazard class above the first.",
        source="[A] about 12,000 simulated kidnappings in FY2013; CNDH: 9,758 in six months of "
        "2008-09, 11,333 in six months of 2010, extrapolated from interviews; none for 2013",
    )
    kidnap_mexican_factor: float = param(
        0.18,
        unit="ratio",
        low=0.0,
        high=1.0,
        doc="Factor on that hazard for Mexicans, who travel lawfully in their own country.",
        source="CNDH (2011): 10.6 % of victims Mexican, 71.7 % of the Northern Triangle (EFE, 22 "
        "February 2011), over the simulated exposure of both groups",
    )
    ransom: float = param(
        2_500.0,
        unit="$",
        low=0.0,
        high=50_000.0,
        doc="Ransom demanded, capped by the funds of the family.",
        source="CNDH (2009): average demand $2,500, 9,758 victims (mexico/push_and_journey.csv)",
    )
    kidnap_days: float = param(
        10.0,
        unit="days",
        low=1.0,
        high=180.0,
        doc="Duration of a kidnapping.",
        source="[A] no mean duration: looked in CNDH 2009 and 2011",
    )
    kidnap_death: float = param(
        0.013,
        unit="probability",
        low=0.0,
        high=1.0,
        doc="Probability of death in a kidnapping.",
        source="2 of 157 kidnapped women (CNDH 2009 in justiceinmexico.org); a small sample",
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
        source="[F] fitted to deaths per apprehension by sector FY2013 (P10, "
        "us/deaths_sector_fy.csv)",
    )
    death_transit: float = param(
        0.000006,
        unit="per day and class",
        low=0.0,
        high=0.1,
        doc="Hazard of dying per day in transit, per hazard class above the first.",
        source="[A] about 300 simulated deaths a year in transit; us/missing_migrants_iom.csv "
        "records 116 (2014) and 110 (2015), not all",
    )
    heat_amplitude: float = param(
        0.6,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Seasonal swing of deaths at the line, highest in early July.",
        source="[A] Pima County 2013: 0.45 of the deaths to 11 September in June and July; the "
        "months of IOM are those of reports",
    )
    # ---- in the United States --------------------------------------------------------------------
    return_rate: tuple[float, ...] = param(
        (0.017, 0.02),
        unit="per year",
        low=0.0,
        high=1.0,
        labels=GROUPS,
        doc="Rate at which settled migrants return home at the base cost of re-entry.",
        source="[A]",
        sources={
            "mexican": (
                "Gonzalez-Barrera (Pew, November 2015): 1.0 million returned 2009-14, of 12.8 to "
                "11.7 million born in Mexico; recent migrants return more often"
            ),
        },
    )
    return_elasticity: float = param(
        0.5,
        unit="elasticity",
        low=0.0,
        high=3.0,
        doc="Fall of the return rate with the expected cost of re-entry.",
    )
