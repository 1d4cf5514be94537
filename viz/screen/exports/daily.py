"""Tables: daily figures of every world, and weekly flows by leg."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from abm.scenario import SettingError
from viz.screen.exports.view import View
from viz.screen.session.frames import DAILY, WEEK

#: Units of the daily figures.
UNITS = dict.fromkeys(DAILY, "persons a day") | {
    "kidnapped": "kidnappings a day",
    "extorted": "extortions a day",
    "apprehended_us": "apprehensions a day",
    "apprehended_mexico": "apprehensions a day",
    "deaths": "expected deaths a day",
    "in_transit": "persons under way that evening",
}
_HINT = "Start with: uv run --extra screen --extra analysis twoborders serve."
_FLOWS = ("world", "week", "last_day", "leg", "tail", "head", "persons", "stopped_by_mexico")
_FLOWS_NOTE = (
    "one row per world, full week of the run and leg that was used; persons: on the leg in the "
    "week, from a daily mean stored as a whole number, so within 3.5; stopped_by_mexico: persons"
)


def daily_csv(view: View) -> str:
    """Return the daily figures, one row per day and world, after notes that begin with #."""
    units = "; ".join(f"{name}: {unit}" for name, unit in UNITS.items())
    columns = _columns(view)
    return _csv([*view.notes, units], list(columns), zip(*columns.values(), strict=True))


def _columns(view: View) -> dict[str, Any]:
    """Return the table by column; figures are float32."""
    days = range(1, view.simulated + 1)
    figures = np.concatenate([log.daily[: view.simulated] for log in view.logs])
    return {
        "world": [name for name, _ in zip("AB", view.logs, strict=False) for _ in days],
        "day": [day for _ in view.logs for day in days],
        "date": [view.date(day) for _ in view.logs for day in days],
    } | {name: figures[:, k] for k, name in enumerate(DAILY)}


def daily_parquet(view: View) -> bytes:
    """Return the daily figures as Parquet, with note, seed, digests and units as metadata.

    Raises ``SettingError`` if pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise SettingError("Parquet", "pyarrow is not installed", _HINT) from None
    columns, file = _columns(view), io.BytesIO()
    kinds = {"world": pa.string(), "day": pa.int32(), "date": pa.date32()}
    fields = [
        pa.field(name, kinds.get(name, pa.float32()), metadata={"unit": UNITS.get(name, "")})
        for name in columns
    ]
    metadata = {"note": view.note, "seed": str(view.seed)}
    for world, scenario in enumerate(view.scenarios):
        metadata[f"digest_{'ab'[world]}"] = scenario.digest
        metadata[f"policies_{'ab'[world]}"] = view.policy_specs(world)
    pq.write_table(pa.table(columns, schema=pa.schema(fields, metadata=metadata)), file)
    return file.getvalue()


def flows_csv(view: View) -> str:
    """Return flows by leg and week, from the frame of the last day of every full week."""
    return _csv([*view.notes, _FLOWS_NOTE], _FLOWS, _flow_rows(view))


def _flow_rows(view: View) -> Iterable[Sequence[Any]]:
    """Yield the rows of legs with a flow or with persons stopped."""
    names, net = view.world.place_names, view.world
    for world, log in zip("AB", view.logs, strict=False):
        for day in range(WEEK, view.simulated + 1, WEEK):
            record = np.frombuffer(log.frame(day), log.dtype)[0]
            flow, stopped = record["flow"], record["stopped"]
            for leg in np.flatnonzero((flow > 0) | (stopped > 0)).tolist():
                ends = names[net.tail[leg]], names[net.head[leg]]
                persons = WEEK * int(flow[leg])
                yield world, day // WEEK, view.date(day), leg, *ends, persons, stopped[leg]


def _csv(notes: Iterable[str], heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Format notes, header and rows; a float gets the fewest digits that restore it exactly."""
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in notes)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    is_float = isinstance(value, np.floating)
    return np.format_float_positional(value, trim="-") if is_float else str(value)
