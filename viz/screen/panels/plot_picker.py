"""Plot of a daily series or a total in A, in B or as their difference, with its files."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import solara
from matplotlib.axes import Axes

from abm.measures import OUTCOMES
from abm.scenario import SettingError
from experiments.rows.records import csv_text
from experiments.runs.intervals import mean_interval, sample_quantiles
from experiments.runs.pairs import FEWEST_PAIRS
from viz.figures import style
from viz.figures.comparison import plot_series
from viz.figures.markup import wrap
from viz.figures.svg import svg
from viz.screen.exports.view import policy_dates
from viz.screen.panels.exports import answered, view_of
from viz.screen.panels.naming import date_of
from viz.screen.panels.parts import box, card, note, raw, select, show_error, widget_element
from viz.screen.panels.policy_period_counts import COUNTED, policies_began
from viz.screen.session.frames import DAILY_FIGURES, WEEK
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Download, Downloads
from viz.screen.words import Words

#: Worlds that a plot draws by key. A plot without worlds draws B minus A.
WORLDS = {"ab": (0, 1), "a": (0,), "b": (1,), "difference": ()}
_INNER = (0.05, 0.95)  # quantiles of levels over the seeds
_FORMATS = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv"}
_LEFT, _WIDE, _TALL = 58.0, 680.0, 240.0  # margin and size of the chart in points


@dataclass(frozen=True)
class PlotChoice:
    """Choice of a plot: name in `DAILY_FIGURES`, whether to plot totals, and key in `WORLDS`."""

    name: str = "got_aways"
    is_total: bool = False
    worlds: str = "ab"

    def title(self, t: Words) -> str:
        """Return the name of the series and whether it is daily or a total."""
        form = "total" if self.is_total else "a_day"
        diamond = "◆ " if self.name in OUTCOMES and OUTCOMES[self.name].human else ""
        return diamond + t(f"plot.{form}").format(t.outcome(self.name))


@solara.component
def PlotPicker(session: Session):
    """Show two lists, a button per format, and the chosen plot while the worlds are paused."""
    t, status = session.words, session.status.value
    chosen = solara.use_reactive(PlotChoice())
    plot = chosen.value
    forms = [(name, False) for name in DAILY_FIGURES] + [(name, True) for name in COUNTED]
    plots = {(new := PlotChoice(*form, plot.worlds)).title(t): new for form in forms}
    worlds = {t(f"plot.{key}"): replace(plot, worlds=key) for key in WORLDS}
    with card(t("plot.title")):
        with box(cls="tb-plot-bar"):
            select(t("plot.figure"), plots, plot, chosen.set)
            select(t("plot.worlds"), worlds, plot, chosen.set)
            buttons = [[form, f"{t('take.save')}: {form.upper()}"] for form in _FORMATS]
            answer = answered(session, lambda form: plot_file(session, chosen.value, form))
            with box():
                widget_element(Downloads, buttons=buttons, words=t.part("take"), answer=answer)
        if plot != PlotChoice() and status.phase is Phase.PAUSED:  # Drawing would slow a run down.
            try:
                title = plot.title(t)
                raw(svg(draw(session, plot), title, t("plot.help")), cls="tb-plot")
            except SettingError as error:
                show_error(t, str(error.reason))
        note(t("plot.help"))


def plot_file(session: Session, plot: PlotChoice, form: str) -> Download:
    """Create the file of a plot.

    Args:
        session: session that holds the worlds.
        plot: choice of the plot.
        form: "png", "svg" or "csv".

    Returns:
        The file.

    Raises:
        SettingError: the format is unknown, or as in `lines`.
    """
    if form not in _FORMATS:
        raise SettingError("file", "unknown format", "Load the page again.")
    data, title = io.BytesIO(), plot.title(session.words)
    if form == "png":
        if figure := draw(session, plot).get_figure(root=True):
            figure.savefig(data, format=form, dpi=200)
    else:
        text = plot_csv if form == "csv" else lambda *args: svg(draw(*args), title, plot.name)
        data.write(text(session, plot).encode())
    stem = "-".join(("total" if plot.is_total else "daily", plot.name, plot.worlds))
    return Download(f"two-borders-{stem.replace('_', '-')}.{form}", data.getvalue(), _FORMATS[form])


def lines(session: Session, plot: PlotChoice) -> dict[str, np.ndarray]:
    """Compute the lines of a plot over the simulated days.

    A world's line is the run on the screen, with a band that contains 90 % of the seeds. The
    difference is the mean over seeds with its 90 % interval.

    Args:
        session: session that holds the worlds.
        plot: choice of the plot.

    Returns:
        Low, middle and high of each line by name, shape (3, days).

    Raises:
        SettingError: no day has been simulated, or there are fewer than three seeds for a
            difference.
    """
    view, column = view_of(session), DAILY_FIGURES.index(plot.name)
    days, began = view.simulated, policies_began(session)
    seeds = session.replicates.value.totals[:, :, : days + 1, column]
    values = _values(seeds, began, plot.is_total)
    has_band = seeds.shape[1] >= FEWEST_PAIRS
    if not WORLDS[plot.worlds]:
        if not has_band:
            raise SettingError("file", "the change is computed after three seeds", "Wait for them.")
        middle, low, high = mean_interval(values[1] - values[0])
        return {session.words("difference"): np.array([low, middle, high])}
    series = {}
    for world in WORLDS[plot.worlds]:
        sums = np.concatenate([[0.0], np.cumsum(view.logs[world].series(plot.name)[:days])])
        middle = _values(sums, began, plot.is_total)
        ends = sample_quantiles(list(values[world]), _INNER) if has_band else (middle, middle)
        series["AB"[world]] = np.array([ends[0], middle, ends[1]])
    return series


def _values(sums: np.ndarray, began: int, is_total: bool) -> np.ndarray:
    """Convert running totals to seven-day means or to totals since the policies began."""
    days = np.arange(1, sums.shape[-1])
    starts = np.minimum(began - 1, days) if is_total else np.maximum(0, days - WEEK)
    change = sums[..., 1:] - sums[..., starts]
    return change if is_total else change / (days - starts)


def plot_csv(session: Session, plot: PlotChoice) -> str:
    """Return the plotted numbers as CSV, one row per day, after comments with notes."""
    series, notes = lines(session, plot), [*view_of(session).notes, *_texts(session, plot)]
    heads = ["day", "date", *(f"{name}{part}" for name in series for part in (" low", "", " high"))]
    rows = np.concatenate(list(series.values())).T.tolist()
    body = ([day, date_of(session, day), *row] for day, row in enumerate(rows, 1))
    texts = ([f"{v:.8g}" if isinstance(v, float) else str(v) for v in row] for row in body)
    return "".join(f"# {line}\n" for line in notes) + csv_text(heads, texts)


def _texts(session: Session, plot: PlotChoice) -> tuple[str, str]:
    """Return the title and the unit of a plot."""
    t = session.words
    return plot.title(t), t("plot.since" if plot.is_total else "persons_a_day")


def draw(session: Session, plot: PlotChoice) -> Axes:
    """Draw a plot.

    Args:
        session: session that holds the worlds.
        plot: choice of the plot.

    Returns:
        The axes on a new figure, with the notes of all exported pictures below.

    Raises:
        SettingError: as in `lines`.
    """
    drawn, (title, unit), view = lines(session, plot), _texts(session, plot), view_of(session)
    notes = [line for text in view.notes for line in wrap(text, _WIDE - 20.0, style.NOTE, 4)]
    top, below = style.heading_height(title, unit) + 30.0, 50.0 + 13.0 * len(notes)
    ax = style.chart_axes(None, _TALL, (_LEFT, top, 16.0, below), _WIDE)
    dates = [date_of(session, day).isoformat() for day in range(1, view.simulated + 1)]
    uses = policy_dates(view.scenarios, session.words)
    plot_series(
        dates,
        drawn,
        title=title,
        unit=unit,
        policy_dates=[(dates[at], text) for at, text in uses if at < view.simulated],
        names=session.words("naming.months").split(),
        first=min(WORLDS[plot.worlds], default=-1),
        ax=ax,
    )
    look: dict[str, Any] = {"fontsize": style.NOTE, "step": -13.0}
    style.label(ax, notes, 0, 0, "axes", shift=(4.0 - _LEFT, -52.0), **look)
    return ax
