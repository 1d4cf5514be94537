"""A comparison's flows by leg and place: frames, files for maps, and an xarray data set.

Stored results count persons by leg over a whole run. These functions simulate the same cases again
and record every period. The finest units are the route graph's legs and nodes. Nodes are cities and
Border Patrol sectors. The ledger's counts by sector belong to the sector, not to its crossings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from abm.measures import OUTCOMES, Measure
from abm.measures.series import months
from abm.output_files import atomic_path
from abm.world.routes import declaration_of, load_world
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES
from agents.labels import SECTORS
from agents.outcomes import Event
from agents.param import check_name
from experiments.comparison.compare import Comparison, cases_of
from experiments.rows.comparison import FIGURES
from experiments.rows.records import NOTE, plain_values, record
from experiments.runs.case import Case, Failure
from experiments.runs.files import require_packages
from experiments.runs.many_runs import RunOptions, run_many
from experiments.runs.pairs import difference
from experiments.runs.warmup import start_model

if TYPE_CHECKING:
    import xarray as xr

#: Period lengths over which flows can be summed.
PERIODS = ("total", "month", "day")
#: Packages that a format needs, by file extension.
_FORMATS: dict[str, tuple[str, ...]] = {".geojson": (), ".csv": ()}
_FORMATS |= {".parquet": ("geopandas", "pyarrow"), ".nc": ("xarray", "h5netcdf", "h5py")}
#: Events that the ledger counts by sector, by outcome.
_SECTOR_EVENTS = {
    "attempts": [Event.LINE_ATTEMPT, Event.SURRENDERED],
    "apprehended_us": [Event.APPREHENDED_US],
    "turned_back": [Event.TURNED_BACK],
    "got_aways": [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED, Event.PORT_ENTRY],
}
_MEASURES = OUTCOMES | {
    "passages": Measure("People who pass", "persons per year", "People who reach a leg's end."),
    "arrivals": Measure("People who arrive", "persons per year", "By any leg."),
    "departures": Measure("People who leave", "persons per year", "By any leg, at its end."),
    "attempts": Measure("Attempts between ports", "events per year", "Evading, and surrenders."),
}


# ---- runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Flows:
    """Flows in a comparison.

    Attributes:
        comparison: baseline and arms.
        per: length of a period, one of `PERIODS`.
        table: persons. The row index is ``arm`` (the policy, empty for the baseline), ``member``,
            ``seed`` and ``day`` (the period's first day). The column index is ``by`` (leg or
            place), ``outcome`` and ``site``.
        failures: failed runs.
    """

    comparison: Comparison
    per: str
    table: pd.DataFrame
    failures: tuple[Failure, ...]


def run_flows(comparison: Comparison, per: str, **options: Unpack[RunOptions]) -> Flows:
    """Simulate all cases of a comparison and record their flows.

    Args:
        comparison: baseline and arms. Its cases are simulated again, so it need not hold results.
        per: length of a period, one of `PERIODS`.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The flows.

    Raises:
        SettingError: the period is unknown.
        RuntimeError: every run of an arm failed.
    """
    run_case = partial(record_flows, check_name("per", per, PERIODS))
    arms = ["", *(arm.spec_text for arm in comparison.arms)]
    plan = [(i, key) for key in comparison.order for i in range(len(arms))]
    results = run_many(cases_of(comparison, plan), run_case=run_case, **options)
    failures = tuple(result for result in results if isinstance(result, Failure))
    by_case = dict(zip(plan, results, strict=True))
    finished = [case for case in sorted(by_case) if not isinstance(by_case[case], Failure)]
    runs: dict[Any, pd.DataFrame] = {(arms[i], *key): by_case[i, key] for i, key in finished}
    if not {*arms} == {arm for arm, *_ in runs}:
        raise RuntimeError(f"every run of an arm failed, the first one with {failures[0]}")
    table = pd.concat(runs, names=["arm", "member", "seed", "day"])
    return Flows(comparison, per, table, failures)


def record_flows(per: str, case: Case) -> pd.DataFrame:
    """Simulate a case and record its flows.

    Args:
        per: length of a period, one of `PERIODS`.
        case: scenario and seed.

    Returns:
        Persons, one row per period, with columns as in `Flows`.
    """
    model, days = start_model(case.scenario, case.seed), case.scenario.days
    ledger, world = model.ledger, model.world
    period = {"total": np.zeros(days), "day": np.arange(days)}
    period["month"] = months(case.scenario.start, days)[1]
    starts = np.unique(period[per], return_index=True)[1]
    totals = []
    for length in np.diff([*starts, days]).tolist():
        model.run_for(length)
        totals.append((ledger.flow.copy(), ledger.by_sector.sum(axis=2)))
    traffic, events = (np.diff(total, axis=0, prepend=0) for total in zip(*totals, strict=True))
    people, stopped = traffic[..., :2].sum(axis=2), traffic[..., 2]
    into, out = (np.eye(world.n_places, dtype=int)[ends] for ends in (world.head, world.tail))
    sectors = np.unique(world.place_sector[world.place_sector >= 0]).tolist()
    names = [f"sector_{SECTORS[sector]}" for sector in sectors]
    deaths = np.add.reduceat(ledger.expected_deaths, starts)[:, [*sectors, -1]]
    begins = pd.Timestamp(case.scenario.start) + pd.to_timedelta(starts, "D")
    frame: Any = partial(pd.DataFrame, index=begins, dtype=float)
    frames: dict[Any, pd.DataFrame] = {
        ("leg", "passages"): frame(people, columns=world.leg_ids),
        ("leg", "apprehended_mexico"): frame(stopped, columns=world.leg_ids),
        ("place", "arrivals"): frame(people @ into, columns=world.place_ids),
        ("place", "departures"): frame(people @ out, columns=world.place_ids),
        ("place", "apprehended_mexico"): frame(stopped @ into, columns=world.place_ids),
        ("place", "deaths"): frame(deaths, columns=[*names, "transit"]),
    }
    for outcome, codes in _SECTOR_EVENTS.items():
        persons = events[:, codes].sum(axis=1)[:, sectors]
        frames["place", outcome] = frame(persons, columns=names)
    return pd.concat(frames, axis=1, names=["by", "outcome", "site"])


# ---- frames --------------------------------------------------------------------------------------


def outcome_words(flows: Flows) -> pd.DataFrame:
    """Return ``label`` and ``unit`` by outcome. Units are per period, except for totals."""
    words, names = declaration_of(flows.comparison.scenario.world), flows.table.columns.unique(1)
    period = "" if flows.per == "total" else f" per {flows.per}"
    measures = [words.labelled(_MEASURES[name]) for name in names]
    rows = [(measure.label, measure.unit.replace(" per year", period)) for measure in measures]
    return pd.DataFrame(rows, names.rename("outcome"), ["label", "unit"])


def flow_note(flows: Flows) -> str:
    """Return the note on another world, if any, and the note that flows are not a forecast."""
    return " ".join(filter(None, (declaration_of(flows.comparison.scenario.world).note, NOTE)))


def sites(folder: str, by: str) -> pd.DataFrame:
    """Return a world's legs, or its places, its sectors and the transit through Mexico.

    Args:
        folder: world folder, empty for the packaged one.
        by: ``leg`` or ``place``.

    Returns:
        One row per site id: names, kind or mode, and positions in degrees. A sector's position is
        the mean over its crossings and ports. The transit has no position.
    """
    world, words = load_world(folder or None), declaration_of(folder)
    kinds, modes = ({code: name for name, code in n.items()} for n in (KIND_NAMES, MODE_NAMES))
    columns = {"name": world.place_names, "kind": [kinds[kind] for kind in world.kind.tolist()]}
    places = pd.DataFrame(columns | {"lon": world.lon, "lat": world.lat}, list(world.place_ids))
    if by == "leg":
        ends = {"tail": places.iloc[world.tail], "head": places.iloc[world.head]}
        columns = {f"{e}_{c}": f[c].array for e, f in ends.items() for c in ("name", "lon", "lat")}
        columns["mode"] = [modes[mode] for mode in world.mode.tolist()]
        return pd.DataFrame(columns, pd.Index(world.leg_ids, name="leg"))
    positions: Any = places[["lon", "lat"]].groupby(world.place_sector)
    for sector, *middle in positions.mean().drop(-1, errors="ignore").itertuples():
        name = words.word(f"sectors.{SECTORS[sector]}") + " sector" * words.is_packaged
        places.loc[f"sector_{SECTORS[sector]}"] = [name, "sector", *middle]
    name = f"In transit through {words.word('names.transit')}"
    places.loc["transit"] = [name, "transit_country", np.nan, np.nan]
    return places.rename_axis("place")


def flow_frame(flows: Flows, by: str) -> pd.DataFrame:
    """Return the flows in long form.

    Args:
        flows: flows from :func:`run_flows`.
        by: ``leg`` or ``place``.

    Returns:
        One row per period, site and outcome. If there are no arms, each run has a ``value``.
        Otherwise, each arm has the medians ``baseline`` and ``with_policy`` and the paired
        ``difference`` by the rule in ``experiments.runs.pairs``.
    """
    if flows.comparison.arms:
        arms = flows.table.index.unique("arm").drop("")
        frame = pd.DataFrame([row for arm in arms for row in _changes(flows, by, arm)])
    else:
        unused = ["arm"] if flows.comparison.members else ["arm", "member"]
        frame = _long(flows, by, "outcome").drop(columns=unused)
    frame = frame.join(outcome_words(flows), on="outcome").rename(columns={"day": flows.per})
    return frame.drop(columns="total", errors="ignore")


def _long(flows: Flows, by: str, outcome: str) -> pd.DataFrame:
    """Return one row per run, period, site (column `by`) and outcome (column `outcome`)."""
    cells = flows.table[by].melt(ignore_index=False).reset_index()
    return cells.rename(columns={"site": by, "outcome": outcome})


def _changes(flows: Flows, by: str, arm: str) -> Iterator[dict[str, Any]]:
    """Yield an arm's levels and paired differences."""
    base, other = (flows.table[by].loc[name] for name in ("", arm))
    medians = [levels.groupby("day").median() for levels in (base, other)]
    for day, pairs in (other - base).dropna().groupby("day"):
        keys = list(pairs.index.droplevel("day"))
        levels = (table.loc[day].tolist() for table in medians)
        for column, level, new, values in zip(pairs, *levels, pairs.T.to_numpy(), strict=True):
            by_pair = dict(zip(keys, values.tolist(), strict=True))
            change = difference(level, by_pair, ensemble=flows.comparison.members > 0)
            row = {"policy": arm, "day": day, "outcome": column[0], by: column[1]}
            row |= {"baseline": level, "with_policy": new}
            yield row | record(change, (*FIGURES, "meaningful=is_meaningful"))


