"""Flows of a comparison as frames, as files for maps, and as a data set of xarray."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.measures import OUTCOMES, Measure
from abm.output_files import atomic_path
from abm.world.routes import declaration_of, load_world
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES
from agents.labels import SECTORS
from agents.param import SettingError, plain
from experiments.comparison.flows import Flows
from experiments.rows.comparison import FIGURES
from experiments.rows.records import NOTE, plain_values, record
from experiments.runs.files import require_packages
from experiments.runs.pairs import difference

if TYPE_CHECKING:
    import xarray as xr

_MEASURES = OUTCOMES | {
    "passages": Measure("People who pass", "persons per year", "People who reach a leg's end."),
    "arrivals": Measure("People who arrive", "persons per year", "By any leg."),
    "departures": Measure("People who leave", "persons per year", "By any leg, at its end."),
    "attempts": Measure("Attempts between ports", "events per year", "Evading, and surrenders."),
}


def outcome_words(flows: Flows) -> pd.DataFrame:
    """Return ``label`` and ``unit`` by outcome. The unit of a total is without a period."""
    words, names = declaration_of(flows.comparison.scenario.world), flows.table.columns.unique(1)
    period = "" if flows.per == "total" else f" per {flows.per}"
    measures = [words.labelled(_MEASURES[name]) for name in names]
    rows = [(measure.label, measure.unit.replace(" per year", period)) for measure in measures]
    return pd.DataFrame(rows, names.rename("outcome"), ["label", "unit"])


def flow_note(flows: Flows) -> str:
    """Return the note on another world, if any, and that this is not a forecast."""
    return " ".join(filter(None, (declaration_of(flows.comparison.scenario.world).note, NOTE)))


def sites(folder: str, by: str) -> pd.DataFrame:
    """Return the legs of a world, or its places, sectors and the transit through Mexico.

    Args:
        folder: world folder, empty for the packaged one.
        by: ``leg`` or ``place``.

    Returns:
        One row per site by its id: names, kind or mode, and positions in degrees. A sector is in
        the middle of its crossings and ports. The transit has no position.
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
    middles = places[["lon", "lat"]].groupby(world.place_sector).mean().drop(-1, errors="ignore")
    for sector, *middle in middles.round(4).itertuples():
        name = f"{words.word(f'sectors.{SECTORS[sector]}')} sector"
        places.loc[f"sector_{SECTORS[sector]}"] = [name, "sector", *middle]
    transit = f"In transit through {words.word('names.transit')}"
    places.loc["transit"] = [transit, "transit_country", np.nan, np.nan]
    return places.rename_axis("place")


