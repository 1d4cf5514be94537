"""Tables and pictures of a validation, in the visitor's language; all as markup."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.intervals import Interval
from experiments.targets import Target
from experiments.validate import ESTIMATORS, PartResult, PatternCount, Validation, count_patterns
from viz.documents.validation import words
from viz.figures.markup import el, esc, svg
from viz.figures.palette import FEWER, GRID, INK, MORE, marker
from viz.figures.validation import bands_svg
from viz.screen.words import Words

_WIDE, _HIGH, _BAND = 150.0, 20.0, (0.34, 0.66)


# ---- words --------------------------------------------------------------------------------------


def shown(t: Words, value: float, unit: str) -> str:
    """A figure in its unit."""
    told = words.shown(value, unit)
    return told.replace("points", t("check.points")) if unit == "points" else told


def between(t: Words, low: float, high: float, unit: str) -> str:
    """A range."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return words.NOTHING
    return f"{shown(t, low, unit)} … {shown(t, high, unit)}"


def observed(t: Words, target: Target) -> str:
    """What is published: a figure, or the range of several."""
    if target.published_low < target.published_high:
        return between(t, target.published_low, target.published_high, target.unit)
    return shown(t, target.observed, target.unit)


def accepted(t: Words, target: Target) -> str:
    """What is accepted."""
    if not target.judged:
        return t("check.reported_only")
    if target.low == target.high:
        return shown(t, target.low, target.unit)
    return between(t, target.low, target.high, target.unit)


def verdict(t: Words, part: PartResult) -> str:
    """Inside, outside, not simulated, or only reported."""
    if part.inside is None:
        return t("check.reported")
    if not math.isfinite(part.simulated.median):
        return t("check.not_simulated")
    return t("check.inside" if part.inside else "check.outside")


def counted(t: Words, found: PatternCount) -> str:
    """Patterns inside of those judged."""
    told = t("check.of").format(inside=found.inside, judged=found.judged)
    if not found.reported:
        return told
    return f"{told}, {t('check.reported_more').format(reported=found.reported)}"


# ---- tables -------------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Sequence[str], caption: str) -> str:
    """A table; rows are markup."""
    top = el("tr", *(el("th", esc(head), scope="col") for head in heads))
    return el(
        "table",
        el("caption", esc(caption)),
        el("thead", top),
        el("tbody", *rows),
        class_="tb-check",
    )


def row(head: str, cells: Sequence[str], **attributes: str) -> str:
    """A row; head and cells are markup."""
    return el("tr", el("th", head, scope="row"), *(el("td", cell) for cell in cells), **attributes)


def counts(t: Words, found: Validation) -> str:
    """Patterns inside by kind, by episode and by supply; what was held out comes first."""
    items = [
        (t(f"check.kind.{kind}"), [p for p in found.parts if p.target.kind == kind])
        for kind in ("held_out", "emergent", "fitted")
    ]
    items[1:1] = [
        (
            t(f"check.episode.{episode}"),
            [p for p in found.parts if p.target.kind == "held_out" and p.target.episode == episode],
        )
        for episode in ("2014", "2019", "2005")
    ]
    items += [
        (t(f"check.supply.{letter}"), list(parts)) for letter, parts in found.supplies.items()
    ]
    rows = [
        row(esc(name), [el("b", esc(counted(t, count_patterns(parts))))]) for name, parts in items
    ]
    return table((t("check.what"), t("check.patterns")), rows, t("check.counts"))


def misses(t: Words, found: Validation) -> str:
    """What is outside, the farthest first."""
    outside = [part for part in words.misses_first(found.parts) if part.inside is False]
    if not outside:
        return el("p", esc(t("check.no_miss")))
    return el("ul", *(el("li", _miss(t, part)) for part in outside), class_="tb-misses")


def _miss(t: Words, part: PartResult) -> str:
    """A miss in a sentence, with what a reader should know of it."""
    target = part.target
    told = t("check.miss").format(
        observed=observed(t, target),
        accepted=accepted(t, target),
        simulated=shown(t, part.simulated.median, target.unit),
    )
    name = el("b", esc(f"{target.pattern} {t.translate(target.label)}: "))
    return name + esc(f"{told} {t.translate(target.note)}" if target.note else told)


def parts(t: Words, found: Validation) -> str:
    """Every part, misses first."""
    heads = [
        t(f"check.{key}")
        for key in ("part", "picture", "observed", "simulated", "accepted", "verdict")
    ]
    rows = [_part(t, part) for part in words.misses_first(found.parts)]
    return table(heads, rows, t("check.parts"))


