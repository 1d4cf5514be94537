"""Maps of a sweep, in which squares show changes from A over complete pairs of seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import solara

from abm.measures import HUMAN_COSTS
from abm.measures.criteria import CRITERIA
from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference, Finding
from experiments.sweeps.design import Grid
from experiments.sweeps.pivot import POINT, Pivot, Place, points_in
from experiments.sweeps.store_list import StoreSummary
from viz.figures.markup import el, esc
from viz.figures.numbers import amount, percent, signed
from viz.figures.palette import PALETTE
from viz.screen.panels.parts import badge, box, note, raw
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_plan import axis_name, factor_at, factor_name, level_text
from viz.screen.words import Words


@dataclass(frozen=True)
class SweepView:
    """Selection of factors, outcome and squares on the page Sweep.

    Attributes:
        store: name of the sweep.
        paths: paths of one or two factors.
        flow: outcome on the large map.
        base, cell: squares A and B.
    """

    store: str = ""
    paths: tuple[str, ...] = ()
    flow: str = "got_aways"
    base: Place | None = None
    cell: Place | None = None


@dataclass(frozen=True, eq=False)
class StorePage:
    """Store of a sweep on the page, with the results for some outcomes.

    Attributes:
        session: session of the visitor.
        view: reactive `SweepView`.
        selection: `view` with defaults in place of missing choices.
        store: summary of the store.
        levels, changes: levels by outcome, and differences from A.
        outcomes: keys of the outcomes.
        seeds: planned number of pairs of seeds per point.
    """

    session: Session
    view: Any
    selection: SweepView
    store: StoreSummary
    levels: Pivot
    changes: Pivot
    outcomes: tuple[str, ...]
    seeds: int

    def choose(self, *place: int) -> None:
        """Select a square as B."""
        self.view.set(dataclasses.replace(self.selection, cell=place))

    def mark(self, place: Place) -> str:
        """Return "A" for the base, "B" for the chosen square, and otherwise ""."""
        return "A" if place == self.selection.base else "B" if place == self.selection.cell else ""

    def title(self, name: str) -> str:
        """Return the label of an outcome, after ◆ if it is a human cost."""
        label = self.session.words.translate(CRITERIA[name].label)
        return f"◆ {label}" if CRITERIA[name].group == "people" else label

    def labels(self, axis: int) -> tuple[str, ...]:
        """Return the labels for an axis's levels, in the units of `level_text`."""
        levels, t = self.levels.axes[axis], self.session.words
        if levels.edges or not levels.is_numeric:
            return levels.labels
        texts = (level_text(t, levels.path, v, self.store.scenario) for v in levels.centres)
        return tuple(texts)

    @property
    def rows(self) -> list[tuple[str, list[Place]]]:
        """Return the label and the places for each row of squares, from top to bottom."""
        columns = range(len(self.labels(0)))
        if len(self.levels.axes) == 1:
            return [("", [(x,) for x in columns])]
        rows = list(enumerate(self.labels(1)))
        ordered = rows[::-1] if self.levels.axes[1].is_numeric else rows
        return [(label, [(x, y) for x in columns]) for y, label in ordered]

    def pairs(self, name: str, place: Place) -> int:
        """Return how many pairs of runs in a square and in A are complete, per point.

        In a grid, the number of points in a square follows from the plan. Otherwise, the points
        with runs are counted.
        """
        levels, points = self.levels, 0
        if self.store.method == Grid.method and not any(axis.edges for axis in levels.axes):
            points = self.store.planned // (self.seeds * len(levels.places))
        points = points or len(set(points_in(levels, place)[POINT])) or 1
        return self.changes.figure(name, place).runs // points

    def change(self, name: str, place: Place) -> Difference | None:
        """Return the difference between a square and A, or None before all pairs are complete.

        Args:
            name: key of the outcome.
            place: position on each axis.

        Returns:
            The paired difference over the seeds of both squares.
        """
        base = self.selection.base or ()
        if min(self.pairs(name, place), self.pairs(name, base)) < self.seeds:
            return None
        figure = self.changes.figure(name, place)
        ends = figure.low, figure.high
        level = self.levels.figure(name, base).mean
        return Difference(level, Interval(figure.mean, *ends, *ends), pairs=figure.replicates)


