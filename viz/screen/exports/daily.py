"""Figures as tables: every day of every world, and the flows of every week."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.scenario import SettingError
from viz.screen.exports.view import View
from viz.screen.frames import DAILY, WEEK

if TYPE_CHECKING:
    import pyarrow as pa

UNITS = dict.fromkeys(DAILY, "persons a day") | {
    "kidnapped": "kidnappings a day",
    "apprehended_us": "apprehensions a day",
    "apprehended_mexico": "apprehensions a day",
    "deaths": "expected deaths a day",
    "in_transit": "persons under way that evening",
}
"""What the daily figures count."""
_ADD = "Start with: uv run --extra offline --extra analysis twoborders serve."
_FLOWS = ("world", "week", "last_day", "leg", "tail", "head", "persons", "stopped_by_mexico")
_FLOWS_TOLD = (
    "one row a world, full week of the run and leg that carried somebody; persons: on the leg in "
    "the week, from a daily mean kept as a whole number, so within 3.5; stopped_by_mexico: persons"
)


def daily_csv(view: View) -> str:
    """Daily figures, one row a day and world; lines that begin with # say what they are."""
    told = "; ".join(f"{name}: {unit}" for name, unit in UNITS.items())
    columns = _columns(view)
    return _csv([*view.said, told], list(columns), zip(*columns.values(), strict=True))


def _columns(view: View) -> dict[str, Any]:
    """The table by column; figures are float32."""
    days = range(1, view.played + 1)
    figures = np.concatenate([log.daily[: view.played] for log in view.logs])
    return {
        "world": [name for name, _ in zip("AB", view.logs, strict=False) for _ in days],
        "day": [day for _ in view.logs for day in days],
        "date": [view.date(day) for _ in view.logs for day in days],
    } | {name: figures[:, k] for k, name in enumerate(DAILY)}


def daily_parquet(view: View) -> bytes:
    """The same as Parquet, with note, seed, digests and units as metadata.

    Raises ``SettingError`` where pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise SettingError("Parquet", "pyarrow is not installed", _ADD) from None
    columns = _columns(view)
    schema = _schema(view, columns, pa)
    file = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), file)
    return file.getvalue()


def _schema(view: View, columns: dict[str, Any], arrow: Any) -> pa.Schema:
    """Types, units, and what the file is."""
    kinds = {"world": arrow.string(), "day": arrow.int32(), "date": arrow.date32()}
    fields = [
        arrow.field(name, kinds.get(name, arrow.float32()), metadata={"unit": UNITS.get(name, "")})
        for name in columns
    ]
    about = {"note": view.words("note"), "seed": str(view.seed)}
    for world, scenario in enumerate(view.scenarios):
        about[f"digest_{'ab'[world]}"] = scenario.digest
        about[f"policies_{'ab'[world]}"] = view.written(world)
    return arrow.schema(fields, metadata=about)


def flows_csv(view: View) -> str:
    """Flows by leg and week, from the frames of the last day of every full week."""
    return _csv([*view.said, _FLOWS_TOLD], _FLOWS, _flows(view))


def _flows(view: View) -> Iterable[Sequence[Any]]:
    """Rows of the legs that carried somebody, or on which somebody was stopped."""
    names, net = view.world.place_names, view.world
    for world, log in zip("AB", view.logs, strict=False):
        for day in range(WEEK, view.played + 1, WEEK):
            record = np.frombuffer(log.frame(day), log.dtype)[0]
            for leg in np.flatnonzero((record["flow"] > 0) | (record["stopped"] > 0)).tolist():
                ends = names[net.tail[leg]], names[net.head[leg]]
                yield (
                    world,
                    day // WEEK,
                    view.date(day),
                    leg,
                    *ends,
                    WEEK * int(record["flow"][leg]),
                    record["stopped"][leg],
                )


def _csv(told: Iterable[str], heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Comments, header, rows; floats in the fewest digits that give them back."""
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in told)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    floats = isinstance(value, np.floating)
    return np.format_float_positional(value, trim="-") if floats else str(value)
