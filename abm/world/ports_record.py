"""Recorded traffic of the ports of entry: crossings by port and year, trusted travellers.

Northbound crossings by calendar year at the ports of the packaged world; each is the sum of the
bridges and gates of its place. See `geography` for the files and the errors.
"""

from __future__ import annotations

from abm.world.geography import rows_where

_CROSSINGS = "drivers/ports_year.csv"
_INSPECTION = "us/poe_inspection_drugs_visas.csv"


def port_traffic(year: int) -> dict[str, dict[str, float]]:
    """Return crossings of a calendar year, 2008-2019, by port (id of its place) and measure.

    Measures: personal_vehicles, personal_vehicle_passengers, pedestrians, buses, bus_passengers,
    trucks, truck_containers_loaded, truck_containers_empty, trains. A measure without a
    record for a port and year is left out.
    """
    crossings: dict[str, dict[str, float]] = {}
    for row in rows_where(_CROSSINGS, scope="node_sum", year=year):
        crossings.setdefault(row["node"], {})[row["measure"]] = float(row["value"])
    return crossings


def border_traffic(year: int) -> dict[str, float]:
    """Return crossings of a calendar year, 2008-2019, at all ports of the border, by measure."""
    rows = rows_where(_CROSSINGS, scope="border_total", year=year)
    return {row["measure"]: float(row["value"]) for row in rows}


def traffic_of(ports: tuple[str, ...], year: int, *measures: str) -> list[float]:
    """Return the sum of some measures at each port.

    A port that is not in the record, as in another world, gets the median of the recorded ones.

    Args:
        ports: ids of places.
        year: calendar year, 2008-2019.
        *measures: names of measures, see `port_traffic`.

    Returns:
        Crossings a year, in the order of `ports`.
    """
    known = port_traffic(year)
    sums = {port: sum(counts[m] for m in measures) for port, counts in known.items()}
    ordered = sorted(sums.values())
    middle = 0.5 * (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])
    return [sums.get(port, middle) for port in ports]


def trusted_share(year: int) -> float:
    """Return the share of personal vehicles in the trusted lane (SENTRI), 2009 and 2013."""
    rows = rows_where(_INSPECTION, metric="SENTRI_share_of_personal_vehicles", year=year)
    return float(rows[0]["value"])
