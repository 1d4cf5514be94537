"""Flows of a comparison as a frame, as features of a map, and as a data set of xarray."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
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
from experiments.comparison.flows import SITES, ComparisonFlows, Flows, sectors_of
from experiments.rows.comparison import FIGURES
from experiments.rows.records import NOTE, plain_values, record
from experiments.runs.files import require_packages
from experiments.runs.pairs import Key, difference

if TYPE_CHECKING:
    import xarray as xr

_MEASURES = OUTCOMES | {
    "passages": Measure("People who pass", "persons per year", "People who reach a leg's end."),
    "arrivals": Measure("People who arrive", "persons per year", "By any leg."),
    "departures": Measure(
        "People who leave", "persons per year", "By any leg whose end they reach."
    ),
    "attempts": Measure(
        "Attempts between ports", "events per year", "Evading attempts and surrenders."
    ),
}


def flow_measures(flows: ComparisonFlows, by: str) -> dict[str, Measure]:
    """Return the outcomes of legs or places, in the words of the world and per period.

    Args:
        flows: the flows.
        by: ``leg`` or ``place``.

    Returns:
        Label and unit by outcome. The unit of totals is without a period.
    """
    words = declaration_of(flows.comparison.scenario.world)
    period = "" if flows.per == "total" else f" per {flows.per}"
    named = {name: words.labelled(_MEASURES[name]) for name in SITES[by]}
    return {n: replace(m, unit=m.unit.replace(" per year", period)) for n, m in named.items()}


def flow_note(flows: ComparisonFlows) -> str:
    """Return the note on another world, if any, and that this is not a forecast."""
    return " ".join(filter(None, (declaration_of(flows.comparison.scenario.world).note, NOTE)))


def sites(folder: str, by: str) -> pd.DataFrame:
    """Return the legs of a world, or its places, sectors and the transit through Mexico.

    Args:
        folder: world folder, empty for the packaged one.
        by: ``leg`` or ``place``.

    Returns:
        One row per site by its id, in the order of ``Flows.sites``: names, kind or mode, and
        positions in degrees. A sector is in the middle of its crossings and ports. The transit has
        no position.
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
    for sector in sectors_of(world):
        name = f"{words.word(f'sectors.{SECTORS[sector]}')} sector"
        middle = places.iloc[np.flatnonzero(world.place_sector == sector), 2:].mean()
        places.loc[f"sector_{SECTORS[sector]}"] = [name, "sector", *middle.round(4)]
    transit = f"In transit through {words.word('names.transit')}"
    places.loc["transit"] = [transit, "transit_country", np.nan, np.nan]
    return places.rename_axis("place")


def flow_frame(flows: ComparisonFlows, by: str) -> pd.DataFrame:
    """Return the flows in long form.

    Args:
        flows: the flows.
        by: ``leg`` or ``place``.

    Returns:
        One row per period, site and outcome. Without arms, the ``value`` of each run. With arms,
        for each of them the medians of the ``baseline`` and ``with_policy``, and the paired
        ``difference`` by the rule in ``experiments.runs.pairs``.
    """
    base, *others = flows.arms
    begins = pd.to_datetime(flows.begins)
    ids = sites(flows.comparison.scenario.world, by).index
    index = pd.MultiIndex.from_product([begins, ids, SITES[by]], names=[flows.per, by, "outcome"])
    if others:
        pairs = zip(flows.comparison.arms, others, strict=True)
        arms = {arm.spec_text: _changes(flows, runs, by, index) for arm, runs in pairs if runs}
        frame = pd.concat(arms, names=["policy"]).reset_index()
    else:
        values = {key: pd.Series(run.sites[by].ravel(), index) for key, run in base.items()}
        frame = pd.concat(values, names=["member", "seed"]).dropna().reset_index(name="value")
    units = {name: measure.unit for name, measure in flow_measures(flows, by).items()}
    frame.insert(frame.columns.tolist().index("outcome") + 1, "unit", frame["outcome"].map(units))
    unused = ["total"] if flows.comparison.members else ["total", "member"]
    return frame.drop(columns=unused, errors="ignore")


def _changes(
    flows: ComparisonFlows, arm: Mapping[Key, Flows], by: str, index: pd.MultiIndex
) -> pd.DataFrame:
    """Return levels and paired differences of an arm, without what is not counted at a site."""
    base, ensemble = flows.arms[0], flows.comparison.members > 0
    keys = [key for key in base if key in arm]
    counted = ~np.isnan(base[keys[0]].sites[by].ravel())
    old, new, before, after = (
        np.stack([runs[key].sites[by].ravel()[counted] for key in chosen])
        for runs, chosen in ((base, base), (arm, arm), (base, keys), (arm, keys))
    )
    levels, pairs = np.median(old, 0).tolist(), (after - before).T.tolist()
    changes = [
        difference(level, dict(zip(keys, values, strict=True)), ensemble=ensemble)
        for level, values in zip(levels, pairs, strict=True)
    ]
    rows = [record(change, (*FIGURES, "meaningful=is_meaningful")) for change in changes]
    frame = pd.DataFrame(rows, index[counted])
    frame.insert(1, "with_policy", np.median(new, 0))
    return frame