def _part(t: Words, part: PartResult) -> str:
    """One row."""
    target, s = part.target, part.simulated
    kind = t(f"check.kind.{target.kind}")
    name = esc(f"{target.pattern} {t.translate(target.label)}") + el("small", esc(kind))
    told = el("b", esc(shown(t, s.median, target.unit)))
    told += el("small", esc(between(t, s.low90, s.high90, target.unit)))
    mark = el("mark" if part.inside is False else "span", esc(verdict(t, part)))
    return row(
        name, [picture(t, part), esc(observed(t, target)), told, esc(accepted(t, target)), mark]
    )


def naive(t: Words, found: Validation) -> str:
    """The series beside two naive forecasts."""
    columns = ("part", "observed", "naive_model", "naive_last", "naive_trend", "nearest")
    heads = [t(f"check.{key}") for key in columns]
    names = {"model": "naive_model", "last year": "naive_last", "trend": "naive_trend"}
    rows = []
    for part in filter(words.has_naive, found.parts):
        target, best = part.target, words.nearest(part)
        values = (target.observed, part.simulated.median, part.naive_last, part.naive_trend)
        cells = [esc(shown(t, value, target.unit)) for value in values]
        cells.append(esc(t(f"check.{names[best]}") if best in names else best))
        rows.append(row(esc(f"{target.pattern} {t.translate(target.label)}"), cells))
    return table(heads, rows, t("check.naive_title"))


def estimator(t: Words, found: Validation) -> str:
    """The true chance of an evader to be apprehended, and three ways to estimate it."""
    columns = ("true", "evaders", "everybody", "counts_of")
    heads = [t("check.world"), *(t(f"check.{name}") for name in columns)]
    rows = [
        row(
            esc(t(f"check.role.{world.role}")),
            [
                _estimate(world.estimates["true"]),
                *(
                    _estimate(world.estimates[name], world.estimates[f"bias_{name}"])
                    for name in ESTIMATORS
                ),
            ],
        )
        for world in found.estimator
        if math.isfinite(world.estimates["true"].median)
    ]
    return table(heads, rows, t("check.estimator_title"))


def _estimate(found: Interval, bias: Interval | None = None) -> str:
    """An estimate, and by how much it is off."""
    told = el("b", esc(words.shown(found.median, "share")))
    if bias is None or not math.isfinite(bias.median):
        return told
    sign = "+" if bias.median > 0 else ""
    return told + el("small", esc(sign + words.shown(bias.median, "share")))


# ---- pictures -----------------------------------------------------------------------------------


def picture(t: Words, part: PartResult) -> str:
    """What is accepted, what was observed, and what is simulated with nine runs in ten."""
    target, s, y = part.target, part.simulated, _HIGH / 2
    if not target.judged or not math.isfinite(s.median):
        return ""
    low, high = (_place(target, value) for value in (target.low, target.high))
    wide = max(high - low, 2.0)
    drawn = [
        el("line", x1=2, x2=_WIDE - 2, y1=y, y2=y, stroke=GRID),
        el("rect", x=low, y=y - 6, width=wide, height=12, fill=GRID),
    ]
    if math.isfinite(target.observed):
        at = _place(target, target.observed)
        drawn.append(el("line", x1=at, x2=at, y1=y - 8, y2=y + 8, stroke=INK, stroke_width=2))
    colour = FEWER if part.inside else MORE
    ends = [_place(target, value) for value in (s.low90, s.high90)]
    drawn.append(el("line", x1=ends[0], x2=ends[1], y1=y, y2=y, stroke=colour, stroke_width=2.2))
    drawn.append(
        marker(
            "circle" if part.inside else "triangle",
            _place(target, s.median),
            y,
            4.4,
            fill=colour,
            stroke="#fff",
        )
    )
    return svg(_WIDE, _HIGH, t.translate(target.label), verdict(t, part), *drawn)


def _place(target: Target, value: float) -> float:
    """Where a value lies, what is accepted having one width in every row; clipped at the edges."""
    width = target.high - target.low
    share = (value - target.low) / width if width > 0 else 0.5 + (value - target.low)
    at = _BAND[0] + (_BAND[1] - _BAND[0]) * share
    return 6 + (_WIDE - 12) * min(1.0, max(0.0, at))


def months(t: Words, found: Validation) -> str:
    """Apprehensions at the U.S. line of both groups, and Mexico's share, by month."""
    labels, charts = t.part("check.label"), []
    for bands in found.bands.values():
        years = f"{bands.months[0][:4]}–{bands.months[-1][:4]}"
        for name in bands.simulated:
            share = name == "mexico_share"
            title = t("check.share_title" if share else f"check.{name}")
            unit = t("check.share_unit" if share else "check.months_unit")
            charts.append(
                el(
                    "figure",
                    bands_svg(
                        bands,
                        name,
                        title=f"{title}, {years}",
                        unit=unit,
                        share=share,
                        labels=labels,
                    ),
                )
            )
    return "".join(charts)
