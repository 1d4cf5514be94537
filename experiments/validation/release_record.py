"""The response of apprehensions to the end of releases in 2005-06, computed from the record.

Hondurans were released until September 2005 and Salvadorans until August 2006
(``us/release_otm.csv``). A *contrast* is the change of the log ratio of two countries'
apprehensions between two windows: the three months before the month of the end, and the second to
fourth month after it. The lag allows for people already under way, who arrive within weeks, and
for expectations, which follow within about two months. The mean of the same change in other years,
except 2004 to 2007, is subtracted to remove season and trend. A *response* is minus the contrast
per unit of release.

Guatemalans are a valid comparison only for August 2006, because expedited removal covered them from
September 2005 on, like Hondurans. Salvadorans are the comparison for September 2005. Hondurans who
then claimed to be Salvadoran make this contrast larger. The contrast of Hondurans and Salvadorans
together does not depend on such claims.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from abm.world import geography

MONTHLY, RELEASES = "us/sw_monthly_by_citizenship.csv", "us/release_otm.csv"
#: Months before the end and months from the end on, first included and last excluded.
BEFORE, AFTER = (-3, 0), (2, 5)
#: Years affected by the event; the other years from FIRST_CONTROL to LAST_CONTROL are controls.
EVENT_YEARS = range(2004, 2008)
FIRST_CONTROL, LAST_CONTROL = 2000, 2018
#: Share released after the end, that of adults in the base year [A].
RELEASED_AFTER = 0.05
HONDURAS, EL_SALVADOR, GUATEMALA = "Honduras", "El Salvador", "Guatemala"

Month = tuple[int, int]  # year and month


@dataclass(frozen=True, slots=True)
class Contrast:
    """Treated and comparison countries, and the month in which release ended.

    Attributes:
        treated, compared: columns of the monthly record.
        ended: countries among `treated` whose release ended in that month.
        month: year and month of the end.
    """

    treated: tuple[str, ...]
    compared: tuple[str, ...]
    ended: tuple[str, ...]
    month: Month


CONTRASTS = {
    "honduras_el_salvador": Contrast((HONDURAS,), (EL_SALVADOR,), (HONDURAS,), (2005, 9)),
    "honduras_guatemala": Contrast((HONDURAS,), (GUATEMALA,), (HONDURAS,), (2005, 9)),
    "el_salvador_guatemala": Contrast((EL_SALVADOR,), (GUATEMALA,), (EL_SALVADOR,), (2006, 8)),
    "both_guatemala": Contrast((HONDURAS, EL_SALVADOR), (GUATEMALA,), (EL_SALVADOR,), (2006, 8)),
}


@dataclass(frozen=True, slots=True)
class ReleaseResponse:
    """Estimate of one contrast.

    Attributes:
        change: change in the log ratio, less the controls' change.
        raw: the same change without subtraction of the controls.
        error: standard error, from the spread of the controls.
        controls: number of control years.
        released: fall of the share released, mean over the treated weighted by apprehensions.
    """

    change: float
    raw: float
    error: float
    controls: int
    released: float

    @property
    def per_unit(self) -> float:
        """Fall in log points per unit of release."""
        return -self.change / self.released

    @property
    def per_unit_error(self) -> float:
        """Standard error of `per_unit`, without the error in the share released."""
        return self.error / self.released


def response(name: str) -> ReleaseResponse:
    """Return a contrast's estimate.

    Args:
        name: key of :data:`CONTRASTS`.

    Returns:
        The estimate.
    """
    contrast = CONTRASTS[name]
    year, month = contrast.month
    raw = _change(contrast, year, month)
    controls = [_change(contrast, y, month) for y in control_years()]
    spread = statistics.stdev(controls) * math.sqrt(1.0 + 1.0 / len(controls))
    before = _months(year, month, BEFORE)
    share = _total(contrast.ended, before) / _total(contrast.treated, before)
    return ReleaseResponse(
        change=raw - statistics.mean(controls),
        raw=raw,
        error=spread,
        controls=len(controls),
        released=share * (released_before() - RELEASED_AFTER),
    )


def response_of(treated: str, compared: str) -> ReleaseResponse:
    """Return the estimate of the contrast between columns of the monthly record.

    Args:
        treated, compared: columns, several joined by ``+``.

    Returns:
        The estimate.

    Raises:
        LookupError: no contrast has these columns.
    """
    for name, contrast in CONTRASTS.items():
        if (treated, compared) == ("+".join(contrast.treated), "+".join(contrast.compared)):
            return response(name)
    raise LookupError(f"no contrast of {treated} with {compared}")


def windows(name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return first and last month before and after the end of a contrast, both included."""
    year, month = CONTRASTS[name].month
    before, after = (_months(year, month, span) for span in (BEFORE, AFTER))
    return (before[0], before[-1]), (after[0], after[-1])


def control_years() -> list[int]:
    """Return the years of the record that are not affected by the end of releases."""
    years = range(FIRST_CONTROL, LAST_CONTROL + 1)
    return [year for year in years if year not in EVENT_YEARS]


def released_before() -> float:
    """Return the share of people other than Mexicans released in FY2005, from the record."""
    (row,) = geography.rows_where(RELEASES, measure="released_share_of_otm", period="FY2005")
    return float(row["value"])


def _change(contrast: Contrast, year: int, month: int) -> float:
    """Return the change of the log ratio around a month."""
    after, before = (
        math.log(_total(contrast.treated, months) / _total(contrast.compared, months))
        for months in (_months(year, month, AFTER), _months(year, month, BEFORE))
    )
    return after - before


def _months(year: int, month: int, span: tuple[int, int]) -> list[str]:
    """Return months as YYYY-MM, by their distance from a month."""
    numbers = [12 * year + month - 1 + k for k in range(*span)]
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in numbers]


def _total(columns: Sequence[str], months: Sequence[str]) -> float:
    """Return the apprehensions of some countries in some months."""
    return sum(
        value
        for column in columns
        for *_, value in geography.monthly_by_citizenship(column, months[0], months[-1])
    )
