"""Exported images: a title above, notes on the run below; the chart of a daily figure."""

from __future__ import annotations

from collections.abc import Sequence

from viz.figures.daily import plot_daily
from viz.figures.markup import el, svg, text, wrap
from viz.figures.numbers import plain
from viz.figures.palette import INK, MUTED
from viz.figures.svg import elements
from viz.screen.exports.view import View, policy_dates
from viz.screen.session.live_traits import weekly_means

_PAD, _TITLE, _SMALL = 16.0, 20.0, 12.0  # margin and type sizes


def sheet(view: View, width: float, height: float, title: str, desc: str, *body: str) -> str:
    """Build a whole SVG image.

    Args:
        view: the worlds, which the notes describe.
        width, height: size of the field between title and notes.
        title, desc: title, and text alternative.
        body: elements in the field.

    Returns:
        The SVG document.
    """
    t = view.words
    day = f"{t('day')} {view.day} {t('of')} {view.days}, {view.date(view.day)}"
    head = wrap(title, width, _TITLE)
    foot = [
        line
        for note in filter(None, (day, view.answer, *view.titles, *view.notes))
        for line in wrap(note, width, _SMALL, 8)
    ]
    top = _PAD + 1.3 * _TITLE * len(head)
    tall = top + height + 8 + 1.4 * _SMALL * len(foot) + _PAD
    wide = width + 2 * _PAD
    parts = [
        el("rect", width=wide, height=tall, fill="#fff"),
        *_lines(head, _PAD + _TITLE * 0.8, 1.3 * _TITLE, _TITLE, fill=INK, font_weight=600),
        *_lines(foot, top + height + 8 + _SMALL, 1.4 * _SMALL, _SMALL, fill=MUTED),
        el("svg", *body, x=_PAD, y=top, width=width, height=height),
    ]
    return svg(wide, tall, title, desc, *parts, width_=wide, height_=tall)


def _lines(lines: Sequence[str], y: float, step: float, size: float, **attrs: object) -> list[str]:
    return [text(_PAD, y + step * i, line, size, **attrs) for i, line in enumerate(lines)]


def chart_svg(view: View, name: str) -> str:
    """Draw means of the last seven days, as on the screen, with bands over other seeds.

    Args:
        view: the worlds to draw.
        name: a daily series, see `viz.screen.session.frames.DAILY`.

    Returns:
        The chart as SVG, with the title and the notes of every export.
    """
    t = view.words
    lines = [weekly_means(log.series(name, view.simulated)) for log in view.logs]
    bands = [view.band(world, name) for world in range(len(lines))]
    dates = policy_dates(view.scenarios, t)
    width, height, body = elements(
        plot_daily(view.start, view.days, lines, bands=bands, dates=dates)
    )
    desc = ", ".join(f"{'AB'[k]} {plain(float(line[-1]))}" for k, line in enumerate(lines))
    return sheet(view, width, height, f"{t.outcome(name)} · {t('persons_a_day')}", desc, *body)
