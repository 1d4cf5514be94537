"""Observed figures beside those that anchor a draw, with tolerances; none is typed twice.

All are of the base year or of the years declared for levels (FY2011, FY2013, FY2015); none is of
the U.S. line after June 2014 otherwise.
"""

from __future__ import annotations

from abm.world import geography

_METRICS, _PORTS = "us/border_metrics.csv", "us/poe_inspection_drugs_visas.csv"


def aims() -> dict[str, tuple[float, float]]:
    """Observed value and tolerance by statistic; tolerances as in the patterns of validation."""
    p = _metric("apprehension_probability_RTM_between_POE", 2015)
    entries = geography.rows_where(_METRICS, metric="successful_illegal_entries_IDA",
                                   fiscal_year=2015)[0]  # fmt: skip
    middle = (float(entries["value_low"]) + float(entries["value_high"])) / 2.0
    per = middle / geography.apprehensions_total(2015)
    early = _metric("recidivism_rate_CRS_unique_persons", 2011)
    late = _metric("recidivism_rate_CBP", 2015)
    turned = _metric("turn_backs_SW", 2013) / geography.apprehensions_total(2013)
    seized = geography.rows_where(_PORTS, metric="POE_share_hard_drug_weight")[0]
    return {
        "apprehension_probability_rtm": (p, 0.10),
        "entries_per_apprehension": (per, 0.30 * per),
        "interdiction_effectiveness": (_metric("interdiction_effectiveness_rate", 2015), 0.05),
        "recidivism": ((early + late) / 2.0, 0.04),
        "turn_backs_per_apprehension": (turned, 0.25 * turned),
        "guided_within_30_days": (0.85, 0.10),  # mexico/push_and_journey.csv, a text
        "seized_at_ports": (float(seized["value"]), 0.10),
    }


def _metric(metric: str, year: int) -> float:
    return float(geography.rows_where(_METRICS, metric=metric, fiscal_year=year)[0]["value"])
