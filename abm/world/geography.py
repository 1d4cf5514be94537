"""The packaged record: staff, apprehensions, deaths, interceptions, costs, country series.

Every figure comes from a CSV in `data/` whose rows name their source; `source_of` tells it.
Counts are events, not people. Fiscal year t runs from 1 October t-1 to 30 September t.
A packaged file that is missing or broken raises WorldError; a question that the record cannot
answer (a year, a sector or an item it does not have) raises LookupError and says what there is.
Nothing here can be changed by a caller: each call builds its answer anew.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from abm.world.errors import WorldError
from abm.world.tables import decode, read_bytes, read_records
from abm.world.vocabulary import SECTORS

DATA = Path(__file__).parent / "data"

Row = Mapping[str, str]

NORTHERN_TRIANGLE: tuple[str, ...] = ("Guatemala", "Honduras", "El Salvador")

_SOURCE_COLUMNS = ("source", "coord_source", "basis")
_SECTOR_CODES = dict(
    zip(SECTORS, ("SDC", "ELC", "YUM", "TCA", "EPT", "BBT", "DRT", "LRT", "RGV"), strict=True)
)
_KINDS = {
    "Single adult (derived = total - UAC - FMUA)": "single_adult",
    "Family unit individual": "family_member",
    "Unaccompanied child": "unaccompanied_child",
}


@functools.cache
def table(file: str) -> tuple[Row, ...]:
    """Return the rows of a packaged CSV, such as `us/usbp_staffing.csv`, as read-only mappings.

    Cells are text as in the file; an empty cell is an empty string.
    """
    text = decode(file, read_bytes(_path(file)))
    records = iter(read_records(file, text))
    _, header = next(records, (1, []))
    rows = []
    for number, cells in records:
        if len(cells) != len(header):
            reason = f"the row has {len(cells)} cells where the header has {len(header)}"
            raise WorldError(file, number, reason=reason)
        rows.append(MappingProxyType(dict(zip(header, cells, strict=True))))
    if not rows:
        raise WorldError(file, reason="has no rows")
    return tuple(rows)


def rows_where(file: str, **match: object) -> list[Row]:
    """Return the rows whose cells equal `match`, at least one.

    Raises:
        LookupError: none does; the message lists values that the first failing column has.
    """
    found = list(table(file))
    for column, wanted in match.items():
        if column not in found[0]:
            raise LookupError(f"{file} has no column {column!r}; it has {', '.join(found[0])}")
        known = [row[column] for row in found]
        found = [row for row in found if row[column] == str(wanted)]
        if not found:
            raise LookupError(f"{file} has no {column} {wanted!r}; it has {_sample(known)}")
    return found


def source_of(file: str, **match: object) -> str:
    """Return the source of the first row whose cells equal `match`.

    `country_year.csv` keeps its sources apart: ask `drivers/country_year_sources.csv` for
    `indicator=...`.
    """
    row = rows_where(file, **match)[0]
    for column in _SOURCE_COLUMNS:
        if column in row:
            return row[column]
    raise LookupError(f"{file} has no column of sources")


def usbp_staffing(fiscal_year: int) -> dict[str, float]:
    """Return Border Patrol agents by sector, 1992-2019 (`us/usbp_staffing.csv`)."""
    return _by_sector("us/usbp_staffing.csv", "agents", fiscal_year=fiscal_year)


def apprehensions_by_sector(fiscal_year: int, citizenship: str = "All") -> dict[str, float]:
    """Return apprehensions by sector, 2000-2019 (`us/usbp_sector_fy.csv`).

    Args:
        fiscal_year: countries other than Mexico start in 2007.
        citizenship: All, Mexican (or Mexico), OTM, Guatemala, Honduras, El Salvador, Other OTM, or
            NTCA for the sum of the three. The groups overlap: All = Mexican + OTM.
    """
    parts = [
        _by_sector(
            "us/usbp_sector_fy.csv", "apprehensions", fiscal_year=fiscal_year, citizenship_group=g
        )
        for g in _groups(citizenship)
    ]
    return {sector: sum(part[sector] for part in parts) for sector in SECTORS}


def apprehensions_total(fiscal_year: int, citizenship: str = "All") -> float:
    """Return the published southwest total, 2000-2019 (`us/usbp_sector_fy.csv`)."""
    return sum(
        _number(row, "apprehensions")
        for group in _groups(citizenship)
        for row in rows_where(
            "us/usbp_sector_fy.csv",
            fiscal_year=fiscal_year,
            citizenship_group=group,
            sector="SOUTHWEST TOTAL",
        )
    )


def monthly_by_citizenship(
    group: str, first: str = "1999-10", last: str = "2020-02"
) -> list[tuple[int, int, float]]:
    """Return (year, month, apprehensions) along the southwest, both ends included.

    From `us/sw_monthly_by_citizenship.csv`, rounded to 10 (fiscal year 2000 is 5 % low).

    Args:
        group: Mexico, NTCA, Guatemala, Honduras, El Salvador, Other or Total.
        first: month such as `2009-10`. last: month such as `2013-09`.
    """
    rows = table("us/sw_monthly_by_citizenship.csv")
    if group not in rows[0]:
        raise LookupError(f"no group {group!r}; there is {', '.join(list(rows[0])[1:-1])}")
    chosen = [row for row in rows if first <= row["date"] <= last]
    if not chosen or chosen[0]["date"] != first or chosen[-1]["date"] != last:
        known = f"{rows[0]['date']} to {rows[-1]['date']}"
        raise LookupError(f"months {first} to {last} are not all there; the record is {known}")
    return [(int(r["date"][:4]), int(r["date"][5:]), _number(r, group)) for r in chosen]


def deaths_by_sector(fiscal_year: int) -> dict[str, float]:
    """Return deaths by sector, 1998-2019, an undercount (`us/deaths_sector_fy.csv`)."""
    return _by_sector("us/deaths_sector_fy.csv", "deaths", fiscal_year=fiscal_year)


def demographics(fiscal_year: int) -> dict[str, dict[str, float]]:
    """Return apprehensions by sector, then by kind (`us/usbp_sector_demographic_fy.csv`).

    Kinds: single_adult, family_member (both from 2013), unaccompanied_child (from 2010).
    """
    answer: dict[str, dict[str, float]] = {sector: {} for sector in SECTORS}
    for row in rows_where("us/usbp_sector_demographic_fy.csv", fiscal_year=fiscal_year):
        answer[row["sector"]][_KINDS[row["demographic"]]] = _number(row, "apprehensions")
    return answer


def mexican_interceptions_by_state(period: str) -> dict[str, float]:
    """Return Mexican interceptions by state (`mexico/mx_inm_by_state.csv`).

    Only single states; each period lists a few of the largest. Divide by
    `mexican_interceptions_national(period)` for shares. Periods: 2014-01, 2015-01, 2010 and
    `2019 Jan-Aug`.
    """
    rows = rows_where("mexico/mx_inm_by_state.csv", period=period)
    single = [row for row in rows if row["state"] != "National" and "+" not in row["state"]]
    return {row["state"]: _number(row, "value") for row in single}


def mexican_interceptions_national(period: str) -> float:
    """Return all Mexican interceptions of a period (`mexico/mx_inm_by_state.csv`)."""
    rows = rows_where("mexico/mx_inm_by_state.csv", period=period, state="National")
    return _number(rows[0], "value")


def sector_shares(fiscal_year: int, nationality: str) -> dict[str, float]:
    """Return each sector's share of apprehensions, 0 to 1, 2007-2019.

    From `us/sector_shares_by_nationality.csv`, rounded to 0.001, so the sum is near 1.

    Args:
        fiscal_year: 2007-2019.
        nationality: NTCA (Guatemala, Honduras, El Salvador) or MEX.
    """
    prefixes = {"NTCA": "", "MEX": "MEX_"}
    if nationality not in prefixes:
        raise LookupError(f"no sector shares of {nationality!r}; there is NTCA and MEX")
    row = rows_where("us/sector_shares_by_nationality.csv", fiscal_year=fiscal_year)[0]
    prefix = prefixes[nationality]
    return {s: _number(row, prefix + code) / 100 for s, code in _SECTOR_CODES.items()}


def country_series(country: str, indicator: str) -> dict[int, float]:
    """Return a yearly series, 2000-2019, without its blank years (`drivers/country_year.csv`).

    Args:
        country: GT, HN, SV, MX or US.
        indicator: a column, such as `homicide_rate_unodc`; units in `country_year_sources.csv`.
    """
    rows = rows_where("drivers/country_year.csv", country=country)
    if indicator not in rows[0]:
        raise LookupError(f"no indicator {indicator!r}; there is {', '.join(list(rows[0])[2:])}")
    return {int(r["year"]): _number(r, indicator) for r in rows if r[indicator]}


@dataclass(frozen=True)
class Cost:
    """One published cost: a value, a range, or both, in `unit` (see `note`)."""

    item: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    year: str
    source: str
    note: str


def cost(item: str, year: str | None = None) -> Cost:
    """Return a published cost (`drivers/costs.csv`); some items need the year as well."""
    match = {"item": item} if year is None else {"item": item, "year": year}
    rows = rows_where("drivers/costs.csv", **match)
    if len(rows) > 1:
        years = ", ".join(row["year"] for row in rows)
        raise LookupError(f"{item!r} is there for several years; give one of {years}")
    numbers = {
        column: _number(rows[0], column) if rows[0][column] else None
        for column in ("value", "low", "high")
    }
    texts = {column: rows[0][column] for column in ("item", "unit", "year", "source", "note")}
    return Cost(**numbers, **texts)  # type: ignore[arg-type]


def basemap() -> dict[str, Any]:
    """Return the outlines for drawing offline, parsed GeoJSON (`world/basemap.geojson`)."""
    file = "world/basemap.geojson"
    try:
        return json.loads(decode(file, read_bytes(_path(file))))
    except json.JSONDecodeError as error:
        raise WorldError(file, error.lineno, reason=f"is not JSON: {error.msg}") from None


def _path(file: str) -> Path:
    path = DATA / file
    if DATA.resolve() not in path.resolve().parents:
        raise WorldError(file, reason="is not a packaged file")
    return path


def _by_sector(file: str, value: str, **match: object) -> dict[str, float]:
    """Return one column by sector, west to east; totals in the file are left out."""
    found = {row["sector"]: _number(row, value) for row in rows_where(file, **match)}
    return {sector: found[sector] for sector in SECTORS}


def _groups(citizenship: str) -> tuple[str, ...]:
    aliases = {"NTCA": NORTHERN_TRIANGLE, "Mexico": ("Mexican",)}
    return aliases.get(citizenship, (citizenship,))


def _number(row: Row, column: str) -> float:
    if not row[column]:
        raise LookupError(f"the record leaves {column} blank in the row {dict(row)}")
    return float(row[column])


def _sample(values: Iterable[str]) -> str:
    """Return the distinct values, the middle left out if they are many."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) > 8:
        distinct = [*distinct[:4], "...", *distinct[-2:]]
    return ", ".join(distinct)