def reactive_view(session: Session) -> Any:
    """Return the reactive `SweepView` of a session, which is kept while another page is open."""
    return session.notes.setdefault("sweep", solara.reactive(SweepView()))


def change_texts(t: Words, change: Difference | None) -> tuple[str, str]:
    """Format a change in percent of A, and its 90 % range. Both texts are empty for None."""
    share = change.percent if change else None
    if share is None:
        return "–" if change else "", ""
    low, high = percent(share.low90), percent(share.high90)
    return percent(share.median), t("chart.range").format(low=low, high=high)


def is_clear(change: Difference) -> bool:
    """Return whether there are enough pairs and the 90 % interval excludes zero."""
    return change.finding is not Finding.FEW and not change.low90 <= 0.0 <= change.high90


@solara.component
def SweepFigures(page: StorePage):
    """Show an outcome's map, and small maps of the human costs."""
    t, pivot, name = page.session.words, page.levels, page.outcomes[0]
    raw(esc(corner_sentence(page)), cls="tb-sweep-answer", tag="p")
    with box(cls="tb-sweep-maps"):
        with box(cls="tb-card tb-sweep-map", tag="section"):
            unit = t.translate(CRITERIA[name].unit)
            raw(esc(f"{page.title(name)}, {unit}"), tag="h2")
            note(t("store.changes").format(seeds=page.seeds))
            _Map(page, name)
            if pivot.others:
                names = ", ".join(factor_name(t, path) for path in pivot.others)
                note(f"{t('store.averaged')} {names}.")
            if any(axis.edges for axis in pivot.axes):
                note(t("store.binned"))
        with box(cls="tb-card tb-sweep-costs", tag="section"):
            raw(esc(t("store.costs")), tag="h2")
            note(t("store.costs_help"))
            costs = [cost for cost in HUMAN_COSTS if cost in page.outcomes]
            raw("".join(small_map(page, cost) for cost in costs), cls="tb-small-maps")


def corner_sentence(page: StorePage) -> str:
    """State the changes at each factor's maximum and at the maximum of both factors.

    Args:
        page: store on the page.

    Returns:
        A sentence. It is empty unless the map has two factors, A is the square with both minima,
        and the other corners are complete.
    """
    t, axes, name = page.session.words, page.levels.axes, page.outcomes[0]
    if len(axes) < 2:
        return ""
    x, y = (len(axis.labels) - 1 for axis in axes)
    changes = [page.change(name, place) for place in ((x, 0), (0, y), (x, y))]
    if page.selection.base != (0, 0) or None in changes:
        return ""
    texts = [
        change_texts(t, change)[0] if change and is_clear(change) else t("store.not_clear")
        for change in changes
    ]
    ends = [factor_at(t, axis.path, page.labels(k)[-1]) for k, axis in enumerate(axes)]
    parts = {"x": ends[0], "y": ends[1], "of_x": texts[0], "of_y": texts[1], "of_both": texts[2]}
    return t("store.corners").format(outcome=page.title(name), **parts)


# ---- maps of squares ----------------------------------------------------------------------------


@solara.component
def _Map(page: StorePage, name: str):
    """Show an outcome as a heat map, which is a table of buttons with numbers, and its legend."""
    t, axes = page.session.words, page.levels.axes
    limit, columns = _LIMITS.get(name, _LIMIT), page.labels(0)
    if len(axes) == 2:
        raw(esc(f"↑ {axis_name(t, axes[1].path)}"), cls="tb-axis")
    with box(cls="tb-heat-room"), box(cls="tb-heat", tag="table"):
        raw(esc(page.title(name)), tag="caption")
        with box(tag="tbody"):
            for label, places in page.rows:
                with box(tag="tr"):
                    box(label, tag="th", scope="row")
                    for place in places:
                        _Square(page, name, place, f"{columns[place[0]]}, {label}", limit)
        raw(_foot(axis_name(t, axes[0].path), columns), tag="tfoot")
    keys = ("open", "unclear")
    keys = "".join(el("span", esc(t(f"store.key_{k}")), class_=f"tb-key-{k}") for k in keys)
    raw(_legend(t, limit) + el("div", keys, class_="tb-keys"), cls="tb-map-legend")


def _foot(across: str, levels: Sequence[str]) -> str:
    """Return the column levels and their factor's name as HTML."""
    cells = "".join(el("th", esc(level), scope="col") for level in levels)
    name = el("td", esc(across) + " →", class_="tb-axis", colspan=len(levels))
    return el("tr", el("td", ""), cells) + el("tr", el("td", ""), name)