# ---- files ---------------------------------------------------------------------------------------


def _features(flows: Flows) -> Iterator[dict[str, Any]]:
    """Yield both frames' rows as features. Legs are straight lines, places are points."""
    for by, kind in (("leg", "LineString"), ("place", "Point")):
        frame = flow_frame(flows, by).assign(note=flow_note(flows))
        where = sites(flows.comparison.scenario.world, by)
        degrees = where.filter(regex="l(on|at)$")
        points = dict(zip(where.index, degrees.to_numpy().reshape(len(where), -1, 2), strict=True))
        for row in frame.join(where.drop(columns=list(degrees)), on=by).to_dict("records"):
            at = points[row[by]].tolist() if np.isfinite(points[row[by]]).all() else None
            shape = {"type": kind, "coordinates": at if by == "leg" else at and at[0]}
            yield {"type": "Feature", "geometry": shape if at else None, "properties": row}


def check_format(ending: str, where: str = "path") -> None:
    """Raise ``SettingError`` if a format is unknown or its packages are missing.

    Args:
        ending: file ending: ``.geojson``, ``.csv``, ``.parquet`` (GeoParquet) or ``.nc``
            (NetCDF). The last two need the extra ``geo``.
        where: name of the argument in error messages.
    """
    require_packages(where, _FORMATS[check_name(where, ending, _FORMATS)], "geo")