# ---- files ---------------------------------------------------------------------------------------


def _features(flows: ComparisonFlows) -> Iterator[dict[str, Any]]:
    """Yield the rows of both frames as features: legs are straight lines, places are points."""
    note = flow_note(flows)
    for by, kind in (("leg", "LineString"), ("place", "Point")):
        names = {name: measure.label for name, measure in flow_measures(flows, by).items()}
        frame, where = flow_frame(flows, by), sites(flows.comparison.scenario.world, by)
        if flows.per in frame:
            frame[flows.per] = frame[flows.per].dt.strftime("%Y-%m-%d")
        degrees = [name for name in where if name.endswith(("lon", "lat"))]
        about = where.drop(columns=degrees).to_dict("index")
        points = {i: np.reshape(at, (-1, 2)).tolist() for i, *at in where[degrees].itertuples()}
        frame = frame.assign(label=frame["outcome"].map(names), note=note)
        for row in frame.to_dict("records"):
            at = points[row[by]]
            shape = {"type": kind, "coordinates": at if by == "leg" else at[0]}
            geometry = shape if np.isfinite(at).all() else None
            yield {"type": "Feature", "geometry": geometry, "properties": about[row[by]] | row}


def _write_csv(flows: ComparisonFlows, path: Path) -> None:
    """Write both frames below each other."""
    frames = pd.concat(flow_frame(flows, by) for by in SITES)
    frames.assign(note=flow_note(flows)).to_csv(path, index=False)


def _write_geojson(flows: ComparisonFlows, path: Path) -> None:
    """Write a feature collection by RFC 7946, whose positions are in WGS 84."""
    collection = {"type": "FeatureCollection", "features": [*_features(flows)]}
    text = json.dumps(plain_values(collection), ensure_ascii=False, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def _write_geoparquet(flows: ComparisonFlows, path: Path) -> None:
    """Write the features as GeoParquet, with periods as dates."""
    import geopandas as gpd

    frame = gpd.GeoDataFrame.from_features(_features(flows), crs="OGC:CRS84")
    if flows.per in frame:
        frame[flows.per] = pd.to_datetime(frame[flows.per])
    measures = flow_measures(flows, "leg") | flow_measures(flows, "place")
    frame.attrs = {"units": {n: m.unit for n, m in measures.items()}, "note": flow_note(flows)}
    frame.to_parquet(path, index=False, compression="zstd")


def _write_netcdf(flows: ComparisonFlows, path: Path) -> None:
    """Write the data set, compressed."""
    data = flow_dataset(flows)
    encoding = {name: {"zlib": True} for name in data.data_vars}
    data.to_netcdf(path, engine="h5netcdf", encoding=encoding)


#: What writes a file, and the packages that it needs, by the end of the file's name.
_FORMATS: dict[str, tuple[Callable[[ComparisonFlows, Path], None], tuple[str, ...]]] = {
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


def write_flows(flows: ComparisonFlows, path: str | Path, ending: str) -> Path:
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


def flow_dataset(flows: ComparisonFlows) -> xr.Dataset:
    """Return every run as a data set of xarray.

    Args:
        flows: the flows.

    Returns:
        Variables ``legs`` and ``places`` over ``arm`` (the policy, empty for the baseline),
        ``seed``, ``member``, ``day`` (the first one of a period), ``leg`` or ``place``, and
        ``leg_outcome`` or ``outcome``, which have labels and units. NaN where a run failed or a
        site does not count an outcome. Needs xarray.
    """
    import xarray as xr

    comparison = flows.comparison
    members = list(range(max(1, comparison.members)))
    keys = [(member, seed) for seed in comparison.seeds for member in members]
    arms = [arm.spec_text for arm in (comparison.baseline, *comparison.arms)]
    coords: dict[str, Any] = {"arm": arms, "seed": list(comparison.seeds), "member": members}
    coords["day"] = flows.begins.astype("datetime64[ns]")
    variables: dict[str, Any] = {}
    for by, axis in (("leg", "leg_outcome"), ("place", "outcome")):
        where, names = sites(comparison.scenario.world, by), flow_measures(flows, by)
        coords |= {by: where.index.tolist(), axis: list(names)}
        coords |= {f"{by}_{name}": (by, where[name].tolist()) for name in where}
        for key in ("label", "unit"):
            coords[f"{axis}_{key}"] = (axis, [getattr(m, key) for m in names.values()])
        blank = np.full((len(flows.begins), len(where), len(names)), np.nan)
        values = [r[key].sites[by] if key in r else blank for r in flows.arms for key in keys]
        shape = (len(arms), len(comparison.seeds), len(members), *blank.shape)
        units = {"units": " or ".join(dict.fromkeys(m.unit for m in names.values()))}
        dims = ("arm", "seed", "member", "day", by, axis)
        variables[f"{by}s"] = (dims, np.reshape(values, shape), units)
    return xr.Dataset(variables, coords, {"note": flow_note(flows), "period": flows.per})