def _legend(t: Words, limit: float) -> str:
    """Return the scale of the colours as HTML."""
    ends = f"≤ {percent(-limit, 0)}", esc(t("store.same_as_a")), f"≥ {percent(limit, 0)}"
    return el("div", el("i", ""), *(el("span", end) for end in ends), class_="tb-scale")


@solara.component
def _Square(page: StorePage, name: str, place: Place, where: str, limit: float):
    """Show a square as a button with its change. The label adds levels, range and pairs."""
    t, mark = page.session.words, page.mark(place)
    change = page.change(name, place)
    text, ends = change_texts(t, change)
    style, cls = square_style(change, limit), "tb-square"
    count = t("store.pairs").format(done=page.pairs(name, place), seeds=page.seeds)
    small = count if change is None else "" if is_clear(change) else t("store.not_clear")
    if mark == "A":
        text, style = amount(page.levels.figure(name, place).mean, CRITERIA[name].unit), ""
        small = "" if change else count
    label = ", ".join(filter(None, (f"{mark} {where}".strip(), text, ends, count)))
    inside = badge("AB".index(mark)) if mark else ""
    inside += esc(text) + (el("small", esc(small)) if small else "")
    cls += f" tb-square-{mark.lower()}" * bool(mark) + " tb-square-open" * (change is None)
    with box(tag="td"):
        square = solara.v.Html(
            tag="button",
            class_=cls,
            style_=style,
            attributes={"type": "button", "aria-label": label, "title": label},
            children=[raw(inside, tag="span")],
        )
        solara.v.use_event(square, "click", lambda *_: page.choose(*place))


def small_map(page: StorePage, name: str) -> str:
    """Return the squares of a human cost with their changes in percent as HTML."""
    t, limit, columns, body = page.session.words, _LIMITS.get(name, _LIMIT), page.labels(0), []
    for label, places in page.rows:
        cells = [el("th", esc(label), scope="row")]
        for place in places:
            change, mark = page.change(name, place), page.mark(place)
            share = change.percent if change else None
            text = badge(0) if mark == "A" else signed(share.median, 0) if share else ""
            cls = f"tb-small-{mark.lower() or ('none' if change else 'open')}"
            cells.append(el("td", text, class_=cls, style=square_style(change, limit) or None))
        body.append(el("tr", *cells))
    heads = el("tr", el("td", ""), *(el("th", esc(text), scope="col") for text in columns))
    table = el("table", el("caption", esc(page.title(name))), el("thead", heads), *body)
    return el("figure", table, _legend(t, limit))


# ---- colours of squares, which also show numbers -------------------------------------------------
#: [A] Changes in percent at the ends of the colour scales. They do not change as runs arrive.
_LIMITS = {"extorted": 200, "apprehended_mexico": 100, "kidnapped": 30, "returned_unscreened": 30}
_LIMIT = 10  # limit for other outcomes
#: Colours for fewer than A, equal to A, and more than A.
SCALE = tuple(np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)]) for c in PALETTE["scale"])
_LIGHT = 0.179  # relative luminance above which black text has a higher contrast than white text


def square_style(change: Difference | None, limit: float) -> str:
    """Return the colours of a square and its text as CSS, or "" if there is no change in percent.

    Args:
        change: difference from A.
        limit: change in percent at the ends of the scale.
    """
    share = change.percent if change else None
    if change is None or share is None:
        return ""
    if not is_clear(change):
        return "background:var(--ground);color:var(--muted)"
    at = max(-1.0, min(1.0, share.median / limit))
    colour = SCALE[1] + abs(at) * (SCALE[0 if at < 0 else 2] - SCALE[1])
    return f"background:#{''.join(f'{round(c):02x}' for c in colour)};color:{ink(colour)}"


def ink(colour: np.ndarray) -> str:
    """Return black or white, whichever is readable on a colour (RGB from 0 to 255, shape (3,))."""
    linear = np.where(colour <= 10.0, colour / 3295.0, ((colour / 255.0 + 0.055) / 1.055) ** 2.4)
    return "#000000" if linear @ (0.2126, 0.7152, 0.0722) > _LIGHT else "#FFFFFF"
