"""Inspect a place: what passes, who stands there, in both worlds and over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import solara

from viz.panels.parts import box, figures, heading, note, raw
from viz.session import Session


@solara.component
def Inspect(session: Session):
    """Figures of the place that is selected."""
    t, world = session.words, session.world
    with box(cls="tb-card tb-inspect", tag="section"):
        heading(t("inspect"))
        note(t("inspect_help"))
        names = list(world.place_names)
        chosen = session.place.value
        solara.Select(
            t("place"), values=sorted(names), value=names[chosen] if chosen >= 0 else None,
            on_value=lambda name: session.place.set(names.index(name) if name else -1),
        )  # fmt: skip
        records = [reel.record(session.calm.value.day) for reel in session.reels]
        if chosen >= 0 and len(records) == 2 and all(r is not None for r in records):
            raw(figures(("A", "B", t("difference")), _rows(session, chosen, records)))


def _rows(session: Session, place: int, records: list[Any]) -> list[Any]:
    """What is known of a place on a day, A and B."""
    t, world = session.words, session.world
    into = np.flatnonzero(world.head == place)
    rows = [
        (t("passing"), *(float(r["flow"][into].sum()) for r in records), False),
        (t("stopped_here"), *(float(r["stopped"][into].sum()) for r in records), False),
        (t("officers_here"), *(float(r["officers"][place]) for r in records), False),
        (t("cells_here"), *(float(r["cells"][place]) for r in records), False),
    ]
    sector = int(world.place_sector[place])
    if sector >= 0:
        for key, name in (("caught_here", "caught"), ("away_here", "away"),
                          ("agents_here", "agents")):  # fmt: skip
            rows.append((t(key), *(float(r[name][sector]) for r in records), False))
    return rows
