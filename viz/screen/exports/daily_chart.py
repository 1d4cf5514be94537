"""Draw a daily series of all worlds over the run, as SVG."""

from __future__ import annotations

from viz.figures.daily import plot_daily
from viz.figures.numbers import plain
from viz.figures.svg import elements
from viz.screen.exports.sheet import sheet
from viz.screen.exports.view import View, policy_dates
from viz.screen.live_traits import weekly_means


def chart_svg(view: View, name: str) -> str:
    """Draw means of the last seven days, as on the screen, with bands over other seeds.

    Args:
        view: the worlds to draw.
        name: a daily series, see `viz.screen.frames.DAILY`.

    Returns:
        The chart as SVG, with the title and the notes of every export.
    """
    t = view.words
    lines = [weekly_means(log.series(name, view.simulated)) for log in view.logs]
    bands = [view.band(world, name) for world in range(len(lines))]
    dates = policy_dates(view.scenarios, t)
    ax = plot_daily(view.start, view.days, lines, bands=bands, dates=dates)
    width, height, body = elements(ax)
    text = ", ".join(f"{'AB'[k]} {plain(float(line[-1]))}" for k, line in enumerate(lines))
    return sheet(view, width, height, f"{t(name)} · {t('persons_a_day')}", text, *body)
