"""Files to take away: daily figures, scenarios, and the address of this view."""

from __future__ import annotations

import csv
import io

import solara

from viz.frames import DAILY
from viz.panels.parts import box, heading, note, raw
from viz.report.markup import esc
from viz.session import Session


@solara.component
def Exports(session: Session):
    """Daily figures and scenarios as files, and the address of this view."""
    t = session.words
    with box(cls="tb-card", tag="section"):
        heading(t("export"))
        with box(cls="tb-files"):
            solara.FileDownload(lambda: daily_csv(session), "two-borders-daily.csv",
                                label=t("export_csv"))  # fmt: skip
            for world, key in enumerate(("export_a", "export_b")):
                solara.FileDownload(
                    lambda world=world: session.choice.value.scenario(world).to_toml(),
                    f"world-{'ab'[world]}.toml", label=t(key),
                )  # fmt: skip
        raw(f'<a href="?{esc(session.choice.value.query())}">{esc(t("address"))}</a>', tag="p")
        note(t("note"))


def daily_csv(session: Session) -> str:
    """Daily figures of both worlds as far as they are played, one row a day and world."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["# " + session.words("note")])
    writer.writerow(["world", "day", *DAILY])
    for name, reel in zip("AB", session.reels, strict=False):
        for day, row in enumerate(reel.daily[: len(reel)].tolist(), start=1):
            writer.writerow([name, day, *(f"{value:g}" for value in row)])
    return text.getvalue()