def write_flows(flows: Flows, path: str | Path, ending: str = "") -> Path:
    """Write flows to a file, atomically.

    Args:
        flows: flows from :func:`run_flows`.
        path: file to create or replace.
        ending: file ending that selects the format, as in :func:`check_format` (default: the ending
            of `path`).

    Returns:
        The path.

    Raises:
        SettingError: the file cannot be written.
    """
    ending = ending or Path(path).suffix
    with atomic_path(path) as part:
        if ending == ".csv":
            frame = pd.concat(flow_frame(flows, by) for by in ("leg", "place"))
            frame.assign(note=flow_note(flows)).to_csv(part, index=False)
        elif ending == ".nc":
            data = flow_dataset(flows)
            packed = {name: {"zlib": True} for name in data.data_vars}
            data.to_netcdf(part, engine="h5netcdf", encoding=packed)
        elif ending == ".parquet":
            import geopandas as gpd

            frame = gpd.GeoDataFrame.from_features(_features(flows), crs="OGC:CRS84")
            units = outcome_words(flows)["unit"].to_dict()
            frame.attrs = {"units": units, "note": flow_note(flows)}
            frame.to_parquet(part, index=False, compression="zstd")
        else:
            collection = {"type": "FeatureCollection", "features": [*_features(flows)]}
            options: Any = {"allow_nan": False, "default": lambda day: f"{day:%Y-%m-%d}"}
            text = json.dumps(plain_values(collection), ensure_ascii=False, **options)
            part.write_text(text, encoding="utf-8")
    return Path(path)


def flow_dataset(flows: Flows) -> xr.Dataset:
    """Return every run as an xarray data set.

    Args:
        flows: flows from :func:`run_flows`.

    Returns:
        Variables ``legs`` and ``places``, with units, over ``arm`` (the policy, empty for the
        baseline), ``member``, ``seed``, ``day`` (a period's first day), ``leg`` or ``place``, and
        ``leg_outcome`` or ``outcome``. Values are NaN if a run failed or a site does not count an
        outcome. Requires xarray.
    """
    import xarray as xr

    parts: list[Any] = []
    for by, axis in (("leg", "leg_outcome"), ("place", "outcome")):
        ids = [*flows.table.index.names, by, axis]
        cells = _long(flows, by, axis).set_index(ids)["value"].to_xarray().rename(f"{by}s")
        words = outcome_words(flows).rename_axis(axis).add_prefix(f"{axis}_").loc[cells[axis]]
        about = sites(flows.comparison.scenario.world, by).add_prefix(f"{by}_")
        units = " or ".join(words[f"{axis}_unit"].unique())
        # xarray would otherwise take the units as an attribute of the whole data set.
        values = cells.assign_attrs(units=units).to_dataset()
        parts += [values, words.to_xarray(), about.to_xarray()]
    data = xr.merge(parts, join="left").assign_attrs(note=flow_note(flows), period=flows.per)
    return data.set_coords([name for name in data.data_vars if name not in ("legs", "places")])
