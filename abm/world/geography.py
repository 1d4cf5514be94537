"""Packaged data: staff, apprehensions, deaths, interceptions, costs and country series.

Every value comes from a CSV file in `data/` whose rows name their source. Counts are events, not
people. Fiscal year t runs from 1 October t-1 to 30 September t. Functions raise WorldError if a
packaged file is missing or invalid. They raise LookupError if a year, sector or item has no data,
with a message that lists the available values. Each call returns new objects, so callers cannot
change the data.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from abm.world.errors import WorldError
from abm.world.tables import decode, read_bytes, read_records
from abm.world.vocabulary import SECTORS
from agents.labels import COUNTRIES

DATA = Path(__file__).parent / "data"

Row = Mapping[str, str]

NORTHERN_TRIANGLE: tuple[str, ...] = ("Guatemala", "Honduras", "El Salvador")
#: Each country's name in the data files, by its code in agents.labels.COUNTRIES.
NAMES: dict[str, str] = dict(zip(COUNTRIES, (*NORTHERN_TRIANGLE, "Mexico"), strict=True))

_KINDS = {
    "Single adult (derived = total - UAC - FMUA)": "single_adult",
    "Family unit individual": "family_member",
    "Unaccompanied child": "unaccompanied_child",
}


@functools.cache
def table(file: str) -> tuple[Row, ...]:
    """Return the rows in a packaged CSV file as read-only mappings from column to cell.

    Cells are texts as in the file. An empty cell is "".

    Args:
        file: path in the data folder, such as `us/usbp_staffing.csv`.
    """
    text = decode(file, read_bytes(_path(file)))
    records = iter(read_records(file, text))
    _, header = next(records, (1, []))
    rows = []
    for number, cells in records:
        if len(cells) != len(header):
            reason = f"{len(cells)} cells: expected {len(header)}, as in the header"
            raise WorldError(file, number, reason=reason)
        rows.append(MappingProxyType(dict(zip(header, cells, strict=True))))
    if not rows:
        raise WorldError(file, reason="no rows: expected at least one row after the header")
    return tuple(rows)


@functools.lru_cache(maxsize=None, typed=True)  # Every new model reads the same rows.
def rows_where(file: str, **match: object) -> tuple[Row, ...]:
    """Return the rows in a packaged CSV file that have certain values.

    Args:
        file: path in the data folder.
        **match: required value by column.

    Returns:
        The matching rows, at least one.

    Raises:
        LookupError: no row matches. The message lists the values in the first column without a
            match.
    """
    rows = table(file)
    for column, value in match.items():
        if column not in rows[0]:
            columns = ", ".join(rows[0])
            raise LookupError(f"unknown column {column!r} of {file}: expected {columns}")
        values = [row[column] for row in rows]
        rows = tuple(row for row in rows if row[column] == str(value))
        if not rows:
            raise LookupError(f"no {column} {value!r} in {file}: expected {_sample(values)}")
    return rows


def usbp_staffing(fiscal_year: int) -> dict[str, float]:
    """Return Border Patrol agents by sector, 1992-2019 (`us/usbp_staffing.csv`)."""
    return _by_sector("us/usbp_staffing.csv", "agents", fiscal_year=fiscal_year)


def apprehensions_by_sector(fiscal_year: int, citizenship: str = "All") -> dict[str, float]:
    """Return apprehensions by sector, 2000-2019 (`us/usbp_sector_fy.csv`).

    Args:
        fiscal_year: fiscal year. The data for countries other than Mexico start in 2007.
        citizenship: All, Mexican (or Mexico), OTM (other than Mexican), Guatemala, Honduras, El
            Salvador, Other OTM, or NTCA for the sum of Guatemala, Honduras and El Salvador. These
            groups overlap: All = Mexican + OTM.

    Returns:
        Apprehensions by sector name.
    """
    parts = [
        _by_sector(
            "us/usbp_sector_fy.csv", "apprehensions", fiscal_year=fiscal_year, citizenship_group=g
        )
        for g in _groups(citizenship)
    ]
    return {sector: sum(part[sector] for part in parts) for sector in SECTORS}


def apprehensions_total(fiscal_year: int, citizenship: str = "All") -> float:
    """Return the total published for the southwest border, 2000-2019 (`us/usbp_sector_fy.csv`).

    Args:
        fiscal_year, citizenship: see :func:`apprehensions_by_sector`.

    Returns:
        Apprehensions in the fiscal year.
    """
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
    """Return monthly apprehensions along the southwest border.

    The source, `us/sw_monthly_by_citizenship.csv`, rounds to 10. Fiscal year 2000 is 5 % too low.

    Args:
        group: Mexico, NTCA, Guatemala, Honduras, El Salvador, Other or Total.
        first, last: first and last month, such as `2009-10`.

    Returns:
        Tuples (year, month, apprehensions).

    Raises:
        LookupError: the group or a month is not in the data.
    """
    rows = table("us/sw_monthly_by_citizenship.csv")
    if group not in rows[0]:
        raise LookupError(f"unknown group {group!r}: expected {', '.join(list(rows[0])[1:-1])}")
    chosen = [row for row in rows if first <= row["date"] <= last]
    if not chosen or chosen[0]["date"] != first or chosen[-1]["date"] != last:
        record = f"{rows[0]['date']} to {rows[-1]['date']}"
        raise LookupError(f"invalid months {first} to {last}: expected {record}")
    return [(int(r["date"][:4]), int(r["date"][5:]), _number(r, group)) for r in chosen]


def drugs_seized(fiscal_year: int) -> list[dict[str, float]]:
    """Return pounds of cocaine and of marijuana seized by the Border Patrol, by sector.

    Args:
        fiscal_year: fiscal year, 2011-2019.

    Returns:
        One mapping for cocaine and one for marijuana.
    """
    file, names = "us/usbp_sector_profile_fy2011_2019.csv", ("cocaine_pounds", "marijuana_pounds")
    return [_by_sector(file, name, fiscal_year=fiscal_year) for name in names]


def deaths_by_sector(fiscal_year: int) -> dict[str, float]:
    """Return recorded deaths by sector, 1998-2019 (`us/deaths_sector_fy.csv`), an undercount."""
    return _by_sector("us/deaths_sector_fy.csv", "deaths", fiscal_year=fiscal_year)


def demographics(fiscal_year: int) -> dict[str, dict[str, float]]:
    """Return apprehensions by sector and kind (`us/usbp_sector_demographic_fy.csv`).

    The kinds are single_adult and family_member (both from 2013 on) and unaccompanied_child (from
    2010 on).
    """
    by_kind: dict[str, dict[str, float]] = {sector: {} for sector in SECTORS}
    for row in rows_where("us/usbp_sector_demographic_fy.csv", fiscal_year=fiscal_year):
        by_kind[row["sector"]][_KINDS[row["demographic"]]] = _number(row, "apprehensions")
    return by_kind


def mexican_interceptions_by_state(period: str) -> dict[str, float]:
    """Return Mexican interceptions by state (`mexico/mx_inm_by_state.csv`).

    The record for a period covers only the states with the most interceptions. Sums over several
    states are left out. For shares, divide by `mexican_interceptions_national(period)`.

    Args:
        period: 2010, 2014-01, 2015-01 or `2019 Jan-Aug`.
    """
    rows = rows_where("mexico/mx_inm_by_state.csv", period=period)
    single = [row for row in rows if row["state"] != "National" and "+" not in row["state"]]
    return {row["state"]: _number(row, "value") for row in single}


def mexican_interceptions_national(period: str) -> float:
    """Return all Mexican interceptions in a period (`mexico/mx_inm_by_state.csv`)."""
    rows = rows_where("mexico/mx_inm_by_state.csv", period=period, state="National")
    return _number(rows[0], "value")


def country_series(country: str, indicator: str) -> dict[int, float]:
    """Return a country's yearly series, 2000-2019 (`drivers/country_year.csv`).

    Args:
        country: GT, HN, SV, MX or US.
        indicator: a column, such as `homicide_rate_unodc`, whose unit is in
            `country_year_sources.csv`.

    Returns:
        Values by calendar year. Years without a value are left out.

    Raises:
        LookupError: the country or the indicator is not in the data.
    """
    rows = rows_where("drivers/country_year.csv", country=country)
    if indicator not in rows[0]:
        raise LookupError(
            f"unknown indicator {indicator!r}: expected {', '.join(list(rows[0])[2:])}"
        )
    return {int(r["year"]): _number(r, indicator) for r in rows if r[indicator]}


def traffic_of(ports: tuple[str, ...], year: int, *measures: str) -> list[float]:
    """Return northbound crossings at each port, summed over one or more measures.

    The record (`drivers/ports_year.csv`) sums all bridges and gates at a place in the packaged
    world. A port without a record, as in a user's world, gets the median over recorded ports.

    Args:
        ports: place ids of the ports.
        year: calendar year, 2008-2019.
        *measures: personal_vehicles, personal_vehicle_passengers, pedestrians, buses,
            bus_passengers, trucks, truck_containers_loaded, truck_containers_empty, or trains.

    Returns:
        Crossings a year, in the order of `ports`.
    """
    sums: dict[str, float] = {}
    for row in rows_where("drivers/ports_year.csv", scope="node_sum", year=year):
        if row["measure"] in measures:
            sums[row["node"]] = sums.get(row["node"], 0.0) + float(row["value"])
    ordered = sorted(sums.values())
    middle = 0.5 * (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])
    return [sums.get(port, middle) for port in ports]


def basemap() -> dict[str, Any]:
    """Return the outlines on the packaged map as parsed GeoJSON (`world/basemap.geojson`)."""
    file = "world/basemap.geojson"
    try:
        return json.loads(decode(file, read_bytes(_path(file))))
    except json.JSONDecodeError as error:
        raise WorldError(file, error.lineno, reason=f"invalid JSON: {error.msg}") from None


def _path(file: str) -> Path:
    """Return the path of a packaged file. Raise WorldError if it is outside the data folder."""
    path = DATA / file
    if DATA.resolve() not in path.resolve().parents:
        raise WorldError(file, reason="not a packaged file")
    return path


def _by_sector(file: str, value: str, **match: object) -> dict[str, float]:
    """Return one column by sector, from west to east, without the file's totals."""
    values = {row["sector"]: _number(row, value) for row in rows_where(file, **match)}
    return {sector: values[sector] for sector in SECTORS}


def _groups(citizenship: str) -> tuple[str, ...]:
    """Return the groups in the file that together form a citizenship."""
    aliases = {"NTCA": NORTHERN_TRIANGLE, "Mexico": ("Mexican",)}
    return aliases.get(citizenship, (citizenship,))


def _number(row: Row, column: str) -> float:
    """Return a cell as a number. Raise LookupError if it is blank."""
    if not row[column]:
        raise LookupError(f"no value of {column} in the row {dict(row)}")
    return float(row[column])


def _sample(values: Iterable[str]) -> str:
    """Return distinct values as text, shortened by "..." after eight values."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) > 8:
        distinct = [*distinct[:4], "...", *distinct[-2:]]
    return ", ".join(distinct)