def flow_frame(flows: Flows, by: str) -> pd.DataFrame:
    """Return the flows in long form.

    Args:
        flows: the flows.
        by: ``leg`` or ``place``.

    Returns:
        One row per period, site and outcome. Without arms, the ``value`` of each run. With arms,
        for each of them the medians of the ``baseline`` and ``with_policy``, and the paired
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
    """Return one row per run, period, site and outcome, which have columns `by` and `outcome`."""
    cells = flows.table[by].melt(ignore_index=False).reset_index()
    return cells.rename(columns={"site": by, "outcome": outcome})


def _changes(flows: Flows, by: str, arm: str) -> Iterator[dict[str, Any]]:
    """Yield levels and paired differences of an arm."""
    base, other = (flows.table[by].loc[name] for name in ("", arm))
    medians = [levels.groupby("day").median() for levels in (base, other)]
    for day, pairs in (other - base).dropna().groupby("day"):
        keys = list(pairs.index.droplevel("day"))
        levels = (table.loc[day].tolist() for table in medians)
        for column, level, new, values in zip(pairs, *levels, pairs.T.to_numpy(), strict=True):
            by_pair = dict(zip(keys, values.tolist(), strict=True))
            change = difference(level, by_pair, ensemble=flows.comparison.members > 0)
            row = {"policy": arm, "day": day, **dict(zip(("outcome", by), column, strict=True))}
            figures = record(change, (*FIGURES, "meaningful=is_meaningful"))
            yield row | {"with_policy": new} | figures


# ---- files ---------------------------------------------------------------------------------------


def _features(flows: Flows) -> Iterator[dict[str, Any]]:
    """Yield the rows of both frames as features: legs are straight lines, places are points."""
    for by, kind in (("leg", "LineString"), ("place", "Point")):
        frame = flow_frame(flows, by).assign(note=flow_note(flows))
        for name in frame.select_dtypes("datetime"):
            frame[name] = frame[name].dt.strftime("%Y-%m-%d")
        where = sites(flows.comparison.scenario.world, by)
        degrees = where.filter(regex="l(on|at)$")
        points = dict(zip(where.index, degrees.to_numpy().reshape(len(where), -1, 2), strict=True))
        for row in frame.join(where.drop(columns=list(degrees)), on=by).to_dict("records"):
            at = points[row[by]].tolist() if np.isfinite(points[row[by]]).all() else None
            shape = {"type": kind, "coordinates": at if by == "leg" else at and at[0]}
            yield {"type": "Feature", "geometry": shape if at else None, "properties": row}


def _write_csv(flows: Flows, path: Path) -> None:
    """Write both frames below each other."""
    frames = pd.concat(flow_frame(flows, by) for by in ("leg", "place"))
    frames.assign(note=flow_note(flows)).to_csv(path, index=False)


def _write_geojson(flows: Flows, path: Path) -> None:
    """Write a feature collection by RFC 7946, whose positions are in WGS 84."""
    collection = {"type": "FeatureCollection", "features": [*_features(flows)]}
    text = json.dumps(plain_values(collection), ensure_ascii=False, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def _write_geoparquet(flows: Flows, path: Path) -> None:
    """Write the features as GeoParquet, with periods as dates."""
    import geopandas as gpd

    frame = gpd.GeoDataFrame.from_features(_features(flows), crs="OGC:CRS84")
    if flows.per in frame:
        frame[flows.per] = pd.to_datetime(frame[flows.per])
    frame.attrs = {"units": outcome_words(flows)["unit"].to_dict(), "note": flow_note(flows)}
    frame.to_parquet(path, index=False, compression="zstd")


def _write_netcdf(flows: Flows, path: Path) -> None:
    """Write the data set, compressed."""
    data = flow_dataset(flows)
    data.to_netcdf(path, engine="h5netcdf", encoding={n: {"zlib": True} for n in data.data_vars})


#: What writes a file, and the packages that it needs, by the end of the file's name.
_FORMATS: dict[str, tuple[Callable[[Flows, Path], None], tuple[str, ...]]] = {
    ".csv": (_write_csv, ()),
    ".geojson": (_write_geojson, ()),
    ".parquet": (_write_geoparquet, ("geopandas", "pyarrow")),
    ".nc": (_write_netcdf, ("xarray", "h5netcdf", "h5py")),
}


def check_format(ending: str, where: str = "path") -> None:
    """Raise ``SettingError`` unless files with an ending can be written.

    Args:
        ending: ``.csv``, ``.geojson``, ``.parquet`` (GeoParquet) or ``.nc`` (NetCDF). The last two
            need packages of the extra ``geo``.
        where: name of the argument in error messages.
    """
    if ending not in _FORMATS:
        hint = f"Give a file that ends in {', '.join(_FORMATS)}."
        raise SettingError(where, f"unknown format {plain(ending)}", hint)
    require_packages(ending, _FORMATS[ending][1], "geo")


def write_flows(flows: Flows, path: str | Path, ending: str) -> Path:
    """Write flows to a file, atomically.

    Args:
        flows: the flows.
        path: the file.
        ending: selects the format, as in :func:`check_format`.

    Returns:
        The path.

    Raises:
        SettingError: the file cannot be written.
    """
    with atomic_path(path) as part:
        _FORMATS[ending][0](flows, part)
    return Path(path)


def flow_dataset(flows: Flows) -> xr.Dataset:
    """Return every run as a data set of xarray.

    Args:
        flows: the flows.

    Returns:
        Variables ``legs`` and ``places`` over ``arm`` (the policy, empty for the baseline),
        ``member``, ``seed``, ``day`` (the first one of a period), ``leg`` or ``place``, and
        ``leg_outcome`` or ``outcome``, with units. NaN where a run failed or a site does not count
        an outcome. Needs xarray.
    """
    import xarray as xr

    parts: list[Any] = []
    for by, axis in (("leg", "leg_outcome"), ("place", "outcome")):
        ids = [*flows.table.index.names, by, axis]
        cells = _long(flows, by, axis).set_index(ids)["value"].rename(f"{by}s").to_xarray()
        words = outcome_words(flows).rename_axis(axis).add_prefix(f"{axis}_").loc[cells[axis]]
        about = sites(flows.comparison.scenario.world, by).add_prefix(f"{by}_")
        units = " or ".join(words[f"{axis}_unit"].unique())
        parts += [cells.assign_attrs(units=units), words.to_xarray(), about.to_xarray()]
    data = xr.merge(parts, join="left").assign_attrs(note=flow_note(flows), period=flows.per)
    return data.set_coords([name for name in data.data_vars if name not in ("legs", "places")])
